// quicklist_node.ts: root and nodes of a long list: their words, blocks and chain. What lies in which node is decided in
// quicklist.ts; its header describes the layout.
//
// Only quicklist.ts and list.ts import this file.

import { copyBytes } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaRounded,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import {
  LISTPACK_BYTES_MIN,
  listpackBytes,
  listpackCount,
  listpackInit,
  listpackValidate,
} from "./listpack.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import type { ValueContext } from "./value_context.ts";

// Words of the root.
export const HEAD = 0;
export const TAIL = 1;
const NODES = 2;
export const FILL = 3;
const COUNT_LO = 4;
const COUNT_HI = 5;
const ROOT_BYTES = 24;

// Words of a node.
export const PREV = 0;
export const NEXT = 1;
export const BLOCK = 2;
export const COUNT = 3;
export const START = 4;
export const LEN = 5;
export const ROOM = 6;
const NODE_BYTES = 28;
export const PACKED = -1;

const SIZE_CLASSES = [4096, 8192, 16384, 32768, 65536];
const FILL_MIN = -SIZE_CLASSES.length;
const FILL_MAX = 32767;
/** Bytes of a node that is limited by its number of entries. */
export const SAFE_BYTES = 8192;
export const FIRST_BYTES = 64;
const WORD = 4294967296;

// ---- limits

/** Most bytes of a listpack under a negative fill. */
export function fillBytes(fill: number): number {
  return SIZE_CLASSES[fill < FILL_MIN ? SIZE_CLASSES.length - 1 : -fill - 1];
}

/** Whether a listpack of so many bytes and entries is more than `fill` allows. */
export function exceedsFill(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > fillBytes(fill);
  return bytes > SAFE_BYTES || count > (fill === 0 ? 1 : fill);
}

export function isLarge(vc: ValueContext, fill: number, len: number): boolean {
  const threshold = vc.limits.listPackedThreshold;
  if (threshold !== 0) return len >= threshold;
  return len > (fill < 0 ? fillBytes(fill) : SAFE_BYTES);
}

// ---- words

export function word(arena: Arena, handle: number, index: number): number {
  return arena.i32[handle >>> SEGMENT_SHIFT][((handle & UNIT_MASK) << 2) + index];
}

export function setWord(arena: Arena, handle: number, index: number, value: number): void {
  arena.i32[handle >>> SEGMENT_SHIFT][((handle & UNIT_MASK) << 2) + index] = value;
}

/** Number of elements. */
export function quicklistCount(arena: Arena, root: number): number {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = (root & UNIT_MASK) << 2;
  const lo = words[w + COUNT_LO] >>> 0;
  const hi = words[w + COUNT_HI];
  return hi === 0 ? lo : hi * WORD + lo;
}

export function addCount(arena: Arena, root: number, more: number): void {
  const words = arena.i32[root >>> SEGMENT_SHIFT];
  const w = (root & UNIT_MASK) << 2;
  const lo = (words[w + COUNT_LO] >>> 0) + more;
  words[w + COUNT_LO] = lo | 0;
  if (lo < 0) words[w + COUNT_HI]--;
  else if (lo >= WORD) words[w + COUNT_HI]++;
}

/** Number of nodes. */
export function quicklistNodes(arena: Arena, root: number): number {
  return word(arena, root, NODES);
}

export function quicklistFill(arena: Arena, root: number): number {
  return word(arena, root, FILL);
}

/** The first node, or 0. */
export function quicklistHead(arena: Arena, root: number): number {
  return word(arena, root, HEAD);
}

/** The last node, or 0. */
export function quicklistTail(arena: Arena, root: number): number {
  return word(arena, root, TAIL);
}

/** The node behind this one, or 0. */
export function nodeNext(arena: Arena, node: number): number {
  return word(arena, node, NEXT);
}

/** The node in front of this one, or 0. */
export function nodePrev(arena: Arena, node: number): number {
  return word(arena, node, PREV);
}

/** Number of elements in the node. */
export function nodeCount(arena: Arena, node: number): number {
  return word(arena, node, COUNT);
}

