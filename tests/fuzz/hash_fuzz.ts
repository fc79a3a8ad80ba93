// hash_fuzz.ts: random hashes in a database under random limits and a clock that moves, against JavaScript Maps: fields,
// values, expiry of fields, encodings, walks, random picks, copies, payloads, renames, slices of freeing; after every so many steps
// all invariants and the count of live blocks.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { chain, dictScan } from "../../lib/engine/dict.ts";
import {
  found,
  HASH_ADDED,
  HASH_CHANGED,
  HASH_REVIVED,
  hashConvert,
  hashCreate,
  hashDelete,
  hashDict,
  hashFind,
  hashIsVolatile,
  hashLength,
  hashSet,
  TIME_DROP,
  TIME_KEEP,
  TIME_SET,
} from "../../lib/engine/hash.ts";
import { hashPersist, hashRemoveDue, hashSetTime } from "../../lib/engine/hash_expiry.ts";
import { FieldView, HashCursor, hashRandom, hashVisible } from "../../lib/engine/hash_walk.ts";
import {
  keyAdd,
  keyCountVolatileHashes,
  keyCreate,
  keyDelete,
  Keyspace,
  keyTrackFields,
  recordSetExpire,
} from "../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_VOLATILE,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordMeta,
  TYPE_HASH,
} from "../../lib/engine/record.ts";
import { databaseEmpty, reclaimSlice } from "../../lib/engine/reclaim.ts";
import { keyCopy, keyRename } from "../../lib/engine/rekey.ts";
import { valueBytes } from "../../lib/engine/value.ts";
import { arenaUsable, arenaVerify } from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";
import { find, hashOf } from "../kit/keyspace.ts";
import { reread } from "../kit/payload.ts";

const KEYS = 4;
const VERIFY_EVERY = 400;

/** A field; timeMs is Infinity when it has no expiry. */
interface Field {
  value: string;
  timeMs: number;
}

interface Model {
  fields: Map<string, Field>;
  encoding: number;
}

