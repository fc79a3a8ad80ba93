import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  DOUBLE_HUMAN_TEXT_LIMIT,
  DOUBLE_TEXT_MAX,
  doubleFormat,
  doubleFormatFixed,
  doubleFormatGeneral,
  doubleFormatHuman,
  doubleParse,
  doubleParseBound,
} from "../../../lib/bytes/double.ts";
import { GRISU_DIGITS_MAX, grisuDigits } from "../../../lib/bytes/grisu.ts";
import { Random } from "./random.ts";

function parse(text: string): number {
  const buf = fromLatin1("1" + text + "1");
  return doubleParse(buf, 1, text.length);
}

function parseBound(text: string): number {
  const buf = fromLatin1("1" + text + "1");
  return doubleParseBound(buf, 1, text.length);
}

function format(value: number): string {
  const buf = new Uint8Array(DOUBLE_TEXT_MAX + 2);
  const len = doubleFormat(value, buf, 1);
  assert.ok(len <= DOUBLE_TEXT_MAX);
  return latin1(buf, 1, len);
}

function general(value: number, digits: number): string {
  const buf = new Uint8Array(40);
  const len = doubleFormatGeneral(value, digits, buf, 1);
  assert.ok(len <= digits + 7);
  return latin1(buf, 1, len);
}

function human(value: number): string {
  const buf = new Uint8Array(DOUBLE_HUMAN_TEXT_LIMIT + 1);
  const len = doubleFormatHuman(value, buf, 1);
  assert.ok(len <= DOUBLE_HUMAN_TEXT_LIMIT);
  return latin1(buf, 1, len);
}

function fixed(value: number, decimals: number): string {
  const buf = new Uint8Array(40).fill(0x78);
  return latin1(buf, 2, doubleFormatFixed(value, decimals, buf, 2));
}