/** Whether the node is one large element; otherwise it is a listpack. */
export function nodeIsPlain(arena: Arena, node: number): boolean {
  return word(arena, node, LEN) !== PACKED;
}

/** The bytes nodeOff counts in. */
export function nodeBuf(arena: Arena, node: number): Uint8Array {
  return arena.u8[word(arena, node, BLOCK) >>> SEGMENT_SHIFT];
}

/** Offset of the node's listpack, or of its element, in nodeBuf. */
export function nodeOff(arena: Arena, node: number): number {
  return ((word(arena, node, BLOCK) & UNIT_MASK) << 4) + word(arena, node, START);
}

/** Bytes of the node's listpack, or of its element. */
export function nodeBytes(arena: Arena, node: number): number {
  const len = word(arena, node, LEN);
  return len === PACKED ? listpackBytes(nodeBuf(arena, node), nodeOff(arena, node)) : len;
}

/** Bytes of the blocks of a node, rounding included. */
export function nodeBlockBytes(arena: Arena, node: number): number {
  return arenaUsable(arena, node) + word(arena, node, ROOM);
}

// ---- making and unmaking

/** A list without nodes. Returns its root. */
export function quicklistCreate(arena: Arena, fill: number): number {
  const root = arenaAlloc(arena, ROOT_BYTES);
  for (let i = HEAD; i <= COUNT_HI; i++) setWord(arena, root, i, 0);
  setWord(arena, root, FILL, Math.max(FILL_MIN, Math.min(FILL_MAX, fill)));
  return root;
}

/** Gives a node its block; what lies in it is up to the caller. */
export function setBlock(arena: Arena, node: number, block: number): void {
  setWord(arena, node, BLOCK, block);
  setWord(arena, node, ROOM, arenaUsable(arena, block));
}

/** A node that is in no chain, around a block. */
function nodeCreate(arena: Arena, block: number, start: number, len: number): number {
  const node = arenaAlloc(arena, NODE_BYTES);
  setWord(arena, node, PREV, 0);
  setWord(arena, node, NEXT, 0);
  setBlock(arena, node, block);
  setWord(arena, node, COUNT, len === PACKED ? 0 : 1);
  setWord(arena, node, START, start);
  setWord(arena, node, LEN, len);
  return node;
}

/** A packed node without entries and with room for `bytes` of them. */
export function nodeCreatePacked(arena: Arena, bytes: number): number {
  const block = arenaAlloc(arena, Math.max(FIRST_BYTES, LISTPACK_BYTES_MIN + bytes));
  listpackInit(arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4);
  return nodeCreate(arena, block, 0, PACKED);
}

/** A plain node that is in no chain. */
export function nodeCreatePlain(arena: Arena, src: Uint8Array, off: number, len: number): number {
  const block = arenaAlloc(arena, len);
  copyBytes(src, off, arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4, len);
  return nodeCreate(arena, block, 0, len);
}

/** Puts a node and its elements into the chain, behind or in front of `other` (0 in an empty list). */
export function link(
  arena: Arena,
  root: number,
  other: number,
  node: number,
  after: boolean,
): void {
  const prev = after ? other : other === 0 ? 0 : word(arena, other, PREV);
  const next = after ? (other === 0 ? 0 : word(arena, other, NEXT)) : other;
  setWord(arena, node, PREV, prev);
  setWord(arena, node, NEXT, next);
  if (prev === 0) setWord(arena, root, HEAD, node);
  else setWord(arena, prev, NEXT, node);
  if (next === 0) setWord(arena, root, TAIL, node);
  else setWord(arena, next, PREV, node);
  setWord(arena, root, NODES, word(arena, root, NODES) + 1);
  if (other !== 0) trim(arena, other);
}

/** Takes a node out of the chain and frees it. Its elements must have been subtracted from the count. */
export function unlink(arena: Arena, root: number, node: number): void {
  const prev = word(arena, node, PREV);
  const next = word(arena, node, NEXT);
  if (prev === 0) setWord(arena, root, HEAD, next);
  else setWord(arena, prev, NEXT, next);
  if (next === 0) setWord(arena, root, TAIL, prev);
  else setWord(arena, next, PREV, prev);
  setWord(arena, root, NODES, word(arena, root, NODES) - 1);
  if (node === arena.listBookmark) arena.listBookmark = next;
  arenaFree(arena, word(arena, node, BLOCK));
  arenaFree(arena, node);
}

