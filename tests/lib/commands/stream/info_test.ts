import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const NO_GROUP = "-NOGROUP No such consumer group 'h' for key name 's'";
const ADD = ["XADD s 1-1 a b", "XADD s 2-1 a c", "XADD s 3-1 x y z 7"];
const READ = [
  ...ADD,
  "XGROUP CREATE s g 0",
  "XREADGROUP GROUP g bob COUNT 1 STREAMS s >",
  "XREADGROUP GROUP g ann COUNT 1 STREAMS s >",
];

function usage(sub: string): string {
  return `-ERR unknown subcommand or wrong number of arguments for '${sub}'. Try XINFO HELP.`;
}

function counters(length: number, keys: number, nodes: number, ids: string): string {
  const [last, deleted, added, first] = ids.split(" ");
  return `$6 length :${length} $15 radix-tree-keys :${keys} $16 radix-tree-nodes :${nodes} ` +
    `$17 last-generated-id $3 ${last} $20 max-deleted-entry-id $3 ${deleted} ` +
    `$13 entries-added :${added} $23 recorded-first-entry-id $3 ${first}`;
}

const FIRST = "$11 first-entry *2 $3 1-1 *2 $1 a $1 b";
const LAST = "$10 last-entry *2 $3 3-1 *4 $1 x $1 y $1 z $1 7";

cases("XINFO STREAM", [
  [
    "a stream",
    [...ADD, "XINFO STREAM s"],
    `*20 ${counters(3, 1, 2, "3-1 0-0 3 1-1")} $6 groups :0 ${FIRST} ${LAST}`,
  ],
  ["in RESP3", [...ADD, "XINFO STREAM s"], { resp2: /^\*20 /, resp3: /^%10 / }],
  ["after deletions", [
    ...ADD,
    "XDEL s 1-1",
    "XDEL s 3-1",
    "XINFO STREAM s",
  ], /^\*20 \$6 length :1 .* 3-1 \$13 entries-added :3 \$23 recorded-first-entry-id \$3 2-1 /],
  ["an empty one", ["XGROUP CREATE s g 0 MKSTREAM", "XINFO STREAM s"], {
    resp2: `*20 ${
      counters(0, 0, 1, "0-0 0-0 0 0-0")
    } $6 groups :1 $11 first-entry $-1 $10 last-entry $-1`,
    resp3: `%10 ${
      counters(0, 0, 1, "0-0 0-0 0 0-0")
    } $6 groups :1 $11 first-entry _ $10 last-entry _`,
  }],
  [
    "in full",
    [
      ...ADD,
      "XINFO STREAM s FULL",
    ],
    `*18 ${
      counters(3, 1, 2, "3-1 0-0 3 1-1")
    } $7 entries *3 *2 $3 1-1 *2 $1 a $1 b *2 $3 2-1 *2 $1 a $1 c ` +
    "*2 $3 3-1 *4 $1 x $1 y $1 z $1 7 $6 groups *0",
  ],
  ["in full, in RESP3", [...ADD, "XINFO STREAM s full"], { resp2: /^\*18 /, resp3: /^%9 / }],
  ["in full, up to a count", [
    ...READ,
    "XINFO STREAM s FULL COUNT 1",
  ], /entries \*1 .* pending \*1 \*4 \$3 1-1 \$3 bob :\d+ :1 \$9 consumers \*2 /],
  ["in full, all", [
    ...Array.from({ length: 12 }, (_, i) => `XADD s ${i + 1}-0 f v`),
    "XINFO STREAM s FULL COUNT 0",
  ], /entries \*12 /],
  ["in full, ten by default", [
    ...Array.from({ length: 12 }, (_, i) => `XADD s ${i + 1}-0 f v`),
    "XINFO STREAM s FULL COUNT -3",
  ], /entries \*10 /],
  [
    "in full, groups and consumers",
    [
      ...READ,
      "XINFO STREAM s FULL",
    ],
    new RegExp(
      "groups \\*1 \\*14 \\$4 name \\$1 g \\$17 last-delivered-id \\$3 2-1 \\$12 entries-read :2 \\$3 lag :1 " +
        "\\$9 pel-count :2 \\$7 pending \\*2 \\*4 \\$3 1-1 \\$3 bob :\\d+ :1 \\*4 \\$3 2-1 \\$3 ann :\\d+ :1 " +
        "\\$9 consumers \\*2 \\*10 \\$4 name \\$3 ann \\$9 seen-time :\\d+ \\$11 active-time :\\d+ " +
        "\\$9 pel-count :1 \\$7 pending \\*1 \\*3 \\$3 2-1 :\\d+ :1 \\*10 \\$4 name \\$3 bob ",
    ),
  ],
  ["no key", ["XINFO STREAM s"], "-ERR no such key"],
  ["no key comes before options", ["XINFO STREAM s X"], "-ERR no such key"],
  ["wrong type", ["SET s x", "XINFO STREAM s"], /^-WRONGTYPE/],
  ["something else", [...ADD, "XINFO STREAM s X"], usage("STREAM")],
  ["a missing count", [...ADD, "XINFO STREAM s FULL COUNT"], usage("STREAM")],
  ["another option", [...ADD, "XINFO STREAM s FULL LIMIT 1"], usage("STREAM")],
  ["count is no number", [
    ...ADD,
    "XINFO STREAM s FULL COUNT x",
  ], "-ERR value is not an integer or out of range"],
  ["arity", ["XINFO STREAM"], "-ERR wrong number of arguments for 'xinfo|stream' command"],
]);

