// set.ts: the commands that replace a whole string: SET, SETNX, SETEX, PSETEX, GETSET.
//
// SET without options is the hot path: one lookup, one store, nothing allocated. All other forms meet in `storeIf`,
// which runs the checks in this order: the time's syntax, the old value for GET, the condition, a time that is past.

import { bytesEqual } from "../../bytes/ascii.ts";
import { line, OK } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import { argIs, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_STRING } from "../notify.ts";
import { argParts, propagating } from "../propagate.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import {
  deletePast,
  expireText,
  invalidTime,
  isPast,
  OPTION_EX,
  OPTION_GET,
  OPTION_IFEQ,
  OPTION_KEEPTTL,
  OPTION_NX,
  OPTION_PX,
  OPTION_PXAT,
  OPTION_TIMES,
  OPTION_XX,
  options,
  parseOptions,
  readTime,
  storeArg,
  storeArgUntil,
} from "./options.ts";

const ONE = line(":1");
const ZERO = line(":0");
const SET_OPTIONS = OPTION_NX | OPTION_XX | OPTION_IFEQ | OPTION_GET | OPTION_KEEPTTL |
  OPTION_TIMES;
const INVALID_SET = invalidTime("set");
const INVALID_SETEX = invalidTime("setex");
const INVALID_PSETEX = invalidTime("psetex");
const GET_WORD = word("get");

function set(ctx: Ctx): void {
  if (ctx.argc !== 3) return setWithOptions(ctx);
  storeArg(ctx, 1, 2, lookupWrite(ctx, 1), false);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "set", 1);
  ctx.out.raw(OK);
}

function setWithOptions(ctx: Ctx): void {
  if (!parseOptions(ctx, 3, SET_OPTIONS)) return;
  const { bits, timeArg } = options;
  if (timeArg !== 0 && !readTime(ctx, timeArg, bits, INVALID_SET)) return;
  if ((bits & OPTION_GET) !== 0 && !replyOldValue(ctx)) return;
  storeIf(ctx, 2, bits, OK, null);
}

function setnx(ctx: Ctx): void {
  storeIf(ctx, 2, OPTION_NX, ONE, ZERO);
}

function setex(ctx: Ctx): void {
  if (readTime(ctx, 2, OPTION_EX, INVALID_SETEX)) storeIf(ctx, 3, OPTION_EX, OK, null);
}

function psetex(ctx: Ctx): void {
  if (readTime(ctx, 2, OPTION_PX, INVALID_PSETEX)) storeIf(ctx, 3, OPTION_PX, OK, null);
}

function getset(ctx: Ctx): void {
  if (!replyOldValue(ctx)) return;
  storeArg(ctx, 1, 2, lookupWrite(ctx, 1), false);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "set", 1);
  propagating(ctx)?.instead(["SET", 1, 2]);
}

/** Replies with the value of key argument 1; false when the reply is WRONGTYPE. */
function replyOldValue(ctx: Ctx): boolean {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) {
    ctx.out.nullBulk();
    return true;
  }
  if (!requireType(ctx, rec, TYPE_STRING)) return false;
  stringView(ctx.keyspace, rec);
  ctx.out.bulk(view.buf, view.off, view.len, view.data);
  return true;
}

/**
 * Stores argument `valueArg` under key argument 1 when the condition among the OPTION bits holds, with the time in
 * `expireAt` when the bits name one. Replies `done` or `refused` (null: a null reply), or nothing when the bits hold
 * GET, whose reply is written already.
 */
function storeIf(
  ctx: Ctx,
  valueArg: number,
  bits: number,
  done: Uint8Array,
  refused: Uint8Array | null,
): void {
  const isQuiet = (bits & OPTION_GET) !== 0;
  const rec = lookupWrite(ctx, 1);
  let isAllowed = true;
  if ((bits & OPTION_NX) !== 0) isAllowed = rec === 0;
  else if ((bits & OPTION_XX) !== 0) isAllowed = rec !== 0;
  else if ((bits & OPTION_IFEQ) !== 0) {
    if (rec !== 0 && !requireType(ctx, rec, TYPE_STRING)) return;
    isAllowed = rec !== 0 && valueEquals(ctx, rec, options.compareArg);
  }
  if (!isAllowed) {
    if (isQuiet) return;
    return refused === null ? ctx.out.nullBulk() : ctx.out.raw(refused);
  }
  if ((bits & OPTION_TIMES) === 0) {
    storeArg(ctx, 1, valueArg, rec, (bits & OPTION_KEEPTTL) !== 0);
    keyChanged(ctx, 1);
    notify(ctx, NOTIFY_STRING, "set", 1);
    if (isQuiet) propagating(ctx)?.instead(withoutGet(ctx));
  } else if (!isPast(ctx)) {
    storeArgUntil(ctx, 1, valueArg, rec);
    keyChanged(ctx, 1);
    if ((bits & OPTION_PXAT) === 0) {
      propagating(ctx)?.instead(["SET", 1, valueArg, "PXAT", expireText()]);
    }
    notify(ctx, NOTIFY_STRING, "set", 1);
    notify(ctx, NOTIFY_GENERIC, "expire", 1);
  } else if (rec !== 0) {
    deletePast(ctx, 1, rec);
  }
  if (!isQuiet) ctx.out.raw(done);
}

