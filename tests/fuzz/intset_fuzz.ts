// intset_fuzz.ts: random additions and removals against a sorted array of BigInts, and the validator against noise.
//
// The set lies between guard bytes with exactly the room that intsetBytesWith asked for; after each step its bytes must
// be those that `setOf` makes of the array and the width it has reached. Noise must be judged as `isSet`, the naive
// reader, does, without a look outside of the range.

import assert from "node:assert/strict";
import { bytesEqual } from "../../lib/bytes/ascii.ts";
import {
  INTSET_HEADER,
  intsetAdd,
  intsetBytes,
  intsetBytesWith,
  intsetCount,
  intsetFind,
  intsetGet,
  intsetInit,
  intsetInsert,
  intsetMax,
  intsetMin,
  intsetRandom,
  intsetRemove,
  intsetRemoveAt,
  intsetSearch,
  intsetValidate,
  member,
} from "../../lib/engine/intset.ts";
import { SeededRandom } from "../kit/clock.ts";
import { watched } from "./listpack_fuzz.ts";

const GUARD = 0xa5;
const MEMBERS_MAX = 200;
const EDGES = [0n, 32767n, -32768n, 32768n, -32769n, 2147483647n, -2147483648n, 2147483648n]
  .concat([-2147483649n, 9223372036854775807n, -9223372036854775808n]);

function widthOf(value: bigint): number {
  return [2, 4, 8].find((bytes) => BigInt.asIntN(8 * bytes, value) === value) ?? 8;
}

/** The set of these members, which rise, with members of `width` bytes. */
export function setOf(
  members: readonly bigint[],
  width = Math.max(2, ...members.map(widthOf)),
): Uint8Array {
  const bytes = new Uint8Array(INTSET_HEADER + members.length * width);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width, true);
  view.setUint32(4, members.length, true);
  for (const [i, value] of members.entries()) {
    for (let n = 0; n < width; n++) {
      view.setUint8(INTSET_HEADER + i * width + n, Number((value >> BigInt(8 * n)) & 255n));
    }
  }
  return bytes;
}

function isSet(bytes: Uint8Array, deep: boolean): boolean {
  if (bytes.length < INTSET_HEADER) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if (![2, 4, 8].includes(width) || count === 0) return false;
  if (INTSET_HEADER + width * count !== bytes.length) return false;
  const members = Array.from({ length: count }, (_, i) => {
    const at = INTSET_HEADER + i * width;
    if (width === 2) return BigInt(view.getInt16(at, true));
    return width === 4 ? BigInt(view.getInt32(at, true)) : view.getBigInt64(at, true);
  });
  return !deep || members.every((value, i) => i === 0 || value > members[i - 1]);
}