// text sent as a score, reply of ZSCORE, score in the reply of ZSCAN (Valkey 9.1.0)
const ROWS: [string, string, string][] = [
  ["0", "0", "0"],
  ["-0", "-0", "-0"],
  ["1", "1", "1"],
  ["-1", "-1", "-1"],
  ["3", "3", "3"],
  ["0.1", "0.1", "0.10000000000000001"],
  ["0.5", "0.5", "0.5"],
  ["-0.3", "-0.3", "-0.29999999999999999"],
  ["2.5", "2.5", "2.5"],
  ["1e5", "100000", "100000"],
  ["1e15", "1000000000000000", "1000000000000000"],
  ["1e16", "10000000000000000", "10000000000000000"],
  ["123456789012345678", "123456789012345680", "1.2345678901234568e+17"],
  ["4611686018427387904", "4611686018427387904", "4.6116860184273879e+18"],
  ["4611686018427387903", "4611686018427387904", "4.6116860184273879e+18"],
  ["9223372036854775807", "9223372036854776000", "9.2233720368547758e+18"],
  ["-9223372036854775808", "-9223372036854776000", "-9.2233720368547758e+18"],
  ["9223372036854775808", "9223372036854776000", "9.2233720368547758e+18"],
  ["18446744073709551616", "18446744073709552000", "1.8446744073709552e+19"],
  ["1e19", "1e+19", "1e+19"],
  ["1e20", "1e+20", "1e+20"],
  ["1e21", "1e+21", "1e+21"],
  ["1e22", "1e+22", "1e+22"],
  ["1e23", "99999999999999990000000", "9.9999999999999992e+22"],
  ["123456789012345678901234567890", "1.2345678901234568e+29", "1.2345678901234568e+29"],
  ["1.5e300", "1.5e+300", "1.5000000000000001e+300"],
  ["1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e+308"],
  ["-1.7976931348623157e308", "-1.7976931348623157e+308", "-1.7976931348623157e+308"],
  ["0.001", "0.001", "0.001"],
  ["0.0001", "0.0001", "0.0001"],
  ["0.00001", "0.00001", "1.0000000000000001e-05"],
  ["0.000001", "0.000001", "9.9999999999999995e-07"],
  ["0.0000001", "1e-7", "9.9999999999999995e-08"],
  ["0.00000012", "1.2e-7", "1.1999999999999999e-07"],
  ["0.000000123456", "1.23456e-7", "1.2345599999999999e-07"],
  ["1e-7", "1e-7", "9.9999999999999995e-08"],
  ["1.5e-7", "1.5e-7", "1.4999999999999999e-07"],
  ["-1e-10", "-1e-10", "-1e-10"],
  ["1e-300", "1e-300", "1e-300"],
  ["5e-324", "5e-324", "4.9406564584124654e-324"],
  ["2.2250738585072014e-308", "2.2250738585072014e-308", "2.2250738585072014e-308"],
  ["2.2250738585072011e-308", "2.225073858507201e-308", "2.2250738585072009e-308"],
  ["0.30000000000000004", "0.30000000000000004", "0.30000000000000004"],
  ["0.1234567890123456", "0.1234567890123456", "0.12345678901234559"],
  ["1.7976931348623157", "1.7976931348623157", "1.7976931348623157"],
  ["1234.5678", "1234.5678", "1234.5678"],
  ["12345678.123456789", "1.234567812345679e+7", "12345678.123456789"],
  ["1700000000.123", "1700000000.123", "1700000000.1229999"],
  ["0.8", "0.8", "0.80000000000000004"],
  ["1.1", "1.1", "1.1000000000000001"],
  ["2.4000000000000004", "2.4000000000000004", "2.4000000000000004"],
  ["3.141592653589793", "3.141592653589793", "3.1415926535897931"],
  ["-3.141592653589793e-5", "-3.141592653589793e-5", "-3.1415926535897928e-05"],
  ["0.012345678901234567", "0.012345678901234567", "0.012345678901234567"],
  ["0.00012345678901234567", "1.2345678901234567e-4", "0.00012345678901234567"],
  ["1e-5", "0.00001", "1.0000000000000001e-05"],
  ["inf", "inf", "inf"],
  ["-inf", "-inf", "-inf"],
  ["99999999999999.9", "99999999999999.9", "99999999999999.906"],
  ["6.02214076e23", "6.02214076e+23", "6.0221407599999999e+23"],
  ["-1.2345678901234567e23", "-123456789012345670000000", "-1.2345678901234567e+23"],
];

const words = new Uint32Array(2);
const asDouble = new Float64Array(words.buffer);

/** A finite double with random bits, or one of the shapes that scores have. */
function randomDouble(random: Random): number {
  switch (random.below(6)) {
    case 0:
      return (random.below(2000000) - 1000000) / 10 ** random.below(7);
    case 1:
      return ((random.bits() >>> 0) / 4294967296) * 10 ** (random.below(40) - 20);
    case 2:
      words[1] = random.bits() & 0x000fffff;
      words[0] = random.bits();
      return asDouble[0] / 2 ** random.below(52);
    case 3:
      return (random.bits() | 1) * 2 ** (random.below(1950) - 1000);
    default:
      do {
        words[1] = random.bits();
        words[0] = random.bits();
      } while ((words[1] & 0x7ff00000) === 0x7ff00000);
      return asDouble[0];
  }
}

test("scores are read and printed as recorded", () => {
  for (const [text, score, scanned] of ROWS) {
    const value = parse(text);
    assert.equal(format(value), score, text);
    assert.equal(general(value, 17), scanned, text);
  }
});

