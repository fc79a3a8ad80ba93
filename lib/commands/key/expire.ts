// expire.ts: giving keys a time to live: EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT.
//
// The checks run in this order: option words, the integer, overflow, the key, the condition. A time that is not in the
// future deletes the key; a negative one counts as 0. Times are exact over all 64 bits: doubles are used where they
// are exact, BigInt beyond.

import {
  int64Compare,
  int64FromBigInt,
  int64FromNumber,
  int64ToBigInt,
  int64ToNumber,
} from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordSetExpire } from "../../engine/keyspace.ts";
import { HAS_EXPIRE, recordExpirePair, recordMeta } from "../../engine/record.ts";
import { argInt64, argIs, argText, ERR_NOT_INTEGER, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { argParts, propagating } from "../propagate.ts";
import { type ArgSpec, type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import { deletePast, expireAt, expireText, invalidTime, isPast } from "../string/options.ts";

const ONE = line(":1");
const ZERO = line(":0");
const ERR_NX = line("-ERR NX and XX, GT or LT options at the same time are not compatible");
const ERR_GT_LT = line("-ERR GT and LT options at the same time are not compatible");

const IF_NONE = 1;
const IF_SOME = 2;
const IF_LATER = 4;
const IF_EARLIER = 8;

const CONDITIONS: readonly (readonly [lower: Uint8Array, bit: number])[] = [
  [word("nx"), IF_NONE],
  [word("xx"), IF_SOME],
  [word("gt"), IF_LATER],
  [word("lt"), IF_EARLIER],
];

/** Up to here a number of seconds, in milliseconds and added to any wall time, is exact as a double. */
const EXACT_MAX = 2 ** 42;
const INT64_MAX = 0x7fffffffffffffffn;
const INT64_MIN = -INT64_MAX - 1n;

/** The condition bits of arguments from 3 up to `end` (not included); -1 after an error reply. */
export function conditionBits(ctx: Ctx, end = ctx.argc): number {
  let bits = 0;
  for (let i = 3; i < end; i++) {
    const found = CONDITIONS.find(([lower]) => argIs(ctx, i, lower));
    if (found === undefined) {
      ctx.out.errorText(`ERR Unsupported option ${argText(ctx, i).split("\0", 1)[0]}`);
      return -1;
    }
    bits |= found[1];
  }
  let error = null;
  if ((bits & IF_NONE) !== 0 && bits !== IF_NONE) error = ERR_NX;
  else if ((bits & IF_LATER) !== 0 && (bits & IF_EARLIER) !== 0) error = ERR_GT_LT;
  if (error === null) return bits;
  ctx.out.error(error);
  return -1;
}

/**
 * Reads argument 2, in units of `unitMs` milliseconds from `baseMs` on, into `expireAt` as milliseconds since the epoch.
 * Replies and returns false when it is no integer or (with the line `invalid`) too large.
 */
function readWhen(ctx: Ctx, unitMs: number, baseMs: number, invalid: Uint8Array): boolean {
  if (!argInt64(ctx, 2, expireAt)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return false;
  }
  const value = int64ToNumber(expireAt[0], expireAt[1]);
  if (value >= -EXACT_MAX && value <= EXACT_MAX) {
    return int64FromNumber(Math.max(0, value * unitMs + baseMs), expireAt);
  }
  const valueInMs = int64ToBigInt(expireAt[0], expireAt[1]) * BigInt(unitMs);
  const when = valueInMs + BigInt(baseMs);
  if (when > INT64_MAX || valueInMs < INT64_MIN) {
    ctx.out.error(invalid);
    return false;
  }
  return int64FromBigInt(when < 0n ? 0n : when, expireAt);
}

const current = new Int32Array(2);

/** Whether the conditions let `expireAt` replace the expiry of the record. */
function conditionHolds(ctx: Ctx, rec: number, bits: number): boolean {
  const { arena } = ctx.keyspace;
  const hasExpire = (recordMeta(arena, rec) & HAS_EXPIRE) !== 0;
  if (hasExpire) recordExpirePair(arena, rec, current);
  return conditionAllows(bits, hasExpire, current[0], current[1]);
}

/** Whether the conditions let `expireAt` replace an expiry: lo, hi, or none unless `hasExpire`. */
export function conditionAllows(bits: number, hasExpire: boolean, lo: number, hi: number): boolean {
  if (!hasExpire) return (bits & (IF_SOME | IF_LATER)) === 0;
  if ((bits & IF_NONE) !== 0) return false;
  if ((bits & (IF_LATER | IF_EARLIER)) === 0) return true;
  const order = int64Compare(expireAt[0], expireAt[1], lo, hi);
  return (bits & IF_LATER) !== 0 ? order > 0 : order < 0;
}

function expireIn(ctx: Ctx, unitMs: number, baseMs: number, invalid: Uint8Array): void {
  const bits = ctx.argc > 3 ? conditionBits(ctx) : 0;
  if (bits < 0) return;
  if (!readWhen(ctx, unitMs, baseMs, invalid)) return;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0 || (bits !== 0 && !conditionHolds(ctx, rec, bits))) return ctx.out.raw(ZERO);
  if (isPast(ctx)) {
    deletePast(ctx, 1, rec);
  } else {
    recordSetExpire(ctx.keyspace, ctx.db, ctx.hash, rec, expireAt[0], expireAt[1]);
    propagating(ctx)?.instead(["PEXPIREAT", 1, expireText(), ...argParts(3, ctx.argc)]);
    keyChanged(ctx, 1);
    notify(ctx, NOTIFY_GENERIC, "expire", 1);
  }
  ctx.out.raw(ONE);
}

const INVALID_EXPIRE = invalidTime("expire");
const INVALID_PEXPIRE = invalidTime("pexpire");
const INVALID_EXPIREAT = invalidTime("expireat");
const INVALID_PEXPIREAT = invalidTime("pexpireat");

function expire(ctx: Ctx): void {
  expireIn(ctx, 1000, ctx.nowMs, INVALID_EXPIRE);
}

function pexpire(ctx: Ctx): void {
  expireIn(ctx, 1, ctx.nowMs, INVALID_PEXPIRE);
}

function expireat(ctx: Ctx): void {
  expireIn(ctx, 1000, 0, INVALID_EXPIREAT);
}

function pexpireat(ctx: Ctx): void {
  expireIn(ctx, 1, 0, INVALID_PEXPIREAT);
}

const CONDITION_ARG: ArgSpec = {
  name: "condition",
  type: "oneof",
  since: "7.0.0",
  optional: true,
  args: [
    { name: "nx", type: "pure-token", token: "NX" },
    { name: "xx", type: "pure-token", token: "XX" },
    { name: "gt", type: "pure-token", token: "GT" },
    { name: "lt", type: "pure-token", token: "LT" },
  ],
};

/** What the four declarations have in common. */
const COMMON = {
  group: "generic",
  arity: -3,
  flags: WRITE | FAST,
  acl: ["@keyspace"],
  keys: [oneKey(1, "RW update")],
  complexity: "O(1)",
  history: [["7.0.0", "The conditions NX, XX, GT and LT."]],
  reply: ["integer"],
} as const;

const KEY_ARG: ArgSpec = { name: "key", type: "key", keySpec: 0 };

export const EXPIRE_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "EXPIRE",
    since: "1.0.0",
    args: [KEY_ARG, { name: "seconds", type: "integer" }, CONDITION_ARG],
    summary: "Lets a key go after a number of seconds; on request only if it has no time to live " +
      "yet (NX), has one (XX), or would live longer (GT) or shorter (LT).",
    examples: [
      ["SET a 1", "+OK"],
      ["EXPIRE a 60", ":1"],
      ["TTL a", ":60"],
      ["EXPIRE a 90 LT", ":0"],
      ["EXPIRE a 0", ":1"],
      ["EXISTS a", ":0"],
    ],
    run: expire,
  },
  {
    ...COMMON,
    name: "PEXPIRE",
    since: "2.6.0",
    args: [KEY_ARG, { name: "milliseconds", type: "integer" }, CONDITION_ARG],
    summary: "Lets a key go after a number of milliseconds, with the conditions of EXPIRE.",
    examples: [["SET a 1", "+OK"], ["PEXPIRE a 1500", ":1"], ["PTTL a", ":1500"]],
    run: pexpire,
  },
  {
    ...COMMON,
    name: "EXPIREAT",
    since: "1.2.0",
    args: [KEY_ARG, { name: "unix-time-seconds", type: "unix-time" }, CONDITION_ARG],
    summary: "Lets a key go at a Unix time in seconds, with the conditions of EXPIRE.",
    examples: [
      ["SET a 1", "+OK"],
      ["EXPIREAT a 33177117420", ":1"],
      ["EXPIRETIME a", ":33177117420"],
    ],
    run: expireat,
  },
  {
    ...COMMON,
    name: "PEXPIREAT",
    since: "2.6.0",
    args: [KEY_ARG, { name: "unix-time-milliseconds", type: "unix-time" }, CONDITION_ARG],
    summary: "Lets a key go at a Unix time in milliseconds, with the conditions of EXPIRE.",
    examples: [
      ["SET a 1", "+OK"],
      ["PEXPIREAT a 33177117420001", ":1"],
      ["PEXPIRETIME a", ":33177117420001"],
    ],
    run: pexpireat,
  },
];
