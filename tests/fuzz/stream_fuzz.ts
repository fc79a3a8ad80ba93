// stream_fuzz.ts: a stream against an array of entries and maps of pending ids: adding, deleting, trimming, walking,
// groups, consumers; copies, streams put together from parts, payloads, freeing in slices.
//
// Ids are 128-bit BigInts here. Limits for nodes are tiny or generous. Every so often the whole stream is compared with
// the model, verify counts the blocks the arena has, and bytes sums up what it uses.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { Keyspace, recordAbandon, recordCreate, recordDiscard } from "../../lib/engine/keyspace.ts";
import {
  ENCODING_STREAM,
  metaByte,
  recordA,
  recordSetA,
  TYPE_STREAM,
} from "../../lib/engine/record.ts";
import { entry, listpackBytes } from "../../lib/engine/listpack.ts";
import {
  EntryCursor,
  NODE_BLOCK,
  streamAppend,
  streamDelete,
  streamFindFirst,
  streamHas,
  streamLastValid,
  streamTrim,
} from "../../lib/engine/stream_entries.ts";
import {
  CONSUMER_NAME,
  consumerCreate,
  consumerDelete,
  consumerFind,
  groupConsumers,
  groupCreate,
  groupDestroy,
  groupFind,
  groupLastWord,
  groupReadWord,
  groupSet,
  groupWords,
  PENDING_CONSUMER,
  PENDING_COUNT,
  PENDING_TIME,
  pendingAssign,
  pendingDelete,
  pendingFind,
  pendingInsert,
  pendingLoad,
  pendingOf,
  pendingOwn,
  pendingSet,
} from "../../lib/engine/stream_groups.ts";
import { idCompare, idIncrement } from "../../lib/engine/stream_id.ts";
import { indexCount, IndexCursor, indexFirst, indexNext } from "../../lib/engine/stream_index.ts";
import { blockOff, nameBuf, nameLen, namesAt, namesCount } from "../../lib/engine/stream_names.ts";
import { nodeValidate } from "../../lib/engine/stream_node.ts";
import {
  streamAddedWord,
  streamCreate,
  streamFirstWord,
  streamLastWord,
  streamLength,
  streamLengthWord,
  streamMaxDeletedWord,
  streamNodes,
  streamWords,
} from "../../lib/engine/stream_root.ts";
import { streamAddNode, streamIsWhole, streamValue } from "../../lib/engine/stream.ts";
import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";
import { reread } from "../kit/payload.ts";

interface Entry {
  id: bigint;
  pairs: string[];
}

interface Pending {
  time: number;
  count: number;
  consumer: string;
}

interface Group {
  last: bigint;
  read: bigint;
  consumers: Set<string>;
  pending: Map<bigint, Pending>;
}

const MAX_ID = (1n << 128n) - 1n;
const CHECK_EVERY = 200;
const KEY = fromLatin1("k");
const CONSUMERS = ["ann", "an", "bob", "", "\xff", "x".repeat(200)];
const GROUPS = ["g", "team", "te"];
const FIELDS = ["f", "g", "name", "12", ""];

/** Words of an id, in one of a few arrays, so that a call may have several. */
const wordsOf = (() => {
  const arrays = Array.from({ length: 4 }, () => new Int32Array(4));
  let next = 0;
  return (id: bigint): Int32Array => {
    const words = arrays[next++ % arrays.length];
    for (let i = 0; i < 4; i++) words[i] = Number(BigInt.asIntN(32, id >> BigInt(96 - 32 * i)));
    return words;
  };
})();

function idAt(words: Int32Array, at: number): bigint {
  let id = 0n;
  for (let i = 0; i < 4; i++) id = (id << 32n) | BigInt(words[at + i] >>> 0);
  return id;
}

function pairAt(words: Int32Array, at: number): bigint {
  return (BigInt(words[at + 1]) << 32n) | BigInt(words[at] >>> 0);
}

class Fuzzer {
  readonly random: SeededRandom;
  readonly log: (text: string) => void;
  readonly vc: Keyspace;
  readonly cursor = new IndexCursor();
  root: number;
  entries: Entry[] = [];
  groups = new Map<string, Group>();
  last = 0n;
  maxDeleted = 0n;
  added = 0n;

