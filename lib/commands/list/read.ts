// read.ts: the readers of lists: LLEN, LINDEX, LRANGE, LPOS.

import { line } from "../../codec/reply_writer.ts";
import { listLength } from "../../engine/list.ts";
import { TYPE_LIST } from "../../engine/record.ts";
import { argInt64, argIs, argNumber, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, FAST, oneKey, READONLY } from "../spec.ts";
import { cursor, replyElements } from "./elements.ts";
import { ERR_LONG_RANGE } from "./edit.ts";

const ERR_RANK_ZERO = line(
  "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
    "or use negative to start from the end of the list",
);
const ERR_COUNT = line("-ERR COUNT can't be negative");
const ERR_MAXLEN = line("-ERR MAXLEN can't be negative");
const RANK = word("rank");
const COUNT = word("count");
const MAXLEN = word("maxlen");
const INT64_MIN_HIGH = -2147483648;

const pair = new Int32Array(2);

function llen(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  ctx.out.integer(listLength(ctx.keyspace, rec));
}

function lindex(ctx: Ctx): void {
  const { out } = ctx;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return out.nullBulk();
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const given = argNumber(ctx, 2, -Infinity, Infinity);
  if (Number.isNaN(given)) return out.error(ERR_NOT_INTEGER);
  const length = listLength(ctx.keyspace, rec);
  const index = given < 0 ? length + given : given;
  if (index < 0 || index >= length) return out.nullBulk();
  cursor.start(ctx.keyspace, rec, index, false);
  cursor.next();
  out.bulk(cursor.buf, cursor.off, cursor.len);
}

function lrange(ctx: Ctx): void {
  const { out } = ctx;
  let start = argNumber(ctx, 2, -Infinity, Infinity);
  let stop = argNumber(ctx, 3, -Infinity, Infinity);
  if (Number.isNaN(start) || Number.isNaN(stop)) return out.error(ERR_NOT_INTEGER);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return out.array(0);
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const length = listLength(ctx.keyspace, rec);
  if (start < 0) start = Math.max(0, length + start);
  if (stop < 0) stop += length;
  if (stop >= length) stop = length - 1;
  if (start > stop) return out.array(0);
  replyElements(ctx, rec, start, stop - start + 1, false);
}

// ---- LPOS

/** The options of LPOS; count is -1 when it was not given, 0 stands for no limit there and in maxLen. */
const wanted = { rank: 1, count: -1, maxLen: 0, backwards: false };

/** Reads the options; false after the error was replied. */
function parsePos(ctx: Ctx): boolean {
  wanted.rank = 1;
  wanted.count = -1;
  wanted.maxLen = 0;
  for (let i = 3; i < ctx.argc; i += 2) {
    const hasValue = i + 1 < ctx.argc;
    if (hasValue && argIs(ctx, i, RANK)) {
      if (!parseRank(ctx, i + 1)) return false;
    } else if (hasValue && argIs(ctx, i, COUNT)) {
      wanted.count = argNumber(ctx, i + 1, 0, Infinity);
      if (Number.isNaN(wanted.count)) return fail(ctx, ERR_COUNT);
    } else if (hasValue && argIs(ctx, i, MAXLEN)) {
      wanted.maxLen = argNumber(ctx, i + 1, 0, Infinity);
      if (Number.isNaN(wanted.maxLen)) return fail(ctx, ERR_MAXLEN);
    } else {
      return fail(ctx, ERR_SYNTAX);
    }
  }
  wanted.backwards = wanted.rank < 0;
  wanted.rank = Math.abs(wanted.rank);
  return true;
}

function parseRank(ctx: Ctx, arg: number): boolean {
  if (!argInt64(ctx, arg, pair)) return fail(ctx, ERR_NOT_INTEGER);
  if (pair[0] === 0 && pair[1] === INT64_MIN_HIGH) return fail(ctx, ERR_LONG_RANGE);
  wanted.rank = int64ToNumber(pair[0], pair[1]);
  return wanted.rank !== 0 || fail(ctx, ERR_RANK_ZERO);
}

