import { test } from "node:test";
import assert from "node:assert/strict";
import { arenaFree, arenaUsable, arenaVerify } from "../../../lib/mem/arena.ts";
import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictBytes,
  dictChainCount,
  dictCount,
  dictCreate,
  dictDeleteSlot,
  dictDestroy,
  dictDropLast,
  dictFind,
  dictFindEntry,
  dictInsert,
  dictRandom,
  dictResizeStep,
  dictScan,
  dictSetPolicy,
  dictVerify,
  KIND_RECORDS,
  memberFind,
  membersCreate,
  RESIZE_AVOID,
  RESIZE_FORBID,
  RESIZE_FREE,
  slot,
} from "../../../lib/engine/dict.ts";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { memberCreate, memberHash, memberOwnHash } from "../../../lib/engine/member.ts";
import { type Keyspace, recordCreate } from "../../../lib/engine/keyspace.ts";
import { ENCODING_EMBSTR, metaByte, TYPE_STRING } from "../../../lib/engine/record.ts";
import { SeededRandom } from "../../kit/clock.ts";
import { hashOf, keyOf, makeKeyspace } from "../../kit/keyspace.ts";
import { fuzz } from "../../fuzz/dict_fuzz.ts";

const META = metaByte(TYPE_STRING, ENCODING_EMBSTR, false);

/** A table with entries of its own; hashes are those of the keys unless given. */
class Table {
  ks: Keyspace = makeKeyspace(1);
  own = this.ks.arena.liveBlocks;
  dict = dictCreate(this.ks.arena, KIND_RECORDS);

  add(key: string, hash = hashOf(this.ks, key)): number {
    const bytes = fromLatin1(key);
    const entry = recordCreate(this.ks, META, bytes, 0, bytes.length, 0);
    dictInsert(this.ks.arena, this.dict, hash, entry);
    this.verify();
    return entry;
  }

  fill(count: number): void {
    for (let i = 0; i < count; i++) {
      const bytes = fromLatin1(`key:${i}`);
      const entry = recordCreate(this.ks, META, bytes, 0, bytes.length, 0);
      dictInsert(this.ks.arena, this.dict, hashOf(this.ks, `key:${i}`), entry);
    }
    this.verify();
  }

  find(key: string, hash = hashOf(this.ks, key)): number {
    return dictFind(this.ks.arena, this.dict, hash, fromLatin1(key), 0, key.length);
  }

  remove(key: string, hash = hashOf(this.ks, key)): void {
    const entry = this.find(key, hash);
    assert.notEqual(entry, 0, key);
    dictDeleteSlot(this.ks.arena, this.dict, hash);
    arenaFree(this.ks.arena, entry);
  }

  get count(): number {
    return dictCount(this.ks.arena, this.dict);
  }

  get buckets(): number {
    return dictBucketCount(this.ks.arena, this.dict);
  }

  verify(): void {
    const blocks = dictVerify(this.ks.arena, this.dict);
    assert.equal(this.ks.arena.liveBlocks, this.own + blocks + this.count);
  }

  /** All keys by a full walk. */
  keys(): string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.buckets; index++) {
      const found = dictBucketRead(this.ks.arena, this.dict, index);
      for (let i = 0; i < found; i++) keys.push(keyOf(this.ks, chain.entries[i]));
    }
    return keys.sort();
  }
}

test("an empty table", () => {
  const table = new Table();
  assert.equal(table.count, 0);
  assert.equal(table.buckets, 1);
  assert.equal(table.find("a"), 0);
  assert.equal(dictScan(table.ks.arena, table.dict, 0), 0);
  assert.equal(chain.count, 0);
  assert.equal(dictRandom(table.ks.arena, table.dict, () => 5), 0);
  table.verify();
});

test("insert, find, delete", () => {
  const table = new Table();
  const a = table.add("a");
  const b = table.add("b");
  assert.equal(table.find("a"), a);
  assert.equal(table.find("b"), b);
  assert.equal(table.find("c"), 0);
  assert.ok(dictFindEntry(table.ks.arena, table.dict, hashOf(table.ks, "a"), a));
  assert.ok(!dictFindEntry(table.ks.arena, table.dict, hashOf(table.ks, "a"), b + 1));
  table.remove("a");
  table.verify();
  assert.equal(table.find("a"), 0);
  assert.equal(table.find("b"), b);
  assert.deepEqual(table.keys(), ["b"]);
});

