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

import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import { ID_MIN, ID_WORDS, idCompare, idCopy } from "./stream_id.ts";

const ROOT = 0;
const ENTRIES = 1;
const SHAPE = 2;
const TAIL = 3;
const INDEX_BYTES = 16;

const COUNT = 0;
const CAPACITY = 1;
const PREV = 2;
const NEXT = 3;
const HEAD = 4;

const INNER_STRIDE = ID_WORDS + 1;
const BLOCK_MAX = 32;
const BLOCK_START = 2;
const SPARSE = BLOCK_MAX >> 2;
const JOINED_MAX = BLOCK_MAX - (BLOCK_MAX >> 2);
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
const pathBlock = new Int32Array(DEPTH_MAX);
const pathChild = new Int32Array(DEPTH_MAX);
const splitId = new Int32Array(ID_WORDS);

function wordsOf(arena: Arena, block: number): Int32Array {
  return arena.i32[block >>> SEGMENT_SHIFT];
}

function wordOf(block: number): number {
  return (block & UNIT_MASK) << 2;
}

function heightOf(words: Int32Array, w: number): number {
  return words[w + SHAPE] & 0xff;
}

function strideOf(words: Int32Array, w: number): number {
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

/** Frees an index with all its entries. */
export function indexDestroy(arena: Arena, index: number): void {
  while (indexCount(arena, index) > 0) indexDropTail(arena, index);
  arenaFree(arena, index);
}

/** Number of entries. */
export function indexCount(arena: Arena, index: number): number {
  return wordsOf(arena, index)[wordOf(index) + ENTRIES];
}

// ---- finding

function place(arena: Arena, cursor: IndexCursor, leaf: number, at: number, stride: number): void {
  cursor.words = wordsOf(arena, leaf);
  cursor.leaf = leaf;
  cursor.at = at;
  cursor.stride = stride;
  cursor.word = wordOf(leaf) + HEAD + at * stride;
}

/** The number of the first of `count` entries from number `from` on whose id is not less (or, with `after`, greater). */
function search(
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
function descend(
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

// ---- adding

/**
 * Puts the cursor on the entry with the id at ids[id], which must not lie in this index, adding it when it is absent.
 * Returns true when it was added: then its payload is undefined.
 */
export function indexInsert(
  arena: Arena,
  index: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const stride = strideOf(words, w);
  const tail = words[w + TAIL];
  if (tail === 0) {
    const leaf = blockCreate(arena, BLOCK_START, stride);
    words[w + ROOT] = leaf;
    words[w + TAIL] = leaf;
    addAt(arena, words, w, leaf, 0, stride, ids, id, cursor);
    return true;
  }
  const tailWords = wordsOf(arena, tail);
  const t = wordOf(tail);
  const tailCount = tailWords[t + COUNT];
  if (idCompare(tailWords, t + HEAD + (tailCount - 1) * stride, ids, id) < 0) {
    if (tailCount < tailWords[t + CAPACITY]) {
      addAt(arena, words, w, tail, tailCount, stride, ids, id, cursor);
      return true;
    }
  }
  const leaf = descend(arena, words[w + ROOT], heightOf(words, w), ids, id);
  const leafWords = wordsOf(arena, leaf);
  const l = wordOf(leaf);
  const count = leafWords[l + COUNT];
  const at = search(leafWords, l + HEAD, 0, count, stride, ids, id, false);
  if (at < count && idCompare(leafWords, l + HEAD + at * stride, ids, id) === 0) {
    place(arena, cursor, leaf, at, stride);
    return false;
  }
  if (count < leafWords[l + CAPACITY]) addAt(arena, words, w, leaf, at, stride, ids, id, cursor);
  else if (count < BLOCK_MAX) {
    addAt(arena, words, w, growLeaf(arena, words, w, leaf, stride), at, stride, ids, id, cursor);
  } else addSplitting(arena, words, w, leaf, at, stride, ids, id, cursor);
  return true;
}

function blockCreate(arena: Arena, capacity: number, stride: number): number {
  const block = arenaAlloc(arena, (HEAD + capacity * stride) << 2);
  const words = wordsOf(arena, block);
  const w = wordOf(block);
  words[w + COUNT] = 0;
  words[w + CAPACITY] = capacity;
  words[w + PREV] = 0;
  words[w + NEXT] = 0;
  return block;
}

/** Adds an entry to a leaf that has room and puts the cursor on it. */
function addAt(
  arena: Arena,
  words: Int32Array,
  w: number,
  leaf: number,
  at: number,
  stride: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): void {
  openGap(arena, leaf, at, stride);
  place(arena, cursor, leaf, at, stride);
  idCopy(ids, id, cursor.words, cursor.word);
  words[w + ENTRIES]++;
}

/** Makes room for one more entry at number `at` of a block that is not full. */
function openGap(arena: Arena, block: number, at: number, stride: number): void {
  const words = wordsOf(arena, block);
  const w = wordOf(block);
  const count = words[w + COUNT];
  const from = w + HEAD + at * stride;
  if (at < count) words.copyWithin(from + stride, from, w + HEAD + count * stride);
  words[w + COUNT] = count + 1;
}

/** Doubles a lone leaf. Returns the new one. */
function growLeaf(
  arena: Arena,
  words: Int32Array,
  w: number,
  leaf: number,
  stride: number,
): number {
  const from = wordsOf(arena, leaf);
  const f = wordOf(leaf);
  const count = from[f + COUNT];
  const bigger = blockCreate(arena, Math.min(BLOCK_MAX, count * 2), stride);
  const to = wordsOf(arena, bigger);
  const t = wordOf(bigger);
  copyWords(from, f + HEAD, to, t + HEAD, count * stride);
  to[t + COUNT] = count;
  words[w + ROOT] = bigger;
  words[w + TAIL] = bigger;
  arenaFree(arena, leaf);
  return bigger;
}

function copyWords(from: Int32Array, f: number, to: Int32Array, t: number, count: number): void {
  for (let i = 0; i < count; i++) to[t + i] = from[f + i];
}

/** Adds an entry at number `at` of a full leaf, which the path leads to. */
function addSplitting(
  arena: Arena,
  words: Int32Array,
  w: number,
  leaf: number,
  at: number,
  stride: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): void {
  const right = splitOff(arena, leaf, at, stride);
  const left = wordsOf(arena, leaf);
  const l = wordOf(leaf);
  const rightWords = wordsOf(arena, right);
  const r = wordOf(right);
  const next = left[l + NEXT];
  rightWords[r + PREV] = leaf;
  rightWords[r + NEXT] = next;
  left[l + NEXT] = right;
  if (next === 0) words[w + TAIL] = right;
  else wordsOf(arena, next)[wordOf(next) + PREV] = right;
  const kept = left[l + COUNT];
  if (at < kept || rightWords[r + COUNT] > 0 && at === kept) {
    addAt(arena, words, w, leaf, at, stride, ids, id, cursor);
  } else addAt(arena, words, w, right, at - kept, stride, ids, id, cursor);
  idCopy(rightWords, r + HEAD, splitId, 0);
  addChild(arena, words, w, right);
}

/**
 * Moves the upper half of a full block to a new one, or nothing when the entry to come at number `at` will be its last.
 */
function splitOff(arena: Arena, block: number, at: number, stride: number): number {
  const right = blockCreate(arena, BLOCK_MAX, stride);
  const from = wordsOf(arena, block);
  const f = wordOf(block);
  const kept = at === BLOCK_MAX ? BLOCK_MAX : BLOCK_MAX >> 1;
  const moved = BLOCK_MAX - kept;
  const to = wordsOf(arena, right);
  const t = wordOf(right);
  copyWords(from, f + HEAD + kept * stride, to, t + HEAD, moved * stride);
  from[f + COUNT] = kept;
  to[t + COUNT] = moved;
  return right;
}

/** Enters block `added`, whose least id is in splitId, behind the child that the path leads to at the lowest level. */
function addChild(arena: Arena, words: Int32Array, w: number, added: number): void {
  let child = added;
  for (let level = heightOf(words, w) - 1; level >= 0; level--) {
    const parent = pathBlock[level];
    const at = pathChild[level] + 1;
    if (wordsOf(arena, parent)[wordOf(parent) + COUNT] < BLOCK_MAX) {
      setChild(arena, parent, at, child);
      return;
    }
    const right = splitOff(arena, parent, at, INNER_STRIDE);
    const kept = wordsOf(arena, parent)[wordOf(parent) + COUNT];
    if (at < kept || (at === kept && kept < BLOCK_MAX)) setChild(arena, parent, at, child);
    else setChild(arena, right, at - kept, child);
    idCopy(wordsOf(arena, right), wordOf(right) + HEAD, splitId, 0);
    child = right;
  }
  const root = blockCreate(arena, BLOCK_MAX, INNER_STRIDE);
  const rightId = wordsOf(arena, root);
  const r = wordOf(root);
  rightId[r + COUNT] = 2;
  rightId.fill(0, r + HEAD, r + HEAD + ID_WORDS);
  rightId[r + HEAD + ID_WORDS] = words[w + ROOT];
  idCopy(splitId, 0, rightId, r + HEAD + INNER_STRIDE);
  rightId[r + HEAD + INNER_STRIDE + ID_WORDS] = child;
  words[w + ROOT] = root;
  words[w + SHAPE]++;
}

function setChild(arena: Arena, parent: number, at: number, child: number): void {
  openGap(arena, parent, at, INNER_STRIDE);
  const words = wordsOf(arena, parent);
  const c = wordOf(parent) + HEAD + at * INNER_STRIDE;
  idCopy(splitId, 0, words, c);
  words[c + ID_WORDS] = child;
}

// ---- taking away

/** Takes out the entry with the id at ids[id], which must not lie in this index. False when there is none. */
export function indexDelete(arena: Arena, index: number, ids: Int32Array, id: number): boolean {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const root = words[w + ROOT];
  if (root === 0) return false;
  const stride = strideOf(words, w);
  const height = heightOf(words, w);
  const leaf = descend(arena, root, height, ids, id);
  const leafWords = wordsOf(arena, leaf);
  const l = wordOf(leaf);
  const count = leafWords[l + COUNT];
  const at = search(leafWords, l + HEAD, 0, count, stride, ids, id, false);
  if (at === count || idCompare(leafWords, l + HEAD + at * stride, ids, id) !== 0) return false;
  words[w + ENTRIES]--;
  if (count === 1) {
    unlinkLeaf(arena, words, w, leaf);
    removeChild(arena, words, w, height - 1);
    return true;
  }
  closeGap(leafWords, l, at, stride);
  if (count <= SPARSE && height > 0) joinChild(arena, words, w, height - 1, stride);
  return true;
}

function closeGap(words: Int32Array, w: number, at: number, stride: number): void {
  const count = words[w + COUNT];
  const to = w + HEAD + at * stride;
  if (at + 1 < count) words.copyWithin(to, to + stride, w + HEAD + count * stride);
  words[w + COUNT] = count - 1;
}

/** Takes a leaf out of the chain and frees it. */
function unlinkLeaf(arena: Arena, words: Int32Array, w: number, leaf: number): void {
  const leafWords = wordsOf(arena, leaf);
  const l = wordOf(leaf);
  const prev = leafWords[l + PREV];
  const next = leafWords[l + NEXT];
  if (prev !== 0) wordsOf(arena, prev)[wordOf(prev) + NEXT] = next;
  if (next !== 0) wordsOf(arena, next)[wordOf(next) + PREV] = prev;
  else words[w + TAIL] = prev;
  arenaFree(arena, leaf);
}

/** Takes out the child that the path leads to at `level`, and what becomes empty above it; -1 is above the root. */
function removeChild(arena: Arena, words: Int32Array, w: number, level: number): void {
  for (let up = level; up >= 0; up--) {
    const parent = pathBlock[up];
    const parentWords = wordsOf(arena, parent);
    const p = wordOf(parent);
    const count = parentWords[p + COUNT];
    if (count > 1) {
      closeGap(parentWords, p, pathChild[up], INNER_STRIDE);
      if (up === 0) collapse(arena, words, w);
      else if (count <= SPARSE) joinChild(arena, words, w, up - 1, INNER_STRIDE);
      return;
    }
    arenaFree(arena, parent);
  }
  words[w + ROOT] = 0;
  words[w + SHAPE] &= ~0xff;
}

/** Takes away inner roots with a single child. */
function collapse(arena: Arena, words: Int32Array, w: number): void {
  while (heightOf(words, w) > 0) {
    const root = words[w + ROOT];
    const rootWords = wordsOf(arena, root);
    const r = wordOf(root);
    if (rootWords[r + COUNT] > 1) return;
    words[w + ROOT] = rootWords[r + HEAD + ID_WORDS];
    words[w + SHAPE]--;
    arenaFree(arena, root);
  }
}

/** Joins the child that the path leads to at `level` with a neighbour where both are sparse enough. */
function joinChild(
  arena: Arena,
  words: Int32Array,
  w: number,
  level: number,
  stride: number,
): void {
  const parent = pathBlock[level];
  const parentWords = wordsOf(arena, parent);
  const p = wordOf(parent);
  const child = pathChild[level];
  for (let first = child; first >= child - 1; first--) {
    if (first < 0 || first + 1 >= parentWords[p + COUNT]) continue;
    const second = p + HEAD + (first + 1) * INNER_STRIDE;
    const left = parentWords[second - 1];
    const right = parentWords[second + ID_WORDS];
    const leftWords = wordsOf(arena, left);
    const l = wordOf(left);
    const rightWords = wordsOf(arena, right);
    const r = wordOf(right);
    const kept = leftWords[l + COUNT];
    const moved = rightWords[r + COUNT];
    if (kept + moved > JOINED_MAX) continue;
    // The bound of a first child means nothing until it is one of several.
    const isInner = level < heightOf(words, w) - 1;
    if (isInner) idCopy(parentWords, second, rightWords, r + HEAD);
    copyWords(rightWords, r + HEAD, leftWords, l + HEAD + kept * stride, moved * stride);
    leftWords[l + COUNT] = kept + moved;
    if (isInner) arenaFree(arena, right);
    else unlinkLeaf(arena, words, w, right);
    pathChild[level] = first + 1;
    removeChild(arena, words, w, level);
    return;
  }
}

/** Takes the last leaf with all its entries. Returns how many blocks were freed; the index must not be empty. */
export function indexDropTail(arena: Arena, index: number): number {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const height = heightOf(words, w);
  const before = arena.liveBlocks;
  let block = words[w + ROOT];
  for (let level = 0; level < height; level++) {
    const inner = wordsOf(arena, block);
    const b = wordOf(block);
    pathBlock[level] = block;
    pathChild[level] = inner[b + COUNT] - 1;
    block = inner[b + HEAD + pathChild[level] * INNER_STRIDE + ID_WORDS];
  }
  words[w + ENTRIES] -= wordsOf(arena, block)[wordOf(block) + COUNT];
  unlinkLeaf(arena, words, w, block);
  removeChild(arena, words, w, height - 1);
  return before - arena.liveBlocks;
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

/** What a check has passed: entries, blocks, the last leaf, the place of the last id (-1: none). */
const seen: { entries: number; blocks: number; leaf: number; words: Int32Array; word: number } = {
  entries: 0,
  blocks: 0,
  leaf: 0,
  words: ID_MIN,
  word: -1,
};

/** Checks the invariants; throws an Error naming the broken one. Returns the number of its blocks. */
export function indexVerify(arena: Arena, index: number): number {
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  Object.assign(seen, { entries: 0, blocks: 1, leaf: 0, word: -1 });
  const root = words[w + ROOT];
  const height = heightOf(words, w);
  if (root === 0 && height !== 0) throw new Error("stream index: empty, but not flat");
  if (root !== 0) blockVerify(arena, root, height, strideOf(words, w), height > 0);
  if (words[w + TAIL] !== seen.leaf) throw new Error("stream index: the last leaf is another");
  if (words[w + ENTRIES] !== seen.entries) {
    throw new Error(`stream index: ${words[w + ENTRIES]} entries noted, ${seen.entries} there`);
  }
  return seen.blocks;
}

function blockVerify(
  arena: Arena,
  block: number,
  height: number,
  stride: number,
  isInnerRoot: boolean,
): void {
  const words = wordsOf(arena, block);
  const w = wordOf(block);
  const count = words[w + COUNT];
  const capacity = words[w + CAPACITY];
  const step = height === 0 ? stride : INNER_STRIDE;
  seen.blocks++;
  if (count < (isInnerRoot ? 2 : 1) || count > capacity || capacity > BLOCK_MAX) {
    throw new Error(`stream index: ${count} of ${capacity} entries in a block`);
  }
  if ((HEAD + capacity * step) * 4 > arenaUsable(arena, block)) {
    throw new Error("stream index: a block overflows");
  }
  if (height === 0) {
    leafVerify(arena, block, words, w, count, stride);
    return;
  }
  for (let i = 0; i < count; i++) {
    const c = w + HEAD + i * INNER_STRIDE;
    if (i > 0 && seen.word >= 0 && idCompare(seen.words, seen.word, words, c) >= 0) {
      throw new Error("stream index: a bound is not above the child before it");
    }
    const child = words[c + ID_WORDS];
    const before = seen.entries;
    blockVerify(arena, child, height - 1, stride, false);
    if (i === 0 || before === seen.entries) continue;
    if (idCompare(leastOf(arena, child, height - 1), 0, words, c) < 0) {
      throw new Error("stream index: a bound is above its child");
    }
  }
}

const least = new Int32Array(ID_WORDS);

/** The least id below a block. */
function leastOf(arena: Arena, block: number, height: number): Int32Array {
  let at = block;
  for (let level = height; level > 0; level--) {
    at = wordsOf(arena, at)[wordOf(at) + HEAD + ID_WORDS];
  }
  idCopy(wordsOf(arena, at), wordOf(at) + HEAD, least, 0);
  return least;
}

function leafVerify(
  arena: Arena,
  leaf: number,
  words: Int32Array,
  w: number,
  count: number,
  stride: number,
): void {
  if (words[w + PREV] !== seen.leaf) {
    throw new Error("stream index: a leaf's predecessor is another");
  }
  if (seen.leaf !== 0 && wordsOf(arena, seen.leaf)[wordOf(seen.leaf) + NEXT] !== leaf) {
    throw new Error("stream index: a leaf's successor is another");
  }
  for (let i = 0; i < count; i++) {
    const at = w + HEAD + i * stride;
    if (seen.word >= 0 && idCompare(seen.words, seen.word, words, at) >= 0) {
      throw new Error("stream index: ids do not rise");
    }
    seen.words = words;
    seen.word = at;
  }
  seen.leaf = leaf;
  seen.entries += count;
}
