// stream_groups.ts: consumer groups: what was delivered to whom and not acknowledged.
//
//   group     word 0 name length   1 pending   2 consumers   3 .. 6 last delivered id   7, 8 entries read   then the name
//   consumer  word 0 name length   1 pending   2, 3 seen     4, 5 active                                    then the name
//
//   pending of a group     index from ids to: 0, 1 time of delivery   2, 3 number of deliveries   4 consumer
//   pending of a consumer  index of the same ids without payload
//
// Groups and consumers are listed by name (stream_names.ts). Times are wall milliseconds, 64-bit numbers low word first;
// `active` is -1 for a consumer that was never given anything. Entries read is -1 where it is not known.
//
// INVARIANTS  each id pending in a group has a consumer of that group and is pending there, and the other way round.
//             While a stream is put together from a file (pendingLoad, pendingOwn) the consumer may still be 0.
// COSTS       look-ups O(log n); deleting a consumer O(its pending ids), a group O(all).

import { copyBytes } from "../bytes/ascii.ts";
import { type Arena, arenaAlloc, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { ID_WORDS, idCopy } from "./stream_id.ts";
import { indexCreate, IndexCursor, indexFind, indexFirst, indexNext } from "./stream_index.ts";
import { indexDelete, indexDestroy, indexInsert } from "./stream_index_change.ts";
import { namesAt, namesCount, namesFind, namesInsert, namesRemove } from "./stream_names.ts";
import { streamGroups, streamSetGroups } from "./stream_root.ts";

const NAME_LEN = 0;
const PENDING = 1;
const CONSUMERS = 2;
const LAST = 3;
const READ = 7;
const SEEN = 2;
const ACTIVE = 4;

/** Offset of the name in the block of a group and of a consumer. */
export const GROUP_NAME = 36;
export const CONSUMER_NAME = 24;

// Places of the payload behind the word of a cursor of a group's pending ids.
export const PENDING_TIME = ID_WORDS;
export const PENDING_COUNT = ID_WORDS + 2;
export const PENDING_CONSUMER = ID_WORDS + 4;
const PENDING_PAYLOAD = 5;
const TWO_32 = 4294967296;

const scratch = new IndexCursor();

function wordsOf(arena: Arena, block: number): Int32Array {
  return arena.i32[block >>> SEGMENT_SHIFT];
}

function wordOf(block: number): number {
  return (block & UNIT_MASK) << 2;
}

/** Writes an integer that a double holds exactly as low word, high word. */
export function putNumber(words: Int32Array, at: number, value: number): void {
  words[at] = value | 0;
  words[at + 1] = Math.floor(value / TWO_32) | 0;
}

/** Reads a 64-bit integer, low word first; the nearest double beyond 2^53. */
export function getNumber(words: Int32Array, at: number): number {
  return words[at + 1] * TWO_32 + (words[at] >>> 0);
}

function namedBlock(
  arena: Arena,
  nameOff: number,
  payload: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const pending = indexCreate(arena, payload);
  const block = arenaAlloc(arena, nameOff + len);
  const words = wordsOf(arena, block);
  const w = wordOf(block);
  words[w + NAME_LEN] = len;
  words[w + PENDING] = pending;
  copyBytes(buf, off, arena.u8[block >>> SEGMENT_SHIFT], ((block & UNIT_MASK) << 4) + nameOff, len);
  return block;
}

// ---- groups

/** The group named buf[off, off + len), or 0. */
export function groupFind(
  arena: Arena,
  root: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const groups = streamGroups(arena, root);
  const at = namesFind(arena, groups, GROUP_NAME, buf, off, len);
  return at < 0 ? 0 : namesAt(arena, groups, at);
}

/**
 * Adds a group that has delivered up to the id at ids[id]; the pair readLo, readHi is what it has read, -1 for unknown.
 * Returns it, or 0 when there is one of this name.
 */
export function groupCreate(
  arena: Arena,
  root: number,
  buf: Uint8Array,
  off: number,
  len: number,
  ids: Int32Array,
  id: number,
  readLo: number,
  readHi: number,
): number {
  const groups = streamGroups(arena, root);
  const at = namesFind(arena, groups, GROUP_NAME, buf, off, len);
  if (at >= 0) return 0;
  const group = namedBlock(arena, GROUP_NAME, PENDING_PAYLOAD, buf, off, len);
  wordsOf(arena, group)[wordOf(group) + CONSUMERS] = 0;
  groupSet(arena, group, ids, id, readLo, readHi);
  streamSetGroups(arena, root, namesInsert(arena, groups, ~at, group));
  return group;
}

/** Replaces the last delivered id and the number of entries read. */
export function groupSet(
  arena: Arena,
  group: number,
  ids: Int32Array,
  id: number,
  readLo: number,
  readHi: number,
): void {
  const words = wordsOf(arena, group);
  const w = wordOf(group);
  idCopy(ids, id, words, w + LAST);
  words[w + READ] = readLo;
  words[w + READ + 1] = readHi;
}

/** Deletes the group of this name with all it holds. False when there is none. */
export function groupDestroy(
  arena: Arena,
  root: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const groups = streamGroups(arena, root);
  const at = namesFind(arena, groups, GROUP_NAME, buf, off, len);
  if (at < 0) return false;
  const group = namesAt(arena, groups, at);
  streamSetGroups(arena, root, namesRemove(arena, groups, at));
  for (let n = namesCount(arena, groupConsumers(arena, group)); n > 0; n--) {
    consumerFree(arena, group, n - 1);
  }
  groupFree(arena, group);
  return true;
}

/** Frees a group without consumers that is in no list. */
export function groupFree(arena: Arena, group: number): void {
  indexDestroy(arena, pendingOf(arena, group));
  arenaFree(arena, group);
}

/** The words that groupLastWord, groupReadWord, consumerSeenWord and consumerActiveWord give places in. */
export function groupWords(arena: Arena, group: number): Int32Array {
  return wordsOf(arena, group);
}

/** Where the last delivered id of a group is. */
export function groupLastWord(group: number): number {
  return wordOf(group) + LAST;
}

/** Where the number of entries read is, low word first; -1 is unknown. */
export function groupReadWord(group: number): number {
  return wordOf(group) + READ;
}

/** The list of the consumers of a group, 0 when there are none. */
export function groupConsumers(arena: Arena, group: number): number {
  return wordsOf(arena, group)[wordOf(group) + CONSUMERS];
}

/** Names the list of the consumers of a group. */
export function groupSetConsumers(arena: Arena, group: number, list: number): void {
  wordsOf(arena, group)[wordOf(group) + CONSUMERS] = list;
}

/** Where the index of the pending ids of a group or a consumer is named, in groupWords. */
export function pendingWord(block: number): number {
  return wordOf(block) + PENDING;
}

/** The index of the pending ids of a group or a consumer. */
export function pendingOf(arena: Arena, block: number): number {
  return wordsOf(arena, block)[wordOf(block) + PENDING];
}

// ---- consumers

/** The consumer named buf[off, off + len), or 0. */
export function consumerFind(
  arena: Arena,
  group: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const consumers = groupConsumers(arena, group);
  const at = namesFind(arena, consumers, CONSUMER_NAME, buf, off, len);
  return at < 0 ? 0 : namesAt(arena, consumers, at);
}

/** Adds a consumer, seen now and never active. Returns it, or 0 when there is one of this name. */
export function consumerCreate(
  arena: Arena,
  group: number,
  buf: Uint8Array,
  off: number,
  len: number,
  nowMs: number,
): number {
  const consumers = groupConsumers(arena, group);
  const at = namesFind(arena, consumers, CONSUMER_NAME, buf, off, len);
  if (at >= 0) return 0;
  const consumer = namedBlock(arena, CONSUMER_NAME, 0, buf, off, len);
  const words = wordsOf(arena, consumer);
  putNumber(words, consumerSeenWord(consumer), nowMs);
  putNumber(words, consumerActiveWord(consumer), -1);
  const list = namesInsert(arena, consumers, ~at, consumer);
  wordsOf(arena, group)[wordOf(group) + CONSUMERS] = list;
  return consumer;
}

/** Where the time a consumer was last seen is, low word first. */
export function consumerSeenWord(consumer: number): number {
  return wordOf(consumer) + SEEN;
}

/** Where the time a consumer was last given something is, low word first; -1 for never. */
export function consumerActiveWord(consumer: number): number {
  return wordOf(consumer) + ACTIVE;
}

/** Deletes a consumer and the ids pending for it. */
export function consumerDelete(arena: Arena, group: number, consumer: number): void {
  const own = pendingOf(arena, consumer);
  const all = pendingOf(arena, group);
  for (let more = indexFirst(arena, own, scratch); more; more = indexNext(arena, scratch)) {
    indexDelete(arena, all, scratch.words, scratch.word);
  }
  const list = groupConsumers(arena, group);
  const buf = arena.u8[consumer >>> SEGMENT_SHIFT];
  const off = ((consumer & UNIT_MASK) << 4) + CONSUMER_NAME;
  const len = wordsOf(arena, consumer)[wordOf(consumer) + NAME_LEN];
  consumerFree(arena, group, namesFind(arena, list, CONSUMER_NAME, buf, off, len));
}

/** Frees consumer number `at`; what is pending in the group stays. */
export function consumerFree(arena: Arena, group: number, at: number): void {
  const list = groupConsumers(arena, group);
  const consumer = namesAt(arena, list, at);
  indexDestroy(arena, pendingOf(arena, consumer));
  arenaFree(arena, consumer);
  wordsOf(arena, group)[wordOf(group) + CONSUMERS] = namesRemove(arena, list, at);
}

// ---- pending

/** Puts the cursor on a pending id of the group. False when it is not pending. */
export function pendingFind(
  arena: Arena,
  group: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  return indexFind(arena, pendingOf(arena, group), ids, id, cursor);
}

/** Sets the payload at a cursor of a group's pending ids, but for the consumer. */
export function pendingSet(cursor: IndexCursor, timeMs: number, count: number): void {
  putNumber(cursor.words, cursor.word + PENDING_TIME, timeMs);
  putNumber(cursor.words, cursor.word + PENDING_COUNT, count);
}

/** Counts one more delivery at a cursor of a group's pending ids. */
export function pendingCountUp(cursor: IndexCursor): void {
  const { words } = cursor;
  const at = cursor.word + PENDING_COUNT;
  words[at] = (words[at] + 1) | 0;
  if (words[at] === 0) words[at + 1] = (words[at + 1] + 1) | 0;
}

/**
 * Puts the cursor on the id at ids[id], which must not lie in this index, of the group's pending ids, adding it without a
 * consumer when it is absent. Returns true when it was added: then time and count are undefined.
 */
export function pendingInsert(
  arena: Arena,
  group: number,
  ids: Int32Array,
  id: number,
  cursor: IndexCursor,
): boolean {
  if (!indexInsert(arena, pendingOf(arena, group), ids, id, cursor)) return false;
  cursor.words[cursor.word + PENDING_CONSUMER] = 0;
  return true;
}

/** Gives the pending id at a cursor to a consumer, whoever had it before. */
export function pendingAssign(arena: Arena, cursor: IndexCursor, consumer: number): void {
  const { words, word } = cursor;
  const before = words[word + PENDING_CONSUMER];
  if (before === consumer) return;
  if (before !== 0) indexDelete(arena, pendingOf(arena, before), words, word);
  words[word + PENDING_CONSUMER] = consumer;
  indexInsert(arena, pendingOf(arena, consumer), words, word, scratch);
}

/** Ends the pending of an id. False when it was not. The id must not lie in an index of the group. */
export function pendingDelete(
  arena: Arena,
  group: number,
  ids: Int32Array,
  id: number,
): boolean {
  const all = pendingOf(arena, group);
  if (!indexFind(arena, all, ids, id, scratch)) return false;
  const consumer = scratch.words[scratch.word + PENDING_CONSUMER];
  if (consumer !== 0) indexDelete(arena, pendingOf(arena, consumer), ids, id);
  indexDelete(arena, all, ids, id);
  return true;
}

// ---- from parts

/** Adds a pending id that has no consumer yet: low words before high words. False when it is there already. */
export function pendingLoad(
  arena: Arena,
  group: number,
  ids: Int32Array,
  id: number,
  timeLo: number,
  timeHi: number,
  countLo: number,
  countHi: number,
): boolean {
  if (!indexInsert(arena, pendingOf(arena, group), ids, id, scratch)) return false;
  const { words, word } = scratch;
  words[word + PENDING_TIME] = timeLo;
  words[word + PENDING_TIME + 1] = timeHi;
  words[word + PENDING_COUNT] = countLo;
  words[word + PENDING_COUNT + 1] = countHi;
  words[word + PENDING_CONSUMER] = 0;
  return true;
}

/** Gives a loaded id to its consumer. False when it was not loaded or has one already. */
export function pendingOwn(
  arena: Arena,
  group: number,
  consumer: number,
  ids: Int32Array,
  id: number,
): boolean {
  if (!indexFind(arena, pendingOf(arena, group), ids, id, scratch)) return false;
  const at = scratch.word + PENDING_CONSUMER;
  if (scratch.words[at] !== 0) return false;
  scratch.words[at] = consumer;
  return indexInsert(arena, pendingOf(arena, consumer), ids, id, scratch);
}

/** Whether all pending ids of a group have a consumer, as they must once it is loaded. */
export function pendingAllOwned(arena: Arena, group: number): boolean {
  const all = pendingOf(arena, group);
  for (let more = indexFirst(arena, all, scratch); more; more = indexNext(arena, scratch)) {
    if (scratch.words[scratch.word + PENDING_CONSUMER] === 0) return false;
  }
  return true;
}
