// hash_times.ts: the fields of one hash that have an expiry, by time: a heap of member handles, soonest first.
//
// WHY NOT a search tree or buckets of time: nobody asks for an order beyond "which is next", and a heap costs 8 bytes a
// field (its handle here, its place there), moves nothing when times are set in rising order, as they mostly are, and
// finds the next field that is due in one step.
//
// ROOT of a hash with encoding HASHTABLE_VOLATILE, one block of 32 bytes (words):
//   0 dict of all fields   1 count   2 page or directory (0: none)   3 directory capacity (0: single page)
//   4 room in the single page, in entries
//
// HEAP: entry i has the children 4i + 1 to 4i + 4; none is due before its parent. Entries are member handles, in pages of
// 1,024 words; a small heap is one page of 4, 8 ... 1,024 that is copied when it doubles, beyond that a directory block
// names the pages.
//
//        0                     Four children, not two: half the levels, and the four loads of a level overlap.
//     1 2 3 4
//   5..8 9..12 13..16 17..20
//
// TAIL of a member with MEMBER_FLAG starts with these 12 bytes, little endian, not aligned:
//   offset  size  field
//        0     4  expiry in milliseconds since the epoch, low half
//        4     4  high half
//        8     4  place: index in the heap
//
// INVARIANTS
//   1. Exactly the members with MEMBER_FLAG are in the heap; place of entry i is i.
//   2. time(entry i) >= time(parent of i), compared as doubles: exact up to 2^53 ms.
//   3. A root block exists only while count > 0.
// COSTS: first O(1); insert, remove, change O(log4 n), O(1) for times that rise; growth one copy of at most 4 KiB.

import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { MEMBER_FLAG, memberEnd } from "./member.ts";
import type { MoveCursor, Mover } from "./mover.ts";

/** Bytes of expiry and place in the tail of a member that has an expiry. */
export const TIME_BYTES = 12;

const DICT = 0;
const COUNT = 1;
const PAGE = 2;
const DIRECTORY = 3;
const ROOM = 4;
const ROOT_BYTES = 32;

const PAGE_SHIFT = 10;
const PAGE_ENTRIES = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_ENTRIES - 1;
const ROOM_MIN = 4;
const DIRECTORY_MIN = 16;

/** A root block for a table, without any times yet. */
export function timesCreate(arena: Arena, dict: number): number {
  const root = arenaAlloc(arena, ROOT_BYTES);
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  words.fill(0, r, r + ROOT_BYTES / 4);
  words[r + DICT] = dict;
  return root;
}

/** The table named by a root block. */
export function timesDict(arena: Arena, root: number): number {
  return arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + DICT];
}

/** How many fields have an expiry. */
export function timesCount(arena: Arena, root: number): number {
  return arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + COUNT];
}

/** The member that is due first; there must be one. */
export function timesFirst(arena: Arena, root: number): number {
  return entryAt(arena, root, 0);
}

/** Frees heap and root block, not the table. */
export function timesDestroy(arena: Arena, root: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const page = words[r + PAGE];
  const directory = words[r + DIRECTORY];
  for (let i = 0; i < directory; i++) {
    const leaf = arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + i];
    if (leaf !== 0) arenaFree(arena, leaf);
  }
  if (page !== 0) arenaFree(arena, page);
  arenaFree(arena, root);
}

// ---- members

/** Whether a member has an expiry. */
export function memberIsTimed(arena: Arena, member: number): boolean {
  return (arena.u8[member >>> SEGMENT_SHIFT][(member & UNIT_MASK) << 4] & MEMBER_FLAG) !== 0;
}

/** Low half of a member's expiry; it must have one. */
export function memberTimeLo(arena: Arena, member: number): number {
  return word(arena.u8[member >>> SEGMENT_SHIFT], memberEnd(arena, member, 0));
}

/** High half of a member's expiry; it must have one. */
export function memberTimeHi(arena: Arena, member: number): number {
  return word(arena.u8[member >>> SEGMENT_SHIFT], memberEnd(arena, member, 0) + 4);
}

/** A member's expiry in milliseconds as a double; it must have one. */
export function memberTimeMs(arena: Arena, member: number): number {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  const at = memberEnd(arena, member, 0);
  return word(bytes, at + 4) * 4294967296 + (word(bytes, at) >>> 0);
}

/** Writes a member's expiry; its place in the heap is the caller's business. */
export function memberSetTime(arena: Arena, member: number, lo: number, hi: number): void {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  const at = memberEnd(arena, member, 0);
  bytes[(member & UNIT_MASK) << 4] |= MEMBER_FLAG;
  setWord(bytes, at, lo);
  setWord(bytes, at + 4, hi);
}

function memberPlace(arena: Arena, member: number): number {
  return word(arena.u8[member >>> SEGMENT_SHIFT], memberEnd(arena, member, 0) + 8);
}

