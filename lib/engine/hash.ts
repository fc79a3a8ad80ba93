// hash.ts: values that are hashes, in two encodings behind one interface: fields with values, some with an expiry.
//
//   encoding              root block                                   while
//   LISTPACK              a listpack of field, value, field, value     few and short fields (hash-max-listpack-*),
//                                                                      none with an expiry
//   HASHTABLE             the header of a table of members             otherwise
//   HASHTABLE_VOLATILE    the root of hash_times.ts, which names the   some field has an expiry
//                         table and orders those fields by time
//
// WHY NOT a table for all: small hashes are most hashes, and a field of 12 + 12 bytes takes 28 bytes in a listpack. And
// those are the bytes of the file format: saving is copying.
//
// MEMBER of a table: a block of member.ts with base 0 whose tail is
//
//   size       field
//   [ 8        expiry in milliseconds, lo and hi; 4 bytes place in the heap: only with MEMBER_FLAG, see hash_times.ts ]
//     1        length of the value, 255 = LONG
//   [ 4        length, little endian; only when LONG ]
//     ..       value
//
// Example, field "f" with value "val" (hex): 01 66 03 76 61 6c, and with an expiry of 1 ms, first of all (place 0):
//          81 66  01 00 00 00 00 00 00 00  00 00 00 00  03 76 61 6c
//
// A field of 12 bytes with a value of 12 makes a block of 32.
//
// TIME. A field is gone when its time is before `nowMs`: lookups and walks do not see it, although it is still there and
// counts in hashLength, until the active expiry (hashRemoveDue) takes it or it is overwritten. That is how Valkey does
// it. nowMs = -Infinity makes all fields visible. When a field is set anew one whose time is now counts as gone too.
//
// TRANSITIONS are those of Valkey: LISTPACK to HASHTABLE one way, when a limit is passed or a field gets an expiry;
// HASHTABLE to VOLATILE and back as the first field gets and the last one loses its expiry. The caller tells the
// keyspace (keyTrackFields) when a record that is in a table crossed the latter.
//
// INVARIANTS
//   1. No field twice. Under a key a hash has at least one field; a hash being built may have none.
//   2. LISTPACK: listpackValidate(deep), an even number of entries.
//   3. Tables: dictVerify; each member is found under its hash; VOLATILE exactly while a member has MEMBER_FLAG.
// LIFETIME    root and encoding may change with every function that takes a record and changes something. Views
//             (`found`, HashCursor) are valid until the next change or allocation, texts of integers until the next read.
// LIMITS      1 GiB of listpack; names and values below 2^31 bytes.
// COSTS       find, set, delete: tables O(1), with an expiry O(log n) at worst; LISTPACK O(bytes).
//             Expiry of fields that are there: hash_expiry.ts; walking: hash_walk.ts; free, copy, verify: hash_value.ts.
// SOURCE      behaviour of Valkey's hash type.

import { copyBytes } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaRounded,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import {
  dictCount,
  dictDeleteSlot,
  dictInsert,
  dictReplaceSlot,
  memberFind,
  membersCreate,
} from "./dict.ts";
import {
  memberFill,
  memberIsGone,
  memberValue,
  memberWriteValue,
  valueHeadBytes,
  type ValueView,
} from "./hash_member.ts";
import {
  memberIsTimed,
  memberTimeHi,
  memberTimeLo,
  memberTimeMs,
  TIME_BYTES,
  timesChanged,
  timesCount,
  timesCreate,
  timesDestroy,
  timesDict,
  timesInsert,
  timesRemove,
  timesReplace,
} from "./hash_times.ts";
import {
  entry,
  LISTPACK_BYTES_MIN,
  LISTPACK_NONE,
  listpackBytes,
  listpackCount,
  listpackDeleteEntries,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEntrySize,
  listpackFind,
  listpackFirst,
  listpackInit,
  listpackInsert,
  listpackMayGrow,
  listpackNext,
  listpackReplace,
  listpackText,
} from "./listpack.ts";
import {
  memberCreate,
  memberEnd,
  memberHash,
  memberHeadBytes,
  memberLen,
  memberOff,
} from "./member.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_VOLATILE,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "./record.ts";
import type { ValueContext } from "./value_context.ts";

/** Listpacks beyond this get an eighth more than they need, so that appending does not copy every time. */
const ROOM_EXACT_MAX = 16384;

