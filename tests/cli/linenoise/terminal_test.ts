// Terminals: resizing, terminals that know no clusters, dumb ones, screen readers; and the cost of
// large lines, counted in written bytes and laid out rows.

import { test } from "node:test";
import assert from "node:assert/strict";
import { LineEditor } from "../../../cli/linenoise/mod.ts";
import { cases, FLUSH, Terminal, type TerminalOptions } from "./harness.ts";

const encoder = new TextEncoder();
const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";

/** A terminal with two rows of other output above the line. */
function terminalWithOutput(options: TerminalOptions = {}): Terminal {
  const terminal = new Terminal({ cols: 20, rows: 8, ...options });
  terminal.write(encoder.encode("output 1\r\noutput 2\r\n"));
  return terminal.start();
}

interface ResizeRow {
  name: string;
  input: string;
  to: number;
  screen: string[];
  at: [number, number];
}

const RESIZES: ResizeRow[] = [
  { name: "wider, one row", input: "abc", to: 30, screen: ["> abc"], at: [2, 5] },
  { name: "narrower, one row", input: "abc", to: 10, screen: ["> abc"], at: [2, 5] },
  {
    name: "narrower, wraps",
    input: "1234567890abcdef",
    to: 10,
    screen: ["> 12345678", "90abcdef"],
    at: [3, 8],
  },
  {
    name: "narrower, cursor in the first row",
    input: "1234567890abcdef\x01",
    to: 10,
    screen: ["> 12345678", "90abcdef"],
    at: [2, 2],
  },
  {
    name: "wider, unwraps",
    input: "1234567890abcdefghijkl",
    to: 30,
    screen: ["> 1234567890abcdefghijkl"],
    at: [2, 24],
  },
  {
    name: "line filled exactly, then wider",
    input: "1234567890abcdefgh",
    to: 30,
    screen: ["> 1234567890abcdefgh"],
    at: [2, 20],
  },
  {
    name: "wide characters, then narrower",
    input: "漢字漢字漢字",
    to: 9,
    screen: ["> 漢字漢", "字漢字"],
    at: [3, 6],
  },
  {
    name: "line feeds stay",
    input: "abcdefghijkl\x1b\rxyz",
    to: 10,
    screen: ["> abcdefgh", "ijkl", "xyz"],
    at: [4, 3],
  },
];

for (const row of RESIZES) {
  test(`resize: ${row.name}`, () => {
    const terminal = terminalWithOutput();
    terminal.type(row.input);
    terminal.resize(row.to, 8);
    assert.deepEqual(terminal.grid.text(), ["output 1", "output 2", ...row.screen]);
    assert.deepEqual([terminal.grid.row, terminal.grid.col], row.at);
    terminal.type("Z\x7f");
    assert.deepEqual(terminal.grid.text(), ["output 1", "output 2", ...row.screen]);
    assert.deepEqual(terminal.grid.unknown, []);
  });
}

test("resize: there and back many times, with text typed between", () => {
  const terminal = terminalWithOutput();
  let typed = "";
  for (const cols of [19, 10, 13, 30, 7, 20, 40, 12, 20]) {
    terminal.resize(cols, 8);
    terminal.type("ab漢");
    typed += "ab漢";
    assert.equal(terminal.line, typed);
  }
  assert.deepEqual(terminal.grid.text(), [
    "output 1",
    "output 2",
    "> ab漢ab漢ab漢ab漢ab",
    "漢ab漢ab漢ab漢ab漢",
  ]);
});

test("resize: a terminal that does not re-flow", () => {
  const terminal = terminalWithOutput({ reflow: "none" });
  terminal.type("1234567890abcdefghijkl");
  terminal.resize(30, 8);
  assert.deepEqual(terminal.grid.text(), ["output 1", "output 2", "> 1234567890abcdefghijkl"]);
});

