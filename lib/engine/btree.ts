// btree.ts: the order of a large sorted set: a B+tree of members by (score, name) with counts, so that ranks are cheap.
//
// WHY NOT a skip list: it costs a random number of links per element, each of them a cache miss on the way down, and its
// spans as much again. Here a look-up touches one node per level, of which all but the last two are in the cache; an
// element costs 8 bytes at best, 11.6 on average after random insertions, inner nodes included 9 and 12.5.
// WHY NOT scores in the leaves: 8 bytes more than the key of 4 kept here would break the budget of 60 bytes a member of
// 13 bytes; the key (scoreKey) tells nearly all pairs of scores apart, the member itself is asked about the rest.
//
// FILES: seeking is here, the nodes in btree_node.ts, changes in btree_change.ts, checks in btree_verify.ts.
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
import {
  CHILDREN,
  COUNT,
  COUNTS,
  FIRST_KEYS,
  FIRSTS,
  HEADER_BYTES,
  HEIGHT,
  KEYS,
  leafCreate,
  leafMember,
  MEMBERS,
  NODE_BYTES,
  OWNER,
  ROOT,
  spot,
  TOTAL,
  wayIndex,
  wayNode,
} from "./btree_node.ts";
import { nameCompare, SCORE_BYTES, scoreKey, scoreOf } from "./zset_member.ts";
import { memberBuf, memberLen, memberOff } from "./member.ts";
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
