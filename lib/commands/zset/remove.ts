// remove.ts: members that go: ZREM, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX.

import { TYPE_ZSET } from "../../engine/record.ts";
import { zsetCount, zsetRemove } from "../../engine/zset.ts";
import { range, zsetRemoveRun } from "../../engine/zset_range.ts";
import { ERR_NOT_INTEGER } from "../args.ts";
import type { Ctx } from "../context.ts";
import { deleteEmptied, keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_ZSET } from "../notify.ts";
import { type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import { KEY, MAX, MIN, START, STOP } from "./arguments.ts";
import {
  argLong,
  ERR_NAME_BOUND,
  ERR_SCORE_BOUND,
  findByName,
  findByScore,
  readNameBounds,
  readScoreBounds,
} from "./bounds.ts";
import { findByRank } from "./range_reply.ts";

function zrem(ctx: Ctx): void {
  const { keyspace, argBuf, off, len } = ctx;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  const count = zsetCount(keyspace, rec);
  let removed = 0;
  for (let arg = 2; arg < ctx.argc && removed < count; arg++) {
    if (zsetRemove(keyspace, rec, argBuf, off[arg], len[arg])) removed++;
  }
  membersRemoved(ctx, rec, removed, count, "zrem");
}

function zremrangebyrank(ctx: Ctx): void {
  const start = argLong(ctx, 2);
  const stop = argLong(ctx, 3);
  if (Number.isNaN(start) || Number.isNaN(stop)) return ctx.out.error(ERR_NOT_INTEGER);
  const rec = recordToChange(ctx);
  if (rec === 0) return;
  findByRank(ctx, rec, start, stop);
  removeRange(ctx, rec, "zremrangebyrank");
}

function zremrangebyscore(ctx: Ctx): void {
  if (!readScoreBounds(ctx, 2, 3)) return ctx.out.error(ERR_SCORE_BOUND);
  const rec = recordToChange(ctx);
  if (rec === 0) return;
  findByScore(ctx, rec);
  removeRange(ctx, rec, "zremrangebyscore");
}

function zremrangebylex(ctx: Ctx): void {
  if (!readNameBounds(ctx, 2, 3)) return ctx.out.error(ERR_NAME_BOUND);
  const rec = recordToChange(ctx);
  if (rec === 0) return;
  findByName(ctx, rec, false);
  removeRange(ctx, rec, "zremrangebylex");
}

/** The sorted set of argument 1, or 0 after a reply. */
function recordToChange(ctx: Ctx): number {
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) ctx.out.integer(0);
  else if (requireType(ctx, rec, TYPE_ZSET)) return rec;
  return 0;
}

/** Removes the members in `range`. */
function removeRange(ctx: Ctx, rec: number, event: string): void {
  const count = zsetCount(ctx.keyspace, rec);
  const removed = range.high - range.low;
  zsetRemoveRun(ctx.keyspace, rec, range.low, removed);
  membersRemoved(ctx, rec, removed, count, event);
}

/** Marks, publishes and replies that `removed` of `count` members went. */
function membersRemoved(
  ctx: Ctx,
  rec: number,
  removed: number,
  count: number,
  event: string,
): void {
  if (removed > 0) {
    keyChanged(ctx, 1, removed);
    notify(ctx, NOTIFY_ZSET, event, 1);
    if (removed === count) deleteEmptied(ctx, 1, rec);
  }
  ctx.out.integer(removed);
}

export const REMOVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZREM",
    group: "sorted_set",
    since: "1.2.0",
    arity: -3,
    flags: WRITE | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, { name: "member", type: "string", multiple: true }],
    summary: "Removes members from a sorted set; the last one takes the key along.",
    complexity: "O(M*log(N)) with N the size of the sorted set and M the members that go",
    history: [["2.4.0", "Several members."]],
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZREM z a x", ":1"], ["ZREM z b c", ":2"], [
      "EXISTS z",
      ":0",
    ]],
    run: zrem,
  },
  {
    name: "ZREMRANGEBYRANK",
    group: "sorted_set",
    since: "2.0.0",
    arity: 4,
    flags: WRITE,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, START, STOP],
    summary: "Removes the members between two ranks.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members that go",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZREMRANGEBYRANK z 0 -2", ":2"], [
      "ZRANGE z 0 -1",
      "*1 $1 c",
    ]],
    run: zremrangebyrank,
  },
  {
    name: "ZREMRANGEBYSCORE",
    group: "sorted_set",
    since: "1.2.0",
    arity: 4,
    flags: WRITE,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, { name: "min", type: "double" }, { name: "max", type: "double" }],
    summary: "Removes the members with scores in a range.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members that go",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZREMRANGEBYSCORE z (1 +inf", ":2"], [
      "ZRANGE z 0 -1",
      "*1 $1 a",
    ]],
    run: zremrangebyscore,
  },
  {
    name: "ZREMRANGEBYLEX",
    group: "sorted_set",
    since: "2.8.9",
    arity: 4,
    flags: WRITE,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, MIN, MAX],
    summary: "Removes the members between two names where all scores are equal.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members that go",
    reply: ["integer"],
    examples: [["ZADD z 0 a 0 b 0 c", ":3"], ["ZREMRANGEBYLEX z - (c", ":2"], [
      "ZRANGE z 0 -1",
      "*1 $1 c",
    ]],
    run: zremrangebylex,
  },
];
