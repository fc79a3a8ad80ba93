// quicklist.ts: a long list: a chain of nodes, each with a listpack of many elements or the bytes of one large element.
//
// WHY NOT one listpack: an insertion moves everything behind it. WHY NOT a block for each element: a node of 8 KiB holds
// a thousand small ones, so chain and handles cost nearly nothing, and a node is saved as it is.
//
//   root      head  tail  nodes  fill  count lo  count hi
//              |     +------------------------------+
//              v                                    v
//   node      prev  next  block  count  start  len  room      prev  next ...
//                           |
//                           v      start
//   block     [ free room ..|listpack ............|.. free room ]       packed: len is PACKED
//             [ bytes of the element              |.. free room ]       plain: len is their number, count is 1
//             |<------------------- room ---------------------->|
//
// A node's listpack lies anywhere in its block: pushing and popping at the head moves six bytes of header, not the
// entries. A block grows by half of itself or more, up to the limit of a node; when another node takes its place at an
// end of the list, what it has too much is given back.
//
// FILL is list-max-listpack-size as it was when the list was made: a positive one limits the entries of a node (and its
// bytes to 8192), a negative one from -1 to -5 its bytes to 4096, 8192 ... 65536. An element too large for that limit
// gets a plain node.
//
// WHICH ELEMENTS LIE IN WHICH NODE is seen from outside (DUMP, DEBUG QUICKLIST), so it follows Valkey: an element joins
// the node at its place if that may take it; at the border of a full node it joins the neighbour or makes a node of its
// own; in the middle of a full node the node is split and neighbours are joined where both fit into one.
//
// INVARIANTS
//   1. prev and next agree; nodes and count are the sums over the chain; no node is empty.
//   2. A packed node's listpack is valid, has `count` entries and lies within its block.
//   3. The root may have no nodes only while the list is being built or taken apart.
// LIFETIME   `place` is overwritten by the next search. A change of a node moves its entries and may move its block.
// COSTS      push, pop at both ends: O(1). By index: nodes from the nearer end, then entries of one node. Insert, split
//            and join: O(bytes of a node).
// SOURCE     behaviour of Valkey's quicklist.

import { bytesEqual, copyBytes } from "../bytes/ascii.ts";
import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import {
  LISTPACK_BYTES_MIN,
  LISTPACK_HEADER,
  LISTPACK_NONE,
  listpackAppend,
  listpackBytes,
  listpackDelete,
  listpackDeleteRange,
  listpackDropFront,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEntrySize,
  listpackFind,
  listpackFirst,
  listpackInsert,
  listpackInsertRun,
  listpackLast,
  listpackNext,
  listpackPushFront,
  listpackReplace,
  listpackSeek,
} from "./listpack.ts";
import {
  addCount,
  BLOCK,
  COUNT,
  exceedsFill,
  FILL,
  fillBytes,
  FIRST_BYTES,
  HEAD,
  isLarge,
  LEN,
  link,
  NEXT,
  nodeBuf,
  nodeBytes,
  nodeCreatePacked,
  nodeCreatePlain,
  nodeOff,
  PACKED,
  PREV,
  quicklistCount,
  quicklistDeleteNode,
  reserve,
  ROOM,
  SAFE_BYTES,
  setBlock,
  setWord,
  START,
  TAIL,
  trim,
  unlink,
  word,
} from "./quicklist_node.ts";
import type { ValueContext } from "./value_context.ts";

/** What an entry is assumed to take besides its bytes when room is looked for. */
const ENTRY_OVERHEAD = 8;

/** Where a search ended: a node and the position of an entry in nodeBuf (none in a plain node). */
export const place = { node: 0, at: LISTPACK_NONE };

// ---- the ends

function mayTake(vc: ValueContext, fill: number, node: number, len: number): boolean {
  if (node === 0) return false;
  const { arena } = vc;
  if (word(arena, node, LEN) !== PACKED || isLarge(vc, fill, len)) return false;
  const bytes = nodeBytes(arena, node) + len + ENTRY_OVERHEAD;
  return !exceedsFill(fill, bytes, word(arena, node, COUNT) + 1);
}

