import { cases } from "../../../kit/cases.ts";

for (const name of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
  cases(name, [
    ["an absent key", [`${name} a`], ":-2"],
    ["a key without a time", ["SET a 1", `${name} a`], ":-1"],
    ["an expired key", ["SET a 1 PX 50", "~80", `${name} a`], ":-2"],
    [
      "too many arguments",
      [`${name} a b`],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
  ]);
}

cases("what is left", [
  ["TTL", ["SET a 1 EX 100", "TTL a"], ":100"],
  ["TTL of an integer", ["SET a 12345 EX 100", "TTL a"], ":100"],
  ["TTL of a long value", ["SETRANGE a 99 x", "EXPIRE a 100", "TTL a"], ":100"],
  ["TTL rounds to the nearest", ["SET a 1 PX 1700", "TTL a"], ":2"],
  ["TTL rounds down", ["SET a 1 PX 1400", "TTL a"], ":1"],
  ["TTL of less than half a second", ["SET a 1 PX 400", "TTL a"], ":0"],
  ["PTTL", ["SET a 1 EX 100", "PTTL a"], /^:(100000|9999\d)$/],
  ["EXPIRETIME", ["SET a 1 EXAT 33177117420", "EXPIRETIME a"], ":33177117420"],
  ["EXPIRETIME rounds to the nearest", [
    "SET a 1 PXAT 33177117420500",
    "EXPIRETIME a",
  ], ":33177117421"],
  ["PEXPIRETIME", ["SET a 1 PXAT 33177117420123", "PEXPIRETIME a"], ":33177117420123"],
  ["PEXPIRETIME beyond 53 bits", [
    "SET a 1 PXAT 9007199254740993",
    "PEXPIRETIME a",
  ], ":9007199254740993"],
  ["EXPIRETIME beyond 53 bits", [
    "SET a 1 PXAT 9223372036854775000",
    "EXPIRETIME a",
  ], ":9223372036854775"],
]);

cases("PERSIST", [
  ["an absent key", ["PERSIST a"], ":0"],
  ["a key without a time", ["SET a 1", "PERSIST a"], ":0"],
  ["a volatile key", ["SET a 1 EX 100", "PERSIST a"], ":1"],
  ["the time is gone", ["SET a 1 EX 100", "PERSIST a", "TTL a"], ":-1"],
  ["the value stays", ["SET a hello EX 100", "PERSIST a", "GET a"], "$5 hello"],
  ["a long value stays", ["SETRANGE a 99 x", "EXPIRE a 9", "PERSIST a", "STRLEN a"], ":100"],
  ["it lives on", ["SET a 1 PX 50", "PERSIST a", "~80", "GET a"], "$1 1"],
  ["a watched key", ["SET a 1 EX 100", "WATCH a", "@2 PERSIST a", "MULTI", "EXEC"], "*-1"],
  ["a watched key without a time", ["SET a 1", "WATCH a", "@2 PERSIST a", "MULTI", "EXEC"], "*0"],
  ["too few arguments", ["PERSIST"], "-ERR wrong number of arguments for 'persist' command"],
]);
