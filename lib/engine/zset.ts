// zset.ts: values that are sorted sets: names with scores, in two encodings behind one interface.
//
//   encoding   root block                                                          while
//   LISTPACK   a listpack of name, score, in order (zset_listpack.ts)              few and short names
//   SKIPLIST   header of a B+tree of members (btree.ts); the owner's word in it    otherwise; OBJECT ENCODING says so,
//              is the table (dict.ts) of the same members                            whatever the structure is
//
//        root -> [ tree | height | count | dict ] --> buckets --> member <-- leaf <-- inner nodes
//
// WHY two indexes over the same blocks: by name in one or two cache misses, by order in O(log n). A member of 13 bytes takes
// 32 bytes (zset_member.ts), 9 to 10 in the table and 9 to 14 in the tree.
//
// ORDER: by score, equal scores by name as bytes, the shorter first. -0 equals 0. NaN is never stored.
//
// TRANSITIONS are those of Valkey: LISTPACK to SKIPLIST when a name is added beyond the limits, or is announced
// (zsetExpect); back only where the result of a store is finished (zsetCompact).
//
// INVARIANTS
//   1. No name twice; under a key a sorted set has at least one member, one being built may have none.
//   2. LISTPACK: listpackValidate(deep), an even number of entries, pairs in order.
//   3. SKIPLIST: dictVerify and btreeVerify; each member is in both, under the hash of its name. While a set is gathered
//      (zset_build.ts) or taken apart (zset_value.ts) the two may differ; nobody else sees it then.
// LIFETIME  root and encoding may change with every function that takes a record and changes something.
// LIMITS    2^31 members; 1 GiB of listpack.
// COSTS     score O(1); add, remove, rank O(log n); LISTPACK O(bytes).
// SEE ALSO  zset_range.ts (ranges, cursor), zset_build.ts (results of stores), zset_value.ts (free, copy, verify)
// SOURCE    behaviour of Valkey's sorted set type.

import { INT64_TEXT_MAX } from "../bytes/int64.ts";
import { arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  btreeCount,
  btreeCreate,
  btreeOwner,
  btreeSeekMember,
  btreeSeekOwn,
  btreeSetOwner,
} from "./btree.ts";
import { btreeInsert, btreeRemove, btreeSetScore } from "./btree_change.ts";
import { dictDeleteSlot, dictInsert, memberFind, membersCreate } from "./dict.ts";
import {
  LISTPACK_HEADER,
  LISTPACK_NONE,
  listpackEnd,
  listpackEntrySize,
  listpackMayGrow,
} from "./listpack.ts";
import { memberHash } from "./member.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "./record.ts";
import type { ValueContext } from "./value_context.ts";
import {
  packCount,
  packCreate,
  packed,
  packFind,
  packFit,
  packFrom,
  packInsert,
  packName,
  packRemove,
  packScore,
} from "./zset_listpack.ts";
import { SCORE_BYTES, scoredCreate, scoreOf } from "./zset_member.ts";

// What zsetAdd is asked for.
export const ADD_INCR = 1;
export const ADD_NX = 2;
export const ADD_XX = 4;
export const ADD_GT = 8;
export const ADD_LT = 16;

// What zsetAdd did.
/** The member has this score already. */
export const ADD_SAME = 0;
export const ADD_ADDED = 1;
export const ADD_UPDATED = 2;
/** A condition did not hold. */
export const ADD_REFUSED = 3;
/** The sum would be no number; nothing was changed. */
export const ADD_NAN = 4;

/** The score that zsetAdd stored or zsetRank found. */
export const found = { score: 0.5 };

// ---- making

/** The encoding of a new sorted set of about `count` members with names of up to `len` bytes. */
export function zsetEncodingFor(vc: ValueContext, count: number, len: number): number {
  const { limits } = vc;
  return count <= limits.zsetMaxListpackEntries && len <= limits.zsetMaxListpackValue
    ? ENCODING_LISTPACK
    : ENCODING_SKIPLIST;
}

