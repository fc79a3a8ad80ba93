import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { type Keyspace, recordCreate, recordDiscard } from "../../../lib/engine/keyspace.ts";
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
} from "../../../lib/engine/record.ts";
import {
  setAdd,
  setCount,
  setCreate,
  setEncodingFor,
  setExpect,
  setHas,
  setRemove,
  setToIntset,
} from "../../../lib/engine/set.ts";
import { setFromCompact } from "../../../lib/engine/set_value.ts";
import { SetCursor } from "../../../lib/engine/set_walk.ts";
import {
  valueBytes,
  valueCopy,
  valueEffort,
  valueFreeSlice,
  valueVerify,
} from "../../../lib/engine/value.ts";
import { arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { fuzz } from "../../fuzz/set_fuzz.ts";
import { makeKeyspace } from "../../kit/keyspace.ts";

/** A set in a record that is in no table. */
class Subject {
  readonly ks: Keyspace;
  rec: number;

  constructor(encoding = ENCODING_INTSET, ks: Keyspace = makeKeyspace(1)) {
    this.ks = ks;
    this.rec = recordCreate(ks, metaByte(TYPE_SET, encoding, false), new Uint8Array(0), 0, 0, 0);
    recordSetA(ks.arena, this.rec, setCreate(ks, encoding));
  }

  add(...names: string[]): number {
    const added = names.filter((name) =>
      setAdd(this.ks, this.rec, fromLatin1(name), 0, name.length)
    );
    return added.length;
  }

  has(name: string): boolean {
    return setHas(this.ks, this.rec, fromLatin1(name), 0, name.length);
  }

  remove(name: string): boolean {
    return setRemove(this.ks, this.rec, fromLatin1(name), 0, name.length);
  }

  get encoding(): number {
    return recordEncoding(this.ks.arena, this.rec);
  }

  get root(): number {
    return recordA(this.ks.arena, this.rec);
  }

  members(): string[] {
    const cursor = new SetCursor();
    const found: string[] = [];
    cursor.start(this.ks, this.rec);
    while (cursor.next()) found.push(latin1(cursor.buf, cursor.off, cursor.len));
    return found;
  }

  /** The first bytes of the root in hexadecimal. */
  hex(count: number): string {
    const at = (this.root & UNIT_MASK) << 4;
    const bytes = this.ks.arena.u8[this.root >>> SEGMENT_SHIFT].slice(at, at + count);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  }

  verify(): number {
    return valueVerify(this.ks, recordMeta(this.ks.arena, this.rec), this.root);
  }
}

function names(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `m${from + i}`);
}

test("a compact root is the file format", () => {
  const integers = new Subject();
  integers.add("2", "1", "3");
  assert.equal(integers.hex(14), "02 00 00 00 03 00 00 00 01 00 02 00 03 00");
  const texts = new Subject(ENCODING_LISTPACK);
  texts.add("a", "7");
  assert.equal(texts.hex(12), "0c 00 00 00 02 00 81 61 02 07 01 ff");
});

test("a set from the bytes of a file", () => {
  const source = new Subject();
  source.add("1", "70000");
  const at = (source.root & UNIT_MASK) << 4;
  const bytes = source.ks.arena.u8[source.root >>> SEGMENT_SHIFT].slice(at, at + 16);
  const target = new Subject(ENCODING_INTSET, source.ks);
  recordSetA(target.ks.arena, target.rec, setFromCompact(target.ks, bytes, 0, 16));
  assert.deepEqual(target.members(), ["1", "70000"]);
  target.verify();
});

test("which encoding a new set has", () => {
  const ks = makeKeyspace(1);
  const of = (name: string, hint: number) =>
    setEncodingFor(ks, fromLatin1(name), 0, name.length, hint);
  assert.equal(of("12", 1), ENCODING_INTSET);
  assert.equal(of("12", 512), ENCODING_INTSET);
  assert.equal(of("12", 513), ENCODING_HASHTABLE);
  assert.equal(of("x", 128), ENCODING_LISTPACK);
  assert.equal(of("x", 129), ENCODING_HASHTABLE);
  ks.limits.setMaxIntsetEntries = 5;
  assert.equal(of("12", 6), ENCODING_LISTPACK);
});

test("transitions, at the limits and beyond", () => {
  const set = new Subject();
  const { limits } = set.ks;
  for (let i = 0; i < limits.setMaxIntsetEntries; i++) set.add(String(i));
  assert.equal(set.encoding, ENCODING_INTSET);
  set.add("0");
  assert.equal(set.encoding, ENCODING_INTSET);
  set.add("-1");
  assert.equal(set.encoding, ENCODING_HASHTABLE);
  assert.equal(setCount(set.ks, set.rec), 513);
  const pack = new Subject();
  pack.add("1", "2", "x");
  assert.equal(pack.encoding, ENCODING_LISTPACK);
  assert.deepEqual(pack.members(), ["1", "2", "x"]);
  pack.add(...names(0, 125));
  assert.equal(pack.encoding, ENCODING_LISTPACK);
  pack.add("one more");
  assert.equal(pack.encoding, ENCODING_HASHTABLE);
  assert.equal(setCount(pack.ks, pack.rec), 129);
  assert.ok(pack.has("1") && pack.has("x") && pack.has("m124") && !pack.has("m125"));
  const long = new Subject();
  long.add("1");
  long.add("y".repeat(65));
  assert.equal(long.encoding, ENCODING_HASHTABLE);
  for (const each of [set, pack, long]) each.verify();
});

