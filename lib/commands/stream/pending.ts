// pending.ts: what consumers have got and not acknowledged: XACK, XPENDING.

import { recordA, TYPE_STREAM } from "../../engine/record.ts";
import {
  CONSUMER_NAME,
  consumerFind,
  getNumber,
  groupConsumers,
  PENDING_CONSUMER,
  PENDING_COUNT,
  PENDING_TIME,
  pendingDelete,
  pendingFind,
  pendingOf,
} from "../../engine/stream_groups.ts";
import { ID_WORDS, idCompare } from "../../engine/stream_id.ts";
import {
  indexCount,
  IndexCursor,
  indexFirst,
  indexLast,
  indexNext,
  indexSeek,
} from "../../engine/stream_index.ts";
import { blockOff, nameBuf, nameLen, namesAt, namesCount } from "../../engine/stream_names.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import {
  argCText,
  argEnd,
  argGroup,
  argIds,
  argStart,
  GROUP,
  IdList,
  IDS,
  KEY,
} from "./arguments.ts";
import { replyId } from "./replies.ts";

const IDLE = word("idle");

const low = new Int32Array(ID_WORDS);
const high = new Int32Array(ID_WORDS);
const pair = new Int32Array(2);
const ids = new IdList();
const cursor = new IndexCursor();
const inGroup = new IndexCursor();

function xack(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  const group = argGroup(ctx, recordA(arena, rec), 2);
  if (group === 0) return ctx.out.integer(0);
  if (!argIds(ctx, 3, ctx.argc, ids)) return;
  let count = 0;
  for (let i = 0; i < ids.count; i++) {
    if (pendingDelete(arena, group, ids.words, ids.at(i))) count++;
  }
  ctx.dirty += count;
  ctx.out.integer(count);
}

/** The name of a consumer as bulk string. */
export function replyConsumer(ctx: Ctx, consumer: number): void {
  const { arena } = ctx.keyspace;
  const off = blockOff(consumer) + CONSUMER_NAME;
  ctx.out.bulk(nameBuf(arena, consumer), off, nameLen(arena, consumer));
}

/** The range that XPENDING lists. */
const range = { minIdle: 0, count: 0, consumerArg: 0 };

function xpending(ctx: Ctx): void {
  const { out, argc } = ctx;
  if (argc !== 3 && (argc < 6 || argc > 9)) return out.error(ERR_SYNTAX);
  if (argc > 3 && !parseRange(ctx)) return;
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STREAM)) return;
  const group = rec === 0 ? 0 : argGroup(ctx, recordA(ctx.keyspace.arena, rec), 2);
  if (group === 0) return replyNoGroup(ctx);
  if (argc === 3) summary(ctx, group);
  else list(ctx, group);
}

/** The error of commands whose key or group is not there. */
export function replyNoGroup(ctx: Ctx): void {
  ctx.out.errorText(
    `NOGROUP No such key '${argCText(ctx, 1)}' or consumer group '${argCText(ctx, 2)}'`,
  );
}

/** Reads "[IDLE ms] start end count [consumer]" from argument 3 on. False after the error reply. */
function parseRange(ctx: Ctx): boolean {
  const { out, argc } = ctx;
  let at = 3;
  range.minIdle = 0;
  if (argIs(ctx, 3, IDLE)) {
    range.minIdle = argInteger(ctx, 4);
    if (Number.isNaN(range.minIdle)) return false;
    if (argc < 8) {
      out.error(ERR_SYNTAX);
      return false;
    }
    at = 5;
  }
  range.count = argInteger(ctx, at + 2);
  if (Number.isNaN(range.count)) return false;
  range.consumerArg = at + 3 < argc ? at + 3 : 0;
  return argStart(ctx, at, low) && argEnd(ctx, at + 1, high);
}

/** An integer argument, the nearest double beyond 2^53; NaN after the error reply. */
function argInteger(ctx: Ctx, index: number): number {
  if (argInt64(ctx, index, pair)) return getNumber(pair, 0);
  ctx.out.error(ERR_NOT_INTEGER);
  return NaN;
}

