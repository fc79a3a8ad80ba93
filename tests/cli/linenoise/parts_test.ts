// The parts without a screen: history and its file, search, undo, kill ring, buffer, words, layout,
// key decoder, styles, completion.

import { test } from "node:test";
import assert from "node:assert/strict";
import { commonPrefix, listRows } from "../../../cli/linenoise/completion.ts";
import { type Reflow, rowsAboveCursor } from "../../../cli/linenoise/painter_ansi.ts";
import { History, HistoryWalk } from "../../../cli/linenoise/history.ts";
import {
  historyDecodeLine,
  historyEncodeLine,
  historyLoad,
  historySave,
} from "../../../cli/linenoise/history_file.ts";
import { KeyDecoder } from "../../../cli/linenoise/key_decoder.ts";
import { KillRing } from "../../../cli/linenoise/kill_ring.ts";
import { Layout } from "../../../cli/linenoise/layout.ts";
import {
  HISTORY_ENTRY_BYTES_MAX,
  KILL_RING_MAX,
  UNDO_STEPS_MAX,
} from "../../../cli/linenoise/limits.ts";
import { lastIndexOf } from "../../../cli/linenoise/search.ts";
import { promptCells, stripColors } from "../../../cli/linenoise/style.ts";
import { TextBuffer } from "../../../cli/linenoise/text_buffer.ts";
import { UndoStacks } from "../../../cli/linenoise/undo.ts";
import { lineEnd, lineStart, wordEnd, wordStart } from "../../../cli/linenoise/words.ts";
import { raw, shown } from "./harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const NOTHING = new Uint8Array(0);

function historyOf(...lines: string[]): History {
  const history = new History();
  for (const line of lines) history.add(bytes(line));
  return history;
}

const linesOf = (history: History) => history.entries().map((entry) => shown(entry.line));

test("history: neighbours differ, empty and huge lines are left out, the oldest go", () => {
  const history = new History(3);
  assert.equal(history.add(bytes("a")), true);
  assert.equal(history.add(bytes("a")), false);
  assert.equal(history.add(NOTHING), false);
  assert.equal(history.add(new Uint8Array(HISTORY_ENTRY_BYTES_MAX + 1)), false);
  assert.equal(history.add(new Uint8Array(HISTORY_ENTRY_BYTES_MAX)), true);
  for (const line of ["b", "c", "a"]) history.add(bytes(line));
  assert.deepEqual(linesOf(history), ["b", "c", "a"]);
  history.setMax(1);
  assert.deepEqual(linesOf(history), ["a"]);
  history.setMax(0);
  assert.equal(history.add(bytes("x")), false);
  assert.equal(history.length, 0);
});

test("history: the entry is a copy", () => {
  const history = new History();
  const line = bytes("secret");
  history.add(line);
  line.fill(0);
  assert.deepEqual(linesOf(history), ["secret"]);
});

test("history walk: positions and edits", () => {
  const walk = new HistoryWalk(historyOf("one", "two"));
  assert.equal(shown(walk.go(1, bytes("typed"))!), "two");
  assert.equal(shown(walk.go(2, bytes("two!"))!), "one");
  assert.equal(walk.go(3, bytes("one")), undefined);
  assert.equal(shown(walk.go(1, bytes("one"))!), "two!");
  assert.equal(shown(walk.go(0, bytes("two!"))!), "typed");
  assert.equal(walk.go(-1, NOTHING), undefined);
});

const FILE_ROWS: [string, string][] = [
  ["get a", "get a\n"],
  ['set a "\\n\\x00"', 'set a "\\n\\x00"\n'],
  ["a\nb\\", "\\|a\\nb\\\\\n"],
  ["a\rb\0c", "\\|a\\rb\\0c\n"],
  ["\\|", "\\|\\\\|\n"],
  ["\xff\xfe raw", "\xff\xfe raw\n"],
  ["ends in CR\r", "\\|ends in CR\\r\n"],
];

