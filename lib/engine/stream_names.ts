// stream_names.ts: blocks in the order of their names: the groups of a stream, the consumers of a group.
//
// WHY NOT a dict: consumers are listed in the order of their names, and there are few of them; a sorted array of handles
// needs 4 bytes each and is searched in log2(n) comparisons.
//
//   list         word 0 count   1 capacity   2.. handles, by rising names
//   named block  word 0 length of the name; the name's bytes lie at `nameOff` bytes from its start
//
// An empty list has no block: its handle is 0. Adding and removing may move the list: they return its handle.
//
// ORDER   bytes as unsigned numbers from the left; a name that is the start of another comes first
// LIMITS  names below 2^31 bytes
// COSTS   find O(log n); add and remove O(n) words to move

import { bytesCompare } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";

const COUNT = 0;
const CAPACITY = 1;
const HEAD = 2;
const START = 2;

/** Length of the name of a named block. */
export function nameLen(arena: Arena, block: number): number {
  return arena.i32[block >>> SEGMENT_SHIFT][(block & UNIT_MASK) << 2];
}

/** Where a named block starts in nameBuf; its name lies `nameOff` bytes behind. */
export function blockOff(block: number): number {
  return (block & UNIT_MASK) << 4;
}

/** The bytes blockOff counts in. */
export function nameBuf(arena: Arena, block: number): Uint8Array {
  return arena.u8[block >>> SEGMENT_SHIFT];
}

/** Number of blocks in a list. */
export function namesCount(arena: Arena, list: number): number {
  if (list === 0) return 0;
  return arena.i32[list >>> SEGMENT_SHIFT][((list & UNIT_MASK) << 2) + COUNT];
}

/** Block number `at` of a list. */
export function namesAt(arena: Arena, list: number, at: number): number {
  return arena.i32[list >>> SEGMENT_SHIFT][((list & UNIT_MASK) << 2) + HEAD + at];
}

/** Block number `at` of a list has moved. */
export function namesSet(arena: Arena, list: number, at: number, block: number): void {
  arena.i32[list >>> SEGMENT_SHIFT][((list & UNIT_MASK) << 2) + HEAD + at] = block;
}

/** The number of the block named buf[off, off + len), or, when there is none, ~n with the number n it would get. */
export function namesFind(
  arena: Arena,
  list: number,
  nameOff: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  let low = 0;
  let high = namesCount(arena, list);
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = namesAt(arena, list, middle);
    const bytes = nameBuf(arena, block);
    const at = blockOff(block) + nameOff;
    const order = bytesCompare(bytes, at, nameLen(arena, block), buf, off, len);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return ~low;
}

/** Enters a block as number `at`. Returns the list. */
export function namesInsert(arena: Arena, list: number, at: number, block: number): number {
  const count = namesCount(arena, list);
  let target = list;
  if (list === 0) target = listCreate(arena, START);
  else if (count === capacityOf(arena, list)) {
    target = listCreate(arena, count * 2);
    copyHandles(arena, list, target, count);
    arenaFree(arena, list);
  }
  const words = arena.i32[target >>> SEGMENT_SHIFT];
  const w = (target & UNIT_MASK) << 2;
  const from = w + HEAD + at;
  words.copyWithin(from + 1, from, w + HEAD + count);
  words[from] = block;
  words[w + COUNT] = count + 1;
  return target;
}

/** Takes block number `at` out. Returns the list, 0 when it was the last one. */
export function namesRemove(arena: Arena, list: number, at: number): number {
  const words = arena.i32[list >>> SEGMENT_SHIFT];
  const w = (list & UNIT_MASK) << 2;
  const count = words[w + COUNT];
  if (count === 1) {
    arenaFree(arena, list);
    return 0;
  }
  words.copyWithin(w + HEAD + at, w + HEAD + at + 1, w + HEAD + count);
  words[w + COUNT] = count - 1;
  return list;
}

function capacityOf(arena: Arena, list: number): number {
  return arena.i32[list >>> SEGMENT_SHIFT][((list & UNIT_MASK) << 2) + CAPACITY];
}

function listCreate(arena: Arena, capacity: number): number {
  const list = arenaAlloc(arena, (HEAD + capacity) << 2);
  const words = arena.i32[list >>> SEGMENT_SHIFT];
  const w = (list & UNIT_MASK) << 2;
  words[w + COUNT] = 0;
  words[w + CAPACITY] = capacity;
  return list;
}

function copyHandles(arena: Arena, from: number, to: number, count: number): void {
  const source = arena.i32[from >>> SEGMENT_SHIFT];
  const target = arena.i32[to >>> SEGMENT_SHIFT];
  const s = ((from & UNIT_MASK) << 2) + HEAD;
  const t = ((to & UNIT_MASK) << 2) + HEAD;
  for (let i = 0; i < count; i++) target[t + i] = source[s + i];
}

/** Checks a list; throws an Error naming what is wrong. Returns the number of its own blocks, 0 or 1. */
export function namesVerify(arena: Arena, list: number, nameOff: number): number {
  if (list === 0) return 0;
  const count = namesCount(arena, list);
  const capacity = capacityOf(arena, list);
  if (count < 1 || count > capacity || (HEAD + capacity) * 4 > arenaUsable(arena, list)) {
    throw new Error(`stream names: ${count} of ${capacity}`);
  }
  for (let i = 0; i < count; i++) {
    const block = namesAt(arena, list, i);
    const off = blockOff(block) + nameOff;
    const len = nameLen(arena, block);
    if (nameOff + len > arenaUsable(arena, block)) throw new Error("stream names: name overflows");
    if (namesFind(arena, list, nameOff, nameBuf(arena, block), off, len) !== i) {
      throw new Error("stream names: not in order");
    }
  }
  return 1;
}
