// zset_build.ts: results of unions and the like: members gathered by name first, ordered when all scores are known.
//
//   const rec = recordCreate(...), recordSetA(rec, zsetCreate(vc, ENCODING_SKIPLIST))     in no table
//   zsetGather(vc, rec, buf, off, len)  ->  a member, new or known; scoreOf, scoreSet
//   ...
//   zsetOrder(vc, rec)         now it is a sorted set
//   zsetCompact(vc, rec)       a LISTPACK, if it is small enough
//
// COSTS: zsetGather O(1), zsetOrder O(n log n), zsetCompact O(n) for the few n that fit.

import { arenaFree } from "../mem/arena.ts";
import { btreeCount, btreeDestroy, btreeOwner, btreeSeekOwn, btreeSeekRank } from "./btree.ts";
import { btreeInsert } from "./btree_change.ts";
import { leafCount, leafMember, leafNext, spot } from "./btree_node.ts";
import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictDestroy,
  dictInsert,
  memberFind,
} from "./dict.ts";
import { memberBuf, memberHash, memberLen, memberOff } from "./member.ts";
import {
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "./record.ts";
import type { ValueContext } from "./value_context.ts";
import { LISTPACK_BYTES_MAX } from "./listpack.ts";
import { packCreate, packInsert } from "./zset_listpack.ts";
import { SCORE_BYTES, scoredCreate, scoreOf } from "./zset_member.ts";

/** Whether the member zsetGather gave is new. */
export const gathered = { isNew: false };

/**
 * The member buf[off, off+len) of a SKIPLIST that is being gathered, made with `score` when it is absent. It is in the table
 * only. Returns its handle.
 */
export function zsetGather(
  vc: ValueContext,
  rec: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const { arena } = vc;
  const dict = btreeOwner(arena, recordA(arena, rec));
  const hash = memberHash(vc, buf, off, len);
  const known = memberFind(arena, dict, SCORE_BYTES, hash, buf, off, len);
  gathered.isNew = known === 0;
  if (known !== 0) return known;
  const member = scoredCreate(arena, score, buf, off, len);
  dictInsert(arena, dict, hash, member);
  return member;
}

/** Brings all gathered members in order. */
export function zsetOrder(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  const tree = recordA(arena, rec);
  const dict = btreeOwner(arena, tree);
  const buckets = dictBucketCount(arena, dict);
  for (let index = 0; index < buckets; index++) {
    const count = dictBucketRead(arena, dict, index);
    for (let i = 0; i < count; i++) {
      const member = chain.entries[i];
      btreeSeekOwn(arena, tree, member);
      btreeInsert(arena, tree, member);
    }
  }
}

/** Makes a SKIPLIST a LISTPACK if the limits allow it. */
export function zsetCompact(vc: ValueContext, rec: number): void {
  const { arena, limits } = vc;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) return;
  const tree = recordA(arena, rec);
  const count = btreeCount(arena, tree);
  if (count > limits.zsetMaxListpackEntries || !areNamesShort(vc, tree, count)) return;
  let pack = packCreate(arena);
  let leaf = 0;
  if (count > 0) {
    btreeSeekRank(arena, tree, 0);
    leaf = spot.leaf;
  }
  for (; leaf !== 0; leaf = leafNext(arena, leaf)) {
    for (let i = 0; i < leafCount(arena, leaf); i++) {
      const member = leafMember(arena, leaf, i);
      pack = packInsert(
        arena,
        pack,
        scoreOf(arena, member),
        memberBuf(arena, member),
        memberOff(arena, member, SCORE_BYTES),
        memberLen(arena, member, SCORE_BYTES),
      );
      arenaFree(arena, member);
    }
  }
  dictDestroy(arena, btreeOwner(arena, tree));
  btreeDestroy(arena, tree);
  recordSetA(arena, rec, pack);
  recordSetEncoding(arena, rec, ENCODING_LISTPACK);
}

/** Whether no name is longer than a listpack may hold, all together neither. */
function areNamesShort(vc: ValueContext, tree: number, count: number): boolean {
  const { arena, limits } = vc;
  let total = 0;
  let leaf = 0;
  if (count > 0) {
    btreeSeekRank(arena, tree, 0);
    leaf = spot.leaf;
  }
  for (; leaf !== 0; leaf = leafNext(arena, leaf)) {
    for (let i = 0; i < leafCount(arena, leaf); i++) {
      const len = memberLen(arena, leafMember(arena, leaf, i), SCORE_BYTES);
      if (len > limits.zsetMaxListpackValue) return false;
      total += len;
    }
  }
  return total <= LISTPACK_BYTES_MAX;
}
