// int64.ts: signed 64-bit integers as pairs of 32-bit words, and their decimal text.
//
// WHY NOT BigInt: every BigInt operation allocates; a counter or an expiry time would cost garbage
// per command. WHY NOT a double: counters are exact up to 2^63 - 1, a double only up to 2^53.
//
// LAYOUT   value = hi * 2^32 + (lo >>> 0)         lo, hi: int32, two's complement
//          functions with two words to return write out[0] = lo, out[1] = hi
//
//          parse and format split decimal text after the ninth digit from the right, because
//          both parts and every intermediate product then fit a double exactly:
//            9223372036 854775807
//            |  top   | |  low  |              value = top * 10^9 + low
//
// EXAMPLE  "-9223372036854775808" -> lo 00000000, hi 80000000
//          "4294967296"           -> lo 00000000, hi 00000001
//          "-1"                   -> lo ffffffff, hi ffffffff
//
// TEXT     what is accepted is exactly the text that int64Format would print: no plus sign, no
//          leading zero, no "-0", no blanks. So a string that parses can be stored as its number
//          and printed back without loss. Same rule as valkey's string2ll.
// LIMITS   text is 1 to INT64_TEXT_MAX bytes
// COST     no allocation except in the two BigInt conversions

import { DIGIT_0, MINUS } from "./ascii.ts";

const TWO_32 = 4294967296;
const TEN_9 = 1000000000;

/** Longest text of a 64-bit integer: "-9223372036854775808". */
export const INT64_TEXT_MAX = 20;

/** Longest text `uintFormat` writes: 2^53 - 1 has 16 digits. */
export const UINT_TEXT_MAX = 16;

/** 2^63 - 1 split after the ninth digit. */
const MAX_TOP = 9223372036;
const MAX_LOW = 854775807;