  constructor(seed: number, log: (text: string) => void) {
    this.random = new SeededRandom(seed);
    this.log = log;
    this.vc = new Keyspace(0, Int32Array.of(1, 2), () => this.random.below(2 ** 32));
    const { limits } = this.vc;
    limits.streamNodeMaxEntries = this.random.pick([1, 3, 100, 0]);
    limits.streamNodeMaxBytes = this.random.pick([0, 60, 300, 4096]);
    this.root = streamCreate(this.vc.arena);
    log(`nodes of ${limits.streamNodeMaxEntries} entries, ${limits.streamNodeMaxBytes} bytes`);
  }

  get arena(): Arena {
    return this.vc.arena;
  }

  /** An id that is there, near one that is, or anything. */
  someId(): bigint {
    const { random } = this;
    if (this.entries.length > 0 && random.chance(0.7)) {
      const index = random.chance(0.3) ? random.below(Math.min(5, this.entries.length)) : random
        .below(this.entries.length);
      return this.entries[index].id + (random.chance(0.1) ? 1n : 0n);
    }
    if (random.chance(0.1)) return random.chance(0.5) ? 0n : MAX_ID;
    return this.last * BigInt(random.below(1000)) / 1000n;
  }

  step(): void {
    const { random } = this;
    const choice = random.below(101);
    if (choice < 40) this.append();
    else if (choice < 50) this.remove();
    else if (choice < 52) this.trim();
    else if (choice < 60) this.walk();
    else if (choice < 64) this.look();
    else if (choice < 67) this.group();
    else if (choice < 70) this.consumer();
    else if (choice < 90) this.give();
    else if (choice < 98) this.acknowledge();
    else if (choice < 99) this.replace();
    else if (choice < 100) this.restore();
    else this.someLimit();
  }

  someLimit(): void {
    this.vc.limits.streamNodeMaxEntries = this.random.pick([1, 3, 100, 0]);
  }

  append(): void {
    const { random } = this;
    const bits = random.chance(0.02) ? 40 : random.chance(0.3) ? 66 : 3;
    if (this.last >> 120n !== 0n) return;
    const jump = bits === 3 ? BigInt(1 + random.below(8)) : 1n << BigInt(random.below(bits));
    const id = this.last + jump;
    const pairs: string[] = [];
    const names = random.chance(0.7) ? ["f", "name"] : [random.pick(FIELDS), random.pick(FIELDS)];
    for (const name of random.chance(0.1) ? [random.pick(FIELDS)] : names) {
      pairs.push(name, this.someValue());
    }
    const bytes = fromLatin1(pairs.join(""));
    const len = Int32Array.from(pairs, (text) => text.length);
    const off = new Int32Array(len.length);
    for (let i = 1; i < len.length; i++) off[i] = off[i - 1] + len[i - 1];
    this.log(`append ${id} ${JSON.stringify(pairs)}`);
    streamAppend(this.vc, this.root, wordsOf(id), bytes, off, len, 0, pairs.length / 2);
    this.entries.push({ id, pairs });
    this.last = id;
    this.added++;
  }

  someValue(): string {
    const { random } = this;
    if (random.chance(0.4)) return String(random.below(2 ** random.below(40)) - 100);
    if (random.chance(0.02)) return "v".repeat(random.below(6000));
    return "w".repeat(random.below(12));
  }

  remove(): void {
    const id = this.someId();
    const index = this.entries.findIndex((other) => other.id === id);
    this.log(`delete ${id}`);
    assert.equal(streamDelete(this.vc, this.root, wordsOf(id), 0), index >= 0);
    if (index < 0) return;
    this.entries.splice(index, 1);
    if (id > this.maxDeleted) this.maxDeleted = id;
    streamFindFirst(this.vc, this.root);
  }

  trim(): void {
    const { random } = this;
    const byLength = random.chance(0.5);
    const keep = byLength ? random.below(this.entries.length + 2) : -1;
    const minId = this.someId();
    const approximate = random.chance(0.5);
    const limit = approximate && random.chance(0.5) ? 1 + random.below(20) : 0;
    const due = byLength
      ? Math.max(0, this.entries.length - keep)
      : this.entries.filter(({ id }) => id < minId).length;
    this.log(`trim ${keep} ${minId} ${approximate} ${limit}`);
    const taken = streamTrim(this.vc, this.root, keep, wordsOf(minId), approximate, limit);
    if (approximate) assert.ok(taken <= due && (limit === 0 || taken <= limit));
    else assert.equal(taken, due);
    this.entries.splice(0, taken);
  }

