// double.ts: doubles as text: which spellings commands accept, and how replies print them.
//
// PARSE    number   = [sign] (digits ["." [digits]] | "." digits) [("e" | "E") [sign] digits]
//          infinite = [sign] ("inf" | "infinity"), any case
//          Nothing else: no blanks, no hexadecimal, no "nan", no underscore. Leading zeros, "1."
//          and ".5" are fine. A number that overflows ("1e400"), and one that is not zero but
//          rounds to zero ("1e-400"), is refused; subnormal results are taken.
//          NaN, which no text can give, is the answer for a refused text.
//
//          Up to 15 significant digits and powers of ten up to 22 are exact doubles, so one
//          multiplication or division rounds once and correctly (W. D. Clinger, "How to Read
//          Floating Point Numbers Accurately", 1990). Up to 30 digits are computed with two
//          doubles, which settles the rounding unless the number is within 2^-98 of half-way.
//          Everything else goes through Number().
//
// FORMAT   doubleFormat         scores, RESP3 doubles: integers up to 2^62 in full, else the digits
//                               of Grisu2 (grisu.ts), as integer, fraction or with an exponent
//                               Values of at most 15 digits skip Grisu2 where its answer is known:
//                               see shortDigits
//          doubleFormatHuman    coordinates: 17 decimals, trailing zeros cut
//          doubleFormatFixed    distances: a fixed number of decimals
//          doubleFormatGeneral  C's %.17g (ZSCAN of large sets) and %.14g (Lua numbers)
//
// EXAMPLE  value   doubleFormat             human                    %.17g
//          3       3                        3                        3
//          -0      -0                       0                        -0
//          0.1     0.1                      0.10000000000000001      0.10000000000000001
//          1e20    1e+20                    100000000000000000000    1e+20
//          1e-7    1e-7                     0.0000001                9.9999999999999995e-08
//          1e23    99999999999999990000000  99999999999999991611392  9.9999999999999992e+22
//          2^63    9223372036854776000      9223372036854775808      9.2233720368547758e+18
// LIMITS   doubleFormat writes at most DOUBLE_TEXT_MAX bytes, the others as they say
// COST     doubleFormat does not allocate, doubleParse only beyond the exact cases; the other forms
//          do. Nanoseconds, Deno 2.9 / Bun 1.4: parse 24 / 22 (3.14), 80 / 58 (17 digits); format
//          12 / 4 (7), 58 / 58 (3.14), 400 / 340 (17 digits)

import { DIGIT_0, DOT, latin1, MINUS, PLUS } from "./ascii.ts";
import { GRISU_DIGITS_MAX, grisuDigits } from "./grisu.ts";
import { int64Format, int64FromNumber, uintDigitCount, uintFormat } from "./int64.ts";

/** Longest text of `doubleFormat`: "-123456789012345670000000". */
export const DOUBLE_TEXT_MAX = 25;

/** Longest text of `doubleFormatHuman` for values below 1e21 in magnitude. */
export const DOUBLE_HUMAN_TEXT_MAX = 40;

/** Longest text of `doubleFormatHuman`: 309 digits, a sign; fractions are shorter. */
export const DOUBLE_HUMAN_TEXT_LIMIT = 340;

const LOWER_E = 0x65;
const EXACT_DIGITS_MAX = 15;
const EXACT_POWER_MAX = 22;
const EXPONENT_CLAMP = 100000000;
const TWO_62 = 4611686018427387904;

/** 2^27 + 1: multiplying by it splits a double into two halves of 26 bits. */
const SPLITTER = 134217729;

/** Slightly more than 2^-53: value + value * STEP_UP is the next double above a normal value. */
const STEP_UP = 2 ** -53 * (1 + 2 ** -52);

const POWERS_OF_TEN = new Float64Array(EXACT_POWER_MAX + 1);
for (let i = 0; i <= EXACT_POWER_MAX; i++) POWERS_OF_TEN[i] = Number("1e" + i);

const INFINITY_TEXT = new Uint8Array([0x69, 0x6e, 0x66, 0x69, 0x6e, 0x69, 0x74, 0x79]);