test("history file: each line comes back as it was", () => {
  for (const [line, file] of FILE_ROWS) {
    assert.deepEqual(historyEncodeLine(raw(line)), raw(file), JSON.stringify(line));
    assert.deepEqual(historyDecodeLine(raw(file.slice(0, -1))), raw(line), JSON.stringify(file));
  }
  assert.deepEqual(
    [...historyEncodeLine(bytes("a\nb\\"))],
    [0x5c, 0x7c, 0x61, 0x5c, 0x6e, 0x62, 0x5c, 0x5c, 0x0a],
  );
  assert.equal(shown(historyDecodeLine(bytes("\\|a\\qb\\"))), "a\\qb\\");
});

test("history file: save and load, secrets stay out", () => {
  const history = new History();
  for (const [line] of FILE_ROWS) history.add(raw(line));
  history.add(bytes("auth secret"), { secret: true });
  const file = historySave(history.entries());
  assert.deepEqual(file, raw(FILE_ROWS.map((row) => row[1]).join("")));
  const loaded = new History();
  assert.equal(historyLoad(loaded, file), FILE_ROWS.length);
  assert.deepEqual(linesOf(loaded), linesOf(history).slice(0, -1));
});

test("history: a secret line can be walked to but is never offered", () => {
  const history = new History();
  history.add(bytes("append k v"));
  history.add(bytes("auth secret"), { secret: true });
  assert.equal(shown(history.suggestion(bytes("a"))!), "append k v");
  assert.equal(history.suggestion(bytes("auth")), undefined);
  assert.equal(shown(new HistoryWalk(history).go(1, NOTHING)!), "auth secret");
});

test("history file: CR LF, empty lines, no last line feed, more than fit", () => {
  const history = new History(3);
  assert.equal(historyLoad(history, bytes("x\r\n\r\n\ny\nz\n\nw")), 2);
  assert.deepEqual(linesOf(history), ["z", "w"]);
  assert.equal(historyLoad(new History(), NOTHING), 0);
  const many = bytes(Array.from({ length: 100_000 }, (_, i) => `set key:${i} value`).join("\n"));
  const large = new History(100_000);
  assert.equal(historyLoad(large, many), 100_000);
  assert.equal(shown(large.suggestion(bytes("set key:99999"))!), "set key:99999 value");
});

test("search: last occurrence, ASCII case", () => {
  const rows: [string, string, boolean, number][] = [
    ["abcabc", "abc", false, 3],
    ["abcabc", "x", false, -1],
    ["GET get", "get", false, 4],
    ["GET", "get", true, 0],
    ["GET", "get", false, -1],
    ["a", "abc", true, -1],
    ["abc", "", true, 3],
  ];
  for (const [line, needle, fold, off] of rows) {
    assert.equal(lastIndexOf(bytes(line), bytes(needle), fold), off, `${line} ${needle}`);
  }
});

test("undo: the header's example", () => {
  const text = new TextBuffer();
  const stacks = new UndoStacks();
  for (const [off, char] of ["a", "b"].entries()) {
    stacks.record({ off, removed: NOTHING, inserted: 1, cursor: off, typed: true });
    text.replace(off, 0, bytes(char));
  }
  assert.equal(stacks.undo(text, 2), 0);
  assert.equal(text.len, 0);
  assert.equal(stacks.undo(text, 0), -1);
  assert.equal(stacks.redo(text, 0), 2);
  assert.equal(shown(text.copy()), "ab");
});

test("undo: a limited number of steps", () => {
  const text = new TextBuffer();
  const stacks = new UndoStacks();
  for (let i = 0; i < UNDO_STEPS_MAX + 5; i++) {
    stacks.record({ off: i, removed: NOTHING, inserted: 1, cursor: i, typed: false });
    text.replace(i, 0, bytes("x"));
  }
  let undone = 0;
  while (stacks.undo(text, text.len) >= 0) undone++;
  assert.equal(undone, UNDO_STEPS_MAX);
  assert.equal(text.len, 5);
});

