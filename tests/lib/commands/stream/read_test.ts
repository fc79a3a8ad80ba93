import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NULL = { resp2: "*-1", resp3: "_" };

const ADD = ["XADD s 1-1 a b", "XADD s 2-1 a c", "XADD t 5-0 x y"];
const GROUPS = [...ADD, "XGROUP CREATE s g 0", "XGROUP CREATE t g 0"];
const S_LAST = "$1 s *1 *2 $3 2-1 *2 $1 a $1 c";
const S_ALL = "$1 s *2 *2 $3 1-1 *2 $1 a $1 b *2 $3 2-1 *2 $1 a $1 c";
const T_ALL = "$1 t *1 *2 $3 5-0 *2 $1 x $1 y";

/** The reply with these streams. */
function streams(...parts: string[]): { resp2: string; resp3: string } {
  const pairs = parts.map((part) => `*2 ${part}`).join(" ");
  return { resp2: `*${parts.length} ${pairs}`, resp3: `%${parts.length} ${parts.join(" ")}` };
}

cases("XREAD", [
  ["behind an id", [...ADD, "XREAD STREAMS s 1-1"], streams(S_LAST)],
  ["behind a time", [...ADD, "XREAD STREAMS s 1"], streams(S_ALL)],
  ["several", [...ADD, "XREAD STREAMS s t 0 0"], streams(S_ALL, T_ALL)],
  ["those that have something", [...ADD, "XREAD STREAMS s none t 2-1 0 0"], streams(T_ALL)],
  ["the same twice", [...ADD, "XREAD STREAMS s s 1-1 0"], {
    resp2: `*2 *2 ${S_LAST} *2 ${S_ALL}`,
    resp3: `%2 ${S_LAST} ${S_ALL}`,
  }],
  ["nothing new", [...ADD, "XREAD STREAMS s 2-1"], NULL],
  ["behind the end", [...ADD, "XREAD STREAMS s $"], NULL],
  ["the last entry", [...ADD, "XREAD STREAMS s +"], streams(S_LAST)],
  ["the last entry of nothing", ["XREAD STREAMS s +"], NULL],
  ["the last entry is deleted", [...ADD, "XDEL s 2-1", "XREAD STREAMS s +"], NULL],
  ["only deleted ones", [...ADD, "XDEL s 2-1", "XREAD STREAMS s 1-1"], NULL],
  ["COUNT", [...ADD, "XREAD COUNT 1 STREAMS s 0"], streams("$1 s *1 *2 $3 1-1 *2 $1 a $1 b")],
  ["COUNT 0", [...ADD, "XREAD count 0 streams s 0"], streams(S_ALL)],
  ["negative COUNT", [...ADD, "XREAD COUNT -1 STREAMS s 0"], streams(S_ALL)],
  ["no wait when there is something", [...ADD, "XREAD BLOCK 0 STREAMS s 0"], streams(S_ALL)],
  ["no wait in a transaction", ["MULTI", "XREAD BLOCK 0 STREAMS s $", "EXEC"], {
    resp2: "*1 *-1",
    resp3: "*1 _",
  }],
  ["no key", ["XREAD STREAMS s 0"], NULL],
  ["wrong type", ["SET s x", "XREAD STREAMS s 0"], /^-WRONGTYPE/],
  ["no id", ["XREAD STREAMS s x"], INVALID],
  ["a start is no id", ["XREAD STREAMS s -"], INVALID],
  [
    ">",
    [
      "XREAD STREAMS s >",
    ],
    "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
  ],
  [
    "unbalanced",
    [
      "XREAD STREAMS s t 0",
    ],
    "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.",
  ],
  ["no streams", ["XREAD COUNT 1 BLOCK 0"], "-ERR syntax error"],
  ["an empty list", ["XREAD COUNT 1 STREAMS"], "-ERR syntax error"],
  ["no COUNT", ["XREAD COUNT x STREAMS s 0"], NOT_INTEGER],
  ["no time", ["XREAD BLOCK x STREAMS s 0"], "-ERR timeout is not an integer or out of range"],
  ["negative time", ["XREAD BLOCK -1 STREAMS s 0"], "-ERR timeout is negative"],
  ["GROUP", [
    "XREAD GROUP g c STREAMS s >",
  ], "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead."],
  ["NOACK", [
    "XREAD NOACK STREAMS s 0",
  ], "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."],
  ["something else", ["XREAD LIMIT 1 STREAMS s 0"], "-ERR syntax error"],
]);

