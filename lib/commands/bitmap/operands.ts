// operands.ts: what the bitmap commands share: bit offsets as arguments, and room for bits.

import { HASH } from "../../bytes/ascii.ts";
import { int64FromBigInt, int64Parse, int64ToBigInt, int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringLength } from "../../engine/string.ts";
import { BULK_BYTES_MAX_LEAST } from "../../limits.ts";
import type { Ctx } from "../context.ts";
import { lookupWrite, requireType } from "../lookup.ts";
import { openString, stringBytesMax } from "../string/edit.ts";

const ERR_OFFSET = line("-ERR bit offset is not an integer or out of range");

const pair = new Int32Array(2);

/**
 * Argument `arg` as a bit offset. With `bits` above 0 it may be "#n", which is n times as many bits.
 * Returns -1, with an error as the reply, when it is no integer, negative, or beyond the longest string.
 */
export function bitOffset(ctx: Ctx, arg: number, bits = 0): number {
  const buf = ctx.argBuf;
  const off = ctx.off[arg];
  const len = ctx.len[arg];
  const isScaled = bits > 0 && len > 0 && buf[off] === HASH;
  const skip = isScaled ? 1 : 0;
  if (int64Parse(buf, off + skip, len - skip, pair)) {
    if (isScaled) {
      // A product that leaves 64 bits wraps around, and counts when it comes out as an offset.
      const product = int64ToBigInt(pair[0], pair[1]) * BigInt(bits);
      int64FromBigInt(BigInt.asIntN(64, product), pair);
    }
    const offset = int64ToNumber(pair[0], pair[1]);
    const byte = byteOf(offset);
    if (offset >= 0 && (byte < BULK_BYTES_MAX_LEAST || byte < stringBytesMax(ctx))) return offset;
  }
  ctx.out.error(ERR_OFFSET);
  return -1;
}

/** The byte a bit lies in. Offsets may exceed 32 bits. */
export function byteOf(bitOffset: number): number {
  return Math.floor(bitOffset / 8);
}

/**
 * Makes room in the string of key argument 1 for the byte of bit `offset`, creating the key when absent, and points
 * `view` at it. Returns 1 when the string was created or got longer, else 0; -1 after a WRONGTYPE reply.
 */
export function openBits(ctx: Ctx, offset: number): number {
  const rec = lookupWrite(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STRING)) return -1;
  const oldLen = rec === 0 ? 0 : stringLength(ctx.keyspace, rec);
  const isLonger = byteOf(offset) >= oldLen;
  openString(ctx, 1, rec, byteOf(offset) + 1, isLonger);
  return isLonger ? 1 : 0;
}
