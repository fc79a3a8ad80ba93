// command_line.ts: what the words behind `serve` mean: a configuration file, "-" for standard
// input, and directives as options; or a question (version, help) that needs no server.
//
//   [file] [--name value ...]... [-]
//
// The options become lines of a configuration text that is loaded after the file and standard
// input, so the same rules and the same error texts hold, and the last word wins:
//
//   --port 6380 --bind 1.2.3.4 ::1     ->   port "6380" \n bind "1.2.3.4" "::1"
//   "--maxmemory 1gb" --port 0         ->   maxmemory 1gb \n port "0"
//   --save --port 0                    ->   save "" \n port "0"     (also as the last word)
//
// A word that starts with "--" is a value when it follows an option that has none yet.
// "-" is standard input as the first or the last word, else a value. Source followed: the main
// function of valkey's server.

import {
  FileLoader,
  type FileSystem,
  type LoadOptions,
} from "../lib/session/config/file_loader.ts";
import { Config, type ConfigOptions, type WorkingDirectory } from "../lib/session/config/config.ts";
import { absolutePath } from "../lib/session/config/paths.ts";
import { quoteWord, splitWords } from "../lib/session/config/words.ts";
import type { LogLevel } from "../lib/platform/mod.ts";

/** The world the command line is read in. Texts and paths are latin-1, one character per byte. */
export interface CommandLineHost {
  files: FileSystem;
  directory: WorkingDirectory;
  /** All of standard input. */
  readStdin(): string;
}

/** Facts about this server. */
export interface CommandLineFacts {
  /** What -v prints, without line feed. */
  versionLine: string;
  /** Version in the head of configuration errors: the valkey version followed. */
  version: string;
  /** Lower-case names of all commands. */
  commands: Iterable<string>;
  addUser?: LoadOptions["addUser"];
  /** Passed on to the Config (log, isLoading, userLines). */
  options?: ConfigOptions;
}

/** A line for the log, once there is one. */
export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Start a server, or print something and end. */
export type CommandLineResult =
  | {
    readonly kind: "start";
    readonly config: Config;
    /** Absolute path, "" when there is none. */
    readonly configFile: string;
    readonly log: readonly LogLine[];
  }
  | {
    readonly kind: "exit";
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
    /** Lines to log before the end. */
    readonly log: readonly LogLine[];
  };

const USAGE = `Usage: sigrun serve [FILE] [--DIRECTIVE VALUE...]... [-]

  FILE                      a configuration file, read first
  -                         as first or last word: more configuration, from standard input
  --DIRECTIVE VALUE...      any directive of the configuration file; stronger than the others
  -v, --version             the version
  -h, --help                this text

Examples:
  sigrun serve                                      all directives at their defaults
  sigrun serve /etc/sigrun/6379.conf
  sigrun serve --port 7777 --bind 127.0.0.1
  sigrun serve server.conf --loglevel verbose --save ''
  echo 'maxmemory 128mb' | sigrun serve -
`;

function exit(exitCode: number, stdout: string, stderr: string): CommandLineResult {
  return { kind: "exit", exitCode, stdout, stderr, log: [] };
}

function refusal(text: string): CommandLineResult {
  return exit(1, "", text + "\n");
}

/** The answer to a first word that asks for no server, or null. */
function answer(words: readonly string[], facts: CommandLineFacts): CommandLineResult | null {
  switch (words[0]) {
    case "-v":
    case "--version":
      return exit(0, facts.versionLine + "\n", "");
    case "-h":
    case "--help":
      return exit(0, USAGE, "");
    case "--test-memory":
      return refusal("This server has no memory test: please use a tool made for it.");
    case "--check-system":
      return refusal("This server has no system checks: it changes and needs no kernel settings.");
  }
  return words.includes("--sentinel") ? refusal("Sentinel mode is not built yet.") : null;
}

/** The options as lines of a configuration text; "" when there are none. */
export function optionLines(words: readonly string[]): string {
  let text = "";
  let complete = true;
  for (const [i, word] of words.entries()) {
    if (!(complete && word.startsWith("--"))) {
      text += quoteWord(word) + " ";
      complete = true;
      continue;
    }
    text += `${text === "" ? "" : "\n"}${word.slice(2)} `;
    const alone = splitWords(word)?.length === 1;
    const isLast = i === words.length - 1;
    const emptySave = alone && word.toLowerCase() === "--save" &&
      (isLast || words[i + 1].startsWith("--"));
    if (emptySave) text += '""';
    complete = !alone || (emptySave && !isLast);
  }
  return text;
}

/** Reads the words behind `serve`: JavaScript strings of latin-1 texts. */
export function parseServerCommandLine(
  words: readonly string[],
  host: CommandLineHost,
  facts: CommandLineFacts,
): CommandLineResult {
  const known = words.length === 0 ? null : answer(words, facts);
  if (known !== null) return known;
  const config = new Config({ directory: host.directory, ...facts.options });
  if (words.length === 0) {
    const text = "No configuration file and no options: all directives are at their defaults.";
    return { kind: "start", config, configFile: "", log: [{ level: 3, text }] };
  }
  const hasFile = !words[0].startsWith("-");
  const configFile = hasFile ? absolutePath(words[0], host.directory.current()) : "";
  const rest = hasFile ? words.slice(1) : words;
  const isStdin = (word: string, i: number) =>
    word === "-" && ((i === 0 && !hasFile) || i === rest.length - 1);
  const log: LogLine[] = [];
  const { files } = host;
  const loader = new FileLoader(config, { ...facts, files });
  const { text, error } = hasFile ? loader.readFiles(configFile) : { text: "", error: null };
  let all = text;
  if (error === null && rest.some(isStdin)) {
    log.push({ level: 2, text: "Reading config from stdin" });
    all += host.readStdin();
  }
  all += "\n" + optionLines(rest.filter((word, i) => !isStdin(word, i)));
  const failed = error ?? loader.load(all);
  if (failed === null) return { kind: "start", config, configFile, log };
  if (failed.at === "log") log.push({ level: 3, text: failed.text });
  const stderr = failed.at === "stderr" ? failed.text : "";
  return { kind: "exit", exitCode: 1, stdout: "", stderr, log };
}
