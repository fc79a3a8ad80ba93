import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

cases("OBJECT", [
  ["ENCODING int", ["SET a 12", "OBJECT ENCODING a"], "$3 int"],
  ["ENCODING embstr", ["SET a x", "OBJECT ENCODING a"], "$6 embstr"],
  ["ENCODING raw", [`SET a ${"x".repeat(200)}`, "OBJECT ENCODING a"], "$3 raw"],
  ["ENCODING after APPEND", ["SET a x", "APPEND a y", "OBJECT ENCODING a"], "$3 raw"],
  ["ENCODING, the border", [`SET a ${"x".repeat(112)}`, "OBJECT ENCODING a"], "$6 embstr"],
  ["ENCODING, beyond it", [`SET a ${"x".repeat(113)}`, "OBJECT ENCODING a"], "$3 raw"],
  ["ENCODING, an old time counts", [
    "SET a x EX 100",
    `SET a ${"x".repeat(110)}`,
    "OBJECT ENCODING a",
  ], "$3 raw"],
  ["ENCODING, no key", ["OBJECT ENCODING a"], "$-1"],
  ["ENCODING, expired", ["SET a 1 PX 5", "~10", "OBJECT ENCODING a"], "$-1"],
  ["REFCOUNT", ["SET a 5", "OBJECT REFCOUNT a"], ":1"],
  ["REFCOUNT, no key", ["OBJECT REFCOUNT a"], "$-1"],
  ["IDLETIME", ["SET a 5", "OBJECT IDLETIME a"], ":0"],
  ["IDLETIME, no key", ["OBJECT IDLETIME a"], "$-1"],
  ["FREQ", ["SET a 5", "OBJECT FREQ a"], /^-ERR An LFU maxmemory policy is not selected, access/],
  ["FREQ, no key", ["OBJECT FREQ a"], "$-1"],
  ["any case", ["SET a 5", "object encoDING a"], "$3 int"],
  ["HELP", ["OBJECT HELP"], /^\*\d+ \+OBJECT .* \+HELP /],
  ["alone", ["OBJECT"], "-ERR wrong number of arguments for 'object' command"],
  ["unknown", ["OBJECT WHAT a"], "-ERR unknown subcommand 'WHAT'. Try OBJECT HELP."],
  ["arity", ["OBJECT ENCODING"], "-ERR wrong number of arguments for 'object|encoding' command"],
  ["arity", ["OBJECT FREQ a b"], "-ERR wrong number of arguments for 'object|freq' command"],
]);

cases("OBJECT under an LFU policy", [
  ["FREQ", ["SET a 5", "OBJECT FREQ a"], ":5"],
  ["FREQ after an access", ["SET a 5", "GET a", "OBJECT FREQ a"], /^:[56]$/],
  ["IDLETIME", ["SET a 5", "OBJECT IDLETIME a"], /^-ERR An LFU maxmemory policy is selected, idle/],
  ["IDLETIME, no key", ["OBJECT IDLETIME a"], "$-1"],
], { directives: { "maxmemory-policy": "allkeys-lfu" } });

test("IDLETIME counts seconds since the last access, FREQ loses one a minute", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1");
  world.advance(42_000);
  assert.equal(client.call("OBJECT", "IDLETIME", "a"), ":42\r\n");
  client.call("GET", "a");
  assert.equal(client.call("OBJECT", "IDLETIME", "a"), ":0\r\n");

  const lfu = new World({ directives: { "maxmemory-policy": "volatile-lfu" } });
  const other = lfu.connect();
  other.call("SET", "a", "1");
  lfu.advance(120_000);
  assert.equal(other.call("OBJECT", "FREQ", "a"), ":3\r\n");
  assert.equal(other.call("OBJECT", "FREQ", "a"), ":3\r\n");
});
