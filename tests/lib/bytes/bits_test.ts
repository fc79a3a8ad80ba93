import { test } from "node:test";
import assert from "node:assert/strict";
import {
  BITS_AND,
  BITS_OR,
  BITS_XOR,
  bitsCombine,
  bitsCount,
  bitsFind,
  bitsInvert,
  byteCount,
  byteFind,
  wordCount,
} from "../../../lib/bytes/bits.ts";
import { Random } from "./random.ts";

const SEED = 20260519;

/** A buffer seen as bytes and as words. */
function memory(bytes: number): { buf: Uint8Array; words: Int32Array } {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 4) * 4);
  return { buf: new Uint8Array(buffer), words: new Int32Array(buffer) };
}

function naiveCount(buf: Uint8Array, off: number, len: number): number {
  let count = 0;
  for (let i = 0; i < len * 8; i++) count += (buf[off + (i >> 3)] >> (7 - (i & 7))) & 1;
  return count;
}

function naiveFind(buf: Uint8Array, off: number, len: number, bit: number): number {
  for (let i = 0; i < len * 8; i++) {
    if (((buf[off + (i >> 3)] >> (7 - (i & 7))) & 1) === bit) return i;
  }
  return -1;
}

test("the examples of the header", () => {
  assert.equal(bitsCount(Uint8Array.of(0xff, 0x01, 0x80), null, 0, 3), 10);
  assert.equal(bitsFind(Uint8Array.of(0x00, 0x20), null, 0, 2, 1), 10);
  assert.equal(bitsFind(Uint8Array.of(0xff, 0x7f), null, 0, 2, 0), 8);
});

test("bytes and words are counted", () => {
  for (let byte = 0; byte < 256; byte++) {
    const naive = naiveCount(Uint8Array.of(byte), 0, 1);
    assert.equal(byteCount(byte), naive);
    for (const shift of [0, 8, 16, 24]) assert.equal(wordCount(byte << shift), naive);
    assert.equal(byteFind(byte, 0), naiveFind(Uint8Array.of(byte), 0, 1, 0));
    assert.equal(byteFind(byte, 1), naiveFind(Uint8Array.of(byte), 0, 1, 1));
  }
  assert.equal(wordCount(-1), 32);
});

test("ranges are counted at every alignment and length", () => {
  const random = new Random(SEED);
  const { buf, words } = memory(400);
  buf.set(random.bytes(400));
  for (let off = 0; off < 9; off++) {
    for (let len = 0; len < 120; len++) {
      const naive = naiveCount(buf, off, len);
      assert.equal(bitsCount(buf, words, off, len), naive, `off ${off} len ${len}`);
      assert.equal(bitsCount(buf, null, off, len), naive, `off ${off} len ${len}`);
    }
  }
  buf.fill(0xff);
  assert.equal(bitsCount(buf, words, 1, 390), 390 * 8);
});

test("the first bit is found wherever it is", () => {
  const { buf, words } = memory(80);
  for (const bit of [0, 1]) {
    for (let off = 0; off < 6; off++) {
      const len = 70;
      buf.fill(bit === 1 ? 0 : 0xff);
      assert.equal(bitsFind(buf, words, off, len, bit), -1);
      assert.equal(bitsFind(buf, null, off, 0, bit), -1);
      for (let at = 0; at < len * 8; at++) {
        const byte = off + (at >> 3);
        const kept = buf[byte];
        buf[byte] ^= 0x80 >> (at & 7);
        assert.equal(bitsFind(buf, words, off, len, bit), at, `off ${off} bit ${bit}`);
        assert.equal(bitsFind(buf, null, off, len, bit), at, `off ${off} bit ${bit}`);
        buf[byte] = kept;
      }
    }
  }
});

test("what lies outside the range does not matter for finding", () => {
  const { buf, words } = memory(64);
  buf.fill(0);
  buf[0] = 1;
  buf[60] = 1;
  assert.equal(bitsFind(buf, words, 1, 59, 1), -1);
  assert.equal(bitsFind(buf, words, 1, 60, 1), 59 * 8 + 7);
});

test("ranges are combined and inverted", () => {
  const random = new Random(SEED);
  const operations: [number, (a: number, b: number) => number][] = [
    [BITS_AND, (a, b) => a & b],
    [BITS_OR, (a, b) => a | b],
    [BITS_XOR, (a, b) => a ^ b],
  ];
  for (let round = 0; round < 300; round++) {
    const source = memory(100);
    const target = memory(100);
    source.buf.set(random.bytes(100));
    target.buf.set(random.bytes(100));
    const [op, apply] = random.pick(operations);
    const srcOff = random.below(8);
    const dstOff = random.below(8);
    const len = random.below(90);
    const wanted = target.buf.slice();
    for (let i = 0; i < len; i++) {
      wanted[dstOff + i] = apply(wanted[dstOff + i], source.buf[srcOff + i]);
    }
    const srcWords = random.below(2) === 0 ? null : source.words;
    bitsCombine(op, target.buf, target.words, dstOff, source.buf, srcWords, srcOff, len);
    assert.deepEqual(target.buf, wanted, `seed ${SEED} round ${round}`);
    for (let i = 0; i < len; i++) wanted[dstOff + i] = ~wanted[dstOff + i];
    bitsInvert(target.buf, random.below(2) === 0 ? null : target.words, dstOff, len);
    assert.deepEqual(target.buf, wanted, `inverted, seed ${SEED} round ${round}`);
  }
});