test("equal hashes make chains, which shrink from their end", () => {
  const table = new Table();
  const hash = 0x2a;
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  dictSetPolicy(table.ks.arena, table.dict, RESIZE_FORBID);
  for (const key of keys) table.add(key, hash);
  // 7 entries and a link to a bucket: 5 links of 7 entries, the last bucket holds 5.
  assert.equal(dictChainCount(table.ks.arena, table.dict), 5);
  for (const key of keys) assert.notEqual(table.find(key, hash), 0, key);
  for (const [i, key] of keys.entries()) {
    table.remove(key, hash);
    table.verify();
    assert.equal(table.find(key, hash), 0);
    for (const left of keys.slice(i + 1)) assert.notEqual(table.find(left, hash), 0, left);
  }
  assert.equal(dictChainCount(table.ks.arena, table.dict), 0);
});

test("the slot of a find is where the entry is, in the main run and in chains", () => {
  const table = new Table();
  for (let i = 0; i < 20; i++) table.add(`k${i}`, 7);
  const entry = table.find("k13", 7);
  const { bucket, word } = slot;
  assert.ok(dictFindEntry(table.ks.arena, table.dict, 7, entry));
  assert.deepEqual([slot.bucket, slot.word], [bucket, word]);
});

test("one bucket is split or merged at a time, around two to six entries a bucket", () => {
  const table = new Table();
  let buckets = table.buckets;
  for (let i = 0; i < 5000; i++) {
    const bytes = fromLatin1(`key:${i}`);
    const entry = recordCreate(table.ks, META, bytes, 0, bytes.length, 0);
    dictInsert(table.ks.arena, table.dict, hashOf(table.ks, `key:${i}`), entry);
    assert.ok(table.buckets - buckets <= 1);
    buckets = table.buckets;
    assert.ok(table.count <= buckets * 6);
  }
  table.verify();
  for (let i = 0; i < 5000; i++) {
    table.remove(`key:${i}`);
    assert.ok(buckets - table.buckets <= 1);
    buckets = table.buckets;
    assert.ok(buckets === 1 || table.count >= buckets * 2 - 2);
    if (i % 500 === 0) table.verify();
  }
  assert.equal(table.buckets, 1);
  table.verify();
});

test("pages: from one growing block to a directory and back", () => {
  const table = new Table();
  const { arena } = table.ks;
  const limits = [6 * 1024, 6 * 1024 + 1, 6 * 1025, 6 * 65 * 1024 + 10];
  let filled = 0;
  for (const limit of limits) {
    for (; filled < limit; filled++) {
      const bytes = fromLatin1(`key:${filled}`);
      const entry = recordCreate(table.ks, META, bytes, 0, bytes.length, 0);
      dictInsert(arena, table.dict, hashOf(table.ks, `key:${filled}`), entry);
    }
    table.verify();
    assert.ok(dictBytes(arena, table.dict) >= table.buckets * 64);
  }
  assert.ok(table.buckets > 64 * 1024, "the directory has not grown");
  for (let i = 0; i < filled; i++) {
    table.remove(`key:${i}`);
    if (i % 40_000 === 0 || filled - i < 3) table.verify();
  }
  assert.equal(table.buckets, 1);
  table.verify();
});

test("resize policies", () => {
  const table = new Table();
  const { arena } = table.ks;
  dictSetPolicy(arena, table.dict, RESIZE_FORBID);
  table.fill(300);
  assert.equal(table.buckets, 1);
  dictSetPolicy(arena, table.dict, RESIZE_AVOID);
  table.add("one more");
  assert.equal(table.buckets, 2);
  dictSetPolicy(arena, table.dict, RESIZE_FREE);
  let steps = 0;
  while (dictResizeStep(arena, table.dict)) steps++;
  table.verify();
  assert.equal(table.buckets, Math.ceil(301 / 6));
  assert.equal(steps, table.buckets - 2);
  assert.equal(table.keys().length, 301);
});

