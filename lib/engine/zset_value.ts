// zset_value.ts: sorted sets as values among others: free, copy, verify, measure.
//
// TAKING APART in slices: the first one frees all nodes of the tree (2.5 ms for ten million members), the others go through
// the table from its end, a bucket with its members at a time.

import { bytesCompare } from "../bytes/ascii.ts";
import { INT64_TEXT_MAX } from "../bytes/int64.ts";
import { type Arena, arenaFree, arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  btreeBytes,
  btreeClear,
  btreeCount,
  btreeCreate,
  btreeDestroy,
  btreeOwner,
  btreeSeekOwn,
  btreeSeekRank,
  btreeSetOwner,
} from "./btree.ts";
import { btreeInsert } from "./btree_change.ts";
import { btreeMove } from "./btree_move.ts";
import { leafCount, leafMember, leafNext, spot } from "./btree_node.ts";
import { btreeVerify } from "./btree_verify.ts";
import {
  chain,
  dictBytes,
  dictCount,
  dictDestroy,
  dictDropLast,
  dictFindEntry,
  dictInsert,
  dictVerify,
  membersCreate,
} from "./dict.ts";
import {
  LISTPACK_HEADER,
  listpackBytes,
  listpackCount,
  listpackEnd,
  listpackEntrySize,
  listpackValidate,
} from "./listpack.ts";
import { memberBuf, memberLen, memberOff, memberOwnHash } from "./member.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import { ENCODING_LISTPACK } from "./record.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";
import { packed, packFrom, packName, packScore } from "./zset_listpack.ts";
import { SCORE_BYTES, scoredCreate, scoreOf } from "./zset_member.ts";

export const zsetValue: ValueModule = { free, freeSlice, effort, copy, verify, bytes, move };

/** The first leaf of a tree that is not empty. */
function firstLeaf(arena: Arena, tree: number): number {
  btreeSeekRank(arena, tree, 0);
  return spot.leaf;
}

function free(vc: ValueContext, encoding: number, root: number): void {
  const { arena } = vc;
  if (encoding === ENCODING_LISTPACK) {
    arenaFree(arena, root);
    return;
  }
  const dict = btreeOwner(arena, root);
  while (dictCount(arena, dict) > 0) {
    const count = dictDropLast(arena, dict);
    for (let i = 0; i < count; i++) arenaFree(arena, chain.entries[i]);
  }
  dictDestroy(arena, dict);
  btreeDestroy(arena, root);
}

function freeSlice(vc: ValueContext, encoding: number, root: number, blocks: number): boolean {
  const { arena } = vc;
  if (encoding === ENCODING_LISTPACK) {
    arenaFree(arena, root);
    return true;
  }
  if (btreeCount(arena, root) > 0) btreeClear(arena, root);
  const dict = btreeOwner(arena, root);
  for (let left = blocks; dictCount(arena, dict) > 0;) {
    if (left <= 0) return false;
    const count = dictDropLast(arena, dict);
    for (let i = 0; i < count; i++) arenaFree(arena, chain.entries[i]);
    left -= 1 + count;
  }
  dictDestroy(arena, dict);
  btreeDestroy(arena, root);
  return true;
}

function effort(vc: ValueContext, encoding: number, root: number): number {
  return encoding === ENCODING_LISTPACK ? 1 : 3 + btreeCount(vc.arena, root);
}

function copy(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_LISTPACK) {
    const source = arena.u8[root >>> SEGMENT_SHIFT];
    const off = (root & UNIT_MASK) << 4;
    return packFrom(arena, source, off, listpackBytes(source, off));
  }
  const dict = membersCreate(vc, SCORE_BYTES);
  const tree = btreeCreate(arena);
  btreeSetOwner(arena, tree, dict);
  let leaf = btreeCount(arena, root) === 0 ? 0 : firstLeaf(arena, root);
  for (; leaf !== 0; leaf = leafNext(arena, leaf)) {
    for (let i = 0; i < leafCount(arena, leaf); i++) {
      const member = leafMember(arena, leaf, i);
      const fresh = scoredCreate(
        arena,
        scoreOf(arena, member),
        memberBuf(arena, member),
        memberOff(arena, member, SCORE_BYTES),
        memberLen(arena, member, SCORE_BYTES),
      );
      dictInsert(arena, dict, memberOwnHash(vc, fresh, SCORE_BYTES), fresh);
      btreeSeekOwn(arena, tree, fresh);
      btreeInsert(arena, tree, fresh);
    }
  }
  return tree;
}

