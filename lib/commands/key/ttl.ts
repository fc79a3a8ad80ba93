// ttl.ts: what is left of a key's time, and taking it away: TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST.
//
// -2 is no key, -1 no expiry. Seconds are rounded to the nearest, halves up.

import { int64FromBigInt, int64ToBigInt } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordPersist } from "../../engine/keyspace.ts";
import { HAS_EXPIRE, recordExpireMs, recordExpirePair, recordMeta } from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupPeek, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { type ArgSpec, type CommandSpec, FAST, oneKey, READONLY, WRITE } from "../spec.ts";

const ONE = line(":1");
const ZERO = line(":0");
const NO_KEY = line(":-2");
const NO_EXPIRY = line(":-1");
const EXACT_MAX = Number.MAX_SAFE_INTEGER - 1000;

/** Replies with the expiry of key argument 1, counted from `baseMs` on, in units of `unitMs` milliseconds. */
function replyTime(ctx: Ctx, baseMs: number, unitMs: number): void {
  const rec = lookupPeek(ctx, 1);
  if (rec === 0) return ctx.out.raw(NO_KEY);
  const when = recordExpireMs(ctx.keyspace.arena, rec);
  if (when < 0) return ctx.out.raw(NO_EXPIRY);
  if (when > EXACT_MAX) return replyFarTime(ctx, rec, { baseMs, unitMs });
  const left = Math.max(0, when - baseMs);
  ctx.out.integer(unitMs === 1 ? left : Math.floor((left + unitMs / 2) / unitMs));
}

const pair = new Int32Array(2);

/** As replyTime, for times that a double does not hold. */
function replyFarTime(ctx: Ctx, rec: number, unit: { baseMs: number; unitMs: number }): void {
  recordExpirePair(ctx.keyspace.arena, rec, pair);
  const left = int64ToBigInt(pair[0], pair[1]) - BigInt(unit.baseMs);
  const half = BigInt(unit.unitMs >> 1);
  int64FromBigInt((left + half) / BigInt(unit.unitMs), pair);
  ctx.out.integer64(pair[0], pair[1]);
}

function ttl(ctx: Ctx): void {
  replyTime(ctx, ctx.nowMs, 1000);
}

function pttl(ctx: Ctx): void {
  replyTime(ctx, ctx.nowMs, 1);
}

function expiretime(ctx: Ctx): void {
  replyTime(ctx, 0, 1000);
}

function pexpiretime(ctx: Ctx): void {
  replyTime(ctx, 0, 1);
}

function persist(ctx: Ctx): void {
  const rec = lookupWrite(ctx, 1);
  if (rec === 0 || (recordMeta(ctx.keyspace.arena, rec) & HAS_EXPIRE) === 0) {
    return ctx.out.raw(ZERO);
  }
  recordPersist(ctx.keyspace, ctx.db, ctx.hash, rec);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_GENERIC, "persist", 1);
  ctx.out.raw(ONE);
}

const KEY_ARG: ArgSpec = { name: "key", type: "key", keySpec: 0 };

/** What the readers have in common. */
const READER = {
  group: "generic",
  arity: 2,
  flags: READONLY | FAST,
  acl: ["@keyspace"],
  keys: [oneKey(1, "RO access")],
  args: [KEY_ARG],
  complexity: "O(1)",
  reply: ["integer"],
} as const;

export const TTL_COMMANDS: readonly CommandSpec[] = [
  {
    ...READER,
    name: "TTL",
    since: "1.0.0",
    tips: ["nondeterministic_output"],
    summary: "Tells how many seconds a key has left; -1 without an expiry, -2 without a key.",
    history: [["2.8.0", "Answers -2 when there is no key."]],
    examples: [["TTL a", ":-2"], ["SET a 1", "+OK"], ["TTL a", ":-1"], ["EXPIRE a 60", ":1"], [
      "TTL a",
      ":60",
    ]],
    run: ttl,
  },
  {
    ...READER,
    name: "PTTL",
    since: "2.6.0",
    tips: ["nondeterministic_output"],
    summary: "Tells how many milliseconds a key has left; -1 without an expiry, -2 without a key.",
    history: [["2.8.0", "Answers -2 when there is no key."]],
    examples: [["SET a 1 PX 1500", "+OK"], ["PTTL a", ":1500"]],
    run: pttl,
  },
  {
    ...READER,
    name: "EXPIRETIME",
    since: "7.0.0",
    summary:
      "Tells at which Unix time in seconds a key goes; -1 without an expiry, -2 without a key.",
    examples: [["SET a 1 EXAT 33177117420", "+OK"], ["EXPIRETIME a", ":33177117420"]],
    run: expiretime,
  },
  {
    ...READER,
    name: "PEXPIRETIME",
    since: "7.0.0",
    summary:
      "Tells at which Unix time in milliseconds a key goes; -1 without an expiry, -2 without " +
      "a key.",
    examples: [["SET a 1 EXAT 33177117420", "+OK"], ["PEXPIRETIME a", ":33177117420000"]],
    run: pexpiretime,
  },
  {
    name: "PERSIST",
    group: "generic",
    since: "2.2.0",
    arity: 2,
    flags: WRITE | FAST,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RW update")],
    args: [KEY_ARG],
    summary: "Takes the expiry off a key, so that it stays.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET a 1 EX 60", "+OK"], ["PERSIST a", ":1"], ["TTL a", ":-1"], [
      "PERSIST a",
      ":0",
    ]],
    run: persist,
  },
];
