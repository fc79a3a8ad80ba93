// set_fuzz.ts: random sets under random limits against JavaScript Sets: members, encodings, walks, what they have in
// common, random picks, copies, payloads, slices of freeing, and after every so many steps all invariants and the count of live blocks.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { int64Parse } from "../../lib/bytes/int64.ts";
import { Keyspace, recordCreate, recordDiscard } from "../../lib/engine/keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  metaByte,
  recordA,
  recordEncoding,
  recordMeta,
  recordSetA,
  TYPE_SET,
} from "../../lib/engine/record.ts";
import {
  setAdd,
  setCount,
  setCreate,
  setEncodingFor,
  setExpect,
  setHas,
  setRemove,
  setRemoveAt,
  setRemoveMany,
  setToIntset,
  setToTable,
} from "../../lib/engine/set.ts";
import { CommonCursor } from "../../lib/engine/set_common.ts";
import { SetCursor } from "../../lib/engine/set_walk.ts";
import {
  valueBytes,
  valueCopy,
  valueEffort,
  valueFreeSlice,
  valueVerify,
} from "../../lib/engine/value.ts";
import { arenaVerify } from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";
import { reread } from "../kit/payload.ts";

const SETS_MAX = 4;
const VERIFY_EVERY = 500;
const NO_NAME = new Uint8Array(0);
const words = new Int32Array(2);

function isInteger(text: string): boolean {
  return int64Parse(fromLatin1(text), 0, text.length, words);
}

/** A set and what it should be. */
interface Pair {
  rec: number;
  model: Set<string>;
  encoding: number;
}

class Fuzzer {
  readonly random: SeededRandom;
  readonly ks: Keyspace;
  readonly ownBlocks: number;
  pairs: Pair[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.ks = new Keyspace(1, Int32Array.of(seed, 5), () => this.random.next32());
    this.ownBlocks = this.ks.arena.liveBlocks;
    const { limits } = this.ks;
    limits.setMaxIntsetEntries = this.random.pick([0, 3, 20, 512]);
    limits.setMaxListpackEntries = this.random.pick([0, 3, 20, 128]);
    limits.setMaxListpackValue = this.random.pick([2, 10, 64]);
  }

  name(): string {
    const { random } = this;
    const kind = random.below(10);
    if (kind < 4) return String(random.below(60) - 20);
    if (kind < 5) return String(random.pick([32767, -32769, 70000, 2 ** 40, -(2 ** 50)]));
    if (kind < 9) return `m${random.below(600)}`;
    return "x".repeat(random.pick([0, 9, 11, 63, 64, 65, 126, 127, 128, 300])) + random.below(9);
  }

  record(encoding: number, root: number): number {
    const rec = recordCreate(this.ks, metaByte(TYPE_SET, encoding, false), NO_NAME, 0, 0, 0);
    recordSetA(this.ks.arena, rec, root);
    return rec;
  }

  make(): void {
    const name = this.name();
    const hint = this.random.pick([1, 5, 200]);
    const { limits } = this.ks;
    const encoding = setEncodingFor(this.ks, fromLatin1(name), 0, name.length, hint);
    const wanted = isInteger(name) && hint <= limits.setMaxIntsetEntries
      ? ENCODING_INTSET
      : hint <= limits.setMaxListpackEntries
      ? ENCODING_LISTPACK
      : ENCODING_HASHTABLE;
    assert.equal(encoding, wanted);
    const rec = this.record(encoding, setCreate(this.ks, encoding));
    const pair = { rec, model: new Set<string>(), encoding };
    this.pairs.push(pair);
    this.add(pair, name);
  }

  /** What the encoding becomes when `name`, which is new, joins. */
  encodingWith(pair: Pair, name: string): number {
    const { limits } = this.ks;
    const count = pair.model.size;
    if (pair.encoding === ENCODING_HASHTABLE) return ENCODING_HASHTABLE;
    if (pair.encoding === ENCODING_INTSET && isInteger(name)) {
      return count + 1 > limits.setMaxIntsetEntries ? ENCODING_HASHTABLE : ENCODING_INTSET;
    }
    const all = [name];
    if (pair.encoding === ENCODING_INTSET) all.push(...pair.model);
    const fits = count < limits.setMaxListpackEntries &&
      all.every((text) => text.length <= limits.setMaxListpackValue);
    return fits ? ENCODING_LISTPACK : ENCODING_HASHTABLE;
  }