function words(value: bigint): [lo: number, hi: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

function memberValue(): bigint {
  return (BigInt(member.hi) << 32n) | BigInt(member.lo >>> 0);
}

/** A value of at most `bits` bits. */
function randomValue(random: SeededRandom, bits: number): bigint {
  const fits = (value: bigint): boolean => BigInt.asIntN(bits, value) === value;
  if (random.chance(0.1)) {
    const edges = EDGES.filter(fits);
    return edges[random.below(edges.length)];
  }
  if (random.chance(0.5)) return BigInt(random.below(200) - 100);
  const all = (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
  return BigInt.asIntN(bits, all) >> BigInt(random.below(bits));
}

function checkReaders(
  buf: Uint8Array,
  off: number,
  members: readonly bigint[],
  random: SeededRandom,
): void {
  assert.equal(intsetCount(buf, off), members.length);
  for (const [i, value] of members.entries()) {
    intsetGet(buf, off, i);
    assert.equal(memberValue(), value);
    assert.equal(intsetSearch(buf, off, ...words(value)), i);
  }
  for (const value of [randomValue(random, 16), randomValue(random, 64)]) {
    const index = members.findIndex((other) => other >= value);
    const place = index < 0 ? members.length : index;
    const found = members[place] === value;
    assert.equal(intsetSearch(buf, off, ...words(value)), found ? place : ~place, `${value}`);
    assert.equal(intsetFind(buf, off, ...words(value)), found);
  }
  if (members.length === 0) return;
  intsetMin(buf, off);
  assert.equal(memberValue(), members[0]);
  intsetMax(buf, off);
  assert.equal(memberValue(), members[members.length - 1]);
  const bits = random.next32();
  intsetRandom(buf, off, bits);
  assert.equal(memberValue(), members[(bits >>> 0) % members.length]);
}

/** One round of noise for the validator. */
function noise(random: SeededRandom): void {
  let bytes = setOf(
    Array.from({ length: random.below(5) }, () => randomValue(random, 64)).sort((a, b) =>
      a < b ? -1 : 1
    ),
  );
  for (let n = random.below(3); n > 0; n--) {
    bytes[random.below(bytes.length)] = random.chance(0.5) ? random.below(256) : random.below(9);
  }
  if (random.chance(0.3)) bytes = bytes.slice(0, random.below(bytes.length + 1));
  const off = random.below(9);
  const buf = new Uint8Array(off + bytes.length + 9).map(() => random.below(256));
  buf.set(bytes, off);
  for (const deep of [false, true]) {
    const found = intsetValidate(watched(buf, off, bytes.length), off, bytes.length, deep);
    assert.equal(found, isSet(bytes, deep), `${bytes}`);
  }
}

/** One set from its beginning: how wide its members may get is drawn once. */
class Run {
  members: bigint[] = [];
  width = 2;
  buf: Uint8Array;
  off: number;
  readonly #random: SeededRandom;
  readonly #bits: number;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#bits = [16, 32, 64][random.below(3)];
    this.off = 1 + random.below(20);
    this.buf = new Uint8Array(this.off + INTSET_HEADER + 5).fill(GUARD);
    intsetInit(this.buf, this.off);
  }

  add(): string {
    const random = this.#random;
    const value = randomValue(random, this.#bits);
    const [lo, hi] = words(value);
    const isNew = !this.members.includes(value);
    const bytes = this.buf.slice(this.off, this.off + intsetBytes(this.buf, this.off));
    const room = isNew ? intsetBytesWith(this.buf, this.off, lo, hi) : bytes.length;
    this.off = 1 + random.below(20);
    this.buf = new Uint8Array(this.off + room + 5).fill(GUARD);
    this.buf.set(bytes, this.off);
    if (isNew && random.chance(0.5)) {
      const index = ~intsetSearch(this.buf, this.off, lo, hi);
      intsetInsert(this.buf, this.off, index, lo, hi);
    } else {
      assert.equal(intsetAdd(this.buf, this.off, lo, hi), isNew);
    }
    for (let i = 0; i < this.buf.length; i++) {
      if (i < this.off || i >= this.off + room) assert.equal(this.buf[i], GUARD, "left its room");
    }
    if (isNew) {
      this.members.push(value);
      this.members.sort((a, b) => a < b ? -1 : 1);
      this.width = Math.max(this.width, widthOf(value));
    }
    return `add ${value}`;
  }

  remove(): string {
    const random = this.#random;
    const index = random.below(this.members.length);
    const known = random.chance(0.8);
    const value = known ? this.members[index] : randomValue(random, 64);
    if (known && random.chance(0.5)) {
      intsetRemoveAt(this.buf, this.off, index);
    } else {
      const found = this.members.includes(value);
      assert.equal(intsetRemove(this.buf, this.off, ...words(value)), found);
    }
    this.members = this.members.filter((other) => other !== value);
    return `remove ${value}`;
  }

  check(): void {
    const { buf, off } = this;
    const size = intsetBytes(buf, off);
    const want = setOf(this.members, this.width);
    assert.equal(size, want.length);
    assert.ok(bytesEqual(buf, off, want, 0, size), "other bytes than the model's");
    assert.equal(intsetValidate(buf, off, size, true), this.members.length > 0);
    checkReaders(buf, off, this.members, this.#random);
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const random = new SeededRandom(seed);
  let run = new Run(random);
  let growing = true;
  for (let n = 0; n < operations; n++) {
    if (random.below(400) === 0) {
      run = new Run(random);
      log("new set");
    }
    if (run.members.length > MEMBERS_MAX) growing = false;
    else if (random.below(100) === 0) growing = true;
    const adds = run.members.length === 0 || random.chance(growing ? 0.7 : 0.3);
    log(adds ? run.add() : run.remove());
    run.check();
    noise(random);
  }
}
