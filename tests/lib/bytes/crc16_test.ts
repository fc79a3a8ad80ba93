import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { crc16, keySlot, SLOT_COUNT } from "../../../lib/bytes/crc16.ts";
import { Random } from "./random.ts";

/** The checksum straight from its definition, bit by bit. */
function model(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
    }
  }
  return crc;
}

test("the example of the header", () => {
  assert.equal(crc16(fromLatin1("123456789"), 0, 9), 0x31c3);
  assert.equal(keySlot(fromLatin1("123456789"), 0, 9), 12739);
});

test("crc16 agrees with division bit by bit", () => {
  const random = new Random(0xc16);
  for (let i = 0; i < 2000; i++) {
    const off = random.below(4);
    const len = random.below(40);
    const bytes = random.bytes(off + len + 2);
    const want = model(bytes.slice(off, off + len));
    assert.equal(crc16(bytes, off, len), want, `seed ${random.seed} step ${i}`);
  }
});

test("keySlot gives the slots recorded from CLUSTER KEYSLOT", () => {
  const rows: [string, number][] = [
    ["", 0],
    ["{", 4092],
    ["}", 12090],
    ["{}", 15257],
    ["a{}{b}", 15033],
    ["x{a}{b}", 15495],
    ["}{a}", 15495],
    ["{a", 10276],
    ["x{{a}}", 10276],
    ["{user}.name", 5474],
    ["user", 5474],
    ["foo", 12182],
    ["{\x00}", 0],
    ["\xff{\xfe}", 3793],
  ];
  for (const [key, slot] of rows) {
    const buf = fromLatin1("}{" + key + "}{");
    assert.equal(keySlot(buf, 2, key.length), slot, JSON.stringify(key));
  }
  assert.equal(SLOT_COUNT, 16384);
});
