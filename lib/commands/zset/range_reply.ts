// range_reply.ts: runs of members in replies, and ranges by rank as arguments give them.

import { zsetCount } from "../../engine/zset.ts";
import { range, ZsetCursor } from "../../engine/zset_range.ts";
import type { Ctx } from "../context.ts";

/** The family's cursor, for walks that nothing interrupts. */
export const cursor = new ZsetCursor();

/** Puts the ranks from `start` to `stop` into `range`; negative ones count from the end. */
export function findByRank(ctx: Ctx, rec: number, start: number, stop: number): void {
  const count = zsetCount(ctx.keyspace, rec);
  const first = Math.max(0, start < 0 ? count + start : start);
  const last = Math.min(count - 1, stop < 0 ? count + stop : stop);
  range.low = 0;
  range.high = 0;
  if (first > last) return;
  range.low = first;
  range.high = last + 1;
}

/** Replies the header of `count` members: with scores they are pairs, in RESP2 flat, in RESP3 each an array. */
export function replyMembersHeader(ctx: Ctx, count: number, withScores: boolean): void {
  ctx.out.array(withScores && ctx.out.proto === 2 ? count * 2 : count);
}

/** Replies one member. */
export function replyMember(
  ctx: Ctx,
  buf: Uint8Array,
  off: number,
  len: number,
  score: number,
  withScores: boolean,
): void {
  const { out } = ctx;
  if (withScores && out.proto === 3) out.array(2);
  out.bulk(buf, off, len);
  if (withScores) out.double(score);
}

/** Replies `count` members from a rank on, going up or down; they must exist. */
export function replyMembers(
  ctx: Ctx,
  rec: number,
  rank: number,
  count: number,
  isDown: boolean,
  withScores: boolean,
): void {
  replyMembersHeader(ctx, count, withScores);
  if (count === 0) return;
  cursor.start(ctx.keyspace, rec, rank, isDown);
  for (let i = 0; i < count && cursor.next(); i++) {
    replyMember(ctx, cursor.buf, cursor.off, cursor.len, cursor.score, withScores);
  }
}