function bytes(vc: ValueContext, encoding: number, root: number, samples: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_LISTPACK) return arenaUsable(arena, root);
  const count = btreeCount(arena, root);
  const fixed = btreeBytes(arena, root) + dictBytes(arena, btreeOwner(arena, root));
  let measured = 0;
  let total = 0;
  let leaf = count === 0 ? 0 : firstLeaf(arena, root);
  for (; leaf !== 0; leaf = leafNext(arena, leaf)) {
    for (let i = 0; i < leafCount(arena, leaf); i++, measured++) {
      if (samples > 0 && measured === samples) return fixed + Math.floor(total / measured * count);
      total += arenaUsable(arena, leafMember(arena, leaf, i));
    }
  }
  return fixed + total;
}

function move(
  vc: ValueContext,
  encoding: number,
  root: number,
  mover: Mover,
  cursor: MoveCursor,
): number {
  if (encoding !== ENCODING_LISTPACK) return btreeMove(vc, root, mover, cursor);
  cursor.isDone = true;
  return mover.move(root);
}

// ---- verification

function verify(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_LISTPACK) {
    verifyListpack(arena, root);
    return 1;
  }
  const dict = btreeOwner(arena, root);
  const count = btreeCount(arena, root);
  const inTable = dictCount(arena, dict);
  const blocks = dictVerify(arena, dict) + btreeVerify(arena, root) + inTable;
  // The tree of a value that is being gathered or taken apart is empty.
  if (inTable !== count && count !== 0) {
    throw new Error(`zset: ${inTable} members in the table, ${count} in the tree`);
  }
  let leaf = count === 0 ? 0 : firstLeaf(arena, root);
  for (; leaf !== 0; leaf = leafNext(arena, leaf)) {
    for (let i = 0; i < leafCount(arena, leaf); i++) {
      const member = leafMember(arena, leaf, i);
      if (!dictFindEntry(arena, dict, memberOwnHash(vc, member, SCORE_BYTES), member)) {
        throw new Error(`zset: member ${member} is not in the table`);
      }
    }
  }
  return blocks;
}

function verifyListpack(arena: Arena, root: number): void {
  const buf = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const total = listpackBytes(buf, off);
  if (total > arenaUsable(arena, root) || !listpackValidate(buf, off, total, true)) {
    throw new Error(`zset: listpack ${root} is broken`);
  }
  if ((listpackCount(buf, off) & 1) !== 0) throw new Error(`zset: listpack ${root} is odd`);
  const end = listpackEnd(buf, off);
  let before = -1;
  let scoreBefore = 0;
  for (let at = off + LISTPACK_HEADER; at < end;) {
    const scoreAt = at + listpackEntrySize(buf, at);
    const score = packScore(buf, scoreAt);
    if (Number.isNaN(score)) throw new Error(`zset: listpack ${root} has a score that is none`);
    if (
      before >= 0 && (scoreBefore > score || (scoreBefore === score && !rises(buf, before, at)))
    ) {
      throw new Error(`zset: listpack ${root} is out of order`);
    }
    before = at;
    scoreBefore = score;
    at = scoreAt + listpackEntrySize(buf, scoreAt);
  }
}

/** Whether the name at `before` sorts before the one at `at`. */
function rises(buf: Uint8Array, before: number, at: number): boolean {
  const first = new Uint8Array(INT64_TEXT_MAX);
  const second = new Uint8Array(INT64_TEXT_MAX);
  packName(buf, before, first);
  const { buf: firstBuf, off, len } = packed;
  packName(buf, at, second);
  return bytesCompare(firstBuf, off, len, packed.buf, packed.off, packed.len) < 0;
}