/** The words of SET without GET. */
function withoutGet(ctx: Ctx): number[] {
  return argParts(0, ctx.argc).filter((arg) => arg < 3 || !argIs(ctx, arg, GET_WORD));
}

/** Whether the string record holds exactly the bytes of an argument. */
export function valueEquals(ctx: Ctx, rec: number, arg: number): boolean {
  stringView(ctx.keyspace, rec);
  return view.len === ctx.len[arg] &&
    bytesEqual(view.buf, view.off, ctx.argBuf, ctx.off[arg], view.len);
}

/** SET only overwrites its key, unless GET is among the options. */
function setKeyFlags(ctx: Ctx): string {
  for (let i = 3; i < ctx.argc; i++) {
    if (argIs(ctx, i, GET_WORD)) return "RW access update";
  }
  return "OW update";
}

export const SET_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SET",
    group: "string",
    since: "1.0.0",
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [
      {
        ...oneKey(1, "RW access update variable_flags"),
        notes: "Only GET reads the old value; without it the key is overwritten unseen.",
      },
    ],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "value", type: "string" },
      {
        name: "condition",
        type: "oneof",
        optional: true,
        args: [
          { name: "nx", type: "pure-token", token: "NX", since: "2.6.12" },
          { name: "xx", type: "pure-token", token: "XX", since: "2.6.12" },
          { name: "comparison-value", type: "string", token: "IFEQ", since: "8.1.0" },
        ],
      },
      { name: "get", type: "pure-token", token: "GET", since: "6.2.0", optional: true },
      {
        name: "expiration",
        type: "oneof",
        optional: true,
        args: [
          { name: "seconds", type: "integer", token: "EX", since: "2.6.12" },
          { name: "milliseconds", type: "integer", token: "PX", since: "2.6.12" },
          { name: "unix-time-seconds", type: "unix-time", token: "EXAT", since: "6.2.0" },
          { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT", since: "6.2.0" },
          { name: "keepttl", type: "pure-token", token: "KEEPTTL", since: "6.0.0" },
        ],
      },
    ],
    summary: "Stores a string under a key, whatever the key held before; on request only under a " +
      "condition, with a time to live, or answering the old value.",
    complexity: "O(1)",
    history: [
      ["2.6.12", "The options EX, PX, NX and XX."],
      ["6.0.0", "The option KEEPTTL."],
      ["6.2.0", "The options GET, EXAT and PXAT."],
      ["7.0.0", "NX and GET may be given together."],
      ["8.1.0", "The option IFEQ."],
    ],
    reply: ["simple", "bulk", "null"],
    examples: [
      ["SET color red", "+OK"],
      ["SET color blue NX", "$-1"],
      ["SET color blue IFEQ red GET", "$3 red"],
      ["GET color", "$4 blue"],
    ],
    keyFlags: setKeyFlags,
    run: set,
  },
  {
    name: "SETNX",
    group: "string",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "OW insert")],
    args: [{ name: "key", type: "key", keySpec: 0 }, { name: "value", type: "string" }],
    summary: "Stores a string under a key that is absent, and tells whether it did.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SETNX color red", ":1"], ["SETNX color blue", ":0"], ["GET color", "$3 red"]],
    run: setnx,
  },
  {
    name: "SETEX",
    group: "string",
    since: "2.0.0",
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [oneKey(1, "OW update")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "seconds", type: "integer" },
      { name: "value", type: "string" },
    ],
    summary: "Stores a string that lives for a number of seconds.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["SETEX ticket 100 valid", "+OK"], ["TTL ticket", ":100"]],
    run: setex,
  },
  {
    name: "PSETEX",
    group: "string",
    since: "2.6.0",
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [oneKey(1, "OW update")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "milliseconds", type: "integer" },
      { name: "value", type: "string" },
    ],
    summary: "Stores a string that lives for a number of milliseconds.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["PSETEX ticket 100000 valid", "+OK"], ["TTL ticket", ":100"]],
    run: psetex,
  },
  {
    name: "GETSET",
    group: "string",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RW access update")],
    args: [{ name: "key", type: "key", keySpec: 0 }, { name: "value", type: "string" }],
    summary: "Stores a string and answers the one it replaces.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [["GETSET color red", "$-1"], ["GETSET color blue", "$3 red"]],
    run: getset,
  },
];