test("scan visits every entry once while the table stands still", () => {
  for (const count of [1, 6, 7, 48, 1000, 7000]) {
    const table = new Table();
    table.fill(count);
    const seen: string[] = [];
    let cursor = 0;
    let calls = 0;
    do {
      cursor = dictScan(table.ks.arena, table.dict, cursor);
      for (let i = 0; i < chain.count; i++) seen.push(keyOf(table.ks, chain.entries[i]));
      calls++;
    } while (cursor !== 0);
    assert.equal(calls, table.buckets);
    assert.deepEqual(seen.sort(), table.keys());
  }
});

test("scan takes any cursor and ends", () => {
  const table = new Table();
  table.fill(500);
  const random = new SeededRandom(9);
  for (let n = 0; n < 50; n++) {
    let cursor = random.pick([random.next32() >>> 0, 0xffffffff, 0x80000000, random.below(100)]);
    let calls = 0;
    do {
      cursor = dictScan(table.ks.arena, table.dict, cursor);
      assert.ok(++calls <= table.buckets + 1);
    } while (cursor !== 0);
  }
});

test("random picks reach every entry about equally often", () => {
  const table = new Table();
  table.fill(100);
  const random = new SeededRandom(4);
  const counts = new Map<string, number>();
  for (let n = 0; n < 40_000; n++) {
    const entry = dictRandom(table.ks.arena, table.dict, () => random.next32());
    const key = keyOf(table.ks, entry);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 100);
  for (const [key, count] of counts) assert.ok(count > 300 && count < 500, `${key}: ${count}`);
});

test("taking apart from the end leaves a sound table at every step", () => {
  const table = new Table();
  table.fill(8000);
  const seen = new Set<string>();
  for (let step = 0; table.count > 0; step++) {
    const found = dictDropLast(table.ks.arena, table.dict);
    for (const entry of chain.entries.slice(0, found)) {
      seen.add(keyOf(table.ks, entry));
      arenaFree(table.ks.arena, entry);
    }
    if (step % 100 === 0 || table.buckets < 20) table.verify();
  }
  assert.equal(seen.size, 8000);
  assert.equal(table.buckets, 1);
  assert.equal(dictDropLast(table.ks.arena, table.dict), 0);
});

test("destroy gives everything back", () => {
  for (const count of [0, 10, 10_000]) {
    const table = new Table();
    table.fill(count);
    for (let index = 0; index < table.buckets; index++) {
      const found = dictBucketRead(table.ks.arena, table.dict, index);
      for (const entry of chain.entries.slice(0, found)) arenaFree(table.ks.arena, entry);
    }
    dictDestroy(table.ks.arena, table.dict);
    assert.equal(arenaVerify(table.ks.arena), table.own);
  }
});

test("random operations", () => {
  for (const seed of [1, 2, 3, 4]) fuzz(seed, 5000);
});

/** A table of members "m0", "m1" ... */
class Members {
  ks: Keyspace = makeKeyspace(1);
  own = this.ks.arena.liveBlocks;
  dict = membersCreate(this.ks, 0);
  count = 0;

  fill(count: number): void {
    for (; this.count < count; this.count++) {
      const name = fromLatin1(`m${this.count}`);
      const member = memberCreate(this.ks.arena, 0, name, 0, name.length, 0);
      dictInsert(this.ks.arena, this.dict, memberHash(this.ks, name, 0, name.length), member);
    }
  }

  find(i: number): number {
    const name = fromLatin1(`m${i}`);
    const hash = memberHash(this.ks, name, 0, name.length);
    return memberFind(this.ks.arena, this.dict, 0, hash, name, 0, name.length);
  }

  drain(count: number): void {
    while (this.count > count) {
      const member = this.find(--this.count);
      dictDeleteSlot(this.ks.arena, this.dict, memberOwnHash(this.ks, member, 0));
      arenaFree(this.ks.arena, member);
    }
  }

