// options.ts: the option words of SET, GETEX, MSETEX, HSETEX and HGETEX, and the expiry times they carry.
//
// One table says what every word is called, whether a value follows, and which other words it excludes. A word that is
// repeated is accepted (the last value wins) unless it excludes itself. Every violation is the same syntax error.
//
//   word      value   excludes                          word      value   excludes
//   NX                XX IFEQ                           EX PX     yes     KEEPTTL PERSIST and the other times
//   XX                NX IFEQ                           EXAT PXAT yes     KEEPTTL PERSIST and the other times
//   IFEQ      yes     NX XX IFEQ                        KEEPTTL           PERSIST and all times
//   GET                                                 PERSIST           KEEPTTL and all times
//   FNX               FXX                               FXX               FNX
//
// Results are kept in module state, so that a command with options allocates nothing either.

import {
  int64FromBigInt,
  int64FromNumber,
  int64ToBigInt,
  int64ToNumber,
} from "../../bytes/int64.ts";
import { keyDelete, recordSetExpire } from "../../engine/keyspace.ts";
import { stringStore } from "../../engine/string.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged } from "../lookup.ts";
import { notify, NOTIFY_EXPIRED } from "../notify.ts";
import { propagating } from "../propagate.ts";

export const OPTION_NX = 1 << 0;
export const OPTION_XX = 1 << 1;
export const OPTION_IFEQ = 1 << 2;
export const OPTION_GET = 1 << 3;
export const OPTION_KEEPTTL = 1 << 4;
export const OPTION_PERSIST = 1 << 5;
export const OPTION_EX = 1 << 6;
export const OPTION_PX = 1 << 7;
export const OPTION_EXAT = 1 << 8;
export const OPTION_PXAT = 1 << 9;
export const OPTION_FNX = 1 << 10;
export const OPTION_FXX = 1 << 11;
export const OPTION_TIMES = OPTION_EX | OPTION_PX | OPTION_EXAT | OPTION_PXAT;

interface OptionWord {
  lower: Uint8Array;
  bit: number;
  excludes: number;
  hasValue: boolean;
}

function option(name: string, bit: number, excludes: number, hasValue = false): OptionWord {
  return { lower: word(name), bit, excludes, hasValue };
}

function time(name: string, bit: number): OptionWord {
  return option(name, bit, (OPTION_TIMES & ~bit) | OPTION_KEEPTTL | OPTION_PERSIST, true);
}

const WORDS: readonly OptionWord[] = [
  time("ex", OPTION_EX),
  time("px", OPTION_PX),
  option("nx", OPTION_NX, OPTION_XX | OPTION_IFEQ),
  option("xx", OPTION_XX, OPTION_NX | OPTION_IFEQ),
  option("get", OPTION_GET, 0),
  time("exat", OPTION_EXAT),
  time("pxat", OPTION_PXAT),
  option("keepttl", OPTION_KEEPTTL, OPTION_TIMES | OPTION_PERSIST),
  option("ifeq", OPTION_IFEQ, OPTION_NX | OPTION_XX | OPTION_IFEQ, true),
  option("fnx", OPTION_FNX, OPTION_FXX),
  option("fxx", OPTION_FXX, OPTION_FNX),
  option("persist", OPTION_PERSIST, OPTION_TIMES | OPTION_KEEPTTL),
];

/** What the last successful parseOptions found: the bits seen and the argument indexes of the values, 0 for none. */
export const options: { bits: number; timeArg: number; compareArg: number } = {
  bits: 0,
  timeArg: 0,
  compareArg: 0,
};

/**
 * Reads arguments from `from` up to `end` (not included) as option words out of `allowed` (OPTION bits) into `options`.
 * Replies with a syntax error and returns false when they are not.
 */
export function parseOptions(ctx: Ctx, from: number, allowed: number, end = ctx.argc): boolean {
  let bits = 0;
  options.timeArg = 0;
  options.compareArg = 0;
  for (let i = from; i < end; i++) {
    const found = findWord(ctx, i);
    if (
      found === null || (found.bit & allowed) === 0 || (found.excludes & bits) !== 0 ||
      (found.hasValue && i === end - 1)
    ) {
      ctx.out.error(ERR_SYNTAX);
      return false;
    }
    bits |= found.bit;
    if (!found.hasValue) continue;
    i++;
    if (found.bit === OPTION_IFEQ) options.compareArg = i;
    else options.timeArg = i;
  }
  options.bits = bits;
  return true;
}

