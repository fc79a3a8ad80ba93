// zset_fuzz.ts: random operations on sorted sets of both encodings against a map, with limits drawn anew all the time.
//
// Names are short, long, or integers (which a listpack stores as such); scores repeat, lie close together, or are of the
// special kind. After every few hundred steps everything is read, verified, and the arena is checked for leaks.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { Keyspace, recordCreate, recordDiscard } from "../../lib/engine/keyspace.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  metaByte,
  recordA,
  recordEncoding,
  recordSetA,
  TYPE_ZSET,
} from "../../lib/engine/record.ts";
import {
  ADD_ADDED,
  ADD_GT,
  ADD_INCR,
  ADD_LT,
  ADD_NAN,
  ADD_NX,
  ADD_REFUSED,
  ADD_SAME,
  ADD_UPDATED,
  ADD_XX,
  found,
  zsetAdd,
  zsetCount,
  zsetCreate,
  zsetDict,
  zsetEncodingFor,
  zsetExpect,
  zsetRank,
  zsetRemove,
  zsetScore,
} from "../../lib/engine/zset.ts";
import { gathered, zsetCompact, zsetGather, zsetOrder } from "../../lib/engine/zset_build.ts";
import { scoreOf, scoreSet } from "../../lib/engine/zset_member.ts";
import {
  type NameBound,
  range,
  ZsetCursor,
  zsetNameRange,
  zsetRankOfScore,
  zsetRemoveRun,
} from "../../lib/engine/zset_range.ts";
import { zsetValue } from "../../lib/engine/zset_value.ts";
import { arenaVerify } from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";
import { reread } from "../kit/payload.ts";

const VERIFY_EVERY = 300;
const KEY = fromLatin1("k");
const SPECIAL = [
  0,
  -0,
  Infinity,
  -Infinity,
  0.1,
  -0.1,
  5e-324,
  1e300,
  2 ** 62,
  2 ** 63,
  -(2 ** 62),
];

class Fuzzer {
  random: SeededRandom;
  ks: Keyspace;
  ownBlocks: number;
  rec: number;
  model = new Map<string, number>();
  cursor = new ZsetCursor();
  scores: () => number;

  constructor(seed: number) {
    const random = this.random = new SeededRandom(seed);
    this.ks = new Keyspace(1, Int32Array.of(seed, 99), () => random.next32());
    this.ownBlocks = this.ks.arena.liveBlocks;
    this.scores = random.pick([
      () => 7,
      () => random.below(10),
      () => random.below(1000) / 8,
      () => 1_700_000_000_000 + random.below(1000),
      () => random.pick(SPECIAL),
    ]);
    this.limits();
    this.rec = this.record(random.pick([ENCODING_LISTPACK, ENCODING_SKIPLIST]));
  }

  record(encoding: number): number {
    const rec = recordCreate(
      this.ks,
      metaByte(TYPE_ZSET, encoding, false),
      KEY,
      0,
      KEY.length,
      0,
    );
    recordSetA(this.ks.arena, rec, zsetCreate(this.ks, encoding));
    return rec;
  }

  limits(): void {
    this.ks.limits.zsetMaxListpackEntries = this.random.pick([0, 3, 20, 128, 200]);
    this.ks.limits.zsetMaxListpackValue = this.random.pick([5, 64, 200]);
  }

  name(): string {
    const { random } = this;
    if (this.model.size > 0 && random.chance(0.4)) return random.pick([...this.model.keys()]);
    const n = random.below(300);
    return random.pick([`${n}`, `-${n}`, `m${n}`, `${"long".repeat(random.below(40))}${n}`, ""]);
  }

