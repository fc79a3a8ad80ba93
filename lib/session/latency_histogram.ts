// latency_histogram.ts: how often each duration occurred, in 3,072 counters: durations of 1 ns to 1 s, each known to
// better than one part in 128.
//
// WHY NOT every sample, or decades: percentiles want about two digits everywhere from nanoseconds to seconds, in fixed
// room. Eight significant bits give that: below 256 ns each nanosecond has a counter, above, each doubling has 128.
//
//   ns            0 .. 255   256 .. 511   512 .. 1023   ...   2^29 .. 2^30 - 1
//   width of one         1            2             4   ...                2^22
//   counters      0 .. 255   256 .. 383   384 .. 511    ...        2944 .. 3071
//
//   index = shift * 128 + (ns >>> shift)      shift = bits of ns - 8, at least 0
//
// EXAMPLE  1,000 ns = 0b1111101000: shift 2, index 2 * 128 + 250 = 506, which stands for 1,000 to 1,003 ns
//
// Counters are doubles: exact to 2^53, where 32 bits overflow within a day of traffic.
// COSTS    record O(1); percentile and cumulative counts O(3,072)
//
// Source: G. Tene, "HdrHistogram", the layout for two significant digits.

const SIGNIFICANT_BITS = 8;
const SUB_BUCKETS = 128;
const NS_MAX = 1_000_000_000;
export const HISTOGRAM_COUNTERS = 3072;
/** The first bound that `histogramCumulative` reports, nanoseconds; each further one is twice as large. */
const FIRST_BOUND_NS = 1024;

if (histogramIndex(NS_MAX) >= HISTOGRAM_COUNTERS) throw new Error("histogram: too few counters");

/** The counter of a duration; what is out of range counts at the border. */
export function histogramIndex(ns: number): number {
  const value = ns < 1 ? 1 : ns > NS_MAX ? NS_MAX : ns | 0;
  const shift = 32 - SIGNIFICANT_BITS - Math.clz32(value);
  return shift <= 0 ? value : shift * SUB_BUCKETS + (value >>> shift);
}

/** The longest duration, in nanoseconds, that a counter stands for. */
export function histogramHighest(index: number): number {
  if (index < 2 * SUB_BUCKETS) return index;
  const shift = (index >>> 7) - 1;
  return ((index - shift * SUB_BUCKETS + 1) * 2 ** shift) - 1;
}

function histogramLowest(index: number): number {
  return index === 0 ? 0 : histogramHighest(index - 1) + 1;
}

export function histogramCreate(): Float64Array {
  return new Float64Array(HISTOGRAM_COUNTERS);
}

/** Number of durations recorded. */
export function histogramTotal(counters: Float64Array): number {
  return counters.reduce((sum, count) => sum + count, 0);
}

/** The duration in nanoseconds that `percent` of those recorded do not exceed; with 0 percent the shortest one; 0 when
 * there is none. */
export function histogramPercentile(counters: Float64Array, percent: number): number {
  const total = histogramTotal(counters);
  const wanted = Math.max(1, Math.floor(Math.min(percent, 100) / 100 * total + 0.5));
  let seen = 0;
  for (let index = 0; index < HISTOGRAM_COUNTERS; index++) {
    seen += counters[index];
    if (seen >= wanted) return percent > 0 ? histogramHighest(index) : histogramLowest(index);
  }
  return 0;
}

/** Pairs of whole microseconds and how many durations do not exceed them, where that number grows. */
export function histogramCumulative(counters: Float64Array): [us: number, count: number][] {
  const total = histogramTotal(counters);
  const pairs: [number, number][] = [];
  let seen = 0;
  let shown = 0;
  let next = 0;
  for (let bound = FIRST_BOUND_NS; seen < total; bound *= 2) {
    const last = histogramIndex(bound);
    while (next <= last) seen += counters[next++];
    if (seen > shown) pairs.push([Math.floor(histogramHighest(last) / 1000), seen]);
    shown = seen;
  }
  return pairs;
}