// What scan leaves behind.
let scanStop = 0;
let scanOutOfRange = false;

/** True for "inf" or "infinity" in any case at `off`; `scanStop` is moved behind it. */
function scanInfinity(buf: Uint8Array, off: number, end: number): boolean {
  let matched = 0;
  while (matched < 8 && off + matched < end) {
    if ((buf[off + matched] | 0x20) !== INFINITY_TEXT[matched]) break;
    matched++;
  }
  if (matched < 3) return false;
  scanStop = off + (matched === 8 ? 8 : 3);
  return true;
}

// Result of twoProduct.
let productError = 0;

/** a * b rounded; `productError` becomes what the rounding lost (T. J. Dekker, 1971). */
function twoProduct(a: number, b: number): number {
  const product = a * b;
  let spread = a * SPLITTER;
  const aHigh = spread - (spread - a);
  const aLow = a - aHigh;
  spread = b * SPLITTER;
  const bHigh = spread - (spread - b);
  const bLow = b - bHigh;
  productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  return product;
}

/**
 * (high * 10^lowDigits + low) * 10^power, correctly rounded, or NaN where 100 bits do not settle
 * which way to round. Powers from -22 to 22; high and low below 10^15.
 */
function scaledLong(high: number, low: number, lowDigits: number, power: number): number {
  // The sum of head and tail is the exact mantissa but for the last of some 104 bits.
  let head = twoProduct(high, POWERS_OF_TEN[lowDigits]);
  let tail = productError + low;
  if (power > 0) {
    const factor = POWERS_OF_TEN[power];
    const scaledTail = tail * factor;
    head = twoProduct(head, factor);
    tail = productError + scaledTail;
  } else if (power < 0) {
    const divisor = POWERS_OF_TEN[-power];
    const quotient = head / divisor;
    const back = twoProduct(quotient, divisor);
    tail = (head - back - productError + tail) / divisor;
    head = quotient;
  }
  const doubt = head * 2 ** -98;
  const value = head + (tail - doubt);
  return value === head + (tail + doubt) ? value : NaN;
}

/**
 * The value from validated text: `digitCount` significant digits, the first 15 of them in `high`,
 * up to 15 more in `low`.
 */
function scaled(
  buf: Uint8Array,
  off: number,
  negative: boolean,
  high: number,
  low: number,
  digitCount: number,
  power: number,
): number {
  let value = NaN;
  if (high === 0) {
    value = 0;
  } else if (power >= -EXACT_POWER_MAX && power <= EXACT_POWER_MAX) {
    if (digitCount <= EXACT_DIGITS_MAX) {
      value = power < 0 ? high / POWERS_OF_TEN[-power] : high * POWERS_OF_TEN[power];
    } else if (digitCount <= 2 * EXACT_DIGITS_MAX) {
      value = scaledLong(high, low, digitCount - EXACT_DIGITS_MAX, power);
    }
  }
  if (value === value) return negative ? -value : value;
  value = Number(latin1(buf, off, scanStop - off));
  scanOutOfRange = value === Infinity || value === -Infinity || value === 0;
  return value;
}

/**
 * The value of the longest number at the start of the range. `scanStop` is the offset after it,
 * `scanOutOfRange` tells about overflow (the value is infinite) and underflow (it is zero).
 * Without a number the value is NaN and `scanStop` is `off`.
 */
function scan(buf: Uint8Array, off: number, end: number): number {
  scanStop = off;
  scanOutOfRange = false;
  let at = off;
  const negative = at < end && buf[at] === MINUS;
  if (negative || (at < end && buf[at] === PLUS)) at++;
  const digitsStart = at;
  let high = 0;
  let low = 0;
  let digitCount = 0;
  let pointAt = -1;
  for (; at < end; at++) {
    const digit = buf[at] - DIGIT_0;
    if (digit >= 0 && digit <= 9) {
      if (digitCount < EXACT_DIGITS_MAX) {
        high = high * 10 + digit;
        if (high !== 0) digitCount++;
      } else {
        low = low * 10 + digit;
        digitCount++;
      }
    } else if (buf[at] === DOT && pointAt < 0) {
      pointAt = at;
    } else {
      break;
    }
  }
  if (at - digitsStart === (pointAt < 0 ? 0 : 1)) {
    if (!scanInfinity(buf, digitsStart, end)) return NaN;
    return negative ? -Infinity : Infinity;
  }
  scanStop = at;
  let power = pointAt < 0 ? 0 : pointAt + 1 - at;
  if (at < end && (buf[at] | 0x20) === LOWER_E) power += scanExponent(buf, at + 1, end);
  return scaled(buf, off, negative, high, low, digitCount, power);
}

