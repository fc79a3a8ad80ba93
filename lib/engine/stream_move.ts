// stream_move.ts: moving the blocks of a stream out of segments that are being emptied: root, indexes, nodes, groups,
// consumers.
//
// PHASES of the cursor: 0 the root and its nodes; then two for each group, 2n + 1 its block and its pending ids, 2n + 2 its
// consumers, each with its pending ids, from number `at` on. Indexes of ids are walked leaf by leaf,
// and go on with the leaf of the id in cursor.ids.
//
// A consumer is named by each id that is pending for it. It moves in one step, so one in a group with more than
// NAMED_MAX pending ids does not move at all.

import { type Arena, SEGMENT_SHIFT } from "../mem/arena.ts";
import { NODE_BLOCK } from "./stream_entries.ts";
import {
  groupConsumers,
  groupSetConsumers,
  PENDING_CONSUMER,
  pendingOf,
  pendingWord,
} from "./stream_groups.ts";
import { ID_WORDS, idCopy } from "./stream_id.ts";
import {
  COUNT,
  descend,
  HEAD,
  heightOf,
  indexCount,
  IndexCursor,
  indexFirst,
  indexNext,
  INNER_STRIDE,
  NEXT,
  pathBlock,
  pathChild,
  PREV,
  ROOT,
  strideOf,
  TAIL,
  wordOf,
  wordsOf,
} from "./stream_index.ts";
import { namesAt, namesCount, namesSet } from "./stream_names.ts";
import { streamGroups, streamNodesWord, streamSetGroups } from "./stream_root.ts";
import type { MoveCursor, Mover } from "./mover.ts";

/** With more pending ids than this in its group a consumer stays where it is: looking through them takes 0.3 ms. */
const NAMED_MAX = 30_000;
/** A word of payload that names no block. */
const NO_BLOCK = -1;

const walk = new IndexCursor();

/** See ValueModule.move. */
export function streamMove(arena: Arena, root: number, mover: Mover, cursor: MoveCursor): number {
  let stream = root;
  if (cursor.phase === 0) {
    if (cursor.at === 0) {
      stream = mover.move(root);
      mover.moveWord(arena.i32[stream >>> SEGMENT_SHIFT], streamNodesWord(stream));
      streamSetGroups(arena, stream, mover.move(streamGroups(arena, stream)));
      cursor.at = 1;
    }
    const nodes = arena.i32[stream >>> SEGMENT_SHIFT][streamNodesWord(stream)];
    if (!indexMove(mover, nodes, NODE_BLOCK, cursor)) return stream;
    cursor.next();
  }
  for (;;) {
    if (mover.left <= 0) return stream;
    const groups = streamGroups(arena, stream);
    const number = (cursor.phase - 1) >> 1;
    if (number >= namesCount(arena, groups)) break;
    const isWhole = (cursor.phase & 1) === 1
      ? moveGroup(mover, groups, number, cursor)
      : moveConsumers(mover, namesAt(arena, groups, number), cursor);
    if (!isWhole) return stream;
    cursor.next();
  }
  cursor.isDone = true;
  return stream;
}

/** Moves the block of a group and its pending ids. */
function moveGroup(mover: Mover, groups: number, number: number, cursor: MoveCursor): boolean {
  const { arena } = mover;
  if (cursor.at === 0) {
    const group = mover.move(namesAt(arena, groups, number));
    namesSet(arena, groups, number, group);
    mover.moveWord(arena.i32[group >>> SEGMENT_SHIFT], pendingWord(group));
    groupSetConsumers(arena, group, mover.move(groupConsumers(arena, group)));
    cursor.at = 1;
  }
  return indexMove(mover, pendingOf(arena, namesAt(arena, groups, number)), NO_BLOCK, cursor);
}

