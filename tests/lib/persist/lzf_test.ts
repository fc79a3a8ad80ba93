import assert from "node:assert/strict";
import { test } from "node:test";
import { lzfCompress, lzfDecompress } from "../../../lib/persist/lzf.ts";
import { type SeededRandom, withSeed } from "../../kit/clock.ts";
import { bytesOf } from "../../kit/resp.ts";

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** What a string is compressed to, with as much room as the string itself has. */
function compressed(src: Uint8Array, room = src.length): Uint8Array {
  const target = new Uint8Array(src.length + 16);
  return target.slice(0, lzfCompress(src, 0, src.length, target, 0, room));
}

function decompressed(src: Uint8Array, len: number): Uint8Array | undefined {
  const target = new Uint8Array(len);
  return lzfDecompress(src, 0, src.length, target, 0, len) ? target : undefined;
}

/** Bytes with repetitions of all lengths and distances. */
function compressible(random: SeededRandom, len: number): Uint8Array {
  const bytes = new Uint8Array(len);
  const alphabet = 1 + random.below(4) * random.below(20);
  for (let at = 0; at < len;) {
    if (at > 0 && random.chance(0.5)) {
      const from = Math.max(0, at - 1 - random.below(10_000));
      for (let left = random.below(400); left > 0 && at < len; left--, at++) {
        bytes[at] = bytes[from + (400 - left) % (at - from)];
      }
    } else {
      for (let left = 1 + random.below(60); left > 0 && at < len; left--) {
        bytes[at++] = random.below(alphabet);
      }
    }
  }
  return bytes;
}

test("lzf: worked examples", () => {
  assert.equal(hex(compressed(bytesOf("a".repeat(25)))), "01 61 61 e0 0c 00 01 61 61");
  assert.equal(hex(compressed(bytesOf("abc".repeat(30)))), "03 61 62 63 61 e0 4b 02 01 62 63");
});

test("lzf: what is compressed comes back", () =>
  withSeed(1, (random) => {
    for (let i = 0; i < 300; i++) {
      const src = compressible(random, 3 + random.below(i % 10 === 0 ? 40_000 : 500));
      const packed = compressed(src, src.length * 2);
      assert.notEqual(packed.length, 0);
      assert.deepEqual(decompressed(packed, src.length), src);
    }
  }));

test("lzf: without room nothing is written beyond it", () =>
  withSeed(2, (random) => {
    for (let i = 0; i < 200; i++) {
      const src = compressible(random, 21 + random.below(300));
      const room = random.below(src.length);
      const target = new Uint8Array(src.length + 32).fill(0xa5);
      const bytes = lzfCompress(src, 0, src.length, target, 8, room);
      assert.ok(bytes <= room);
      const behind = target.subarray(8 + room + 1);
      assert.ok(behind.every((byte) => byte === 0xa5));
    }
  }));

test("lzf: damaged bytes are refused, nothing outside is touched", () =>
  withSeed(3, (random) => {
    for (let i = 0; i < 2000; i++) {
      const src = compressible(random, 30 + random.below(200));
      const packed = compressed(src, src.length * 2);
      for (let n = 1 + random.below(3); n > 0; n--) {
        packed[random.below(packed.length)] = random.below(256);
      }
      const target = new Uint8Array(src.length + 16).fill(0xa5);
      lzfDecompress(packed, 0, random.below(packed.length + 1), target, 8, src.length);
      assert.ok(target.subarray(0, 8).every((byte) => byte === 0xa5));
      assert.ok(target.subarray(8 + src.length).every((byte) => byte === 0xa5));
    }
  }));

test("lzf: cut off, too long, nothing", () => {
  const packed = compressed(bytesOf("abc".repeat(30)));
  assert.equal(decompressed(packed, 89), undefined);
  assert.equal(decompressed(packed, 91), undefined);
  for (let len = 0; len < packed.length; len++) {
    assert.equal(decompressed(packed.subarray(0, len), 90), undefined);
  }
  assert.equal(decompressed(new Uint8Array(0), 0), undefined);
});
