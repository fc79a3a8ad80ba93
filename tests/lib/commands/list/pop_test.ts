import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const POSITIVE = "-ERR value is out of range, must be positive";
const SYNTAX = "-ERR syntax error";
const NUMKEYS = "-ERR numkeys should be greater than 0";
const COUNT = "-ERR count should be greater than 0";
const TIMEOUT = "-ERR timeout is not a float or out of range";

/** The same rows for short lists and for long ones. */
const VARIANTS = {
  listpack: ["CONFIG SET list-max-listpack-size -2"],
  quicklist: ["CONFIG SET list-max-listpack-size 2"],
};
const AFTER = ["CONFIG SET list-max-listpack-size -2"];

for (const name of ["LPOP", "RPOP"]) {
  const left = name === "LPOP";
  cases(name, [
    ["an absent key", [`${name} l`], "$-1"],
    ["one", ["RPUSH l a b c", `${name} l`], left ? "$1 a" : "$1 c"],
    ["an integer", ["RPUSH l -5", `${name} l`], "$2 -5"],
    [
      "the rest",
      ["RPUSH l a b c", `${name} l`, "LRANGE l 0 -1"],
      left ? "*2 $1 b $1 c" : "*2 $1 a $1 b",
    ],
    ["the last one", ["RPUSH l a", `${name} l`, "EXISTS l"], ":0"],
    ["an absent key with a count", [`${name} l 2`], "*-1"],
    ["an absent key with 0", [`${name} l 0`], "*-1"],
    ["0", ["RPUSH l a", `${name} l 0`], "*0"],
    ["0 takes nothing", ["RPUSH l a", `${name} l 0`, "LLEN l"], ":1"],
    ["two", ["RPUSH l a b c d e", `${name} l 2`], left ? "*2 $1 a $1 b" : "*2 $1 e $1 d"],
    [
      "two, the rest",
      ["RPUSH l a b c", `${name} l 2`, "LRANGE l 0 -1"],
      left ? "*1 $1 c" : "*1 $1 a",
    ],
    ["four of five", ["RPUSH l a b c d e", `${name} l 4`, "LLEN l"], ":1"],
    ["too many", ["RPUSH l a b", `${name} l 9`], left ? "*2 $1 a $1 b" : "*2 $1 b $1 a"],
    ["too many, nothing left", ["RPUSH l a b", `${name} l 9`, "EXISTS l"], ":0"],
    ["far too many", ["RPUSH l a", `${name} l 9223372036854775807`], "*1 $1 a"],
    ["a negative count", ["RPUSH l a", `${name} l -1`], POSITIVE],
    ["a count that is none", ["RPUSH l a", `${name} l x`], POSITIVE],
    ["a bad count of an absent key", [`${name} l x`], POSITIVE],
    ["a bad count of a wrong type", ["SET s x", `${name} s x`], POSITIVE],
    [
      "two counts",
      [`${name} l 1 1`],
      `-ERR wrong number of arguments for '${name.toLowerCase()}' command`,
    ],
    ["wrong type", ["SET s x", `${name} s`], WRONG_TYPE],
    ["wrong type with a count", ["SET s x", `${name} s 1`], WRONG_TYPE],
    ["wrong type with 0", ["SET s x", `${name} s 0`], WRONG_TYPE],
    ["limits back", AFTER, "+OK"],
  ], { variants: VARIANTS });
}

cases("LMPOP", [
  ["absent keys", ["LMPOP 2 a b LEFT"], "*-1"],
  ["the first list", ["RPUSH b 1 2", "RPUSH c 3", "LMPOP 3 a b c LEFT"], "*2 $1 b *1 $1 1"],
  ["RIGHT", ["RPUSH b 1 2", "LMPOP 1 b right"], "*2 $1 b *1 $1 2"],
  ["COUNT", ["RPUSH b 1 2 3", "LMPOP 1 b RIGHT count 2"], "*2 $1 b *2 $1 3 $1 2"],
  ["all", ["RPUSH b 1 2", "LMPOP 1 b LEFT COUNT 10", "EXISTS b"], ":0"],
  ["wrong type", ["SET s x", "LMPOP 2 a s LEFT"], WRONG_TYPE],
  ["wrong type behind", ["RPUSH l a", "SET s x", "LMPOP 2 l s LEFT"], "*2 $1 l *1 $1 a"],
  ["no keys", ["LMPOP 0 a LEFT"], NUMKEYS],
  ["a negative number of keys", ["LMPOP -1 a LEFT"], NUMKEYS],
  ["a number of keys that is none", ["LMPOP x a LEFT"], NUMKEYS],
  ["no side", ["LMPOP 2 a b"], SYNTAX],
  ["too few keys", ["LMPOP 2 a LEFT"], SYNTAX],
  ["far too few keys", ["LMPOP 9223372036854775807 a LEFT"], SYNTAX],
  ["not a side", ["LMPOP 1 a TOP"], SYNTAX],
  ["COUNT without a value", ["LMPOP 1 a LEFT COUNT"], SYNTAX],
  ["COUNT 0", ["LMPOP 1 a LEFT COUNT 0"], COUNT],
  ["COUNT below 0", ["LMPOP 1 a LEFT COUNT -1"], COUNT],
  ["COUNT of text", ["LMPOP 1 a LEFT COUNT x"], COUNT],
  ["COUNT twice", ["LMPOP 1 a LEFT COUNT 1 COUNT 1"], SYNTAX],
  ["another word", ["LMPOP 1 a LEFT MORE 1"], SYNTAX],
  ["too few arguments", ["LMPOP 1 a"], "-ERR wrong number of arguments for 'lmpop' command"],
]);