/** All pending ids that name one consumer name the other from now on. */
function renamePending(mover: Mover, pending: number, old: number, consumer: number): void {
  const { arena } = mover;
  for (let more = indexFirst(arena, pending, walk); more; more = indexNext(arena, walk)) {
    const at = walk.word + PENDING_CONSUMER;
    if (walk.words[at] === old) walk.words[at] = consumer;
  }
  mover.left -= indexCount(arena, pending) >> 5;
}

/** Moves the consumers of a group, of number `cursor.at` on, and their pending ids. */
function moveConsumers(mover: Mover, group: number, cursor: MoveCursor): boolean {
  const { arena } = mover;
  const consumers = groupConsumers(arena, group);
  for (; cursor.at < namesCount(arena, consumers); cursor.at++) {
    if (mover.left <= 0) return false;
    const consumer = moveConsumer(mover, group, consumers, cursor.at);
    mover.moveWord(arena.i32[consumer >>> SEGMENT_SHIFT], pendingWord(consumer));
    if (!indexMove(mover, pendingOf(arena, consumer), NO_BLOCK, cursor)) return false;
    cursor.ids.fill(0);
  }
  return true;
}

/** Moves the block of consumer number `at`. Returns its handle. */
function moveConsumer(mover: Mover, group: number, consumers: number, at: number): number {
  const { arena } = mover;
  const old = namesAt(arena, consumers, at);
  const pending = pendingOf(arena, group);
  if (mover.isLeaving(old) && indexCount(arena, pending) > NAMED_MAX) return old;
  const consumer = mover.move(old);
  if (consumer === old) return old;
  namesSet(arena, consumers, at, consumer);
  renamePending(mover, pending, old, consumer);
  return consumer;
}

/**
 * Moves the blocks of an index, but for its header, from the leaf for cursor.ids on, and what word `payload` of its
 * entries names. True when it got to the end.
 */
function indexMove(mover: Mover, index: number, payload: number, cursor: MoveCursor): boolean {
  const { arena } = mover;
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  while (words[w + ROOT] !== 0) {
    if (mover.left <= 0) return false;
    const leaf = descend(arena, words[w + ROOT], heightOf(words, w), cursor.ids, 0);
    moveLeaf(mover, index, leaf);
    const next = moveEntries(mover, index, payload);
    if (next === 0) return true;
    idCopy(wordsOf(arena, next), wordOf(next) + HEAD, cursor.ids, 0);
  }
  return true;
}

/** The leaf that was moved last. */
let moved = 0;

/** Moves the blocks on the way to a leaf, which `descend` noted, and the leaf. */
function moveLeaf(mover: Mover, index: number, leaf: number): void {
  const { arena } = mover;
  const words = wordsOf(arena, index);
  const w = wordOf(index);
  const height = heightOf(words, w);
  let block = mover.moveWord(words, w + ROOT);
  for (let level = 0; level < height; level++) {
    pathBlock[level] = block;
    const at = wordOf(block) + HEAD + pathChild[level] * INNER_STRIDE + ID_WORDS;
    block = mover.moveWord(wordsOf(arena, block), at);
  }
  moved = block;
  if (block === leaf) return;
  const leafWords = wordsOf(arena, block);
  const prev = leafWords[wordOf(block) + PREV];
  const next = leafWords[wordOf(block) + NEXT];
  if (prev !== 0) wordsOf(arena, prev)[wordOf(prev) + NEXT] = block;
  if (next !== 0) wordsOf(arena, next)[wordOf(next) + PREV] = block;
  else words[w + TAIL] = block;
}

/** Moves what the entries of the leaf that was moved last name. Returns the leaf behind. */
function moveEntries(mover: Mover, index: number, payload: number): number {
  const { arena } = mover;
  const stride = strideOf(wordsOf(arena, index), wordOf(index));
  const words = wordsOf(arena, moved);
  const l = wordOf(moved);
  if (payload !== NO_BLOCK) {
    for (let i = 0; i < words[l + COUNT]; i++) {
      mover.moveWord(words, l + HEAD + i * stride + payload);
    }
  }
  return words[l + NEXT];
}
