import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const SYNTAX = "-ERR syntax error";
const AT = "33177117420";

cases("HTTL and its kin", [
  [
    "codes",
    ["HSETEX h EX 100 FIELDS 1 a 1", "HSET h b 1", "HTTL h FIELDS 3 a b x"],
    [
      "*3 :100 :-1 :-2",
    ].join(),
  ],
  ["of a listpack", ["HSET h b 1", "HPTTL h FIELDS 2 b x"], "*2 :-1 :-2"],
  ["no key", ["HTTL h FIELDS 2 a b"], "*2 :-2 :-2"],
  ["seconds are rounded up", ["HSETEX h PX 1900 FIELDS 1 a 1", "HTTL h FIELDS 1 a"], "*1 :2"],
  ["and down", ["HSETEX h PX 1400 FIELDS 1 a 1", "HTTL h FIELDS 1 a"], "*1 :1"],
  ["seconds since 1970", [
    `HSETEX h PXAT ${AT}500 FIELDS 1 a 1`,
    "HEXPIRETIME h FIELDS 1 a",
  ], "*1 :33177117421"],
  ["milliseconds since 1970", [
    `HSETEX h PXAT ${AT}499 FIELDS 1 a 1`,
    "HPEXPIRETIME h FIELDS 1 a",
  ], "*1 :33177117420499"],
  ["what is gone", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HPTTL h FIELDS 1 a",
  ], "*1 :-2"],
  ["the word FIELDS may be any", ["HSET h a 1", "HTTL h WHAT 1 a"], "*1 :-1"],
  ["none", ["HTTL h FIELDS 0 a"], SYNTAX],
  ["fewer", ["HPTTL h FIELDS 2 a"], SYNTAX],
  ["more", ["HEXPIRETIME h FIELDS 1 a b"], SYNTAX],
  ["no number", ["HPEXPIRETIME h FIELDS x a"], "-ERR value is not an integer or out of range"],
  ["wrong type", ["SET h x", "HTTL h FIELDS 1 a"], WRONG_TYPE],
  ["arity", ["HTTL h FIELDS 1"], "-ERR wrong number of arguments for 'httl' command"],
]);
