// zset_range.ts: sorted sets by rank: where a score or name would be, walking from there, removing a run.
//
// Every range is one of ranks: [first member of the range, first member behind it). Bounds by score or name are turned
// into ranks (zsetRankOfScore, zsetNameRange), then counting is subtracting, an offset is adding, and reading is a
// cursor:
//
//   const low = zsetRankOfScore(vc, rec, min, isMinExclusive);
//   const high = zsetRankOfScore(vc, rec, max, !isMaxExclusive);
//   cursor.start(vc, rec, low, false);
//   for (let i = low; i < high && cursor.next(); i++) use(cursor.buf, cursor.off, cursor.len, cursor.score);
//
// RANGES BY NAME mean something only when all scores are equal. Where they are not, what Valkey answers of a LISTPACK is
// answered here too: it looks from the end where it starts; of a SKIPLIST neither says anything in particular.
//
// COSTS: SKIPLIST O(log n) to find a rank, O(1) a step; LISTPACK O(bytes).
// LIFETIME: a cursor is good until the set is changed; its name until the next step.

import { INT64_TEXT_MAX } from "../bytes/int64.ts";
import { type Arena, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  btreeCount,
  btreeOwner,
  btreeRankOfName,
  btreeRankOfScore,
  btreeSeekRank,
} from "./btree.ts";
import { btreeRemove } from "./btree_change.ts";
import { leafCount, leafMember, leafNext, leafPrev, spot } from "./btree_node.ts";
import { dictDeleteSlot, dictFindEntry } from "./dict.ts";
import {
  LISTPACK_HEADER,
  LISTPACK_NONE,
  listpackEnd,
  listpackEntrySize,
  listpackNext,
  listpackPrev,
  listpackSeek,
} from "./listpack.ts";
import { memberBuf, memberLen, memberOff, memberOwnHash } from "./member.ts";
import { memberTouch } from "./member_probe.ts";
import { ENCODING_LISTPACK, recordA, recordEncoding, recordSetA } from "./record.ts";
import type { ValueContext } from "./value_context.ts";
import {
  packCount,
  packed,
  packFit,
  packName,
  packNameCompare,
  packRemove,
  packScore,
} from "./zset_listpack.ts";
import { nameCompare, SCORE_BYTES, scoreOf } from "./zset_member.ts";

// ---- cursor

/** Walks over a sorted set from a rank on, up or down. The member it stands on is buf[off, off+len), with `score`. */
export class ZsetCursor {
  buf: Uint8Array = new Uint8Array(0);
  off = 0;
  len = 0;
  score = 0.5;
  #arena: Arena | null = null;
  #isDown = false;
  /** SKIPLIST: the leaf and index of the next member; 0 when there is none. */
  #leaf = 0;
  #index = 0;
  /** LISTPACK: its bytes, where it starts, and position of the next name; LISTPACK_NONE when there is none. */
  #bytes: Uint8Array = this.buf;
  #pack = 0;
  #at = LISTPACK_NONE;
  #text = new Uint8Array(INT64_TEXT_MAX);

  /** Stands in front of the member of a rank (behind it when going down); a rank that does not exist is the end. */
  start(vc: ValueContext, rec: number, rank: number, isDown: boolean): void {
    const { arena } = vc;
    this.startRoot(arena, recordEncoding(arena, rec), recordA(arena, rec), rank, isDown);
  }

  /** As start, of a value that has no record. */
  startRoot(arena: Arena, encoding: number, root: number, rank: number, isDown: boolean): void {
    this.#arena = arena;
    this.#isDown = isDown;
    this.#leaf = 0;
    this.#at = LISTPACK_NONE;
    if (rank < 0) return;
    if (encoding === ENCODING_LISTPACK) {
      this.#bytes = arena.u8[root >>> SEGMENT_SHIFT];
      this.#pack = (root & UNIT_MASK) << 4;
      this.#at = listpackSeek(this.#bytes, this.#pack, rank * 2);
    } else if (rank < btreeCount(arena, root)) {
      btreeSeekRank(arena, root, rank);
      this.#leaf = spot.leaf;
      this.#index = spot.index;
    }
  }

  /** Goes to the next member; false when there is none. */
  next(): boolean {
    return this.#leaf !== 0 ? this.#nextInTree() : this.#nextInListpack();
  }