for (const name of ["BLPOP", "BRPOP"]) {
  cases(name, [
    [
      "at once",
      ["RPUSH b 1 2", `${name} a b c 0`],
      name === "BLPOP" ? "*2 $1 b $1 1" : "*2 $1 b $1 2",
    ],
    ["deletes the key", ["RPUSH b 1", `${name} b 0`, "EXISTS b"], ":0"],
    ["in time", [`${name} a b 10`, "@2 RPUSH b x", "<"], "*2 $1 b $1 x"],
    ["what is pushed is gone", ["@3 PING", `${name} a 10`, "@2 RPUSH a x", "@2 LLEN a"], ":0"],
    ["the reply of the push", ["@3 PING", `${name} a 10`, "@2 RPUSH a x y"], ":2"],
    ["time is up", [`${name} a 0.05`, "~200", "<"], "*-1"],
    ["wrong type", ["SET s x", `${name} a s 0`], WRONG_TYPE],
    ["wrong type behind", ["RPUSH a 1", "SET s x", `${name} a s 0`], "*2 $1 a $1 1"],
    ["a negative time", [`${name} a -1`], "-ERR timeout is negative"],
    ["a time that is none", [`${name} a x`], TIMEOUT],
    ["no number", [`${name} a nan`], TIMEOUT],
    ["endless", [`${name} a inf`], /^-ERR timeout is (not a float or )?out of range$/],
    ["too far away", [`${name} a 9223372036854775807`], "-ERR timeout is out of range"],
    ["the time is read first", ["SET s x", `${name} s x`], TIMEOUT],
    ["in a transaction", ["MULTI", `${name} a 0`, "EXEC"], "*1 *-1"],
    ["an empty element", [`${name} a 10`, "@2 RPUSH a ''", "<"], "*2 $1 a $0 "],
    ["of the same key twice", [`${name} a a 10`, "@2 RPUSH a x", "<"], "*2 $1 a $1 x"],
  ]);
}

cases("BLMPOP", [
  ["at once", ["RPUSH b 1 2 3", "BLMPOP 0 2 a b LEFT COUNT 2"], "*2 $1 b *2 $1 1 $1 2"],
  ["in time", ["BLMPOP 10 2 a b RIGHT COUNT 2", "@2 RPUSH b 1 2 3", "<"], "*2 $1 b *2 $1 3 $1 2"],
  ["the rest", ["BLMPOP 10 1 a LEFT", "@2 RPUSH a 1 2 3", "@2 LRANGE a 0 -1"], "*2 $1 2 $1 3"],
  ["time is up", ["BLMPOP 0.05 1 a LEFT", "~200", "<"], "*-1"],
  ["wrong type", ["SET s x", "BLMPOP 0 1 s LEFT"], WRONG_TYPE],
  ["the time is read last", ["BLMPOP x 0 a LEFT"], NUMKEYS],
  ["a time that is none", ["BLMPOP x 1 a LEFT"], TIMEOUT],
  ["a negative time", ["BLMPOP -1 1 a LEFT"], "-ERR timeout is negative"],
  ["no side", ["BLMPOP 1 2 a b"], SYNTAX],
  ["COUNT 0", ["BLMPOP 1 1 a LEFT COUNT 0"], COUNT],
  ["in a transaction", ["MULTI", "BLMPOP 0 1 a LEFT", "EXEC"], "*1 *-1"],
]);
