// hyperloglog_estimate.ts: from the registers of a HyperLogLog (hyperloglog.ts) to the number of elements it has seen.
//
// Only how often each count occurs matters. With m registers, C[k] of which hold k, and counts from 1 to q + 1 = 51:
//
//   z = m tau(1 - C[51] / m) / 2^50  +  sum of C[k] / 2^k, k from 1 to 50  +  m sigma(C[0] / m)
//   estimate = m^2 / (2 ln 2 z)
//
// sigma corrects for registers nothing fell into, tau for those that cannot count further; without them small and huge
// sets need tables of corrections. The sums stop when they no longer change, and are formed in the order of the
// reference, so that rounding to an integer gives its numbers.
//
// COST     a dense value 50 microseconds (Deno 2.9), 30 (Bun 1.4); no allocation
// SOURCE   O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (arXiv 1702.01284)

import { int64FromNumber } from "../bytes/int64.ts";
import {
  HLL_COUNT_MAX,
  HLL_DENSE,
  HLL_DENSE_BYTES,
  HLL_REGISTERS,
  HLL_RUNS_AT,
  hllEncoding,
  hllRun,
  hllRunAt,
} from "./hyperloglog.ts";

/** Values that six bits can hold. */
const REGISTER_VALUES = 64;

const histogram = new Int32Array(REGISTER_VALUES);

/**
 * Estimates how many elements a value has seen, as a 64-bit number in out[0] (low), out[1] (high). Returns false when
 * the value is corrupted.
 */
export function hllEstimate(buf: Uint8Array, off: number, len: number, out: Int32Array): boolean {
  histogram.fill(0);
  if (hllEncoding(buf, off) === HLL_DENSE) {
    const end = off + HLL_DENSE_BYTES;
    for (let at = off + HLL_RUNS_AT; at < end; at += 3) {
      const word = buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16);
      histogram[word & 63]++;
      histogram[(word >> 6) & 63]++;
      histogram[(word >> 12) & 63]++;
      histogram[word >> 18]++;
    }
  } else if (!sparseHistogram(buf, off, len)) {
    return false;
  }
  estimate(out);
  return true;
}

/** Estimates from registers of a byte each; `out` as in hllEstimate. */
export function hllEstimateRegisters(from: Uint8Array, out: Int32Array): void {
  histogram.fill(0);
  for (let i = 0; i < HLL_REGISTERS; i++) histogram[from[i]]++;
  estimate(out);
}

function sparseHistogram(buf: Uint8Array, off: number, len: number): boolean {
  let index = 0;
  for (let at = HLL_RUNS_AT; at < len;) {
    at = hllRunAt(buf, off, len, at);
    index += hllRun.length;
    if (index > HLL_REGISTERS) return false;
    histogram[hllRun.count] += hllRun.length;
  }
  return index === HLL_REGISTERS;
}

/**
 * Ertl's estimator on `histogram`: m^2 / (2 ln 2 z), where z sums the histogram weighted by 2^-count, with corrections
 * for registers that are empty (sigma) or full (tau). Rounded to the nearest integer, halves up. What does not fit into
 * 63 bits becomes -2^63, as the conversion of the reference's processors has it.
 */
function estimate(out: Int32Array): void {
  const m = HLL_REGISTERS;
  let z = m * tau((m - histogram[HLL_COUNT_MAX]) / m);
  for (let count = HLL_COUNT_MAX - 1; count >= 1; count--) z = (z + histogram[count]) * 0.5;
  z += m * sigma(histogram[0] / m);
  const value = 0.72134752044448170368 * m * m / z;
  const whole = Math.floor(value);
  if (int64FromNumber(value - whole >= 0.5 ? whole + 1 : whole, out)) return;
  out[0] = 0;
  out[1] = -2147483648;
}

/** x + sum of x^(2^k) 2^(k-1), k from 1 on, as far as it changes the sum. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let weight = 1;
  let sum = x;
  let last = NaN;
  while (sum !== last) {
    last = sum;
    x *= x;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

/** (1 - x - sum of (1 - x^(2^-k))^2 2^-k, k from 1 on) / 3, as far as it changes the sum. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let weight = 1;
  let sum = 1 - x;
  let last = NaN;
  while (sum !== last) {
    last = sum;
    x = Math.sqrt(x);
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}
