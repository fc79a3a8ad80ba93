// pop.ts: taking from the ends of a list: LPOP, RPOP, LMPOP, and those that wait for something: BLPOP, BRPOP, BLMPOP.
//
// A command of many keys takes from the first list that is there; empty lists do not exist.

import { line } from "../../codec/reply_writer.ts";
import { TYPE_LIST } from "../../engine/record.ts";
import { argIs, argNumber, argTimeout, ERR_NOT_POSITIVE, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupWrite, requireType } from "../lookup.ts";
import { propagating } from "../propagate.ts";
import {
  type ArgSpec,
  BLOCKING,
  type CommandSpec,
  countedKeys,
  FAST,
  keyRange,
  MOVABLE_KEYS,
  oneKey,
  WRITE,
} from "../spec.ts";
import {
  elementsPopped,
  replyPopped,
  replyPoppedMany,
  SIDE_LEFT,
  SIDE_NONE,
  sideArg,
  sideSpec,
} from "./elements.ts";

const ERR_ARITY_LPOP = line("-ERR wrong number of arguments for 'lpop' command");
const ERR_ARITY_RPOP = line("-ERR wrong number of arguments for 'rpop' command");
const ERR_NUMKEYS = line("-ERR numkeys should be greater than 0");
const ERR_COUNT = line("-ERR count should be greater than 0");
const COUNT = word("count");

// ---- LPOP, RPOP

function lpop(ctx: Ctx): void {
  pop(ctx, true);
}

function rpop(ctx: Ctx): void {
  pop(ctx, false);
}

function pop(ctx: Ctx, front: boolean): void {
  const { out } = ctx;
  if (ctx.argc > 2) return popCount(ctx, front);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.nullBulk();
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  replyPopped(ctx, rec, front);
  elementsPopped(ctx, 1, rec, front, 1);
}

function popCount(ctx: Ctx, front: boolean): void {
  const { out } = ctx;
  if (ctx.argc > 3) return out.error(front ? ERR_ARITY_LPOP : ERR_ARITY_RPOP);
  const count = argNumber(ctx, 2, 0, Infinity);
  if (Number.isNaN(count)) return out.error(ERR_NOT_POSITIVE);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.nullArray();
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  if (count === 0) return out.array(0);
  const taken = replyPoppedMany(ctx, rec, front, count);
  elementsPopped(ctx, 1, rec, front, taken);
}

// ---- several keys

/**
 * Takes from the first list among the keys in arguments [first, first + keys): one element (count 0) or up to `count`,
 * and replies with key and elements. False without a reply when there is no list.
 */
function popFirst(ctx: Ctx, first: number, keys: number, front: boolean, count: number): boolean {
  const { out } = ctx;
  for (let i = first; i < first + keys; i++) {
    const rec = lookupWrite(ctx, i);
    if (rec === 0) continue;
    if (!requireType(ctx, rec, TYPE_LIST)) return true;
    out.array(2);
    out.bulk(ctx.argBuf, ctx.off[i], ctx.len[i]);
    if (count === 0) {
      replyPopped(ctx, rec, front);
      elementsPopped(ctx, i, rec, front, 1);
      propagating(ctx)?.instead([front ? "LPOP" : "RPOP", i]);
    } else {
      const taken = replyPoppedMany(ctx, rec, front, count);
      elementsPopped(ctx, i, rec, front, taken);
      propagating(ctx)?.instead([front ? "LPOP" : "RPOP", i, String(taken)]);
    }
    return true;
  }
  return false;
}

/** What parseMany found. */
const many = { keys: 0, side: SIDE_NONE, count: 0 };

/** Reads the number of keys at argument `at`, and side and count behind them; false after the error was replied. */
function parseMany(ctx: Ctx, at: number): boolean {
  const { out } = ctx;
  const keys = argNumber(ctx, at, 1, Infinity);
  if (Number.isNaN(keys)) return fail(ctx, ERR_NUMKEYS);
  const sideAt = at + keys + 1;
  if (sideAt >= ctx.argc) return fail(ctx, ERR_SYNTAX);
  many.keys = keys;
  many.side = sideArg(ctx, sideAt);
  many.count = 1;
  if (many.side === SIDE_NONE) return false;
  if (sideAt + 1 === ctx.argc) return true;
  if (!argIs(ctx, sideAt + 1, COUNT) || sideAt + 2 === ctx.argc) return fail(ctx, ERR_SYNTAX);
  many.count = argNumber(ctx, sideAt + 2, 1, Infinity);
  if (Number.isNaN(many.count)) return fail(ctx, ERR_COUNT);
  if (sideAt + 3 === ctx.argc) return true;
  out.error(ERR_SYNTAX);
  return false;
}

function fail(ctx: Ctx, error: Uint8Array): boolean {
  ctx.out.error(error);
  return false;
}

function lmpop(ctx: Ctx): void {
  if (!parseMany(ctx, 1)) return;
  const { keys, side, count } = many;
  if (!popFirst(ctx, 2, keys, side === SIDE_LEFT, count)) ctx.out.nullArray();
}

// ---- waiting

function blpop(ctx: Ctx): void {
  popOrWait(ctx, 1, ctx.argc - 2, true, ctx.argc - 1, 0);
}

