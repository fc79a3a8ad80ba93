// grisu.ts: the decimal digits of a double, by the algorithm Grisu2.
//
// WHY NOT String(value): JavaScript always prints the shortest text that reads back as the value.
// Grisu2 finds it in about 999 of 1000 cases and in the others prints a digit more or another last
// digit; the reference server prints scores with it, and its answers are to be met byte for byte.
//   5e-324 -> 5e-324 in both     1e23 -> 1e+23 in JavaScript, 99999999999999990000000 here
//
// HOW      value = w * 2^e with w of 64 bits, top bit set. Its two neighbours lie half a unit above
//          and below; every decimal number between those marks reads back as the value:
//
//                   lower          w          upper
//            --------|--------------|-----------|--------      delta = upper - lower
//                                                              distance = upper - w
//          The three are multiplied by a power of ten that is kept as 64 rounded bits, so that
//          the binary exponent lands between -60 and -32. That costs less than one unit in the
//          last place: both marks are moved inwards by one, so the result is always safe, only
//          not always the shortest. Then the digits of `upper` are written from the left until
//          what remains is below delta, and the last digit is lowered while that moves the
//          number nearer to w.
//
//          upper = part1 * 2^shift + part2, shift = 32 to 60: part1 holds the digits before the
//          point, part2 gives those after it by repeated multiplication with ten.
//
// NUMBERS  64-bit quantities are two doubles, high and low, each an integer below 2^32 ("pair").
// TABLE    10^-348, 10^-340 ... 10^340, rounded to 64 bits; computed at load.
// COST     no allocation; about 17 multiplications for a number of two digits, 40 for seventeen
// SOURCE   Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with
//          Integers" (PLDI 2010), sections 4 to 6.

const TWO_16 = 65536;
const TWO_32 = 4294967296;
const HIDDEN_BIT_HIGH = 0x100000;
const EXPONENT_BIAS = 1075;

const POWER_FIRST = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
const SCALED_EXPONENT_MIN = -60;
const SCALED_EXPONENT_MAX = -32;
const LOG10_2 = 0.30102999566398114;

/** Most digits `grisuDigits` writes. */
export const GRISU_DIGITS_MAX = 18;

const powerHigh = new Uint32Array(POWER_COUNT);
const powerLow = new Uint32Array(POWER_COUNT);
const powerExponent = new Int16Array(POWER_COUNT);

/** floor(log2(n)) + 1 for n > 0. */
function bitLength(n: bigint): number {
  return n.toString(2).length;
}

function fillPowers(): void {
  for (let i = 0; i < POWER_COUNT; i++) {
    const decimal = POWER_FIRST + POWER_STEP * i;
    const ten = 10n ** BigInt(Math.abs(decimal));
    // 66 bits or more of the power, then rounded to 64. No power lies half-way between two.
    let significand = decimal >= 0 ? ten << 128n : (1n << BigInt(bitLength(ten) + 128)) / ten;
    let exponent = decimal >= 0 ? -128 : -(bitLength(ten) + 128);
    const drop = bitLength(significand) - 64;
    significand = (significand + (1n << BigInt(drop - 1))) >> BigInt(drop);
    exponent += drop;
    powerHigh[i] = Number(significand >> 32n);
    powerLow[i] = Number(significand & 0xffffffffn);
    powerExponent[i] = exponent;
  }
}

fillPowers();

/** The power of ten that brings the binary exponent of a 64-bit number into the window. */
function powerIndex(exponent: number): number {
  const decimal = Math.trunc(-(exponent + POWER_COUNT) * LOG10_2);
  let index = Math.trunc((decimal - POWER_FIRST) / POWER_STEP);
  for (;;) {
    const scaled = exponent + powerExponent[index] + 64;
    if (scaled < SCALED_EXPONENT_MIN) index++;
    else if (scaled > SCALED_EXPONENT_MAX) index--;
    else return index;
  }
}

const valueDouble = new Float64Array(1);
const valueWords = new Uint32Array(valueDouble.buffer);

// Results of multiply.
let productHigh = 0;
let productLow = 0;

