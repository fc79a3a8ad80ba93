// rdb_stream.ts: streams in the snapshot format.
//
//   count of nodes, for each: master id as a string of 16 bytes (big endian), the node as a string (a listpack)
//   length, last id                                                        ids are two lengths: time, number
//   [ first id, greatest deleted id, entries ever added ]                  from STREAM_2 on
//   count of groups, for each:
//     name, last delivered id, [ entries read, 2^64 - 1 for unknown ]      from STREAM_2 on
//     count of pending ids, for each: id (16 bytes), time of delivery (8, little endian), deliveries
//     count of consumers, for each:
//       name, time seen (8), [ time active (8), -1 for never ]             from STREAM_3 on
//       count of pending ids, for each: id (16 bytes)
//
// STREAM_3 is written. Where the older kinds lack a number it is worked out from the others.

import { compact, packView } from "../engine/compact.ts";
import { ENCODING_STREAM, recordA, recordSetA, recordSetEncoding } from "../engine/record.ts";
import { streamAddNode, streamEntriesUntil, streamIsWhole, streamValue } from "../engine/stream.ts";
import { EntryCursor, NODE_BLOCK, streamFindFirst } from "../engine/stream_entries.ts";
import {
  CONSUMER_NAME,
  consumerActiveWord,
  consumerCreate,
  consumerSeenWord,
  GROUP_NAME,
  groupConsumers,
  groupCreate,
  groupLastWord,
  groupReadWord,
  groupWords,
  PENDING_COUNT,
  PENDING_TIME,
  pendingLoad,
  pendingOf,
  pendingOwn,
} from "../engine/stream_groups.ts";
import { ID_MAX, ID_MIN, ID_WORDS, idCompare, idCopy } from "../engine/stream_id.ts";
import { indexCount, IndexCursor, indexFirst, indexNext } from "../engine/stream_index.ts";
import { blockOff, nameBuf, nameLen, namesAt, namesCount } from "../engine/stream_names.ts";
import { nodeDeleted, nodeValid, nodeValidate } from "../engine/stream_node.ts";
import {
  streamAddedWord,
  streamCreate,
  streamFirstWord,
  streamGroups,
  streamLastWord,
  streamLength,
  streamLengthWord,
  streamMaxDeletedWord,
  streamNodes,
  streamWords,
} from "../engine/stream_root.ts";
import type { ValueContext } from "../engine/value_context.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { RdbOutput } from "./rdb_output.ts";
import { RDB_STREAM, RDB_STREAM_3, READ_CORRUPT, READ_OK } from "./rdb_types.ts";

type Arena = ValueContext["arena"];

const ID_BYTES = 16;

const cursor = new IndexCursor();
const key = new Uint8Array(ID_BYTES);
const id = new Int32Array(ID_WORDS);
const pair = new Int32Array(2);
const walk = new EntryCursor();

// ---- writing

/** Writes the stream of a record. */
export function streamWrite(out: RdbOutput, vc: ValueContext, rec: number): void {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const nodes = streamNodes(arena, root);
  out.length(indexCount(arena, nodes));
  for (let more = indexFirst(arena, nodes, cursor); more; more = indexNext(arena, cursor)) {
    keyOf(cursor.words, cursor.word);
    out.string(key, 0, ID_BYTES);
    packView(vc, cursor.words[cursor.word + NODE_BLOCK]);
    out.string(compact.buf, compact.off, compact.len);
  }
  const words = streamWords(arena, root);
  out.length(streamLength(arena, root));
  writeId(out, words, streamLastWord(root));
  writeId(out, words, streamFirstWord(root));
  writeId(out, words, streamMaxDeletedWord(root));
  writeCount(out, words, streamAddedWord(root));
  const groups = streamGroups(arena, root);
  const count = namesCount(arena, groups);
  out.length(count);
  for (let i = 0; i < count; i++) writeGroup(out, arena, namesAt(arena, groups, i));
}

/** The id at words[at] as 16 bytes in `key`. */
function keyOf(words: Int32Array, at: number): void {
  for (let i = 0; i < ID_BYTES; i++) key[i] = words[at + (i >> 2)] >>> (24 - 8 * (i & 3));
}

