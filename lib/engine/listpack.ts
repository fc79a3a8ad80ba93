// listpack.ts: many small strings and integers in one run of bytes that can be walked from both ends.
//
// WHY NOT an array of blocks: an entry costs its bytes plus 2 (plus 1 for an integer below 128), a block of its own
// at least 16 and a handle. And these are the bytes of the file format: saving a small list is copying it.
//
// LAYOUT (little endian)
//
//   offset  size  field
//        0     4  total bytes, header and end mark included
//        4     2  number of entries; 65535 = unknown, count by walking
//        6     *  entries
//       ..     1  end mark ff
//
// ENTRY: head, payload, then the length of both ("body") written so that it is read from its last byte backwards.
//
//   head                      payload                   holds                    body bytes
//   0vvvvvvv                                            0 to 127                 1
//   10llllll                  bytes                     string of up to 63       1 + length
//   110vvvvv vvvvvvvv                                   13-bit signed integer    2 (high bits first)
//   1110llll llllllll         bytes                     string of up to 4095     2 + length (high bits first)
//   11110000 l l l l          bytes                     longer string            5 + length (little endian)
//   11110001 .. 11110100      2, 3, 4, 8 bytes          signed integer           3, 4, 5, 9
//
//   body length, seven bits a byte, the most significant first; every byte but the first has its top bit set:
//   5 -> 05      127 -> 7f      128 -> 01 80      16384 -> 01 80 80
//
// EXAMPLES   nothing         07 00 00 00  00 00  ff
//            a b c           10 00 00 00  03 00  81 61 02  81 62 02  81 63 02  ff
//            f v g 1         12 00 00 00  04 00  81 66 02  81 76 02  81 67 02  01 01  ff
//            -1 4096         0e 00 00 00  02 00  df ff 02  f1 00 10 03  ff
//
// A string that is the canonical decimal text of a signed 64-bit integer is stored as that integer, in the shortest
// encoding; so bytes in, equal bytes out, and comparing with a value means comparing numbers where the entry is one.
//
// POSITIONS are offsets in the buffer, of an entry's head; LISTPACK_NONE (0, inside no listpack) says there is none.
// "End" is the position of the end mark, where an insertion appends.
//
// MEMORY belongs to the caller: a function that adds needs its room behind the listpack, in the same buffer. So: ask a
// size function, move the block when it is too small (positions move with it), then add. listpackEncodedSizeMax costs
// nothing and is never too small. The bytes handed in must not lie in the listpack that is changed.
//
// INVARIANTS
//   1. total is the distance to the byte behind the end mark; no entry head is ff.
//   2. count is the number of entries or 65535. It stays 65535 until listpackCount has walked and found fewer.
//   3. Each body length is in its shortest form and true: both directions visit the same positions.
//   What comes from elsewhere is checked by listpackValidate(deep) before anything else sees it: all other functions
//   trust these three. Encodings longer than needed are legal there, as in Valkey; a body length that runs into the
//   zeros of a payload is not, though Valkey lets it pass.
//
// LIFETIME   a change moves all entries behind it; positions in front of it stay. `entry` is overwritten by the next
//            listpackGet or listpackText, and its text by the next listpackText.
// LIMITS     LISTPACK_BYTES_MAX
// COSTS      first, last, next, previous, get, append: O(1). Find O(bytes), seek O(entries) from the nearer end,
//            insert, replace, delete O(bytes behind). Count O(1), or O(entries) when unknown. No allocation anywhere.
// SOURCE     Sanfilippo, "Listpack" specification; behaviour of Valkey's listpack.

import { bytesEqual, copyBytes, DIGIT_9 } from "../bytes/ascii.ts";
import { INT64_TEXT_MAX, int64Format, int64Parse } from "../bytes/int64.ts";

const TOTAL = 0;
const COUNT = 4;
/** Bytes in front of the first entry. */
export const LISTPACK_HEADER = 6;
/** What stands in place of a head behind the last entry. */
export const LISTPACK_END_MARK = 0xff;
const END_MARK = LISTPACK_END_MARK;
const END_BYTES = 1;
const COUNT_UNKNOWN = 0xffff;

