// user_files.ts: the files of the user: remembered lines and preferences.
//
// A variable names another path; /dev/null, or no home folder, means no file. The history file is
// private: the permissions are set on the open file, so that nothing put in its place meanwhile
// can be changed by it. Lines are appended as they are entered, so that clients side by side do
// not wipe each other's; a file that has grown far past what is kept is written anew at the start.

import { closeSync, fchmodSync, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { History, historyEncodeLine, historyLoad, historySave } from "./linenoise/mod.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const NULL_FILE = "/dev/null";
const PRIVATE = 0o600;
const HISTORY_LINES = 1000;
/** Lines in the file, as a multiple of those kept, from which on it is written anew. */
const SURPLUS = 2;

/** The path that a variable (or its older name) gives, or a file of the home folder, or null. */
export function userFile(
  variables: Variables,
  names: readonly string[],
  inHome: string,
): string | null {
  const given = names.map((name) => variables[name]).find((path) => path !== undefined);
  if (given) return given === NULL_FILE ? null : given;
  const home = variables.HOME || variables.USERPROFILE;
  return home ? join(home, inHome) : null;
}

/** Path of the history file, or null. */
export function historyPath(variables: Variables): string | null {
  const names = ["VALKEYCLI_HISTFILE", "REDISCLI_HISTFILE"];
  return userFile(variables, names, ".valkeycli_history");
}

/** Path of the preferences file, or null. */
export function preferencesPath(variables: Variables): string | null {
  return userFile(variables, ["VALKEYCLI_RCFILE", "REDISCLI_RCFILE"], ".valkeyclirc");
}

/** The text of a file that need not be there. */
export function readOptional(path: string | null): Uint8Array {
  if (path === null) return new Uint8Array(0);
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array(0); // absent or unreadable: the user just has none
  }
}

/** The remembered lines and the file behind them. */
export class UserHistory {
  readonly lines = new History(HISTORY_LINES);
  readonly #path: string | null;

  constructor(path: string | null) {
    this.#path = path;
    const file = readOptional(path);
    const inFile = countLines(file);
    historyLoad(this.lines, file);
    if (inFile > HISTORY_LINES * SURPLUS) this.#rewrite();
  }

  /** Remembers a line; a secret one in memory only. */
  add(line: Uint8Array, secret: boolean): void {
    if (this.lines.add(line, { secret }) && !secret) this.#write("a", historyEncodeLine(line));
  }

  #rewrite(): void {
    const entries = [];
    for (let age = this.lines.length - 1; age >= 0; age--) {
      const entry = this.lines.recent(age);
      if (entry !== undefined) entries.push(entry);
    }
    this.#write("w", historySave(entries));
  }

  #write(flags: "a" | "w", bytes: Uint8Array): void {
    if (this.#path === null) return;
    let file: number;
    try {
      file = openSync(this.#path, flags, PRIVATE);
    } catch {
      return; // a home that cannot be written to: lines are remembered for this session
    }
    try {
      if (fstatSync(file).isFile()) fchmodSync(file, PRIVATE);
      writeSync(file, bytes);
    } catch {
      return; // a full disk or a file of somebody else, as above
    } finally {
      closeSync(file);
    }
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