  walk(): void {
    const { random, vc } = this;
    const low = random.chance(0.2) ? 0n : this.someId();
    const high = random.chance(0.2) ? MAX_ID : this.someId();
    const back = random.chance(0.5);
    const wanted = this.entries.filter(({ id }) => id >= low && id <= high);
    if (back) wanted.reverse();
    const cursor = new EntryCursor();
    cursor.start(vc, this.root, wordsOf(low), 0, wordsOf(high), 0, back);
    let steps = random.chance(0.2) ? Infinity : random.below(20);
    this.log(`walk ${low} ${high} ${back} ${steps}`);
    for (const { id, pairs } of wanted) {
      if (steps-- <= 0) return;
      assert.ok(cursor.next(vc));
      assert.equal(idAt(cursor.id, 0), id);
      if (random.chance(0.7)) assert.deepEqual(pairsOf(cursor), pairs);
    }
    assert.equal(cursor.next(vc), false);
  }

  look(): void {
    const id = this.someId();
    const has = this.entries.some((other) => other.id === id);
    assert.equal(streamHas(this.vc, this.root, wordsOf(id), 0), has);
    const top = new Int32Array(4);
    assert.equal(streamLastValid(this.vc, this.root, top), this.entries.length > 0);
    assert.equal(idAt(top, 0), this.entries.at(-1)?.id ?? 0n);
  }

  group(): void {
    const { random, arena } = this;
    const name = random.pick(GROUPS);
    const bytes = fromLatin1(name);
    const group = this.groups.get(name);
    if (random.chance(0.1)) {
      this.log(`destroy ${name}`);
      assert.equal(groupDestroy(arena, this.root, bytes, 0, bytes.length), group !== undefined);
      this.groups.delete(name);
      return;
    }
    const last = this.someId();
    const words = wordsOf(last);
    const read = random.chance(0.3) ? -1 : random.below(1000);
    this.log(`group ${name} ${last} ${read}`);
    const made = groupCreate(
      arena,
      this.root,
      bytes,
      0,
      bytes.length,
      words,
      0,
      read,
      read < 0 ? -1 : 0,
    );
    assert.equal(made === 0, group !== undefined);
    if (group === undefined) {
      this.groups.set(name, {
        last,
        read: BigInt(read),
        consumers: new Set(),
        pending: new Map(),
      });
    } else {
      groupSet(arena, this.groupBlock(name), words, 0, read, read < 0 ? -1 : 0);
      group.last = last;
      group.read = BigInt(read);
    }
  }

  groupBlock(name: string): number {
    const bytes = fromLatin1(name);
    const group = groupFind(this.arena, this.root, bytes, 0, bytes.length);
    assert.notEqual(group, 0);
    return group;
  }

  consumerBlock(group: number, name: string): number {
    const bytes = fromLatin1(name);
    return consumerFind(this.arena, group, bytes, 0, bytes.length);
  }

  consumer(): void {
    const { random, arena } = this;
    if (this.groups.size === 0) return;
    const groupName = random.pick([...this.groups.keys()]);
    const model = this.groups.get(groupName) as Group;
    const group = this.groupBlock(groupName);
    const name = random.pick(CONSUMERS);
    const bytes = fromLatin1(name);
    const consumer = this.consumerBlock(group, name);
    assert.equal(consumer !== 0, model.consumers.has(name));
    if (consumer === 0) {
      this.log(`consumer ${groupName} ${JSON.stringify(name)}`);
      assert.notEqual(consumerCreate(arena, group, bytes, 0, bytes.length, 1), 0);
      model.consumers.add(name);
    } else if (random.chance(0.2)) {
      this.log(`delete consumer ${groupName} ${JSON.stringify(name)}`);
      consumerDelete(arena, group, consumer);
      model.consumers.delete(name);
      for (const [id, { consumer }] of model.pending) {
        if (consumer === name) model.pending.delete(id);
      }
    }
  }

  give(): void {
    const { random, arena } = this;
    if (this.groups.size === 0) return;
    const groupName = random.pick([...this.groups.keys()]);
    const model = this.groups.get(groupName) as Group;
    if (model.consumers.size === 0) return;
    const name = random.pick([...model.consumers]);
    const group = this.groupBlock(groupName);
    const consumer = this.consumerBlock(group, name);
    for (let times = random.below(6); times >= 0; times--) {
      const id = this.someId();
      const time = random.below(2 ** 41);
      const count = 1 + random.below(5);
      this.log(`give ${groupName} ${id} to ${JSON.stringify(name)}`);
      const added = pendingInsert(arena, group, wordsOf(id), 0, this.cursor);
      assert.equal(added, !model.pending.has(id));
      pendingSet(this.cursor, time, count);
      pendingAssign(arena, this.cursor, consumer);
      model.pending.set(id, { time, count, consumer: name });
    }
  }

