// Rehearsals of a background save: they leave nothing behind, end, and keep to their slices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dictBucketCount } from "../../../lib/engine/dict.ts";
import { PointInTime } from "../../../lib/engine/point_in_time.ts";
import { arenaVerify } from "../../../lib/mem/arena.ts";
import { Rehearsal } from "../../../lib/persist/rehearsal.ts";
import { World } from "../../kit/world.ts";

/** A world with so many keys. */
function filled(keys: number): World {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < keys; i++) client.send(["SET", `key:${i}`, `value of ${i}`]);
  client.socket.reader.take();
  return world;
}

/** Keys written in each slice until nothing is left to rehearse. */
function rehearse(world: World, clockUs: () => number): number[] {
  const rehearsal = new Rehearsal();
  const { keyspace } = world.engine;
  const slices: number[] = [];
  for (let i = 0; i < 100; i++) {
    let keys = 0;
    let began = 0;
    const writer = { head: () => {}, keys: (_: number, __: Int32Array, n: number) => keys += n };
    rehearsal.slice(keyspace, () => {
      began++;
      return { ...writer, end: () => {} };
    }, clockUs);
    assert.equal(keyspace.walks.length, 0);
    if (began > 0) slices.push(keys);
  }
  return slices;
}

test("with few keys nothing is rehearsed", () => {
  assert.deepEqual(rehearse(filled(9_999), () => 0), []);
});

test("forty slices; a clock that stands still ends none of them late", () => {
  const world = filled(10_001);
  const blocks = arenaVerify(world.engine.keyspace.arena);
  const slices = rehearse(world, () => 0);
  assert.equal(slices.length, 40);
  assert.ok(slices.every((keys) => keys >= 4096 && keys < 4096 + 200), slices.join());
  assert.equal(arenaVerify(world.engine.keyspace.arena), blocks);
  const client = world.connect();
  for (let i = 0; i < 20_000; i++) client.send(["SET", `more:${i}`, "x"]);
  client.socket.reader.take();
  assert.equal(client.call("DBSIZE"), ":30001\r\n", "the table grows as ever");
});

test("tables that may not be resized stay so, and none is resized under a walk", () => {
  const world = filled(10_001);
  const client = world.connect();
  const { keyspace } = world.engine;
  const { main } = keyspace.dbs[0];
  const buckets = () => dictBucketCount(keyspace.arena, main);
  const more = (prefix: string) => {
    for (let i = 0; i < 10_000; i++) client.send(["SET", `${prefix}:${i}`, "x"]);
    client.socket.reader.take();
  };
  assert.equal(client.call("DEBUG", "DICT-RESIZING", "0"), "+OK\r\n");
  const before = buckets();
  rehearse(world, () => 0);
  more("a");
  assert.equal(buckets(), before);
  const walk = new PointInTime(keyspace, () => {});
  assert.equal(client.call("DEBUG", "DICT-RESIZING", "1"), "+OK\r\n");
  more("b");
  assert.equal(buckets(), before);
  walk.end();
  more("c");
  assert.ok(buckets() > before);
});

test("a slice ends when its time is over", () => {
  let nowUs = 0;
  const slices = rehearse(filled(10_001), () => nowUs += 300);
  assert.equal(slices.length, 40);
  assert.ok(slices.every((keys) => keys < 500), slices.join());
});

test("not while a snapshot is under way", () => {
  const world = filled(10_001);
  const { keyspace } = world.engine;
  const rehearsal = new Rehearsal();
  keyspace.walks = [{ touch: () => {} } as unknown as typeof keyspace.walks[number]];
  let began = 0;
  rehearsal.slice(keyspace, () => {
    began++;
    throw new Error("not now");
  }, () => 0);
  assert.equal(began, 0);
});
