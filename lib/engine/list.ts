// list.ts: lists: a short one is a single listpack, a long one a quicklist. The only file that knows which is which.
//
//   LISTPACK    root block = the listpack, from its first byte on
//   QUICKLIST   root block = head of a chain of nodes (quicklist.ts)
//
// CHANGES OF ENCODING follow Valkey. Before something is added, listGrow looks whether all of it fits into one node; it
// counts the bytes of the new elements as they are given, without what entries cost. After something was taken away,
// listShrink goes back when a single packed node is left that is at most half as full as it might be; listSettle, for
// lists that were built in one go, when it is at most full.
//
//   list-max-listpack-size -2:  8000 bytes + a push of 200 -> QUICKLIST;  back at 4096 bytes or less
//
// BUILDING a list that no key has yet: make a record (recordCreate) with the root of listCreateEmpty, add with listPush or
// with listAppendPack and listAppendPlain node by node, then listSettle. Reading: list_cursor.ts.
//
// LIFETIME   `edge` and what a cursor shows are good until the list changes or another one is read.
// COSTS      length and both ends O(1); by index O(nodes from the nearer end + entries of one node).

import { bytesEqual, copyBytes } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import {
  entry,
  LISTPACK_BYTES_MIN,
  LISTPACK_NONE,
  listpackAppend,
  listpackBytes,
  listpackCount,
  listpackDelete,
  listpackDeleteMany,
  listpackDeleteRange,
  listpackEncodedSizeMax,
  listpackEntrySize,
  listpackEqualsAt,
  listpackFind,
  listpackFirst,
  listpackInit,
  listpackInsert,
  listpackLast,
  listpackNext,
  listpackPrepend,
  listpackPrev,
  listpackReplace,
  listpackSeek,
  listpackText,
  listpackValidate,
} from "./listpack.ts";
import {
  nodeLost,
  quicklistDeleteRange,
  quicklistDrop,
  quicklistFind,
  quicklistInsert,
  quicklistPush,
  quicklistReplace,
} from "./quicklist.ts";
import {
  exceedsFill,
  fillBytes,
  nodeBlockBytes,
  nodeBuf,
  nodeBytes,
  nodeCount,
  nodeIsPlain,
  nodeNext,
  nodeOff,
  nodePrev,
  quicklistAppendBlock,
  quicklistAppendPlain,
  quicklistCopy,
  quicklistCount,
  quicklistCreate,
  quicklistDeleteNode,
  quicklistFreeSlice,
  quicklistHead,
  quicklistMove,
  quicklistNodes,
  quicklistRelease,
  quicklistTail,
  quicklistVerify,
} from "./quicklist_node.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "./record.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";

/** Blocks of listpacks with more room than this are given back when they are mostly empty. */
const KEEP_BYTES = 128;

/** The element that listPeek found. */
export const edge: { buf: Uint8Array; off: number; len: number; isInt: boolean } = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
  isInt: false,
};

function isPacked(arena: Arena, rec: number): boolean {
  return recordEncoding(arena, rec) === ENCODING_LISTPACK;
}

function packBuf(arena: Arena, root: number): Uint8Array {
  return arena.u8[root >>> SEGMENT_SHIFT];
}

function packOff(root: number): number {
  return (root & UNIT_MASK) << 4;
}

/** The root of a LISTPACK list without elements. A key must not keep one. */
export function listCreate(vc: ValueContext): number {
  const root = arenaAlloc(vc.arena, LISTPACK_BYTES_MIN);
  listpackInit(packBuf(vc.arena, root), packOff(root));
  return root;
}

/** The root of a QUICKLIST list without nodes, to be built: see the header. */
export function listCreateEmpty(vc: ValueContext): number {
  return quicklistCreate(vc.arena, vc.limits.listMaxListpackSize);
}

/** Number of elements. */
export function listLength(vc: ValueContext, rec: number): number {
  const root = recordA(vc.arena, rec);
  return isPacked(vc.arena, rec)
    ? listpackCount(packBuf(vc.arena, root), packOff(root))
    : quicklistCount(vc.arena, root);
}

// ---- encodings