/** Adds an element to a packed node, at its head or at its tail. The source must not lie in the node. */
function nodePush(
  arena: Arena,
  fill: number,
  node: number,
  src: Uint8Array,
  off: number,
  len: number,
  front: boolean,
): void {
  reserve(arena, node, listpackEncodedSizeMax(len), fill, front);
  const buf = nodeBuf(arena, node);
  const pack = nodeOff(arena, node);
  if (front) {
    const moved = listpackPushFront(buf, pack, src, off, len);
    setWord(arena, node, START, word(arena, node, START) + moved - pack);
  } else {
    listpackAppend(buf, pack, src, off, len);
  }
  setWord(arena, node, COUNT, word(arena, node, COUNT) + 1);
}

/**
 * Adds an element to the packed node at an end of the list when that may take it and its block has room where it is
 * needed: the common case in one look at each word. False when that is not so.
 */
function pushFast(
  arena: Arena,
  root: number,
  src: Uint8Array,
  off: number,
  len: number,
  front: boolean,
): boolean {
  const rootWords = arena.i32[root >>> SEGMENT_SHIFT];
  const r = (root & UNIT_MASK) << 2;
  const node = rootWords[r + (front ? HEAD : TAIL)];
  if (node === 0) return false;
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const w = (node & UNIT_MASK) << 2;
  if (words[w + LEN] !== PACKED) return false;
  const block = words[w + BLOCK];
  const start = words[w + START];
  const count = words[w + COUNT] + 1;
  const buf = arena.u8[block >>> SEGMENT_SHIFT];
  const pack = ((block & UNIT_MASK) << 4) + start;
  const bytes = listpackBytes(buf, pack);
  const fill = rootWords[r + FILL];
  if (bytes + len + ENTRY_OVERHEAD > (fill < 0 ? fillBytes(fill) : SAFE_BYTES)) return false;
  if (fill >= 0 && count > fill) return false;
  const size = listpackEncodedSizeMax(len);
  if (front) {
    if (size > start) return false;
    words[w + START] = start + listpackPushFront(buf, pack, src, off, len) - pack;
  } else {
    if (size > words[w + ROOM] - start - bytes) return false;
    listpackInsert(buf, pack, pack + bytes - 1, src, off, len);
  }
  words[w + COUNT] = count;
  addCount(arena, root, 1);
  return true;
}

/** Adds an element at the head or at the tail. The source must not lie in the list. */
export function quicklistPush(
  vc: ValueContext,
  root: number,
  src: Uint8Array,
  off: number,
  len: number,
  front: boolean,
): void {
  const { arena } = vc;
  if (vc.limits.listPackedThreshold === 0 && pushFast(arena, root, src, off, len, front)) return;
  const fill = word(arena, root, FILL);
  const end = word(arena, root, front ? HEAD : TAIL);
  if (mayTake(vc, fill, end, len)) {
    nodePush(arena, fill, end, src, off, len, front);
    addCount(arena, root, 1);
  } else {
    insertNode(vc, root, end, src, off, len, !front);
  }
}

/** Puts a new node with one element behind or in front of `other`, and counts the element. */
function insertNode(
  vc: ValueContext,
  root: number,
  other: number,
  src: Uint8Array,
  off: number,
  len: number,
  after: boolean,
): number {
  const { arena } = vc;
  const fill = word(arena, root, FILL);
  let node;
  if (isLarge(vc, fill, len)) {
    node = nodeCreatePlain(arena, src, off, len);
  } else {
    node = nodeCreatePacked(arena, listpackEncodedSizeMax(len));
    nodePush(arena, fill, node, src, off, len, false);
  }
  link(arena, root, other, node, after);
  addCount(arena, root, 1);
  return node;
}