/** A listpack without entries. */
export const LISTPACK_BYTES_MIN = LISTPACK_HEADER + END_BYTES;
/** Largest listpack (Valkey: 1 GiB, its safety limit for additions). */
export const LISTPACK_BYTES_MAX = 2 ** 30;
/** The position that says there is none. */
export const LISTPACK_NONE = 0;

// Heads. Each but the exact ones is the lowest of its kind, in rising order.
const STRING_6 = 0x80;
const INT_13 = 0xc0;
const STRING_12 = 0xe0;
const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_24 = 0xf2;
const INT_32 = 0xf3;
const INT_64 = 0xf4;

const STRING_6_MAX = 0x3f;
const STRING_12_MAX = 0xfff;
const STRING_12_HEAD = 2;
const STRING_32_HEAD = 5;
/** Body bytes of the 16-bit integer are its head minus this; so are those of 24 and 32 bits. */
const INT_BODY_BIAS = 0xee;
const INT_64_BODY = 9;

/** Longest body whose length fits 1, 2, 3, 4 bytes. */
const BACK_1_MAX = 2 ** 7 - 1;
const BACK_2_MAX = 2 ** 14 - 1;
const BACK_3_MAX = 2 ** 21 - 1;
const BACK_4_MAX = 2 ** 28 - 1;

if (COUNT + 2 !== LISTPACK_HEADER || INT_32 - INT_BODY_BIAS !== 5 || INT_16 - INT_BODY_BIAS !== 3) {
  throw new Error("listpack: layout is off");
}

/**
 * What listpackGet and listpackText found. An integer: isInt, lo, hi. A string: off, len. `buf` is the array that off
 * and len speak of, set by listpackText only.
 */
export const entry: {
  isInt: boolean;
  lo: number;
  hi: number;
  buf: Uint8Array;
  off: number;
  len: number;
} = { isInt: false, lo: 0, hi: 0, buf: new Uint8Array(0), off: 0, len: 0 };

const text = new Uint8Array(INT64_TEXT_MAX);
const parsed = new Int32Array(2);

// ---- header

/** Writes a listpack without entries: LISTPACK_BYTES_MIN bytes at `off`. */
export function listpackInit(buf: Uint8Array, off: number): void {
  setTotal(buf, off, LISTPACK_BYTES_MIN);
  setCount(buf, off, 0);
  buf[off + LISTPACK_HEADER] = END_MARK;
}

/** Bytes of the whole listpack. */
export function listpackBytes(buf: Uint8Array, off: number): number {
  return buf[off + TOTAL] | (buf[off + TOTAL + 1] << 8) | (buf[off + TOTAL + 2] << 16) |
    (buf[off + TOTAL + 3] << 24);
}

/** Whether `bytes` more keep the listpack within LISTPACK_BYTES_MAX. */
export function listpackMayGrow(buf: Uint8Array, off: number, bytes: number): boolean {
  return listpackBytes(buf, off) + bytes <= LISTPACK_BYTES_MAX;
}

/** Number of entries. One that was unknown and is found by walking is noted in the header where it fits. */
export function listpackCount(buf: Uint8Array, off: number): number {
  const known = countField(buf, off);
  if (known !== COUNT_UNKNOWN) return known;
  let count = 0;
  let at = off + LISTPACK_HEADER;
  for (; buf[at] !== END_MARK; count++) at += listpackEntrySize(buf, at);
  if (count < COUNT_UNKNOWN) setCount(buf, off, count);
  return count;
}

function setTotal(buf: Uint8Array, off: number, total: number): void {
  buf[off + TOTAL] = total;
  buf[off + TOTAL + 1] = total >> 8;
  buf[off + TOTAL + 2] = total >> 16;
  buf[off + TOTAL + 3] = total >> 24;
}

function countField(buf: Uint8Array, off: number): number {
  return buf[off + COUNT] | (buf[off + COUNT + 1] << 8);
}

function setCount(buf: Uint8Array, off: number, count: number): void {
  buf[off + COUNT] = count;
  buf[off + COUNT + 1] = count >> 8;
}

/** Adds to the number of entries (or takes away), as long as it is known. */
function addCount(buf: Uint8Array, off: number, more: number): void {
  const known = countField(buf, off);
  if (known === COUNT_UNKNOWN) return;
  const count = known + more;
  setCount(buf, off, count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN);
}

// ---- walking

