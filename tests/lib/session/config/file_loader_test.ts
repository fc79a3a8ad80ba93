// The grammar of the configuration file. Error texts were recorded from the reference server; what
// a good text sets was compared with its CONFIG GET.

import { test } from "node:test";
import assert from "node:assert/strict";
import { Config } from "../../../../lib/session/config/config.ts";
import {
  FileLoader,
  INCLUDE_DEPTH_MAX,
  type LoadError,
  type LoadOptions,
} from "../../../../lib/session/config/file_loader.ts";
import { FakeHost } from "./fake_host.ts";

interface Loaded {
  config: Config;
  host: FakeHost;
  error: LoadError | null;
}

function load(
  text: string,
  files: Readonly<Record<string, string>> = {},
  addUser?: LoadOptions["addUser"],
): Loaded {
  const host = new FakeHost(files);
  const config = new Config({ directory: host.directory });
  const commands = ["get", "set", "flushdb"];
  const loader = new FileLoader(config, { files: host.files, version: "9.1.0", commands, addUser });
  return { config, host, error: loader.load(text) };
}

// text, directives that follow as "name=value ..."
const GOOD: readonly (readonly [text: string, names: string, values: string[]])[] = [
  ["  # comment\n\t\n   timeout\t5  \r\n#x", "timeout", ["5"]],
  ["TimeOut 5\nMAXMEMORY 1KB", "timeout maxmemory", ["5", "1024"]],
  ["timeout 1\ntimeout 2\n", "timeout", ["2"]],
  ['"timeout" "7"', "timeout", ["7"]],
  ["bind-source-addr 'a b'", "bind-source-addr", ["a b"]],
  ['bind-source-addr "a\\x41\\n"', "bind-source-addr", ["aA\n"]],
  ["bind 127.0.0.1 -::1", "bind", ["127.0.0.1 -::1"]],
  ['bind "127.0.0.1 -::1"', "bind", ["127.0.0.1 -::1"]],
  ["bind", "bind", [""]],
  ["hash-max-listpack-entries 20\nhash-max-ziplist-entries 21", "hash-max-listpack-entries", [
    "21",
  ]],
  ["save 900 1", "save", ["900 1"]],
  ["save 900 1\nsave 300 10 60 5", "save", ["900 1 300 10 60 5"]],
  ["save ''", "save", [""]],
  ['save ""\nsave 1 1', "save", ["1 1"]],
  ["save 1 1\nsave ''\nsave 2 2", "save", ["2 2"]],
  ['save "1 1  2 2"\nsave\nsave "3 3"', "save", ["1 1 2 2 3 3"]],
  [
    "client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit pubsub 4 5 6",
    "client-output-buffer-limit",
    ["normal 1 2 3 slave 268435456 67108864 60 pubsub 4 5 6"],
  ],
  ["client-output-buffer-limit", "timeout", ["0"]],
  ["dynamic-hz yes\nio-threads-do-reads no\nlua-replicate-commands yes", "timeout", ["0"]],
  ["sentinel", "timeout", ["0"]],
  ["include none*.conf\ntimeout 3", "timeout", ["3"]],
  ["replicaof no one", "replicaof", [""]],
  ["logfile a.log", "logfile", ["a.log"]],
];

test("texts that load", () => {
  for (const [text, names, values] of GOOD) {
    const { config, error } = load(text);
    assert.equal(error, null, text);
    assert.deepEqual(names.split(" ").map((name) => config.text(name)), values, text);
  }
});

// text, line number (0: none is named), line shown, complaint
const BAD: readonly (readonly [text: string, number: number, line: string, error: string])[] = [
  [
    'timeout 5\n# c\n\n  maxmemory "abc \n',
    4,
    'maxmemory "abc',
    "Unbalanced quotes in configuration line",
  ],
  ['maxmemory "a"b', 1, 'maxmemory "a"b', "argument must be a memory value"],
  ["timeout 5\nbogus 1\n", 2, "bogus 1", "Bad directive or wrong number of arguments"],
  ["timeout", 1, "timeout", "wrong number of arguments"],
  ["timeout 5 # c", 1, "timeout 5 # c", "wrong number of arguments"],
  ["maxmemory 12zz", 1, "maxmemory 12zz", "argument must be a memory value"],
  ["dynamic-hz", 1, "dynamic-hz", "Bad directive or wrong number of arguments"],
  ['"" 1', 1, '"" 1', "Bad directive or wrong number of arguments"],
  ["include", 1, "include", "Bad directive or wrong number of arguments"],
  ["include a b", 1, "include a b", "Bad directive or wrong number of arguments"],
  ["user", 1, "user", "Bad directive or wrong number of arguments"],
  ["user a on", 1, "user a on", "ACL users in the configuration file are not built yet"],
  ["foo.bar", 1, "foo.bar", "Module config specified without value"],
  [
    "foo.bar 1",
    1,
    "foo.bar 1",
    "Modules cannot be loaded by this server, so none takes this setting",
  ],
  ["loadmodule x.so", 1, "loadmodule x.so", "Modules cannot be loaded by this server"],
  ["sentinel monitor a", 1, "sentinel monitor a", "sentinel directive while not in sentinel mode"],
  ["rename-command foo bar", 1, "rename-command foo bar", "No such command in rename-command"],
  ["rename-command get set", 1, "rename-command get set", "Target command name already exists"],
  ["rename-command get", 1, "rename-command get", "Bad directive or wrong number of arguments"],
  [
    'rename-command get ""\nrename-command get x',
    2,
    "rename-command get x",
    "No such command in rename-command",
  ],
  ["dir /none", 1, "dir /none", "No such file or directory"],
  ["dir", 1, "dir", "wrong number of arguments"],
  ["logfile /none/x", 0, "", "Can't open the log file: No such file or directory"],
  [
    "cluster-enabled yes",
    1,
    "cluster-enabled yes",
    "Cluster mode is not built yet",
  ],
  [
    "shutdown-on-sigterm",
    1,
    "shutdown-on-sigterm",
    "argument(s) must be one of the following: default, save, nosave, now, force, safe, failover",
  ],
  [
    "include loop.conf",
    1,
    "include loop.conf",
    "Configuration files include each other too deeply",
  ],
];