function writeId(out: RdbOutput, words: Int32Array, at: number): void {
  out.length64(words[at + 1], words[at]);
  out.length64(words[at + 3], words[at + 2]);
}

/** A number whose low word comes first. */
function writeCount(out: RdbOutput, words: Int32Array, at: number): void {
  out.length64(words[at], words[at + 1]);
}

function writeGroup(out: RdbOutput, arena: Arena, group: number): void {
  out.string(nameBuf(arena, group), blockOff(group) + GROUP_NAME, nameLen(arena, group));
  const words = groupWords(arena, group);
  writeId(out, words, groupLastWord(group));
  writeCount(out, words, groupReadWord(group));
  writePending(out, arena, group, true);
  const consumers = groupConsumers(arena, group);
  const count = namesCount(arena, consumers);
  out.length(count);
  for (let i = 0; i < count; i++) {
    const consumer = namesAt(arena, consumers, i);
    const off = blockOff(consumer) + CONSUMER_NAME;
    out.string(nameBuf(arena, consumer), off, nameLen(arena, consumer));
    const own = groupWords(arena, consumer);
    const seen = consumerSeenWord(consumer);
    const active = consumerActiveWord(consumer);
    out.int64(own[seen], own[seen + 1]);
    out.int64(own[active], own[active + 1]);
    writePending(out, arena, consumer, false);
  }
}

/** The pending ids of a group, with what is known of their delivery, or of a consumer. */
function writePending(out: RdbOutput, arena: Arena, owner: number, isGroup: boolean): void {
  const pending = pendingOf(arena, owner);
  out.length(indexCount(arena, pending));
  for (let more = indexFirst(arena, pending, cursor); more; more = indexNext(arena, cursor)) {
    const { words, word } = cursor;
    out.int64Big(words[word + 1], words[word]);
    out.int64Big(words[word + 3], words[word + 2]);
    if (!isGroup) continue;
    out.int64(words[word + PENDING_TIME], words[word + PENDING_TIME + 1]);
    writeCount(out, words, word + PENDING_COUNT);
  }
}

// ---- reading

/** Reads a stream of any kind into a record; see readValue. */
export function streamRead(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  const { arena } = vc;
  const root = streamCreate(arena);
  recordSetEncoding(arena, rec, ENCODING_STREAM);
  recordSetA(arena, rec, root);
  if (
    readNodes(input, vc, root) && readCounters(input, vc, root, kind) &&
    readGroups(input, vc, root, kind) && streamIsWhole(vc, root) && entriesRise(vc, root)
  ) return READ_OK;
  streamValue.free(vc, ENCODING_STREAM, root);
  return READ_CORRUPT;
}

/** Whether the ids of the entries rise up to the last id, and those not deleted are as many as the nodes say. */
function entriesRise(vc: ValueContext, root: number): boolean {
  const words = streamWords(vc.arena, root);
  let count = 0;
  id.fill(0);
  walk.start(vc, root, ID_MIN, 0, ID_MAX, 0);
  for (; walk.next(vc); count++) {
    if (count > 0 && idCompare(id, 0, walk.id, 0) >= 0) return false;
    idCopy(walk.id, 0, id, 0);
  }
  if (idCompare(id, 0, words, streamLastWord(root)) > 0) return false;
  streamFindFirst(vc, root);
  return count === streamLength(vc.arena, root);
}

function readNodes(input: RdbInput, vc: ValueContext, root: number): boolean {
  for (let left = input.length(); left > 0; left--) {
    if (!input.string() || input.stringLen !== ID_BYTES) return false;
    idFrom(input.stringBuf, input.stringOff);
    if (!input.string()) return false;
    const { stringBuf, stringOff, stringLen } = input;
    if (!nodeValidate(stringBuf, stringOff, stringLen)) {
      input.refuse("Stream listpack integrity check failed");
      return false;
    }
    if (nodeValid(stringBuf, stringOff) + nodeDeleted(stringBuf, stringOff) === 0) return false;
    if (!streamAddNode(vc, root, id, 0, stringBuf, stringOff, stringLen)) return false;
  }
  return !input.failed;
}

