import { cases } from "../../../kit/cases.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX = "-ERR syntax error";
const TEN = `ZADD z ${Array.from({ length: 10 }, (_, i) => `${i} m${i}`).join(" ")}`;

cases("ZRANDMEMBER", [
  ["one of one", ["ZADD z 1 a", "ZRANDMEMBER z"], "$1 a"],
  ["no key", ["ZRANDMEMBER z"], { resp2: "$-1", resp3: "_" }],
  ["one of ten", [TEN, "ZRANDMEMBER z"], /^\$2 m\d$/],
  ["a count of one", [TEN, "ZRANDMEMBER z 1"], /^\*1 \$2 m\d$/],
  ["different ones", [TEN, "ZRANDMEMBER z 3"], /^\*3 \$2 m(\d) \$2 m(?!\1)(\d) \$2 m(?!\1|\2)\d$/],
  ["nearly all", [TEN, "ZRANDMEMBER z 9"], /^\*9 (\$2 m\d ?){9}$/],
  ["all", [TEN, "ZRANDMEMBER z 10"], /^\*10 (\$2 m\d ?){10}$/],
  ["more than there are", [TEN, "ZRANDMEMBER z 9223372036854775807"], /^\*10 /],
  ["none", [TEN, "ZRANDMEMBER z 0"], "*0"],
  ["again and again", ["ZADD z 1 a", "ZRANDMEMBER z -3"], "*3 $1 a $1 a $1 a"],
  ["with scores", ["ZADD z 1.5 a", "ZRANDMEMBER z 2 WITHSCORES"], {
    resp2: "*2 $1 a $3 1.5",
    resp3: "*1 *2 $1 a ,1.5",
  }],
  ["again and again with scores", ["ZADD z 1 a", "ZRANDMEMBER z -2 withscores"], {
    resp2: "*4 $1 a $1 1 $1 a $1 1",
    resp3: "*2 *2 $1 a ,1 *2 $1 a ,1",
  }],
  ["some with scores", [TEN, "ZRANDMEMBER z 2 WITHSCORES"], {
    resp2: /^\*4 \$2 m(\d) \$1 \1 \$2 m(\d) \$1 \2$/,
    resp3: /^\*2 \*2 \$2 m(\d) ,\1 \*2 \$2 m(\d) ,\2$/,
  }],
  ["an integer name", ["ZADD z 1 7", "ZRANDMEMBER z -1"], "*1 $1 7"],
  ["no key with a count", ["ZRANDMEMBER z 5 WITHSCORES"], "*0"],
  ["no integer", ["ZRANDMEMBER z x"], NOT_INTEGER],
  ["beyond 64 bits", ["ZRANDMEMBER z 9223372036854775808"], NOT_INTEGER],
  [
    "the least integer",
    ["ZRANDMEMBER z -9223372036854775808"],
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
  ],
  ["too far for scores", [
    "ZRANDMEMBER z -9223372036854770000 WITHSCORES",
  ], "-ERR value is out of range"],
  ["another option", ["ZRANDMEMBER z 1 WITHSCORE"], SYNTAX],
  ["too many arguments", ["ZRANDMEMBER z 1 WITHSCORES x"], SYNTAX],
  ["wrong type", ["SET z x", "ZRANDMEMBER z"], /^-WRONGTYPE/],
  ["wrong type with a count", ["SET z x", "ZRANDMEMBER z 2"], /^-WRONGTYPE/],
], { variants });