/** Bytes of the entry at a position, its body length included. */
export function listpackEntrySize(buf: Uint8Array, at: number): number {
  const head = buf[at];
  if (head < STRING_6) return 2;
  if (head < INT_13) return (head & STRING_6_MAX) + 2;
  if (head < STRING_12) return 3;
  if (head > STRING_32) return (head < INT_64 ? head - INT_BODY_BIAS : INT_64_BODY) + 1;
  const body = head < STRING_32
    ? STRING_12_HEAD + length12(buf, at)
    : STRING_32_HEAD + length32(buf, at);
  return body + backBytes(body);
}

function length12(buf: Uint8Array, at: number): number {
  return ((buf[at] & 0x0f) << 8) | buf[at + 1];
}

/** The length field of a 32-bit string, as int32: longer ones do not exist in checked bytes. */
function length32(buf: Uint8Array, at: number): number {
  return buf[at + 1] | (buf[at + 2] << 8) | (buf[at + 3] << 16) | (buf[at + 4] << 24);
}

/** The first entry, or LISTPACK_NONE. */
export function listpackFirst(buf: Uint8Array, off: number): number {
  const at = off + LISTPACK_HEADER;
  return buf[at] === END_MARK ? LISTPACK_NONE : at;
}

/** The last entry, or LISTPACK_NONE. */
export function listpackLast(buf: Uint8Array, off: number): number {
  return listpackPrev(buf, off, listpackEnd(buf, off));
}

/** Position of the end mark: where an insertion appends. */
export function listpackEnd(buf: Uint8Array, off: number): number {
  return off + listpackBytes(buf, off) - END_BYTES;
}

/** The entry behind the one at `at`, or LISTPACK_NONE. */
export function listpackNext(buf: Uint8Array, at: number): number {
  const next = at + listpackEntrySize(buf, at);
  return buf[next] === END_MARK ? LISTPACK_NONE : next;
}

/** The entry in front of the one at `at` (which may be the end), or LISTPACK_NONE. */
export function listpackPrev(buf: Uint8Array, off: number, at: number): number {
  if (at === off + LISTPACK_HEADER) return LISTPACK_NONE;
  let last = at - 1;
  let body = buf[last] & 0x7f;
  for (let shift = 7; buf[last] > 0x7f; shift += 7) body |= (buf[--last] & 0x7f) << shift;
  return last - body;
}

/** The position `count` entries behind the one at `at`, or the end when there are fewer. */
export function listpackSkip(buf: Uint8Array, at: number, count: number): number {
  let position = at;
  for (let n = count; n > 0 && buf[position] !== END_MARK; n--) {
    position += listpackEntrySize(buf, position);
  }
  return position;
}

/** The entry with this index; -1 is the last one. LISTPACK_NONE when there is none. */
export function listpackSeek(buf: Uint8Array, off: number, index: number): number {
  const known = countField(buf, off);
  let steps = index;
  if (known !== COUNT_UNKNOWN) {
    if (steps < 0) steps += known;
    if (steps < 0 || steps >= known) return LISTPACK_NONE;
    if (steps > known >> 1) steps -= known;
  }
  if (steps >= 0) {
    const at = listpackSkip(buf, off + LISTPACK_HEADER, steps);
    return buf[at] === END_MARK ? LISTPACK_NONE : at;
  }
  let at = listpackLast(buf, off);
  for (; steps < -1 && at !== LISTPACK_NONE; steps++) at = listpackPrev(buf, off, at);
  return at;
}

/**
 * Replaces indexes[0, count) by the positions of those entries, in one walk: for random picks. The indexes are 0 or
 * more and rise or repeat; one that is out of range becomes LISTPACK_NONE.
 */
export function listpackSeekMany(
  buf: Uint8Array,
  off: number,
  indexes: Int32Array,
  count: number,
): void {
  let at = off + LISTPACK_HEADER;
  let index = 0;
  for (let i = 0; i < count; i++) {
    const wanted = indexes[i];
    at = listpackSkip(buf, at, wanted - index);
    index = wanted;
    indexes[i] = buf[at] === END_MARK ? LISTPACK_NONE : at;
  }
}

// ---- reading

