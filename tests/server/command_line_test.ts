// The words behind `serve`. Error texts, exit codes and what is set were recorded from the
// reference server.

import { test } from "node:test";
import assert from "node:assert/strict";
import {
  type CommandLineResult,
  optionLines,
  parseServerCommandLine,
} from "../../server/command_line.ts";
import { FakeHost } from "../lib/session/config/fake_host.ts";

const FACTS = { versionLine: "Sigrun server v=1", version: "9.1.0", commands: ["get", "set"] };

const FILES = {
  "/srv/a.conf": "timeout 1\nsave 900 1\n",
  "/srv/data/x": "",
  "/etc/b.conf": "loglevel debug",
  "/srv/bad.conf": "timeout 1\nbogus 2\n",
};

function parse(words: readonly string[], stdin = ""): CommandLineResult {
  return parseServerCommandLine(words, new FakeHost(FILES, stdin), FACTS);
}

// words, directives, their values, path of the file
type Good = readonly [words: string[], names: string, values: string[], file: string];

const GOOD: readonly Good[] = [
  [[], "port save", ["6379", "3600 1 300 100 60 10000"], ""],
  [["--port", "7777"], "port", ["7777"], ""],
  [["--port 7777", "--maxmemory 700mb"], "port maxmemory", ["7777", "734003200"], ""],
  [["a.conf"], "timeout save", ["1", "900 1"], "/srv/a.conf"],
  [["../etc/b.conf", "--timeout", "5"], "loglevel timeout", ["debug", "5"], "/etc/b.conf"],
  [["a.conf", "--timeout", "5"], "timeout", ["5"], "/srv/a.conf"],
  [["a.conf", "--save", "100", "100"], "save", ["900 1 100 100"], "/srv/a.conf"],
  [["a.conf", "--save", ""], "save", [""], "/srv/a.conf"],
  [["--save", "--loglevel", "verbose"], "save loglevel", ["", "verbose"], ""],
  [["--loglevel", "verbose", "--save"], "save loglevel", ["", "verbose"], ""],
  [["--save", "", "--loglevel", "verbose"], "save loglevel", ["", "verbose"], ""],
  [
    ["--proc-title-template", "--save", "--save", "", "--loglevel", "verbose"],
    "proc-title-template save loglevel",
    ["--save", "", "verbose"],
    "",
  ],
  [
    ["a.conf", "loglevel", "verbose", "--maxmemory '700mb'", "--maxmemory-policy 'volatile-lru'"],
    "maxmemory maxmemory-policy loglevel",
    ["734003200", "volatile-lru", "verbose"],
    "/srv/a.conf",
  ],
  [
    ["--proc-title-template --my--title", "--loglevel verbose"],
    "proc-title-template loglevel",
    ["--my--title", "verbose"],
    "",
  ],
  [
    ["--shutdown-on-sigint", "nosave", "force", "now", "--shutdown-on-sigterm", "nosave force"],
    "shutdown-on-sigint shutdown-on-sigterm",
    ["nosave now force", "nosave force"],
    "",
  ],
  [["--dir", "data", "--dir", "./"], "dir", ["/srv/data"], ""],
  [["--port", "0", "--bind", "1.2.3.4", "::1"], "port bind", ["0", "1.2.3.4 ::1"], ""],
  [["--logfile", "--x.log"], "logfile", ["--x.log"], ""],
  [["--requirepass", 'a "b" \xff'], "requirepass", ['a "b" \xff'], ""],
];

test("command lines that start a server", () => {
  for (const [words, names, values, file] of GOOD) {
    // A word that follows the file without dashes ends up behind the file's last line.
    const result = parse(words);
    assert.equal(result.kind, "start", `${words.join(" ")} ${JSON.stringify(result)}`);
    if (result.kind !== "start") continue;
    const { config, configFile } = result;
    assert.deepEqual(names.split(" ").map((name) => config.text(name)), values, words.join(" "));
    assert.equal(configFile, file);
  }
});

test("standard input", () => {
  const input = "timeout 9\nloglevel debug\n";
  const rows: readonly (readonly [words: string[], timeout: string, read: boolean])[] = [
    [["-"], "9", true],
    [["-", "--timeout", "3"], "3", true],
    [["--timeout", "3", "-"], "3", true],
    [["a.conf", "-"], "9", true],
    [["a.conf", "--hz", "20", "-"], "9", true],
    [["--logfile", "-", "--timeout", "5"], "5", false],
  ];
  for (const [words, timeout, read] of rows) {
    const result = parse(words, input);
    assert.ok(result.kind === "start", words.join(" "));
    assert.equal(result.config.text("timeout"), timeout, words.join(" "));
    assert.equal(result.config.text("loglevel"), read ? "debug" : "notice", words.join(" "));
    assert.equal(result.log.some(({ text }) => text === "Reading config from stdin"), read);
  }
});

const ENUM = "argument(s) must be one of the following:";
const LEVELS = `${ENUM} debug, verbose, notice, warning, nothing`;
const SHUTDOWN = `${ENUM} default, save, nosave, now, force, safe, failover`;

