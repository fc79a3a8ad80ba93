// edit.ts: strings that are changed in place: how long they may get, and room for the change.
//
// Whatever is edited becomes RAW and stays RAW, because OBJECT ENCODING says so.

import { line } from "../../codec/reply_writer.ts";
import { rawCreate, rawStore, rawView, stringGrow, view } from "../../engine/string.ts";
import { BULK_BYTES_MAX_LEAST, STRING_BYTES_MAX } from "../../limits.ts";
import type { Ctx } from "../context.ts";

const ERR_TOO_LONG = line("-ERR string exceeds maximum allowed size (proto-max-bulk-len)");

/** The longest string a client may make now, in bytes. */
export function stringBytesMax(ctx: Ctx): number {
  return Math.min(ctx.config.number("proto-max-bulk-len"), STRING_BYTES_MAX);
}

/** Whether a string may be `len` bytes long; replies with an error and returns false otherwise. */
export function requireLength(ctx: Ctx, len: number): boolean {
  if (len <= BULK_BYTES_MAX_LEAST || len <= stringBytesMax(ctx)) return true;
  ctx.out.error(ERR_TOO_LONG);
  return false;
}

/**
 * Makes the string of key argument `arg`, whose last lookup gave `rec` (0: absent), RAW and at least `len` bytes long,
 * new bytes being zero, and points `view` at it. An expiry stays. With `slack`, growth leaves room for more.
 */
export function openString(ctx: Ctx, arg: number, rec: number, len: number, slack: boolean): void {
  const ks = ctx.keyspace;
  if (rec !== 0) {
    stringGrow(ks, ctx.db, ctx.hash, rec, len, slack);
    return;
  }
  const value = rawCreate(ks, len);
  rawView(ks, value);
  view.buf.fill(0, view.off, view.off + len);
  rawStore(ks, ctx.db, ctx.hash, 0, ctx.argBuf, ctx.off[arg], ctx.len[arg], value, false);
  rawView(ks, value);
}