/** Reads the entry at `at` into `entry`. Returns the entry's size in bytes: `at` plus it is the next one or the end. */
export function listpackGet(buf: Uint8Array, at: number): number {
  const head = buf[at];
  if (head >= STRING_6 && head < INT_13) {
    entry.isInt = false;
    entry.off = at + 1;
    entry.len = head & STRING_6_MAX;
    return entry.len + 2;
  }
  if (!isIntHead(head)) {
    const wide = head === STRING_32;
    entry.isInt = false;
    entry.off = at + (wide ? STRING_32_HEAD : STRING_12_HEAD);
    entry.len = wide ? length32(buf, at) : length12(buf, at);
    return listpackEntrySize(buf, at);
  }
  entry.isInt = true;
  entry.lo = intLow(buf, at, head);
  entry.hi = head === INT_64 ? intHigh(buf, at) : entry.lo >> 31;
  return listpackEntrySize(buf, at);
}

/** Length of a short string entry, whose text starts a byte behind `at` and ends a byte before the next entry; else -1. */
export function listpackShortLength(buf: Uint8Array, at: number): number {
  const head = buf[at];
  return head >= STRING_6 && head < INT_13 ? head & STRING_6_MAX : -1;
}

/** As listpackGet, and an integer too is given as text: entry.buf, off and len are set for every entry. */
export function listpackText(buf: Uint8Array, at: number): number {
  const size = listpackGet(buf, at);
  if (entry.isInt) {
    entry.buf = text;
    entry.off = 0;
    entry.len = int64Format(entry.lo, entry.hi, text, 0);
  } else {
    entry.buf = buf;
  }
  return size;
}

/** Whether a head other than that of a short string belongs to an integer. */
function isIntHead(head: number): boolean {
  return head < STRING_12 || head > STRING_32;
}

/** The low word of an integer; all of it but for INT_64. */
function intLow(buf: Uint8Array, at: number, head: number): number {
  if (head < STRING_6) return head;
  if (head < STRING_12) return (((head & 0x1f) << 8) | buf[at + 1]) << 19 >> 19;
  const low = buf[at + 1] | (buf[at + 2] << 8);
  if (head === INT_16) return low << 16 >> 16;
  if (head === INT_24) return (low | (buf[at + 3] << 16)) << 8 >> 8;
  return low | (buf[at + 3] << 16) | (buf[at + 4] << 24);
}

function intHigh(buf: Uint8Array, at: number): number {
  return buf[at + 5] | (buf[at + 6] << 8) | (buf[at + 7] << 16) | (buf[at + 8] << 24);
}

// ---- comparing

/**
 * The first entry that equals the value, from the one at `from` on (the end and LISTPACK_NONE are allowed), looking at
 * one and passing over `skip`, and so on. Returns its position or LISTPACK_NONE.
 */
export function listpackFind(
  buf: Uint8Array,
  from: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
  skip: number,
): number {
  if (from === LISTPACK_NONE) return LISTPACK_NONE;
  // The value is parsed when the first integer is met: 0 not yet, 1 is a number, -1 is none.
  let kind = 0;
  // Names of one kind differ at their ends, so the last byte is compared first: half the time among 128 fields. For an
  // empty string that place holds the head.
  const lastByte = valueLen > 0 ? value[valueOff + valueLen - 1] : STRING_6;
  let lo = 0;
  let hi = 0;
  let at = from;
  for (;;) {
    const head = buf[at];
    if (head >= STRING_6 && head < INT_13) {
      const len = head & STRING_6_MAX;
      if (
        len === valueLen && buf[at + len] === lastByte &&
        bytesEqual(buf, at + 1, value, valueOff, len)
      ) return at;
      at += len + 2;
    } else if (head === END_MARK) {
      return LISTPACK_NONE;
    } else {
      if (isIntHead(head)) {
        if (kind === 0) {
          kind = intParse(value, valueOff, valueLen) ? 1 : -1;
          lo = parsed[0];
          hi = parsed[1];
        }
        if (kind > 0 && intEquals(buf, at, head, lo, hi)) return at;
      } else if (longEquals(buf, at, head, value, valueOff, valueLen)) {
        return at;
      }
      at += listpackEntrySize(buf, at);
    }
    if (skip > 0) at = listpackSkip(buf, at, skip);
  }
}

