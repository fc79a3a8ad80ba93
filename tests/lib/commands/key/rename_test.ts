import { cases } from "../../../kit/cases.ts";

const LONG = "n".repeat(90);

cases("RENAME", [
  ["moves the value", ["SET a v", "RENAME a b", "GET b"], "$1 v"],
  ["the old name is free", ["SET a v", "RENAME a b", "EXISTS a"], ":0"],
  ["overwrites", ["MSET a 1 b 2", "RENAME a b", "GET b"], "$1 1"],
  ["reply", ["SET a v", "RENAME a b"], "+OK"],
  ["no key", ["RENAME a b"], "-ERR no such key"],
  ["expired key", ["SET a v PX 5", "~10", "RENAME a b"], "-ERR no such key"],
  ["onto itself", ["SET a v", "RENAME a a"], "+OK"],
  ["onto itself, no key", ["RENAME a a"], "-ERR no such key"],
  ["onto itself changes nothing", [
    "SET a v",
    "WATCH a",
    "@2 RENAME a a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  ["takes the expiry along", ["SET a v EX 100", "RENAME a b", "TTL b"], ":100"],
  ["drops the target's expiry", ["SET a v", "SET b w EX 100", "RENAME a b", "TTL b"], ":-1"],
  ["keeps the source's over the target's", [
    "SET a v EX 50",
    "SET b w EX 100",
    "RENAME a b",
    "TTL b",
  ], ":50"],
  ["over an expired target", ["SET a v", "SET b w PX 5", "~10", "RENAME a b", "GET b"], "$1 v"],
  ["numbers stay numbers", ["SET a 12", `RENAME a ${LONG}`, `OBJECT ENCODING ${LONG}`], "$3 int"],
  [
    "short values stay embedded",
    ["SET a v", `RENAME a ${LONG}`, `OBJECT ENCODING ${LONG}`],
    "$6 embstr",
  ],
  [
    "unless the name is too long",
    [`SET a ${"v".repeat(50)}`, `RENAME a ${LONG}`, `OBJECT ENCODING ${LONG}`],
    "$3 raw",
  ],
  [
    "and raw values stay raw",
    [`SET ${LONG} ${"v".repeat(50)}`, `RENAME ${LONG} a`, "OBJECT ENCODING a"],
    "$3 raw",
  ],
  ["marks both keys", ["SET a v", "WATCH b", "@2 RENAME a b", "MULTI", "PING", "EXEC"], "*-1"],
  ["marks both keys", ["SET a v", "WATCH a", "@2 RENAME a b", "MULTI", "PING", "EXEC"], "*-1"],
  ["arity", ["RENAME a"], "-ERR wrong number of arguments for 'rename' command"],
]);

cases("RENAMENX", [
  ["free", ["SET a v", "RENAMENX a b"], ":1"],
  ["taken", ["MSET a 1 b 2", "RENAMENX a b"], ":0"],
  ["taken changes nothing", ["MSET a 1 b 2", "RENAMENX a b", "MGET a b"], "*2 $1 1 $1 2"],
  ["no key", ["RENAMENX a b"], "-ERR no such key"],
  ["no key, taken", ["SET b 2", "RENAMENX a b"], "-ERR no such key"],
  ["onto itself", ["SET a v", "RENAMENX a a"], ":0"],
  ["an expired target is free", ["SET a v", "SET b w PX 5", "~10", "RENAMENX a b"], ":1"],
  ["takes the expiry along", ["SET a v EX 100", "RENAMENX a b", "TTL b"], ":100"],
]);

cases("COPY", [
  ["reply", ["SET a v", "COPY a b"], ":1"],
  ["both are there", ["SET a v", "COPY a b", "MGET a b"], "*2 $1 v $1 v"],
  ["independent", ["SET a v", "COPY a b", "APPEND a w", "MGET a b"], "*2 $2 vw $1 v"],
  ["large values", [
    `SET a ${"x".repeat(5000)}`,
    "COPY a b",
    "APPEND b y",
    "STRLEN a",
  ], ":5000"],
  ["no key", ["COPY a b"], ":0"],
  ["expired key", ["SET a v PX 5", "~10", "COPY a b"], ":0"],
  ["taken", ["MSET a 1 b 2", "COPY a b"], ":0"],
  ["taken changes nothing", ["MSET a 1 b 2", "COPY a b", "GET b"], "$1 2"],
  ["REPLACE", ["MSET a 1 b 2", "COPY a b REPLACE"], ":1"],
  ["REPLACE overwrites", ["MSET a 1 b 2", "COPY a b REPLACE", "GET b"], "$1 1"],
  ["REPLACE without source keeps the target", ["SET b 2", "COPY a b REPLACE", "GET b"], "$1 2"],
  ["DB", ["SET a v", "COPY a a DB 1", "SELECT 1", "GET a"], "$1 v"],
  ["DB of its own", ["SET a v", "COPY a b DB 0", "GET b"], "$1 v"],
  ["the last DB counts", ["SET a v", "COPY a a DB 0 DB 1", "SELECT 1", "GET a"], "$1 v"],
  ["copies the expiry", ["SET a v EX 100", "COPY a b", "TTL b"], ":100"],
  ["and no expiry", ["SET a v", "SET b w EX 100", "COPY a b REPLACE", "TTL b"], ":-1"],
  ["onto itself", ["SET a v", "COPY a a"], "-ERR source and destination objects are the same"],
  ["onto itself without a key", [
    "COPY a a",
  ], "-ERR source and destination objects are the same"],
  ["DB beyond", ["COPY a b DB 16"], "-ERR DB index is out of range"],
  ["DB negative", ["COPY a b DB -1"], "-ERR DB index is out of range"],
  ["DB no number", ["COPY a b DB x"], "-ERR value is not an integer or out of range"],
  ["DB too large", [
    "COPY a b DB 2147483648",
  ], "-ERR value is out of range, value must between -2147483648 and 2147483647"],
  ["DB without a value", ["COPY a b DB"], "-ERR syntax error"],
  ["unknown option", ["COPY a b WHAT"], "-ERR syntax error"],
  ["an early wrong DB before a late syntax error", [
    "COPY a b DB 99 WHAT",
  ], "-ERR DB index is out of range"],
  ["marks the target", ["SET a v", "WATCH b", "@2 COPY a b", "MULTI", "PING", "EXEC"], "*-1"],
  ["not the source", ["SET a v", "WATCH a", "@2 COPY a b", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "marks the target where it is",
    ["SELECT 1", "WATCH b", "@2 SET a v", "@2 COPY a b DB 1", "MULTI", "PING", "EXEC"],
    "*-1",
  ],
  ["arity", ["COPY a"], "-ERR wrong number of arguments for 'copy' command"],
]);

cases("MOVE", [
  ["reply", ["SET a v", "MOVE a 1"], ":1"],
  ["is there", ["SET a v", "MOVE a 1", "SELECT 1", "GET a"], "$1 v"],
  ["is not here", ["SET a v", "MOVE a 1", "GET a"], "$-1"],
  ["the client stays", ["SET a v", "SET b w", "MOVE a 1", "GET b"], "$1 w"],
  ["no key", ["MOVE a 1"], ":0"],
  ["taken", ["SELECT 1", "SET a w", "SELECT 0", "SET a v", "MOVE a 1"], ":0"],
  ["taken changes nothing", [
    "SELECT 1",
    "SET a w",
    "SELECT 0",
    "SET a v",
    "MOVE a 1",
    "GET a",
  ], "$1 v"],
  ["an expired one there is no obstacle", [
    "SELECT 1",
    "SET a w PX 5",
    "SELECT 0",
    "SET a v",
    "~10",
    "MOVE a 1",
  ], ":1"],
  ["takes the expiry along", ["SET a v EX 100", "MOVE a 1", "SELECT 1", "TTL a"], ":100"],
  ["same database", ["SET a v", "MOVE a 0"], "-ERR source and destination objects are the same"],
  ["same database, no key", ["MOVE a 0"], "-ERR source and destination objects are the same"],
  ["beyond", ["MOVE a 16"], "-ERR DB index is out of range"],
  ["negative", ["MOVE a -1"], "-ERR DB index is out of range"],
  ["no number", ["MOVE a x"], "-ERR value is not an integer or out of range"],
  ["too large", [
    "MOVE a 4294967296",
  ], "-ERR value is out of range, value must between -2147483648 and 2147483647"],
  ["marks the key here", ["SET a v", "WATCH a", "@2 MOVE a 1", "MULTI", "PING", "EXEC"], "*-1"],
  [
    "and there",
    ["SELECT 1", "WATCH a", "@2 SET a v", "@2 MOVE a 1", "MULTI", "PING", "EXEC"],
    "*-1",
  ],
]);