test("doubleParse refuses what is no number, overflows or underflows", () => {
  const refused = [
    "",
    "-",
    "+",
    ".",
    "-.",
    "+.",
    " 1",
    "1 ",
    "\t1",
    "1\n",
    "1\x00",
    "\x001",
    "++1",
    "+-1",
    "-+1",
    "--1",
    "- 1",
    "1e",
    "1e+",
    "1e-",
    "1e 5",
    "1e5.0",
    "e5",
    ".e5",
    "1.2.3",
    "1..2",
    "1_0",
    "1,5",
    "1d",
    "1f",
    "0x10",
    "0x",
    "0b1",
    "0o7",
    "nan",
    "NaN",
    "-nan",
    "nan(1)",
    "in",
    "infi",
    "infinit",
    "infinityx",
    "infinity ",
    "inf1",
    "--inf",
    "\xef1",
    "1e400",
    "-1e400",
    "1e309",
    "1.7976931348623159e308",
    "9".repeat(310),
    "1e99999999999",
    "1e-400",
    "1e-324",
    "2e-324",
    "2.4703282292062327e-324",
    "-1e-99999999999",
    "0." + "0".repeat(400) + "1",
  ];
  for (const text of refused) assert.ok(Number.isNaN(parse(text)), JSON.stringify(text));
});

test("doubleParse takes every spelling of a number", () => {
  const rows: [string, number][] = [
    ["0", 0],
    ["-0", -0],
    ["+0", 0],
    ["-00.0", -0],
    ["-0e5", -0],
    ["007", 7],
    ["1.", 1],
    [".5", 0.5],
    ["-.5", -0.5],
    ["+.5", 0.5],
    ["+1", 1],
    ["1e5", 1e5],
    ["1E5", 1e5],
    ["1.e5", 1e5],
    ["1e+5", 1e5],
    ["1e-5", 1e-5],
    ["1e0000000000000000005", 1e5],
    ["0e999999", 0],
    ["0.0e99999999999", 0],
    ["inf", Infinity],
    ["+inf", Infinity],
    ["-INF", -Infinity],
    ["Infinity", Infinity],
    ["-iNfInItY", -Infinity],
    ["3e-324", 5e-324],
    ["2.4703282292062328e-324", 5e-324],
    ["2.2250738585072011e-308", 2.225073858507201e-308],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["1" + "0".repeat(308), 1e308],
    ["1" + "0".repeat(310) + "e-310", 1],
    ["0." + "0".repeat(310) + "1e311", 1],
    ["0".repeat(1000) + "1", 1],
    ["0.1" + "0".repeat(1000), 0.1],
    ["9007199254740993", 9007199254740992],
    ["9007199254740993.00000000000000000001", 9007199254740994],
    ["9007199254740992.99999999999999999999", 9007199254740992],
    ["9007199254740991.5", 9007199254740992],
    ["179769313486231570000000000000e279", Number.MAX_VALUE],
  ];
  for (const [text, want] of rows) assert.ok(Object.is(parse(text), want), text);
});

test("doubleParse rounds as Number does, half-way cases included", () => {
  const random = new Random(0xd0b1e);
  for (let i = 0; i < 30000; i++) {
    let text = "";
    const count = 1 + random.below(random.pick([8, 17, 20, 32, 40]));
    for (let n = 0; n < count; n++) text += random.below(10);
    const point = random.below(count + 1);
    if (random.below(3) > 0) text = text.slice(0, point) + "." + text.slice(point);
    if (random.below(3) === 0) text += "e" + (random.below(60) - 30);
    const want = Number(text);
    const got = parse(text);
    if (!Object.is(got, want)) assert.fail(`seed ${random.seed} step ${i}: ${text} gave ${got}`);
  }
  for (let i = 0; i < 5000; i++) {
    // The exact middle between two doubles of 53 bits, and its neighbours one digit further.
    const odd = (BigInt((random.bits() >>> 0) | 0x80000000) << 22n) + BigInt(random.below(1 << 21));
    const middle = ((odd * 2n + 1n) * 5n ** 10n).toString();
    const text = middle.slice(0, -10) + "." + middle.slice(-10);
    for (const tail of ["", "0000000000000000000001", "000000000000000000000000000000001"]) {
      assert.ok(Object.is(parse(text + tail), Number(text + tail)), text + tail);
    }
  }
});