/** Whether the entry at `at` equals the value. */
export function listpackEqualsAt(
  buf: Uint8Array,
  at: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
): boolean {
  const head = buf[at];
  if (head >= STRING_6 && head < INT_13) {
    return (head & STRING_6_MAX) === valueLen && bytesEqual(buf, at + 1, value, valueOff, valueLen);
  }
  if (!isIntHead(head)) return longEquals(buf, at, head, value, valueOff, valueLen);
  return intParse(value, valueOff, valueLen) && intEquals(buf, at, head, parsed[0], parsed[1]);
}

/** Whether a 12-bit or 32-bit string equals the value. */
function longEquals(
  buf: Uint8Array,
  at: number,
  head: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
): boolean {
  const wide = head === STRING_32;
  const len = wide ? length32(buf, at) : length12(buf, at);
  const off = at + (wide ? STRING_32_HEAD : STRING_12_HEAD);
  return len === valueLen && bytesEqual(buf, off, value, valueOff, len);
}

function intEquals(buf: Uint8Array, at: number, head: number, lo: number, hi: number): boolean {
  if (intLow(buf, at, head) !== lo) return false;
  return (head === INT_64 ? intHigh(buf, at) : lo >> 31) === hi;
}

/** Whether the bytes are stored as an integer, which is left in `parsed`. */
function intParse(src: Uint8Array, off: number, len: number): boolean {
  return len > 0 && len <= INT64_TEXT_MAX && src[off] <= DIGIT_9 &&
    int64Parse(src, off, len, parsed);
}

// ---- sizes

/** Bytes of the entry these bytes become. */
export function listpackEncodedSize(src: Uint8Array, off: number, len: number): number {
  return intParse(src, off, len)
    ? listpackEncodedSizeInt(parsed[0], parsed[1])
    : listpackEncodedSizeMax(len);
}

/** Bytes of the entry an integer becomes. */
export function listpackEncodedSizeInt(lo: number, hi: number): number {
  if (hi !== lo >> 31) return INT_64_BODY + 1;
  if (lo >= 0 && lo <= 0x7f) return 2;
  if (lo >= -0x1000 && lo <= 0xfff) return 3;
  if (lo >= -0x8000 && lo <= 0x7fff) return 4;
  return lo >= -0x800000 && lo <= 0x7fffff ? 5 : 6;
}

/** Most bytes of an entry for `len` bytes: those of a string, a number never takes more. */
export function listpackEncodedSizeMax(len: number): number {
  const body = len +
    (len <= STRING_6_MAX ? 1 : len <= STRING_12_MAX ? STRING_12_HEAD : STRING_32_HEAD);
  return body + backBytes(body);
}

/** Bytes of what listpackMerge makes of two listpacks. */
export function listpackMergedSize(
  a: Uint8Array,
  aOff: number,
  b: Uint8Array,
  bOff: number,
): number {
  return listpackBytes(a, aOff) + listpackBytes(b, bOff) - LISTPACK_BYTES_MIN;
}

function backBytes(body: number): number {
  if (body <= BACK_1_MAX) return 1;
  if (body <= BACK_2_MAX) return 2;
  if (body <= BACK_3_MAX) return 3;
  return body <= BACK_4_MAX ? 4 : 5;
}

// ---- adding

/**
 * Inserts in front of the entry at `at`, or appends when it is the end.
 * Returns the size of the new entry, which lies at `at`.
 */
export function listpackInsert(
  buf: Uint8Array,
  off: number,
  at: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  if (intParse(src, srcOff, srcLen)) return listpackInsertInt(buf, off, at, parsed[0], parsed[1]);
  const size = listpackEncodedSizeMax(srcLen);
  resize(buf, off, at, 0, size);
  addCount(buf, off, 1);
  writeString(buf, at, src, srcOff, srcLen);
  return size;
}

/** As listpackInsert, of an integer. */
export function listpackInsertInt(
  buf: Uint8Array,
  off: number,
  at: number,
  lo: number,
  hi: number,
): number {
  const size = listpackEncodedSizeInt(lo, hi);
  resize(buf, off, at, 0, size);
  addCount(buf, off, 1);
  writeInt(buf, at, size, lo, hi);
  return size;
}

/** Adds behind the last entry. Returns the size of the new entry. */
export function listpackAppend(
  buf: Uint8Array,
  off: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  const at = listpackEnd(buf, off);
  const end = listpackPut(buf, at, src, srcOff, srcLen);
  listpackClose(buf, off, end, 1);
  return end - at;
}

