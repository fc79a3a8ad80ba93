// The real files behind the configuration, in a directory of their own.

import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { configFileAt, pathOf, PROCESS_HOST, textOf } from "../../server/config_host.ts";
import { parseServerCommandLine } from "../../server/command_line.ts";

function inDirectory(run: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "sigrun-config-"));
  const before = process.cwd();
  try {
    run(directory);
  } finally {
    process.chdir(before);
    rmSync(directory, { recursive: true, force: true });
  }
}

test("texts and paths", () => {
  assert.equal(textOf("h\u00e9"), "h\xc3\xa9");
  assert.equal(pathOf("h\xc3\xa9"), "h\u00e9");
});

test("files", () =>
  inDirectory((directory) => {
    const { files } = PROCESS_HOST;
    const path = textOf(join(directory, "\u00e9.conf"));
    writeFileSync(pathOf(path), new Uint8Array([0x61, 0xff, 0x0a]));
    mkdirSync(join(directory, "sub"));
    assert.equal(files.readText(path), "a\xff\n");
    assert.deepEqual([...files.list(textOf(directory))].sort(), ["sub", "\xc3\xa9.conf"].sort());
    assert.deepEqual(files.list(textOf(join(directory, "none"))), []);
    assert.throws(() => files.readText(path + "x"), /^Error: No such file or directory$/);
    assert.throws(() => files.readText(textOf(join(directory, "sub"))), /^Error: Is a directory$/);
    assert.equal(files.tryAppend(textOf(join(directory, "log"))), "");
    assert.equal(
      files.tryAppend(textOf(join(directory, "no", "log"))),
      "No such file or directory",
    );
  }));

test("the working directory", () =>
  inDirectory((directory) => {
    const host = PROCESS_HOST.directory;
    mkdirSync(join(directory, "sub"));
    assert.equal(host.change(textOf(directory)), "");
    const at = host.current();
    assert.equal(host.change("sub"), "");
    assert.equal(host.current(), textOf(join(pathOf(at), "sub")));
    assert.equal(host.change("none"), "No such file or directory");
  }));

test("replacing the file", () =>
  inDirectory((directory) => {
    const path = join(directory, "main.conf");
    const file = configFileAt(textOf(path));
    assert.equal(file.read(), null);
    file.replace("timeout 5\n\xff");
    assert.deepEqual([...readFileSync(path)].slice(-2), [0x0a, 0xff]);
    assert.equal(file.read(), "timeout 5\n\xff");
    assert.deepEqual(readdirSync(directory), ["main.conf"]);
    const lost = configFileAt(textOf(join(directory, "none", "main.conf")));
    assert.throws(() => lost.replace("x"), /^Error: No such file or directory$/);
  }));

test("from the command line to a rewritten file", () =>
  inDirectory((directory) => {
    const path = join(directory, "main.conf");
    writeFileSync(path, "# mine\ntimeout 5\n");
    const facts = { versionLine: "", version: "9.1.0", commands: [] };
    const words = [textOf(path), "--hz", "20"];
    const result = parseServerCommandLine(words, PROCESS_HOST, facts);
    assert.ok(result.kind === "start");
    const { config, configFile } = result;
    assert.equal(configFile, textOf(path));
    config.options = { ...config.options, file: configFileAt(configFile) };
    assert.equal(config.set([["timeout", "6"]]), "");
    assert.equal(config.rewrite(), "");
    const text = readFileSync(path, "utf8");
    assert.match(text, /^# mine\ntimeout 6\n/);
    assert.match(text, /\nhz 20\n/);
  }));
