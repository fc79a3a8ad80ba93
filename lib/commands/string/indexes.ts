// indexes.ts: ranges given by two indexes, of which negative ones count from the end.

import { int64Compare, int64ToNumber } from "../../bytes/int64.ts";

/** The offset an index (64-bit lo, hi) means in `len` items: never negative, but possibly beyond the end. */
export function clampIndex(index: Int32Array, len: number): number {
  const number = int64ToNumber(index[0], index[1]);
  return number < 0 ? Math.max(0, len + number) : number;
}

/** Whether both indexes count from the end and the first lies behind the last, however short the string is. */
export function isReversed(first: Int32Array, last: Int32Array): boolean {
  return first[1] < 0 && last[1] < 0 && int64Compare(first[0], first[1], last[0], last[1]) > 0;
}
