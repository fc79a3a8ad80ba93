// long_double.ts: decimal text plus decimal text, as INCRBYFLOAT and HINCRBYFLOAT compute it.
//
// The reference keeps these numbers as x87 extended doubles and prints 17 decimals, so the digits
// that clients see depend on that format: 3.0 + 0.1 is "3.1", while 5000000 + 0.1 is
// "5000000.09999999999990905". To print the same, the format is computed here bit by bit.
//
// WHY NOT double: 53 bits of significand give other digits from the sixteenth on, and an exponent
// range of 308 instead of 4932. WHY NOT exact decimals: their digits would be "too good".
//
// VALUE    significand * 2^exponent, the significand a BigInt with its sign; rounded so that
//            |significand| < 2^64
//            exponent >= -16445                 smallest value 2^-16445, 3.6e-4951
//            |value| < 2^16384                  largest value 1.19e4932
//          It need not be normalised; there is no negative zero, because zero prints as "0".
//
//   x87     sign 1 | exponent 15, bias 16383 | significand 64, its top bit explicit
//           value = significand * 2^(field - 16383 - 63), field 1 for subnormal numbers
//
// ROUNDING to nearest, ties to even, once when text is read, once after the addition and once when
//          17 decimals are printed
// TEXT     [sign] (digits ["." [digits]] | "." digits) ["e" [sign] digits]
//          [sign] "0x" the same with hexadecimal digits, ["p" [sign] digits] for a power of two
//          [sign] ("inf" | "infinity")
//          Letters in any case; no blanks; below LONG_DOUBLE_TEXT_LIMIT bytes. Overflow, and a
//          number that is not zero but rounds to zero, are refused. "nan" is refused.
// COST     BigInt: an addition of two short numbers takes 3 to 4 microseconds
// SOURCE   Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 4.2;
//          the results are those of glibc's strtold and printf on x86-64

import { DIGIT_0, DOT, fromLatin1, hexDigitValue, latin1, MINUS, PLUS } from "./ascii.ts";
import { int64FromBigInt, int64FromNumber } from "./int64.ts";

/** Texts of this many bytes or more are no numbers. */
export const LONG_DOUBLE_TEXT_LIMIT = 5120;

/** The text is a finite number. */
export const LONG_DOUBLE_OK = 0;
/** The (first) text is no number, or out of range. */
export const LONG_DOUBLE_INVALID = 1;
/** The second text of an addition is no number, or out of range. */
export const LONG_DOUBLE_SECOND_INVALID = 2;
/** The value or the sum is infinite or no number (inf - inf), or too large for what is asked. */
export const LONG_DOUBLE_NOT_FINITE = 3;

const SIGNIFICAND_BITS = 64;
const EXPONENT_MIN = -16445;
const MAGNITUDE_BITS_MAX = 16384;

// Decimal exponents of the leading digit beyond which a text surely overflows or underflows.
const DECIMAL_MAX = 4940;
const DECIMAL_MIN = -4960;
const EXPONENT_CLAMP = 1000000;

const LOWER_E = 0x65;
const LOWER_P = 0x70;
const LOWER_X = 0x78;

/** A value of the format, or an infinity when `infinite` is 1 or -1. */
export interface LongDouble {
  readonly significand: bigint;
  readonly exponent: number;
  readonly infinite: number;
}

const ZERO: LongDouble = { significand: 0n, exponent: 0, infinite: 0 };
const PLUS_INFINITY: LongDouble = { significand: 0n, exponent: 0, infinite: 1 };
const MINUS_INFINITY: LongDouble = { significand: 0n, exponent: 0, infinite: -1 };

/** Position of the highest bit plus one; n >= 0. */
function bitLength(n: bigint): number {
  if (n === 0n) return 0;
  const hex = n.toString(16);
  return hex.length * 4 - (Math.clz32(parseInt(hex[0], 16)) - 28);
}

/**
 * Rounds magnitude * 2^exponent into the format. `sticky` says that the true magnitude is larger
 * by less than one unit.
 */
function round(
  negative: boolean,
  magnitude: bigint,
  exponent: number,
  sticky: boolean,
): LongDouble {
  let kept = magnitude;
  let scale = exponent;
  const drop = Math.max(bitLength(magnitude) - SIGNIFICAND_BITS, EXPONENT_MIN - exponent);
  if (drop > 0) {
    kept = magnitude >> BigInt(drop);
    scale += drop;
    const rest = magnitude - (kept << BigInt(drop));
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && (sticky || (kept & 1n) === 1n))) kept += 1n;
  }
  // A carry to 2^64 needs no care: it is a power of two, and the bits beyond 64 are zero.
  if (bitLength(kept) + scale > MAGNITUDE_BITS_MAX) {
    return negative ? MINUS_INFINITY : PLUS_INFINITY;
  }
  return { significand: negative ? -kept : kept, exponent: scale, infinite: 0 };
}

