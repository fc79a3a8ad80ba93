import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  INT64_TEXT_MAX,
  int64Add,
  int64Compare,
  int64DigitCount,
  int64Format,
  int64FromBigInt,
  int64FromNumber,
  int64Parse,
  int64ToBigInt,
  int64ToNumber,
  UINT_TEXT_MAX,
  uintDigitCount,
  uintFormat,
} from "../../../lib/bytes/int64.ts";
import { Random } from "./random.ts";

const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);

/** Every power of 2 and of 10 with both neighbours, positive and negative, inside 64 bits. */
function boundaries(): bigint[] {
  const values = new Set<bigint>([0n, MAX, MIN]);
  const centers: bigint[] = [];
  for (let i = 0n; i < 64n; i++) centers.push(1n << i);
  for (let i = 0n; i < 19n; i++) centers.push(10n ** i, 5n * 10n ** i);
  for (const center of centers) {
    for (let d = -2n; d <= 2n; d++) {
      for (const value of [center + d, -center + d]) {
        if (value >= MIN && value <= MAX) values.add(value);
      }
    }
  }
  return [...values];
}

function parseText(text: string): bigint | null {
  const buf = fromLatin1("9" + text + "9");
  const out = new Int32Array([77, 78]);
  if (!int64Parse(buf, 1, text.length, out)) {
    assert.deepEqual([...out], [77, 78], "a refused text must leave out alone");
    return null;
  }
  return int64ToBigInt(out[0], out[1]);
}

function checkValue(value: bigint, note: string): void {
  const text = value.toString();
  const out = new Int32Array(2);
  assert.equal(int64FromBigInt(value, out), true, note);
  assert.equal(int64ToBigInt(out[0], out[1]), value, note);
  assert.equal(parseText(text), value, note);
  const buf = new Uint8Array(INT64_TEXT_MAX + 4).fill(0x2e);
  const written = int64Format(out[0], out[1], buf, 2);
  assert.equal(latin1(buf, 0, 2 + written + 2), ".." + text + "..", note);
  assert.equal(int64DigitCount(out[0], out[1]), text.length, note);
  assert.equal(int64ToNumber(out[0], out[1]), Number(value), note);
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    const n = Number(value);
    assert.equal(uintDigitCount(n), text.length, note);
    buf.fill(0x2e);
    assert.equal(uintFormat(n, buf, 1), text.length, note);
    assert.equal(latin1(buf, 0, text.length + 2), "." + text + ".", note);
  }
}

test("boundaries survive parse, format, digit counts and conversions", () => {
  for (const value of boundaries()) checkValue(value, value.toString());
});

test("every small integer survives", () => {
  for (let value = -12000n; value <= 12000n; value++) checkValue(value, value.toString());
});

test("random integers of every length survive", () => {
  const random = new Random(0x51617);
  for (let i = 0; i < 20000; i++) {
    const value = random.int64();
    checkValue(value, `seed ${random.seed} step ${i}`);
  }
});

test("words of the examples in the header", () => {
  const rows: [string, number, number][] = [
    ["-9223372036854775808", 0, 0x80000000 | 0],
    ["4294967296", 0, 1],
    ["-1", -1, -1],
  ];
  for (const [text, lo, hi] of rows) {
    const out = new Int32Array(2);
    assert.equal(int64Parse(fromLatin1(text), 0, text.length, out), true);
    assert.deepEqual([...out], [lo, hi], text);
  }
  assert.equal((2n ** 53n - 1n).toString().length, UINT_TEXT_MAX);
});

test("int64Parse refuses everything but the canonical text", () => {
  const refused = [
    "",
    "-",
    "--1",
    "+1",
    "-0",
    "00",
    "01",
    "-01",
    "+0",
    " 1",
    "1 ",
    "1\n",
    "\x001",
    "1\x00",
    "1.0",
    "1e3",
    "0x10",
    "a",
    "1a",
    "a1",
    "-a",
    "12345678a",
    "a123456789",
    "123456789a",
    "1234567890123a5",
    "1234567890123456a",
    "123456789012345/789",
    "1234567890:23456789",
    "12345678901234567/8",
    "/",
    ":",
    "-/",
    "1\xff",
    "9223372036854775808",
    "-9223372036854775809",
    "9223372037000000000",
    "9999999999999999999",
    "-9999999999999999999",
    "10000000000000000000",
    "18446744073709551616",
    "18446744073709551615",
    "-10000000000000000000",
    "100000000000000000000",
    "-00000000000000000001",
    "0000000000000000000000001",
  ];
  for (const text of refused) assert.equal(parseText(text), null, JSON.stringify(text));
});

