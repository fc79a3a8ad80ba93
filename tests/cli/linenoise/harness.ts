// harness.ts: an editor wired to a screen in memory, and tables of "input in, screen out".
//
// Each row of a table runs whole, byte by byte, and cut in two at every byte; all runs must end
// with the same screen, line and cursor. Nothing unknown may reach the screen.

import { test } from "node:test";
import assert from "node:assert/strict";
import {
  type EditorEvent,
  type EditorOptions,
  LineEditor,
  type LineOptions,
  type Step,
} from "../../../cli/linenoise/mod.ts";
import { ScreenGrid } from "../../kit/screen_grid.ts";

/** In an input: what a caller does when nothing comes for a while. */
export const FLUSH = "<flush>";

/** Input of a row: text (U+0080 to U+00FF in raw() are single bytes) or bytes, or FLUSH. */
export type Input = string | Uint8Array;

const encoder = new TextEncoder();

/** Bytes of a string whose characters are bytes. */
export function raw(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Bytes as a string, one character a byte unless the bytes are UTF-8. */
export function shown(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return "raw:" + String.fromCharCode(...bytes);
  }
}

/** Settings of a terminal. */
export interface TerminalOptions extends EditorOptions {
  prompt?: string;
  line?: LineOptions;
  clusters?: boolean;
  /** History before the first line. */
  past?: (string | Uint8Array)[];
}

/** An editor with its screen. */
export class Terminal {
  readonly editor: LineEditor;
  readonly grid: ScreenGrid;
  readonly events: EditorEvent[] = [];
  written = "";
  #options: TerminalOptions;

  constructor(options: TerminalOptions = {}) {
    const { cols = 20, rows = 6 } = options;
    this.#options = options;
    this.grid = new ScreenGrid(cols, rows, options);
    this.editor = new LineEditor({ ...options, cols, rows });
    for (const entry of options.past ?? []) {
      this.editor.history.add(typeof entry === "string" ? encoder.encode(entry) : entry);
    }
  }

  start(prompt = this.#options.prompt ?? "> ", line = this.#options.line): this {
    this.take(this.editor.start(prompt, line));
    return this;
  }

  write(output: Uint8Array): void {
    this.written += new TextDecoder().decode(output);
    this.grid.feed(output);
  }

  take(step: Step): void {
    this.write(step.output);
    this.events.push(...step.events);
  }

  type(input: Input): this {
    if (input === FLUSH) this.take(this.editor.flushEscape());
    else this.take(this.editor.feed(typeof input === "string" ? encoder.encode(input) : input));
    return this;
  }

  resize(cols: number, rows: number): void {
    this.grid.resize(cols, rows);
    this.write(this.editor.resize(cols, rows));
  }

  /** What was written since the last call. */
  drain(): string {
    const written = this.written;
    this.written = "";
    return written;
  }

  get line(): string {
    return shown(this.editor.line);
  }

  /** Screen, line and events as one comparable text. */
  state(): string {
    const events = this.events.map((event) =>
      "line" in event ? `${event.kind} ${shown(event.line)}` : event.kind
    );
    return `${this.grid.snapshot()} ${this.line} ${this.editor.cursor} ${events.join("|")}`;
  }
}

/** One row: name, input, and what must be true at the end. */
export interface Row {
  name: string;
  options?: TerminalOptions;
  input: Input[];
  /** Rows of the screen. */
  screen?: string[];
  /** Row and column of the cursor. */
  at?: [number, number];
  line?: string;
  /** Kinds, or "line <text>" and "cancel <text>". */
  events?: string[];
  bells?: number;
  /** More to check. */
  check?: (terminal: Terminal) => void;
}

/** Runs the rows of a table. */
export function cases(area: string, rows: Row[], defaults: TerminalOptions = {}): void {
  for (const row of rows) {
    test(`${area}: ${row.name}`, () => {
      const options = { ...defaults, ...row.options };
      const whole = run(options, row.input);
      verify(row, whole);
      const bytes = row.input.map((part) => typeof part === "string" ? encoder.encode(part) : part);
      const single = row.input.flatMap((part, i): Input[] =>
        part === FLUSH ? [part] : Array.from(bytes[i], (byte) => Uint8Array.of(byte))
      );
      assert.equal(run(options, single).state(), whole.state(), "byte by byte");
      for (let part = 0; part < row.input.length; part++) {
        if (row.input[part] === FLUSH) continue;
        for (let cut = 1; cut < bytes[part].length; cut++) {
          const input = row.input.slice() as Input[];
          input.splice(part, 1, bytes[part].subarray(0, cut), bytes[part].subarray(cut));
          assert.equal(run(options, input).state(), whole.state(), `part ${part} cut at ${cut}`);
        }
      }
    });
  }
}

function run(options: TerminalOptions, input: Input[]): Terminal {
  const terminal = new Terminal(options).start();
  for (const part of input) terminal.type(part);
  return terminal;
}

function verify(row: Row, terminal: Terminal): void {
  const { grid } = terminal;
  assert.deepEqual(grid.unknown, []);
  if (row.screen !== undefined) assert.deepEqual(grid.text(), row.screen.map((r) => r.trimEnd()));
  if (row.at !== undefined) assert.deepEqual([grid.row, grid.col], row.at, "cursor");
  if (row.line !== undefined) assert.equal(terminal.line, row.line);
  if (row.bells !== undefined) assert.equal(grid.bells, row.bells, "bells");
  if (row.events !== undefined) {
    const events = terminal.events.map((event) =>
      event.kind === "line" || event.kind === "cancel"
        ? `${event.kind} ${shown(event.line)}`
        : event.kind
    );
    assert.deepEqual(events, row.events);
  }
  row.check?.(terminal);
}