/** Takes a node with its elements out of the list. */
export function quicklistDeleteNode(arena: Arena, root: number, node: number): void {
  addCount(arena, root, -word(arena, node, COUNT));
  unlink(arena, root, node);
}

/** Gives back what a packed node's block has too much. */
export function trim(arena: Arena, node: number): void {
  if (word(arena, node, LEN) !== PACKED) return;
  const bytes = nodeBytes(arena, node);
  if (arenaRounded(bytes) < word(arena, node, ROOM)) {
    moveBlock(arena, node, bytes, 0);
  }
}

/** Gives a packed node a block of `size` bytes, with its listpack at `start`. */
function moveBlock(arena: Arena, node: number, size: number, start: number): void {
  const fresh = arenaAlloc(arena, size);
  const target = ((fresh & UNIT_MASK) << 4) + start;
  const bytes = nodeBytes(arena, node);
  copyBytes(
    nodeBuf(arena, node),
    nodeOff(arena, node),
    arena.u8[fresh >>> SEGMENT_SHIFT],
    target,
    bytes,
  );
  arenaFree(arena, word(arena, node, BLOCK));
  setBlock(arena, node, fresh);
  setWord(arena, node, START, start);
}

/** Makes room for `more` bytes behind a packed node's listpack, or in front of it. */
export function reserve(
  arena: Arena,
  node: number,
  more: number,
  fill: number,
  front: boolean,
): void {
  const start = word(arena, node, START);
  const bytes = nodeBytes(arena, node);
  const usable = word(arena, node, ROOM);
  if ((front ? start : usable - start - bytes) >= more) return;
  const need = bytes + more;
  if (need <= usable) {
    const to = front ? usable - bytes : 0;
    const off = nodeOff(arena, node);
    copyBytes(nodeBuf(arena, node), off, nodeBuf(arena, node), off - start + to, bytes);
    setWord(arena, node, START, to);
    return;
  }
  const most = fill < 0 ? fillBytes(fill) : SAFE_BYTES;
  const size = arenaRounded(Math.max(need, Math.min(need + (need >> 1), most)));
  moveBlock(arena, node, size, front ? size - bytes : 0);
}

/** Adds a listpack as the last node; the list takes over its block, in which it starts at 0. */
export function quicklistAppendBlock(arena: Arena, root: number, block: number): void {
  const node = nodeCreate(arena, block, 0, PACKED);
  const count = listpackCount(nodeBuf(arena, node), nodeOff(arena, node));
  setWord(arena, node, COUNT, count);
  link(arena, root, word(arena, root, TAIL), node, true);
  addCount(arena, root, count);
}

/** Adds the bytes of one element as the last node. */
export function quicklistAppendPlain(
  arena: Arena,
  root: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const node = nodeCreatePlain(arena, src, off, len);
  link(arena, root, word(arena, root, TAIL), node, true);
  addCount(arena, root, 1);
}

/** Takes the listpack of the only node out, as a block in which it starts at 0, and frees the list. */
export function quicklistRelease(arena: Arena, root: number): number {
  const node = word(arena, root, HEAD);
  const bytes = nodeBytes(arena, node);
  const usable = word(arena, node, ROOM);
  if (word(arena, node, START) !== 0 || arenaRounded(bytes) < usable) {
    moveBlock(arena, node, bytes, 0);
  }
  const block = word(arena, node, BLOCK);
  if (node === arena.listBookmark) arena.listBookmark = 0;
  arenaFree(arena, node);
  arenaFree(arena, root);
  return block;
}

/** Frees about `blocks` blocks; true when nothing is left, root included. */
export function quicklistFreeSlice(arena: Arena, root: number, blocks: number): boolean {
  for (let left = blocks; word(arena, root, HEAD) !== 0; left -= 2) {
    if (left <= 0) return false;
    quicklistDeleteNode(arena, root, word(arena, root, HEAD));
  }
  arenaFree(arena, root);
  return true;
}

