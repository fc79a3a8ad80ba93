import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { latin1 } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";
import { Random } from "../../bytes/random.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const FOOBAR = "SET k foobar";

cases("BITCOUNT", [
  ["of an absent key", ["BITCOUNT k"], ":0"],
  ["of an absent key, with a range", ["BITCOUNT k 0 -1"], ":0"],
  ["of the empty string", [`SET k ""`, "BITCOUNT k"], ":0"],
  ["of the empty string, with a range", [`SET k ""`, "BITCOUNT k 0 -1"], ":0"],
  ["all", [FOOBAR, "BITCOUNT k"], ":26"],
  ["from a byte on", [FOOBAR, "BITCOUNT k 4"], ":7"],
  ["from the last byte on", [FOOBAR, "BITCOUNT k -1"], ":4"],
  ["one byte", [FOOBAR, "BITCOUNT k 1 1 BYTE"], ":6"],
  ["from the end", [FOOBAR, "BITCOUNT k -2 -1"], ":7"],
  ["beyond the end", [FOOBAR, "BITCOUNT k 0 99"], ":26"],
  ["behind the end", [FOOBAR, "BITCOUNT k 6 9"], ":0"],
  ["reversed", [FOOBAR, "BITCOUNT k 3 1"], ":0"],
  ["reversed before the start", [FOOBAR, "BITCOUNT k -90 -99"], ":0"],
  ["before the start", [FOOBAR, "BITCOUNT k -99 -90"], ":4"],
  ["in bits", [FOOBAR, "BITCOUNT k 5 30 BIT"], ":17"],
  ["in bits of one byte", [FOOBAR, "BITCOUNT k 1 3 bit"], ":2"],
  ["in bits from the end", [FOOBAR, "BITCOUNT k -3 -1 BIT"], ":1"],
  ["in bits over everything", [FOOBAR, "BITCOUNT k 0 -1 BIT"], ":26"],
  ["in bits on byte borders", [FOOBAR, "BITCOUNT k 8 15 BIT"], ":6"],
  ["of an integer", ["SET k 1", "BITCOUNT k"], ":3"],
  ["a unit without an end", [FOOBAR, "BITCOUNT k 0 BIT"], NOT_INTEGER],
  ["no such unit", [FOOBAR, "BITCOUNT k 0 1 WORD"], SYNTAX],
  ["too many arguments", [FOOBAR, "BITCOUNT k 0 1 BIT x"], SYNTAX],
  ["no number", [FOOBAR, "BITCOUNT k x"], NOT_INTEGER],
  ["no number before a bad unit", [FOOBAR, "BITCOUNT k x 1 WORD"], NOT_INTEGER],
  ["a bad unit before no number", [FOOBAR, "BITCOUNT k 0 x WORD"], SYNTAX],
]);

const ONES = `SET k "\\xff\\xff\\xff"`;
const ZEROS = `SET k "\\x00\\x00\\x00"`;
const MIXED = `SET k "\\x00\\xff\\xf0"`;

cases("BITPOS", [
  ["a one in an absent key", ["BITPOS k 1"], ":-1"],
  ["a zero in an absent key", ["BITPOS k 0"], ":0"],
  ["a zero in an absent key, with a range", ["BITPOS k 0 5 9"], ":0"],
  ["in the empty string", [`SET k ""`, "BITPOS k 0"], ":-1"],
  ["a one", [MIXED, "BITPOS k 1"], ":8"],
  ["a zero", [MIXED, "BITPOS k 0 1"], ":20"],
  ["a one from a byte on", [MIXED, "BITPOS k 1 2"], ":16"],
  ["a one within bytes", [MIXED, "BITPOS k 1 -1 -1 BYTE"], ":16"],
  ["no one", [ZEROS, "BITPOS k 1"], ":-1"],
  ["a zero behind the end", [ONES, "BITPOS k 0"], ":24"],
  ["a zero behind the end, from a byte on", [ONES, "BITPOS k 0 1"], ":24"],
  ["no zero before the end given", [ONES, "BITPOS k 0 0 -1"], ":-1"],
  ["behind the end", [ONES, "BITPOS k 1 3"], ":-1"],
  ["reversed", [ONES, "BITPOS k 1 2 1"], ":-1"],
  ["before the start", [ONES, "BITPOS k 1 -90 -99"], ":0"],
  ["in bits", [MIXED, "BITPOS k 1 10 23 BIT"], ":10"],
  ["a zero in bits", [MIXED, "BITPOS k 0 9 23 BIT"], ":20"],
  ["no zero in bits", [MIXED, "BITPOS k 0 9 19 BIT"], ":-1"],
  ["no one in bits of one byte", [MIXED, "BITPOS k 1 1 6 BIT"], ":-1"],
  ["a one in bits of one byte", [`SET k "\\x24"`, "BITPOS k 1 3 6 BIT"], ":5"],
  ["of an integer", ["SET k 1", "BITPOS k 1"], ":2"],
  ["no such bit", ["BITPOS k 2"], "-ERR The bit argument must be 1 or 0."],
  ["no bit", ["BITPOS k x"], NOT_INTEGER],
  ["no number", [ONES, "BITPOS k 1 x"], NOT_INTEGER],
  ["no such unit", [ONES, "BITPOS k 1 0 1 WORD"], SYNTAX],
  ["too many arguments", [ONES, "BITPOS k 1 0 1 BIT x"], SYNTAX],
]);

test("BITCOUNT and BITPOS of random strings", () => {
  const seed = 31337;
  const random = new Random(seed);
  const client = new World().connect();
  for (let round = 0; round < 400; round++) {
    const len = random.below(random.pick([4, 40, 400]));
    const bytes = random.bytes(len);
    if (random.below(3) === 0) bytes.fill(random.pick([0, 0xff]), 0, random.below(len + 1));
    client.call("SET", "k", latin1(bytes));
    const unit = random.pick(["BYTE", "BIT"]);
    const size = unit === "BIT" ? len * 8 : len;
    const first = random.below(2 * size + 3) - size - 1;
    const last = random.below(2 * size + 3) - size - 1;
    const index = (n: number) => Math.max(0, n < 0 ? size + n : n);
    const scale = unit === "BIT" ? 1 : 8;
    const from = index(first) * scale;
    const to = (Math.min(index(last), size - 1) + 1) * scale;
    const note = `seed ${seed} round ${round}: ${len} bytes, ${first} ${last} ${unit}`;
    const isEmpty = first < 0 && last < 0 && first > last;
    const bits: number[] = [];
    for (let i = from; i < to; i++) bits.push((bytes[i >> 3] >> (7 - (i & 7))) & 1);
    const count = isEmpty ? 0 : bits.filter((bit) => bit === 1).length;
    const range = [String(first), String(last), unit];
    assert.equal(client.call("BITCOUNT", "k", ...range), `:${count}\r\n`, note);
    for (const bit of [0, 1]) {
      const at = bits.indexOf(bit);
      const wanted = at < 0 ? -1 : from + at;
      assert.equal(client.call("BITPOS", "k", String(bit), ...range), `:${wanted}\r\n`, note);
    }
  }
});
