// take.ts: reading a string and changing its key's life: GETEX, GETDEL, DELIFEQ.

import { recordPersist, recordSetExpire } from "../../engine/keyspace.ts";
import { HAS_EXPIRE, recordMeta, TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import type { Ctx } from "../context.ts";
import { deleteKey, keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { propagating } from "../propagate.ts";
import { type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import {
  deletePast,
  expireAt,
  expireText,
  invalidTime,
  isPast,
  OPTION_EXAT,
  OPTION_PERSIST,
  OPTION_PXAT,
  OPTION_TIMES,
  options,
  parseOptions,
  readTime,
} from "./options.ts";
import { valueEquals } from "./set.ts";

const INVALID_GETEX = invalidTime("getex");

function getex(ctx: Ctx): void {
  if (!parseOptions(ctx, 2, OPTION_TIMES | OPTION_PERSIST)) return;
  const { bits, timeArg } = options;
  if (timeArg !== 0 && !readTime(ctx, timeArg, bits, INVALID_GETEX)) return;
  const rec = replyString(ctx);
  if (rec === 0) return;
  if ((bits & (OPTION_EXAT | OPTION_PXAT)) !== 0 && isPast(ctx)) {
    deletePast(ctx, 1, rec);
  } else if (timeArg !== 0) {
    recordSetExpire(ctx.keyspace, ctx.db, ctx.hash, rec, expireAt[0], expireAt[1]);
    propagating(ctx)?.instead(["PEXPIREAT", 1, expireText()]);
    keyChanged(ctx, 1);
    notify(ctx, NOTIFY_GENERIC, "expire", 1);
  } else if ((bits & OPTION_PERSIST) !== 0) {
    if ((recordMeta(ctx.keyspace.arena, rec) & HAS_EXPIRE) === 0) return;
    recordPersist(ctx.keyspace, ctx.db, ctx.hash, rec);
    propagating(ctx)?.instead(["PERSIST", 1]);
    keyChanged(ctx, 1);
    notify(ctx, NOTIFY_GENERIC, "persist", 1);
  }
}

function getdel(ctx: Ctx): void {
  const rec = replyString(ctx);
  if (rec === 0) return;
  propagating(ctx)?.instead(["DEL", 1]);
  deleteKey(ctx, 1, rec);
  notify(ctx, NOTIFY_GENERIC, "del", 1);
}

function delifeq(ctx: Ctx): void {
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  if (!valueEquals(ctx, rec, 2)) return ctx.out.integer(0);
  propagating(ctx)?.instead(["DEL", 1]);
  deleteKey(ctx, 1, rec);
  notify(ctx, NOTIFY_GENERIC, "del", 1);
  ctx.out.integer(1);
}

/** Replies with the string under key argument 1. Returns its record, 0 when the reply is null or WRONGTYPE. */
function replyString(ctx: Ctx): number {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) {
    ctx.out.nullBulk();
    return 0;
  }
  if (!requireType(ctx, rec, TYPE_STRING)) return 0;
  stringView(ctx.keyspace, rec);
  ctx.out.bulk(view.buf, view.off, view.len, view.data);
  return rec;
}

export const TAKE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "GETEX",
    group: "string",
    since: "6.2.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@string"],
    keys: [
      {
        ...oneKey(1, "RW access update"),
        notes: "Counts as an update because the time to live may change.",
      },
    ],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      {
        name: "expiration",
        type: "oneof",
        optional: true,
        args: [
          { name: "seconds", type: "integer", token: "EX" },
          { name: "milliseconds", type: "integer", token: "PX" },
          { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
          { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
          { name: "persist", type: "pure-token", token: "PERSIST" },
        ],
      },
    ],
    summary: "Reads a string and sets or removes the time to live of its key.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [
      ["SET ticket valid", "+OK"],
      ["GETEX ticket EX 100", "$5 valid"],
      ["TTL ticket", ":100"],
    ],
    run: getex,
  },
  {
    name: "GETDEL",
    group: "string",
    since: "6.2.0",
    arity: 2,
    flags: WRITE | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RW access delete")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Reads a string and deletes its key.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [["SET once 42", "+OK"], ["GETDEL once", "$2 42"], ["GETDEL once", "$-1"]],
    run: getdel,
  },
  {
    name: "DELIFEQ",
    group: "string",
    since: "9.0.0",
    arity: 3,
    flags: WRITE | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RM delete")],
    args: [{ name: "key", type: "key", keySpec: 0 }, { name: "value", type: "string" }],
    summary: "Deletes a key when it holds exactly the given string, as for the release of a lock.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET lock me", "+OK"], ["DELIFEQ lock you", ":0"], ["DELIFEQ lock me", ":1"]],
    run: delifeq,
  },
];
