// claim.ts: pending entries that change hands: XCLAIM, XAUTOCLAIM.
//
// An entry that is pending but gone from the stream cannot be claimed: it stops being pending.

import { line } from "../../codec/reply_writer.ts";
import { recordA, TYPE_STREAM } from "../../engine/record.ts";
import { streamHas } from "../../engine/stream_entries.ts";
import {
  consumerActiveWord,
  getNumber,
  groupLastWord,
  groupWords,
  PENDING_CONSUMER,
  PENDING_COUNT,
  PENDING_TIME,
  pendingAssign,
  pendingCountUp,
  pendingDelete,
  pendingFind,
  pendingInsert,
  pendingOf,
  pendingSet,
  putNumber,
} from "../../engine/stream_groups.ts";
import { ID_MIN, ID_WORDS, idCompare, idCopy } from "../../engine/stream_id.ts";
import { IndexCursor, indexNext, indexSeek } from "../../engine/stream_index.ts";
import { argInt64, argIs, argNumber, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import {
  argCText,
  argGroup,
  argId,
  argIdQuiet,
  argStart,
  CONSUMER,
  GROUP,
  IdList,
  IDS,
  KEY,
} from "./arguments.ts";
import { passClaim, passGroup } from "./passing.ts";
import { replyNoGroup } from "./pending.ts";
import { argConsumer } from "./read.ts";
import { replyId, replyOne } from "./replies.ts";

const FORCE = word("force");
const JUSTID = word("justid");
const IDLE = word("idle");
const TIME = word("time");
const RETRYCOUNT = word("retrycount");
const LASTID = word("lastid");
const COUNT = word("count");

const ERR_MIN_IDLE = line("-ERR Invalid min-idle-time argument for XCLAIM");
const ERR_IDLE = line("-ERR Invalid IDLE option argument for XCLAIM");
const ERR_TIME = line("-ERR Invalid TIME option argument for XCLAIM");
const ERR_RETRYCOUNT = line("-ERR Invalid RETRYCOUNT option argument for XCLAIM");
const ERR_AUTO_MIN_IDLE = line("-ERR Invalid min-idle-time argument for XAUTOCLAIM");
const ERR_COUNT = line("-ERR COUNT must be > 0");
const ERR_MEMORY = line(
  "-ERR Insufficient memory, failed allocating transient memory, COUNT too high.",
);

/** XAUTOCLAIM looks at this many times the entries it may return. */
const ATTEMPTS = 10;
const COUNT_DEFAULT = 100;
/** Largest COUNT that is a number for Valkey, and the largest for which it finds memory. */
const COUNT_MAX = 2 ** 59 - 1;
const COUNT_MEMORY_MAX = 2 ** 43;

/** What the options said; `retryGiven` with the count in `retry`. */
const options = { minIdle: 0, timeMs: 0, retryGiven: false, force: false, justId: false };
const retry = new Int32Array(2);
const pair = new Int32Array(2);
const lastId = new Int32Array(ID_WORDS);
const id = new Int32Array(ID_WORDS);
const start = new Int32Array(ID_WORDS);
const ids = new IdList();
const cursor = new IndexCursor();

/** Reads argument 4, below 0 as 0; false after the error reply. */
function parseMinIdle(ctx: Ctx, error: Uint8Array): boolean {
  if (!argInt64(ctx, 4, pair)) {
    ctx.out.error(error);
    return false;
  }
  options.minIdle = Math.max(0, getNumber(pair, 0));
  return true;
}

function xclaim(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STREAM)) return;
  const root = rec === 0 ? 0 : recordA(arena, rec);
  const group = rec === 0 ? 0 : argGroup(ctx, root, 2);
  if (group === 0) return replyNoGroup(ctx);
  if (!parseMinIdle(ctx, ERR_MIN_IDLE) || !parseClaim(ctx)) return;
  const words = groupWords(arena, group);
  let moved = idCompare(lastId, 0, words, groupLastWord(group)) > 0;
  if (moved) idCopy(lastId, 0, words, groupLastWord(group));
  const consumer = argConsumer(ctx, group, 3, 1);
  const mark = ctx.out.deferredStart();
  const before = ctx.dirty;
  let claimed = 0;
  for (let i = 0; i < ids.count; i++) {
    if (claim(ctx, root, group, consumer, ids.words, ids.at(i))) claimed++;
  }
  if (ctx.dirty !== before) moved = false;
  if (moved) {
    passGroup(ctx, 1, 2, group);
    ctx.dirty++;
  }
  ctx.propagator.nothing();
  ctx.out.deferredArray(mark, claimed);
}

