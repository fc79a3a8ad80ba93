import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { chain, dictBucketRead } from "../../../lib/engine/dict.ts";
import {
  found,
  HASH_ADDED,
  HASH_CHANGED,
  HASH_REVIVED,
  hashCreate,
  hashDelete,
  hashDict,
  hashFind,
  hashFromListpack,
  hashIsVolatile,
  hashLength,
  hashSet,
  TIME_DROP,
  TIME_SET,
} from "../../../lib/engine/hash.ts";
import { hashPersist, hashRemoveDue, hashSetTime } from "../../../lib/engine/hash_expiry.ts";
import { HashCursor } from "../../../lib/engine/hash_walk.ts";
import { type Keyspace, recordCreate, recordDiscard } from "../../../lib/engine/keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK,
  metaByte,
  recordA,
  recordEncoding,
  recordMeta,
  recordSetA,
  TYPE_HASH,
} from "../../../lib/engine/record.ts";
import { valueBytes, valueCopy, valueFree, valueVerify } from "../../../lib/engine/value.ts";
import { arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { makeKeyspace } from "../../kit/keyspace.ts";

const KEY = fromLatin1("h");

/** A record with an empty hash that is in no table. */
function makeHash(ks: Keyspace, root = hashCreate(ks)): number {
  const rec = recordCreate(ks, metaByte(TYPE_HASH, ENCODING_LISTPACK, false), KEY, 0, 1, 0);
  recordSetA(ks.arena, rec, root);
  return rec;
}

function set(ks: Keyspace, rec: number, name: string, value: string, timeMs = -1): number {
  const mode = timeMs < 0 ? TIME_DROP : TIME_SET;
  const lo = timeMs | 0;
  const hi = Math.floor(timeMs / 2 ** 32);
  const [n, v] = [fromLatin1(name), fromLatin1(value)];
  return hashSet(ks, rec, n, 0, n.length, v, 0, v.length, 0, mode, lo, hi);
}

function get(ks: Keyspace, rec: number, name: string, nowMs = 0): string | null {
  const bytes = fromLatin1(name);
  if (!hashFind(ks, rec, bytes, 0, bytes.length, nowMs)) return null;
  return latin1(found.buf, found.off, found.len);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The first bytes of the only member of a table. */
function memberBytes(ks: Keyspace, rec: number, count: number): string {
  const { arena } = ks;
  dictBucketRead(arena, hashDict(ks, recordEncoding(arena, rec), recordA(arena, rec)), 0);
  const member = chain.entries[0];
  const off = (member & UNIT_MASK) << 4;
  return hex(arena.u8[member >>> SEGMENT_SHIFT].slice(off, off + count));
}

function verify(ks: Keyspace, rec: number): number {
  return valueVerify(ks, recordMeta(ks.arena, rec), recordA(ks.arena, rec));
}

test("the examples of the header", () => {
  const ks = makeKeyspace();
  ks.limits.hashMaxListpackEntries = 0;
  const rec = makeHash(ks);
  set(ks, rec, "f", "val");
  assert.equal(recordEncoding(ks.arena, rec), ENCODING_HASHTABLE);
  assert.equal(memberBytes(ks, rec, 6), "01 66 03 76 61 6c");
  set(ks, rec, "f", "val", 1);
  assert.equal(
    memberBytes(ks, rec, 18),
    "81 66 01 00 00 00 00 00 00 00 00 00 00 00 03 76 61 6c",
  );
});

test("a field of 12 bytes with a value of 12 takes a block of 32", () => {
  const ks = makeKeyspace();
  ks.limits.hashMaxListpackEntries = 0;
  const rec = makeHash(ks);
  set(ks, rec, "field-000000", "value-000000");
  dictBucketRead(ks.arena, recordA(ks.arena, rec), 0);
  assert.equal(arenaUsable(ks.arena, chain.entries[0]), 32);
});

test("a listpack is what the file format has", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  set(ks, rec, "f", "v");
  set(ks, rec, "g", "1");
  const root = recordA(ks.arena, rec);
  const off = (root & UNIT_MASK) << 4;
  const bytes = ks.arena.u8[root >>> SEGMENT_SHIFT].slice(off, off + 18);
  assert.equal(hex(bytes), "12 00 00 00 04 00 81 66 02 81 76 02 81 67 02 01 01 ff");
  const copy = makeHash(ks, hashFromListpack(ks, bytes, 0, bytes.length));
  assert.equal(get(ks, copy, "g"), "1");
  assert.equal(hashLength(ks, copy), 2);
});

test("setting tells what it did", () => {
  for (const entries of [512, 0]) {
    const ks = makeKeyspace();
    ks.limits.hashMaxListpackEntries = entries;
    const rec = makeHash(ks);
    assert.equal(set(ks, rec, "a", "1"), HASH_ADDED);
    assert.equal(set(ks, rec, "a", "2"), HASH_CHANGED);
    assert.equal(get(ks, rec, "a"), "2");
    assert.equal(set(ks, rec, "a", "3", 5), HASH_CHANGED);
    const a = fromLatin1("a");
    assert.equal(hashSet(ks, rec, a, 0, 1, a, 0, 1, 5, TIME_DROP, 0, 0), HASH_REVIVED);
    assert.equal(hashIsVolatile(ks, rec), false);
    verify(ks, rec);
  }
});

test("values of all lengths, in place and in new blocks", () => {
  const ks = makeKeyspace();
  ks.limits.hashMaxListpackValue = 0;
  const rec = makeHash(ks);
  for (const len of [0, 1, 12, 28, 254, 255, 256, 70_000, 3, 100_000, 0]) {
    const value = "v".repeat(len);
    set(ks, rec, "field", value);
    assert.equal(get(ks, rec, "field"), value);
    set(ks, rec, "timed", value, 1000);
    assert.equal(get(ks, rec, "timed"), value);
    verify(ks, rec);
  }
});

test("fields go in the order of their times", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  const times = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001 + 1);
  for (const [i, timeMs] of times.entries()) set(ks, rec, `f${i}`, "v", timeMs);
  set(ks, rec, "stays", "v");
  verify(ks, rec);
  for (let nowMs = 0; nowMs <= 3001; nowMs += 100) {
    const due = times.filter((timeMs) => timeMs <= nowMs && timeMs > nowMs - 100).length;
    assert.equal(hashRemoveDue(ks, rec, nowMs, 10_000), nowMs === 0 ? 0 : due);
    verify(ks, rec);
  }
  assert.equal(hashRemoveDue(ks, rec, 4000, 5), 1);
  assert.equal(hashLength(ks, rec), 1);
  assert.equal(hashIsVolatile(ks, rec), false);
});