/** What hashSet did: the field is new, it has another value, or it is new in the place of one whose time had come. */
export const HASH_ADDED = 0;
export const HASH_CHANGED = 1;
export const HASH_REVIVED = 2;

/** What hashSet does about the field's expiry: removes it, keeps it, sets it. */
export const TIME_DROP = 0;
export const TIME_KEEP = 1;
export const TIME_SET = 2;

/** What the last successful hashFind found. */
export const found: ValueView = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
  timed: false,
  lo: 0,
  hi: 0,
};

// ---- roots

/** The root of a hash without fields, for encoding LISTPACK. */
export function hashCreate(vc: ValueContext): number {
  const root = arenaAlloc(vc.arena, LISTPACK_BYTES_MIN);
  listpackInit(vc.arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4);
  return root;
}

/**
 * The root for encoding LISTPACK from the bytes of a listpack that was validated: deep, an even number of entries, no
 * field twice. The limits are not looked at: see hashFit.
 */
export function hashFromListpack(
  vc: ValueContext,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const root = arenaAlloc(vc.arena, len);
  copyBytes(buf, off, vc.arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4, len);
  return root;
}

/** The table of a hash, 0 when it is a listpack. */
export function hashDict(vc: ValueContext, encoding: number, root: number): number {
  if (encoding === ENCODING_HASHTABLE) return root;
  return encoding === ENCODING_HASHTABLE_VOLATILE ? timesDict(vc.arena, root) : 0;
}

/** Whether some field of the record's hash has an expiry. */
export function hashIsVolatile(vc: ValueContext, rec: number): boolean {
  return recordEncoding(vc.arena, rec) === ENCODING_HASHTABLE_VOLATILE;
}

/** Number of fields, those whose time has come included. */
export function hashLength(vc: ValueContext, rec: number): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_LISTPACK) {
    return listpackCount(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4) >> 1;
  }
  return dictCount(arena, hashDict(vc, encoding, root));
}

/** Turns a listpack into a table. Nothing happens to a table. */
export function hashConvert(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  if (recordEncoding(arena, rec) !== ENCODING_LISTPACK) return;
  const root = recordA(arena, rec);
  const dict = membersCreate(vc, 0);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  let at = listpackFirst(bytes, (root & UNIT_MASK) << 4);
  while (at !== LISTPACK_NONE) {
    const valueAt = at + listpackEntrySize(bytes, at);
    listpackText(bytes, valueAt);
    const valueLen = entry.len;
    listpackText(bytes, at);
    const tail = valueHeadBytes(valueLen) + valueLen;
    const member = memberCreate(arena, 0, entry.buf, entry.off, entry.len, tail);
    const hash = memberHash(vc, entry.buf, entry.off, entry.len);
    listpackText(bytes, valueAt);
    memberWriteValue(arena, member, memberEnd(arena, member, 0), entry.buf, entry.off, valueLen);
    dictInsert(arena, dict, hash, member);
    at = listpackNext(bytes, valueAt);
  }
  arenaFree(arena, root);
  recordSetA(arena, rec, dict);
  recordSetEncoding(arena, rec, ENCODING_HASHTABLE);
}

/** Turns a listpack that is beyond the number of entries allowed into a table. */
export function hashFit(vc: ValueContext, rec: number): void {
  if (recordEncoding(vc.arena, rec) !== ENCODING_LISTPACK) return;
  if (hashLength(vc, rec) > vc.limits.hashMaxListpackEntries) hashConvert(vc, rec);
}

/** Whether `bytes` more of names and values may go to the record's listpack; true of a table. */
export function hashMayGrow(vc: ValueContext, rec: number, bytes: number): boolean {
  const { arena } = vc;
  if (recordEncoding(arena, rec) !== ENCODING_LISTPACK) return true;
  const root = recordA(arena, rec);
  return listpackMayGrow(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4, bytes);
}

/** The first field gets an expiry: gives the table a root block. */
function becomeVolatile(vc: ValueContext, rec: number): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_HASHTABLE_VOLATILE) return root;
  const times = timesCreate(arena, root);
  recordSetA(arena, rec, times);
  recordSetEncoding(arena, rec, ENCODING_HASHTABLE_VOLATILE);
  return times;
}

/** Takes the root block away when no field has an expiry any more. */
function becomePlain(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (timesCount(arena, root) > 0) return;
  recordSetA(arena, rec, timesDict(arena, root));
  recordSetEncoding(arena, rec, ENCODING_HASHTABLE);
  timesDestroy(arena, root);
}