function brpop(ctx: Ctx): void {
  popOrWait(ctx, 1, ctx.argc - 2, false, ctx.argc - 1, 0);
}

function blmpop(ctx: Ctx): void {
  if (!parseMany(ctx, 2)) return;
  const { keys, side, count } = many;
  popOrWait(ctx, 3, keys, side === SIDE_LEFT, 1, count);
}

function popOrWait(
  ctx: Ctx,
  first: number,
  keys: number,
  front: boolean,
  timeoutArg: number,
  count: number,
): void {
  const untilMs = argTimeout(ctx, timeoutArg, false);
  if (Number.isNaN(untilMs) || popFirst(ctx, first, keys, front, count)) return;
  if (ctx.client.mayBlock) ctx.client.block("list", first, keys, untilMs);
  else ctx.out.nullArray();
}

const POP_ARGS: readonly ArgSpec[] = [
  { name: "key", type: "key", keySpec: 0 },
  { name: "count", type: "integer", optional: true, since: "6.2.0" },
];
const WAIT_ARGS: readonly ArgSpec[] = [
  { name: "key", type: "key", keySpec: 0, multiple: true },
  { name: "timeout", type: "double" },
];
const MANY_ARGS: readonly ArgSpec[] = [
  { name: "numkeys", type: "integer" },
  { name: "key", type: "key", keySpec: 0, multiple: true },
  sideSpec("where"),
  { name: "count", type: "integer", token: "COUNT", optional: true },
];

export const POP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LPOP",
    group: "list",
    since: "1.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW access delete")],
    args: POP_ARGS,
    summary: "Takes one or more elements from the head of a list.",
    complexity: "O(N) with N the number of elements taken",
    history: [["6.2.0", "Takes a count."]],
    reply: ["bulk", "array", "null"],
    examples: [["RPUSH l a b c", ":3"], ["LPOP l", "$1 a"], ["LPOP l 5", "*2 $1 b $1 c"]],
    run: lpop,
  },
  {
    name: "RPOP",
    group: "list",
    since: "1.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW access delete")],
    args: POP_ARGS,
    summary: "Takes one or more elements from the tail of a list.",
    complexity: "O(N) with N the number of elements taken",
    history: [["6.2.0", "Takes a count."]],
    reply: ["bulk", "array", "null"],
    examples: [["RPUSH l a b c", ":3"], ["RPOP l", "$1 c"], ["RPOP l 5", "*2 $1 b $1 a"]],
    run: rpop,
  },
  {
    name: "LMPOP",
    group: "list",
    since: "7.0.0",
    arity: -4,
    flags: WRITE | MOVABLE_KEYS,
    acl: ["@list"],
    keys: [countedKeys(1, "RW access delete")],
    args: MANY_ARGS,
    summary: "Takes elements from one end of the first list that is there among several keys.",
    complexity: "O(N+M) with N the number of keys, M the number of elements taken",
    reply: ["array", "null"],
    examples: [["RPUSH l a b", ":2"], ["LMPOP 2 nothing l LEFT COUNT 5", "*2 $1 l *2 $1 a $1 b"]],
    run: lmpop,
  },
  {
    name: "BLPOP",
    group: "list",
    since: "2.0.0",
    arity: -3,
    flags: WRITE | BLOCKING,
    acl: ["@list"],
    keys: [keyRange(1, -2, 1, "RW access delete")],
    args: WAIT_ARGS,
    summary: "Takes the first element of a list, and waits for one if all the keys are absent.",
    complexity: "O(N) with N the number of keys",
    history: [["6.0.0", "The time may have a fraction."]],
    reply: ["array", "null"],
    examples: [["RPUSH l a", ":1"], ["BLPOP nothing l 0", "*2 $1 l $1 a"], ["BLPOP l 0.1", "*-1"]],
    run: blpop,
  },
  {
    name: "BRPOP",
    group: "list",
    since: "2.0.0",
    arity: -3,
    flags: WRITE | BLOCKING,
    acl: ["@list"],
    keys: [keyRange(1, -2, 1, "RW access delete")],
    args: WAIT_ARGS,
    summary: "Takes the last element of a list, and waits for one if all the keys are absent.",
    complexity: "O(N) with N the number of keys",
    history: [["6.0.0", "The time may have a fraction."]],
    reply: ["array", "null"],
    examples: [["RPUSH l a b", ":2"], ["BRPOP l 0", "*2 $1 l $1 b"]],
    run: brpop,
  },
  {
    name: "BLMPOP",
    group: "list",
    since: "7.0.0",
    arity: -5,
    flags: WRITE | BLOCKING | MOVABLE_KEYS,
    acl: ["@list"],
    keys: [countedKeys(2, "RW access delete")],
    args: [{ name: "timeout", type: "double" }, ...MANY_ARGS],
    summary: "Takes elements from one end of the first list among several keys, and waits for one.",
    complexity: "O(N+M) with N the number of keys, M the number of elements taken",
    reply: ["array", "null"],
    examples: [["RPUSH l a", ":1"], ["BLMPOP 0 1 l LEFT", "*2 $1 l *1 $1 a"]],
    run: blmpop,
  },
];
