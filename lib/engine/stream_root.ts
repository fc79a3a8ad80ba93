// stream_root.ts: the root block of a stream: its counters and ids, and where its nodes and groups are.
//
//   word   0    1       2, 3     4 .. 7    8 .. 11    12 .. 15         16, 17
//        nodes groups   length   last id   first id   max deleted id   entries added
//
// nodes: an index (stream_index.ts) from the master id of each node to the block of its listpack. groups: a list
// (stream_names.ts) of group blocks, 0 for none. 64-bit counters are low word, high word; ids as in stream_id.ts.
//
// last id is that of the entry added last, even if that is gone; first id that of the first entry that is there, 0-0 in
// an empty stream; max deleted id the greatest one that XDEL took; entries added counts all that ever were.

import { type Arena, arenaAlloc, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { indexCreate } from "./stream_index.ts";

const NODES = 0;
const GROUPS = 1;
const LENGTH = 2;
const LAST = 4;
const FIRST = 8;
const MAX_DELETED = 12;
const ADDED = 16;
/** Words of the block, and how many of them, at its start, name other blocks. */
export const ROOT_WORDS = 18;
export const ROOT_HANDLES = 2;

/** Payload of the index of nodes: the block. */
const NODE_PAYLOAD = 1;
const TWO_32 = 4294967296;

/** A stream without entries. Returns its root. */
export function streamCreate(arena: Arena): number {
  const nodes = indexCreate(arena, NODE_PAYLOAD);
  const root = arenaAlloc(arena, ROOT_WORDS << 2);
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = (root & UNIT_MASK) << 2;
  words.fill(0, w, w + ROOT_WORDS);
  words[w + NODES] = nodes;
  return root;
}

/** The words that the functions with "Word" in their name give places in. */
export function streamWords(arena: Arena, root: number): Int32Array {
  return arena.i32[root >>> SEGMENT_SHIFT];
}

/** Where the id of the entry added last is in streamWords. */
export function streamLastWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + LAST;
}

/** Where the id of the first entry is; 0-0 when there is none. */
export function streamFirstWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + FIRST;
}

/** Where the greatest id is that was deleted by name; 0-0 for none. */
export function streamMaxDeletedWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + MAX_DELETED;
}

/** Where the number of entries ever added is, low word first. */
export function streamAddedWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + ADDED;
}

/** Where the number of entries is, low word first. */
export function streamLengthWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + LENGTH;
}

/** The index of the nodes. */
export function streamNodes(arena: Arena, root: number): number {
  return arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + NODES];
}

/** Where the index of the nodes is named, in streamWords. */
export function streamNodesWord(root: number): number {
  return ((root & UNIT_MASK) << 2) + NODES;
}

/** The list of the groups, 0 when there are none. */
export function streamGroups(arena: Arena, root: number): number {
  return arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + GROUPS];
}

export function streamSetGroups(arena: Arena, root: number, list: number): void {
  arena.i32[root >>> SEGMENT_SHIFT][((root & UNIT_MASK) << 2) + GROUPS] = list;
}

/** Number of entries, exact up to 2^53. */
export function streamLength(arena: Arena, root: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = ((root & UNIT_MASK) << 2) + LENGTH;
  return words[w + 1] * TWO_32 + (words[w] >>> 0);
}

/** Changes the number of entries by `by`. */
export function streamAddLength(arena: Arena, root: number, by: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = ((root & UNIT_MASK) << 2) + LENGTH;
  const length = words[w + 1] * TWO_32 + (words[w] >>> 0) + by;
  words[w] = length | 0;
  words[w + 1] = Math.floor(length / TWO_32) | 0;
}

/** Counts one more entry ever added. */
export function streamCountAdded(arena: Arena, root: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = ((root & UNIT_MASK) << 2) + ADDED;
  words[w] = (words[w] + 1) | 0;
  if (words[w] === 0) words[w + 1] = (words[w + 1] + 1) | 0;
}
