// btree_change.ts: inserting, removing and moving members of the tree in btree.ts, whose header says what holds.
//
// A change starts from a spot and the way to it, both left by a seek. On the way back up counts are adjusted, first members
// noted where they changed, and nodes split, joined or freed.

import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  CHILDREN,
  COUNT,
  COUNTS,
  FIRST_KEYS,
  FIRSTS,
  HEIGHT,
  INNER_FEW,
  INNER_JOINED_MAX,
  INNER_SLOTS,
  KEYS,
  LEAF_FEW,
  LEAF_JOINED_MAX,
  LEAF_SLOTS,
  leafCount,
  leafCreate,
  leafNext,
  leafPrev,
  MEMBERS,
  NEXT,
  NODE_BYTES,
  PREV,
  ROOT,
  spot,
  TOTAL,
  wayIndex,
  wayNode,
} from "./btree_node.ts";
import { btreeHeight, btreeSeekOwn } from "./btree.ts";
import { scoreKey, scoreOf, scoreSet } from "./zset_member.ts";
// ---- inserting

/** Inserts a member at the spot that btreeSeekMember found for its score and name. */
export function btreeInsert(arena: Arena, tree: number, member: number): void {
  const { leaf, index } = spot;
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const key = scoreKey(scoreOf(arena, member));
  const head = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  head[t + TOTAL]++;
  const height = head[t + HEIGHT];
  if (words[l + COUNT] < LEAF_SLOTS) {
    leafPut(words, l, index, key, member);
    for (let level = 1; level <= height; level++) wayCount(arena, level, 1);
    if (index === 0) wayFirst(arena, 1, height, key, member);
    return;
  }
  leafSplit(arena, tree, key, member);
}

/** Adds to the count of the child taken at a level. */
function wayCount(arena: Arena, level: number, more: number): void {
  const node = wayNode[level];
  arena.i32[node >>> SEGMENT_SHIFT][((node & UNIT_MASK) << 2) + COUNTS + wayIndex[level]] += more;
}

/** What is below the child taken at `from` has another first member: notes it there, and above while it is the first. */
function wayFirst(arena: Arena, from: number, height: number, key: number, member: number): void {
  for (let level = from; level <= height; level++) {
    const node = wayNode[level];
    const index = wayIndex[level];
    const words = arena.i32[node >>> SEGMENT_SHIFT];
    const n = (node & UNIT_MASK) << 2;
    words[n + FIRST_KEYS + index] = key;
    words[n + FIRSTS + index] = member;
    if (index > 0) return;
  }
}

function leafPut(words: Int32Array, l: number, index: number, key: number, member: number): void {
  const count = words[l + COUNT]++;
  for (let i = l + KEYS + count; i > l + KEYS + index; i--) words[i] = words[i - 1];
  for (let i = l + MEMBERS + count; i > l + MEMBERS + index; i--) words[i] = words[i - 1];
  words[l + KEYS + index] = key;
  words[l + MEMBERS + index] = member;
}

/** Splits the full leaf at the spot and puts the member in. */
function leafSplit(arena: Arena, tree: number, key: number, member: number): void {
  const { leaf, index } = spot;
  const fresh = leafCreate(arena);
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const freshWords = arena.i32[fresh >>> SEGMENT_SHIFT];
  const f = (fresh & UNIT_MASK) << 2;
  const isLast = index === LEAF_SLOTS && words[l + NEXT] === 0;
  const isFirst = index === 0 && words[l + PREV] === 0;
  const kept = isLast ? LEAF_SLOTS : isFirst ? 0 : LEAF_SLOTS >> 1;
  leafMove(words, l + kept, freshWords, f, LEAF_SLOTS - kept);
  freshWords[f + COUNT] = LEAF_SLOTS - kept;
  words[l + COUNT] = kept;
  leafLink(arena, leaf, fresh);
  if (index <= kept && !isLast) leafPut(words, l, index, key, member);
  else leafPut(freshWords, f, index - kept, key, member);
  const height = btreeHeight(arena, tree);
  if (index === 0) wayFirst(arena, 1, height, key, member);
  childInsert(
    arena,
    tree,
    1,
    words[l + COUNT],
    fresh,
    freshWords[f + COUNT],
    freshWords[f + KEYS],
    freshWords[f + MEMBERS],
    isLast,
  );
}

