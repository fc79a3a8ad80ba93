import assert from "node:assert/strict";
import { test } from "node:test";
import { partialSort } from "../../../lib/bytes/partial_sort.ts";
import { SeededRandom } from "../../kit/clock.ts";

test("partialSort: the first ones are those of a whole sort", () => {
  const seed = 4;
  const random = new SeededRandom(seed);
  for (let round = 0; round < 400; round++) {
    const count = 1 + (random.next32() >>> 0) % (round < 200 ? 12 : 300);
    const wanted = 1 + (random.next32() >>> 0) % count;
    const values = round % 3 === 0 ? 4 : round % 3 === 1 ? 1000000 : 1;
    const keys = Float64Array.from({ length: count }, () => (random.next32() >>> 0) % values);
    const list = Int32Array.from({ length: count }, (_, i) => i);
    partialSort(list, count, wanted, (a, b) => keys[a] - keys[b]);
    const sorted = [...keys].sort((a, b) => a - b).slice(0, wanted);
    const name = `seed ${seed}, round ${round}: ${wanted} of ${count}`;
    assert.deepEqual([...list.slice(0, wanted)].map((i) => keys[i]), sorted, name);
    assert.equal(new Set(list).size, count, name);
  }
});

test("partialSort: what it does with equal elements", () => {
  const rows: [keys: string, wanted: number, order: string][] = [
    ["aaaa", 2, "0 1 2 3"],
    ["bab", 1, "1 0 2"],
    ["aaaaaaaaa", 3, "8 1 2 3 4 5 6 7 0"],
    ["cbcbcbcba", 4, "8 5 3 7 1 4 2 0 6"],
  ];
  for (const [keys, wanted, order] of rows) {
    const list = Int32Array.from({ length: keys.length }, (_, i) => i);
    partialSort(list, keys.length, wanted, (a, b) => keys.charCodeAt(a) - keys.charCodeAt(b));
    assert.equal(list.join(" "), order, keys);
  }
});

test("partialSort: sorted and reversed input", () => {
  for (const sign of [1, -1]) {
    const list = Int32Array.from({ length: 1000 }, (_, i) => i);
    partialSort(list, 1000, 10, (a, b) => sign * (a - b));
    const expected = Array.from({ length: 10 }, (_, i) => sign > 0 ? i : 999 - i);
    assert.deepEqual([...list.slice(0, 10)], expected);
  }
});
