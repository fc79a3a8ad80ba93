import { cases } from "../../../kit/cases.ts";

const NO_KEY = "-ERR no such key";
const SYNTAX = "-ERR syntax error";
const SAME = "-ERR source and destination objects are the same";
const DB_RANGE = "-ERR DB index is out of range";
const INTEGER = "-ERR value is not an integer or out of range";

cases("RENAME", [
  ["an absent key", ["RENAME a b"], NO_KEY],
  ["an expired key", ["SET a 1 PX 50", "~80", "RENAME a b"], NO_KEY],
  ["a key", ["SET a 1", "RENAME a b"], "+OK"],
  ["the value goes along", ["SET a 1", "RENAME a b", "GET b"], "$1 1"],
  ["a long value goes along", ["SETRANGE a 99 x", "RENAME a b", "STRLEN b"], ":100"],
  ["to a much longer name", ["SET a v", `RENAME a ${"n".repeat(99)}`, "KEYS n*"], /^\*1 \$99 n+$/],
  ["the old name is gone", ["SET a 1", "RENAME a b", "EXISTS a"], ":0"],
  ["over another", ["MSET a 1 b 2", "RENAME a b", "GET b"], "$1 1"],
  ["over another, counted", ["MSET a 1 b 2", "RENAME a b", "DBSIZE"], ":1"],
  ["the time goes along", ["SET a 1 EX 100", "SET b 2", "RENAME a b", "TTL b"], ":100"],
  ["the time of the other goes", ["SET a 1", "SET b 2 EX 100", "RENAME a b", "TTL b"], ":-1"],
  ["to itself", ["SET a 1", "RENAME a a"], "+OK"],
  ["to itself, absent", ["RENAME a a"], NO_KEY],
  ["a watched source", ["SET a 1", "WATCH a", "@2 RENAME a b", "MULTI", "EXEC"], "*-1"],
  ["a watched destination", ["SET a 1", "WATCH b", "@2 RENAME a b", "MULTI", "EXEC"], "*-1"],
  ["too few arguments", ["RENAME a"], "-ERR wrong number of arguments for 'rename' command"],
]);

cases("RENAMENX", [
  ["an absent key", ["RENAMENX a b"], NO_KEY],
  ["a free name", ["SET a 1", "RENAMENX a b"], ":1"],
  ["the value goes along", ["SET a 1", "RENAMENX a b", "GET b"], "$1 1"],
  ["a name that is taken", ["MSET a 1 b 2", "RENAMENX a b"], ":0"],
  ["which keeps its value", ["MSET a 1 b 2", "RENAMENX a b", "GET b"], "$1 2"],
  ["a name whose key expired", ["SET a 1", "SET b 2 PX 50", "~80", "RENAMENX a b"], ":1"],
  ["to itself", ["SET a 1", "RENAMENX a a"], ":0"],
  ["too few arguments", ["RENAMENX a"], "-ERR wrong number of arguments for 'renamenx' command"],
]);

cases("COPY", [
  ["an absent key", ["COPY a b"], ":0"],
  ["a key", ["SET a 1", "COPY a b"], ":1"],
  ["both have the value", ["SET a v", "COPY a b", "MGET a b"], "*2 $1 v $1 v"],
  ["the copy is its own", ["SET a v", "COPY a b", "APPEND b w", "GET a"], "$1 v"],
  ["a long value", ["SETRANGE a 99 x", "COPY a b", "STRLEN b"], ":100"],
  ["the time goes along", ["SET a 1 EX 100", "COPY a b", "TTL b"], ":100"],
  ["to a name that is taken", ["MSET a 1 b 2", "COPY a b"], ":0"],
  ["REPLACE", ["MSET a 1 b 2", "COPY a b REPLACE", "GET b"], "$1 1"],
  ["REPLACE drops the time", ["SET a 1", "SET b 2 EX 9", "COPY a b replace", "TTL b"], ":-1"],
  ["DB", ["SET a 1", "COPY a a DB 1", "SELECT 1", "GET a"], "$1 1"],
  ["DB and REPLACE", ["SET a 1", "COPY a a REPLACE DB 1", "COPY a a DB 1 REPLACE"], ":1"],
  ["the same key", ["SET a 1", "COPY a a"], SAME],
  ["the same key of the same database", ["COPY a a DB 0"], SAME],
  ["a database too many", ["COPY a b DB 16"], DB_RANGE],
  ["a negative database", ["COPY a b DB -1"], DB_RANGE],
  ["a database that is no number", ["COPY a b DB x"], INTEGER],
  ["DB wants a number", ["COPY a b DB"], SYNTAX],
  ["an unknown word", ["COPY a b FOO"], SYNTAX],
  ["a watched destination", ["SET a 1", "WATCH b", "@2 COPY a b", "MULTI", "EXEC"], "*-1"],
  ["a watched source", ["SET a 1", "WATCH a", "@2 COPY a b", "MULTI", "EXEC"], "*0"],
  ["too few arguments", ["COPY a"], "-ERR wrong number of arguments for 'copy' command"],
]);

cases("MOVE", [
  ["an absent key", ["MOVE a 1"], ":0"],
  ["a key", ["SET a 1", "MOVE a 1"], ":1"],
  ["it is gone here", ["SET a 1", "MOVE a 1", "EXISTS a"], ":0"],
  ["it is there", ["SET a 1", "MOVE a 1", "SELECT 1", "GET a"], "$1 1"],
  ["the time goes along", ["SET a 1 EX 100", "MOVE a 1", "SELECT 1", "TTL a"], ":100"],
  ["the name is taken there", ["SET a 1", "MOVE a 1", "SET a 2", "MOVE a 1"], ":0"],
  ["to the same database", ["SET a 1", "MOVE a 0"], SAME],
  ["to the same database, absent", ["MOVE a 0"], SAME],
  ["a database too many", ["SET a 1", "MOVE a 16"], DB_RANGE],
  ["a negative database", ["MOVE a -1"], DB_RANGE],
  ["a database that is no number", ["MOVE a x"], INTEGER],
  ["a watched key", ["SET a 1", "WATCH a", "@2 MOVE a 1", "MULTI", "EXEC"], "*-1"],
  ["too few arguments", ["MOVE a"], "-ERR wrong number of arguments for 'move' command"],
]);
