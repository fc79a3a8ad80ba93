// The commands of an append-only file: where they are, what is truncated, what is bad.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import {
  AOF_BAD,
  AOF_COMMAND,
  AOF_END,
  AOF_TRUNCATED,
  AofReader,
} from "../../../lib/persist/aof_reader.ts";

const SET = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n";
const PING = "*1\r\n$4\r\nPING\r\n";

function walk(text: string): [status: number, start: number, commands: number] {
  const bytes = fromLatin1(text);
  const reader = new AofReader(bytes, 0, bytes.length);
  let commands = 0;
  for (;; commands++) {
    const status = reader.next();
    if (status !== AOF_COMMAND) return [status, reader.start, commands];
  }
}

test("offsets of commands and of their words", () => {
  const bytes = fromLatin1("#TS:1\r\n" + SET + PING);
  const reader = new AofReader(bytes, 0, bytes.length);
  assert.equal(reader.next(), AOF_COMMAND);
  assert.deepEqual([reader.start, reader.pos, reader.argc], [7, 7 + SET.length, 3]);
  assert.deepEqual([reader.wordOff, reader.wordLen], [[15, 24], [3, 1]]);
  assert.equal(reader.next(), AOF_COMMAND);
  assert.deepEqual([reader.start, reader.argc, reader.wordLen[0]], [7 + SET.length, 1, 4]);
  assert.equal(reader.next(), AOF_END);
  assert.equal(reader.start, bytes.length);
});

test("the end of the file anywhere within a command is no damage", () => {
  for (let size = 0; size <= SET.length; size++) {
    const [status, start] = walk(PING + SET.slice(0, size));
    const isWhole = size === 0 || size === SET.length;
    assert.equal(status, isWhole ? AOF_END : AOF_TRUNCATED, `${size} bytes`);
    assert.equal(start, PING.length + (size === SET.length ? size : 0));
  }
});

test("an annotation without end begins where something must be cut", () => {
  assert.deepEqual(walk(PING + "#TS:12"), [AOF_END, PING.length, 1]);
  assert.deepEqual(walk(PING + "#TS:12\0\0"), [AOF_END, PING.length, 1]);
  assert.deepEqual(walk(PING + "#TS:12\r\n#"), [AOF_END, PING.length + 8, 1]);
});

test("damage", () => {
  const rows = [
    "PING\r\n",
    "\0\0\0",
    "\r\n",
    "*0\r\n",
    "*-1\r\n",
    "*x\r\n",
    "*\r\n",
    "*1\n$4\r\nPING\r\n",
    "*1\r\n:4\r\n",
    "*1\r\n$-1\r\n",
    "*1\r\n$x\r\nPING\r\n",
    "*1\r\n$3\r\nPING\r\n",
    "*1\r\n$9999999999\r\nPING\r\n",
    "*99999999999\r\n",
    " " + PING,
    "#TS:17" + "\0".repeat(600) + "E\r\n",
    "#\0\n",
  ];
  for (const text of rows) {
    assert.deepEqual(walk(PING + text + PING), [AOF_BAD, PING.length, 1], JSON.stringify(text));
  }
});
