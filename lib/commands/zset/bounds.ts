// bounds.ts: the two ends of a range by score or by name, from arguments to ranks.
//
//   by score   1.5  -inf     the score itself belongs to the range; with "(" in front it does not
//   by name    [abc  (abc    likewise; "-" is below all names, "+" above

import { LEFT_BRACKET, LEFT_PAREN, MINUS, NUL, PLUS } from "../../bytes/ascii.ts";
import { doubleParseBound } from "../../bytes/double.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { type NameBound, range, zsetNameRange, zsetRankOfScore } from "../../engine/zset_range.ts";
import { argInt64 } from "../args.ts";
import type { Ctx } from "../context.ts";

export const ERR_SCORE_BOUND = line("-ERR min or max is not a float");
export const ERR_NAME_BOUND = line("-ERR min or max not valid string range item");

/** What readScoreBounds read. */
const scores = { min: 0.5, max: 0.5, isMinExclusive: false, isMaxExclusive: false };

const nothing = new Uint8Array(0);
const nameMin: NameBound = { beyond: 0, isExclusive: false, buf: nothing, off: 0, len: 0 };
const nameMax: NameBound = { beyond: 0, isExclusive: false, buf: nothing, off: 0, len: 0 };

const pair = new Int32Array(2);

/** The signed 64-bit argument as a double (exact to 2^53), or NaN; no reply is written. */
export function argLong(ctx: Ctx, arg: number): number {
  return argInt64(ctx, arg, pair) ? int64ToNumber(pair[0], pair[1]) : NaN;
}

/** Reads bounds by score; false, without a reply, when one is none. */
export function readScoreBounds(ctx: Ctx, minArg: number, maxArg: number): boolean {
  scores.isMinExclusive = isExclusive(ctx, minArg);
  scores.isMaxExclusive = isExclusive(ctx, maxArg);
  scores.min = scoreBound(ctx, minArg, scores.isMinExclusive);
  scores.max = scoreBound(ctx, maxArg, scores.isMaxExclusive);
  return !Number.isNaN(scores.min) && !Number.isNaN(scores.max);
}

function isExclusive({ argBuf, off, len }: Ctx, arg: number): boolean {
  return len[arg] > 0 && argBuf[off[arg]] === LEFT_PAREN;
}

function scoreBound({ argBuf, off, len }: Ctx, arg: number, exclusive: boolean): number {
  const skip = exclusive ? 1 : 0;
  return doubleParseBound(argBuf, off[arg] + skip, len[arg] - skip);
}

/** Puts the ranks of the members between the bounds that were read into `range`. */
export function findByScore(ctx: Ctx, rec: number): void {
  const { keyspace } = ctx;
  range.low = zsetRankOfScore(keyspace, rec, scores.min, scores.isMinExclusive);
  const high = zsetRankOfScore(keyspace, rec, scores.max, !scores.isMaxExclusive);
  range.high = high < range.low ? range.low : high;
}

/** Reads bounds by name; false, without a reply, when one is none. */
export function readNameBounds(ctx: Ctx, minArg: number, maxArg: number): boolean {
  return readNameBound(ctx, minArg, nameMin) && readNameBound(ctx, maxArg, nameMax);
}

function readNameBound(ctx: Ctx, arg: number, bound: NameBound): boolean {
  const { argBuf } = ctx;
  const off = ctx.off[arg];
  const len = ctx.len[arg];
  if (len === 0) return false;
  const sign = argBuf[off];
  bound.beyond = 0;
  bound.isExclusive = true;
  if (sign === MINUS || sign === PLUS) {
    bound.beyond = sign === MINUS ? -1 : 1;
    return len === 1 || argBuf[off + 1] === NUL;
  }
  if (sign !== LEFT_PAREN && sign !== LEFT_BRACKET) return false;
  bound.isExclusive = sign === LEFT_PAREN;
  bound.buf = argBuf;
  bound.off = off + 1;
  bound.len = len - 1;
  return true;
}

/** As findByScore, by name; with `isDown` the range is seen from its upper end. */
export function findByName(ctx: Ctx, rec: number, isDown: boolean): void {
  zsetNameRange(ctx.keyspace, rec, nameMin, nameMax, isDown);
}
