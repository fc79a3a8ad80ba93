import { test } from "node:test";
import assert from "node:assert/strict";
import { SEGMENT_BYTES } from "../../../lib/limits.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { arenaRoom, arenaVerify } from "../../../lib/mem/arena.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** A world whose arena may have so many segments, the small first one included. */
function smallWorld(segments: number): World {
  const world = new World();
  world.engine.keyspace.arena.segmentsMax = segments;
  return world;
}

/** Sends a command until it is refused; returns how often it was not. */
function fill(client: MemoryClient, command: (i: number) => string[]): number {
  for (let i = 0; i < 1_000_000; i++) {
    const reply = client.call(...command(i));
    if (reply === OOM) return i;
    assert.ok(!reply.startsWith("-"), reply.slice(0, 200));
  }
  throw new Error("it is never refused");
}

function check(world: World): void {
  keyspaceVerify(world.engine.keyspace);
  arenaVerify(world.engine.keyspace.arena);
}

const value = "v".repeat(60_000);
const FILLS: readonly [name: string, command: (i: number) => string[], length: string[]][] = [
  ["SET", (i) => ["SET", `key:${i}`, value], ["DBSIZE"]],
  ["RPUSH", () => ["RPUSH", "k", value], ["LLEN", "k"]],
  ["SADD", (i) => ["SADD", "k", `${i}${value}`], ["SCARD", "k"]],
  ["HSET", (i) => ["HSET", "k", `f${i}`, value], ["HLEN", "k"]],
  ["ZADD", (i) => ["ZADD", "k", "1", `${i}${value}`], ["ZCARD", "k"]],
  ["XADD", () => ["XADD", "k", "*", "f", value], ["XLEN", "k"]],
];

for (const [name, command, length] of FILLS) {
  test(`${name} is refused when the arena is full, and reads and deletions go on`, () => {
    const world = smallWorld(2);
    const client = world.connect();
    const count = fill(client, command);
    assert.ok(count > 1000, `${count} until it is full`);
    assert.equal(client.call(...length), `:${count}\r\n`);
    assert.equal(client.call(...command(count)), OOM);
    assert.equal(client.call("EXISTS", "nothing"), ":0\r\n");
    assert.ok(arenaRoom(world.engine.keyspace.arena) > 8_000_000, "the reserve is there");
    check(world);
    client.call("FLUSHALL");
    assert.ok(!client.call(...command(0)).startsWith("-"));
    check(world);
  });
}

test("what is too large for what is left is refused as a whole", () => {
  const world = smallWorld(2);
  const client = world.connect();
  assert.equal(client.call("SET", "a", "x".repeat(40_000_000)), "+OK\r\n");
  const before = client.call("DEBUG", "DIGEST");
  const large = "y".repeat(30_000_000);
  const rows: string[][] = [
    ["SET", "b", large + large],
    ["RPUSH", "l", large, large, large],
    ["SADD", "s", large, "small", large, large],
    ["HSET", "h", "f", "small", "g", large + large],
    ["MSET", "c", "1", "d", large, "e", large],
    ["APPEND", "a", large + large + large],
    ["ZADD", "z", "1", "small", "2", large + large],
    ["XADD", "x", "*", "f", "1", "g", large + large],
  ];
  for (const row of rows) {
    assert.equal(client.call(...row), OOM, row[0]);
    assert.equal(client.call("DEBUG", "DIGEST"), before, row[0]);
  }
  assert.equal(client.call("SET", "b", "small"), "+OK\r\n");
  check(world);
});

test("commands that make large values of others are refused, and nothing is changed", () => {
  const world = smallWorld(2);
  const client = world.connect();
  for (let i = 0; i < 830; i++) client.call("SADD", "s", `${i}${value}`);
  for (let i = 0; i < 500; i++) client.call("ZADD", "z", "1", `${i}${value}`);
  const before = client.call("DEBUG", "DIGEST");
  for (
    const row of [
      ["COPY", "s", "t"],
      ["SUNIONSTORE", "t", "s", "s"],
      ["ZUNIONSTORE", "t", "2", "z", "s"],
      ["SORT", "s", "ALPHA", "STORE", "t"],
      ["SETRANGE", "r", "400000000", "x"],
      ["SETBIT", "r", "3000000000", "1"],
    ]
  ) {
    assert.equal(client.call(...row), OOM, row[0]);
    assert.equal(client.call("DEBUG", "DIGEST"), before, row[0]);
    check(world);
  }
  assert.equal(client.call("SET", "a", "b"), "+OK\r\n");
});

test("a pipeline goes on behind what was refused, a transaction is refused or says which of its commands were", () => {
  const world = smallWorld(2);
  const client = world.connect();
  assert.equal(client.call("SET", "a", "x".repeat(40_000_000)), "+OK\r\n");
  client.sendRaw(
    "SETRANGE r 400000000 x\r\nSET b 1\r\nGET b\r\nSETRANGE r 400000000 x\r\nPING\r\n",
  );
  assert.equal(client.socket.reader.take(), `${OOM}+OK\r\n$1\r\n1\r\n${OOM}+PONG\r\n`);
  client.sendRaw("MULTI\r\nINCR n\r\nSETRANGE r 400000000 x\r\nINCR n\r\nEXEC\r\n");
  assert.equal(
    client.socket.reader.take(),
    `+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n:1\r\n${OOM}:2\r\n`,
  );
  assert.match(client.call("INFO", "errorstats"), /errorstat_OOM:count=3/);
  check(world);
});

test("a runtime that refuses buffers is survived, and used again when it gives some", () => {
  const world = new World();
  const client = world.connect();
  const { arena } = world.engine.keyspace;
  let given = 0;
  let limit = 2 * SEGMENT_BYTES;
  arena.makeBuffer = (bytes) => {
    if (given + bytes > limit) throw new RangeError("Array buffer allocation failed");
    given += bytes;
    return new ArrayBuffer(bytes);
  };
  const count = fill(client, (i) => ["SET", `key:${i}`, value]);
  assert.ok(count > 3000, `${count}`);
  assert.equal(client.call("DBSIZE"), `:${count}\r\n`);
  assert.equal(client.call("SET", "large", "x".repeat(100_000_000)), OOM);
  check(world);
  for (let i = 0; i < count; i++) client.call("DEL", `key:${i}`);
  limit = Infinity;
  assert.equal(client.call("SET", "large", "x".repeat(100_000_000)), "+OK\r\n");
  check(world);
});

test("room comes back when keys were deleted all over a full arena", () => {
  const world = smallWorld(3);
  const client = world.connect();
  const count = fill(client, (i) => ["SET", `key:${i}`, value]);
  for (let i = 0; i < count; i++) if (i % 4 > 0) client.call("DEL", `key:${i}`);
  client.call("SET", "other", "x");
  world.advance(30_000);
  assert.equal(client.call("SET", "other", "x".repeat(1000)), "+OK\r\n");
  assert.ok(fill(client, (i) => ["SET", `more:${i}`, value + value]) > count / 4);
  check(world);
});
