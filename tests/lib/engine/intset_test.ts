import { test } from "node:test";
import assert from "node:assert/strict";
import {
  INTSET_HEADER,
  intsetAdd,
  intsetBytes,
  intsetBytesWith,
  intsetCount,
  intsetFind,
  intsetGet,
  intsetInit,
  intsetMax,
  intsetMin,
  intsetRandom,
  intsetRemove,
  intsetSearch,
  intsetValidate,
  member,
} from "../../../lib/engine/intset.ts";
import { fuzz, setOf } from "../../fuzz/intset_fuzz.ts";
import { watched } from "../../fuzz/listpack_fuzz.ts";
import { withSeed } from "../../kit/clock.ts";
import { dumpedParts } from "./dumped.ts";

const ROOM = 4096;

function words(value: bigint): [lo: number, hi: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

function built(values: readonly bigint[], off = 0): Uint8Array {
  const buf = new Uint8Array(ROOM);
  intsetInit(buf, off);
  for (const value of values) intsetAdd(buf, off, ...words(value));
  return buf;
}

function bytesOf(buf: Uint8Array, off = 0): Uint8Array {
  return buf.slice(off, off + intsetBytes(buf, off));
}

function memberValue(): bigint {
  return (BigInt(member.hi) << 32n) | BigInt(member.lo >>> 0);
}

function members(buf: Uint8Array, off = 0): bigint[] {
  return Array.from({ length: intsetCount(buf, off) }, (_, i) => {
    intsetGet(buf, off, i);
    return memberValue();
  });
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => parseInt(byte, 16));
}

function valid(bytes: Uint8Array, deep = true): boolean {
  return intsetValidate(watched(bytes, 0, bytes.length), 0, bytes.length, deep);
}

test("the dumps of the header", () => {
  const rows: [values: bigint[], dump: string][] = [
    [[3n, 1n, 2n], "02 00 00 00 03 00 00 00 01 00 02 00 03 00"],
    [[1n, 70000n], "04 00 00 00 02 00 00 00 01 00 00 00 70 11 01 00"],
    [
      [1n, 9223372036854775807n],
      "08 00 00 00 02 00 00 00 01 00 00 00 00 00 00 00 ff ff ff ff ff ff ff 7f",
    ],
  ];
  for (const [values, dump] of rows) {
    assert.equal(hex(bytesOf(built(values))), dump);
    assert.ok(valid(unhex(dump)));
  }
});

test("recorded dumps are the bytes that adding makes", () => {
  const parts = dumpedParts();
  const sets = parts.filter((part) => part.kind === "intset");
  for (const { bytes, from } of sets) {
    assert.ok(valid(bytes), from);
    const values = members(bytes);
    assert.equal(hex(bytesOf(built(values.reverse()))), hex(bytes), from);
  }
  if (parts.length > 0) assert.ok(sets.length >= 6, `${sets.length} intsets found`);
});

test("a wide value widens the others; the width stays when it is gone", () => {
  const rows: [first: bigint[], wide: bigint, width: number][] = [
    [[-5n, 5n], 32767n, 2],
    [[-5n, 5n], -32768n, 2],
    [[-5n, 5n], 32768n, 4],
    [[-5n, 5n], -32769n, 4],
    [[-5n, 5n], 2147483647n, 4],
    [[-5n, 5n], -2147483648n, 4],
    [[-5n, 5n], 2147483648n, 8],
    [[-5n, 5n], -2147483649n, 8],
    [[-70000n, 5n, 70000n], 9223372036854775807n, 8],
    [[-70000n, 5n, 70000n], -9223372036854775808n, 8],
    [[], 2147483648n, 8],
    [[], -2147483649n, 8],
    [[], -40000n, 4],
  ];
  for (const [first, wide, width] of rows) {
    const off = 5;
    const buf = built(first, off);
    const [lo, hi] = words(wide);
    const room = intsetBytesWith(buf, off, lo, hi);
    assert.equal(room, INTSET_HEADER + (first.length + 1) * width, `${wide}`);
    assert.ok(intsetAdd(watched(buf, off, room), off, lo, hi));
    assert.ok(!intsetAdd(watched(buf, off, room), off, lo, hi));
    const all = [...first, wide].sort((a, b) => a < b ? -1 : 1);
    assert.equal(hex(bytesOf(buf, off)), hex(setOf(all, width)));
    assert.ok(intsetRemove(buf, off, lo, hi));
    assert.equal(hex(bytesOf(buf, off)), hex(setOf(first, width)));
  }
});