  add(pair: Pair, name: string): void {
    const isNew = !pair.model.has(name);
    if (isNew) pair.encoding = this.encodingWith(pair, name);
    assert.equal(setAdd(this.ks, pair.rec, fromLatin1(`<${name}`), 1, name.length), isNew, name);
    pair.model.add(name);
  }

  remove(pair: Pair): void {
    const names = [...pair.model];
    const name = this.random.chance(0.7) ? this.random.pick(names) : this.name();
    const had = pair.model.delete(name);
    assert.equal(setRemove(this.ks, pair.rec, fromLatin1(name), 0, name.length), had, name);
  }

  /** Takes out a member that is picked, or several of a listpack that a walk finds. */
  take(pair: Pair): void {
    const { ks, random } = this;
    const cursor = new SetCursor();
    if (pair.encoding === ENCODING_LISTPACK && random.chance(0.3)) {
      const ids = new Int32Array(pair.model.size);
      let count = 0;
      cursor.start(ks, pair.rec);
      while (cursor.next()) {
        if (random.chance(0.8)) continue;
        ids[count++] = cursor.id;
        assert.ok(pair.model.delete(latin1(cursor.buf, cursor.off, cursor.len)));
      }
      return setRemoveMany(ks, pair.rec, ids, count);
    }
    cursor.pick(ks, pair.rec);
    const { id } = cursor;
    const name = latin1(cursor.buf, cursor.off, cursor.len);
    cursor.read(ks, pair.rec, id);
    assert.equal(latin1(cursor.buf, cursor.off, cursor.len), name);
    assert.ok(pair.model.delete(name));
    setRemoveAt(ks, pair.rec, id);
  }

  convert(pair: Pair): void {
    const { ks, random } = this;
    const { limits } = ks;
    if (random.chance(0.5) && [...pair.model].every(isInteger)) {
      setToIntset(ks, pair.rec);
      if (pair.model.size <= limits.setMaxIntsetEntries) pair.encoding = ENCODING_INTSET;
    } else if (random.chance(0.2) && pair.encoding !== ENCODING_HASHTABLE) {
      setToTable(ks, pair.rec);
      pair.encoding = ENCODING_HASHTABLE;
    } else {
      const hint = random.below(30);
      setExpect(ks, pair.rec, hint);
      const most = pair.encoding === ENCODING_INTSET
        ? limits.setMaxIntsetEntries
        : limits.setMaxListpackEntries;
      if (hint > most) pair.encoding = ENCODING_HASHTABLE;
    }
  }

  copy(pair: Pair): void {
    const { arena } = this.ks;
    const root = valueCopy(this.ks, recordMeta(arena, pair.rec), recordA(arena, pair.rec));
    const rec = this.record(pair.encoding, root);
    this.pairs.push({ rec, model: new Set(pair.model), encoding: pair.encoding });
  }

  /** What DUMP and RESTORE make of it, which takes the smallest form that fits. */
  restore(pair: Pair): void {
    const rec = reread(this.ks, pair.rec, NO_NAME, this.random.chance(0.5));
    const encoding = recordEncoding(this.ks.arena, rec);
    if (encoding !== pair.encoding) this.assertFits(pair, encoding);
    recordDiscard(this.ks, pair.rec);
    Object.assign(pair, { rec, encoding });
  }

  assertFits({ model }: Pair, encoding: number): void {
    const { limits } = this.ks;
    if (encoding === ENCODING_INTSET) {
      assert.ok(model.size <= limits.setMaxIntsetEntries && [...model].every(isInteger));
    } else if (encoding === ENCODING_LISTPACK) {
      assert.ok(model.size <= limits.setMaxListpackEntries);
      assert.ok([...model].every((name) => name.length <= limits.setMaxListpackValue));
    }
  }

  /** Adds the members of one set to another, straight from its memory. */
  merge(from: Pair, to: Pair): void {
    const cursor = new SetCursor();
    cursor.start(this.ks, from.rec);
    while (cursor.next()) {
      const name = latin1(cursor.buf, cursor.off, cursor.len);
      if (!to.model.has(name)) to.encoding = this.encodingWith(to, name);
      const isNew = setAdd(this.ks, to.rec, cursor.buf, cursor.off, cursor.len);
      assert.equal(isNew, !to.model.has(name));
      to.model.add(name);
    }
  }

