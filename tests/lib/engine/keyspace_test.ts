import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  type Database,
  databaseSwap,
  keyCount,
  keyCountVolatile,
  keyDelete,
  keyExpire,
  keyIsExpired,
  keyRandom,
  type Keyspace,
  keyTouch,
  keyUnlink,
  recordHash,
  recordPersist,
} from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { recordClock, recordSetClock } from "../../../lib/engine/record.ts";
import { arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { LFU_COUNTER_START, lfuDecayed } from "../../../lib/engine/access.ts";
import { describe, find, hashOf, makeKeyspace, put, setExpire } from "../../kit/keyspace.ts";
import { fuzz } from "../../fuzz/keyspace_fuzz.ts";

test("databases are apart from each other", () => {
  const ks = makeKeyspace(3);
  put(ks, ks.dbs[0], "k", "zero");
  put(ks, ks.dbs[2], "k", "two");
  keyspaceVerify(ks);
  assert.equal(describe(ks, ks.dbs[0], "k"), "embstr zero");
  assert.equal(describe(ks, ks.dbs[1], "k"), "none");
  assert.equal(describe(ks, ks.dbs[2], "k"), "embstr two");
  assert.deepEqual(ks.dbs.map((db) => keyCount(ks, db)), [1, 0, 1]);
});

test("expiry: set, replaced, taken off, with every encoding", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  for (const value of ["12", "text", "x".repeat(500), ""]) {
    put(ks, db, "k", value);
    const before = describe(ks, db, "k");
    setExpire(ks, db, "k", 1000);
    keyspaceVerify(ks);
    assert.equal(describe(ks, db, "k"), `${before} @1000`);
    assert.equal(keyCountVolatile(ks, db), 1);
    setExpire(ks, db, "k", 2000);
    keyspaceVerify(ks);
    assert.equal(describe(ks, db, "k"), `${before} @2000`);
    recordPersist(ks, db, hashOf(ks, "k"), find(ks, db, "k"));
    keyspaceVerify(ks);
    assert.equal(describe(ks, db, "k"), before);
    assert.equal(keyCountVolatile(ks, db), 0);
    const rec = find(ks, db, "k");
    assert.equal(recordPersist(ks, db, hashOf(ks, "k"), rec), rec);
  }
});

test("an embedded value that has no room beside its expiry gets a block", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  put(ks, db, "k", "v".repeat(110));
  setExpire(ks, db, "k", 5);
  keyspaceVerify(ks);
  assert.equal(describe(ks, db, "k"), `raw ${"v".repeat(110)} @5`);
});

test("a key is gone when its time is before now, not at it", () => {
  const ks = makeKeyspace();
  const rec = put(ks, ks.dbs[0], "k", "v", 1000);
  assert.ok(!keyIsExpired(ks, rec, 999));
  assert.ok(!keyIsExpired(ks, rec, 1000));
  assert.ok(keyIsExpired(ks, rec, 1001));
  assert.ok(!keyIsExpired(ks, put(ks, ks.dbs[0], "p", "v"), 2 ** 52));
});

test("delete and unlink", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  for (const value of ["1", "v", "w".repeat(300)]) {
    put(ks, db, "k", value, 77);
    keyDelete(ks, db, hashOf(ks, "k"), find(ks, db, "k"));
    keyspaceVerify(ks);
    assert.equal(describe(ks, db, "k"), "none");
    assert.equal(keyCountVolatile(ks, db), 0);
  }
  const rec = put(ks, db, "k", "7", 77);
  keyUnlink(ks, db, hashOf(ks, "k"), rec);
  assert.equal(keyCount(ks, db), 0);
  assert.throws(() => keyspaceVerify(ks), /live blocks/);
  arenaFree(ks.arena, rec);
  keyspaceVerify(ks);
});

test("the observer learns of keys that expire, with their names, before they go", () => {
  const ks = makeKeyspace();
  const told: string[] = [];
  ks.observer = {
    added: () => {},
    leaving: () => {},
    ready: () => assert.fail(),
    touched: () => assert.fail("touched"),
    expired: (db: Database, buf: Uint8Array, off: number, len: number) => {
      told.push(`${db.index} ${latin1(buf, off, len)} ${keyCount(ks, db)}`);
    },
    fieldsExpired: () => assert.fail("fieldsExpired"),
    flushing: () => assert.fail("flushing"),
    swapping: () => assert.fail("swapping"),
  };
  const rec = put(ks, ks.dbs[1], "key", "v", 5);
  keyExpire(ks, ks.dbs[1], hashOf(ks, "key"), rec);
  assert.deepEqual(told, ["1 key 1"]);
  assert.equal(ks.expiredKeys, 1);
  keyspaceVerify(ks);
});

test("swapped databases exchange keys, walks and means", () => {
  const ks = makeKeyspace();
  const [a, b] = ks.dbs;
  put(ks, a, "a", "1", 10);
  a.meanTtlMs = 3;
  a.expireCursor = 4;
  databaseSwap(a, b);
  keyspaceVerify(ks);
  assert.equal(describe(ks, b, "a"), "int 1 @10");
  assert.equal(keyCount(ks, a), 0);
  assert.deepEqual([a.meanTtlMs, b.meanTtlMs, a.expireCursor, b.expireCursor], [0, 3, 0, 4]);
  assert.deepEqual([a.index, b.index], [0, 1]);
});

