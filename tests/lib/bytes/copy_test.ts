import assert from "node:assert/strict";
import { test } from "node:test";
import { COPY_DATA_MAX, COPY_DATA_MIN, copyData, dataOf } from "../../../lib/bytes/copy.ts";

const SIZE = COPY_DATA_MAX + 32;
const FILL = 0xee;

function bytesOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, i) => (i * 31 + seed) & 0xff);
}

test("copyData copies each byte and no other, whatever the length and the places", () => {
  const src = bytesOf(7);
  const dst = new Uint8Array(SIZE);
  for (let len = COPY_DATA_MIN; len <= COPY_DATA_MAX; len++) {
    for (let places = 0; places < 64; places++) {
      const from = places & 7;
      const to = 8 + (places >> 3);
      dst.fill(FILL);
      copyData(new DataView(src.buffer), from, new DataView(dst.buffer), to, len);
      const want = new Uint8Array(SIZE).fill(FILL);
      want.set(src.subarray(from, from + len), to);
      assert.deepEqual(dst, want, `${len} bytes from ${from} to ${to}`);
    }
  }
});

test("dataOf shows the bytes of an array that is asked for twice in a row", () => {
  const memory = bytesOf(1);
  const one = memory.subarray(5, 50);
  const other = bytesOf(2);
  assert.equal(dataOf(one), null);
  const data = dataOf(one);
  assert.ok(data !== null);
  assert.equal(data.getUint8(0), one[0]);
  assert.equal(data.byteLength, one.length);
  assert.equal(dataOf(one), data);
  assert.equal(dataOf(other), null);
  assert.equal(dataOf(one), null);
  assert.notEqual(dataOf(one), null);
});

test("dataOf does not hold on to large arrays", () => {
  const large = new Uint8Array(5_000_000);
  assert.equal(dataOf(large), null);
  assert.equal(dataOf(large), null);
});
