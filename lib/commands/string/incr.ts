// incr.ts: integer counters: INCR, DECR, INCRBY, DECRBY.
//
// A counter is a string whose text is a canonical signed 64-bit decimal. Once counted it is INT encoded, and the next
// step overwrites two words of its record; text (left by APPEND and the like) is parsed, then replaced.

import { int64Add, int64Parse } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { HAS_EXPIRE, recordA, recordB, recordMeta, TYPE_STRING } from "../../engine/record.ts";
import { intOverwrite, intStore, stringIsInt, stringView, view } from "../../engine/string.ts";
import { argInt64, ERR_NOT_INTEGER } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";

const ERR_OVERFLOW = line("-ERR increment or decrement would overflow");
const ERR_DECREMENT = line("-ERR decrement would overflow");

const delta = new Int32Array(2);
const value = new Int32Array(2);

function incr(ctx: Ctx): void {
  count(ctx, 1, 0);
}

function decr(ctx: Ctx): void {
  count(ctx, -1, -1);
}

function incrby(ctx: Ctx): void {
  if (!argInt64(ctx, 2, delta)) return ctx.out.error(ERR_NOT_INTEGER);
  count(ctx, delta[0], delta[1]);
}

function decrby(ctx: Ctx): void {
  if (!argInt64(ctx, 2, delta)) return ctx.out.error(ERR_NOT_INTEGER);
  const lo = delta[0];
  const hi = delta[1];
  if (lo === 0 && hi === -2147483648) return ctx.out.error(ERR_DECREMENT);
  count(ctx, -lo | 0, lo === 0 ? -hi | 0 : ~hi);
}

/** Adds the 64-bit integer lo, hi to key argument 1 and replies with the sum. */
function count(ctx: Ctx, lo: number, hi: number): void {
  const ks = ctx.keyspace;
  const rec = lookupWrite(ctx, 1);
  if (rec !== 0 && stringIsInt(ks, rec)) return advance(ctx, rec, lo, hi);
  value[0] = 0;
  value[1] = 0;
  if (rec !== 0) {
    if (!requireType(ctx, rec, TYPE_STRING)) return;
    stringView(ks, rec);
    if (!int64Parse(view.buf, view.off, view.len, value)) return ctx.out.error(ERR_NOT_INTEGER);
  }
  if (!int64Add(value[0], value[1], lo, hi, value)) return ctx.out.error(ERR_OVERFLOW);
  storeCounter(ctx, rec);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "incrby", 1);
  ctx.out.integer64(value[0], value[1]);
}

/** As count, for a record that is INT encoded. */
function advance(ctx: Ctx, rec: number, lo: number, hi: number): void {
  const { keyspace } = ctx;
  const { arena } = keyspace;
  if (!int64Add(recordA(arena, rec), recordB(arena, rec), lo, hi, value)) {
    return ctx.out.error(ERR_OVERFLOW);
  }
  intOverwrite(keyspace, rec, value[0], value[1]);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "incrby", 1);
  ctx.out.integer64(value[0], value[1]);
}

/** Stores `value` under key argument 1, an expiry staying as it is. */
function storeCounter(ctx: Ctx, rec: number): void {
  const hasExpire = rec !== 0 && (recordMeta(ctx.keyspace.arena, rec) & HAS_EXPIRE) !== 0;
  intStore(
    ctx.keyspace,
    ctx.db,
    ctx.hash,
    rec,
    ctx.argBuf,
    ctx.off[1],
    ctx.len[1],
    value[0],
    value[1],
    hasExpire,
  );
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
const KEYS = [oneKey(1, "RW access update")];

export const INCR_COMMANDS: readonly CommandSpec[] = [
  {
    name: "INCR",
    group: "string",
    since: "1.0.0",
    arity: 2,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: KEYS,
    args: [KEY],
    summary: "Adds one to a counter; an absent key counts from 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["INCR visits", ":1"], ["INCR visits", ":2"]],
    run: incr,
  },
  {
    name: "DECR",
    group: "string",
    since: "1.0.0",
    arity: 2,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: KEYS,
    args: [KEY],
    summary: "Takes one from a counter; an absent key counts from 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET stock 5", "+OK"], ["DECR stock", ":4"]],
    run: decr,
  },
  {
    name: "INCRBY",
    group: "string",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: KEYS,
    args: [KEY, { name: "increment", type: "integer" }],
    summary: "Adds an integer to a counter; an absent key counts from 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["INCRBY visits 10", ":10"], ["INCRBY visits -3", ":7"]],
    run: incrby,
  },
  {
    name: "DECRBY",
    group: "string",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: KEYS,
    args: [KEY, { name: "decrement", type: "integer" }],
    summary: "Takes an integer from a counter; an absent key counts from 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET stock 50", "+OK"], ["DECRBY stock 8", ":42"]],
    run: decrby,
  },
];
