import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { int64ToBigInt } from "../../../lib/bytes/int64.ts";
import {
  LONG_DOUBLE_INVALID,
  LONG_DOUBLE_NOT_FINITE,
  LONG_DOUBLE_OK,
  LONG_DOUBLE_SECOND_INVALID,
  LONG_DOUBLE_TEXT_LIMIT,
  longDoubleAdd,
  longDoubleCheck,
  longDoubleFormat,
  longDoubleMilliseconds,
  longDoubleParse,
} from "../../../lib/bytes/long_double.ts";
import { Random } from "./random.ts";

function add(a: string, b: string): string | number {
  const aBuf = fromLatin1("7" + a + "7");
  const bBuf = fromLatin1("77" + b + "7");
  const sum = longDoubleAdd(aBuf, 1, a.length, bBuf, 2, b.length);
  return typeof sum === "number" ? sum : latin1(sum, 0, sum.length);
}

function check(text: string): number {
  return longDoubleCheck(fromLatin1("7" + text + "7"), 1, text.length);
}

function print(text: string): string {
  const value = longDoubleParse(fromLatin1(text), 0, text.length);
  assert.ok(value !== null && value.infinite === 0, text);
  const printed = longDoubleFormat(value);
  return latin1(printed, 0, printed.length);
}

// SET k first, INCRBYFLOAT k second, the reply (Valkey 9.1.0 on x86-64)
const SUMS: [string, string, string][] = [
  ["3", "0.1", "3.1"],
  ["5000000", "0.1", "5000000.09999999999990905"],
  ["10.50", "0.1", "10.6"],
  ["5.0e3", "2.0e2", "5200"],
  ["0.1", "0.2", "0.3"],
  ["1.1", "2.2", "3.3"],
  ["7.10", "0", "7.1"],
  ["00012.500", "+.5", "13"],
  ["1", "-1", "0"],
  ["3.14", "-3.14", "0"],
  ["-0", "-0", "0"],
  ["-1e-30", "0", "0"],
  ["100", "1e-17", "100.00000000000000001"],
  ["100", "1e-18", "100"],
  ["0.99999999999999999", "0.00000000000000001", "1"],
  ["123456789012345.678", "0.001", "123456789012345.6790008544921875"],
  ["1e20", "1", "100000000000000000000"],
  // the end of 64 bits
  ["9223372036854775807", "1", "9223372036854775808"],
  ["18446744073709551615", "1", "18446744073709551616"],
  ["36893488147419103232", "1.5", "36893488147419103232"],
  // ties of the eighteenth decimal go to the even digit
  ["0.000003814697265625", "0", "0.00000381469726562"],
  ["0.000011444091796875", "0", "0.00001144409179688"],
  // hexadecimal, and the ends of the exponent range
  ["0x10", "0x.8", "16.5"],
  ["0X1.P3", "0x1p-1", "8.5"],
  ["0x1p-16445", "0", "0"],
  ["1e4900", "-1e4900", "0"],
];

test("sums are those of the reference", () => {
  for (const [a, b, want] of SUMS) assert.equal(add(a, b), want, `${a} + ${b}`);
});

test("longDoubleAdd says which text is at fault", () => {
  const rows: [string, string, number][] = [
    ["x", "1", LONG_DOUBLE_INVALID],
    ["x", "y", LONG_DOUBLE_INVALID],
    ["x", "inf", LONG_DOUBLE_INVALID],
    ["1", "y", LONG_DOUBLE_SECOND_INVALID],
    ["inf", "y", LONG_DOUBLE_SECOND_INVALID],
    ["", "1", LONG_DOUBLE_INVALID],
    ["1", "", LONG_DOUBLE_SECOND_INVALID],
    ["inf", "1", LONG_DOUBLE_NOT_FINITE],
    ["1", "-Infinity", LONG_DOUBLE_NOT_FINITE],
    ["inf", "-inf", LONG_DOUBLE_NOT_FINITE],
    ["1e4932", "1e4932", LONG_DOUBLE_NOT_FINITE],
    ["-1e4932", "-1e4932", LONG_DOUBLE_NOT_FINITE],
  ];
  for (const [a, b, want] of rows) assert.equal(add(a, b), want, `${a} + ${b}`);
});

