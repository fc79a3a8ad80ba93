import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const VARIANTS = {
  variants: {
    listpack: ["CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64"],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};
const COUNT = "-ERR numfields should be greater than 0 and match the provided number of fields";
const NOTIFY = ["CONFIG SET notify-keyspace-events KEA", "@2 PSUBSCRIBE __keyevent*"];

cases("HDEL", [
  ["counts", ["HSET h a 1 b 2 c 3", "HDEL h a x c a"], ":2"],
  ["what stays", ["HSET h a 1 b 2 c 3", "HDEL h a c", "HKEYS h"], "*1 $1 b"],
  ["the last one takes the key along", ["HSET h a 1 b 2", "HDEL h a b", "EXISTS h"], ":0"],
  ["behind the last one", ["HSET h a 1 b 2", "HDEL h a b c"], ":2"],
  ["no key", ["HDEL h a"], ":0"],
  ["wrong type", ["SET h x", "HDEL h a"], WRONG_TYPE],
  ["arity", ["HDEL h"], "-ERR wrong number of arguments for 'hdel' command"],
  ["a field with a time", ["HSETEX h EX 9 FIELDS 2 a 1 b 2", "HDEL h a", "HKEYS h"], "*1 $1 b"],
  ["one that is gone is not deleted", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "HSET h b 1",
    "~40",
    "HDEL h a b",
  ], ":1"],
  ["events", [...NOTIFY, "HSET h a 1", "@2 <", "HDEL h a", "@2 <"], {
    resp2: "*4 $8 pmessage $11 __keyevent* $19 __keyevent@0__:hdel $1 h " +
      "*4 $8 pmessage $11 __keyevent* $18 __keyevent@0__:del $1 h",
    resp3: ">4 $8 pmessage $11 __keyevent* $19 __keyevent@0__:hdel $1 h " +
      ">4 $8 pmessage $11 __keyevent* $18 __keyevent@0__:del $1 h",
  }],
], VARIANTS);

cases("HGETDEL", [
  ["values", ["HSET h a 1 b 2 c 3", "HGETDEL h FIELDS 3 c x a"], "*3 $1 3 $-1 $1 1"],
  ["what stays", ["HSET h a 1 b 2", "HGETDEL h FIELDS 1 a", "HGETALL h"], "*2 $1 b $1 2"],
  ["a field twice", ["HSET h a 1 b 2", "HGETDEL h FIELDS 2 a a"], "*2 $1 1 $-1"],
  ["all of them", ["HSET h a 1", "HGETDEL h FIELDS 2 a b", "EXISTS h"], ":0"],
  ["no key", ["HGETDEL h FIELDS 2 a b"], "*2 $-1 $-1"],
  ["the word FIELDS may be any", ["HSET h a 1", "HGETDEL h WHAT 1 a"], "*1 $1 1"],
  ["none", ["HGETDEL h FIELDS 0 a"], COUNT],
  ["fewer", ["HGETDEL h FIELDS 2 a"], COUNT],
  ["more", ["HGETDEL h FIELDS 1 a b"], COUNT],
  ["no number", ["HGETDEL h FIELDS x a"], "-ERR value is not an integer or out of range"],
  ["the number before the type", ["SET h x", "HGETDEL h FIELDS 2 a"], COUNT],
  ["wrong type", ["SET h x", "HGETDEL h FIELDS 1 a"], WRONG_TYPE],
  ["arity", ["HGETDEL h FIELDS 1"], "-ERR wrong number of arguments for 'hgetdel' command"],
], VARIANTS);
