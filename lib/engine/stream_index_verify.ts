// stream_index_verify.ts: the check of an index of ids against the invariants of stream_index.ts.

import { type Arena, arenaUsable } from "../mem/arena.ts";
import { ID_MIN, ID_WORDS, idCompare, idCopy } from "./stream_id.ts";
import {
  BLOCK_MAX,
  CAPACITY,
  COUNT,
  ENTRIES,
  HEAD,
  heightOf,
  INNER_STRIDE,
  NEXT,
  PREV,
  ROOT,
  strideOf,
  TAIL,
  wordOf,
  wordsOf,
} from "./stream_index.ts";

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