/** To be called before `count` elements of `bytes` bytes in all are added: makes the list a QUICKLIST if it must be one. */
export function listGrow(vc: ValueContext, rec: number, bytes: number, count: number): void {
  const { arena } = vc;
  if (!isPacked(arena, rec)) return;
  const root = recordA(arena, rec);
  const buf = packBuf(arena, root);
  const off = packOff(root);
  const fill = vc.limits.listMaxListpackSize;
  const held = listpackCount(buf, off);
  if (!exceedsFill(fill, listpackBytes(buf, off) + bytes, held + count)) return;
  const list = quicklistCreate(arena, fill);
  if (held > 0) quicklistAppendBlock(arena, list, root);
  else arenaFree(arena, root);
  recordSetA(arena, rec, list);
  recordSetEncoding(arena, rec, ENCODING_QUICKLIST);
}

/** To be called after elements were taken away or replaced: makes the list a LISTPACK if it has become small. */
export function listShrink(vc: ValueContext, rec: number): void {
  if (!isPacked(vc.arena, rec)) compact(vc, rec, 2);
}

/** To be called when a list was built: gives it the encoding it should have. */
export function listSettle(vc: ValueContext, rec: number): void {
  if (isPacked(vc.arena, rec)) listGrow(vc, rec, 0, 0);
  else compact(vc, rec, 1);
}

/** Makes a QUICKLIST with one packed node a LISTPACK when it is no fuller than the limits divided by `divisor`. */
function compact(vc: ValueContext, rec: number, divisor: number): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (quicklistNodes(arena, root) !== 1) return;
  const node = quicklistHead(arena, root);
  if (nodeIsPlain(arena, node)) return;
  const fill = vc.limits.listMaxListpackSize;
  const isFull = fill < 0
    ? nodeBytes(arena, node) > fillBytes(fill) / divisor
    : nodeCount(arena, node) > Math.floor(Math.max(1, fill) / divisor);
  if (isFull) return;
  recordSetA(arena, rec, quicklistRelease(arena, root));
  recordSetEncoding(arena, rec, ENCODING_LISTPACK);
}

/** Makes room for `more` bytes behind the listpack of a LISTPACK list. Returns its root, which may be new. */
function packReserve(arena: Arena, rec: number, more: number): number {
  const root = recordA(arena, rec);
  const need = listpackBytes(packBuf(arena, root), packOff(root)) + more;
  if (need <= arenaUsable(arena, root)) return root;
  return packMove(arena, rec, need + (need >> 2));
}

function packMove(arena: Arena, rec: number, size: number): number {
  const root = recordA(arena, rec);
  const fresh = arenaAlloc(arena, size);
  const buf = packBuf(arena, root);
  const off = packOff(root);
  copyBytes(buf, off, packBuf(arena, fresh), packOff(fresh), listpackBytes(buf, off));
  arenaFree(arena, root);
  recordSetA(arena, rec, fresh);
  return fresh;
}

/** Gives back room when a LISTPACK list uses little of its block. */
function packTrim(arena: Arena, rec: number): void {
  const root = recordA(arena, rec);
  const usable = arenaUsable(arena, root);
  if (usable <= KEEP_BYTES) return;
  const bytes = listpackBytes(packBuf(arena, root), packOff(root));
  if (bytes * 4 < usable) packMove(arena, rec, bytes * 2);
}

// ---- the ends

/**
 * Adds an element at the head or at the tail; listGrow must have been called. The bytes must not lie in this list.
 */
export function listPush(
  vc: ValueContext,
  rec: number,
  src: Uint8Array,
  off: number,
  len: number,
  front: boolean,
): void {
  const { arena } = vc;
  if (!isPacked(arena, rec)) return quicklistPush(vc, recordA(arena, rec), src, off, len, front);
  const root = packReserve(arena, rec, listpackEncodedSizeMax(len));
  if (front) listpackPrepend(packBuf(arena, root), packOff(root), src, off, len);
  else listpackAppend(packBuf(arena, root), packOff(root), src, off, len);
}

/** Points `edge` at the first or the last element, which must exist. */
export function listPeek(vc: ValueContext, rec: number, front: boolean): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  let buf;
  let pack;
  if (isPacked(arena, rec)) {
    buf = packBuf(arena, root);
    pack = packOff(root);
  } else {
    const node = front ? quicklistHead(arena, root) : quicklistTail(arena, root);
    buf = nodeBuf(arena, node);
    pack = nodeOff(arena, node);
    if (nodeIsPlain(arena, node)) {
      edge.buf = buf;
      edge.off = pack;
      edge.len = nodeBytes(arena, node);
      edge.isInt = false;
      return;
    }
  }
  listpackText(buf, front ? listpackFirst(buf, pack) : listpackLast(buf, pack));
  edge.buf = entry.buf;
  edge.off = entry.off;
  edge.len = entry.len;
  edge.isInt = entry.isInt;
}

