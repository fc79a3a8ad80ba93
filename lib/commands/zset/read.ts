// read.ts: questions about single members and numbers: ZSCORE, ZMSCORE, ZCARD, ZRANK, ZREVRANK, ZCOUNT, ZLEXCOUNT.

import { line } from "../../codec/reply_writer.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import { found, zsetCount, zsetRank, zsetScore } from "../../engine/zset.ts";
import { range } from "../../engine/zset_range.ts";
import { argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, FAST, oneKey, READONLY } from "../spec.ts";
import { KEY, MAX, MEMBER, MIN } from "./arguments.ts";
import {
  ERR_NAME_BOUND,
  ERR_SCORE_BOUND,
  findByName,
  findByScore,
  readNameBounds,
  readScoreBounds,
} from "./bounds.ts";

const WITHSCORE = word("withscore");
const ERR_ZRANK_ARITY = line("-ERR wrong number of arguments for 'zrank' command");
const ERR_ZREVRANK_ARITY = line("-ERR wrong number of arguments for 'zrevrank' command");

function zcard(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  ctx.out.integer(zsetCount(ctx.keyspace, rec));
}

function zscore(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  replyScore(ctx, rec, 2);
}

function zmscore(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  ctx.out.array(ctx.argc - 2);
  for (let arg = 2; arg < ctx.argc; arg++) {
    if (rec === 0) ctx.out.nullBulk();
    else replyScore(ctx, rec, arg);
  }
}

/** Replies the score of the member in argument `arg`, or null. */
function replyScore(ctx: Ctx, rec: number, arg: number): void {
  const score = zsetScore(ctx.keyspace, rec, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  if (Number.isNaN(score)) ctx.out.nullBulk();
  else ctx.out.double(score);
}

function zrank(ctx: Ctx): void {
  replyRank(ctx, false);
}

function zrevrank(ctx: Ctx): void {
  replyRank(ctx, true);
}

function replyRank(ctx: Ctx, isReverse: boolean): void {
  const { out, keyspace } = ctx;
  if (ctx.argc > 4) return out.error(isReverse ? ERR_ZREVRANK_ARITY : ERR_ZRANK_ARITY);
  const withScore = ctx.argc === 4;
  if (withScore && !argIs(ctx, 3, WITHSCORE)) return out.error(ERR_SYNTAX);
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  const rank = rec === 0 ? -1 : zsetRank(keyspace, rec, ctx.argBuf, ctx.off[2], ctx.len[2]);
  if (rank < 0) return withScore ? out.nullArray() : out.nullBulk();
  if (withScore) out.array(2);
  out.integer(isReverse ? zsetCount(keyspace, rec) - 1 - rank : rank);
  if (withScore) out.double(found.score);
}

function zcount(ctx: Ctx): void {
  if (!readScoreBounds(ctx, 2, 3)) return ctx.out.error(ERR_SCORE_BOUND);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  findByScore(ctx, rec);
  ctx.out.integer(range.high - range.low);
}

function zlexcount(ctx: Ctx): void {
  if (!readNameBounds(ctx, 2, 3)) return ctx.out.error(ERR_NAME_BOUND);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  findByName(ctx, rec, false);
  ctx.out.integer(range.high - range.low);
}

export const READ_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZCARD",
    group: "sorted_set",
    since: "1.2.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO")],
    args: [KEY],
    summary: "Tells how many members a sorted set has.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZCARD z", ":3"], ["ZCARD nothing", ":0"]],
    run: zcard,
  },
  {
    name: "ZSCORE",
    group: "sorted_set",
    since: "1.2.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBER],
    summary: "Tells the score of a member.",
    complexity: "O(1)",
    reply: ["double", "null"],
    examples: [["ZADD z 1.5 a", ":1"], ["ZSCORE z a", "$3 1.5"], ["ZSCORE z b", "$-1"]],
    run: zscore,
  },
  {
    name: "ZMSCORE",
    group: "sorted_set",
    since: "6.2.0",
    arity: -3,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, { name: "member", type: "string", multiple: true }],
    summary: "Tells the scores of several members, null where one is absent.",
    complexity: "O(N) with N the number of members asked for",
    reply: ["array"],
    examples: [["ZADD z 1 a", ":1"], ["ZMSCORE z a b", "*2 $1 1 $-1"]],
    run: zmscore,
  },
  {
    name: "ZRANK",
    group: "sorted_set",
    since: "2.0.0",
    arity: -3,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBER, {
      name: "withscore",
      type: "pure-token",
      token: "WITHSCORE",
      optional: true,
    }],
    summary: "Tells how many members are in front of one, counted from the lowest score.",
    complexity: "O(log(N)) with N the size of the sorted set",
    history: [["7.2.0", "The option WITHSCORE."]],
    reply: ["integer", "array", "null"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZRANK z b", ":1"], [
      "ZRANK z c WITHSCORE",
      "*2 :2 $1 3",
    ], ["ZRANK z d", "$-1"]],
    run: zrank,
  },
  {
    name: "ZREVRANK",
    group: "sorted_set",
    since: "2.0.0",
    arity: -3,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBER, {
      name: "withscore",
      type: "pure-token",
      token: "WITHSCORE",
      optional: true,
    }],
    summary: "Tells how many members are behind one: its place from the highest score.",
    complexity: "O(log(N)) with N the size of the sorted set",
    history: [["7.2.0", "The option WITHSCORE."]],
    reply: ["integer", "array", "null"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZREVRANK z a", ":2"], ["ZREVRANK z d", "$-1"]],
    run: zrevrank,
  },
  {
    name: "ZCOUNT",
    group: "sorted_set",
    since: "2.0.0",
    arity: 4,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, { name: "min", type: "double" }, { name: "max", type: "double" }],
    summary: "Counts the members with scores in a range.",
    complexity: "O(log(N)) with N the size of the sorted set",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZCOUNT z -inf +inf", ":3"], ["ZCOUNT z (1 3", ":2"]],
    run: zcount,
  },
  {
    name: "ZLEXCOUNT",
    group: "sorted_set",
    since: "2.8.9",
    arity: 4,
    flags: READONLY | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MIN, MAX],
    summary: "Counts the members between two names where all scores are equal.",
    complexity: "O(log(N)) with N the size of the sorted set",
    reply: ["integer"],
    examples: [["ZADD z 0 a 0 b 0 c", ":3"], ["ZLEXCOUNT z - +", ":3"], [
      "ZLEXCOUNT z [b (c",
      ":1",
    ]],
    run: zlexcount,
  },
];
