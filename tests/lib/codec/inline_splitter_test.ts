import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1, latin1, quotedString } from "../../../lib/bytes/ascii.ts";
import { inlineSplit, lineSplit } from "../../../lib/codec/inline_splitter.ts";
import { Random } from "../bytes/random.ts";

type Split = typeof inlineSplit;

/** The words of `line`, null for unbalanced quotes; the line stands amid other bytes. */
function words(split: Split, line: string): string[] | null {
  const buf = fromLatin1('"' + line + '" x');
  const out = new Uint8Array(line.length + 1).fill(0xee);
  const room = (line.length >> 1) + 1;
  const wordOff = new Int32Array(room + 1).fill(-7);
  const wordLen = new Int32Array(room + 1).fill(-7);
  const count = split(buf, 1, line.length, out, wordOff, wordLen);
  assert.equal(out[line.length], 0xee, "out of room in the output");
  assert.equal(wordOff[room], -7, "out of room in the table");
  if (count < 0) return null;
  const found: string[] = [];
  for (let i = 0; i < count; i++) found.push(latin1(out, wordOff[i], wordLen[i]));
  return found;
}

// Every row without a zero byte was compared with Valkey 9.1.0.
const ROWS: [string, string[] | null][] = [
  ["", []],
  [" \t\r\n\v\f ", []],
  ["PING", ["PING"]],
  ["  GET  key  ", ["GET", "key"]],
  ["a\tb\rc\nd", ["a", "b", "c", "d"]],
  ["a\vb a\fb", ["a\vb", "a\fb"]],
  ["\va \fb", ["a", "b"]],
  ["SET key \"a b\\n\\x00\" 'it''s'", ["SET", "key", "a b\n\x00", "its"]],
  // quotes
  ['""', [""]],
  ["''", [""]],
  ['"" \'\' ""', ["", "", ""]],
  ['"a"b', ["ab"]],
  ['"a""b"', ["ab"]],
  ["\"a\"'b'c", ["abc"]],
  ['a"b c"d', ["ab cd"]],
  ['"it\'s"', ["it's"]],
  ["'say \"x\"'", ['say "x"']],
  ['"a\rb\tc"', ["a\rb\tc"]],
  // escapes
  ['"\\n\\r\\t\\b\\a"', ["\n\r\t\b\x07"]],
  ['"\\c\\"\\\\"', ['c"\\']],
  ['"\\x41\\xfF\\x00"', ["A\xff\x00"]],
  ['"\\x4"', ["x4"]],
  ['"\\x4g"', ["x4g"]],
  ['"\\X41"', ["X41"]],
  ["'it\\'s'", ["it's"]],
  ["'\\n\\x41'", ["\\n\\x41"]],
  ["a\\ b", ["a\\", "b"]],
  ['"a\\\\"', ["a\\"]],
  // unbalanced
  ['"', null],
  ["'", null],
  ['"a', null],
  ["'a", null],
  ['a"', null],
  ['ok "a', null],
  ['"\\', null],
  ['"\\x4', null],
  ['"\\x41', null],
  // bytes
  ["a\xe9b", ["a\xe9b"]],
  ["a\xffb", ["ab"]],
  ["\xff", [""]],
  ['"\xff" \'\xff\' "\\\xff"', ["", "", ""]],
  ['"\\xff"', ["\xff"]],
  ["a\x00b c", ["a"]],
  ["a \x00 b", ["a"]],
  ["\x00a", []],
  ['"a\x00b"', null],
  ["'a\x00b'", null],
  ['"a\\\x00"', null],
];

// line, as a request, as a line of a file
const ROWS_LAST_QUOTE: [string, string[] | null, string[] | null][] = [
  ['"abc\\"', ["abc\\"], null],
  ["'abc\\'", ["abc\\"], null],
  ['"\\"', ["\\"], null],
  ['\\"a\\"', ["\\a\\"], null],
  ['"\\""', ['"'], ['"']],
  ["'\\''", ["'"], ["'"]],
  ['"x\\\\\\"', ["x\\\\"], null],
  ['"abc\\" ', null, null],
  ['"abc\\"x', null, null],
];

test("lines split into the recorded words", () => {
  for (const [line, want] of ROWS) {
    assert.deepEqual(words(inlineSplit, line), want, JSON.stringify(line));
    assert.deepEqual(words(lineSplit, line), want, JSON.stringify(line));
  }
});

test("a backslash before the last quote differs between requests and files", () => {
  for (const [line, request, file] of ROWS_LAST_QUOTE) {
    assert.deepEqual(words(inlineSplit, line), request, JSON.stringify(line));
    assert.deepEqual(words(lineSplit, line), file, JSON.stringify(line));
  }
});

test("quoted bytes come back as they were", () => {
  const random = new Random(0x59117);
  for (let i = 0; i < 3000; i++) {
    const want: string[] = [];
    let line = "";
    for (let n = random.below(5); n > 0; n--) {
      const bytes = random.bytes(random.below(12));
      want.push(latin1(bytes, 0, bytes.length));
      line += quotedString(bytes, 0, bytes.length) + random.pick([" ", "\t", "  "]);
    }
    const note = `seed ${random.seed} step ${i}: ${line}`;
    assert.deepEqual(words(inlineSplit, line), want, note);
    assert.deepEqual(words(lineSplit, line), want, note);
  }
});

test("any bytes stay within the promised room", () => {
  const random = new Random(0x5b11);
  for (let i = 0; i < 20000; i++) {
    let line = "";
    for (let n = random.below(16); n > 0; n--) line += random.pick("ab\"'\\x0f \t\v\x00\xff");
    words(inlineSplit, line);
    words(lineSplit, line);
  }
});