/** An empty value of an encoding, to be filled through a record that names it. Returns its root. */
export function zsetCreate(vc: ValueContext, encoding: number): number {
  if (encoding === ENCODING_LISTPACK) return packCreate(vc.arena);
  const dict = membersCreate(vc, SCORE_BYTES);
  const tree = btreeCreate(vc.arena);
  btreeSetOwner(vc.arena, tree, dict);
  return tree;
}

/**
 * The root of a LISTPACK value with a copy of the `bytes` bytes of a listpack at src[off], which must satisfy invariants 1
 * and 2. Call zsetExpect with the count and the longest name when these may be beyond the limits.
 */
export function zsetFromListpack(
  vc: ValueContext,
  src: Uint8Array,
  off: number,
  bytes: number,
): number {
  return packFrom(vc.arena, src, off, bytes);
}

/** About `count` members with names of up to `len` bytes will be added: changes the encoding now if it would have to. */
export function zsetExpect(vc: ValueContext, rec: number, count: number, len: number): void {
  if (recordEncoding(vc.arena, rec) !== ENCODING_LISTPACK) return;
  if (zsetEncodingFor(vc, count, len) === ENCODING_SKIPLIST) zsetToSkiplist(vc, rec);
}

// ---- reading

/** Number of members. */
export function zsetCount(vc: ValueContext, rec: number): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  return recordEncoding(arena, rec) === ENCODING_LISTPACK
    ? packCount(arena, root)
    : btreeCount(arena, root);
}

/** The table of a SKIPLIST's members, for scanMembers (their names start at SCORE_BYTES); 0 for a LISTPACK. */
export function zsetDict(vc: ValueContext, rec: number): number {
  const { arena } = vc;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) return 0;
  return btreeOwner(arena, recordA(arena, rec));
}

/** The score of the member buf[off, off+len), or NaN when there is none. */
export function zsetScore(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    const at = packFind(arena, root, buf, off, len);
    if (at === LISTPACK_NONE) return NaN;
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    return packScore(bytes, at + listpackEntrySize(bytes, at));
  }
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, btreeOwner(arena, root), SCORE_BYTES, hash, buf, off, len);
  return member === 0 ? NaN : scoreOf(arena, member);
}

/** How many members are in front of buf[off, off+len), whose score is left in `found`; -1 when there is none. */
export function zsetRank(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    const at = packFind(arena, root, buf, off, len);
    if (at === LISTPACK_NONE) return -1;
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    found.score = packScore(bytes, at + listpackEntrySize(bytes, at));
    let entries = 0;
    let position = ((root & UNIT_MASK) << 4) + LISTPACK_HEADER;
    for (; position < at; entries++) position += listpackEntrySize(bytes, position);
    return entries >>> 1;
  }
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, btreeOwner(arena, root), SCORE_BYTES, hash, buf, off, len);
  if (member === 0) return -1;
  found.score = scoreOf(arena, member);
  return btreeSeekMember(arena, root, found.score, buf, off, len);
}

// ---- adding

/**
 * Sets the score of the member buf[off, off+len), or adds `score` to it, under the conditions in `flags` (ADD_INCR ...).
 * Returns what was done (ADD_SAME ...); unless it refused, the new score is in `found`. `score` must not be NaN.
 */
export function zsetAdd(
  vc: ValueContext,
  rec: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
  flags: number,
): number {
  return recordEncoding(vc.arena, rec) === ENCODING_LISTPACK
    ? addToListpack(vc, rec, score, buf, off, len, flags)
    : addToSkiplist(vc, rec, score, buf, off, len, flags);
}

/** What becomes of a member of score `current`: ADD_UPDATED, with the score in `found`, or the reason why nothing does. */
function judge(current: number, score: number, flags: number): number {
  if ((flags & ADD_NX) !== 0) return ADD_REFUSED;
  const next = (flags & ADD_INCR) !== 0 ? current + score : score;
  if (Number.isNaN(next)) return ADD_NAN;
  if ((flags & ADD_LT) !== 0 && next >= current) return ADD_REFUSED;
  if ((flags & ADD_GT) !== 0 && next <= current) return ADD_REFUSED;
  found.score = next;
  return next === current ? ADD_SAME : ADD_UPDATED;
}

