// walk.ts: ZSCAN: a sorted set a few members at a time. See key/scan.ts for the walk and the options.
//
// Scores of a table are written with 17 digits, as C's %.17g does; those of a listpack as they are stored.

import { doubleFormat, doubleFormatGeneral } from "../../bytes/double.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import { zsetDict } from "../../engine/zset.ts";
import { SCORE_BYTES, scoreOf } from "../../engine/zset_member.ts";
import type { Ctx } from "../context.ts";
import {
  replyScanNothing,
  scanCursor,
  scanMatches,
  scanMembers,
  scanOptions,
  scanReplyEnd,
  scanReplyStart,
  scanWants,
} from "../key/scan.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { KEY } from "./arguments.ts";
import { cursor } from "./range_reply.ts";

const SCAN_DIGITS = 17;
const scoreText = new Uint8Array(64);

function zscan(ctx: Ctx): void {
  const from = scanCursor(ctx, 2);
  if (from < 0) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return replyScanNothing(ctx);
  if (!requireType(ctx, rec, TYPE_ZSET) || !scanOptions(ctx, 3, TYPE_ZSET)) return;
  const mark = scanReplyStart(ctx);
  const dict = zsetDict(ctx.keyspace, rec);
  if (dict !== 0) {
    scanMembers(ctx, dict, SCORE_BYTES, from, mark, scanWants.namesOnly ? null : replyScore);
    return;
  }
  let replied = 0;
  cursor.start(ctx.keyspace, rec, 0, false);
  while (cursor.next()) {
    if (!scanMatches(ctx, cursor.buf, cursor.off, cursor.len)) continue;
    ctx.out.bulk(cursor.buf, cursor.off, cursor.len);
    replied++;
    if (scanWants.namesOnly) continue;
    ctx.out.bulk(scoreText, 0, doubleFormat(cursor.score, scoreText, 0));
    replied++;
  }
  scanReplyEnd(ctx, mark, 0, replied);
}

function replyScore(ctx: Ctx, member: number): void {
  const score = scoreOf(ctx.keyspace.arena, member);
  ctx.out.bulk(scoreText, 0, doubleFormatGeneral(score, SCAN_DIGITS, scoreText, 0));
}

export const WALK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZSCAN",
    group: "sorted_set",
    since: "2.8.0",
    arity: -3,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      { name: "cursor", type: "integer" },
      { name: "pattern", type: "pattern", token: "MATCH", optional: true },
      { name: "count", type: "integer", token: "COUNT", optional: true },
      { name: "noscores", type: "pure-token", token: "NOSCORES", optional: true },
    ],
    summary:
      "Walks over a sorted set in small steps: answers a cursor for the next call (0: done) and some members with scores.",
    complexity: "O(1) a call, O(N) for a whole walk over N members",
    tips: ["nondeterministic_output"],
    history: [["8.0.0", "The option NOSCORES."]],
    reply: ["array"],
    examples: [["ZADD z 1 one 2 two", ":2"], ["ZSCAN z 0 MATCH t*", "*2 $1 0 *2 $3 two $1 2"], [
      "ZSCAN z 0 NOSCORES",
      "*2 $1 0 *2 $3 one $3 two",
    ]],
    run: zscan,
  },
];