/** Takes the first or the last element away; there must be one. */
export function quicklistDrop(arena: Arena, root: number, front: boolean): void {
  const node = word(arena, root, front ? HEAD : TAIL);
  const words = arena.i32[node >>> SEGMENT_SHIFT];
  const w = (node & UNIT_MASK) << 2;
  const count = words[w + COUNT] - 1;
  addCount(arena, root, -1);
  if (count === 0) return unlink(arena, root, node);
  const block = words[w + BLOCK];
  const buf = arena.u8[block >>> SEGMENT_SHIFT];
  const pack = ((block & UNIT_MASK) << 4) + words[w + START];
  if (front) {
    const first = pack + LISTPACK_HEADER;
    const moved = listpackDropFront(buf, pack, first + listpackEntrySize(buf, first), 1);
    words[w + START] += moved - pack;
  } else {
    listpackDelete(buf, pack, listpackLast(buf, pack));
  }
  words[w + COUNT] = count;
}

// ---- searching

/** Sets `place.node` to the node of the element with this index, which must exist. Returns the index within the node. */
export function quicklistSeekNode(arena: Arena, root: number, index: number): number {
  const count = quicklistCount(arena, root);
  if (index <= (count - 1) / 2) {
    let node = word(arena, root, HEAD);
    let left = index;
    for (; left >= word(arena, node, COUNT); node = word(arena, node, NEXT)) {
      left -= word(arena, node, COUNT);
    }
    place.node = node;
    return left;
  }
  let node = word(arena, root, TAIL);
  let left = count - 1 - index;
  for (; left >= word(arena, node, COUNT); node = word(arena, node, PREV)) {
    left -= word(arena, node, COUNT);
  }
  place.node = node;
  return word(arena, node, COUNT) - 1 - left;
}

/** Sets `place` to the first element that equals the value; false when there is none. */
export function quicklistFind(
  arena: Arena,
  root: number,
  value: Uint8Array,
  off: number,
  len: number,
): boolean {
  for (let node = word(arena, root, HEAD); node !== 0; node = word(arena, node, NEXT)) {
    const buf = nodeBuf(arena, node);
    const start = nodeOff(arena, node);
    place.node = node;
    place.at = LISTPACK_NONE;
    const plain = word(arena, node, LEN);
    if (plain !== PACKED) {
      if (plain === len && bytesEqual(buf, start, value, off, len)) return true;
      continue;
    }
    place.at = listpackFind(buf, listpackFirst(buf, start), value, off, len, 0);
    if (place.at !== LISTPACK_NONE) return true;
  }
  return false;
}

// ---- the middle

/** Inserts behind or in front of the element at `place`. */
export function quicklistInsert(
  vc: ValueContext,
  root: number,
  src: Uint8Array,
  off: number,
  len: number,
  after: boolean,
): void {
  const { arena } = vc;
  const fill = word(arena, root, FILL);
  const { node, at } = place;
  const isPlain = word(arena, node, LEN) !== PACKED;
  const atBorder = isPlain || isAtBorder(arena, node, at, after);
  if (isLarge(vc, fill, len)) {
    if (atBorder) {
      insertNode(vc, root, node, src, off, len, after);
    } else {
      const part = split(arena, node, at, after);
      const own = insertNode(vc, root, node, src, off, len, after);
      link(arena, root, own, part, after);
    }
    return;
  }
  if (mayTake(vc, fill, node, len)) {
    nodeInsert(arena, fill, node, at, src, off, len, after);
    addCount(arena, root, 1);
    return;
  }
  if (!atBorder) {
    const part = split(arena, node, at, after);
    nodePush(arena, fill, part, src, off, len, after);
    link(arena, root, node, part, after);
    addCount(arena, root, 1);
    joinAround(arena, root, node);
    return;
  }
  const neighbour = word(arena, node, after ? NEXT : PREV);
  if (mayTake(vc, fill, neighbour, len)) {
    nodePush(arena, fill, neighbour, src, off, len, after);
    addCount(arena, root, 1);
  } else {
    insertNode(vc, root, node, src, off, len, after);
  }
}