test("doubleParseBound is looser at the ends", () => {
  const rows: [string, number][] = [
    ["", 0],
    ["\x00", 0],
    ["\x001", 0],
    ["1\x00junk", 1],
    ["inf\x00x", Infinity],
    ["1e400", Infinity],
    ["-1e400", -Infinity],
    ["1e-400", 0],
    ["5", 5],
    ["-inf", -Infinity],
    ["+.5", 0.5],
  ];
  for (const [text, want] of rows) assert.equal(parseBound(text), want, JSON.stringify(text));
  for (const text of ["-", "+", " 1", "1 ", "1e", "1e+", "0x10", "(1", "nan", "nan\x00", "inf1"]) {
    assert.ok(Number.isNaN(parseBound(text)), JSON.stringify(text));
  }
});

test("what doubleFormat prints reads back as the same double", () => {
  const random = new Random(0xf04);
  for (let i = 0; i < 30000; i++) {
    const value = randomDouble(random);
    const text = format(value);
    assert.ok(Object.is(parse(text), value), `seed ${random.seed} step ${i}: ${value} ${text}`);
    if (Math.abs(value) < 2 ** 62 && Math.floor(value) === value) continue;
    assert.ok(text.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length <= 17, text);
  }
});

test("short decimals print the digits of Grisu2", () => {
  const random = new Random(0x6215);
  const digits = new Uint8Array(GRISU_DIGITS_MAX);
  const power = new Int32Array(1);
  for (let i = 0; i < 60000; i++) {
    const size = 10 ** random.below(16);
    const value = (1 + random.below(size)) / 10 ** (1 + random.below(16));
    if (Math.floor(value) === value) continue;
    const count = grisuDigits(value, digits, power);
    let want = "";
    for (let d = 0; d < count; d++) want += digits[d];
    const note = `seed ${random.seed} step ${i}: ${value}`;
    const text = format(value);
    const printed = text.replace(/e.*/, "").replace(".", "").replace(/^0+/, "");
    assert.equal(printed, want, note);
    assert.equal(Number(text), value, note);
  }
});

/** C's %.17f by exact arithmetic, zeros cut. */
function humanModel(value: number): string {
  // Every double is a multiple of 2^-1074.
  words.fill(0);
  asDouble[0] = Math.abs(value);
  const biased = words[1] >>> 20;
  const fraction = (BigInt(words[1] & 0xfffff) << 32n) | BigInt(words[0]);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const scaled = (mantissa << BigInt(Math.max(biased, 1) - 1)) * 10n ** 17n;
  let kept = scaled >> 1074n;
  const rest = scaled & ((1n << 1074n) - 1n);
  const half = 1n << 1073n;
  if (rest > half || (rest === half && kept % 2n === 1n)) kept += 1n;
  const all = kept.toString().padStart(18, "0");
  let text = all.slice(0, -17) + "." + all.slice(-17);
  text = text.replace(/0+$/, "").replace(/\.$/, "");
  return value < 0 && text !== "0" ? "-" + text : text;
}

test("doubleFormatHuman is exact to 17 decimals, halves to even", () => {
  const rows: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [-1e-30, "0"],
    [3, "3"],
    [-2.5, "-2.5"],
    [0.1, "0.10000000000000001"],
    [13.361389338970184, "13.36138933897018433"],
    [1e20, "100000000000000000000"],
    [1e21, "1000000000000000000000"],
    [1e23, "99999999999999991611392"],
    [2 ** -18, "0.00000381469726562"],
    [3 * 2 ** -18, "0.00001144409179688"],
    [-(2 ** -18), "-0.00000381469726562"],
    [1 + 2 ** -18, "1.00000381469726562"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ];
  for (const [value, want] of rows) assert.equal(human(value), want, String(value));
  assert.equal(human(-Number.MAX_VALUE).length, 310);
  const random = new Random(0x84);
  for (let i = 0; i < 4000; i++) {
    const value = random.below(4) > 0
      ? randomDouble(random)
      : (random.bits() * 2 + 1) * 2 ** (-18 - random.below(2));
    assert.equal(human(value), humanModel(value), `seed ${random.seed} step ${i}: ${value}`);
  }
});