  acknowledge(): void {
    const { random, arena } = this;
    if (this.groups.size === 0) return;
    const groupName = random.pick([...this.groups.keys()]);
    const model = this.groups.get(groupName) as Group;
    const group = this.groupBlock(groupName);
    const first = model.pending.keys().next().value;
    const id = first !== undefined && random.chance(0.8) ? first : this.someId();
    this.log(`acknowledge ${groupName} ${id}`);
    const was = model.pending.get(id);
    assert.equal(pendingFind(arena, group, wordsOf(id), 0, this.cursor), was !== undefined);
    if (was !== undefined) this.assertPending(this.cursor, was);
    assert.equal(pendingDelete(arena, group, wordsOf(id), 0), model.pending.delete(id));
  }

  assertPending({ words, word }: IndexCursor, { time, count, consumer }: Pending): void {
    assert.equal(Number(pairAt(words, word + PENDING_TIME)), time);
    assert.equal(Number(pairAt(words, word + PENDING_COUNT)), count);
    assert.equal(this.nameOf(words[word + PENDING_CONSUMER], CONSUMER_NAME), consumer);
  }

  nameOf(block: number, nameOff: number): string {
    const off = blockOff(block) + nameOff;
    return latin1(nameBuf(this.arena, block), off, nameLen(this.arena, block));
  }

  /** Goes on with a copy, or with one put together from parts. */
  replace(): void {
    const before = this.root;
    const isCopy = this.random.chance(0.5);
    this.log(isCopy ? "copy" : "rebuild");
    this.root = isCopy ? streamValue.copy(this.vc, ENCODING_STREAM, before) : this.rebuilt();
    if (this.random.chance(0.5)) {
      streamValue.free(this.vc, ENCODING_STREAM, before);
    } else {
      const blocks = 1 + this.random.below(20);
      for (let calls = 0; !streamValue.freeSlice(this.vc, ENCODING_STREAM, before, blocks);) {
        assert.ok(++calls < 100_000, "freeSlice does not end");
      }
    }
    this.check();
  }

  /** Goes on with what DUMP and RESTORE make of it. */
  restore(): void {
    const { vc, arena, random } = this;
    this.log("restore");
    const meta = metaByte(TYPE_STREAM, ENCODING_STREAM, false);
    const rec = recordCreate(vc, meta, KEY, 0, KEY.length, 0);
    recordSetA(arena, rec, this.root);
    const fresh = reread(vc, rec, KEY, random.chance(0.5));
    recordDiscard(vc, rec);
    this.root = recordA(arena, fresh);
    recordAbandon(vc, fresh);
    this.check();
  }

  rebuilt(): number {
    const { vc, arena, root } = this;
    const target = streamCreate(arena);
    const nodes = streamNodes(arena, root);
    for (let more = indexFirst(arena, nodes, this.cursor); more;) {
      const { words, word } = this.cursor;
      const block = words[word + NODE_BLOCK];
      const buf = arena.u8[block >>> SEGMENT_SHIFT];
      const off = (block & UNIT_MASK) << 4;
      const len = listpackBytes(buf, off);
      assert.ok(nodeValidate(buf, off, len));
      const id = wordsOf(idAt(words, word));
      assert.ok(streamAddNode(vc, target, id, 0, buf, off, len));
      assert.equal(streamAddNode(vc, target, id, 0, buf, off, len), false);
      more = indexNext(arena, this.cursor);
    }
    const words = streamWords(arena, target);
    words.set(wordsOf(this.last), streamLastWord(target));
    words.set(wordsOf(this.maxDeleted), streamMaxDeletedWord(target));
    words[streamAddedWord(target)] = Number(this.added);
    words[streamLengthWord(target)] = this.entries.length;
    streamFindFirst(vc, target);
    for (const [name, model] of this.groups) this.rebuildGroup(target, name, model);
    assert.ok(streamIsWhole(vc, target));
    return target;
  }