/** Whether the entry is the last one of its node, or with after = false the first. */
function isAtBorder(arena: Arena, node: number, at: number, after: boolean): boolean {
  const buf = nodeBuf(arena, node);
  if (after) return listpackNext(buf, at) === LISTPACK_NONE;
  return at === listpackFirst(buf, nodeOff(arena, node));
}

function nodeInsert(
  arena: Arena,
  fill: number,
  node: number,
  at: number,
  src: Uint8Array,
  off: number,
  len: number,
  after: boolean,
): void {
  const distance = at - nodeOff(arena, node);
  reserve(arena, node, listpackEncodedSizeMax(len), fill, false);
  const buf = nodeBuf(arena, node);
  const pack = nodeOff(arena, node);
  const target = pack + distance;
  listpackInsert(
    buf,
    pack,
    after ? target + listpackEntrySize(buf, target) : target,
    src,
    off,
    len,
  );
  setWord(arena, node, COUNT, word(arena, node, COUNT) + 1);
}

/**
 * Takes the entries behind the one at `at` out of a packed node, or those in front of it. Returns a new node with them,
 * which is in no chain.
 */
function split(arena: Arena, node: number, at: number, after: boolean): number {
  // Creating the part moves nothing: buf and positions stay good.
  const buf = nodeBuf(arena, node);
  const pack = nodeOff(arena, node);
  let before = 0;
  for (let p = pack + LISTPACK_HEADER; p < at; before++) p += listpackEntrySize(buf, p);
  const from = after ? at + listpackEntrySize(buf, at) : pack + LISTPACK_HEADER;
  const to = after ? listpackEnd(buf, pack) : at;
  const moved = after ? word(arena, node, COUNT) - before - 1 : before;
  const part = nodeCreatePacked(arena, to - from);
  const target = nodeBuf(arena, part);
  const fresh = nodeOff(arena, part);
  listpackInsertRun(target, fresh, listpackEnd(target, fresh), buf, from, to, moved);
  if (after) {
    listpackDeleteRange(buf, pack, before + 1, moved);
  } else {
    const off = listpackDropFront(buf, pack, at, before);
    setWord(arena, node, START, word(arena, node, START) + off - pack);
  }
  setWord(arena, part, COUNT, moved);
  setWord(arena, node, COUNT, word(arena, node, COUNT) - moved);
  return part;
}

function mayJoin(arena: Arena, fill: number, a: number, b: number): boolean {
  if (a === 0 || b === 0) return false;
  if (word(arena, a, LEN) !== PACKED || word(arena, b, LEN) !== PACKED) return false;
  const bytes = nodeBytes(arena, a) + nodeBytes(arena, b) - LISTPACK_BYTES_MIN;
  return !exceedsFill(fill, bytes, word(arena, a, COUNT) + word(arena, b, COUNT));
}

/** Moves the entries of a node to the end of the one in front of it. */
function join(arena: Arena, root: number, node: number): void {
  const into = word(arena, node, PREV);
  const more = nodeBytes(arena, node) - LISTPACK_BYTES_MIN;
  reserve(arena, into, more, word(arena, root, FILL), false);
  const buf = nodeBuf(arena, into);
  const pack = nodeOff(arena, into);
  const source = nodeBuf(arena, node);
  const from = nodeOff(arena, node) + LISTPACK_HEADER;
  const count = word(arena, node, COUNT);
  listpackInsertRun(buf, pack, listpackEnd(buf, pack), source, from, from + more, count);
  setWord(arena, into, COUNT, word(arena, into, COUNT) + count);
  unlink(arena, root, node);
}

/** Joins the two nodes in front of `node`, the two behind it, and it with both sides, where they fit. */
function joinAround(arena: Arena, root: number, node: number): void {
  const fill = word(arena, root, FILL);
  const prev = word(arena, node, PREV);
  const next = word(arena, node, NEXT);
  const beyond = next === 0 ? 0 : word(arena, next, NEXT);
  if (prev !== 0 && mayJoin(arena, fill, word(arena, prev, PREV), prev)) join(arena, root, prev);
  if (mayJoin(arena, fill, next, beyond)) join(arena, root, beyond);
  let center = node;
  const before = word(arena, node, PREV);
  if (mayJoin(arena, fill, before, node)) {
    join(arena, root, node);
    center = before;
  }
  const behind = word(arena, center, NEXT);
  if (mayJoin(arena, fill, center, behind)) join(arena, root, behind);
}

