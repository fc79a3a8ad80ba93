import { test } from "node:test";
import assert from "node:assert/strict";
import {
  asciiLower,
  asciiUpper,
  bytesCompare,
  bytesEqual,
  copyBytes,
  equalsIgnoreCase,
  fromLatin1,
  hexDigitValue,
  isSpace,
  latin1,
  quotedLenMax,
  quotedString,
  quoteInto,
} from "../../../lib/bytes/ascii.ts";
import { Random } from "./random.ts";

test("asciiLower and asciiUpper touch the 26 letters only", () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    const letter = /[A-Za-z]/.test(char);
    assert.equal(asciiLower(byte), letter ? char.toLowerCase().charCodeAt(0) : byte);
    assert.equal(asciiUpper(byte), letter ? char.toUpperCase().charCodeAt(0) : byte);
  }
});

test("isSpace and hexDigitValue over every byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    assert.equal(isSpace(byte), " \t\n\v\f\r".includes(char), `space ${byte}`);
    const value = /[0-9A-Fa-f]/.test(char) ? parseInt(char, 16) : -1;
    assert.equal(hexDigitValue(byte), value, `hex ${byte}`);
  }
});

test("equalsIgnoreCase folds the range, not the constant", () => {
  const rows: [string, string, boolean][] = [
    ["get", "get", true],
    ["GET", "get", true],
    ["GeT", "get", true],
    ["get", "GET", false],
    ["gets", "get", false],
    ["ge", "get", false],
    ["", "", true],
    ["[", "{", false],
    ["@", "`", false],
    ["\xc9", "\xe9", false],
  ];
  for (const [range, constant, want] of rows) {
    const buf = fromLatin1("__" + range + "__");
    assert.equal(equalsIgnoreCase(buf, 2, range.length, fromLatin1(constant)), want, range);
  }
});

test("bytesEqual and bytesCompare order by unsigned byte, then length", () => {
  const sorted = ["", "\x00", "\x00\x00", "a", "a\x00", "aa", "ab", "b", "\x7f", "\x80", "\xff"];
  for (let i = 0; i < sorted.length; i++) {
    for (let j = 0; j < sorted.length; j++) {
      const a = fromLatin1("x" + sorted[i]);
      const b = fromLatin1("yy" + sorted[j]);
      const order = bytesCompare(a, 1, a.length - 1, b, 2, b.length - 2);
      assert.equal(Math.sign(order), Math.sign(i - j), `${i} ${j}`);
      if (sorted[i].length === sorted[j].length) {
        assert.equal(bytesEqual(a, 1, b, 2, sorted[i].length), i === j);
      }
    }
  }
});

test("copyBytes copies exactly the range for lengths around both thresholds", () => {
  const source = new Random(1).bytes(400);
  for (let len = 0; len < 200; len++) {
    const target = new Uint8Array(400).fill(0xee);
    copyBytes(source, 7, target, 11, len);
    const want = new Uint8Array(400).fill(0xee);
    for (let i = 0; i < len; i++) want[11 + i] = source[7 + i];
    assert.deepEqual(target, want);
  }
});

test("copyBytes moves overlapping ranges of one array in both directions", () => {
  for (let len = 0; len < 80; len++) {
    for (const shift of [-30, -3, -1, 0, 1, 2, 30]) {
      const buf = new Random(2).bytes(200);
      const want = buf.slice();
      for (let i = 0; i < len; i++) want[60 + shift + i] = buf[60 + i];
      copyBytes(buf, 60, buf, 60 + shift, len);
      assert.deepEqual(buf, want, `${len} ${shift}`);
    }
  }
});

test("latin1 and fromLatin1 keep every byte, long ranges too", () => {
  for (const len of [0, 1, 255, 4095, 4096, 4097, 200000]) {
    const bytes = new Random(3).bytes(len + 2);
    const text = latin1(bytes, 1, len);
    assert.equal(text.length, len);
    assert.deepEqual(fromLatin1(text), bytes.slice(1, len + 1));
  }
});

test("quoteInto escapes as the reference prints strings", () => {
  const rows: [string, string][] = [
    ["", '""'],
    ["plain text", '"plain text"'],
    ['a"b', '"a\\"b"'],
    ["a\\b", '"a\\\\b"'],
    ["it's", '"it\'s"'],
    ["\n\r\t\x07\b", '"\\n\\r\\t\\a\\b"'],
    ["\x00\x0b\x0c\x1b\x7f", '"\\x00\\x0b\\x0c\\x1b\\x7f"'],
    ["\x80\xab\xff ~", '"\\x80\\xab\\xff ~"'],
  ];
  for (const [raw, want] of rows) {
    const src = fromLatin1("<" + raw + ">");
    assert.equal(quotedString(src, 1, raw.length), want);
    const dst = new Uint8Array(quotedLenMax(raw.length) + 3);
    const written = quoteInto(src, 1, raw.length, dst, 3);
    assert.equal(latin1(dst, 3, written), want);
  }
});

test("quoteInto never writes more than quotedLenMax", () => {
  const src = new Uint8Array(16).fill(1);
  assert.equal(quotedString(src, 0, 16).length, quotedLenMax(16));
});
