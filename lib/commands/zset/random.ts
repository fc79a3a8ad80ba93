// random.ts: ZRANDMEMBER: members picked at random, all with the same chance: a random rank is as good as a random member.
//
// A positive count picks different members: when it is a good part of the set by one walk that takes each with the chance
// that is left, else by drawing ranks until there are enough different ones.

import { line } from "../../codec/reply_writer.ts";
import { ENCODING_LISTPACK, recordEncoding, TYPE_ZSET } from "../../engine/record.ts";
import { randomBelow } from "../../engine/set_walk.ts";
import { zsetCount } from "../../engine/zset.ts";
import { REPEATED_REPLY_BYTES_MAX } from "../../limits.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { KEY, WITHSCORES } from "./arguments.ts";
import { argLong } from "./bounds.ts";
import { cursor, replyMember, replyMembers, replyMembersHeader } from "./range_reply.ts";

const ERR_LONG_MIN = line(
  "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const ERR_RANGE = line("-ERR value is out of range");
const WORD_WITHSCORES = word("withscores");
const LONG_MIN = [0, -2147483648];
/** The most that may be asked for with scores: half of the largest 64-bit integer. */
const COUNT_WITH_SCORES_MAX = 2 ** 62;
/** Up to how many times the count the set may have for the walk. */
const WALK_SHARE = 3;

const pair = new Int32Array(2);

function zrandmember(ctx: Ctx): void {
  const { out } = ctx;
  if (ctx.argc < 3) return randomMember(ctx);
  if (!argInt64(ctx, 2, pair)) return out.error(ERR_NOT_INTEGER);
  if (pair[0] === LONG_MIN[0] && pair[1] === LONG_MIN[1]) return out.error(ERR_LONG_MIN);
  const count = argLong(ctx, 2);
  const withScores = ctx.argc > 3;
  if (ctx.argc > 4 || (withScores && !argIs(ctx, 3, WORD_WITHSCORES))) return out.error(ERR_SYNTAX);
  if (withScores && Math.abs(count) > COUNT_WITH_SCORES_MAX) return out.error(ERR_RANGE);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return out.array(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  if (count < 0 || count === 1) replyRepeating(ctx, rec, Math.abs(count), withScores);
  else replyDifferent(ctx, rec, count, withScores);
}

function randomMember(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  replyRank(ctx, rec, randomBelow(ctx.keyspace.next32, zsetCount(ctx.keyspace, rec)), false);
}

function replyRank(ctx: Ctx, rec: number, rank: number, withScores: boolean): void {
  cursor.start(ctx.keyspace, rec, rank, false);
  cursor.next();
  replyMember(ctx, cursor.buf, cursor.off, cursor.len, cursor.score, withScores);
}

function replyRepeating(ctx: Ctx, rec: number, count: number, withScores: boolean): void {
  const size = zsetCount(ctx.keyspace, rec);
  replyMembersHeader(ctx, count, withScores);
  for (let i = 0; i < count; i++) {
    if (!ctx.client.mayReply(REPEATED_REPLY_BYTES_MAX)) return;
    replyRank(ctx, rec, randomBelow(ctx.keyspace.next32, size), withScores);
  }
}

function replyDifferent(ctx: Ctx, rec: number, count: number, withScores: boolean): void {
  const { keyspace } = ctx;
  const size = zsetCount(keyspace, rec);
  if (count >= size) return replyMembers(ctx, rec, size - 1, size, true, withScores);
  replyMembersHeader(ctx, count, withScores);
  const isListpack = recordEncoding(keyspace.arena, rec) === ENCODING_LISTPACK;
  if (!isListpack && count * WALK_SHARE <= size) return replyDrawn(ctx, rec, count, withScores);
  cursor.start(keyspace, rec, 0, false);
  let needed = count;
  for (let left = size; needed > 0 && cursor.next(); left--) {
    if (randomBelow(keyspace.next32, left) >= needed) continue;
    replyMember(ctx, cursor.buf, cursor.off, cursor.len, cursor.score, withScores);
    needed--;
  }
}

function replyDrawn(ctx: Ctx, rec: number, count: number, withScores: boolean): void {
  const size = zsetCount(ctx.keyspace, rec);
  const drawn = new Set<number>();
  while (drawn.size < count) {
    const rank = randomBelow(ctx.keyspace.next32, size);
    if (drawn.has(rank)) continue;
    drawn.add(rank);
    replyRank(ctx, rec, rank, withScores);
  }
}

export const RANDOM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZRANDMEMBER",
    group: "sorted_set",
    since: "6.2.0",
    arity: -2,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, {
      name: "options",
      type: "block",
      optional: true,
      args: [{ name: "count", type: "integer" }, WITHSCORES],
    }],
    summary:
      "Picks members at random, each at most once or, with a negative count, again and again.",
    complexity: "O(N) with N the number of members picked",
    tips: ["nondeterministic_output"],
    reply: ["bulk", "array", "null"],
    examples: [["ZADD z 1 a", ":1"], ["ZRANDMEMBER z", "$1 a"], [
      "ZRANDMEMBER z -2",
      "*2 $1 a $1 a",
    ], ["ZRANDMEMBER z 5 WITHSCORES", "*2 $1 a $1 1"]],
    run: zrandmember,
  },
];