function findWord(ctx: Ctx, arg: number): OptionWord | null {
  for (let i = 0; i < WORDS.length; i++) {
    if (argIs(ctx, arg, WORDS[i].lower)) return WORDS[i];
  }
  return null;
}

/** The time read by the last successful readTime: milliseconds since the epoch as lo, hi. */
export const expireAt = new Int32Array(2);

/** The error line of a command (named in lower case) for a time that is not positive or too large. */
export function invalidTime(command: string): Uint8Array {
  return line(`-ERR invalid expire time in '${command}' command`);
}

/** Up to here a number of seconds, in milliseconds and added to any wall time, is exact as a double. */
const EXACT_TIME_MAX = 2 ** 42;
const INT64_MAX = 0x7fffffffffffffffn;

/**
 * Reads argument `arg` as the value of one of OPTION_TIMES into `expireAt`.
 * Replies and returns false when it is no integer, or (with the line `invalid`) not positive or beyond 64 bits once it
 * is an absolute time in milliseconds.
 */
export function readTime(ctx: Ctx, arg: number, option: number, invalid: Uint8Array): boolean {
  if (!argInt64(ctx, arg, expireAt)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return false;
  }
  const isSeconds = (option & (OPTION_EX | OPTION_EXAT)) !== 0;
  const base = (option & (OPTION_EX | OPTION_PX)) !== 0 ? ctx.nowMs : 0;
  const value = int64ToNumber(expireAt[0], expireAt[1]);
  if (value > 0 && value <= EXACT_TIME_MAX) {
    return int64FromNumber((isSeconds ? value * 1000 : value) + base, expireAt);
  }
  const exact = int64ToBigInt(expireAt[0], expireAt[1]) * (isSeconds ? 1000n : 1n) + BigInt(base);
  if (value <= 0 || exact > INT64_MAX) {
    ctx.out.error(invalid);
    return false;
  }
  return int64FromBigInt(exact, expireAt);
}

/**
 * Whether a key that would expire at `expireAt` is to be deleted at once instead. On a replica and under
 * import-mode it is kept: the primary, the source of the import, decides when keys go.
 */
export function isPast(ctx: Ctx): boolean {
  return int64ToNumber(expireAt[0], expireAt[1]) <= ctx.nowMs && !ctx.server.isReplica &&
    !ctx.config.flag("import-mode");
}

/** Removes a key, found as `rec` by the last lookup, because its new time is past; counts it as expired. */
export function deletePast(ctx: Ctx, arg: number, rec: number): void {
  keyDelete(ctx.keyspace, ctx.db, ctx.hash, rec);
  ctx.keyspace.expiredKeys++;
  propagating(ctx)?.instead([ctx.keyspace.lazyExpire ? "UNLINK" : "DEL", arg]);
  keyChanged(ctx, arg);
  notify(ctx, NOTIFY_EXPIRED, "expired", arg);
}

/**
 * Stores argument `valueArg` under key argument `keyArg`, whose last lookup gave `rec` (0: absent).
 * Returns the record, which may be new.
 */
export function storeArg(
  ctx: Ctx,
  keyArg: number,
  valueArg: number,
  rec: number,
  keepExpire: boolean,
): number {
  return stringStore(
    ctx.keyspace,
    ctx.db,
    ctx.hash,
    rec,
    ctx.argBuf,
    ctx.off[keyArg],
    ctx.len[keyArg],
    ctx.argBuf,
    ctx.off[valueArg],
    ctx.len[valueArg],
    keepExpire,
  );
}

/** As storeArg, and lets the key expire at `expireAt`. */
export function storeArgUntil(ctx: Ctx, keyArg: number, valueArg: number, rec: number): void {
  const stored = storeArg(ctx, keyArg, valueArg, rec, true);
  recordSetExpire(ctx.keyspace, ctx.db, ctx.hash, stored, expireAt[0], expireAt[1]);
}

/** The time in `expireAt` as text. */
export function expireText(): string {
  return int64ToBigInt(expireAt[0], expireAt[1]).toString();
}
