// What the screen looks like: wrapping, scrolling, widths, paste, decorations, completion, modes.

import { test } from "node:test";
import assert from "node:assert/strict";
import { type EditorOptions, textWidth } from "../../../cli/linenoise/mod.ts";
import { cases, FLUSH, raw, Terminal } from "./harness.ts";

const HOME = "\x01";
const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
const encoder = new TextEncoder();

cases("wrap", [
  {
    name: "one cell is left",
    input: ["1234567"],
    screen: ["> 1234567"],
    at: [0, 9],
  },
  {
    name: "the last column is filled, the cursor goes to the next row",
    input: ["12345678"],
    screen: ["> 12345678"],
    at: [1, 0],
    check: ({ grid }) => assert.ok(grid.wrapped(0)),
  },
  { name: "one more", input: ["123456789"], screen: ["> 12345678", "9"], at: [1, 1] },
  {
    name: "backspace over the border",
    input: ["123456789\x7f\x7f\x7f"],
    screen: ["> 123456"],
    at: [0, 8],
  },
  {
    name: "insert at the start",
    input: ["12345678", HOME, "x"],
    screen: ["> x1234567", "8"],
    at: [0, 3],
  },
  {
    name: "delete at the start",
    input: ["123456789", HOME, "\x04"],
    screen: ["> 23456789"],
    at: [0, 2],
  },
  { name: "left over the border", input: ["123456789\x02\x02"], at: [0, 9] },
  {
    name: "wide character does not fit in the last column",
    input: ["1234567漢"],
    screen: ["> 1234567", "漢"],
    at: [1, 2],
    check: ({ grid }) => assert.ok(grid.wrapped(0)),
  },
  { name: "wide character fills exactly", input: ["123456漢"], screen: ["> 123456漢"], at: [1, 0] },
  {
    name: "control sign is not cut",
    input: ["1234567\x16\x01"],
    screen: ["> 1234567", "^A"],
    at: [1, 2],
  },
  {
    name: "more rows than the screen: the window follows the cursor",
    input: ["a".repeat(8) + "b".repeat(10) + "c".repeat(10) + "d".repeat(10) + "e"],
    screen: ["bbbbbbbbbb", "cccccccccc", "dddddddddd", "e"],
    at: [3, 1],
  },
  {
    name: "and back to the start",
    input: ["a".repeat(8) + "b".repeat(10) + "c".repeat(10) + "d".repeat(10) + "e", HOME],
    screen: ["> aaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"],
    at: [0, 2],
  },
  {
    name: "a shrinking text fills the window again",
    input: ["a".repeat(8) + "b".repeat(10) + "c".repeat(10) + "d".repeat(10) + "e\x7f\x7f"],
    screen: ["> aaaaaaaa", "bbbbbbbbbb", "cccccccccc", "ddddddddd"],
    at: [3, 9],
  },
  {
    name: "a prompt as wide as the screen",
    options: { prompt: "0123456789" },
    input: ["ab"],
    screen: ["0123456789", "ab"],
    at: [1, 2],
  },
  {
    name: "a prompt wider than the screen",
    options: { prompt: "0123456789> " },
    input: ["12345678", "9"],
    screen: ["0123456789", "> 12345678", "9"],
    at: [2, 1],
  },
  {
    name: "a prompt of two lines, with colour and a hyperlink",
    options: { prompt: "\x1b[1;32mhost\x1b[0m\n\x1b]8;;x:y\x07>\x1b]8;;\x07 " },
    input: ["ab\r"],
    screen: ["host", "> ab"],
    at: [2, 0],
    check: ({ grid }) => assert.equal(grid.cell(0, 0).style, "1;32"),
  },
  {
    name: "an accepted line that fills the row",
    input: ["12345678\r"],
    screen: ["> 12345678"],
    events: ["line 12345678"],
  },
], { cols: 10, rows: 4 });

