// dict_move.ts: moving the blocks of a table out of segments that are being emptied: header, directory, pages, chained
// buckets. The entries are moved by those who know what they are; members of values here, in membersMove.
//
// WALKS go by bucket number. A table that shrinks meanwhile merges a bucket into one that was passed; what is missed then
// is found by the next walk (defrag.ts).

import { SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  bucketAt,
  chain,
  dictBucketCount,
  dictBucketRead,
  dictFindEntry,
  dictReplaceSlot,
  DIRECTORY,
  isRecords,
  PAGE_MASK,
  PAGE_SHIFT,
  ROOT,
} from "./dict.ts";
import { memberIsTimed, timesAdopt } from "./hash_times.ts";
import { MEMBER_LINK } from "./member_bucket.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import { RECORD_ENTRIES, RECORD_LINK } from "./record_bucket.ts";

/** Moves header and directory (or the only page). Returns the handle of the header. */
export function dictMoveFrame(mover: Mover, dict: number): number {
  const fresh = mover.move(dict);
  mover.moveWord(mover.arena.i32[fresh >>> SEGMENT_SHIFT], ((fresh & UNIT_MASK) << 2) + ROOT);
  return fresh;
}

/** Moves the chained buckets of bucket number `index`, and the page that begins with it. */
export function dictMoveBucket(mover: Mover, dict: number, index: number): void {
  const { arena } = mover;
  if ((index & PAGE_MASK) === 0) movePage(mover, dict, index >>> PAGE_SHIFT);
  const isOfRecords = isRecords(arena, dict);
  for (let bucket = bucketAt(arena, dict, index); bucket !== 0;) {
    const words = arena.i32[bucket >>> SEGMENT_SHIFT];
    const b = (bucket & UNIT_MASK) << 2;
    if (isOfRecords) {
      if (words[b + RECORD_LINK] >= 0) return;
      bucket = mover.moveWord(words, b + RECORD_ENTRIES + RECORD_LINK);
    } else {
      bucket = mover.moveWord(words, b + MEMBER_LINK);
    }
  }
}

function movePage(mover: Mover, dict: number, page: number): void {
  const { arena } = mover;
  const words = arena.i32[dict >>> SEGMENT_SHIFT];
  const d = (dict & UNIT_MASK) << 2;
  if (words[d + DIRECTORY] === 0) return;
  const directory = words[d + ROOT];
  mover.moveWord(arena.i32[directory >>> SEGMENT_SHIFT], ((directory & UNIT_MASK) << 2) + page);
}

/** Moves pages and chained buckets from bucket `cursor.at` on. True when it got to the end. */
export function dictMoveBuckets(mover: Mover, dict: number, cursor: MoveCursor): boolean {
  for (; cursor.at < dictBucketCount(mover.arena, dict); cursor.at++) {
    if (mover.left <= 0) return false;
    mover.left--;
    dictMoveBucket(mover, dict, cursor.at);
  }
  return true;
}

let entries = new Int32Array(64);
let hashes = new Int32Array(64);

/**
 * As dictMoveBuckets, with the members. `times` is the root of the heap that names those with an expiry, 0 for none.
 */
export function membersMove(
  mover: Mover,
  dict: number,
  times: number,
  cursor: MoveCursor,
): boolean {
  const { arena } = mover;
  for (; cursor.at < dictBucketCount(arena, dict); cursor.at++) {
    if (mover.left <= 0) return false;
    dictMoveBucket(mover, dict, cursor.at);
    const count = dictBucketRead(arena, dict, cursor.at);
    if (count > entries.length) {
      entries = new Int32Array(chain.entries.length);
      hashes = new Int32Array(chain.entries.length);
    }
    for (let i = 0; i < count; i++) {
      entries[i] = chain.entries[i];
      hashes[i] = chain.hashes[i];
    }
    for (let i = 0; i < count; i++) {
      const member = mover.move(entries[i]);
      if (member === entries[i]) continue;
      dictFindEntry(arena, dict, hashes[i], entries[i]);
      dictReplaceSlot(arena, member);
      if (times !== 0 && memberIsTimed(arena, member)) timesAdopt(arena, times, member);
    }
  }
  return true;
}
