import { cases } from "../../../kit/cases.ts";

cases("DBSIZE", [
  ["of nothing", ["DBSIZE"], ":0"],
  ["of two", ["MSET a 1 b 2", "DBSIZE"], ":2"],
  ["a key written twice", ["SET a 1", "SET a 2", "DBSIZE"], ":1"],
  ["of this database", ["SET a 1", "SELECT 1", "DBSIZE"], ":0"],
  ["too many arguments", ["DBSIZE x"], "-ERR wrong number of arguments for 'dbsize' command"],
]);

for (const name of ["FLUSHDB", "FLUSHALL"]) {
  cases(name, [
    ["nothing", [name], "+OK"],
    ["empties", ["MSET a 1 b 2", name, "DBSIZE"], ":0"],
    ["SYNC", ["SET a 1", `${name} SYNC`, "DBSIZE"], ":0"],
    ["ASYNC", ["SET a 1", `${name} async`, "DBSIZE"], ":0"],
    ["a key comes back without its time", [
      "SET a 1 EX 100",
      `${name} ASYNC`,
      "SET a 2",
      "TTL a",
    ], ":-1"],
    ["keys written after it stay", ["SET a 1", `${name} ASYNC`, "SET b 2", "KEYS *"], "*1 $1 b"],
    ["an unknown word", [`${name} now`], "-ERR syntax error"],
    ["two words", [`${name} SYNC ASYNC`], "-ERR syntax error"],
    ["a watched key", ["SET a 1", "WATCH a", `@2 ${name}`, "MULTI", "EXEC"], "*-1"],
    ["an absent watched key", ["WATCH a", `@2 ${name}`, "MULTI", "EXEC"], "*0"],
  ]);
}

cases("FLUSHDB and FLUSHALL", [
  ["FLUSHDB leaves other databases", [
    "SET a 1",
    "SELECT 1",
    "SET b 1",
    "FLUSHDB",
    "SELECT 0",
    "DBSIZE",
  ], ":1"],
  ["FLUSHALL does not", ["SET a 1", "SELECT 1", "FLUSHALL", "SELECT 0", "DBSIZE"], ":0"],
]);

cases("SWAPDB", [
  ["exchanges", ["SET a 1", "SWAPDB 0 1", "EXISTS a"], ":0"],
  ["and back", ["SET a 1", "SWAPDB 0 1", "SWAPDB 1 0", "GET a"], "$1 1"],
  ["the other side", ["SET a 1", "SWAPDB 0 1", "SELECT 1", "GET a"], "$1 1"],
  ["for every client", ["SET a 1", "@2 SELECT 1", "SWAPDB 0 1", "@2 GET a"], "$1 1"],
  ["times go along", ["SET a 1 EX 100", "SWAPDB 0 1", "SELECT 1", "TTL a"], ":100"],
  ["with itself", ["SET a 1", "SWAPDB 0 0", "GET a"], "$1 1"],
  ["a first that is no number", ["SWAPDB x 1"], "-ERR invalid first DB index"],
  ["a second that is no number", ["SWAPDB 0 x"], "-ERR invalid second DB index"],
  ["the first is looked at first", ["SWAPDB x x"], "-ERR invalid first DB index"],
  ["beyond 32 bits", ["SWAPDB 4294967296 0"], "-ERR invalid first DB index"],
  ["one too many", ["SWAPDB 0 16"], "-ERR DB index is out of range"],
  ["negative", ["SWAPDB -1 0"], "-ERR DB index is out of range"],
  ["a watched key that changes", ["SET a 1", "WATCH a", "@2 SWAPDB 0 1", "MULTI", "EXEC"], "*-1"],
  ["a watched key in neither", ["WATCH a", "@2 SWAPDB 0 1", "MULTI", "EXEC"], "*0"],
  ["too few arguments", ["SWAPDB 0"], "-ERR wrong number of arguments for 'swapdb' command"],
]);
