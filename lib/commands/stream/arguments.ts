// arguments.ts: what the stream commands share in reading arguments: ids, intervals, lists of ids, keys, groups.

import { line } from "../../codec/reply_writer.ts";
import { groupFind } from "../../engine/stream_groups.ts";
import {
  ID_FULL,
  ID_MAX,
  ID_MIN,
  ID_NO_SEQ,
  ID_WORDS,
  idCopy,
  idDecrement,
  idIncrement,
  idParse,
} from "../../engine/stream_id.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { ArgSpec } from "../spec.ts";

const ERR_ID = line("-ERR Invalid stream ID specified as stream command argument");
const ERR_START = line("-ERR invalid start ID for the interval");
const ERR_END = line("-ERR invalid end ID for the interval");

const DASH = 0x2d;
const PLUS = 0x2b;
const OPEN = 0x28;

/** Whether argument `index` is the single byte. */
export function argIsByte(ctx: Ctx, index: number, byte: number): boolean {
  return ctx.len[index] === 1 && ctx.argBuf[ctx.off[index]] === byte;
}

/** An argument as C would print it: up to the first NUL. */
export function argCText(ctx: Ctx, index: number): string {
  return argText(ctx, index).split("\0", 1)[0];
}

/**
 * Reads argument `index` as an id to out[at]: "<ms>-<seq>", or "<ms>" with a number part of `missing`, 0 or -1. False,
 * after the error reply, when it is none.
 */
export function argId(
  ctx: Ctx,
  index: number,
  missing: number,
  out: Int32Array,
  at: number,
): boolean {
  if (argIdQuiet(ctx, index, missing, out, at)) return true;
  ctx.out.error(ERR_ID);
  return false;
}

/** As argId, without a reply. */
export function argIdQuiet(
  ctx: Ctx,
  index: number,
  missing: number,
  out: Int32Array,
  at: number,
): boolean {
  const kind = idParse(ctx.argBuf, ctx.off[index], ctx.len[index], missing, out, at);
  return kind === ID_FULL || kind === ID_NO_SEQ;
}

/** As argId, with "-" and "+" for the smallest and the greatest id. */
export function argIdOrEnd(
  ctx: Ctx,
  index: number,
  missing: number,
  out: Int32Array,
  at: number,
): boolean {
  if (argIsByte(ctx, index, DASH)) idCopy(ID_MIN, 0, out, at);
  else if (argIsByte(ctx, index, PLUS)) idCopy(ID_MAX, 0, out, at);
  else return argId(ctx, index, missing, out, at);
  return true;
}

/** Reads argument `index` as the start of an interval to out[0]: an id, "-", "+", or "(" and an id that is left out. */
export function argStart(ctx: Ctx, index: number, out: Int32Array): boolean {
  return argEdge(ctx, index, 0, out);
}

/** Likewise the end; a number part that is missing is the greatest. */
export function argEnd(ctx: Ctx, index: number, out: Int32Array): boolean {
  return argEdge(ctx, index, -1, out);
}

function argEdge(ctx: Ctx, index: number, missing: number, out: Int32Array): boolean {
  const off = ctx.off[index];
  const len = ctx.len[index];
  if (len < 2 || ctx.argBuf[off] !== OPEN) return argIdOrEnd(ctx, index, missing, out, 0);
  const kind = idParse(ctx.argBuf, off + 1, len - 1, missing, out, 0);
  if (kind !== ID_FULL && kind !== ID_NO_SEQ) {
    ctx.out.error(ERR_ID);
    return false;
  }
  if (missing === 0 ? idIncrement(out, 0) : idDecrement(out, 0)) return true;
  ctx.out.error(missing === 0 ? ERR_START : ERR_END);
  return false;
}

/** Ids kept while a command runs; `at(i)` is where id i starts in `words`. Grows to the most there ever were. */
export class IdList {
  words: Int32Array = new Int32Array(64);
  count = 0;

  /** Where the next id is to be written; it counts. */
  add(): number {
    const at = this.count++ * ID_WORDS;
    if (at === this.words.length) {
      const bigger = new Int32Array(at * 2);
      bigger.set(this.words);
      this.words = bigger;
    }
    return at;
  }

  at(index: number): number {
    return index * ID_WORDS;
  }
}

/** Reads arguments [from, end) as ids. False after the error reply when one is none. */
export function argIds(ctx: Ctx, from: number, end: number, out: IdList): boolean {
  out.count = 0;
  for (let i = from; i < end; i++) {
    const at = out.add();
    if (!argId(ctx, i, 0, out.words, at)) return false;
  }
  return true;
}

/** The group named by argument `index`, or 0. */
export function argGroup(ctx: Ctx, root: number, index: number): number {
  return groupFind(ctx.keyspace.arena, root, ctx.argBuf, ctx.off[index], ctx.len[index]);
}

export const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
export const GROUP: ArgSpec = { name: "group", type: "string" };
export const CONSUMER: ArgSpec = { name: "consumer", type: "string" };
export const IDS: ArgSpec = { name: "id", type: "string", multiple: true };
