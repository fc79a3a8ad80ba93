// The list of the files of an append-only file: what is read, what is refused, what is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { manifestRead, manifestText } from "../../../lib/persist/aof_manifest.ts";

const GOOD = "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n";

test("a list is what it was after it was written", () => {
  const texts = [
    GOOD,
    "",
    "file a.2.base.rdb seq 2 type b\nfile a.1.base.rdb seq 1 type h\n" +
    "file a.1.incr.aof seq 1 type h\nfile a.3.incr.aof seq 3 type i\nfile a.9.incr.aof seq 9 type i\n",
    'file "a b\\n\\"\\x01\\xff.1.incr.aof" seq 1 type i\n',
  ];
  for (const text of texts) {
    const { manifest, error } = manifestRead(text);
    assert.equal(error, text === "" ? "Found an empty AOF manifest" : "", text);
    assert.equal(manifestText(manifest), text);
  }
});

test("odd but understood", () => {
  const rows: [text: string, written: string][] = [
    ["# nothing\n", ""],
    ["# a\n" + GOOD + "#", GOOD],
    ["seq 1 TYPE b FILE a.1.base.rdb\n", "file a.1.base.rdb seq 1 type b\n"],
    ["file a seq 1 type b later 7\r\n", "file a seq 1 type b\n"],
    ['  file "a" seq 1\ttype b \n', "file a seq 1 type b\n"],
    ["file 'a\\'b' seq 1 type base\n", 'file "a\'b" seq 1 type b\n'],
    ['file "\\a\\b\\t\\r\\z" seq 1 type b\n', 'file "\\a\\b\\t\\rz" seq 1 type b\n'],
  ];
  for (const [text, written] of rows) {
    const { manifest, error } = manifestRead(text);
    assert.equal(error, "", text);
    assert.equal(manifestText(manifest), written, text);
  }
});

test("what is refused, and where", () => {
  const format = "Invalid AOF manifest file format";
  const tooLong = "The AOF manifest file contains too long line";
  const rows: [text: string, line: number, error: string][] = [
    ["", 0, "Found an empty AOF manifest"],
    [GOOD.slice(0, -1), 2, tooLong],
    ["file " + "x".repeat(1100) + " seq 1 type b\n", 1, tooLong],
    ["\n" + GOOD, 1, format],
    [GOOD + "\n", 3, format],
    ["file a seq 1\n", 1, format],
    ["file a seq 1 type b more\n", 1, format],
    ["file a seq x type b\n", 1, format],
    ['file "" seq 1 type b\n', 1, format],
    ['file "a seq 1 type b\n', 1, format],
    ['file "a"b seq 1 type b\n', 1, format],
    ["file ../a seq 1 type b\n", 1, "File can't be a path, just a filename"],
    ["file a seq 1 type b\nfile b seq 2 type b\n", 2, "Found duplicate base file information"],
    ["file a seq 2 type i\nfile b seq 2 type i\n", 2, "Found a non-monotonic sequence number"],
    ["file a seq -1 type i\n", 1, "Found a non-monotonic sequence number"],
    ["file a seq 1 type x\n", 1, "Unknown AOF file type"],
  ];
  for (const [text, line, error] of rows) {
    const read = manifestRead(text);
    assert.deepEqual([read.line, read.error], [line, error], text.slice(0, 80));
  }
});