test("search: index of a member, complement of the place of a missing value", () => {
  for (const width of [2, 4, 8]) {
    const buf = setOf([-10n, 0n, 10n, 20n], width);
    const rows: [value: bigint, found: number][] = [
      [-10n, 0],
      [20n, 3],
      [-11n, ~0],
      [-1n, ~1],
      [5n, ~2],
      [21n, ~4],
      [40000n, ~4],
      [-40000n, ~0],
      [3000000000n, ~4],
      [-3000000000n, ~0],
      [4294967296n, ~4],
      [-4294967296n, ~0],
      // Equal in the low word only.
      [4294967306n, ~4],
    ];
    for (const [value, found] of rows) {
      assert.equal(intsetSearch(buf, 0, ...words(value)), found, `${value} in width ${width}`);
      assert.equal(intsetFind(buf, 0, ...words(value)), found >= 0);
      if (found < 0) assert.ok(!intsetRemove(buf, 0, ...words(value)));
    }
  }
  for (const width of [2, 4, 8]) {
    for (const value of [0n, -1n, 2n ** 40n]) {
      assert.equal(intsetSearch(setOf([], width), 0, ...words(value)), ~0);
    }
  }
});

test("low words compare without sign", () => {
  const values = [-4294967295n, -1n, 1n, 2147483648n, 4294967295n, 4294967296n, 6442450944n];
  const buf = built([...values].reverse());
  assert.deepEqual(members(buf), values);
  for (const [i, value] of values.entries()) assert.equal(intsetSearch(buf, 0, ...words(value)), i);
});

test("smallest, largest, random", () => {
  const buf = setOf([-7n, 1n, 2n ** 33n]);
  intsetMin(buf, 0);
  assert.equal(memberValue(), -7n);
  intsetMax(buf, 0);
  assert.equal(memberValue(), 2n ** 33n);
  const picked = [0, 1, 2, 3, -1].map((bits) => {
    intsetRandom(buf, 0, bits);
    return memberValue();
  });
  assert.deepEqual(picked, [-7n, 1n, 2n ** 33n, -7n, -7n]);
});

test("validate finds every kind of damage", () => {
  const rows: [what: string, dump: string][] = [
    ["no bytes", ""],
    ["half a header", "02 00 00 00 01 00 00"],
    ["empty", "02 00 00 00 00 00 00 00"],
    ["width 0", "00 00 00 00 01 00 00 00 01 00"],
    ["width 3", "03 00 00 00 01 00 00 00 01 00 00"],
    ["width beyond a byte", "02 01 00 00 01 00 00 00 01 00"],
    ["count too small", "02 00 00 00 01 00 00 00 01 00 02 00"],
    ["count too large", "02 00 00 00 03 00 00 00 01 00 02 00"],
    ["count of 2^31", "02 00 00 00 00 00 00 80"],
    ["count whose product wraps to 0", "08 00 00 00 00 00 00 20"],
  ];
  for (const [what, dump] of rows) {
    assert.ok(!valid(unhex(dump), false), what);
    assert.ok(!valid(unhex(dump), true), what);
  }
  const orders: [what: string, bytes: Uint8Array][] = [];
  for (const width of [2, 4, 8]) {
    orders.push(["falling", setOf([2n, 1n], width)], ["twice", setOf([-3n, 1n, 1n], width)]);
    orders.push(["sign", setOf([1n, -1n], width)]);
  }
  orders.push(["low words", setOf([4294967295n, 1n])], [
    "high words",
    setOf([2n ** 33n, 2n ** 32n]),
  ]);
  for (const [what, bytes] of orders) {
    assert.ok(valid(bytes, false), what);
    assert.ok(!valid(bytes, true), what);
  }
});

test("random additions and removals against an array, noise against the naive reader", () => {
  withSeed(1, (random) => fuzz(random.next32() >>> 0, 2000, () => {}));
});
