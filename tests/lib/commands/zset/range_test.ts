import { cases, type Row } from "../../../kit/cases.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const Z = "ZADD z 1 a 2 b 3 c 4.5 d";
const LEX = "ZADD z 0 a 0 b 0 c 0 d";
const WRONG = /^-WRONGTYPE/;
const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_FLOAT = "-ERR min or max is not a float";
const NOT_RANGE = "-ERR min or max not valid string range item";
const NO_LIMIT =
  "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
const NO_SCORES = "-ERR syntax error, WITHSCORES not supported in combination with BYLEX";

cases("ZRANGE by rank", [
  ["all", [Z, "ZRANGE z 0 -1"], "*4 $1 a $1 b $1 c $1 d"],
  ["some", [Z, "ZRANGE z 1 2"], "*2 $1 b $1 c"],
  ["from the end", [Z, "ZRANGE z -2 -1"], "*2 $1 c $1 d"],
  ["beyond both ends", [Z, "ZRANGE z -9 9"], "*4 $1 a $1 b $1 c $1 d"],
  ["backwards", [Z, "ZRANGE z 2 1"], "*0"],
  ["behind the end", [Z, "ZRANGE z 4 9"], "*0"],
  ["64 bits", [Z, "ZRANGE z 3 9223372036854775807"], "*1 $1 d"],
  ["with scores", [Z, "ZRANGE z 2 3 WITHSCORES"], {
    resp2: "*4 $1 c $1 3 $1 d $3 4.5",
    resp3: "*2 *2 $1 c ,3 *2 $1 d ,4.5",
  }],
  ["nothing with scores", [Z, "ZRANGE z 9 9 WITHSCORES"], "*0"],
  ["in reverse", [Z, "ZRANGE z 0 1 REV"], "*2 $1 d $1 c"],
  ["the last in reverse", [Z, "ZRANGE z -1 -1 REV"], "*1 $1 a"],
  ["no key", ["ZRANGE z 0 -1 WITHSCORES"], "*0"],
  ["wrong type", ["SET z x", "ZRANGE z 0 -1"], WRONG],
  ["no integer", ["ZRANGE z 0 x"], NOT_INTEGER],
  ["a float", ["ZRANGE z 0 1.5"], NOT_INTEGER],
  ["an unknown option", ["ZRANGE z 0 1 FAST"], SYNTAX],
  ["LIMIT", ["ZRANGE z 0 1 LIMIT 0 1"], NO_LIMIT],
  ["LIMIT of -1 passes", [Z, "ZRANGE z 0 0 LIMIT 5 -1"], "*1 $1 a"],
  ["LIMIT without numbers", ["ZRANGE z 0 1 LIMIT 0"], SYNTAX],
  ["LIMIT with text", ["ZRANGE z 0 1 LIMIT a 1"], NOT_INTEGER],
  ["options come first", ["ZRANGE z x y FAST"], SYNTAX],
], { variants });

cases("ZRANGE BYSCORE", [
  ["inclusive", [Z, "ZRANGE z 2 3 BYSCORE"], "*2 $1 b $1 c"],
  ["exclusive", [Z, "ZRANGE z (2 (4.5 BYSCORE"], "*1 $1 c"],
  ["all", [Z, "ZRANGE z -inf +inf BYSCORE"], "*4 $1 a $1 b $1 c $1 d"],
  ["reverse wants the upper bound first", [Z, "ZRANGE z 3 2 BYSCORE REV"], "*2 $1 c $1 b"],
  ["reverse the wrong way round", [Z, "ZRANGE z 2 3 BYSCORE REV"], "*0"],
  ["with scores", [Z, "ZRANGE z (1 2 BYSCORE WITHSCORES"], {
    resp2: "*2 $1 b $1 2",
    resp3: "*1 *2 $1 b ,2",
  }],
  ["LIMIT", [Z, "ZRANGE z -inf inf BYSCORE LIMIT 1 2"], "*2 $1 b $1 c"],
  ["LIMIT in reverse", [Z, "ZRANGE z inf -inf BYSCORE REV LIMIT 1 2"], "*2 $1 c $1 b"],
  ["LIMIT without an end", [Z, "ZRANGE z -inf inf BYSCORE LIMIT 2 -1"], "*2 $1 c $1 d"],
  ["LIMIT of none", [Z, "ZRANGE z -inf inf BYSCORE LIMIT 0 0"], "*0"],
  ["LIMIT beyond the end", [Z, "ZRANGE z -inf inf BYSCORE LIMIT 4 1"], "*0"],
  ["LIMIT beyond the range", [Z, "ZRANGE z 1 2 BYSCORE LIMIT 2 1"], "*0"],
  ["LIMIT twice: the last", [Z, "ZRANGE z -inf inf BYSCORE LIMIT 0 1 LIMIT 1 1"], "*1 $1 b"],
  ["BYSCORE twice", ["ZRANGE z 1 2 BYSCORE BYSCORE"], SYNTAX],
  ["BYSCORE and BYLEX", ["ZRANGE z 1 2 BYSCORE BYLEX"], SYNTAX],
  ["REV twice", ["ZRANGE z 1 2 REV REV"], SYNTAX],
  ["no float", ["ZRANGE z a b BYSCORE"], NOT_FLOAT],
  ["no float behind the bracket", ["ZRANGE z (a 1 BYSCORE"], NOT_FLOAT],
], { variants });