test("kill ring: growth, rotation, limit", () => {
  const ring = new KillRing();
  assert.equal(ring.newest(), undefined);
  assert.equal(ring.rotate(), undefined);
  ring.push(bytes("b"), "no");
  ring.push(bytes("c"), "end");
  ring.push(bytes("a"), "start");
  assert.equal(shown(ring.newest()!), "abc");
  for (let i = 0; i < KILL_RING_MAX; i++) ring.push(bytes(`${i}`), "no");
  const seen = new Set<string>([shown(ring.newest()!)]);
  for (let i = 1; i < KILL_RING_MAX; i++) seen.add(shown(ring.rotate()!));
  assert.equal(seen.size, KILL_RING_MAX);
  assert.ok(!seen.has("abc"));
});

test("text buffer: growth, dirty offset, wiping", () => {
  const text = new TextBuffer();
  text.replace(0, 0, bytes("x".repeat(1000)));
  text.replace(500, 10, bytes("abc"));
  assert.equal(text.len, 993);
  assert.equal(shown(text.slice(499, 504)), "xabcx");
  assert.equal(text.takeDirty(), 0);
  assert.equal(text.takeDirty(), Infinity);
  text.replace(7, 1, NOTHING);
  assert.equal(text.takeDirty(), 7);
  const old = text.bytes;
  text.reset(true);
  assert.ok(old.every((byte) => byte === 0));
});

test("words and lines", () => {
  const text = bytes("ab_1 -é x\ny");
  assert.deepEqual([0, 2, 4, 9].map((off) => wordEnd(text, off, text.length)), [4, 4, 8, 10]);
  assert.deepEqual([0, 4, 8, 12].map((off) => wordStart(text, off)), [0, 0, 6, 11]);
  assert.deepEqual([8, 6].map((off) => wordStart(text, off, true)), [5, 5]);
  assert.deepEqual([0, 11].map((off) => lineStart(text, off)), [0, 11]);
  assert.deepEqual([0, 10, 11].map((off) => lineEnd(text, off, text.length)), [10, 10, 12]);
});

test("layout: the header's example", () => {
  const text = bytes("abcdefgh\ni");
  const layout = new Layout({ bytes: text, len: text.length }, {
    cols: 8,
    firstCol: 2,
    nextCol: 0,
    mode: "unicode",
  });
  assert.equal(layout.rowOf(text.length), 2);
  assert.deepEqual([0, 1, 2].map((row) => layout.rowStart(row)), [0, 6, 9]);
  assert.deepEqual([0, 1, 2].map((row) => layout.rowEnd(row)), [6, 8, 10]);
  assert.deepEqual([0, 1, 2].map((row) => layout.isSoft(row)), [true, false, false]);
  assert.equal(layout.hasRow(3), false);
  assert.equal(layout.colOf(1, 7), 1);
});

test("keys: names of a stream", () => {
  const rows: [string, string[]][] = [
    ["\x1b[1;7D", ["ctrl-alt-left"]],
    ["\x1b\x1b[A", ["alt-up"]],
    ["\x1b\x1bOA", ["alt-up"]],
    ["\x1b\x1ba", ["escape", "alt-a"]],
    ["\x1b[122;6u", ["ctrl-shift-z"]],
    ["\x1b[32;5u", ["ctrl-space"]],
    ["\x1b[44:60;4u", ["alt-<"]],
    ["\x1b[13;2u", ["shift-enter"]],
    ["\x1b[9;2u", ["shift-tab"]],
    ["\x1b[27u", ["escape"]],
    ["\x1b[a", ["up"]],
    ["\x1b[11~", []],
    ["\x1b[1;5P", ["ctrl-f1"]],
    ["\x00\x1f\x1d", ["ctrl-space", "ctrl-_", "ctrl-]"]],
  ];
  for (const [input, names] of rows) {
    const decoder = new KeyDecoder();
    decoder.push(bytes(input));
    const found: string[] = [];
    for (let key = decoder.next(); key !== null; key = decoder.next()) found.push(key.name);
    assert.deepEqual(found, names, JSON.stringify(input));
    assert.equal(decoder.pending, 0);
  }
});

