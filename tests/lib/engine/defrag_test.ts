import { test } from "node:test";
import assert from "node:assert/strict";
import { Defrag, MOVE_BYTES_MAX } from "../../../lib/engine/defrag.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { PointInTime } from "../../../lib/engine/point_in_time.ts";
import { arenaAlloc, arenaFree, arenaVerify, SEGMENT_SHIFT } from "../../../lib/mem/arena.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

/** A world whose first segment is full, so that data lies in the second one. */
function fullWorld(directives: Record<string, string> = {}): World {
  const world = new World({ directives });
  const { keyspace } = world.engine;
  for (const bytes of [16_384, 64, 48, 32, 16, 80, 96, 112, 128, 512, 1024]) {
    let block = arenaAlloc(keyspace.arena, bytes);
    for (; block >>> SEGMENT_SHIFT === 0; block = arenaAlloc(keyspace.arena, bytes)) {
      keyspace.foreignBlocks++;
    }
    arenaFree(keyspace.arena, block);
  }
  return world;
}

/** Runs to the end with a clock that stands still but for `stepUs` a look. Returns the number of slices. */
function finish(world: World, defrag: Defrag, stepUs: number): number {
  let us = 0;
  let slices = 1;
  while (defrag.slice(() => us += stepUs, 100)) {
    slices++;
    assert.ok(slices < 10_000, "it does not end");
    if (defrag.isWaiting) world.advance(100);
    if (slices % 20 === 0) keyspaceVerify(world.engine.keyspace);
  }
  return slices;
}

function fill(client: MemoryClient, kind: string): void {
  for (let i = 0; i < 600; i++) {
    const name = `name:${i}`;
    const value = "v".repeat(i % 90);
    if (kind === "string") client.call("SET", name, value.repeat(i % 7), "PX", `${90_000 + i}`);
    if (kind === "list") client.call("RPUSH", "l", value, "x".repeat(i === 7 ? 20_000 : 1));
    if (kind === "set") client.call("SADD", "s", name);
    if (kind === "hash") client.call("HSET", "h", name, value);
    if (kind === "times") {
      client.call("HSETEX", "h", "PX", `${90_000 + i}`, "FIELDS", "1", name, value);
    }
    if (kind === "zset") client.call("ZADD", "z", String(i * 7 % 101), name);
    if (kind === "stream") client.call("XADD", "x", `1-${i + 1}`, "f", value);
  }
  if (kind !== "stream") return;
  for (const group of ["a", "b"]) {
    client.call("XGROUP", "CREATE", "x", group, "0");
    for (let i = 0; i < 40; i++) {
      client.call("XREADGROUP", "GROUP", group, `c${i % 7}`, "COUNT", "9", "STREAMS", "x", ">");
    }
  }
}

for (const kind of ["string", "list", "set", "hash", "times", "zset", "stream"]) {
  test(`all blocks of a ${kind} move, a few at a time, and nothing changes`, () => {
    const world = fullWorld({ "list-max-listpack-size": "5", "stream-node-max-entries": "4" });
    const client = world.connect();
    fill(client, kind);
    const { keyspace } = world.engine;
    const keys = client.call("KEYS", "*").match(/^(name:\d+|\w)$/gm)?.sort() ?? [];
    const look = () => [client.call("DEBUG", "DIGEST"), ...keys.map((k) => client.call("DUMP", k))];
    const before = look();
    const { liveBlocks } = keyspace.arena;
    const defrag = new Defrag(keyspace);
    defrag.beginWith([1]);
    const slices = finish(world, defrag, 100);
    assert.ok(slices > 10, `${slices} slices`);
    assert.equal(keyspace.arena.u8[1].length, 0, "the segment is there");
    assert.equal(keyspace.arena.liveBlocks, liveBlocks);
    arenaVerify(keyspace.arena);
    assert.deepEqual(look(), before);
    assert.ok(defrag.mover.hits > 100, `${defrag.mover.hits} hits`);
    assert.ok(defrag.keyHits >= keys.length - 5, `${defrag.keyHits} of ${keys.length} keys`);
    world.advance(200_000);
    keyspaceVerify(keyspace);
    client.call("FLUSHALL");
    keyspaceVerify(keyspace);
  });
}

