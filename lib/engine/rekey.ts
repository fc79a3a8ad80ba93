// rekey.ts: whole keys that change name or place: rename, move to another database, copy.
//
// The value never changes hands byte by byte unless it must: a rename makes a new record under the new name that takes
// over the value's block, a move only changes tables, a copy duplicates the block. Clocks start anew, expiry is kept,
// and a short string is embedded or not by the length of its new name, as Valkey does.
//
// CONTRACT: the target key is absent from its database; `hash` arguments are the hashes of the keys beside them.

import { copyBytes } from "../bytes/ascii.ts";
import { arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  type Database,
  keyAdd,
  type Keyspace,
  keyUnlink,
  newAccessClock,
  rawCopy,
  recordCreate,
} from "./keyspace.ts";
import {
  ENCODING_BITS,
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  HAS_EXPIRE,
  isEmbedded,
  recordA,
  recordB,
  recordEncoding,
  recordExpireWord,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordSetClock,
} from "./record.ts";
import { valueCopy, valueHasRoot } from "./value.ts";

/**
 * Renames the key of `rec` to buf[off, off+len) within its database.
 * Returns the record's new handle.
 */
export function keyRename(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  newHash: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const fresh = recordUnderName(ks, rec, buf, off, len);
  setWordA(ks, fresh, rec, recordA(ks.arena, rec));
  keyUnlink(ks, db, hash, rec);
  arenaFree(ks.arena, rec);
  keyAdd(ks, db, newHash, fresh);
  return fresh;
}

/** Moves the key of `rec` from one database to another. The handle stays. */
export function keyMove(
  ks: Keyspace,
  source: Database,
  target: Database,
  hash: number,
  rec: number,
): void {
  keyUnlink(ks, source, hash, rec);
  keyAdd(ks, target, hash, rec);
  recordSetClock(ks.arena, rec, newAccessClock(ks));
}

/**
 * Adds a copy of `rec` under buf[off, off+len) to `target`. The handle of `rec` stays.
 * Returns the handle of the copy.
 */
export function keyCopy(
  ks: Keyspace,
  rec: number,
  target: Database,
  newHash: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const fresh = recordUnderName(ks, rec, buf, off, len);
  const meta = recordMeta(ks.arena, rec);
  const a = recordA(ks.arena, rec);
  setWordA(ks, fresh, rec, valueHasRoot(meta) ? valueCopy(ks, meta, a) : a);
  keyAdd(ks, target, newHash, fresh);
  return fresh;
}

/**
 * A record in no table with another name, the type, expiry and, where it is in the record itself, the value of `rec`.
 * An EMBSTR that is too long for its new name gets a RAW block.
 */
function recordUnderName(
  ks: Keyspace,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const { arena } = ks;
  let meta = recordMeta(arena, rec);
  let tail = 0;
  if (recordEncoding(arena, rec) === ENCODING_EMBSTR) {
    tail = recordA(arena, rec);
    if (!isEmbedded(len, tail, (meta & HAS_EXPIRE) !== 0)) {
      meta = (meta & ~ENCODING_BITS) | (ENCODING_RAW << 3);
      tail = 0;
    }
  }
  const fresh = recordCreate(ks, meta, buf, off, len, tail);
  if ((meta & HAS_EXPIRE) !== 0) {
    const from = recordExpireWord(arena, rec);
    const to = recordExpireWord(arena, fresh);
    const words = arena.i32[rec >>> SEGMENT_SHIFT];
    const freshWords = arena.i32[fresh >>> SEGMENT_SHIFT];
    freshWords[to] = words[from];
    freshWords[to + 1] = words[from + 1];
  }
  if (tail > 0) {
    copyBytes(
      arena.u8[rec >>> SEGMENT_SHIFT],
      recordKeyOff(arena, rec) + recordKeyLen(arena, rec),
      arena.u8[fresh >>> SEGMENT_SHIFT],
      recordKeyOff(arena, fresh) + len,
      tail,
    );
  }
  return fresh;
}

/** Fills in the words of `fresh` that describe the value: `a`, or a new RAW block where `rec` was EMBSTR and it is not. */
function setWordA(ks: Keyspace, fresh: number, rec: number, a: number): void {
  const { arena } = ks;
  const encoding = recordEncoding(arena, rec);
  const unembed = encoding === ENCODING_EMBSTR && recordEncoding(arena, fresh) === ENCODING_RAW;
  const value = unembed ? rawCopy(ks, rec) : a;
  const words = arena.i32[fresh >>> SEGMENT_SHIFT];
  const w = (fresh & UNIT_MASK) << 2;
  words[w + 2] = value;
  if (encoding === ENCODING_INT) words[w + 3] = recordB(arena, rec);
}