/** The id in 16 bytes, to `id`. */
function idFrom(buf: Uint8Array, off: number): void {
  for (let i = 0; i < ID_WORDS; i++) {
    const at = off + 4 * i;
    id[i] = (buf[at] << 24) | (buf[at + 1] << 16) | (buf[at + 2] << 8) | buf[at + 3];
  }
}

/** An id as two lengths, to words[at]. */
function readId(input: RdbInput, words: Int32Array, at: number): void {
  input.length();
  words[at] = input.hi;
  words[at + 1] = input.lo;
  input.length();
  words[at + 2] = input.hi;
  words[at + 3] = input.lo;
}

/** A number to words[at], low word first. */
function readCount(input: RdbInput, words: Int32Array, at: number): void {
  input.length();
  words[at] = input.lo;
  words[at + 1] = input.hi;
}

function readCounters(input: RdbInput, vc: ValueContext, root: number, kind: number): boolean {
  const words = streamWords(vc.arena, root);
  readCount(input, words, streamLengthWord(root));
  readId(input, words, streamLastWord(root));
  if (kind !== RDB_STREAM) {
    readId(input, words, streamFirstWord(root));
    readId(input, words, streamMaxDeletedWord(root));
    readCount(input, words, streamAddedWord(root));
  } else {
    const length = streamLengthWord(root);
    words[streamAddedWord(root)] = words[length];
    words[streamAddedWord(root) + 1] = words[length + 1];
    streamFindFirst(vc, root);
  }
  return !input.failed;
}

function readGroups(input: RdbInput, vc: ValueContext, root: number, kind: number): boolean {
  for (let left = input.length(); left > 0; left--) {
    if (!input.hold()) return false;
    readId(input, id, 0);
    if (kind !== RDB_STREAM) readCount(input, pair, 0);
    else streamEntriesUntil(vc, root, id, 0, pair);
    if (input.failed) return false;
    const { held, heldLen } = input;
    const group = groupCreate(vc.arena, root, held, 0, heldLen, id, 0, pair[0], pair[1]);
    if (group === 0 || !readPending(input, vc.arena, group)) return false;
    if (!readConsumers(input, vc.arena, group, kind)) return false;
  }
  return !input.failed;
}

/** Reads an id of 16 bytes to `id`. */
function readRawId(input: RdbInput): boolean {
  if (!input.need(ID_BYTES)) return false;
  idFrom(input.buf, input.pos);
  input.pos += ID_BYTES;
  return true;
}

function readPending(input: RdbInput, arena: Arena, group: number): boolean {
  for (let left = input.length(); left > 0; left--) {
    if (!readRawId(input) || !input.int64()) return false;
    const timeLo = input.lo;
    const timeHi = input.hi;
    input.length();
    if (input.failed) return false;
    if (!pendingLoad(arena, group, id, 0, timeLo, timeHi, input.lo, input.hi)) return false;
  }
  return !input.failed;
}

function readConsumers(input: RdbInput, arena: Arena, group: number, kind: number): boolean {
  for (let left = input.length(); left > 0; left--) {
    if (!input.string()) return false;
    const { stringBuf, stringOff, stringLen } = input;
    const consumer = consumerCreate(arena, group, stringBuf, stringOff, stringLen, 0);
    if (consumer === 0) input.refuse("Duplicate stream consumer detected");
    if (consumer === 0 || !input.int64()) return false;
    storeTime(input, arena, consumerSeenWord(consumer), consumer);
    if (kind === RDB_STREAM_3 && !input.int64()) return false;
    storeTime(input, arena, consumerActiveWord(consumer), consumer);
    for (let owned = input.length(); owned > 0; owned--) {
      if (!readRawId(input)) return false;
      if (pendingOwn(arena, group, consumer, id, 0)) continue;
      input.refuse("Duplicated consumer PEL entry, or one that its group does not have");
      return false;
    }
  }
  return !input.failed;
}

/** Stores the time that was read last. */
function storeTime(input: RdbInput, arena: Arena, at: number, consumer: number): void {
  const words = groupWords(arena, consumer);
  words[at] = input.lo;
  words[at + 1] = input.hi;
}
