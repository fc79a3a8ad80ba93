import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

for (const name of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
  cases(name, [
    ["no key", [`${name} a`], ":-2"],
    ["no time", ["SET a 1", `${name} a`], ":-1"],
    ["expired", ["SET a 1 PX 5", "~10", `${name} a`], ":-2"],
    [
      "arity",
      [`${name} a b`],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
  ]);
}

cases("times", [
  ["TTL", ["SET a 1 EX 100", "TTL a"], ":100"],
  ["PTTL", ["SET a 1 EX 100", "PTTL a"], /^:(100000|999\d\d)$/],
  ["EXPIRETIME", ["SET a 1 EXAT 33177117420", "EXPIRETIME a"], ":33177117420"],
  ["PEXPIRETIME", ["SET a 1 EXAT 33177117420", "PEXPIRETIME a"], ":33177117420000"],
  ["EXPIRETIME rounds", ["SET a 1 PXAT 33177117420500", "EXPIRETIME a"], ":33177117421"],
  ["halves up only", ["SET a 1 PXAT 33177117420499", "EXPIRETIME a"], ":33177117420"],
  ["the last time", ["SET a 1 PXAT 9223372036854775807", "EXPIRETIME a"], ":9223372036854776"],
  ["exact", ["SET a 1 PXAT 9223372036854775807", "PEXPIRETIME a"], ":9223372036854775807"],
  ["exact", ["SET a 1 PXAT 9007199254740993", "PEXPIRETIME a"], ":9007199254740993"],
  ["far", ["SET a 1 PXAT 9223372036854775807", "PTTL a"], /^:92233\d{14}$/],
  ["far", ["SET a 1 PXAT 9223372036854775807", "TTL a"], /^:92233\d{11}$/],
]);

cases("PERSIST", [
  ["takes the time away", ["SET a 1 EX 100", "PERSIST a"], ":1"],
  ["is gone", ["SET a 1 EX 100", "PERSIST a", "TTL a"], ":-1"],
  ["no time", ["SET a 1", "PERSIST a"], ":0"],
  ["no key", ["PERSIST a"], ":0"],
  ["expired", ["SET a 1 PX 5", "~10", "PERSIST a"], ":0"],
  ["keeps the value", ["SET a hello EX 100", "PERSIST a", "GET a"], "$5 hello"],
  ["keeps the encoding", ["SET a 5 EX 100", "PERSIST a", "OBJECT ENCODING a"], "$3 int"],
  ["marks watched keys", [
    "SET a 1 EX 9",
    "WATCH a",
    "@2 PERSIST a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["marks nobody without a time", [
    "SET a 1",
    "WATCH a",
    "@2 PERSIST a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

test("TTL rounds to the nearest second, halves up", () => {
  for (const [ms, seconds] of [[1, 0], [499, 0], [500, 1], [1499, 1], [1500, 2], [1999, 2]]) {
    const client = new World().connect();
    client.call("SET", "a", "1", "PX", String(ms));
    assert.equal(client.call("TTL", "a"), `:${seconds}\r\n`, `${ms} ms`);
    assert.equal(client.call("PTTL", "a"), `:${ms}\r\n`);
  }
});