cases("line feeds", [
  {
    name: "continue on the next row",
    input: ["ab\x1b\rcd"],
    screen: ["> ab", ". cd"],
    at: [1, 4],
    check: ({ grid }) => assert.ok(!grid.wrapped(0)),
  },
  { name: "up and down inside the text", input: ["abc\x1b\rd\x1b[A", "x"], line: "axbc\nd" },
  {
    name: "down keeps the column",
    input: ["abc\x1b\rd\x1b\refg\x1b[A\x1b[A\x1b[B\x1b[B"],
    at: [2, 5],
  },
  { name: "home and end are of the row", input: ["ab\x1b\rcd\x01x\x05y"], line: "ab\nxcdy" },
  {
    name: "^K joins at the end",
    input: ["ab\x1b\rcd\x1b[A\x05\x0b"],
    line: "abcd",
    screen: ["> abcd"],
  },
  {
    name: "a full row before a line feed",
    input: ["12345678\x1b\rx"],
    screen: ["> 12345678", "", ". x"],
    at: [2, 3],
  },
  { name: "empty rows", input: ["\x1b\r\x1b\r"], screen: [">", ".", "."], at: [2, 2] },
  {
    name: "accepting leaves all rows",
    input: ["ab\x1b\rcd\x1b[A\r"],
    screen: ["> ab", ". cd"],
    at: [2, 0],
    events: ["line ab\ncd"],
  },
], { cols: 10, rows: 6, continuation: ". " });

cases("single line", [
  { name: "fits", input: ["1234567"], screen: ["> 1234567"], at: [0, 9] },
  { name: "scrolls", input: ["12345678"], screen: ["> 2345678"], at: [0, 9] },
  { name: "shows the start again", input: ["123456789", HOME], screen: ["> 1234567"], at: [0, 2] },
  { name: "wide characters scroll whole", input: ["12345漢字"], screen: ["> 345漢字"], at: [0, 9] },
  {
    name: "line feeds are a sign",
    input: ["a\x1b\rb"],
    screen: ["> a\u21b5b"],
    at: [0, 5],
    line: "a\nb",
  },
  {
    name: "hint is cut",
    options: { hint: () => ({ text: " hint text" }) },
    input: ["ab"],
    screen: ["> ab hint"],
    at: [0, 4],
  },
  {
    name: "a wide prompt is cut",
    options: { prompt: "0123456789> " },
    input: ["ab"],
    screen: ["789> ab"],
  },
], { cols: 10, rows: 4, multiLine: false });

