import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NO_GROUP = "-NOGROUP No such key 's' or consumer group 'h'";
const MAX = "18446744073709551615";

/** 1-0 to 4-0 pend for ann. */
const SET = [
  ...["1", "2", "3", "4"].map((n) => `XADD s ${n}-0 f ${n}`),
  "XGROUP CREATE s g 0",
  "XREADGROUP GROUP g ann STREAMS s >",
];
const ONE = "*1 *2 $3 1-0 *2 $1 f $1 1";

cases("XCLAIM", [
  ["an entry", [...SET, "XCLAIM s g bob 0 1-0"], ONE],
  [
    "several, some not pending",
    [...SET, "XCLAIM s g bob 0 1-0 9-9 3"],
    /^\*2 \*2 \$3 1-0 .*\*2 \$3 3-0 /,
  ],
  ["changes hands", [
    ...SET,
    "XCLAIM s g bob 0 1-0 3-0",
    "XPENDING s g",
  ], "*4 :4 $3 1-0 $3 4-0 *2 *2 $3 ann $1 2 *2 $3 bob $1 2"],
  ["from oneself", [...SET, "XCLAIM s g ann 0 1-0"], ONE],
  ["too fresh", [...SET, "XCLAIM s g bob 100000 1-0"], "*0"],
  ["negative time is none", [...SET, "XCLAIM s g bob -5 1-0"], ONE],
  ["idle enough", [...SET, "XCLAIM s g ann 0 1-0 IDLE 5000", "XCLAIM s g bob 4000 1-0"], ONE],
  ["JUSTID", [...SET, "XCLAIM s g bob 0 1-0 2-0 JUSTID"], "*2 $3 1-0 $3 2-0"],
  ["counts a delivery", [
    ...SET,
    "XCLAIM s g bob 0 1-0",
    "XPENDING s g - + 1",
  ], /^\*1 \*4 \$3 1-0 \$3 bob :\d+ :2$/],
  ["JUSTID counts none", [...SET, "XCLAIM s g bob 0 1-0 JUSTID", "XPENDING s g - + 1"], /:1$/],
  ["RETRYCOUNT", [...SET, "XCLAIM s g bob 0 1-0 RETRYCOUNT 7", "XPENDING s g - + 1"], /:7$/],
  ["RETRYCOUNT, 63 bits", [
    ...SET,
    "XCLAIM s g bob 0 1-0 RETRYCOUNT 9223372036854775806",
    "XCLAIM s g bob 0 1-0",
    "XPENDING s g - + 1",
  ], /:9223372036854775807$/],
  ["negative RETRYCOUNT is none", [
    ...SET,
    "XCLAIM s g bob 0 1-0 RETRYCOUNT -1",
    "XPENDING s g - + 1",
  ], /:2$/],
  [
    "TIME",
    [...SET, "XCLAIM s g bob 0 1-0 TIME 1000", "XPENDING s g IDLE 1000000000 - + 9"],
    /^\*1 /,
  ],
  ["a TIME to come is now", [
    ...SET,
    "XCLAIM s g bob 0 1-0 TIME 9223372036854775807",
    "XPENDING s g IDLE 100000 - + 9",
  ], "*0"],
  ["FORCE makes it pend", [
    ...SET,
    "XACK s g 1-0",
    "XCLAIM s g bob 0 1-0 FORCE",
    "XPENDING s g - + 1",
  ], /^\*1 \*4 \$3 1-0 \$3 bob :\d+ :2$/],
  ["FORCE minds no idle time where nothing pends", [
    ...SET,
    "XACK s g 1-0",
    "XCLAIM s g bob 100000 1-0 FORCE",
  ], ONE],
  ["FORCE minds it where it pends", [...SET, "XCLAIM s g bob 100000 1-0 FORCE"], "*0"],
  ["FORCE of an absent entry", [...SET, "XCLAIM s g bob 0 9-9 FORCE"], "*0"],
  ["without FORCE", [...SET, "XACK s g 1-0", "XCLAIM s g bob 0 1-0"], "*0"],
  ["an entry that is gone pends no more", [
    ...SET,
    "XDEL s 1-0",
    "XCLAIM s g bob 0 1-0",
    "XPENDING s g",
  ], "*4 :3 $3 2-0 $3 4-0 *1 *2 $3 ann $1 3"],
  ["LASTID moves the group", [
    ...SET,
    "XCLAIM s g bob 0 1-0 LASTID 9-9",
    "XINFO GROUPS s",
  ], /last-delivered-id \$3 9-9 /],
  ["LASTID never backwards", [
    ...SET,
    "XCLAIM s g bob 0 1-0 LASTID 2-0",
    "XINFO GROUPS s",
  ], /last-delivered-id \$3 4-0 /],
  ["makes the consumer in vain", [
    ...SET,
    "XCLAIM s g bob 0 9-9",
    "XGROUP CREATECONSUMER s g bob",
  ], ":0"],
  ["no ids", [...SET, "XCLAIM s g bob 0 JUSTID"], "*0"],
  ["the same id twice", [...SET, "XCLAIM s g bob 0 1-0 1-0 JUSTID"], "*2 $3 1-0 $3 1-0"],
  ["what is no id", [...SET, "XCLAIM s g bob 0 1-0 x"], "-ERR Unrecognized XCLAIM option 'x'"],
  ["an id behind the options", [
    ...SET,
    "XCLAIM s g bob 0 1-0 FORCE 2-0",
  ], "-ERR Unrecognized XCLAIM option '2-0'"],
  ["a missing value", [
    ...SET,
    "XCLAIM s g bob 0 1-0 IDLE",
  ], "-ERR Unrecognized XCLAIM option 'IDLE'"],
  ["IDLE", [...SET, "XCLAIM s g bob 0 1-0 IDLE x"], "-ERR Invalid IDLE option argument for XCLAIM"],
  ["no TIME", [
    ...SET,
    "XCLAIM s g bob 0 1-0 TIME x",
  ], "-ERR Invalid TIME option argument for XCLAIM"],
  ["no RETRYCOUNT", [
    ...SET,
    "XCLAIM s g bob 0 1-0 RETRYCOUNT x",
  ], "-ERR Invalid RETRYCOUNT option argument for XCLAIM"],
  ["no LASTID", [...SET, "XCLAIM s g bob 0 1-0 LASTID x"], INVALID],
  ["no idle time", [
    ...SET,
    "XCLAIM s g bob x 1-0",
  ], "-ERR Invalid min-idle-time argument for XCLAIM"],
  ["no group", [...SET, "XCLAIM s h bob x 1-0"], NO_GROUP],
  ["no key", ["XCLAIM s h bob 0 1-0"], NO_GROUP],
  ["wrong type", ["SET s x", "XCLAIM s g bob 0 1-0"], /^-WRONGTYPE/],
]);

