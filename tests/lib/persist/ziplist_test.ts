import assert from "node:assert/strict";
import { test } from "node:test";
import { int64ToBigInt } from "../../../lib/bytes/int64.ts";
import { ZiplistCursor } from "../../../lib/persist/ziplist.ts";
import { ZipmapCursor } from "../../../lib/persist/zipmap.ts";
import { withSeed } from "../../kit/clock.ts";
import { latin1 } from "../../kit/resp.ts";

function bytesFrom(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (digits) => parseInt(digits, 16));
}

/** The entries of a ziplist, or undefined when it is damaged. */
function entries(bytes: Uint8Array): (string | bigint)[] | undefined {
  const cursor = new ZiplistCursor();
  const found: (string | bigint)[] = [];
  cursor.start(bytes, 0, bytes.length);
  while (cursor.next()) {
    const { stringOff, stringLen } = cursor;
    found.push(
      cursor.isInt
        ? int64ToBigInt(cursor.lo, cursor.hi)
        : latin1(bytes, stringOff, stringOff + stringLen),
    );
  }
  return cursor.damaged ? undefined : found;
}

/** A ziplist of raw entries (head and payload). */
function ziplist(...raw: string[]): Uint8Array {
  const body: number[] = [];
  let previous = 0;
  let tail = 10;
  for (const one of raw) {
    const bytes = [...bytesFrom(one)];
    tail = 10 + body.length;
    const before = body.length;
    if (previous < 254) body.push(previous);
    else body.push(254, previous & 255, previous >> 8, 0, 0);
    body.push(...bytes);
    previous = body.length - before;
  }
  const total = 11 + body.length;
  const word = (value: number) => [value & 255, (value >> 8) & 255, value >> 16, 0];
  return Uint8Array.from([...word(total), ...word(tail), raw.length, 0, ...body, 255]);
}

const EXAMPLE = "0f 00 00 00  0c 00 00 00  02 00  00 f3  02 f6  ff";

test("ziplist: worked example", () => {
  assert.deepEqual(entries(bytesFrom(EXAMPLE)), [2n, 5n]);
  assert.deepEqual(ziplist("f3", "f6"), bytesFrom(EXAMPLE));
});

test("ziplist: every encoding", () => {
  const long = "61 ".repeat(300);
  const list = ziplist(
    "02 68 69",
    `41 2c ${long}`,
    `80 00 00 01 2c ${long}`,
    "c0 ff ff",
    "d0 00 00 00 80",
    "e0 ff ff ff ff ff ff ff 7f",
    "f0 00 00 80",
    "fe 80",
    "f1",
    "fd",
  );
  const text = "a".repeat(300);
  const numbers = [-1n, -2147483648n, 9223372036854775807n, -8388608n, -128n, 0n, 12n];
  assert.deepEqual(entries(list), ["hi", text, text, ...numbers]);
});

test("ziplist: every damage is found or harmless", () =>
  withSeed(4, (random) => {
    const whole = ziplist("02 68 69", "f3", "c0 ff ff", `41 2c ${"61 ".repeat(300)}`, "fe 01");
    for (let len = 0; len < whole.length; len++) {
      assert.equal(entries(whole.subarray(0, len)), undefined);
    }
    for (let i = 0; i < 3000; i++) {
      const bytes = whole.slice();
      bytes[random.below(bytes.length)] = random.below(256);
      entries(bytes);
    }
  }));

test("ziplist: unknown heads, wrong counts, wrong sizes before", () => {
  assert.equal(entries(ziplist("c1 00")), undefined);
  assert.equal(entries(ziplist("f3", "ff")), undefined);
  const count = bytesFrom(EXAMPLE);
  count[8] = 3;
  assert.equal(entries(count), undefined);
  const previous = bytesFrom(EXAMPLE);
  previous[12] = 3;
  assert.equal(entries(previous), undefined);
  const tail = bytesFrom(EXAMPLE);
  tail[4] = 10;
  assert.equal(entries(tail), undefined);
});

// ---- zipmap

/** The fields of a zipmap, or undefined when it is damaged. */
function fields(bytes: Uint8Array): [string, string][] | undefined {
  const cursor = new ZipmapCursor();
  const found: [string, string][] = [];
  cursor.start(bytes, 0, bytes.length);
  while (cursor.next()) {
    found.push([
      latin1(bytes, cursor.fieldOff, cursor.fieldOff + cursor.fieldLen),
      latin1(bytes, cursor.valueOff, cursor.valueOff + cursor.valueLen),
    ]);
  }
  return cursor.damaged ? undefined : found;
}

const MAP = "02 03 66 6f 6f 03 00 62 61 72 05 68 65 6c 6c 6f 05 00 77 6f 72 6c 64 ff";

test("zipmap: worked example, unused bytes, long values", () => {
  assert.deepEqual(fields(bytesFrom(MAP)), [["foo", "bar"], ["hello", "world"]]);
  assert.deepEqual(fields(bytesFrom("01 01 61 01 02 62 00 00 ff")), [["a", "b"]]);
  const long = `01 01 61 fe 00 01 00 00 00 ${"62 ".repeat(256)} ff`;
  assert.deepEqual(fields(bytesFrom(long)), [["a", "b".repeat(256)]]);
});

test("zipmap: damage", () =>
  withSeed(5, (random) => {
    const whole = bytesFrom(MAP);
    for (
      const bad of ["", "ff", "00 ff", "03 01 61 01 00 62 ff", "01 fe 01 00 00 00 61 01 00 62 ff"]
    ) {
      assert.equal(fields(bad === "" ? new Uint8Array(0) : bytesFrom(bad)), undefined, bad);
    }
    for (let len = 0; len < whole.length; len++) {
      assert.equal(fields(whole.subarray(0, len)), undefined);
    }
    for (let i = 0; i < 3000; i++) {
      const bytes = whole.slice();
      bytes[random.below(bytes.length)] = random.below(256);
      fields(bytes);
    }
  }));
