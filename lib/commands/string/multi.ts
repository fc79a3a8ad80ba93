// multi.ts: several strings at once: MGET, MSET, MSETNX, MSETEX.

import { line, OK } from "../../codec/reply_writer.ts";
import { recordType, TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import { argNumber, ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_STRING } from "../notify.ts";
import { argParts, propagating } from "../propagate.ts";
import {
  type ArgSpec,
  type CommandSpec,
  countedKeys,
  DENYOOM,
  FAST,
  keyRange,
  MOVABLE_KEYS,
  READONLY,
  WRITE,
} from "../spec.ts";
import {
  expireText,
  invalidTime,
  OPTION_KEEPTTL,
  OPTION_NX,
  OPTION_PXAT,
  OPTION_TIMES,
  OPTION_XX,
  options,
  parseOptions,
  readTime,
  storeArg,
  storeArgUntil,
} from "./options.ts";

const ERR_MSET_ARITY = line("-ERR wrong number of arguments for 'mset' command");
const ERR_MSETNX_ARITY = line("-ERR wrong number of arguments for 'msetnx' command");
const ERR_NUMKEYS = line("-ERR invalid numkeys value or out of range");
const INVALID_MSETEX = invalidTime("msetex");
const MSETEX_OPTIONS = OPTION_NX | OPTION_XX | OPTION_KEEPTTL | OPTION_TIMES;
const NUMKEYS_MAX = 2147483647;

function mget(ctx: Ctx): void {
  const out = ctx.out;
  const ks = ctx.keyspace;
  out.array(ctx.argc - 1);
  for (let i = 1; i < ctx.argc; i++) {
    const rec = lookupRead(ctx, i);
    if (rec === 0 || recordType(ks.arena, rec) !== TYPE_STRING) {
      out.nullBulk();
    } else {
      stringView(ks, rec);
      out.bulk(view.buf, view.off, view.len, view.data);
    }
  }
}

function mset(ctx: Ctx): void {
  if ((ctx.argc & 1) === 0) return ctx.out.error(ERR_MSET_ARITY);
  storePairs(ctx, 1, ctx.argc, false);
  ctx.out.raw(OK);
}

function msetnx(ctx: Ctx): void {
  if ((ctx.argc & 1) === 0) return ctx.out.error(ERR_MSETNX_ARITY);
  if (someKey(ctx, 1, ctx.argc, true)) return ctx.out.integer(0);
  storePairs(ctx, 1, ctx.argc, false);
  ctx.out.integer(1);
}

// A time that is past does not delete here: the keys are stored and expire as any other.
function msetex(ctx: Ctx): void {
  const count = argNumber(ctx, 1, 1, NUMKEYS_MAX);
  if (Number.isNaN(count)) return ctx.out.error(ERR_NUMKEYS);
  const end = 2 + count * 2;
  if (end > ctx.argc) return ctx.out.error(ERR_SYNTAX);
  if (!parseOptions(ctx, end, MSETEX_OPTIONS)) return;
  const { bits, timeArg } = options;
  if (timeArg !== 0 && !readTime(ctx, timeArg, bits, INVALID_MSETEX)) return;
  const isRefused = ((bits & OPTION_NX) !== 0 && someKey(ctx, 2, end, true)) ||
    ((bits & OPTION_XX) !== 0 && someKey(ctx, 2, end, false));
  if (isRefused) return ctx.out.integer(0);
  if (timeArg === 0) {
    storePairs(ctx, 2, end, (bits & OPTION_KEEPTTL) !== 0);
  } else {
    for (let i = 2; i < end; i += 2) {
      storeArgUntil(ctx, i, i + 1, lookupWrite(ctx, i));
      keyChanged(ctx, i);
      notify(ctx, NOTIFY_STRING, "set", i);
      notify(ctx, NOTIFY_GENERIC, "expire", i);
    }
    if ((bits & OPTION_PXAT) === 0) {
      const before = argParts(0, timeArg - 1);
      const behind = argParts(timeArg + 1, ctx.argc);
      propagating(ctx)?.instead([...before, "PXAT", expireText(), ...behind]);
    }
  }
  ctx.out.integer(1);
}

/** Stores the pairs of key and value in arguments [from, end). */
function storePairs(ctx: Ctx, from: number, end: number, keepExpire: boolean): void {
  for (let i = from; i < end; i += 2) {
    storeArg(ctx, i, i + 1, lookupWrite(ctx, i), keepExpire);
    keyChanged(ctx, i);
    notify(ctx, NOTIFY_STRING, "set", i);
  }
}

/** Whether one of the keys of the pairs in arguments [from, end) exists (or, with false, is absent). */
function someKey(ctx: Ctx, from: number, end: number, exists: boolean): boolean {
  for (let i = from; i < end; i += 2) {
    if ((lookupWrite(ctx, i) !== 0) === exists) return true;
  }
  return false;
}

const PAIRS: ArgSpec = {
  name: "data",
  type: "block",
  multiple: true,
  args: [{ name: "key", type: "key", keySpec: 0 }, { name: "value", type: "string" }],
};

export const MULTI_COMMANDS: readonly CommandSpec[] = [
  {
    name: "MGET",
    group: "string",
    since: "1.0.0",
    arity: -2,
    flags: READONLY | FAST,
    acl: ["@string"],
    keys: [keyRange(1, -1, 1, "RO access")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary: "Reads the strings under several keys; null where a key is absent or no string.",
    complexity: "O(N) with N the number of keys",
    tips: ["request_policy:multi_shard"],
    reply: ["array"],
    examples: [["SET a 1", "+OK"], ["MGET a b", "*2 $1 1 $-1"]],
    run: mget,
  },
  {
    name: "MSET",
    group: "string",
    since: "1.0.1",
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [keyRange(1, -1, 2, "OW update")],
    args: [PAIRS],
    summary: "Stores several strings at once.",
    complexity: "O(N) with N the number of keys",
    tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
    reply: ["simple"],
    examples: [["MSET a 1 b 2", "+OK"], ["GET b", "$1 2"]],
    run: mset,
  },
  {
    name: "MSETNX",
    group: "string",
    since: "1.0.1",
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ["@string"],
    keys: [keyRange(1, -1, 2, "OW insert")],
    args: [PAIRS],
    summary: "Stores several strings when none of the keys exists, else none.",
    complexity: "O(N) with N the number of keys",
    reply: ["integer"],
    examples: [["MSETNX a 1 b 2", ":1"], ["MSETNX b 3 c 4", ":0"], ["GET c", "$-1"]],
    run: msetnx,
  },
  {
    name: "MSETEX",
    group: "string",
    since: "9.1.0",
    arity: -4,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ["@string"],
    keys: [countedKeys(1, "OW update", 2)],
    args: [
      { name: "numkeys", type: "integer" },
      PAIRS,
      {
        name: "condition",
        type: "oneof",
        optional: true,
        args: [
          { name: "nx", type: "pure-token", token: "NX" },
          { name: "xx", type: "pure-token", token: "XX" },
        ],
      },
      {
        name: "expiration",
        type: "oneof",
        optional: true,
        args: [
          { name: "seconds", type: "integer", token: "EX" },
          { name: "milliseconds", type: "integer", token: "PX" },
          { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
          { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
          { name: "keepttl", type: "pure-token", token: "KEEPTTL" },
        ],
      },
    ],
    summary: "Stores several strings with one time to live, on request only when all or none of " +
      "the keys exist.",
    complexity: "O(N) with N the number of keys",
    tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
    reply: ["integer"],
    examples: [
      ["MSETEX 2 a 1 b 2 EX 100", ":1"],
      ["TTL b", ":100"],
      ["MSETEX 1 a 3 NX", ":0"],
    ],
    run: msetex,
  },
];