test("the examples of the header", () => {
  const rows: [number, string, string, string][] = [
    [3, "3", "3", "3"],
    [-0, "-0", "0", "-0"],
    [0.1, "0.1", "0.10000000000000001", "0.10000000000000001"],
    [1e20, "1e+20", "100000000000000000000", "1e+20"],
    [1e-7, "1e-7", "0.0000001", "9.9999999999999995e-08"],
    [1e23, "99999999999999990000000", "99999999999999991611392", "9.9999999999999992e+22"],
    [2 ** 63, "9223372036854776000", "9223372036854775808", "9.2233720368547758e+18"],
  ];
  for (const [value, score, long, printf] of rows) {
    assert.deepEqual([format(value), human(value), general(value, 17)], [score, long, printf]);
  }
});

test("doubleFormatFixed rounds the product to even and pads", () => {
  const rows: [number, number, string][] = [
    [0, 4, "0.0000"],
    [-0, 4, "0.0000"],
    [1, 4, "1.0000"],
    [0.00004, 4, "0.0000"],
    [-0.00004, 4, "0.0000"],
    [0.00006, 4, "0.0001"],
    [0.012, 4, "0.0120"],
    [0.775, 4, "0.7750"],
    [-0.775, 4, "-0.7750"],
    [166274.1516, 4, "166274.1516"],
    [20015086.79608, 4, "20015086.7961"],
    [0.5, 1, "0.5"],
    [0.25, 1, "0.2"],
    [0.75, 1, "0.8"],
    [12.5, 17 - 2, "12.500000000000000"],
    [9.99996, 4, "10.0000"],
  ];
  for (const [value, decimals, want] of rows) {
    assert.equal(fixed(value, decimals), want, `${value} ${decimals}`);
  }
});

test("doubleFormatGeneral is %.<n>g, ties to even", () => {
  const rows: [number, number, string][] = [
    [0, 14, "0"],
    [-0, 14, "-0"],
    [1, 1, "1"],
    [10, 1, "1e+01"],
    [2.5, 1, "2"],
    [3.5, 1, "4"],
    [0.1, 14, "0.1"],
    [1 / 3, 14, "0.33333333333333"],
    [100000000000000, 14, "1e+14"],
    [99999999999999, 14, "99999999999999"],
    [-1234.5, 14, "-1234.5"],
    [0.0001, 14, "0.0001"],
    [0.00001, 14, "1e-05"],
    [1e100, 14, "1e+100"],
    [1 + 2 ** -17, 17, "1.0000076293945312"],
    [1 + 3 * 2 ** -17, 17, "1.0000228881835938"],
    [Infinity, 17, "inf"],
    [-Infinity, 17, "-inf"],
    [NaN, 17, "nan"],
  ];
  for (const [value, digits, want] of rows) {
    assert.equal(general(value, digits), want, `${value} ${digits}`);
  }
});

const GOLDEN = new URL("../../../../shared/golden/floats.jsonl", import.meta.url);

test("scores of the recorded conversations print as recorded", () => {
  if (!existsSync(GOLDEN)) {
    console.log("skipped: no reference data");
    return;
  }
  let compared = 0;
  for (const line of readFileSync(GOLDEN, "utf8").split("\n")) {
    if (line === "") continue;
    const steps: { args?: string[]; reply: string }[] = JSON.parse(line).steps;
    let score = "";
    for (const { args, reply } of steps) {
      if (args === undefined) continue;
      if (args[0] === "ZADD" && args.length === 4) {
        score = args[2];
        assert.equal(Number.isNaN(parse(score)), reply.startsWith("-"), score);
      } else if (args[0] === "ZSCORE" && !Number.isNaN(parse(score))) {
        const printed = reply.replace(/^(,|\$\d+\r\n)/, "").replace("\r\n", "");
        // The compact encoding keeps integers, so it forgets the sign of zero.
        const value = parse(score);
        if (value === 0) continue;
        assert.equal(format(value), printed, score);
        compared++;
      } else {
        score = "x";
      }
    }
  }
  assert.ok(compared > 50, `compared ${compared}`);
});