cases("characters", [
  { name: "two bytes", input: ["é"], at: [0, 3], screen: ["> é"] },
  { name: "wide", input: ["漢字x\x02\x02"], at: [0, 4], screen: ["> 漢字x"] },
  { name: "combining mark", input: ["e\u0301x\x02\x02"], at: [0, 2] },
  { name: "backspace takes the whole cluster", input: ["e\u0301\x7f"], line: "", at: [0, 2] },
  { name: "emoji", input: ["\u{1f600}"], at: [0, 4] },
  { name: "family", input: [`${FAMILY}x\x02\x02`], at: [0, 2], screen: [`> ${FAMILY}x`] },
  { name: "delete of a family", input: [`${FAMILY}x`, HOME, "\x04"], line: "x", screen: ["> x"] },
  { name: "flag", input: ["\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}\x02"], at: [0, 4] },
  { name: "skin tone", input: ["\u{1f44b}\u{1f3fd}"], at: [0, 4] },
  { name: "variation selector 16", input: ["\u2764\ufe0f"], at: [0, 4] },
  { name: "text heart", input: ["\u2764"], at: [0, 3] },
  { name: "keycap", input: ["1\ufe0f\u20e3x"], at: [0, 5] },
  { name: "Hangul of three letters", input: ["\u1112\u1161\u11ab"], at: [0, 4] },
  { name: "Hangul syllable", input: ["한"], at: [0, 4] },
  { name: "Devanagari", input: ["\u0928\u093f"], at: [0, 4] },
  { name: "Thai", input: ["\u0e01\u0e33"], at: [0, 4] },
  { name: "fullwidth", input: ["\uff21"], at: [0, 4] },
  { name: "halfwidth katakana", input: ["\uff76\uff9e"], at: [0, 4] },
  { name: "zero width space is shown", input: ["a\u200bb"], screen: ["> a<U+200B>b"] },
  { name: "bidi control is shown", input: ["\u202eabc"], screen: ["> <U+202E>abc"] },
  { name: "lone mark is shown", input: ["\u0301"], screen: ["> <U+0301>"] },
  { name: "C1 control is shown", input: ["\u009b"], screen: ["> <U+009B>"] },
  { name: "line separator is shown", input: ["\u2028"], screen: ["> <U+2028>"] },
  {
    name: "invalid bytes are kept",
    input: [raw("a\xff\xfe\xc3b")],
    screen: ["> a\ufffd\ufffd\ufffdb"],
    line: "raw:a\xff\xfe\xc3b",
  },
  {
    name: "an overlong form is invalid",
    input: [raw("\xc0\x80")],
    line: "raw:\xc0\x80",
    at: [0, 4],
  },
  {
    name: "a surrogate is invalid",
    input: [raw("\xed\xa0\x80")],
    line: "raw:\xed\xa0\x80",
    at: [0, 5],
  },
  {
    name: "backspace takes one invalid byte",
    input: [raw("\xff\xfe\x7f")],
    line: "raw:\xff",
    at: [0, 3],
  },
  {
    name: "a mark typed later joins",
    input: ["ae", "\x02", "\u0301"],
    line: "a\u0301e",
    at: [0, 3],
  },
  { name: "transpose of clusters", input: ["e\u0301漢\x14"], line: "漢e\u0301" },
], { cols: 20, rows: 4 });

cases("paste", [
  { name: "is text", input: ["\x1b[200~a\tb\x03\x1b[Ac\x1b[201~d"], line: "a\tb\x03\x1b[Acd" },
  {
    name: "never accepts",
    input: ["\x1b[200~one\rtwo\r\nthree\n\x1b[201~"],
    line: "one\ntwo\nthree\n",
    events: [],
  },
  { name: "is shown on rows", input: ["\x1b[200~one\rtwo\x1b[201~"], screen: ["> one", "two"] },
  { name: "is one undo step", input: ["ab\x1b[200~c\rd\x1b[201~ef\x1f\x1f"], line: "ab" },
  { name: "empty", input: ["\x1b[200~\x1b[201~a"], line: "a" },
  {
    name: "false end marks",
    input: ["\x1b[200~\x1b[20\x1b[201\x1b[201~x"],
    line: "\x1b[20\x1b[201x",
  },
  {
    name: "flush does not end it",
    input: ["\x1b[200~a\x1b", FLUSH, "\rb\x1b[201~"],
    line: "a\x1b\nb",
  },
  { name: "end mark outside is swallowed", input: ["a\x1b[201~b"], line: "ab" },
  {
    name: "ends a search",
    options: { past: ["foo bar"] },
    input: ["\x12bar\x1b[200~x\ry\x1b[201~"],
    line: "foo x\nybar",
  },
  { name: "accepted as one line", input: ["\x1b[200~a\rb\x1b[201~\r"], events: ["line a\nb"] },
]);

const hint: EditorOptions["hint"] = (line) =>
  line.length === 3 ? { text: " key value [NX|XX] more and more", color: 35, bold: true } : null;