test("an intset that may have more members than its limit says", () => {
  const set = new Subject();
  set.ks.limits.setMaxIntsetEntries = 2 ** 31 + 5;
  for (let i = 0; i < 3000; i++) set.add(String(i * 100_000));
  assert.equal(set.encoding, ENCODING_INTSET);
  set.verify();
  for (let i = 0; i < 2990; i++) assert.ok(set.remove(String(i * 100_000)));
  assert.ok(arenaUsable(set.ks.arena, set.root) < 200, "room was not given back");
  assert.equal(setCount(set.ks, set.rec), 10);
});

test("expecting many makes a table at once", () => {
  const set = new Subject();
  set.add("1");
  setExpect(set.ks, set.rec, 512);
  assert.equal(set.encoding, ENCODING_INTSET);
  setExpect(set.ks, set.rec, 513);
  assert.equal(set.encoding, ENCODING_HASHTABLE);
});

test("integers of any encoding become an intset", () => {
  for (const encoding of [ENCODING_LISTPACK, ENCODING_HASHTABLE]) {
    const set = new Subject(encoding);
    set.add("3", "-9223372036854775808", "70000");
    setToIntset(set.ks, set.rec);
    assert.equal(set.encoding, ENCODING_INTSET);
    assert.deepEqual(set.members(), ["-9223372036854775808", "3", "70000"]);
    set.verify();
  }
});

test("what a member costs", () => {
  const set = new Subject(ENCODING_HASHTABLE);
  const count = 100_000;
  for (let i = 0; i < count; i++) set.add(`member:${String(i).padStart(6, "0")}`);
  const meta = recordMeta(set.ks.arena, set.rec);
  const all = valueBytes(set.ks, meta, set.root, 0);
  assert.ok(all / count <= 26, `${all / count} bytes`);
  const sampled = valueBytes(set.ks, meta, set.root, 5);
  assert.ok(Math.abs(all - sampled) < all / 100);
  assert.equal(valueEffort(set.ks, meta, set.root), count + 2);
  set.verify();
});

test("copies have blocks of their own", () => {
  for (const count of [3, 1000]) {
    const set = new Subject();
    set.add(...names(0, count));
    const { arena } = set.ks;
    const before = arena.liveBlocks;
    const root = valueCopy(set.ks, recordMeta(arena, set.rec), set.root);
    const copy = new Subject(set.encoding, set.ks);
    recordDiscard(set.ks, copy.rec);
    copy.rec = recordCreate(
      set.ks,
      metaByte(TYPE_SET, set.encoding, false),
      new Uint8Array(0),
      0,
      0,
      0,
    );
    recordSetA(arena, copy.rec, root);
    assert.equal(arena.liveBlocks, before + 1 + copy.verify());
    assert.ok(set.remove("m1"));
    assert.ok(copy.has("m1"));
    assert.deepEqual(copy.members().sort(), names(0, count).sort());
  }
});

test("freeing in slices", () => {
  const set = new Subject(ENCODING_HASHTABLE);
  const { arena } = set.ks;
  const empty = arena.liveBlocks - 2;
  set.add(...names(0, 5000));
  const meta = recordMeta(arena, set.rec);
  let calls = 1;
  while (!valueFreeSlice(set.ks, meta, set.root, 100)) calls++;
  assert.ok(calls > 30 && calls < 60, `${calls} calls`);
  assert.equal(arena.liveBlocks, empty);
});

test("a cursor walks while another set changes, and several do at once", () => {
  const set = new Subject(ENCODING_HASHTABLE);
  set.add(...names(0, 500));
  const target = new Subject(ENCODING_INTSET, set.ks);
  const [first, second] = [new SetCursor(), new SetCursor()];
  first.start(set.ks, set.rec);
  second.start(set.ks, set.rec);
  while (first.next()) {
    setAdd(set.ks, target.rec, first.buf, first.off, first.len);
    assert.ok(second.next());
    assert.equal(
      latin1(second.buf, second.off, second.len),
      latin1(first.buf, first.off, first.len),
    );
  }
  assert.ok(!second.next());
  assert.deepEqual(target.members().sort(), names(0, 500).sort());
});

test("verify finds a member twice", () => {
  const set = new Subject(ENCODING_LISTPACK);
  set.add("a", "b");
  const at = (set.root & UNIT_MASK) << 4;
  set.ks.arena.u8[set.root >>> SEGMENT_SHIFT][at + 10] = "a".charCodeAt(0);
  assert.throws(() => set.verify(), /twice/);
});

test("random operations", () => {
  for (const seed of [1, 2, 3]) fuzz(seed, 3000, () => {});
});