test("a list that is changed where the walk stands", () => {
  for (const change of ["LTRIM l 590 -1", "DEL l", "UNLINK l", "RENAME l m", "LPOP l 300"]) {
    const world = fullWorld({ "list-max-listpack-size": "1" });
    const client = world.connect();
    fill(client, "list");
    const defrag = new Defrag(world.engine.keyspace);
    defrag.beginWith([1]);
    let us = 0;
    for (let i = 0; i < 8; i++) defrag.slice(() => us += 100, 100);
    assert.ok(defrag.isRunning);
    client.call(...change.split(" "));
    client.call("RPUSH", "l", "again", "and", "again");
    finish(world, defrag, 100);
    assert.equal(world.engine.keyspace.arena.listBookmark, 0);
    keyspaceVerify(world.engine.keyspace);
  }
});

test("while a walk sees the data at one instant nothing moves", () => {
  const world = fullWorld();
  const client = world.connect();
  fill(client, "string");
  const { keyspace } = world.engine;
  const defrag = new Defrag(keyspace);
  defrag.beginWith([1]);
  const walk = new PointInTime(keyspace, () => {});
  assert.ok(defrag.isWaiting);
  let us = 0;
  assert.ok(defrag.slice(() => us += 10, 1000));
  assert.equal(defrag.mover.hits, 0);
  walk.end();
  finish(world, defrag, 10);
  assert.ok(defrag.mover.hits > 0);
});

test("only what is sparse is chosen, and nothing with a block too large to move", () => {
  const world = fullWorld();
  const client = world.connect();
  const { arena } = world.engine.keyspace;
  for (let i = 0; i < 3000; i++) client.call("SET", `key:${i}`, "v".repeat(500));
  const defrag = new Defrag(world.engine.keyspace);
  defrag.begin(50);
  finish(world, defrag, 1);
  assert.equal(defrag.mover.hits, 0, "dense");
  for (let i = 0; i < 3000; i++) if (i % 4 > 0) client.call("DEL", `key:${i}`);
  client.call("SET", "large", "v".repeat(MOVE_BYTES_MAX + 1));
  defrag.begin(50);
  finish(world, defrag, 1);
  assert.equal(defrag.mover.hits, 0, "large");
  client.call("DEL", "large");
  const before = arena.touchedBytes;
  defrag.begin(50);
  finish(world, defrag, 1);
  assert.ok(defrag.mover.hits > 700, `${defrag.mover.hits} hits`);
  assert.ok(before - arena.touchedBytes > 1_000_000, `${before} to ${arena.touchedBytes}`);
});

test("what cannot be moved stays, and the segment is left alone from then on", () => {
  const world = fullWorld();
  const { keyspace } = world.engine;
  const client = world.connect();
  fill(client, "string");
  const foreign = arenaAlloc(keyspace.arena, 200);
  keyspace.foreignBlocks++;
  const segment = foreign >>> SEGMENT_SHIFT;
  const defrag = new Defrag(keyspace);
  defrag.beginWith([segment]);
  finish(world, defrag, 1);
  assert.ok(defrag.stubborn.has(segment));
  assert.equal(keyspace.arena.emptyingCount, 0);
  arenaVerify(keyspace.arena);
});

test("memory that runs out ends the run and harms nothing", () => {
  const world = fullWorld();
  const { keyspace } = world.engine;
  const client = world.connect();
  fill(client, "zset");
  client.call("SET", "b", "x".repeat(60_000_000));
  keyspace.arena.segmentsMax = 2;
  const before = client.call("DEBUG", "DIGEST");
  const defrag = new Defrag(keyspace);
  defrag.beginWith([1]);
  finish(world, defrag, 1);
  assert.equal(keyspace.arena.emptyingCount, 0);
  arenaVerify(keyspace.arena);
  assert.equal(client.call("DEBUG", "DIGEST"), before);
});
