import { cases } from "../../../kit/cases.ts";

const LISTPACK = "CONFIG SET zset-max-listpack-entries 128";
const TABLE = "CONFIG SET zset-max-listpack-entries 0";
const variants = { listpack: [LISTPACK], skiplist: [TABLE] };
const SYNTAX = "-ERR syntax error";

cases("ZSCAN", [
  ["name and score", ["ZADD z 1 a", "ZSCAN z 0"], "*2 $1 0 *2 $1 a $1 1"],
  ["without scores", ["ZADD z 1 a", "ZSCAN z 0 NOSCORES"], "*2 $1 0 *1 $1 a"],
  ["MATCH", ["ZADD z 1 a 2 b", "ZSCAN z 0 MATCH b"], "*2 $1 0 *2 $1 b $1 2"],
  ["MATCH of an integer", ["ZADD z 1 10 2 b", "ZSCAN z 0 MATCH 1*"], "*2 $1 0 *2 $2 10 $1 1"],
  ["MATCH of none", ["ZADD z 1 a", "ZSCAN z 0 MATCH x"], "*2 $1 0 *0"],
  ["COUNT", ["ZADD z 1 a", "ZSCAN z 0 COUNT 100"], "*2 $1 0 *2 $1 a $1 1"],
  ["infinity", ["ZADD z inf a", "ZSCAN z 0"], "*2 $1 0 *2 $1 a $3 inf"],
  ["no key", ["ZSCAN z 0"], "*2 $1 0 *0"],
  ["no cursor", ["ZSCAN z x"], "-ERR invalid cursor"],
  ["COUNT 0", ["ZADD z 1 a", "ZSCAN z 0 COUNT 0"], SYNTAX],
  ["COUNT of text", [
    "ZADD z 1 a",
    "ZSCAN z 0 COUNT x",
  ], "-ERR value is not an integer or out of range"],
  ["an unknown option", ["ZADD z 1 a", "ZSCAN z 0 FAST"], SYNTAX],
  ["NOVALUES", [
    "ZADD z 1 a",
    "ZSCAN z 0 NOVALUES",
  ], "-ERR NOVALUES option can only be used in HSCAN"],
  ["options of no key are not read", ["ZSCAN z 0 FAST"], "*2 $1 0 *0"],
  ["wrong type", ["SET z x", "ZSCAN z 0"], /^-WRONGTYPE/],
], { variants });

cases("scores in ZSCAN", [
  ["of a listpack", [LISTPACK, "ZADD z 0.1 a", "ZSCAN z 0"], "*2 $1 0 *2 $1 a $3 0.1"],
  ["of a table have 17 digits", [
    TABLE,
    "ZADD z 0.1 a",
    "ZSCAN z 0",
  ], "*2 $1 0 *2 $1 a $19 0.10000000000000001"],
  [
    "large ones of a table",
    [TABLE, "ZADD z 1e30 a", "ZSCAN z 0"],
    /1.0000000000000000\d*e\+30$|1e\+30$/,
  ],
  [
    "large ones of a listpack",
    [LISTPACK, "ZADD z 1e30 a", "ZSCAN z 0"],
    "*2 $1 0 *2 $1 a $5 1e+30",
  ],
]);
