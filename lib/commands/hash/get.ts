// get.ts: reading fields one by one: HGET, HMGET, HEXISTS, HSTRLEN, HLEN.

import { found, hashFind, hashLength } from "../../engine/hash.ts";
import type { Ctx } from "../context.ts";
import { type CommandSpec, FAST, oneKey, READONLY } from "../spec.ts";
import { FIELD, FIELD_LIST, KEY, readHash, seenFrom } from "./fields.ts";

/** Whether the record's hash has the field of argument `arg`; if so `found` shows its value. */
function findField(ctx: Ctx, rec: number, arg: number): boolean {
  return hashFind(
    ctx.keyspace,
    rec,
    ctx.argBuf,
    ctx.off[arg],
    ctx.len[arg],
    seenFrom(ctx, rec),
  );
}

/** Replies with the value of the field of argument `arg`, null when there is none; the hash may be absent (0). */
export function replyField(ctx: Ctx, rec: number, arg: number): void {
  if (rec === 0 || !findField(ctx, rec, arg)) return ctx.out.nullBulk();
  ctx.out.bulk(found.buf, found.off, found.len);
}

function hget(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec >= 0) replyField(ctx, rec, 2);
}

function hmget(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec < 0) return;
  ctx.out.array(ctx.argc - 2);
  for (let i = 2; i < ctx.argc; i++) replyField(ctx, rec, i);
}

function hexists(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec < 0) return;
  ctx.out.integer(rec !== 0 && findField(ctx, rec, 2) ? 1 : 0);
}

function hstrlen(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec < 0) return;
  ctx.out.integer(rec !== 0 && findField(ctx, rec, 2) ? found.len : 0);
}

function hlen(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec < 0) return;
  ctx.out.integer(rec === 0 ? 0 : hashLength(ctx.keyspace, rec));
}

export const GET_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HGET",
    group: "hash",
    since: "2.0.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, FIELD],
    summary: "Reads the value of a field of a hash.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [
      ["HSET user name Ada", ":1"],
      ["HGET user name", "$3 Ada"],
      ["HGET user age", "$-1"],
    ],
    run: hget,
  },
  {
    name: "HMGET",
    group: "hash",
    since: "2.0.0",
    arity: -3,
    flags: READONLY | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, FIELD_LIST],
    summary: "Reads the values of several fields of a hash, null for those that are absent.",
    complexity: "O(N) for N fields",
    reply: ["array"],
    examples: [["HSET user name Ada", ":1"], ["HMGET user name age", "*2 $3 Ada $-1"]],
    run: hmget,
  },
  {
    name: "HEXISTS",
    group: "hash",
    since: "2.0.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RO")],
    args: [KEY, FIELD],
    summary: "Tells whether a hash has a field.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [
      ["HSET user name Ada", ":1"],
      ["HEXISTS user name", ":1"],
      ["HEXISTS user age", ":0"],
    ],
    run: hexists,
  },
  {
    name: "HSTRLEN",
    group: "hash",
    since: "3.2.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RO")],
    args: [KEY, FIELD],
    summary: "Tells how many bytes the value of a field has; 0 when the field is absent.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["HSET user name Ada", ":1"], ["HSTRLEN user name", ":3"]],
    run: hstrlen,
  },
  {
    name: "HLEN",
    group: "hash",
    since: "2.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RO")],
    args: [KEY],
    summary: "Counts the fields of a hash, those not yet removed after their time came included.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["HSET user name Ada age 36", ":2"], ["HLEN user", ":2"], ["HLEN nobody", ":0"]],
    run: hlen,
  },
];
