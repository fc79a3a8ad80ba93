import assert from "node:assert/strict";
import { test } from "node:test";
import { LineRunner, parseLine } from "../../cli/line_runner.ts";
import { applyPreferencesFile, type Preferences } from "../../cli/preferences.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";
import { scriptedClient } from "./kit.ts";

const rows: [line: string, words: string[] | null, repeat: number | null][] = [
  ["", [], 1],
  ["ping", ["ping"], 1],
  ["5", ["5"], 1],
  ["5 ping", ["ping"], 5],
  ["+5 ping", ["ping"], 5],
  ["05 ping", ["ping"], 5],
  ["0 ping", ["ping"], null],
  ["-1 ping", ["ping"], null],
  ["99999999999999999999 ping", ["ping"], null],
  ["5x ping", ["5x", "ping"], 1],
  ["2 3 ping", ["3", "ping"], 2],
  ['"open', null, 1],
];

for (const [line, words, repeat] of rows) {
  test(`line: ${JSON.stringify(line)}`, () => {
    const parsed = parseLine(bytesOf(line));
    assert.deepEqual(parsed.words?.map((word) => latin1(word)) ?? null, words);
    assert.equal(parsed.repeat, repeat);
  });
}

test("lines: what the client does itself", async () => {
  const { client, io, heard } = scriptedClient(() => "+OK\r\n");
  const runner = new LineRunner(client);
  const run = (line: string) => runner.run(bytesOf(line));
  assert.equal(await run("QUIT"), "leave");
  assert.equal(await run("exit now"), "leave");
  assert.equal(await run(":set nohints"), "stay");
  assert.equal(runner.preferences.hints, false);
  assert.equal(await run(":set nosuch"), "stay");
  assert.equal(await run(":get pubsub"), "stay");
  assert.equal(await run('"open'), "stay");
  assert.equal(await run("0 ping"), "stay");
  assert.equal(await run("  "), "stay");
  assert.equal(await run(""), "done");
  assert.equal(await run("restart"), "done");
  assert.equal(await run("clear"), "done");
  assert.deepEqual(heard, []);
  assert.equal(await run("3 set k v"), "done");
  assert.deepEqual(heard, ["set k v", "set k v", "set k v"]);
  assert.equal(
    io.stdout,
    "unknown valkey-cli preference 'nosuch'\n0\nInvalid argument(s)\n" +
      "Invalid valkey-cli repeat command option value.\n" +
      "Use 'restart' only in Lua debugging mode.\n\x1b[H\x1b[2J" + "OK\nOK\nOK\n",
  );
});

test("preferences file: what is known is applied, the rest is complained about", () => {
  const preferences: Preferences = { hints: true };
  const complaints = applyPreferencesFile(preferences, ':set NOHINTS\n\n:set x\r\nfoo\n"open\n');
  assert.equal(preferences.hints, false);
  assert.equal(
    complaints,
    ".valkeyclirc: unknown valkey-cli preference 'x'\n" +
      ".valkeyclirc: unknown valkey-cli internal command 'foo'\n",
  );
});
