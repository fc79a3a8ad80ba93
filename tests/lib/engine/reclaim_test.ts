import { test } from "node:test";
import assert from "node:assert/strict";
import {
  databaseEmpty,
  keyspaceEmpty,
  reclaimPending,
  reclaimSlice,
} from "../../../lib/engine/reclaim.ts";
import { type Database, keyCount, type Keyspace } from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { arenaAlloc } from "../../../lib/mem/arena.ts";
import { describe, makeKeyspace, put } from "../../kit/keyspace.ts";

function fill(ks: Keyspace, db: Database, count: number): void {
  const long = "x".repeat(200);
  for (let i = 0; i < count; i++) put(ks, db, `key:${i}`, i % 2 ? long : "7", i % 3 ? -1 : 1000);
}

/** A clock that moves by a microsecond at each look. */
function ticking(): () => number {
  let us = 0;
  return () => us++;
}

test("a small database is emptied at once", () => {
  for (const later of [false, true]) {
    const ks = makeKeyspace();
    fill(ks, ks.dbs[0], 500);
    put(ks, ks.dbs[1], "other", "1");
    ks.dbs[0].meanTtlMs = 4;
    assert.equal(databaseEmpty(ks, ks.dbs[0], later), 500);
    assert.equal(reclaimPending(ks), 0);
    assert.equal(ks.dbs[0].meanTtlMs, 0);
    assert.equal(describe(ks, ks.dbs[1], "other"), "int 1");
    keyspaceVerify(ks);
  }
});

test("a large one beside others waits for slices, or not", () => {
  const ks = makeKeyspace();
  fill(ks, ks.dbs[0], 10_000);
  put(ks, ks.dbs[1], "other", "1");
  const used = ks.arena.usedBytes;
  assert.equal(databaseEmpty(ks, ks.dbs[0], true), 10_000);
  assert.equal(keyCount(ks, ks.dbs[0]), 0);
  assert.equal(reclaimPending(ks), 10_000);
  assert.ok(ks.arena.usedBytes > used / 2);
  keyspaceVerify(ks);
  fill(ks, ks.dbs[0], 300);
  let slices = 0;
  while (reclaimSlice(ks, ticking(), 2)) {
    slices++;
    keyspaceVerify(ks);
    assert.equal(reclaimPending(ks) + ks.reclaimedKeys, 10_000);
  }
  assert.ok(slices > 5, String(slices));
  assert.equal(ks.reclaimedKeys, 10_000);
  assert.equal(keyCount(ks, ks.dbs[0]), 300);
  keyspaceVerify(ks);
  assert.ok(!reclaimSlice(ks, ticking(), 2));

  fill(ks, ks.dbs[0], 10_000);
  assert.equal(databaseEmpty(ks, ks.dbs[0], false), 10_000);
  assert.equal(reclaimPending(ks), 0);
  keyspaceVerify(ks);
});

test("several condemned databases are taken apart one after the other", () => {
  const ks = makeKeyspace(3);
  for (let round = 0; round < 2; round++) {
    fill(ks, ks.dbs[0], 5000);
    put(ks, ks.dbs[1], "k", "v");
    databaseEmpty(ks, ks.dbs[0], true);
  }
  assert.equal(reclaimPending(ks), 10_000);
  while (reclaimSlice(ks, ticking(), 10));
  assert.equal(reclaimPending(ks), 0);
  keyspaceVerify(ks);
});

test("when nothing else is left the whole arena is dropped, condemned tables included", () => {
  const ks = makeKeyspace();
  fill(ks, ks.dbs[0], 9000);
  fill(ks, ks.dbs[1], 9000);
  databaseEmpty(ks, ks.dbs[0], true);
  assert.equal(reclaimPending(ks), 9000);
  assert.equal(databaseEmpty(ks, ks.dbs[1], true), 9000);
  assert.equal(reclaimPending(ks), 0);
  assert.equal(ks.reclaimedKeys, 9000);
  assert.equal(ks.arena.liveBlocks, 12);
  keyspaceVerify(ks);
  put(ks, ks.dbs[0], "again", "1");
  keyspaceVerify(ks);
});

test("all databases at once", () => {
  for (const count of [0, 10, 20_000]) {
    const ks = makeKeyspace(3);
    fill(ks, ks.dbs[0], count);
    fill(ks, ks.dbs[2], 5);
    assert.equal(keyspaceEmpty(ks, true), count + 5);
    assert.deepEqual(ks.dbs.map((db) => keyCount(ks, db)), [0, 0, 0]);
    keyspaceVerify(ks);
  }
});

test("blocks of other owners survive", () => {
  const ks = makeKeyspace();
  arenaAlloc(ks.arena, 64);
  ks.foreignBlocks = 1;
  fill(ks, ks.dbs[0], 20_000);
  assert.equal(keyspaceEmpty(ks, false), 20_000);
  assert.equal(ks.arena.liveBlocks, 1 + 12);
  keyspaceVerify(ks);
  fill(ks, ks.dbs[0], 20_000);
  keyspaceEmpty(ks, true);
  while (reclaimSlice(ks, ticking(), 100));
  assert.equal(ks.arena.liveBlocks, 1 + 12);
  keyspaceVerify(ks);
});
