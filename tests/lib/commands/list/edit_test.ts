import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX = "-ERR syntax error";
const INDEX = "-ERR index out of range";
const VARIANTS = {
  listpack: ["CONFIG SET list-max-listpack-size -2"],
  quicklist: ["CONFIG SET list-max-listpack-size 2"],
  plain: ["DEBUG QUICKLIST-PACKED-THRESHOLD 2b", "CONFIG SET list-max-listpack-size 3"],
};
const AFTER = ["CONFIG SET list-max-listpack-size -2", "DEBUG QUICKLIST-PACKED-THRESHOLD 0"];
const ALL = "LRANGE l 0 -1";
const FIVE = "RPUSH l a b c d e";

cases("LSET", [
  ["an absent key", ["LSET l 0 x"], "-ERR no such key"],
  ["the first", [FIVE, "LSET l 0 x", ALL], "*5 $1 x $1 b $1 c $1 d $1 e"],
  ["the last", [FIVE, "LSET l -1 x", ALL], "*5 $1 a $1 b $1 c $1 d $1 x"],
  ["a longer one", [FIVE, "LSET l 2 xxxx", ALL], "*5 $1 a $1 b $4 xxxx $1 d $1 e"],
  [
    "a longer one, then a short one",
    [FIVE, "LSET l 1 xxxx", "LSET l 1 y", ALL],
    "*5 $1 a $1 y $1 c $1 d $1 e",
  ],
  ["a longer one at the head", [FIVE, "LSET l 0 xxxx", ALL], "*5 $4 xxxx $1 b $1 c $1 d $1 e"],
  ["a longer one at the tail", [FIVE, "LSET l 4 xxxx", ALL], "*5 $1 a $1 b $1 c $1 d $4 xxxx"],
  ["all longer", ["RPUSH l a b", "LSET l 0 xxx", "LSET l 1 yyy", ALL], "*2 $3 xxx $3 yyy"],
  ["the only one", ["RPUSH l a", "LSET l 0 xxx", ALL], "*1 $3 xxx"],
  ["an integer", [FIVE, "LSET l 1 -17", "LINDEX l 1"], "$3 -17"],
  ["answers", [FIVE, "LSET l 1 x"], "+OK"],
  ["beyond", [FIVE, "LSET l 5 x"], INDEX],
  ["beyond the head", [FIVE, "LSET l -6 x"], INDEX],
  ["an index of 32 bits", [FIVE, "LSET l 4294967297 x", "LINDEX l 1"], "$1 x"],
  ["no index", [FIVE, "LSET l x x"], INTEGER],
  ["wrong type", ["SET s x", "LSET s x x"], WRONG_TYPE],
], { variants: VARIANTS });

cases("LINSERT", [
  ["an absent key", ["LINSERT l BEFORE a x"], ":0"],
  ["an absent pivot", [FIVE, "LINSERT l BEFORE z x"], ":-1"],
  ["BEFORE", [FIVE, "LINSERT l BEFORE c x", ALL], "*6 $1 a $1 b $1 x $1 c $1 d $1 e"],
  ["AFTER", [FIVE, "LINSERT l after c x", ALL], "*6 $1 a $1 b $1 c $1 x $1 d $1 e"],
  ["at the head", [FIVE, "LINSERT l before a x", ALL], "*6 $1 x $1 a $1 b $1 c $1 d $1 e"],
  ["at the tail", [FIVE, "LINSERT l AFTER e x", ALL], "*6 $1 a $1 b $1 c $1 d $1 e $1 x"],
  ["a long one", [FIVE, "LINSERT l AFTER b xxx", ALL], "*6 $1 a $1 b $3 xxx $1 c $1 d $1 e"],
  [
    "a long one in front",
    [FIVE, "LINSERT l BEFORE b xxx", ALL],
    "*6 $1 a $3 xxx $1 b $1 c $1 d $1 e",
  ],
  [
    "the first of equal ones",
    ["RPUSH l a b a", "LINSERT l AFTER a x", ALL],
    "*4 $1 a $1 x $1 b $1 a",
  ],
  ["an integer", ["RPUSH l 10 20", "LINSERT l BEFORE 20 15", ALL], "*3 $2 10 $2 15 $2 20"],
  [
    "beside a long one",
    [FIVE, "LSET l 2 xxx", "LINSERT l AFTER xxx y", ALL],
    "*6 $1 a $1 b $3 xxx $1 y $1 d $1 e",
  ],
  ["counts", [FIVE, "LINSERT l BEFORE c x"], ":6"],
  ["another word", ["LINSERT l BESIDE c x"], SYNTAX],
  ["another word for a wrong type", ["SET s x", "LINSERT s BESIDE c x"], SYNTAX],
  ["wrong type", ["SET s x", "LINSERT s AFTER c x"], WRONG_TYPE],
], { variants: VARIANTS });

