// set.ts: values that are sets, in three encodings behind one interface: members go in and come out as bytes.
//
//   encoding     root block                            while
//   INTSET       an intset, the bytes of intset.ts     all members are integers, at most set-max-intset-entries
//   LISTPACK     a listpack, the bytes of listpack.ts  at most set-max-listpack-entries members of at most
//                                                      set-max-listpack-value bytes
//   HASHTABLE    the header of a table of members      otherwise
//
// WHY NOT a table for all: small sets are most sets; 100 members of 8 bytes take 1 KiB as a listpack, 2.6 KiB in a
// table. The two compact forms are those of the file format: saving is copying.
//
// MEMBERS OF A TABLE are blocks of member.ts with base 0 and nothing behind the name:
//
//   root                bucket (see dict.ts)               member block
//   +--------+          +---------+ . . . +--------+       +----+---------------+
//   | header | -> page  | hashes  |       | handle | ----> | 03 | "abc"         |
//   +--------+          +---------+ . . . +--------+       +----+---------------+
//
// TRANSITIONS are those of Valkey and go one way: INTSET to LISTPACK when a member comes that is no integer and the
// listpack's limits allow it; INTSET or LISTPACK to HASHTABLE beyond the limits. A set that shrinks keeps its encoding.
// Only results of commands start anew (setToIntset, and setCreate with the encoding the command chooses).
//
// ROOM. A compact block is as long as its class; it is moved when it gets too small or less than half full. Beyond
// 16 KiB an eighth is added, so that appending does not copy every time.
//
// INVARIANTS
//   1. No member twice. Under a key a set has at least one member; a set being built may have none.
//   2. INTSET: intsetValidate(deep). LISTPACK: listpackValidate(deep).
//   3. HASHTABLE: dictVerify; each member is found under its hash.
// LIFETIME    root and encoding may change with every setAdd, setRemove and setRemoveAt.
// LIMITS      2^30 members of an intset, whatever the directive says; 1 GiB of listpack; members below 2^31 bytes.
// COSTS       has, add, remove: HASHTABLE O(1); INTSET O(log n) and the bytes behind the place; LISTPACK O(bytes).
//             Walking and random members: set_walk.ts; the rest: set_value.ts.
// SOURCE      behaviour of Valkey's set type.

import { copyBytes } from "../bytes/ascii.ts";
import { int64DigitCount, int64Parse } from "../bytes/int64.ts";
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
  dictFindEntry,
  dictInsert,
  memberFind,
  membersCreate,
} from "./dict.ts";
import {
  INTSET_HEADER,
  intsetAdd,
  intsetBytes,
  intsetBytesWith,
  intsetCount,
  intsetFind,
  intsetInit,
  intsetInsert,
  intsetMax,
  intsetMin,
  intsetRemove,
  intsetRemoveAt,
  intsetSearch,
  member as integer,
} from "./intset.ts";
import {
  LISTPACK_BYTES_MAX,
  LISTPACK_BYTES_MIN,
  LISTPACK_NONE,
  listpackAppend,
  listpackAppendInt,
  listpackBytes,
  listpackCount,
  listpackDelete,
  listpackDeleteMany,
  listpackEncodedSizeInt,
  listpackEncodedSizeMax,
  listpackFind,
  listpackFirst,
  listpackInit,
  listpackMayGrow,
} from "./listpack.ts";
import { memberCreate, memberHash, memberOwnHash } from "./member.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "./record.ts";
import { compactBytes, setValue } from "./set_value.ts";
import { SetCursor } from "./set_walk.ts";
import type { EncodingLimits, ValueContext } from "./value_context.ts";

/** No intset has more members, whatever the directive says. */
const INTSET_COUNT_MAX = 2 ** 30;
/** Compact blocks longer than this grow by an eighth more than they must. */
const EXACT_BYTES_MAX = 16384;

const parsed = new Int32Array(2);
const cursor = new SetCursor();