function fail(ctx: Ctx, error: Uint8Array): boolean {
  ctx.out.error(error);
  return false;
}

function lpos(ctx: Ctx): void {
  const { out } = ctx;
  if (!parsePos(ctx)) return;
  const { count } = wanted;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) {
    if (count < 0) out.nullBulk();
    else out.array(0);
    return;
  }
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const mark = out.deferredStart();
  const found = replyPositions(ctx, rec, count < 0 ? 1 : count);
  if (count >= 0) out.deferredArray(mark, found);
  else if (found === 0) out.nullBulk();
}

/** Writes up to `most` positions (0: all) as integers. Returns how many. */
function replyPositions(ctx: Ctx, rec: number, most: number): number {
  const { keyspace: ks, argBuf } = ctx;
  const off = ctx.off[2];
  const len = ctx.len[2];
  const { rank, maxLen, backwards } = wanted;
  const length = listLength(ks, rec);
  const steps = maxLen === 0 ? length : Math.min(length, maxLen);
  let matches = 0;
  let found = 0;
  cursor.start(ks, rec, backwards ? length - 1 : 0, backwards);
  for (let index = 0; index < steps; index++) {
    cursor.skip();
    if (!cursor.equals(argBuf, off, len) || ++matches < rank) continue;
    ctx.out.integer(backwards ? length - 1 - index : index);
    if (++found === most) break;
  }
  return found;
}

export const READ_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LLEN",
    group: "list",
    since: "1.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Tells how many elements a list has; 0 when the key is absent.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["RPUSH l a b c", ":3"], ["LLEN l", ":3"], ["LLEN nothing", ":0"]],
    run: llen,
  },
  {
    name: "LINDEX",
    group: "list",
    since: "1.0.0",
    arity: 3,
    flags: READONLY,
    acl: ["@list"],
    keys: [oneKey(1, "RO access")],
    args: [{ name: "key", type: "key", keySpec: 0 }, { name: "index", type: "integer" }],
    summary: "Reads the element at an index, counted from 0, or from -1 backwards from the tail.",
    complexity: "O(N) with N the number of elements up to it; O(1) at both ends",
    reply: ["bulk", "null"],
    examples: [["RPUSH l a b c", ":3"], ["LINDEX l 1", "$1 b"], ["LINDEX l -1", "$1 c"]],
    run: lindex,
  },
  {
    name: "LRANGE",
    group: "list",
    since: "1.0.0",
    arity: 4,
    flags: READONLY,
    acl: ["@list"],
    keys: [oneKey(1, "RO access")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "start", type: "integer" },
      { name: "stop", type: "integer" },
    ],
    summary: "Reads the elements from one index to another, both included.",
    complexity:
      "O(S+N) with S the distance of the first element from the nearer end, N the number " +
      "of elements",
    reply: ["array"],
    examples: [
      ["RPUSH l a b c d", ":4"],
      ["LRANGE l 1 2", "*2 $1 b $1 c"],
      ["LRANGE l -2 -1", "*2 $1 c $1 d"],
    ],
    run: lrange,
  },
  {
    name: "LPOS",
    group: "list",
    since: "6.0.6",
    arity: -3,
    flags: READONLY,
    acl: ["@list"],
    keys: [oneKey(1, "RO access")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "element", type: "string" },
      { name: "rank", type: "integer", token: "RANK", optional: true },
      { name: "num-matches", type: "integer", token: "COUNT", optional: true },
      { name: "len", type: "integer", token: "MAXLEN", optional: true },
    ],
    summary: "Finds the index of an element that equals a value, or several of them.",
    complexity: "O(N) with N the number of elements looked at",
    reply: ["integer", "array", "null"],
    examples: [
      ["RPUSH l a b c b", ":4"],
      ["LPOS l b", ":1"],
      ["LPOS l b RANK -1", ":3"],
      ["LPOS l b COUNT 0", "*2 :1 :3"],
    ],
    run: lpos,
  },
];