/** Takes the first or the last element away; there must be one. listShrink is up to the caller. */
export function listDrop(vc: ValueContext, rec: number, front: boolean): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (!isPacked(arena, rec)) return quicklistDrop(arena, root, front);
  const buf = packBuf(arena, root);
  const pack = packOff(root);
  listpackDelete(buf, pack, front ? listpackFirst(buf, pack) : listpackLast(buf, pack));
  packTrim(arena, rec);
}

// ---- the middle

/** Takes away `count` elements from index `start` on; all must exist. listShrink is up to the caller. */
export function listDeleteRange(vc: ValueContext, rec: number, start: number, count: number): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (!isPacked(arena, rec)) return quicklistDeleteRange(arena, root, start, count);
  listpackDeleteRange(packBuf(arena, root), packOff(root), start, count);
  packTrim(arena, rec);
}

/** Replaces the element with this index, which must exist; listGrow must have been called. */
export function listReplace(
  vc: ValueContext,
  rec: number,
  index: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const { arena } = vc;
  if (!isPacked(arena, rec)) return quicklistReplace(vc, recordA(arena, rec), index, src, off, len);
  const root = packReserve(arena, rec, listpackEncodedSizeMax(len));
  const buf = packBuf(arena, root);
  const pack = packOff(root);
  listpackReplace(buf, pack, listpackSeek(buf, pack, index), src, off, len);
}

/**
 * Inserts an element in front of or behind the first one that equals the pivot; listGrow must have been called. Returns
 * false when there is none. All arguments lie in `src`.
 */
export function listInsert(
  vc: ValueContext,
  rec: number,
  src: Uint8Array,
  pivotOff: number,
  pivotLen: number,
  off: number,
  len: number,
  after: boolean,
): boolean {
  const { arena } = vc;
  if (!isPacked(arena, rec)) {
    const root = recordA(arena, rec);
    if (!quicklistFind(arena, root, src, pivotOff, pivotLen)) return false;
    quicklistInsert(vc, root, src, off, len, after);
    return true;
  }
  const root = packReserve(arena, rec, listpackEncodedSizeMax(len));
  const buf = packBuf(arena, root);
  const pack = packOff(root);
  const at = listpackFind(buf, listpackFirst(buf, pack), src, pivotOff, pivotLen, 0);
  if (at === LISTPACK_NONE) return false;
  listpackInsert(buf, pack, after ? at + listpackEntrySize(buf, at) : at, src, off, len);
  return true;
}

let positions = new Int32Array(64);

/** Takes up to `most` entries equal to the value out of a listpack. Returns how many there were. */
function packRemove(
  buf: Uint8Array,
  pack: number,
  value: Uint8Array,
  off: number,
  len: number,
  most: number,
  backwards: boolean,
): number {
  let count = 0;
  let at = backwards ? listpackLast(buf, pack) : listpackFirst(buf, pack);
  while (at !== LISTPACK_NONE && count < most) {
    if (!backwards) {
      at = listpackFind(buf, at, value, off, len, 0);
      if (at === LISTPACK_NONE) break;
    }
    if (!backwards || listpackEqualsAt(buf, at, value, off, len)) {
      if (count === positions.length) {
        const bigger = new Int32Array(count * 2);
        bigger.set(positions);
        positions = bigger;
      }
      positions[count++] = at;
    }
    at = backwards ? listpackPrev(buf, pack, at) : listpackNext(buf, at);
  }
  if (backwards) positions.subarray(0, count).reverse();
  listpackDeleteMany(buf, pack, positions, count);
  return count;
}

/**
 * Takes away the first `most` elements that equal the value, or the last ones. Returns how many there were. listShrink is
 * up to the caller.
 */