  rebuildGroup(root: number, name: string, model: Group): void {
    const { arena } = this;
    const bytes = fromLatin1(name);
    const read = Number(model.read);
    const last = wordsOf(model.last);
    const high = read < 0 ? -1 : 0;
    const group = groupCreate(arena, root, bytes, 0, bytes.length, last, 0, read, high);
    for (const [id, { time, count }] of model.pending) {
      const timeHigh = Math.floor(time / 2 ** 32);
      assert.ok(pendingLoad(arena, group, wordsOf(id), 0, time | 0, timeHigh, count, 0));
    }
    for (const consumer of model.consumers) {
      const text = fromLatin1(consumer);
      const block = consumerCreate(arena, group, text, 0, text.length, 1);
      for (const [id, { consumer: owner }] of model.pending) {
        if (owner === consumer) assert.ok(pendingOwn(arena, group, block, wordsOf(id), 0));
      }
    }
  }

  /** Compares everything. */
  check(): void {
    const { vc, arena, root } = this;
    assert.equal(streamValue.verify(vc, ENCODING_STREAM, root), arena.liveBlocks);
    assert.equal(streamValue.bytes(vc, ENCODING_STREAM, root, 0), arena.usedBytes);
    assert.equal(streamLength(arena, root), this.entries.length);
    const words = streamWords(arena, root);
    assert.equal(idAt(words, streamLastWord(root)), this.last);
    assert.equal(idAt(words, streamFirstWord(root)), this.entries[0]?.id ?? 0n);
    assert.equal(idAt(words, streamMaxDeletedWord(root)), this.maxDeleted);
    assert.equal(pairAt(words, streamAddedWord(root)), this.added);
    const cursor = new EntryCursor();
    cursor.start(vc, root, wordsOf(0n), 0, wordsOf(MAX_ID), 0);
    for (const { id, pairs } of this.entries) {
      assert.ok(cursor.next(vc));
      assert.equal(idAt(cursor.id, 0), id);
      assert.deepEqual(pairsOf(cursor), pairs);
    }
    assert.equal(cursor.next(vc), false);
    for (const [name, model] of this.groups) this.checkGroup(this.groupBlock(name), model);
  }

  checkGroup(group: number, model: Group): void {
    const { arena } = this;
    const words = groupWords(arena, group);
    assert.equal(idAt(words, groupLastWord(group)), model.last);
    assert.equal(pairAt(words, groupReadWord(group)), model.read);
    const consumers = groupConsumers(arena, group);
    const names = Array.from(
      { length: namesCount(arena, consumers) },
      (_, i) => this.nameOf(namesAt(arena, consumers, i), CONSUMER_NAME),
    );
    assert.deepEqual(names, [...model.consumers].sort());
    const pending = pendingOf(arena, group);
    assert.equal(indexCount(arena, pending), model.pending.size);
    const at = new IndexCursor();
    for (let more = indexFirst(arena, pending, at); more; more = indexNext(arena, at)) {
      this.assertPending(at, model.pending.get(idAt(at.words, at.word)) as Pending);
    }
  }
}

function pairsOf(cursor: EntryCursor): string[] {
  const pairs: string[] = [];
  for (let i = 0; i < cursor.fields; i++) {
    cursor.field();
    pairs.push(latin1(entry.buf, entry.off, entry.len));
    cursor.value();
    pairs.push(latin1(entry.buf, entry.off, entry.len));
  }
  return pairs;
}

/** Ids step and compare as numbers do. */
function checkIds(random: SeededRandom): void {
  const a = BigInt(random.below(2 ** 32)) << BigInt(random.below(97));
  const b = random.chance(0.2) ? a : BigInt(random.below(2 ** 32)) << BigInt(random.below(97));
  const words = wordsOf(a);
  assert.equal(Math.sign(idCompare(words, 0, wordsOf(b), 0)), a < b ? -1 : a > b ? 1 : 0);
  idIncrement(words, 0);
  assert.equal(idAt(words, 0), a + 1n);
}

export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const fuzzer = new Fuzzer(seed, log);
  for (let i = 0; i < operations; i++) {
    fuzzer.step();
    checkIds(fuzzer.random);
    if (i % CHECK_EVERY === 0) fuzzer.check();
  }
  fuzzer.check();
  streamValue.free(fuzzer.vc, ENCODING_STREAM, fuzzer.root);
  assert.equal(fuzzer.arena.liveBlocks, 0);
}