/** A copy with the same nodes. Returns its root. */
export function quicklistCopy(arena: Arena, root: number): number {
  const copy = quicklistCreate(arena, word(arena, root, FILL));
  for (let node = word(arena, root, HEAD); node !== 0; node = word(arena, node, NEXT)) {
    const bytes = nodeBytes(arena, node);
    const block = arenaAlloc(arena, bytes);
    const target = (block & UNIT_MASK) << 4;
    copyBytes(
      nodeBuf(arena, node),
      nodeOff(arena, node),
      arena.u8[block >>> SEGMENT_SHIFT],
      target,
      bytes,
    );
    const fresh = nodeCreate(arena, block, 0, word(arena, node, LEN));
    setWord(arena, fresh, COUNT, word(arena, node, COUNT));
    link(arena, copy, word(arena, copy, TAIL), fresh, true);
  }
  addCount(arena, copy, quicklistCount(arena, root));
  return copy;
}

/**
 * Moves the blocks that shall move, from the node of `arena.listBookmark` on, at the start (cursor.at 0) from the root on:
 * see ValueModule.move.
 */
export function quicklistMove(mover: Mover, root: number, cursor: MoveCursor): number {
  const { arena } = mover;
  let list = root;
  if (cursor.at === 0) {
    list = mover.move(root);
    arena.listBookmark = word(arena, list, HEAD);
    cursor.at = 1;
  }
  while (arena.listBookmark !== 0) {
    if (mover.left <= 0) return list;
    const old = arena.listBookmark;
    const node = mover.move(old);
    const prev = word(arena, node, PREV);
    const next = word(arena, node, NEXT);
    arena.listBookmark = next;
    if (node !== old) {
      if (prev === 0) setWord(arena, list, HEAD, node);
      else setWord(arena, prev, NEXT, node);
      if (next === 0) setWord(arena, list, TAIL, node);
      else setWord(arena, next, PREV, node);
    }
    setWord(arena, node, BLOCK, mover.move(word(arena, node, BLOCK)));
  }
  cursor.isDone = true;
  return list;
}

/** Checks all invariants; throws an Error naming the broken one. Returns the number of live blocks. */
export function quicklistVerify(arena: Arena, root: number): number {
  let nodes = 0;
  let count = 0;
  let prev = 0;
  for (let node = word(arena, root, HEAD); node !== 0; node = word(arena, node, NEXT)) {
    if (word(arena, node, PREV) !== prev) throw new Error(`quicklist: prev of node ${node}`);
    nodeVerify(arena, node);
    nodes++;
    count += word(arena, node, COUNT);
    prev = node;
  }
  if (word(arena, root, TAIL) !== prev) throw new Error(`quicklist: tail of ${root}`);
  if (word(arena, root, NODES) !== nodes) throw new Error(`quicklist: number of nodes of ${root}`);
  if (quicklistCount(arena, root) !== count) throw new Error(`quicklist: count of ${root}`);
  return 1 + nodes * 2;
}

function nodeVerify(arena: Arena, node: number): void {
  const count = word(arena, node, COUNT);
  const start = word(arena, node, START);
  const bytes = nodeBytes(arena, node);
  const room = arenaUsable(arena, word(arena, node, BLOCK));
  if (room !== word(arena, node, ROOM)) throw new Error(`quicklist: room of node ${node}`);
  if (start < 0 || start + bytes > room) throw new Error(`quicklist: node ${node} overflows`);
  if (word(arena, node, LEN) !== PACKED) {
    if (count !== 1 || start !== 0) throw new Error(`quicklist: plain node ${node}`);
    return;
  }
  const buf = nodeBuf(arena, node);
  const off = nodeOff(arena, node);
  if (!listpackValidate(buf, off, bytes, true)) throw new Error(`quicklist: listpack of ${node}`);
  if (count === 0 || count !== listpackCount(buf, off)) {
    throw new Error(`quicklist: node ${node} claims ${count} entries`);
  }
}
