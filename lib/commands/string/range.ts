// range.ts: parts of strings: APPEND, SETRANGE, GETRANGE, SUBSTR.
//
// A key that APPEND creates is stored as SET would; everything else that is written here becomes RAW (edit.ts).

import { copyBytes } from "../../bytes/ascii.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringLength, stringView, view } from "../../engine/string.ts";
import { argInt64, ERR_NOT_INTEGER } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import { openString, requireLength } from "./edit.ts";
import { clampIndex, isReversed } from "./indexes.ts";
import { storeArg } from "./options.ts";

const ERR_OFFSET = line("-ERR offset is out of range");
const EMPTY = line("$0\r\n");

const first = new Int32Array(2);
const last = new Int32Array(2);

function append(ctx: Ctx): void {
  const rec = lookupWrite(ctx, 1);
  const len = ctx.len[2];
  let total = len;
  if (rec === 0) {
    storeArg(ctx, 1, 2, 0, false);
  } else {
    if (!requireType(ctx, rec, TYPE_STRING)) return;
    const oldLen = stringLength(ctx.keyspace, rec);
    total += oldLen;
    if (!requireLength(ctx, total)) return;
    openString(ctx, 1, rec, total, true);
    copyBytes(ctx.argBuf, ctx.off[2], view.buf, view.off + oldLen, len);
  }
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "append", 1);
  ctx.out.integer(total);
}

function setrange(ctx: Ctx): void {
  if (!argInt64(ctx, 2, first)) return ctx.out.error(ERR_NOT_INTEGER);
  const offset = int64ToNumber(first[0], first[1]);
  if (offset < 0) return ctx.out.error(ERR_OFFSET);
  const rec = lookupWrite(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STRING)) return;
  const oldLen = rec === 0 ? 0 : stringLength(ctx.keyspace, rec);
  const len = ctx.len[3];
  if (len === 0) return ctx.out.integer(oldLen);
  if (!requireLength(ctx, offset + len)) return;
  openString(ctx, 1, rec, offset + len, offset + len > oldLen);
  copyBytes(ctx.argBuf, ctx.off[3], view.buf, view.off + offset, len);
  const total = view.len;
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "setrange", 1);
  ctx.out.integer(total);
}

function getrange(ctx: Ctx): void {
  if (!argInt64(ctx, 2, first) || !argInt64(ctx, 3, last)) return ctx.out.error(ERR_NOT_INTEGER);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.raw(EMPTY);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  stringView(ctx.keyspace, rec);
  const start = clampIndex(first, view.len);
  const end = Math.min(clampIndex(last, view.len), view.len - 1);
  if (start > end || isReversed(first, last)) return ctx.out.raw(EMPTY);
  ctx.out.bulk(view.buf, view.off + start, end - start + 1);
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
const RANGE: readonly ArgSpec[] = [
  KEY,
  { name: "start", type: "integer" },
  { name: "end", type: "integer" },
];

export const RANGE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "APPEND",
    group: "string",
    since: "2.0.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RW insert")],
    args: [KEY, { name: "value", type: "string" }],
    summary: "Adds bytes to the end of a string, which is made when absent; answers its length.",
    complexity: "O(1) amortised: a string that grows gets room for as much again",
    reply: ["integer"],
    examples: [["APPEND log one", ":3"], ["APPEND log two", ":6"], ["GET log", "$6 onetwo"]],
    run: append,
  },
  {
    name: "SETRANGE",
    group: "string",
    since: "2.2.0",
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [oneKey(1, "RW update")],
    args: [KEY, { name: "offset", type: "integer" }, { name: "value", type: "string" }],
    summary: "Overwrites a string from an offset on, zero bytes filling a gap; answers its length.",
    complexity:
      "O(1) for a few bytes, O(M) for M bytes; a string that has to move costs its length",
    reply: ["integer"],
    examples: [
      ["SET greeting hello", "+OK"],
      ["SETRANGE greeting 1 u", ":5"],
      ["GET greeting", "$5 hullo"],
    ],
    run: setrange,
  },
  {
    name: "GETRANGE",
    group: "string",
    since: "2.4.0",
    arity: 4,
    flags: READONLY,
    acl: ["@string"],
    keys: [oneKey(1, "RO access")],
    args: RANGE,
    summary:
      "Reads the bytes of a string between two offsets, both included; negative ones count " +
      "from the end.",
    complexity: "O(N) with N the bytes answered; a short range of a long string is O(1)",
    reply: ["bulk"],
    examples: [["SET greeting hello", "+OK"], ["GETRANGE greeting 1 -2", "$3 ell"]],
    run: getrange,
  },
  {
    name: "SUBSTR",
    group: "string",
    since: "1.0.0",
    arity: 4,
    flags: READONLY,
    acl: ["@string"],
    keys: [oneKey(1, "RO access")],
    args: RANGE,
    summary: "The old name of GETRANGE.",
    complexity: "O(N) with N the bytes answered; a short range of a long string is O(1)",
    reply: ["bulk"],
    examples: [["SET greeting hello", "+OK"], ["SUBSTR greeting 0 1", "$2 he"]],
    run: getrange,
  },
];