/** digits * 10^power, rounded. */
function fromDecimal(negative: boolean, digits: bigint, power: number): LongDouble {
  if (power >= 0) return round(negative, digits * 10n ** BigInt(power), 0, false);
  const divisor = 10n ** BigInt(-power);
  // Two bits more than needed in the quotient, the remainder for the sticky bit.
  const shift = Math.max(0, bitLength(divisor) - bitLength(digits) + SIGNIFICAND_BITS + 2);
  const dividend = digits << BigInt(shift);
  const quotient = dividend / divisor;
  return round(negative, quotient, -shift, quotient * divisor !== dividend);
}

/** True when the range is `word` in any case. */
function isWord(buf: Uint8Array, off: number, end: number, word: string): boolean {
  if (end - off !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if ((buf[off + i] | 0x20) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** The integer after the exponent letter, up to `end`, clamped; NaN where it is malformed. */
function parseExponent(buf: Uint8Array, off: number, end: number): number {
  let at = off;
  const negative = buf[at] === MINUS && at < end;
  if (negative || (buf[at] === PLUS && at < end)) at++;
  if (at === end) return NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = buf[at] - DIGIT_0;
    if (digit < 0 || digit > 9) return NaN;
    if (value < EXPONENT_CLAMP) value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** A number without its sign and prefix, in base 10 or 16; null where it is malformed. */
function parseNumber(
  buf: Uint8Array,
  off: number,
  end: number,
  negative: boolean,
  isHex: boolean,
): LongDouble | null {
  let at = off;
  let digits = "";
  let pointAt = -1;
  for (; at < end; at++) {
    const byte = buf[at];
    if (byte === DOT && pointAt < 0) pointAt = at;
    else if (isHex ? hexDigitValue(byte) < 0 : byte < DIGIT_0 || byte > DIGIT_0 + 9) break;
  }
  if (pointAt < 0) {
    digits = latin1(buf, off, at - off);
  } else {
    digits = latin1(buf, off, pointAt - off) + latin1(buf, pointAt + 1, at - pointAt - 1);
  }
  if (digits === "") return null;
  let power = pointAt < 0 ? 0 : pointAt + 1 - at;
  if (isHex) power *= 4;
  if (at < end) {
    if ((buf[at] | 0x20) !== (isHex ? LOWER_P : LOWER_E)) return null;
    power += parseExponent(buf, at + 1, end);
    if (Number.isNaN(power)) return null;
  }
  return isHex ? fromHexText(negative, digits, power) : fromDecimalText(negative, digits, power);
}

function fromDecimalText(negative: boolean, text: string, power: number): LongDouble | null {
  const digits = text.replace(/^0+/, "");
  if (digits === "") return ZERO;
  const leading = digits.length + power;
  if (leading > DECIMAL_MAX || leading < DECIMAL_MIN) return null;
  return inRange(fromDecimal(negative, BigInt(digits), power));
}

function fromHexText(negative: boolean, text: string, power: number): LongDouble | null {
  const magnitude = BigInt("0x" + text);
  if (magnitude === 0n) return ZERO;
  const leading = bitLength(magnitude) + power;
  if (leading > MAGNITUDE_BITS_MAX || leading < EXPONENT_MIN - 1) return null;
  return inRange(round(negative, magnitude, power, false));
}

/** Null for a number that overflowed or vanished. */
function inRange(value: LongDouble): LongDouble | null {
  return value.infinite !== 0 || value.significand === 0n ? null : value;
}

/** The value of the whole range, or null where a command answers "not a valid float". */
export function longDoubleParse(buf: Uint8Array, off: number, len: number): LongDouble | null {
  if (len === 0 || len >= LONG_DOUBLE_TEXT_LIMIT) return null;
  const end = off + len;
  const negative = buf[off] === MINUS;
  const at = negative || buf[off] === PLUS ? off + 1 : off;
  if (isWord(buf, at, end, "inf") || isWord(buf, at, end, "infinity")) {
    return negative ? MINUS_INFINITY : PLUS_INFINITY;
  }
  if (end - at > 2 && buf[at] === DIGIT_0 && (buf[at + 1] | 0x20) === LOWER_X) {
    return parseNumber(buf, at + 2, end, negative, true);
  }
  return parseNumber(buf, at, end, negative, false);
}

/** LONG_DOUBLE_OK, LONG_DOUBLE_INVALID or LONG_DOUBLE_NOT_FINITE for the text of one number. */
export function longDoubleCheck(buf: Uint8Array, off: number, len: number): number {
  const value = longDoubleParse(buf, off, len);
  if (value === null) return LONG_DOUBLE_INVALID;
  return value.infinite !== 0 ? LONG_DOUBLE_NOT_FINITE : LONG_DOUBLE_OK;
}

function magnitudeOf(n: bigint): bigint {
  return n < 0n ? -n : n;
}

/** The rounded sum of two finite values; infinite where it overflows. */
function add(a: LongDouble, b: LongDouble): LongDouble {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.significand << BigInt(a.exponent - exponent)) +
    (b.significand << BigInt(b.exponent - exponent));
  return round(sum < 0n, magnitudeOf(sum), exponent, false);
}

/**
 * A finite value as the reference prints it: no exponent, at most 17 decimals, no zeros at the
 * end, "0" for what rounds to zero.
 */
export function longDoubleFormat(value: LongDouble): Uint8Array {
  const magnitude = magnitudeOf(value.significand);
  if (value.exponent >= 0) {
    return fromLatin1((value.significand << BigInt(value.exponent)).toString());
  }
  const drop = BigInt(-value.exponent);
  const scaled = magnitude * 100000000000000000n;
  let kept = scaled >> drop;
  const rest = scaled - (kept << drop);
  const half = 1n << (drop - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  const digits = kept.toString().padStart(18, "0");
  const cut = digits.length - 17;
  const fraction = digits.slice(cut).replace(/0+$/, "");
  const sign = value.significand < 0n && kept !== 0n ? "-" : "";
  return fromLatin1(sign + digits.slice(0, cut) + (fraction === "" ? "" : "." + fraction));
}

/**
 * The text of a + b, or one of the status numbers above but LONG_DOUBLE_OK. The first text is
 * judged first; a sum that is infinite or no number gives LONG_DOUBLE_NOT_FINITE.
 */
export function longDoubleAdd(
  aBuf: Uint8Array,
  aOff: number,
  aLen: number,
  bBuf: Uint8Array,
  bOff: number,
  bLen: number,
): Uint8Array | number {
  const a = longDoubleParse(aBuf, aOff, aLen);
  if (a === null) return LONG_DOUBLE_INVALID;
  const b = longDoubleParse(bBuf, bOff, bLen);
  if (b === null) return LONG_DOUBLE_SECOND_INVALID;
  if (a.infinite !== 0 || b.infinite !== 0) return LONG_DOUBLE_NOT_FINITE;
  const sum = add(a, b);
  return sum.infinite !== 0 ? LONG_DOUBLE_NOT_FINITE : longDoubleFormat(sum);
}

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

/**
 * Reads a timeout in seconds and stores it in `out` as milliseconds (64 bits, rounded up), with
 * the arithmetic of the reference: the product with 1000 is rounded to the format first.
 * Returns LONG_DOUBLE_OK, LONG_DOUBLE_INVALID, or LONG_DOUBLE_NOT_FINITE above 2^63 - 1. Large
 * negative values and -inf are stored as -2^63.
 */
export function longDoubleMilliseconds(
  buf: Uint8Array,
  off: number,
  len: number,
  out: Int32Array,
): number {
  const short = wholeSeconds(buf, off, len);
  if (short >= 0) {
    int64FromNumber(short * 1000, out);
    return LONG_DOUBLE_OK;
  }
  const seconds = longDoubleParse(buf, off, len);
  if (seconds === null) return LONG_DOUBLE_INVALID;
  const { significand, exponent } = seconds;
  let product = round(significand < 0n, magnitudeOf(significand) * 1000n, exponent, false);
  if (seconds.infinite !== 0) product = seconds;
  if (product.infinite > 0) return LONG_DOUBLE_NOT_FINITE;
  let whole = INT64_MIN;
  if (product.infinite === 0) {
    // The shift rounds down, so the negated number is rounded up.
    whole = product.exponent >= 0
      ? product.significand << BigInt(product.exponent)
      : -(-product.significand >> BigInt(-product.exponent));
  }
  if (whole > INT64_MAX) return LONG_DOUBLE_NOT_FINITE;
  int64FromBigInt(whole < INT64_MIN ? INT64_MIN : whole, out);
  return LONG_DOUBLE_OK;
}

/** The value of 1 to 9 digits, -1 for any other text. */
function wholeSeconds(buf: Uint8Array, off: number, len: number): number {
  if (len === 0 || len > 9) return -1;
  let value = 0;
  for (let i = off; i < off + len; i++) {
    const digit = buf[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
