// passing.ts: what commands on streams leave behind for files and replicas: ids and times as they came out, and what
// groups handed out as claims.
//
//   XADD s * f v                     ->  XADD s 1767225600000-0 f v
//   XADD s MAXLEN ~ 1000 * f v       ->  XADD s MAXLEN = 1003 1767225600000-0 f v
//   XREADGROUP GROUP g c STREAMS s > ->  XCLAIM s g c 0 ID TIME ms RETRYCOUNT n FORCE JUSTID LASTID id, for each entry,
//                                        then XGROUP SETID s g id ENTRIESREAD n
//
// Nothing is built while nobody listens.

import { latin1 } from "../../bytes/ascii.ts";
import { int64ToBigInt } from "../../bytes/int64.ts";
import {
  CONSUMER_NAME,
  groupLastWord,
  groupReadWord,
  groupWords,
  PENDING_CONSUMER,
  PENDING_COUNT,
  PENDING_TIME,
  pendingFind,
} from "../../engine/stream_groups.ts";
import { ID_TEXT_MAX, idFormat } from "../../engine/stream_id.ts";
import { IndexCursor } from "../../engine/stream_index.ts";
import { blockOff, nameBuf, nameLen } from "../../engine/stream_names.ts";
import type { Ctx } from "../context.ts";
import { propagating } from "../propagate.ts";

const text = new Uint8Array(ID_TEXT_MAX);
const cursor = new IndexCursor();

/** An id as text. */
export function idText(words: Int32Array, at: number): string {
  return latin1(text, 0, idFormat(words, at, text, 0));
}

function number64(words: Int32Array, at: number): string {
  return int64ToBigInt(words[at], words[at + 1]).toString();
}

/** The pending id words[at] of a group as a claim; `keyArg` and `groupArg` are the arguments that name them. */
export function passClaim(
  ctx: Ctx,
  keyArg: number,
  groupArg: number,
  group: number,
  words: Int32Array,
  at: number,
): void {
  const propagator = propagating(ctx);
  const { arena } = ctx.keyspace;
  if (propagator === null || !pendingFind(arena, group, words, at, cursor)) return;
  const consumer = cursor.words[cursor.word + PENDING_CONSUMER];
  if (consumer === 0) return;
  const off = blockOff(consumer) + CONSUMER_NAME;
  propagator.also([
    "XCLAIM",
    keyArg,
    groupArg,
    nameBuf(arena, consumer).slice(off, off + nameLen(arena, consumer)),
    "0",
    idText(words, at),
    "TIME",
    number64(cursor.words, cursor.word + PENDING_TIME),
    "RETRYCOUNT",
    number64(cursor.words, cursor.word + PENDING_COUNT),
    "FORCE",
    "JUSTID",
    "LASTID",
    idText(groupWords(arena, group), groupLastWord(group)),
  ]);
}

/** How far a group is. */
export function passGroup(ctx: Ctx, keyArg: number, groupArg: number, group: number): void {
  const words = groupWords(ctx.keyspace.arena, group);
  propagating(ctx)?.also([
    "XGROUP",
    "SETID",
    keyArg,
    groupArg,
    idText(words, groupLastWord(group)),
    "ENTRIESREAD",
    number64(words, groupReadWord(group)),
  ]);
}

/** A consumer that was made on the way. */
export function passConsumer(
  ctx: Ctx,
  keyArg: number,
  groupArg: number,
  consumerArg: number,
): void {
  propagating(ctx)?.also(["XGROUP", "CREATECONSUMER", keyArg, groupArg, consumerArg]);
}