/** Puts another value in the place of the element with this index, which must exist. */
export function quicklistReplace(
  vc: ValueContext,
  root: number,
  index: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const { arena } = vc;
  const fill = word(arena, root, FILL);
  const inNode = quicklistSeekNode(arena, root, index);
  const { node } = place;
  const large = isLarge(vc, fill, len);
  if (word(arena, node, LEN) !== PACKED) {
    if (large) {
      replacePlain(arena, node, src, off, len);
    } else {
      place.at = LISTPACK_NONE;
      quicklistInsert(vc, root, src, off, len, true);
      quicklistDeleteNode(arena, root, node);
    }
    return;
  }
  const at = listpackSeek(nodeBuf(arena, node), nodeOff(arena, node), inNode);
  if (!large) {
    const distance = at - nodeOff(arena, node);
    reserve(arena, node, listpackEncodedSizeMax(len), fill, false);
    const pack = nodeOff(arena, node);
    listpackReplace(nodeBuf(arena, node), pack, pack + distance, src, off, len);
    return;
  }
  // The large element gets a node behind those in front of it; the others follow in a node of their own.
  const part = inNode === word(arena, node, COUNT) - 1 ? 0 : split(arena, node, at, true);
  const own = insertNode(vc, root, node, src, off, len, true);
  if (part !== 0) link(arena, root, own, part, true);
  addCount(arena, root, -1);
  if (word(arena, node, COUNT) === 1) {
    unlink(arena, root, node);
    return;
  }
  const buf = nodeBuf(arena, node);
  const pack = nodeOff(arena, node);
  listpackDelete(buf, pack, listpackLast(buf, pack));
  setWord(arena, node, COUNT, word(arena, node, COUNT) - 1);
  joinAround(arena, root, own);
}

function replacePlain(
  arena: Arena,
  node: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const block = arenaAlloc(arena, len);
  copyBytes(src, off, arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4, len);
  arenaFree(arena, word(arena, node, BLOCK));
  setBlock(arena, node, block);
  setWord(arena, node, LEN, len);
}

/** Takes out `count` elements from index `start` on; all must exist. */
export function quicklistDeleteRange(
  arena: Arena,
  root: number,
  start: number,
  count: number,
): void {
  if (count <= 0) return;
  let inNode = quicklistSeekNode(arena, root, start);
  let { node } = place;
  for (let left = count; left > 0; inNode = 0) {
    const next = word(arena, node, NEXT);
    const held = word(arena, node, COUNT);
    const gone = Math.min(left, held - inNode);
    if (gone === held) quicklistDeleteNode(arena, root, node);
    else nodeDeleteFrom(arena, root, node, inNode, gone);
    left -= gone;
    node = next;
  }
}

/** Takes out some, not all, of the entries of a packed node. */
function nodeDeleteFrom(
  arena: Arena,
  root: number,
  node: number,
  inNode: number,
  count: number,
): void {
  const buf = nodeBuf(arena, node);
  const pack = nodeOff(arena, node);
  if (inNode === 0) {
    const off = listpackDropFront(buf, pack, listpackSeek(buf, pack, count), count);
    setWord(arena, node, START, word(arena, node, START) + off - pack);
  } else {
    listpackDeleteRange(buf, pack, inNode, count);
  }
  nodeLost(arena, root, node, count);
}

/** To be called when `count` entries of a packed node's listpack, not all, were taken out. */
export function nodeLost(
  arena: Arena,
  root: number,
  node: number,
  count: number,
): void {
  setWord(arena, node, COUNT, word(arena, node, COUNT) - count);
  addCount(arena, root, -count);
  const usable = word(arena, node, ROOM);
  if (usable > FIRST_BYTES && nodeBytes(arena, node) * 4 < usable) trim(arena, node);
}
