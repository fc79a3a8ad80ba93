// Random keys. First against a naive model (a string, a cursor, snapshots for undo) whose picture
// is computed without the code under test; then random bytes with every option, where the picture
// must equal a fresh one, and must not depend on how the bytes were cut.

import { test } from "node:test";
import assert from "node:assert/strict";
import { clusterWidth } from "../../kit/screen_grid.ts";
import { shown, Terminal, type TerminalOptions } from "./harness.ts";

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const encoder = new TextEncoder();
/** A word and the blanks behind it, at the end of a text; U+0001 is the control that is typed. */
const WORD_BEFORE = new RegExp("[^ \\n\u0001]*[ \\n\u0001]*$");
const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";

/** Small seeded generator: the next value in [0, below). */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Snapshot {
  text: string;
  cursor: number;
}

/** The naive line: cursor in UTF-16 units, everything computed anew. */
class Model {
  text = "";
  cursor = 0;
  killed: string | undefined;
  #undo: (Snapshot & { typed: boolean })[] = [];
  #redo: Snapshot[] = [];
  #last = "";

  press(name: string, typed: string): void {
    const last = this.#last;
    this.#last = "";
    const { text, cursor } = this;
    const starts = [...segmenter.segment(text)].map(({ index }) => index);
    const before = starts.filter((at) => at < cursor).at(-1) ?? 0;
    const after = starts.find((at) => at > cursor) ?? text.length;
    const line = [text.lastIndexOf("\n", cursor - 1) + 1, text.indexOf("\n", cursor)];
    if (cursor === 0) line[0] = 0;
    if (line[1] < 0) line[1] = text.length;
    if (name === "type") {
      this.#edit(cursor, cursor, typed, last === "type");
      this.#last = "type";
    } else if (name === "left") this.cursor = before;
    else if (name === "right") this.cursor = after;
    else if (name === "home") this.cursor = line[0];
    else if (name === "end") this.cursor = line[1];
    else if (name === "backspace") this.#edit(before, cursor, "", false);
    else if (name === "delete") this.#edit(cursor, after, "", false);
    else if (name === "kill end") {
      this.#kill(cursor, line[1] === cursor ? Math.min(cursor + 1, text.length) : line[1], last);
    } else if (name === "kill all") this.#kill(0, text.length, last);
    else if (name === "kill word") {
      const word = WORD_BEFORE.exec(text.slice(0, cursor))![0];
      this.#kill(cursor - word.length, cursor, last);
    } else if (name === "yank" && this.killed !== undefined) {
      this.#edit(cursor, cursor, this.killed, false, true);
    } else if (name === "undo") this.#back(this.#undo, this.#redo);
    else if (name === "redo") this.#back(this.#redo, this.#undo);
  }

  #edit(from: number, to: number, inserted: string, joins: boolean, always = false): void {
    if (from === to && inserted === "" && !always) return;
    const typed = this.#undo.at(-1)?.typed === true;
    if (!(joins && typed && from === to)) {
      this.#undo.push({ text: this.text, cursor: this.cursor, typed: false });
    }
    this.#undo[this.#undo.length - 1].typed = from === to && !always;
    this.#redo.length = 0;
    this.text = this.text.slice(0, from) + inserted + this.text.slice(to);
    this.cursor = from + inserted.length;
  }

  #kill(from: number, to: number, last: string): void {
    if (from === to) return;
    const part = this.text.slice(from, to);
    if (last !== "kill") this.killed = part;
    else this.killed = from < this.cursor ? part + this.killed : this.killed + part;
    this.#edit(from, to, "", false);
    this.#last = "kill";
  }

  #back(source: Snapshot[], target: Snapshot[]): void {
    const snapshot = source.pop();
    if (snapshot === undefined) return;
    target.push({ text: this.text, cursor: this.cursor });
    this.text = snapshot.text;
    this.cursor = snapshot.cursor;
  }
}

