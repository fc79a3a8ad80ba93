// partial_sort.ts: the first so many of a sequence in order, without ordering the rest.
//
// Quicksort that only goes on with parts that reach into the wanted range. Where elements compare equal, which of them
// come first depends on how it swaps; since clients see that, it swaps as the reference does: the three-way partition of
// Bentley and McIlroy, with the middle of three, or of three such, as the pivot, and insertion below seven elements.
//
// COST    O(n + k log k) on average for the k first of n; no allocation
// SOURCE  J. L. Bentley, M. D. McIlroy, "Engineering a Sort Function" (1993)

/** Says how a and b are ordered: negative, 0 or positive. */
export type Compare = (a: number, b: number) => number;

const INSERTION_MAX = 6;
const MIDDLE_OF_NINE_MIN = 41;

/** Brings list[0, wanted) of the `count` elements into the order they would have if all were sorted. */
export function partialSort(
  list: Int32Array,
  count: number,
  wanted: number,
  compare: Compare,
): void {
  sortPart(list, 0, count, wanted, compare);
}

function swap(list: Int32Array, i: number, j: number): void {
  const kept = list[i];
  list[i] = list[j];
  list[j] = kept;
}

function insertionSort(list: Int32Array, from: number, end: number, compare: Compare): void {
  for (let i = from + 1; i < end; i++) {
    for (let j = i; j > from && compare(list[j - 1], list[j]) > 0; j--) swap(list, j - 1, j);
  }
}

/** Which of three places holds the middle element. */
function middle(list: Int32Array, i: number, j: number, k: number, compare: Compare): number {
  const a = list[i];
  const b = list[j];
  const c = list[k];
  if (compare(a, b) < 0) {
    if (compare(b, c) < 0) return j;
    return compare(a, c) < 0 ? k : i;
  }
  if (compare(b, c) > 0) return j;
  return compare(a, c) < 0 ? i : k;
}

function pivotOf(list: Int32Array, from: number, count: number, compare: Compare): number {
  let low = from;
  let half = from + (count >> 1);
  let high = from + count - 1;
  if (count === INSERTION_MAX + 1) return half;
  if (count >= MIDDLE_OF_NINE_MIN) {
    const step = count >> 3;
    low = middle(list, low, low + step, low + 2 * step, compare);
    half = middle(list, half - step, half, half + step, compare);
    high = middle(list, high - 2 * step, high - step, high, compare);
  }
  return middle(list, low, half, high, compare);
}

/** Sorts list[from, end) as far as it lies below `wanted`. */
function sortPart(
  list: Int32Array,
  start: number,
  end: number,
  wanted: number,
  compare: Compare,
): void {
  let from = start;
  while (end - from > INSERTION_MAX) {
    swap(list, from, pivotOf(list, from, end - from, compare));
    const pivot = list[from];
    // [from, equalLow) and (equalHigh, end) equal the pivot, [equalLow, low) is less, (high, equalHigh] is greater.
    let equalLow = from + 1;
    let low = from + 1;
    let high = end - 1;
    let equalHigh = end - 1;
    for (;;) {
      for (; low <= high; low++) {
        const order = compare(list[low], pivot);
        if (order > 0) break;
        if (order === 0) swap(list, equalLow++, low);
      }
      for (; low <= high; high--) {
        const order = compare(list[high], pivot);
        if (order < 0) break;
        if (order === 0) swap(list, high, equalHigh--);
      }
      if (low > high) break;
      swap(list, low++, high--);
    }
    const less = low - equalLow;
    const greater = equalHigh - high;
    swapRuns(list, from, low, Math.min(equalLow - from, less));
    swapRuns(list, low, end, Math.min(greater, end - 1 - equalHigh));
    if (less > 1) sortPart(list, from, from + less, wanted, compare);
    from = end - greater;
    if (greater < 2 || from >= wanted) return;
  }
  insertionSort(list, from, end, compare);
}

/** Exchanges the `count` elements from `i` on with those before `end`. */
function swapRuns(list: Int32Array, i: number, end: number, count: number): void {
  for (let n = 0; n < count; n++) swap(list, i + n, end - count + n);
}
