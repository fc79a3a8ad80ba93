import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import {
  HLL_CORRUPT,
  HLL_DENSE,
  HLL_DENSE_BYTES,
  HLL_EMPTY_BYTES,
  HLL_RAISED,
  HLL_REGISTERS,
  HLL_RUNS_AT,
  HLL_SAME,
  hllCache,
  hllCached,
  hllCountOf,
  hllDenseGet,
  hllDenseRaise,
  hllDenseStore,
  hllInit,
  hllInvalidate,
  hllIsValid,
  hllMerge,
  hllRegister,
  hllRun,
  hllRunAt,
  hllSparseLength,
  hllSparseRaise,
} from "../../../lib/engine/hyperloglog.ts";
import { hllEstimate, hllEstimateRegisters } from "../../../lib/engine/hyperloglog_estimate.ts";
import { SeededRandom } from "../../kit/clock.ts";

const MAX = 3000;

/** A sparse value in a buffer of its own, at an offset. */
class Sparse {
  buf = new Uint8Array(MAX + 100);
  off = 8;
  len = HLL_EMPTY_BYTES;

  constructor() {
    hllInit(this.buf, this.off);
  }

  raise(index: number, count: number, max = MAX): number {
    const result = hllSparseRaise(this.buf, this.off, this.len, index, count, max);
    if (result === HLL_RAISED) this.len = hllSparseLength();
    return result;
  }

