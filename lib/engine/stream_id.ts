// stream_id.ts: ids of stream entries: a time in milliseconds and a number within it, 64 bits each, unsigned.
//
// WHY NOT BigInt: see int64.ts. An id is four int32 words at an index of an Int32Array, the most significant first, so
// that comparing ids is comparing words from the left, wherever the id lies: in a block, in scratch, in a list of ids.
//
//   word      0        1        2         3
//           ms hi    ms lo    seq hi    seq lo            unsigned each
//
// TEXT    <ms>-<seq> in decimal. What is read is more than what is written: see idParse.
// EXAMPLE 1526919030474-55 = 00000163 837766ca  00000000 00000037
// COSTS   O(1), no allocation.

import { DIGIT_0, isSpace, MINUS, PLUS, STAR } from "../bytes/ascii.ts";
import { int64Format, int64Parse, uintFormat } from "../bytes/int64.ts";

/** Words of an id. */
export const ID_WORDS = 4;
/** Longest text of an id. */
export const ID_TEXT_MAX = 41;
/** Longest text that idParse looks at. */
const INPUT_MAX = 127;
const TWO_32 = 4294967296;
const TEN_9 = 1000000000;

const pair = new Int32Array(2);

/** The smallest and the greatest id; not to be written to. */
export const ID_MIN = new Int32Array(ID_WORDS);
export const ID_MAX = new Int32Array(ID_WORDS).fill(-1);

/** Negative, zero or positive as the id at a[i] is less than, equal to or greater than the one at b[j]. */
export function idCompare(a: Int32Array, i: number, b: Int32Array, j: number): number {
  if (a[i] !== b[j]) return a[i] >>> 0 < b[j] >>> 0 ? -1 : 1;
  if (a[i + 1] !== b[j + 1]) return a[i + 1] >>> 0 < b[j + 1] >>> 0 ? -1 : 1;
  if (a[i + 2] !== b[j + 2]) return a[i + 2] >>> 0 < b[j + 2] >>> 0 ? -1 : 1;
  if (a[i + 3] !== b[j + 3]) return a[i + 3] >>> 0 < b[j + 3] >>> 0 ? -1 : 1;
  return 0;
}

/** Copies the id at a[i] to b[j]. */
export function idCopy(a: Int32Array, i: number, b: Int32Array, j: number): void {
  b[j] = a[i];
  b[j + 1] = a[i + 1];
  b[j + 2] = a[i + 2];
  b[j + 3] = a[i + 3];
}

/** Whether the id at a[i] is 0-0. */
export function idIsZero(a: Int32Array, i: number): boolean {
  return (a[i] | a[i + 1] | a[i + 2] | a[i + 3]) === 0;
}

/** Whether the id at a[i] is the greatest one. */
export function idIsMax(a: Int32Array, i: number): boolean {
  return (a[i] & a[i + 1] & a[i + 2] & a[i + 3]) === -1;
}

/** Makes the id at a[i] the one of time `ms` (an integer a double holds exactly) and number 0. */
export function idFromMs(ms: number, a: Int32Array, i: number): void {
  a[i] = Math.floor(ms / TWO_32) | 0;
  a[i + 1] = ms | 0;
  a[i + 2] = 0;
  a[i + 3] = 0;
}

/** Steps to the next id. False when there is none: then the id is 0-0. */
export function idIncrement(a: Int32Array, i: number): boolean {
  for (let word = i + 3; word >= i; word--) {
    a[word] = (a[word] + 1) | 0;
    if (a[word] !== 0) return true;
  }
  return false;
}

/** Steps to the id before. False when there is none: then the id is the greatest. */
export function idDecrement(a: Int32Array, i: number): boolean {
  for (let word = i + 3; word >= i; word--) {
    const was = a[word];
    a[word] = (was - 1) | 0;
    if (was !== 0) return true;
  }
  return false;
}

/**
 * The id `master` moved by signed differences of time and number, both modulo 2^64, as entries of a node keep them.
 */
export function idAddDelta(
  master: Int32Array,
  i: number,
  msLo: number,
  msHi: number,
  seqLo: number,
  seqHi: number,
  out: Int32Array,
  at: number,
): void {
  const ms = (master[i + 1] >>> 0) + (msLo >>> 0);
  out[at] = (master[i] + msHi + (ms >= TWO_32 ? 1 : 0)) | 0;
  out[at + 1] = ms | 0;
  const seq = (master[i + 3] >>> 0) + (seqLo >>> 0);
  out[at + 2] = (master[i + 2] + seqHi + (seq >= TWO_32 ? 1 : 0)) | 0;
  out[at + 3] = seq | 0;
}