// ---- making

function intsetLimit(limits: EncodingLimits): number {
  return Math.min(limits.setMaxIntsetEntries, INTSET_COUNT_MAX);
}

/** The encoding of a new set that starts with this member and will have about `hint` members. */
export function setEncodingFor(
  vc: ValueContext,
  buf: Uint8Array,
  off: number,
  len: number,
  hint: number,
): number {
  if (hint <= vc.limits.setMaxIntsetEntries && int64Parse(buf, off, len, parsed)) {
    return ENCODING_INTSET;
  }
  return hint <= vc.limits.setMaxListpackEntries ? ENCODING_LISTPACK : ENCODING_HASHTABLE;
}

/** An empty set. Returns its root. */
export function setCreate(vc: ValueContext, encoding: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_HASHTABLE) return membersCreate(vc, 0);
  const isIntset = encoding === ENCODING_INTSET;
  const root = arenaAlloc(arena, isIntset ? INTSET_HEADER : LISTPACK_BYTES_MIN);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  if (isIntset) intsetInit(bytes, at);
  else listpackInit(bytes, at);
  return root;
}

// ---- reading

/** Number of members. */
export function setCount(vc: ValueContext, rec: number): number {
  return rootCount(vc.arena, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
}

function rootCount(arena: Arena, encoding: number, root: number): number {
  if (encoding === ENCODING_HASHTABLE) return dictCount(arena, root);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  return encoding === ENCODING_INTSET ? intsetCount(bytes, at) : listpackCount(bytes, at);
}

/** Whether buf[off, off+len) is a member. */
export function setHas(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_HASHTABLE) {
    return memberFind(arena, root, 0, memberHash(vc, buf, off, len), buf, off, len) !== 0;
  }
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  if (encoding === ENCODING_LISTPACK) {
    const first = listpackFirst(bytes, at);
    return listpackFind(bytes, first, buf, off, len, 0) !== LISTPACK_NONE;
  }
  return int64Parse(buf, off, len, parsed) && intsetFind(bytes, at, parsed[0], parsed[1]);
}

// ---- adding

/** Adds buf[off, off+len), which must not lie in this set. Returns whether it was new. */
export function setAdd(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_HASHTABLE) return tableAdd(vc, recordA(arena, rec), buf, off, len);
  if (encoding === ENCODING_LISTPACK) return packAdd(vc, rec, buf, off, len);
  if (int64Parse(buf, off, len, parsed)) return integerAdd(vc, rec, parsed[0], parsed[1]);
  // No member of an intset has this name.
  if (fitsListpack(vc, rec, len)) toListpack(vc, rec, listpackEncodedSizeMax(len));
  else setToTable(vc, rec);
  setAdd(vc, rec, buf, off, len);
  return true;
}

function tableAdd(
  vc: ValueContext,
  dict: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const hash = memberHash(vc, buf, off, len);
  if (memberFind(arena, dict, 0, hash, buf, off, len) !== 0) return false;
  dictInsert(arena, dict, hash, memberCreate(arena, 0, buf, off, len, 0));
  return true;
}

function packAdd(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena, limits } = vc;
  let root = recordA(arena, rec);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  if (listpackFind(bytes, listpackFirst(bytes, at), buf, off, len, 0) !== LISTPACK_NONE) {
    return false;
  }
  const size = listpackEncodedSizeMax(len);
  if (
    listpackCount(bytes, at) >= limits.setMaxListpackEntries || len > limits.setMaxListpackValue ||
    !listpackMayGrow(bytes, at, size)
  ) {
    setToTable(vc, rec);
    return tableAdd(vc, recordA(arena, rec), buf, off, len);
  }
  const used = listpackBytes(bytes, at);
  root = blockGrow(arena, rec, root, used, used + size);
  listpackAppend(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4, buf, off, len);
  return true;
}

