// btree.ts: the order of a large sorted set: a B+tree of members by (score, name) with counts, so that ranks are cheap.
//
// WHY NOT a skip list: it costs a random number of links per element, each of them a cache miss on the way down, and its
// spans as much again. Here a look-up touches one node per level, of which all but the last two are in the cache; an
// element costs 8 bytes at best, 11.6 on average after random insertions, inner nodes included 9 and 12.5.
// WHY NOT scores in the leaves: 8 bytes more than the key of 4 kept here would break the budget of 60 bytes a member of
// 13 bytes; the key (scoreKey) tells nearly all pairs of scores apart, the member itself is asked about the rest.
//
// NODES are blocks of 512 bytes, of words:
//
//   leaf   0 count | 1 previous leaf | 2 next leaf | 3 .. 64 keys of 62 members | 65 .. 126 their handles
//   inner  0 count | 1 .. 31 children | 32 .. 62 members below each | 63 .. 93 keys, 94 .. 124 handles of the first
//                                                                    member below each
//
//                 [ 3 | 2 3 2 | keys and handles of a c f ]              height 1
//                  /      |     \
//          [ a b ] <-> [ c d e ] <-> [ f g ]                             leaves
//
// HEADER, one block of 16 bytes (words): 0 root node   1 height, 0 = the root is a leaf   2 count   3 the owner's
//
// FILL. A full leaf is halved, but when the new member is the last (first) of all it gets a leaf of its own: rising
// and falling insertions leave full leaves. A node below a quarter joins a neighbour under the same parent if both fit
// in three quarters; an empty one goes at once.
//
// SPOT. The btreeSeek functions leave a place in `spot` and the way to it in `way`. btreeInsert and btreeRemove work there;
// only those after which it says so may be followed by them. btreeRemove makes the spot invalid.
//
// INVARIANTS
//   1. Members rise strictly by (score, name); a leaf's key is scoreKey of the member's score.
//   2. Counts, keys and handles in inner nodes are those of what is below; the count of the header is the sum.
//   3. No node is empty but the root leaf of an empty tree; an inner root has two children or more.
//   4. The leaves are linked both ways in order.
// LIMITS: 2^31 members; MAX_HEIGHT levels.
// COSTS: every operation O(log n); at a million random members 0.2 to 0.5 us a look-up.
// LIFETIME: a spot dies at the next insert or remove; leaves and indexes read from it too.
//
// Source: Bayer and McCreight, "Organization and Maintenance of Large Ordered Indexes", 1972, in the form Comer's "The
// Ubiquitous B-Tree" calls a B+-tree.

import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { memberBuf, memberLen, memberOff } from "./member.ts";
import { nameCompare, SCORE_BYTES, scoreKey, scoreOf, scoreSet } from "./zset_member.ts";

const NODE_BYTES = 512;
const HEADER_BYTES = 16;

const ROOT = 0;
const HEIGHT = 1;
const TOTAL = 2;
const OWNER = 3;

const COUNT = 0;

const PREV = 1;
const NEXT = 2;
const KEYS = 3;
/** Members of a full leaf. */
export const LEAF_SLOTS = 62;
const MEMBERS = KEYS + LEAF_SLOTS;
const LEAF_FEW = LEAF_SLOTS >> 2;
const LEAF_JOINED_MAX = 46;

const INNER_SLOTS = 31;
const CHILDREN = 1;
const COUNTS = CHILDREN + INNER_SLOTS;
const FIRST_KEYS = COUNTS + INNER_SLOTS;
const FIRSTS = FIRST_KEYS + INNER_SLOTS;
const INNER_FEW = INNER_SLOTS >> 2;
const INNER_JOINED_MAX = 23;

const MAX_HEIGHT = 16;

if (MEMBERS + LEAF_SLOTS > NODE_BYTES / 4 || FIRSTS + INNER_SLOTS > NODE_BYTES / 4) {
  throw new Error("btree: node layout is off");
}

/** Place of the last seek: a leaf and an index in it, which may be its count: behind its last member. */
export const spot = { leaf: 0, index: 0 };

/** Inner nodes on the way to the spot and the child taken in each, by level; leaves are level 0. */
const wayNode = new Int32Array(MAX_HEIGHT + 1);
const wayIndex = new Int32Array(MAX_HEIGHT + 1);

// ---- the tree as a whole