export function listRemove(
  vc: ValueContext,
  rec: number,
  value: Uint8Array,
  off: number,
  len: number,
  most: number,
  backwards: boolean,
): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (isPacked(arena, rec)) {
    const buf = packBuf(arena, root);
    const removed = packRemove(buf, packOff(root), value, off, len, most, backwards);
    packTrim(arena, rec);
    return removed;
  }
  let removed = 0;
  let node = backwards ? quicklistTail(arena, root) : quicklistHead(arena, root);
  while (node !== 0 && removed < most) {
    const next = backwards ? nodePrev(arena, node) : nodeNext(arena, node);
    removed += nodeRemove(arena, root, node, value, off, len, most - removed, backwards);
    node = next;
  }
  return removed;
}

/** listRemove within one node, which goes when it is empty. */
function nodeRemove(
  arena: Arena,
  root: number,
  node: number,
  value: Uint8Array,
  off: number,
  len: number,
  most: number,
  backwards: boolean,
): number {
  const buf = nodeBuf(arena, node);
  const start = nodeOff(arena, node);
  if (nodeIsPlain(arena, node)) {
    if (nodeBytes(arena, node) !== len || !bytesEqual(buf, start, value, off, len)) return 0;
    quicklistDeleteNode(arena, root, node);
    return 1;
  }
  const removed = packRemove(buf, start, value, off, len, most, backwards);
  if (removed === nodeCount(arena, node)) quicklistDeleteNode(arena, root, node);
  else if (removed > 0) nodeLost(arena, root, node, removed);
  return removed;
}

// ---- building

/** Appends a valid listpack buf[off, off + len) as a node of a QUICKLIST list; an empty one is left out. */
export function listAppendPack(
  vc: ValueContext,
  rec: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const { arena } = vc;
  if (len <= LISTPACK_BYTES_MIN) return;
  const block = arenaAlloc(arena, len);
  copyBytes(src, off, packBuf(arena, block), packOff(block), len);
  quicklistAppendBlock(arena, recordA(arena, rec), block);
}

/** Appends one element as a plain node of a QUICKLIST list. */
export function listAppendPlain(
  vc: ValueContext,
  rec: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  quicklistAppendPlain(vc.arena, recordA(vc.arena, rec), src, off, len);
}

// ---- the value as a whole

function freeSlice(vc: ValueContext, encoding: number, root: number, blocks: number): boolean {
  if (encoding === ENCODING_QUICKLIST) return quicklistFreeSlice(vc.arena, root, blocks);
  arenaFree(vc.arena, root);
  return true;
}

function copy(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_QUICKLIST) return quicklistCopy(arena, root);
  const bytes = listpackBytes(packBuf(arena, root), packOff(root));
  const fresh = arenaAlloc(arena, bytes);
  copyBytes(packBuf(arena, root), packOff(root), packBuf(arena, fresh), packOff(fresh), bytes);
  return fresh;
}

function verify(vc: ValueContext, encoding: number, root: number): number {
  const { arena } = vc;
  if (encoding === ENCODING_QUICKLIST) return quicklistVerify(arena, root);
  const buf = packBuf(arena, root);
  const bytes = listpackBytes(buf, packOff(root));
  if (bytes > arenaUsable(arena, root) || !listpackValidate(buf, packOff(root), bytes, true)) {
    throw new Error(`list: listpack ${root} of ${bytes} bytes is broken`);
  }
  return 1;
}

function bytesOf(vc: ValueContext, encoding: number, root: number, samples: number): number {
  const { arena } = vc;
  if (encoding !== ENCODING_QUICKLIST) return arenaUsable(arena, root);
  let bytes = 0;
  let seen = 0;
  let node = quicklistHead(arena, root);
  for (; node !== 0 && (samples === 0 || seen < samples); node = nodeNext(arena, node)) {
    bytes += nodeBlockBytes(arena, node);
    seen++;
  }
  if (seen > 0) bytes = Math.round(bytes / seen * quicklistNodes(arena, root));
  return arenaUsable(arena, root) + bytes;
}

export const listValue: ValueModule = {
  free: (vc, encoding, root) => void freeSlice(vc, encoding, root, Infinity),
  freeSlice,
  effort: (vc, encoding, root) =>
    encoding === ENCODING_QUICKLIST ? 1 + quicklistNodes(vc.arena, root) * 2 : 1,
  copy,
  verify,
  bytes: bytesOf,
  move: (_vc, encoding, root, mover, cursor) => {
    if (encoding === ENCODING_QUICKLIST) return quicklistMove(mover, root, cursor);
    cursor.isDone = true;
    return mover.move(root);
  },
};
