// golden_test.ts: how strictly recorded replies are compared, and which commands a case needs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { maskKnown } from "./golden_known.ts";
import { commandsOf, type GoldenStep, sameReply } from "./golden.ts";

type Row = readonly [name: string, step: GoldenStep, got: string, same: boolean];

const ROWS: readonly Row[] = [
  ["exact", { reply: ":1\r\n" }, ":1\r\n", true],
  ["exact differs", { reply: ":1\r\n" }, ":2\r\n", false],
  ["type", { reply: ":1\r\n", cmp: "type" }, ":2\r\n", true],
  ["type differs", { reply: ":1\r\n", cmp: "type" }, "+2\r\n", false],
  ["nulls are a type", { reply: "$-1\r\n", cmp: "type" }, "$1\r\na\r\n", false],
  ["pattern", { cmp: "pattern", pattern: ":\\d+\r\n" }, ":42\r\n", true],
  ["pattern is anchored", { cmp: "pattern", pattern: ":\\d" }, ":42\r\n", false],
  ["dot matches line breaks", { cmp: "pattern", pattern: ".*" }, "$1\r\na\r\n", true],
  ["unordered", { reply: "*2\r\n:1\r\n:2\r\n", cmp: "unordered" }, "*2\r\n:2\r\n:1\r\n", true],
  [
    "unordered counts",
    { reply: "*2\r\n:1\r\n:1\r\n", cmp: "unordered" },
    "*2\r\n:2\r\n:1\r\n",
    false,
  ],
  [
    "only the paths named are sorted",
    { reply: "*2\r\n:0\r\n*2\r\n:1\r\n:2\r\n", cmp: "unordered", at: ["1"] },
    "*2\r\n:0\r\n*2\r\n:2\r\n:1\r\n",
    true,
  ],
  [
    "the others are not",
    { reply: "*2\r\n:0\r\n*2\r\n:1\r\n:2\r\n", cmp: "unordered", at: [""] },
    "*2\r\n:0\r\n*2\r\n:2\r\n:1\r\n",
    false,
  ],
  [
    "a star is any element",
    { reply: "*1\r\n*2\r\n:1\r\n:2\r\n", cmp: "unordered", at: ["*"] },
    "*1\r\n*2\r\n:2\r\n:1\r\n",
    true,
  ],
  [
    "maps are sorted by pairs",
    { reply: "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", cmp: "unordered" },
    "%2\r\n+b\r\n:2\r\n+a\r\n:1\r\n",
    true,
  ],
  [
    "keys stay with their values",
    { reply: "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", cmp: "unordered" },
    "%2\r\n+a\r\n:2\r\n+b\r\n:1\r\n",
    false,
  ],
  [
    "pairs of a flat array",
    { reply: "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n", cmp: "unordered-pairs" },
    "*4\r\n+b\r\n:2\r\n+a\r\n:1\r\n",
    true,
  ],
  [
    "pairs stay together",
    { reply: "*4\r\n+a\r\n:1\r\n+b\r\n:2\r\n", cmp: "unordered-pairs" },
    "*4\r\n+b\r\n:1\r\n+a\r\n:2\r\n",
    false,
  ],
];

for (const [name, step, got, same] of ROWS) {
  test(`sameReply: ${name}`, () => assert.equal(sameReply(step, got), same));
}

test("commandsOf", () => {
  const reference = new Set(["SET", "GET", "CONFIG", "CONFIG|SET", "COMMAND", "COMMAND|INFO"]);
  const needed = commandsOf({
    case: "a/b",
    family: "a",
    proto: 2,
    setup: [["config", "set", "a", "b"]],
    steps: [{ args: ["NOSUCH"] }, { args: ["COMMAND", "INFO", "get"] }, { data: ["set a b\r\n"] }],
  }, reference);
  assert.deepEqual([...needed].sort(), [
    "COMMAND",
    "COMMAND|INFO",
    "CONFIG",
    "CONFIG|SET",
    "GET",
    "SET",
  ]);
});

test("maskKnown takes out the notes of COMMAND INFO and nothing else", () => {
  const reply = "*4\r\n$5\r\nnotes\r\n$3\r\nabc\r\n$5\r\nflags\r\n*0\r\n";
  const masked = "*4\r\n$5\r\nnotes\r\n$0\r\n\r\n$5\r\nflags\r\n*0\r\n";
  assert.equal(maskKnown("commands/info-set", reply), masked);
  assert.equal(maskKnown("strings/set", reply), reply);
});