/** The exponent after the "e"; moves `scanStop` behind it if there is one. */
function scanExponent(buf: Uint8Array, off: number, end: number): number {
  let at = off;
  const negative = at < end && buf[at] === MINUS;
  if (negative || (at < end && buf[at] === PLUS)) at++;
  let value = 0;
  const start = at;
  for (; at < end; at++) {
    const digit = buf[at] - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    if (value < EXPONENT_CLAMP) value = value * 10 + digit;
  }
  if (at === start) return 0;
  scanStop = at;
  return negative ? -value : value;
}

/**
 * The double that the whole range spells, or NaN where a command answers "not a valid float".
 */
export function doubleParse(buf: Uint8Array, off: number, len: number): number {
  const value = scan(buf, off, off + len);
  return scanStop === off + len && !scanOutOfRange ? value : NaN;
}

/**
 * The double that a score bound spells (the text after "(" where the bound is exclusive), or NaN.
 * Looser than `doubleParse`, as in the reference: overflow gives an infinity, underflow zero, the
 * empty text zero, and a zero byte ends the text.
 */
export function doubleParseBound(buf: Uint8Array, off: number, len: number): number {
  const value = scan(buf, off, off + len);
  if (scanStop < off + len && buf[scanStop] !== 0) return NaN;
  return scanStop === off ? 0 : value;
}

/** Writes an ASCII text. Returns its length. */
function writeText(text: string, buf: Uint8Array, off: number): number {
  for (let i = 0; i < text.length; i++) buf[off + i] = text.charCodeAt(i);
  return text.length;
}

/** Writes "inf", "-inf" or "nan". */
function writeSpecial(value: number, buf: Uint8Array, off: number): number {
  if (value !== value) return writeText("nan", buf, off);
  return writeText(value < 0 ? "-inf" : "inf", buf, off);
}

const formatDigits = new Uint8Array(GRISU_DIGITS_MAX);
const formatPower = new Int32Array(1);
const formatWords = new Int32Array(2);

/**
 * Writes `value` as scores and RESP3 doubles are printed. Returns the number of bytes written, at
 * most DOUBLE_TEXT_MAX.
 */
export function doubleFormat(value: number, buf: Uint8Array, off: number): number {
  if (value === 0) {
    if (1 / value > 0) {
      buf[off] = DIGIT_0;
      return 1;
    }
    return writeText("-0", buf, off);
  }
  if (value <= TWO_62 && value >= -TWO_62) {
    if (Math.floor(value) === value) {
      int64FromNumber(value, formatWords);
      return int64Format(formatWords[0], formatWords[1], buf, off);
    }
  } else if (value - value !== 0) {
    return writeSpecial(value, buf, off);
  }
  return doubleFormatShortest(value, buf, off);
}

/**
 * As doubleFormat, but integers get an exponent where that is shorter, as in digests of sorted sets: 5e+9.
 */
export function doubleFormatShortest(value: number, buf: Uint8Array, off: number): number {
  if (value === 0 || value - value !== 0) return doubleFormat(value, buf, off);
  let at = off;
  let magnitude = value;
  if (value < 0) {
    buf[at++] = MINUS;
    magnitude = -value;
  }
  let count = Math.floor(magnitude) === magnitude ? 0 : shortDigits(magnitude);
  if (count === 0) count = grisuDigits(magnitude, formatDigits, formatPower);
  return writeDecimal(count, formatPower[0], buf, at) - off;
}

