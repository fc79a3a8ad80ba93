import { test } from "node:test";
import assert from "node:assert/strict";
import { halfSipHash, hash31 } from "../../../lib/bytes/hash.ts";
import { Random } from "./random.ts";

const K0 = 0x03020100;
const K1 = 0x07060504;

/** Published results for the inputs "", 00, 00 01, 00 01 02, ... under the key 00 01 ... 07. */
const VECTORS_1_3 = [
  1477757078,
  -404200246,
  -1135931856,
  22255929,
  2114297510,
  -1998333797,
  -1610085531,
  -1657218602,
  1467586993,
  -935736595,
  -453365041,
  -1785575698,
  1797785964,
  1725799638,
  375753340,
  -802850044,
  -1959668479,
  723308619,
  108077881,
  1378536039,
];
const VECTORS_2_4 = [
  0x5b9f35a9,
  0xb85a4727,
  0x3a662fa,
  0x4e7fe8a,
  0x89466e2a,
  0x69b6fac5,
  0x23fc6358,
  0xc563cf8b,
  0x8f84b8d0,
  0x79e706f8,
  0x3479b094,
  0x50300808,
  0x2f87f057,
  0xff63e677,
  0x7cf8ffd6,
  0x972bfe74,
];

const INPUT = Uint8Array.from({ length: 64 }, (_, i) => i);

test("halfSipHash gives the published results of both variants", () => {
  for (let len = 0; len < VECTORS_1_3.length; len++) {
    assert.equal(halfSipHash(K0, K1, INPUT, 0, len, 1, 3), VECTORS_1_3[len], `1-3 ${len}`);
  }
  for (let len = 0; len < VECTORS_2_4.length; len++) {
    assert.equal(halfSipHash(K0, K1, INPUT, 0, len, 2, 4) >>> 0, VECTORS_2_4[len], `2-4 ${len}`);
  }
});

test("hash31 is HalfSipHash-1-3 without its top bit", () => {
  for (let len = 0; len < VECTORS_1_3.length; len++) {
    assert.equal(hash31(K0, K1, INPUT, 0, len), VECTORS_1_3[len] & 0x7fffffff, `${len}`);
  }
  const random = new Random(0x4a5);
  for (let i = 0; i < 5000; i++) {
    const len = random.below(300);
    const off = random.below(9);
    const bytes = random.bytes(off + len + 3);
    const k0 = random.bits();
    const k1 = random.bits();
    const want = halfSipHash(k0, k1, bytes, off, len, 1, 3) & 0x7fffffff;
    const note = `seed ${random.seed} step ${i}`;
    assert.equal(hash31(k0, k1, bytes, off, len), want, note);
    assert.equal(hash31(k0 >>> 0, k1 >>> 0, bytes, off, len), want, note);
  }
});

test("hash31 of the example in the header", () => {
  assert.equal(hash31(K0, K1, INPUT, 0, 4), 0x7e059ea6);
});

test("hash31 spreads consecutive keys evenly over buckets", () => {
  const BUCKETS = 1024;
  const counts = new Int32Array(BUCKETS);
  const key = new Uint8Array(12);
  const total = BUCKETS * 64;
  for (let i = 0; i < total; i++) {
    key.set([i, i >> 8, i >> 16], 4);
    counts[hash31(12345, -6789, key, 0, 12) % BUCKETS]++;
  }
  // Chi-squared with 1023 degrees of freedom: mean 1023, deviation about 45.
  let chi = 0;
  for (const count of counts) chi += (count - 64) ** 2 / 64;
  assert.ok(chi > 750 && chi < 1300, `chi-squared ${chi}`);
});