/** The upper 64 bits of a 128-bit product, rounded to nearest, halves up. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const b2 = bHigh & 0xffff;
  const b3 = bHigh >>> 16;
  // Columns of 16 bits; no sum reaches 2^50.
  const column1 = aLow * b1 + Math.floor((aLow * b0) / TWO_16);
  const column2 = aLow * b2 + aHigh * b0 + Math.floor(column1 / TWO_16);
  const column3 = aLow * b3 + aHigh * b1 + Math.floor(column2 / TWO_16) + 0x8000;
  const column4 = aHigh * b2 + Math.floor(column3 / TWO_16);
  const carry4 = Math.floor(column4 / TWO_16);
  const column5 = aHigh * b3 + carry4;
  const high = Math.floor(column5 / TWO_16);
  productHigh = high;
  productLow = (column5 - high * TWO_16) * TWO_16 + (column4 - carry4 * TWO_16);
}

/**
 * Writes the digits (0 to 9, no ASCII) of a finite `value` above 0 into `digits` and the power of
 * ten of the last digit into `out[0]`. Returns the number of digits.
 * 1234.5 gives 1 2 3 4 5 and -1.
 */
export function grisuDigits(value: number, digits: Uint8Array, out: Int32Array): number {
  valueDouble[0] = value;
  const biased = (valueWords[1] >>> 20) & 0x7ff;
  let fractionHigh = valueWords[1] & 0xfffff;
  let fractionLow = valueWords[0];
  let exponent = 1 - EXPONENT_BIAS;
  if (biased !== 0) {
    fractionHigh |= HIDDEN_BIT_HIGH;
    exponent = biased - EXPONENT_BIAS;
  }
  const isPowerOfTwo = fractionHigh === HIDDEN_BIT_HIGH && fractionLow === 0;
  // Normal numbers shift by 11 bits, subnormal ones by more.
  while (fractionHigh < HIDDEN_BIT_HIGH) {
    fractionHigh = (fractionHigh << 1) | (fractionLow >>> 31);
    fractionLow = (fractionLow << 1) >>> 0;
    exponent--;
  }
  const wHigh = ((fractionHigh << 11) | (fractionLow >>> 21)) >>> 0;
  const wLow = (fractionLow << 11) >>> 0;
  exponent -= 11;
  // Half the distance to the next double above, and below, in units of w's last bit.
  const half = biased !== 0 ? 0x400 : subnormalHalf(exponent);
  const halfBelow = isPowerOfTwo ? half / 2 : half;
  return scaleAndGenerate(wHigh, wLow, exponent, half, halfBelow, digits, out);
}

/** Half a unit in the last place of a subnormal number whose 64 bits have this exponent. */
function subnormalHalf(exponent: number): number {
  return 2 ** (-EXPONENT_BIAS - exponent);
}

function scaleAndGenerate(
  wHigh: number,
  wLow: number,
  exponent: number,
  half: number,
  halfBelow: number,
  digits: Uint8Array,
  out: Int32Array,
): number {
  const index = powerIndex(exponent);
  const tenHigh = powerHigh[index];
  const tenLow = powerLow[index];
  out[0] = -(POWER_FIRST + POWER_STEP * index);

  let sum = wLow + (half % TWO_32);
  let carry = sum >= TWO_32 ? 1 : 0;
  multiply(wHigh + Math.floor(half / TWO_32) + carry, sum - carry * TWO_32, tenHigh, tenLow);
  // One unit less above, one more below.
  let upperHigh = productHigh;
  let upperLow = productLow - 1;
  if (upperLow < 0) {
    upperLow += TWO_32;
    upperHigh--;
  }
  sum = wLow - (halfBelow % TWO_32);
  carry = sum < 0 ? 1 : 0;
  multiply(wHigh - Math.floor(halfBelow / TWO_32) - carry, sum + carry * TWO_32, tenHigh, tenLow);
  let deltaLow = upperLow - productLow - 1;
  let deltaHigh = upperHigh - productHigh;
  if (deltaLow < 0) {
    deltaLow += TWO_32;
    deltaHigh--;
  }
  multiply(wHigh, wLow, tenHigh, tenLow);
  let distanceLow = upperLow - productLow;
  let distanceHigh = upperHigh - productHigh;
  if (distanceLow < 0) {
    distanceLow += TWO_32;
    distanceHigh--;
  }
  const shift = -(exponent + powerExponent[index] + 64) - 32;
  return generate(
    upperHigh,
    upperLow,
    deltaHigh,
    deltaLow,
    distanceHigh,
    distanceLow,
    shift,
    digits,
    out,
  );
}

