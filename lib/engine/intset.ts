// intset.ts: a set of integers as a sorted array in one run of bytes, all as wide as the widest needs.
//
// WHY NOT a hash table: 2 to 8 bytes a member instead of 20 and more, found in log2(n) probes of bytes that lie
// together. Inserting moves what lies behind, so owners convert beyond a few hundred members. These are the bytes of
// the file format: saving is copying.
//
// LAYOUT (little endian)
//
//   offset  size  field
//        0     4  width: bytes of a member, 2, 4 or 8
//        4     4  number of members
//        8     *  members, signed, rising
//
// EXAMPLES   1 2 3                     02 00 00 00  03 00 00 00  01 00  02 00  03 00
//            1 70000                   04 00 00 00  02 00 00 00  01 00 00 00  70 11 01 00
//            1 9223372036854775807     08 00 00 00  02 00 00 00  01 00 00 00 00 00 00 00  ff ff ff ff ff ff ff 7f
//
// A member that is too wide widens all others; it lies outside of what the old width can hold, so it becomes the first
// or the last one. The width never shrinks: after the wide member is gone the bytes still show that it was there.
//
// MEMORY belongs to the caller: intsetInsert and intsetAdd need intsetBytesWith bytes at `off`.
//
// INVARIANTS  1. width is 2, 4 or 8.   2. each member is greater than the one before.
//             What comes from elsewhere is checked by intsetValidate(deep); all other functions trust these.
// LIFETIME    `member` is overwritten by the next intsetGet, Min, Max or Random.
// LIMITS      members and bytes below 2^31
// COSTS       find O(log n); add, remove O(log n) probes and O(bytes behind) to move, O(n) when the width changes;
//             get, min, max, random O(1). No allocation.
// SOURCE      behaviour of Valkey's intset.

import { copyBytes } from "../bytes/ascii.ts";

const WIDTH = 0;
const COUNT = 4;
/** Bytes in front of the members; an intset without members has no more. */
export const INTSET_HEADER = 8;

const WIDTH_16 = 2;
const WIDTH_32 = 4;
const WIDTH_64 = 8;

/** Largest intset: sizes stay an int32. */
const INTSET_BYTES_MAX = 2 ** 31 - 1;

if (COUNT + 4 !== INTSET_HEADER) throw new Error("intset: layout is off");

/** The member that intsetGet, Min, Max or Random found. */
export const member: { lo: number; hi: number } = { lo: 0, hi: 0 };

/** Writes a set without members: INTSET_HEADER bytes at `off`. */
export function intsetInit(buf: Uint8Array, off: number): void {
  setWord(buf, off + WIDTH, WIDTH_16);
  setWord(buf, off + COUNT, 0);
}

/** Number of members. */
export function intsetCount(buf: Uint8Array, off: number): number {
  return word(buf, off + COUNT);
}

/** Bytes of the whole set. */
export function intsetBytes(buf: Uint8Array, off: number): number {
  return INTSET_HEADER + intsetCount(buf, off) * buf[off + WIDTH];
}

/** Bytes of the whole set once this value, which is no member yet, has been added. */
export function intsetBytesWith(buf: Uint8Array, off: number, lo: number, hi: number): number {
  const width = buf[off + WIDTH];
  const needed = widthOf(lo, hi);
  return INTSET_HEADER + (intsetCount(buf, off) + 1) * (needed > width ? needed : width);
}

/** Bytes this value needs. */
function widthOf(lo: number, hi: number): number {
  if (hi !== lo >> 31) return WIDTH_64;
  return lo === lo << 16 >> 16 ? WIDTH_16 : WIDTH_32;
}

function word(buf: Uint8Array, at: number): number {
  return buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24);
}

function setWord(buf: Uint8Array, at: number, value: number): void {
  buf[at] = value;
  buf[at + 1] = value >> 8;
  buf[at + 2] = value >> 16;
  buf[at + 3] = value >> 24;
}

// ---- reading

/** Reads the member with this index, 0 to count - 1, into `member`. */
export function intsetGet(buf: Uint8Array, off: number, index: number): void {
  const width = buf[off + WIDTH];
  const at = off + INTSET_HEADER + index * width;
  member.lo = lowAt(buf, at, width);
  member.hi = highAt(buf, at, width, member.lo);
}

/** Reads the smallest member into `member`; the set must have one. */
export function intsetMin(buf: Uint8Array, off: number): void {
  intsetGet(buf, off, 0);
}

/** Reads the largest member into `member`; the set must have one. */
export function intsetMax(buf: Uint8Array, off: number): void {
  intsetGet(buf, off, intsetCount(buf, off) - 1);
}

/** Reads the member that a random number of 32 bits picks into `member`; the set must have one. */
export function intsetRandom(buf: Uint8Array, off: number, bits: number): void {
  intsetGet(buf, off, (bits >>> 0) % intsetCount(buf, off));
}

function lowAt(buf: Uint8Array, at: number, width: number): number {
  return width === WIDTH_16 ? (buf[at] | (buf[at + 1] << 8)) << 16 >> 16 : word(buf, at);
}

function highAt(buf: Uint8Array, at: number, width: number, lo: number): number {
  return width === WIDTH_64 ? word(buf, at + 4) : lo >> 31;
}

