// listpack_fuzz.ts: random edits of a listpack against an array of strings, and its validator against noise.
//
// The listpack lies in a larger array between guard bytes, at an odd place that changes, with exactly the room that the
// size functions asked for. After each step its bytes must be those that `packOf` makes of the array: an encoder of its
// own, written for shortness. Noise is random bytes, and listpacks with some bytes changed; `Watched` throws on any
// look outside of the range, and `unpack`, the naive reader, must agree with the validator.

import assert from "node:assert/strict";
import { bytesEqual, fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import {
  entry,
  LISTPACK_BYTES_MIN,
  LISTPACK_NONE,
  listpackAppend,
  listpackAppendInt,
  listpackBytes,
  listpackCount,
  listpackDelete,
  listpackDeleteEntries,
  listpackDeleteMany,
  listpackDeleteRange,
  listpackEncodedSize,
  listpackEncodedSizeInt,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEntrySize,
  listpackEqualsAt,
  listpackFind,
  listpackFirst,
  listpackGet,
  listpackInit,
  listpackInsert,
  listpackInsertInt,
  listpackInsertRun,
  listpackLast,
  listpackMerge,
  listpackMergedSize,
  listpackNext,
  listpackPrepend,
  listpackPrependInt,
  listpackPrev,
  listpackReplace,
  listpackReplaceInt,
  listpackSeek,
  listpackSeekMany,
  listpackShortLength,
  listpackSkip,
  listpackText,
  listpackValidate,
} from "../../lib/engine/listpack.ts";
import { SeededRandom } from "../kit/clock.ts";

const GUARD = 0xa5;
const ENTRIES_MAX = 80;
const COUNT = 4;
const HEADER = 6;
const END = 0xff;
const UNKNOWN = 0xffff;

// ---- the model: encoding and reading without cleverness

/** The integer a string is stored as, if it is one. */
export function integerOf(value: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]*)$/.test(value)) return undefined;
  const number = BigInt(value);
  return BigInt.asIntN(64, number) === number ? number : undefined;
}

function littleEndian(number: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

function backOf(body: number): number[] {
  const back = [body % 128];
  for (let rest = Math.floor(body / 128); rest > 0; rest = Math.floor(rest / 128)) {
    back.push(rest % 128);
  }
  return back.map((byte, i) => i < back.length - 1 ? byte | 128 : byte).reverse();
}

function bodyOf(value: string): number[] {
  const number = integerOf(value);
  if (number === undefined) {
    const bytes = [...fromLatin1(value)];
    if (bytes.length < 64) return [0x80 + bytes.length, ...bytes];
    if (bytes.length < 4096) return [0xe0 + (bytes.length >> 8), bytes.length & 255, ...bytes];
    return [0xf0, ...littleEndian(BigInt(bytes.length), 4), ...bytes];
  }
  if (number >= 0n && number < 128n) return [Number(number)];
  if (BigInt.asIntN(13, number) === number) {
    const low = Number(BigInt.asUintN(13, number));
    return [0xc0 + (low >> 8), low & 255];
  }
  const bits = [16, 24, 32].find((n) => BigInt.asIntN(n, number) === number) ?? 64;
  const head = [16, 24, 32, 64].indexOf(bits) + 0xf1;
  return [head, ...littleEndian(BigInt.asUintN(64, number), bits / 8)];
}

/** The bytes of one entry. */
export function entryOf(value: string): Uint8Array {
  const body = bodyOf(value);
  return Uint8Array.from([...body, ...backOf(body.length)]);
}

/** The listpack of these entries; `count` where the header shall say something else. */
export function packEntries(entries: readonly Uint8Array[], count?: number): Uint8Array {
  const total = entries.reduce((sum, bytes) => sum + bytes.length, HEADER + 1);
  const pack = new Uint8Array(total);
  const view = new DataView(pack.buffer);
  view.setUint32(0, total, true);
  view.setUint16(4, count ?? Math.min(entries.length, UNKNOWN), true);
  let at = HEADER;
  for (const bytes of entries) {
    pack.set(bytes, at);
    at += bytes.length;
  }
  pack[at] = END;
  return pack;
}

/** The listpack of these values; `count` where the header shall say something else. */
export function packOf(values: readonly string[], count?: number): Uint8Array {
  return packEntries(values.map(entryOf), count);
}

function integerText(bytes: Uint8Array, bits: number): string {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) number = number * 256n + BigInt(bytes[i]);
  return String(BigInt.asIntN(bits, number));
}

