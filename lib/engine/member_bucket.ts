// member_bucket.ts: chains of buckets whose entries are members of a value: ten entries, each with 16 bits of its hash.
//
// WHY NOT whole hashes as for records: a set's member of 13 bytes is a block of 16, so 4 bytes of hash are a good part of
// what it costs. A tag that agrees by chance means one look at a member in vain, one time in 500 or less.
//
//    word 0                1                 4                 5         6             14         15
//   +--------+--------+--------+--------+ ... +--------+--------+---------+---------+ ... +---------+------+
//   | tag 0  | tag 1  | tag 2  | tag 3  |     | tag 8  | tag 9  | entry 0 | entry 1 |     | entry 9 | link |
//   +--------+--------+--------+--------+ ... +--------+--------+---------+---------+ ... +---------+------+
//    low 16   high 16
//
//   tag   : 16 bits of the hash from bit `window` on; which one that is the table knows (dict.ts).
//   entry : handle of a member, 0 = slot not used. Used slots come first, without holes, their chain's last bucket apart.
//   link  : handle of the next bucket, 0 = last. Only the last one has free slots; unless it is the first it has entries.
//
// EXAMPLE   one entry 0x00000123 with tag 0xbeef:   0000beef 0 0 0 0  00000123 0 0 0 0 0 0 0 0 0  0
//
// The functions take the first bucket of a chain and say how many buckets they chained or freed, for the table's books.

import { type Arena, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { bucketCreate, chain, chainRoom, slot } from "./bucket.ts";

export const MEMBER_SLOTS = 10;
/** Words of tags, two in each. */
export const MEMBER_TAG_WORDS = 5;
/** The word of the first entry. */
export const MEMBER_ENTRIES = 5;
/** The word of the link. */
export const MEMBER_LINK = 15;
export const TAG_BITS = 16;
export const TAG_MASK = 0xffff;

if (MEMBER_ENTRIES + MEMBER_SLOTS !== MEMBER_LINK) throw new Error("member bucket: layout is off");

/** The last bucket of a chain. */
function lastOf(arena: Arena, head: number): number {
  let bucket = head;
  for (;;) {
    const next = memberNext(arena, bucket);
    if (next === 0) return bucket;
    bucket = next;
  }
}

function memberNext(arena: Arena, bucket: number): number {
  return arena.i32[bucket >>> SEGMENT_SHIFT][((bucket & UNIT_MASK) << 2) + MEMBER_LINK];
}

/** Writes a slot of the bucket at words[b]; entry 0 empties it. */
function setSlot(words: Int32Array, b: number, index: number, tag: number, entry: number): void {
  const shift = (index & 1) << 4;
  const at = b + (index >> 1);
  words[at] = (words[at] & ~(TAG_MASK << shift)) | (tag << shift);
  words[b + MEMBER_ENTRIES + index] = entry;
}

function tagOf(words: Int32Array, b: number, index: number): number {
  return (words[b + (index >> 1)] >>> ((index & 1) << 4)) & TAG_MASK;
}

/** Adds an entry to a chain. Returns 1 when that took a new bucket, else 0. */
export function memberAppend(arena: Arena, head: number, tag: number, entry: number): number {
  const last = lastOf(arena, head);
  const words = arena.i32[last >>> SEGMENT_SHIFT];
  const b = (last & UNIT_MASK) << 2;
  for (let i = 0; i < MEMBER_SLOTS; i++) {
    if (words[b + MEMBER_ENTRIES + i] !== 0) continue;
    setSlot(words, b, i, tag, entry);
    return 0;
  }
  const next = bucketCreate(arena);
  setSlot(arena.i32[next >>> SEGMENT_SHIFT], (next & UNIT_MASK) << 2, 0, tag, entry);
  words[b + MEMBER_LINK] = next;
  return 1;
}

/** Finds the slot of an entry. Returns false when it is not in the chain. */
export function memberLocate(arena: Arena, head: number, entry: number): boolean {
  for (let bucket = head; bucket !== 0; bucket = memberNext(arena, bucket)) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = ((bucket & UNIT_MASK) << 2) + MEMBER_ENTRIES;
    for (let i = 0; i < MEMBER_SLOTS; i++) {
      if (words[b + i] !== entry) continue;
      slot.bucket = bucket;
      slot.word = MEMBER_ENTRIES + i;
      return true;
    }
  }
  return false;
}

/**
 * Empties `slot` by moving the last entry of the chain into it. Returns 1 when that freed a chained bucket, else 0.
 */
export function memberTakeOut(arena: Arena, head: number): number {
  let before = 0;
  let last = head;
  for (let next = memberNext(arena, last); next !== 0; next = memberNext(arena, last)) {
    before = last;
    last = next;
  }
  const words = arena.i32[last >>> SEGMENT_SHIFT];
  const l = (last & UNIT_MASK) << 2;
  let i = MEMBER_SLOTS - 1;
  while (words[l + MEMBER_ENTRIES + i] === 0) i--;
  const tag = tagOf(words, l, i);
  const entry = words[l + MEMBER_ENTRIES + i];
  setSlot(words, l, i, 0, 0);
  const { bucket } = slot;
  const index = slot.word - MEMBER_ENTRIES;
  if (last !== bucket || i !== index) {
    setSlot(arena.i32[bucket >>> SEGMENT_SHIFT], (bucket & UNIT_MASK) << 2, index, tag, entry);
  }
  if (i > 0 || before === 0) return 0;
  arena.i32[before >>> SEGMENT_SHIFT][((before & UNIT_MASK) << 2) + MEMBER_LINK] = 0;
  arenaFree(arena, last);
  return 1;
}

/** Frees the chained buckets behind `head`. Returns how many there were. */
export function memberFree(arena: Arena, head: number): number {
  let freed = 0;
  for (let bucket = memberNext(arena, head); bucket !== 0; freed++) {
    const next = memberNext(arena, bucket);
    arenaFree(arena, bucket);
    bucket = next;
  }
  return freed;
}

/**
 * Copies the entries of a chain into `chain`, with their tags as hashes. Returns how many there are.
 */
export function memberRead(arena: Arena, head: number): number {
  let count = 0;
  for (let bucket = head; bucket !== 0; bucket = memberNext(arena, bucket)) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    chainRoom(count);
    for (let i = 0; i < MEMBER_SLOTS; i++) {
      const entry = words[b + MEMBER_ENTRIES + i];
      if (entry === 0) break;
      chain.entries[count] = entry;
      chain.hashes[count++] = tagOf(words, b, i);
    }
  }
  chain.count = count;
  return count;
}

/** Checks the form of chain number `index`. Returns the number of chained buckets. */
export function memberVerify(arena: Arena, head: number, index: number): number {
  let links = 0;
  for (let bucket = head;; links++) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    let used = 0;
    for (let i = 0; i < MEMBER_SLOTS; i++) {
      if (words[b + MEMBER_ENTRIES + i] !== 0) {
        if (used !== i) throw new Error(`dict: hole in bucket ${index}`);
        used++;
      } else if (tagOf(words, b, i) !== 0) {
        throw new Error(`dict: a tag without an entry in bucket ${index}`);
      }
    }
    const next = words[b + MEMBER_LINK];
    if (next !== 0 && used < MEMBER_SLOTS) throw new Error(`dict: hole before a link in ${index}`);
    if (bucket !== head && used === 0) throw new Error(`dict: empty link at bucket ${index}`);
    if (next === 0) return links;
    bucket = next;
  }
}