cases("XAUTOCLAIM", [
  ["from the start", [
    ...SET,
    "XAUTOCLAIM s g bob 0 - COUNT 1",
  ], "*3 $3 2-0 *1 *2 $3 1-0 *2 $1 f $1 1 *0"],
  ["to the end", [...SET, "XAUTOCLAIM s g bob 0 3-0 JUSTID"], "*3 $3 0-0 *2 $3 3-0 $3 4-0 *0"],
  ["exactly to the end", [
    ...SET,
    "XAUTOCLAIM s g bob 0 3-0 COUNT 2 JUSTID",
  ], "*3 $3 0-0 *2 $3 3-0 $3 4-0 *0"],
  ["from behind an id", [...SET, "XAUTOCLAIM s g bob 0 (3-0 JUSTID"], "*3 $3 0-0 *1 $3 4-0 *0"],
  ["from behind all", [...SET, "XAUTOCLAIM s g bob 0 9"], "*3 $3 0-0 *0 *0"],
  ["too fresh", [...SET, "XAUTOCLAIM s g bob 100000 0"], "*3 $3 0-0 *0 *0"],
  ["looks at ten times its count", [
    ...Array.from({ length: 12 }, (_, i) => `XADD s ${i + 1}-0 f v`),
    "XGROUP CREATE s g 0",
    "XREADGROUP GROUP g ann STREAMS s >",
    "XAUTOCLAIM s g bob 100000 0 COUNT 1",
  ], "*3 $4 11-0 *0 *0"],
  ["tells which are gone", [
    ...SET,
    "XDEL s 1-0 3-0",
    "XAUTOCLAIM s g bob 0 0 JUSTID",
  ], "*3 $3 0-0 *2 $3 2-0 $3 4-0 *2 $3 1-0 $3 3-0"],
  ["those count", [
    ...SET,
    "XDEL s 1-0 3-0",
    "XAUTOCLAIM s g bob 0 0 COUNT 2 JUSTID",
  ], "*3 $3 3-0 *1 $3 2-0 *1 $3 1-0"],
  ["and pend no more", [
    ...SET,
    "XDEL s 1-0 3-0",
    "XAUTOCLAIM s g bob 100000 0",
    "XPENDING s g",
  ], "*4 :2 $3 2-0 $3 4-0 *1 *2 $3 ann $1 2"],
  [
    "many that are gone",
    [
      ...Array.from({ length: 40 }, (_, i) => `XADD s ${i + 10}-0 f v`),
      "XGROUP CREATE s g 0",
      "XREADGROUP GROUP g ann STREAMS s >",
      "XTRIM s MAXLEN 0",
      "XAUTOCLAIM s g bob 0 0",
    ],
    new RegExp(
      `^\\*3 \\$3 0-0 \\*0 \\*40 ${
        Array.from({ length: 40 }, (_, i) => `\\$4 ${i + 10}-0`).join(" ")
      }$`,
    ),
  ],
  ["counts a delivery", [...SET, "XAUTOCLAIM s g bob 0 0", "XPENDING s g - + 1"], /:2$/],
  ["JUSTID counts none", [...SET, "XAUTOCLAIM s g bob 0 0 JUSTID", "XPENDING s g - + 1"], /:1$/],
  ["COUNT 0", [...SET, "XAUTOCLAIM s g bob 0 0 COUNT 0"], "-ERR COUNT must be > 0"],
  ["no COUNT", [...SET, "XAUTOCLAIM s g bob 0 0 COUNT x"], "-ERR COUNT must be > 0"],
  ["too high a COUNT", [
    ...SET,
    "XAUTOCLAIM s g bob 0 0 COUNT 9223372036854775807",
  ], "-ERR COUNT must be > 0"],
  ["no memory for the COUNT", [
    ...SET,
    "XAUTOCLAIM s g bob 0 0 COUNT 500000000000000000",
  ], "-ERR Insufficient memory, failed allocating transient memory, COUNT too high."],
  ["a missing COUNT", [...SET, "XAUTOCLAIM s g bob 0 0 COUNT"], "-ERR syntax error"],
  ["something else", [...SET, "XAUTOCLAIM s g bob 0 0 FORCE"], "-ERR syntax error"],
  ["no idle time", [
    "XAUTOCLAIM s g bob x 0",
  ], "-ERR Invalid min-idle-time argument for XAUTOCLAIM"],
  ["no id", ["XAUTOCLAIM s g bob 0 x"], INVALID],
  ["nothing behind the last id", [
    `XAUTOCLAIM s g bob 0 (${MAX}-${MAX}`,
  ], "-ERR invalid start ID for the interval"],
  ["options come before the type", ["SET s x", "XAUTOCLAIM s g bob 0 0 X"], "-ERR syntax error"],
  ["no group", [...SET, "XAUTOCLAIM s h bob 0 0"], NO_GROUP],
  ["no key", ["XAUTOCLAIM s h bob 0 0"], NO_GROUP],
  ["wrong type", ["SET s x", "XAUTOCLAIM s g bob 0 0"], /^-WRONGTYPE/],
]);

test("idle time is measured to the millisecond", () => {
  const world = new World();
  const client = world.connect();
  client.call("XADD", "s", "1-0", "a", "b");
  client.call("XGROUP", "CREATE", "s", "g", "0");
  client.call("XREADGROUP", "GROUP", "g", "ann", "STREAMS", "s", ">");
  world.clock.advance(99);
  assert.equal(client.call("XCLAIM", "s", "g", "bob", "100", "1-0", "JUSTID"), "*0\r\n");
  world.clock.advance(1);
  assert.equal(
    client.call("XAUTOCLAIM", "s", "g", "bob", "100", "0", "JUSTID"),
    "*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-0\r\n*0\r\n",
  );
});