test("texts that are no numbers, overflow or vanish are refused", () => {
  const refused = [
    "",
    " 1",
    "1 ",
    "\t1",
    "1\n",
    "1\x00",
    "\x001",
    "-",
    "+",
    ".",
    "-.",
    "++1",
    "-+1",
    "1e",
    "1e+",
    "1e 5",
    "1e5.0",
    "e5",
    ".e5",
    "1.2.3",
    "1_0",
    "1,5",
    "1d",
    "nan",
    "-NaN",
    "nan(1)",
    "in",
    "infi",
    "infinit",
    "infinityx",
    "0x",
    "0x.",
    "0x.p1",
    "0x1p",
    "0x1p+",
    "0xg",
    "0x1e+2",
    "0b1",
    "1e4933",
    "-1e4933",
    "1e99999999999",
    "1e-99999999999",
    "1.18973149535723176506e4932",
    "0x1p16384",
    "1e-4951",
    "1.8e-4951",
    "0x1p-16446",
    "2".repeat(4933),
    "0".repeat(LONG_DOUBLE_TEXT_LIMIT - 1) + "1",
  ];
  for (const text of refused) assert.equal(check(text), LONG_DOUBLE_INVALID, text.slice(0, 40));
});

test("every spelling of a number is taken", () => {
  const taken = [
    "0",
    "-0",
    "+1",
    "1.",
    ".5",
    "1.e2",
    "1E5",
    "0e99999999999",
    "0x0p99999999999",
    "0x1.8P+4",
    "0xABCdef",
    "1e4932",
    "1.18973149535723176502e4932",
    "0x1p16383",
    "3.6e-4951",
    "1.9e-4951",
    "0x1p-16445",
    "0x1.8p-16446",
    "0".repeat(LONG_DOUBLE_TEXT_LIMIT - 2) + "1",
  ];
  for (const text of taken) assert.equal(check(text), LONG_DOUBLE_OK, text.slice(0, 40));
  for (const text of ["inf", "-INF", "+Infinity"]) {
    assert.equal(check(text), LONG_DOUBLE_NOT_FINITE, text);
  }
});

test("values are rounded to 64 bits, ties to even", () => {
  const rows: [string, string][] = [
    // 2^64 + 1 and + 3 lie between two values
    ["18446744073709551617", "18446744073709551616"],
    ["18446744073709551619", "18446744073709551620"],
    ["18446744073709551617.000000000000000000001", "18446744073709551618"],
    ["18446744073709551616.5", "18446744073709551616"],
    ["18446744073709551615.5", "18446744073709551616"],
    ["18446744073709551614.5", "18446744073709551614"],
    ["9223372036854775807.5", "9223372036854775807.5"],
    ["9223372036854775807.25", "9223372036854775807"],
    ["0x10000000000000001", "18446744073709551616"],
    ["0x10000000000000003", "18446744073709551620"],
  ];
  for (const [text, want] of rows) assert.equal(print(text), want, text);
  assert.equal(print("1e4932").length, 4933);
});

/** The same sum by a second way: every value as an integer multiple of 2^-16445. */
function sumModel(a: bigint, b: bigint): string {
  const sum = a + b;
  let magnitude = sum < 0n ? -sum : sum;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  if (bits > 64) {
    const unit = 1n << BigInt(bits - 64);
    const rest = magnitude % unit;
    magnitude -= rest;
    if (rest * 2n > unit || (rest * 2n === unit && (magnitude / unit) % 2n === 1n)) {
      magnitude += unit;
    }
  }
  const scaled = magnitude * 10n ** 17n;
  const one = 1n << 16445n;
  let kept = scaled / one;
  const rest = scaled % one;
  if (rest * 2n > one || (rest * 2n === one && kept % 2n === 1n)) kept += 1n;
  const digits = kept.toString().padStart(18, "0");
  const text = (digits.slice(0, -17) + "." + digits.slice(-17)).replace(/\.?0+$/, "");
  return sum < 0n && kept !== 0n ? "-" + text : text;
}

