// stream_index_change.ts: adding to an index of ids and taking away; the structure is that of stream_index.ts.

import { type Arena, arenaAlloc, arenaFree } from "../mem/arena.ts";
import { ID_WORDS, idCompare, idCopy } from "./stream_id.ts";
import {
  BLOCK_MAX,
  CAPACITY,
  COUNT,
  descend,
  ENTRIES,
  HEAD,
  heightOf,
  indexCount,
  type IndexCursor,
  INNER_STRIDE,
  NEXT,
  pathBlock,
  pathChild,
  place,
  PREV,
  ROOT,
  search,
  SHAPE,
  strideOf,
  TAIL,
  wordOf,
  wordsOf,
} from "./stream_index.ts";

/** Entries a lone leaf starts with; below how many a block looks for a neighbour to join; how many both may have. */
const BLOCK_START = 2;
const SPARSE = BLOCK_MAX >> 2;
const JOINED_MAX = BLOCK_MAX - (BLOCK_MAX >> 2);

/** The least id of the block that addChild enters. */
const splitId = new Int32Array(ID_WORDS);

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

/** Frees an index with all its entries. */
export function indexDestroy(arena: Arena, index: number): void {
  while (indexCount(arena, index) > 0) indexDropTail(arena, index);
  arenaFree(arena, index);
}
