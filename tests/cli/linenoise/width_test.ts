// Characters: UTF-8, widths against the runtime's own Unicode tables, clusters with and without a
// segmenter, forward and backward.

import { test } from "node:test";
import assert from "node:assert/strict";
import {
  clusterEnd,
  clusterStart,
  clusterWidth,
  firstClusterByProperties,
  useFirstCluster,
} from "../../../cli/linenoise/grapheme.ts";
import { CLUSTER_CODE_POINTS_MAX } from "../../../cli/linenoise/limits.ts";
import {
  UTF8_INVALID,
  UTF8_PARTIAL,
  utf8Decode,
  utf8Previous,
} from "../../../cli/linenoise/utf8.ts";
import {
  CLASS_NARROW,
  CLASS_WIDE,
  CLASS_WIDE_JOINS,
  CLASS_ZERO,
  codePointClass,
} from "../../../cli/linenoise/width_table.ts";
import { codePointWidth } from "../../kit/screen_grid.ts";
import { raw, shown } from "./harness.ts";

const encoder = new TextEncoder();
const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";

/** Cluster texts of a byte run. */
function clusters(bytes: Uint8Array): string[] {
  const out: string[] = [];
  for (let off = 0; off < bytes.length;) {
    const stop = clusterEnd(bytes, off, bytes.length);
    out.push(shown(bytes.subarray(off, stop)));
    off = stop;
  }
  return out;
}

test("utf8Decode", () => {
  const rows: [string, number][] = [
    ["\x41", 0x41 * 8 + 1],
    ["\xe2\x82\xac", 0x20ac * 8 + 3],
    ["\xf4\x8f\xbf\xbf", 0x10ffff * 8 + 4],
    ["\xc3", UTF8_PARTIAL],
    ["\xf0\x9f\x98", UTF8_PARTIAL],
    ["\xc3\x41", UTF8_INVALID],
    ["\x80", UTF8_INVALID],
    ["\xc1\x80", UTF8_INVALID],
    ["\xe0\x80\x80", UTF8_INVALID],
    ["\xed\xa0\x80", UTF8_INVALID],
    ["\xf0\x80\x80\x80", UTF8_INVALID],
    ["\xf4\x90\x80\x80", UTF8_INVALID],
    ["\xf5\x80\x80\x80", UTF8_INVALID],
  ];
  for (const [bytes, expected] of rows) {
    const buf = raw(bytes);
    assert.equal(utf8Decode(buf, 0, buf.length), expected, JSON.stringify(bytes));
  }
});

test("utf8Decode agrees with TextEncoder on every scalar value, backward too", () => {
  for (let cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 7) {
    if (cp >= 0xd800 && cp <= 0xdfff) continue;
    const bytes = encoder.encode(String.fromCodePoint(cp));
    if (utf8Decode(bytes, 0, bytes.length) !== cp * 8 + bytes.length) assert.fail(cp.toString(16));
    if (utf8Previous(bytes, bytes.length) !== 0) assert.fail(cp.toString(16));
  }
  assert.equal(utf8Previous(raw("a\xe2\x82"), 3), 2);
  assert.equal(utf8Previous(raw("\x80\x80\x80\x80\x80"), 5), 4);
});

test("the width table's example: U+0300 to U+036F have no cell", () => {
  assert.equal(codePointClass(0x2ff), CLASS_NARROW);
  assert.equal(codePointClass(0x300), CLASS_ZERO);
  assert.equal(codePointClass(0x36f), CLASS_ZERO);
  assert.equal(codePointClass(0x370), CLASS_NARROW);
});

/** Runtimes with another Unicode version know other characters. */
const UNICODE_OF_TABLE = "17.0";

test("the width table agrees with the runtime's properties", () => {
  const wide = [CLASS_WIDE, CLASS_WIDE_JOINS];
  const version = (globalThis as { process?: { versions?: Record<string, string> } }).process
    ?.versions?.unicode;
  const same = version === UNICODE_OF_TABLE;
  let compared = 0;
  for (let cp = 0xa0; cp < 0x110000; cp++) {
    if (cp >= 0xd800 && cp <= 0xdfff) continue;
    const char = String.fromCodePoint(cp);
    if (!/^\p{Assigned}$/u.test(char) || /^\p{Co}$/u.test(char)) continue;
    const cls = codePointClass(cp);
    const mark = /^[\p{Mn}\p{Me}]$/u.test(char);
    if (mark && cls !== CLASS_ZERO && same) assert.fail(`mark ${cp.toString(16)}`);
    if (/^\p{Script=Han}$/u.test(char) && /^\p{Lo}$/u.test(char) && !wide.includes(cls)) {
      assert.fail(`Han ${cp.toString(16)}`);
    }
    const emoji = /^\p{Emoji_Presentation}$/u.test(char);
    const flagPart = /^\p{Regional_Indicator}$/u.test(char);
    if (emoji && !flagPart && !wide.includes(cls) && same) assert.fail(`emoji ${cp.toString(16)}`);
    if (/^\p{L}$/u.test(char) && cls === CLASS_ZERO && codePointWidth(cp) !== 0) {
      const filler = /^\p{Default_Ignorable_Code_Point}$/u.test(char);
      if (!filler) assert.fail(`letter ${cp.toString(16)}`);
    }
    compared++;
  }
  assert.ok(compared > 150_000);
});