function integerAdd(vc: ValueContext, rec: number, lo: number, hi: number): boolean {
  const { arena } = vc;
  let root = recordA(arena, rec);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  const index = intsetSearch(bytes, at, lo, hi);
  if (index >= 0) return false;
  const room = intsetBytesWith(bytes, at, lo, hi);
  root = blockGrow(arena, rec, root, intsetBytes(bytes, at), room);
  const target = arena.u8[root >>> SEGMENT_SHIFT];
  const targetAt = (root & UNIT_MASK) << 4;
  intsetInsert(target, targetAt, ~index, lo, hi);
  if (intsetCount(target, targetAt) > intsetLimit(vc.limits)) setToTable(vc, rec);
  return true;
}

/** Whether the members of an intset and one of `len` bytes more may become a listpack. */
function fitsListpack(vc: ValueContext, rec: number, len: number): boolean {
  const { arena, limits } = vc;
  const root = recordA(arena, rec);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  const count = intsetCount(bytes, at);
  if (count >= limits.setMaxListpackEntries || len > limits.setMaxListpackValue) return false;
  if (count === 0) return true;
  // The longest texts are those of the outermost members.
  intsetMin(bytes, at);
  const minDigits = int64DigitCount(integer.lo, integer.hi);
  const minSize = listpackEncodedSizeInt(integer.lo, integer.hi);
  intsetMax(bytes, at);
  const digits = Math.max(minDigits, int64DigitCount(integer.lo, integer.hi));
  const size = Math.max(minSize, listpackEncodedSizeInt(integer.lo, integer.hi));
  return digits <= limits.setMaxListpackValue && count * size + len <= LISTPACK_BYTES_MAX;
}

/** Makes the root of `rec` hold at least `bytes`, of which the first `used` are kept. Returns it. */
function blockGrow(
  arena: Arena,
  rec: number,
  root: number,
  used: number,
  bytes: number,
): number {
  if (bytes <= arenaUsable(arena, root)) return root;
  return blockMove(arena, rec, root, used, bytes > EXACT_BYTES_MAX ? bytes + (bytes >> 3) : bytes);
}

/** Gives back room when a compact root is less than half full. */
function blockShrink(arena: Arena, rec: number, encoding: number): void {
  const root = recordA(arena, rec);
  const used = compactBytes(arena, encoding, root);
  if (arenaRounded(used) * 2 < arenaUsable(arena, root)) blockMove(arena, rec, root, used, used);
}

function blockMove(
  arena: Arena,
  rec: number,
  root: number,
  used: number,
  bytes: number,
): number {
  const fresh = arenaAlloc(arena, bytes);
  copyBytes(
    arena.u8[root >>> SEGMENT_SHIFT],
    (root & UNIT_MASK) << 4,
    arena.u8[fresh >>> SEGMENT_SHIFT],
    (fresh & UNIT_MASK) << 4,
    used,
  );
  arenaFree(arena, root);
  recordSetA(arena, rec, fresh);
  return fresh;
}

// ---- taking away

/** Takes buf[off, off+len) out. Returns whether it was a member. The set may be empty then. */
export function setRemove(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_HASHTABLE) {
    const hash = memberHash(vc, buf, off, len);
    const found = memberFind(arena, root, 0, hash, buf, off, len);
    if (found === 0) return false;
    dictDeleteSlot(arena, root, hash);
    arenaFree(arena, found);
    return true;
  }
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  if (encoding === ENCODING_LISTPACK) {
    const entry = listpackFind(bytes, listpackFirst(bytes, at), buf, off, len, 0);
    if (entry === LISTPACK_NONE) return false;
    listpackDelete(bytes, at, entry);
  } else {
    if (!int64Parse(buf, off, len, parsed)) return false;
    if (!intsetRemove(bytes, at, parsed[0], parsed[1])) return false;
  }
  blockShrink(arena, rec, encoding);
  return true;
}