/**
 * Tries to write `value` (above 0, no integer) as a decimal number of at most 15 digits into
 * `formatDigits` and `formatPower`. Returns the number of digits, 0 where that fails.
 *
 * Two such numbers are never both nearer to a double than its neighbours, so if one of them lies
 * between the marks of Grisu2 it is the result. It must lie inside by more than the marks were
 * moved (3 of 1024 parts of the way to them; 16 are kept here), else Grisu2 decides.
 */
function shortDigits(value: number): number {
  if (value < 1e-7 || value >= 1e15) return 0;
  let places = EXACT_DIGITS_MAX;
  if (value >= 1) places -= uintDigitCount(Math.floor(value));
  else for (let bound = 0.1; value < bound && places < 21; bound /= 10) places++;
  const power = POWERS_OF_TEN[places];
  let digits = Math.floor(value * power + 0.5);
  if (digits / power !== value || digits >= 1e15) return 0;
  const above = twoProduct(value, power) - digits + productError;
  const gap = above > 0 ? value - (value - value * STEP_UP) : value + value * STEP_UP - value;
  if (Math.abs(above) > gap * power * (0.5 - 2 ** -7)) return 0;

  for (let zeros = 7; zeros > 0; zeros >>= 1) {
    const step = POWERS_OF_TEN[zeros];
    for (let next = digits / step; Math.floor(next) === next; next = digits / step) {
      digits = next;
      places -= zeros;
    }
  }
  formatPower[0] = -places;
  const count = uintDigitCount(digits);
  for (let i = count - 1; i >= 0; i--) {
    const next = Math.floor(digits / 10);
    formatDigits[i] = digits - next * 10;
    digits = next;
  }
  return count;
}

/**
 * Writes `formatDigits` times 10^power at `off`; returns the offset after it.
 *
 *   power >= 0, fewer than 7 zeros more than digits   123000
 *   power < 0, not below 10^-6 or near to one         12.3, 0.000123
 *   else                                              1.23e+20
 */
function writeDecimal(count: number, power: number, buf: Uint8Array, off: number): number {
  const exponent = power + count - 1;
  const distance = Math.abs(exponent);
  let at = off;
  if (power >= 0 && distance < count + 7) {
    at = writeDigitRun(0, count, buf, at);
    for (let i = 0; i < power; i++) buf[at++] = DIGIT_0;
    return at;
  }
  if (power < 0 && (power > -7 || distance < 4)) {
    if (exponent < 0) {
      buf[at++] = DIGIT_0;
      buf[at++] = DOT;
      for (let i = exponent; i < -1; i++) buf[at++] = DIGIT_0;
      return writeDigitRun(0, count, buf, at);
    }
    at = writeDigitRun(0, exponent + 1, buf, at);
    buf[at++] = DOT;
    return writeDigitRun(exponent + 1, count, buf, at);
  }
  at = writeDigitRun(0, 1, buf, at);
  if (count > 1) {
    buf[at++] = DOT;
    at = writeDigitRun(1, count, buf, at);
  }
  buf[at++] = LOWER_E;
  buf[at++] = exponent < 0 ? MINUS : PLUS;
  return at + uintFormat(distance, buf, at);
}

/** Writes formatDigits[first] to formatDigits[end - 1]; returns the offset after them. */
function writeDigitRun(first: number, end: number, buf: Uint8Array, off: number): number {
  let at = off;
  for (let i = first; i < end; i++) buf[at++] = DIGIT_0 + formatDigits[i];
  return at;
}

/**
 * Writes `value` with exactly `decimals` (1 to 17) digits after the point, as distances are
 * printed: the value times 10^decimals, in double arithmetic, is rounded to an integer, halves to
 * even. That product must stay below 2^53. Returns the number of bytes written.
 */