/** Rows and cursor of a text behind a prompt, wrapped the naive way. */
function picture(model: Model, prompt: string, cols: number): { rows: string[]; at: number[] } {
  const rows = [prompt];
  let col = prompt.length;
  let at: number[] = [];
  for (const { segment, index } of [...segmenter.segment(model.text), { segment: "", index: -1 }]) {
    const control = segment !== "\n" && segment.length === 1 && segment < " ";
    const drawn = control ? "^" + String.fromCharCode(segment.charCodeAt(0) ^ 64) : segment;
    const width = drawn === "" || drawn === "\n" ? 1 : control ? 2 : clusterWidth(drawn);
    if (col + width > cols) {
      rows.push("");
      col = 0;
    }
    if (at.length === 0 && (index < 0 || index + segment.length > model.cursor)) {
      at = [rows.length - 1, col];
    }
    if (drawn === "\n") {
      rows.push("");
      col = 0;
    } else {
      rows[rows.length - 1] += drawn;
      col += width;
    }
  }
  return { rows, at };
}

const KEYS: [string, string][] = [
  ["left", "\x02"],
  ["left", "\x1b[D"],
  ["right", "\x06"],
  ["home", "\x01"],
  ["end", "\x05"],
  ["backspace", "\x7f"],
  ["delete", "\x1b[3~"],
  ["kill end", "\x0b"],
  ["kill all", "\x15"],
  ["kill word", "\x17"],
  ["yank", "\x19"],
  ["undo", "\x1f"],
  ["redo", "\x1b/"],
];
const TYPED = [
  "a",
  "b ",
  "word ",
  "é",
  "漢",
  "字漢",
  FAMILY,
  "e\u0301",
  "\u{1f1e9}\u{1f1ea}",
  "\u2764\ufe0f",
];

test("random keys against the naive model", () => {
  const first = 20260701;
  for (let seed = first; seed < first + 20; seed++) {
    const random = randomOf(seed);
    const cols = 6 + random(30);
    const rows = 4 + random(20);
    const terminal = new Terminal({ cols, rows }).start();
    const model = new Model();
    const trace: string[] = [];
    for (let step = 0; step < 120; step++) {
      const [name, bytes] = random(2) === 0 ? ["type", ""] : KEYS[random(KEYS.length)];
      let typed = TYPED[random(TYPED.length)];
      let input = bytes;
      if (name === "type") {
        const kind = random(12);
        if (kind === 0) [typed, input] = ["\n", "\x1b\r"];
        else if (kind === 1) [typed, input] = ["\x01", "\x16\x01"];
        else input = typed;
      }
      trace.push(name === "type" ? typed : name);
      if (input.startsWith("\x16")) model.press("quote", "");
      model.press(name, typed);
      terminal.type(input);
      compare(model, terminal, `seed ${seed}, step ${step}: ${JSON.stringify(trace)}`);
      if (random(25) === 0) {
        terminal.resize(6 + random(30), rows);
        compare(model, terminal, `seed ${seed}, step ${step}, resized: ${JSON.stringify(trace)}`);
      }
    }
  }
});

function compare(model: Model, terminal: Terminal, where: string): void {
  assert.equal(terminal.line, model.text, where);
  const cursor = encoder.encode(model.text.slice(0, model.cursor)).length;
  assert.equal(terminal.editor.cursor, cursor, `cursor, ${where}`);
  const { grid } = terminal;
  assert.deepEqual(grid.unknown, [], where);
  const { rows, at } = picture(model, "> ", grid.cols);
  if (rows.length > grid.rows) return;
  const expected = rows.map((row) => row.trimEnd());
  while (expected[expected.length - 1] === "") expected.pop();
  assert.deepEqual(grid.text(), expected, where);
  assert.deepEqual([grid.row, grid.col], at, `cursor on the screen, ${where}`);
}