const SIX = "RPUSH l a b a 1 a 1";

cases("LREM", [
  ["an absent key", ["LREM l 0 a"], ":0"],
  ["all", [SIX, "LREM l 0 a", ALL], "*3 $1 b $1 1 $1 1"],
  ["counts", [SIX, "LREM l 0 a"], ":3"],
  ["the first two", [SIX, "LREM l 2 a", ALL], "*4 $1 b $1 1 $1 a $1 1"],
  ["the last two", [SIX, "LREM l -2 a", ALL], "*4 $1 a $1 b $1 1 $1 1"],
  ["integers", [SIX, "LREM l 1 1", ALL], "*5 $1 a $1 b $1 a $1 a $1 1"],
  ["the last integer", [SIX, "LREM l -1 1", ALL], "*5 $1 a $1 b $1 a $1 1 $1 a"],
  ["more than there are", [SIX, "LREM l 100 a"], ":3"],
  ["none", [SIX, "LREM l 0 z"], ":0"],
  ["until nothing is left", ["RPUSH l a a a", "LREM l 0 a", "EXISTS l"], ":0"],
  ["long ones", ["RPUSH l xx a xx", "LREM l -1 xx", ALL], "*2 $2 xx $1 a"],
  ["no count", [SIX, "LREM l x a"], INTEGER],
  ["no count of a wrong type", ["SET s x", "LREM s x a"], INTEGER],
  [
    "the lowest count",
    [SIX, "LREM l -9223372036854775808 a"],
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
  ],
  ["wrong type", ["SET s x", "LREM s 0 a"], WRONG_TYPE],
  ["a watched key", [SIX, "WATCH l", "@2 LREM l 0 a", "MULTI", "PING", "EXEC"], "*-1"],
  ["a watched key, none", [SIX, "WATCH l", "@2 LREM l 0 z", "MULTI", "PING", "EXEC"], "*1 +PONG"],
], { variants: VARIANTS });

cases("LTRIM", [
  ["an absent key", ["LTRIM l 0 1"], "+OK"],
  ["the head", [FIVE, "LTRIM l 0 1", ALL], "*2 $1 a $1 b"],
  ["the middle", [FIVE, "LTRIM l 1 3", ALL], "*3 $1 b $1 c $1 d"],
  ["the tail", [FIVE, "LTRIM l -2 -1", ALL], "*2 $1 d $1 e"],
  ["nothing goes", [FIVE, "LTRIM l 0 -1", ALL], "*5 $1 a $1 b $1 c $1 d $1 e"],
  ["more than there is", [FIVE, "LTRIM l -100 100", "LLEN l"], ":5"],
  ["everything", [FIVE, "LTRIM l 3 2", "EXISTS l"], ":0"],
  ["behind the end", [FIVE, "LTRIM l 5 9", "EXISTS l"], ":0"],
  ["in front of the head", [FIVE, "LTRIM l -9 -6", "EXISTS l"], ":0"],
  ["no start", [FIVE, "LTRIM l x 1"], INTEGER],
  ["no end of an absent key", ["LTRIM l 1 x"], INTEGER],
  ["wrong type", ["SET s x", "LTRIM s 0 1"], WRONG_TYPE],
  ["a watched key", [FIVE, "WATCH l", "@2 LTRIM l 0 1", "MULTI", "PING", "EXEC"], "*-1"],
  [
    "a watched key, nothing goes",
    [FIVE, "WATCH l", "@2 LTRIM l 0 -1", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
], { variants: VARIANTS });

cases("limits after the changes", [["back to the defaults", AFTER, "+OK"]]);
