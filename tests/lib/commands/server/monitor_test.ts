// MONITOR: what is shown, to whom, and what a client that monitors may still do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const STAMP = String.raw`\+\d{10}\.\d{6} \[\d+ 127\.0\.0\.1:\d+\] `;

/** One line that shows a command. */
function shows(...lines: string[]): RegExp {
  return new RegExp(`^${lines.map((line) => STAMP + line).join(" ")}$`);
}

cases("MONITOR", [
  ["starts", ["MONITOR"], "+OK"],
  ["again says nothing", ["MONITOR", "MONITOR"], ""],
  ["a command", ["PING", "@2 MONITOR", "SET k v", "@2 <"], shows('"SET" "k" "v"')],
  ["bytes are quoted", ["PING", "@2 MONITOR", String.raw`ECHO "a\"\\\n\x01"`, "@2 <"], {
    resp2: shows(String.raw`"ECHO" "a\\"\\\\\\n\\x01"`),
    resp3: shows(String.raw`"ECHO" "a\\"\\\\\\n\\x01"`),
  }],
  ["the database", ["SELECT 3", "@2 MONITOR", "GET k", "@2 <"], / \[3 127/],
  ["a command that fails", ["PING", "@2 MONITOR", "SET k v", "INCR k", "@2 <"], /"INCR" "k"$/],
  ["not one that is unknown", ["PING", "@2 MONITOR", "NOSUCH", "GET", "@2 <"], ""],
  ["not administration", ["PING", "@2 MONITOR", "CONFIG GET port", "CLIENT LIST", "@2 <"], ""],
  ["its own behind the reply", ["MONITOR", "PING"], new RegExp(`^\\+PONG ${STAMP}"PING"$`)],
  [
    "a transaction when it runs",
    ["PING", "@2 MONITOR", "MULTI", "SET k v", "GET k", "EXEC", "@2 <"],
    shows('"MULTI"', '"SET" "k" "v"', '"GET" "k"', '"EXEC"'),
  ],
  ["not what is discarded", [
    "PING",
    "@2 MONITOR",
    "MULTI",
    "SET k v",
    "DISCARD",
    "@2 <",
  ], shows('"MULTI"', '"DISCARD"')],
  [
    "EXEC that cannot run",
    ["PING", "@2 MONITOR", "MULTI", "EXEC x", "@2 <"],
    shows('"MULTI"', '"EXEC" "x"'),
  ],
  [
    "secrets are hidden",
    ["PING", "@2 MONITOR", "AUTH default secret", "@2 <"],
    shows('"AUTH" "\\(redacted\\)" "\\(redacted\\)"'),
  ],
  ["in HELLO too", [
    "PING",
    "@2 MONITOR",
    "HELLO 3 AUTH default secret SETNAME me",
    "@2 <",
  ], shows('"HELLO" "3" "AUTH" "\\(redacted\\)" "\\(redacted\\)" "SETNAME" "me"')],
  ["a flag", ["MONITOR", "CLIENT INFO"], / flags=O /],
  ["no keys", ["MONITOR", "GET k"], "-ERR Replica can't interact with the keyspace"],
  ["no writes", ["MONITOR", "SET k v"], "-ERR Replica can't interact with the keyspace"],
  ["no messages", ["MONITOR", "PUBLISH a b"], "-ERR Replica can't interact with the keyspace"],
  ["RESET", ["MONITOR", "RESET"], "+RESET"],
  ["RESET ends it", ["PING", "@2 MONITOR", "@2 RESET", "GET k", "@2 <"], ""],
  ["then keys again", ["MONITOR", "RESET", "GET k"], "$-1"],
  ["QUIT", ["MONITOR", "QUIT"], /^\+OK/],
  ["in a transaction", [
    "MULTI",
    "MONITOR",
    "EXEC",
  ], "*1 -ERR MONITOR isn't allowed for DENY BLOCKING client"],
]);

function lines(client: MemoryClient): string[] {
  return client.socket.reader.take().split("\r\n").filter((text) => text !== "");
}

test("lines have the wall clock and count on between its milliseconds", () => {
  const world = new World();
  const monitor = world.connect();
  monitor.call("MONITOR");
  const client = world.connect();
  client.call("PING");
  world.advance(1500);
  client.call("PING");
  const [first, second] = lines(monitor).map((text) => Number(/^\+(\S+)/.exec(text)?.[1]));
  assert.equal(first, 1767225600);
  assert.equal(second, 1767225601.5);
});

test("nobody pays once the last one has left", () => {
  const world = new World();
  const monitors = [world.connect(), world.connect()];
  for (const monitor of monitors) monitor.call("MONITOR");
  assert.notEqual(world.engine.gates, 0);
  monitors[0].close();
  world.connect().call("PING");
  assert.equal(lines(monitors[1]).length, 1);
  monitors[1].close();
  assert.equal(world.engine.gates, 0);
});