/** An empty tree. Returns the handle of its header. */
export function btreeCreate(arena: Arena): number {
  const tree = arenaAlloc(arena, HEADER_BYTES);
  const leaf = leafCreate(arena);
  const words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  words[t + ROOT] = leaf;
  words[t + HEIGHT] = 0;
  words[t + TOTAL] = 0;
  words[t + OWNER] = 0;
  return tree;
}

/** Frees header and nodes, not the members. */
export function btreeDestroy(arena: Arena, tree: number): void {
  const words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  nodeDestroy(arena, words[t + ROOT], words[t + HEIGHT]);
  arenaFree(arena, tree);
}

/** Frees all nodes; the tree is empty then. O(nodes). */
export function btreeClear(arena: Arena, tree: number): void {
  const words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  nodeDestroy(arena, words[t + ROOT], words[t + HEIGHT]);
  words[t + ROOT] = leafCreate(arena);
  words[t + HEIGHT] = 0;
  words[t + TOTAL] = 0;
}

function nodeDestroy(arena: Arena, node: number, level: number): void {
  if (level > 0) {
    const words = arena.i32[node >>> SEGMENT_SHIFT];
    const n = (node & UNIT_MASK) << 2;
    for (let i = 0; i < words[n + COUNT]; i++) {
      nodeDestroy(arena, words[n + CHILDREN + i], level - 1);
    }
  }
  arenaFree(arena, node);
}

/** Number of members. */
export function btreeCount(arena: Arena, tree: number): number {
  return arena.i32[tree >>> SEGMENT_SHIFT][((tree & UNIT_MASK) << 2) + TOTAL];
}

/** Levels above the leaves. */
export function btreeHeight(arena: Arena, tree: number): number {
  return arena.i32[tree >>> SEGMENT_SHIFT][((tree & UNIT_MASK) << 2) + HEIGHT];
}

/** The word in the header that is the owner's. */
export function btreeOwner(arena: Arena, tree: number): number {
  return arena.i32[tree >>> SEGMENT_SHIFT][((tree & UNIT_MASK) << 2) + OWNER];
}

export function btreeSetOwner(arena: Arena, tree: number, word: number): void {
  arena.i32[tree >>> SEGMENT_SHIFT][((tree & UNIT_MASK) << 2) + OWNER] = word;
}

/** Blocks of the tree: nodes and header. O(inner nodes). */
export function btreeBlocks(arena: Arena, tree: number): number {
  const words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  return 1 + nodeBlocks(arena, words[t + ROOT], words[t + HEIGHT]);
}

function nodeBlocks(arena: Arena, node: number, level: number): number {
  if (level === 0) return 1;
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const n = (node & UNIT_MASK) << 2;
  if (level === 1) return 1 + words[n + COUNT];
  let blocks = 1;
  for (let i = 0; i < words[n + COUNT]; i++) {
    blocks += nodeBlocks(arena, words[n + CHILDREN + i], level - 1);
  }
  return blocks;
}

/** Bytes of header and nodes. O(inner nodes). */
export function btreeBytes(arena: Arena, tree: number): number {
  return HEADER_BYTES + (btreeBlocks(arena, tree) - 1) * NODE_BYTES;
}

function leafCreate(arena: Arena): number {
  const leaf = arenaAlloc(arena, NODE_BYTES);
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  words[l + COUNT] = 0;
  words[l + PREV] = 0;
  words[l + NEXT] = 0;
  return leaf;
}

// ---- reading leaves

/** Members of a leaf. */
export function leafCount(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + COUNT];
}

/** Handle of the member at an index of a leaf. */
export function leafMember(arena: Arena, leaf: number, index: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + MEMBERS + index];
}

/** The leaf behind, or 0. */
export function leafNext(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + NEXT];
}

/** The leaf in front, or 0. */
export function leafPrev(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + PREV];
}

// ---- seeking

// What is sought: the place behind all members that are below it. "Below" is one of:
const BELOW_MEMBER = 0; // smaller than (score, name)
const UPTO_MEMBER = 1; // not greater than (score, name)
const BELOW_SCORE = 2; // of a smaller score
const UPTO_SCORE = 3; // of a score not greater
const BELOW_NAME = 4; // of a smaller name, whatever the score
const UPTO_NAME = 5; // of a name not greater, whatever the score