/** Reads ids, then options, from argument 5 on. False after the error reply. */
function parseClaim(ctx: Ctx): boolean {
  const { out, argc, nowMs } = ctx;
  ids.count = 0;
  let i = 5;
  for (; i < argc; i++) {
    const at = ids.add();
    if (argIdQuiet(ctx, i, 0, ids.words, at)) continue;
    ids.count--;
    break;
  }
  options.timeMs = nowMs;
  options.retryGiven = false;
  options.force = false;
  options.justId = false;
  lastId.fill(0);
  for (; i < argc; i++) {
    const more = i + 1 < argc;
    if (argIs(ctx, i, FORCE)) {
      options.force = true;
    } else if (argIs(ctx, i, JUSTID)) {
      options.justId = true;
    } else if (more && (argIs(ctx, i, IDLE) || argIs(ctx, i, TIME))) {
      const isIdle = argIs(ctx, i, IDLE);
      if (!argInt64(ctx, ++i, pair)) {
        out.error(isIdle ? ERR_IDLE : ERR_TIME);
        return false;
      }
      const time = isIdle ? nowMs - getNumber(pair, 0) : getNumber(pair, 0);
      options.timeMs = time < 0 || time > nowMs ? nowMs : time;
    } else if (more && argIs(ctx, i, RETRYCOUNT)) {
      if (!argInt64(ctx, ++i, retry)) {
        out.error(ERR_RETRYCOUNT);
        return false;
      }
      options.retryGiven = retry[1] >= 0;
    } else if (more && argIs(ctx, i, LASTID)) {
      if (!argId(ctx, ++i, 0, lastId, 0)) return false;
    } else {
      out.errorText(`ERR Unrecognized XCLAIM option '${argCText(ctx, i)}'`);
      return false;
    }
  }
  return true;
}

/** Claims one id for a consumer and replies with its entry, or returns false. */
function claim(
  ctx: Ctx,
  root: number,
  group: number,
  consumer: number,
  words: Int32Array,
  at: number,
): boolean {
  const { arena } = ctx.keyspace;
  if (!streamHas(ctx.keyspace, root, words, at)) {
    passClaim(ctx, 1, 2, group, words, at);
    if (pendingDelete(arena, group, words, at)) ctx.dirty++;
    return false;
  }
  if (options.force) {
    const added = pendingInsert(arena, group, words, at, cursor);
    if (added) pendingSet(cursor, ctx.nowMs, 1);
  } else if (!pendingFind(arena, group, words, at, cursor)) {
    return false;
  }
  if (isTooFresh(ctx)) return false;
  take(ctx, consumer, options.timeMs);
  passClaim(ctx, 1, 2, group, words, at);
  if (options.justId) replyId(ctx, words, at);
  else replyOne(ctx, root, words, at);
  return true;
}

/** Whether the pending id of the cursor belongs to somebody for less than the time asked for. */
function isTooFresh(ctx: Ctx): boolean {
  const { words, word } = cursor;
  if (options.minIdle === 0 || words[word + PENDING_CONSUMER] === 0) return false;
  return ctx.nowMs - getNumber(words, word + PENDING_TIME) < options.minIdle;
}

/** Gives the pending id of the cursor to a consumer. */
function take(ctx: Ctx, consumer: number, timeMs: number): void {
  const { arena } = ctx.keyspace;
  const { words, word } = cursor;
  putNumber(words, word + PENDING_TIME, timeMs);
  if (options.retryGiven) {
    words[word + PENDING_COUNT] = retry[0];
    words[word + PENDING_COUNT + 1] = retry[1];
  } else if (!options.justId) {
    pendingCountUp(cursor);
  }
  pendingAssign(arena, cursor, consumer);
  putNumber(groupWords(arena, consumer), consumerActiveWord(consumer), ctx.nowMs);
  ctx.dirty++;
}

function xautoclaim(ctx: Ctx): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const rec = lookupRead(ctx, 1);
  if (!parseMinIdle(ctx, ERR_AUTO_MIN_IDLE) || !argStart(ctx, 5, start)) return;
  const count = parseAutoClaim(ctx);
  if (count === 0) return;
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STREAM)) return;
  const root = rec === 0 ? 0 : recordA(arena, rec);
  const group = rec === 0 ? 0 : argGroup(ctx, root, 2);
  if (group === 0) return replyNoGroup(ctx);
  if (count > COUNT_MEMORY_MAX) return out.error(ERR_MEMORY);
  const consumer = argConsumer(ctx, group, 3, 1);
  out.array(3);
  const mark = out.deferredStart();
  const claimed = claimFrom(ctx, root, group, consumer, count);
  out.deferredArray(mark, claimed);
  const from = out.deferredStart();
  replyId(ctx, start, 0);
  out.moveToFront(mark, from);
  out.array(ids.count);
  for (let i = 0; i < ids.count; i++) replyId(ctx, ids.words, ids.at(i));
  ctx.propagator.nothing();
}

