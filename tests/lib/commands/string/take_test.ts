import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const INVALID = "-ERR invalid expire time in 'getex' command";

cases("GETEX", [
  ["an absent key", ["GETEX k"], "$-1"],
  ["an absent key with a time", ["GETEX k EX 100", "EXISTS k"], ":0"],
  ["the value", ["SET k v", "GETEX k"], "$1 v"],
  ["leaves the time alone", ["SET k v EX 100", "GETEX k", "TTL k"], ":100"],
  ["EX", ["SET k v", "GETEX k EX 100", "TTL k"], ":100"],
  ["PX", ["SET k v", "GETEX k PX 100000", "TTL k"], ":100"],
  ["EXAT", ["SET k v", "GETEX k EXAT 5000000000", "EXPIRETIME k"], ":5000000000"],
  ["PXAT", ["SET k v", "GETEX k PXAT 5000000000123", "PEXPIRETIME k"], ":5000000000123"],
  ["answers the value with a time", ["SET k v", "GETEX k EX 100"], "$1 v"],
  ["of an integer", ["SET k 5", "GETEX k EX 100", "OBJECT ENCODING k"], "$3 int"],
  ["PERSIST", ["SET k v EX 100", "GETEX k PERSIST", "TTL k"], ":-1"],
  ["PERSIST without a time", ["SET k v", "GETEX k PERSIST"], "$1 v"],
  ["PERSIST twice", ["SET k v EX 100", "GETEX k PERSIST PERSIST", "TTL k"], ":-1"],
  ["EXAT in the past answers", ["SET k v", "GETEX k EXAT 1"], "$1 v"],
  ["EXAT in the past deletes", ["SET k v", "GETEX k EXAT 1", "EXISTS k"], ":0"],
  ["PXAT in the past deletes", ["SET k v", "GETEX k PXAT 1", "EXISTS k"], ":0"],
  ["EX and PERSIST", ["GETEX k EX 1 PERSIST"], SYNTAX],
  ["PERSIST and PX", ["GETEX k PERSIST PX 1"], SYNTAX],
  ["KEEPTTL is no option", ["GETEX k KEEPTTL"], SYNTAX],
  ["NX is no option", ["GETEX k NX"], SYNTAX],
  ["EX wants a number", ["GETEX k EX"], SYNTAX],
  ["EX with text", ["GETEX k EX x"], "-ERR value is not an integer or out of range"],
  ["EX 0", ["GETEX k EX 0"], INVALID],
  ["EX too large", ["GETEX k EX 9223372036854775"], INVALID],
  ["a watched key whose time changes", [
    "SET k v",
    "WATCH k",
    "@2 GETEX k EX 10",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["a watched key that is only read", [
    "SET k v",
    "WATCH k",
    "@2 GETEX k PERSIST",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

cases("GETDEL", [
  ["an absent key", ["GETDEL k"], "$-1"],
  ["the value", ["SET k v", "GETDEL k"], "$1 v"],
  ["deletes", ["SET k v", "GETDEL k", "EXISTS k"], ":0"],
  ["an integer", ["SET k 17", "GETDEL k"], "$2 17"],
  ["a volatile key", ["SET k v EX 100", "GETDEL k", "DBSIZE"], ":0"],
  ["an expired key", ["SET k v PX 50", "~80", "GETDEL k"], "$-1"],
]);

cases("DELIFEQ", [
  ["an absent key", ["DELIFEQ k v"], ":0"],
  ["an equal value", ["SET k v", "DELIFEQ k v"], ":1"],
  ["deletes", ["SET k v", "DELIFEQ k v", "EXISTS k"], ":0"],
  ["another value", ["SET k v", "DELIFEQ k w"], ":0"],
  ["leaves another value", ["SET k v", "DELIFEQ k w", "GET k"], "$1 v"],
  ["an integer", ["SET k 17", "DELIFEQ k 17"], ":1"],
  ["an integer written otherwise", ["SET k 17", "DELIFEQ k 017"], ":0"],
  ["a longer value", ["SET k v", "DELIFEQ k vv"], ":0"],
  ["too few arguments", ["DELIFEQ k"], "-ERR wrong number of arguments for 'delifeq' command"],
]);