/** What a listpack holds, or undefined when it is none. */
export function unpack(pack: Uint8Array): string[] | undefined {
  if (pack.length < HEADER + 1 || pack[pack.length - 1] !== END) return undefined;
  const view = new DataView(pack.buffer, pack.byteOffset, pack.length);
  if (view.getUint32(0, true) !== pack.length) return undefined;
  const values: string[] = [];
  let at = HEADER;
  while (at < pack.length - 1) {
    const head = pack[at];
    let headBytes = 1;
    let length: number;
    let bits = 0;
    const left = pack.length - 1 - at;
    if (head < 0x80) length = 0;
    else if (head < 0xc0) length = head - 0x80;
    else if (head < 0xe0) [length, bits] = [1, 13];
    else if (head < 0xf0) {
      if (left < 2) return undefined;
      headBytes = 2;
      length = (head - 0xe0) * 256 + pack[at + 1];
    } else if (head === 0xf0) {
      if (left < 5) return undefined;
      headBytes = 5;
      length = view.getUint32(at + 1, true);
    } else if (head <= 0xf4) {
      length = [2, 3, 4, 8][head - 0xf1];
      bits = length * 8;
    } else return undefined;
    const body = headBytes + length;
    const back = backOf(body);
    if (body + back.length > left) return undefined;
    for (const [i, byte] of back.entries()) if (pack[at + body + i] !== byte) return undefined;
    const payload = pack.slice(at + headBytes, at + body);
    if (head < 0x80) values.push(String(head));
    else if (bits === 13) {
      values.push(integerText(Uint8Array.of(payload[0], head & 31), 13));
    } else if (bits > 0) values.push(integerText(payload, bits));
    else values.push(latin1(payload, 0, payload.length));
    at += body + back.length;
  }
  const count = view.getUint16(4, true);
  return count === UNKNOWN || count === values.length ? values : undefined;
}

/** The same bytes, but looking at or writing to anything outside of [off, off + len) throws. */
export function watched(bytes: Uint8Array, off: number, len: number): Uint8Array {
  const check = (key: string | symbol): void => {
    if (typeof key === "symbol" || !/^-?[0-9]+$|^NaN$/.test(key)) return;
    const index = Number(key);
    if (!(index >= off && index < off + len)) throw new Error(`byte ${key} of ${off}+${len}`);
  };
  return new Proxy(bytes, {
    get(target, key) {
      check(key);
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, key, value) {
      check(key);
      return Reflect.set(target, key, value, target);
    },
  });
}

// ---- random values

const EDGES = [0n, 127n, 128n, 4095n, 4096n, 32767n, 32768n, 8388607n, 8388608n, 2147483647n]
  .concat([2147483648n, 9007199254740992n, 9223372036854775807n]);
const TEXTS = ["", "-", "-0", "00", "01", "+1", " 1", "1 ", "1.5", "9223372036854775808"];