  drop(pair: Pair): void {
    const { ks, random } = this;
    const { arena } = ks;
    this.pairs = this.pairs.filter((other) => other !== pair);
    if (random.chance(0.5)) return recordDiscard(ks, pair.rec);
    const meta = recordMeta(arena, pair.rec);
    const root = recordA(arena, pair.rec);
    assert.ok(valueEffort(ks, meta, root) >= 1);
    for (let n = 0; !valueFreeSlice(ks, meta, root, 1 + random.below(20)); n++) {
      assert.ok(n <= pair.model.size, "slices make no progress");
    }
    // What is left is the record, of which the root is gone: an empty one takes its place.
    recordSetA(arena, pair.rec, setCreate(ks, pair.encoding));
    recordDiscard(ks, pair.rec);
  }

  step(): string {
    const { random } = this;
    if (this.pairs.length === 0) {
      this.make();
      return "make";
    }
    const pair = random.pick(this.pairs);
    const kind = random.below(1000);
    let done = "add";
    if (kind < 620) this.add(pair, this.name());
    else if (kind < 850) this.remove(pair), done = "remove";
    else if (kind < 960) this.take(pair), done = "take";
    else if (kind < 965) this.convert(pair), done = "convert";
    else if (kind < 980) this.make(), done = "make";
    else if (kind < 983) this.copy(pair), done = "copy";
    else if (kind < 985) this.restore(pair), done = "restore";
    else if (kind < 988) {
      const other = random.pick(this.pairs);
      if (other !== pair) this.merge(pair, other);
      done = "merge";
    } else this.drop(pair), done = "drop";
    if (pair.model.size === 0 && this.pairs.includes(pair)) this.drop(pair);
    while (this.pairs.length > SETS_MAX) this.drop(random.pick(this.pairs));
    return done;
  }

  check(pair: Pair): void {
    const { ks, random } = this;
    assert.equal(setCount(ks, pair.rec), pair.model.size);
    assert.equal(recordEncoding(ks.arena, pair.rec), pair.encoding, "encoding");
    const name = this.name();
    assert.equal(setHas(ks, pair.rec, fromLatin1(name), 0, name.length), pair.model.has(name));
    if (!random.chance(0.05)) return;
    this.checkCommon(pair);
    const cursor = new SetCursor();
    const seen = new Set<string>();
    cursor.start(ks, pair.rec);
    while (cursor.next()) seen.add(latin1(cursor.buf, cursor.off, cursor.len));
    assert.deepEqual(seen, new Set([...pair.model]));
  }

  /** What a set has in common with others, or has alone. */
  checkCommon(pair: Pair): void {
    const { random } = this;
    const others = Array.from({ length: random.below(3) }, () => random.pick(this.pairs));
    const isWanted = random.chance(0.5);
    const found = new Set<string>();
    const cursor = new CommonCursor();
    cursor.start(this.ks, [pair.rec, ...others.map((other) => other.rec)], isWanted);
    while (cursor.next()) found.add(latin1(cursor.buf, cursor.off, cursor.len));
    const names = [...pair.model].filter((name) =>
      others.every((other) => other.model.has(name) === isWanted)
    );
    assert.deepEqual(found, new Set(names));
  }

  verify(): void {
    const { ks } = this;
    const { arena } = ks;
    let blocks = this.ownBlocks;
    for (const { rec } of this.pairs) {
      const meta = recordMeta(arena, rec);
      blocks += 1 + valueVerify(ks, meta, recordA(arena, rec));
      const bytes = valueBytes(ks, meta, recordA(arena, rec), 0);
      assert.ok(bytes >= setCount(ks, rec) && bytes <= arena.usedBytes);
    }
    assert.equal(arena.liveBlocks, blocks, "blocks leaked");
  }

  finish(): void {
    while (this.pairs.length > 0) this.drop(this.pairs[0]);
    assert.equal(arenaVerify(this.ks.arena), this.ownBlocks);
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const fuzzer = new Fuzzer(seed);
  for (let n = 0; n < operations; n++) {
    log(fuzzer.step());
    for (const pair of fuzzer.pairs) fuzzer.check(pair);
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.finish();
}