cases("hints and suggestions", [
  {
    name: "hint is cut at the end of the row",
    options: { hint },
    input: ["get"],
    screen: ["> get key value [NX"],
    at: [0, 5],
    check: ({ grid }) => {
      assert.equal(grid.cell(0, 6).style, "1;35");
      assert.equal(grid.cell(0, 4).style, "");
    },
  },
  { name: "hint goes away", options: { hint }, input: ["gets"], screen: ["> gets"] },
  {
    name: "hint is gone after the line",
    options: { hint },
    input: ["get\r"],
    screen: ["> get"],
    line: "get",
  },
  { name: "hint is gone after ^C", options: { hint }, input: ["get\x03"], screen: ["> get"] },
  {
    name: "no room, no hint",
    options: { hint: () => ({ text: "hint" }) },
    input: ["12345678901234567"],
    screen: ["> 12345678901234567"],
    at: [0, 19],
  },
  {
    name: "a hint with controls is harmless",
    options: { hint: () => ({ text: "\x1b[2J\n" }) },
    input: ["a"],
    screen: ["> a^[[2J\u21b5"],
  },
  {
    name: "wide hint cells are not cut",
    options: { hint: () => ({ text: "漢".repeat(20) }) },
    input: ["ab"],
    screen: ["> ab漢漢漢漢漢漢漢"],
  },
  {
    name: "no colour keeps attributes",
    options: { hint, color: false },
    input: ["get"],
    check: ({ grid }) => assert.equal(grid.cell(0, 6).style, "1"),
  },
  {
    name: "suggestion is dim",
    options: { suggestions: true, past: ["get foo", "get bar", "set x"] },
    input: ["get"],
    screen: ["> get bar"],
    at: [0, 5],
    line: "get",
    check: ({ grid }) => assert.equal(grid.cell(0, 6).style, "2"),
  },
  ...["\x1b[C", "\x06", "\x05", "\x1b[F"].map((key) => ({
    name: `suggestion taken by ${JSON.stringify(key)}`,
    options: { suggestions: true, past: ["get foo"] },
    input: ["ge", key],
    line: "get foo",
    at: [0, 9] as [number, number],
  })),
  {
    name: "a word of the suggestion",
    options: { suggestions: true, past: ["get foo"] },
    input: ["ge\x1bf"],
    line: "get",
  },
  {
    name: "no suggestion away from the end",
    options: { suggestions: true, past: ["get foo"] },
    input: ["ge\x02"],
    screen: ["> ge"],
  },
  {
    name: "suggestion is not accepted by enter",
    options: { suggestions: true, past: ["get foo"] },
    input: ["ge\r"],
    events: ["line ge"],
    screen: ["> ge"],
  },
  {
    name: "highlight",
    options: {
      highlight: () => [{ from: 0, to: 3, style: "1;36" }, { from: 4, to: 99, style: "32" }],
    },
    input: ["get x"],
    check: ({ grid }) => {
      const styles = [2, 4, 5, 6].map((col) => grid.cell(0, col).style);
      assert.deepEqual(styles, ["1;36", "1;36", "", "32"]);
    },
  },
  {
    name: "highlight without colour",
    options: { color: false, highlight: () => [{ from: 0, to: 3, style: "1;38;5;200;4" }] },
    input: ["get"],
    check: ({ grid }) => assert.equal(grid.cell(0, 2).style, "1;4"),
  },
]);

const complete: EditorOptions["complete"] = (line, cursor) => {
  const word = new TextDecoder().decode(line.subarray(0, cursor));
  const all = ["get", "getdel", "getex", "set", "日本", "日没"];
  const found = all.filter((name) => name.startsWith(word));
  return { from: 0, to: cursor, candidates: found.map((text) => ({ text })) };
};

cases("completion by cycling", [
  { name: "first", input: ["ge\t"], line: "get", at: [0, 5] },
  { name: "second", input: ["ge\t\t"], line: "getdel" },
  { name: "around to the line as it was", input: ["ge\t\t\t\t"], line: "ge", bells: 1 },
  { name: "and again", input: ["ge\t\t\t\t\t"], line: "get" },
  { name: "backwards", input: ["ge\t\x1b[Z\x1b[Z"], line: "getex" },
  { name: "ESC restores", input: ["ge\t\t\x1b", FLUSH], line: "ge", at: [0, 4] },
  { name: "a key keeps it", input: ["ge\t x"], line: "get x" },
  { name: "enter accepts", input: ["s\t\r"], events: ["line set"] },
  { name: "nothing rings", input: ["zz\t"], line: "zz", bells: 1 },
  { name: "undo takes the candidate back", input: ["ge\t\t\x1f"], line: "ge" },
  { name: "in the middle", input: ["ge x\x02\x02\t"], line: "get x", at: [0, 5] },
], { complete });

