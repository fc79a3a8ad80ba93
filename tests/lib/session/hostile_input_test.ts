// Input of those who mean harm, or do not know better: lengths that are not true, requests cut anywhere, questions that could
// take for ever. Rows 18 to 20 of the matrix in tests/server/faults_test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArgs } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

/** Bytes a connection holds for input. */
function held(client: MemoryClient): number {
  return client.session.input?.length ?? 0;
}

/** A server and what a client gets for these bytes. */
function answer(text: string): { reply: string; client: MemoryClient; world: World } {
  const world = new World();
  const client = world.connect();
  client.sendRaw(text);
  return { reply: client.socket.reader.take(), client, world };
}

const LIES: readonly (readonly [text: string, reply: RegExp])[] = [
  ["*1\r\n$2147483647\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*1\r\n$-2\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*1\r\n$99999999999999999999\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*1\r\n$9223372036854775808\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*1\r\n$536870913\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*2147483648\r\n", /^-ERR Protocol error: invalid multibulk length\r\n$/],
  ["*99999999999999999999\r\n", /^-ERR Protocol error: invalid multibulk length\r\n$/],
  ["*1\r\n$x\r\n", /^-ERR Protocol error: invalid bulk length\r\n$/],
  ["*x\r\n", /^-ERR Protocol error: invalid multibulk length\r\n$/],
  ["*1\r\n+OK\r\n", /^-ERR Protocol error: expected '\$', got '\+'\r\n$/],
];

for (const [text, reply] of LIES) {
  test(`18: ${JSON.stringify(text)} is an error, and ends the connection`, () => {
    const { reply: found, client, world } = answer(text);
    assert.match(found, reply);
    assert.ok(client.socket.closed);
    assert.equal(world.connect().call("PING"), "+PONG\r\n");
  });
}

test("18: room is made for what arrives, not for what is announced", () => {
  const cases: readonly (readonly [announced: string, bytesMax: number])[] = [
    ["*2147483647\r\n", 70_000],
    ["*1048576\r\n$1\r\na\r\n", 70_000],
    ["*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\n", 70_000],
    ["*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\n" + "x".repeat(100_000), 1_000_000],
  ];
  for (const [text, bytesMax] of cases) {
    const { reply, client } = answer(text);
    assert.equal(reply, "", text.slice(0, 60));
    assert.ok(held(client) <= bytesMax, `${held(client)} bytes for ${text.slice(0, 60)}`);
    client.close();
    assert.equal(held(client), 0);
  }
});

test("18: a line without end is an error after 64 KiB", () => {
  const world = new World();
  const client = world.connect();
  for (let sent = 0; sent < 2_000_000 && !client.socket.closed; sent += 10_000) {
    client.sendRaw("x".repeat(10_000));
    assert.ok(held(client) < 300_000);
  }
  assert.ok(client.socket.closed);
  assert.match(client.socket.reader.take(), /^-ERR Protocol error: too big inline request\r\n$/);
});

test("18: strangers may announce and send very little", () => {
  const world = new World({ directives: { requirepass: "secret" } });
  for (const text of ["*11\r\n", "*1\r\n$16385\r\n"]) {
    const client = world.connect();
    client.sendRaw(text);
    assert.match(client.socket.reader.take(), /^-ERR Protocol error: unauthenticated /);
    assert.ok(client.socket.closed, text);
  }
});

test("18: a value of many megabytes goes in and out", () => {
  const client = new World().connect();
  const value = "0123456789abcdef".repeat(1024 * 1024);
  assert.equal(client.call("SET", "a", value), "+OK\r\n");
  assert.equal(client.call("STRLEN", "a"), `:${value.length}\r\n`);
  assert.equal(client.call("GETRANGE", "a", "-4", "-1"), "$4\r\ncdef\r\n");
});

/** Pipelines with everything that has a shape of its own. */
const PIPELINES: readonly string[] = [
  encodeArgs(["SET", "a", "1\r\n*1\r\n$4\r\nPING\r\n"]) + encodeArgs(["GET", "a"]) + "PING\r\n",
  'SET b "quoted \\x41\\n" \r\nGET b\r\n\r\n*0\r\n*-1\r\n' + encodeArgs(["ECHO", ""]),
  encodeArgs(["MULTI"]) + encodeArgs(["RPUSH", "l", "x", ""]) +
  encodeArgs(["LRANGE", "l", "0", "-1"]) +
  encodeArgs(["NOSUCH"]) + encodeArgs(["EXEC"]) + encodeArgs(["EXEC"]),
  encodeArgs(["HELLO", "3"]) + encodeArgs(["HSET", "h", "f", "v"]) + encodeArgs(["HGETALL", "h"]) +
  encodeArgs(["CLIENT", "REPLY", "SKIP"]) + encodeArgs(["PING"]) + encodeArgs(["GET"]),
  encodeArgs(["SUBSCRIBE", "c"]) + encodeArgs(["PING"]) + encodeArgs(["UNSUBSCRIBE"]) + "PING\r\n",
  encodeArgs(["SET", "k", "\0\xff\x80"]) + encodeArgs(["GET", "k"]) + "*1\r\n$4\r\nPING\r\n*x\r\n",
];

