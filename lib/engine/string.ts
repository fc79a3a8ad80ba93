// string.ts: string values: three encodings behind one view.
//
//   INT     the value is a canonical signed 64-bit decimal: words A, B of the record hold it.
//   EMBSTR  the bytes follow the key in the record; chosen while Valkey would say "embstr".
//   RAW     a block of its own, with room to grow:
//
//      +---------------+----------------------------+- - - - - - - +
//      | length, 4     | bytes                      | room to grow |
//      +---------------+----------------------------+- - - - - - - +
//
// Reading goes through `view`: buffer, offset and length of the bytes whatever the encoding (an INT is printed into a
// scratch buffer). The view is valid until the next allocation or the next stringView.
//
// INVARIANT: OBJECT ENCODING must answer as Valkey does, so a value that was edited in place stays RAW.
// LIMITS: 2^31 - 1 - 4 bytes; commands refuse beyond proto-max-bulk-len.
// COSTS: view O(1); store O(length); stringGrow amortised O(1) a byte.

import { copyBytes } from "../bytes/ascii.ts";
import { COPY_DATA_MAX, COPY_DATA_MIN, copyData, dataOf } from "../bytes/copy.ts";
import { int64Format, int64Parse } from "../bytes/int64.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaRounded,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import { type Database, keyAdd, type Keyspace, recordReshape, recordSwap } from "./keyspace.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  HAS_EXPIRE,
  headerBytes,
  isEmbedded,
  metaByte,
  recordA,
  recordClock,
  recordEncoding,
  recordExpireWord,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordSetA,
  recordSetClock,
  recordType,
  TYPE_STRING,
} from "./record.ts";
import { recordCreate, recordFreeValue } from "./keyspace.ts";

const RAW_HEADER = 4;
/** A short string that never expires: the most common record. */
const META_EMBEDDED = metaByte(TYPE_STRING, ENCODING_EMBSTR, false);
const META_INT = metaByte(TYPE_STRING, ENCODING_INT, false);
const META_EMBEDDED_HEADER = headerBytes(META_EMBEDDED);
const INT_DIGITS_MAX = 20;

/** The bytes of a string value: view.buf[view.off, view.off + view.len). */
export const view: { buf: Uint8Array; data: DataView; off: number; len: number } = {
  buf: new Uint8Array(0),
  data: new DataView(new ArrayBuffer(0)),
  off: 0,
  len: 0,
};

const scratch = new Uint8Array(32);
const scratchData = new DataView(scratch.buffer);
const parsed = new Int32Array(2);

/** Points `view` at the value of a string record. */
export function stringView(ks: Keyspace, rec: number): void {
  const arena = ks.arena;
  const seg = rec >>> SEGMENT_SHIFT;
  const words = arena.i32[seg];
  const w = (rec & UNIT_MASK) << 2;
  const meta = words[w] & 0xff;
  const encoding = (meta >> 3) & 15;
  if (encoding === ENCODING_EMBSTR) {
    view.buf = arena.u8[seg];
    view.data = arena.data[seg];
    view.off = (w << 2) + headerBytes(meta) + words[w + 1];
    view.len = words[w + 2];
  } else if (encoding === ENCODING_INT) {
    view.buf = scratch;
    view.data = scratchData;
    view.off = 0;
    view.len = int64Format(words[w + 2], words[w + 3], scratch, 0);
  } else {
    const value = words[w + 2];
    view.buf = arena.u8[value >>> SEGMENT_SHIFT];
    view.data = arena.data[value >>> SEGMENT_SHIFT];
    view.off = ((value & UNIT_MASK) << 4) + RAW_HEADER;
    view.len = arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2];
  }
}

/** Length of a string value in bytes. */
export function stringLength(ks: Keyspace, rec: number): number {
  const encoding = recordEncoding(ks.arena, rec);
  if (encoding === ENCODING_EMBSTR) return recordA(ks.arena, rec);
  stringView(ks, rec);
  return view.len;
}

/**
 * Stores a value under a key: `rec` is the key's record of any type, or 0 when it is absent. Without `keepExpire` an
 * expiry is removed. The bytes must not lie in the record that is replaced.
 * Returns the record's handle.
 */