function addToListpack(
  vc: ValueContext,
  rec: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
  flags: number,
): number {
  const { arena, limits } = vc;
  const root = recordA(arena, rec);
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const at = packFind(arena, root, buf, off, len);
  if (at !== LISTPACK_NONE) {
    const current = packScore(bytes, at + listpackEntrySize(bytes, at));
    const done = judge(current, score, flags);
    if (done !== ADD_UPDATED) return done;
    packRemove(arena, root, at, 1);
    recordSetA(arena, rec, packInsert(arena, root, found.score, buf, off, len));
    return done;
  }
  if ((flags & ADD_XX) !== 0) return ADD_REFUSED;
  if (
    packCount(arena, root) + 1 > limits.zsetMaxListpackEntries ||
    len > limits.zsetMaxListpackValue ||
    !listpackMayGrow(bytes, (root & UNIT_MASK) << 4, len)
  ) {
    zsetToSkiplist(vc, rec);
    return addToSkiplist(vc, rec, score, buf, off, len, flags);
  }
  recordSetA(arena, rec, packInsert(arena, root, score, buf, off, len));
  found.score = score;
  return ADD_ADDED;
}

function addToSkiplist(
  vc: ValueContext,
  rec: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
  flags: number,
): number {
  const { arena } = vc;
  const tree = recordA(arena, rec);
  const dict = btreeOwner(arena, tree);
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, dict, SCORE_BYTES, hash, buf, off, len);
  if (member !== 0) {
    const done = judge(scoreOf(arena, member), score, flags);
    if (done === ADD_UPDATED) btreeSetScore(arena, tree, member, found.score);
    return done;
  }
  if ((flags & ADD_XX) !== 0) return ADD_REFUSED;
  const fresh = scoredCreate(arena, score, buf, off, len);
  dictInsert(arena, dict, hash, fresh);
  btreeSeekOwn(arena, tree, fresh);
  btreeInsert(arena, tree, fresh);
  found.score = score;
  return ADD_ADDED;
}

// ---- removing

/** Removes a member; false when it is absent. A set that gets empty stays, for the caller to delete. */
export function zsetRemove(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    const at = packFind(arena, root, buf, off, len);
    if (at === LISTPACK_NONE) return false;
    packRemove(arena, root, at, 1);
    recordSetA(arena, rec, packFit(arena, root));
    return true;
  }
  const dict = btreeOwner(arena, root);
  const hash = memberHash(vc, buf, off, len);
  const member = memberFind(arena, dict, SCORE_BYTES, hash, buf, off, len);
  if (member === 0) return false;
  dictDeleteSlot(arena, dict, hash);
  btreeSeekOwn(arena, root, member);
  btreeRemove(arena, root);
  arenaFree(arena, member);
  return true;
}

// ---- encodings

const text = new Uint8Array(INT64_TEXT_MAX);

/** Makes a LISTPACK a SKIPLIST. */
export function zsetToSkiplist(vc: ValueContext, rec: number): void {
  const { arena } = vc;
  const pack = recordA(arena, rec);
  const tree = zsetCreate(vc, ENCODING_SKIPLIST);
  const bytes = arena.u8[pack >>> SEGMENT_SHIFT];
  const off = (pack & UNIT_MASK) << 4;
  const end = listpackEnd(bytes, off);
  for (let at = off + LISTPACK_HEADER; at < end;) {
    at += packName(bytes, at, text);
    treeAdd(vc, tree, packScore(bytes, at), packed.buf, packed.off, packed.len);
    at += listpackEntrySize(bytes, at);
  }
  arenaFree(arena, pack);
  recordSetA(arena, rec, tree);
  recordSetEncoding(arena, rec, ENCODING_SKIPLIST);
}

/** Adds a member known to be absent to the tree and table of a root. Returns its handle. */
export function treeAdd(
  vc: ValueContext,
  tree: number,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const { arena } = vc;
  const member = scoredCreate(arena, score, buf, off, len);
  dictInsert(arena, btreeOwner(arena, tree), memberHash(vc, buf, off, len), member);
  btreeSeekOwn(arena, tree, member);
  btreeInsert(arena, tree, member);
  return member;
}