test("no more than wanted go at once", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  for (let i = 0; i < 100; i++) set(ks, rec, `f${i}`, "v", i);
  assert.equal(hashRemoveDue(ks, rec, 1000, 30), 30);
  assert.equal(get(ks, rec, "f29"), null);
  assert.equal(get(ks, rec, "f30"), "v");
});

test("a field is seen until its time has passed", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  set(ks, rec, "a", "v", 10);
  const a = fromLatin1("a");
  assert.equal(get(ks, rec, "a", 10), "v");
  assert.equal(get(ks, rec, "a", 11), null);
  assert.equal(get(ks, rec, "a", -Infinity), "v");
  assert.equal(hashDelete(ks, rec, a, 0, 1, 11), false);
  assert.equal(hashDelete(ks, rec, a, 0, 1, -Infinity), true);
});

test("the encoding follows the first and the last time", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  const a = fromLatin1("a");
  set(ks, rec, "a", "1");
  assert.equal(hashSetTime(ks, rec, fromLatin1("x"), 0, 1, 5, 0), false);
  assert.equal(recordEncoding(ks.arena, rec), ENCODING_LISTPACK);
  assert.equal(hashSetTime(ks, rec, a, 0, 1, 5, 1), true);
  assert.equal(hashIsVolatile(ks, rec), true);
  assert.equal(get(ks, rec, "a"), "1");
  assert.deepEqual([found.timed, found.lo, found.hi], [true, 5, 1]);
  assert.equal(hashPersist(ks, rec, a, 0, 1), true);
  assert.equal(hashPersist(ks, rec, a, 0, 1), false);
  assert.equal(recordEncoding(ks.arena, rec), ENCODING_HASHTABLE);
  verify(ks, rec);
});

test("a copy has blocks and times of its own, and all are freed", () => {
  const ks = makeKeyspace();
  const { arena } = ks;
  const before = arena.liveBlocks;
  const used = arena.usedBytes;
  const rec = makeHash(ks);
  for (let i = 0; i < 5000; i++) set(ks, rec, `f${i}`, `v${i}`, i % 2 === 0 ? 5000 - i : -1);
  const meta = recordMeta(arena, rec);
  const root = recordA(arena, rec);
  const bytes = valueBytes(ks, meta, root, 0);
  assert.equal(arena.usedBytes - used, bytes + arenaUsable(arena, rec));
  const blocks = verify(ks, rec);
  assert.equal(arena.liveBlocks - before, blocks + 1);
  const copy = valueCopy(ks, meta, root);
  assert.equal(valueVerify(ks, meta, copy), blocks);
  hashRemoveDue(ks, rec, 5000, 1000);
  assert.equal(valueVerify(ks, meta, copy), blocks);
  valueFree(ks, meta, copy);
  recordDiscard(ks, rec);
  assert.equal(arena.liveBlocks, before);
  assert.equal(arena.usedBytes, used);
});

test("a walk shows names, values and times", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  const cursor = new HashCursor();
  const walk = () => {
    const seen: string[] = [];
    cursor.start(ks, rec, 100);
    while (cursor.next()) {
      const name = latin1(cursor.nameBuf, cursor.nameOff, cursor.nameLen);
      const value = latin1(cursor.buf, cursor.off, cursor.len);
      seen.push(`${name}=${value}${cursor.timed ? `@${cursor.lo}` : ""}`);
    }
    return seen.sort();
  };
  assert.deepEqual(walk(), []);
  set(ks, rec, "12", "-34");
  set(ks, rec, "a", "b");
  assert.deepEqual(walk(), ["12=-34", "a=b"]);
  set(ks, rec, "gone", "x", 50);
  set(ks, rec, "there", "x", 150);
  assert.deepEqual(walk(), ["12=-34", "a=b", "there=x@150"]);
});

test("verify finds a broken order of times", () => {
  const ks = makeKeyspace();
  const rec = makeHash(ks);
  for (let i = 0; i < 10; i++) set(ks, rec, `f${i}`, "v", i);
  const root = recordA(ks.arena, rec);
  ks.arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + 1]--;
  assert.throws(() => verify(ks, rec), /hash: 9 times for 10 fields/);
});