/**
 * Digits of `upper` down to the size of delta. `shift` is that of the header less 32. Adds the
 * power of ten of the last digit to `out[0]`.
 */
function generate(
  upperHigh: number,
  upperLow: number,
  deltaHigh: number,
  deltaLow: number,
  distanceHigh: number,
  distanceLow: number,
  shift: number,
  digits: Uint8Array,
  out: Int32Array,
): number {
  const unitHigh = 2 ** shift;
  let part1 = Math.floor(upperHigh / unitHigh);
  let restHigh = upperHigh - part1 * unitHigh;
  let restLow = upperLow;
  let count = 0;
  let power = part1 < 1000 ? 2 : 9;
  let divisor = part1 < 1000 ? 100 : 1000000000;
  for (; power >= 0; power--) {
    const digit = Math.floor(part1 / divisor);
    if (digit !== 0 || count !== 0) digits[count++] = digit;
    part1 -= digit * divisor;
    const remHigh = part1 * unitHigh + restHigh;
    if (remHigh < deltaHigh || (remHigh === deltaHigh && restLow <= deltaLow)) {
      out[0] += power;
      const stepHigh = divisor * unitHigh;
      lowerLastDigit(
        digits,
        count,
        deltaHigh,
        deltaLow,
        remHigh,
        restLow,
        stepHigh,
        distanceHigh,
        distanceLow,
      );
      return count;
    }
    divisor /= 10;
  }
  for (power = -1;; power--) {
    // rest, delta and distance times ten; each was below 2^60.
    restLow *= 10;
    let carry = Math.floor(restLow / TWO_32);
    restLow -= carry * TWO_32;
    restHigh = restHigh * 10 + carry;
    deltaLow *= 10;
    carry = Math.floor(deltaLow / TWO_32);
    deltaLow -= carry * TWO_32;
    deltaHigh = deltaHigh * 10 + carry;
    distanceLow *= 10;
    carry = Math.floor(distanceLow / TWO_32);
    distanceLow -= carry * TWO_32;
    distanceHigh = distanceHigh * 10 + carry;

    const digit = Math.floor(restHigh / unitHigh);
    digits[count++] = digit;
    restHigh -= digit * unitHigh;
    if (restHigh < deltaHigh || (restHigh === deltaHigh && restLow < deltaLow)) {
      out[0] += power;
      lowerLastDigit(
        digits,
        count,
        deltaHigh,
        deltaLow,
        restHigh,
        restLow,
        unitHigh,
        distanceHigh,
        distanceLow,
      );
      return count;
    }
  }
}

/**
 * Lowers the last digit while the result stays above the lower mark and comes nearer to w. The
 * result lies `rem` below upper, w lies `distance` below it; one unit of the digit is
 * `stepHigh` * 2^32.
 */
function lowerLastDigit(
  digits: Uint8Array,
  count: number,
  deltaHigh: number,
  deltaLow: number,
  remHigh: number,
  remLow: number,
  stepHigh: number,
  distanceHigh: number,
  distanceLow: number,
): void {
  let high = remHigh;
  for (;;) {
    if (high > distanceHigh || (high === distanceHigh && remLow >= distanceLow)) return;
    const nextHigh = high + stepHigh;
    if (nextHigh > deltaHigh || (nextHigh === deltaHigh && remLow > deltaLow)) return;
    if (nextHigh > distanceHigh || (nextHigh === distanceHigh && remLow >= distanceLow)) {
      // w is between both results: go on only if the next one is strictly nearer, that is
      // if 2 * distance > rem + next.
      const farHigh = 2 * distanceHigh - high - nextHigh;
      const farLow = 2 * distanceLow - 2 * remLow;
      if (farHigh * TWO_32 + farLow <= 0) return;
    }
    digits[count - 1]--;
    high = nextHigh;
  }
}
