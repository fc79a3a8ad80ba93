// args.ts: reading arguments. Single values by index, option lists through a cursor that remembers the first error.
//
//   const args = new ArgReader(ctx, 3)     a cursor at argument 3
//   while (args.more()) {
//     if (args.word(NX)) ...               consumed when the argument equals the word, any case
//     else if (args.word(EX)) { args.integer(ttl) }
//     else args.fail(ERR_SYNTAX)
//   }
//   if (args.failed) return args.reply()
//
// After a failure every call is a no-op that returns false, so a handler checks once.

import { equalsIgnoreCase, fromLatin1, latin1 } from "../bytes/ascii.ts";
import { int64Parse, int64ToBigInt, int64ToNumber } from "../bytes/int64.ts";
import {
  LONG_DOUBLE_INVALID,
  LONG_DOUBLE_OK,
  longDoubleMilliseconds,
} from "../bytes/long_double.ts";
import { line } from "../codec/reply_writer.ts";
import type { Ctx } from "./context.ts";

export const ERR_LOADING = line("-LOADING Valkey is loading the dataset in memory");
export const ERR_SYNTAX = line("-ERR syntax error");
export const ERR_NOT_INTEGER = line("-ERR value is not an integer or out of range");
export const ERR_NOT_FLOAT = line("-ERR value is not a valid float");
export const ERR_NOT_POSITIVE = line("-ERR value is out of range, must be positive");
export const ERR_NO_KEY = line("-ERR no such key");
export const ERR_WRONG_TYPE = line(
  "-WRONGTYPE Operation against a key holding the wrong kind of value",
);
export const ERR_SAME_OBJECT = line("-ERR source and destination objects are the same");
export const ERR_DB_INDEX = line("-ERR DB index is out of range");

/** A word to compare with: lower-case bytes. */
export function word(text: string): Uint8Array {
  return fromLatin1(text.toLowerCase());
}

/** Whether argument `index` equals a lower-case word, in any case. */
export function argIs(ctx: Ctx, index: number, lower: Uint8Array): boolean {
  return equalsIgnoreCase(ctx.argBuf, ctx.off[index], ctx.len[index], lower);
}

/** Argument as a string of one character per byte; for cold paths. */
export function argText(ctx: Ctx, index: number): string {
  return latin1(ctx.argBuf, ctx.off[index], ctx.len[index]);
}

/** Parses a signed 64-bit argument into out[0] (low), out[1] (high); false without a reply when it is none. */
export function argInt64(ctx: Ctx, index: number, out: Int32Array): boolean {
  return int64Parse(ctx.argBuf, ctx.off[index], ctx.len[index], out);
}

const pair = new Int32Array(2);

/**
 * An integer argument in [min, max], both safe integers; NaN when it is none or out of range (no reply is written).
 */
export function argNumber(ctx: Ctx, index: number, min: number, max: number): number {
  if (!int64Parse(ctx.argBuf, ctx.off[index], ctx.len[index], pair)) return NaN;
  const value = pair[1] * 4294967296 + (pair[0] >>> 0);
  return value >= min && value <= max ? value : NaN;
}

const ERR_TIMEOUT_SECONDS = line("-ERR timeout is not a float or out of range");
const ERR_TIMEOUT_MS = line("-ERR timeout is not an integer or out of range");
const ERR_TIMEOUT_RANGE = line("-ERR timeout is out of range");
const ERR_TIMEOUT_NEGATIVE = line("-ERR timeout is negative");

/**
 * How long a blocking command may wait, in seconds with a fraction or, with `isMs`, in milliseconds: as the wall time in
 * milliseconds at which it gives up, 0 for never. NaN after the error was replied.
 */
export function argTimeout(ctx: Ctx, index: number, isMs: boolean): number {
  const { argBuf, off, len } = ctx;
  if (isMs) {
    if (!int64Parse(argBuf, off[index], len[index], pair)) return failTimeout(ctx, ERR_TIMEOUT_MS);
  } else {
    const status = longDoubleMilliseconds(argBuf, off[index], len[index], pair);
    if (status === LONG_DOUBLE_INVALID) return failTimeout(ctx, ERR_TIMEOUT_SECONDS);
    if (status !== LONG_DOUBLE_OK) return failTimeout(ctx, ERR_TIMEOUT_RANGE);
  }
  if (pair[1] < 0) return failTimeout(ctx, ERR_TIMEOUT_NEGATIVE);
  const ms = int64ToNumber(pair[0], pair[1]);
  if (ms === 0) return 0;
  if (BigInt(ctx.nowMs) + int64ToBigInt(pair[0], pair[1]) >= 1n << 63n) {
    return failTimeout(ctx, ERR_TIMEOUT_RANGE);
  }
  return ms + ctx.nowMs;
}

function failTimeout(ctx: Ctx, error: Uint8Array): number {
  ctx.out.error(error);
  return NaN;
}

/** A copy of an argument's bytes; for cold paths. */
export function argBytes(ctx: Ctx, index: number): Uint8Array {
  return ctx.argBuf.slice(ctx.off[index], ctx.off[index] + ctx.len[index]);
}

/** A cursor over the arguments from `index` on. */
export class ArgReader {
  private ctx: Ctx;
  index: number;
  error: Uint8Array | null = null;

  constructor(ctx: Ctx, index: number) {
    this.ctx = ctx;
    this.index = index;
  }

  get failed(): boolean {
    return this.error !== null;
  }

  /** Whether arguments are left and nothing failed. */
  more(): boolean {
    return this.error === null && this.index < this.ctx.argc;
  }

  /** How many arguments are left. */
  get left(): number {
    return this.ctx.argc - this.index;
  }

  /** Consumes the argument when it equals the lower-case word. */
  word(lower: Uint8Array): boolean {
    if (!this.more() || !argIs(this.ctx, this.index, lower)) return false;
    this.index++;
    return true;
  }

  /** Consumes one argument and returns its index; a missing one is a syntax error and returns 0. */
  take(): number {
    if (!this.more()) {
      this.fail(ERR_SYNTAX);
      return 0;
    }
    return this.index++;
  }

  /** Consumes a signed 64-bit integer into out. */
  int64(out: Int32Array, error: Uint8Array = ERR_NOT_INTEGER): boolean {
    const at = this.take();
    if (at === 0) return false;
    if (argInt64(this.ctx, at, out)) return true;
    this.fail(error);
    return false;
  }

  /** Consumes an integer in [min, max]; NaN after a failure. */
  number(min: number, max: number, error: Uint8Array = ERR_NOT_INTEGER): number {
    const at = this.take();
    if (at === 0) return NaN;
    const value = argNumber(this.ctx, at, min, max);
    if (Number.isNaN(value)) this.fail(error);
    return value;
  }

  /** Remembers the first error. */
  fail(error: Uint8Array): void {
    if (this.error === null) this.error = error;
  }

  /** Writes the remembered error as the reply. */
  reply(): void {
    if (this.error !== null) this.ctx.out.error(this.error);
  }
}