export function stringStore(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  key: Uint8Array,
  keyOff: number,
  keyLen: number,
  buf: Uint8Array,
  off: number,
  len: number,
  keepExpire: boolean,
): number {
  const isInt = len <= INT_DIGITS_MAX && len > 0 && buf[off] <= 0x39 &&
    int64Parse(buf, off, len, parsed);
  if (!isInt) {
    return textStore(ks, db, hash, rec, key, keyOff, keyLen, buf, off, len, keepExpire);
  }
  const hasExpire = keepExpire && rec !== 0 && (recordMeta(ks.arena, rec) & HAS_EXPIRE) !== 0;
  return intStore(ks, db, hash, rec, key, keyOff, keyLen, parsed[0], parsed[1], hasExpire);
}

/** As stringStore, but a number stays text: EMBSTR or RAW. */
export function textStore(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  key: Uint8Array,
  keyOff: number,
  keyLen: number,
  buf: Uint8Array,
  off: number,
  len: number,
  keepExpire: boolean,
): number {
  const arena = ks.arena;
  if (rec !== 0) {
    // As long as before, so the same shape: in place.
    const seg = rec >>> SEGMENT_SHIFT;
    const words = arena.i32[seg];
    const w = (rec & UNIT_MASK) << 2;
    if ((words[w] & 0xff) === META_EMBEDDED && words[w + 2] === len) {
      copyIn(arena, seg, (w << 2) + META_EMBEDDED_HEADER + keyLen, buf, off, len);
      return rec;
    }
  }
  const hadExpire = rec !== 0 && (recordMeta(arena, rec) & HAS_EXPIRE) !== 0;
  const hasExpire = keepExpire && hadExpire;
  // An expiry that is about to go still counts: Valkey stores the value first and takes the expiry away then.
  const embed = isEmbedded(keyLen, len, hadExpire);
  if (!embed) {
    if (rec !== 0 && recordMeta(arena, rec) === metaByte(TYPE_STRING, ENCODING_RAW, hasExpire)) {
      // A new value of about the same length goes where the old one was.
      const old = recordA(arena, rec);
      if (arenaUsable(arena, old) === arenaRounded(RAW_HEADER + len)) {
        arena.i32[old >>> SEGMENT_SHIFT][(old & UNIT_MASK) << 2] = len;
        copyBytes(buf, off, arena.u8[old >>> SEGMENT_SHIFT], rawOff(old), len);
        return rec;
      }
    }
    const value = rawCreate(ks, len);
    rawView(ks, value);
    copyBytes(buf, off, view.buf, view.off, len);
    return rawStore(ks, db, hash, rec, key, keyOff, keyLen, value, keepExpire);
  }
  const meta = metaByte(TYPE_STRING, ENCODING_EMBSTR, hasExpire);
  const target = recordFor(ks, db, hash, rec, key, keyOff, keyLen, meta, len);
  const w = (target & UNIT_MASK) << 2;
  arena.i32[target >>> SEGMENT_SHIFT][w + 2] = len;
  copyIn(arena, target >>> SEGMENT_SHIFT, (w << 2) + headerBytes(meta) + keyLen, buf, off, len);
  if (rec === 0) keyAdd(ks, db, hash, target);
  return target;
}

/** Copies bytes into a segment. */
function copyIn(
  arena: Arena,
  seg: number,
  at: number,
  buf: Uint8Array,
  off: number,
  len: number,
): void {
  const source = len >= COPY_DATA_MIN && len <= COPY_DATA_MAX ? dataOf(buf) : null;
  if (source !== null) copyData(source, off, arena.data[seg], at, len);
  else copyBytes(buf, off, arena.u8[seg], at, len);
}

/**
 * Makes `value`, a block of rawCreate that the caller filled, the RAW value of a key; other arguments as stringStore.
 * Returns the record's handle.
 */
export function rawStore(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  key: Uint8Array,
  keyOff: number,
  keyLen: number,
  value: number,
  keepExpire: boolean,
): number {
  const hasExpire = keepExpire && rec !== 0 && (recordMeta(ks.arena, rec) & HAS_EXPIRE) !== 0;
  const meta = metaByte(TYPE_STRING, ENCODING_RAW, hasExpire);
  const target = recordFor(ks, db, hash, rec, key, keyOff, keyLen, meta, 0);
  ks.arena.i32[target >>> SEGMENT_SHIFT][((target & UNIT_MASK) << 2) + 2] = value;
  if (rec === 0) keyAdd(ks, db, hash, target);
  return target;
}

