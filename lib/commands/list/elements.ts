// elements.ts: what the cohorts of lists share: sides, runs of elements as replies, what follows when elements are gone.

import {
  edge,
  listCreate,
  listDeleteRange,
  listDrop,
  listGrow,
  listLength,
  listPeek,
  listPush,
  listShrink,
} from "../../engine/list.ts";
import { ListCursor } from "../../engine/list_cursor.ts";
import {
  entry,
  LISTPACK_END_MARK,
  listpackShortLength,
  listpackText,
} from "../../engine/listpack.ts";
import { ENCODING_LISTPACK, TYPE_LIST } from "../../engine/record.ts";
import { argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { createKey, deleteEmptied, keyChanged } from "../lookup.ts";
import { notify, NOTIFY_LIST } from "../notify.ts";
import type { ArgSpec } from "../spec.ts";

const LEFT = word("left");
const RIGHT = word("right");

/** What sideArg found. */
export const SIDE_NONE = 0;
export const SIDE_LEFT = 1;
export const SIDE_RIGHT = 2;

export const cursor: ListCursor = new ListCursor();

/** Argument `index` as SIDE_LEFT or SIDE_RIGHT; SIDE_NONE after the error was replied. */
export function sideArg(ctx: Ctx, index: number): number {
  if (argIs(ctx, index, RIGHT)) return SIDE_RIGHT;
  if (argIs(ctx, index, LEFT)) return SIDE_LEFT;
  ctx.out.error(ERR_SYNTAX);
  return SIDE_NONE;
}

/** An argument that is LEFT or RIGHT. */
export function sideSpec(name: string): ArgSpec {
  return {
    name,
    type: "oneof",
    args: [
      { name: "left", type: "pure-token", token: "LEFT" },
      { name: "right", type: "pure-token", token: "RIGHT" },
    ],
  };
}

/** Replies with `count` elements, which must exist, from index `start` on in one direction. */
export function replyElements(
  ctx: Ctx,
  rec: number,
  start: number,
  count: number,
  backwards: boolean,
): void {
  const { out } = ctx;
  out.array(count);
  cursor.start(ctx.keyspace, rec, start, backwards);
  if (!backwards) return replyForwards(ctx, count);
  for (let n = count; n > 0; n--) {
    cursor.next();
    out.bulk(cursor.buf, cursor.off, cursor.len);
  }
}

/** Replies with the next `count` elements of the cursor, node by node. */
function replyForwards(ctx: Ctx, count: number): void {
  const { out } = ctx;
  for (let left = count; left > 0 && cursor.nextPart();) {
    if (cursor.isPlain) {
      out.bulk(cursor.buf, cursor.off, cursor.len);
      left--;
      continue;
    }
    const { pack } = cursor;
    let at = cursor.at;
    for (; left > 0 && pack[at] !== LISTPACK_END_MARK; left--) {
      const short = listpackShortLength(pack, at);
      if (short >= 0) {
        out.bulk(pack, at + 1, short);
        at += short + 2;
        continue;
      }
      const size = listpackText(pack, at);
      out.bulk(entry.buf, entry.off, entry.len);
      at += size;
    }
  }
}

/** Replies with the element at one end of the list and takes it away; the list may be empty afterwards. */
export function replyPopped(ctx: Ctx, rec: number, front: boolean): void {
  listPeek(ctx.keyspace, rec, front);
  ctx.out.bulk(edge.buf, edge.off, edge.len);
  listDrop(ctx.keyspace, rec, front);
}

/** Replies with up to `count` elements from one end of the list and takes them away. Returns how many there were. */
export function replyPoppedMany(ctx: Ctx, rec: number, front: boolean, count: number): number {
  const length = listLength(ctx.keyspace, rec);
  const taken = Math.min(count, length);
  replyElements(ctx, rec, front ? 0 : length - 1, taken, !front);
  listDeleteRange(ctx.keyspace, rec, front ? 0 : length - taken, taken);
  return taken;
}

/**
 * To be called when `count` elements were taken from an end of the list of argument `arg`, which was looked up last: the
 * key of an empty list is deleted.
 */
export function elementsPopped(
  ctx: Ctx,
  arg: number,
  rec: number,
  front: boolean,
  count: number,
): void {
  notify(ctx, NOTIFY_LIST, front ? "lpop" : "rpop", arg);
  elementsGone(ctx, arg, rec);
  keyChanged(ctx, arg, count);
}

/** Deletes the key of argument `arg`, which was looked up last, when its list is empty; otherwise the list may shrink. */
export function elementsGone(ctx: Ctx, arg: number, rec: number): void {
  if (listLength(ctx.keyspace, rec) === 0) deleteEmptied(ctx, arg, rec);
  else listShrink(ctx.keyspace, rec);
}

/** Adds a key with an empty list for argument `arg`, absent according to the last lookup. Returns its record. */
export function createList(ctx: Ctx, arg: number): number {
  return createKey(ctx, arg, TYPE_LIST, ENCODING_LISTPACK, listCreate(ctx.keyspace));
}

/** Adds an element to a list that is there; `counted` is how many bytes of it count for the encoding. */
export function pushElement(
  ctx: Ctx,
  rec: number,
  src: Uint8Array,
  off: number,
  len: number,
  front: boolean,
  counted: number,
): void {
  listGrow(ctx.keyspace, rec, counted, 1);
  listPush(ctx.keyspace, rec, src, off, len, front);
}