/** Copies keys and handles of `count` members between two leaves, from and to the members at these word offsets. */
function leafMove(
  words: Int32Array,
  from: number,
  target: Int32Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    target[to + KEYS + i] = words[from + KEYS + i];
    target[to + MEMBERS + i] = words[from + MEMBERS + i];
  }
}

function leafLink(arena: Arena, leaf: number, fresh: number): void {
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const freshWords = arena.i32[fresh >>> SEGMENT_SHIFT];
  const f = (fresh & UNIT_MASK) << 2;
  const next = words[l + NEXT];
  freshWords[f + PREV] = leaf;
  freshWords[f + NEXT] = next;
  words[l + NEXT] = fresh;
  if (next !== 0) arena.i32[next >>> SEGMENT_SHIFT][((next & UNIT_MASK) << 2) + PREV] = fresh;
}

/**
 * A child at `level - 1` was split: the one on the way has `leftCount` members now; `fresh` comes behind it with
 * `count` members, the first of which has this key and handle. One member more is below all.
 */
function childInsert(
  arena: Arena,
  tree: number,
  level: number,
  leftCount: number,
  fresh: number,
  count: number,
  key: number,
  first: number,
  isLast: boolean,
): void {
  const height = btreeHeight(arena, tree);
  if (level > height) {
    rootGrow(arena, tree, leftCount, fresh, count, key, first);
    return;
  }
  const node = wayNode[level];
  const at = wayIndex[level] + 1;
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const n = (node & UNIT_MASK) << 2;
  words[n + COUNTS + at - 1] = leftCount;
  if (words[n + COUNT] < INNER_SLOTS) {
    innerPut(words, n, at, fresh, count, key, first);
    for (let above = level + 1; above <= height; above++) wayCount(arena, above, 1);
    return;
  }
  const right = arenaAlloc(arena, NODE_BYTES);
  const rightWords = arena.i32[right >>> SEGMENT_SHIFT];
  const r = (right & UNIT_MASK) << 2;
  const atEnd = isLast && at === INNER_SLOTS;
  const kept = atEnd ? INNER_SLOTS : (INNER_SLOTS + 1) >> 1;
  innerMove(words, n + kept, rightWords, r, INNER_SLOTS - kept);
  rightWords[r + COUNT] = INNER_SLOTS - kept;
  words[n + COUNT] = kept;
  if (at <= kept && !atEnd) innerPut(words, n, at, fresh, count, key, first);
  else innerPut(rightWords, r, at - kept, fresh, count, key, first);
  childInsert(
    arena,
    tree,
    level + 1,
    innerTotal(words, n),
    right,
    innerTotal(rightWords, r),
    rightWords[r + FIRST_KEYS],
    rightWords[r + FIRSTS],
    isLast,
  );
}

function innerTotal(words: Int32Array, n: number): number {
  let total = 0;
  for (let i = 0; i < words[n + COUNT]; i++) total += words[n + COUNTS + i];
  return total;
}

function innerPut(
  words: Int32Array,
  n: number,
  at: number,
  child: number,
  count: number,
  key: number,
  first: number,
): void {
  for (let i = n + words[n + COUNT]; i > n + at; i--) {
    words[i + CHILDREN] = words[i + CHILDREN - 1];
    words[i + COUNTS] = words[i + COUNTS - 1];
    words[i + FIRST_KEYS] = words[i + FIRST_KEYS - 1];
    words[i + FIRSTS] = words[i + FIRSTS - 1];
  }
  words[n + COUNT]++;
  words[n + at + CHILDREN] = child;
  words[n + at + COUNTS] = count;
  words[n + at + FIRST_KEYS] = key;
  words[n + at + FIRSTS] = first;
}