test("19: requests cut in two at every byte, and sent byte by byte, get the same replies", () => {
  for (const pipeline of PIPELINES) {
    const whole = answer(pipeline).reply;
    assert.notEqual(whole, "");
    for (let at = 1; at < pipeline.length; at++) {
      const client = new World().connect();
      client.sendRaw(pipeline.slice(0, at));
      client.sendRaw(pipeline.slice(at));
      assert.equal(client.socket.reader.take(), whole, `cut at ${at} of ${pipeline}`);
    }
    const client = new World().connect();
    client.chunkBytes = 1;
    client.sendRaw(pipeline);
    assert.equal(client.socket.reader.take(), whole);
  }
});

/** Milliseconds that something takes. */
function taking(act: () => void): number {
  const startMs = performance.now();
  act();
  return performance.now() - startMs;
}

/** Far above what any of these takes, far below what a search without bounds would. */
const SOON_MS = 2000;

test("20: patterns with thousands of stars are answered at once", () => {
  const world = new World();
  const client = world.connect();
  const key = "a".repeat(3000);
  client.call("SET", key, "v");
  const patterns = [
    `${"a*".repeat(5000)}b`,
    `${"*a".repeat(1000)}*b`,
    `${"*".repeat(10_000)}b`,
    `${"[a-z]*".repeat(1000)}b`,
    `${"?*".repeat(1400)}b`,
  ];
  for (const pattern of patterns) {
    const commands = [
      ["KEYS", pattern],
      ["SCAN", "0", "MATCH", pattern],
      ["CONFIG", "GET", pattern],
      ["COMMAND", "LIST", "FILTERBY", "PATTERN", pattern],
      ["PUBSUB", "CHANNELS", pattern],
    ];
    for (const command of commands) {
      const ms = taking(() => client.call(...command));
      assert.ok(ms < SOON_MS, `${command[0]} ${pattern.slice(0, 20)}: ${ms} ms`);
    }
    const subscriber = world.connect();
    subscriber.call("PSUBSCRIBE", pattern);
    assert.ok(taking(() => client.call("PUBLISH", key, "m")) < SOON_MS);
    subscriber.close();
  }
});

test("20: the longest common subsequence of two long strings is refused", () => {
  const client = new World().connect();
  client.call("SET", "a", "x".repeat(100_000));
  client.call("SET", "b", "y".repeat(100_000));
  let reply = "";
  assert.ok(taking(() => reply = client.call("LCS", "a", "b")) < SOON_MS);
  assert.match(
    reply,
    /^-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len/,
  );
});

test("20: sorting, unions and ranges of large values take their time and no more", () => {
  const client = new World().connect();
  const members = Array.from({ length: 20_000 }, (_, i) => String((i * 7919) % 100_003));
  client.call("SADD", "set", ...members);
  client.call("RPUSH", "list", ...members);
  client.call("ZADD", "zset", ...members.flatMap((member) => [member, member]));
  const commands: readonly (readonly string[])[] = [
    ["SORT", "list", "LIMIT", "0", "10"],
    ["SORT", "set", "BY", "weight_*", "GET", "value_*", "LIMIT", "0", "10"],
    ["SORT", "list", "LIMIT", "9223372036854775807", "9223372036854775807"],
    ["SORT", "list", "STORE", "sorted"],
    ["SUNIONSTORE", "union", "set", "set", "set"],
    ["SINTERSTORE", "inter", "set", "set"],
    ["ZRANGESTORE", "range", "zset", "0", "-1"],
    ["ZUNIONSTORE", "zunion", "3", "zset", "zset", "set"],
    ["ZRANGEBYSCORE", "zset", "-inf", "+inf", "LIMIT", "0", "1"],
    ["SETRANGE", "s", "1099511627776", "x"],
    ["LRANGE", "list", "-9223372036854775808", "9223372036854775807"],
  ];
  for (const command of commands) {
    const ms = taking(() => client.call(...command));
    assert.ok(ms < SOON_MS, `${command.slice(0, 4).join(" ")}: ${ms} ms`);
  }
  assert.equal(client.call("EXISTS", "s"), ":0\r\n");
  assert.equal(client.call("SCARD", "union"), client.call("SCARD", "set"));
});

test("20: a transaction of ten thousand commands runs in one piece", () => {
  const client = new World().connect();
  const incr = encodeArgs(["INCR", "n"]);
  const ms = taking(() => {
    client.sendRaw(encodeArgs(["MULTI"]) + incr.repeat(10_000) + encodeArgs(["EXEC"]));
  });
  assert.ok(ms < SOON_MS * 2, `${ms} ms`);
  assert.ok(client.socket.reader.take().endsWith(":10000\r\n"));
});
