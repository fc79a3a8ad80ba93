// edit.ts: changes inside a list: LSET, LINSERT, LREM, LTRIM.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import {
  listDeleteRange,
  listGrow,
  listInsert,
  listLength,
  listRemove,
  listReplace,
  listShrink,
} from "../../engine/list.ts";
import { TYPE_LIST } from "../../engine/record.ts";
import {
  argInt64,
  argIs,
  argNumber,
  ERR_NO_KEY,
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  word,
} from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_LIST } from "../notify.ts";
import { type CommandSpec, DENYOOM, oneKey, WRITE } from "../spec.ts";
import { elementsGone } from "./elements.ts";

/** A number of elements that is the lowest 64-bit integer, which has no absolute value. */
export const ERR_LONG_RANGE = line(
  "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const ERR_INDEX = line("-ERR index out of range");
const BEFORE = word("before");
const AFTER = word("after");
const INT64_MIN_HIGH = -2147483648;

const pair = new Int32Array(2);

function lset(ctx: Ctx): void {
  const { keyspace: ks, out } = ctx;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.error(ERR_NO_KEY);
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  if (!argInt64(ctx, 2, pair)) return out.error(ERR_NOT_INTEGER);
  // Valkey looks at the low 32 bits only.
  const given = pair[0];
  const length = listLength(ks, rec);
  const index = given < 0 ? length + given : given;
  listGrow(ks, rec, ctx.len[3], 1);
  if (index < 0 || index >= length) return out.error(ERR_INDEX);
  listReplace(ks, rec, index, ctx.argBuf, ctx.off[3], ctx.len[3]);
  listShrink(ks, rec);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_LIST, "lset", 1);
  out.ok();
}

function linsert(ctx: Ctx): void {
  const { keyspace: ks, out, off, len } = ctx;
  const after = argIs(ctx, 2, AFTER);
  if (!after && !argIs(ctx, 2, BEFORE)) return out.error(ERR_SYNTAX);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.integer(0);
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  listGrow(ks, rec, len[4], 1);
  if (!listInsert(ks, rec, ctx.argBuf, off[3], len[3], off[4], len[4], after)) {
    return out.integer(-1);
  }
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_LIST, "linsert", 1);
  out.integer(listLength(ks, rec));
}

function lrem(ctx: Ctx): void {
  const { keyspace: ks, out } = ctx;
  if (!argInt64(ctx, 2, pair)) return out.error(ERR_NOT_INTEGER);
  if (pair[0] === 0 && pair[1] === INT64_MIN_HIGH) return out.error(ERR_LONG_RANGE);
  const count = int64ToNumber(pair[0], pair[1]);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.integer(0);
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const most = count === 0 ? Infinity : Math.abs(count);
  const removed = listRemove(ks, rec, ctx.argBuf, ctx.off[3], ctx.len[3], most, count < 0);
  if (removed > 0) {
    notify(ctx, NOTIFY_LIST, "lrem", 1);
    elementsGone(ctx, 1, rec);
    keyChanged(ctx, 1, removed);
  }
  out.integer(removed);
}

function ltrim(ctx: Ctx): void {
  const { keyspace: ks, out } = ctx;
  let start = argNumber(ctx, 2, -Infinity, Infinity);
  let stop = argNumber(ctx, 3, -Infinity, Infinity);
  if (Number.isNaN(start) || Number.isNaN(stop)) return out.error(ERR_NOT_INTEGER);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.ok();
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const length = listLength(ks, rec);
  if (start < 0) start = Math.max(0, length + start);
  if (stop < 0) stop += length;
  if (stop >= length) stop = length - 1;
  if (start > stop) {
    start = length;
    stop = length - 1;
  }
  const behind = length - 1 - stop;
  listDeleteRange(ks, rec, 0, start);
  listDeleteRange(ks, rec, stop - start + 1, behind);
  notify(ctx, NOTIFY_LIST, "ltrim", 1);
  elementsGone(ctx, 1, rec);
  if (start + behind > 0) keyChanged(ctx, 1, start + behind);
  out.ok();
}

export const EDIT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LSET",
    group: "list",
    since: "1.0.0",
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ["@list"],
    keys: [oneKey(1, "RW update")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "index", type: "integer" },
      { name: "element", type: "string" },
    ],
    summary: "Replaces the element at an index, counted as for LINDEX.",
    complexity: "O(N) with N the number of elements up to it; O(1) at both ends",
    reply: ["simple"],
    examples: [
      ["RPUSH l a b c", ":3"],
      ["LSET l -1 d", "+OK"],
      ["LRANGE l 0 -1", "*3 $1 a $1 b $1 d"],
    ],
    run: lset,
  },
  {
    name: "LINSERT",
    group: "list",
    since: "2.2.0",
    arity: 5,
    flags: WRITE | DENYOOM,
    acl: ["@list"],
    keys: [oneKey(1, "RW insert")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      {
        name: "where",
        type: "oneof",
        args: [
          { name: "before", type: "pure-token", token: "BEFORE" },
          { name: "after", type: "pure-token", token: "AFTER" },
        ],
      },
      { name: "pivot", type: "string" },
      { name: "element", type: "string" },
    ],
    summary: "Inserts an element in front of or behind the first one that equals the pivot.",
    complexity:
      "O(N) with N the number of elements up to the pivot: O(1) near the head, O(N) near " +
      "the tail",
    reply: ["integer"],
    examples: [
      ["RPUSH l a c", ":2"],
      ["LINSERT l BEFORE c b", ":3"],
      ["LINSERT l AFTER x y", ":-1"],
    ],
    run: linsert,
  },
  {
    name: "LREM",
    group: "list",
    since: "1.0.0",
    arity: 4,
    flags: WRITE,
    acl: ["@list"],
    keys: [oneKey(1, "RW delete")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "count", type: "integer" },
      { name: "element", type: "string" },
    ],
    summary: "Takes away the first elements that equal a value, the last ones (a negative count) " +
      "or all of them (0).",
    complexity: "O(N+M) with N the length of the list, M the number of elements taken away",
    reply: ["integer"],
    examples: [
      ["RPUSH l a b a a", ":4"],
      ["LREM l -2 a", ":2"],
      ["LRANGE l 0 -1", "*2 $1 a $1 b"],
    ],
    run: lrem,
  },
  {
    name: "LTRIM",
    group: "list",
    since: "1.0.0",
    arity: 4,
    flags: WRITE,
    acl: ["@list"],
    keys: [oneKey(1, "RW delete")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "start", type: "integer" },
      { name: "stop", type: "integer" },
    ],
    summary: "Keeps the elements from one index to another and takes away all others.",
    complexity: "O(N) with N the number of elements taken away",
    reply: ["simple"],
    examples: [
      ["RPUSH l a b c d", ":4"],
      ["LTRIM l 0 1", "+OK"],
      ["LRANGE l 0 -1", "*2 $1 a $1 b"],
    ],
    run: ltrim,
  },
];
