// What commands leave behind for files and replicas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import type { PropagationSink } from "../../../lib/session/propagation.ts";
import { World } from "../../kit/world.ts";
import { splitWords } from "../../kit/resp.ts";

/** Words of every command in the stream, one line each. */
class Recorder implements PropagationSink {
  text = "";

  feed(buf: Uint8Array, off: number, len: number): void {
    this.text += latin1(buf, off, len);
  }

  take(): string[] {
    const commands = this.text.split(/^\*\d+\r\n/m).slice(1);
    this.text = "";
    return commands.map((command) => command.split("\r\n").filter((_, i) => i % 2 === 1).join(" "));
  }
}

const START_MS = 1_767_225_600_000;

function propagated(before: readonly string[], steps: readonly string[]): string[] {
  const world = new World();
  const client = world.connect();
  const run = (step: string) => {
    const wait = /^~(\d+)$/.exec(step);
    if (wait !== null) world.advance(Number(wait[1]));
    else client.send(splitWords(step));
  };
  before.forEach(run);
  const recorder = new Recorder();
  world.engine.propagation.attach(recorder);
  steps.forEach(run);
  world.engine.propagation.detach(recorder);
  return recorder.take();
}

const ROWS: readonly [string, string[], string[], (string | RegExp)[]][] = [
  ["a write names its database once", [], ["SET a 1", "INCR a", "SELECT 3", "SET b 2"], [
    "SELECT 0",
    "SET a 1",
    "INCR a",
    "SELECT 3",
    "SET b 2",
  ]],
  ["reads and writes in vain leave nothing", ["SET a 1"], [
    "GET a",
    "DEL nope",
    "SETNX a 2",
    "EXPIRE nope 10",
  ], []],
  ["refused commands leave nothing", ["SET a x"], ["INCR a", "SET a", "NOPE"], []],
  ["times become absolute", [], ["SET a 1 EX 10", "PSETEX b 5 v", "EXPIRE a 20", "GETEX a PX 7"], [
    "SELECT 0",
    /^SET a 1 PXAT \d{13}$/,
    /^SET b v PXAT \d{13}$/,
    /^PEXPIREAT a \d{13}$/,
    /^PEXPIREAT a \d{13}$/,
  ]],
  ["conditions of EXPIRE stay", ["SET a 1"], ["EXPIRE a 20 NX"], [
    "SELECT 0",
    /^PEXPIREAT a \d{13} NX$/,
  ]],
  ["an absolute time stays as it was said", [], [`SET a 1 PXAT ${START_MS * 2} NX`], [
    "SELECT 0",
    `SET a 1 PXAT ${START_MS * 2} NX`,
  ]],
  ["a time that is past deletes", ["SET a 1", "SET b 1"], ["EXPIREAT a 1", "SET b 2 PXAT 1"], [
    "SELECT 0",
    "UNLINK a",
    "UNLINK b",
  ]],
  ["SET GET loses GET", ["SET a 1"], ["SET a 2 GET"], ["SELECT 0", "SET a 2"]],
  ["GETEX PERSIST, GETDEL and DELIFEQ say what they did", ["SET a 1 EX 9", "SET b 1"], [
    "GETEX a PERSIST",
    "GETDEL a",
    "DELIFEQ b 1",
  ], ["SELECT 0", "PERSIST a", "DEL a", "DEL b"]],
  ["sums of fractions are stored", ["SET a 1"], ["INCRBYFLOAT a 0.5"], [
    "SELECT 0",
    "SET a 1.5 KEEPTTL",
  ]],
  ["MSETEX with a relative time", [], ["MSETEX 1 a 1 EX 10 NX"], [
    "SELECT 0",
    /^MSETEX 1 a 1 PXAT \d{13} NX$/,
  ]],
  ["a transaction goes as a whole", [], [
    "MULTI",
    "SET a 1",
    "GET a",
    "SELECT 9",
    "SET b 2",
    "EXEC",
  ], [
    "MULTI",
    "SELECT 0",
    "SET a 1",
    "SELECT 9",
    "SET b 2",
    "EXEC",
  ]],
  ["a transaction of one write is that write", [], ["MULTI", "SET a 1", "GET a", "EXEC"], [
    "SELECT 0",
    "SET a 1",
  ]],
  ["a transaction that changes nothing is nothing", [], ["MULTI", "GET a", "EXEC"], []],
  ["a discarded transaction is nothing", [], ["MULTI", "SET a 1", "DISCARD"], []],
  ["a key found expired is deleted first", ["DEBUG SET-ACTIVE-EXPIRE 0", "SET a 1 PX 5", "~10"], [
    "INCR a",
  ], ["MULTI", "SELECT 0", "UNLINK a", "INCR a", "EXEC"]],
  [
    "a read that finds a key expired deletes it",
    [
      "DEBUG SET-ACTIVE-EXPIRE 0",
      "SET a 1 PX 5",
      "~10",
    ],
    ["GET a"],
    ["SELECT 0", "UNLINK a"],
  ],
  ["keys that expire by themselves go one by one", ["SET a 1 PX 5", "SET b 1 PX 5"], ["~300"], [
    "SELECT 0",
    /^UNLINK [ab]$/,
    /^UNLINK [ab]$/,
  ]],
  ["flushing is told even when nothing was there", [], ["FLUSHDB", "FLUSHALL"], [
    "SELECT 0",
    "FLUSHDB",
    "FLUSHALL",
  ]],
  ["what was forced while nobody listened is not told later", ["FLUSHALL"], ["GET a", "PING"], []],
  ["messages are told", [], ["PUBLISH c m"], ["SELECT 0", "PUBLISH c m"]],
];

for (const [name, before, steps, expected] of ROWS) {
  test(`propagation: ${name}`, () => {
    const found = propagated(before, steps);
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [i, line] of expected.entries()) {
      if (typeof line === "string") assert.equal(found[i], line);
      else assert.match(found[i], line);
    }
  });
}

test("SYNC: the data set, then every change", () => {
  const world = new World();
  const writer = world.connect();
  writer.call("SET", "a", "1");
  const follower = world.connect();
  const answer = follower.call("SYNC");
  assert.match(answer, /^\$(\d+)\r\nVALKEY080/);
  const [head] = answer.split("\r\n", 1);
  assert.equal(answer.length, head.length + 2 + Number(head.slice(1)));
  assert.match(writer.call("CLIENT", "LIST", "TYPE", "replica"), / flags=S /);
  writer.call("SET", "b", "2");
  assert.equal(
    follower.socket.reader.take(),
    "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n",
  );
  follower.close();
  writer.call("SET", "c", "3");
  assert.equal(world.engine.propagation.active, false);
});

test("DEBUG RELOAD: everything is there again", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1", "PX", "100000");
  client.call("RPUSH", "l", "x", "y");
  const digest = client.call("DEBUG", "DIGEST");
  assert.equal(client.call("DEBUG", "RELOAD"), "+OK\r\n");
  assert.equal(client.call("DEBUG", "DIGEST"), digest);
  assert.match(client.call("DEBUG", "RELOAD", "NOFLUSH"), /^-ERR Error trying to load/);
  assert.equal(client.call("DEBUG", "RELOAD", "NOFLUSH", "MERGE"), "+OK\r\n");
  assert.equal(client.call("DEBUG", "DIGEST"), digest);
});