let soughtKind = BELOW_MEMBER;
let soughtKey = 0;
const soughtScore = new Float64Array(1);
let soughtBuf: Uint8Array = new Uint8Array(0);
let soughtOff = 0;
let soughtLen = 0;

/** Whether a member, which has this key, is below what is sought. */
function isBelow(arena: Arena, key: number, member: number): boolean {
  if (key !== soughtKey && soughtKind < BELOW_NAME) return key < soughtKey;
  return isBelowInFull(arena, member);
}

function isBelowInFull(arena: Arena, member: number): boolean {
  if (soughtKind < BELOW_NAME) {
    const score = scoreOf(arena, member);
    if (score !== soughtScore[0]) return score < soughtScore[0];
    if (soughtKind >= BELOW_SCORE) return soughtKind === UPTO_SCORE;
  }
  const order = nameCompare(arena, member, soughtBuf, soughtOff, soughtLen);
  return order < 0 || (order === 0 && (soughtKind & 1) !== 0);
}

/**
 * Goes down to the place that `soughtKind` and so on describe, in the leaf by `leafKind`. Returns its rank: how many
 * members are in front of it.
 */
function seek(arena: Arena, tree: number, leafKind: number): number {
  let words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  let node = words[t + ROOT];
  let rank = 0;
  for (let level = words[t + HEIGHT]; level > 0; level--) {
    words = arena.i32[node >>> SEGMENT_SHIFT];
    const n = (node & UNIT_MASK) << 2;
    let low = 1;
    let high = words[n + COUNT];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBelow(arena, words[n + FIRST_KEYS + middle], words[n + FIRSTS + middle])) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const index = low - 1;
    for (let i = n + COUNTS; i < n + COUNTS + index; i++) rank += words[i];
    wayNode[level] = node;
    wayIndex[level] = index;
    node = words[n + CHILDREN + index];
  }
  soughtKind = leafKind;
  words = arena.i32[node >>> SEGMENT_SHIFT];
  const n = (node & UNIT_MASK) << 2;
  let low = 0;
  let high = words[n + COUNT];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(arena, words[n + KEYS + middle], words[n + MEMBERS + middle])) low = middle + 1;
    else high = middle;
  }
  spot.leaf = node;
  spot.index = low;
  return rank + low;
}

/**
 * Seeks the member of this score and name, or the place where it belongs. Returns the number of members in front of it.
 * btreeInsert, and if the member is there btreeRemove, may follow.
 */
export function btreeSeekMember(
  arena: Arena,
  tree: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  soughtKind = UPTO_MEMBER;
  soughtKey = scoreKey(score);
  soughtScore[0] = score;
  soughtBuf = buf;
  soughtOff = off;
  soughtLen = len;
  return seek(arena, tree, BELOW_MEMBER);
}

/** As btreeSeekMember, of a member that lives, by its own score and name. */
export function btreeSeekOwn(arena: Arena, tree: number, member: number): number {
  return btreeSeekMember(
    arena,
    tree,
    scoreOf(arena, member),
    memberBuf(arena, member),
    memberOff(arena, member, SCORE_BYTES),
    memberLen(arena, member, SCORE_BYTES),
  );
}

/** Number of members whose score is less than `score`, or with `orEqual` not greater. */
export function btreeRankOfScore(
  arena: Arena,
  tree: number,
  score: number,
  orEqual: boolean,
): number {
  const kind = orEqual ? UPTO_SCORE : BELOW_SCORE;
  soughtKind = kind;
  soughtKey = scoreKey(score);
  soughtScore[0] = score;
  return seek(arena, tree, kind);
}

/**
 * Number of members whose name sorts before buf[off, off+len), or with `orEqual` not behind it. Means something only when
 * all scores are equal.
 */
export function btreeRankOfName(
  arena: Arena,
  tree: number,
  buf: Uint8Array,
  off: number,
  len: number,
  orEqual: boolean,
): number {
  const kind = orEqual ? UPTO_NAME : BELOW_NAME;
  soughtKind = kind;
  soughtBuf = buf;
  soughtOff = off;
  soughtLen = len;
  return seek(arena, tree, kind);
}

