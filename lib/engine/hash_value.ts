// hash_value.ts: hashes for those who know no types: free, copy, check, measure (see hash.ts for the structure).

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
import { hashDict } from "./hash.ts";
import { memberValue, type ValueView } from "./hash_member.ts";
import {
  memberIsTimed,
  timesAdopt,
  timesBytes,
  timesCount,
  timesCreate,
  timesDestroy,
  timesDict,
  timesMoveFrame,
  timesMovePages,
  timesPrepare,
  timesSetDict,
  timesVerify,
} from "./hash_times.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackBytes,
  listpackCount,
  listpackFind,
  listpackFirst,
  listpackNext,
  listpackText,
  listpackValidate,
} from "./listpack.ts";
import { memberBuf, memberEnd, memberLen, memberOff, memberOwnHash } from "./member.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import { ENCODING_HASHTABLE_VOLATILE, ENCODING_LISTPACK } from "./record.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";

/** Copies of a bucket's entries: what is done with them may read other buckets. */
let entries = new Int32Array(64);

function keepChain(count: number): void {
  if (count > entries.length) entries = new Int32Array(chain.entries.length);
  for (let i = 0; i < count; i++) entries[i] = chain.entries[i];
}

export const hashValue: ValueModule = {
  free(vc, encoding, root): void {
    freeSlice(vc, encoding, root, Infinity);
  },

  freeSlice,

  effort(vc, encoding, root): number {
    const dict = hashDict(vc, encoding, root);
    return dict === 0 ? 1 : dictCount(vc.arena, dict) + 2;
  },

  copy(vc, encoding, root): number {
    if (encoding !== ENCODING_LISTPACK) return copyTable(vc, encoding, root);
    const { arena } = vc;
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    const total = listpackBytes(bytes, (root & UNIT_MASK) << 4);
    return copyBlock(arena, root, total);
  },

  verify(vc, encoding, root): number {
    return encoding === ENCODING_LISTPACK
      ? verifyPacked(vc, root)
      : verifyTable(vc, encoding, root);
  },

  bytes(vc, encoding, root, samples): number {
    const { arena } = vc;
    const dict = hashDict(vc, encoding, root);
    if (dict === 0) return arenaUsable(arena, root);
    const times = encoding === ENCODING_HASHTABLE_VOLATILE ? timesBytes(arena, root) : 0;
    return times + dictBytes(arena, dict) + memberBytes(arena, dict, samples);
  },

  move(_vc, encoding, root, mover, cursor): number {
    if (encoding === ENCODING_HASHTABLE_VOLATILE) return moveTimed(root, mover, cursor);
    if (encoding === ENCODING_LISTPACK) {
      cursor.isDone = true;
      return mover.move(root);
    }
    const dict = cursor.at === 0 ? dictMoveFrame(mover, root) : root;
    cursor.isDone = membersMove(mover, dict, 0, cursor);
    return dict;
  },
};

const MOVE_PAGES = 1;

/** Moves a table with times: its frame and members, then the pages of the times. */
function moveTimed(root: number, mover: Mover, cursor: MoveCursor): number {
  const { arena } = mover;
  let times = root;
  if (cursor.phase < MOVE_PAGES) {
    if (cursor.at === 0) {
      times = timesMoveFrame(mover, root);
      timesSetDict(arena, times, dictMoveFrame(mover, timesDict(arena, times)));
    }
    if (!membersMove(mover, timesDict(arena, times), times, cursor)) return times;
    cursor.next();
  }
  cursor.isDone = timesMovePages(mover, times, cursor);
  return times;
}

function freeSlice(vc: ValueContext, encoding: number, root: number, blocks: number): boolean {
  const { arena } = vc;
  const dict = hashDict(vc, encoding, root);
  if (dict === 0) {
    arenaFree(arena, root);
    return true;
  }
  for (let left = blocks; dictCount(arena, dict) > 0;) {
    if (left <= 0) return false;
    const count = dictDropLast(arena, dict);
    for (let i = 0; i < count; i++) arenaFree(arena, chain.entries[i]);
    left -= count + 1;
  }
  dictDestroy(arena, dict);
  if (encoding === ENCODING_HASHTABLE_VOLATILE) timesDestroy(arena, root);
  return true;
}

