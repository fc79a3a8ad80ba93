// list_fuzz.ts: random changes of lists against an array of strings.
//
// Each run has limits of its own, tiny ones most of the time, and changes them now and then, so that lists change their
// encoding, nodes are split and joined, and large elements get nodes of their own. Payloads are written and read again.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { Keyspace, recordCreate, recordDiscard } from "../../lib/engine/keyspace.ts";
import {
  edge,
  listAppendPack,
  listAppendPlain,
  listCreate,
  listCreateEmpty,
  listDeleteRange,
  listDrop,
  listGrow,
  listInsert,
  listLength,
  listPeek,
  listPush,
  listRemove,
  listReplace,
  listSettle,
  listShrink,
} from "../../lib/engine/list.ts";
import { ListCursor, listPart, listPartCount, part } from "../../lib/engine/list_cursor.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  metaByte,
  recordA,
  recordEncoding,
  recordMeta,
  recordSetA,
  TYPE_LIST,
} from "../../lib/engine/record.ts";
import { valueBytes, valueCopy, valueFreeSlice, valueVerify } from "../../lib/engine/value.ts";
import { SeededRandom } from "../kit/clock.ts";
import { reread } from "../kit/payload.ts";

const VERIFY_EVERY = 200;
const NAME = fromLatin1("list");