const CLUSTERS: [string, string[]][] = [
  ["abc", ["a", "b", "c"]],
  ["e\u0301x", ["e\u0301", "x"]],
  ["\r\n", ["\r", "\n"]],
  [`a${FAMILY}b`, ["a", FAMILY, "b"]],
  ["\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}\u{1f1ec}", [
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f1eb}\u{1f1f7}",
    "\u{1f1ec}",
  ]],
  ["\u{1f44b}\u{1f3fd}\u{1f44b}", ["\u{1f44b}\u{1f3fd}", "\u{1f44b}"]],
  ["1\ufe0f\u20e32", ["1\ufe0f\u20e3", "2"]],
  ["\u2764\ufe0f\u2764", ["\u2764\ufe0f", "\u2764"]],
  ["\u1112\u1161\u11ab한", ["\u1112\u1161\u11ab", "한"]],
  ["\u0915\u094d\u0937\u093f\u0928", ["\u0915\u094d\u0937\u093f", "\u0928"]],
  ["\u0e01\u0e33\u0e02", ["\u0e01\u0e33", "\u0e02"]],
  ["\u0600\u0661", ["\u0600\u0661"]],
  ["a\u200bb", ["a", "\u200b", "b"]],
  ["\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}x", ["\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}", "x"]],
];

for (
  const [mode, replacement] of [["Intl", undefined], [
    "properties",
    firstClusterByProperties,
  ]] as const
) {
  test(`clusters by ${mode}`, () => {
    useFirstCluster(replacement);
    try {
      for (const [text, expected] of CLUSTERS) {
        assert.deepEqual(clusters(encoder.encode(text)), expected, JSON.stringify(text));
      }
    } finally {
      useFirstCluster();
    }
  });
}

test("clusters agree with Intl.Segmenter on mixed text", () => {
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  const pieces = CLUSTERS.map(([text]) => text).filter((text) => !text.includes("\r"));
  const text = pieces.join("") + pieces.reverse().join("漢") + pieces.join(" ");
  const expected = [...segmenter.segment(text)].map(({ segment }) => segment);
  assert.deepEqual(clusters(encoder.encode(text)), expected);
});

test("clusterStart finds what clusterEnd found", () => {
  const bytes = raw("");
  const text = encoder.encode(CLUSTERS.map(([piece]) => piece).join("-"));
  assert.equal(clusterStart(bytes, 0, 0), 0);
  const starts: number[] = [];
  for (let off = 0; off < text.length; off = clusterEnd(text, off, text.length)) starts.push(off);
  for (let off = text.length; off > 0;) {
    const start = clusterStart(text, off, text.length);
    assert.equal(start, starts.pop());
    off = start;
  }
  const broken = raw("a\xff\x80b\xe2\x82");
  const backward: number[] = [];
  for (let off = broken.length; off > 0;) {
    backward.push(off = clusterStart(broken, off, broken.length));
  }
  assert.deepEqual(backward, [5, 4, 3, 2, 1, 0]);
});

test("a cluster has a largest size", () => {
  const bytes = encoder.encode("a" + "\u0301".repeat(100));
  assert.equal(clusterEnd(bytes, 0, bytes.length), 1 + 2 * (CLUSTER_CODE_POINTS_MAX - 1));
});

test("cluster widths", () => {
  const rows: [string, number][] = [
    ["a", 1],
    ["漢", 2],
    ["e\u0301", 1],
    ["漢\u3099", 2],
    [FAMILY, 2],
    ["\u{1f1e9}\u{1f1ea}", 2],
    ["\u{1f1e9}", 1],
    ["\u{1f44b}\u{1f3fd}", 2],
    ["\u2764", 1],
    ["\u2764\ufe0f", 2],
    ["\u231a\ufe0e", 2],
    ["a\ufe0f", 1],
    ["1\ufe0f\u20e3", 2],
    ["\u1112\u1161\u11ab", 2],
    ["\u0915\u094d\u0937\u093f", 3],
    ["\u0301", 0],
    ["\u{1fac8}", 2],
  ];
  for (const [text, width] of rows) {
    const bytes = encoder.encode(text);
    assert.equal(clusterWidth(bytes, 0, bytes.length), width, JSON.stringify(text));
  }
});