test("random sums agree with exact arithmetic", () => {
  const random = new Random(0x1d);
  for (let i = 0; i < 1500; i++) {
    const values: bigint[] = [];
    const texts: string[] = [];
    for (let side = 0; side < 2; side++) {
      const high = BigInt(random.bits() >>> 0) >> BigInt(random.below(33));
      const significand = (high << 32n) | BigInt(random.bits() >>> 0);
      const exponent = random.below(4) === 0 ? random.below(400) - 200 : random.below(60) - 60;
      const negative = random.below(2) === 0;
      values.push((negative ? -significand : significand) << BigInt(exponent + 16445));
      texts.push(`${negative ? "-" : ""}0x${significand.toString(16)}p${exponent}`);
    }
    const note = `seed ${random.seed} step ${i}: ${texts.join(" + ")}`;
    assert.equal(add(texts[0], texts[1]), sumModel(values[0], values[1]), note);
  }
});

test("timeouts become milliseconds, rounded up", () => {
  const rows: [string, bigint][] = [
    ["0", 0n],
    ["1", 1000n],
    ["999999999", 999999999000n],
    ["0.5", 500n],
    ["0.001", 1n],
    ["0.0001", 1n],
    ["1.1", 1100n],
    ["0.0010001", 2n],
    ["-0.0001", 0n],
    ["-1", -1000n],
    ["-1.0015", -1001n],
    ["0x10", 16000n],
    ["1e15", 10n ** 18n],
    ["9223372036854775", 9223372036854775000n],
    ["-1e30", -(1n << 63n)],
    ["-inf", -(1n << 63n)],
  ];
  const out = new Int32Array(2);
  for (const [text, want] of rows) {
    const buf = fromLatin1("7" + text);
    assert.equal(longDoubleMilliseconds(buf, 1, text.length, out), LONG_DOUBLE_OK, text);
    assert.equal(int64ToBigInt(out[0], out[1]), want, text);
  }
  for (const text of ["9223372036854776", "1e400", "1e4931", "inf"]) {
    const status = longDoubleMilliseconds(fromLatin1(text), 0, text.length, out);
    assert.equal(status, LONG_DOUBLE_NOT_FINITE, text);
  }
  for (const text of ["", "abc", " 1", "1x", "nan"]) {
    const status = longDoubleMilliseconds(fromLatin1(text), 0, text.length, out);
    assert.equal(status, LONG_DOUBLE_INVALID, text);
  }
});

const GOLDEN = new URL("../../../../shared/golden/floats.jsonl", import.meta.url);

/** Payload of a bulk string, or the error line. */
function payload(reply: string): string {
  return reply.startsWith("$") ? reply.slice(reply.indexOf("\n") + 1, -2) : reply.slice(0, -2);
}

test("INCRBYFLOAT and HINCRBYFLOAT of the recorded conversations", () => {
  if (!existsSync(GOLDEN)) {
    console.log("skipped: no reference data");
    return;
  }
  let compared = 0;
  for (const line of readFileSync(GOLDEN, "utf8").split("\n")) {
    if (line === "") continue;
    const steps: { args?: string[]; reply: string }[] = JSON.parse(line).steps;
    const values = new Map<string, string>();
    for (const { args, reply } of steps) {
      if (args === undefined) continue;
      const place = args.slice(1, -1).join("/");
      if (args[0] === "SET" || args[0] === "HSET") {
        values.set(place, args[args.length - 1]);
      } else if (args[0] === "INCRBYFLOAT" || args[0] === "HINCRBYFLOAT") {
        const sum = add(values.get(place) ?? "0", args[args.length - 1]);
        const want = payload(reply);
        if (typeof sum === "number") {
          assert.equal(want.includes("NaN or Infinity"), sum === LONG_DOUBLE_NOT_FINITE, want);
          assert.ok(want.startsWith("-"), want);
        } else {
          assert.equal(sum, want, args.join(" "));
          values.set(place, sum);
        }
        compared++;
      } else if (args[0] !== "GET" && args[0] !== "HGET") {
        values.clear();
        break;
      }
    }
  }
  assert.ok(compared > 300, `compared ${compared}`);
});
