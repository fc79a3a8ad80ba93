import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const FLOAT = "-ERR value is not a valid float";

cases("GEOADD", [
  ["adds", ["GEOADD g 13.361389 38.115556 Palermo"], ":1"],
  ["several", ["GEOADD g 13.361389 38.115556 a 15.087269 37.502669 b 1 2 c"], ":3"],
  ["the score", ["GEOADD g 13.361389 38.115556 a", "ZSCORE g a"], "$16 3479099956230698"],
  ["is a sorted set", ["GEOADD g 1 2 a", "TYPE g"], "+zset"],
  ["moves", ["GEOADD g 1 2 a", "GEOADD g 3 4 a"], ":0"],
  ["moves, counted", ["GEOADD g 1 2 a", "GEOADD g CH 3 4 a 5 6 b"], ":2"],
  ["stays", ["GEOADD g 1 2 a", "GEOADD g CH 1 2 a"], ":0"],
  ["only new", ["GEOADD g 1 2 a", "GEOADD g NX CH 3 4 a 5 6 b"], ":1"],
  ["only old", ["GEOADD g 1 2 a", "GEOADD g XX CH 3 4 a 5 6 b"], ":1"],
  ["only old, no key", ["GEOADD g XX 3 4 a", "EXISTS g"], ":0"],
  ["options in any case and order", ["GEOADD g ch Xx 3 4 a"], ":0"],
  ["a member twice", ["GEOADD g CH 1 2 a 3 4 a"], ":2"],
  ["only new and only old", ["GEOADD g NX XX 1 2 a"], SYNTAX],
  ["a word too few", ["GEOADD g 1 2 a 3 4"], SYNTAX],
  ["options only", ["GEOADD g CH NX CH"], SYNTAX],
  ["arity", ["GEOADD g 1 2"], "-ERR wrong number of arguments for 'geoadd' command"],
  ["no longitude", ["GEOADD g x 2 a"], FLOAT],
  ["no latitude", ["GEOADD g 1 x a"], FLOAT],
  ["an option of ZADD", ["GEOADD g INCR 1 2 a"], SYNTAX],
  ["an option of ZADD for a longitude", ["GEOADD g GT 1 a"], FLOAT],
  [
    "too far east",
    ["GEOADD g 180.0001 2 a"],
    "-ERR invalid longitude,latitude pair 180.000100,2.000000",
  ],
  [
    "too far west",
    ["GEOADD g -181 2 a"],
    "-ERR invalid longitude,latitude pair -181.000000,2.000000",
  ],
  [
    "too far north",
    ["GEOADD g 1 85.06 a"],
    "-ERR invalid longitude,latitude pair 1.000000,85.060000",
  ],
  [
    "too far south",
    ["GEOADD g 1 -90 a"],
    "-ERR invalid longitude,latitude pair 1.000000,-90.000000",
  ],
  ["infinite", ["GEOADD g inf -inf a"], "-ERR invalid longitude,latitude pair inf,-inf"],
  [
    "half-way texts go to even",
    ["GEOADD g 200.0078125 200.0234375 a"],
    "-ERR invalid longitude,latitude pair 200.007812,200.023438",
  ],
  [
    "enormous",
    ["GEOADD g 1e22 -0 a"],
    "-ERR invalid longitude,latitude pair 10000000000000000000000.000000,-0.000000",
  ],
  ["all or nothing", ["GEOADD g 1 2 a 3 x b", "EXISTS g"], ":0"],
  ["places before the type", ["SET g x", "GEOADD g 1 x a"], FLOAT],
  ["another type", ["SET g x", "GEOADD g 1 2 a"], /^-WRONGTYPE/],
  ["the corners", ["GEOADD g 180 85.05112878 a -180 -85.05112878 b", "ZRANGE g 0 -1 WITHSCORES"], {
    resp2: "*4 $1 b $1 0 $1 a $17 13510798882111488",
    resp3: "*2 *2 $1 b ,0 *2 $1 a ,13510798882111488",
  }],
  ["a large one is no listpack", [
    "CONFIG SET zset-max-listpack-entries 1",
    "GEOADD g 1 2 a 3 4 b",
    "CONFIG SET zset-max-listpack-entries 128",
    "OBJECT ENCODING g",
  ], "$8 skiplist"],
]);

cases("GEOADD events", [
  ["as ZADD", [
    "CONFIG SET notify-keyspace-events KEz",
    "@2 SUBSCRIBE __keyspace@0__:g",
    "GEOADD g 1 2 a",
    "GEOADD g 1 2 a",
    "@2 <",
  ], /^[*>]3 \$7 message \$16 __keyspace@0__:g \$4 zadd$/],
]);
