// Keyspace events of lists, in their order, and what is passed on to files and replicas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../../lib/bytes/ascii.ts";
import { cases } from "../../../kit/cases.ts";
import { splitWords } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

/** The messages a subscriber gets, as steps around those of a row. */
function seen(before: readonly string[], steps: readonly string[]): string[] {
  return [
    "CONFIG SET notify-keyspace-events KEA",
    ...before,
    "@2 PSUBSCRIBE __keyevent@0__:*",
    ...steps,
    "@2 <",
  ];
}

/** Events "name key" as those messages. */
function messages(...events: string[]): { resp2: string; resp3: string } {
  const frames = (type: string) =>
    events.map((event) => {
      const [name, key] = event.split(" ");
      const channel = `__keyevent@0__:${name}`;
      return `${type}4 $8 pmessage $16 __keyevent@0__:* $${channel.length} ${channel} ` +
        `$${key.length} ${key}`;
    }).join(" ");
  return { resp2: frames("*"), resp3: frames(">") };
}

const ROWS: readonly [string, string[], string[], string[]][] = [
  ["LPUSH", ["RPUSH l a"], ["LPUSH l b c"], ["lpush l"]],
  ["RPUSHX", ["RPUSH l a"], ["RPUSHX l b"], ["rpush l"]],
  ["LPOP", ["RPUSH l a b"], ["LPOP l"], ["lpop l"]],
  ["the last one", ["RPUSH l a"], ["RPOP l"], ["rpop l", "del l"]],
  ["RPOP with a count", ["RPUSH l a b c"], ["RPOP l 2", "RPOP l 2"], ["rpop l", "rpop l", "del l"]],
  ["LMPOP", ["RPUSH l a b"], ["LMPOP 1 l LEFT COUNT 2"], ["lpop l", "del l"]],
  ["LSET", ["RPUSH l a"], ["LSET l 0 b"], ["lset l"]],
  ["LINSERT", ["RPUSH l a"], ["LINSERT l BEFORE a b", "LINSERT l BEFORE z b"], ["linsert l"]],
  ["LREM", ["RPUSH l a b a"], ["LREM l 0 z", "LREM l 0 a", "LREM l 0 b"], [
    "lrem l",
    "lrem l",
    "del l",
  ]],
  ["LTRIM", ["RPUSH l a b"], ["LTRIM l 0 -1", "LTRIM l 1 1", "LTRIM l 5 6"], [
    "ltrim l",
    "ltrim l",
    "ltrim l",
    "del l",
  ]],
  ["LMOVE", ["RPUSH l a b", "RPUSH m x"], ["LMOVE l m LEFT RIGHT"], ["rpush m", "lpop l"]],
  ["LMOVE of the last one", ["RPUSH l a", "RPUSH m x"], ["LMOVE l m RIGHT LEFT"], [
    "lpush m",
    "rpop l",
    "del l",
  ]],
  ["around", ["RPUSH l a"], ["RPOPLPUSH l l"], ["lpush l", "rpop l"]],
];

cases(
  "events of lists",
  ROWS.map(([name, before, steps, events]) => [name, seen(before, steps), messages(...events)]),
);
cases("events of clients that wait", [
  [
    "BLPOP",
    [
      "CONFIG SET notify-keyspace-events El",
      "@3 BLPOP l 10",
      "@2 PSUBSCRIBE __keyevent@0__:*",
      "RPUSH l a",
      "@2 <",
    ],
    messages("rpush l", "lpop l"),
  ],
  ["off again", ["CONFIG SET notify-keyspace-events ''"], "+OK"],
]);

/** What the steps of two clients leave behind. */
function propagated(steps: readonly string[]): string[] {
  const world = new World();
  const clients = [world.connect(), world.connect()];
  let text = "";
  world.engine.propagation.attach({
    feed(buf: Uint8Array, off: number, len: number): void {
      text += latin1(buf, off, len);
    },
  });
  for (const step of steps) {
    const second = step.startsWith("@2 ");
    clients[second ? 1 : 0].send(splitWords(second ? step.slice(3) : step));
  }
  const commands = text.split(/^\*\d+\r\n/m).slice(1);
  return commands.map((command) => command.split("\r\n").filter((_, i) => i % 2 === 1).join(" "));
}

const STREAMS: readonly [string, string[], string[]][] = [
  ["what was taken at once", ["RPUSH l a b c", "BLPOP l 0", "BRPOP x l 0"], [
    "RPUSH l a b c",
    "LPOP l",
    "RPOP l",
  ]],
  ["many", ["RPUSH l a b c", "LMPOP 2 x l RIGHT COUNT 2", "BLMPOP 0 1 l LEFT COUNT 9"], [
    "RPUSH l a b c",
    "RPOP l 2",
    "LPOP l 1",
  ]],
  ["what was moved", ["RPUSH l a b", "BLMOVE l m left RIGHT 0", "BRPOPLPUSH l m 0"], [
    "RPUSH l a b",
    "LMOVE l m left RIGHT",
    "RPOPLPUSH l m",
  ]],
  ["in the order in which it happened", ["@2 BLMOVE l m LEFT LEFT 0", "RPUSH l a"], [
    "RPUSH l a",
    "LMOVE l m LEFT LEFT",
  ]],
  ["waiting leaves nothing", ["@2 BLPOP l 0", "LPOP l", "LREM l 0 a", "LTRIM l 0 1"], []],
];

for (const [name, steps, commands] of STREAMS) {
  test(`lists in the stream of changes: ${name}`, () => {
    assert.deepEqual(propagated(steps), commands.length === 0 ? [] : ["SELECT 0", ...commands]);
  });
}