export function doubleFormatFixed(
  value: number,
  decimals: number,
  buf: Uint8Array,
  off: number,
): number {
  const product = Math.abs(value * POWERS_OF_TEN[decimals]);
  // Adding 2^52 leaves no bits for a fraction, and the addition rounds halves to even.
  const rounded = product < 4503599627370496
    ? product + 4503599627370496 - 4503599627370496
    : product;
  let at = off;
  if (value < 0 && rounded !== 0) buf[at++] = MINUS;
  const count = uintFormat(rounded, buf, at);
  // The digits stand at `at`; make room for the point, and for zeros before it.
  const integerCount = count > decimals ? count - decimals : 1;
  const shift = integerCount + 1 + decimals - count;
  for (let i = count - 1; i >= count - decimals && i >= 0; i--) buf[at + i + shift] = buf[at + i];
  if (count <= decimals) {
    for (let i = 0; i < shift; i++) buf[at + i] = DIGIT_0;
  }
  buf[at + integerCount] = DOT;
  return at + integerCount + 1 + decimals - off;
}

/** Cuts zeros at the end of the fraction, the point too where nothing is left of it. */
function trimFraction(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text[end - 1] === "0") end--;
  if (text[end - 1] === ".") end--;
  return text.slice(0, end);
}

/**
 * The exact value with 17 decimals, correctly rounded, halves to even (C's %.17f).
 */
function fixed17(value: number): string {
  // A value with exactly 18 binary digits after the point ends in a decimal 5 at place 18: only
  // there toFixed, which rounds halves up, differs. From 1e21 on doubles are integers.
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) return BigInt(value).toString();
  const doubled = magnitude * 262144;
  if (Math.floor(doubled) !== doubled || doubled % 2 !== 1) return value.toFixed(17);
  // Exact: every digit of the 18, then the last one dropped.
  const exact = (BigInt(doubled) * 10n ** 18n) / 262144n;
  let kept = exact / 10n;
  if (kept % 2n === 1n) kept += 1n;
  const digits = kept.toString().padStart(18, "0");
  const cut = digits.length - 17;
  return (value < 0 ? "-" : "") + digits.slice(0, cut) + "." + digits.slice(cut);
}

/**
 * Writes `value` as coordinates are printed: never an exponent, at most 17 decimals, no trailing
 * zeros. Returns the number of bytes written, at most DOUBLE_HUMAN_TEXT_LIMIT.
 */
export function doubleFormatHuman(value: number, buf: Uint8Array, off: number): number {
  if (value - value !== 0) return writeSpecial(value, buf, off);
  const text = trimFraction(fixed17(value));
  return writeText(text === "-0" ? "0" : text, buf, off);
}

/** `value` with `places` digits after the first one, halves to even (C's %e without its form). */
function exponential(value: number, places: number): string {
  const text = value.toExponential(places);
  // toExponential rounds halves away from zero. Two more digits could still hide a tail, sixty
  // cannot: no double is that near to a number of 18 digits without being equal to it.
  const long = value.toExponential(places + 60);
  const mark = long.indexOf("e");
  const tail = long.slice(mark - 60, mark);
  if (tail[0] !== "5" || !/^50*$/.test(tail)) return text;
  const kept = places === 0 ? long[0] : long.slice(0, mark - 60);
  return "02468".includes(kept[kept.length - 1]) ? kept + long.slice(mark) : text;
}

/**
 * Writes `value` as C's printf does with %.<digits>g, digits from 1 to 17. Returns the number of
 * bytes written, at most 7 more than digits.
 */
export function doubleFormatGeneral(
  value: number,
  digits: number,
  buf: Uint8Array,
  off: number,
): number {
  if (value - value !== 0) return writeSpecial(value, buf, off);
  if (value === 0) return writeText(1 / value < 0 ? "-0" : "0", buf, off);
  const text = exponential(Math.abs(value), digits - 1);
  const mark = text.indexOf("e");
  const exponent = Number(text.slice(mark + 1));
  const run = text.slice(0, mark).replace(".", "");
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= digits) {
    const fraction = trimFraction(run[0] + "." + run.slice(1));
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return writeText(sign + fraction + "e" + (exponent < 0 ? "-" : "+") + size, buf, off);
  }
  const body = exponent < 0
    ? "0." + "0".repeat(-exponent - 1) + run
    : run.slice(0, exponent + 1) + "." + run.slice(exponent + 1);
  return writeText(sign + trimFraction(body), buf, off);
}