/** How many are pending, from which to which id, and how many for which consumer. */
function summary(ctx: Ctx, group: number): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const pending = pendingOf(arena, group);
  out.array(4);
  out.integer(indexCount(arena, pending));
  if (!indexFirst(arena, pending, cursor)) {
    out.nullBulk();
    out.nullBulk();
    out.nullArray();
    return;
  }
  replyId(ctx, cursor.words, cursor.word);
  indexLast(arena, pending, cursor);
  replyId(ctx, cursor.words, cursor.word);
  const consumers = groupConsumers(arena, group);
  const mark = out.deferredStart();
  let count = 0;
  for (let i = 0; i < namesCount(arena, consumers); i++) {
    const consumer = namesAt(arena, consumers, i);
    const own = indexCount(arena, pendingOf(arena, consumer));
    if (own === 0) continue;
    out.array(2);
    replyConsumer(ctx, consumer);
    out.bulkInteger(own);
    count++;
  }
  out.deferredArray(mark, count);
}

/** The pending ids of the range, each with its consumer, idle time and number of deliveries. */
function list(ctx: Ctx, group: number): void {
  const { out, nowMs } = ctx;
  const { arena } = ctx.keyspace;
  const { minIdle, count, consumerArg } = range;
  let owner = group;
  if (consumerArg !== 0) {
    owner = consumerFind(arena, group, ctx.argBuf, ctx.off[consumerArg], ctx.len[consumerArg]);
    if (owner === 0) return out.array(0);
  }
  const mark = out.deferredStart();
  let listed = 0;
  let more = listed < count && indexSeek(arena, pendingOf(arena, owner), low, 0, cursor);
  for (; more && listed < count; more = indexNext(arena, cursor)) {
    if (idCompare(cursor.words, cursor.word, high, 0) > 0) break;
    pendingFind(arena, group, cursor.words, cursor.word, inGroup);
    const { words, word } = inGroup;
    const idle = nowMs - getNumber(words, word + PENDING_TIME);
    if (minIdle !== 0 && idle < minIdle) continue;
    out.array(4);
    replyId(ctx, words, word);
    replyConsumer(ctx, words[word + PENDING_CONSUMER]);
    out.integer(Math.max(0, idle));
    out.integer64(words[word + PENDING_COUNT], words[word + PENDING_COUNT + 1]);
    listed++;
  }
  out.deferredArray(mark, listed);
}

export const PENDING_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XACK",
    group: "stream",
    since: "5.0.0",
    arity: -4,
    flags: WRITE | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RW update")],
    args: [KEY, GROUP, IDS],
    summary: "Acknowledges entries: they are pending no more. Tells how many were.",
    complexity: "O(1) for each id",
    reply: ["integer"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XGROUP CREATE log team 0", "+OK"],
      ["XREADGROUP GROUP team ann STREAMS log >", "/^\\*1 /"],
      ["XACK log team 1-1 2-2", ":1"],
    ],
    run: xack,
  },
  {
    name: "XPENDING",
    group: "stream",
    since: "5.0.0",
    arity: -3,
    flags: READONLY,
    acl: ["@stream"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      GROUP,
      {
        name: "filters",
        type: "block",
        optional: true,
        args: [
          {
            name: "min-idle-time",
            type: "integer",
            token: "IDLE",
            optional: true,
            since: "6.2.0",
          },
          { name: "start", type: "string" },
          { name: "end", type: "string" },
          { name: "count", type: "integer" },
          { name: "consumer", type: "string", optional: true },
        ],
      },
    ],
    summary: "Sums up what is pending in a group, or lists it entry by entry.",
    complexity: "O(N) with N the number of entries listed, so O(1) while count keeps that small; " +
      "O(M) to list M entries when IDLE passes over others; " +
      "O(1) to sum up for few consumers, O(N) for N consumers",
    tips: ["nondeterministic_output"],
    history: [["6.2.0", "The option IDLE, and ids with ( in front."]],
    reply: ["array"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XGROUP CREATE log team 0", "+OK"],
      ["XREADGROUP GROUP team ann STREAMS log >", "/^\\*1 /"],
      ["XPENDING log team", "*4 :1 $3 1-1 $3 1-1 *1 *2 $3 ann $1 1"],
    ],
    run: xpending,
  },
];