/** Stores an integer value; arguments as stringStore. Returns the record's handle. */
export function intStore(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  key: Uint8Array,
  keyOff: number,
  keyLen: number,
  lo: number,
  hi: number,
  hasExpire: boolean,
): number {
  const meta = metaByte(TYPE_STRING, ENCODING_INT, hasExpire);
  const target = recordFor(ks, db, hash, rec, key, keyOff, keyLen, meta, 0);
  const words = ks.arena.i32[target >>> SEGMENT_SHIFT];
  const w = (target & UNIT_MASK) << 2;
  words[w + 2] = lo;
  words[w + 3] = hi;
  if (rec === 0) keyAdd(ks, db, hash, target);
  return target;
}

/** Whether the record, of any type, is a string in INT encoding. */
export function stringIsInt(ks: Keyspace, rec: number): boolean {
  return (recordMeta(ks.arena, rec) & ~HAS_EXPIRE) === META_INT;
}

/** Overwrites the number of a record that is INT encoded already. */
export function intOverwrite(ks: Keyspace, rec: number, lo: number, hi: number): void {
  const words = ks.arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  words[w + 2] = lo;
  words[w + 3] = hi;
}

/**
 * A record of the wanted shape for the key: the old one when it fits, else a new one in its place with the same access
 * clock (not yet added when the key was absent). The old value's blocks are freed once nothing can fail any more.
 */
function recordFor(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  key: Uint8Array,
  keyOff: number,
  keyLen: number,
  meta: number,
  tailBytes: number,
): number {
  if (rec === 0) return recordCreate(ks, meta, key, keyOff, keyLen, tailBytes);
  const arena = ks.arena;
  if (ks.observer !== null && recordType(arena, rec) !== TYPE_STRING) ks.observer.leaving(db, rec);
  if (recordMeta(arena, rec) === meta) {
    const bytes = headerBytes(meta) + keyLen + tailBytes;
    if (arenaUsable(arena, rec) === arenaRounded(bytes)) {
      recordFreeValue(ks, rec);
      return rec;
    }
  }
  const fresh = recordCreate(ks, meta, key, keyOff, keyLen, tailBytes);
  recordFreeValue(ks, rec, ks.lazyOverwrite);
  recordSetClock(arena, fresh, recordClock(arena, rec));
  if ((meta & HAS_EXPIRE) !== 0) {
    const words = arena.i32[rec >>> SEGMENT_SHIFT];
    const freshWords = arena.i32[fresh >>> SEGMENT_SHIFT];
    const from = recordExpireWord(arena, rec);
    const to = recordExpireWord(arena, fresh);
    freshWords[to] = words[from];
    freshWords[to + 1] = words[from + 1];
  }
  recordSwap(ks, db, hash, rec, fresh);
  return fresh;
}

/**
 * A block for a RAW value of `len` bytes that belongs to no record yet. The bytes are undefined: they start at
 * rawOff(value) in arena.u8[value >>> SEGMENT_SHIFT], a multiple of 4.
 */
export function rawCreate(ks: Keyspace, len: number): number {
  const value = arenaAlloc(ks.arena, RAW_HEADER + len);
  ks.arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = len;
  return value;
}

/** Offset of the bytes of a RAW value's block in its segment. */
export function rawOff(value: number): number {
  return ((value & UNIT_MASK) << 4) + RAW_HEADER;
}

/** Points `view` at a block of rawCreate. */
export function rawView(ks: Keyspace, value: number): void {
  const seg = value >>> SEGMENT_SHIFT;
  view.buf = ks.arena.u8[seg];
  view.data = ks.arena.data[seg];
  view.off = rawOff(value);
  view.len = ks.arena.i32[seg][(value & UNIT_MASK) << 2];
}

/** The buffer of a block of rawCreate as words; the bytes start at word rawOff(value) / 4. */
export function rawWords(ks: Keyspace, value: number): Int32Array {
  return ks.arena.i32[value >>> SEGMENT_SHIFT];
}

/**
 * Makes room for `more` bytes behind the value of a RAW record, and some for growth. What they hold is undefined; the
 * length stays (rawSetLength). Views die.
 */