  add(): void {
    const { random, model } = this;
    const name = this.name();
    const score = this.scores();
    const flags = random.pick([0, 0, 0, ADD_INCR, ADD_NX, ADD_XX, ADD_GT, ADD_LT]) |
      random.pick([0, 0, 0, ADD_INCR, ADD_XX]);
    const old = model.get(name);
    const bytes = fromLatin1(name);
    const done = zsetAdd(this.ks, this.rec, score, bytes, 0, bytes.length, flags);
    if (old === undefined) {
      assert.equal(done, (flags & ADD_XX) !== 0 ? ADD_REFUSED : ADD_ADDED);
      if (done === ADD_ADDED) model.set(name, score);
      return;
    }
    const next = (flags & ADD_INCR) !== 0 ? old + score : score;
    const expected = (flags & ADD_NX) !== 0
      ? ADD_REFUSED
      : Number.isNaN(next)
      ? ADD_NAN
      : ((flags & ADD_GT) !== 0 && next <= old) || ((flags & ADD_LT) !== 0 && next >= old)
      ? ADD_REFUSED
      : next === old
      ? ADD_SAME
      : ADD_UPDATED;
    assert.equal(done, expected, `${name}: ${old} -> ${next}`);
    if (done === ADD_UPDATED) {
      model.set(name, next);
      assert.ok(found.score === next);
    }
  }

  remove(): void {
    const name = this.name();
    const bytes = fromLatin1(name);
    assert.equal(zsetRemove(this.ks, this.rec, bytes, 0, bytes.length), this.model.delete(name));
  }

  sorted(): [string, number][] {
    return [...this.model].sort(([a, x], [b, y]) => x < y ? -1 : x > y ? 1 : a < b ? -1 : 1);
  }

  removeRun(): void {
    const { random } = this;
    const all = this.sorted();
    const rank = random.below(all.length + 1);
    const count = Math.min(random.below(30), all.length - rank);
    zsetRemoveRun(this.ks, this.rec, rank, count);
    for (const [name] of all.slice(rank, rank + count)) this.model.delete(name);
  }

  walk(start: number, isDown: boolean): void {
    const all = this.sorted();
    const expected = isDown ? all.slice(0, start + 1).reverse() : all.slice(start);
    this.cursor.start(this.ks, this.rec, start, isDown);
    for (const [name, score] of expected) {
      assert.ok(this.cursor.next());
      const { buf, off, len } = this.cursor;
      assert.equal(latin1(buf, off, len), name);
      assert.ok(this.cursor.score === score, `${this.cursor.score} is not ${score}`);
    }
    assert.ok(!this.cursor.next());
  }

  ranks(): void {
    const all = this.sorted();
    const score = this.scores();
    const { ks, rec, random } = this;
    const below = all.filter(([, other]) => other < score).length;
    const upTo = all.filter(([, other]) => other <= score).length;
    assert.equal(zsetRankOfScore(ks, rec, score, false), below);
    assert.equal(zsetRankOfScore(ks, rec, score, true), upTo);
    const name = this.name();
    const bytes = fromLatin1(name);
    const place = all.findIndex(([other]) => other === name);
    assert.equal(zsetRank(ks, rec, bytes, 0, bytes.length), place);
    const known = zsetScore(ks, rec, bytes, 0, bytes.length);
    if (place < 0) assert.ok(Number.isNaN(known));
    else assert.ok(known === all[place][1] && found.score === known);
    if (all.length > 0 && all[0][1] === all[all.length - 1][1]) {
      this.nameRange(all, random.chance(0.5));
    }
  }

  bound(): NameBound {
    const buf = fromLatin1(this.name());
    const beyond = this.random.pick([0, 0, 0, -1, 1]);
    return { beyond, isExclusive: this.random.chance(0.5), buf, off: 0, len: buf.length };
  }

  nameRange(all: [string, number][], isDown: boolean): void {
    const min = this.bound();
    const max = this.bound();
    zsetNameRange(this.ks, this.rec, min, max, isDown);
    const order = (name: string, { beyond, buf }: NameBound): number => {
      const text = latin1(buf, 0, buf.length);
      return beyond !== 0 ? -beyond : name < text ? -1 : name > text ? 1 : 0;
    };
    const expected = all.filter(([name]) => {
      const low = order(name, min);
      const high = order(name, max);
      return (low > 0 || (low === 0 && !min.isExclusive)) &&
        (high < 0 || (high === 0 && !max.isExclusive));
    });
    assert.equal(range.high - range.low, expected.length);
    if (expected.length > 0) assert.equal(all[range.low][0], expected[0][0]);
  }