/** Reads the options from argument 6 on. Returns the count, or 0 after the error reply. */
function parseAutoClaim(ctx: Ctx): number {
  let count = COUNT_DEFAULT;
  options.retryGiven = false;
  options.justId = false;
  for (let i = 6; i < ctx.argc; i++) {
    if (i + 1 < ctx.argc && argIs(ctx, i, COUNT)) {
      count = argNumber(ctx, ++i, 1, COUNT_MAX);
      if (Number.isNaN(count)) {
        ctx.out.error(ERR_COUNT);
        return 0;
      }
    } else if (argIs(ctx, i, JUSTID)) {
      options.justId = true;
    } else {
      ctx.out.error(ERR_SYNTAX);
      return 0;
    }
  }
  return count;
}

/**
 * Claims up to `count` pending ids from `start` on; those whose entries are gone count as well and are collected in
 * `ids`. Leaves the id to go on from in `start`, 0-0 at the end. Returns how many were claimed.
 */
function claimFrom(
  ctx: Ctx,
  root: number,
  group: number,
  consumer: number,
  count: number,
): number {
  const { arena } = ctx.keyspace;
  const pending = pendingOf(arena, group);
  let claimed = 0;
  let attempts = count * ATTEMPTS;
  ids.count = 0;
  let more = indexSeek(arena, pending, start, 0, cursor);
  for (; more && attempts > 0 && claimed + ids.count < count; attempts--) {
    idCopy(cursor.words, cursor.word, id, 0);
    if (!streamHas(ctx.keyspace, root, id, 0)) {
      passClaim(ctx, 1, 2, group, id, 0);
      pendingDelete(arena, group, id, 0);
      ctx.dirty++;
      const at = ids.add();
      idCopy(id, 0, ids.words, at);
      more = indexSeek(arena, pending, id, 0, cursor);
      continue;
    }
    if (!isTooFresh(ctx)) {
      take(ctx, consumer, ctx.nowMs);
      passClaim(ctx, 1, 2, group, id, 0);
      if (options.justId) replyId(ctx, id, 0);
      else replyOne(ctx, root, id, 0);
      claimed++;
    }
    more = indexNext(arena, cursor);
  }
  if (more) idCopy(cursor.words, cursor.word, start, 0);
  else idCopy(ID_MIN, 0, start, 0);
  return claimed;
}

export const CLAIM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XCLAIM",
    group: "stream",
    since: "5.0.0",
    arity: -6,
    flags: WRITE | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RW update")],
    args: [
      KEY,
      GROUP,
      CONSUMER,
      { name: "min-idle-time", type: "string" },
      IDS,
      { name: "ms", type: "integer", token: "IDLE", optional: true },
      { name: "unix-time-milliseconds", type: "unix-time", token: "TIME", optional: true },
      { name: "count", type: "integer", token: "RETRYCOUNT", optional: true },
      { name: "force", type: "pure-token", token: "FORCE", optional: true },
      { name: "justid", type: "pure-token", token: "JUSTID", optional: true },
      { name: "lastid", type: "string", token: "LASTID", optional: true },
    ],
    summary: "Makes entries that have been pending for long pend for another consumer.",
    complexity: "O(log N) for each id with N the number of pending entries",
    tips: ["nondeterministic_output"],
    reply: ["array"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XGROUP CREATE log team 0", "+OK"],
      ["XREADGROUP GROUP team ann STREAMS log >", "/^\\*1 /"],
      ["XCLAIM log team bob 0 1-1", "*1 *2 $3 1-1 *2 $1 a $1 b"],
      ["XCLAIM log team bob 60000 1-1", "*0"],
    ],
    run: xclaim,
  },
  {
    name: "XAUTOCLAIM",
    group: "stream",
    since: "6.2.0",
    arity: -6,
    flags: WRITE | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RW delete")],
    args: [
      KEY,
      GROUP,
      CONSUMER,
      { name: "min-idle-time", type: "string" },
      { name: "start", type: "string" },
      { name: "count", type: "integer", token: "COUNT", optional: true },
      { name: "justid", type: "pure-token", token: "JUSTID", optional: true },
    ],
    summary: "Looks for entries that have been pending for long and claims them for a consumer.",
    complexity: "O(1) while COUNT is small",
    tips: ["nondeterministic_output"],
    history: [["7.0.0", "The reply ends with the ids of entries that are gone."]],
    reply: ["array"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XGROUP CREATE log team 0", "+OK"],
      ["XREADGROUP GROUP team ann STREAMS log >", "/^\\*1 /"],
      ["XAUTOCLAIM log team bob 0 0 JUSTID", "*3 $3 0-0 *1 $3 1-1 *0"],
    ],
    run: xautoclaim,
  },
];
