// replies.ts: what the stream commands share in replying: ids, entries, ranges of entries.

import { entry } from "../../engine/listpack.ts";
import { EntryCursor } from "../../engine/stream_entries.ts";
import { ID_TEXT_MAX, idFormat } from "../../engine/stream_id.ts";
import type { Ctx } from "../context.ts";

const text = new Uint8Array(ID_TEXT_MAX);
const walk = new EntryCursor();

/** An id as bulk string. */
export function replyId(ctx: Ctx, words: Int32Array, at: number): void {
  ctx.out.bulk(text, 0, idFormat(words, at, text, 0));
}

/** The entry of a cursor: its id and its fields and values. */
export function replyEntry(ctx: Ctx, cursor: EntryCursor): void {
  const { out } = ctx;
  out.array(2);
  replyId(ctx, cursor.id, 0);
  const { fields } = cursor;
  out.array(fields * 2);
  for (let i = 0; i < fields; i++) {
    cursor.field();
    out.bulk(entry.buf, entry.off, entry.len);
    cursor.value();
    out.bulk(entry.buf, entry.off, entry.len);
  }
}

/** The entry with the id at ids[id]. False, without a reply, when there is none. */
export function replyOne(ctx: Ctx, root: number, ids: Int32Array, id: number): boolean {
  walk.start(ctx.keyspace, root, ids, id, ids, id);
  if (!walk.next(ctx.keyspace)) return false;
  replyEntry(ctx, walk);
  return true;
}

/** An array of the entries from low[0] to high[0], downwards with `back`, at most `count` unless that is 0. */
export function replyRange(
  ctx: Ctx,
  root: number,
  low: Int32Array,
  high: Int32Array,
  count: number,
  back: boolean,
): void {
  const ks = ctx.keyspace;
  const mark = ctx.out.deferredStart();
  let entries = 0;
  walk.start(ks, root, low, 0, high, 0, back);
  while (walk.next(ks)) {
    replyEntry(ctx, walk);
    if (++entries === count) break;
  }
  ctx.out.deferredArray(mark, entries);
}

/** The first entry, or with `back` the last; null when there is none. */
export function replyEdge(
  ctx: Ctx,
  root: number,
  low: Int32Array,
  high: Int32Array,
  back: boolean,
): void {
  walk.start(ctx.keyspace, root, low, 0, high, 0, back);
  if (walk.next(ctx.keyspace)) replyEntry(ctx, walk);
  else ctx.out.nullBulk();
}
