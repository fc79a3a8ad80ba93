// hyperloglog_fuzz.ts: random HyperLogLogs in a keyspace against arrays of registers.
//
// Elements are added by their own hash and registers raised at will, under limits that keep values sparse or make them
// dense early. After each step the registers read back from the bytes must be those of the model, sparse values must
// stay below the limit, and now and then the keyspace is verified and all blocks counted.

import assert from "node:assert/strict";
import { fromLatin1 } from "../../lib/bytes/ascii.ts";
import {
  HLL_CORRUPT,
  HLL_DENSE,
  HLL_EMPTY_BYTES,
  HLL_REGISTERS,
  HLL_SPARSE,
  hllAdd,
  hllCountOf,
  hllEncoding,
  hllInit,
  hllIsValid,
  hllMerge,
  hllRaise,
  hllRegister,
  hllToDense,
} from "../../lib/engine/hyperloglog.ts";
import { hllEstimate, hllEstimateRegisters } from "../../lib/engine/hyperloglog_estimate.ts";
import { keyDelete, keyHash, Keyspace } from "../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { rawCreate, rawStore, rawView, stringView, view } from "../../lib/engine/string.ts";
import { SeededRandom } from "../kit/clock.ts";

const KEYS = 4;
const LIMITS = [0, 18, 40, 200, 3000, 20000];
const VERIFY_EVERY = 500;

function below(random: SeededRandom, limit: number): number {
  return (random.next32() >>> 0) % limit;
}

interface Entry {
  rec: number;
  model: Uint8Array;
}

function create(ks: Keyspace, key: Uint8Array): number {
  const value = rawCreate(ks, HLL_EMPTY_BYTES);
  rawView(ks, value);
  hllInit(view.buf, view.off);
  const hash = keyHash(ks, key, 0, key.length);
  return rawStore(ks, ks.dbs[0], hash, 0, key, 0, key.length, value, false);
}

function check(ks: Keyspace, entry: Entry): void {
  stringView(ks, entry.rec);
  const { buf, off, len } = view;
  assert.ok(hllIsValid(buf, off, len));
  const registers = new Uint8Array(HLL_REGISTERS);
  assert.ok(hllMerge(buf, off, len, registers), "corrupted");
  assert.deepEqual(registers, entry.model);
  const kept = new Int32Array(2);
  const wanted = new Int32Array(2);
  assert.ok(hllEstimate(buf, off, len, kept));
  hllEstimateRegisters(registers, wanted);
  assert.deepEqual(kept, wanted);
}

/** One change of an entry and its model; returns what it was. */
function step(ks: Keyspace, entry: Entry, random: SeededRandom): string {
  const raise = (index: number, count: number) => {
    const result = entry.model[index] < count ? 1 : 0;
    entry.model[index] = Math.max(entry.model[index], count);
    return result;
  };
  const kind = below(random, 16);
  if (kind === 0) {
    assert.ok(hllToDense(ks, entry.rec));
    return "to dense";
  }
  if (kind < 10) {
    const text = fromLatin1(`element ${below(random, 100000)}`);
    const count = hllCountOf(text, 0, text.length);
    const wanted = raise(hllRegister(), count);
    assert.equal(hllAdd(ks, entry.rec, text, 0, text.length), wanted);
    return "add";
  }
  // Registers near to each other and few counts, for runs that split and join; seldom a count only dense values hold.
  const index = kind < 15 ? below(random, 40) : below(random, HLL_REGISTERS);
  const count = below(random, 400) === 0 ? 33 + below(random, 19) : 1 + below(random, 4);
  const wanted = raise(index, count);
  const result = hllRaise(ks, entry.rec, index, count);
  assert.notEqual(result, HLL_CORRUPT);
  assert.equal(result, wanted);
  return `raise ${index} ${count}`;
}

export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const random = new SeededRandom(seed);
  const ks = new Keyspace(1, Int32Array.of(seed, 7), () => random.next32());
  const blocksBefore = ks.arena.usedBytes;
  const entries: (Entry | undefined)[] = new Array(KEYS).fill(undefined);
  for (let n = 0; n < operations; n++) {
    if (n % 100 === 0) ks.limits.hllSparseMaxBytes = LIMITS[below(random, LIMITS.length)];
    const slot = below(random, KEYS);
    const key = fromLatin1(`key${slot}`);
    let entry = entries[slot];
    if (entry !== undefined && below(random, 300) === 0) {
      log(`${n}: delete ${slot}`);
      keyDelete(ks, ks.dbs[0], keyHash(ks, key, 0, key.length), entry.rec);
      entries[slot] = undefined;
      continue;
    }
    if (entry === undefined) {
      entry = { rec: create(ks, key), model: new Uint8Array(HLL_REGISTERS) };
      entries[slot] = entry;
    }
    stringView(ks, entry.rec);
    const before = view.len;
    const wasDense = hllEncoding(view.buf, view.off) === HLL_DENSE;
    log(`${n}: key ${slot}, ${step(ks, entry, random)}`);
    stringView(ks, entry.rec);
    const isSparse = hllEncoding(view.buf, view.off) === HLL_SPARSE;
    assert.ok(!(wasDense && isSparse), "dense values stay dense");
    if (isSparse) assert.ok(view.len <= Math.max(before, ks.limits.hllSparseMaxBytes));
    if (n % 20 === 0) check(ks, entry);
    if (n % VERIFY_EVERY === 0) keyspaceVerify(ks);
  }
  for (const [slot, entry] of entries.entries()) {
    if (entry === undefined) continue;
    check(ks, entry);
    const key = fromLatin1(`key${slot}`);
    keyDelete(ks, ks.dbs[0], keyHash(ks, key, 0, key.length), entry.rec);
  }
  keyspaceVerify(ks);
  assert.equal(ks.arena.usedBytes, blocksBefore, "blocks leaked");
}
