import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  ID_AUTO_SEQ,
  ID_FULL,
  ID_INVALID,
  ID_MAX,
  ID_MIN,
  ID_NO_SEQ,
  ID_TEXT_MAX,
  idAddDelta,
  idCompare,
  idDecrement,
  idFormat,
  idFromMs,
  idIncrement,
  idIsMax,
  idIsZero,
  idParse,
  wordsDifferenceHigh,
} from "../../../lib/engine/stream_id.ts";

const MAX = "18446744073709551615";

function parse(text: string, missing = 0): [kind: number, id: Int32Array] {
  const buf = fromLatin1(`9${text}9`);
  const id = new Int32Array(6);
  const kind = idParse(buf, 1, text.length, missing, id, 1);
  return [kind, id.slice(1, 5)];
}

function format(id: Int32Array): string {
  const buf = new Uint8Array(ID_TEXT_MAX + 2);
  const len = idFormat(id, 0, buf, 2);
  return latin1(buf, 2, len);
}

test("the words of an id", () => {
  const [, id] = parse("1526919030474-55");
  assert.deepEqual([...id], [0x163, 0x837766ca | 0, 0, 0x37]);
});

const READ: readonly (readonly [text: string, kind: number, written?: string])[] = [
  ["0-0", ID_FULL, "0-0"],
  ["1-2", ID_FULL, "1-2"],
  ["5", ID_NO_SEQ, "5-0"],
  ["5-*", ID_AUTO_SEQ, "5-0"],
  [`${MAX}-${MAX}`, ID_FULL, `${MAX}-${MAX}`],
  ["9223372036854775807-9223372036854775808", ID_FULL, "9223372036854775807-9223372036854775808"],
  ["10000000000000000000-999999999", ID_FULL, "10000000000000000000-999999999"],
  ["4294967295-4294967296", ID_FULL, "4294967295-4294967296"],
  ["007-01", ID_FULL, "7-1"],
  [" \t5-+6", ID_FULL, "5-6"],
  ["1--0", ID_FULL, "1-0"],
  ["1--05", ID_FULL, "1-18446744073709551611"],
  ["1--9223372036854775809", ID_FULL, "1-9223372036854775807"],
  ["5\0junk", ID_NO_SEQ, "5-0"],
  ["", ID_INVALID],
  ["-", ID_INVALID],
  ["+", ID_INVALID],
  ["*", ID_INVALID],
  ["-5", ID_INVALID],
  ["5-", ID_INVALID],
  ["*-5", ID_INVALID],
  ["1-2-3", ID_INVALID],
  ["1--5", ID_INVALID],
  ["1--9223372036854775808", ID_INVALID],
  ["1-**", ID_INVALID],
  ["5 ", ID_INVALID],
  ["0x5", ID_INVALID],
  ["1.5", ID_INVALID],
  ["18446744073709551616", ID_INVALID],
  ["1-99999999999999999999", ID_INVALID],
  ["0".repeat(127), ID_NO_SEQ, "0-0"],
  ["0".repeat(128), ID_INVALID],
];

test("what is read as an id", () => {
  for (const [text, kind, written] of READ) {
    const [found, id] = parse(text);
    assert.equal(found, kind, JSON.stringify(text));
    if (written !== undefined) assert.equal(format(id), written, JSON.stringify(text));
  }
  assert.equal(format(parse("5", -1)[1]), `5-${MAX}`);
});

test("steps", () => {
  const rows = [
    ["0-0", "0-1"],
    ["1-4294967295", "1-4294967296"],
    [`1-${MAX}`, "2-0"],
    [`4294967295-${MAX}`, "4294967296-0"],
    ["7-9223372036854775807", "7-9223372036854775808"],
  ];
  for (const [low, high] of rows) {
    const [, id] = parse(low);
    assert.ok(idIncrement(id, 0));
    assert.equal(format(id), high);
    assert.ok(idDecrement(id, 0));
    assert.equal(format(id), low);
  }
  const id = ID_MAX.slice();
  assert.equal(idIncrement(id, 0), false);
  assert.ok(idIsZero(id, 0));
  assert.equal(idDecrement(id, 0), false);
  assert.ok(idIsMax(id, 0));
});

test("order", () => {
  const rising = [
    "0-0",
    "0-1",
    "0-9223372036854775808",
    `0-${MAX}`,
    "1-0",
    "4294967296-0",
    "9223372036854775808-5",
    `${MAX}-${MAX}`,
  ].map((text) => parse(text)[1]);
  for (const [i, a] of rising.entries()) {
    for (const [j, b] of rising.entries()) {
      assert.equal(Math.sign(idCompare(a, 0, b, 0)), Math.sign(i - j));
    }
  }
  assert.equal(idCompare(rising[0], 0, ID_MIN, 0), 0);
});

test("differences lead back", () => {
  const rows = [["5-5", "7-0"], ["7-9", "7-9"], ["4294967296-0", "4294967295-1"]];
  rows.push([`1-${MAX}`, `${MAX}-0`], ["0-0", `${MAX}-${MAX}`]);
  for (const [from, to] of rows) {
    const [, a] = parse(from);
    const [, b] = parse(to);
    const out = new Int32Array(4);
    const msHi = wordsDifferenceHigh(b, 0, a, 0);
    const seqHi = wordsDifferenceHigh(b, 2, a, 2);
    idAddDelta(a, 0, (b[1] - a[1]) | 0, msHi, (b[3] - a[3]) | 0, seqHi, out, 0);
    assert.equal(format(out), to);
  }
});

test("ids of times", () => {
  const id = new Int32Array(4);
  idFromMs(1526919030474, id, 0);
  assert.equal(format(id), "1526919030474-0");
  idFromMs(2 ** 53 - 1, id, 0);
  assert.equal(format(id), "9007199254740991-0");
});