/** The value of `count` digits at `off`, or -1 where one is no digit. At most 15 digits. */
function digitsValue(buf: Uint8Array, off: number, count: number): number {
  let value = 0;
  const end = off + count;
  for (let i = off; i < end; i++) {
    const digit = buf[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Writes the words of `+value` or `-value`; 0 <= value <= 2^53. */
function storeSmall(value: number, negative: boolean, out: Int32Array): void {
  const signed = negative ? -value : value;
  out[0] = signed | 0;
  out[1] = Math.floor(signed / TWO_32) | 0;
}

/**
 * Parses the whole range as a signed 64-bit integer and stores it in `out`.
 * False, with `out` untouched, when the text is not the canonical form or out of range.
 */
export function int64Parse(buf: Uint8Array, off: number, len: number, out: Int32Array): boolean {
  if (len === 0 || len > INT64_TEXT_MAX) return false;
  const negative = buf[off] === MINUS;
  const start = negative ? off + 1 : off;
  const count = negative ? len - 1 : len;
  if (count === 0) return false;
  const first = buf[start] - DIGIT_0;
  if (first <= 0 || first > 9) {
    if (first !== 0 || len !== 1) return false;
    out[0] = 0;
    out[1] = 0;
    return true;
  }
  if (count < 10) {
    let value = first;
    const end = start + count;
    for (let i = start + 1; i < end; i++) {
      const digit = buf[i] - DIGIT_0;
      if (digit < 0 || digit > 9) return false;
      value = (value * 10 + digit) | 0;
    }
    out[0] = negative ? -value : value;
    out[1] = negative ? -1 : 0;
    return true;
  }
  if (count < 16) {
    const value = digitsValue(buf, start, count);
    if (value < 0) return false;
    storeSmall(value, negative, out);
    return true;
  }
  return parseLong(buf, start, count, negative, out);
}

/** 16 to 20 digits, the first one not zero. */
function parseLong(
  buf: Uint8Array,
  off: number,
  count: number,
  negative: boolean,
  out: Int32Array,
): boolean {
  if (count > 19) return false;
  const top = digitsValue(buf, off, count - 9);
  const low = digitsValue(buf, off + count - 9, 9);
  if (top < 0 || low < 0) return false;
  if (top > MAX_TOP) return false;
  if (top === MAX_TOP && low > (negative ? MAX_LOW + 1 : MAX_LOW)) return false;
  // top * 10^9 + low in base 2^16, from the right; every term stays below 2^53.
  const topHigh = Math.floor(top / 65536);
  const right = (top - topHigh * 65536) * TEN_9 + low;
  const rightHigh = Math.floor(right / 65536);
  const middle = topHigh * TEN_9 + rightHigh;
  const middleHigh = Math.floor(middle / 65536);
  const lo = (((middle - middleHigh * 65536) << 16) | (right - rightHigh * 65536)) | 0;
  const hi = middleHigh | 0;
  out[0] = negative ? -lo : lo;
  // -x = ~x + 1: the carry reaches the high word only where the low word is zero.
  out[1] = negative ? ~hi + (lo === 0 ? 1 : 0) : hi;
  return true;
}

/** Number of decimal digits of `n`, an integer from 0 to 2^53 - 1. */
export function uintDigitCount(n: number): number {
  if (n < 10) return 1;
  if (n < 100) return 2;
  if (n < 1000) return 3;
  if (n < 10000) return 4;
  if (n < 100000) return 5;
  if (n < 1000000) return 6;
  if (n < 10000000) return 7;
  if (n < 100000000) return 8;
  let count = 9;
  for (let bound = TEN_9; n >= bound; bound *= 10) count++;
  return count;
}

/** The two digits of 0 to 99, one pair after the other. */
const PAIRS = digitPairs();

function digitPairs(): Uint8Array {
  const pairs = new Uint8Array(200);
  for (let n = 0; n < 100; n++) {
    pairs[n * 2] = DIGIT_0 + Math.floor(n / 10);
    pairs[n * 2 + 1] = DIGIT_0 + n % 10;
  }
  return pairs;
}

/** Writes exactly `count` digits of `n` (0 <= n < 2^31) that end before `end`: two at a time, a division costs most. */
function writeDigits(n: number, buf: Uint8Array, end: number, count: number): void {
  let rest = n | 0;
  let at = end;
  let left = count;
  for (; left > 1; left -= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) << 1;
    buf[at - 1] = PAIRS[pair + 1];
    buf[at - 2] = PAIRS[pair];
    at -= 2;
    rest = next;
  }
  if (left === 1) buf[at - 1] = DIGIT_0 + rest % 10;
}

/**
 * Writes `n`, an integer from 0 to 2^53 - 1, in decimal at `off`.
 * Returns the number of bytes written, at most UINT_TEXT_MAX.
 */
export function uintFormat(n: number, buf: Uint8Array, off: number): number {
  if (n < 10) {
    buf[off] = DIGIT_0 + n;
    return 1;
  }
  if (n < 100) {
    const tens = (n / 10) | 0;
    buf[off] = DIGIT_0 + tens;
    buf[off + 1] = DIGIT_0 + (n - tens * 10);
    return 2;
  }
  const count = uintDigitCount(n);
  if (n <= 0x7fffffff) {
    writeDigits(n, buf, off + count, count);
    return count;
  }
  const top = Math.floor(n / TEN_9);
  writeDigits(n - top * TEN_9, buf, off + count, 9);
  writeDigits(top, buf, off + count - 9, count - 9);
  return count;
}

/**
 * Writes the value in decimal at `off`. Returns the number of bytes written, at most
 * INT64_TEXT_MAX.
 */
export function int64Format(lo: number, hi: number, buf: Uint8Array, off: number): number {
  if (hi === 0) return uintFormat(lo >>> 0, buf, off);
  if (hi >= 0x200000 || hi < -0x200000) return formatLong(lo, hi, buf, off);
  const value = hi * TWO_32 + (lo >>> 0);
  if (value >= 0) return uintFormat(value, buf, off);
  // -2^53 itself comes here; uintFormat is still exact for 2^53.
  buf[off] = MINUS;
  return 1 + uintFormat(-value, buf, off + 1);
}

/** Values of more than 53 bits. */
function formatLong(lo: number, hi: number, buf: Uint8Array, off: number): number {
  let at = off;
  let high = hi;
  let low = lo;
  if (high < 0) {
    buf[at++] = MINUS;
    low = -low | 0;
    high = ~high + (low === 0 ? 1 : 0);
  }
  // Long division by 10^9, 32 then 16 then 16 bits; each partial dividend is below 2^47.
  const dividend1 = high >>> 0;
  const quotient1 = Math.floor(dividend1 / TEN_9);
  const dividend2 = (dividend1 - quotient1 * TEN_9) * 65536 + (low >>> 16);
  const quotient2 = Math.floor(dividend2 / TEN_9);
  const dividend3 = (dividend2 - quotient2 * TEN_9) * 65536 + (low & 0xffff);
  const quotient3 = Math.floor(dividend3 / TEN_9);
  at += uintFormat(quotient1 * TWO_32 + quotient2 * 65536 + quotient3, buf, at);
  writeDigits(dividend3 - quotient3 * TEN_9, buf, at + 9, 9);
  return at + 9 - off;
}

/** Number of bytes `int64Format` writes for this value, the sign included. */
export function int64DigitCount(lo: number, hi: number): number {
  if (hi === 0) return uintDigitCount(lo >>> 0);
  const sign = hi < 0 ? 1 : 0;
  if (hi < 0x200000 && hi >= -0x200000) {
    return sign + uintDigitCount(Math.abs(hi * TWO_32 + (lo >>> 0)));
  }
  // 17 to 19 digits: 10^16 = 002386f2 6fc10000, 10^17 = 01634578 5d8a0000,
  // 10^18 = 0de0b6b3 a7640000 are the only borders here.
  let low = lo;
  let high = hi;
  if (high < 0) {
    low = -low | 0;
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  if (high > 0x0de0b6b3 || (high === 0x0de0b6b3 && low >>> 0 >= 0xa7640000)) return sign + 19;
  if (high > 0x01634578 || (high === 0x01634578 && low >>> 0 >= 0x5d8a0000)) return sign + 18;
  if (high > 0x002386f2 || (high === 0x002386f2 && low >>> 0 >= 0x6fc10000)) return sign + 17;
  return sign + 16;
}

/** Stores a + b in `out`. False, with `out` untouched, when the sum leaves 64 bits. */
export function int64Add(
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
  out: Int32Array,
): boolean {
  const low = (aLo >>> 0) + (bLo >>> 0);
  const high = aHi + bHi + (low >= TWO_32 ? 1 : 0);
  if (high > 0x7fffffff || high < -0x80000000) return false;
  out[0] = low | 0;
  out[1] = high;
  return true;
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function int64Compare(aLo: number, aHi: number, bLo: number, bHi: number): number {
  if (aHi !== bHi) return aHi < bHi ? -1 : 1;
  if (aLo === bLo) return 0;
  return aLo >>> 0 < bLo >>> 0 ? -1 : 1;
}

/** The nearest double (ties to even), exact up to 2^53. */
export function int64ToNumber(lo: number, hi: number): number {
  return hi * TWO_32 + (lo >>> 0);
}

/**
 * Stores the integer `n` in `out`. False, with `out` untouched, when `n` has a fraction, is NaN
 * or does not fit 64 bits.
 */
export function int64FromNumber(n: number, out: Int32Array): boolean {
  if (!(n >= -9223372036854775808 && n < 9223372036854775808)) return false;
  if (Math.floor(n) !== n) return false;
  out[0] = n | 0;
  out[1] = Math.floor(n / TWO_32) | 0;
  return true;
}

/** The same value as a BigInt. Allocates; for cold paths. */
export function int64ToBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

/**
 * Stores `value` in `out`. False, with `out` untouched, when it does not fit 64 bits.
 * For cold paths.
 */
export function int64FromBigInt(value: bigint, out: Int32Array): boolean {
  if (BigInt.asIntN(64, value) !== value) return false;
  out[0] = Number(BigInt.asIntN(32, value));
  out[1] = Number(BigInt.asIntN(32, value >> 32n));
  return true;
}
