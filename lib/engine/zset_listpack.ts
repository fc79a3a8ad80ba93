// zset_listpack.ts: small sorted sets: one block with a listpack of name, score, name, score ... in order.
//
// SCORES are stored as Valkey stores them: as an integer when the score is whole and at most 2^62 in magnitude (-0 too,
// which so loses its sign), else as the text that doubleFormat gives.
//
// EXAMPLE  a 1, b 2.5   14 00 00 00  04 00  81 61 02  01 01  81 62 02  83 32 2e 35 04  ff
//
// Positions are offsets of a name's entry in the bytes of the root's segment. A function that adds may move the block and
// returns the root; a block that is more than half empty after a removal is exchanged for a smaller one.
//
// ORDER: by score, equal scores by name as bytes. COSTS: all O(bytes).

import { bytesCompare, copyBytes } from "../bytes/ascii.ts";
import { DOUBLE_TEXT_MAX, doubleFormat, doubleParseBound } from "../bytes/double.ts";
import { INT64_TEXT_MAX, int64Format, int64FromNumber, int64ToNumber } from "../bytes/int64.ts";
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
  entry,
  LISTPACK_BYTES_MIN,
  LISTPACK_HEADER,
  listpackBytes,
  listpackCount,
  listpackDeleteEntries,
  listpackEncodedSize,
  listpackEncodedSizeInt,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEntrySize,
  listpackFind,
  listpackFirst,
  listpackGet,
  listpackInit,
  listpackInsert,
  listpackInsertInt,
} from "./listpack.ts";

/** Largest magnitude of a score that is stored as an integer. */
const INT_SCORE_MAX = 2 ** 62;

const scoreText = new Uint8Array(DOUBLE_TEXT_MAX);
const scoreInt = new Int32Array(2);

/** What packName found: a name and the array it is in. */
export const packed: { buf: Uint8Array; off: number; len: number } = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
};

/** An empty listpack in a block. Returns its handle. */
export function packCreate(arena: Arena): number {
  const root = arenaAlloc(arena, LISTPACK_BYTES_MIN);
  listpackInit(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4);
  return root;
}

/** A block with a copy of the `bytes` bytes of a listpack at src[off]. Returns its handle. */
export function packFrom(arena: Arena, src: Uint8Array, off: number, bytes: number): number {
  const root = arenaAlloc(arena, bytes);
  copyBytes(src, off, arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4, bytes);
  return root;
}

/** Number of pairs. */
export function packCount(arena: Arena, root: number): number {
  return listpackCount(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4) >>> 1;
}

/** The score in the entry at `at`. */
export function packScore(buf: Uint8Array, at: number): number {
  listpackGet(buf, at);
  return entry.isInt
    ? int64ToNumber(entry.lo, entry.hi)
    : doubleParseBound(buf, entry.off, entry.len);
}

/** Reads the name in the entry at `at` into `packed`; an integer is written to `text`. Returns the entry's size. */
export function packName(buf: Uint8Array, at: number, text: Uint8Array): number {
  const size = listpackGet(buf, at);
  if (entry.isInt) {
    packed.buf = text;
    packed.off = 0;
    packed.len = int64Format(entry.lo, entry.hi, text, 0);
  } else {
    packed.buf = buf;
    packed.off = entry.off;
    packed.len = entry.len;
  }
  return size;
}

const nameText = new Uint8Array(INT64_TEXT_MAX);

/** Negative, zero or positive as the name at `at` sorts before, with or after value[off, off+len). */
export function packNameCompare(
  buf: Uint8Array,
  at: number,
  value: Uint8Array,
  off: number,
  len: number,
): number {
  packName(buf, at, nameText);
  return bytesCompare(packed.buf, packed.off, packed.len, value, off, len);
}

/** Position of the pair with this name, or LISTPACK_NONE. */
export function packFind(
  arena: Arena,
  root: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  return listpackFind(bytes, listpackFirst(bytes, (root & UNIT_MASK) << 4), buf, off, len, 1);
}

/** Adds a pair whose name is absent, where it belongs. Returns the root, which may be new. */
export function packInsert(
  arena: Arena,
  root: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const isInt = score >= -INT_SCORE_MAX && score <= INT_SCORE_MAX &&
    int64FromNumber(score, scoreInt);
  const textLen = isInt ? 0 : doubleFormat(score, scoreText, 0);
  const need = listpackEncodedSize(buf, off, len) +
    (isInt ? listpackEncodedSizeInt(scoreInt[0], scoreInt[1]) : listpackEncodedSizeMax(textLen));
  const place = placeOf(arena, root, score, buf, off, len);
  const target = makeRoom(arena, root, need);
  const bytes = arena.u8[target >>> SEGMENT_SHIFT];
  const pack = (target & UNIT_MASK) << 4;
  const at = pack + place;
  if (isInt) listpackInsertInt(bytes, pack, at, scoreInt[0], scoreInt[1]);
  else listpackInsert(bytes, pack, at, scoreText, 0, textLen);
  listpackInsert(bytes, pack, at, buf, off, len);
  return target;
}

/** Offset from the start of the listpack at which the pair belongs. */
function placeOf(
  arena: Arena,
  root: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const pack = (root & UNIT_MASK) << 4;
  const end = listpackEnd(bytes, pack);
  let at = pack + LISTPACK_HEADER;
  while (at < end) {
    const scoreAt = at + listpackEntrySize(bytes, at);
    const other = packScore(bytes, scoreAt);
    if (other > score) break;
    if (other === score && packNameCompare(bytes, at, buf, off, len) > 0) break;
    at = scoreAt + listpackEntrySize(bytes, scoreAt);
  }
  return at - pack;
}

/** Makes room for `more` bytes. Returns the root, which may be new. */
function makeRoom(arena: Arena, root: number, more: number): number {
  const total = listpackBytes(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4);
  if (total + more <= arenaUsable(arena, root)) return root;
  return moveTo(arena, root, total, total + more);
}

function moveTo(arena: Arena, root: number, total: number, room: number): number {
  const fresh = arenaAlloc(arena, room);
  copyBytes(
    arena.u8[root >>> SEGMENT_SHIFT],
    (root & UNIT_MASK) << 4,
    arena.u8[fresh >>> SEGMENT_SHIFT],
    (fresh & UNIT_MASK) << 4,
    total,
  );
  arenaFree(arena, root);
  return fresh;
}

/** Takes out `pairs` pairs from the position `at` on. The block stays. */
export function packRemove(arena: Arena, root: number, at: number, pairs: number): void {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  listpackDeleteEntries(bytes, (root & UNIT_MASK) << 4, at, pairs * 2);
}

/** Gives back a block that is more than half empty. Returns the root, which may be new. */
export function packFit(arena: Arena, root: number): number {
  const total = listpackBytes(arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4);
  if (arenaRounded(total) * 2 > arenaUsable(arena, root)) return root;
  return moveTo(arena, root, total, total);
}