cases("completion by list", [
  {
    name: "common beginning and list",
    input: ["g\t"],
    line: "get",
    screen: ["> get", "get     getex", "getdel"],
    at: [0, 5],
  },
  {
    name: "next TAB selects",
    input: ["g\t\t\t"],
    line: "getdel",
    screen: ["> getdel", "get     getex", "getdel"],
    check: ({ grid }) => {
      assert.equal(grid.cell(2, 0).style, "7");
      assert.equal(grid.cell(1, 0).style, "");
    },
  },
  { name: "ESC restores and closes", input: ["g\t\t\x1b", FLUSH], line: "get", screen: ["> get"] },
  { name: "a key closes", input: ["g\tx"], line: "getx", screen: ["> getx"] },
  { name: "enter closes", input: ["g\t\r"], screen: ["> get"], events: ["line get"], at: [1, 0] },
  { name: "one candidate needs no list", input: ["s\t"], line: "set", screen: ["> set"] },
  { name: "characters are not cut", input: ["\t"], line: "" },
  {
    name: "common bytes of a character are not inserted",
    input: ["日\t"],
    line: "日",
    screen: ["> 日", "日本  日没"],
  },
  {
    name: "pages",
    options: {
      rows: 4,
      complete: () => ({
        from: 0,
        to: 0,
        candidates: Array.from({ length: 30 }, (_, i) => ({ text: `name${i}` })),
      }),
    },
    input: ["\t\t\t\t\t\t\t\t"],
    screen: ["> name6", "name4   name6", "name5   name7", "(2/8)"],
  },
], { complete, completion: "list", cols: 20, rows: 6 });

cases("history", [
  { name: "up", input: ["\x1b[A"], line: "two", at: [0, 5] },
  { name: "^P ^P", input: ["\x10\x10"], line: "one" },
  { name: "beyond the oldest rings", input: ["\x10\x10\x10"], line: "one", bells: 1 },
  { name: "back to the typed line", input: ["new\x10\x10\x0e\x0e"], line: "new" },
  { name: "down at the line rings", input: ["new\x0e"], line: "new", bells: 1 },
  { name: "edits are kept while walking", input: ["\x10x\x10\x0e"], line: "twox" },
  { name: "Alt-<", input: ["\x1b<"], line: "one" },
  { name: "Alt->", input: ["new\x1b<\x1b>"], line: "new" },
  {
    name: "Alt-.",
    options: { past: ["get foo", "set bar 1"] },
    input: ["del \x1b."],
    line: "del 1",
  },
  {
    name: "Alt-. twice",
    options: { past: ["get foo", "set bar 1"] },
    input: ["del \x1b.\x1b."],
    line: "del foo",
  },
  {
    name: "up by prefix",
    options: { prefixSearch: true, past: ["get a", "set b", "get c", "set d"] },
    input: ["ge\x1b[A\x1b[A"],
    line: "get a",
    at: [0, 4],
  },
  {
    name: "down by prefix",
    options: { prefixSearch: true, past: ["get a", "set b", "get c"] },
    input: ["ge\x1b[A\x1b[A\x1b[B\x1b[B"],
    line: "ge",
  },
  {
    name: "an entry of two rows",
    options: { past: ["a\nb"] },
    input: ["\x10"],
    screen: ["> a", "b"],
    at: [1, 1],
  },
], { past: ["one", "two"] });

