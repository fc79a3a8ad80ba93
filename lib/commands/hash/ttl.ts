// ttl.ts: when fields expire: HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME. -1: never, -2: there is no such field.

import { int64FromBigInt, int64ToBigInt } from "../../bytes/int64.ts";
import { found, hashFind } from "../../engine/hash.ts";
import { ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import { type CommandSpec, FAST, oneKey, READONLY } from "../spec.ts";
import { FIELD_LIST, fieldCount, fieldsBlock, KEY, readHash, seenFrom } from "./fields.ts";

/** Times whose high half is below this are exact as doubles. */
const EXACT_HI = 1 << 20;
const pair = new Int32Array(2);

function replyTimes(ctx: Ctx, baseMs: number, inSeconds: boolean): void {
  const { out, keyspace: ks, argBuf, off, len } = ctx;
  const count = fieldCount(ctx, 3, 1, ERR_SYNTAX);
  if (count < 0) return;
  const rec = readHash(ctx);
  if (rec < 0) return;
  const seenMs = rec === 0 ? 0 : seenFrom(ctx, rec);
  out.array(count);
  for (let i = 4; i < ctx.argc; i++) {
    if (rec === 0 || !hashFind(ks, rec, argBuf, off[i], len[i], seenMs)) out.integer(-2);
    else if (!found.timed) out.integer(-1);
    else replyTime(ctx, baseMs, inSeconds);
  }
}

/** Replies with the time of `found` less `baseMs`, at least 0; seconds are rounded. */
function replyTime(ctx: Ctx, baseMs: number, inSeconds: boolean): void {
  const { lo, hi } = found;
  if (hi < EXACT_HI) {
    const left = Math.max(0, hi * 4294967296 + (lo >>> 0) - baseMs);
    return ctx.out.integer(inSeconds ? Math.floor((left + 500) / 1000) : left);
  }
  const left = int64ToBigInt(lo, hi) - BigInt(baseMs);
  int64FromBigInt(inSeconds ? (left + 500n) / 1000n : left, pair);
  ctx.out.integer64(pair[0], pair[1]);
}

function httl(ctx: Ctx): void {
  replyTimes(ctx, ctx.nowMs, true);
}

function hpttl(ctx: Ctx): void {
  replyTimes(ctx, ctx.nowMs, false);
}

function hexpiretime(ctx: Ctx): void {
  replyTimes(ctx, 0, true);
}

function hpexpiretime(ctx: Ctx): void {
  replyTimes(ctx, 0, false);
}

const COMMON = {
  group: "hash",
  since: "9.0.0",
  arity: -5,
  flags: READONLY | FAST,
  acl: ["@hash"],
  keys: [oneKey(1, "RO access")],
  complexity: "O(N) for N fields",
  reply: ["array"],
} as const satisfies Partial<CommandSpec>;

export const TTL_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "HTTL",
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Tells how many seconds fields of a hash have to live.",
    examples: [
      ["HSETEX user EX 100 FIELDS 1 city London", ":1"],
      ["HTTL user FIELDS 2 city shoe", "*2 :100 :-2"],
    ],
    run: httl,
  },
  {
    ...COMMON,
    name: "HPTTL",
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Tells how many milliseconds fields of a hash have to live.",
    examples: [
      ["HSET user name Ada", ":1"],
      ["HPTTL user FIELDS 2 name shoe", "*2 :-1 :-2"],
    ],
    run: hpttl,
  },
  {
    ...COMMON,
    name: "HEXPIRETIME",
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Tells when fields of a hash expire, in seconds since 1970.",
    examples: [
      ["HSETEX user EXAT 33177117420 FIELDS 1 city London", ":1"],
      ["HEXPIRETIME user FIELDS 2 city shoe", "*2 :33177117420 :-2"],
    ],
    run: hexpiretime,
  },
  {
    ...COMMON,
    name: "HPEXPIRETIME",
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Tells when fields of a hash expire, in milliseconds since 1970.",
    examples: [
      ["HSETEX user PXAT 33177117420123 FIELDS 1 city London", ":1"],
      ["HPEXPIRETIME user FIELDS 2 city shoe", "*2 :33177117420123 :-2"],
    ],
    run: hpexpiretime,
  },
];