test("resize: a terminal that re-flows all but the line with the cursor", () => {
  const terminal = terminalWithOutput({ reflow: "others" });
  terminal.type("1234567890abcdefghijkl\x1b\r1234567890abcdefghijkl");
  for (const cols of [10, 30, 12, 40]) terminal.resize(cols, 10);
  const row = "1234567890abcdefghijkl";
  assert.deepEqual(terminal.grid.text(), ["output 1", "output 2", `> ${row}`, row]);
});

test("resize: fewer rows than the text needs", () => {
  const terminal = new Terminal({ cols: 10, rows: 6 }).start().type("a".repeat(45));
  terminal.resize(10, 3);
  assert.deepEqual(terminal.grid.text(), ["a".repeat(10), "a".repeat(10), "a".repeat(7)]);
  assert.deepEqual([terminal.grid.row, terminal.grid.col], [2, 7]);
});

test("resize: the smallest sizes neither fail nor lose the text", () => {
  const terminal = new Terminal({ cols: 4, rows: 1 }).start().type(`ab漢${FAMILY}\u200b\x16\x01`);
  for (const [cols, rows] of [[1, 1], [0, 0], [NaN, -3], [5, 2], [4, 1]]) {
    terminal.write(terminal.editor.resize(cols, rows));
  }
  assert.equal(terminal.line, `ab漢${FAMILY}\u200b\x01`);
});

test("resize: while hidden nothing is written", () => {
  const terminal = terminalWithOutput();
  terminal.type("1234567890abcdefghijkl");
  terminal.write(terminal.editor.hide());
  terminal.drain();
  terminal.resize(30, 8);
  assert.equal(terminal.drain(), "");
  terminal.write(terminal.editor.show());
  assert.deepEqual(terminal.grid.text(), ["output 1", "output 2", "> 1234567890abcdefghijkl"]);
});

test("a terminal without clusters: the column is right behind a family", () => {
  const terminal = new Terminal({ clusters: false, cols: 30 }).start().type(`${FAMILY}abc`);
  assert.equal(terminal.grid.col, 2 + 2 + 3);
  assert.ok(terminal.grid.text()[0].endsWith("abc"));
});

test("typing at the end writes what was typed and nothing else", () => {
  const terminal = new Terminal({ cols: 40 }).start();
  terminal.drain();
  for (const char of ["a", "b", "é", "漢"]) {
    terminal.type(char);
    assert.equal(terminal.drain(), char);
  }
  terminal.type("\x02");
  assert.equal(terminal.drain(), "\b\b");
});

cases("dumb", [
  { name: "echo", input: ["abc"], screen: ["> abc"], at: [0, 5] },
  { name: "backspace", input: ["abc\x7f\x7f"], screen: ["> a"], at: [0, 3] },
  { name: "insert", input: ["abc\x01x"], screen: ["> xabc"], at: [0, 3] },
  { name: "kill", input: ["abc\x01\x0b"], screen: [">"], at: [0, 2] },
  { name: "wide", input: ["漢字\x02\x7f"], screen: ["> 字"], at: [0, 2] },
  { name: "signs are ASCII", input: ["a\x1b\rb\x16\x01"], screen: ["> a^Jb^A"] },
  {
    name: "long lines scroll",
    input: ["1234567890abcdefghij"],
    screen: ["> 4567890abcdefghij"],
    at: [0, 19],
  },
  {
    name: "history",
    options: { past: ["one", "longer"] },
    input: ["\x10\x10"],
    screen: ["> one"],
    at: [0, 5],
  },
  {
    name: "search",
    options: { past: ["one"], cols: 40 },
    input: ["\x12n"],
    screen: ["(reverse-i-search)`n': one"],
  },
  {
    name: "search ends",
    options: { past: ["one"], cols: 40 },
    input: ["\x12n\x1b", FLUSH],
    screen: ["> one"],
    at: [0, 3],
  },
  { name: "enter", input: ["abc\x01\r"], screen: ["> abc"], at: [1, 0], events: ["line abc"] },
  { name: "mask", options: { line: { echo: "mask" } }, input: ["abc\x7f"], screen: ["> **"] },
  {
    name: "no hints, suggestions, styles",
    options: {
      hint: () => ({ text: "hint" }),
      suggestions: true,
      past: ["abcdef"],
      highlight: () => [{ from: 0, to: 9, style: "31" }],
      prompt: "\x1b[31mp\x1b[0m> ",
    },
    input: ["abc"],
    screen: ["p> abc"],
    check: ({ grid }) => assert.equal(grid.cell(0, 3).style + grid.cell(0, 0).style, ""),
  },
  {
    name: "candidates are written as lines",
    options: {
      completion: "list",
      complete: () => ({ from: 0, to: 1, candidates: [{ text: "get" }, { text: "getdel" }] }),
    },
    input: ["g\t"],
    screen: ["> g", "get     getdel", "> get"],
    at: [2, 5],
  },
], { terminal: "dumb" });