/** Seeks the member of a rank in [0, count). Returns its handle; btreeRemove may follow. */
export function btreeSeekRank(arena: Arena, tree: number, rank: number): number {
  let words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  let node = words[t + ROOT];
  let left = rank;
  for (let level = words[t + HEIGHT]; level > 0; level--) {
    words = arena.i32[node >>> SEGMENT_SHIFT];
    const n = (node & UNIT_MASK) << 2;
    let index = 0;
    while (left >= words[n + COUNTS + index]) left -= words[n + COUNTS + index++];
    wayNode[level] = node;
    wayIndex[level] = index;
    node = words[n + CHILDREN + index];
  }
  spot.leaf = node;
  spot.index = left;
  return leafMember(arena, node, left);
}

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

// ---- verification

/**
 * Walks the whole tree. Throws an Error naming the first broken invariant. Returns its number of blocks; members are not
 * among them.
 */
export function btreeVerify(arena: Arena, tree: number): number {
  const walk: Walk = { previous: 0, leaf: 0, blocks: 1 };
  const words = arena.i32[tree >>> SEGMENT_SHIFT];
  const t = (tree & UNIT_MASK) << 2;
  const total = verifyNode(arena, walk, words[t + ROOT], words[t + HEIGHT]);
  if (total !== words[t + TOTAL]) {
    throw new Error(`btree: count ${words[t + TOTAL]}, found ${total}`);
  }
  if (words[t + HEIGHT] > 0 && leafCount(arena, words[t + ROOT]) < 2) {
    throw new Error("btree: the root has one child");
  }
  if (leafNext(arena, walk.leaf) !== 0) throw new Error("btree: a leaf behind the last one");
  return walk.blocks;
}

interface Walk {
  /** Member in front, 0 for none. */
  previous: number;
  /** Leaf in front, 0 for none. */
  leaf: number;
  blocks: number;
}

/** Checks a node and what is below; returns how many members that is. */
function verifyNode(arena: Arena, walk: Walk, node: number, level: number): number {
  walk.blocks++;
  if (level === 0) return verifyLeaf(arena, walk, node);
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const n = (node & UNIT_MASK) << 2;
  const count = words[n + COUNT];
  if (count < 1 || count > INNER_SLOTS) throw new Error(`btree: inner node of ${count}`);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const child = words[n + CHILDREN + i];
    const found = verifyNode(arena, walk, child, level - 1);
    if (found !== words[n + COUNTS + i]) {
      throw new Error(`btree: child ${i} counts ${words[n + COUNTS + i]}, has ${found}`);
    }
    const childWords = arena.i32[child >>> SEGMENT_SHIFT];
    const c = (child & UNIT_MASK) << 2;
    const key = childWords[c + (level === 1 ? KEYS : FIRST_KEYS)];
    const first = childWords[c + (level === 1 ? MEMBERS : FIRSTS)];
    if (key !== words[n + FIRST_KEYS + i] || first !== words[n + FIRSTS + i]) {
      throw new Error(`btree: child ${i} starts with another member`);
    }
    total += found;
  }
  return total;
}

function verifyLeaf(arena: Arena, walk: Walk, leaf: number): number {
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  if (words[l + PREV] !== walk.leaf) throw new Error(`btree: leaf ${leaf} is linked wrongly`);
  if (walk.leaf !== 0 && leafNext(arena, walk.leaf) !== leaf) {
    throw new Error(`btree: leaf ${walk.leaf} is linked wrongly`);
  }
  walk.leaf = leaf;
  const count = words[l + COUNT];
  if (count > LEAF_SLOTS || (count < 1 && walk.blocks > 2)) {
    throw new Error(`btree: leaf of ${count}`);
  }
  for (let i = 0; i < count; i++) {
    const member = words[l + MEMBERS + i];
    if (words[l + KEYS + i] !== scoreKey(scoreOf(arena, member))) {
      throw new Error(`btree: key of member ${member}`);
    }
    if (walk.previous !== 0 && !isOrdered(arena, walk.previous, member)) {
      throw new Error(`btree: member ${member} is out of order`);
    }
    walk.previous = member;
  }
  return count;
}

function isOrdered(arena: Arena, before: number, member: number): boolean {
  const scoreBefore = scoreOf(arena, before);
  const score = scoreOf(arena, member);
  if (scoreBefore !== score) return scoreBefore < score;
  const off = memberOff(arena, member, SCORE_BYTES);
  const len = memberLen(arena, member, SCORE_BYTES);
  return nameCompare(arena, before, memberBuf(arena, member), off, len) < 0;
}
