// result.ts: sorted sets that are the result of a command: built in a record that is in no table, then stored or replied.

import { recordCreate, recordDiscard } from "../../engine/keyspace.ts";
import { ENCODING_SKIPLIST, metaByte, recordSetA, TYPE_ZSET } from "../../engine/record.ts";
import { zsetCount, zsetCreate, zsetEncodingFor } from "../../engine/zset.ts";
import type { Ctx } from "../context.ts";
import { deleteKey, lookupQuiet, storeKey } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_ZSET } from "../notify.ts";

/** An empty sorted set for the key in argument `arg`, with the encoding for `count` members. */
export function resultCreate(ctx: Ctx, arg: number, count: number): number {
  return createWith(ctx, ctx.off[arg], ctx.len[arg], zsetEncodingFor(ctx.keyspace, count, 0));
}

/** As resultCreate, to be gathered (zset_build.ts); without a name when `arg` is 0. */
export function gatherCreate(ctx: Ctx, arg: number): number {
  return createWith(ctx, ctx.off[arg], arg === 0 ? 0 : ctx.len[arg], ENCODING_SKIPLIST);
}

function createWith(ctx: Ctx, off: number, len: number, encoding: number): number {
  const { keyspace } = ctx;
  const meta = metaByte(TYPE_ZSET, encoding, false);
  const rec = recordCreate(keyspace, meta, ctx.argBuf, off, len, 0);
  recordSetA(keyspace.arena, rec, zsetCreate(keyspace, encoding));
  return rec;
}

/** Puts the result in the place of what is under the key in argument `arg`; an empty one deletes it. Replies its size. */
export function resultStore(ctx: Ctx, arg: number, rec: number, event: string): void {
  const { keyspace } = ctx;
  const count = zsetCount(keyspace, rec);
  if (count === 0) {
    recordDiscard(keyspace, rec);
    const old = lookupQuiet(ctx, arg);
    if (old !== 0) {
      deleteKey(ctx, arg, old);
      notify(ctx, NOTIFY_GENERIC, "del", arg);
    }
  } else {
    storeKey(ctx, arg, rec);
    notify(ctx, NOTIFY_ZSET, event, arg);
  }
  ctx.out.integer(count);
}
