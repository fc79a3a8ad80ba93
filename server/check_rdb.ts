// check_rdb.ts: `sigrun check-rdb`: says whether a snapshot is sane and what it holds, in the lines of valkey-check-rdb.
//
//   check-rdb FILE [--stats] [--format table|info|csv] [--output FILE]
//
// Exit code 0: sane; 1: not, or wrong usage. What comes from the file is shown with control characters escaped: a snapshot
// of somebody else shall not steer the terminal.

import { writeFileSync } from "node:fs";
import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { Keyspace } from "../lib/engine/keyspace.ts";
import { FileWindow } from "../lib/persist/file_window.ts";
import { RdbFileInput } from "../lib/persist/rdb_file_input.ts";
import { type SnapshotCheck, snapshotCheck } from "../lib/persist/rdb_file_checker.ts";
import { DataProfile, type TypeProfile } from "../lib/persist/rdb_profile.ts";
import { RDB_TYPE_MAX } from "../lib/persist/rdb_types.ts";
import { SIGRUN_VERSION, VALKEY_VERSION } from "../lib/version.ts";
import { pathOf, systemWords } from "./config_host.ts";
import { openInput } from "./files.ts";
import { shown } from "./log.ts";
import { systemClock, systemRandom } from "./platform.ts";
import type { ToolIo } from "./tool_io.ts";

/** Names of kinds of values, in the words of valkey-check-rdb. */
const KIND_NAMES = [
  "string",
  "list-linked",
  "set-hashtable",
  "zset-v1",
  "hash-hashtable",
  "zset-v2",
  "module-pre-release",
  "module-value",
  "",
  "hash-zipmap",
  "list-ziplist",
  "set-intset",
  "zset-ziplist",
  "hash-ziplist",
  "quicklist",
  "stream",
  "hash-listpack",
  "zset-listpack",
  "quicklist-v2",
  "stream-v2",
  "set-listpack",
  "stream-v3",
  "hash-volatile-items",
];
const TYPE_NAMES = ["string", "list", "set", "zset", "hash", "module", "stream"];
/** Databases without keys are listed only up to this one. */
const LISTED_DATABASES_MAX = 1024;

if (KIND_NAMES.length !== RDB_TYPE_MAX + 1) throw new Error("check-rdb: kinds without a name");

type Format = "table" | "info" | "csv";

interface Options {
  stats: boolean;
  format: Format;
  /** File for the figures; null for standard output. */
  output: string | null;
}

/** Runs the program with the words of its command line (texts); returns the exit code. */
export function checkRdbMain(program: string, words: readonly string[], io: ToolIo): number {
  const [file, ...rest] = words;
  if (words.length === 1 && (file === "-v" || file === "--version")) {
    io.out(versionLine("valkey-check-rdb"));
    return 0;
  }
  const options = readOptions(rest);
  if (file === undefined || options === null) {
    io.err(
      `Usage: ${program} <rdb-file-name> [--format table|info|csv] [--stats] [--output <file>]\n`,
    );
    return 1;
  }
  try {
    const input = openInput(pathOf(file));
    if (input === null) throw new Error("No such file or directory");
    return checkRdb(file, new FileWindow(input), options, io).isSane ? 0 : 1;
  } catch (error) {
    io.out(`[offset 0] Checking RDB file ${file}\n`);
    io.err(`Cannot read ${file}: ${systemWords(error)}\n`);
    io.out("[offset 0] Check RDB returned error code 1 (0 means success)\n");
    return 1;
  }
}

/** The line for --version of one of the tools. */
export function versionLine(tool: string): string {
  const build = `sigrun-${SIGRUN_VERSION}`;
  return `${tool} v=${VALKEY_VERSION} sha=00000000:0 malloc=arena bits=64 build=${build}\n`;
}

function readOptions(words: readonly string[]): Options | null {
  const options: Options = { stats: false, format: "table", output: null };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "--stats") {
      options.stats = true;
    } else if (word === "--output" && i + 1 < words.length) {
      options.output = words[++i];
    } else if (word === "--format" && isFormat(words[i + 1])) {
      options.format = words[++i] as Format;
    } else {
      return null;
    }
  }
  return options;
}

function isFormat(word: string | undefined): boolean {
  return word === "table" || word === "info" || word === "csv";
}

/** How the check of a snapshot went, and where it ends. */
export interface RdbVerdict {
  isSane: boolean;
  /** Where in the window it ends. */
  pos: number;
}

