// stream.ts: streams as values: putting together, freeing, copying, checking, measuring; and what follows from a stream's
// counters alone.
//
//   record -> root block (stream_root.ts) -> index of nodes (stream_index.ts) -> nodes (stream_node.ts, stream_entries.ts)
//                                         -> groups by name (stream_names.ts, stream_groups.ts)
//                                              -> pending ids, consumers by name -> their pending ids
//
// FROM PARTS (a file, DUMP): streamCreate, streamAddNode for each node, the counters through streamWords and the
// places that stream_root.ts names, groupCreate, pendingLoad, consumerCreate, pendingOwn; then streamIsWhole. What
// was put together so far may be freed at any time.

import { copyBytes } from "../bytes/ascii.ts";
import {
  type Arena,
  arenaAlloc,
  arenaFree,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import { listpackBytes, listpackValidate } from "./listpack.ts";
import { EntryCursor, NODE_BLOCK } from "./stream_entries.ts";
import {
  CONSUMER_NAME,
  consumerActiveWord,
  consumerCreate,
  consumerFree,
  consumerSeenWord,
  GROUP_NAME,
  groupConsumers,
  groupCreate,
  groupFree,
  groupLastWord,
  groupReadWord,
  groupWords,
  PENDING_CONSUMER,
  pendingAllOwned,
  pendingOf,
} from "./stream_groups.ts";
import { ID_MAX, ID_MIN, ID_WORDS, idCompare, idCopy, idIsZero } from "./stream_id.ts";
import {
  indexBytes,
  indexCount,
  IndexCursor,
  indexFind,
  indexFirst,
  indexLast,
  indexLeafCount,
  indexNext,
} from "./stream_index.ts";
import { indexDestroy, indexDropTail, indexInsert } from "./stream_index_change.ts";
import { indexVerify } from "./stream_index_verify.ts";
import {
  blockOff,
  nameBuf,
  nameLen,
  namesAt,
  namesCount,
  namesRemove,
  namesVerify,
} from "./stream_names.ts";
import { streamMove } from "./stream_move.ts";
import { nodeValid } from "./stream_node.ts";
import {
  ROOT_HANDLES,
  ROOT_WORDS,
  streamAddedWord,
  streamCreate,
  streamFirstWord,
  streamGroups,
  streamLastWord,
  streamLength,
  streamMaxDeletedWord,
  streamNodes,
  streamSetGroups,
  streamWords,
} from "./stream_root.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";

const cursor = new IndexCursor();

// ---- from parts

/** Adds the node buf[off, off + len), checked by nodeValidate, with its master id. False when there is one of this id. */
export function streamAddNode(
  vc: ValueContext,
  root: number,
  ids: Int32Array,
  id: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const { arena } = vc;
  if (!indexInsert(arena, streamNodes(arena, root), ids, id, cursor)) return false;
  const block = arenaAlloc(arena, len);
  copyBytes(buf, off, arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4, len);
  cursor.words[cursor.word + NODE_BLOCK] = block;
  return true;
}

/** Whether a stream that was put together is one: the length is that of the nodes, and nothing is pending for nobody. */
export function streamIsWhole(vc: ValueContext, root: number): boolean {
  const { arena } = vc;
  let valid = 0;
  const nodes = streamNodes(arena, root);
  for (let more = indexFirst(arena, nodes, cursor); more; more = indexNext(arena, cursor)) {
    const block = cursor.words[cursor.word + NODE_BLOCK];
    valid += nodeValid(arena.u8[block >>> SEGMENT_SHIFT], (block & UNIT_MASK) << 4);
  }
  if (valid !== streamLength(arena, root)) return false;
  const groups = streamGroups(arena, root);
  for (let i = namesCount(arena, groups) - 1; i >= 0; i--) {
    if (!pendingAllOwned(arena, namesAt(arena, groups, i))) return false;
  }
  return true;
}

// ---- counters

/**
 * How many entries were ever added up to the one with the id at ids[id], where the counters tell, as low word, high word
 * to out; otherwise -1.
 */
export function streamEntriesUntil(
  vc: ValueContext,
  root: number,
  ids: Int32Array,
  id: number,
  out: Int32Array,
): void {
  const words = streamWords(vc.arena, root);
  const added = streamAddedWord(root);
  const last = streamLastWord(root);
  const length = streamLength(vc.arena, root);
  out[0] = words[added];
  out[1] = words[added + 1];
  if ((out[0] | out[1]) === 0) return;
  const toLast = idCompare(ids, id, words, last);
  if (length === 0 && toLast <= 0) return;
  const deleted = streamMaxDeletedWord(root);
  const isUnknown = (!idIsZero(ids, id) && idCompare(ids, id, words, deleted) < 0) || toLast > 0;
  if (!isUnknown) {
    if (toLast === 0) return;
    const first = streamFirstWord(root);
    const toFirst = idCompare(ids, id, words, first);
    if ((idIsZero(words, deleted) || idCompare(words, deleted, words, first) < 0) && toFirst <= 0) {
      subtract(out, length - (toFirst === 0 ? 1 : 0));
      return;
    }
  }
  out[0] = -1;
  out[1] = -1;
}

/** Takes a number from the 64-bit integer in out[0], out[1]. */
function subtract(out: Int32Array, by: number): void {
  const low = (out[0] >>> 0) - by % 4294967296;
  out[1] = (out[1] - Math.floor(by / 4294967296) - (low < 0 ? 1 : 0)) | 0;
  out[0] = low | 0;
}

/** Whether an entry behind the id at ids[id] was deleted by name. */
export function streamHasGap(
  vc: ValueContext,
  root: number,
  ids: Int32Array,
  id: number,
): boolean {
  const words = streamWords(vc.arena, root);
  const deleted = streamMaxDeletedWord(root);
  if (streamLength(vc.arena, root) === 0 || idIsZero(words, deleted)) return false;
  return idCompare(ids, id, words, deleted) <= 0;
}

/** How many entries a group has not got yet, as low word, high word to out. False where nobody knows. */
export function groupLag(
  vc: ValueContext,
  root: number,
  group: number,
  out: Int32Array,
): boolean {
  const words = streamWords(vc.arena, root);
  const added = streamAddedWord(root);
  if ((words[added] | words[added + 1]) === 0) {
    out[0] = 0;
    out[1] = 0;
    return true;
  }
  const own = groupWords(vc.arena, group);
  const read = groupReadWord(group);
  const last = groupLastWord(group);
  if ((own[read] & own[read + 1]) !== -1 && !streamHasGap(vc, root, own, last)) {
    out[0] = own[read];
    out[1] = own[read + 1];
  } else {
    streamEntriesUntil(vc, root, own, last, out);
    if ((out[0] & out[1]) === -1) return false;
  }
  const borrow = words[added] >>> 0 < out[0] >>> 0 ? 1 : 0;
  out[1] = (words[added + 1] - out[1] - borrow) | 0;
  out[0] = (words[added] - out[0]) | 0;
  return true;
}

// ---- ValueModule

/** Frees up to about `blocks` blocks of the nodes. Returns how many. */
function freeNodes(arena: Arena, root: number, blocks: number): number {
  const nodes = streamNodes(arena, root);
  let freed = 0;
  while (freed < blocks && indexLast(arena, nodes, cursor)) {
    for (let left = indexLeafCount(cursor); left > 0; left--) {
      arenaFree(arena, cursor.words[cursor.word + NODE_BLOCK]);
      cursor.word -= cursor.stride;
      freed++;
    }
    freed += indexDropTail(arena, nodes);
  }
  return freed;
}

/** Frees up to about `blocks` blocks of the last group. Returns how many. */
function freeGroup(arena: Arena, root: number, blocks: number): number {
  const groups = streamGroups(arena, root);
  const last = namesCount(arena, groups) - 1;
  const group = namesAt(arena, groups, last);
  let freed = 0;
  while (freed < blocks) {
    const count = namesCount(arena, groupConsumers(arena, group));
    const owner = count > 0 ? namesAt(arena, groupConsumers(arena, group), count - 1) : group;
    const pending = pendingOf(arena, owner);
    if (indexCount(arena, pending) > 0) {
      freed += indexDropTail(arena, pending);
    } else if (count > 0) {
      consumerFree(arena, group, count - 1);
      freed += 2;
    } else {
      groupFree(arena, group);
      streamSetGroups(arena, root, namesRemove(arena, groups, last));
      return freed + 2;
    }
  }
  return freed;
}

function freeSlice(vc: ValueContext, _encoding: number, root: number, blocks: number): boolean {
  const { arena } = vc;
  let left = blocks - freeNodes(arena, root, blocks);
  while (left > 0 && streamGroups(arena, root) !== 0) left -= freeGroup(arena, root, left);
  if (left <= 0) return false;
  indexDestroy(arena, streamNodes(arena, root));
  arenaFree(arena, root);
  return true;
}

function free(vc: ValueContext, encoding: number, root: number): void {
  freeSlice(vc, encoding, root, Infinity);
}

/** Nodes, and for each group as much as the first one has pending. */
function effort(vc: ValueContext, _encoding: number, root: number): number {
  const { arena } = vc;
  const groups = streamGroups(arena, root);
  const count = namesCount(arena, groups);
  const nodes = indexCount(arena, streamNodes(arena, root));
  if (count === 0) return nodes;
  return nodes + count * (1 + indexCount(arena, pendingOf(arena, namesAt(arena, groups, 0))));
}

function copy(vc: ValueContext, _encoding: number, root: number): number {
  const { arena } = vc;
  const target = streamCreate(arena);
  const counters = streamWords(arena, target);
  const to = (target & UNIT_MASK) << 2;
  const from = (root & UNIT_MASK) << 2;
  for (let i = ROOT_HANDLES; i < ROOT_WORDS; i++) {
    counters[to + i] = streamWords(arena, root)[from + i];
  }
  const source = new IndexCursor();
  const nodes = streamNodes(arena, root);
  for (let more = indexFirst(arena, nodes, source); more; more = indexNext(arena, source)) {
    const { words, word } = source;
    const block = words[word + NODE_BLOCK];
    const buf = arena.u8[block >>> SEGMENT_SHIFT];
    const off = (block & UNIT_MASK) << 4;
    streamAddNode(vc, target, words, word, buf, off, listpackBytes(buf, off));
  }
  const groups = streamGroups(arena, root);
  for (let i = 0; i < namesCount(arena, groups); i++) {
    copyGroup(arena, namesAt(arena, groups, i), target);
  }
  return target;
}

function copyGroup(arena: Arena, group: number, root: number): void {
  const words = groupWords(arena, group);
  const read = groupReadWord(group);
  const target = groupCreate(
    arena,
    root,
    nameBuf(arena, group),
    blockOff(group) + GROUP_NAME,
    nameLen(arena, group),
    words,
    groupLastWord(group),
    words[read],
    words[read + 1],
  );
  const copies = new Map<number, number>();
  const consumers = groupConsumers(arena, group);
  for (let i = 0; i < namesCount(arena, consumers); i++) {
    const consumer = namesAt(arena, consumers, i);
    copies.set(consumer, copyConsumer(arena, consumer, target));
  }
  const source = new IndexCursor();
  const pending = pendingOf(arena, group);
  for (let more = indexFirst(arena, pending, source); more; more = indexNext(arena, source)) {
    indexInsert(arena, pendingOf(arena, target), source.words, source.word, cursor);
    for (let i = ID_WORDS; i < PENDING_CONSUMER; i++) {
      cursor.words[cursor.word + i] = source.words[source.word + i];
    }
    const owner = copies.get(source.words[source.word + PENDING_CONSUMER]) as number;
    cursor.words[cursor.word + PENDING_CONSUMER] = owner;
  }
}

function copyConsumer(arena: Arena, consumer: number, group: number): number {
  const off = blockOff(consumer) + CONSUMER_NAME;
  const len = nameLen(arena, consumer);
  const target = consumerCreate(arena, group, nameBuf(arena, consumer), off, len, 0);
  const words = groupWords(arena, target);
  const from = groupWords(arena, consumer);
  for (let i = 0; i < 2; i++) {
    words[consumerSeenWord(target) + i] = from[consumerSeenWord(consumer) + i];
    words[consumerActiveWord(target) + i] = from[consumerActiveWord(consumer) + i];
  }
  const source = new IndexCursor();
  const pending = pendingOf(arena, consumer);
  for (let more = indexFirst(arena, pending, source); more; more = indexNext(arena, source)) {
    indexInsert(arena, pendingOf(arena, target), source.words, source.word, cursor);
  }
  return target;
}

// ---- checking

function verify(vc: ValueContext, _encoding: number, root: number): number {
  const { arena } = vc;
  if (ROOT_WORDS * 4 > arenaUsable(arena, root)) throw new Error("stream: root overflows");
  let blocks = 1 + indexVerify(arena, streamNodes(arena, root));
  blocks += indexCount(arena, streamNodes(arena, root));
  verifyEntries(vc, root);
  const groups = streamGroups(arena, root);
  blocks += namesVerify(arena, groups, GROUP_NAME);
  for (let i = namesCount(arena, groups) - 1; i >= 0; i--) {
    blocks += verifyGroup(arena, namesAt(arena, groups, i));
  }
  return blocks;
}

/** Checks nodes, their order, the length and the first id. */
function verifyEntries(vc: ValueContext, root: number): void {
  const { arena } = vc;
  const nodes = streamNodes(arena, root);
  let valid = 0;
  for (let more = indexFirst(arena, nodes, cursor); more; more = indexNext(arena, cursor)) {
    const block = cursor.words[cursor.word + NODE_BLOCK];
    const buf = arena.u8[block >>> SEGMENT_SHIFT];
    const off = (block & UNIT_MASK) << 4;
    const bytes = listpackBytes(buf, off);
    if (bytes > arenaUsable(arena, block)) throw new Error("stream: a node overflows");
    if (!listpackValidate(buf, off, bytes, true)) throw new Error("stream: a node is no listpack");
    valid += nodeValid(buf, off);
  }
  const length = streamLength(arena, root);
  if (valid !== length) throw new Error(`stream: length ${length}, but ${valid} in its nodes`);
  const walk = new EntryCursor();
  walk.start(vc, root, ID_MIN, 0, ID_MAX, 0);
  let count = 0;
  const words = streamWords(arena, root);
  const before = new Int32Array(ID_WORDS);
  for (; walk.next(vc); count++) {
    if (count === 0 && idCompare(walk.id, 0, words, streamFirstWord(root)) !== 0) {
      throw new Error("stream: the first id is another");
    }
    if (count > 0 && idCompare(before, 0, walk.id, 0) >= 0) {
      throw new Error("stream: ids of entries do not rise");
    }
    idCopy(walk.id, 0, before, 0);
  }
  if (count !== length) throw new Error(`stream: length ${length}, but ${count} entries`);
  if (count > 0 && idCompare(before, 0, words, streamLastWord(root)) > 0) {
    throw new Error("stream: an entry is behind the last id");
  }
}

function verifyGroup(arena: Arena, group: number): number {
  const consumers = groupConsumers(arena, group);
  const pending = pendingOf(arena, group);
  let blocks = 1 + indexVerify(arena, pending) + namesVerify(arena, consumers, CONSUMER_NAME);
  let owned = 0;
  for (let i = namesCount(arena, consumers) - 1; i >= 0; i--) {
    const consumer = namesAt(arena, consumers, i);
    const own = pendingOf(arena, consumer);
    blocks += 1 + indexVerify(arena, own);
    owned += indexCount(arena, own);
    const at = new IndexCursor();
    for (let more = indexFirst(arena, own, at); more; more = indexNext(arena, at)) {
      const isHis = indexFind(arena, pending, at.words, at.word, cursor) &&
        cursor.words[cursor.word + PENDING_CONSUMER] === consumer;
      if (!isHis) throw new Error("stream: pending for a consumer, but not in the group");
    }
  }
  if (owned !== indexCount(arena, pending)) throw new Error("stream: pending for nobody");
  return blocks;
}

// ---- measuring

function bytes(vc: ValueContext, _encoding: number, root: number, samples: number): number {
  const { arena } = vc;
  const nodes = streamNodes(arena, root);
  const count = indexCount(arena, nodes);
  const measured = samples === 0 ? count : Math.min(samples, count);
  let sum = 0;
  let left = measured;
  indexFirst(arena, nodes, cursor);
  for (; left > 0; left--, indexNext(arena, cursor)) {
    sum += arenaUsable(arena, cursor.words[cursor.word + NODE_BLOCK]);
  }
  if (measured > 0) sum = Math.round(sum * (count / measured));
  sum += arenaUsable(arena, root) + indexBytes(arena, nodes);
  const groups = streamGroups(arena, root);
  if (groups !== 0) sum += arenaUsable(arena, groups);
  for (let i = namesCount(arena, groups) - 1; i >= 0; i--) {
    sum += groupBytes(arena, namesAt(arena, groups, i));
  }
  return sum;
}

function groupBytes(arena: Arena, group: number): number {
  const consumers = groupConsumers(arena, group);
  let sum = arenaUsable(arena, group) + indexBytes(arena, pendingOf(arena, group));
  if (consumers !== 0) sum += arenaUsable(arena, consumers);
  for (let i = namesCount(arena, consumers) - 1; i >= 0; i--) {
    const consumer = namesAt(arena, consumers, i);
    sum += arenaUsable(arena, consumer) + indexBytes(arena, pendingOf(arena, consumer));
  }
  return sum;
}

export const streamValue: ValueModule = {
  free,
  freeSlice,
  effort,
  copy,
  verify,
  bytes,
  move: (vc, _encoding, root, mover, cursor) => streamMove(vc.arena, root, mover, cursor),
};