test("int64Parse takes a text exactly when its number prints the same", () => {
  const random = new Random(0xbeef);
  const alphabet = "0123456789012345678901234567890123456789-+ .a";
  for (let i = 0; i < 50000; i++) {
    let text = "";
    for (let n = random.below(23); n > 0; n--) text += random.pick(alphabet);
    let want: bigint | null = null;
    if (/^-?[0-9]+$/.test(text)) {
      const value = BigInt(text);
      if (value.toString() === text && value >= MIN && value <= MAX) want = value;
    }
    assert.equal(parseText(text), want, `seed ${random.seed} step ${i} ${text}`);
  }
});

test("int64Add and int64Compare agree with BigInt on boundaries", () => {
  const values = boundaries();
  const a = new Int32Array(2);
  const b = new Int32Array(2);
  const out = new Int32Array(2);
  for (const x of values) {
    int64FromBigInt(x, a);
    for (const y of values) {
      int64FromBigInt(y, b);
      const sum = x + y;
      const fits = sum >= MIN && sum <= MAX;
      out[0] = 5;
      out[1] = 6;
      if (int64Add(a[0], a[1], b[0], b[1], out) !== fits) assert.fail(`${x} + ${y}`);
      const got = int64ToBigInt(out[0], out[1]);
      if (got !== (fits ? sum : (6n << 32n) + 5n)) assert.fail(`${x} + ${y} = ${got}`);
      const order = Math.sign(int64Compare(a[0], a[1], b[0], b[1]));
      if (order !== (x < y ? -1 : x > y ? 1 : 0)) assert.fail(`${x} ? ${y}`);
    }
  }
});

test("int64Add and int64Compare agree with BigInt on random values", () => {
  const random = new Random(0x2add);
  const a = new Int32Array(2);
  const b = new Int32Array(2);
  const out = new Int32Array(2);
  for (let i = 0; i < 50000; i++) {
    const x = random.int64();
    const y = random.int64();
    int64FromBigInt(x, a);
    int64FromBigInt(y, b);
    const sum = x + y;
    const note = `seed ${random.seed} step ${i}`;
    const fits = BigInt.asIntN(64, sum) === sum;
    assert.equal(int64Add(a[0], a[1], b[0], b[1], out), fits, note);
    if (fits) assert.equal(int64ToBigInt(out[0], out[1]), sum, note);
    const order = Math.sign(int64Compare(a[0], a[1], b[0], b[1]));
    assert.equal(order, x < y ? -1 : x > y ? 1 : 0, note);
  }
});

test("int64FromNumber takes exactly the integers of 64 bits", () => {
  const out = new Int32Array(2);
  const taken = [0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53), -(2 ** 63)];
  taken.push(2 ** 63 - 1024, 1e18, -1e18, 123456789012);
  for (const n of taken) {
    assert.equal(int64FromNumber(n, out), true, String(n));
    assert.equal(int64ToBigInt(out[0], out[1]), BigInt(n), String(n));
  }
  out[0] = 3;
  out[1] = 4;
  for (const n of [0.5, -0.5, 1e300, 2 ** 63, -(2 ** 63) - 2048, NaN, Infinity, -Infinity]) {
    assert.equal(int64FromNumber(n, out), false, String(n));
    assert.deepEqual([...out], [3, 4]);
  }
});

test("int64FromBigInt refuses what does not fit", () => {
  const out = new Int32Array([3, 4]);
  for (const value of [MAX + 1n, MIN - 1n, 1n << 64n, -(1n << 100n)]) {
    assert.equal(int64FromBigInt(value, out), false);
    assert.deepEqual([...out], [3, 4]);
  }
});
