// btree_move.ts: moving the blocks of a large sorted set out of segments that are being emptied: header, nodes, members.
//
// The walk goes leaf by leaf and remembers the rank where it stands. A member is named by its leaf, by the inner nodes
// whose first it is, and by the table; the way that btreeSeekRank leaves says which inner nodes those are.

import { SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { btreeCount, btreeHeight, btreeOwner, btreeSeekRank, btreeSetOwner } from "./btree.ts";
import {
  CHILDREN,
  FIRSTS,
  leafCount,
  MEMBERS,
  NEXT,
  PREV,
  ROOT,
  spot,
  wayIndex,
  wayNode,
} from "./btree_node.ts";
import { dictFindEntry, dictReplaceSlot } from "./dict.ts";
import { dictMoveBuckets, dictMoveFrame } from "./dict_move.ts";
import { memberOwnHash } from "./member.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import type { ValueContext } from "./value_context.ts";
import { SCORE_BYTES } from "./zset_member.ts";

const PHASE_TABLE = 0;

/** Moves tree, table and members of a sorted set: see ValueModule.move. Returns the handle of the tree's header. */
export function btreeMove(
  vc: ValueContext,
  root: number,
  mover: Mover,
  cursor: MoveCursor,
): number {
  const { arena } = vc;
  let tree = root;
  if (cursor.phase === PHASE_TABLE) {
    if (cursor.at === 0) {
      tree = mover.move(root);
      btreeSetOwner(arena, tree, dictMoveFrame(mover, btreeOwner(arena, tree)));
    }
    if (!dictMoveBuckets(mover, btreeOwner(arena, tree), cursor)) return tree;
    cursor.next();
  }
  while (cursor.at < btreeCount(arena, tree)) {
    if (mover.left <= 0) return tree;
    btreeSeekRank(arena, tree, cursor.at);
    cursor.at -= spot.index;
    const leaf = moveWay(mover, tree);
    for (let i = 0; i < leafCount(arena, leaf); i++) moveMember(vc, mover, tree, leaf, i);
    cursor.at += leafCount(arena, leaf);
  }
  cursor.isDone = true;
  return tree;
}

/** Moves the nodes from the root to the leaf of the last seek. Returns the leaf. */
function moveWay(mover: Mover, tree: number): number {
  const { arena } = mover;
  let parent = tree;
  let word = ROOT;
  for (let level = btreeHeight(arena, tree); level > 0; level--) {
    const node = moveChild(mover, parent, word);
    wayNode[level] = node;
    parent = node;
    word = CHILDREN + wayIndex[level];
  }
  const old = spot.leaf;
  const leaf = moveChild(mover, parent, word);
  if (leaf === old) return leaf;
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  const prev = words[l + PREV];
  const next = words[l + NEXT];
  if (prev !== 0) arena.i32[prev >>> SEGMENT_SHIFT][((prev & UNIT_MASK) << 2) + NEXT] = leaf;
  if (next !== 0) arena.i32[next >>> SEGMENT_SHIFT][((next & UNIT_MASK) << 2) + PREV] = leaf;
  spot.leaf = leaf;
  return leaf;
}

function moveChild(mover: Mover, parent: number, word: number): number {
  const words = mover.arena.i32[parent >>> SEGMENT_SHIFT];
  return mover.moveWord(words, ((parent & UNIT_MASK) << 2) + word);
}

function moveMember(
  vc: ValueContext,
  mover: Mover,
  tree: number,
  leaf: number,
  index: number,
): void {
  const { arena } = vc;
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const at = ((leaf & UNIT_MASK) << 2) + MEMBERS + index;
  const old = words[at];
  const member = mover.moveWord(words, at);
  if (member === old) return;
  const dict = btreeOwner(arena, tree);
  dictFindEntry(arena, dict, memberOwnHash(vc, member, SCORE_BYTES), old);
  dictReplaceSlot(arena, member);
  if (index > 0) return;
  for (let level = 1; level <= btreeHeight(arena, tree); level++) {
    const node = wayNode[level];
    const inner = arena.i32[node >>> SEGMENT_SHIFT];
    inner[((node & UNIT_MASK) << 2) + FIRSTS + wayIndex[level]] = member;
    if (wayIndex[level] > 0) return;
  }
}
