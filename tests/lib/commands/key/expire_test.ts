import { test } from "node:test";
import assert from "node:assert/strict";
import { cases, type Row } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const NOT_INTEGER = "-ERR value is not an integer or out of range";
const FAR = 33177117420;

/** Rows that hold for the four commands; `soon` and `far` are arguments of the command. */
function common(name: string, soon: string, far: string): Row[] {
  const lower = name.toLowerCase();
  return [
    ["sets the time", ["SET a 1", `${name} a ${far}`], ":1"],
    ["no key", [`${name} a ${far}`], ":0"],
    ["an expired key", ["SET a 1 PX 5", "~10", `${name} a ${far}`], ":0"],
    ["keeps the value", ["SET a 1", `${name} a ${far}`, "GET a"], "$1 1"],
    ["no number", ["SET a 1", `${name} a x`], NOT_INTEGER],
    ["a fraction", ["SET a 1", `${name} a 1.5`], NOT_INTEGER],
    ["beyond 64 bits", ["SET a 1", `${name} a 9223372036854775808`], NOT_INTEGER],
    ["numbers are checked before the key", [`${name} a x`], NOT_INTEGER],
    ["NX without a time", ["SET a 1", `${name} a ${far} NX`], ":1"],
    ["NX with a time", ["SET a 1 EX 9", `${name} a ${far} NX`], ":0"],
    ["XX without a time", ["SET a 1", `${name} a ${far} XX`], ":0"],
    ["XX with a time", ["SET a 1 EX 9", `${name} a ${far} XX`], ":1"],
    ["GT without a time: never ends", ["SET a 1", `${name} a ${far} GT`], ":0"],
    ["GT later", ["SET a 1 EX 9", `${name} a ${far} GT`], ":1"],
    ["GT earlier", ["SET a 1", `${name} a ${far}`, `${name} a ${soon} GT`], ":0"],
    ["LT without a time", ["SET a 1", `${name} a ${far} LT`], ":1"],
    ["LT later", ["SET a 1 EX 9", `${name} a ${far} LT`], ":0"],
    ["LT earlier", ["SET a 1", `${name} a ${far}`, `${name} a ${soon} LT`], ":1"],
    ["XX GT", ["SET a 1 EX 9", `${name} a ${far} XX GT`], ":1"],
    ["XX LT", ["SET a 1", `${name} a ${far} XX LT`], ":0"],
    ["any case, again", ["SET a 1", `${name} a ${far} nx Nx`], ":1"],
    ["past with a refusing condition keeps the key", [
      "SET a 1",
      `${name} a -1 XX`,
      "EXISTS a",
    ], ":1"],
    ["NX XX", [
      `${name} a ${far} NX XX`,
    ], "-ERR NX and XX, GT or LT options at the same time are not compatible"],
    ["NX GT", [
      `${name} a ${far} NX GT`,
    ], "-ERR NX and XX, GT or LT options at the same time are not compatible"],
    ["NX LT before GT LT", [
      `${name} a ${far} LT GT NX`,
    ], "-ERR NX and XX, GT or LT options at the same time are not compatible"],
    ["GT LT", [
      `${name} a ${far} GT LT`,
    ], "-ERR GT and LT options at the same time are not compatible"],
    ["unknown option", [`${name} a ${far} AB`], "-ERR Unsupported option AB"],
    ["unknown option, line feeds", [`${name} a ${far} "A\\r\\nB"`], "-ERR Unsupported option A  B"],
    ["options before numbers", [`${name} a x AB`], "-ERR Unsupported option AB"],
    ["unknown before incompatible", [`${name} a x NX XX AB`], "-ERR Unsupported option AB"],
    ["negative deletes", ["SET a 1", `${name} a -1`], ":1"],
    ["negative deletes", ["SET a 1", `${name} a -1`, "EXISTS a"], ":0"],
    ["zero deletes", ["SET a 1", `${name} a 0`, "EXISTS a"], ":0"],
    [
      "marks watched keys",
      ["SET a 1", "WATCH a", `@2 ${name} a ${far}`, "MULTI", "PING", "EXEC"],
      "*-1",
    ],
    [
      "marks when it deletes",
      ["SET a 1", "WATCH a", `@2 ${name} a 0`, "MULTI", "PING", "EXEC"],
      "*-1",
    ],
    [
      "marks nobody when refused",
      ["SET a 1", "WATCH a", `@2 ${name} a ${far} XX`, "MULTI", "PING", "EXEC"],
      "*1 +PONG",
    ],
    ["arity", [`${name} a`], `-ERR wrong number of arguments for '${lower}' command`],
  ];
}

