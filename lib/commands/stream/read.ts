// read.ts: new entries of several streams, now or once there are some: XREAD, XREADGROUP.
//
// Both read their arguments in three passes, as Valkey does: options; ids, with the existence of keys and groups; then
// each stream is served if it has something. A client that waits runs the command again from the start when one of its
// streams has something new: "$" was replaced by an id before, so it does not move. One that waits for a group learns
// that way, too, that its key or group is gone.

import { line } from "../../codec/reply_writer.ts";
import { recordA, TYPE_STREAM } from "../../engine/record.ts";
import { EntryCursor, streamLastValid } from "../../engine/stream_entries.ts";
import {
  consumerActiveWord,
  consumerCreate,
  consumerFind,
  consumerSeenWord,
  groupLastWord,
  groupReadWord,
  groupWords,
  PENDING_TIME,
  pendingAssign,
  pendingCountUp,
  pendingFind,
  pendingInsert,
  pendingOf,
  pendingSet,
  putNumber,
} from "../../engine/stream_groups.ts";
import {
  ID_MAX,
  ID_TEXT_MAX,
  ID_WORDS,
  idCompare,
  idCopy,
  idDecrement,
  idFormat,
  idIncrement,
  idIsMax,
} from "../../engine/stream_id.ts";
import { IndexCursor, indexNext, indexSeek } from "../../engine/stream_index.ts";
import {
  streamAddedWord,
  streamFirstWord,
  streamLastWord,
  streamLength,
  streamWords,
} from "../../engine/stream_root.ts";
import { streamEntriesUntil, streamHasGap } from "../../engine/stream.ts";
import { argInt64, argIs, argTimeout, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { notify, NOTIFY_STREAM } from "../notify.ts";
import {
  type ArgSpec,
  BLOCKING,
  type CommandSpec,
  type KeySpec,
  MOVABLE_KEYS,
  READONLY,
  WRITE,
} from "../spec.ts";
import { argCText, argGroup, argId, argIsByte, CONSUMER, GROUP, IdList } from "./arguments.ts";
import { passClaim, passConsumer, passGroup } from "./passing.ts";
import { replyEntry, replyId, replyOne, replyRange } from "./replies.ts";

const BLOCK = word("block");
const COUNT = word("count");
const STREAMS = word("streams");
const GROUP_WORD = word("group");
const NOACK = word("noack");
const DOLLAR = 0x24;
const PLUS = 0x2b;
const GREATER = 0x3e;

const ERR_GROUP = line(
  "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);
const ERR_NOACK = line(
  "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
const ERR_NO_GROUP_OPTION = line("-ERR Missing GROUP option for XREADGROUP");
const ERR_GREATER = line(
  "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> " +
    "<consumer> option.",
);
const ERR_TOP_ZERO = line("-ERR the stream last element ID is 0-0");

/** Errors for "$" and "+" in XREADGROUP. */
function meaningless(symbol: string): Uint8Array {
  return line(
    `-ERR The ${symbol} ID is meaningless in the context of XREADGROUP: you want to read the ` +
      "history of this consumer by specifying a proper ID, or use the > ID to get new " +
      `messages. The ${symbol} ID would just return an empty result set.`,
  );
}
const ERR_DOLLAR = meaningless("$");
const ERR_PLUS = meaningless("+");

/** What the options said. `untilMs` is -1 without BLOCK; `groupArg` is 0 without GROUP. */
const options = { untilMs: -1, count: 0, noAck: false, groupArg: 0, firstKey: 0, streams: 0 };

const after = new IdList();
const pair = new Int32Array(2);
const start = new Int32Array(ID_WORDS);
const top = new Int32Array(ID_WORDS);
const walk = new EntryCursor();
const pending = new IndexCursor();
const own = new IndexCursor();

function xread(ctx: Ctx): void {
  read(ctx, false);
}

/** What it hands out is passed on as claims, never as itself. */
function xreadgroup(ctx: Ctx): void {
  ctx.propagator.nothing();
  read(ctx, true);
}

function read(ctx: Ctx, withGroup: boolean): void {
  const { out } = ctx;
  if (!parseOptions(ctx, withGroup)) return;
  if (options.firstKey === 0) return out.error(ERR_SYNTAX);
  if (withGroup && options.groupArg === 0) return out.error(ERR_NO_GROUP_OPTION);
  after.count = 0;
  for (let i = 0; i < options.streams; i++) if (!readId(ctx, i, withGroup)) return;
  const mark = out.deferredStart();
  let served = 0;
  for (let i = 0; i < options.streams; i++) {
    const rec = lookupRead(ctx, options.firstKey + i);
    if (rec === 0) continue;
    const root = recordA(ctx.keyspace.arena, rec);
    if (withGroup ? serveGroup(ctx, root, i) : serve(ctx, root, i)) served++;
  }
  if (served > 0) {
    if (out.proto === 3) out.deferredMap(mark, served);
    else out.deferredArray(mark, served);
  } else if (options.untilMs < 0 || !ctx.client.mayBlock) {
    out.nullArray();
  } else {
    wait(ctx, withGroup);
  }
}

/** Reads everything in front of the keys. False after the error reply. */
function parseOptions(ctx: Ctx, withGroup: boolean): boolean {
  const { argc } = ctx;
  options.untilMs = -1;
  options.count = 0;
  options.noAck = false;
  options.groupArg = 0;
  options.firstKey = 0;
  for (let i = 1; i < argc; i++) {
    const more = argc - 1 - i;
    if (more > 0 && argIs(ctx, i, BLOCK)) {
      options.untilMs = argTimeout(ctx, ++i, true);
      if (Number.isNaN(options.untilMs)) return false;
    } else if (more > 0 && argIs(ctx, i, COUNT)) {
      if (!argInt64(ctx, ++i, pair)) return fail(ctx, ERR_NOT_INTEGER);
      options.count = pair[1] < 0 ? 0 : pair[1] * 4294967296 + (pair[0] >>> 0);
    } else if (more > 0 && argIs(ctx, i, STREAMS)) {
      return parseStreams(ctx, i + 1, withGroup);
    } else if (more > 1 && argIs(ctx, i, GROUP_WORD)) {
      if (!withGroup) return fail(ctx, ERR_GROUP);
      options.groupArg = i + 1;
      i += 2;
    } else if (argIs(ctx, i, NOACK)) {
      if (!withGroup) return fail(ctx, ERR_NOACK);
      options.noAck = true;
    } else return fail(ctx, ERR_SYNTAX);
  }
  return true;
}

function fail(ctx: Ctx, error: Uint8Array): boolean {
  ctx.out.error(error);
  return false;
}

function parseStreams(ctx: Ctx, first: number, withGroup: boolean): boolean {
  const count = ctx.argc - first;
  options.firstKey = first;
  options.streams = count / 2;
  if ((count & 1) === 0) return true;
  const name = withGroup ? "xreadgroup" : "xread";
  ctx.out.errorText(
    `ERR Unbalanced '${name}' list of streams: for each stream key an ID or ` +
      `'${withGroup ? ">" : "$"}' must be specified.`,
  );
  return false;
}

/** Reads the id of stream `i`, and checks its key and group. False after the error reply. */
function readId(ctx: Ctx, i: number, withGroup: boolean): boolean {
  const keyArg = options.firstKey + i;
  const idArg = keyArg + options.streams;
  const at = after.add();
  const { arena } = ctx.keyspace;
  const rec = lookupRead(ctx, keyArg);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STREAM)) return false;
  const root = rec === 0 ? 0 : recordA(arena, rec);
  if (withGroup && (root === 0 || argGroup(ctx, root, options.groupArg) === 0)) {
    ctx.out.errorText(
      `NOGROUP No such key '${argCText(ctx, keyArg)}' or consumer group ` +
        `'${argCText(ctx, options.groupArg)}' in XREADGROUP with GROUP option`,
    );
    return false;
  }
  if (argIsByte(ctx, idArg, DOLLAR)) {
    if (withGroup) return fail(ctx, ERR_DOLLAR);
    if (root === 0) after.words.fill(0, at, at + ID_WORDS);
    else idCopy(streamWords(arena, root), streamLastWord(root), after.words, at);
    return true;
  }
  if (argIsByte(ctx, idArg, PLUS)) {
    if (withGroup) return fail(ctx, ERR_PLUS);
    after.words.fill(0, at, at + ID_WORDS);
    if (root === 0 || streamLength(arena, root) === 0) return true;
    idCopy(streamWords(arena, root), streamLastWord(root), after.words, at);
    return idDecrement(after.words, at) || fail(ctx, ERR_TOP_ZERO);
  }
  if (argIsByte(ctx, idArg, GREATER)) {
    if (!withGroup) return fail(ctx, ERR_GREATER);
    idCopy(ID_MAX, 0, after.words, at);
    return true;
  }
  return argId(ctx, idArg, 0, after.words, at);
}

/** Blocks the client. */
function wait(ctx: Ctx, withGroup: boolean): void {
  const { firstKey, streams, untilMs } = options;
  ctx.client.block("stream", firstKey, streams, untilMs, withGroup);
  for (let i = 0; i < streams; i++) {
    const idArg = firstKey + streams + i;
    if (!argIsByte(ctx, idArg, DOLLAR)) continue;
    const text = new Uint8Array(ID_TEXT_MAX);
    const len = idFormat(after.words, after.at(i), text, 0);
    ctx.client.blockArgument(idArg, text.slice(0, len));
  }
}

/** The name of stream `i`, in front of its entries. */
function replyKey(ctx: Ctx, i: number): void {
  const arg = options.firstKey + i;
  if (ctx.out.proto !== 3) ctx.out.array(2);
  ctx.out.bulk(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
}

/** Replies with what stream `i` has behind its id. False when there is nothing. */
function serve(ctx: Ctx, root: number, i: number): boolean {
  const at = after.at(i);
  if (!streamLastValid(ctx.keyspace, root, top)) return false;
  if (idCompare(top, 0, after.words, at) <= 0) return false;
  idCopy(after.words, at, start, 0);
  idIncrement(start, 0);
  replyKey(ctx, i);
  replyRange(ctx, root, start, ID_MAX, options.count, false);
  return true;
}

// ---- groups

/** Likewise for a group: what is new for it, or, behind any id but ">", what is pending for the consumer. */
function serveGroup(ctx: Ctx, root: number, i: number): boolean {
  const ks = ctx.keyspace;
  const at = after.at(i);
  const group = argGroup(ctx, root, options.groupArg);
  const isHistory = !idIsMax(after.words, at);
  let hasNew = false;
  if (!isHistory && streamLastValid(ks, root, top)) {
    hasNew = idCompare(top, 0, groupWords(ks.arena, group), groupLastWord(group)) > 0;
  }
  const keyArg = options.firstKey + i;
  const before = ctx.dirty;
  const consumer = argConsumer(ctx, group, options.groupArg + 1, keyArg);
  if (ctx.dirty !== before && options.noAck) {
    passConsumer(ctx, keyArg, options.groupArg, options.groupArg + 1);
  }
  if (!isHistory && !hasNew) return false;
  replyKey(ctx, i);
  if (isHistory) {
    idCopy(after.words, at, start, 0);
    idIncrement(start, 0);
    replyPending(ctx, root, group, consumer);
  } else {
    idCopy(groupWords(ks.arena, group), groupLastWord(group), start, 0);
    idIncrement(start, 0);
    deliver(ctx, root, group, consumer, options.firstKey + i);
  }
  ctx.dirty++;
  return true;
}

/** The consumer named by an argument, made if it is absent, and seen now. `keyArg` is the key of its stream. */
export function argConsumer(ctx: Ctx, group: number, nameArg: number, keyArg: number): number {
  const { arena } = ctx.keyspace;
  const { argBuf, nowMs } = ctx;
  const off = ctx.off[nameArg];
  const len = ctx.len[nameArg];
  let consumer = consumerFind(arena, group, argBuf, off, len);
  if (consumer === 0) {
    consumer = consumerCreate(arena, group, argBuf, off, len, nowMs);
    ctx.dirty++;
    notify(ctx, NOTIFY_STREAM, "xgroup-createconsumer", keyArg);
  }
  putNumber(groupWords(arena, consumer), consumerSeenWord(consumer), nowMs);
  return consumer;
}

/** Delivers the entries from `start` on to a consumer; `keyArg` is the key of the stream. */
function deliver(
  ctx: Ctx,
  root: number,
  group: number,
  consumer: number,
  keyArg: number,
): void {
  const ks = ctx.keyspace;
  const { arena } = ks;
  const { count, noAck } = options;
  const words = groupWords(arena, group);
  const last = groupLastWord(group);
  const mark = ctx.out.deferredStart();
  let entries = 0;
  let hasMoved = false;
  walk.start(ks, root, start, 0, ID_MAX, 0);
  while (walk.next(ks)) {
    if (idCompare(walk.id, 0, words, last) > 0) {
      advance(ctx, root, group);
      hasMoved = true;
    }
    replyEntry(ctx, walk);
    if (!noAck) {
      pendingInsert(arena, group, walk.id, 0, pending);
      pendingSet(pending, ctx.nowMs, 1);
      pendingAssign(arena, pending, consumer);
      putNumber(groupWords(arena, consumer), consumerActiveWord(consumer), ctx.nowMs);
      passClaim(ctx, keyArg, options.groupArg, group, walk.id, 0);
    }
    if (++entries === count) break;
  }
  if (hasMoved) passGroup(ctx, keyArg, options.groupArg, group);
  ctx.out.deferredArray(mark, entries);
}

/** Moves the group on to the entry of `walk`: its last id, and how many entries it has read as far as that is known. */
function advance(ctx: Ctx, root: number, group: number): void {
  const ks = ctx.keyspace;
  const words = groupWords(ks.arena, group);
  const last = groupLastWord(group);
  const read = groupReadWord(group);
  const stream = streamWords(ks.arena, root);
  const isKnown = (words[read] & words[read + 1]) !== -1 &&
    idCompare(words, last, stream, streamFirstWord(root)) >= 0 &&
    !streamHasGap(ks, root, words, last);
  const added = streamAddedWord(root);
  if (isKnown) {
    words[read] = (words[read] + 1) | 0;
    if (words[read] === 0) words[read + 1] = (words[read + 1] + 1) | 0;
  } else if ((stream[added] | stream[added + 1]) !== 0) {
    streamEntriesUntil(ks, root, walk.id, 0, pair);
    words[read] = pair[0];
    words[read + 1] = pair[1];
  }
  idCopy(walk.id, 0, words, last);
}

/** Replies with what is pending for a consumer from `start` on; entries that are gone have no fields. */
function replyPending(ctx: Ctx, root: number, group: number, consumer: number): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const { count } = options;
  const mark = out.deferredStart();
  let entries = 0;
  let more = indexSeek(arena, pendingOf(arena, consumer), start, 0, own);
  for (; more && (count === 0 || entries < count); more = indexNext(arena, own)) {
    if (replyOne(ctx, root, own.words, own.word)) {
      pendingFind(arena, group, own.words, own.word, pending);
      putNumber(pending.words, pending.word + PENDING_TIME, ctx.nowMs);
      pendingCountUp(pending);
    } else {
      out.array(2);
      replyId(ctx, own.words, own.word);
      out.nullArray();
    }
    entries++;
  }
  out.deferredArray(mark, entries);
}

/** Keys behind STREAMS, which is looked for from argument `from` on; as many ids follow. */
function streamsKeys(from: number): KeySpec {
  return {
    flags: ["RO", "access"],
    begin: { at: "keyword", keyword: "STREAMS", from },
    find: { by: "range", last: -1, step: 1, limit: 2 },
  };
}

const COUNT_ARG: ArgSpec = { name: "count", type: "integer", token: "COUNT", optional: true };
const BLOCK_ARG: ArgSpec = {
  name: "milliseconds",
  type: "integer",
  token: "BLOCK",
  optional: true,
};
const STREAMS_ARG: ArgSpec = {
  name: "streams",
  type: "block",
  token: "STREAMS",
  args: [
    { name: "key", type: "key", keySpec: 0, multiple: true },
    { name: "id", type: "string", multiple: true },
  ],
};

export const READ_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XREAD",
    group: "stream",
    since: "5.0.0",
    arity: -4,
    flags: READONLY | BLOCKING | MOVABLE_KEYS,
    acl: ["@stream"],
    keys: [streamsKeys(1)],
    args: [COUNT_ARG, BLOCK_ARG, STREAMS_ARG],
    summary: "Reads the entries of streams behind given ids, and may wait until there are some.",
    reply: ["array", "map", "null"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XREAD STREAMS log 0", "*1 *2 $3 log *1 *2 $3 1-1 *2 $1 a $1 b"],
      ["XREAD STREAMS log 1-1", "*-1"],
    ],
    run: xread,
  },
  {
    name: "XREADGROUP",
    group: "stream",
    since: "5.0.0",
    arity: -7,
    flags: WRITE | BLOCKING | MOVABLE_KEYS,
    acl: ["@stream"],
    keys: [streamsKeys(4)],
    args: [
      { name: "group-block", type: "block", token: "GROUP", args: [GROUP, CONSUMER] },
      COUNT_ARG,
      BLOCK_ARG,
      { name: "noack", type: "pure-token", token: "NOACK", optional: true },
      STREAMS_ARG,
    ],
    summary: "Delivers new entries of streams to a consumer of a group, or lists what it has got.",
    complexity: "O(M) for each stream with M the number of entries returned, so O(1) while COUNT " +
      "keeps that small. An XADD that wakes clients takes O(N) with N the number of them",
    reply: ["array", "map", "null"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XGROUP CREATE log team 0", "+OK"],
      [
        "XREADGROUP GROUP team ann STREAMS log >",
        "*1 *2 $3 log *1 *2 $3 1-1 *2 $1 a $1 b",
      ],
      ["XREADGROUP GROUP team bob STREAMS log >", "*-1"],
    ],
    run: xreadgroup,
  },
];
