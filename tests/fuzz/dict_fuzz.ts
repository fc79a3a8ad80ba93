// dict_fuzz.ts: random insertions, deletions and walks of a hash table against a Map.
//
// Some runs use hashes with few different values, so that chains get long. Walks with dictScan go on while the table
// grows and shrinks; each must return every entry that was there from its first call to its last. Half of the runs use a
// table of records, half one of members.

import assert from "node:assert/strict";
import { arenaFree, arenaVerify, SEGMENT_SHIFT } from "../../lib/mem/arena.ts";
import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictBytes,
  dictCount,
  dictCreate,
  dictDeleteSlot,
  dictDestroy,
  dictDropLast,
  dictFind,
  dictFindEntry,
  dictInsert,
  dictRandom,
  dictReplaceSlot,
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
} from "../../lib/engine/dict.ts";
import { keyHash, Keyspace, recordCreate } from "../../lib/engine/keyspace.ts";
import {
  ENCODING_EMBSTR,
  metaByte,
  recordKeyLen,
  recordKeyOff,
  TYPE_STRING,
} from "../../lib/engine/record.ts";
import { memberCreate, memberLen, memberOff } from "../../lib/engine/member.ts";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { SeededRandom } from "../kit/clock.ts";

const META = metaByte(TYPE_STRING, ENCODING_EMBSTR, false);
const VERIFY_EVERY = 1000;
/** Bits of the hash that a table of members always knows. */
const TAG_MASK = 0xffff;

/** A walk under way: keys that were there at its start and still are, minus those returned. */
interface Walk {
  cursor: number;
  owed: Set<string>;
}