/** Index of the value, or where it is missing -1 minus the index it would get: ~result is that index. */
export function intsetSearch(buf: Uint8Array, off: number, lo: number, hi: number): number {
  const width = buf[off + WIDTH];
  const count = intsetCount(buf, off);
  if (width === WIDTH_64) return searchWide(buf, off, count, lo, hi);
  if (hi !== lo >> 31) return hi < 0 ? ~0 : ~count;
  const base = off + INTSET_HEADER;
  // New members are often greater than all others.
  if (count > 0 && lo > lowAt(buf, base + (count - 1) * width, width)) return ~count;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = lowAt(buf, base + middle * width, width);
    if (value === lo) return middle;
    if (value < lo) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

function searchWide(buf: Uint8Array, off: number, count: number, lo: number, hi: number): number {
  const base = off + INTSET_HEADER;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = base + middle * WIDTH_64;
    const valueHi = word(buf, at + 4);
    const valueLo = word(buf, at);
    if (valueHi === hi && valueLo === lo) return middle;
    if (valueHi < hi || (valueHi === hi && valueLo >>> 0 < lo >>> 0)) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

/** Whether the value is a member. */
export function intsetFind(buf: Uint8Array, off: number, lo: number, hi: number): boolean {
  return intsetSearch(buf, off, lo, hi) >= 0;
}

// ---- changing

/** Adds a value. Returns whether it was new. */
export function intsetAdd(buf: Uint8Array, off: number, lo: number, hi: number): boolean {
  const index = intsetSearch(buf, off, lo, hi);
  if (index >= 0) return false;
  intsetInsert(buf, off, ~index, lo, hi);
  return true;
}

/** Adds a value that is no member, at the index that intsetSearch gave for it. */
export function intsetInsert(
  buf: Uint8Array,
  off: number,
  index: number,
  lo: number,
  hi: number,
): void {
  const count = intsetCount(buf, off);
  const needed = widthOf(lo, hi);
  let width = buf[off + WIDTH];
  if (needed > width) {
    widen(buf, off, count, width, needed, index === 0 ? 1 : 0);
    width = needed;
  } else {
    const at = off + INTSET_HEADER + index * width;
    if (index < count) copyBytes(buf, at, buf, at + width, (count - index) * width);
  }
  setMember(buf, off + INTSET_HEADER + index * width, width, lo, hi);
  setWord(buf, off + COUNT, count + 1);
}

/** Makes all members `to` bytes wide and leaves `gap` free places in front of them. */
function widen(
  buf: Uint8Array,
  off: number,
  count: number,
  from: number,
  to: number,
  gap: number,
): void {
  const base = off + INTSET_HEADER;
  setWord(buf, off + WIDTH, to);
  // From the back, so that nothing is overwritten before it has been read.
  for (let i = count - 1; i >= 0; i--) {
    const lo = lowAt(buf, base + i * from, from);
    setMember(buf, base + (i + gap) * to, to, lo, lo >> 31);
  }
}

function setMember(buf: Uint8Array, at: number, width: number, lo: number, hi: number): void {
  if (width === WIDTH_16) {
    buf[at] = lo;
    buf[at + 1] = lo >> 8;
    return;
  }
  setWord(buf, at, lo);
  if (width === WIDTH_64) setWord(buf, at + 4, hi);
}

/** Takes a value out. Returns whether it was a member. */
export function intsetRemove(buf: Uint8Array, off: number, lo: number, hi: number): boolean {
  const index = intsetSearch(buf, off, lo, hi);
  if (index < 0) return false;
  intsetRemoveAt(buf, off, index);
  return true;
}

/** Takes the member with this index out. */
export function intsetRemoveAt(buf: Uint8Array, off: number, index: number): void {
  const count = intsetCount(buf, off);
  const width = buf[off + WIDTH];
  const at = off + INTSET_HEADER + index * width;
  copyBytes(buf, at + width, buf, at, (count - index - 1) * width);
  setWord(buf, off + COUNT, count - 1);
}

// ---- bytes from elsewhere

/**
 * Whether buf[off, off + len) is an intset that a key may hold: header true, not empty, and if `deep` members rising,
 * so that the other functions may be used on it. Reads nothing outside the range, whatever it holds.
 */
export function intsetValidate(buf: Uint8Array, off: number, len: number, deep: boolean): boolean {
  if (len < INTSET_HEADER || len > INTSET_BYTES_MAX) return false;
  const width = word(buf, off + WIDTH);
  if (width !== WIDTH_16 && width !== WIDTH_32 && width !== WIDTH_64) return false;
  const count = word(buf, off + COUNT);
  if (count <= 0 || INTSET_HEADER + count * width !== len) return false;
  if (!deep) return true;
  const base = off + INTSET_HEADER;
  let lastLo = lowAt(buf, base, width);
  let lastHi = highAt(buf, base, width, lastLo);
  for (let i = 1; i < count; i++) {
    const at = base + i * width;
    const lo = lowAt(buf, at, width);
    const hi = highAt(buf, at, width, lo);
    if (hi < lastHi || (hi === lastHi && lo >>> 0 <= lastLo >>> 0)) return false;
    lastLo = lo;
    lastHi = hi;
  }
  return true;
}
