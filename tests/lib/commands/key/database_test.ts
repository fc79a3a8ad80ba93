import { test } from "node:test";
import assert from "node:assert/strict";
import { keyspaceVerify } from "../../../../lib/engine/keyspace_verify.ts";
import { reclaimPending } from "../../../../lib/engine/reclaim.ts";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

cases("DBSIZE", [
  ["empty", ["DBSIZE"], ":0"],
  ["counts", ["MSET a 1 b 2 c 3", "DEL b", "DBSIZE"], ":2"],
  ["of the selected database", ["SET a 1", "SELECT 1", "DBSIZE"], ":0"],
  ["arity", ["DBSIZE x"], "-ERR wrong number of arguments for 'dbsize' command"],
]);

for (const name of ["FLUSHDB", "FLUSHALL"]) {
  cases(name, [
    ["reply", [name], "+OK"],
    ["empties", ["MSET a 1 b 2", name, "DBSIZE"], ":0"],
    ["SYNC", ["MSET a 1 b 2", `${name} SYNC`, "DBSIZE"], ":0"],
    ["ASYNC", ["MSET a 1 b 2", `${name} async`, "DBSIZE"], ":0"],
    ["keys come back without their time", ["SET a 1 EX 9", name, "SET a 2", "TTL a"], ":-1"],
    ["unknown option", ["SET a 1", `${name} WHAT`], "-ERR syntax error"],
    ["unknown option keeps all", ["SET a 1", `${name} WHAT`, "DBSIZE"], ":1"],
    ["two options", [`${name} SYNC ASYNC`], "-ERR syntax error"],
    ["marks watched keys that exist", [
      "SET a 1",
      "WATCH a",
      `@2 ${name}`,
      "MULTI",
      "PING",
      "EXEC",
    ], "*-1"],
    ["but no others", ["WATCH a", `@2 ${name}`, "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ]);
}

cases("which databases", [
  ["FLUSHDB leaves the others", ["SET a 1", "SELECT 1", "FLUSHDB", "SELECT 0", "DBSIZE"], ":1"],
  ["FLUSHALL takes all", ["SET a 1", "SELECT 1", "FLUSHALL", "SELECT 0", "DBSIZE"], ":0"],
  ["FLUSHDB marks only its own", [
    "SET a 1",
    "WATCH a",
    "@2 SELECT 1",
    "@2 FLUSHDB",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

cases("SWAPDB", [
  ["reply", ["SWAPDB 0 1"], "+OK"],
  ["exchanges", ["SET a 1", "SWAPDB 0 1", "SELECT 1", "GET a"], "$1 1"],
  ["with their times", ["SET a 1 EX 50", "SWAPDB 1 0", "SELECT 1", "TTL a"], ":50"],
  ["both ways", [
    "SET a 1",
    "SELECT 1",
    "SET b 2",
    "SWAPDB 0 1",
    "KEYS *",
  ], "*1 $1 a"],
  ["the same", ["SET a 1", "SWAPDB 0 0", "GET a"], "$1 1"],
  ["first no number", ["SWAPDB x 1"], "-ERR invalid first DB index"],
  ["second no number", ["SWAPDB 1 x"], "-ERR invalid second DB index"],
  ["first too large", ["SWAPDB 2147483648 1"], "-ERR invalid first DB index"],
  ["second too large", ["SWAPDB 1 99999999999999999999"], "-ERR invalid second DB index"],
  ["no such database", ["SWAPDB 0 16"], "-ERR DB index is out of range"],
  ["negative", ["SWAPDB -1 0"], "-ERR DB index is out of range"],
  [
    "marks watched keys of both",
    ["SET a 1", "WATCH a", "@2 SWAPDB 0 1", "MULTI", "PING", "EXEC"],
    "*-1",
  ],
  ["also those that appear", [
    "SELECT 1",
    "WATCH a",
    "@2 SET a 1",
    "@2 SWAPDB 0 1",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["but not of other databases", [
    "SET a 1",
    "WATCH a",
    "@2 SWAPDB 1 2",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  ["arity", ["SWAPDB 0"], "-ERR wrong number of arguments for 'swapdb' command"],
]);

test("a large database beside others is freed later, by default and with ASYNC", () => {
  for (
    const [args, pending] of [[["FLUSHDB"], 6000], [["FLUSHDB", "ASYNC"], 6000], [
      ["FLUSHDB", "SYNC"],
      0,
    ]] as const
  ) {
    const world = new World();
    const client = world.connect();
    client.call("SET", "other", "1");
    client.call("SELECT", "1");
    for (let i = 0; i < 6000; i++) client.call("SET", `key:${i}`, "v");
    assert.equal(client.call(...args), "+OK\r\n");
    assert.equal(reclaimPending(world.engine.keyspace), pending, args.join(" "));
    assert.equal(client.call("DBSIZE"), ":0\r\n");
    keyspaceVerify(world.engine.keyspace);
    world.advance(500);
    assert.equal(reclaimPending(world.engine.keyspace), 0);
    keyspaceVerify(world.engine.keyspace);
  }
});