class Fuzzer {
  random: SeededRandom;
  ks: Keyspace;
  dict: number;
  model = new Map<string, number>();
  names: string[] = [];
  walks: Walk[] = [];
  hashMask: number;
  ownBlocks: number;
  /** Where names start in members; -1 for a table of records. */
  base: number;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.ks = new Keyspace(1, Int32Array.of(seed, 77), () => this.random.next32());
    this.ownBlocks = this.ks.arena.liveBlocks;
    this.base = this.random.pick([-1, -1, 0, 8]);
    this.dict = this.isOfRecords
      ? dictCreate(this.ks.arena, KIND_RECORDS)
      : membersCreate(this.ks, this.base);
    // Members are rehashed by their names, so their hashes are always the true ones.
    const masks = this.isOfRecords ? [0x7fffffff, 0x7fffffff, 0xff, 0x7, 0x70000] : [0x7fffffff];
    this.hashMask = this.random.pick(masks);
  }

  hash(name: Uint8Array): number {
    return keyHash(this.ks, name, 0, name.length) & this.hashMask;
  }

  get isOfRecords(): boolean {
    return this.base < 0;
  }

  nameOf(entry: number): string {
    const { arena } = this.ks;
    if (!this.isOfRecords) {
      const bytes = arena.u8[entry >>> SEGMENT_SHIFT];
      return latin1(bytes, memberOff(arena, entry, this.base), memberLen(arena, entry, this.base));
    }
    return latin1(
      arena.u8[entry >>> SEGMENT_SHIFT],
      recordKeyOff(arena, entry),
      recordKeyLen(arena, entry),
    );
  }

  /** A new entry with this name. */
  make(name: Uint8Array, tail: number): number {
    return this.isOfRecords
      ? recordCreate(this.ks, META, name, 0, name.length, tail)
      : memberCreate(this.ks.arena, this.base, name, 0, name.length, tail);
  }

  find(name: Uint8Array): number {
    const { arena } = this.ks;
    const hash = this.hash(name);
    return this.isOfRecords
      ? dictFind(arena, this.dict, hash, name, 0, name.length)
      : memberFind(arena, this.dict, this.base, hash, name, 0, name.length);
  }

  insert(): void {
    const { ks, random } = this;
    const name = `key:${random.below(100_000)}`;
    const bytes = fromLatin1(name);
    const hash = this.hash(bytes);
    const found = this.find(bytes);
    assert.equal(found, this.model.get(name) ?? 0, `find ${name}`);
    if (found !== 0) return;
    const entry = this.make(bytes, random.below(40));
    dictInsert(ks.arena, this.dict, hash, entry);
    this.model.set(name, entry);
    this.names.push(name);
  }

  remove(): void {
    if (this.names.length === 0) return;
    const { ks, random } = this;
    const at = random.below(this.names.length);
    const name = this.names[at];
    this.names[at] = this.names[this.names.length - 1];
    this.names.pop();
    const bytes = fromLatin1(name);
    const hash = this.hash(bytes);
    const entry = this.model.get(name) ?? 0;
    if (random.chance(0.5)) {
      assert.equal(this.find(bytes), entry);
    } else {
      assert.ok(dictFindEntry(ks.arena, this.dict, hash, entry));
    }
    dictDeleteSlot(ks.arena, this.dict, hash);
    arenaFree(ks.arena, entry);
    this.model.delete(name);
    for (const walk of this.walks) walk.owed.delete(name);
    assert.equal(this.find(bytes), 0);
  }

  /** Gives an entry another block. */
  move(): void {
    if (this.names.length === 0) return;
    const { ks } = this;
    const name = this.random.pick(this.names);
    const bytes = fromLatin1(name);
    const old = this.model.get(name) ?? 0;
    const fresh = this.make(bytes, 8);
    assert.ok(dictFindEntry(ks.arena, this.dict, this.hash(bytes), old));
    dictReplaceSlot(ks.arena, fresh);
    arenaFree(ks.arena, old);
    this.model.set(name, fresh);
  }

  walk(): void {
    const { random, walks } = this;
    if (walks.length < 3 && random.chance(0.01)) {
      walks.push({ cursor: 0, owed: new Set(this.names) });
    }
    for (const walk of walks) {
      walk.cursor = dictScan(this.ks.arena, this.dict, walk.cursor);
      for (let i = 0; i < chain.count; i++) {
        const name = this.nameOf(chain.entries[i]);
        assert.equal(this.model.get(name), chain.entries[i], `scan returned a stranger: ${name}`);
        const hash = this.hash(fromLatin1(name));
        if (this.isOfRecords) assert.equal(hash, chain.hashes[i]);
        else assert.equal(hash & TAG_MASK, chain.hashes[i] & TAG_MASK);
        walk.owed.delete(name);
      }
      if (walk.cursor === 0) {
        assert.deepEqual([...walk.owed], [], "scan missed entries that were there all along");
      }
    }
    this.walks = walks.filter((walk) => walk.cursor !== 0);
  }

  pickRandom(): void {
    const entry = dictRandom(this.ks.arena, this.dict, () => this.random.next32());
    if (this.names.length === 0) assert.equal(entry, 0);
    else assert.equal(this.model.get(this.nameOf(entry)), entry);
  }

  verify(): void {
    const { arena } = this.ks;
    assert.equal(dictCount(arena, this.dict), this.model.size);
    const blocks = dictVerify(arena, this.dict);
    assert.equal(arena.liveBlocks, this.ownBlocks + blocks + this.model.size, "blocks leaked");
    assert.ok(dictBytes(arena, this.dict) > 0);
    const seen = new Set<number>();
    for (let index = 0; index < dictBucketCount(arena, this.dict); index++) {
      const found = dictBucketRead(arena, this.dict, index);
      for (let i = 0; i < found; i++) seen.add(chain.entries[i]);
    }
    assert.equal(seen.size, this.model.size);
  }

  /** Takes the table apart from its end and checks that everything is given back. */
  finish(): void {
    const { ks } = this;
    if (this.random.chance(0.5)) {
      while (dictCount(ks.arena, this.dict) > 0) {
        const found = dictDropLast(ks.arena, this.dict);
        const entries = chain.entries.slice(0, found);
        for (const entry of entries) {
          assert.ok(this.model.delete(this.nameOf(entry)));
          arenaFree(ks.arena, entry);
        }
        if (this.random.below(200) === 0) this.verify();
      }
      assert.equal(this.model.size, 0);
    } else {
      for (const entry of this.model.values()) arenaFree(ks.arena, entry);
    }
    dictDestroy(ks.arena, this.dict);
    assert.equal(arenaVerify(ks.arena), this.ownBlocks);
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  const { random } = fuzzer;
  let growing = true;
  for (let n = 0; n < operations; n++) {
    if (random.below(3000) === 0) growing = !growing;
    const kind = random.below(100);
    if (kind < 2) fuzzer.move();
    else if (kind < 4) fuzzer.pickRandom();
    else if (random.chance(growing ? 0.65 : 0.3)) fuzzer.insert();
    else fuzzer.remove();
    fuzzer.walk();
    if (random.below(2000) === 0) {
      const policy = random.pick([RESIZE_FREE, RESIZE_FREE, RESIZE_AVOID, RESIZE_FORBID]);
      dictSetPolicy(fuzzer.ks.arena, fuzzer.dict, policy);
      const steps = policy === RESIZE_FREE ? random.below(50) : 0;
      for (let i = 0; i < steps; i++) if (!dictResizeStep(fuzzer.ks.arena, fuzzer.dict)) break;
    }
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.finish();
}