cases("search", [
  {
    name: "finds the newest",
    input: ["\x12ar"],
    screen: ["(reverse-i-search)`ar': get bar"],
    at: [0, 29],
    check: ({ grid }) => assert.equal(grid.cell(0, 29).style, "4"),
  },
  { name: "the next one", input: ["\x12ge\x12"], screen: ["(reverse-i-search)`ge': get foo"] },
  {
    name: "equal lines show once",
    input: ["\x12et\x12\x12"],
    screen: ["(reverse-i-search)`et': set foo"],
  },
  { name: "forward again", input: ["\x12ge\x12\x13"], screen: ["(i-search)`ge': get bar"] },
  {
    name: "failing",
    input: ["\x12arx"],
    screen: ["(failed reverse-i-search)`arx': get bar"],
    bells: 1,
  },
  { name: "backspace", input: ["\x12arx\x7f"], screen: ["(reverse-i-search)`ar': get bar"] },
  { name: "enter runs it", input: ["\x12foo\r"], events: ["line get foo"], screen: ["> get foo"] },
  { name: "ESC takes it", input: ["\x12fo\x1b", FLUSH], line: "get foo", at: [0, 6] },
  { name: "a motion takes it", input: ["\x12fo\x05x"], line: "get foox" },
  { name: "^G gives up", input: ["abc\x02\x12fo\x07"], line: "abc", at: [0, 4], screen: ["> abc"] },
  {
    name: "^C cancels the line",
    input: ["abc\x12fo\x03"],
    events: ["cancel abc"],
    screen: ["> abc"],
  },
  {
    name: "small letters find capitals",
    options: { past: ["GET Foo"] },
    input: ["\x12get f\r"],
    events: ["line GET Foo"],
  },
  {
    name: "capitals are exact",
    input: ["\x12GET"],
    screen: ["(failed reverse-i-search)`GET':"],
    bells: 3,
  },
  { name: "the last query again", input: ["\x12foo\x05\x15\x12\x12\r"], events: ["line set foo"] },
  { name: "the line itself is searched", input: ["foo bar\x12oo\x05"], line: "foo bar" },
  {
    name: "wide query",
    options: { past: ["漢字"] },
    input: ["\x12字"],
    screen: ["(reverse-i-search)`字': 漢字"],
    at: [0, 26],
  },
  { name: "going on with history", input: ["\x12foo\x01\x10"], line: "set foo" },
], { past: ["set foo", "get foo", "get bar", "get bar"], cols: 40 });

cases("passwords", [
  {
    name: "mask",
    options: { line: { echo: "mask" } },
    input: ["sec\u00e9"],
    screen: ["> ****"],
    line: "secé",
  },
  {
    name: "mask gives the text",
    options: { line: { echo: "mask" } },
    input: ["sec\r"],
    events: ["line sec"],
    screen: ["> ***"],
    line: "",
  },
  {
    name: "hidden",
    options: { line: { echo: "hidden" } },
    input: ["secret\x02\x7f"],
    screen: [">"],
    at: [0, 2],
    line: "secrt",
  },
  {
    name: "hidden gives the text",
    options: { line: { echo: "hidden" } },
    input: ["secret\r"],
    events: ["line secret"],
    screen: [">"],
    at: [1, 0],
  },
  {
    name: "nothing of the history, hints or completion",
    options: {
      line: { echo: "mask" },
      past: ["set x"],
      suggestions: true,
      hint: () => ({ text: "hint" }),
      complete,
      highlight: () => [{ from: 0, to: 9, style: "31" }],
    },
    input: ["s\t\x10\x12\x1b.\x18\x05"],
    screen: ["> *"],
    bells: 5,
    events: [],
  },
]);

test("a killed password cannot be yanked into the next line", () => {
  const terminal = new Terminal({ line: { echo: "mask" } }).start();
  terminal.type("secret\x15\r").start("> ", {}).type("\x19");
  assert.equal(terminal.line, "");
});

test("asynchronous output: hide, write, show", () => {
  const terminal = new Terminal({ cols: 10, rows: 6 }).start().type("123456789012");
  terminal.write(terminal.editor.hide());
  assert.deepEqual(terminal.grid.text(), []);
  terminal.write(encoder.encode("message\r\n"));
  terminal.type("34");
  assert.deepEqual(terminal.grid.text(), ["message"]);
  terminal.write(terminal.editor.show());
  assert.deepEqual(terminal.grid.text(), ["message", "> 12345678", "901234"]);
  assert.deepEqual([terminal.grid.row, terminal.grid.col], [2, 6]);
  terminal.type("\r");
  assert.deepEqual([terminal.grid.row, terminal.grid.col], [3, 0]);
});