  #nextInTree(): boolean {
    const arena = this.#arena as Arena;
    const member = leafMember(arena, this.#leaf, this.#index);
    this.buf = memberBuf(arena, member);
    this.off = memberOff(arena, member, SCORE_BYTES);
    this.len = memberLen(arena, member, SCORE_BYTES);
    this.score = scoreOf(arena, member);
    if (this.#isDown) {
      if (--this.#index < 0) {
        this.#leaf = leafPrev(arena, this.#leaf);
        this.#index = this.#leaf === 0 ? 0 : leafCount(arena, this.#leaf) - 1;
      }
    } else if (++this.#index >= leafCount(arena, this.#leaf)) {
      this.#leaf = leafNext(arena, this.#leaf);
      this.#index = 0;
    }
    return true;
  }

  #nextInListpack(): boolean {
    const at = this.#at;
    if (at === LISTPACK_NONE) return false;
    const bytes = this.#bytes;
    const scoreAt = at + packName(bytes, at, this.#text);
    this.buf = packed.buf;
    this.off = packed.off;
    this.len = packed.len;
    this.score = packScore(bytes, scoreAt);
    if (this.#isDown) {
      const before = listpackPrev(bytes, this.#pack, at);
      this.#at = before === LISTPACK_NONE ? before : listpackPrev(bytes, this.#pack, before);
    } else {
      this.#at = listpackNext(bytes, scoreAt);
    }
    return true;
  }
}

// ---- bounds

/** Number of members whose score is less than `score`, or with `orEqual` not greater. */
export function zsetRankOfScore(
  vc: ValueContext,
  rec: number,
  score: number,
  orEqual: boolean,
): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) !== ENCODING_LISTPACK) {
    return btreeRankOfScore(arena, root, score, orEqual);
  }
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const end = listpackEnd(bytes, off);
  let rank = 0;
  for (let at = off + LISTPACK_HEADER; at < end; rank++) {
    at += listpackEntrySize(bytes, at);
    const other = packScore(bytes, at);
    if (other > score || (other === score && !orEqual)) break;
    at += listpackEntrySize(bytes, at);
  }
  return rank;
}

/** A bound by name: buf[off, off+len), or below (-1) or above (1) all names. */
export interface NameBound {
  beyond: number;
  isExclusive: boolean;
  buf: Uint8Array;
  off: number;
  len: number;
}

/** Ranks that zsetNameRange found: [low, high), empty when they are equal. */
export const range = { low: 0, high: 0 };

/** Finds the members between two names, both ends as the bounds say; with `isDown` seen from the upper end. */
export function zsetNameRange(
  vc: ValueContext,
  rec: number,
  min: NameBound,
  max: NameBound,
  isDown: boolean,
): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  range.low = 0;
  range.high = 0;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    listpackNameRange(arena, root, min, max, isDown);
    return;
  }
  const count = btreeCount(arena, root);
  if (count === 0 || !isBetween(arena, root, min, max)) return;
  const low = rankOfBound(arena, root, min, min.isExclusive);
  const high = rankOfBound(arena, root, max, !max.isExclusive);
  if (low >= high) return;
  range.low = low;
  range.high = high;
}

/** Whether the first and the last member leave a chance that some are in the range. */
function isBetween(arena: Arena, tree: number, min: NameBound, max: NameBound): boolean {
  const last = btreeSeekRank(arena, tree, btreeCount(arena, tree) - 1);
  if (isUnder(boundOrder(min, nameCompare(arena, last, min.buf, min.off, min.len)), min)) {
    return false;
  }
  const first = btreeSeekRank(arena, tree, 0);
  return !isOver(boundOrder(max, nameCompare(arena, first, max.buf, max.off, max.len)), max);
}

/** Order of a name relative to a bound, `order` being the one relative to its text. */
function boundOrder(bound: NameBound, order: number): number {
  return bound.beyond !== 0 ? -bound.beyond : order;
}

/** Whether a name of this order is below the lower bound. */
function isUnder(order: number, min: NameBound): boolean {
  return order < 0 || (order === 0 && min.isExclusive);
}

/** Whether a name of this order is above the upper bound. */
function isOver(order: number, max: NameBound): boolean {
  return order > 0 || (order === 0 && max.isExclusive);
}

function rankOfBound(arena: Arena, tree: number, bound: NameBound, orEqual: boolean): number {
  if (bound.beyond < 0) return 0;
  if (bound.beyond > 0) return btreeCount(arena, tree);
  return btreeRankOfName(arena, tree, bound.buf, bound.off, bound.len, orEqual);
}

