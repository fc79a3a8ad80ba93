import { test } from "node:test";
import assert from "node:assert/strict";
import { ActiveExpiry, expireSlice, SLICE_US } from "../../../lib/engine/expire.ts";
import {
  type Database,
  keyCount,
  keyCountVolatile,
  type Keyspace,
} from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { describe, makeKeyspace, put } from "../../kit/keyspace.ts";

const NOW = 1_000_000;

/** A clock that moves `stepUs` at each look: a batch takes that long. */
function batchesOf(stepUs: number): () => number {
  let us = 0;
  return () => us += stepUs;
}

/** `expired` keys whose time is past and `alive` with an hour to go, mixed. */
function fill(ks: Keyspace, db: Database, expired: number, alive: number): void {
  for (let i = 0; i < expired; i++) put(ks, db, `old:${i}`, "v", NOW - 1 - i % 1000);
  for (let i = 0; i < alive; i++) put(ks, db, `new:${i}`, "v", NOW + 3_600_000);
}

test("expired keys go, others stay", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  put(ks, db, "past", "1", NOW - 1);
  put(ks, db, "now", "1", NOW);
  put(ks, db, "future", "1", NOW + 1);
  put(ks, db, "forever", "1");
  const expiry = new ActiveExpiry();
  assert.equal(expireSlice(ks, expiry, NOW, batchesOf(1)), 0);
  assert.equal(describe(ks, db, "past"), "none");
  assert.equal(keyCount(ks, db), 3);
  assert.equal(ks.expiredKeys, 1);
  assert.equal(expireSlice(ks, expiry, NOW + 2, batchesOf(1)), 0);
  assert.equal(keyCount(ks, db), 1);
  keyspaceVerify(ks);
});

test("every database is reached, whatever the first one holds", () => {
  const ks = makeKeyspace(4);
  for (const db of ks.dbs) fill(ks, db, 300, 50);
  const expiry = new ActiveExpiry();
  for (let n = 0; n < 200 && ks.expiredKeys < 1200; n++) {
    expireSlice(ks, expiry, NOW, batchesOf(300));
    keyspaceVerify(ks);
  }
  assert.deepEqual(ks.dbs.map((db) => keyCount(ks, db)), [50, 50, 50, 50]);
});

test("a slice ends soon after its time", () => {
  const ks = makeKeyspace();
  fill(ks, ks.dbs[0], 20_000, 0);
  const expiry = new ActiveExpiry();
  let looks = 0;
  const due = expireSlice(ks, expiry, NOW, () => 100 * looks++);
  // The start, ten batches, and once for the statistics.
  assert.equal(looks, 2 + SLICE_US / 100);
  assert.ok(ks.expiredKeys >= 200 && ks.expiredKeys < 400, String(ks.expiredKeys));
  assert.equal(due, 1);
  assert.equal(expiry.timeCapReached, 1);
  assert.ok(expiry.usedUs >= SLICE_US);
});

test("when most keys are stale slices are twice as long", () => {
  const ks = makeKeyspace();
  fill(ks, ks.dbs[0], 20_000, 0);
  const expiry = new ActiveExpiry();
  expiry.stalePercent = 60;
  let looks = 0;
  assert.equal(expireSlice(ks, expiry, NOW, () => 100 * looks++), 1);
  assert.equal(looks, 2 + 2 * SLICE_US / 100);
});

