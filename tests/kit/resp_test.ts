// resp_test.ts: the tests' own view of the wire.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytesOf,
  encodeArgs,
  flatten,
  frameEnd,
  FrameReader,
  latin1,
  MalformedReply,
  parseReplies,
  splitWords,
} from "./resp.ts";

const FRAMES = [
  "+OK\r\n",
  "-ERR no\r\n",
  ":1\r\n",
  "$3\r\nfoo\r\n",
  "$0\r\n\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*2\r\n$1\r\na\r\n*1\r\n:2\r\n",
  "%1\r\n+a\r\n_\r\n",
  "~2\r\n#t\r\n,1.5\r\n",
  "=7\r\ntxt:abc\r\n",
  "(12345678901234567890\r\n",
  "|1\r\n+k\r\n+v\r\n:1\r\n",
  ">2\r\n+message\r\n+x\r\n",
  "$4\r\n\r\n\r\n\r\n",
];

test("frames are cut at every split", () => {
  for (const frame of FRAMES) {
    assert.equal(frameEnd(frame), frame.length, frame);
    for (let i = 0; i < frame.length; i++) assert.equal(frameEnd(frame.slice(0, i)), -1, frame);
  }
  const reader = new FrameReader();
  const seen: string[] = [];
  for (const byte of FRAMES.join("")) {
    reader.push(byte);
    for (let frame = reader.next(); frame; frame = reader.next()) seen.push(frame);
  }
  assert.deepEqual(seen, FRAMES);
});

test("every frame parses to its end", () => {
  assert.equal(parseReplies(FRAMES.join("")).length, FRAMES.length);
  assert.deepEqual(parseReplies("*2\r\n:1\r\n$1\r\na\r\n"), [
    { type: "*", text: "", items: [{ type: ":", text: "1" }, { type: "$", text: "a" }] },
  ]);
});

test("what is no RESP is refused", () => {
  assert.throws(() => frameEnd("hello\r\n"), MalformedReply);
  assert.throws(() => frameEnd("$x\r\n"), MalformedReply);
});

const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["", []],
  ["  GET  key ", ["GET", "key"]],
  ['SET k "a b"', ["SET", "k", "a b"]],
  ['"\\x00\\xfF\\n\\t\\"\\\\"', ['\x00\xff\n\t"\\']],
  ["'a\\'b\\n'", ["a'b\\n"]],
  ['k ""', ["k", ""]],
  ["'' a", ["", "a"]],
];

for (const [line, words] of LINES) {
  test(`splitWords: ${line}`, () => assert.deepEqual(splitWords(line), words));
}

test("splitWords refuses quotes that are not balanced", () => {
  for (const line of ['"a', "'a", '"a"b', "'a'b"]) {
    assert.throws(() => splitWords(line), SyntaxError, line);
  }
});

test("encodeArgs, flatten, latin1 and bytesOf", () => {
  assert.equal(encodeArgs(["GET", "\xff"]), "*2\r\n$3\r\nGET\r\n$1\r\n\xff\r\n");
  assert.equal(flatten("*1\r\n$1\r\na\r\n"), "*1 $1 a");
  assert.equal(latin1(bytesOf("a\x00\xff")), "a\x00\xff");
  assert.throws(() => bytesOf("\u0100"), RangeError);
});
