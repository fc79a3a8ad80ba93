// stream_index.ts: an ordered index of ids off-heap: a B+tree of 128-bit keys with a few words of payload each.
//
// WHY NOT a radix tree: 16-byte ids that rise share long prefixes, so a radix tree is deep and splits its nodes at every
// other insertion. Here a look-up visits log32(n) blocks, appending writes into the last leaf, and neighbours lie
// together. A table would be smaller, but has no order.
//
//   index  16 bytes    word 0 root (0: empty)     1 entries   2 height (0: the root is a leaf) | payload words << 8   3 last leaf
//   leaf               word 0 entries   1 capacity   2 leaf before   3 leaf behind   4.. entries: id (4 words), payload
//   inner block        word 0 children  1 capacity   2, 3 unused                     4.. children: id, block
//
//        [ - A | 50 B | 90 C ]         the id of a child is a lower bound of all ids below it;
//          /      |       \            that of the first child is not looked at
//   [3 7 21] [50 52] [90 91 99]        leaves are linked in both directions
//
// A lone leaf starts with room for 2 and doubles; all others have BLOCK_MAX. A full block that overflows at its end
// leaves its entries where they are and starts a new one (ids rise: blocks are full), otherwise it is cut in halves.
// A block that is emptied goes; one below a quarter joins a neighbour under the same parent where both fill at most
// three quarters.
//
// INVARIANTS
//   1. Ids rise strictly through the chain of leaves; all leaves are `height` steps below the root.
//   2. Every block but the root of an empty index has at least one entry; an inner root has at least two.
//   3. For each child but the first of a block: its id is greater than all ids in the children before it and not
//      greater than those in it.
//   4. entries is the sum over the leaves; "last leaf" is the end of the chain.
// LIFETIME   a cursor holds until the index is changed by anything but indexInsert through this very cursor; payload may
//            be written through it. Handles of indexes stay.
// LIMITS     2^31 entries
// COSTS      find, insert, delete O(log n); insert behind the last entry and step O(1). One entry of a full leaf costs
//            16 bytes, its payload and half a byte.
// SOURCE     Bayer and McCreight's B-tree with the data in linked leaves.

