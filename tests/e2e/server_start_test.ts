// server_start_test.ts: how a server is told what to do: words, configuration files, standard input;
// what it says when it cannot; the other words of the program; and the names it may be called by.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { freePort, programUnderTest } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import {
  ask,
  Program,
  referenceServer,
  runToEnd,
  waitFor,
  withFolder,
  withProgram,
} from "./server_kit.ts";

const FATAL = "\n*** FATAL CONFIG FILE ERROR (Version 9.1.0) ***\n" +
  "Reading the configuration file, at line ";

/** The reply of CONFIG GET as text. */
function value(name: string, text: string): string {
  return `*2\r\n$${name.length}\r\n${name}\r\n$${text.length}\r\n${text}\r\n`;
}

/** What both servers print for the same words, without process ids and times. */
function withoutStamp(text: string): string {
  return text.replace(/^\d+:M .{24} /gm, "");
}

test("configuration file: include, quotes, several values, the last word wins", async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    const lines = [
      "# a comment",
      `include ${folder}/parts/*.conf`,
      'requirepass ""',
      'proc-title-template "a \\x62 {title}"',
      "save 900 1 300 10",
      "bind 127.0.0.1",
      "timeout 7",
    ];
    mkdirSync(join(folder, "parts"));
    writeFileSync(join(folder, "parts", "a.conf"), "hz 33\ntimeout 1\n");
    writeFileSync(join(folder, "a.conf"), lines.join("\n"));
    const words = [`${folder}/a.conf`, "--port", String(port), "--databases", "3"];
    await withProgram(words, async (server) => {
      const expected: [name: string, text: string][] = [
        ["hz", "33"],
        ["timeout", "7"],
        ["save", "900 1 300 10"],
        ["databases", "3"],
        ["proc-title-template", "a b {title}"],
      ];
      for (const [name, text] of expected) {
        assert.equal(await ask(port, "CONFIG", "GET", name), value(name, text));
      }
      assert.match(server.stdout, /Configuration loaded/);
      const info = await ask(port, "INFO", "server");
      assert.ok(info.includes(`config_file:${folder}/a.conf\r\n`), info);
    }, { cwd: folder });
  });
});

test("configuration from standard input", async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    const words = ["-", "--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    const options = { cwd: folder, stdin: "hz 44\ntimeout 5\n" };
    await withProgram(words, async () => {
      assert.equal(await ask(port, "CONFIG", "GET", "hz"), value("hz", "44"));
      assert.equal(await ask(port, "CONFIG", "GET", "timeout"), value("timeout", "5"));
    }, options);
  });
});

/** Words or the text of a file that must be refused; the line, what it shows, and why. */
const REFUSED: readonly [words: string[], file: string, error: string][] = [
  [["--foo", "bar"], "", `2\n>>> 'foo "bar"'\nBad directive or wrong number of arguments\n`],
  [["--port"], "", "2\n>>> 'port'\nwrong number of arguments\n"],
  [["--port", "abc"], "", `2\n>>> 'port "abc"'\nargument couldn't be parsed into an integer\n`],
  [
    ["--rename-command", "a"],
    "",
    `2\n>>> 'rename-command "a"'\nBad directive or wrong number of ` +
    "arguments\n",
  ],
  [[], 'port 1\nbogus "x\n', `2\n>>> 'bogus "x'\nUnbalanced quotes in configuration line\n`],
  [[], "port 1\n\nmaxmemory 1x\n", "3\n>>> 'maxmemory 1x'\nargument must be a memory value\n"],
];

test("a bad directive ends the start with exit code 1, and says where and why", async () => {
  await withFolder(async (folder) => {
    const reference = referenceServer();
    if (reference === undefined) skipped("SIGRUN_REFERENCE_SERVER is not set");
    for (const [words, file, error] of REFUSED) {
      writeFileSync(join(folder, "bad.conf"), file);
      const all = file === "" ? words : ["bad.conf", ...words];
      const ours = await runToEnd(all, { cwd: folder });
      assert.deepEqual([ours.ending, ours.stderr], [1, FATAL + error], all.join(" "));
      if (reference === undefined) continue;
      const theirs = await runToEnd(all, { cwd: folder, program: [reference] });
      assert.deepEqual([ours.ending, ours.stderr], [theirs.ending, theirs.stderr]);
    }
  });
});

test("a missing file is named", async () => {
  await withFolder(async (folder) => {
    for (const words of [["none.conf"], ["--include", "none.conf"]]) {
      const ours = await runToEnd(words, { cwd: folder });
      const path = words.length === 1 ? `${folder}/none.conf` : "none.conf";
      const text = `# Fatal error, can't open config file '${path}': No such file or directory\n`;
      assert.deepEqual([ours.ending, withoutStamp(ours.stdout)], [1, text]);
      const reference = referenceServer();
      if (reference === undefined) continue;
      const theirs = await runToEnd(words, { cwd: folder, program: [reference] });
      assert.equal(withoutStamp(ours.stdout), withoutStamp(theirs.stdout));
    }
  });
});

