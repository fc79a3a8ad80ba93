import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { CRC64_BYTES, crc64Matches, crc64Store, crc64Update } from "../../../lib/bytes/crc64.ts";
import { int64ToBigInt } from "../../../lib/bytes/int64.ts";
import { Random } from "./random.ts";

const POLYNOMIAL = 0xad93d23594c935a9n;
const MASK = (1n << 64n) - 1n;

function reverseBits(n: bigint, count: number): bigint {
  let out = 0n;
  for (let i = 0; i < count; i++) out = (out << 1n) | ((n >> BigInt(i)) & 1n);
  return out;
}

/** The checksum straight from its definition: division bit by bit, highest first. */
function model(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= reverseBits(BigInt(byte), 8) << 56n;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc >> 63n === 1n ? ((crc << 1n) & MASK) ^ POLYNOMIAL : crc << 1n;
    }
  }
  return reverseBits(crc, 64);
}

function checksum(bytes: Uint8Array): bigint {
  const crc = new Int32Array(2);
  crc64Update(crc, bytes, 0, bytes.length);
  return BigInt.asUintN(64, int64ToBigInt(crc[0], crc[1]));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

test("the example of the header, value and stored form", () => {
  const crc = new Int32Array(2);
  crc64Update(crc, fromLatin1("123456789"), 0, 9);
  assert.equal(BigInt.asUintN(64, int64ToBigInt(crc[0], crc[1])), 0xe9c6d914c4b8d9can);
  const stored = new Uint8Array(CRC64_BYTES + 2).fill(0x77);
  crc64Store(crc, stored, 1);
  assert.deepEqual(stored, fromHex("77cad9b8c414d9c6e977"));
  assert.equal(crc64Matches(crc, stored, 1), true);
  for (let i = 1; i <= CRC64_BYTES; i++) {
    stored[i] ^= 0x80;
    assert.equal(crc64Matches(crc, stored, 1), false, `byte ${i}`);
    stored[i] ^= 0x80;
  }
});

test("payloads of DUMP end with their checksum", () => {
  const payloads = [
    "000b68656c6c6f20776f726c645000c4d680283895c7c0",
    "1201020f0f00000003008161028162020101ff50002f3162dbd99c3ed6",
  ];
  for (const hex of payloads) {
    const bytes = fromHex(hex);
    const crc = new Int32Array(2);
    crc64Update(crc, bytes, 0, bytes.length - CRC64_BYTES);
    assert.equal(crc64Matches(crc, bytes, bytes.length - CRC64_BYTES), true, hex);
    assert.equal(checksum(bytes), 0n);
  }
});

test("agrees with division bit by bit", () => {
  const random = new Random(0xc64);
  for (let len = 0; len < 70; len++) {
    const bytes = random.bytes(len);
    assert.equal(checksum(bytes), model(bytes), `seed ${random.seed} length ${len}`);
  }
});

test("ranges may be cut anywhere", () => {
  const bytes = new Random(0xc65).bytes(100);
  const want = checksum(bytes);
  for (let first = 0; first <= 100; first += 3) {
    for (let second = first; second <= 100; second += 7) {
      const crc = new Int32Array(2);
      crc64Update(crc, bytes, 0, first);
      crc64Update(crc, bytes, first, second - first);
      crc64Update(crc, bytes, second, 100 - second);
      assert.equal(BigInt.asUintN(64, int64ToBigInt(crc[0], crc[1])), want, `${first} ${second}`);
    }
  }
});
