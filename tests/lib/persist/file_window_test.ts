// Files that are in memory only in part: what is there after each move, and what a file cannot have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { AofFileReader } from "../../../lib/persist/aof_file_reader.ts";
import {
  AOF_COMMAND,
  AOF_END,
  AOF_MORE,
  AOF_TRUNCATED,
  AofReader,
} from "../../../lib/persist/aof_reader.ts";
import { FileWindow } from "../../../lib/persist/file_window.ts";
import { inputOf } from "../../kit/memory_files.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";

function windowOf(text: string, readBytesMax: number, windowBytes: number): FileWindow {
  return new FileWindow(inputOf(fromLatin1(text), readBytesMax), windowBytes);
}

function shown({ buf, end }: FileWindow): string {
  return latin1(buf, 0, end);
}

test("the window moves on, whole reads or single bytes", () => {
  for (const readBytesMax of [1, 3, 100]) {
    const window = windowOf(ALPHABET, readBytesMax, 8);
    assert.ok(window.advance(0, 1));
    assert.equal(shown(window), "abcdefgh");
    assert.equal(window.left(0), 26);
    assert.ok(window.advance(6, 4));
    assert.equal(shown(window), "ghijklmn");
    assert.equal(window.base, 6);
    // Larger than the window: it grows, and is small again afterwards.
    assert.ok(window.advance(2, 15));
    assert.equal(shown(window), "ijklmnopqrstuvw");
    assert.ok(window.advance(14, 3));
    assert.equal(shown(window), "wxyz");
    assert.equal(window.buf.length, 8);
    assert.equal(window.left(1), 3);
  }
});

test("what the file does not have is not read for", () => {
  const window = windowOf(ALPHABET, 100, 8);
  assert.ok(!window.advance(0, 27));
  assert.equal(window.end, 0);
  assert.ok(window.advance(0, 26));
});

test("a range stays readable over one move", () => {
  const window = windowOf(ALPHABET, 100, 8);
  window.advance(0, 1);
  const { buf } = window;
  window.advance(8, 1);
  assert.equal(latin1(buf, 0, 8), "abcdefgh");
});

test("a file that became shorter ends where it ends", () => {
  const input = inputOf(fromLatin1(ALPHABET));
  const window = new FileWindow({ ...input, size: 100 }, 8);
  assert.ok(!window.advance(0, 90));
  assert.equal(window.end, 26);
  assert.equal(window.left(0), 26);
});

/** Status, start and words of every step, whatever the window. */
function walked(text: string, reader: AofReader, offset: (off: number) => number): string[] {
  const steps: string[] = [];
  for (let i = 0; i < 1000; i++) {
    const status = reader.next();
    if (status === AOF_MORE) {
      (reader as AofFileReader).more();
      continue;
    }
    const { wordOff, wordLen, lines } = reader;
    const word = status === AOF_COMMAND ? latin1(reader.buf, wordOff[0], wordLen[0]) : "";
    steps.push(`${status} ${offset(reader.from)} ${offset(reader.start)} ${word} ${lines}`);
    if (status !== AOF_COMMAND) return steps;
  }
  throw new Error(`no end in ${JSON.stringify(text)}`);
}

test("commands of a file are those of its bytes, whatever the window", () => {
  const set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$20\r\n" + "x".repeat(20) + "\r\n";
  const ping = "*1\r\n$4\r\nPING\r\n";
  const whole = ping + "#TS:12\r\n#TS:13\r\n" + set + set + "#TS:14\r\n" + ping + "#TS:15\r\n";
  for (const tail of ["", "#TS", "*2\r\n$4\r\nMU", "x"]) {
    for (let cut = 0; cut <= whole.length; cut += cut < 40 ? 1 : 7) {
      const text = whole.slice(cut === 1 ? 0 : cut) + tail;
      const bytes = fromLatin1(text);
      const expected = walked(text, new AofReader(bytes, 0, bytes.length), (off) => off);
      for (const windowBytes of [1, 5, 16, 64]) {
        const window = windowOf(text, 7, windowBytes);
        window.advance(0, Math.min(1, window.size));
        const reader = new AofFileReader(window, 0);
        assert.deepEqual(walked(text, reader, (off) => reader.offset(off)), expected);
      }
    }
  }
});

test("a length that the file cannot hold is the end, not memory", () => {
  const text = "*2\r\n$3\r\nGET\r\n$2000000000\r\nabc";
  const window = windowOf(text, 100, 16);
  window.advance(0, 1);
  const reader = new AofFileReader(window, 0);
  let status = reader.next();
  for (; status === AOF_MORE; status = reader.next()) reader.more();
  assert.equal(status, AOF_TRUNCATED);
  assert.ok(window.buf.length < 64);
  assert.notEqual(status, AOF_END);
});
