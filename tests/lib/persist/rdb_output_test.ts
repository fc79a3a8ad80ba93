import assert from "node:assert/strict";
import { test } from "node:test";
import { RdbInput } from "../../../lib/persist/rdb_input.ts";
import { RdbOutput } from "../../../lib/persist/rdb_output.ts";
import { bytesOf, latin1 } from "../../kit/resp.ts";

function hex(out: RdbOutput): string {
  return Array.from(
    out.buf.subarray(0, out.pos),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join(" ");
}

function written(write: (out: RdbOutput) => void): RdbOutput {
  const out = new RdbOutput();
  write(out);
  return out;
}

function reading(out: RdbOutput): RdbInput {
  return new RdbInput(out.buf, 0, out.pos);
}

const LENGTHS: readonly (readonly [number, string])[] = [
  [0, "00"],
  [63, "3f"],
  [64, "40 40"],
  [16383, "7f ff"],
  [16384, "80 00 00 40 00"],
  [2 ** 31, "80 80 00 00 00"],
  [2 ** 32 - 1, "80 ff ff ff ff"],
  [2 ** 32, "81 00 00 00 01 00 00 00 00"],
];

test("rdb: lengths", () => {
  for (const [length, bytes] of LENGTHS) {
    const out = written((target) => target.length(length));
    assert.equal(hex(out), bytes);
    const input = reading(out);
    assert.equal(input.length(), length);
    assert.equal(input.failed, false);
    assert.equal(input.length(), -1);
    assert.equal(input.failed, true);
  }
});

test("rdb: the greatest length is no failure", () => {
  const out = written((target) => target.length64(-1, -1));
  const input = reading(out);
  input.length();
  assert.deepEqual([input.lo, input.hi, input.failed], [-1, -1, false]);
});

const STRINGS: readonly (readonly [string, string])[] = [
  ["", "00"],
  ["hello", "05 68 65 6c 6c 6f"],
  ["12", "c0 0c"],
  ["-128", "c0 80"],
  ["-129", "c1 7f ff"],
  ["32768", "c2 00 80 00 00"],
  ["-2147483648", "c2 00 00 00 80"],
  ["2147483648", "0a 32 31 34 37 34 38 33 36 34 38"],
  ["012", "03 30 31 32"],
  ["-0", "02 2d 30"],
  ["a".repeat(20), `14 ${"61 ".repeat(20).trim()}`],
  ["a".repeat(25), "c3 09 19 01 61 61 e0 0c 00 01 61 61"],
];

test("rdb: strings", () => {
  for (const [text, bytes] of STRINGS) {
    const src = bytesOf(text);
    const out = written((target) => target.string(src, 0, src.length));
    assert.equal(hex(out), bytes);
    const input = reading(out);
    assert.ok(input.string());
    const { stringBuf, stringOff, stringLen } = input;
    assert.equal(latin1(stringBuf, stringOff, stringOff + stringLen), text);
    assert.equal(input.pos, out.pos);
  }
});

test("rdb: strings stay as they are where compression is off", () => {
  const src = bytesOf("a".repeat(25));
  const out = new RdbOutput();
  out.compress = false;
  out.string(src, 0, src.length);
  assert.equal(out.pos, 26);
});

test("rdb: strings that are cut off or impossible fail", () => {
  const bad = ["", "\x05hell", "\xc0", "\xc1\x01", "\xc2\x01\x02\x03", "\xc4", "\x82", "\xff"];
  bad.push("\x80\xff\xff\xff\xff", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff", "\xc3\x05\x05abc");
  // Claims more than its bytes could ever make.
  bad.push("\xc3\x03\x81\x00\x00\x00\xff\x00\x00\x00\x00\x00a\x00");
  for (const text of bad) {
    const bytes = bytesOf(text);
    const input = new RdbInput(bytes, 0, bytes.length);
    assert.equal(input.string(), false, JSON.stringify(text));
    assert.equal(input.failed, true);
  }
});

test("rdb: hold keeps a string over the next", () => {
  const out = new RdbOutput();
  for (const text of ["name", "77"]) out.string(bytesOf(text), 0, text.length);
  const input = reading(out);
  assert.ok(input.hold() && input.string());
  assert.equal(latin1(input.held, 0, input.heldLen), "name");
  assert.equal(input.stringLen, 2);
});

test("rdb: numbers of eight bytes", () => {
  const out = new RdbOutput();
  out.int64(1, 2);
  out.int64Big(1, 2);
  out.double(-2.5);
  assert.equal(
    hex(out),
    "01 00 00 00 02 00 00 00 00 00 00 02 00 00 00 01 00 00 00 00 00 00 04 c0",
  );
  const input = reading(out);
  assert.ok(input.int64());
  assert.deepEqual([input.lo, input.hi], [1, 2]);
  assert.ok(input.int64Big());
  assert.deepEqual([input.lo, input.hi], [1, 2]);
  assert.equal(input.double(), -2.5);
  assert.ok(Number.isNaN(input.double()));
});

test("rdb: scores as text", () => {
  const cases: [string, number][] = [["\xff", -Infinity], ["\xfe", Infinity], ["\x033.5", 3.5]];
  for (const [text, score] of cases) {
    const bytes = bytesOf(text);
    assert.equal(new RdbInput(bytes, 0, bytes.length).doubleText(), score);
  }
  for (const text of ["\xfd", "", "\x00", "\x03x.5", "\x055"]) {
    const bytes = bytesOf(text);
    assert.ok(Number.isNaN(new RdbInput(bytes, 0, bytes.length).doubleText()));
  }
});
