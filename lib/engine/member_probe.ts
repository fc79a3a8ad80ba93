// member_probe.ts: many members looked up in a table of members at once, by hashes of which only some bits are known.
//
// WHY: a table knows its members by bucket and tag (dict.ts), together 16 to 31 bits of their hashes. To look the members
// of one table up in another one of about the same size these bits are enough: no name is hashed, and the names of those
// that the other table does not have are not even read.
//
//   known bits of a bucket    its window + 16     that many low bits of the hashes of its members are true
//   needed bits of a table    the same, of the bucket with the longest address
//
// EXAMPLE  tables below 128 buckets (1,152 members) know and need 16 bits.
// COSTS    memberProbe: one cache line of the table a hash, nothing else.

import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { bucketAt, dictBucketCount, indexOf, windowOf } from "./dict.ts";
import { MEMBER_ENTRIES, MEMBER_LINK, TAG_BITS, TAG_MASK } from "./member_bucket.ts";

const HASH_BITS = 31;
/** Two tags in a word: their lowest bits, and their highest. */
const LOW_BITS = 0x00010001;
const HIGH_BITS = 0x80008000 | 0;

/** How many low bits dictBucketRead finds of the hashes of the members in bucket number `index`. */
export function memberKnownBits(arena: Arena, dict: number, index: number): number {
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  return Math.min(windowOf(words, (dict & UNIT_MASK) << 2, index) + TAG_BITS, HASH_BITS);
}

/** How many low bits of a hash a look-up in this table needs. */
export function memberNeededBits(arena: Arena, dict: number): number {
  // The last bucket has as long an address as any.
  return memberKnownBits(arena, dict, dictBucketCount(arena, dict) - 1);
}

/**
 * For each of the first `count` hashes the first member of the table with the same bucket and tag, or 0: no other member
 * can be the one, but as a rule this one is. memberFind settles the exceptions.
 */
export function memberProbe(
  arena: Arena,
  dict: number,
  hashes: Int32Array,
  candidates: Int32Array,
  count: number,
): void {
  const { i32 } = arena;
  const header = i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  for (let k = 0; k < count; k++) {
    const hash = hashes[k];
    const index = indexOf(header, d, hash);
    const tag = (hash >>> windowOf(header, d, index)) & TAG_MASK;
    const tags = tag | (tag << TAG_BITS);
    let bucket = bucketAt(arena, dict, index);
    let found = 0;
    do {
      const words = i32[bucket >>> SEGMENT_SHIFT];
      const b = (bucket & UNIT_MASK) << 2;
      if (mayHave(words, b, tags)) found = firstOf(words, b, tag);
      bucket = words[b + MEMBER_LINK];
    } while (bucket !== 0 && found === 0);
    candidates[k] = found;
  }
}

/**
 * Reads the buckets of the first `count` hashes, so that look-ups soon after find them in the cache. Returns a meaningless
 * number that depends on what was read.
 */
export function memberTouch(
  arena: Arena,
  dict: number,
  hashes: Int32Array,
  count: number,
): number {
  const { i32 } = arena;
  const header = i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  let sink = 0;
  for (let k = 0; k < count; k++) {
    const bucket = bucketAt(arena, dict, indexOf(header, d, hashes[k]));
    sink ^= i32[bucket >>> SEGMENT_SHIFT][(bucket & UNIT_MASK) << 2];
  }
  return sink;
}

/** Whether a tag of the bucket at words[b] is that in both halves of `tags`; the tags of free slots count as 0. */
function mayHave(words: Int32Array, b: number, tags: number): boolean {
  const d0 = words[b] ^ tags;
  const d1 = words[b + 1] ^ tags;
  const d2 = words[b + 2] ^ tags;
  const d3 = words[b + 3] ^ tags;
  const d4 = words[b + 4] ^ tags;
  // A borrow into the highest bit of a half that has it clear: the half is 0, or the lower one is.
  const hits = ((d0 - LOW_BITS) & ~d0) | ((d1 - LOW_BITS) & ~d1) | ((d2 - LOW_BITS) & ~d2) |
    ((d3 - LOW_BITS) & ~d3) | ((d4 - LOW_BITS) & ~d4);
  return (hits & HIGH_BITS) !== 0;
}

/** The first entry with this tag in the bucket at words[b], or 0. */
function firstOf(words: Int32Array, b: number, tag: number): number {
  for (let i = 0; i < MEMBER_ENTRIES; i++) {
    const pair = words[b + i];
    const entry = b + MEMBER_ENTRIES + 2 * i;
    if ((pair & TAG_MASK) === tag && words[entry] !== 0) return words[entry];
    if (pair >>> TAG_BITS === tag && words[entry + 1] !== 0) return words[entry + 1];
  }
  return 0;
}
