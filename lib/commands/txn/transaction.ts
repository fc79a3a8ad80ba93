// transaction.ts: MULTI, EXEC, DISCARD, WATCH, UNWATCH: the words. The queue and the watched keys belong to the client
// (lib/session/transaction.ts).

import { line, OK } from "../../codec/reply_writer.ts";
import type { Ctx } from "../context.ts";
import {
  ALLOW_BUSY,
  type CommandSpec,
  FAST,
  keyRange,
  LOADING,
  NO_MULTI,
  NOSCRIPT,
  SKIP_COMMANDLOG,
  STALE,
} from "../spec.ts";

const ERR_EXEC = line("-ERR EXEC without MULTI");
const ERR_DISCARD = line("-ERR DISCARD without MULTI");

function multi(ctx: Ctx): void {
  ctx.client.multiStart();
  ctx.out.raw(OK);
}

function exec(ctx: Ctx): void {
  if (!ctx.client.inMulti) return ctx.out.error(ERR_EXEC);
  ctx.client.multiExec();
}

function discard(ctx: Ctx): void {
  if (!ctx.client.inMulti) return ctx.out.error(ERR_DISCARD);
  ctx.client.multiDiscard();
  ctx.out.raw(OK);
}

function watch(ctx: Ctx): void {
  for (let i = 1; i < ctx.argc; i++) {
    ctx.client.watch(ctx.db.index, ctx.argBuf, ctx.off[i], ctx.len[i]);
  }
  ctx.out.raw(OK);
}

function unwatch(ctx: Ctx): void {
  ctx.client.unwatch();
  ctx.out.raw(OK);
}

const COMMON = { group: "transactions", acl: ["@transaction"] } as const;

export const MULTI_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "DISCARD",
    since: "2.0.0",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
    summary: "Leaves a transaction without running its commands, and forgets the watched keys.",
    complexity: "O(N) for N queued commands",
    reply: ["simple"],
    examples: [["MULTI", "+OK"], ["SET a 1", "+QUEUED"], ["DISCARD", "+OK"], ["EXISTS a", ":0"]],
    run: discard,
  },
  {
    ...COMMON,
    name: "EXEC",
    since: "1.2.0",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | SKIP_COMMANDLOG,
    summary: "Runs the commands queued since MULTI, one after the other with nothing in between; " +
      "answers null when a watched key was changed.",
    complexity: "The sum of what the queued commands take",
    reply: ["array", "null"],
    examples: [["MULTI", "+OK"], ["INCR a", "+QUEUED"], ["INCR a", "+QUEUED"], [
      "EXEC",
      "*2 :1 :2",
    ]],
    run: exec,
  },
  {
    ...COMMON,
    name: "MULTI",
    since: "1.2.0",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_MULTI | ALLOW_BUSY,
    summary: "Starts a transaction: the commands that follow are queued until EXEC.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["MULTI", "+OK"], ["SET a 1", "+QUEUED"], ["EXEC", "*1 +OK"]],
    run: multi,
  },
  {
    ...COMMON,
    name: "UNWATCH",
    since: "2.2.0",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
    summary: "Forgets all watched keys.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["WATCH a", "+OK"], ["UNWATCH", "+OK"]],
    run: unwatch,
  },
  {
    ...COMMON,
    name: "WATCH",
    since: "2.2.0",
    arity: -2,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_MULTI | ALLOW_BUSY,
    keys: [keyRange(1, -1, 1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary: "Watches keys: if one of them is changed before EXEC, the transaction does not run.",
    complexity: "O(1) for each key",
    reply: ["simple"],
    examples: [["WATCH a", "+OK"], ["SET a 1", "+OK"], ["MULTI", "+OK"], ["PING", "+QUEUED"], [
      "EXEC",
      "*-1",
    ]],
    run: watch,
  },
];