  /** "Z16384", "z4 v2x3" and so on. */
  runs(): string {
    const words: string[] = [];
    for (let at = HLL_RUNS_AT; at < this.len;) {
      at = hllRunAt(this.buf, this.off, this.len, at);
      const { count, length, isLong } = hllRun;
      words.push(count === 0 ? `${isLong ? "Z" : "z"}${length}` : `v${count}x${length}`);
    }
    return words.join(" ");
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("hyperloglog: the example of the header", () => {
  const value = new Sparse();
  const count = hllCountOf(fromLatin1("abc"), 0, 3);
  assert.equal(count, 1);
  value.raise(hllRegister(), count);
  const bytes = value.buf.slice(value.off, value.off + value.len);
  assert.equal(hex(bytes), "48594c4c010000000000000000000080" + "6501805afc");
});

test("hyperloglog: how runs split and join", () => {
  const rows: [raises: [index: number, count: number][], runs: string][] = [
    [[], "Z16384"],
    [[[0, 1]], "v1x1 Z16383"],
    [[[16383, 1]], "Z16383 v1x1"],
    [[[64, 1]], "z64 v1x1 Z16319"],
    [[[65, 1]], "Z65 v1x1 Z16318"],
    [[[16319, 1]], "Z16319 v1x1 z64"],
    [[[5, 1], [6, 1]], "z5 v1x2 Z16377"],
    [[[6, 1], [5, 1]], "z5 v1x2 Z16377"],
    [[[5, 1], [7, 1], [6, 1]], "z5 v1x3 Z16376"],
    [[[5, 1], [7, 2], [6, 1]], "z5 v1x2 v2x1 Z16376"],
    [[[0, 3], [1, 3], [2, 3], [3, 3], [4, 3]], "v3x4 v3x1 Z16379"],
    [[[0, 3], [1, 3], [2, 3], [1, 4]], "v3x1 v4x1 v3x1 Z16381"],
    [[[0, 3], [1, 3], [2, 3], [0, 4]], "v4x1 v3x2 Z16381"],
    [[[0, 3], [1, 3], [2, 3], [2, 4]], "v3x2 v4x1 Z16381"],
    [[[0, 32]], "v32x1 Z16383"],
    // A full run is not topped up from its neighbour.
    [[[0, 1], [1, 1], [2, 1], [4, 1], [5, 1], [3, 1]], "v1x4 v1x2 Z16378"],
    [[[1, 1], [3, 1], [2, 2], [2, 1]], "z1 v1x1 v2x1 v1x1 Z16380"],
  ];
  for (const [raises, runs] of rows) {
    const value = new Sparse();
    for (const [index, count] of raises) value.raise(index, count);
    assert.equal(value.runs(), runs, JSON.stringify(raises));
  }
});

test("hyperloglog: what does not fit leaves the value alone", () => {
  const value = new Sparse();
  value.raise(5, 2);
  const before = hex(value.buf.subarray(0, value.off + value.len));
  const check = (index: number, count: number, max: number, is: (result: number) => boolean) => {
    const result = value.raise(index, count, max);
    assert.ok(is(result), `${index} ${count}: ${result}`);
    assert.equal(hex(value.buf.subarray(0, value.off + value.len)), before);
  };
  check(5, 2, MAX, (result) => result === HLL_SAME);
  check(5, 1, MAX, (result) => result === HLL_SAME);
  check(9, 33, MAX, (result) => result < HLL_CORRUPT);
  check(9, 1, value.len + 1, (result) => result < HLL_CORRUPT);
  value.len -= 2;
  assert.equal(value.raise(9, 1), HLL_CORRUPT);
});

test("hyperloglog: dense registers keep what they are given", () => {
  const seed = 77;
  const random = new SeededRandom(seed);
  const stored = new Uint8Array(HLL_DENSE_BYTES + 2).fill(0xa5);
  const raised = new Uint8Array(HLL_DENSE_BYTES + 2);
  const wanted = Uint8Array.from({ length: HLL_REGISTERS }, () => random.next32() & 63);
  hllDenseStore(stored, 1, wanted);
  for (let i = 0; i < HLL_REGISTERS; i++) {
    assert.equal(hllDenseRaise(raised, 1, i, wanted[i]), wanted[i] === 0 ? HLL_SAME : HLL_RAISED);
  }
  for (let i = 0; i < HLL_REGISTERS; i++) {
    assert.equal(hllDenseGet(stored, 1, i), wanted[i], `seed ${seed}, register ${i}`);
    assert.equal(hllDenseGet(raised, 1, i), wanted[i], `seed ${seed}, register ${i}`);
  }
  assert.equal(stored[0], 0xa5);
  assert.equal(stored[HLL_DENSE_BYTES + 1], 0xa5);
  const max = new Uint8Array(HLL_REGISTERS);
  hllInit(stored, 1);
  hllDenseStore(stored, 1, wanted);
  stored[5] = HLL_DENSE;
  assert.ok(hllMerge(stored, 1, HLL_DENSE_BYTES, max));
  assert.deepEqual(max, wanted);
});

test("hyperloglog: estimates of extreme registers", () => {
  const out = new Int32Array(2);
  const rows: [register: number, estimate: [number, number]][] = [
    [0, [0, 0]],
    [1, [23637, 0]],
    [20, [-492245851, 2]],
    [51, [0, -2147483648]],
    [63, [0, -2147483648]],
  ];
  for (const [register, [lo, hi]] of rows) {
    hllEstimateRegisters(new Uint8Array(HLL_REGISTERS).fill(register), out);
    assert.deepEqual([...out], [lo, hi], `all ${register}`);
  }
});

test("hyperloglog: the cached estimate", () => {
  const value = new Uint8Array(HLL_EMPTY_BYTES);
  const out = new Int32Array(2);
  hllInit(value, 0);
  assert.ok(hllCached(value, 0, out));
  hllCache(value, 0, -2, 0x01020304);
  assert.equal(hex(value.subarray(8, 16)), "feffffff04030201");
  assert.ok(hllCached(value, 0, out));
  assert.deepEqual([...out], [-2, 0x01020304]);
  hllInvalidate(value, 0);
  assert.ok(!hllCached(value, 0, out));
});

test("hyperloglog: what is one", () => {
  const value = new Uint8Array(HLL_DENSE_BYTES);
  hllInit(value, 0);
  const out = new Int32Array(2);
  assert.ok(hllIsValid(value, 0, HLL_EMPTY_BYTES));
  assert.ok(!hllIsValid(value, 0, 15));
  assert.ok(hllIsValid(value, 0, 16));
  assert.ok(!hllEstimate(value, 0, 16, out), "no registers");
  assert.ok(!hllEstimate(value, 0, 17, out), "ends within a run");
  value[4] = 0;
  assert.ok(!hllIsValid(value, 0, HLL_EMPTY_BYTES));
  assert.ok(hllIsValid(value, 0, HLL_DENSE_BYTES));
  value[4] = 2;
  assert.ok(!hllIsValid(value, 0, HLL_DENSE_BYTES));
  value[4] = 1;
  for (let i = 0; i < 4; i++) {
    value[i]++;
    assert.ok(!hllIsValid(value, 0, HLL_EMPTY_BYTES));
    value[i]--;
  }
});