test("words that ask for no server", async () => {
  const version = await runToEnd(["-v"]);
  assert.match(version.stdout, /^Valkey server v=9\.1\.0 sha=\S+ malloc=\S+ bits=64 build=\S+\n$/);
  assert.deepEqual([version.ending, version.stderr], [0, ""]);
  for (const word of ["-h", "--help"]) {
    const help = await runToEnd([word]);
    assert.match(help.stdout, /^Usage: /);
    assert.equal(help.ending, 0);
  }
  const memory = await runToEnd(["--test-memory"]);
  assert.equal(memory.ending, 1);
  assert.match(memory.stderr, /memory test/);
});

test("the program's own words", async () => {
  const program = programUnderTest();
  const version = await runToEnd(["version"], { program });
  assert.match(version.stdout, /^sigrun \d+\.\d+\.\d+ \(valkey 9\.1\.0\)\n$/);
  assert.equal(version.ending, 0);
  const help = await runToEnd(["help"], { program });
  assert.match(help.stdout, /^Usage: sigrun serve/);
  assert.equal(help.ending, 0);
  const unknown = await runToEnd(["nosuch"], { program });
  assert.equal(unknown.ending, 2);
  assert.match(unknown.stderr, /^sigrun: unknown word 'nosuch'\nUsage: /);
});

test("through links named after the programs it replaces", async () => {
  const [binary] = programUnderTest();
  if (!process.env.SIGRUN_BIN) return skipped("links need the executable (SIGRUN_BIN)");
  await withFolder(async (folder) => {
    for (const family of ["valkey", "redis"]) {
      const server = join(folder, `${family}-server`);
      const client = join(folder, `${family}-cli`);
      symlinkSync(binary, server);
      symlinkSync(binary, client);
      const version = await runToEnd(["--version"], { program: [server] });
      assert.match(version.stdout, /^Valkey server v=/);
      const port = await freePort();
      const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
      await withProgram(words, async () => {
        const pong = await runToEnd(["-p", String(port), "ping"], { program: [client] });
        assert.deepEqual([pong.ending, pong.stdout], [0, "PONG\n"]);
      }, { program: [server], cwd: folder });
    }
  });
});

test("rename-command in the file", async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    writeFileSync(
      join(folder, "a.conf"),
      'rename-command FLUSHALL "wipe"\nrename-command KEYS ""\n',
    );
    const words = ["a.conf", "--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    await withProgram(words, async () => {
      assert.equal(await ask(port, "WIPE"), "+OK\r\n");
      const unknown = "-ERR unknown command 'FLUSHALL', with args beginning with: \r\n";
      assert.equal(await ask(port, "FLUSHALL"), unknown);
      assert.match(await ask(port, "KEYS", "*"), /^-ERR unknown command 'KEYS'/);
    }, { cwd: folder });
  });
});

test("CONFIG REWRITE, then a restart, gives the same state", async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    const path = join(folder, "a.conf");
    const first = `# mine\nport ${port}\nbind 127.0.0.1\nsave ""\ntimeout 9\n`;
    writeFileSync(path, first);
    const get = ["CONFIG", "GET", "*"];
    let before = "";
    await withProgram([path], async () => {
      const set = ["maxmemory", "100mb", "hz", "21", "requirepass", "", "save", "60 2"];
      assert.equal(await ask(port, "CONFIG", "SET", ...set), "+OK\r\n");
      assert.equal(await ask(port, "CONFIG", "REWRITE"), "+OK\r\n");
      before = await ask(port, ...get);
    }, { cwd: folder });
    await withProgram([path], async () => {
      assert.equal(await ask(port, ...get), before);
      assert.equal(await ask(port, "CONFIG", "GET", "hz"), value("hz", "21"));
      assert.equal(await ask(port, "CONFIG", "GET", "timeout"), value("timeout", "9"));
    }, { cwd: folder });
  });
});

test("logfile and loglevel", async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    const path = join(folder, "server.log");
    const basics = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    const server = new Program([...basics, "--logfile", path], { cwd: folder });
    try {
      const log = () => existsSync(path) ? readFileSync(path, "utf8") : "";
      await waitFor(() => /Ready to accept connections tcp/.test(log()), log);
      assert.match(log(), /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* oO0OoO0OoO0Oo/);
      assert.equal(await ask(port, "CONFIG", "SET", "loglevel", "warning"), "+OK\r\n");
      server.signal("SIGTERM");
      assert.equal(await server.ended(), 0);
      assert.match(log(), /# Valkey is now ready to exit, bye bye\.\.\.\n$/);
      assert.doesNotMatch(log(), /User requested shutdown/);
      assert.equal(server.stdout, "");
    } finally {
      await server.stop();
    }
  });
});
