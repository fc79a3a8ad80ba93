// bucket.ts: what the two kinds of buckets of dict.ts have in common: their size, and two registers.
//
// A bucket is one cache line. Full ones are chained: the first of a chain lies in the table's run, the others are blocks.

import { type Arena, arenaAlloc, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";

export const BUCKET_BYTES = 64;
export const BUCKET_WORDS = 16;
export const BUCKET_UNITS = 4;

/** Place of the last successful find: the bucket's handle, and which of its words holds the entry. */
export const slot = { bucket: 0, word: 0 };

/**
 * What the last read of a chain found; overwritten by the next one and by any resize. Hashes of records are whole, of
 * those of members the low bits alone are true (see dict.ts).
 */
export const chain = { entries: new Int32Array(64), hashes: new Int32Array(64), count: 0 };

/** Makes room in `chain` for one more bucket behind `count` entries. */
export function chainRoom(count: number): void {
  if (count + BUCKET_WORDS <= chain.entries.length) return;
  const entries = new Int32Array(chain.entries.length * 2);
  entries.set(chain.entries);
  chain.entries = entries;
  const hashes = new Int32Array(chain.hashes.length * 2);
  hashes.set(chain.hashes);
  chain.hashes = hashes;
}

/** A new bucket without entries, to be chained. */
export function bucketCreate(arena: Arena): number {
  const bucket = arenaAlloc(arena, BUCKET_BYTES);
  bucketClear(arena, bucket);
  return bucket;
}

/** Empties one bucket: a loop, because a call of fill costs more than sixteen stores. */
export function bucketClear(arena: Arena, bucket: number): void {
  const words = arena.i32[bucket >>> SEGMENT_SHIFT];
  const b = (bucket & UNIT_MASK) << 2;
  for (let i = 0; i < BUCKET_WORDS; i++) words[b + i] = 0;
}
