// line_runner.ts: what one line of interactive input does, the same for terminal and pipe.
//
//   quit, exit              leave
//   :set x, :get x          preferences and state of the client
//   connect host port       another server
//   clear                   wipe the screen
//   N command               the command N times
//   anything else           a command for the server, or HELP

import { isWord, latin1, textOf } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { leadingInteger } from "./options.ts";
import { changePreference, type Preferences } from "./preferences.ts";
import { splitWords } from "./words.ts";

const SLOW_MS = 500;
const WIPE_SCREEN = "\x1b[H\x1b[2J";
const COLON = 0x3a;

/** A line taken apart. `words` is null for an open quote; `repeat` is null for a bad count. */
export type ParsedLine = {
  words: Uint8Array[] | null;
  repeat: number | null;
};

/** After a line: leave, go on, or go on without a look at messages that wait. */
export type LineEffect = "leave" | "done" | "stay";

/** Takes a line apart: its words without a leading count, and the count. */
export function parseLine(line: Uint8Array): ParsedLine {
  const words = splitWords(line);
  if (words === null || words.length < 2) return { words, repeat: 1 };
  const first = latin1(words[0]);
  if (!/^\s*[+-]?\d+$/.test(first)) return { words, repeat: 1 };
  const repeat = Number(first);
  const inRange = repeat > 0 && BigInt(first.replace("+", "")) < 1n << 63n;
  return { words: words.slice(1), repeat: inRange ? repeat : null };
}

/** Runs lines for a client. */
export class LineRunner {
  readonly preferences: Preferences = { hints: true };
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Runs one line and says how to go on. */
  async run(line: Uint8Array): Promise<LineEffect> {
    const { io } = this.#client;
    const { words, repeat } = parseLine(line);
    if (words === null) {
      io.print("Invalid argument(s)\n");
      return "stay";
    }
    // An empty line lets waiting messages be shown; a line of blanks does not.
    if (words.length === 0) return line.length === 0 ? "done" : "stay";
    if (repeat === null) {
      io.print("Invalid valkey-cli repeat command option value.\n");
      return "stay";
    }
    if (isWord(words[0], "quit") || isWord(words[0], "exit")) return "leave";
    if (words[0][0] === COLON) {
      io.print(changePreference(this.preferences, words.map(textOf), this.#client.pubSub, ""));
      return "stay";
    }
    if (isWord(words[0], "restart")) {
      io.print("Use 'restart' only in Lua debugging mode.\n");
    } else if (words.length === 3 && isWord(words[0], "connect")) {
      await this.#connectTo(textOf(words[1]), leadingInteger(textOf(words[2])));
    } else if (words.length === 1 && isWord(words[0], "clear")) {
      io.print(WIPE_SCREEN);
    } else {
      await this.#issue(words, repeat);
    }
    return "done";
  }

  async #connectTo(host: string, port: number): Promise<void> {
    this.#client.host = host;
    this.#client.port = port;
    await this.#client.connect({ force: true });
  }

  async #issue(words: Uint8Array[], repeat: number): Promise<void> {
    const client = this.#client;
    const start = performance.now();
    await client.issue(words, repeat);
    const elapsed = Math.trunc(performance.now() - start);
    if (elapsed >= SLOW_MS && client.options.output === "standard") {
      client.io.print(`(${(elapsed / 1000).toFixed(2)}s)\n`);
    }
  }
}