/** Checks a snapshot at the start of a file; more may follow it. `file` is what it is called. */
export function checkRdb(
  file: string,
  window: FileWindow,
  options: Options,
  io: ToolIo,
): RdbVerdict {
  // What cannot be read is said before anything else is.
  window.advance(0, Math.min(1, window.size));
  const note = (offset: number, text: string) => io.out(`[offset ${offset}] ${shown(text)}\n`);
  const profile = options.stats ? new DataProfile() : null;
  note(0, `Checking RDB file ${file}`);
  const input = new RdbFileInput(window, true);
  const check = snapshotCheck(emptyKeyspace(), input, systemClock.wallMs(), note, profile);
  const isSane = check.error === "";
  if (!isSane) {
    io.out("--- RDB ERROR DETECTED ---\n");
    note(check.offset, check.error);
    io.out(whereabouts(check));
    summary(check, profile, options, io);
  }
  note(check.offset, `Check RDB returned error code ${isSane ? 0 : 1} (0 means success)`);
  if (isSane) {
    note(
      check.offset,
      check.needsRelaxed
        ? "\\o/ RDB looks OK, but loading requires config 'rdb-version-check relaxed'"
        : "\\o/ RDB looks OK! \\o/",
    );
    summary(check, profile, options, io);
  }
  return { isSane, pos: input.pos };
}

/** Room for the one value that is looked at. */
function emptyKeyspace(): Keyspace {
  const random = systemRandom();
  const seed = Int32Array.of(random.next32(), random.next32());
  return new Keyspace(1, seed, () => random.next32());
}

function whereabouts(check: SnapshotCheck): string {
  let text = `[additional info] While doing: ${check.step}\n`;
  if (check.key !== null) text += `[additional info] Reading key '${shown(check.key)}'\n`;
  if (check.kind >= 0) {
    text += `[additional info] Reading type ${check.kind} (${KIND_NAMES[check.kind]})\n`;
  }
  return text;
}

function summary(
  check: SnapshotCheck,
  profile: DataProfile | null,
  options: Options,
  io: ToolIo,
): void {
  io.out(`[info] ${check.keys} keys read\n`);
  io.out(`[info] ${check.expires} expires\n`);
  io.out(`[info] ${check.alreadyExpired} already expired\n`);
  io.out(`[info] ${check.functions} functions\n`);
  if (check.scripts > 0) io.out(`[info] ${check.scripts} lua scripts read\n`);
  if (profile === null) return;
  const figures = figuresText(profile, check.database, options.format);
  if (options.output === null) return io.out(figures);
  try {
    writeFileSync(pathOf(options.output), fromLatin1(figures));
  } catch (error) {
    io.err(`Cannot open output file: '${options.output}': ${systemWords(error)}\n`);
  }
}

// ---- figures

const FIGURES: readonly [name: string, text: (profile: TypeProfile, type: number) => string][] = [
  ["type.name", (_, type) => TYPE_NAMES[type]],
  ["keys.total", (p) => String(p.keys)],
  ["expire_keys.total", (p) => String(p.expires)],
  ["already_expired.total", (p) => String(p.alreadyExpired)],
  ["keys.size", (p) => String(p.keyBytes)],
  ["keys.value_size", (p) => String(p.elementBytes)],
  ["elements.total", (p) => String(p.elements)],
  ["elements.size", (p) => String(p.elementBytes)],
  ["elements.num.max", (p) => String(p.elementsMax)],
  ["elements.num.avg", (p) => average(p.elements, p.keys)],
  ["elements.num.p99", (p) => p.counts.percentile(99).toFixed(2)],
  ["elements.num.p90", (p) => p.counts.percentile(90).toFixed(2)],
  ["elements.num.p50", (p) => p.counts.percentile(50).toFixed(2)],
  ["elements.size.max", (p) => String(p.elementBytesMax)],
  ["elements.size.avg", (p) => average(p.elementBytes, p.elements)],
  ["elements.size.p99", (p) => p.sizes.percentile(99).toFixed(2)],
  ["elements.size.p90", (p) => p.sizes.percentile(90).toFixed(2)],
  ["elements.size.p50", (p) => p.sizes.percentile(50).toFixed(2)],
];

function average(sum: number, count: number): string {
  return count > 0 ? Math.fround(Math.fround(sum) / Math.fround(count)).toFixed(2) : "0.00";
}

function figuresText(profile: DataProfile, lastDatabase: number, format: Format): string {
  let text = "";
  for (let index = 0; index <= lastDatabase; index++) {
    if (index > LISTED_DATABASES_MAX && index < lastDatabase) index = lastDatabase;
    const profiles = profile.database(index);
    for (const [name, figure] of FIGURES) {
      const values = profiles.map(figure);
      text += figureLine(index, name, values, format);
    }
  }
  return text;
}

function figureLine(index: number, name: string, values: string[], format: Format): string {
  const title = `db.${index}.${name}`;
  if (format === "csv") return `${title},${values.join(",")}\n`;
  if (format === "table") {
    return title.padEnd(30) + values.map((value) => "\t" + value.padEnd(5)).join("") + "\n";
  }
  if (name === "type.name") return "";
  const line = (value: string, type: number) =>
    `[info] db.${index}.type.${TYPE_NAMES[type]}.${name}:${value}\n`;
  return values.map(line).join("");
}