/** High word of the difference of the 64-bit numbers at a[i] and b[j]; the low one is a[i + 1] - b[j + 1]. */
export function wordsDifferenceHigh(a: Int32Array, i: number, b: Int32Array, j: number): number {
  const borrow = a[i + 1] >>> 0 < b[j + 1] >>> 0 ? 1 : 0;
  return (a[i] - b[j] - borrow) | 0;
}

// ---- text

/** What idParse found: the number part was given, left out, or asked for by "*". */
export const ID_INVALID = 0;
export const ID_FULL = 1;
export const ID_NO_SEQ = 2;
export const ID_AUTO_SEQ = 3;

/**
 * Reads "<ms>", "<ms>-<seq>" or "<ms>-*" to out[at]. A number part that is missing or "*" is set to `missing`, 0 or -1
 * (the greatest). Numbers may have blanks and a sign in front and leading zeros; bytes from a NUL on do not matter: what
 * Valkey accepts. Returns ID_INVALID, with `out` undefined, or one of the other three.
 */
export function idParse(
  buf: Uint8Array,
  off: number,
  len: number,
  missing: number,
  out: Int32Array,
  at: number,
): number {
  if (len > INPUT_MAX) return ID_INVALID;
  let end = off;
  let dash = -1;
  for (const stop = off + len; end < stop && buf[end] !== 0; end++) {
    if (dash < 0 && buf[end] === MINUS) dash = end;
  }
  if (!wordsParse(buf, off, dash < 0 ? end : dash, out, at)) return ID_INVALID;
  if (dash < 0 || (end - dash === 2 && buf[dash + 1] === STAR)) {
    out[at + 2] = missing;
    out[at + 3] = missing;
    return dash < 0 ? ID_NO_SEQ : ID_AUTO_SEQ;
  }
  return wordsParse(buf, dash + 1, end, out, at + 2) ? ID_FULL : ID_INVALID;
}

/** Reads an unsigned 64-bit number: high word to out[at], low word behind it. False when there is none. */
function wordsParse(
  buf: Uint8Array,
  off: number,
  end: number,
  out: Int32Array,
  at: number,
): boolean {
  // A negative number is refused, but for one in unusual writing: that wraps around.
  if (buf[off] === MINUS && int64Parse(buf, off, end - off, pair)) return false;
  let i = off;
  while (i < end && isSpace(buf[i])) i++;
  const negative = i < end && buf[i] === MINUS;
  if (i < end && (negative || buf[i] === PLUS)) i++;
  if (i === end) return false;
  let hi = 0;
  let lo = 0;
  for (; i < end; i++) {
    const digit = buf[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
    lo = lo * 10 + digit;
    const carry = Math.floor(lo / TWO_32);
    lo -= carry * TWO_32;
    hi = hi * 10 + carry;
    if (hi >= TWO_32) return false;
  }
  out[at] = negative ? (lo === 0 ? -hi | 0 : ~hi) : hi | 0;
  out[at + 1] = negative ? -lo | 0 : lo | 0;
  return true;
}

/** Writes the id at a[i] at `off`. Returns the number of bytes, at most ID_TEXT_MAX. */
export function idFormat(a: Int32Array, i: number, buf: Uint8Array, off: number): number {
  let at = off + wordsFormat(a[i], a[i + 1], buf, off);
  buf[at++] = MINUS;
  at += wordsFormat(a[i + 2], a[i + 3], buf, at);
  return at - off;
}

/** Writes an unsigned 64-bit number. */
function wordsFormat(hi: number, lo: number, buf: Uint8Array, off: number): number {
  if (hi >= 0) return int64Format(lo, hi, buf, off);
  // Long division by 10^9: 32, 16 and 16 bits.
  const high = hi >>> 0;
  const q1 = Math.floor(high / TEN_9);
  const middle = (high - q1 * TEN_9) * 65536 + (lo >>> 16);
  const q2 = Math.floor(middle / TEN_9);
  const low = (middle - q2 * TEN_9) * 65536 + (lo & 0xffff);
  const q3 = Math.floor(low / TEN_9);
  const count = uintFormat(q1 * TWO_32 + q2 * 65536 + q3, buf, off);
  let rest = low - q3 * TEN_9;
  for (let at = off + count + 8; at >= off + count; at--) {
    buf[at] = DIGIT_0 + rest % 10;
    rest = Math.floor(rest / 10);
  }
  return count + 9;
}