cases("ZRANGE BYSCORE with a negative offset", [
  ["in a listpack nothing", [
    "CONFIG SET zset-max-listpack-entries 128",
    Z,
    "ZRANGE z -inf inf BYSCORE LIMIT -2 5",
  ], "*0"],
  ["in a table from the other end", [
    "CONFIG SET zset-max-listpack-entries 0",
    Z,
    "ZRANGE z -inf inf BYSCORE LIMIT -2 5",
  ], "*2 $1 c $1 d"],
  ["in reverse", [
    "CONFIG SET zset-max-listpack-entries 0",
    Z,
    "ZRANGE z inf 2 BYSCORE REV LIMIT -2 5",
  ], "*2 $1 c $1 b"],
  ["beyond the range", [
    "CONFIG SET zset-max-listpack-entries 0",
    Z,
    "ZRANGE z 2 3 BYSCORE LIMIT -3 5",
  ], "*0"],
]);

cases("ZRANGE BYLEX", [
  ["all", [LEX, "ZRANGE z - + BYLEX"], "*4 $1 a $1 b $1 c $1 d"],
  ["inclusive", [LEX, "ZRANGE z [b [c BYLEX"], "*2 $1 b $1 c"],
  ["exclusive", [LEX, "ZRANGE z (a (c BYLEX"], "*1 $1 b"],
  ["between", [LEX, "ZRANGE z [aa [bb BYLEX"], "*1 $1 b"],
  ["reverse", [LEX, "ZRANGE z [c (a BYLEX REV"], "*2 $1 c $1 b"],
  ["reverse all", [LEX, "ZRANGE z + - BYLEX REV LIMIT 1 2"], "*2 $1 c $1 b"],
  ["LIMIT", [LEX, "ZRANGE z - + BYLEX LIMIT 1 2"], "*2 $1 b $1 c"],
  ["nothing", [LEX, "ZRANGE z + - BYLEX"], "*0"],
  ["outside", [LEX, "ZRANGE z [x + BYLEX"], "*0"],
  ["no range", ["ZRANGE z a b BYLEX"], NOT_RANGE],
  ["WITHSCORES", ["ZRANGE z - + BYLEX WITHSCORES"], NO_SCORES],
], { variants });

cases("the older range commands", [
  ["ZREVRANGE", [Z, "ZREVRANGE z 0 1"], "*2 $1 d $1 c"],
  ["ZREVRANGE with scores", [Z, "ZREVRANGE z 0 0 WITHSCORES"], {
    resp2: "*2 $1 d $3 4.5",
    resp3: "*1 *2 $1 d ,4.5",
  }],
  ["ZREVRANGE knows no REV", ["ZREVRANGE z 0 1 REV"], SYNTAX],
  ["ZREVRANGE knows no BYSCORE", ["ZREVRANGE z 0 1 BYSCORE"], SYNTAX],
  ["ZRANGEBYSCORE", [Z, "ZRANGEBYSCORE z (1 3"], "*2 $1 b $1 c"],
  ["ZRANGEBYSCORE options in any order", [
    Z,
    "ZRANGEBYSCORE z -inf inf LIMIT 1 1 WITHSCORES",
  ], { resp2: "*2 $1 b $1 2", resp3: "*1 *2 $1 b ,2" }],
  ["ZRANGEBYSCORE knows no REV", ["ZRANGEBYSCORE z 1 2 REV"], SYNTAX],
  ["ZREVRANGEBYSCORE", [Z, "ZREVRANGEBYSCORE z 3 (1"], "*2 $1 c $1 b"],
  ["ZRANGEBYLEX", [LEX, "ZRANGEBYLEX z [b +"], "*3 $1 b $1 c $1 d"],
  ["ZRANGEBYLEX with scores", ["ZRANGEBYLEX z - + WITHSCORES"], NO_SCORES],
  ["ZREVRANGEBYLEX", [LEX, "ZREVRANGEBYLEX z (d [b"], "*2 $1 c $1 b"],
  ["ZREVRANGEBYLEX LIMIT", [LEX, "ZREVRANGEBYLEX z + - LIMIT 1 1"], "*1 $1 c"],
  ["ZRANGEBYLEX of no key", ["ZRANGEBYLEX z - +"], "*0"],
  ["ZRANGEBYSCORE wrong type", ["SET z x", "ZRANGEBYSCORE z 0 1"], WRONG],
], { variants });