function randomInteger(random: SeededRandom): bigint {
  const kind = random.below(3);
  if (kind === 0) {
    const edge = EDGES[random.below(EDGES.length)];
    return random.chance(0.5) ? edge : -edge - BigInt(random.below(2));
  }
  if (kind === 1) return BigInt(random.below(40) - 10);
  const all = (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
  return BigInt.asIntN(64, all) >> BigInt(random.below(64));
}

function randomText(random: SeededRandom): string {
  const kind = random.below(100);
  if (kind < 10) return TEXTS[random.below(TEXTS.length)];
  const len = kind < 70
    ? random.below(12)
    : kind < 90
    ? 55 + random.below(80)
    : kind < 98
    ? random.below(300)
    : [4090 + random.below(12), 16370 + random.below(20)][random.below(2)];
  const from = random.chance(0.5) ? 97 : 0;
  const range = from === 97 ? 3 : 256;
  return latin1(Uint8Array.from({ length: len }, () => from + random.below(range)), 0, len);
}

/** A value, and whether it is to be added by the functions for integers. */
function randomValue(random: SeededRandom): { value: string; asInt: boolean } {
  if (random.chance(0.6)) return { value: randomText(random), asInt: false };
  return { value: String(randomInteger(random)), asInt: random.chance(0.5) };
}

// ---- the listpack under test

/** A listpack between guard bytes, with no room but what was asked for. */
class Pack {
  buf = new Uint8Array(0);
  off = 0;
  /** Whether the header does not tell the number of entries. */
  unknown = false;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#place(LISTPACK_BYTES_MIN, new Uint8Array(0));
    listpackInit(this.buf, this.off);
  }

  #place(room: number, bytes: Uint8Array): void {
    const before = 1 + this.#random.below(40);
    this.buf = new Uint8Array(before + room + 1 + this.#random.below(8)).fill(GUARD);
    this.buf.set(bytes, before);
    this.off = before;
    this.buf.fill(0, before + bytes.length, before + room);
  }

  bytes(): Uint8Array {
    return this.buf.slice(this.off, this.off + listpackBytes(this.buf, this.off));
  }

  /** Moves it to where it has `room` bytes. Returns how far positions moved. */
  room(room: number): number {
    const old = this.off;
    const bytes = this.bytes();
    this.#place(Math.max(room, bytes.length), bytes);
    return this.off - old;
  }

  /** Checks what lies around `room` bytes. */
  guarded(room: number): void {
    for (let i = 0; i < this.off; i++) assert.equal(this.buf[i], GUARD, "wrote in front");
    for (let i = this.off + room; i < this.buf.length; i++) {
      assert.equal(this.buf[i], GUARD, "wrote behind");
    }
  }

  /** Position of the entry with this index or of the end. */
  position(index: number): number {
    const at = listpackSeek(this.buf, this.off, index);
    return at === LISTPACK_NONE ? listpackEnd(this.buf, this.off) : at;
  }

  /** Makes the number of entries unknown, or known again. */
  toggleCount(count: number): string {
    this.unknown = !this.unknown;
    if (this.unknown) this.buf.fill(0xff, this.off + COUNT, this.off + COUNT + 2);
    else assert.equal(listpackCount(this.buf, this.off), count);
    return `unknown ${this.unknown}`;
  }
}

function words(value: string): [lo: number, hi: number] {
  const number = BigInt(value);
  return [Number(BigInt.asIntN(32, number)), Number(BigInt.asIntN(32, number >> 32n))];
}

/** Adds or replaces one value at a random place; checks room and returned size. */
function edit(random: SeededRandom, pack: Pack, model: string[], replace: boolean): string {
  const { value, asInt } = randomValue(random);
  const src = fromLatin1(`<${value}>`);
  const len = value.length;
  const index = random.below(model.length + (replace ? 0 : 1));
  const [lo, hi] = asInt ? words(value) : [0, 0];
  const size = asInt ? listpackEncodedSizeInt(lo, hi) : listpackEncodedSize(src, 1, len);
  assert.ok(listpackEncodedSizeMax(len) >= size);
  const old = replace ? listpackEntrySize(pack.buf, pack.position(index)) : 0;
  const total = listpackBytes(pack.buf, pack.off) + size - old;
  const room = Math.max(total, total - size + old);
  pack.room(room);
  const at = pack.position(index);
  const { buf, off } = pack;
  let written: number;
  if (replace) {
    written = asInt
      ? listpackReplaceInt(buf, off, at, lo, hi)
      : listpackReplace(buf, off, at, src, 1, len);
  } else if (index === model.length && random.chance(0.5)) {
    written = asInt ? listpackAppendInt(buf, off, lo, hi) : listpackAppend(buf, off, src, 1, len);
  } else if (index === 0 && random.chance(0.5)) {
    written = asInt ? listpackPrependInt(buf, off, lo, hi) : listpackPrepend(buf, off, src, 1, len);
  } else {
    written = asInt
      ? listpackInsertInt(buf, off, at, lo, hi)
      : listpackInsert(buf, off, at, src, 1, len);
  }
  assert.equal(written, size);
  assert.equal(written, entryOf(value).length);
  pack.guarded(room);
  model.splice(index, replace ? 1 : 0, value);
  return `${replace ? "replace" : "insert"} ${index} ${JSON.stringify(value)}`;
}

