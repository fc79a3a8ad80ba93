// check_aof.ts: `sigrun check-aof`: says whether an append-only file, or the files a manifest lists, can be loaded, in the
// lines of valkey-check-aof; cuts off what is damaged at the end, or what was written after an instant.
//
//   check-aof [--fix | --truncate-to-timestamp SECONDS] FILE.manifest|FILE.aof
//
//   manifest     line 1 that is no comment begins with "file"      base file, then incremental ones
//   old style    anything else                                     one file, perhaps a snapshot with commands behind it
//
// Only the last file that is not empty may be cut: what follows a gap must not be loaded. Between MULTI and EXEC nothing
// counts as sound.
// Exit code 0: sound, or made so; 1: not, or wrong usage.
//
// Source followed: valkey-check-aof 9.1, which however does not know the snapshots of its own release in these files and
// takes them for damage.

import { readFileSync, statSync, truncateSync } from "node:fs";
import { latin1 } from "../lib/bytes/ascii.ts";
import { manifestRead } from "../lib/persist/aof_manifest.ts";
import { AofVerifier } from "../lib/persist/aof_checksum.ts";
import { AofFileReader } from "../lib/persist/aof_file_reader.ts";
import { AOF_BAD, AOF_COMMAND, AOF_END, AOF_MORE } from "../lib/persist/aof_reader.ts";
import { FileWindow } from "../lib/persist/file_window.ts";
import { checkRdb, versionLine } from "./check_rdb.ts";
import { pathOf, systemWords } from "./config_host.ts";
import { openInput } from "./files.ts";
import type { ToolIo } from "./tool_io.ts";

const SNAPSHOT_BYTES_MIN = 9;
/** What is looked at to tell what a file is. */
const HEAD_BYTES = 65536;
const HASH = 0x23;
const STAR = 0x2a;
const LF = 10;
/** Longest path the systems take; longer ones are refused before anything looks at them. */
const PATH_BYTES_MAX = 4096;

/** Ends the program with exit code 1 when everything has been said. */
class CheckFailed extends Error {}

/** Runs the program with the words of its command line (texts); returns the exit code. */
export function checkAofMain(program: string, words: readonly string[], io: ToolIo): number {
  if (words.length === 1 && (words[0] === "-v" || words[0] === "--version")) {
    io.out(versionLine("valkey-check-aof"));
    return 0;
  }
  try {
    const checker = checkerFor(words, io);
    if (checker !== null) {
      checker.check(words[words.length - 1]);
      return 0;
    }
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
    return 1;
  }
  io.out(
    `Usage: ${program} [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n`,
  );
  return 1;
}

/** The checker that the words ask for; null when they are no good. */
function checkerFor(words: readonly string[], io: ToolIo): AofChecker | null {
  const [option, text] = words;
  let seconds: bigint | null = null;
  if (words.length === 2 && option !== "--fix") return null;
  if (words.length === 3) {
    if (option !== "--truncate-to-timestamp") return null;
    if (!/^\s*[+-]?\d{1,18}$/.test(text)) {
      io.out("Invalid timestamp, aborting...\n");
      throw new CheckFailed();
    }
    seconds = BigInt(text);
  } else if (words.length < 1 || words.length > 3) {
    return null;
  }
  if (words[words.length - 1].length > PATH_BYTES_MAX) {
    io.out("Error: filepath is too long (exceeds PATH_MAX)\n");
    return null;
  }
  return new AofChecker(io, words.length === 2, seconds === 0n ? null : seconds);
}

function isEmptyFile(path: string): boolean {
  return statSync(pathOf(path), { throwIfNoEntry: false })?.size === 0;
}

type Verdict = "valid" | "empty" | "truncated" | "truncated to timestamp";

/** One run over one file or the files of one manifest. */
class AofChecker {
  private io: ToolIo;
  private isFixing: boolean;
  /** What was written after this instant is cut off; null keeps all. */
  private seconds: bigint | null;
  /** Number of the line that is read, counted through all files. */
  private line = 1;

  constructor(io: ToolIo, isFixing: boolean, seconds: bigint | null) {
    this.io = io;
    this.isFixing = isFixing;
    this.seconds = seconds;
  }

  private say(text: string): void {
    this.io.out(text + "\n");
  }

  private fail(text: string): never {
    this.say(text);
    throw new CheckFailed();
  }

  /** Runs something with a file that is there and no directory. */
  private opened<T>(path: string, ending: string, act: (window: FileWindow) => T): T {
    let window: FileWindow | null = null;
    try {
      if (statSync(pathOf(path)).isDirectory()) return this.fail(`Cannot read file: ${path}`);
      const input = openInput(pathOf(path));
      if (input === null) throw new Error("No such file or directory");
      window = new FileWindow(input);
      window.advance(0, Math.min(HEAD_BYTES, window.size));
      return act(window);
    } catch (error) {
      if (error instanceof CheckFailed) throw error;
      return this.fail(`Cannot open file ${path}: ${systemWords(error)}${ending}`);
    } finally {
      window?.close();
    }
  }

