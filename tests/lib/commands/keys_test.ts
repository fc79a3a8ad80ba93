// Key extraction over made-up declarations, one for each way to find keys.

import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import {
  type CommandArgs,
  extractKeys,
  hasKeys,
  KeyList,
  legacyRange,
} from "../../../lib/commands/keys.ts";
import {
  type CommandSpec,
  countedKeys,
  keyRange,
  type KeySpec,
  oneKey,
} from "../../../lib/commands/spec.ts";
import { CommandTable } from "../../../lib/commands/table.ts";

function keyword(word: string, from: number, last: number, limit: number): KeySpec {
  return {
    flags: ["RO", "access"],
    begin: { at: "keyword", keyword: word, from },
    find: { by: "range", last, step: 1, limit },
  };
}

const UNKNOWN: KeySpec = { flags: ["RO"], begin: { at: "unknown" }, find: { by: "unknown" } };
const OPEN_ENDED: KeySpec = { ...oneKey(3, "RW incomplete") };

function declare(name: string, keys: readonly KeySpec[], more: object = {}): CommandSpec {
  return {
    name,
    group: "generic",
    since: "1.0.0",
    arity: -1,
    flags: 0,
    keys,
    summary: "",
    reply: [],
    examples: [],
    ...more,
  };
}

const TABLE = new CommandTable([
  declare("ONE", [oneKey(1, "RO access")]),
  declare("ALL", [keyRange(1, -1, 1, "RM delete")]),
  declare("PAIRS", [keyRange(1, -1, 2, "OW update")]),
  declare("BUTLAST", [keyRange(1, -2, 1, "RW access delete")]),
  declare("COUNTED", [countedKeys(1, "RO access")]),
  declare("STORE", [oneKey(1, "OW update"), countedKeys(2, "RO access")]),
  declare("COUNTEDPAIRS", [countedKeys(1, "OW update", 2)]),
  declare("STREAMS", [keyword("STREAMS", 1, -1, 2)]),
  declare("BACKWARD", [keyword("KEYS", -2, -1, 0)]),
  declare("OPTION", [oneKey(1, "RO"), keyword("STORE", 3, 0, 0)]),
  declare("FAKE", [oneKey(1, "not_key")]),
  declare("UNKNOWN", [oneKey(1, "RO"), UNKNOWN]),
  declare("FOUND", [oneKey(1, "RO"), UNKNOWN], {
    findKeys: (_args: CommandArgs, out: KeyList) => {
      out.add(2, ["RW"]);
    },
  }),
  declare("OPEN", [OPEN_ENDED]),
  declare("NONE", []),
]);

function argsOf(text: string): CommandArgs & { words: string[] } {
  const words = text.split(" ");
  const off = new Int32Array(words.length);
  const len = new Int32Array(words.length);
  let at = 0;
  words.forEach((word, i) => {
    off[i] = at;
    len[i] = word.length;
    at += word.length + 1;
  });
  return { argBuf: fromLatin1(text), off, len, argc: words.length, words };
}

function keysOf(text: string, list = new KeyList()): string {
  const args = argsOf(text);
  const count = extractKeys(TABLE, TABLE.idOf(args.words[0].toLowerCase()), args, list);
  assert.equal(count, list.count);
  return Array.from(list.args.subarray(0, count), (arg) => args.words[arg]).join(" ");
}

test("extractKeys finds the keys of every kind of specification", () => {
  const rows: [text: string, keys: string][] = [
    ["ONE a b", "a"],
    ["ONE", ""],
    ["ALL a b c", "a b c"],
    ["PAIRS a 1 b 2", "a b"],
    ["PAIRS a 1 b", "a b"],
    ["BUTLAST a b 0", "a b"],
    ["COUNTED 2 a b c", "a b"],
    ["COUNTED 0 a", ""],
    ["COUNTED -1 a", ""],
    ["COUNTED x a", ""],
    ["COUNTED 3 a b", ""],
    ["COUNTED 4294967297 a", ""],
    ["COUNTED 9223372036854775807 a", ""],
    ["COUNTED", ""],
    ["STORE d 2 a b WEIGHTS 1 2", "d a b"],
    ["STORE d 5 a b", ""],
    ["COUNTEDPAIRS 2 a 1 b 2 NX", "a b"],
    ["STREAMS COUNT 1 streams x y 0 0", "x y"],
    ["STREAMS COUNT 1", ""],
    ["BACKWARD h p e 0 KEYS a b", "a b"],
    ["BACKWARD h p k 0", ""],
    ["OPTION k x y STORE d", "k d"],
    ["OPTION k x y", "k"],
    ["FAKE channel", ""],
    ["UNKNOWN k", ""],
    ["FOUND a b", "b"],
    ["OPEN h p k", ""],
    ["NONE a", ""],
  ];
  for (const [text, keys] of rows) assert.equal(keysOf(text), keys, text);
});

test("a KeyList is used again and grows", () => {
  const list = new KeyList();
  const many = Array.from({ length: 100 }, (_, i) => `k${i}`).join(" ");
  assert.equal(keysOf(`ALL ${many}`, list), many);
  assert.equal(keysOf("ONE a", list), "a");
  assert.deepEqual(list.flags[0], ["RO", "access"]);
  assert.equal(keysOf("FOUND a b", list), "b");
  assert.deepEqual(list.flags[0], ["RW"]);
});

test("hasKeys leaves out what only looks like a key", () => {
  const has = (name: string) => hasKeys(TABLE.specs[TABLE.idOf(name)]);
  assert.equal(has("one"), true);
  assert.equal(has("unknown"), true);
  assert.equal(has("found"), true);
  assert.equal(has("fake"), false);
  assert.equal(has("none"), false);
});

test("legacyRange sums specifications up", () => {
  const rows: [keys: KeySpec[], range: number[], movable: boolean][] = [
    [[], [0, 0, 0], false],
    [[oneKey(1, "RO")], [1, 1, 1], false],
    [[keyRange(1, -1, 2, "OW")], [1, -1, 2], false],
    [[oneKey(1, "RW"), oneKey(2, "OW")], [1, 2, 1], false],
    [[oneKey(2, "OW"), keyRange(3, -1, 1, "RO")], [2, -1, 1], false],
    [[oneKey(1, "RW"), oneKey(3, "OW")], [1, 1, 1], true],
    [[countedKeys(1, "RO")], [0, 0, 0], true],
    [[oneKey(1, "OW"), countedKeys(2, "RO")], [1, 1, 1], true],
    [[oneKey(1, "RO"), UNKNOWN], [1, 1, 1], true],
    [[OPEN_ENDED], [3, 3, 1], true],
  ];
  for (const [keys, expected, movable] of rows) {
    const range = legacyRange(keys);
    assert.deepEqual([range.first, range.last, range.step], expected);
    assert.equal(range.movable, movable);
  }
});