/** Takes out the member that a SetCursor calls `id`, which is no longer valid then. */
export function setRemoveAt(vc: ValueContext, rec: number, id: number): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding === ENCODING_HASHTABLE) {
    const hash = memberOwnHash(vc, id, 0);
    if (!dictFindEntry(arena, root, hash, id)) throw new Error(`set: member ${id} is lost`);
    dictDeleteSlot(arena, root, hash);
    arenaFree(arena, id);
    return;
  }
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  if (encoding === ENCODING_LISTPACK) listpackDelete(bytes, at, id);
  else intsetRemoveAt(bytes, at, id);
  blockShrink(arena, rec, encoding);
}

/** Takes out several members of a listpack: the ids[0, count) of a SetCursor, rising. */
export function setRemoveMany(
  vc: ValueContext,
  rec: number,
  ids: Int32Array,
  count: number,
): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  listpackDeleteMany(bytes, (root & UNIT_MASK) << 4, ids, count);
  blockShrink(arena, rec, ENCODING_LISTPACK);
}

// ---- changing the encoding

function replaceRoot(vc: ValueContext, rec: number, encoding: number, root: number): void {
  const { arena } = vc;
  setValue.free(vc, recordEncoding(arena, rec), recordA(arena, rec));
  recordSetA(arena, rec, root);
  recordSetEncoding(arena, rec, encoding);
}

/** Makes a compact set a table. */
export function setToTable(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  const dict = membersCreate(vc, 0);
  cursor.start(vc, rec);
  while (cursor.next()) {
    const { buf, off, len } = cursor;
    dictInsert(
      arena,
      dict,
      memberHash(vc, buf, off, len),
      memberCreate(arena, 0, buf, off, len, 0),
    );
  }
  replaceRoot(vc, rec, ENCODING_HASHTABLE, dict);
}

/** Makes an intset a listpack with room for an entry of `more` bytes. */
function toListpack(vc: ValueContext, rec: number, more: number): void {
  const { arena } = vc;
  let bytes = LISTPACK_BYTES_MIN + more;
  cursor.start(vc, rec);
  while (cursor.next()) bytes += listpackEncodedSizeInt(integer.lo, integer.hi);
  const root = arenaAlloc(arena, bytes);
  const target = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  listpackInit(target, at);
  cursor.start(vc, rec);
  while (cursor.next()) listpackAppendInt(target, at, integer.lo, integer.hi);
  replaceRoot(vc, rec, ENCODING_LISTPACK, root);
}

/** For a set that `hint` members are about to join: makes it a table when that is where it will end. */
export function setExpect(vc: ValueContext, rec: number, hint: number): void {
  const { limits } = vc;
  const encoding = recordEncoding(vc.arena, rec);
  if (encoding === ENCODING_HASHTABLE) return;
  const most = encoding === ENCODING_INTSET
    ? limits.setMaxIntsetEntries
    : limits.setMaxListpackEntries;
  if (hint > most) setToTable(vc, rec);
}

/** Makes a set whose members are all integers an intset, unless it has too many. */
export function setToIntset(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  if (recordEncoding(arena, rec) === ENCODING_INTSET) return;
  const count = setCount(vc, rec);
  if (count > intsetLimit(vc.limits)) return;
  let widest = 2;
  cursor.start(vc, rec);
  while (cursor.next()) {
    int64Parse(cursor.buf, cursor.off, cursor.len, parsed);
    if (parsed[1] !== parsed[0] >> 31) widest = 8;
    else if (parsed[0] !== parsed[0] << 16 >> 16) widest = Math.max(widest, 4);
  }
  const root = arenaAlloc(arena, INTSET_HEADER + count * widest);
  const target = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  intsetInit(target, at);
  cursor.start(vc, rec);
  while (cursor.next()) {
    int64Parse(cursor.buf, cursor.off, cursor.len, parsed);
    intsetAdd(target, at, parsed[0], parsed[1]);
  }
  replaceRoot(vc, rec, ENCODING_INTSET, root);
}
