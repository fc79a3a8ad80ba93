import { test } from "node:test";
import assert from "node:assert/strict";
import { World } from "../../kit/world.ts";

/** A world with much that was deleted all over the arena. */
function sparseWorld(directives: Record<string, string> = {}): World {
  const world = new World({ directives });
  const client = world.connect();
  client.call("DEBUG", "POPULATE", "30000", "key", "500");
  for (let i = 0; i < 30_000; i++) if (i % 4 > 0) client.call("DEL", `key:${i}`);
  return world;
}

const SMALL = { "active-defrag-ignore-bytes": "1mb" };

function info(world: World, field: string): number {
  const text = world.connect().call("INFO", "all");
  const found = new RegExp(`\r\n${field}:([^\r]*)\r\n`).exec(text);
  assert.ok(found, field);
  return Number(found[1]);
}

test("resident memory falls once activedefrag is on", () => {
  const world = sparseWorld(SMALL);
  const client = world.connect();
  const { arena } = world.engine.keyspace;
  const before = arena.touchedBytes;
  const digest = client.call("DEBUG", "DIGEST");
  world.advance(20_000);
  assert.equal(arena.touchedBytes, before);
  assert.equal(info(world, "active_defrag_hits"), 0);
  assert.ok(info(world, "allocator_frag_ratio") > 2);
  assert.equal(client.call("CONFIG", "SET", "activedefrag", "yes"), "+OK\r\n");
  world.advance(60_000);
  assert.ok(arena.touchedBytes < before / 2, `${before} to ${arena.touchedBytes}`);
  assert.equal(info(world, "active_defrag_running"), 0);
  assert.ok(info(world, "active_defrag_hits") > 6000);
  assert.ok(info(world, "active_defrag_misses") > 0);
  assert.ok(info(world, "active_defrag_key_hits") > 6000);
  assert.ok(info(world, "allocator_frag_ratio") < 1.5, `${info(world, "allocator_frag_ratio")}`);
  assert.equal(info(world, "current_active_defrag_time"), 0);
  assert.equal(client.call("DEBUG", "DIGEST"), digest);
  client.call("CONFIG", "RESETSTAT");
  assert.equal(info(world, "active_defrag_hits"), 0);
});

test("a run shows its share of the CPU and ends when it is turned off", () => {
  const world = sparseWorld({ ...SMALL, activedefrag: "yes", "active-defrag-cycle-max": "40" });
  const { clock, engine } = world;
  let us = 0;
  clock.monotonicUs = () => us += 100;
  assert.equal(engine.upkeep.run(), 1);
  assert.equal(info(world, "active_defrag_running"), 40);
  assert.equal(engine.upkeep.defrag.running, 40);
  const client = world.connect();
  client.call("CONFIG", "SET", "activedefrag", "no");
  engine.upkeep.run();
  assert.equal(info(world, "active_defrag_running"), 0);
  assert.equal(engine.keyspace.arena.emptyingCount, 0);
});

test("how long it pauses between slices follows from its share", () => {
  // Percent of waste, wanted share and pause after slices of 500 us.
  for (const [upper, share, pause] of [[1000, 7, 7], [100, 25, 2]]) {
    const world = sparseWorld({
      ...SMALL,
      activedefrag: "yes",
      "active-defrag-threshold-upper": String(upper),
    });
    let us = 0;
    world.clock.monotonicUs = () => us += 100;
    const wait = world.engine.upkeep.run();
    const { running } = world.engine.upkeep.defrag;
    assert.ok(Math.abs(running - share) <= 2, `${running} of ${share} percent`);
    assert.ok(Math.abs(wait - pause) <= 2, `${wait} of ${pause} ms`);
  }
});

test("nothing is done below the thresholds", () => {
  for (
    const directives of [
      { activedefrag: "yes" },
      { ...SMALL, activedefrag: "yes", "active-defrag-threshold-lower": "1000" },
    ]
  ) {
    const world = sparseWorld(directives);
    world.advance(30_000);
    assert.equal(info(world, "active_defrag_hits"), 0);
  }
});

test("MEMORY PURGE gives back what can be given back, whatever the directives say", () => {
  const world = sparseWorld();
  const { arena } = world.engine.keyspace;
  const before = arena.touchedBytes;
  assert.equal(world.connect().call("MEMORY", "PURGE"), "+OK\r\n");
  world.advance(30_000);
  assert.ok(arena.touchedBytes < before / 2, `${before} to ${arena.touchedBytes}`);
});

test("free pages go back although nobody asked", () => {
  const world = new World();
  const client = world.connect();
  const { arena } = world.engine.keyspace;
  for (let i = 0; i < 2000; i++) client.call("SET", `key:${i}`, "x".repeat(50_000));
  for (let i = 0; i < 2000; i++) if (i % 200 > 0) client.call("DEL", `key:${i}`);
  const before = arena.touchedBytes;
  assert.ok(before > 100_000_000);
  world.advance(5000);
  assert.ok(arena.touchedBytes < 5_000_000, `${before} to ${arena.touchedBytes}`);
});