// ---- looking

/**
 * Whether the hash has the field buf[off, off+len), its time not before `nowMs`; if so `found` shows its value and
 * expiry.
 */
export function hashFind(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  nowMs: number,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_LISTPACK) {
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    const first = listpackFirst(bytes, (root & UNIT_MASK) << 4);
    const at = listpackFind(bytes, first, buf, off, len, 1);
    if (at === LISTPACK_NONE) return false;
    listpackText(bytes, at + listpackEntrySize(bytes, at));
    found.buf = entry.buf;
    found.off = entry.off;
    found.len = entry.len;
    found.timed = false;
    return true;
  }
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, hashDict(vc, encoding, root), 0, hash, buf, off, len);
  if (member === 0 || memberIsGone(arena, member, nowMs)) return false;
  memberValue(arena, member, found);
  return true;
}

// ---- setting

/**
 * Sets the field buf[off, off+len) to value[valueOff, valueOff+valueLen). `time` is one of TIME_*, for TIME_SET with the
 * expiry lo, hi. The bytes must not lie in this hash. Returns one of HASH_*.
 */
export function hashSet(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
  nowMs: number,
  time: number,
  lo: number,
  hi: number,
): number {
  const { arena, limits } = vc;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    const longest = len > valueLen ? len : valueLen;
    if (
      time !== TIME_SET && longest <= limits.hashMaxListpackValue &&
      hashMayGrow(vc, rec, len + valueLen + 24)
    ) {
      const done = setPacked(vc, rec, buf, off, len, value, valueOff, valueLen);
      hashFit(vc, rec);
      return done;
    }
    hashConvert(vc, rec);
  }
  const hash = memberHash(vc, buf, off, len);
  const dict = hashDict(vc, recordEncoding(arena, rec), recordA(arena, rec));
  const old = memberFind(arena, dict, 0, hash, buf, off, len);
  if (old === 0) {
    const timed = time === TIME_SET;
    const tail = (timed ? TIME_BYTES : 0) + valueHeadBytes(valueLen) + valueLen;
    const member = memberCreate(arena, 0, buf, off, len, tail);
    memberFill(arena, member, timed, lo, hi, value, valueOff, valueLen);
    dictInsert(arena, dict, hash, member);
    if (timed) timesInsert(arena, becomeVolatile(vc, rec), member);
    return HASH_ADDED;
  }
  return setMember(vc, rec, old, value, valueOff, valueLen, nowMs, time, lo, hi);
}

/** Sets a field of a listpack. */
function setPacked(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  let bytes = arena.u8[root >>> SEGMENT_SHIFT];
  let pack = (root & UNIT_MASK) << 4;
  const valueBytes = listpackEncodedSizeMax(valueLen);
  const at = listpackFind(bytes, listpackFirst(bytes, pack), buf, off, len, 1);
  if (at !== LISTPACK_NONE) {
    const place = at + listpackEntrySize(bytes, at) - pack;
    const more = valueBytes - listpackEntrySize(bytes, pack + place);
    const moved = makeRoom(vc, rec, root, more);
    bytes = arena.u8[moved >>> SEGMENT_SHIFT];
    pack = (moved & UNIT_MASK) << 4;
    listpackReplace(bytes, pack, pack + place, value, valueOff, valueLen);
    return HASH_CHANGED;
  }
  const moved = makeRoom(vc, rec, root, listpackEncodedSizeMax(len) + valueBytes);
  bytes = arena.u8[moved >>> SEGMENT_SHIFT];
  pack = (moved & UNIT_MASK) << 4;
  listpackInsert(bytes, pack, listpackEnd(bytes, pack), buf, off, len);
  listpackInsert(bytes, pack, listpackEnd(bytes, pack), value, valueOff, valueLen);
  return HASH_ADDED;
}

/** Room for `more` bytes behind the record's listpack. Returns the root, which may be new. */
function makeRoom(vc: ValueContext, rec: number, root: number, more: number): number {
  const { arena } = vc;
  const total = listpackBytes(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4);
  const wanted = total + more;
  if (wanted <= arenaUsable(arena, root)) return root;
  return moveListpack(vc, rec, root, wanted > ROOM_EXACT_MAX ? wanted + (wanted >> 3) : wanted);
}

