import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const NOT_FLOAT = "-ERR value is not a valid float";
const NX_XX = "-ERR XX and NX options at the same time are not compatible";
const GT_LT_NX = "-ERR GT, LT, and/or NX options at the same time are not compatible";
const NAN = "-ERR resulting score is not a number (NaN)";

const LISTPACK = "CONFIG SET zset-max-listpack-entries 128";
/** Both encodings: as limits allow, and never a listpack. */
const variants = {
  listpack: [LISTPACK],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};

cases("ZADD", [
  ["adds and counts", ["ZADD z 1 a 2 b"], ":2"],
  ["counts new members only", ["ZADD z 1 a", "ZADD z 2 a 3 b"], ":1"],
  ["changes a score", ["ZADD z 1 a", "ZADD z 2 a", "ZSCORE z a"], "$1 2"],
  ["the same member twice", ["ZADD z 1 a 2 a", "ZRANGE z 0 -1 WITHSCORES"], {
    resp2: "*2 $1 a $1 2",
    resp3: "*1 *2 $1 a ,2",
  }],
  ["an empty member", [`ZADD z 1 ""`, `ZSCORE z ""`], "$1 1"],
  ["bytes of any kind", [`ZADD z 1 "\\x00\\xff"`, `ZSCORE z "\\x00\\xff"`], "$1 1"],
  ["keeps order", ["ZADD z 3 c 1 a 2 b", "ZRANGE z 0 -1"], "*3 $1 a $1 b $1 c"],
  ["equal scores by name", ["ZADD z 0 b 0 a 0 ab", "ZRANGE z 0 -1"], "*3 $1 a $2 ab $1 b"],
  ["moves a member", ["ZADD z 1 a 2 b 3 c", "ZADD z 4 a", "ZRANGE z 0 -1"], "*3 $1 b $1 c $1 a"],
  ["integer names", ["ZADD z 1 10 1 9 1 -1", "ZRANGE z 0 -1"], "*3 $2 -1 $2 10 $1 9"],
  ["wrong type", ["SET z x", "ZADD z 1 a"], /^-WRONGTYPE/],
  ["no member", ["ZADD z 1"], "-ERR wrong number of arguments for 'zadd' command"],
  ["an odd number", ["ZADD z 1 a 2"], SYNTAX],
  ["only options", ["ZADD z NX CH"], SYNTAX],
  ["no float", ["ZADD z one a"], NOT_FLOAT],
  ["not a number", ["ZADD z nan a"], NOT_FLOAT],
  ["an empty score", [`ZADD z "" a`], NOT_FLOAT],
  ["a later score is wrong: nothing is stored", ["ZADD z 1 a x b", "EXISTS z"], ":0"],
  ["wrong score before wrong type", ["SET z x", "ZADD z x a"], NOT_FLOAT],
], { variants });

cases("ZADD conditions", [
  ["NX adds", ["ZADD z NX 1 a"], ":1"],
  ["NX keeps", ["ZADD z 1 a", "ZADD z NX 2 a 3 b", "ZMSCORE z a b"], "*2 $1 1 $1 3"],
  ["XX changes only", ["ZADD z 1 a", "ZADD z XX 2 a 3 b", "ZMSCORE z a b"], "*2 $1 2 $-1"],
  ["XX makes no key", ["ZADD z XX 1 a", "EXISTS z"], ":0"],
  ["XX without a key answers", ["ZADD z XX CH 1 a"], ":0"],
  ["GT only upwards", ["ZADD z 5 a 5 b", "ZADD z GT 4 a 6 b", "ZMSCORE z a b"], "*2 $1 5 $1 6"],
  ["GT adds", ["ZADD z GT 1 a"], ":1"],
  ["GT XX does not", ["ZADD z GT XX 1 a"], ":0"],
  ["LT only downwards", ["ZADD z 5 a 5 b", "ZADD z LT 4 a 6 b", "ZMSCORE z a b"], "*2 $1 4 $1 5"],
  ["GT of the same score", ["ZADD z 5 a", "ZADD z GT CH 5 a"], ":0"],
  ["CH counts changes", ["ZADD z 1 a", "ZADD z CH 2 a 3 b"], ":2"],
  ["CH: the same score is none", ["ZADD z 1 a", "ZADD z CH 1 a"], ":0"],
  ["options in any case, twice", ["ZADD z nx Nx cH 1 a"], ":1"],
  ["NX and XX", ["ZADD z NX XX 1 a"], NX_XX],
  ["NX and GT", ["ZADD z NX GT 1 a"], GT_LT_NX],
  ["NX and LT", ["ZADD z LT NX 1 a"], GT_LT_NX],
  ["GT and LT", ["ZADD z LT GT 1 a"], GT_LT_NX],
  ["NX, XX and GT", ["ZADD z NX GT XX 1 a"], NX_XX],
  ["no pairs before conditions", ["ZADD z NX XX 1"], SYNTAX],
  ["conditions before scores", ["ZADD z NX XX x a"], NX_XX],
], { variants });