/** As leafMove, of the children of inner nodes. */
function innerMove(
  words: Int32Array,
  from: number,
  target: Int32Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    target[to + i + CHILDREN] = words[from + i + CHILDREN];
    target[to + i + COUNTS] = words[from + i + COUNTS];
    target[to + i + FIRST_KEYS] = words[from + i + FIRST_KEYS];
    target[to + i + FIRSTS] = words[from + i + FIRSTS];
  }
}

/** Puts a new root above the old one and `fresh`. */
function rootGrow(
  arena: Arena,
  tree: number,
  leftCount: number,
  fresh: number,
  count: number,
  key: number,
  first: number,
): void {
  const root = arenaAlloc(arena, NODE_BYTES);
  const head = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  const old = head[t + ROOT];
  const oldWords = arena.i32[old >>> SEGMENT_SHIFT];
  const o = (old & UNIT_MASK) << 2;
  const isLeaf = head[t + HEIGHT] === 0;
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const n = (root & UNIT_MASK) << 2;
  words[n + COUNT] = 0;
  const oldKey = oldWords[o + (isLeaf ? KEYS : FIRST_KEYS)];
  innerPut(words, n, 0, old, leftCount, oldKey, oldWords[o + (isLeaf ? MEMBERS : FIRSTS)]);
  innerPut(words, n, 1, fresh, count, key, first);
  head[t + ROOT] = root;
  head[t + HEIGHT]++;
}

// ---- removing

/** Takes the member at the spot out; the seek before must have found one. The member itself stays. */
export function btreeRemove(arena: Arena, tree: number): void {
  const { leaf, index } = spot;
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const head = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  const height = head[t + HEIGHT];
  head[t + TOTAL]--;
  const count = --words[l + COUNT];
  for (let i = l + KEYS + index; i < l + KEYS + count; i++) words[i] = words[i + 1];
  for (let i = l + MEMBERS + index; i < l + MEMBERS + count; i++) words[i] = words[i + 1];
  for (let level = 1; level <= height; level++) wayCount(arena, level, -1);
  if (height === 0) return;
  if (count === 0) {
    leafDrop(arena, leaf);
    childRemove(arena, tree, 1);
    return;
  }
  if (index === 0) wayFirst(arena, 1, height, words[l + KEYS], words[l + MEMBERS]);
  if (count < LEAF_FEW) leafJoin(arena, tree);
}

/** Takes a leaf out of the chain and frees it. */
function leafDrop(arena: Arena, leaf: number): void {
  const prev = leafPrev(arena, leaf);
  const next = leafNext(arena, leaf);
  if (prev !== 0) arena.i32[prev >>> SEGMENT_SHIFT][((prev & UNIT_MASK) << 2) + NEXT] = next;
  if (next !== 0) arena.i32[next >>> SEGMENT_SHIFT][((next & UNIT_MASK) << 2) + PREV] = prev;
  arenaFree(arena, leaf);
}

/** Takes the child on the way, which is freed already, out of the inner node at `level`. */
function childRemove(arena: Arena, tree: number, level: number): void {
  const node = wayNode[level];
  const at = wayIndex[level];
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const n = (node & UNIT_MASK) << 2;
  const count = --words[n + COUNT];
  for (let i = n + at; i < n + count; i++) {
    words[i + CHILDREN] = words[i + CHILDREN + 1];
    words[i + COUNTS] = words[i + COUNTS + 1];
    words[i + FIRST_KEYS] = words[i + FIRST_KEYS + 1];
    words[i + FIRSTS] = words[i + FIRSTS + 1];
  }
  const height = btreeHeight(arena, tree);
  if (count === 0) {
    arenaFree(arena, node);
    childRemove(arena, tree, level + 1);
    return;
  }
  if (at === 0) wayFirst(arena, level + 1, height, words[n + FIRST_KEYS], words[n + FIRSTS]);
  if (level === height) rootShrink(arena, tree);
  else if (count < INNER_FEW) innerJoin(arena, tree, level);
}

