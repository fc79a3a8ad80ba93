import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { murmur64a } from "../../../lib/bytes/murmur64a.ts";
import { SeededRandom } from "../../kit/clock.ts";

const MASK = (1n << 64n) - 1n;
const M = 0xc6a4a7935bd1e995n;

/** The hash as its description reads, with one BigInt for each word. */
function model(bytes: Uint8Array, seed: number): bigint {
  let h = BigInt(seed >>> 0) ^ ((BigInt(bytes.length) * M) & MASK);
  const whole = bytes.length & ~7;
  for (let at = 0; at < bytes.length; at += 8) {
    let k = 0n;
    for (let i = 0; i < 8 && at + i < bytes.length; i++) {
      k |= BigInt(bytes[at + i]) << BigInt(8 * i);
    }
    if (at < whole) {
      k = (k * M) & MASK;
      k = ((k ^ (k >> 47n)) * M) & MASK;
    }
    h = ((h ^ k) * M) & MASK;
  }
  h = ((h ^ (h >> 47n)) * M) & MASK;
  return h ^ (h >> 47n);
}

const out = new Int32Array(2);

function hash(bytes: Uint8Array, off: number, len: number, seed: number): bigint {
  murmur64a(bytes, off, len, seed, out);
  return (BigInt(out[1] >>> 0) << 32n) | BigInt(out[0] >>> 0);
}

test("murmur64a: known answers", () => {
  const rows: [text: string, seed: number, hash: bigint][] = [
    ["", 0, 0n],
    ["abc", 0xadc83b19, 0x77ec90aeb374e502n],
  ];
  for (const [text, seed, expected] of rows) {
    assert.equal(hash(fromLatin1(text), 0, text.length, seed).toString(16), expected.toString(16));
  }
});

test("murmur64a: every length and offset agrees with the plain description", () => {
  const seed = 20161;
  const random = new SeededRandom(seed);
  for (let len = 0; len < 70; len++) {
    for (let round = 0; round < 8; round++) {
      const bytes = new Uint8Array(len + 16);
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.next32();
      const off = round;
      const key = round < 4 ? 0xadc83b19 : random.next32();
      const expected = model(bytes.slice(off, off + len), key);
      assert.equal(hash(bytes, off, len, key), expected, `seed ${seed}, length ${len}`);
    }
  }
});

test("murmur64a: words of extreme halves", () => {
  for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
    const bytes = new Uint8Array(24).fill(byte);
    assert.equal(hash(bytes, 0, 24, 0xffffffff), model(bytes, 0xffffffff), `byte ${byte}`);
  }
});
