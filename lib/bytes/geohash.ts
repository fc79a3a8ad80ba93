// geohash.ts: places on earth as cells of a grid that is halved again and again, and as scores of a sorted set.
//
// A step halves longitude and latitude once; after 26 steps a cell is 60 cm wide at the equator. A cell is numbered twice:
// x from west to east, y from south to north, each 0 to 2^step - 1. Interleaved, the bits of x and y make one number, in
// which all places of a cell share the leading bits, so that a cell is a range of scores:
//
//   score  51 50 49 48 ...  1  0        bits of x at odd places, of y at even ones
//           x  y  x  y      x  y
//   cell of step s: [bits << (52 - 2 s), (bits + 1) << (52 - 2 s))
//
// The grid spans longitudes -180 to 180 and latitudes -85.05112878 to 85.05112878 (the square Mercator map). Its
// uppermost edges belong to it, so x and y may reach 2^step, which makes bit 52 or 53 of a score: such scores are
// rounded as doubles, and places come out as they would in the reference.
//
// WHY x and y apart, not one number of 64 bits: neighbours are plus and minus one, and 26 bits fit an integer.
//
// EXAMPLE  13.361389 E, 38.115556 N: score 3479099956230698, text "sqc8b49rny0"
// COST     no allocation but the text
// SOURCE   G. Niemeyer's geohash; scores and texts as Valkey computes them.

export const LONGITUDE_MIN = -180;
export const LONGITUDE_MAX = 180;
export const LATITUDE_MIN = -85.05112878;
export const LATITUDE_MAX = 85.05112878;
export const STEP_MAX = 26;
/** Cells of the finest step, from west to east as from south to north. */
export const CELLS = 2 ** STEP_MAX;

const TWO_32 = 4294967296;
const TWO_52 = 4503599627370496;
/** Bits of a double's higher word that belong to the fraction. */
const FRACTION_HIGH = 0xfffff;
const TWO_63 = 9223372036854775808;

/** Digits of the text; the last one is always "0", since 52 bits are only ten digits and two bits. */
export const GEOHASH_TEXT_BYTES = 11;
const TEXT_LATITUDE_MAX = 90;
const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** Index of the cell that holds `value`, of 2^step cells between min and max. */
export function cellIndex(value: number, min: number, max: number, step: number): number {
  return Math.floor((value - min) / (max - min) * 2 ** step);
}

/** Lower edge of cell `index` of 2^step between min and max; the upper one is that of index + 1. */
export function cellEdge(index: number, min: number, max: number, step: number): number {
  return min + index / 2 ** step * (max - min);
}

/** Puts the 16 low bits of `n` at the even places of 32. */
function spread(n: number): number {
  let bits = n & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** The 16 bits at the even places of 32. */
function gather(n: number): number {
  let bits = n & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

/** x and y interleaved, plus `more`; a double, exact below 2^53 and rounded to even above. */
export function interleave(x: number, y: number, more = 0): number {
  const low = spread(y) | (spread(x) << 1);
  const high = spread(y >>> 16) | (spread(x >>> 16) << 1);
  return (high >>> 0) * TWO_32 + ((low >>> 0) + more);
}

/** The score of a place, both coordinates within the grid. */
export function placeScore(longitude: number, latitude: number): number {
  return interleave(
    cellIndex(longitude, LONGITUDE_MIN, LONGITUDE_MAX, STEP_MAX),
    cellIndex(latitude, LATITUDE_MIN, LATITUDE_MAX, STEP_MAX),
  );
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** What cellOf and placeOf found: a cell of the finest step, and the place in its middle. */
export const place: { x: number; y: number; longitude: number; latitude: number } = {
  x: 0,
  y: 0,
  longitude: 0.5,
  latitude: 0.5,
};

/**
 * Finds the cell of a score, which need not be one of placeScore: fractions are cut off, and what is out of range
 * becomes some cell on the edge, as x86-64 converts such doubles to 64 bits.
 */
export function cellOf(score: number): void {
  let low: number;
  let high: number;
  // The sum has the whole number as its fraction, bit by bit.
  const sum = score + TWO_52;
  if (score >= 0 && score < TWO_52 && sum - TWO_52 === score) {
    double[0] = sum;
    low = words[0];
    high = words[1] & FRACTION_HIGH;
  } else if (score >= TWO_63 * 2 || score < -TWO_63) {
    low = 0;
    high = score < 0 ? -2147483648 : 0;
  } else {
    const whole = Math.trunc(score);
    low = whole | 0;
    high = Math.floor(whole / TWO_32) | 0;
  }
  place.x = (gather(low >>> 1) | (gather(high >>> 1) << 16)) >>> 0;
  place.y = (gather(low) | (gather(high) << 16)) >>> 0;
}

/** Finds the place in the middle of the cell that cellOf found. */
export function placeOfCell(): void {
  place.longitude = middle(place.x, LONGITUDE_MIN, LONGITUDE_MAX);
  place.latitude = middle(place.y, LATITUDE_MIN, LATITUDE_MAX);
}

/** Finds the place of a score, as cellOf its cell. */
export function placeOf(score: number): void {
  cellOf(score);
  placeOfCell();
}

function middle(index: number, min: number, max: number): number {
  // The index after 2^32 - 1 is 0.
  const upper = min + ((index + 1) >>> 0) / CELLS * (max - min);
  const value = (min + index / CELLS * (max - min) + upper) / 2;
  return value > max ? max : value < min ? min : value;
}

/** Writes the text of a place as it is used elsewhere, whose grid reaches to the poles: GEOHASH_TEXT_BYTES bytes. */
export function geohashText(
  longitude: number,
  latitude: number,
  buf: Uint8Array,
  off: number,
): void {
  const x = cellIndex(longitude, LONGITUDE_MIN, LONGITUDE_MAX, STEP_MAX);
  const y = cellIndex(latitude, -TEXT_LATITUDE_MAX, TEXT_LATITUDE_MAX, STEP_MAX);
  const bits = interleave(x, y);
  for (let i = 0; i < GEOHASH_TEXT_BYTES - 1; i++) {
    const digit = Math.floor(bits / 2 ** (47 - 5 * i)) % 32;
    buf[off + i] = ALPHABET.charCodeAt(digit);
  }
  buf[off + GEOHASH_TEXT_BYTES - 1] = ALPHABET.charCodeAt(0);
}