  check(path: string): void {
    this.opened(path, "", (window) => {
      if (isManifest(window)) {
        const bytes = readFileSync(pathOf(path));
        return this.manifest(path, latin1(bytes, 0, bytes.length));
      }
      this.say("Start checking Old-Style AOF");
      this.verdict(this.file(path, path, window, true, isSnapshot(window)), "AOF", path);
    });
  }

  private manifest(path: string, text: string): void {
    this.say("Start checking Multi Part AOF");
    const { manifest, error, line, text: lineText } = manifestRead(text);
    if (error !== "") {
      this.say("\n*** FATAL AOF MANIFEST FILE ERROR ***");
      if (line > 0) this.say(`Reading the manifest file, at line ${line}\n>>> '${lineText}'`);
      this.fail(error);
    }
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
    const { base, incremental } = manifest;
    const isEnd = (from: number) =>
      incremental.slice(from).every(({ name }) => isEmptyFile(`${folder}/${name}`));
    if (base !== null) {
      const basePath = `${folder}/${base.name}`;
      this.opened(basePath, "", (window) => {
        const hasSnapshot = isSnapshot(window);
        this.say(`Start to check BASE AOF (${hasSnapshot ? "RDB" : "RESP"} format).`);
        const verdict = this.file(base.name, basePath, window, isEnd(0), hasSnapshot);
        this.verdict(verdict, "BASE AOF", base.name);
      });
    }
    if (incremental.length > 0) this.say("Start to check INCR files.");
    incremental.forEach(({ name }, index) => {
      const partPath = `${folder}/${name}`;
      const isLast = isEnd(index + 1);
      this.opened(partPath, ", aborting...", (window) => {
        this.verdict(this.file(name, partPath, window, isLast, false), "INCR AOF", name);
      });
    });
    this.say("All AOF files and manifest are valid");
  }

  private verdict(verdict: Verdict, role: string, name: string): void {
    if (verdict === "truncated") this.say(`Successfully truncated AOF ${name}`);
    else if (verdict === "truncated to timestamp") {
      this.say(`Successfully truncated AOF ${name} to timestamp ${this.seconds}`);
    } else {
      this.say(`${role} ${name} is ${verdict}`);
    }
  }

  /** Checks one file, and cuts it where that is wanted. */
  private file(
    name: string,
    path: string,
    window: FileWindow,
    isLast: boolean,
    hasSnapshot: boolean,
  ): Verdict {
    const { size } = window;
    if (size === 0) return "empty";
    const walk = new AofFileReader(window, hasSnapshot ? this.snapshot(path, window) : 0);
    const soundUpTo = this.commands(walk, name, path, isLast);
    if (soundUpTo < 0) return "truncated to timestamp";
    const rest = size - soundUpTo;
    if (rest === 0 && this.seconds !== null) {
      this.say(`Truncate nothing in AOF ${name} to timestamp ${this.seconds}`);
      return "valid";
    }
    this.say(
      `AOF analyzed: filename=${name}, size=${size}, ok_up_to=${soundUpTo}, ` +
        `ok_up_to_line=${this.line}, diff=${rest}`,
    );
    if (rest === 0) return "valid";
    if (!this.isFixing) {
      this.fail(`AOF ${name} is not valid. Use the --fix option to try fixing it.`);
    }
    this.fix(name, path, size, soundUpTo, isLast);
    return "truncated";
  }

  /** Checks the snapshot at the start of a file; returns where in the window the commands begin. */
  private snapshot(path: string, window: FileWindow): number {
    const options = { stats: false, format: "table", output: null } as const;
    const { isSane, pos } = checkRdb(path, window, options, this.io);
    if (!isSane) this.fail("RDB preamble of AOF file is not sane, aborting.");
    this.say("RDB preamble is OK, proceeding with AOF tail...");
    return pos;
  }