cases("ZADD INCR and ZINCRBY", [
  ["of an absent member", ["ZADD z INCR 2.5 a"], "$3 2.5"],
  ["adds", ["ZADD z 1 a", "ZADD z INCR 2 a"], "$1 3"],
  ["NX refuses", ["ZADD z 1 a", "ZADD z INCR NX 2 a"], "$-1"],
  ["XX refuses", ["ZADD z 1 a", "ZADD z INCR XX 2 b"], "$-1"],
  ["XX without a key", ["ZADD z INCR XX 2 b"], "$-1"],
  ["GT refuses", ["ZADD z 1 a", "ZADD z INCR GT -2 a"], "$-1"],
  ["LT takes less", ["ZADD z 1 a", "ZADD z INCR LT -2 a"], "$2 -1"],
  ["LT with zero", ["ZADD z 1 a", "ZADD z INCR LT 0 a"], "$-1"],
  ["zero", ["ZADD z 1 a", "ZADD z INCR 0 a"], "$1 1"],
  ["CH does not matter", ["ZADD z CH INCR 2 a"], "$1 2"],
  ["several pairs", [
    "ZADD z INCR 1 a 2 b",
  ], "-ERR INCR option supports a single increment-element pair"],
  ["infinities cancel out", ["ZADD z +inf a", "ZADD z INCR -inf a"], NAN],
  ["and nothing changes", ["ZADD z +inf a", "ZINCRBY z -inf a", "ZSCORE z a"], "$3 inf"],
  ["ZINCRBY", ["ZINCRBY z 1 a", "ZINCRBY z 1.5 a"], "$3 2.5"],
  ["ZINCRBY reorders", ["ZADD z 1 a 2 b", "ZINCRBY z 5 a", "ZRANGE z 0 -1"], "*2 $1 b $1 a"],
  ["ZINCRBY not a float", ["ZINCRBY z x a"], NOT_FLOAT],
  ["ZINCRBY takes a word for an option", ["ZINCRBY z xx a"], SYNTAX],
  ["ZINCRBY wrong type", ["SET z x", "ZINCRBY z 1 a"], /^-WRONGTYPE/],
  ["ZINCRBY arity", ["ZINCRBY z 1"], "-ERR wrong number of arguments for 'zincrby' command"],
], { variants });