function listpackNameRange(
  arena: Arena,
  root: number,
  min: NameBound,
  max: NameBound,
  isDown: boolean,
): void {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const count = packCount(arena, root);
  const last = listpackSeek(bytes, off, -2);
  if (count === 0 || isEntryUnder(bytes, last, min)) return;
  if (isEntryOver(bytes, off + LISTPACK_HEADER, max)) return;
  if (isDown) {
    let at = last;
    let high = count;
    for (; at !== LISTPACK_NONE && isEntryOver(bytes, at, max); high--) {
      at = pairBefore(bytes, off, at);
    }
    let low = high;
    for (; at !== LISTPACK_NONE && !isEntryUnder(bytes, at, min); low--) {
      at = pairBefore(bytes, off, at);
    }
    range.low = low;
    range.high = high;
    return;
  }
  let at = off + LISTPACK_HEADER;
  let low = 0;
  for (; at !== LISTPACK_NONE && isEntryUnder(bytes, at, min); low++) at = pairBehind(bytes, at);
  let high = low;
  for (; at !== LISTPACK_NONE && !isEntryOver(bytes, at, max); high++) at = pairBehind(bytes, at);
  range.low = low;
  range.high = high;
}

function isEntryUnder(bytes: Uint8Array, at: number, min: NameBound): boolean {
  return isUnder(boundOrder(min, packNameCompare(bytes, at, min.buf, min.off, min.len)), min);
}

function isEntryOver(bytes: Uint8Array, at: number, max: NameBound): boolean {
  return isOver(boundOrder(max, packNameCompare(bytes, at, max.buf, max.off, max.len)), max);
}

function pairBehind(bytes: Uint8Array, at: number): number {
  return listpackNext(bytes, at + listpackEntrySize(bytes, at));
}

function pairBefore(bytes: Uint8Array, off: number, at: number): number {
  const scoreAt = listpackPrev(bytes, off, at);
  return scoreAt === LISTPACK_NONE ? scoreAt : listpackPrev(bytes, off, scoreAt);
}

// ---- removing

/** Removes `count` members from a rank on; all of them must exist. A set that gets empty stays. */
export function zsetRemoveRun(vc: ValueContext, rec: number, rank: number, count: number): void {
  if (count <= 0) return;
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    const at = listpackSeek(bytes, (root & UNIT_MASK) << 4, rank * 2);
    packRemove(arena, root, at, count);
    recordSetA(arena, rec, packFit(arena, root));
    return;
  }
  const dict = btreeOwner(arena, root);
  const isLarge = btreeCount(arena, root) >= TOUCH_COUNT_MIN;
  for (let i = 0; i < count; i++) {
    const member = btreeSeekRank(arena, root, rank);
    if (isLarge) touchNext(vc, dict);
    btreeRemove(arena, root);
    const hash = memberOwnHash(vc, member, SCORE_BYTES);
    if (!dictFindEntry(arena, dict, hash, member)) throw new Error(`zset: member ${member} lost`);
    dictDeleteSlot(arena, dict, hash);
    arenaFree(arena, member);
  }
}

/** Members a set must have before touching pays: smaller ones lie in the first caches. */
const TOUCH_COUNT_MIN = 4096;
/** Members touched together. */
const TOUCH_COUNT = 8;
const touchHashes = new Int32Array(TOUCH_COUNT);
/** Keeps the touching reads alive: an optimiser may not drop them. */
let touchSink = 0;

/**
 * Reads, each time a multiple of TOUCH_COUNT is left in the leaf, the next members that go if the one at the spot is
 * followed by its neighbours, and their buckets in the table: their cache misses overlap, and who pops one member after
 * the other, be it in as many commands, finds them at hand.
 */
function touchNext(vc: ValueContext, dict: number): void {
  const { arena } = vc;
  const { leaf, index } = spot;
  const count = leafCount(arena, leaf);
  if ((count & (TOUCH_COUNT - 1)) !== 0) return;
  const from = index === count - 1 ? count - TOUCH_COUNT : index;
  const end = Math.min(from + TOUCH_COUNT, count);
  const { i32 } = arena;
  let sink = 0;
  for (let i = from; i < end; i++) {
    const member = leafMember(arena, leaf, i);
    sink ^= i32[member >>> SEGMENT_SHIFT][(member & UNIT_MASK) << 2];
  }
  for (let i = from; i < end; i++) {
    touchHashes[i - from] = memberOwnHash(vc, leafMember(arena, leaf, i), SCORE_BYTES);
  }
  touchSink ^= sink ^ memberTouch(arena, dict, touchHashes, end - from);
}