function memberSetPlace(arena: Arena, member: number, place: number): void {
  setWord(arena.u8[member >>> SEGMENT_SHIFT], memberEnd(arena, member, 0) + 8, place);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

// ---- the heap

/** Adds a member whose time is set. */
export function timesInsert(arena: Arena, root: number, member: number): void {
  makeRoom(arena, root);
  const place = arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + COUNT]++;
  siftUp(arena, root, place, member);
}

/** Takes a member out. */
export function timesRemove(arena: Arena, root: number, member: number): void {
  const place = memberPlace(arena, member);
  const last = --arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + COUNT];
  const moved = entryAt(arena, root, last);
  if (place !== last) settle(arena, root, place, moved);
  giveBack(arena, root);
}

/** Puts a member whose time has changed in its right place. */
export function timesChanged(arena: Arena, root: number, member: number): void {
  settle(arena, root, memberPlace(arena, member), member);
}

/** `fresh`, whose time is set, takes the place of `old`, which may have had another time. */
export function timesReplace(arena: Arena, root: number, old: number, fresh: number): void {
  settle(arena, root, memberPlace(arena, old), fresh);
}

/** Names the member in the place it brings along: for the copy of a heap. */
export function timesAdopt(arena: Arena, root: number, member: number): void {
  setEntry(arena, root, memberPlace(arena, member), member);
}

/**
 * Makes room for `count` entries in a heap without any, which the caller fills by timesAdopt: the copy of a heap.
 */
export function timesPrepare(arena: Arena, root: number, count: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  while (words[r + COUNT] < count) {
    makeRoom(arena, root);
    words[r + COUNT]++;
  }
}

/** Puts a member in at `place` or where it belongs, above or below. */
function settle(arena: Arena, root: number, place: number, member: number): void {
  const time = memberTimeMs(arena, member);
  if (place > 0 && memberTimeMs(arena, entryAt(arena, root, (place - 1) >> 2)) > time) {
    siftUp(arena, root, place, member);
  } else {
    siftDown(arena, root, place, member);
  }
}

function siftUp(arena: Arena, root: number, from: number, member: number): void {
  const time = memberTimeMs(arena, member);
  let place = from;
  while (place > 0) {
    const above = (place - 1) >> 2;
    const parent = entryAt(arena, root, above);
    if (memberTimeMs(arena, parent) <= time) break;
    put(arena, root, place, parent);
    place = above;
  }
  put(arena, root, place, member);
}

function siftDown(arena: Arena, root: number, from: number, member: number): void {
  const count = timesCount(arena, root);
  const time = memberTimeMs(arena, member);
  let place = from;
  for (;;) {
    const first = place * 4 + 1;
    const end = Math.min(first + 4, count);
    let best = 0;
    let bestPlace = 0;
    let bestTime = time;
    for (let i = first; i < end; i++) {
      const child = entryAt(arena, root, i);
      const childTime = memberTimeMs(arena, child);
      if (childTime >= bestTime) continue;
      best = child;
      bestPlace = i;
      bestTime = childTime;
    }
    if (best === 0) break;
    put(arena, root, place, best);
    place = bestPlace;
  }
  put(arena, root, place, member);
}

function put(arena: Arena, root: number, place: number, member: number): void {
  setEntry(arena, root, place, member);
  memberSetPlace(arena, member, place);
}

// ---- pages

/** Handle of the page that holds entry `place`. */
function pageOf(arena: Arena, root: number, place: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const page = words[r + PAGE];
  if (words[r + DIRECTORY] === 0) return page;
  return arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (place >> PAGE_SHIFT)];
}

function entryAt(arena: Arena, root: number, place: number): number {
  const page = pageOf(arena, root, place);
  return arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (place & PAGE_MASK)];
}

function setEntry(arena: Arena, root: number, place: number, member: number): void {
  const page = pageOf(arena, root, place);
  arena.i32[page >>> SEGMENT_SHIFT][((page & UNIT_MASK) << 2) + (place & PAGE_MASK)] = member;
}

/** Makes the place of entry number `count` exist. */
function makeRoom(arena: Arena, root: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const count = words[r + COUNT];
  if (words[r + DIRECTORY] === 0 && count < PAGE_ENTRIES) {
    if (count === words[r + ROOM]) resizePage(arena, root, Math.max(ROOM_MIN, count * 2));
    return;
  }
  if ((count & PAGE_MASK) !== 0) return;
  const index = count >> PAGE_SHIFT;
  if (index >= words[r + DIRECTORY]) growDirectory(arena, root);
  const page = words[r + PAGE];
  const at = ((page & UNIT_MASK) << 2) + index;
  const directory = arena.i32[page >>> SEGMENT_SHIFT];
  if (directory[at] === 0) directory[at] = arenaAlloc(arena, PAGE_ENTRIES * 4);
}

