// terminal.ts: the terminal behind the line editor: raw mode, input, size, and the signals that
// must not leave it in raw mode. Knows nothing of lines; the editor knows nothing of terminals.

import process from "node:process";
import { utf8 } from "./byte_writer.ts";
import { CliExit } from "./environment.ts";
import type { Io } from "./io.ts";
import { type EditorOptions, LineEditor, type Step } from "./linenoise/mod.ts";

/** Milliseconds after which a lone ESC is the key and not the beginning of a sequence. */
const ESCAPE_MS = 50;
const EXIT_INTERRUPTED = 130;
const COLS_DEFAULT = 80, ROWS_DEFAULT = 24;
/** Terminals that show no cursor movement: they keep their own echo and line editing. */
const SIMPLE_TERMS = ["dumb", "cons25", "emacs"];
/** Signals that end the program, and the exit codes a shell shows for them. */
const DEADLY: readonly (readonly [signal: NodeJS.Signals, code: number])[] = [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/** The terminal of the process. Open it once, close it at the end. */
export class Terminal {
  /** Called with what is typed. */
  onInput: (bytes: Uint8Array) => void = () => {};
  /** Called when there will be no more input. */
  onEnd: () => void = () => {};
  onResize: (cols: number, rows: number) => void = () => {};
  /** Called for Ctrl-C where the terminal itself makes a signal of it. */
  onInterrupt: () => void = () => {};
  /** Input comes byte by byte and unechoed; else line by line, edited by the terminal. */
  readonly raw: boolean;
  readonly #io: Io;
  readonly #undo: (() => void)[] = [];

  constructor(io: Io) {
    this.#io = io;
    this.raw = !SIMPLE_TERMS.includes((io.variables.TERM ?? "").toLowerCase());
  }

  get cols(): number {
    return process.stdout.columns || COLS_DEFAULT;
  }

  get rows(): number {
    return process.stdout.rows || ROWS_DEFAULT;
  }

  open(): void {
    this.#setRaw(true);
    const input = (bytes: Uint8Array): void => this.onInput(new Uint8Array(bytes));
    const end = (): void => this.onEnd();
    process.stdin.on("data", input);
    process.stdin.on("end", end);
    process.stdin.resume();
    this.#listen("SIGWINCH", () => this.onResize(this.cols, this.rows));
    this.#listen("SIGINT", () => this.onInterrupt());
    this.#listen("SIGCONT", () => this.#setRaw(true));
    for (const [signal, code] of DEADLY) {
      this.#listen(signal, () => {
        this.close();
        process.exit(code);
      });
    }
    const restore = (): void => this.#setRaw(false);
    process.on("exit", restore);
    this.#undo.push(() => {
      process.stdin.removeListener("data", input);
      process.stdin.removeListener("end", end);
      process.removeListener("exit", restore);
    });
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#setRaw(false);
    process.stdin.pause();
  }

  /** Gives the terminal back while `body` runs, which may use it as it likes. */
  lend(body: () => void): void {
    this.#setRaw(false);
    try {
      body();
    } finally {
      this.#setRaw(true);
    }
  }

  /** Stops the process until the shell continues it, then calls `after`. */
  suspend(after: () => void): void {
    this.#setRaw(false);
    process.kill(process.pid, "SIGTSTP");
    // Comes up when the process runs again, or at once where nobody could continue it.
    setTimeout(() => {
      this.#setRaw(true);
      after();
    });
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#io.out(bytes);
  }

  #setRaw(on: boolean): void {
    if (this.raw && process.stdin.isTTY) process.stdin.setRawMode(on);
  }

  #listen(signal: NodeJS.Signals, listener: () => void): void {
    if (process.platform === "win32" && signal !== "SIGINT") return;
    process.on(signal, listener);
    this.#undo.push(() => process.removeListener(signal, listener));
  }
}

/** Calls the editor when the rest of an escape sequence does not come. */
export class EscapeTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** To be called after every input. */
  after(editor: LineEditor, take: (step: Step) => void): void {
    clearTimeout(this.#timer);
    if (!editor.needsFlush) return;
    this.#timer = setTimeout(() => take(editor.flushEscape()), ESCAPE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What every editor of this terminal is set up with. */
export function editorBasics(terminal: Terminal, color: boolean): EditorOptions {
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    terminal: terminal.raw ? "ansi" : "quiet",
    color,
    multiLine: true,
  };
}

/** Reads one line that is shown as stars. Ctrl-C ends the program. */
export async function readMasked(io: Io, question: string): Promise<string> {
  const terminal = new Terminal(io);
  const editor = new LineEditor(editorBasics(terminal, false));
  const timer = new EscapeTimer();
  terminal.open();
  try {
    return await new Promise((resolve, reject) => {
      const interrupt = (): void => reject(new CliExit(EXIT_INTERRUPTED));
      const take = (step: Step): void => {
        terminal.write(step.output);
        for (const event of step.events) {
          if (event.kind === "line") resolve(new TextDecoder().decode(event.line));
          else if (event.kind === "cancel") interrupt();
          else if (event.kind === "eof") resolve("");
        }
        timer.after(editor, take);
      };
      terminal.onInput = (bytes) => take(editor.feed(bytes));
      terminal.onEnd = () => resolve("");
      terminal.onInterrupt = interrupt;
      terminal.onResize = (cols, rows) => terminal.write(editor.resize(cols, rows));
      take(editor.start(question, { echo: "mask" }));
    });
  } finally {
    timer.stop();
    terminal.write(editor.stop());
    terminal.close();
  }
}

/** The bytes that wipe what is on the current row. */
export const ERASE_ROW = utf8("\r\x1b[K");
