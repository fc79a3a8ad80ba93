import { test } from "node:test";
import assert from "node:assert/strict";
import { keyCount } from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { reclaimPending } from "../../../lib/engine/reclaim.ts";
import { World } from "../../kit/world.ts";

function count(world: World, index = 0): number {
  return keyCount(world.engine.keyspace, world.engine.keyspace.dbs[index]);
}

test("expired keys go although nobody asks for them", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 500; i++) client.call("SET", `key:${i}`, "v", "PX", String(50 + i));
  client.call("SELECT", "5");
  client.call("SET", "other", "v", "PX", "300");
  world.advance(300);
  assert.ok(count(world) < 300 && count(world) > 200, String(count(world)));
  world.advance(400);
  assert.equal(count(world), 0);
  assert.equal(count(world, 5), 0);
  assert.equal(world.engine.keyspace.expiredKeys, 501);
  keyspaceVerify(world.engine.keyspace);
});

test("not while active expiry is off, clients are paused, or data is imported", () => {
  const rows: [name: string, on: string[], off: string[]][] = [
    ["off", ["DEBUG", "SET-ACTIVE-EXPIRE", "0"], ["DEBUG", "SET-ACTIVE-EXPIRE", "1"]],
    ["paused", ["CLIENT", "PAUSE", "100000", "WRITE"], ["CLIENT", "UNPAUSE"]],
    ["import", ["CONFIG", "SET", "import-mode", "yes"], ["CONFIG", "SET", "import-mode", "no"]],
  ];
  for (const [name, on, off] of rows) {
    const world = new World();
    const client = world.connect();
    client.call("SET", "a", "v", "PX", "10");
    assert.equal(client.call(...on), "+OK\r\n", name);
    world.advance(1000);
    assert.equal(count(world), 1, name);
    assert.equal(client.call(...off), "+OK\r\n", name);
    world.advance(200);
    assert.equal(count(world), 0, name);
  }
});

test("the engine asks to be called again while work is left", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "other", "v");
  client.call("SELECT", "1");
  for (let i = 0; i < 20_000; i++) client.call("SET", `key:${i}`, "v");
  // A clock that every look moves by 50 microseconds: a slice ends before everything is done.
  const { clock } = world;
  let looks = 0;
  clock.monotonicUs = () => 50 * looks++;
  assert.equal(world.engine.tick(), 0);
  client.call("FLUSHDB", "ASYNC");
  assert.equal(reclaimPending(world.engine.keyspace), 20_000);
  assert.ok(world.engine.tick() > 0);
  let rounds = 0;
  while (world.engine.upkeep.run() > 0) rounds++;
  assert.ok(rounds > 0);
  assert.equal(reclaimPending(world.engine.keyspace), 0);
  assert.equal(world.engine.tick(), 0);
});

test("statistics of expiry are shown and reset", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 100; i++) client.call("SET", `key:${i}`, "v", "PX", "10");
  world.advance(100);
  const { stats } = world.engine.server;
  assert.equal(stats.expiredStalePercent, 5);
  assert.match(
    client.call("INFO", "stats"),
    /expired_keys:100\r\nexpired_fields:0\r\nexpired_stale_perc:5.00\r\n/,
  );
  client.call("CONFIG", "RESETSTAT");
  world.advance(100);
  assert.match(
    client.call("INFO", "stats"),
    /expired_keys:0\r\nexpired_fields:0\r\nexpired_stale_perc:0.00\r\n/,
  );
});

test("INFO keyspace shows the mean time to live", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "v", "EX", "100");
  world.advance(100);
  assert.match(client.call("INFO", "keyspace"), /db0:keys=1,expires=1,avg_ttl=99900/);
});

test("memory that was not needed for a while is given back", () => {
  const world = new World();
  const client = world.connect();
  const { arena } = world.engine.keyspace;
  const value = "x".repeat(40_000_000);
  for (const key of ["a", "b", "c", "d"]) client.call("SET", key, value);
  client.call("DEL", "a", "b", "c", "d");
  assert.equal(arena.emptySegments, 1);
  const reserved = arena.reservedBytes;
  world.advance(9000);
  assert.equal(arena.reservedBytes, reserved);
  world.advance(2000);
  assert.ok(arena.reservedBytes < reserved);
  assert.equal(arena.emptySegments, 0);
});

/** Pending and freed objects as INFO shows them. */
function lazyfree(world: World): string {
  const info = world.connect().call("INFO", "memory");
  return [/lazyfree_pending_objects:(\d+)/, /lazyfreed_objects:(\d+)/]
    .map((field) => field.exec(info)?.[1]).join(" ");
}

test("large values that were unlinked are pending until their memory has come back", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 1000; i++) client.call("SADD", "k", `member-${i}`);
  client.call("UNLINK", "k");
  assert.equal(lazyfree(world), "1 0");
  world.advance(1000);
  assert.equal(lazyfree(world), "0 1");
});
