// btree_verify.ts: checks of the invariants of btree.ts.

import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  CHILDREN,
  COUNT,
  COUNTS,
  FIRST_KEYS,
  FIRSTS,
  HEIGHT,
  INNER_SLOTS,
  KEYS,
  LEAF_SLOTS,
  leafCount,
  leafNext,
  MEMBERS,
  PREV,
  ROOT,
  TOTAL,
} from "./btree_node.ts";
import { nameCompare, SCORE_BYTES, scoreKey, scoreOf } from "./zset_member.ts";
import { memberBuf, memberLen, memberOff } from "./member.ts";
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