  verify(): void {
    const blocks = dictVerify(this.ks.arena, this.dict);
    assert.equal(this.ks.arena.liveBlocks, this.own + blocks + this.count);
    assert.equal(dictCount(this.ks.arena, this.dict), this.count);
  }
}

test("members: the window of the tags moves at 8 and 16 bits of address, and back", () => {
  const table = new Members();
  const sizes = [100, 1152, 1160, 1700, 2310, 5000, 290_000, 450_000, 600_000];
  for (const size of sizes) {
    table.fill(size);
    table.verify();
    for (const i of [0, size >> 1, size - 1]) assert.notEqual(table.find(i), 0);
    assert.equal(table.find(size), 0);
  }
  assert.ok(dictBucketCount(table.ks.arena, table.dict) > 2 ** 16, "not wide enough");
  assert.ok(dictBytes(table.ks.arena, table.dict) < table.count * 10, "more than 10 bytes each");
  for (const size of [198_000, 150_000, 98_000, 3000, 1500, 767, 384, 10, 1, 0]) {
    table.drain(size);
    table.verify();
    for (let i = 0; i < Math.min(size, 2000); i++) assert.notEqual(table.find(i), 0);
  }
  assert.equal(dictBucketCount(table.ks.arena, table.dict), 1);
});

test("members: taking apart from the end leaves a sound table at every step", () => {
  const table = new Members();
  table.fill(6000);
  for (let step = 0; table.count > 0; step++) {
    const found = dictDropLast(table.ks.arena, table.dict);
    for (const member of chain.entries.slice(0, found)) arenaFree(table.ks.arena, member);
    table.count -= found;
    if (step % 10 === 0) table.verify();
  }
  table.verify();
  dictDestroy(table.ks.arena, table.dict);
  assert.equal(arenaVerify(table.ks.arena), table.own);
});

test("members: random picks reach every one about equally often, in long chains too", () => {
  const table = new Members();
  dictSetPolicy(table.ks.arena, table.dict, RESIZE_FORBID);
  table.fill(100);
  const random = new SeededRandom(4);
  const counts = new Map<number, number>();
  for (let n = 0; n < 40_000; n++) {
    const member = dictRandom(table.ks.arena, table.dict, () => random.next32());
    counts.set(member, (counts.get(member) ?? 0) + 1);
  }
  assert.equal(counts.size, 100);
  for (const count of counts.values()) assert.ok(count > 300 && count < 500, `${count}`);
});

/** Bytes of all members. */
function memberBytes({ ks: { arena }, dict }: Members): number {
  let bytes = 0;
  for (let index = 0; index < dictBucketCount(arena, dict); index++) {
    dictBucketRead(arena, dict, index);
    for (let i = 0; i < chain.count; i++) bytes += arenaUsable(arena, chain.entries[i]);
  }
  return bytes;
}

test("members: the last page has room for a quarter or 128 buckets more than it needs, and all is counted", () => {
  const table = new Members();
  const { arena } = table.ks;
  const usedBefore = arena.usedBytes - dictBytes(arena, table.dict);
  const isTrue = () =>
    usedBefore + dictBytes(arena, table.dict) + memberBytes(table) === arena.usedBytes;
  for (let size = 100; size <= 40_000; size += Math.ceil(size / 8)) {
    table.fill(size);
    const buckets = dictBucketCount(arena, table.dict);
    const chained = dictChainCount(arena, table.dict);
    const directoryBytes = buckets > 1024 ? 256 : 0;
    const spare = dictBytes(arena, table.dict) - 48 - directoryBytes - (buckets + chained) * 64;
    const most = buckets < 256 ? Math.ceil(buckets / 4) + 1 + buckets / 8 : 128;
    assert.ok(spare >= 0 && spare <= most * 64, `${size} members: ${spare} bytes to spare`);
    assert.ok(isTrue(), `${size} members: bytes of the table are not those of its blocks`);
  }
  table.verify();
  for (const size of [20_000, 12_000, 9300, 9200, 3000, 3]) {
    table.drain(size);
    table.verify();
    assert.ok(isTrue(), `${size} members left`);
  }
});
