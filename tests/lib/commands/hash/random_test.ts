import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const VARIANTS = {
  variants: {
    listpack: ["CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64"],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};
const ALL_GONE = ["DEBUG SET-ACTIVE-EXPIRE 0", "HSETEX h PX 20 FIELDS 2 a 1 b 2", "~40"];

cases("HRANDFIELD", [
  ["one", ["HSET h a 1", "HRANDFIELD h"], "$1 a"],
  ["no key", ["HRANDFIELD h"], "$-1"],
  ["a count", ["HSET h a 1", "HRANDFIELD h 3"], "*1 $1 a"],
  ["count 1", ["HSET h a 1", "HRANDFIELD h 1"], "*1 $1 a"],
  ["count 0", ["HSET h a 1", "HRANDFIELD h 0"], "*0"],
  ["a negative count", ["HSET h a 1", "HRANDFIELD h -3"], "*3 $1 a $1 a $1 a"],
  ["with values", ["HSET h a 1", "HRANDFIELD h 3 WITHVALUES"], {
    resp2: "*2 $1 a $1 1",
    resp3: "*1 *2 $1 a $1 1",
  }],
  ["negative with values", ["HSET h a 1", "HRANDFIELD h -2 withvalues"], {
    resp2: "*4 $1 a $1 1 $1 a $1 1",
    resp3: "*2 *2 $1 a $1 1 *2 $1 a $1 1",
  }],
  ["a count without a key", ["HRANDFIELD h 3"], "*0"],
  ["all are gone", [...ALL_GONE, "HRANDFIELD h"], "$-1"],
  ["a count of what is gone", [...ALL_GONE, "HRANDFIELD h 5"], "*0"],
  ["a negative count of what is gone", [...ALL_GONE, "HRANDFIELD h -5"], "*0"],
  ["no count", ["HRANDFIELD h x"], "-ERR value is not an integer or out of range"],
  ["too small a count", [
    "HRANDFIELD h -9223372036854775808",
  ], /^-ERR value is out of range, value must between/],
  ["too large with values", [
    "HRANDFIELD h 4611686018427387904 WITHVALUES",
  ], "-ERR value is out of range"],
  ["large with values", ["HRANDFIELD h 4611686018427387903 WITHVALUES"], "*0"],
  ["too small with values", [
    "HRANDFIELD h -4611686018427387904 WITHVALUES",
  ], "-ERR value is out of range"],
  ["small with values", ["HRANDFIELD h -4611686018427387903 WITHVALUES"], "*0"],
  ["another word", ["HRANDFIELD h 1 WHAT"], "-ERR syntax error"],
  ["one word more", ["HRANDFIELD h 1 WITHVALUES x"], "-ERR syntax error"],
  ["wrong type", ["SET h x", "HRANDFIELD h"], WRONG_TYPE],
  ["a count of a wrong type", ["SET h x", "HRANDFIELD h 2"], WRONG_TYPE],
], VARIANTS);

test("different fields, as many as wanted, all with the same chance", () => {
  for (const entries of ["512", "0"]) {
    const world = new World();
    const client = world.connect();
    client.call("CONFIG", "SET", "hash-max-listpack-entries", entries);
    for (let i = 0; i < 40; i++) client.call("HSET", "h", `f${i}`, String(i));
    for (const count of [2, 10, 20, 39, 40, 41]) {
      const seen = new Map<string, number>();
      const rounds = 300;
      for (let n = 0; n < rounds; n++) {
        const reply = parseReply(client.call("HRANDFIELD", "h", String(count))).reply;
        const names = (reply.items ?? []).map(({ text }) => text);
        assert.equal(new Set(names).size, Math.min(count, 40));
        assert.equal(names.length, Math.min(count, 40));
        for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      const mean = rounds * Math.min(count, 40) / 40;
      for (const times of seen.values()) assert.ok(times < mean * 2 + 10, `${times} of ${mean}`);
      assert.equal(seen.size, 40);
    }
  }
});

test("fields that are gone are not chosen", () => {
  const world = new World();
  const client = world.connect();
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  for (let i = 0; i < 30; i++) client.call("HSET", "h", `f${i}`, "v");
  for (let i = 0; i < 10; i++) client.call("HPEXPIRE", "h", "10", "FIELDS", "1", `f${i}`);
  world.advance(50);
  for (const count of ["3", "15", "-40"]) {
    const reply = parseReply(client.call("HRANDFIELD", "h", count)).reply;
    assert.equal(reply.items?.length, Math.abs(Number(count)));
    for (const { text } of reply.items ?? []) assert.ok(Number(text.slice(1)) >= 10, text);
  }
  assert.equal(parseReply(client.call("HRANDFIELD", "h", "25")).reply.items?.length, 20);
});
