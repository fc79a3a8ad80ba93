import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { recordCreate, recordDiscard } from "../../../lib/engine/keyspace.ts";
import { listpackBytes } from "../../../lib/engine/listpack.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  metaByte,
  recordA,
  recordEncoding,
  recordSetA,
  TYPE_ZSET,
} from "../../../lib/engine/record.ts";
import {
  ADD_ADDED,
  ADD_INCR,
  ADD_NAN,
  ADD_SAME,
  ADD_UPDATED,
  found,
  zsetAdd,
  zsetCount,
  zsetCreate,
  zsetDict,
  zsetExpect,
  zsetFromListpack,
  zsetRank,
  zsetRemove,
  zsetScore,
  zsetToSkiplist,
} from "../../../lib/engine/zset.ts";
import { zsetCompact, zsetGather, zsetOrder } from "../../../lib/engine/zset_build.ts";
import {
  type NameBound,
  range,
  ZsetCursor,
  zsetNameRange,
  zsetRankOfScore,
  zsetRemoveRun,
} from "../../../lib/engine/zset_range.ts";
import { zsetValue } from "../../../lib/engine/zset_value.ts";
import { SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { SeededRandom, withSeed } from "../../kit/clock.ts";
import { makeKeyspace } from "../../kit/keyspace.ts";
import { fuzz } from "../../fuzz/zset_fuzz.ts";

/** Bytes that a member with a name of 13 bytes may take, everything included. */
const MEMBER_BUDGET = 60;

class Zset {
  ks = makeKeyspace();
  before = this.ks.arena.usedBytes;
  rec: number;

  constructor(encoding: number) {
    const meta = metaByte(TYPE_ZSET, encoding, false);
    this.rec = recordCreate(this.ks, meta, fromLatin1("k"), 0, 1, 0);
    recordSetA(this.ks.arena, this.rec, zsetCreate(this.ks, encoding));
  }

  add(score: number, name: string, flags = 0): number {
    const bytes = fromLatin1(name);
    return zsetAdd(this.ks, this.rec, score, bytes, 0, bytes.length, flags);
  }

  score(name: string): number {
    const bytes = fromLatin1(name);
    return zsetScore(this.ks, this.rec, bytes, 0, bytes.length);
  }

  rank(name: string): number {
    const bytes = fromLatin1(name);
    return zsetRank(this.ks, this.rec, bytes, 0, bytes.length);
  }

  remove(name: string): boolean {
    const bytes = fromLatin1(name);
    return zsetRemove(this.ks, this.rec, bytes, 0, bytes.length);
  }

  /** "name score, name score ..." from a rank on. */
  text(rank = 0, isDown = false): string {
    const cursor = new ZsetCursor();
    const parts: string[] = [];
    cursor.start(this.ks, this.rec, rank, isDown);
    while (cursor.next()) {
      parts.push(`${latin1(cursor.buf, cursor.off, cursor.len)} ${cursor.score}`);
    }
    return parts.join(", ");
  }

  get encoding(): number {
    return recordEncoding(this.ks.arena, this.rec);
  }

  verify(): void {
    zsetValue.verify(this.ks, this.encoding, recordA(this.ks.arena, this.rec));
  }

  /** The bytes of a LISTPACK. */
  pack(): Uint8Array {
    const root = recordA(this.ks.arena, this.rec);
    const bytes = this.ks.arena.u8[root >>> SEGMENT_SHIFT];
    const at = (root & UNIT_MASK) << 4;
    return bytes.slice(at, at + listpackBytes(bytes, at));
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

const BOTH = [ENCODING_LISTPACK, ENCODING_SKIPLIST];

test("a small sorted set is a listpack of names and scores", () => {
  const it = new Zset(ENCODING_LISTPACK);
  it.add(2.5, "b");
  it.add(1, "a");
  assert.equal(
    hex(it.pack()),
    "14 00 00 00 04 00 81 61 02 01 01 81 62 02 83 32 2e 35 04 ff",
  );
});

test("whole scores up to 2^62 are integers there, others text", () => {
  const it = new Zset(ENCODING_LISTPACK);
  it.add(2 ** 62, "a");
  assert.match(hex(it.pack()), /81 61 02 f4 00 00 00 00 00 00 00 40 09 ff$/);
  it.add(-0, "a");
  assert.match(hex(it.pack()), /81 61 02 00 01 ff$/);
  assert.ok(Object.is(it.score("a"), 0));
  it.add(-Infinity, "a");
  assert.match(hex(it.pack()), /81 61 02 84 2d 69 6e 66 05 ff$/);
  assert.equal(it.score("a"), -Infinity);
});

test("adding, changing, asking, removing", () => {
  for (const encoding of BOTH) {
    const it = new Zset(encoding);
    assert.equal(it.add(1, "a"), ADD_ADDED);
    assert.equal(it.add(2, "b"), ADD_ADDED);
    assert.equal(it.add(2, "b"), ADD_SAME);
    assert.equal(it.add(0.5, "b"), ADD_UPDATED);
    assert.equal(it.add(2, "a", ADD_INCR), ADD_UPDATED);
    assert.equal(found.score, 3);
    assert.equal(it.text(), "b 0.5, a 3");
    assert.equal(it.text(1, true), "a 3, b 0.5");
    assert.equal(it.rank("a"), 1);
    assert.equal(found.score, 3);
    assert.equal(it.rank("x"), -1);
    assert.ok(Number.isNaN(it.score("x")));
    assert.ok(it.remove("b") && !it.remove("b"));
    assert.equal(zsetCount(it.ks, it.rec), 1);
    it.verify();
  }
});

test("infinities that cancel out change nothing", () => {
  for (const encoding of BOTH) {
    const it = new Zset(encoding);
    it.add(Infinity, "a");
    assert.equal(it.add(-Infinity, "a", ADD_INCR), ADD_NAN);
    assert.equal(it.score("a"), Infinity);
  }
});

test("limits turn a listpack into a table and tree", () => {
  const it = new Zset(ENCODING_LISTPACK);
  for (let i = 0; i < 128; i++) it.add(i % 7, `${i}`);
  assert.equal(it.encoding, ENCODING_LISTPACK);
  const before = it.text();
  assert.equal(zsetDict(it.ks, it.rec), 0);
  it.add(9, "last");
  assert.equal(it.encoding, ENCODING_SKIPLIST);
  assert.equal(it.text(), `${before}, last 9`);
  assert.notEqual(zsetDict(it.ks, it.rec), 0);
  it.verify();
});

test("announced members count as well", () => {
  const it = new Zset(ENCODING_LISTPACK);
  zsetExpect(it.ks, it.rec, 128, 64);
  assert.equal(it.encoding, ENCODING_LISTPACK);
  zsetExpect(it.ks, it.rec, 1, 65);
  assert.equal(it.encoding, ENCODING_SKIPLIST);
});

test("a listpack from elsewhere is taken as it is", () => {
  const it = new Zset(ENCODING_LISTPACK);
  it.add(1, "a");
  it.add(-3.25, "10");
  const other = new Zset(ENCODING_LISTPACK);
  const pack = it.pack();
  zsetValue.free(other.ks, ENCODING_LISTPACK, recordA(other.ks.arena, other.rec));
  recordSetA(other.ks.arena, other.rec, zsetFromListpack(other.ks, pack, 0, pack.length));
  assert.equal(other.text(), "10 -3.25, a 1");
  zsetToSkiplist(other.ks, other.rec);
  assert.equal(other.text(), "10 -3.25, a 1");
});

test("ranks of scores", () => {
  for (const encoding of BOTH) {
    const it = new Zset(encoding);
    for (const [i, name] of ["a", "b", "c", "d"].entries()) it.add([1, 2, 2, Infinity][i], name);
    const ranks = [0, 1, 2, 3, Infinity].map((score) => [
      zsetRankOfScore(it.ks, it.rec, score, false),
      zsetRankOfScore(it.ks, it.rec, score, true),
    ]);
    assert.deepEqual(ranks, [[0, 0], [0, 1], [1, 3], [3, 3], [3, 4]]);
  }
});

test("ranges of names, and of names among different scores seen from either end", () => {
  const bound = (text: string, isExclusive = false): NameBound => {
    const buf = fromLatin1(text);
    return { beyond: 0, isExclusive, buf, off: 0, len: buf.length };
  };
  for (const encoding of BOTH) {
    const it = new Zset(encoding);
    for (const name of ["a", "b", "c", "d"]) it.add(0, name);
    zsetNameRange(it.ks, it.rec, bound("b"), bound("d", true), false);
    assert.deepEqual({ ...range }, { low: 1, high: 3 });
    zsetNameRange(it.ks, it.rec, bound("d"), bound("b"), true);
    assert.equal(range.low, range.high);
  }
  const mixed = new Zset(ENCODING_LISTPACK);
  for (const [i, name] of ["a", "d", "b", "c"].entries()) mixed.add(i, name);
  zsetNameRange(mixed.ks, mixed.rec, bound("a"), bound("c"), false);
  assert.deepEqual({ ...range }, { low: 0, high: 1 });
  zsetNameRange(mixed.ks, mixed.rec, bound("a"), bound("c"), true);
  assert.deepEqual({ ...range }, { low: 0, high: 4 });
});

test("removing a run", () => {
  for (const encoding of BOTH) {
    const it = new Zset(encoding);
    for (let i = 0; i < 100; i++) it.add(i, `m${i}`);
    zsetRemoveRun(it.ks, it.rec, 2, 96);
    assert.equal(it.text(), "m0 0, m1 1, m98 98, m99 99");
    it.verify();
  }
});

test("gathered members get their order at the end", () => {
  const it = new Zset(ENCODING_SKIPLIST);
  for (const [score, name] of [[3, "c"], [1, "a"], [2, "b"]] as const) {
    const bytes = fromLatin1(name);
    zsetGather(it.ks, it.rec, score, bytes, 0, bytes.length);
  }
  zsetOrder(it.ks, it.rec);
  it.verify();
  assert.equal(it.text(), "a 1, b 2, c 3");
  zsetCompact(it.ks, it.rec);
  assert.equal(it.encoding, ENCODING_LISTPACK);
  assert.equal(it.text(), "a 1, b 2, c 3");
});

test("a copy is another value, freed at once or in slices", () => {
  const it = new Zset(ENCODING_SKIPLIST);
  for (let i = 0; i < 1000; i++) it.add(i, `m${i}`);
  const { ks } = it;
  const root = recordA(ks.arena, it.rec);
  const used = ks.arena.usedBytes;
  const blocks = ks.arena.liveBlocks;
  const copy = zsetValue.copy(ks, ENCODING_SKIPLIST, root);
  assert.equal(zsetValue.verify(ks, ENCODING_SKIPLIST, copy), ks.arena.liveBlocks - blocks);
  assert.equal(zsetValue.bytes(ks, ENCODING_SKIPLIST, copy, 0), ks.arena.usedBytes - used);
  let slices = 0;
  while (!zsetValue.freeSlice(ks, ENCODING_SKIPLIST, copy, 100)) slices++;
  assert.ok(slices >= 8, `${slices} slices`);
  assert.equal(ks.arena.usedBytes, used);
  recordDiscard(ks, it.rec);
  assert.equal(ks.arena.usedBytes, it.before);
});

test("a member of 13 bytes stays in its budget", () => {
  const random = new SeededRandom(5);
  const count = 60_000;
  for (const scores of [() => random.below(1e6), () => random.below(1e6) / 1e6]) {
    const it = new Zset(ENCODING_SKIPLIST);
    for (let i = 0; i < count; i++) it.add(scores(), `member:${100_000 + i}`);
    const bytes = (it.ks.arena.usedBytes - it.before) / count;
    assert.ok(bytes <= MEMBER_BUDGET, `${bytes} bytes a member`);
  }
});

test("random operations agree with a map", () => {
  for (let seed = 1; seed <= 8; seed++) withSeed(seed, () => fuzz(seed, 1500));
});

test("members of a large set leave one by one, at either end and in the middle", () => {
  const count = 6000;
  const kept = 1500;
  for (const side of ["first", "last", "middle"]) {
    const it = new Zset(ENCODING_SKIPLIST);
    const scores: number[] = [];
    for (let n = 0; n < count; n++) {
      it.add((n * 7919) % count, `m${n}`);
      scores.push(n);
    }
    const cursor = new ZsetCursor();
    while (scores.length > kept) {
      const rank = side === "first" ? 0 : side === "last" ? scores.length - 1 : scores.length >> 1;
      cursor.start(it.ks, it.rec, rank, false);
      assert.ok(cursor.next());
      assert.equal(cursor.score, scores.splice(rank, 1)[0], side);
      const name = latin1(cursor.buf, cursor.off, cursor.len);
      zsetRemoveRun(it.ks, it.rec, rank, 1);
      assert.ok(Number.isNaN(it.score(name)), side);
    }
    assert.equal(zsetCount(it.ks, it.rec), kept);
    it.verify();
  }
});
