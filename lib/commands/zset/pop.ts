// pop.ts: the first or last members, taken out: ZPOPMIN, ZPOPMAX, ZMPOP and, waiting for them, BZPOPMIN, BZPOPMAX, BZMPOP.
//
//   reply of           one member, no count     with a count
//   ZPOPMIN  RESP2     [m, s]                   [m, s, m, s]
//            RESP3     [m, s]                   [[m, s], [m, s]]
//   BZPOPMIN           [key, m, s]
//   ZMPOP, BZMPOP      [key, [[m, s], [m, s]]]
//
// Replicas and files get to know the key and the count: ZPOPMIN or ZPOPMAX.

import { line } from "../../codec/reply_writer.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import { zsetCount } from "../../engine/zset.ts";
import { zsetRemoveRun } from "../../engine/zset_range.ts";
import { argIs, argTimeout, ERR_NOT_POSITIVE, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { deleteEmptied, keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_ZSET } from "../notify.ts";
import { propagating } from "../propagate.ts";
import {
  BLOCKING,
  type CommandSpec,
  countedKeys,
  FAST,
  keyRange,
  MOVABLE_KEYS,
  oneKey,
  WRITE,
} from "../spec.ts";
import { KEY, KEYS, NUMKEYS, WHERE } from "./arguments.ts";
import { argLong } from "./bounds.ts";
import { cursor } from "./range_reply.ts";

const ERR_NUMKEYS = line("-ERR numkeys should be greater than 0");
const ERR_COUNT = line("-ERR count should be greater than 0");
const WORD_MIN = word("min");
const WORD_MAX = word("max");
const WORD_COUNT = word("count");

/** No count was given: a single member, not in a list. */
const PLAIN = -1;

function zpopmin(ctx: Ctx): void {
  popOne(ctx, false);
}

function zpopmax(ctx: Ctx): void {
  popOne(ctx, true);
}

function popOne(ctx: Ctx, isMax: boolean): void {
  const { out } = ctx;
  if (ctx.argc > 3) return out.error(ERR_SYNTAX);
  let count = PLAIN;
  if (ctx.argc === 3) {
    count = argLong(ctx, 2);
    if (!(count >= 0)) return out.error(ERR_NOT_POSITIVE);
  }
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.array(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  if (count === 0) return out.array(0);
  const taken = Math.min(Math.abs(count), zsetCount(ctx.keyspace, rec));
  const isNested = out.proto === 3 && count !== PLAIN;
  out.array(isNested ? taken : taken * 2);
  take(ctx, 1, rec, taken, isMax, isNested);
}

function bzpopmin(ctx: Ctx): void {
  popWaiting(ctx, false);
}

function bzpopmax(ctx: Ctx): void {
  popWaiting(ctx, true);
}

function popWaiting(ctx: Ctx, isMax: boolean): void {
  const keys = ctx.argc - 2;
  const untilMs = argTimeout(ctx, ctx.argc - 1, false);
  if (Number.isNaN(untilMs)) return;
  const arg = firstPresent(ctx, 1, keys);
  if (arg < 0) return;
  if (arg === 0) return wait(ctx, 1, keys, untilMs);
  ctx.out.array(3);
  ctx.out.bulk(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  take(ctx, arg, present, 1, isMax, false);
  propagating(ctx)?.instead([isMax ? "ZPOPMAX" : "ZPOPMIN", arg]);
}

function zmpop(ctx: Ctx): void {
  if (!readMulti(ctx, 1)) return;
  const arg = firstPresent(ctx, 2, multi.keys);
  if (arg === 0) ctx.out.nullArray();
  else if (arg > 0) takeMulti(ctx, arg);
}

function bzmpop(ctx: Ctx): void {
  if (!readMulti(ctx, 2)) return;
  const untilMs = argTimeout(ctx, 1, false);
  if (Number.isNaN(untilMs)) return;
  const arg = firstPresent(ctx, 3, multi.keys);
  if (arg === 0) wait(ctx, 3, multi.keys, untilMs);
  else if (arg > 0) takeMulti(ctx, arg);
}

/** What readMulti read. */
const multi = { keys: 0, isMax: false, count: 1 };

/** Reads "numkeys key ... MIN|MAX [COUNT count]" from argument `arg` on; false after an error reply. */
function readMulti(ctx: Ctx, arg: number): boolean {
  const error = multiError(ctx, arg);
  if (error !== null) ctx.out.error(error);
  return error === null;
}

function multiError(ctx: Ctx, arg: number): Uint8Array | null {
  const keys = argLong(ctx, arg);
  if (!(keys > 0)) return ERR_NUMKEYS;
  const where = arg + keys + 1;
  if (where >= ctx.argc) return ERR_SYNTAX;
  multi.keys = keys;
  multi.isMax = argIs(ctx, where, WORD_MAX);
  if (!multi.isMax && !argIs(ctx, where, WORD_MIN)) return ERR_SYNTAX;
  let count = PLAIN;
  for (let i = where + 1; i < ctx.argc; i += 2) {
    if (count !== PLAIN || i + 1 >= ctx.argc || !argIs(ctx, i, WORD_COUNT)) return ERR_SYNTAX;
    count = argLong(ctx, i + 1);
    if (!(count > 0)) return ERR_COUNT;
  }
  multi.count = count === PLAIN ? 1 : count;
  return null;
}

/** The record firstPresent found. */
let present = 0;

/** The first of `count` key arguments from `first` on whose key exists: 0 when none does, -1 after WRONGTYPE was replied. */
function firstPresent(ctx: Ctx, first: number, count: number): number {
  for (let arg = first; arg < first + count; arg++) {
    present = lookupWrite(ctx, arg);
    if (present === 0) continue;
    return requireType(ctx, present, TYPE_ZSET) ? arg : -1;
  }
  return 0;
}

function wait(ctx: Ctx, first: number, count: number, untilMs: number): void {
  if (ctx.client.mayBlock) ctx.client.block("zset", first, count, untilMs);
  else ctx.out.nullArray();
}

function takeMulti(ctx: Ctx, arg: number): void {
  const { out } = ctx;
  const taken = Math.min(multi.count, zsetCount(ctx.keyspace, present));
  out.array(2);
  out.bulk(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  out.array(taken);
  take(ctx, arg, present, taken, multi.isMax, true);
  propagating(ctx)?.instead([multi.isMax ? "ZPOPMAX" : "ZPOPMIN", arg, String(taken)]);
}

/** Replies `taken` members from an end of the sorted set of key argument `arg`, pairs of their own or not, and removes them. */
function take(
  ctx: Ctx,
  arg: number,
  rec: number,
  taken: number,
  isMax: boolean,
  isNested: boolean,
): void {
  const { out, keyspace } = ctx;
  const count = zsetCount(keyspace, rec);
  cursor.start(keyspace, rec, isMax ? count - 1 : 0, isMax);
  for (let i = 0; i < taken && cursor.next(); i++) {
    if (isNested) out.array(2);
    out.bulk(cursor.buf, cursor.off, cursor.len);
    out.double(cursor.score);
  }
  zsetRemoveRun(keyspace, rec, isMax ? count - taken : 0, taken);
  keyChanged(ctx, arg, taken);
  notify(ctx, NOTIFY_ZSET, isMax ? "zpopmax" : "zpopmin", arg);
  if (taken === count) deleteEmptied(ctx, arg, rec);
}

export const POP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZPOPMIN",
    group: "sorted_set",
    since: "5.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW access delete")],
    args: [KEY, { name: "count", type: "integer", optional: true }],
    summary: "Takes the members with the lowest scores out.",
    complexity: "O(log(N)*M) with N the size of the sorted set and M the members taken",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZPOPMIN z", "*2 $1 a $1 1"], [
      "ZPOPMIN z 5",
      "*4 $1 b $1 2 $1 c $1 3",
    ]],
    run: zpopmin,
  },
  {
    name: "ZPOPMAX",
    group: "sorted_set",
    since: "5.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW access delete")],
    args: [KEY, { name: "count", type: "integer", optional: true }],
    summary: "Takes the members with the highest scores out.",
    complexity: "O(log(N)*M) with N the size of the sorted set and M the members taken",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZPOPMAX z", "*2 $1 c $1 3"]],
    run: zpopmax,
  },
  {
    name: "ZMPOP",
    group: "sorted_set",
    since: "7.0.0",
    arity: -4,
    flags: WRITE | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(1, "RW access delete")],
    args: [NUMKEYS, KEYS, WHERE, {
      name: "count",
      type: "integer",
      token: "COUNT",
      optional: true,
    }],
    summary: "Takes members out of the first of several sorted sets that exists.",
    complexity:
      "O(K) + O(M*log(N)) with K keys, N the size of the sorted set and M the members taken",
    reply: ["array", "null"],
    examples: [["ZMPOP 1 z MIN", "*-1"], ["ZADD z 1 a 2 b 3 c", ":3"], [
      "ZMPOP 2 nothing z MAX COUNT 2",
      "*2 $1 z *2 *2 $1 c $1 3 *2 $1 b $1 2",
    ]],
    run: zmpop,
  },
  {
    name: "BZPOPMIN",
    group: "sorted_set",
    since: "5.0.0",
    arity: -3,
    flags: WRITE | BLOCKING | FAST,
    acl: ["@sortedset"],
    keys: [keyRange(1, -2, 1, "RW access delete")],
    args: [KEYS, { name: "timeout", type: "double" }],
    summary:
      "Takes the member with the lowest score out of the first of several keys that exists, or waits for one.",
    complexity: "O(log(N)) with N the size of the sorted set",
    history: [["6.0.0", "The timeout may have a fraction."]],
    reply: ["array", "null", "none"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["BZPOPMIN z 1", "*3 $1 z $1 a $1 1"]],
    run: bzpopmin,
  },
  {
    name: "BZPOPMAX",
    group: "sorted_set",
    since: "5.0.0",
    arity: -3,
    flags: WRITE | BLOCKING | FAST,
    acl: ["@sortedset"],
    keys: [keyRange(1, -2, 1, "RW access delete")],
    args: [KEYS, { name: "timeout", type: "double" }],
    summary:
      "Takes the member with the highest score out of the first of several keys that exists, or waits for one.",
    complexity: "O(log(N)) with N the size of the sorted set",
    history: [["6.0.0", "The timeout may have a fraction."]],
    reply: ["array", "null", "none"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["BZPOPMAX z 1", "*3 $1 z $1 c $1 3"]],
    run: bzpopmax,
  },
  {
    name: "BZMPOP",
    group: "sorted_set",
    since: "7.0.0",
    arity: -5,
    flags: WRITE | BLOCKING | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(2, "RW access delete")],
    args: [{ name: "timeout", type: "double" }, NUMKEYS, KEYS, WHERE, {
      name: "count",
      type: "integer",
      token: "COUNT",
      optional: true,
    }],
    summary: "Takes members out of the first of several sorted sets that exists, or waits for one.",
    complexity:
      "O(K) + O(M*log(N)) with K keys, N the size of the sorted set and M the members taken",
    reply: ["array", "null", "none"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["BZMPOP 1 1 z MIN", "*2 $1 z *1 *2 $1 a $1 1"]],
    run: bzmpop,
  },
];
