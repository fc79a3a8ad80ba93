// The client against a scripted server in the process: state, messages, lost connections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CliExit } from "../../cli/environment.ts";
import { runOneShot } from "../../cli/mode_one_shot.ts";
import { promptFor } from "../../cli/prompt.ts";
import { alwaysRaw } from "../../cli/reply_rules.ts";
import { collectingIo, type Script, scriptedClient, wordsOf } from "./kit.ts";

/** Answers from a table; OK to the rest. */
function answers(table: Record<string, string>): Script {
  return (words) => table[words.join(" ").toLowerCase()] ?? "+OK\r\n";
}

test("client: what is sent when connecting", async () => {
  const { client, heard } = scriptedClient(answers({ "hello 3": "%1\r\n+version\r\n+9.1.0\r\n" }), {
    user: "bob",
    password: "pw",
    db: 4,
    resp3: "asked",
  });
  assert.equal(await client.connect(), true);
  assert.deepEqual(heard, ["AUTH bob pw", "SELECT 4", "HELLO 3"]);
  assert.deepEqual([client.db, client.resp3, client.serverVersion], [4, true, "9.1.0"]);
  assert.equal(promptFor(client), "embedded[4]> ");
});

test("client: a refused password is said and the command is sent all the same", async () => {
  const script = answers({ "auth pw": "-WRONGPASS x\r\n", "ping": "-NOAUTH y\r\n" });
  const { client, io, heard } = scriptedClient(script, { password: "pw", db: 4 });
  assert.equal(await runOneShot(client, wordsOf("ping")), 0);
  assert.equal(io.stderr, "AUTH failed: WRONGPASS x\n");
  assert.equal(io.stdout, "NOAUTH y\n\n");
  assert.deepEqual(heard, ["AUTH pw", "ping"]);
});

test("client: JSON does without RESP3 where the server does not know it", async () => {
  const script = answers({ "hello 3": "-NOPROTO x\r\n", "ping": "+PONG\r\n" });
  const { client, io } = scriptedClient(script, { resp3: "implied", output: "json" });
  assert.equal(await runOneShot(client, wordsOf("ping")), 0);
  assert.equal(io.stderr, "HELLO 3 failed: NOPROTO x\n");
  assert.equal(io.stdout, '"PONG"\n');
  assert.equal(client.resp3, false);
});

test("client: -e ends the program at an error", async () => {
  const { client, io } = scriptedClient(() => "-ERR x\r\n", { failOnError: true });
  await assert.rejects(
    runOneShot(client, wordsOf("ping")),
    (error) => error instanceof CliExit && error.code === 1,
  );
  assert.deepEqual([io.stdout, io.stderr], ["", "ERR x\n"]);
});

test("client: standard input as an argument", async () => {
  const last = scriptedClient(() => "+OK\r\n", { lastWordFromStdin: true }, collectingIo("a\nb"));
  assert.equal(await runOneShot(last.client, wordsOf("set", "k")), 0);
  assert.deepEqual(last.heard, ["set k a\nb"]);
  const tagged = scriptedClient(() => "+OK\r\n", { stdinTag: "t" }, collectingIo("a"));
  assert.equal(await runOneShot(tagged.client, wordsOf("set", "t", "t")), 0);
  assert.deepEqual(tagged.heard, ["set a t"]);
  const wrong = scriptedClient(() => "+OK\r\n", { stdinTag: "u" }, collectingIo("a"));
  assert.equal(await runOneShot(wrong.client, wordsOf("set", "t")), 1);
  assert.equal(wrong.io.stderr, "Using -X option but stdin tag not match.\n");
});

test("client: the prompt follows SELECT, MULTI, EXEC, DISCARD, RESET", async () => {
  const { client } = scriptedClient(answers({
    "select 99": "-ERR out of range\r\n",
    "exec": "*0\r\n",
  }));
  const steps: [string, string][] = [
    ["select 3", "embedded[3]> "],
    ["select 99", "embedded[3]> "],
    ["multi", "embedded[3](TX)> "],
    ["select 5", "embedded[5](TX)> "],
    ["discard", "embedded[3]> "],
    ["multi", "embedded[3](TX)> "],
    ["exec", "embedded[3]> "],
    ["reset", "embedded> "],
  ];
  assert.equal(promptFor(client), "not connected> ");
  for (const [line, prompt] of steps) {
    await client.issue(wordsOf(...line.split(" ")), 1);
    assert.equal(promptFor(client), prompt, line);
  }
});