  /** Walks over the commands. Returns up to where they are sound, or -1 after cutting at the timestamp. */
  private commands(walk: AofFileReader, name: string, path: string, isLast: boolean): number {
    let transaction = -1;
    const verifier = new AofVerifier();
    for (;;) {
      const status = walk.next();
      if (status === AOF_MORE) {
        walk.more();
        continue;
      }
      // At the end an annotation that is not complete does no harm.
      const at = status === AOF_END ? walk.bufEnd : walk.start;
      if (status !== AOF_END) this.line += walk.lines;
      const cut = this.cutAt(walk.buf, walk.from, at);
      if (cut >= 0) {
        this.cutLater(name, path, walk.offset(cut), isLast);
        return -1;
      }
      const sound = transaction < 0 ? walk.offset(at) : transaction;
      const end = status === AOF_COMMAND ? walk.pos : walk.start;
      const bad = verifier.take(walk.buf, walk.from, walk.start, end);
      if (bad >= 0) {
        const start = walk.offset(bad) - verifier.badBytes;
        this.problem(start, `${verifier.badBytes} bytes from here on do not match their checksum`);
        return start;
      }
      if (status === AOF_END) {
        if (transaction >= 0) {
          this.problem(walk.offset(at), "Reached EOF before reading EXEC for MULTI");
        }
        return sound;
      }
      if (status !== AOF_COMMAND) {
        this.damage(walk, name, status === AOF_BAD);
        return sound;
      }
      const word = latin1(walk.buf, walk.wordOff[0], Math.min(walk.wordLen[0], 8)).toLowerCase();
      if (word !== "multi" && word !== "exec") continue;
      const start = walk.offset(walk.start);
      if ((word === "multi") === (transaction >= 0)) {
        this.problem(start, `Unexpected ${word.toUpperCase()} in AOF ${path}`);
        return sound;
      }
      transaction = word === "multi" ? start : -1;
    }
  }

  private problem(offset: number, text: string): void {
    this.say(`0x${offset.toString(16).padStart(16)}: ${text}`);
  }

  private damage(walk: AofFileReader, name: string, isBad: boolean): void {
    const { buf, pos } = walk;
    if (buf[walk.start] !== STAR) return this.say(`AOF ${name} format error`);
    const offset = walk.offset(pos);
    if (!isBad) return this.problem(offset, "The file ends within a command");
    const found = [...buf.subarray(pos, Math.min(pos + 2, walk.bufEnd))];
    const hex = found.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    this.problem(offset, `Expected a command as RESP, got: ${hex}`);
  }

  // ---- cutting

  /** The first annotation in bytes[from, to) that is later than the timestamp; -1 when there is none. */
  private cutAt(bytes: Uint8Array, from: number, to: number): number {
    if (this.seconds === null) return -1;
    for (let at = from; at < to && bytes[at] === HASH;) {
      const newline = bytes.indexOf(LF, at);
      const end = newline < 0 ? to : newline + 1;
      const line = latin1(bytes, at, end - at);
      if (line.startsWith("#TS:")) {
        const found = /^#TS:\s*([+-]?\d{1,18})\r/.exec(line);
        if (found === null) this.fail("Invalid timestamp annotation");
        else if (BigInt(found[1]) > this.seconds) return at;
      }
      at = end;
    }
    return -1;
  }

  private cutLater(name: string, path: string, offset: number, isLast: boolean): void {
    if (offset === 0) {
      this.fail(`AOF ${path} has nothing before timestamp ${this.seconds}, aborting...`);
    }
    if (!isLast) {
      this.say(
        `Failed to truncate AOF ${path} to timestamp ${this.seconds} to offset ${offset} ` +
          `because it is not the last file.`,
      );
      this.fail(
        `To cut it nevertheless, delete the files that follow it and their lines in the manifest, ` +
          `then check again.`,
      );
    }
    this.cut(path, offset, `Failed to truncate AOF ${name} to timestamp ${this.seconds}`);
  }

  private fix(name: string, path: string, size: number, sound: number, isLast: boolean): void {
    if (!isLast) this.fail(`Failed to truncate AOF ${name} because it is not the last file`);
    this.say(
      `This will shrink the AOF ${name} from ${size} bytes, with ${size - sound} bytes, ` +
        `to ${sound} bytes`,
    );
    this.io.out("Continue? [y/N]: ");
    const answer = this.io.line() ?? "";
    if (!/^y/i.test(answer)) this.fail("Aborting...");
    this.cut(path, sound, `Failed to truncate AOF ${name}`);
  }

  private cut(path: string, offset: number, failure: string): void {
    try {
      truncateSync(pathOf(path), offset);
    } catch (error) {
      this.fail(`${failure}: ${systemWords(error)}`);
    }
  }
}

/** Whether the first line that is no comment lists a file. */
function isManifest({ buf, end }: FileWindow): boolean {
  let at = 0;
  while (at < end && buf[at] === HASH) {
    const newline = buf.indexOf(LF, at);
    if (newline < 0) return false;
    at = newline + 1;
  }
  return latin1(buf, at, Math.max(0, Math.min(4, end - at))) === "file";
}

function isSnapshot({ buf, end }: FileWindow): boolean {
  if (end < SNAPSHOT_BYTES_MIN) return false;
  return /^(?:REDIS|VALKEY)/.test(latin1(buf, 0, SNAPSHOT_BYTES_MIN));
}