cases("XREAD that waits", [
  ["is served by XADD", [
    "@2 XREAD BLOCK 0 STREAMS s $",
    "XADD s 1-1 a b",
    "@2 <",
  ], streams("$1 s *1 *2 $3 1-1 *2 $1 a $1 b")],
  ["sees only what is new", [
    ...ADD,
    "@2 XREAD BLOCK 0 STREAMS s $",
    "XADD s 3-1 a b",
    "@2 <",
  ], streams("$1 s *1 *2 $3 3-1 *2 $1 a $1 b")],
  ["for any of its streams", [
    ...ADD,
    "@2 XREAD BLOCK 0 STREAMS s t u $ $ $",
    "XADD t 6-0 a b",
    "@2 <",
  ], streams("$1 t *1 *2 $3 6-0 *2 $1 a $1 b")],
  ["for all of a transaction", [
    ...ADD,
    "@2 XREAD BLOCK 0 STREAMS s t $ $",
    "MULTI",
    "XADD s 3-1 a b",
    "XADD t 6-0 a b",
    "EXEC",
    "@2 <",
  ], streams("$1 s *1 *2 $3 3-1 *2 $1 a $1 b", "$1 t *1 *2 $3 6-0 *2 $1 a $1 b")],
  ["gets null when its time is up", ["@2 XREAD BLOCK 30 STREAMS s $", "~150", "@2 <"], NULL],
  ["waits on when the key becomes another type", [
    "@2 XREAD BLOCK 0 STREAMS s $",
    "SET s x",
    "DEL s",
    "XADD s 1-1 a b",
    "@2 <",
  ], streams("$1 s *1 *2 $3 1-1 *2 $1 a $1 b")],
  ["waits on when the key is deleted", [
    ...ADD,
    "@2 XREAD BLOCK 0 STREAMS s $",
    "DEL s",
    "XADD s 9-1 a b",
    "@2 <",
  ], streams("$1 s *1 *2 $3 9-1 *2 $1 a $1 b")],
  ["is not served by an id that is too small", [
    "@2 XREAD BLOCK 0 STREAMS s 5-5",
    "XADD s 5-4 a b",
    "XADD s 5-6 a b",
    "@2 <",
  ], streams("$1 s *1 *2 $3 5-6 *2 $1 a $1 b")],
]);

const NO_GROUP = "-NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option";