test("client: an aborted EXEC undoes SELECT, and AUTH selects again", async () => {
  const { client, heard } = scriptedClient(answers({ "exec": "_\r\n" }), { db: 2 });
  for (const line of ["multi", "select 5", "exec"]) {
    await client.issue(wordsOf(...line.split(" ")), 1);
  }
  assert.equal(client.db, 2);
  client.db = 0;
  await client.issue(wordsOf("auth", "pw"), 1);
  assert.equal(heard.at(-1), "SELECT 2");
});

function subscription(kind: string, channel: string, count: number): string {
  return `*3\r\n$${kind.length}\r\n${kind}\r\n$${channel.length}\r\n${channel}\r\n:${count}\r\n`;
}

test("client: subscriptions are confirmed one by one", async () => {
  const { client, io, push } = scriptedClient(answers({
    "subscribe a b": subscription("subscribe", "a", 1) + subscription("message", "a", 7) +
      subscription("subscribe", "b", 2),
    "unsubscribe": subscription("unsubscribe", "a", 1),
    "unsubscribe b": subscription("unsubscribe", "b", 0),
  }));
  await client.issue(wordsOf("subscribe", "a", "b"), 1);
  assert.equal(client.pubSub, true);
  assert.equal(promptFor(client), "embedded(subscribed mode)> ");
  assert.equal(io.stdout, "subscribe\na\n1\nmessage\na\n7\nsubscribe\nb\n2\n");
  push(subscription("message", "b", 8));
  assert.equal(client.showWaitingReplies(), true);
  assert.equal(client.showWaitingReplies(), false);
  await client.issue(wordsOf("unsubscribe"), 1);
  assert.equal(client.pubSub, true);
  await client.issue(wordsOf("unsubscribe", "b"), 1);
  assert.equal(client.pubSub, false);
});

const INVALIDATION = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n";

test("client: pushes are shown on a terminal and dropped elsewhere", async () => {
  for (const isTty of [true, false]) {
    const io = collectingIo("", {}, isTty);
    const { client, push } = scriptedClient(() => "+OK\r\n", {}, io);
    await client.issue(wordsOf("ping"), 1);
    push(INVALIDATION);
    await client.issue(wordsOf("ping"), 1);
    assert.equal(io.stdout, isTty ? "OK\n-> invalidate: 'k'\nOK\n" : "OK\nOK\n");
  }
});

test("client: a reply that is no protocol ends the program", async () => {
  const { client, io } = scriptedClient(() => "?what\r\n");
  await assert.rejects(runOneShot(client, wordsOf("ping")), CliExit);
  assert.equal(io.stderr, 'Error: Protocol error, got "?" as reply type byte\n');
});

test("client: repeats stop when the count is reached", async () => {
  const { client, heard } = scriptedClient(() => "+OK\r\n", { repeat: 3 });
  assert.equal(await runOneShot(client, wordsOf("ping")), 0);
  assert.equal(heard.length, 3);
  const none = scriptedClient(() => "+OK\r\n", { repeat: 0 });
  assert.equal(await runOneShot(none.client, wordsOf("ping")), 0);
  assert.equal(none.heard.length, 0);
});

test("client: quoted arguments", async () => {
  const { client, heard } = scriptedClient(() => "+OK\r\n", { quotedInput: true });
  assert.equal(await runOneShot(client, wordsOf("get", '"\\x41"')), 0);
  assert.deepEqual(heard, ["get A"]);
  const { client: other, io } = scriptedClient(() => "+OK\r\n", { quotedInput: true });
  assert.equal(await runOneShot(other, wordsOf("get", '"a" "b"')), 1);
  assert.equal(io.stdout, "Invalid quoted string\n");
});

test("client: which replies are texts", () => {
  const rows: [string, boolean][] = [
    ["INFO", true],
    ["info server", true],
    ["lolwut version 5", true],
    ["debug htstats 0", true],
    ["debug htstats-key k", true],
    ["debug client-eviction", true],
    ["debug object k", false],
    ["memory doctor", true],
    ["memory malloc-stats", true],
    ["memory usage k", false],
    ["cluster nodes", true],
    ["cluster info", true],
    ["cluster info x", false],
    ["client list", true],
    ["client info", true],
    ["client id", false],
    ["latency graph x", true],
    ["latency graph", false],
    ["latency doctor", true],
    ["proxy info", true],
    ["get info", false],
  ];
  for (const [line, raw] of rows) {
    assert.equal(alwaysRaw(wordsOf(...line.split(" "))), raw, line);
  }
});