/** As listpackAppend, of an integer. */
export function listpackAppendInt(buf: Uint8Array, off: number, lo: number, hi: number): number {
  const at = listpackEnd(buf, off);
  const end = listpackPutInt(buf, at, lo, hi);
  listpackClose(buf, off, end, 1);
  return end - at;
}

/**
 * Writes an entry at `at`, the end, and returns the position behind it, where the next may be put. The listpack is none
 * until listpackClose: for owners that append several entries at once.
 */
export function listpackPut(
  buf: Uint8Array,
  at: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  if (intParse(src, srcOff, srcLen)) return listpackPutInt(buf, at, parsed[0], parsed[1]);
  writeString(buf, at, src, srcOff, srcLen);
  return at + listpackEncodedSizeMax(srcLen);
}

/** As listpackPut, of an integer. */
export function listpackPutInt(buf: Uint8Array, at: number, lo: number, hi: number): number {
  if (lo >= 0 && lo <= 0x7f && hi === 0) {
    buf[at] = lo;
    buf[at + 1] = 1;
    return at + 2;
  }
  const size = listpackEncodedSizeInt(lo, hi);
  writeInt(buf, at, size, lo, hi);
  return at + size;
}

/** Makes `end`, behind `count` entries that were put, the end of the listpack. */
export function listpackClose(buf: Uint8Array, off: number, end: number, count: number): void {
  buf[end] = END_MARK;
  setTotal(buf, off, end + END_BYTES - off);
  addCount(buf, off, count);
}

/** Adds in front of the first entry. Returns the size of the new entry. */
export function listpackPrepend(
  buf: Uint8Array,
  off: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  return listpackInsert(buf, off, off + LISTPACK_HEADER, src, srcOff, srcLen);
}

/** As listpackPrepend, of an integer. */
export function listpackPrependInt(buf: Uint8Array, off: number, lo: number, hi: number): number {
  return listpackInsertInt(buf, off, off + LISTPACK_HEADER, lo, hi);
}

/**
 * Adds in front of the first entry by moving the header to lower addresses: for listpacks that have their free room in
 * front, at least listpackEncodedSizeMax bytes of it. Returns the new offset of the listpack; O(1).
 */
export function listpackPushFront(
  buf: Uint8Array,
  off: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  const isInt = intParse(src, srcOff, srcLen);
  const size = isInt
    ? listpackEncodedSizeInt(parsed[0], parsed[1])
    : listpackEncodedSizeMax(srcLen);
  const front = off - size;
  const count = countField(buf, off);
  setTotal(buf, front, listpackBytes(buf, off) + size);
  setCount(buf, front, count);
  addCount(buf, front, 1);
  const at = front + LISTPACK_HEADER;
  if (isInt) writeInt(buf, at, size, parsed[0], parsed[1]);
  else writeString(buf, at, src, srcOff, srcLen);
  return front;
}

/**
 * Takes out the `count` entries in front of the one at `at` (or the end) by moving the header to higher addresses.
 * Returns the new offset of the listpack; O(1).
 */
export function listpackDropFront(
  buf: Uint8Array,
  off: number,
  at: number,
  count: number,
): number {
  const front = at - LISTPACK_HEADER;
  const total = listpackBytes(buf, off);
  const known = countField(buf, off);
  setTotal(buf, front, total - (front - off));
  setCount(buf, front, known);
  addCount(buf, front, -count);
  return front;
}

/**
 * Puts another value in the place of the entry at `at`; needs the room of the new total, not of both entries.
 * Returns the size of the new entry, which lies at `at`.
 */
export function listpackReplace(
  buf: Uint8Array,
  off: number,
  at: number,
  src: Uint8Array,
  srcOff: number,
  srcLen: number,
): number {
  if (intParse(src, srcOff, srcLen)) return listpackReplaceInt(buf, off, at, parsed[0], parsed[1]);
  const size = listpackEncodedSizeMax(srcLen);
  resize(buf, off, at, listpackEntrySize(buf, at), size);
  writeString(buf, at, src, srcOff, srcLen);
  return size;
}