export function rawReserve(ks: Keyspace, rec: number, more: number): void {
  const { arena } = ks;
  const old = recordA(arena, rec);
  const len = arena.i32[old >>> SEGMENT_SHIFT][(old & UNIT_MASK) << 2];
  if (RAW_HEADER + len + more <= arenaUsable(arena, old)) return;
  const value = rawCreate(ks, len + more + (Math.min(len, 4194304) >> 2));
  arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = len;
  const from = arena.u8[old >>> SEGMENT_SHIFT];
  copyBytes(from, rawOff(old), arena.u8[value >>> SEGMENT_SHIFT], rawOff(value), len);
  rawReplace(ks, rec, value);
}

/** Sets the length of the value of a RAW record: shorter, or into room of rawReserve. */
export function rawSetLength(ks: Keyspace, rec: number, len: number): void {
  const value = recordA(ks.arena, rec);
  ks.arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = len;
}

/** Gives a RAW record another value, a block of rawCreate, and frees the old one. */
export function rawReplace(ks: Keyspace, rec: number, value: number): void {
  const old = recordA(ks.arena, rec);
  recordSetA(ks.arena, rec, value);
  arenaFree(ks.arena, old);
}

/** The buffer that stringView shows for a record as words, or null unless it is RAW: only then bytes start at a word. */
export function stringWords(ks: Keyspace, rec: number): Int32Array | null {
  if (recordEncoding(ks.arena, rec) !== ENCODING_RAW) return null;
  return rawWords(ks, recordA(ks.arena, rec));
}

/**
 * Makes the value RAW with a length of `len` bytes, for editing in place: bytes up to the old length are kept, further
 * ones are zero. With `slack`, room for growth is added. Points `view` at the bytes.
 * Returns the record's handle, which may be new.
 */
export function stringGrow(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  len: number,
  slack: boolean,
): number {
  const arena = ks.arena;
  stringView(ks, rec);
  const oldLen = view.len;
  const wantLen = Math.max(len, oldLen);
  let target = rec;
  if (recordEncoding(arena, rec) !== ENCODING_RAW) {
    const value = rawCreate(ks, slack ? wantLen + Math.min(wantLen, 1048576) : wantLen);
    stringView(ks, rec);
    const at = ((value & UNIT_MASK) << 4) + RAW_HEADER;
    copyBytes(view.buf, view.off, arena.u8[value >>> SEGMENT_SHIFT], at, oldLen);
    const meta = metaByte(TYPE_STRING, ENCODING_RAW, (recordMeta(arena, rec) & HAS_EXPIRE) !== 0);
    target = recordReshape(ks, db, hash, rec, meta, 0);
    arena.i32[target >>> SEGMENT_SHIFT][((target & UNIT_MASK) << 2) + 2] = value;
  } else if (wantLen + RAW_HEADER > arenaUsable(arena, recordA(arena, rec))) {
    const room = slack ? wantLen + Math.min(wantLen, 1048576) : wantLen;
    const value = rawCreate(ks, room);
    const old = recordA(arena, rec);
    const at = ((value & UNIT_MASK) << 4) + RAW_HEADER;
    copyBytes(
      arena.u8[old >>> SEGMENT_SHIFT],
      ((old & UNIT_MASK) << 4) + RAW_HEADER,
      arena.u8[value >>> SEGMENT_SHIFT],
      at,
      oldLen,
    );
    arenaFree(arena, old);
    arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 2] = value;
  }
  const value = recordA(arena, target);
  arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = wantLen;
  stringView(ks, target);
  if (wantLen > oldLen) view.buf.fill(0, view.off + oldLen, view.off + wantLen);
  return target;
}

/** Bytes of the record and its value in the arena. */
export function stringBytes(ks: Keyspace, rec: number): number {
  const own = arenaUsable(ks.arena, rec);
  if (recordEncoding(ks.arena, rec) !== ENCODING_RAW) return own;
  return own + arenaUsable(ks.arena, recordA(ks.arena, rec));
}

/** Offset of the key behind which an embedded value lies; for tests of the layout. */
export function embeddedOff(ks: Keyspace, rec: number): number {
  return recordKeyOff(ks.arena, rec) + recordKeyLen(ks.arena, rec);
}
