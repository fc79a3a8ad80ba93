import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const SYNTAX = "-ERR syntax error";
const VARIANTS = {
  listpack: ["CONFIG SET list-max-listpack-size -2"],
  quicklist: ["CONFIG SET list-max-listpack-size 2"],
};
const THREE = "RPUSH l a b c";

for (
  const [from, to, taken, target] of [
    ["LEFT", "LEFT", "a", "*2 $1 a $1 x"],
    ["LEFT", "RIGHT", "a", "*2 $1 x $1 a"],
    ["RIGHT", "LEFT", "c", "*2 $1 c $1 x"],
    ["RIGHT", "RIGHT", "c", "*2 $1 x $1 c"],
  ]
) {
  cases(`LMOVE ${from} ${to}`, [
    ["the element", [THREE, `LMOVE l m ${from} ${to}`], `$1 ${taken}`],
    [
      "the source",
      [THREE, `LMOVE l m ${from} ${to}`, "LRANGE l 0 -1"],
      from === "LEFT" ? "*2 $1 b $1 c" : "*2 $1 a $1 b",
    ],
    ["the destination", [THREE, "RPUSH m x", `LMOVE l m ${from} ${to}`, "LRANGE m 0 -1"], target],
    ["blocking", [THREE, "RPUSH m x", `BLMOVE l m ${from} ${to} 0`, "LRANGE m 0 -1"], target],
    ["waiting", ["RPUSH m x", `BLMOVE l m ${from} ${to} 10`, `@2 ${THREE}`, "<"], `$1 ${taken}`],
    [
      "waited",
      ["RPUSH m x", `BLMOVE l m ${from} ${to} 10`, `@2 ${THREE}`, "@2 LRANGE m 0 -1"],
      target,
    ],
    ["limits back", ["CONFIG SET list-max-listpack-size -2"], "+OK"],
  ], { variants: VARIANTS });
}

cases("LMOVE", [
  ["an absent source", ["LMOVE l m LEFT LEFT"], "$-1"],
  ["makes nothing", ["LMOVE l m LEFT LEFT", "EXISTS m"], ":0"],
  ["around", [THREE, "LMOVE l l LEFT RIGHT", "LRANGE l 0 -1"], "*3 $1 b $1 c $1 a"],
  ["in place", [THREE, "LMOVE l l LEFT LEFT", "LRANGE l 0 -1"], "*3 $1 a $1 b $1 c"],
  ["the only one around", ["RPUSH l a", "LMOVE l l LEFT RIGHT", "LRANGE l 0 -1"], "*1 $1 a"],
  ["the last one", ["RPUSH l a", "LMOVE l m LEFT RIGHT", "EXISTS l"], ":0"],
  ["an integer", ["RPUSH l -12", "LMOVE l m LEFT RIGHT", "LINDEX m 0"], "$3 -12"],
  [
    "the time of the source stays",
    [THREE, "EXPIRE l 100", "LMOVE l l LEFT RIGHT", "TTL l"],
    ":100",
  ],
  ["not a side", ["LMOVE l m TOP LEFT"], SYNTAX],
  ["not a second side", ["SET l x", "LMOVE l m LEFT TOP"], SYNTAX],
  ["wrong type", ["SET l x", "LMOVE l m LEFT LEFT"], WRONG_TYPE],
  ["wrong destination", [THREE, "SET m x", "LMOVE l m LEFT LEFT"], WRONG_TYPE],
  ["wrong destination takes nothing", [THREE, "SET m x", "LMOVE l m LEFT LEFT", "LLEN l"], ":3"],
  ["wrong destination of nothing", ["SET m x", "LMOVE l m LEFT LEFT"], "$-1"],
]);

cases("RPOPLPUSH", [
  ["an absent source", ["RPOPLPUSH l m"], "$-1"],
  ["the element", [THREE, "RPOPLPUSH l m"], "$1 c"],
  ["around", [THREE, "RPOPLPUSH l l", "LRANGE l 0 -1"], "*3 $1 c $1 a $1 b"],
  ["wrong type", ["SET l x", "RPOPLPUSH l m"], WRONG_TYPE],
  ["wrong destination", [THREE, "SET m x", "RPOPLPUSH l m"], WRONG_TYPE],
]);

cases("BLMOVE", [
  ["time is up", ["BLMOVE l m LEFT LEFT 0.05", "~200", "<"], "*-1"],
  ["in a transaction", ["MULTI", "BLMOVE l m LEFT LEFT 0", "EXEC"], "*1 $-1"],
  ["not a side", ["BLMOVE l m TOP LEFT x"], SYNTAX],
  [
    "a time that is none",
    ["BLMOVE l m LEFT LEFT x"],
    "-ERR timeout is not a float or out of range",
  ],
  ["wrong type", ["SET l x", "BLMOVE l m LEFT LEFT 0"], WRONG_TYPE],
  ["wrong destination", [THREE, "SET m x", "BLMOVE l m LEFT LEFT 0"], WRONG_TYPE],
  [
    "wrong destination when woken",
    ["SET m x", "BLMOVE l m LEFT LEFT 10", "@2 RPUSH l a", "<"],
    WRONG_TYPE,
  ],
  ["wrong destination keeps the source", [
    "SET m x",
    "BLMOVE l m LEFT LEFT 10",
    "@2 RPUSH l a",
    "@2 LLEN l",
  ], ":1"],
]);

cases("BRPOPLPUSH", [
  ["at once", [THREE, "BRPOPLPUSH l m 0"], "$1 c"],
  ["waiting", ["BRPOPLPUSH l m 10", "@2 RPUSH l a b", "<"], "$1 b"],
  ["time is up", ["BRPOPLPUSH l m 0.05", "~200", "<"], "*-1"],
  ["in a transaction", ["MULTI", "BRPOPLPUSH l m 0", "EXEC"], "*1 $-1"],
  ["a negative time", ["BRPOPLPUSH l m -1"], "-ERR timeout is negative"],
  ["wrong type", ["SET l x", "BRPOPLPUSH l m 0"], WRONG_TYPE],
]);