// words, line number, line shown, complaint
const BAD: readonly (readonly [words: string[], number: number, line: string, error: string])[] = [
  [["--invalid"], 2, "invalid", "Bad directive or wrong number of arguments"],
  [["--port"], 2, "port", "wrong number of arguments"],
  [["--port", "6380", "--loglevel"], 3, "loglevel", "wrong number of arguments"],
  [["--port", "6379", "6380"], 2, 'port "6379" "6380"', "wrong number of arguments"],
  [
    ["--port", "--loglevel", "verbose"],
    2,
    'port "--loglevel" "verbose"',
    "wrong number of arguments",
  ],
  [
    ["--port", "--bla", "--loglevel", "verbose"],
    2,
    'port "--bla"',
    "argument couldn't be parsed into an integer",
  ],
  [["--logfile", "--my--log--file", "--loglevel", "--bla"], 3, 'loglevel "--bla"', LEVELS],
  [["--shutdown-on-sigint"], 2, "shutdown-on-sigint", SHUTDOWN],
  [
    ["--shutdown-on-sigint", "now force", "--shutdown-on-sigterm"],
    3,
    "shutdown-on-sigterm",
    SHUTDOWN,
  ],
  [["--replicaof", "127.0.0.1", "abc"], 2, 'replicaof "127.0.0.1" "abc"', "Invalid primary port"],
  [
    ["--replicaof", "--127.0.0.1", "abc"],
    2,
    'replicaof "--127.0.0.1" "abc"',
    "Invalid primary port",
  ],
  [
    ["--replicaof", "--127.0.0.1", "--abc"],
    2,
    'replicaof "--127.0.0.1"',
    "wrong number of arguments",
  ],
  [["--maxmemory", "1 2"], 2, 'maxmemory "1 2"', "argument must be a memory value"],
  [["--save", "900"], 2, 'save "900"', "Invalid save parameters"],
  [["--dir", ""], 2, 'dir ""', "dir can't be empty"],
  [["--dir", "/none"], 2, 'dir "/none"', "No such file or directory"],
  [["bad.conf", "--port", "1"], 2, "bogus 2", "Bad directive or wrong number of arguments"],
  [["a.conf", "--hz", "x"], 4, 'hz "x"', "argument couldn't be parsed into an integer"],
  [
    ["--unixsocketperm", "7777"],
    2,
    'unixsocketperm "7777"',
    "argument must be between 0 and 777 inclusive",
  ],
  [["--port 1", "x"], 2, 'port 1 "x"', "wrong number of arguments"],
  [["--tls-port", "1"], 2, 'tls-port "1"', "TLS is not built yet"],
];

test("command lines that end with a complaint", () => {
  for (const [words, number, line, error] of BAD) {
    assert.deepEqual(parse(words), {
      kind: "exit",
      exitCode: 1,
      stdout: "",
      stderr: "\n*** FATAL CONFIG FILE ERROR (Version 9.1.0) ***\n" +
        `Reading the configuration file, at line ${number}\n>>> '${line}'\n${error}\n`,
      log: [],
    }, words.join(" "));
  }
});

test("a file that cannot be opened is a line of the log", () => {
  const why = "No such file or directory";
  for (
    const [words, path] of [
      [["none.conf"], "/srv/none.conf"],
      [["--include", "none.conf"], "none.conf"],
    ] as const
  ) {
    const log = [{ level: 3, text: `Fatal error, can't open config file '${path}': ${why}` }];
    assert.deepEqual(parse(words), { kind: "exit", exitCode: 1, stdout: "", stderr: "", log });
  }
});

test("questions and what is not built", () => {
  const version = { kind: "exit", exitCode: 0, stdout: "Sigrun server v=1\n", stderr: "", log: [] };
  assert.deepEqual(parse(["-v"]), version);
  assert.deepEqual(parse(["--version", "x"]), version);
  for (const word of ["-h", "--help"]) {
    const result = parse([word]);
    assert.ok(result.kind === "exit" && result.exitCode === 0);
    assert.match(result.stdout, /^Usage: sigrun serve/);
  }
  for (
    const words of [
      ["--test-memory"],
      ["--test-memory", "5"],
      ["--check-system"],
      ["--sentinel"],
      ["a.conf", "--sentinel"],
    ]
  ) {
    const result = parse(words);
    assert.ok(result.kind === "exit" && result.exitCode === 1, words.join(" "));
    assert.match(result.stderr, /\.\n$/);
  }
});

test("optionLines", () => {
  const rows: readonly (readonly [words: string[], lines: string])[] = [
    [[], ""],
    [["--port", "6380", "--bind", "1.2.3.4", "::1"], 'port "6380" \nbind "1.2.3.4" "::1" '],
    [["--maxmemory 1gb", "--port", "0"], 'maxmemory 1gb \nport "0" '],
    [["--save", "--port", "0"], 'save ""\nport "0" '],
    [["--SAVE"], 'SAVE ""'],
    [['--requirepass "a', "b"], 'requirepass "a "b" '],
  ];
  for (const [words, lines] of rows) assert.equal(optionLines(words), lines);
});