import { type Arena, arenaAlloc, arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { ID_WORDS, idCompare } from "./stream_id.ts";

// The rest of the index, stream_index_change.ts and stream_index_verify.ts, shares what follows up to "finding".

export const ROOT = 0;
export const ENTRIES = 1;
export const SHAPE = 2;
export const TAIL = 3;
const INDEX_BYTES = 16;

export const COUNT = 0;
export const CAPACITY = 1;
export const PREV = 2;
export const NEXT = 3;
export const HEAD = 4;

export const INNER_STRIDE = ID_WORDS + 1;
export const BLOCK_MAX = 32;
/** More levels than 2^31 entries can make. */
const DEPTH_MAX = 16;

/** A place in an index: `words[word]` is the id of the entry, its payload lies behind. */
export class IndexCursor {
  words: Int32Array = new Int32Array(0);
  word = 0;
  leaf = 0;
  at = 0;
  stride = 0;
}

// The way from the root to a leaf: blocks and the numbers of the children taken.
export const pathBlock = new Int32Array(DEPTH_MAX);
export const pathChild = new Int32Array(DEPTH_MAX);

/** The words of a block's segment, and where the block starts in them. */
export function wordsOf(arena: Arena, block: number): Int32Array {
  return arena.i32[block >>> SEGMENT_SHIFT];
}

export function wordOf(block: number): number {
  return (block & UNIT_MASK) << 2;
}

/** Levels above the leaves, and words of an entry, of the index at words[w]. */
export function heightOf(words: Int32Array, w: number): number {
  return words[w + SHAPE] & 0xff;
}

export function strideOf(words: Int32Array, w: number): number {
  return ID_WORDS + (words[w + SHAPE] >> 8);
}

/** A new index whose entries have that many words of payload. */
export function indexCreate(arena: Arena, payloadWords: number): number {
  const index = arenaAlloc(arena, INDEX_BYTES);
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  words[w + ROOT] = 0;
  words[w + ENTRIES] = 0;
  words[w + SHAPE] = payloadWords << 8;
  words[w + TAIL] = 0;
  return index;
}

/** Number of entries. */
export function indexCount(arena: Arena, index: number): number {
  return wordsOf(arena, index)[wordOf(index) + ENTRIES];
}

// ---- finding

/** Puts a cursor on entry `at` of a leaf. */
export function place(
  arena: Arena,
  cursor: IndexCursor,
  leaf: number,
  at: number,
  stride: number,
): void {
  cursor.words = wordsOf(arena, leaf);
  cursor.leaf = leaf;
  cursor.at = at;
  cursor.stride = stride;
  cursor.word = wordOf(leaf) + HEAD + at * stride;
}

/** The number of the first of `count` entries from number `from` on whose id is not less (or, with `after`, greater). */
export function search(
  words: Int32Array,
  first: number,
  from: number,
  count: number,
  stride: number,
  ids: Int32Array,
  id: number,
  after: boolean,
): number {
  let low = from;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = idCompare(words, first + middle * stride, ids, id);
    if (order < 0 || (after && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Goes down to the leaf for the id at ids[id], noting the way. Returns the leaf; the index must not be empty. */
export function descend(
  arena: Arena,
  root: number,
  height: number,
  ids: Int32Array,
  id: number,
): number {
  let block = root;
  for (let level = 0; level < height; level++) {
    const words = wordsOf(arena, block);
    const w = wordOf(block);
    const child = search(words, w + HEAD, 1, words[w + COUNT], INNER_STRIDE, ids, id, true) - 1;
    pathBlock[level] = block;
    pathChild[level] = child;
    block = words[w + HEAD + child * INNER_STRIDE + ID_WORDS];
  }
  return block;
}

/** Puts the cursor on the first entry. False when there is none. */
export function indexFirst(arena: Arena, index: number, cursor: IndexCursor): boolean {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  let block = words[w + ROOT];
  if (block === 0) return false;
  for (let level = heightOf(words, w); level > 0; level--) {
    block = wordsOf(arena, block)[wordOf(block) + HEAD + ID_WORDS];
  }
  place(arena, cursor, block, 0, strideOf(words, w));
  return true;
}

/** Puts the cursor on the last entry. False when there is none. */
export function indexLast(arena: Arena, index: number, cursor: IndexCursor): boolean {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const tail = words[w + TAIL];
  if (tail === 0) return false;
  place(arena, cursor, tail, wordsOf(arena, tail)[wordOf(tail) + COUNT] - 1, strideOf(words, w));
  return true;
}

/** Puts the cursor on the first entry whose id is not less than the one at ids[id]. False when there is none. */
export function indexSeek(
  arena: Arena,
  index: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const root = words[w + ROOT];
  if (root === 0) return false;
  const stride = strideOf(words, w);
  const leaf = descend(arena, root, heightOf(words, w), ids, id);
  const leafWords = wordsOf(arena, leaf);
  const l = wordOf(leaf);
  const count = leafWords[l + COUNT];
  const at = search(leafWords, l + HEAD, 0, count, stride, ids, id, false);
  if (at < count) {
    place(arena, cursor, leaf, at, stride);
    return true;
  }
  const next = leafWords[l + NEXT];
  if (next === 0) return false;
  place(arena, cursor, next, 0, stride);
  return true;
}

/** Puts the cursor on the last entry whose id is not greater than the one at ids[id]. False when there is none. */
export function indexSeekBack(
  arena: Arena,
  index: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  const found = indexSeek(arena, index, ids, id, cursor);
  if (!found) return indexLast(arena, index, cursor);
  if (idCompare(cursor.words, cursor.word, ids, id) === 0) return true;
  return indexPrev(arena, cursor);
}

/** Puts the cursor on the entry with the id at ids[id]. False when there is none. */
export function indexFind(
  arena: Arena,
  index: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  return indexSeek(arena, index, ids, id, cursor) &&
    idCompare(cursor.words, cursor.word, ids, id) === 0;
}

/** Moves to the entry behind. False, with the cursor where it is, when there is none. */
export function indexNext(arena: Arena, cursor: IndexCursor): boolean {
  const w = wordOf(cursor.leaf);
  if (cursor.at + 1 < cursor.words[w + COUNT]) {
    cursor.at++;
    cursor.word += cursor.stride;
    return true;
  }
  const next = cursor.words[w + NEXT];
  if (next === 0) return false;
  place(arena, cursor, next, 0, cursor.stride);
  return true;
}

/** Moves to the entry in front. False, with the cursor where it is, when there is none. */
export function indexPrev(arena: Arena, cursor: IndexCursor): boolean {
  if (cursor.at > 0) {
    cursor.at--;
    cursor.word -= cursor.stride;
    return true;
  }
  const prev = cursor.words[wordOf(cursor.leaf) + PREV];
  if (prev === 0) return false;
  place(arena, cursor, prev, wordsOf(arena, prev)[wordOf(prev) + COUNT] - 1, cursor.stride);
  return true;
}

/** Whether the cursor is on the last entry. */
export function indexIsLast(cursor: IndexCursor): boolean {
  const w = wordOf(cursor.leaf);
  return cursor.at + 1 === cursor.words[w + COUNT] && cursor.words[w + NEXT] === 0;
}

/** Entries in the leaf of the cursor. */
export function indexLeafCount(cursor: IndexCursor): number {
  return cursor.words[wordOf(cursor.leaf) + COUNT];
}

// ---- the whole

/** Bytes of all blocks, rounding included. O(n / 32). */
export function indexBytes(arena: Arena, index: number): number {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const root = words[w + ROOT];
  const own = arenaUsable(arena, index);
  return root === 0 ? own : own + blockBytes(arena, root, heightOf(words, w));
}

function blockBytes(arena: Arena, block: number, height: number): number {
  let bytes = arenaUsable(arena, block);
  if (height === 0) return bytes;
  const words = wordsOf(arena, block);
  const w = wordOf(block);
  for (let i = 0; i < words[w + COUNT]; i++) {
    bytes += blockBytes(arena, words[w + HEAD + i * INNER_STRIDE + ID_WORDS], height - 1);
  }
  return bytes;
}
