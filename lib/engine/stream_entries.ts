// stream_entries.ts: the entries of a stream as a whole: adding, walking, deleting, trimming.
//
// Entries lie in nodes (stream_node.ts), each in a block of its own; an index leads from master ids to blocks. The last
// node grows: its block starts small for the first node of a stream and is NODE_START_MAX bytes or the limit for nodes
// for all others; it is cut to size when the next node starts.
//
// A node is full when the bytes of an entry's fields and values would bring it to streamNodeMaxBytes, or when it has
// streamNodeMaxEntries, deleted ones included; 0 is no limit.
//
// COSTS  adding O(size of the entry); finding an id O(log nodes) and a walk in one node; deleting as finding; trimming
//        whole nodes O(1) each. No JavaScript object is made.

import { copyBytes } from "../bytes/ascii.ts";
import {
  arenaAlloc,
  arenaFree,
  arenaRounded,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import {
  LISTPACK_HEADER,
  listpackBytes,
  listpackClose,
  listpackEncodedSizeMax,
  listpackEnd,
  listpackEntrySize,
  listpackEqualsAt,
  listpackInit,
  listpackPut,
  listpackPutInt,
  listpackReplaceInt,
} from "./listpack.ts";
import {
  ID_MAX,
  ID_MIN,
  ID_WORDS,
  idCompare,
  idCopy,
  idFromMs,
  idIncrement,
  wordsDifferenceHigh,
} from "./stream_id.ts";
import {
  IndexCursor,
  indexFirst,
  indexIsLast,
  indexLast,
  indexNext,
  indexPrev,
  indexSeekBack,
} from "./stream_index.ts";
import { indexDelete, indexInsert } from "./stream_index_change.ts";
import {
  COUNTERS_GROW_MAX,
  ENTRY_DELETED,
  ENTRY_SAME,
  head,
  nodeCountDeleted,
  NodeCursor,
  nodeHead,
  nodeMarkDeleted,
  nodeValid,
} from "./stream_node.ts";
import {
  streamAddLength,
  streamCountAdded,
  streamFirstWord,
  streamLastWord,
  streamLength,
  streamMaxDeletedWord,
  streamNodes,
  streamWords,
} from "./stream_root.ts";
import type { ValueContext } from "./value_context.ts";

/** Largest node, and most bytes an entry's fields and values may have. */
export const NODE_BYTES_MAX = 2 ** 30;
const NODE_START_MAX = 4096;
/** Most bytes of the numbers of an entry, of the counters of a node, and of the growth of the counters. */
const FIXED_BYTES = 64;
/** Elements of a node in front of its entries, without the fields. */
const FIXED_ELEMENTS = 4;

/** How many entries from the end of the last node a walk looks for its start before it does so from the front. */
const NEAR_END = 8;

/** Where the block of a node is in the words of a cursor of the index of nodes. */
export const NODE_BLOCK = ID_WORDS;

// ---- walking

/** A walk over the entries between two ids, either way. `id`, `fields`, `field`, `value` are those of NodeCursor. */
export class EntryCursor extends NodeCursor {
  readonly index: IndexCursor = new IndexCursor();
  private readonly low = new Int32Array(ID_WORDS);
  private readonly high = new Int32Array(ID_WORDS);
  private back = false;
  private deletedToo = false;
  private inNode = false;
  private more = false;

  /**
   * Starts a walk over the entries from low[l] to high[h], both included, downwards with `back`, over deleted ones, too,
   * with `deletedToo`.
   */
  start(
    vc: ValueContext,
    root: number,
    low: Int32Array,
    l: number,
    high: Int32Array,
    h: number,
    back = false,
    deletedToo = false,
  ): void {
    const { arena } = vc;
    const nodes = streamNodes(arena, root);
    idCopy(low, l, this.low, 0);
    idCopy(high, h, this.high, 0);
    this.back = back;
    this.deletedToo = deletedToo;
    this.inNode = false;
    if (back) this.more = indexSeekBack(arena, nodes, this.high, 0, this.index);
    else {
      this.more = indexSeekBack(arena, nodes, this.low, 0, this.index) ||
        indexFirst(arena, nodes, this.index);
    }
  }

  /** Steps to the next entry of the walk. False at its end. */
  next(vc: ValueContext): boolean {
    while (this.more) {
      if (!this.inNode) this.openNode(vc);
      while (this.back ? this.backward() : this.forward()) {
        if ((this.flags & ENTRY_DELETED) !== 0 && !this.deletedToo) continue;
        if (this.back) {
          if (idCompare(this.id, 0, this.high, 0) > 0) continue;
          return idCompare(this.id, 0, this.low, 0) >= 0;
        }
        if (idCompare(this.id, 0, this.low, 0) < 0) continue;
        return idCompare(this.id, 0, this.high, 0) <= 0;
      }
      this.inNode = false;
      this.more = this.back ? indexPrev(vc.arena, this.index) : indexNext(vc.arena, this.index);
    }
    return false;
  }

  private openNode(vc: ValueContext): void {
    const { words, word } = this.index;
    const block = words[word + NODE_BLOCK];
    const buf = vc.arena.u8[block >>> SEGMENT_SHIFT];
    const off = (block & UNIT_MASK) << 4;
    idCopy(words, word, this.master, 0);
    this.inNode = true;
    if (!this.back && indexIsLast(this.index) && idCompare(this.low, 0, words, word) > 0) {
      // Who follows a stream asks for the end of its last node.
      this.open(buf, off, true);
      for (let i = 0; i < NEAR_END && this.backward(); i++) {
        if (idCompare(this.id, 0, this.low, 0) < 0) return;
      }
    }
    this.open(buf, off, this.back);
  }
}

const walk = new EntryCursor();
const tail = new IndexCursor();

/** The id of the last entry to out[0], or, without entries, false. */
export function streamLastValid(vc: ValueContext, root: number, out: Int32Array): boolean {
  walk.start(vc, root, ID_MIN, 0, ID_MAX, 0, true);
  if (!walk.next(vc)) return false;
  idCopy(walk.id, 0, out, 0);
  return true;
}

/** Whether there is an entry with the id at ids[id]. */
export function streamHas(vc: ValueContext, root: number, ids: Int32Array, id: number): boolean {
  walk.start(vc, root, ids, id, ids, id);
  return walk.next(vc);
}

// ---- adding

/** The id an entry added at wall time `nowMs` gets, to out[0]; there must be one left. */
export function streamNextId(
  vc: ValueContext,
  root: number,
  nowMs: number,
  out: Int32Array,
): void {
  const words = streamWords(vc.arena, root);
  const last = streamLastWord(root);
  idFromMs(nowMs, out, 0);
  const isLater = out[0] !== words[last]
    ? out[0] >>> 0 > words[last] >>> 0
    : out[1] >>> 0 > words[last + 1] >>> 0;
  if (isLater) return;
  idCopy(words, last, out, 0);
  idIncrement(out, 0);
}

/**
 * Adds an entry with the id at id[0], which must be greater than the last one: `pairs` names and values in turn, value i
 * being buf[off[first + i], + len[first + i]), together at most NODE_BYTES_MAX bytes.
 */
export function streamAppend(
  vc: ValueContext,
  root: number,
  id: Int32Array,
  buf: Uint8Array,
  off: Int32Array,
  len: Int32Array,
  first: number,
  pairs: number,
): void {
  const { arena } = vc;
  const nodes = streamNodes(arena, root);
  let bytes = 0;
  let room = FIXED_BYTES;
  for (let i = first, end = first + pairs * 2; i < end; i++) {
    bytes += len[i];
    room += listpackEncodedSizeMax(len[i]);
  }
  const isFirst = !indexLast(arena, nodes, tail);
  if (isFirst || isFull(vc, tail, bytes)) {
    if (!isFirst) nodeShrink(vc, tail);
    // The fields stand there twice: as those of the node, and not again in the entry.
    const block = arenaAlloc(arena, isFirst ? room : Math.max(room, startBytes(vc)));
    const at = (block & UNIT_MASK) << 4;
    nodeStart(arena.u8[block >>> SEGMENT_SHIFT], at, buf, off, len, first, pairs);
    indexInsert(arena, nodes, id, 0, tail);
    tail.words[tail.word + NODE_BLOCK] = block;
    entryAppend(arena.u8[block >>> SEGMENT_SHIFT], at, id, true, buf, off, len, first, pairs);
  } else {
    const block = nodeReserve(vc, tail, room);
    const node = arena.u8[block >>> SEGMENT_SHIFT];
    const at = (block & UNIT_MASK) << 4;
    // Head is what isFull has read.
    const same = sameFields(node, at + head.fieldsOff, buf, off, len, first, pairs);
    listpackReplaceInt(node, at, at + LISTPACK_HEADER, head.valid + 1, 0);
    entryAppend(node, at, id, same, buf, off, len, first, pairs);
  }
  const words = streamWords(arena, root);
  streamAddLength(arena, root, 1);
  streamCountAdded(arena, root);
  idCopy(id, 0, words, streamLastWord(root));
  if (streamLength(arena, root) === 1) idCopy(id, 0, words, streamFirstWord(root));
}

function startBytes(vc: ValueContext): number {
  const max = vc.limits.streamNodeMaxBytes;
  return max > 0 && max < NODE_START_MAX ? max : NODE_START_MAX;
}

/** Whether the node of the cursor takes no entry with `bytes` bytes of fields and values. Reads its head. */
function isFull(vc: ValueContext, cursor: IndexCursor, bytes: number): boolean {
  const block = cursor.words[cursor.word + NODE_BLOCK];
  const buf = vc.arena.u8[block >>> SEGMENT_SHIFT];
  const off = (block & UNIT_MASK) << 4;
  const { streamNodeMaxBytes, streamNodeMaxEntries } = vc.limits;
  const max = streamNodeMaxBytes === 0 || streamNodeMaxBytes > NODE_BYTES_MAX
    ? NODE_BYTES_MAX
    : streamNodeMaxBytes;
  nodeHead(buf, off);
  if (listpackBytes(buf, off) + bytes >= max) return true;
  return streamNodeMaxEntries > 0 && head.valid + head.deleted >= streamNodeMaxEntries;
}

/** Writes the part of a new node in front of its entries. */
function nodeStart(
  node: Uint8Array,
  at: number,
  buf: Uint8Array,
  off: Int32Array,
  len: Int32Array,
  first: number,
  pairs: number,
): void {
  listpackInit(node, at);
  let end = listpackPutInt(node, at + LISTPACK_HEADER, 1, 0);
  end = listpackPutInt(node, end, 0, 0);
  end = listpackPutInt(node, end, pairs, 0);
  for (let i = first; i < first + pairs * 2; i += 2) {
    end = listpackPut(node, end, buf, off[i], len[i]);
  }
  end = listpackPutInt(node, end, 0, 0);
  listpackClose(node, at, end, pairs + FIXED_ELEMENTS);
}

/** Whether an entry's names are those of the node of `head`, which start at node[fieldsAt]. */
function sameFields(
  node: Uint8Array,
  fieldsAt: number,
  buf: Uint8Array,
  off: Int32Array,
  len: Int32Array,
  first: number,
  pairs: number,
): boolean {
  if (head.fields !== pairs) return false;
  let at = fieldsAt;
  for (let i = first, end = first + pairs * 2; i < end; i += 2) {
    if (!listpackEqualsAt(node, at, buf, off[i], len[i])) return false;
    at += listpackEntrySize(node, at);
  }
  return true;
}

const probe = new NodeCursor();

/** Appends an entry to the node of `tail`. */
function entryAppend(
  node: Uint8Array,
  at: number,
  id: Int32Array,
  same: boolean,
  buf: Uint8Array,
  off: Int32Array,
  len: Int32Array,
  first: number,
  pairs: number,
): void {
  const { words, word } = tail;
  const elements = same ? pairs + 3 : pairs * 2 + 4;
  let end = listpackPutInt(node, listpackEnd(node, at), same ? ENTRY_SAME : 0, 0);
  const msHi = wordsDifferenceHigh(id, 0, words, word);
  end = listpackPutInt(node, end, (id[1] - words[word + 1]) | 0, msHi);
  const seqHi = wordsDifferenceHigh(id, 2, words, word + 2);
  end = listpackPutInt(node, end, (id[3] - words[word + 3]) | 0, seqHi);
  if (!same) end = listpackPutInt(node, end, pairs, 0);
  for (let i = first; i < first + pairs * 2; i += 2) {
    if (!same) end = listpackPut(node, end, buf, off[i], len[i]);
    end = listpackPut(node, end, buf, off[i + 1], len[i + 1]);
  }
  end = listpackPutInt(node, end, elements, 0);
  listpackClose(node, at, end, elements + 1);
}

// ---- blocks of nodes

/** Makes room for `bytes` more in the node of the cursor. Returns its block, which may be another one. */
function nodeReserve(vc: ValueContext, cursor: IndexCursor, bytes: number): number {
  const { arena } = vc;
  const block = cursor.words[cursor.word + NODE_BLOCK];
  const total = listpackBytes(arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4);
  const usable = arenaUsable(arena, block);
  if (total + bytes <= usable) return block;
  return nodeMove(vc, cursor, total, Math.max(total + bytes, Math.min(usable * 2, startBytes(vc))));
}

/** Cuts the block of a node to its size. */
function nodeShrink(vc: ValueContext, cursor: IndexCursor): void {
  const { arena } = vc;
  const block = cursor.words[cursor.word + NODE_BLOCK];
  const total = listpackBytes(arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4);
  if (arenaRounded(total) < arenaUsable(arena, block)) nodeMove(vc, cursor, total, total);
}

function nodeMove(vc: ValueContext, cursor: IndexCursor, total: number, bytes: number): number {
  const { arena } = vc;
  const block = cursor.words[cursor.word + NODE_BLOCK];
  const target = arenaAlloc(arena, bytes);
  copyBytes(
    arena.u8[block >>> SEGMENT_SHIFT],
    (block & UNIT_MASK) << 4,
    arena.u8[target >>> SEGMENT_SHIFT],
    (target & UNIT_MASK) << 4,
    total,
  );
  arenaFree(arena, block);
  cursor.words[cursor.word + NODE_BLOCK] = target;
  return target;
}

/** Takes the node of the cursor out. */
function nodeRemove(vc: ValueContext, root: number, cursor: IndexCursor): void {
  idCopy(cursor.words, cursor.word, nodeId, 0);
  arenaFree(vc.arena, cursor.words[cursor.word + NODE_BLOCK]);
  indexDelete(vc.arena, streamNodes(vc.arena, root), nodeId, 0);
}

const nodeId = new Int32Array(ID_WORDS);

/** Counts `count` entries of the node of the cursor as deleted. */
function nodeTakeOut(vc: ValueContext, cursor: IndexCursor, count: number): void {
  const block = nodeReserve(vc, cursor, COUNTERS_GROW_MAX);
  nodeCountDeleted(vc.arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4, count);
}

// ---- taking away

/** Deletes the entry with the id at ids[id]. False when there is none. The first id is left to streamFindFirst. */
export function streamDelete(
  vc: ValueContext,
  root: number,
  ids: Int32Array,
  id: number,
): boolean {
  walk.start(vc, root, ids, id, ids, id);
  if (!walk.next(vc)) return false;
  if (nodeValid(walk.buf, walk.node) === 1) nodeRemove(vc, root, walk.index);
  else {
    nodeMarkDeleted(walk);
    nodeTakeOut(vc, walk.index, 1);
  }
  streamAddLength(vc.arena, root, -1);
  const words = streamWords(vc.arena, root);
  const greatest = streamMaxDeletedWord(root);
  if (idCompare(ids, id, words, greatest) > 0) idCopy(ids, id, words, greatest);
  return true;
}

/** Looks the first id up again, after entries were taken. */
export function streamFindFirst(vc: ValueContext, root: number): void {
  walk.start(vc, root, ID_MIN, 0, ID_MAX, 0);
  const id = walk.next(vc) ? walk.id : ID_MIN;
  idCopy(id, 0, streamWords(vc.arena, root), streamFirstWord(root));
}

/**
 * Takes entries from the front until at most `maxLength` are left, or, where that is -1, until none is below minId[0].
 * With `approximate` only whole nodes go. A `limit` other than 0 is the most entries that may go. Returns how many went.
 */
export function streamTrim(
  vc: ValueContext,
  root: number,
  maxLength: number,
  minId: Int32Array,
  approximate: boolean,
  limit: number,
): number {
  const { arena } = vc;
  const nodes = streamNodes(arena, root);
  let taken = 0;
  firstFound = false;
  while (maxLength < 0 || streamLength(arena, root) > maxLength) {
    if (!indexFirst(arena, nodes, tail)) break;
    const block = tail.words[tail.word + NODE_BLOCK];
    const valid = nodeValid(arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4);
    if (limit > 0 && taken + valid > limit) break;
    if (nodeMayGo(vc, root, block, valid, maxLength, minId)) {
      nodeRemove(vc, root, tail);
      streamAddLength(arena, root, -valid);
      taken += valid;
      continue;
    }
    if (!approximate) taken += trimInside(vc, root, block, maxLength, minId);
    break;
  }
  if (taken > 0 && !firstFound) streamFindFirst(vc, root);
  return taken;
}

/** Whether trimInside has noted the id of the first entry. */
let firstFound = false;

/** Whether the first node, that of `tail`, goes as a whole. */
function nodeMayGo(
  vc: ValueContext,
  root: number,
  block: number,
  valid: number,
  maxLength: number,
  minId: Int32Array,
): boolean {
  if (maxLength >= 0) return streamLength(vc.arena, root) - valid >= maxLength;
  openBlock(vc, block, true);
  return !probe.backward() || idCompare(probe.id, 0, minId, 0) < 0;
}

function openBlock(vc: ValueContext, block: number, back: boolean): void {
  idCopy(tail.words, tail.word, probe.master, 0);
  probe.open(vc.arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4, back);
}

/** Marks entries at the front of the first node, that of `tail`, as deleted. Returns how many. */
function trimInside(
  vc: ValueContext,
  root: number,
  block: number,
  maxLength: number,
  minId: Int32Array,
): number {
  openBlock(vc, block, false);
  let taken = 0;
  const most = maxLength < 0 ? Infinity : streamLength(vc.arena, root) - maxLength;
  while (probe.forward()) {
    if ((probe.flags & ENTRY_DELETED) !== 0) continue;
    if (taken === most || (maxLength < 0 && idCompare(probe.id, 0, minId, 0) >= 0)) {
      firstFound = true;
      idCopy(probe.id, 0, streamWords(vc.arena, root), streamFirstWord(root));
      break;
    }
    probe.shift(-nodeMarkDeleted(probe));
    taken++;
  }
  if (taken > 0) nodeTakeOut(vc, tail, taken);
  streamAddLength(vc.arena, root, -taken);
  return taken;
}
