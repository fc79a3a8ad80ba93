// dict_ahead.ts: looks up many keys of a database ahead of their commands, so that their cache misses overlap.
//
// A look-up waits for its bucket, at times for a second one, and then for the record (record.ts, recordsTouch). Here each
// kind of wait is a plain loop over all hashes, and what can be worked out before is a loop of its own: a processor looks
// some 300 instructions ahead, so the shorter the body, the more waits are under way at once. What is found is a guess:
// no key is compared.
//
// COSTS a key, at random, 64 at a time: 26 ns of 100,000 keys, 37 to 41 of 1,000,000, and as much for their records.

import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { bucketOf } from "./dict.ts";
import { RECORD_ENTRIES, RECORD_LINK, recordGuess } from "./record_bucket.ts";

/**
 * For each of the first `count` hashes, TOUCH_MAX at most, the entry a look-up in a table of records will most likely come
 * to, or 0: the first one with that hash in the first bucket of the chain, else in the second; no key is compared. First
 * buckets are touched for all before any is searched, then second ones. Returns a meaningless number that depends on what
 * was read.
 */
export function dictProbe(
  arena: Arena,
  dict: number,
  hashes: Int32Array,
  entries: Int32Array,
  count: number,
): number {
  const { i32 } = arena;
  let sink = 0;
  for (let k = 0; k < count; k++) buckets[k] = bucketOf(arena, dict, hashes[k]);
  for (let k = 0; k < count; k++) {
    const bucket = buckets[k];
    sink ^= i32[bucket >>> SEGMENT_SHIFT][(bucket & UNIT_MASK) << 2];
  }
  let chained = 0;
  for (let k = 0; k < count; k++) {
    const bucket = buckets[k];
    const words = i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    const entry = recordGuess(words, b, hashes[k]);
    entries[k] = entry;
    if (entry === 0 && words[b + RECORD_LINK] < 0) {
      seconds[chained] = words[b + RECORD_ENTRIES + RECORD_LINK];
      secondKeys[chained++] = k;
    }
  }
  for (let i = 0; i < chained; i++) {
    const bucket = seconds[i];
    sink ^= i32[bucket >>> SEGMENT_SHIFT][(bucket & UNIT_MASK) << 2];
  }
  for (let i = 0; i < chained; i++) {
    const bucket = seconds[i];
    const key = secondKeys[i];
    const words = i32[bucket >>> SEGMENT_SHIFT];
    entries[key] = recordGuess(words, (bucket & UNIT_MASK) << 2, hashes[key]);
  }
  return sink;
}

/** Most hashes of one dictProbe. */
export const TOUCH_MAX = 256;
const buckets = new Int32Array(TOUCH_MAX);
const seconds = new Int32Array(TOUCH_MAX);
const secondKeys = new Int32Array(TOUCH_MAX);