/** As listpackReplace, by an integer. */
export function listpackReplaceInt(
  buf: Uint8Array,
  off: number,
  at: number,
  lo: number,
  hi: number,
): number {
  const size = listpackEncodedSizeInt(lo, hi);
  resize(buf, off, at, listpackEntrySize(buf, at), size);
  writeInt(buf, at, size, lo, hi);
  return size;
}

/**
 * Inserts `count` entries as they are: the bytes src[from, to) of another listpack, from one position to another. For
 * splitting, moving and joining. Needs to - from bytes of room.
 */
export function listpackInsertRun(
  buf: Uint8Array,
  off: number,
  at: number,
  src: Uint8Array,
  from: number,
  to: number,
  count: number,
): void {
  resize(buf, off, at, 0, to - from);
  addCount(buf, off, count);
  copyBytes(src, from, buf, at, to - from);
}

/** Appends all entries of another listpack, which stays as it is; listpackMergedSize says how much room that needs. */
export function listpackMerge(
  buf: Uint8Array,
  off: number,
  src: Uint8Array,
  srcOff: number,
): void {
  // Counting first makes a number that was unknown known again, where it fits.
  listpackCount(buf, off);
  const count = listpackCount(src, srcOff);
  const from = srcOff + LISTPACK_HEADER;
  listpackInsertRun(buf, off, listpackEnd(buf, off), src, from, listpackEnd(src, srcOff), count);
}

/** Makes `oldSize` bytes at `at` `newSize` bytes, moving what lies behind. */
function resize(
  buf: Uint8Array,
  off: number,
  at: number,
  oldSize: number,
  newSize: number,
): void {
  if (oldSize === newSize) return;
  const total = listpackBytes(buf, off);
  const tail = at + oldSize;
  const tailBytes = off + total - tail;
  if (tailBytes === END_BYTES) buf[at + newSize] = END_MARK;
  else copyBytes(buf, tail, buf, at + newSize, tailBytes);
  setTotal(buf, off, total + newSize - oldSize);
}

function writeString(
  buf: Uint8Array,
  at: number,
  src: Uint8Array,
  srcOff: number,
  len: number,
): void {
  let head = 1;
  if (len <= STRING_6_MAX) {
    buf[at] = STRING_6 | len;
  } else if (len <= STRING_12_MAX) {
    buf[at] = STRING_12 | (len >> 8);
    buf[at + 1] = len;
    head = STRING_12_HEAD;
  } else {
    buf[at] = STRING_32;
    buf[at + 1] = len;
    buf[at + 2] = len >> 8;
    buf[at + 3] = len >> 16;
    buf[at + 4] = len >> 24;
    head = STRING_32_HEAD;
  }
  copyBytes(src, srcOff, buf, at + head, len);
  const body = head + len;
  const back = at + body;
  if (body <= BACK_1_MAX) {
    buf[back] = body;
    return;
  }
  const bytes = backBytes(body);
  buf[back] = body >> (7 * (bytes - 1));
  for (let i = 1; i < bytes; i++) buf[back + i] = 0x80 | (body >> (7 * (bytes - 1 - i)));
}

/** Writes an integer in the encoding that makes an entry of `size` bytes. */
function writeInt(buf: Uint8Array, at: number, size: number, lo: number, hi: number): void {
  const back = size - 1;
  buf[at + back] = back;
  if (size === 2) {
    buf[at] = lo;
  } else if (size === 3) {
    buf[at] = INT_13 | ((lo >> 8) & 0x1f);
    buf[at + 1] = lo;
  } else {
    buf[at] = size > 6 ? INT_64 : back + INT_BODY_BIAS;
    buf[at + 1] = lo;
    buf[at + 2] = lo >> 8;
    if (size === 4) return;
    buf[at + 3] = lo >> 16;
    if (size === 5) return;
    buf[at + 4] = lo >> 24;
    if (size === 6) return;
    buf[at + 5] = hi;
    buf[at + 6] = hi >> 8;
    buf[at + 7] = hi >> 16;
    buf[at + 8] = hi >> 24;
  }
}

// ---- taking away

/** Takes the entry at `at` out. Returns the position of the one that was behind it (`at`), or LISTPACK_NONE. */
export function listpackDelete(buf: Uint8Array, off: number, at: number): number {
  resize(buf, off, at, listpackEntrySize(buf, at), 0);
  addCount(buf, off, -1);
  return buf[at] === END_MARK ? LISTPACK_NONE : at;
}