const PIECES = [
  ..."abc \x01\x02\x04\x05\x06\x07\x08\t\x0b\x0c\x0e\x10\x12\x13",
  ..."\x14\x15\x16\x17\x18\x19\x1f\x7f\xff\xc3\xe2",
  "\x1b",
  "\x1b[A",
  "\x1b[B",
  "\x1b[C",
  "\x1b[D",
  "\x1b[Z",
  "\x1bb",
  "\x1bf",
  "\x1bd",
  "\x1by",
  "\x1b.",
  "\x1bu",
  "\x1b<",
  "\x1b>",
  "\x1b\r",
  "\x1b[200~a\rb\x1b[201~",
  "\x1b[97;5u",
  "\x1b[",
  "\x1b]",
  "\r",
  "\x03",
  "\x18\x05",
].map((text) => Uint8Array.from(text, (char) => char.charCodeAt(0)))
  .concat([FAMILY, "漢", "e\u0301", "\u200b", "get foo"].map((text) => encoder.encode(text)));

function randomOptions(random: (below: number) => number): TerminalOptions {
  const words = ["get", "getdel", "getex", "a漢", "b"];
  return {
    cols: 5 + random(40),
    rows: 1 + random(8),
    multiLine: random(3) > 0,
    suggestions: random(2) === 0,
    completion: random(2) === 0 ? "cycle" : "list",
    prefixSearch: random(2) === 0,
    continuation: random(2) === 0 ? ". " : "",
    prompt: ["> ", "", "long prompt> ", "two\nlines> ", "\x1b[1m漢\x1b[0m "][random(5)],
    past: ["get foo", "set bar\nbaz", "a漢字", "\xff".repeat(3)],
    line: { echo: (["text", "text", "text", "mask", "hidden"] as const)[random(5)] },
    hint: random(2) === 0 ? (line) => ({ text: ` hint ${line.length}` }) : undefined,
    highlight: (line) => [{ from: 0, to: line.length >> 1, style: "36" }],
    complete: (line, cursor) => ({
      from: Math.max(0, cursor - 1),
      to: cursor,
      candidates: words.slice(line.length % 5).map((text) => ({ text })),
    }),
  };
}

/** Starts the next line whenever one ended, on a cleared screen. */
function drive(terminal: Terminal, bytes: Uint8Array): void {
  terminal.type(bytes);
  while (!terminal.editor.active) {
    terminal.write(encoder.encode("\x1b[H\x1b[2J"));
    terminal.start();
  }
}

test("random bytes: cut anywhere the same, and the picture equals a fresh one", () => {
  const first = 4711;
  for (let seed = first; seed < first + 60; seed++) {
    const random = randomOf(seed);
    const options = randomOptions(random);
    const whole = new Terminal(options).start();
    const cut = new Terminal(options).start();
    for (let step = 0; step < 40; step++) {
      const parts = Array.from({ length: 1 + random(4) }, () => PIECES[random(PIECES.length)]);
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      drive(whole, bytes);
      for (const byte of bytes) drive(cut, Uint8Array.of(byte));
      if (random(4) === 0) {
        for (const terminal of [whole, cut]) terminal.take(terminal.editor.flushEscape());
        drive(whole, new Uint8Array(0));
        drive(cut, new Uint8Array(0));
      }
      const where = `seed ${seed}, step ${step}: ${shown(bytes)}`;
      settle(whole);
      settle(cut);
      assert.equal(cut.state(), whole.state(), where);
      assert.deepEqual(whole.grid.unknown, [], where);
      assert.ok(whole.editor.cursor <= whole.editor.line.length, where);
      const before = whole.grid.snapshot();
      whole.write(whole.editor.clearScreen());
      assert.equal(whole.grid.snapshot(), before, `fresh picture, ${where}`);
    }
  }
});

/** Works off input that waits behind an event. */
function settle(terminal: Terminal): void {
  const rounds = 50;
  for (let round = 0; round < rounds && terminal.editor.needsFlush; round++) {
    drive(terminal, new Uint8Array(0));
  }
}