function copyBlock(arena: Arena, block: number, bytes: number): number {
  const fresh = arenaAlloc(arena, bytes);
  copyBytes(
    arena.u8[block >>> SEGMENT_SHIFT],
    (block & UNIT_MASK) << 4,
    arena.u8[fresh >>> SEGMENT_SHIFT],
    (fresh & UNIT_MASK) << 4,
    bytes,
  );
  return fresh;
}

/** Copies table and members; members bring their places in the order of times along. */
function copyTable(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  const source = hashDict(vc, encoding, root);
  const dict = membersCreate(vc, 0);
  let times = 0;
  if (encoding === ENCODING_HASHTABLE_VOLATILE) {
    times = timesCreate(arena, dict);
    timesPrepare(arena, times, timesCount(arena, root));
  }
  for (let index = 0; index < dictBucketCount(arena, source); index++) {
    const count = dictBucketRead(arena, source, index);
    keepChain(count);
    for (let i = 0; i < count; i++) {
      const member = copyBlock(arena, entries[i], arenaUsable(arena, entries[i]));
      dictInsert(arena, dict, memberOwnHash(vc, member, 0), member);
      if (times !== 0 && memberIsTimed(arena, member)) timesAdopt(arena, times, member);
    }
  }
  return times === 0 ? dict : times;
}

const view: ValueView = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
  timed: false,
  lo: 0,
  hi: 0,
};

function verifyPacked(vc: ValueContext, root: number): number {
  const { arena } = vc;
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const total = listpackBytes(bytes, off);
  if (total > arenaUsable(arena, root) || !listpackValidate(bytes, off, total, true)) {
    throw new Error(`hash: listpack ${root} is broken`);
  }
  if (listpackCount(bytes, off) % 2 !== 0) throw new Error(`hash: listpack ${root} is odd`);
  for (let at = listpackFirst(bytes, off); at !== LISTPACK_NONE;) {
    listpackText(bytes, at);
    const name = entry.buf.slice(entry.off, entry.off + entry.len);
    at = listpackNext(bytes, listpackNext(bytes, at));
    if (listpackFind(bytes, at, name, 0, name.length, 1) !== LISTPACK_NONE) {
      throw new Error(`hash: listpack ${root} has a field twice`);
    }
  }
  return 1;
}

function verifyTable(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  const dict = hashDict(vc, encoding, root);
  let blocks = dictVerify(arena, dict) + dictCount(arena, dict);
  let timed = 0;
  for (let index = 0; index < dictBucketCount(arena, dict); index++) {
    const count = dictBucketRead(arena, dict, index);
    keepChain(count);
    for (let i = 0; i < count; i++) {
      verifyMember(vc, dict, entries[i]);
      if (memberIsTimed(arena, entries[i])) timed++;
    }
  }
  const listed = encoding === ENCODING_HASHTABLE_VOLATILE ? timesCount(arena, root) : 0;
  if (timed !== listed) throw new Error(`hash: ${listed} times for ${timed} fields`);
  if (encoding === ENCODING_HASHTABLE_VOLATILE) blocks += timesVerify(arena, root);
  return blocks;
}

function verifyMember(vc: ValueContext, dict: number, member: number): void {
  const { arena } = vc;
  const hash = memberOwnHash(vc, member, 0);
  memberValue(arena, member, view);
  const start = (member & UNIT_MASK) << 4;
  if (view.off + view.len - start > arenaUsable(arena, member)) {
    throw new Error(`hash: member ${member} overflows`);
  }
  const off = memberOff(arena, member, 0);
  const len = memberLen(arena, member, 0);
  if (memberEnd(arena, member, 0) !== off + len) throw new Error(`hash: end of member ${member}`);
  if (memberFind(arena, dict, 0, hash, memberBuf(arena, member), off, len) !== member) {
    throw new Error(`hash: member ${member} is there twice`);
  }
}

/** Bytes of the members, measured on the first `samples` of them unless that is 0. */
function memberBytes(arena: Arena, dict: number, samples: number): number {
  const count = dictCount(arena, dict);
  let measured = 0;
  let bytes = 0;
  for (let index = 0; index < dictBucketCount(arena, dict); index++) {
    const found = dictBucketRead(arena, dict, index);
    for (let i = 0; i < found; i++) bytes += arenaUsable(arena, chain.entries[i]);
    measured += found;
    if (samples > 0 && measured >= samples) break;
  }
  return measured === 0 ? 0 : Math.round(bytes / measured * count);
}
