// btree_node.ts: the nodes of btree.ts as words: where the fields are, the place of the last seek, reading leaves.

import { type Arena, arenaAlloc, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";

export const NODE_BYTES = 512;
export const HEADER_BYTES = 16;

// Words of the header.
export const ROOT = 0;
export const HEIGHT = 1;
export const TOTAL = 2;
export const OWNER = 3;

// Words of a node: of both kinds, of a leaf, of an inner node.
export const COUNT = 0;

export const PREV = 1;
export const NEXT = 2;
export const KEYS = 3;
/** Members of a full leaf. */
export const LEAF_SLOTS = 62;
export const MEMBERS = KEYS + LEAF_SLOTS;
/** With fewer members than this a leaf looks for a neighbour to join; together they may have so many. */
export const LEAF_FEW = LEAF_SLOTS >> 2;
export const LEAF_JOINED_MAX = 46;

export const INNER_SLOTS = 31;
export const CHILDREN = 1;
export const COUNTS = CHILDREN + INNER_SLOTS;
export const FIRST_KEYS = COUNTS + INNER_SLOTS;
export const FIRSTS = FIRST_KEYS + INNER_SLOTS;
/** The same of children. */
export const INNER_FEW = INNER_SLOTS >> 2;
export const INNER_JOINED_MAX = 23;

export const MAX_HEIGHT = 16;

if (MEMBERS + LEAF_SLOTS > NODE_BYTES / 4 || FIRSTS + INNER_SLOTS > NODE_BYTES / 4) {
  throw new Error("btree: node layout is off");
}

/** Place of the last seek: a leaf and an index in it, which may be its count: behind its last member. */
export const spot = { leaf: 0, index: 0 };

/** Inner nodes on the way to the spot and the child taken in each, by level; leaves are level 0. */
export const wayNode = new Int32Array(MAX_HEIGHT + 1);
export const wayIndex = new Int32Array(MAX_HEIGHT + 1);

/** A leaf without members or neighbours. */
export function leafCreate(arena: Arena): number {
  const leaf = arenaAlloc(arena, NODE_BYTES);
  const words = arena.i32[leaf >>> SEGMENT_SHIFT];
  const l = (leaf & UNIT_MASK) << 2;
  words[l + COUNT] = 0;
  words[l + PREV] = 0;
  words[l + NEXT] = 0;
  return leaf;
}

// ---- reading leaves

/** Members of a leaf. */
export function leafCount(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + COUNT];
}

/** Handle of the member at an index of a leaf. */
export function leafMember(arena: Arena, leaf: number, index: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + MEMBERS + index];
}

/** The leaf behind, or 0. */
export function leafNext(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + NEXT];
}

/** The leaf in front, or 0. */
export function leafPrev(arena: Arena, leaf: number): number {
  return arena.i32[leaf >>> SEGMENT_SHIFT][((leaf & UNIT_MASK) << 2) + PREV];
}
