// record_bucket.ts: chains of buckets whose entries are key records: eight entries with their whole hashes.
//
//    word 0       1             7        8         9              15
//   +--------+--------+ ... +--------+---------+---------+ ... +---------+
//   | hash 0 | hash 1 |     | hash 7 | entry 0 | entry 1 |     | entry 7 |
//   +--------+--------+ ... +--------+---------+---------+ ... +---------+
//
//   hash  : 31 bits, so never negative.
//   entry : handle of a record, 0 = slot not used. Used slots come first, without holes.
//   chain : when hash 7 is negative (CHAINED), entry 7 is the handle of the next bucket and only 7 slots hold entries.
//
// Splitting a bucket reads no record, and a look-up looks at no record in vain. The functions take the first bucket of a
// chain and say how many buckets they chained or freed, for the table's books.

import { type Arena, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { bucketCreate, chain, chainRoom, slot } from "./bucket.ts";

export const RECORD_SLOTS = 8;
/** The word of the first entry. */
export const RECORD_ENTRIES = 8;
/** The slot that links when its hash is negative. */
export const RECORD_LINK = 7;
const CHAINED = -2147483648;

/** Adds an entry to a chain. Returns 1 when that took a new bucket, else 0. */
export function recordAppend(arena: Arena, head: number, hash: number, entry: number): number {
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    if (words[b + RECORD_LINK] < 0) {
      bucket = words[b + RECORD_ENTRIES + RECORD_LINK];
      continue;
    }
    for (let i = 0; i < RECORD_SLOTS; i++) {
      if (words[b + RECORD_ENTRIES + i] === 0) {
        words[b + i] = hash;
        words[b + RECORD_ENTRIES + i] = entry;
        return 0;
      }
    }
    const next = bucketCreate(arena);
    const nextWords = arena.i32[next >>> SEGMENT_SHIFT];
    const n = (next & UNIT_MASK) << 2;
    nextWords[n] = words[b + RECORD_LINK];
    nextWords[n + RECORD_ENTRIES] = words[b + RECORD_ENTRIES + RECORD_LINK];
    nextWords[n + 1] = hash;
    nextWords[n + RECORD_ENTRIES + 1] = entry;
    words[b + RECORD_LINK] = CHAINED;
    words[b + RECORD_ENTRIES + RECORD_LINK] = next;
    return 1;
  }
}

/** The first entry with this hash in the bucket at words[b], or 0: most likely that of the key, which is not compared. */
export function recordGuess(words: Int32Array, b: number, hash: number): number {
  // Without branches: where in the bucket it is cannot be foreseen.
  let found = 0;
  for (let i = b + RECORD_SLOTS - 1; i >= b; i--) {
    const difference = words[i] ^ hash;
    const differs = (difference | (0 - difference)) >> 31;
    found = (found & differs) | (words[i + RECORD_ENTRIES] & ~differs);
  }
  return found;
}

/** Finds the slot of an entry. Returns false when it is not in the chain. */
export function recordLocate(arena: Arena, head: number, entry: number): boolean {
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + RECORD_LINK] < 0;
    const slots = chained ? RECORD_LINK : RECORD_SLOTS;
    for (let i = 0; i < slots; i++) {
      if (words[b + RECORD_ENTRIES + i] === entry) {
        slot.bucket = bucket;
        slot.word = RECORD_ENTRIES + i;
        return true;
      }
    }
    if (!chained) return false;
    bucket = words[b + RECORD_ENTRIES + RECORD_LINK];
  }
}

/**
 * Empties `slot` by moving the last entry of the chain into it. Returns 1 when that freed a chained bucket, else 0.
 */
export function recordRemove(arena: Arena, head: number): number {
  let before = 0;
  let last = head;
  let words = arena.i32[last >>> SEGMENT_SHIFT];
  let l = (last & UNIT_MASK) << 2;
  while (words[l + RECORD_LINK] < 0) {
    before = last;
    last = words[l + RECORD_ENTRIES + RECORD_LINK];
    words = arena.i32[last >>> SEGMENT_SHIFT];
    l = (last & UNIT_MASK) << 2;
  }
  let i = RECORD_SLOTS - 1;
  while (words[l + RECORD_ENTRIES + i] === 0) i--;
  const { bucket } = slot;
  const index = slot.word - RECORD_ENTRIES;
  const hash = words[l + i];
  const entry = words[l + RECORD_ENTRIES + i];
  words[l + i] = 0;
  words[l + RECORD_ENTRIES + i] = 0;
  if (last !== bucket || i !== index) {
    const target = arena.i32[bucket >>> SEGMENT_SHIFT];
    const t = (bucket & UNIT_MASK) << 2;
    target[t + index] = hash;
    target[t + RECORD_ENTRIES + index] = entry;
  }
  if (i > 0 || before === 0) return 0;
  const beforeWords = arena.i32[before >>> SEGMENT_SHIFT];
  const b = (before & UNIT_MASK) << 2;
  beforeWords[b + RECORD_LINK] = 0;
  beforeWords[b + RECORD_ENTRIES + RECORD_LINK] = 0;
  arenaFree(arena, last);
  return 1;
}

function recordNext(arena: Arena, bucket: number): number {
  const words = arena.i32[bucket >>> SEGMENT_SHIFT];
  const b = (bucket & UNIT_MASK) << 2;
  return words[b + RECORD_LINK] < 0 ? words[b + RECORD_ENTRIES + RECORD_LINK] : 0;
}

/** Frees the chained buckets behind `head`. Returns how many there were. */
export function recordFree(arena: Arena, head: number): number {
  let freed = 0;
  for (let bucket = recordNext(arena, head); bucket !== 0; freed++) {
    const next = recordNext(arena, bucket);
    arenaFree(arena, bucket);
    bucket = next;
  }
  return freed;
}

/** Copies the entries and hashes of a chain into `chain`. Returns how many there are. */
export function recordRead(arena: Arena, head: number): number {
  let count = 0;
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + RECORD_LINK] < 0;
    const slots = chained ? RECORD_LINK : RECORD_SLOTS;
    chainRoom(count);
    for (let i = 0; i < slots; i++) {
      const entry = words[b + RECORD_ENTRIES + i];
      if (entry === 0) break;
      chain.entries[count] = entry;
      chain.hashes[count++] = words[b + i];
    }
    if (!chained) break;
    bucket = words[b + RECORD_ENTRIES + RECORD_LINK];
  }
  chain.count = count;
  return count;
}

/** Checks the form of chain number `index`. Returns the number of chained buckets. */
export function recordVerify(arena: Arena, head: number, index: number): number {
  let links = 0;
  let bucket = head;
  for (;;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const chained = words[b + RECORD_LINK] < 0;
    let hole = false;
    for (let i = 0; i < (chained ? RECORD_LINK : RECORD_SLOTS); i++) {
      const empty = words[b + RECORD_ENTRIES + i] === 0;
      if (hole && !empty) throw new Error(`dict: hole in bucket ${index}`);
      hole = hole || empty;
    }
    if (!chained) return links;
    if (hole) throw new Error(`dict: hole before a link in bucket ${index}`);
    links++;
    bucket = words[b + RECORD_ENTRIES + RECORD_LINK];
    if (arena.i32[bucket >>> SEGMENT_SHIFT][((bucket & UNIT_MASK) << 2) + RECORD_ENTRIES] === 0) {
      throw new Error(`dict: empty link at bucket ${index}`);
    }
  }
}