  /** Makes the set anew the way the results of stores are made. */
  rebuild(): void {
    const { ks, random } = this;
    const target = this.record(ENCODING_SKIPLIST);
    for (const [name, score] of this.model) {
      const bytes = fromLatin1(name);
      for (let times = 1 + random.below(2); times > 0; times--) {
        const member = zsetGather(ks, target, -score, bytes, 0, bytes.length);
        if (times === 1) scoreSet(ks.arena, member, score);
        else assert.ok(gathered.isNew && scoreOf(ks.arena, member) === -score);
      }
    }
    zsetOrder(ks, target);
    const longest = Math.max(0, ...[...this.model.keys()].map((name) => name.length));
    zsetCompact(ks, target);
    const encoding = zsetEncodingFor(ks, this.model.size, longest);
    assert.equal(recordEncoding(ks.arena, target), encoding);
    assert.equal(zsetDict(ks, target) === 0, encoding === ENCODING_LISTPACK);
    recordDiscard(ks, this.rec);
    this.rec = target;
  }

  /** Goes on with a copy; the original is freed at once or in slices. */
  copy(): void {
    const { ks, random } = this;
    const { arena } = ks;
    const encoding = recordEncoding(arena, this.rec);
    const root = recordA(arena, this.rec);
    recordSetA(arena, this.rec, zsetValue.copy(ks, encoding, root));
    if (random.chance(0.5)) {
      zsetValue.free(ks, encoding, root);
      return;
    }
    while (!zsetValue.freeSlice(ks, encoding, root, random.below(50))) {
      zsetValue.verify(ks, encoding, root);
    }
  }

  /** Goes on with what DUMP and RESTORE make of it. */
  restore(): void {
    const { ks, random, rec } = this;
    if (this.model.size === 0) return;
    this.rec = reread(ks, rec, KEY, random.chance(0.5));
    recordDiscard(ks, rec);
  }

  verify(): void {
    const { ks, rec } = this;
    const { arena } = ks;
    const encoding = recordEncoding(arena, rec);
    const root = recordA(arena, rec);
    assert.equal(zsetCount(ks, rec), this.model.size);
    const blocks = zsetValue.verify(ks, encoding, root);
    assert.equal(arenaVerify(arena), this.ownBlocks + 1 + blocks, "blocks leaked");
    const used = zsetValue.bytes(ks, encoding, root, 0);
    recordSetA(arena, rec, 0);
    const before = arena.usedBytes;
    const copied = zsetValue.copy(ks, encoding, root);
    assert.equal(arena.usedBytes - before, zsetValue.bytes(ks, encoding, copied, 0));
    zsetValue.free(ks, encoding, copied);
    recordSetA(arena, rec, root);
    assert.ok(used > 0 && zsetValue.bytes(ks, encoding, root, 5) > 0);
    assert.ok(zsetValue.effort(ks, encoding, root) > 0);
    const start = this.random.below(this.model.size + 1);
    this.walk(0, false);
    this.walk(this.model.size - 1, true);
    this.walk(start, false);
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  const { random, ks } = fuzzer;
  for (let n = 0; n < operations; n++) {
    const kind = random.below(400);
    if (kind < 2) fuzzer.rebuild();
    else if (kind < 4) fuzzer.copy();
    else if (kind < 5) fuzzer.restore();
    else if (kind < 8) fuzzer.limits();
    else if (kind < 10) fuzzer.removeRun();
    else if (kind < 11) zsetExpect(ks, fuzzer.rec, random.below(200), random.below(80));
    else if (kind < 40) fuzzer.ranks();
    else if (random.chance(0.75)) fuzzer.add();
    else fuzzer.remove();
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  recordDiscard(ks, fuzzer.rec);
  assert.equal(arenaVerify(ks.arena), fuzzer.ownBlocks);
}