for (const terminal of ["dumb", "plain"] as const) {
  test(`${terminal}: no escape sequence while editing`, () => {
    const screen = new Terminal({ terminal, past: ["one", "two"] }).start();
    screen.drain();
    screen.type("ab漢c\x01x\x04\x14\x0b\x1f\x10\x10\x0e\x12o\x05\x17").resize(30, 8);
    screen.write(screen.editor.hide());
    screen.write(screen.editor.show());
    assert.ok(!screen.drain().includes("\x1b"));
  });
}

cases("plain", [
  { name: "typing is echoed", input: ["abc\x7f"], screen: ["> ab"], at: [0, 4] },
  {
    name: "history is written anew on a fresh row",
    options: { past: ["one"] },
    input: ["ab\x10"],
    screen: ["> ab", "> one"],
  },
], { terminal: "plain" });

test("quiet: the prompt and nothing else", () => {
  const terminal = new Terminal({ terminal: "quiet" }).start();
  assert.equal(terminal.drain(), "> ");
  terminal.type("abc\t\x02\r\n");
  assert.equal(terminal.drain(), "");
  assert.deepEqual(terminal.events.map((event) => event.kind), ["complete", "line"]);
});

test("options: keys, bell, paste mode, line limit", () => {
  const editor = new LineEditor({ keys: { "f2": "home", "ctrl-t": "" }, lineMax: 5, bell: false });
  editor.start("> ");
  editor.feed(encoder.encode("abc\x14"));
  assert.equal(new TextDecoder().decode(editor.line), "abc");
  editor.feed(encoder.encode("\x1bOQx"));
  assert.equal(new TextDecoder().decode(editor.line), "xabc");
  const { output } = editor.feed(encoder.encode("12"));
  assert.equal(editor.line.length, 4);
  assert.equal(output.length, 0);
  const started = new LineEditor({ bracketedPaste: false }).start("> ");
  assert.ok(!new TextDecoder().decode(started.output).includes("2004"));
});

test("a paste of 10 MB is linear, written output stays as large as the screen", () => {
  const editor = new LineEditor({ cols: 80, rows: 24, suggestions: true, hint: () => null });
  editor.start("> ");
  const size = 10 * 1024 * 1024;
  const text = new Uint8Array(size);
  for (let i = 0; i < size; i++) text[i] = 0x61 + i % 26;
  editor.feed(encoder.encode("\x1b[200~"));
  let written = 0;
  let most = 0;
  const chunk = 64 * 1024;
  for (let off = 0; off < size; off += chunk) {
    const { output } = editor.feed(text.subarray(off, off + chunk));
    written += output.length;
    most = Math.max(most, output.length);
  }
  editor.feed(encoder.encode("\x1b[201~"));
  assert.equal(editor.line.length, size);
  assert.ok(most <= 80 * 24 + 100, `${most} bytes in one write`);
  assert.ok(written <= (size / chunk) * (80 * 24 + 100));
  for (const key of ["x", "\x7f", "\x01", "y", "\x05", "\x1b[D", "\x1f"]) {
    assert.ok(editor.feed(encoder.encode(key)).output.length <= 80 * 24 + 100, JSON.stringify(key));
  }
  const { events } = editor.feed(encoder.encode("\r"));
  assert.equal(events[0].kind, "line");
});