test("a line accepted while hidden is shown", () => {
  const terminal = new Terminal().start().type("abc");
  terminal.write(terminal.editor.hide());
  terminal.type("d\r");
  assert.deepEqual(terminal.grid.text(), ["> abcd"]);
});

test("release and resume around another program; input waits", () => {
  const terminal = new Terminal().start().type("abc\x18\x05xy");
  assert.equal(terminal.line, "abc");
  terminal.write(terminal.editor.release());
  assert.equal(terminal.grid.pasteMode, false);
  assert.deepEqual(terminal.grid.text(), []);
  terminal.type("z");
  terminal.write(terminal.editor.setLine(encoder.encode("edited")));
  assert.deepEqual(terminal.grid.text(), []);
  terminal.take(terminal.editor.resume());
  assert.equal(terminal.grid.pasteMode, true);
  assert.deepEqual(terminal.grid.text(), ["> editedxyz"]);
  terminal.type("\x1f\x1f");
  assert.equal(terminal.line, "abc");
});

test("typed ahead input goes to the next line", () => {
  const terminal = new Terminal().start().type("one\rtwo\rthr");
  assert.deepEqual(terminal.events.map((event) => event.kind), ["line"]);
  terminal.start().start();
  assert.deepEqual(terminal.events.map((event) => event.kind), ["line", "line"]);
  assert.deepEqual(terminal.grid.text(), ["> one", "> two", "> thr"]);
  const rest = new Terminal().start().type("a\rbc").editor.dropInput();
  assert.equal(new TextDecoder().decode(rest), "bc");
});

test("a late completion answer", () => {
  const answer = { from: 0, to: 1, candidates: [{ text: "get" }] };
  const early = new Terminal().start().type("g\t");
  early.write(early.editor.completions(answer));
  assert.equal(early.line, "get");
  const late = new Terminal().start().type("g\tx");
  late.write(late.editor.completions(answer));
  assert.equal(late.line, "gx");
});

test("enter goes on while the text is not complete", () => {
  const isComplete = (line: Uint8Array) => line.at(-1) === 0x3b;
  const terminal = new Terminal({ isComplete }).start().type("a\rb;\r");
  assert.deepEqual(terminal.grid.text(), ["> a", "b;"]);
  assert.equal(terminal.events.length, 1);
});

test("the prompt changes while editing", () => {
  const terminal = new Terminal().start().type("abc\x02");
  terminal.write(terminal.editor.setPrompt("longer> "));
  assert.deepEqual(terminal.grid.text(), ["longer> abc"]);
  assert.equal(terminal.grid.col, 10);
});

test("stop leaves the picture and paste mode", () => {
  const terminal = new Terminal({ hint: () => ({ text: "hint" }) }).start().type("abc\x02");
  terminal.write(terminal.editor.stop());
  assert.deepEqual(terminal.grid.text(), ["> abc"]);
  assert.deepEqual([terminal.grid.row, terminal.grid.col], [1, 0]);
  assert.equal(terminal.grid.pasteMode, false);
  assert.equal(terminal.editor.active, false);
});

test("clear screen keeps the line", () => {
  const terminal = new Terminal();
  terminal.write(encoder.encode("old\r\nold\r\n"));
  terminal.start().type("abc\x0c");
  assert.deepEqual(terminal.grid.text(), ["> abc"]);
  assert.deepEqual([terminal.grid.row, terminal.grid.col], [0, 5]);
});

test("text width", () => {
  assert.deepEqual(["abc", "漢字", FAMILY, "e\u0301", "\x01"].map(textWidth), [3, 4, 2, 1, 2]);
});
