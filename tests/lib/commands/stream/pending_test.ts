import { cases } from "../../../kit/cases.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NO_GROUP = "-NOGROUP No such key 's' or consumer group 'h'";
const MAX = "18446744073709551615";

/** 1-0 and 2-0 pend for ann, 3-0 for bob; 4-0 is new. */
const SET = [
  ...["1", "2", "3", "4"].map((n) => `XADD s ${n}-0 f ${n}`),
  "XGROUP CREATE s g 0",
  "XREADGROUP GROUP g ann COUNT 2 STREAMS s >",
  "XREADGROUP GROUP g bob COUNT 1 STREAMS s >",
  "XGROUP CREATECONSUMER s g al",
];

cases("XACK", [
  ["one", [...SET, "XACK s g 1-0"], ":1"],
  ["several, some not pending, one twice", [...SET, "XACK s g 1-0 3 9-9 4-0 1-0"], ":2"],
  ["ends the pending for all", [
    ...SET,
    "XACK s g 1-0 3-0",
    "XPENDING s g",
  ], "*4 :1 $3 2-0 $3 2-0 *1 *2 $3 ann $1 1"],
  ["an entry that is gone", [...SET, "XDEL s 1-0", "XACK s g 1-0"], ":1"],
  ["no key", ["XACK s g 1-0"], ":0"],
  ["no group", [...SET, "XACK s h 1-0"], ":0"],
  ["no group comes before ids", [...SET, "XACK s h x"], ":0"],
  ["an id is none: nothing happens", [...SET, "XACK s g 1-0 x", "XACK s g 1-0"], ":1"],
  ["an id is none", [...SET, "XACK s g 1-0 x"], INVALID],
  ["wrong type", ["SET s x", "XACK s g 1-0"], /^-WRONGTYPE/],
  ["arity", ["XACK s g"], "-ERR wrong number of arguments for 'xack' command"],
]);

const ROW = (id: string, name: string): string => `\\*4 \\$3 ${id} \\$3 ${name} :\\d+ :1`;

cases("XPENDING", [
  [
    "sums up by consumer, in the order of names",
    [...SET, "XPENDING s g"],
    "*4 :3 $3 1-0 $3 3-0 *2 *2 $3 ann $1 2 *2 $3 bob $1 1",
  ],
  ["sums up nothing", ["XGROUP CREATE s g 0 MKSTREAM", "XPENDING s g"], {
    resp2: "*4 :0 $-1 $-1 *-1",
    resp3: "*4 :0 _ _ _",
  }],
  ["lists", [
    ...SET,
    "XPENDING s g - + 9",
  ], new RegExp(`^\\*3 ${ROW("1-0", "ann")} ${ROW("2-0", "ann")} ${ROW("3-0", "bob")}$`)],
  ["up to a count", [...SET, "XPENDING s g - + 1"], new RegExp(`^\\*1 ${ROW("1-0", "ann")}$`)],
  ["a range", [...SET, "XPENDING s g 2 3 9"], /^\*2 \*4 \$3 2-0 .*\*4 \$3 3-0 /],
  ["ends left out", [...SET, "XPENDING s g (1-0 (3-0 9"], /^\*1 \*4 \$3 2-0 /],
  ["of a consumer", [...SET, "XPENDING s g - + 9 ann"], /^\*2 \*4 \$3 1-0 .*\*4 \$3 2-0 /],
  ["of a consumer who has nothing", [...SET, "XPENDING s g - + 9 al"], "*0"],
  ["of nobody", [...SET, "XPENDING s g - + 9 carl"], "*0"],
  ["count 0", [...SET, "XPENDING s g - + 0"], "*0"],
  ["negative count", [...SET, "XPENDING s g - + -1"], "*0"],
  ["idle enough", [...SET, "XPENDING s g IDLE 0 - + 9 bob"], /^\*1 /],
  ["not idle enough", [...SET, "XPENDING s g idle 100000 - + 9"], "*0"],
  ["idle for some, of a consumer", [
    ...SET,
    "XCLAIM s g ann 0 2-0 IDLE 50000 JUSTID",
    "XPENDING s g IDLE 40000 - + 9 ann",
  ], /^\*1 \*4 \$3 2-0 /],
  ["counts deliveries", [
    ...SET,
    "XREADGROUP GROUP g bob STREAMS s 0",
    "XPENDING s g - + 9 bob",
  ], /^\*1 \*4 \$3 3-0 \$3 bob :\d+ :2$/],
  ["idle is no number", ["XPENDING s g IDLE x - + 9"], NOT_INTEGER],
  ["idle without a range", ["XPENDING s g IDLE 1 -"], "-ERR syntax error"],
  ["idle is read before its range is missed", ["XPENDING s g IDLE x -"], NOT_INTEGER],
  ["half a range", ["XPENDING s g -"], "-ERR syntax error"],
  ["no count", ["XPENDING s g - +"], "-ERR syntax error"],
  ["too much", ["XPENDING s g IDLE 1 - + 9 c d"], "-ERR syntax error"],
  ["count is no number", ["XPENDING s g - + x"], NOT_INTEGER],
  ["count comes before ids", ["XPENDING s g x + x"], NOT_INTEGER],
  ["no id", ["XPENDING s g x + 1"], INVALID],
  [
    "nothing behind the last id",
    [`XPENDING s g (${MAX}-${MAX} + 1`],
    "-ERR invalid start ID for the interval",
  ],
  ["nothing before the first id", [
    "XPENDING s g - (0-0 1",
  ], "-ERR invalid end ID for the interval"],
  ["no group", [...SET, "XPENDING s h"], NO_GROUP],
  ["no key", ["XPENDING s h - + 9"], NO_GROUP],
  ["wrong type", ["SET s x", "XPENDING s g"], /^-WRONGTYPE/],
]);
