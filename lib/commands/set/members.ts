// members.ts: single members of a set: SADD, SREM, SISMEMBER, SMISMEMBER, SCARD, SMOVE.

import { recordType, TYPE_SET } from "../../engine/record.ts";
import {
  setAdd,
  setCount,
  setCreate,
  setEncodingFor,
  setExpect,
  setHas,
  setRemove,
} from "../../engine/set.ts";
import { ERR_WRONG_TYPE } from "../args.ts";
import type { Ctx } from "../context.ts";
import {
  createKey,
  deleteEmptied,
  keyChanged,
  lookupRead,
  lookupWrite,
  requireType,
} from "../lookup.ts";
import { notify, NOTIFY_SET } from "../notify.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, READONLY, WRITE } from "../spec.ts";

const MEMBER_ARG = 2;

/** Adds key argument `arg` with an empty set that is about to get `count` members from argument `first` on. */
function createSet(ctx: Ctx, arg: number, first: number, count: number): number {
  const ks = ctx.keyspace;
  const encoding = setEncodingFor(ks, ctx.argBuf, ctx.off[first], ctx.len[first], count);
  return createKey(ctx, arg, TYPE_SET, encoding, setCreate(ks, encoding));
}

function sadd(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const count = ctx.argc - MEMBER_ARG;
  let rec = lookupWrite(ctx, 1);
  if (rec === 0) {
    rec = createSet(ctx, 1, MEMBER_ARG, count);
  } else {
    if (!requireType(ctx, rec, TYPE_SET)) return;
    setExpect(ks, rec, count);
  }
  let added = 0;
  for (let i = MEMBER_ARG; i < ctx.argc; i++) {
    if (setAdd(ks, rec, ctx.argBuf, ctx.off[i], ctx.len[i])) added++;
  }
  if (added > 0) {
    keyChanged(ctx, 1, added);
    notify(ctx, NOTIFY_SET, "sadd", 1);
  }
  ctx.out.integer(added);
}

function srem(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  let left = setCount(ks, rec);
  let removed = 0;
  for (let i = MEMBER_ARG; i < ctx.argc && left > 0; i++) {
    if (!setRemove(ks, rec, ctx.argBuf, ctx.off[i], ctx.len[i])) continue;
    removed++;
    left--;
  }
  if (removed > 0) {
    keyChanged(ctx, 1, removed);
    notify(ctx, NOTIFY_SET, "srem", 1);
    if (left === 0) deleteEmptied(ctx, 1, rec);
  }
  ctx.out.integer(removed);
}

function sismember(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  ctx.out.integer(isMember(ctx, rec, MEMBER_ARG) ? 1 : 0);
}

function isMember(ctx: Ctx, rec: number, arg: number): boolean {
  return setHas(ctx.keyspace, rec, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
}

function smismember(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_SET)) return;
  ctx.out.array(ctx.argc - MEMBER_ARG);
  for (let i = MEMBER_ARG; i < ctx.argc; i++) {
    ctx.out.integer(rec !== 0 && isMember(ctx, rec, i) ? 1 : 0);
  }
}

function scard(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  ctx.out.integer(setCount(ctx.keyspace, rec));
}

/** Both keys are looked up, and both types checked, before anything happens. */
function smove(ctx: Ctx): void {
  const { keyspace: ks, out, argBuf, off, len } = ctx;
  const source = lookupWrite(ctx, 1);
  const sourceHash = ctx.hash;
  let target = lookupWrite(ctx, 2);
  const targetHash = ctx.hash;
  if (source === 0) return out.integer(0);
  if (!requireType(ctx, source, TYPE_SET)) return;
  if (target !== 0 && recordType(ks.arena, target) !== TYPE_SET) return out.error(ERR_WRONG_TYPE);
  if (source === target) return out.integer(isMember(ctx, source, 3) ? 1 : 0);
  if (!setRemove(ks, source, argBuf, off[3], len[3])) return out.integer(0);
  notify(ctx, NOTIFY_SET, "srem", 1);
  if (setCount(ks, source) === 0) {
    ctx.hash = sourceHash;
    deleteEmptied(ctx, 1, source);
  }
  ctx.hash = targetHash;
  if (target === 0) target = createSet(ctx, 2, 3, 1);
  keyChanged(ctx, 1);
  if (setAdd(ks, target, argBuf, off[3], len[3])) {
    keyChanged(ctx, 2);
    notify(ctx, NOTIFY_SET, "sadd", 2);
  }
  out.integer(1);
}

const KEY = { name: "key", type: "key", keySpec: 0 } as const;
const MEMBER = { name: "member", type: "string" } as const;
const MEMBERS = { name: "member", type: "string", multiple: true } as const;

export const MEMBERS_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SADD",
    group: "set",
    since: "1.0.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RW insert")],
    args: [KEY, MEMBERS],
    summary: "Puts members into a set and tells how many were new; an absent key is an empty set.",
    complexity: "O(1), or O(N) for N members",
    history: [["2.4.0", "Takes more than one member."]],
    reply: ["integer"],
    examples: [["SADD s a b", ":2"], ["SADD s b c", ":1"], ["SCARD s", ":3"]],
    run: sadd,
  },
  {
    name: "SREM",
    group: "set",
    since: "1.0.0",
    arity: -3,
    flags: WRITE | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, MEMBERS],
    summary: "Takes members out of a set and tells how many were there; an empty set is deleted.",
    complexity: "O(N) for N members named",
    history: [["2.4.0", "Takes more than one member."]],
    reply: ["integer"],
    examples: [["SADD s a b", ":2"], ["SREM s a x", ":1"], ["SREM s b", ":1"], ["EXISTS s", ":0"]],
    run: srem,
  },
  {
    name: "SISMEMBER",
    group: "set",
    since: "1.0.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RO")],
    args: [KEY, MEMBER],
    summary: "Tells whether something is a member of a set: 1 or 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SADD s a", ":1"], ["SISMEMBER s a", ":1"], ["SISMEMBER s b", ":0"]],
    run: sismember,
  },
  {
    name: "SMISMEMBER",
    group: "set",
    since: "6.2.0",
    arity: -3,
    flags: READONLY | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MEMBERS],
    summary: "Tells of several things whether they are members of a set: 1 or 0 for each.",
    complexity: "O(N) for N things asked for",
    reply: ["array"],
    examples: [["SADD s a", ":1"], ["SMISMEMBER s a b", "*2 :1 :0"]],
    run: smismember,
  },
  {
    name: "SCARD",
    group: "set",
    since: "1.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RO")],
    args: [KEY],
    summary: "Counts the members of a set; 0 when the key is absent.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SADD s a b", ":2"], ["SCARD s", ":2"], ["SCARD nothing", ":0"]],
    run: scard,
  },
  {
    name: "SMOVE",
    group: "set",
    since: "1.0.0",
    arity: 4,
    flags: WRITE | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RW access delete"), oneKey(2, "RW insert")],
    args: [
      { name: "source", type: "key", keySpec: 0 },
      { name: "destination", type: "key", keySpec: 1 },
      MEMBER,
    ],
    summary: "Takes a member out of one set and puts it into another; 0 when it was not there.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SADD s a b", ":2"], ["SMOVE s t a", ":1"], ["SMOVE s t a", ":0"], [
      "SMEMBERS t",
      "*1 $1 a",
    ]],
    run: smove,
  },
];