cases("scores", [
  ["infinity", ["ZADD z inf a +Infinity b -INF c", "ZMSCORE z a b c"], "*3 $3 inf $3 inf $4 -inf"],
  ["exponents", ["ZADD z 1e3 a 1.5E-3 b", "ZMSCORE z a b"], "*2 $4 1000 $6 0.0015"],
  [
    "17 digits",
    ["ZADD z 0.1 a 3.0000000000000004 b", "ZMSCORE z a b"],
    "*2 $3 0.1 $18 3.0000000000000004",
  ],
  ["large integers", ["ZADD z 9007199254740993 a", "ZSCORE z a"], "$16 9007199254740992"],
  ["2^62", ["ZADD z 4611686018427387904 a", "ZSCORE z a"], "$19 4611686018427387904"],
  ["2^63", ["ZADD z 9223372036854775808 a", "ZSCORE z a"], "$19 9223372036854776000"],
  ["1e300", ["ZADD z 1e300 a", "ZSCORE z a"], "$6 1e+300"],
  ["the smallest", ["ZADD z 5e-324 a", "ZSCORE z a"], /^[$,]/],
  ["hexadecimal", ["ZADD z 0x10 a"], NOT_FLOAT],
  ["a blank in front", [`ZADD z " 1" a`], NOT_FLOAT],
  ["overflow", ["ZADD z 1e400 a"], NOT_FLOAT],
], { variants });

cases("scores of minus zero", [
  ["a listpack forgets the sign", [LISTPACK, "ZADD z -0 a", "ZSCORE z a"], "$1 0"],
  ["a table keeps it", [
    "CONFIG SET zset-max-listpack-entries 0",
    "ZADD z -0 a",
    "ZSCORE z a",
  ], "$2 -0"],
  ["equals zero", [
    "CONFIG SET zset-max-listpack-entries 0",
    "ZADD z -0 b 0 a -0 c",
    "ZRANGE z 0 -1",
  ], "*3 $1 a $1 b $1 c"],
]);

const LONG = "x".repeat(65);

cases("encodings of sorted sets", [
  ["small", [LISTPACK, "ZADD z 1 a", "OBJECT ENCODING z"], "$8 listpack"],
  ["64 bytes", [LISTPACK, `ZADD z 1 ${LONG.slice(1)}`, "OBJECT ENCODING z"], "$8 listpack"],
  ["65 bytes", [LISTPACK, `ZADD z 1 ${LONG}`, "OBJECT ENCODING z"], "$8 skiplist"],
  [
    "65 bytes later",
    [LISTPACK, "ZADD z 1 a", `ZADD z 1 ${LONG}`, "OBJECT ENCODING z"],
    "$8 skiplist",
  ],
  [
    "a long name that is refused",
    ["ZADD z 1 a", `ZADD z XX 1 ${LONG}`, "OBJECT ENCODING z"],
    "$8 skiplist",
  ],
  [
    "never back",
    ["ZADD z 1 a", `ZADD z 1 ${LONG}`, `ZREM z ${LONG}`, "OBJECT ENCODING z"],
    "$8 skiplist",
  ],
  ["at the limit", [
    "CONFIG SET zset-max-listpack-entries 2",
    "ZADD z 1 a 2 b",
    "OBJECT ENCODING z",
  ], "$8 listpack"],
  ["beyond the limit", [
    "CONFIG SET zset-max-listpack-entries 2",
    "ZADD z 1 a 2 b",
    "ZADD z 3 c",
    "OBJECT ENCODING z",
  ], "$8 skiplist"],
  ["more pairs than the limit", [
    "CONFIG SET zset-max-listpack-entries 2",
    "ZADD z 1 a 2 a 3 a",
    "OBJECT ENCODING z",
  ], "$8 skiplist"],
]);

cases("ZADD under WATCH", [
  ["marks the key", ["WATCH z", "@2 ZADD z 1 a", "MULTI", "PING", "EXEC"], "*-1"],
  ["not when nothing changes", [
    "ZADD z 1 a",
    "WATCH z",
    "@2 ZADD z 1 a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

cases("events of ZADD", [
  ["zadd", [
    "CONFIG SET notify-keyspace-events KA",
    "@2 SUBSCRIBE __keyspace@0__:z",
    "ZADD z 1 a",
    "@2 <",
  ], { resp2: /\$4 zadd/, resp3: /\$4 zadd/ }],
  ["zincr", [
    "CONFIG SET notify-keyspace-events KA",
    "@2 SUBSCRIBE __keyspace@0__:z",
    "ZINCRBY z 1 a",
    "@2 <",
  ], /\$5 zincr/],
]);