cases("EXPIRE", [
  ...common("EXPIRE", "100", "100000"),
  ["in seconds", ["SET a 1", "EXPIRE a 100", "TTL a"], ":100"],
  ["replaces", ["SET a 1 EX 5", "EXPIRE a 100", "TTL a"], ":100"],
  ["LT same time", ["SET a 1", "EXPIRE a 100", "EXPIRE a 100 GT"], /^:[01]$/],
  ["largest that fits", ["SET a 1", "EXPIRE a 9223370000000000", "TTL a"], ":9223370000000000"],
  ["too many seconds", [
    "SET a 1",
    "EXPIRE a 9223372036854776",
  ], "-ERR invalid expire time in 'expire' command"],
  ["too late a time", [
    "SET a 1",
    "EXPIRE a 9223372036854775",
  ], "-ERR invalid expire time in 'expire' command"],
  ["too negative", [
    "SET a 1",
    "EXPIRE a -9223372036854776",
  ], "-ERR invalid expire time in 'expire' command"],
  ["the most negative", ["SET a 1", "EXPIRE a -9223372036854775", "EXISTS a"], ":0"],
  ["overflow is found before the key", [
    "EXPIRE a 9223372036854775807",
  ], "-ERR invalid expire time in 'expire' command"],
  ["goes in time", ["SET a 1", "EXPIRE a 1", "~1010", "GET a"], "$-1"],
  ["not before", ["SET a 1", "EXPIRE a 10", "~900", "GET a"], "$1 1"],
  ["raises a value out of its record", [
    `SET a ${"v".repeat(110)}`,
    "EXPIRE a 100",
    "OBJECT ENCODING a",
  ], "$3 raw"],
  ["but only then", [`SET a ${"v".repeat(104)}`, "EXPIRE a 100", "OBJECT ENCODING a"], "$6 embstr"],
]);

cases("PEXPIRE", [
  ...common("PEXPIRE", "100000", "100000000"),
  ["in milliseconds", ["SET a 1", "PEXPIRE a 100000", "TTL a"], ":100"],
  ["too late a time", [
    "SET a 1",
    "PEXPIRE a 9223372036854775807",
  ], "-ERR invalid expire time in 'pexpire' command"],
  ["far but possible", ["SET a 1", "PEXPIRE a 9223370000000000000"], ":1"],
  ["the most negative", ["SET a 1", "PEXPIRE a -9223372036854775808", "EXISTS a"], ":0"],
]);

cases("EXPIREAT", [
  ...common("EXPIREAT", String(FAR - 5), String(FAR)),
  ["at a time", ["SET a 1", `EXPIREAT a ${FAR}`, "EXPIRETIME a"], `:${FAR}`],
  [
    "the last one",
    ["SET a 1", "EXPIREAT a 9223372036854775", "PEXPIRETIME a"],
    ":9223372036854775000",
  ],
  ["GT the same time", ["SET a 1", `EXPIREAT a ${FAR}`, `EXPIREAT a ${FAR} GT`], ":0"],
  ["LT the same time", ["SET a 1", `EXPIREAT a ${FAR}`, `EXPIREAT a ${FAR} LT`], ":0"],
  ["too late", [
    "SET a 1",
    "EXPIREAT a 9223372036854776",
  ], "-ERR invalid expire time in 'expireat' command"],
  ["long ago", ["SET a 1", "EXPIREAT a 1", "EXISTS a"], ":0"],
]);

cases("PEXPIREAT", [
  ...common("PEXPIREAT", `${FAR - 5}000`, `${FAR}000`),
  ["at a time", ["SET a 1", `PEXPIREAT a ${FAR}001`, "PEXPIRETIME a"], `:${FAR}001`],
  ["the very last", [
    "SET a 1",
    "PEXPIREAT a 9223372036854775807",
    "PEXPIRETIME a",
  ], ":9223372036854775807"],
  ["GT tells single milliseconds apart", [
    "SET a 1",
    "PEXPIREAT a 9223372036854775806",
    "PEXPIREAT a 9223372036854775807 GT",
  ], ":1"],
  ["LT tells single milliseconds apart", [
    "SET a 1",
    "PEXPIREAT a 9223372036854775807",
    "PEXPIREAT a 9223372036854775807 LT",
  ], ":0"],
  ["the most negative", ["SET a 1", "PEXPIREAT a -9223372036854775808", "EXISTS a"], ":0"],
]);

test("to the millisecond: a key lives through its time", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("PEXPIRE", "a", "100");
  world.clock.advance(100);
  assert.equal(client.call("PTTL", "a"), ":0\r\n");
  assert.equal(client.call("EXISTS", "a"), ":1\r\n");
  world.clock.advance(1);
  assert.equal(client.call("PTTL", "a"), ":-2\r\n");
  assert.equal(client.call("DBSIZE"), ":0\r\n");
});

test("a time that is now deletes, and counts as expired", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1");
  assert.equal(client.call("PEXPIREAT", "a", String(world.clock.wallMs())), ":1\r\n");
  assert.equal(client.call("DBSIZE"), ":0\r\n");
  assert.equal(world.engine.keyspace.expiredKeys, 1);
});
