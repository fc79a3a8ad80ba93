// set_value.ts: what every type does with its values (ValueModule), for sets: free, copy, check, measure. See set.ts.

import { copyBytes } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictBytes,
  dictCount,
  dictDestroy,
  dictDropLast,
  dictInsert,
  dictVerify,
  memberFind,
  membersCreate,
} from "./dict.ts";
import { dictMoveFrame, membersMove } from "./dict_move.ts";
import { intsetBytes, intsetValidate } from "./intset.ts";
import {
  LISTPACK_NONE,
  listpackBytes,
  listpackFind,
  listpackFirst,
  listpackNext,
  listpackValidate,
} from "./listpack.ts";
import { memberCreate, memberHash, memberLen, memberOff, memberOwnHash } from "./member.ts";
import { ENCODING_HASHTABLE, ENCODING_INTSET } from "./record.ts";
import { SetCursor } from "./set_walk.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";

const cursor = new SetCursor();

/** Bytes in use of a compact root. */
export function compactBytes(arena: Arena, encoding: number, root: number): number {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  return encoding === ENCODING_INTSET ? intsetBytes(bytes, at) : listpackBytes(bytes, at);
}

/**
 * A set from the bytes of an intset or listpack, which must be valid and without duplicates. Returns its root.
 */
export function setFromCompact(
  vc: ValueContext,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const root = arenaAlloc(vc.arena, len);
  copyBytes(buf, off, vc.arena.u8[root >>> SEGMENT_SHIFT], (root & UNIT_MASK) << 4, len);
  return root;
}

function copyTable(vc: ValueContext, root: number): number {
  const { arena } = vc;
  const dict = membersCreate(vc, 0);
  cursor.startRoot(vc, ENCODING_HASHTABLE, root);
  while (cursor.next()) {
    const { buf, off, len } = cursor;
    dictInsert(
      arena,
      dict,
      memberHash(vc, buf, off, len),
      memberCreate(arena, 0, buf, off, len, 0),
    );
  }
  return dict;
}

/** Frees about `blocks` members of a table; true when nothing is left of it. */
function freeTable(arena: Arena, dict: number, blocks: number): boolean {
  let left = blocks;
  while (dictCount(arena, dict) > 0) {
    if (left <= 0) return false;
    const found = dictDropLast(arena, dict);
    for (let i = 0; i < found; i++) arenaFree(arena, chain.entries[i]);
    left -= found;
  }
  dictDestroy(arena, dict);
  return true;
}

function verifyTable(vc: ValueContext, dict: number): number {
  const { arena } = vc;
  const blocks = dictVerify(arena, dict);
  cursor.startRoot(vc, ENCODING_HASHTABLE, dict);
  let count = 0;
  for (; cursor.next(); count++) {
    const { id, buf, off, len } = cursor;
    const hash = memberOwnHash(vc, id, 0);
    if (memberFind(arena, dict, 0, hash, buf, off, len) !== id) {
      throw new Error(`set: member ${id} is not found, or twice in the table`);
    }
    const end = memberOff(arena, id, 0) + memberLen(arena, id, 0) - ((id & UNIT_MASK) << 4);
    if (end > arenaUsable(arena, id)) throw new Error(`set: member ${id} overflows`);
  }
  if (count === 0) throw new Error("set: empty table");
  return blocks + count;
}

function verifyCompact(arena: Arena, encoding: number, root: number): void {
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = (root & UNIT_MASK) << 4;
  const used = compactBytes(arena, encoding, root);
  if (used > arenaUsable(arena, root)) throw new Error(`set: block ${root} overflows`);
  if (encoding === ENCODING_INTSET) {
    if (!intsetValidate(bytes, at, used, true)) throw new Error(`set: bad intset ${root}`);
    return;
  }
  if (!listpackValidate(bytes, at, used, true)) throw new Error(`set: bad listpack ${root}`);
  let entry = listpackFirst(bytes, at);
  if (entry === LISTPACK_NONE) throw new Error(`set: empty listpack ${root}`);
  while (entry !== LISTPACK_NONE) {
    const next = listpackNext(bytes, entry);
    cursor.readEntry(bytes, entry);
    const { buf, off, len } = cursor;
    if (listpackFind(bytes, next, buf, off, len, 0) !== LISTPACK_NONE) {
      throw new Error(`set: a member twice in listpack ${root}`);
    }
    entry = next;
  }
}

/** Bytes of a table and its members, `samples` of which are measured (0: all). */
function tableBytes(arena: Arena, dict: number, samples: number): number {
  const buckets = dictBucketCount(arena, dict);
  let measured = 0;
  let bytes = 0;
  for (let i = 0; i < buckets && (samples === 0 || measured < samples); i++) {
    const found = dictBucketRead(arena, dict, i);
    for (let n = 0; n < found; n++) bytes += arenaUsable(arena, chain.entries[n]);
    measured += found;
  }
  const members = measured === 0 ? 0 : Math.round(bytes / measured * dictCount(arena, dict));
  return dictBytes(arena, dict) + members;
}

export const setValue: ValueModule = {
  free(vc, encoding, root) {
    if (encoding === ENCODING_HASHTABLE) freeTable(vc.arena, root, Infinity);
    else arenaFree(vc.arena, root);
  },
  freeSlice(vc, encoding, root, blocks) {
    if (encoding === ENCODING_HASHTABLE) return freeTable(vc.arena, root, blocks);
    arenaFree(vc.arena, root);
    return true;
  },
  effort(vc, encoding, root) {
    return encoding === ENCODING_HASHTABLE ? dictCount(vc.arena, root) + 2 : 1;
  },
  copy(vc, encoding, root) {
    if (encoding === ENCODING_HASHTABLE) return copyTable(vc, root);
    const bytes = vc.arena.u8[root >>> SEGMENT_SHIFT];
    const used = compactBytes(vc.arena, encoding, root);
    return setFromCompact(vc, bytes, (root & UNIT_MASK) << 4, used);
  },
  verify(vc, encoding, root) {
    if (encoding === ENCODING_HASHTABLE) return verifyTable(vc, root);
    verifyCompact(vc.arena, encoding, root);
    return 1;
  },
  bytes(vc, encoding, root, samples) {
    if (encoding === ENCODING_HASHTABLE) return tableBytes(vc.arena, root, samples);
    return arenaUsable(vc.arena, root);
  },
  move(_vc, encoding, root, mover, cursor) {
    if (encoding !== ENCODING_HASHTABLE) {
      cursor.isDone = true;
      return mover.move(root);
    }
    const dict = cursor.at === 0 ? dictMoveFrame(mover, root) : root;
    cursor.isDone = membersMove(mover, dict, 0, cursor);
    return dict;
  },
};