test("the pause follows the share of expired keys", () => {
  const rows: [expired: number, alive: number, effort: number, pauseMs: number, capped: number][] =
    [
      [20_000, 0, 1, 1, 1],
      [8000, 12_000, 1, 1, 1],
      [3000, 17_000, 1, 3, 1],
      [1000, 19_000, 1, 9, 0],
      [20, 19_980, 1, 0, 0],
      [0, 20_000, 1, 0, 0],
      [1000, 19_000, 10, 3 * 0.46, 1],
      [20_000, 0, 10, 1, 1],
    ];
  for (const [expired, alive, effort, pauseMs, capped] of rows) {
    const ks = makeKeyspace();
    fill(ks, ks.dbs[0], expired, alive);
    const expiry = new ActiveExpiry();
    expiry.effort = effort;
    const due = expireSlice(ks, expiry, NOW, batchesOf(40));
    assert.equal(due.toFixed(3), pauseMs.toFixed(3), `${expired} of ${expired + alive}`);
    assert.equal(expiry.timeCapReached, capped);
  }
});

test("with time enough a slice looks at a quota and at all that is stale", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  fill(ks, db, 0, 3000);
  const expiry = new ActiveExpiry();
  // Few are stale: the quota of 1000 keys, so all within four ticks.
  for (let i = 0; i < 100; i++) put(ks, db, `old:${i}`, "v", NOW - 1);
  for (let tick = 0; tick < 4; tick++) assert.equal(expireSlice(ks, expiry, NOW, batchesOf(1)), 0);
  assert.equal(keyCountVolatile(ks, db), 3000);
  // Many are stale: all in one slice.
  fill(ks, db, 3000, 3000);
  expireSlice(ks, expiry, NOW, batchesOf(1));
  assert.equal(keyCountVolatile(ks, db), 3000);
  keyspaceVerify(ks);
});

test("many living keys do not hide a few dead ones for long", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  fill(ks, db, 500, 50_000);
  const expiry = new ActiveExpiry();
  // 10 us a batch of 20 keys: 500 ns a key, far slower than it is.
  let ticks = 0;
  for (; keyCountVolatile(ks, db) > 50_000 && ticks < 1000; ticks++) {
    expireSlice(ks, expiry, NOW, batchesOf(10));
  }
  assert.ok(ticks <= 80, `${ticks} ticks`);
  keyspaceVerify(ks);
});

test("keys that come and go meanwhile do not disturb the walk", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  fill(ks, db, 5000, 5000);
  const expiry = new ActiveExpiry();
  for (let n = 0; n < 400; n++) {
    expireSlice(ks, expiry, NOW, batchesOf(200));
    for (let i = 0; i < 10; i++) put(ks, db, `more:${n}:${i}`, "v", NOW + (i % 2 ? 1 : -1));
    if (n % 40 === 0) keyspaceVerify(ks);
  }
  for (let n = 0; n < 100; n++) expireSlice(ks, expiry, NOW, batchesOf(10));
  assert.equal(keyCount(ks, db), 5000 + 2000);
  keyspaceVerify(ks);
});

test("mean time to live: the first sample counts in full, later ones a little", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  const expiry = new ActiveExpiry();
  put(ks, db, "k", "v", NOW + 4000);
  expireSlice(ks, expiry, NOW, batchesOf(1));
  assert.equal(db.meanTtlMs, 4000);
  expireSlice(ks, expiry, NOW + 1000, batchesOf(1));
  assert.equal(db.meanTtlMs, 3000 + 1000 * 0.98);
  expireSlice(ks, expiry, NOW + 5000, batchesOf(1));
  expireSlice(ks, expiry, NOW + 5000, batchesOf(1));
  assert.equal(db.meanTtlMs, 0);
});

test("the estimate of stale keys is a running mean in percent", () => {
  const ks = makeKeyspace();
  fill(ks, ks.dbs[0], 10, 10);
  const expiry = new ActiveExpiry();
  expireSlice(ks, expiry, NOW, batchesOf(1));
  assert.equal(expiry.stalePercent, 50 * 0.05);
  expireSlice(ks, expiry, NOW, batchesOf(1));
  assert.equal(expiry.stalePercent, 50 * 0.05 * 0.95);
  expiry.resetStats();
  assert.deepEqual([expiry.stalePercent, expiry.timeCapReached, expiry.usedUs], [0, 0, 0]);
});