cases(
  "XREADGROUP",
  [
    ["what is new", [...GROUPS, "XREADGROUP GROUP g c STREAMS s >"], streams(S_ALL)],
    ["only once", [
      ...GROUPS,
      "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
      "XREADGROUP GROUP g d STREAMS s >",
    ], streams(S_LAST)],
    ["nothing new", [
      ...GROUPS,
      "XREADGROUP GROUP g c STREAMS s >",
      "XREADGROUP GROUP g c STREAMS s >",
    ], NULL],
    ["several streams", [...GROUPS, "XREADGROUP GROUP g c STREAMS s t > >"], streams(S_ALL, T_ALL)],
    ["of the same stream twice the second has nothing", [
      ...GROUPS,
      "XREADGROUP GROUP g c STREAMS s s > >",
    ], streams(S_ALL)],
    ["what is pending for the consumer", [
      ...GROUPS,
      "XREADGROUP GROUP g c STREAMS s >",
      "XREADGROUP GROUP g c STREAMS s 1-1",
    ], streams(S_LAST)],
    [
      "what is pending, of nobody",
      [...GROUPS, "XREADGROUP GROUP g c STREAMS s 0"],
      streams("$1 s *0"),
    ],
    ["what is pending and gone", [
      ...GROUPS,
      "XREADGROUP GROUP g c STREAMS s >",
      "XDEL s 1-1",
      "XREADGROUP GROUP g c STREAMS s 0",
    ], {
      resp2: "*1 *2 $1 s *2 *2 $3 1-1 *-1 *2 $3 2-1 *2 $1 a $1 c",
      resp3: "%1 $1 s *2 *2 $3 1-1 _ *2 $3 2-1 *2 $1 a $1 c",
    }],
    ["up to a count of what is pending", [
      ...GROUPS,
      "XREADGROUP GROUP g c STREAMS s >",
      "XREADGROUP GROUP g c COUNT 1 STREAMS s 0",
    ], streams("$1 s *1 *2 $3 1-1 *2 $1 a $1 b")],
    ["NOACK: nothing is pending", [
      ...GROUPS,
      "XREADGROUP GROUP g c NOACK STREAMS s >",
      "XPENDING s g",
    ], { resp2: "*4 :0 $-1 $-1 *-1", resp3: "*4 :0 _ _ _" }],
    ["makes the consumer in vain", [
      "XGROUP CREATE s g 0 MKSTREAM",
      "XREADGROUP GROUP g c STREAMS s >",
      "XGROUP CREATECONSUMER s g c",
    ], ":0"],
    ["no group", [...GROUPS, "XREADGROUP GROUP h c STREAMS s >"], NO_GROUP],
    ["no key", ["XREADGROUP GROUP h c STREAMS s >"], NO_GROUP],
    ["no group for one of them: none is read", [
      ...GROUPS,
      "XGROUP DESTROY t g",
      "XREADGROUP GROUP g c STREAMS s t > >",
      "XINFO GROUPS s",
    ], /last-delivered-id \$3 0-0 /],
    ["wrong type", ["SET s x", "XREADGROUP GROUP g c STREAMS s >"], /^-WRONGTYPE/],
    ["no GROUP", [
      "XREADGROUP COUNT 1 COUNT 1 STREAMS s >",
    ], "-ERR Missing GROUP option for XREADGROUP"],
    ["$", [...GROUPS, "XREADGROUP GROUP g c STREAMS s $"], /^-ERR The \$ ID is meaningless/],
    ["+", [...GROUPS, "XREADGROUP GROUP g c STREAMS s +"], /^-ERR The \+ ID is meaningless/],
    ["the group comes before the id", [...GROUPS, "XREADGROUP GROUP h c STREAMS s $"], NO_GROUP],
    ["no id", [...GROUPS, "XREADGROUP GROUP g c STREAMS s x"], INVALID],
    [
      "unbalanced",
      [
        "XREADGROUP GROUP g c STREAMS s t >",
      ],
      "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
    ],
    ["marks nobody", [
      ...GROUPS,
      "WATCH s",
      "@2 XREADGROUP GROUP g c STREAMS s >",
      "MULTI",
      "PING",
      "EXEC",
    ], "*1 +PONG"],
  ],
);

const WAIT = "@2 XREADGROUP GROUP g c BLOCK 0 STREAMS s >";
const MADE = ["XGROUP CREATE s g $ MKSTREAM"];