function resizePage(arena: Arena, root: number, room: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const old = words[r + PAGE];
  const page = arenaAlloc(arena, room * 4);
  if (old !== 0) {
    copyWords(arena, old, page, Math.min(words[r + ROOM], room));
    arenaFree(arena, old);
  }
  words[r + PAGE] = page;
  words[r + ROOM] = room;
}

function growDirectory(arena: Arena, root: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const old = words[r + PAGE];
  const capacity = words[r + DIRECTORY];
  const room = capacity === 0 ? DIRECTORY_MIN : capacity * 2;
  const directory = arenaAlloc(arena, room * 4);
  const target = arena.i32[directory >>> SEGMENT_SHIFT];
  const t = (directory & UNIT_MASK) << 2;
  target.fill(0, t, t + room);
  if (capacity === 0) {
    target[t] = old;
  } else {
    copyWords(arena, old, directory, capacity);
    arenaFree(arena, old);
  }
  words[r + PAGE] = directory;
  words[r + DIRECTORY] = room;
}

/** Frees what an entry less does not need. One page is kept beyond the last, so that a heap that swings does not churn. */
function giveBack(arena: Arena, root: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const count = words[r + COUNT];
  if (words[r + DIRECTORY] === 0) {
    const room = words[r + ROOM];
    if (room > ROOM_MIN && count * 4 <= room) resizePage(arena, root, room >> 1);
    return;
  }
  if ((count & PAGE_MASK) !== 0) return;
  const page = words[r + PAGE];
  const directory = arena.i32[page >>> SEGMENT_SHIFT];
  const d = (page & UNIT_MASK) << 2;
  const spare = (count >> PAGE_SHIFT) + 1;
  if (spare < words[r + DIRECTORY] && directory[d + spare] !== 0) {
    arenaFree(arena, directory[d + spare]);
    directory[d + spare] = 0;
  }
}

/** Moves the root block and the page or directory. Returns the root's handle. */
export function timesMoveFrame(mover: Mover, root: number): number {
  const fresh = mover.move(root);
  mover.moveWord(mover.arena.i32[fresh >>> SEGMENT_SHIFT], ((fresh & UNIT_MASK) << 2) + PAGE);
  return fresh;
}

/** Moves the pages that a directory names, from number `cursor.at` on. True when it got to the end. */
export function timesMovePages(mover: Mover, root: number, cursor: MoveCursor): boolean {
  const words = mover.arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const directory = words[r + PAGE];
  const pages = mover.arena.i32[directory >>> SEGMENT_SHIFT];
  for (; cursor.at < words[r + DIRECTORY]; cursor.at++) {
    if (mover.left <= 0) return false;
    mover.moveWord(pages, ((directory & UNIT_MASK) << 2) + cursor.at);
  }
  return true;
}

/** Names the table of a root block, which has moved. */
export function timesSetDict(arena: Arena, root: number, dict: number): void {
  arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + DICT] = dict;
}

function copyWords(arena: Arena, from: number, to: number, count: number): void {
  const source = arena.i32[from >>> SEGMENT_SHIFT];
  const s = (from & UNIT_MASK) << 2;
  const target = arena.i32[to >>> SEGMENT_SHIFT];
  const t = (to & UNIT_MASK) << 2;
  for (let i = 0; i < count; i++) target[t + i] = source[s + i];
}

/** Checks the heap; throws an Error naming what is wrong. Returns its blocks, the root included. */
export function timesVerify(arena: Arena, root: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const count = words[r + COUNT];
  if (count <= 0) throw new Error(`hash: times without fields at ${root}`);
  for (let place = 0; place < count; place++) {
    const member = entryAt(arena, root, place);
    if (!memberIsTimed(arena, member)) throw new Error(`hash: member ${member} has no time`);
    if (memberPlace(arena, member) !== place) throw new Error(`hash: member ${member} is astray`);
    if (place === 0) continue;
    const parent = entryAt(arena, root, (place - 1) >> 2);
    if (memberTimeMs(arena, parent) > memberTimeMs(arena, member)) {
      throw new Error(`hash: member ${member} is due before its parent`);
    }
  }
  return words[r + DIRECTORY] === 0 ? 2 : 2 + pageCount(arena, root);
}

/** Pages named by the directory, one that is kept empty included. */
function pageCount(arena: Arena, root: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const page = words[r + PAGE];
  const directory = arena.i32[page >>> SEGMENT_SHIFT];
  const d = (page & UNIT_MASK) << 2;
  let pages = 0;
  for (let i = 0; i < words[r + DIRECTORY]; i++) if (directory[d + i] !== 0) pages++;
  return pages;
}

/** Bytes of root block, pages and directory. */
export function timesBytes(arena: Arena, root: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  if (words[r + DIRECTORY] === 0) return ROOT_BYTES + words[r + ROOM] * 4;
  return ROOT_BYTES + words[r + DIRECTORY] * 4 + pageCount(arena, root) * PAGE_ENTRIES * 4;
}