/** While the root has a single child, that is the root. */
function rootShrink(arena: Arena, tree: number): void {
  const head = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  while (head[t + HEIGHT] > 0) {
    const root = head[t + ROOT];
    const words = arena.i32[root >>> SEGMENT_SHIFT];
    const n = (root & UNIT_MASK) << 2;
    if (words[n + COUNT] > 1) return;
    head[t + ROOT] = words[n + CHILDREN];
    head[t + HEIGHT]--;
    arenaFree(arena, root);
  }
}

/** Joins the leaf on the way, which has few members, with a neighbour if that leaves room. */
function leafJoin(arena: Arena, tree: number): void {
  const parent = wayNode[1];
  const at = wayIndex[1];
  const words = arena.i32[parent >>> SEGMENT_SHIFT];
  const p = (parent & UNIT_MASK) << 2;
  const counts = p + COUNTS + at;
  if (at + 1 < words[p + COUNT] && words[counts] + words[counts + 1] <= LEAF_JOINED_MAX) {
    wayIndex[1] = at + 1;
  } else if (at === 0 || words[counts - 1] + words[counts] > LEAF_JOINED_MAX) {
    return;
  }
  const child = p + wayIndex[1];
  const left = words[child + CHILDREN - 1];
  const right = words[child + CHILDREN];
  const leftWords = arena.i32[left >>> SEGMENT_SHIFT];
  const l = (left & UNIT_MASK) << 2;
  const rightWords = arena.i32[right >>> SEGMENT_SHIFT];
  const r = (right & UNIT_MASK) << 2;
  leafMove(rightWords, r, leftWords, l + leftWords[l + COUNT], rightWords[r + COUNT]);
  leftWords[l + COUNT] += rightWords[r + COUNT];
  words[child + COUNTS - 1] += words[child + COUNTS];
  leafDrop(arena, right);
  childRemove(arena, tree, 1);
}

/** As leafJoin, of the inner node on the way at `level`. */
function innerJoin(arena: Arena, tree: number, level: number): void {
  const parent = wayNode[level + 1];
  const at = wayIndex[level + 1];
  const words = arena.i32[parent >>> SEGMENT_SHIFT];
  const p = (parent & UNIT_MASK) << 2;
  if (at + 1 < words[p + COUNT] && childrenOfBoth(arena, words, p + at) <= INNER_JOINED_MAX) {
    wayIndex[level + 1] = at + 1;
  } else if (at === 0 || childrenOfBoth(arena, words, p + at - 1) > INNER_JOINED_MAX) {
    return;
  }
  const child = p + wayIndex[level + 1];
  const left = words[child + CHILDREN - 1];
  const right = words[child + CHILDREN];
  const leftWords = arena.i32[left >>> SEGMENT_SHIFT];
  const l = (left & UNIT_MASK) << 2;
  const rightWords = arena.i32[right >>> SEGMENT_SHIFT];
  const r = (right & UNIT_MASK) << 2;
  innerMove(rightWords, r, leftWords, l + leftWords[l + COUNT], rightWords[r + COUNT]);
  leftWords[l + COUNT] += rightWords[r + COUNT];
  words[child + COUNTS - 1] += words[child + COUNTS];
  arenaFree(arena, right);
  childRemove(arena, tree, level + 1);
}

/** Children of the inner node named at `words[child + CHILDREN]` and of the one behind it. */
function childrenOfBoth(arena: Arena, words: Int32Array, child: number): number {
  return leafCount(arena, words[child + CHILDREN]) + leafCount(arena, words[child + CHILDREN + 1]);
}

// ---- moving

/** Gives a member of the tree another score, and the place that follows from it. */
export function btreeSetScore(arena: Arena, tree: number, member: number, score: number): void {
  btreeSeekOwn(arena, tree, member);
  const { leaf, index } = spot;
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const stays = index > 0 && index + 1 < words[l + COUNT] &&
    scoreOf(arena, words[l + MEMBERS + index - 1]) < score &&
    score < scoreOf(arena, words[l + MEMBERS + index + 1]);
  if (!stays) btreeRemove(arena, tree);
  scoreSet(arena, member, score);
  if (stays) {
    words[l + KEYS + index] = scoreKey(score);
    return;
  }
  btreeSeekOwn(arena, tree, member);
  btreeInsert(arena, tree, member);
}
