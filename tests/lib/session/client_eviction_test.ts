// Keeping connections within maxmemory-clients.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type MemoryClient, World } from "../../kit/world.ts";

const LIMIT = 300_000;

function limited(limit = String(LIMIT), directives: Record<string, string> = {}): World {
  return new World({ directives: { "maxmemory-clients": limit, ...directives } });
}

/** Sends the start of a bulk of `bytes` bytes that never gets whole. */
function hoard(client: MemoryClient, bytes: number): void {
  client.sendRaw(`*2\r\n$${bytes}\r\n` + "x".repeat(bytes));
}

function field(world: World, name: string): number {
  const info = world.connect().call("INFO");
  return Number(new RegExp(`\\r\\n${name}:(\\d+)`).exec(info)?.[1]);
}

test("a client that holds more than all may hold goes", () => {
  const rows: [what: string, act: (client: MemoryClient) => void][] = [
    ["a request that is not whole", (client) => hoard(client, LIMIT)],
    ["queued requests", (client) => {
      client.call("MULTI");
      for (let i = 0; i < 4; i++) client.call("SET", "k", "v".repeat(LIMIT / 4));
    }],
    ["watched keys", (client) => {
      for (let i = 0; i < LIMIT / 100; i++) client.send(["WATCH", String(i)]);
    }],
    ["channels", (client) => {
      for (let i = 0; i < LIMIT / 100; i++) client.send(["SUBSCRIBE", String(i)]);
    }],
    ["patterns", (client) => {
      for (let i = 0; i < LIMIT / 100; i++) client.send(["PSUBSCRIBE", String(i)]);
    }],
    ["shard channels", (client) => {
      for (let i = 0; i < LIMIT / 100; i++) client.send(["SSUBSCRIBE", String(i)]);
    }],
    ["unread replies", (client) => {
      client.call("SET", "k", "v".repeat(LIMIT / 4));
      client.socket.room = 0;
      for (let i = 0; i < 4; i++) client.send(["GET", "k"]);
    }],
  ];
  for (const [what, act] of rows) {
    const world = limited();
    const other = world.connect();
    hoard(other, LIMIT / 100);
    const client = world.connect();
    act(client);
    assert.ok(client.socket.closed, what);
    assert.ok(!other.socket.closed, what);
    assert.equal(field(world, "evicted_clients"), 1, what);
  }
});

test("who follows messages and does not read them goes when others send", () => {
  const world = limited();
  const follower = world.connect();
  follower.call("SUBSCRIBE", "news");
  follower.socket.room = 0;
  const sender = world.connect();
  for (let i = 0; i < 4; i++) sender.call("PUBLISH", "news", "m".repeat(LIMIT / 4));
  assert.ok(follower.socket.closed);
  assert.equal(sender.call("PUBLISH", "news", "m"), ":0\r\n");
});

test("the largest go first, and no more than must", () => {
  const world = limited("0");
  const sizes = [10_000, 50_000, 200_000, 50_000, 10_000];
  const clients = sizes.map((bytes) => {
    const client = world.connect();
    hoard(client, bytes);
    return client;
  });
  const open = () => clients.map(({ socket }) => socket.closed ? 0 : 1).join("");
  const admin = world.connect();
  for (
    const [limit, left] of [["400000", "11111"], ["200000", "11011"], ["100000", "10011"], [
      "50000",
      "10001",
    ]]
  ) {
    admin.call("CONFIG", "SET", "maxmemory-clients", limit);
    // Of two that hold the same, either may go.
    assert.equal(open().replace("11001", "10011"), left, limit);
  }
});

test("CLIENT NO-EVICT protects, but counts", () => {
  const world = limited();
  const client = world.connect();
  client.call("CLIENT", "NO-EVICT", "on");
  hoard(client, LIMIT);
  assert.ok(!client.socket.closed);
  const other = world.connect();
  other.send(["PING"]);
  assert.ok(other.socket.closed);
  assert.ok(!client.socket.closed);
});

test("a percentage is one of maxmemory", () => {
  const world = limited("10%", { maxmemory: "3000000" });
  const small = world.connect();
  hoard(small, 200_000);
  assert.ok(!small.socket.closed);
  const client = world.connect();
  hoard(client, LIMIT);
  assert.ok(client.socket.closed);
  world.connect().call("CONFIG", "SET", "maxmemory", "1000000");
  assert.ok(small.socket.closed);
});

test("without a limit nobody goes", () => {
  const world = limited("10%");
  const client = world.connect();
  hoard(client, LIMIT);
  world.advance(1000);
  assert.ok(!client.socket.closed);
});