class Fuzzer {
  readonly random: SeededRandom;
  readonly ks: Keyspace;
  readonly ownBlocks: number;
  readonly names: number;
  readonly timed: number;
  keys = new Map<string, Model>();
  nowMs = 1_000_000;
  cursor = new HashCursor();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.ks = new Keyspace(1, Int32Array.of(seed, 5), () => this.random.next32());
    this.ownBlocks = this.ks.arena.liveBlocks;
    this.ks.limits.hashMaxListpackEntries = this.random.pick([0, 3, 20, 512]);
    this.ks.limits.hashMaxListpackValue = this.random.pick([2, 10, 64]);
    this.names = this.random.pick([10, 60, 3000]);
    this.timed = this.random.pick([0, 0.05, 0.5, 0.9]);
  }

  name(): string {
    const { random } = this;
    const kind = random.below(10);
    if (kind < 3) return String(random.below(this.names) - 20);
    if (kind < 9) return `field-${random.below(this.names)}`;
    return "x".repeat(random.pick([0, 1, 11, 63, 64, 126, 127, 300]));
  }

  value(): string {
    const { random } = this;
    const kind = random.below(10);
    if (kind < 4) return String(random.next32());
    if (kind < 9) return `value ${random.below(1000)}`;
    return "v".repeat(random.pick([0, 1, 2, 60, 64, 254, 255, 256, 5000, 20000]));
  }

  time(): number {
    const { random } = this;
    if (random.chance(0.1)) return this.nowMs + random.pick([2 ** 33, 2 ** 45, 1, 0]);
    return this.nowMs + 1 + random.below(2000);
  }

  isThere(field: Field | undefined): field is Field {
    return field !== undefined && field.timeMs >= this.nowMs;
  }

  record(key: string): number {
    return find(this.ks, this.ks.dbs[0], key);
  }

  /** Does something to the record of a key, created when absent, and what commands do afterwards. */
  change(key: string, act: (rec: number, model: Model) => void): void {
    const { ks } = this;
    const [db] = ks.dbs;
    const hash = hashOf(ks, key);
    let rec = this.record(key);
    if (rec === 0) {
      const bytes = fromLatin1(key);
      const root = hashCreate(ks);
      rec = keyCreate(ks, db, hash, bytes, 0, key.length, TYPE_HASH, ENCODING_LISTPACK, root);
      this.keys.set(key, { fields: new Map(), encoding: ENCODING_LISTPACK });
    }
    const model = this.keys.get(key) as Model;
    const was = hashIsVolatile(ks, rec);
    act(rec, model);
    keyTrackFields(ks, db, hash, rec, was);
    this.expectEncoding(rec, model);
    if (hashLength(ks, rec) > 0) return;
    assert.equal(model.fields.size, 0);
    keyDelete(ks, db, hash, rec);
    this.keys.delete(key);
  }

  expectEncoding(rec: number, model: Model): void {
    const encoding = recordEncoding(this.ks.arena, rec);
    const timed = [...model.fields.values()].some(({ timeMs }) => timeMs !== Infinity);
    if (model.encoding !== ENCODING_LISTPACK || encoding !== ENCODING_LISTPACK) {
      model.encoding = timed ? ENCODING_HASHTABLE_VOLATILE : ENCODING_HASHTABLE;
    }
    assert.equal(encoding, model.encoding);
    const { limits } = this.ks;
    if (encoding !== ENCODING_LISTPACK) return;
    assert.ok(model.fields.size <= limits.hashMaxListpackEntries);
    for (const [name, { value }] of model.fields) {
      assert.ok(Math.max(name.length, value.length) <= limits.hashMaxListpackValue);
    }
  }

  set(rec: number, model: Model): void {
    const { ks, random } = this;
    const name = this.name();
    const value = this.value();
    const mode = random.chance(this.timed) ? TIME_SET : random.pick([TIME_DROP, TIME_KEEP]);
    const timeMs = this.time();
    const old = model.fields.get(name);
    const isGone = old !== undefined && old.timeMs <= this.nowMs;
    const expected = old === undefined ? HASH_ADDED : isGone ? HASH_REVIVED : HASH_CHANGED;
    const [lo, hi] = [timeMs | 0, Math.floor(timeMs / 2 ** 32)];
    const nameBytes = fromLatin1(`<${name}>`);
    const valueBytes = fromLatin1(`<${value}>`);
    const done = hashSet(
      ks,
      rec,
      nameBytes,
      1,
      name.length,
      valueBytes,
      1,
      value.length,
      this.nowMs,
      mode,
      lo,
      hi,
    );
    assert.equal(done, expected, `set ${name}`);
    const keeps = mode === TIME_KEEP && old !== undefined && !isGone;
    const newTime = mode === TIME_SET ? timeMs : keeps ? old.timeMs : Infinity;
    model.fields.set(name, { value, timeMs: newTime });
  }

  retime(rec: number, model: Model): void {
    const { ks, random } = this;
    const name = random.chance(0.7) ? this.known(model) : this.name();
    const bytes = fromLatin1(name);
    const field = model.fields.get(name);
    if (random.chance(0.4)) {
      const done = hashPersist(ks, rec, bytes, 0, bytes.length);
      assert.equal(done, field !== undefined && field.timeMs !== Infinity);
      if (field !== undefined) field.timeMs = Infinity;
      return;
    }
    const timeMs = this.time();
    const [lo, hi] = [timeMs | 0, Math.floor(timeMs / 2 ** 32)];
    assert.equal(hashSetTime(ks, rec, bytes, 0, bytes.length, lo, hi), field !== undefined);
    if (field !== undefined) field.timeMs = timeMs;
  }

  known(model: Model): string {
    const names = [...model.fields.keys()];
    return names.length === 0 ? "none" : this.random.pick(names);
  }

  remove(rec: number, model: Model): void {
    const name = this.random.chance(0.8) ? this.known(model) : this.name();
    const bytes = fromLatin1(name);
    const nowMs = this.random.chance(0.5) ? this.nowMs : -Infinity;
    const field = model.fields.get(name);
    const expected = field !== undefined && field.timeMs >= nowMs;
    assert.equal(hashDelete(this.ks, rec, bytes, 0, bytes.length, nowMs), expected);
    if (expected) model.fields.delete(name);
  }

  removeDue(rec: number, model: Model): void {
    const max = this.random.pick([1, 5, 1000]);
    const due = [...model.fields].filter(([, { timeMs }]) => timeMs <= this.nowMs)
      .sort(([, a], [, b]) => a.timeMs - b.timeMs);
    const removed = hashRemoveDue(this.ks, rec, this.nowMs, max);
    assert.equal(removed, Math.min(max, due.length));
    const latest = removed === 0 ? 0 : due[removed - 1][1].timeMs;
    for (const [name, { timeMs }] of due) {
      const bytes = fromLatin1(name);
      const stays = hashFind(this.ks, rec, bytes, 0, bytes.length, -Infinity);
      // Fields of the same time go in any order.
      if (timeMs !== latest) assert.equal(stays, timeMs > latest);
      if (!stays) model.fields.delete(name);
    }
  }

  look(key: string): void {
    const { ks } = this;
    const rec = this.record(key);
    const model = this.keys.get(key);
    assert.equal(rec !== 0, model !== undefined);
    if (rec === 0 || model === undefined) return;
    assert.equal(hashLength(ks, rec), model.fields.size);
    for (const name of [this.name(), this.known(model)]) {
      const bytes = fromLatin1(name);
      const field = model.fields.get(name);
      const there = hashFind(ks, rec, bytes, 0, bytes.length, this.nowMs);
      assert.equal(there, this.isThere(field), `find ${name}`);
      if (!this.isThere(field)) continue;
      assert.equal(latin1(found.buf, found.off, found.len), field.value);
      assert.equal(found.timed, field.timeMs !== Infinity);
      if (found.timed) assert.equal(found.hi * 2 ** 32 + (found.lo >>> 0), field.timeMs);
    }
  }

  walk(key: string): void {
    const { ks, cursor } = this;
    const rec = this.record(key);
    const model = this.keys.get(key);
    if (rec === 0 || model === undefined) return;
    const expected = [...model.fields].filter(([, field]) => this.isThere(field))
      .map(([name, { value, timeMs }]) => `${name}=${value}@${timeMs}`).sort();
    const seen: string[] = [];
    cursor.start(ks, rec, this.nowMs);
    while (cursor.next()) {
      const timeMs = cursor.timed ? cursor.hi * 2 ** 32 + (cursor.lo >>> 0) : Infinity;
      const name = latin1(cursor.nameBuf, cursor.nameOff, cursor.nameLen);
      seen.push(`${name}=${latin1(cursor.buf, cursor.off, cursor.len)}@${timeMs}`);
    }
    assert.deepEqual(seen.sort(), expected);
    assert.equal(hashVisible(ks, rec, this.nowMs), expected.length);
    const view = new FieldView();
    if (expected.length === 0) {
      assert.equal(hashRandom(ks, rec, this.nowMs, view), false);
    } else if (hashRandom(ks, rec, this.nowMs, view)) {
      const field = model.fields.get(latin1(view.nameBuf, view.nameOff, view.nameLen));
      assert.ok(this.isThere(field));
      assert.equal(latin1(view.buf, view.off, view.len), field.value);
    }
    this.measure(rec);
  }

  /** All blocks of the value, counted one by one. */
  measure(rec: number): void {
    const { ks } = this;
    const { arena } = ks;
    const dict = hashDict(ks, recordEncoding(arena, rec), recordA(arena, rec));
    const exact = valueBytes(ks, recordMeta(arena, rec), recordA(arena, rec), 0);
    if (dict === 0) {
      assert.equal(exact, arenaUsable(arena, recordA(arena, rec)));
      return;
    }
    let members = 0;
    let cursor = 0;
    do {
      cursor = dictScan(arena, dict, cursor);
      for (let i = 0; i < chain.count; i++) members += arenaUsable(arena, chain.entries[i]);
    } while (cursor !== 0);
    assert.ok(exact > members);
  }

  /** Things done to whole keys. */
  rekey(key: string): void {
    const { ks, random } = this;
    const [db] = ks.dbs;
    const rec = this.record(key);
    const other = `${this.random.pick(["copy", "long name of another key"])} ${random.below(3)}`;
    if (rec === 0 || this.keys.has(other)) return;
    const model = this.keys.get(key) as Model;
    const bytes = fromLatin1(other);
    const kind = random.below(5);
    const fields = new Map([...model.fields].map(([name, field]) => [name, { ...field }]));
    if (kind === 0) {
      keyRename(ks, db, hashOf(ks, key), rec, hashOf(ks, other), bytes, 0, bytes.length);
      this.keys.delete(key);
      this.keys.set(other, model);
    } else if (kind === 1) {
      keyCopy(ks, rec, db, hashOf(ks, other), bytes, 0, bytes.length);
      this.keys.set(other, { fields, encoding: model.encoding });
    } else if (kind === 2) {
      const fresh = reread(ks, rec, bytes, random.chance(0.5));
      keyAdd(ks, db, hashOf(ks, other), fresh);
      // A table that would fit into a listpack comes back as one.
      const restored = { fields, encoding: recordEncoding(ks.arena, fresh) };
      this.keys.set(other, restored);
      this.expectEncoding(fresh, restored);
    } else if (kind === 3) {
      recordSetExpire(ks, db, hashOf(ks, key), rec, random.next32(), 1000);
    } else {
      keyDelete(ks, db, hashOf(ks, key), rec, random.chance(0.5));
      this.keys.delete(key);
    }
  }

  step(): void {
    const { random } = this;
    if (random.chance(0.05)) this.nowMs += random.below(300);
    const names = [...this.keys.keys()];
    const key = names.length > 0 && random.chance(0.8)
      ? random.pick(names)
      : `key ${random.below(KEYS)}`;
    const kind = random.below(1000);
    if (kind < 550) this.change(key, (rec, model) => this.set(rec, model));
    else if (kind < 650) this.change(key, (rec, model) => this.retime(rec, model));
    else if (kind < 800) this.change(key, (rec, model) => this.remove(rec, model));
    else if (kind < 830) this.change(key, (rec, model) => this.removeDue(rec, model));
    else if (kind < 950) this.look(key);
    else if (kind < 985) this.walk(key);
    else if (kind < 988) this.rekey(key);
    else if (kind < 990) {
      this.change(key, (rec, model) => {
        hashConvert(this.ks, rec);
        if (model.encoding === ENCODING_LISTPACK) model.encoding = ENCODING_HASHTABLE;
      });
    } else if (kind < 999) {
      let us = 0;
      reclaimSlice(this.ks, () => us++, 2);
    } else if (random.chance(0.1)) {
      databaseEmpty(this.ks, this.ks.dbs[0], random.chance(0.5));
      this.keys.clear();
    }
  }

  verify(): void {
    const { ks } = this;
    keyspaceVerify(ks);
    const volatile = [...this.keys.values()].filter(({ encoding }) =>
      encoding === ENCODING_HASHTABLE_VOLATILE
    );
    assert.equal(keyCountVolatileHashes(ks, ks.dbs[0]), volatile.length);
    for (const key of this.keys.keys()) this.walk(key);
  }

  finish(): void {
    const { ks } = this;
    for (const key of [...this.keys.keys()]) {
      keyDelete(ks, ks.dbs[0], hashOf(ks, key), this.record(key), this.random.chance(0.5));
    }
    let us = 0;
    while (reclaimSlice(ks, () => us++, 1));
    keyspaceVerify(ks);
    assert.equal(arenaVerify(ks.arena), this.ownBlocks, "blocks leaked");
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  for (let n = 0; n < operations; n++) {
    fuzzer.step();
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.finish();
}