/** Takes out up to `count` entries from the one at `at` on. Returns how many there were. */
export function listpackDeleteEntries(
  buf: Uint8Array,
  off: number,
  at: number,
  count: number,
): number {
  let deleted = 0;
  let tail = at;
  for (; deleted < count && buf[tail] !== END_MARK; deleted++) tail += listpackEntrySize(buf, tail);
  resize(buf, off, at, tail - at, 0);
  addCount(buf, off, -deleted);
  return deleted;
}

/** Takes out up to `count` entries from the one with this index on (-1 is the last). Returns how many there were. */
export function listpackDeleteRange(
  buf: Uint8Array,
  off: number,
  index: number,
  count: number,
): number {
  if (count <= 0) return 0;
  const at = listpackSeek(buf, off, index);
  if (at === LISTPACK_NONE) return 0;
  const known = countField(buf, off);
  const first = index < 0 ? index + known : index;
  if (known === COUNT_UNKNOWN || known - first > count) {
    return listpackDeleteEntries(buf, off, at, count);
  }
  // To the end: nothing to walk over.
  setTotal(buf, off, at - off + END_BYTES);
  setCount(buf, off, first);
  buf[at] = END_MARK;
  return known - first;
}

/** Takes out the entries at positions[0, count), which rise, in one pass over the bytes. */
export function listpackDeleteMany(
  buf: Uint8Array,
  off: number,
  positions: Int32Array,
  count: number,
): void {
  if (count <= 0) return;
  const total = listpackBytes(buf, off);
  let to = positions[0];
  for (let i = 0; i < count; i++) {
    const from = positions[i] + listpackEntrySize(buf, positions[i]);
    const end = i + 1 < count ? positions[i + 1] : off + total;
    copyBytes(buf, from, buf, to, end - from);
    to += end - from;
  }
  setTotal(buf, off, to - off);
  addCount(buf, off, -count);
}

// ---- bytes from elsewhere

/**
 * Whether buf[off, off + len) is a listpack: total and end mark, and if `deep` every entry, so that the other functions
 * may be used on it. Reads nothing outside the range, whatever it holds.
 */
export function listpackValidate(
  buf: Uint8Array,
  off: number,
  len: number,
  deep: boolean,
): boolean {
  if (len < LISTPACK_BYTES_MIN || len > LISTPACK_BYTES_MAX) return false;
  if (listpackBytes(buf, off) !== len) return false;
  const end = off + len - END_BYTES;
  if (buf[end] !== END_MARK) return false;
  if (!deep) return true;
  let count = 0;
  let at = off + LISTPACK_HEADER;
  for (; at < end; count++) {
    const size = checkedSize(buf, at, end);
    if (size === 0) return false;
    at += size;
  }
  const known = countField(buf, off);
  return known === COUNT_UNKNOWN || known === count;
}

/** Size of the entry at `at`, or 0 when it is none that ends at `end` or before. */
function checkedSize(buf: Uint8Array, at: number, end: number): number {
  const head = buf[at];
  // An end mark in the middle is no head either.
  if (head > INT_64) return 0;
  const headBytes = head < STRING_12 || head > STRING_32
    ? 1
    : head === STRING_32
    ? STRING_32_HEAD
    : STRING_12_HEAD;
  if (at + headBytes > end) return 0;
  // A length of 2^31 or more reads as a negative number.
  if (head === STRING_32 && length32(buf, at) < 0) return 0;
  const size = listpackEntrySize(buf, at);
  if (at + size > end) return 0;
  return backIsTrue(buf, at + size, size) ? size : 0;
}

/** Whether the bytes in front of `next` give the length of the entry of `size` bytes there, in the shortest form. */
function backIsTrue(buf: Uint8Array, next: number, size: number): boolean {
  // The body was measured when the size was, so the number of bytes of its length follows from the size.
  let bytes = 1;
  while (backBytes(size - bytes) > bytes) bytes++;
  const body = size - bytes;
  for (let i = 0; i < bytes; i++) {
    const more = i === bytes - 1 ? 0 : 0x80;
    if (buf[next - 1 - i] !== (((body >> (7 * i)) & 0x7f) | more)) return false;
  }
  return true;
}