function moveListpack(vc: ValueContext, rec: number, root: number, bytes: number): number {
  const { arena } = vc;
  const source = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const total = listpackBytes(source, off);
  const fresh = arenaAlloc(arena, bytes);
  copyBytes(source, off, arena.u8[fresh >>> SEGMENT_SHIFT], (fresh & UNIT_MASK) << 4, total);
  arenaFree(arena, root);
  recordSetA(arena, rec, fresh);
  return fresh;
}

/** Gives the member in the slot of the last memberFind another value and expiry. */
function setMember(
  vc: ValueContext,
  rec: number,
  old: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
  nowMs: number,
  time: number,
  lo: number,
  hi: number,
): number {
  const { arena } = vc;
  const wasTimed = memberIsTimed(arena, old);
  const wasGone = wasTimed && memberTimeMs(arena, old) <= nowMs;
  const keeps = time === TIME_KEEP && wasTimed && !wasGone;
  const timed = time === TIME_SET || keeps;
  const newLo = keeps ? memberTimeLo(arena, old) : lo;
  const newHi = keeps ? memberTimeHi(arena, old) : hi;
  const len = memberLen(arena, old, 0);
  const tail = (timed ? TIME_BYTES : 0) + valueHeadBytes(valueLen) + valueLen;
  const bytes = memberHeadBytes(len) + len + tail;
  if (timed === wasTimed && arenaRounded(bytes) === arenaUsable(arena, old)) {
    memberFill(arena, old, timed, newLo, newHi, value, valueOff, valueLen);
    if (time === TIME_SET) timesChanged(arena, recordA(arena, rec), old);
  } else {
    const fresh = memberMove(arena, old, tail);
    memberFill(arena, fresh, timed, newLo, newHi, value, valueOff, valueLen);
    memberFollow(vc, rec, old, fresh, wasTimed, timed);
  }
  return wasGone ? HASH_REVIVED : HASH_CHANGED;
}

/** A member with the name of `old` and an empty tail in the slot of the last memberFind. The old block stays. */
export function memberMove(arena: Arena, old: number, tail: number): number {
  const bytes = arena.u8[old >>> SEGMENT_SHIFT];
  const nameOff = memberOff(arena, old, 0);
  const fresh = memberCreate(arena, 0, bytes, nameOff, memberLen(arena, old, 0), tail);
  dictReplaceSlot(arena, fresh);
  return fresh;
}

/** Makes the order of times follow when `fresh` takes the place of `old`, which is freed. */
export function memberFollow(
  vc: ValueContext,
  rec: number,
  old: number,
  fresh: number,
  wasTimed: boolean,
  timed: boolean,
): void {
  const { arena } = vc;
  if (wasTimed && timed) {
    timesReplace(arena, recordA(arena, rec), old, fresh);
  } else if (wasTimed) {
    timesRemove(arena, recordA(arena, rec), old);
    becomePlain(vc, rec);
  } else if (timed) {
    timesInsert(arena, becomeVolatile(vc, rec), fresh);
  }
  arenaFree(arena, old);
}

// ---- deleting

/** Deletes a field. Returns false when there is none, or its time is before `nowMs`: such a field stays. */
export function hashDelete(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  nowMs: number,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_LISTPACK) return deletePacked(vc, rec, root, buf, off, len);
  const dict = hashDict(vc, encoding, root);
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, dict, 0, hash, buf, off, len);
  if (member === 0 || memberIsGone(arena, member, nowMs)) return false;
  dictDeleteSlot(arena, dict, hash);
  memberDrop(vc, rec, member);
  return true;
}

function deletePacked(
  vc: ValueContext,
  rec: number,
  root: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const pack = (root & UNIT_MASK) << 4;
  const at = listpackFind(bytes, listpackFirst(bytes, pack), buf, off, len, 1);
  if (at === LISTPACK_NONE) return false;
  listpackDeleteEntries(bytes, pack, at, 2);
  const total = listpackBytes(bytes, pack);
  if (arenaRounded(total) * 2 <= arenaUsable(arena, root)) moveListpack(vc, rec, root, total);
  return true;
}

/** Frees a member that has left the table. */
export function memberDrop(vc: ValueContext, rec: number, member: number): void {
  const { arena } = vc;
  const timed = memberIsTimed(arena, member);
  if (timed) timesRemove(arena, recordA(arena, rec), member);
  arenaFree(arena, member);
  if (timed) becomePlain(vc, rec);
}