function remove(random: SeededRandom, pack: Pack, model: string[]): string {
  const { buf, off } = pack;
  const index = random.below(model.length);
  const at = pack.position(index);
  const count = random.below(6);
  const kind = random.below(4);
  if (kind === 0) {
    const next = listpackDelete(buf, off, at);
    model.splice(index, 1);
    assert.equal(next, index < model.length ? at : LISTPACK_NONE);
    return `delete ${index}`;
  }
  const expected = Math.min(count, model.length - index);
  if (kind === 1) {
    assert.equal(listpackDeleteEntries(buf, off, at, count), expected);
    model.splice(index, count);
    return `delete entries ${index} ${count}`;
  }
  if (kind === 2) {
    const from = random.chance(0.5) ? index : index - model.length;
    assert.equal(listpackDeleteRange(buf, off, from, count), expected);
    model.splice(index, count);
    return `delete range ${from} ${count}`;
  }
  const picked = [...model.keys()].filter(() => random.chance(0.1));
  const positions = Int32Array.from(picked);
  listpackSeekMany(buf, off, positions, picked.length);
  listpackDeleteMany(buf, off, positions, picked.length);
  for (const i of picked.reverse()) model.splice(i, 1);
  return `delete many ${picked}`;
}

/** Moves a run of entries from another listpack in, or joins both. */
function join(random: SeededRandom, pack: Pack, model: string[]): string {
  const values = Array.from({ length: random.below(6) }, () => randomValue(random).value);
  const other = packOf(values, random.chance(0.5) ? UNKNOWN : values.length);
  const src = Uint8Array.from([1, 2, 3, ...other]);
  if (random.chance(0.5)) {
    const room = listpackMergedSize(pack.buf, pack.off, src, 3);
    pack.room(room);
    listpackMerge(pack.buf, pack.off, src, 3);
    pack.unknown = false;
    pack.guarded(room);
    model.push(...values);
    return `merge ${JSON.stringify(values)}`;
  }
  const index = random.below(model.length + 1);
  const first = random.below(values.length + 1);
  const count = random.below(values.length - first + 1);
  const from = listpackSkip(src, 3 + HEADER, first);
  const to = listpackSkip(src, from, count);
  const room = listpackBytes(pack.buf, pack.off) + to - from;
  pack.room(room);
  listpackInsertRun(pack.buf, pack.off, pack.position(index), src, from, to, count);
  pack.guarded(room);
  model.splice(index, 0, ...values.slice(first, first + count));
  return `run ${index} ${JSON.stringify(values.slice(first, first + count))}`;
}

// ---- checks

function assertSameBytes(got: Uint8Array, want: Uint8Array): void {
  assert.equal(got.length, want.length);
  assert.ok(bytesEqual(got, 0, want, 0, got.length), "other bytes than the model's");
}

/** Both directions, all readers, against the values. */
export function checkWalk(buf: Uint8Array, off: number, values: readonly string[]): number[] {
  const positions: number[] = [];
  let at = listpackFirst(buf, off);
  for (const value of values) {
    assert.notEqual(at, LISTPACK_NONE);
    positions.push(at);
    const size = listpackGet(buf, at);
    if (entry.isInt) {
      const number = (BigInt(entry.hi) << 32n) | BigInt(entry.lo >>> 0);
      assert.equal(String(number), value);
    } else {
      assert.equal(latin1(buf, entry.off, entry.len), value);
    }
    const isShort = buf[at] >> 6 === 2;
    assert.equal(listpackShortLength(buf, at), isShort ? value.length : -1);
    if (isShort) assert.equal(at + 1, entry.off);
    assert.equal(listpackText(buf, at), size);
    assert.equal(latin1(entry.buf, entry.off, entry.len), value);
    assert.equal(listpackEntrySize(buf, at), size);
    at = listpackNext(buf, at);
  }
  assert.equal(at, LISTPACK_NONE);
  at = listpackLast(buf, off);
  for (let i = values.length - 1; i >= 0; i--) {
    assert.equal(at, positions[i]);
    at = listpackPrev(buf, off, at);
  }
  assert.equal(at, LISTPACK_NONE);
  return positions;
}