function fatal(number: number, line: string, complaint: string): LoadError {
  const where = number === 0
    ? ""
    : `Reading the configuration file, at line ${number}\n>>> '${line}'\n`;
  const head = "\n*** FATAL CONFIG FILE ERROR (Version 9.1.0) ***\n";
  return { at: "stderr", text: `${head}${where}${complaint}\n` };
}

test("texts that end the start", () => {
  for (const [text, number, line, error] of BAD) {
    const loop = { "/srv/loop.conf": "include loop.conf" };
    assert.deepEqual(load(text, loop).error, fatal(number, line, error), text);
  }
});

test("included files", () => {
  const files = {
    "/srv/a.conf": "timeout 5\nmaxmemory 1kb\n",
    "/srv/conf.d/2.conf": "loglevel debug",
    "/srv/conf.d/1.conf": "loglevel verbose",
    "/srv/bad.conf": "\n\nloglevel x\n",
    "/srv/data/x.conf": "timeout 9",
  };
  const plain = load("timeout 1\ninclude a.conf\nmaxmemory 2kb\n", files);
  assert.equal(plain.error, null);
  assert.equal(plain.config.text("timeout"), "5");
  assert.equal(plain.config.text("maxmemory"), "2048");
  assert.deepEqual([...plain.config.setByInclude], ["timeout", "maxmemory"]);
  assert.equal(load("include conf.d/*.conf", files).config.text("loglevel"), "debug");
  assert.equal(load("dir data\ninclude *.conf", files).config.text("timeout"), "9");
  assert.deepEqual(
    load("timeout 1\ninclude bad.conf\n", files).error,
    fatal(
      3,
      "loglevel x",
      "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
    ),
  );
  const why = "Fatal error, can't open config file 'none.conf': No such file or directory";
  assert.deepEqual(load("include none.conf", files).error, { at: "log", text: why });
  const chain = Object.fromEntries(
    Array.from({ length: INCLUDE_DEPTH_MAX }, (_, i) => [`/srv/${i}`, `include ${i + 1}\n`]),
  );
  chain[`/srv/${INCLUDE_DEPTH_MAX}`] = "timeout 4";
  assert.equal(load("include 1", chain).config.text("timeout"), "4");
});

test("behind an include, save lines replace each other", () => {
  const files = { "/srv/b.conf": "save 5 5\nsave 6 6\n" };
  const { config } = load("save 900 1\ninclude b.conf\nsave 300 10\nsave 60 1\n", files);
  assert.equal(config.text("save"), "60 1");
  assert.equal(load("save 900 1\ninclude b.conf\n", files).config.text("save"), "900 1 5 5 6 6");
});

test("renamed commands and users are kept for whoever starts the server", () => {
  const { config } = load(
    "rename-command GET geta\nrename-command set get\nrename-command flushdb ''",
  );
  assert.deepEqual(config.renamedCommands, [["GET", "geta"], ["set", "get"], ["flushdb", ""]]);
  const users = load(
    "user a on >x\ninclude u.conf\n",
    { "/srv/u.conf": "user b off\n" },
    () => null,
  );
  assert.deepEqual(users.config.fileUsers, [["a", "on", ">x"], ["b", "off"]]);
  assert.deepEqual([...users.config.setByInclude], ["user b"]);
  const bad = load("user a +x", {}, (words) => ({ word: words[1], complaint: "Unknown" }));
  assert.deepEqual(bad.error, fatal(1, "user a +x", "Error in user declaration '+x': Unknown"));
});