cases("XREADGROUP that waits", [
  [
    "is served by XADD",
    [...MADE, WAIT, "XADD s 1-1 a b", "@2 <"],
    streams(
      "$1 s *1 *2 $3 1-1 *2 $1 a $1 b",
    ),
  ],
  ["one entry goes to one consumer", [
    ...MADE,
    WAIT,
    "@3 XREADGROUP GROUP g d BLOCK 0 STREAMS s >",
    "XADD s 1-1 a b",
    "XPENDING s g",
  ], "*4 :1 $3 1-1 $3 1-1 *1 *2 $1 c $1 1"],
  ["never waits for what is pending", [
    ...MADE,
    "XREADGROUP GROUP g c BLOCK 0 STREAMS s 0",
  ], streams("$1 s *0")],
  ["learns that the group is gone", [...MADE, WAIT, "XGROUP DESTROY s g", "@2 <"], /^-NOGROUP /],
  ["learns that the key is gone", [...MADE, WAIT, "DEL s", "@2 <"], /^-NOGROUP /],
  ["learns that the database is emptied", [...MADE, WAIT, "FLUSHALL", "@2 <"], /^-NOGROUP /],
  ["learns of another type", [...MADE, WAIT, "SET s x", "@2 <"], /^-WRONGTYPE /],
  ["learns of another type in a transaction", [
    ...MADE,
    WAIT,
    "MULTI",
    "DEL s",
    "SET s x",
    "EXEC",
    "@2 <",
  ], /^-WRONGTYPE /],
  ["gets null when its time is up", [
    ...MADE,
    "@2 XREADGROUP GROUP g c BLOCK 30 STREAMS s >",
    "~150",
    "@2 <",
  ], NULL],
]);

cases("entries read and lag", [
  ["count with the group", [
    ...GROUPS,
    "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
    "XINFO GROUPS s",
  ], /entries-read :1 \$3 lag :1$/],
  ["are unknown in the middle", [
    ...ADD,
    "XADD s 3-1 a b",
    "XGROUP CREATE s g 2-1",
    "XINFO GROUPS s",
  ], /entries-read (\$-1|_) \$3 lag (\$-1|_)$/],
  ["are known at the end", [
    ...ADD,
    "XGROUP CREATE s g 1-5",
    "XREADGROUP GROUP g c STREAMS s >",
    "XINFO GROUPS s",
  ], /entries-read :2 \$3 lag :0$/],
  ["a deletion ahead", [
    ...GROUPS,
    "XADD s 3-1 a b",
    "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
    "XDEL s 2-1",
    "XINFO GROUPS s",
  ], /entries-read :1 \$3 lag (\$-1|_)$/],
  ["a trim ahead", [
    ...GROUPS,
    "XADD s 3-1 a b",
    "XTRIM s MAXLEN 1",
    "XINFO GROUPS s",
  ], /entries-read (\$-1|_) \$3 lag :1$/],
  ["nothing there", ["XGROUP CREATE s g $ MKSTREAM", "XINFO GROUPS s"], /lag :0$/],
  ["emptied", [...GROUPS, "XTRIM s MAXLEN 0", "XINFO GROUPS s"], /lag :0$/],
]);

test("CLIENT UNBLOCK ends the waiting", () => {
  const world = new World();
  const reader = world.connect();
  const client = world.connect();
  reader.call("XREAD", "BLOCK", "0", "STREAMS", "s", "$");
  client.call("CLIENT", "UNBLOCK", String(reader.session.id), "ERROR");
  assert.match(reader.socket.reader.take(), /^-UNBLOCKED /);
  reader.call("XREAD", "BLOCK", "0", "STREAMS", "s", "$");
  client.call("CLIENT", "UNBLOCK", String(reader.session.id));
  assert.equal(reader.socket.reader.take(), "*-1\r\n");
});

test("the time to wait is that of the first try", () => {
  const world = new World();
  const reader = world.connect();
  const client = world.connect();
  reader.call("XREAD", "BLOCK", "1000", "STREAMS", "s", "5-5");
  world.advance(900);
  client.call("XADD", "s", "1-1", "a", "b");
  world.advance(90);
  assert.equal(reader.socket.reader.take(), "");
  world.advance(20);
  assert.equal(reader.socket.reader.take(), "*-1\r\n");
});