test("random keys come from the database", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  assert.equal(keyRandom(ks, db), 0);
  put(ks, db, "only", "1");
  assert.equal(keyRandom(ks, db), find(ks, db, "only"));
});

test("a record's hash is that of its key", () => {
  const ks = makeKeyspace();
  for (const key of ["", "a", "x".repeat(1000)]) {
    assert.equal(recordHash(ks, put(ks, ks.dbs[0], key, "v")), hashOf(ks, key));
  }
});

test("LRU: new and touched keys carry the clock", () => {
  const ks = makeKeyspace();
  ks.lruSeconds = 0xabcdef;
  const rec = put(ks, ks.dbs[0], "k", "v");
  assert.equal(recordClock(ks.arena, rec), 0xabcdef);
  ks.lruSeconds = 5;
  keyTouch(ks, rec);
  assert.equal(recordClock(ks.arena, rec), 5);
  assert.equal(describe(ks, ks.dbs[0], "k"), "embstr v");
});

test("LFU: counters start at 5, grow ever slower, and decay with the minutes", () => {
  const ks = makeKeyspace();
  ks.lfuEnabled = true;
  ks.lfuMinutes = 65_530;
  const rec = put(ks, ks.dbs[0], "k", "v");
  const counter = () => recordClock(ks.arena, rec) & 0xff;
  assert.equal(counter(), LFU_COUNTER_START);
  keyTouch(ks, rec);
  assert.equal(counter(), LFU_COUNTER_START + 1);
  for (let n = 0; n < 1000; n++) keyTouch(ks, rec);
  assert.ok(counter() > 10 && counter() < 60, String(counter()));
  const grown = counter();
  ks.lfuMinutes = (65_530 + 8) & 0xffff;
  assert.equal(lfuDecayed(ks, recordClock(ks.arena, rec)), grown - 8);
  ks.lfuDecayMinutes = 3;
  assert.equal(lfuDecayed(ks, recordClock(ks.arena, rec)), grown - 2);
  ks.lfuDecayMinutes = 0;
  assert.equal(lfuDecayed(ks, recordClock(ks.arena, rec)), grown);
  ks.lfuDecayMinutes = 1;
  ks.lfuMinutes = 3000;
  assert.equal(lfuDecayed(ks, recordClock(ks.arena, rec)), 0);
  recordSetClock(ks.arena, rec, (3000 << 8) | 255);
  keyTouch(ks, rec);
  assert.equal(counter(), 255);
});

test("verify finds what is wrong", () => {
  const broken = (harm: (ks: Keyspace, rec: number, words: Int32Array, w: number) => void) => {
    const ks = makeKeyspace();
    put(ks, ks.dbs[0], "other", "x".repeat(300));
    const rec = put(ks, ks.dbs[0], "k", "y".repeat(300), 50);
    keyspaceVerify(ks);
    harm(ks, rec, ks.arena.i32[rec >>> SEGMENT_SHIFT], (rec & UNIT_MASK) << 2);
    assert.throws(() => keyspaceVerify(ks));
  };
  broken((ks) => arenaAlloc(ks.arena, 10));
  // Another key than its hash says, no expiry although it is listed, a value longer than its block.
  broken((ks, rec) => ks.arena.u8[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 4) + 20] = 0x6c);
  broken((_, __, words, w) => words[w] &= ~0x80);
  broken((ks, _, words, w) => {
    const value = words[w + 2];
    ks.arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = 100_000;
  });
});

test("blocks of other owners are counted apart", () => {
  const ks = makeKeyspace();
  const block = arenaAlloc(ks.arena, 100);
  ks.foreignBlocks = 1;
  keyspaceVerify(ks);
  arenaFree(ks.arena, block);
  ks.foreignBlocks = 0;
  keyspaceVerify(ks);
});

test("many keys: growth, overwriting with other shapes, shrinking", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  const values = ["5", "short", "z".repeat(200), ""];
  for (let i = 0; i < 6000; i++) put(ks, db, `key:${i % 2000}`, values[i % 4], i % 3 ? -1 : i);
  keyspaceVerify(ks);
  assert.equal(keyCount(ks, db), 2000);
  for (let i = 0; i < 2000; i++) {
    const key = `key:${i}`;
    const rec = find(ks, db, key);
    keyDelete(ks, db, hashOf(ks, key), rec);
    if (i % 200 === 0) keyspaceVerify(ks);
  }
  assert.equal(keyCount(ks, db), 0);
  keyspaceVerify(ks);
});

test("keys are bytes, not text", () => {
  const ks = makeKeyspace();
  const all = fromLatin1(Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(""));
  const key = latin1(all, 0, 256);
  put(ks, ks.dbs[0], key, key);
  assert.equal(describe(ks, ks.dbs[0], key), `raw ${key}`);
});

test("random commands", () => {
  for (const seed of [1, 2, 3]) fuzz(seed, 3000);
});