test("keys: a long queue keeps its order", () => {
  const decoder = new KeyDecoder();
  let expected = "";
  let found = "";
  for (let i = 0; i < 3000; i++) {
    decoder.push(bytes(`key${i};`));
    expected += `key${i};`;
    if (i % 700 === 0) found += shown(decoder.next()!.text);
  }
  for (let key = decoder.next(); key !== null; key = decoder.next()) found += shown(key.text);
  assert.equal(found, expected);
  decoder.push(bytes("rest\x1b["));
  assert.equal(shown(decoder.takeAll()), "rest\x1b[");
  assert.equal(decoder.pending, 0);
});

test("styles: colours go, attributes stay", () => {
  const rows: [string, string][] = [
    ["1;31", "1"],
    ["38;5;200;4", "4"],
    ["38;2;1;2;3;7", "7"],
    ["38:2::1:2:3;3", "3"],
    ["90;100;2", "2"],
    ["", ""],
  ];
  for (const [style, kept] of rows) assert.equal(stripColors(style), kept, style);
});

test("prompt: cells, styles, sequences", () => {
  const cells = promptCells("\x1b[1m\x1b[38;5;0ma\x1b[0mb\x1b]133;B\x07", {
    filter: (style) => style,
    raw: true,
  });
  assert.deepEqual(cells[0].map(({ text, style }) => [text, style]), [
    ["a", "1;38;5;0"],
    ["b\x1b]133;B\x07", ""],
  ]);
  const plain = promptCells("\x1b[1ma\nb\x1b]133;B\x07", { filter: () => "", raw: false });
  assert.deepEqual(plain.map((line) => line.map(({ text }) => text)), [["a"], ["b"]]);
});

test("completion: common beginnings and columns", () => {
  assert.equal(shown(commonPrefix([bytes("getdel"), bytes("getex")])), "get");
  assert.equal(shown(commonPrefix([bytes("日本"), bytes("日没")])), "日");
  assert.equal(commonPrefix([bytes("é"), bytes("è")]).length, 0);
  assert.equal(commonPrefix([]).length, 0);
  const rows = listRows(["a", "bb", "漢字"], -1, {
    cols: 13,
    rows: 9,
    mode: "unicode",
    selected: "",
  });
  assert.deepEqual(rows.map((row) => row.map((cell) => cell.text).join("")), ["a     漢字", "bb"]);
  const narrow = listRows(["abcdefghij"], -1, { cols: 5, rows: 9, mode: "unicode", selected: "" });
  assert.deepEqual(narrow.map((row) => row.map((cell) => cell.text).join("")), ["abcd"]);
});

test("painter: rows above the cursor after re-flowing", () => {
  const row = (len: number, soft: boolean) => ({
    cells: Array.from({ length: len }, () => ({ text: "x", width: 1, style: "", shaky: false })),
    width: len,
    soft,
  });
  const rows = [row(20, true), row(5, false), row(20, true), row(6, false)];
  const above = (cursorRow: number, reflow: Reflow) =>
    [10, 20, 24, 25, 30].map((cols) =>
      rowsAboveCursor({ rows, cursorRow, cursorCol: 5 }, cols, reflow)
    );
  assert.deepEqual(above(1, "all"), [2, 1, 1, 0, 0]);
  assert.deepEqual(above(3, "all"), [5, 3, 3, 2, 1]);
  assert.deepEqual(above(3, "others"), [4, 3, 3, 2, 2]);
  assert.deepEqual(above(3, "none"), [3, 3, 3, 3, 3]);
});