function checkSearch(random: SeededRandom, pack: Pack, values: readonly string[]): void {
  const { buf, off } = pack;
  const positions = checkWalk(buf, off, values);
  const skip = random.below(3);
  const known = values.length > 0 && random.chance(0.7);
  const value = known ? values[random.below(values.length)] : randomValue(random).value;
  const start = random.below(values.length + 1);
  const from = start === values.length ? listpackEnd(buf, off) : positions[start];
  const bytes = fromLatin1(`<${value}>`);
  let found = -1;
  for (let i = start; i < values.length && found < 0; i += 1 + skip) {
    if (values[i] === value) found = i;
  }
  const at = listpackFind(buf, from, bytes, 1, value.length, skip);
  assert.equal(at, found < 0 ? LISTPACK_NONE : positions[found], `find ${value}`);
  for (const [i, other] of values.entries()) {
    const equal = listpackEqualsAt(buf, positions[i], bytes, 1, value.length);
    assert.equal(equal, other === value);
  }
  const index = random.below(2 * values.length + 3) - values.length - 1;
  const expected = values.length === 0 ? undefined : positions.at(index);
  assert.equal(listpackSeek(buf, off, index), expected ?? LISTPACK_NONE, `seek ${index}`);
  const picks = Array.from({ length: random.below(8) }, () => random.below(values.length + 2))
    .sort((a, b) => a - b);
  const many = Int32Array.from(picks);
  listpackSeekMany(buf, off, many, picks.length);
  assert.deepEqual([...many], picks.map((i) => positions[i] ?? LISTPACK_NONE));
}

/** One round of noise for the validator. */
function noise(random: SeededRandom): void {
  const values = Array.from({ length: random.below(5) }, () => randomValue(random).value)
    .filter((value) => value.length < 300);
  let pack: Uint8Array = packOf(values);
  const kind = random.below(4);
  if (kind === 0) {
    // Bytes that only look like a listpack from outside.
    pack = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    if (pack.length > HEADER) pack.set([pack.length, 0, 0, 0, 255, 255]);
    if (pack.length > 0) pack[pack.length - 1] = END;
  } else {
    for (let n = random.below(4); n > 0; n--) {
      const at = random.below(pack.length);
      pack[at] = random.chance(0.5) ? random.below(256) : pack[at] ^ (1 << random.below(8));
    }
    if (kind === 1) pack = pack.slice(0, random.below(pack.length + 1));
  }
  const off = random.below(9);
  const buf = new Uint8Array(off + pack.length + 9).map(() => random.below(256));
  buf.set(pack, off);
  const bytes = watched(buf, off, pack.length);
  const expected = unpack(pack);
  assert.equal(listpackValidate(bytes, off, pack.length, true), expected !== undefined, `${pack}`);
  const shallow = listpackValidate(bytes, off, pack.length, false);
  if (expected === undefined) return;
  assert.ok(shallow);
  checkWalk(bytes, off, expected);
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number, log: (text: string) => void): void {
  const random = new SeededRandom(seed);
  const pack = new Pack(random);
  const model: string[] = [];
  const encoded = new Map<string, Uint8Array>();
  let growing = true;
  for (let n = 0; n < operations; n++) {
    if (model.length > ENTRIES_MAX) growing = false;
    else if (model.length === 0 || random.below(100) === 0) growing = true;
    const kind = random.below(100);
    if (model.length === 0 || kind < (growing ? 60 : 20)) {
      log(edit(random, pack, model, false));
    } else if (kind < 75) {
      log(edit(random, pack, model, true));
    } else if (kind < 80) {
      log(join(random, pack, model));
    } else {
      log(remove(random, pack, model));
    }
    if (random.below(20) === 0) log(pack.toggleCount(model.length));
    const bytes = pack.bytes();
    const { buf, off } = pack;
    assert.ok(listpackValidate(buf, off, bytes.length, true), "not valid");
    const entries = model.map((value) => {
      const known = encoded.get(value) ?? entryOf(value);
      encoded.set(value, known);
      return known;
    });
    assertSameBytes(bytes, packEntries(entries, pack.unknown ? UNKNOWN : undefined));
    checkSearch(random, pack, model);
    noise(random);
  }
}