const STORED = "ZRANGE t 0 -1 WITHSCORES";

cases("ZRANGESTORE of -0", [
  ...[["", "0"], [" REV", "-0"]].map(([order, score]): Row => [
    `added ${order === "" ? "to a listpack" : "behind what made a table of it"}`,
    [
      "CONFIG SET zset-max-listpack-entries 128 zset-max-listpack-value 4",
      "ZADD z 1 longer",
      "ZADD z -0 a",
      `ZRANGESTORE t z 0 -1${order}`,
      "CONFIG SET zset-max-listpack-value 64",
      "ZSCORE t a",
    ],
    `$${score.length} ${score}`,
  ]),
]);

cases("ZRANGESTORE", [
  ["by rank", [Z, "ZRANGESTORE t z 1 2", STORED], {
    resp2: "*4 $1 b $1 2 $1 c $1 3",
    resp3: "*2 *2 $1 b ,2 *2 $1 c ,3",
  }],
  ["counts", [Z, "ZRANGESTORE t z 0 -1"], ":4"],
  ["by score", [Z, "ZRANGESTORE t z (3 inf BYSCORE", STORED], /^\*[12]/],
  ["in reverse with a limit", [
    Z,
    "ZRANGESTORE t z inf -inf BYSCORE REV LIMIT 0 2",
    "ZRANGE t 0 -1",
  ], "*2 $1 c $1 d"],
  ["by name", [LEX, "ZRANGESTORE t z - (c BYLEX", "ZRANGE t 0 -1"], "*2 $1 a $1 b"],
  ["in reverse by rank", [Z, "ZRANGESTORE t z 0 1 REV", "ZRANGE t 0 -1"], "*2 $1 c $1 d"],
  ["onto itself", [Z, "ZRANGESTORE z z 0 0", "ZRANGE z 0 -1"], "*1 $1 a"],
  ["over a string", [Z, "SET t x", "ZRANGESTORE t z 0 0", "TYPE t"], "+zset"],
  ["takes an expiry away", [Z, "SET t x EX 100", "ZRANGESTORE t z 0 0", "TTL t"], ":-1"],
  ["nothing deletes", [Z, "SET t x", "ZRANGESTORE t z 9 9", "EXISTS t"], ":0"],
  ["no source deletes", ["SET t x", "ZRANGESTORE t z 0 1", "EXISTS t"], ":0"],
  ["no source", ["ZRANGESTORE t z 0 1"], ":0"],
  ["wrong type of the source", ["SET z x", "ZRANGESTORE t z 0 1"], WRONG],
  ["WITHSCORES", ["ZRANGESTORE t z 0 1 WITHSCORES"], SYNTAX],
  ["LIMIT by rank", ["ZRANGESTORE t z 0 1 LIMIT 0 1"], NO_LIMIT],
], { variants });

cases("encodings that ZRANGESTORE gives", [
  ["small", [...variants.listpack, Z, "ZRANGESTORE t z 0 -1", "OBJECT ENCODING t"], "$8 listpack"],
  ["of a part of a table", [
    ...variants.skiplist,
    Z,
    "CONFIG SET zset-max-listpack-entries 2",
    "ZRANGESTORE t z 0 1",
    "OBJECT ENCODING t",
  ], "$8 listpack"],
  ["beyond the limit", [
    ...variants.skiplist,
    Z,
    "CONFIG SET zset-max-listpack-entries 2",
    "ZRANGESTORE t z -inf inf BYSCORE",
    "OBJECT ENCODING t",
  ], "$8 skiplist"],
]);

const LISTEN = ["CONFIG SET notify-keyspace-events KA", "@2 SUBSCRIBE __keyspace@0__:t"];

cases("events of ZRANGESTORE", [
  ["zrangestore", [...LISTEN, Z, "ZRANGESTORE t z 0 1", "@2 <"], /\$11 zrangestore$/],
  ["del", [...LISTEN, "SET t x", "ZRANGESTORE t z 0 1", "@2 <"], /\$3 del$/],
], { variants });