class Fuzzer {
  random: SeededRandom;
  ks: Keyspace;
  rec: number;
  model: string[] = [];
  ownBlocks: number;
  cursor = new ListCursor();
  growing = true;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.ks = new Keyspace(1, Int32Array.of(seed, 5), () => this.random.next32());
    this.ownBlocks = this.ks.arena.liveBlocks;
    this.rec = this.record(ENCODING_LISTPACK, listCreate(this.ks));
    this.limits();
  }

  record(encoding: number, root: number): number {
    const meta = metaByte(TYPE_LIST, encoding, false);
    const rec = recordCreate(this.ks, meta, NAME, 0, NAME.length, 0);
    recordSetA(this.ks.arena, rec, root);
    return rec;
  }

  limits(): void {
    const { limits } = this.ks;
    limits.listMaxListpackSize = this.random.pick([-2, -2, -1, -3, -5, -9, 0, 1, 2, 3, 5, 20, 128]);
    limits.listPackedThreshold = this.random.pick([0, 0, 10, 40]);
  }

  value(): string {
    const { random } = this;
    const kind = random.below(40);
    if (kind < 12) return String(random.below(200));
    if (kind < 14) return String(random.next32());
    if (kind < 15) return `${random.next32()}${random.next32() >>> 1}`;
    if (kind < 17) return "x".repeat(random.below(random.pick([100, 5000, 20000])));
    return "abcdefgh".slice(random.below(8)) + random.below(30);
  }

  push(): void {
    const { ks, random } = this;
    const values = Array.from({ length: random.pick([1, 1, 1, 2, 10, 60]) }, () => this.value());
    const front = random.chance(0.5);
    listGrow(ks, this.rec, values.join("").length, values.length);
    for (const value of values) {
      listPush(ks, this.rec, fromLatin1(value), 0, value.length, front);
      if (front) this.model.unshift(value);
      else this.model.push(value);
    }
  }

  pop(): void {
    const front = this.random.chance(0.5);
    for (let n = this.random.pick([1, 1, 2, 30]); n > 0 && this.model.length > 0; n--) {
      listPeek(this.ks, this.rec, front);
      const found = latin1(edge.buf, edge.off, edge.len);
      assert.equal(found, front ? this.model.shift() : this.model.pop(), "pop");
      listDrop(this.ks, this.rec, front);
      this.after();
    }
  }

  after(): void {
    if (this.model.length > 0) listShrink(this.ks, this.rec);
    else this.renew(ENCODING_LISTPACK, listCreate(this.ks));
  }

  renew(encoding: number, root: number): void {
    recordDiscard(this.ks, this.rec);
    this.rec = this.record(encoding, root);
  }

  insert(): void {
    const { random, model } = this;
    if (model.length === 0) return;
    const pivot = random.chance(0.9) ? random.pick(model) : "absent";
    const value = this.value();
    const after = random.chance(0.5);
    const src = fromLatin1(pivot + value);
    listGrow(this.ks, this.rec, value.length, 1);
    const done = listInsert(
      this.ks,
      this.rec,
      src,
      0,
      pivot.length,
      pivot.length,
      value.length,
      after,
    );
    const at = model.indexOf(pivot);
    assert.equal(done, at >= 0);
    if (done) model.splice(after ? at + 1 : at, 0, value);
  }

  replace(): void {
    const { random, model } = this;
    if (model.length === 0) return;
    const index = random.below(model.length);
    const value = this.value();
    listGrow(this.ks, this.rec, value.length, 1);
    listReplace(this.ks, this.rec, index, fromLatin1(value), 0, value.length);
    model[index] = value;
    listShrink(this.ks, this.rec);
  }

  remove(): void {
    const { random, model } = this;
    if (model.length === 0) return;
    const value = random.chance(0.9) ? random.pick(model) : "absent";
    const most = random.pick([1, 2, Infinity]);
    const backwards = random.chance(0.5);
    const bytes = fromLatin1(value);
    const done = listRemove(this.ks, this.rec, bytes, 0, bytes.length, most, backwards);
    let count = 0;
    for (; count < most; count++) {
      const at = backwards ? model.lastIndexOf(value) : model.indexOf(value);
      if (at < 0) break;
      model.splice(at, 1);
    }
    assert.equal(done, count, "remove");
    this.after();
  }

  deleteRange(): void {
    const { random, model } = this;
    if (model.length === 0) return;
    const start = random.below(model.length);
    const most = random.pick([5, 50, model.length]);
    const count = random.below(Math.min(model.length - start, most) + 1);
    listDeleteRange(this.ks, this.rec, start, count);
    model.splice(start, count);
    this.after();
  }

  read(): void {
    const { random, model, cursor } = this;
    if (model.length === 0) return;
    const start = random.below(model.length);
    const backwards = random.chance(0.5);
    let at = start;
    cursor.start(this.ks, this.rec, start, backwards);
    const found: string[] = [];
    for (let n = random.below(50); n > 0 && cursor.next(); n--) {
      found.push(latin1(cursor.buf, cursor.off, cursor.len));
      assert.equal(found[found.length - 1], model[at], `element ${at}`);
      const other = fromLatin1(random.chance(0.5) ? model[at] : random.pick(model));
      const same = latin1(other, 0, other.length) === model[at];
      assert.equal(cursor.equals(other, 0, other.length), same);
      at += backwards ? -1 : 1;
    }
  }

  /** Builds the same list again from its saved parts. */
  rebuild(): void {
    const { ks } = this;
    if (this.model.length === 0) return;
    const old = this.rec;
    const fresh = this.record(ENCODING_QUICKLIST, listCreateEmpty(ks));
    let count = 0;
    for (let p = listPart(ks, old, 0); p !== 0; p = listPart(ks, old, p)) {
      const copy = part.buf.slice(part.off, part.off + part.len);
      if (part.isPlain) listAppendPlain(ks, fresh, copy, 0, copy.length);
      else listAppendPack(ks, fresh, copy, 0, copy.length);
      count++;
    }
    assert.equal(count, listPartCount(ks, old));
    listSettle(ks, fresh);
    recordDiscard(ks, old);
    this.rec = fresh;
  }

  copy(): void {
    const { ks } = this;
    const root = valueCopy(ks, recordMeta(ks.arena, this.rec), recordA(ks.arena, this.rec));
    const encoding = recordEncoding(ks.arena, this.rec);
    this.renew(encoding, root);
  }

  /** Goes on with what DUMP and RESTORE make of it. */
  restore(): void {
    const { ks, random } = this;
    if (this.model.length === 0) return;
    const old = this.rec;
    this.rec = reread(ks, old, NAME, random.chance(0.5));
    recordDiscard(ks, old);
  }

  verify(): void {
    const { ks, model } = this;
    const meta = recordMeta(ks.arena, this.rec);
    const root = recordA(ks.arena, this.rec);
    const blocks = valueVerify(ks, meta, root);
    assert.equal(ks.arena.liveBlocks, this.ownBlocks + 1 + blocks, "blocks leaked");
    assert.equal(listLength(ks, this.rec), model.length);
    assert.ok(valueBytes(ks, meta, root, 0) > 0);
    if (model.length === 0) return;
    for (const backwards of [false, true]) {
      this.cursor.start(ks, this.rec, backwards ? model.length - 1 : 0, backwards);
      const all: string[] = [];
      while (this.cursor.next()) {
        all.push(latin1(this.cursor.buf, this.cursor.off, this.cursor.len));
      }
      assert.deepEqual(backwards ? all.reverse() : all, model);
    }
  }

  finish(): void {
    const { ks } = this;
    const meta = recordMeta(ks.arena, this.rec);
    while (!valueFreeSlice(ks, meta, recordA(ks.arena, this.rec), this.random.below(20))) {
      valueVerify(ks, meta, recordA(ks.arena, this.rec));
    }
    assert.equal(ks.arena.liveBlocks, this.ownBlocks + 1, "blocks leaked at the end");
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  const { random } = fuzzer;
  for (let n = 0; n < operations; n++) {
    if (random.below(500) === 0) fuzzer.growing = !fuzzer.growing;
    if (fuzzer.model.length > 3000) fuzzer.growing = false;
    if (random.below(300) === 0) fuzzer.limits();
    const kind = random.below(100);
    if (kind < 40) {
      if (random.chance(fuzzer.growing ? 0.7 : 0.3)) fuzzer.push();
      else fuzzer.pop();
    } else if (kind < 55) fuzzer.insert();
    else if (kind < 67) fuzzer.replace();
    else if (kind < 75) fuzzer.remove();
    else if (kind < 80) {
      if (!fuzzer.growing || random.chance(0.3)) fuzzer.deleteRange();
    } else if (kind < 82) fuzzer.rebuild();
    else if (kind < 83) fuzzer.copy();
    else if (kind < 84) fuzzer.restore();
    else fuzzer.read();
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.finish();
}