/** The number of radix tree nodes with one node of the stream for each of these ids. */
function radix(ids: readonly string[], nodes: number): [string, string[], RegExp] {
  return [`${ids.join(" ")}`, [
    "CONFIG SET stream-node-max-entries 1",
    ...ids.map((id) => `XADD s ${id} a b`),
    "CONFIG SET stream-node-max-entries 100",
    "XINFO STREAM s",
  ], new RegExp(`radix-tree-keys :${ids.length} \\$16 radix-tree-nodes :${nodes} `)];
}

cases("nodes of the radix tree that Valkey would have", [
  radix(["1-0"], 2),
  radix(["1-0", "2-0"], 6),
  radix(["1-0", "1-1"], 4),
  radix(["1-0", "256-0"], 6),
  radix(["1-0", "1-256"], 6),
  radix(["72057594037927936-0", "144115188075855872-0"], 5),
  radix(["1-0", "18446744073709551615-0"], 5),
  radix(["1-0", "1-1", "1-256", "2-0", "2-1", "700-5"], 16),
]);

cases("XINFO GROUPS", [
  [
    "one",
    [
      ...READ,
      "XINFO GROUPS s",
    ],
    "*1 *12 $4 name $1 g $9 consumers :2 $7 pending :2 $17 last-delivered-id $3 2-1 " +
    "$12 entries-read :2 $3 lag :1",
  ],
  ["in RESP3", [...READ, "XINFO GROUPS s"], { resp2: /^\*1 \*12 /, resp3: /^\*1 %6 / }],
  ["in the order of names", [
    ...["g", "f", "g1", "Z", "g10", "g2"].map((name) => `XGROUP CREATE s ${name} 0 MKSTREAM`),
    "XINFO GROUPS s",
  ], /name \$1 Z .*name \$1 f .*name \$1 g .*name \$2 g1 .*name \$3 g10 .*name \$2 g2 /],
  ["none", [...ADD, "XINFO GROUPS s"], "*0"],
  ["no key", ["XINFO GROUPS s"], "-ERR no such key"],
  ["wrong type", ["SET s x", "XINFO GROUPS s"], /^-WRONGTYPE/],
]);

cases("XINFO CONSUMERS", [
  [
    "in the order of names",
    [
      ...READ,
      "XINFO CONSUMERS s g",
    ],
    /^\*2 \*8 \$4 name \$3 ann \$7 pending :1 \$4 idle :\d+ \$8 inactive :\d+ \*8 \$4 name \$3 bob /,
  ],
  ["in RESP3", [...READ, "XINFO CONSUMERS s g"], { resp2: /^\*2 \*8 /, resp3: /^\*2 %4 / }],
  ["never active", [
    ...READ,
    "XGROUP CREATECONSUMER s g al",
    "XINFO CONSUMERS s g",
  ], /^\*3 \*8 \$4 name \$2 al \$7 pending :0 \$4 idle :\d+ \$8 inactive :-1 /],
  ["NOACK is no activity", [
    ...ADD,
    "XGROUP CREATE s g 0",
    "XREADGROUP GROUP g c NOACK STREAMS s >",
    "XINFO CONSUMERS s g",
  ], /inactive :-1$/],
  ["none", [...ADD, "XGROUP CREATE s g 0", "XINFO CONSUMERS s g"], "*0"],
  ["no group", [...ADD, "XINFO CONSUMERS s h"], NO_GROUP],
  ["no key", ["XINFO CONSUMERS s g"], "-ERR no such key"],
  ["wrong type", ["SET s x", "XINFO CONSUMERS s g"], /^-WRONGTYPE/],
]);

cases("XINFO", [
  ["alone", ["XINFO"], "-ERR wrong number of arguments for 'xinfo' command"],
  ["unknown", ["XINFO X s"], "-ERR unknown subcommand 'X'. Try XINFO HELP."],
  ["HELP", ["XINFO HELP"], /^\*\d+ \+XINFO <subcommand>/],
]);

test("seen is any try, active is one that gave something", () => {
  const world = new World();
  const client = world.connect();
  const times = (): string[] =>
    client.call("XINFO", "CONSUMERS", "s", "g").split("\r\n").filter((line) => line[0] === ":");
  client.call("XADD", "s", "1-1", "a", "b");
  client.call("XGROUP", "CREATE", "s", "g", "0");
  client.call("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
  world.clock.advance(70);
  assert.deepEqual(times(), [":1", ":70", ":70"]);
  client.call("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
  world.clock.advance(5);
  assert.deepEqual(times(), [":1", ":5", ":75"]);
});
