// push.ts: adding at the ends of a list: LPUSH, RPUSH, LPUSHX, RPUSHX.

import { listGrow, listLength, listPush } from "../../engine/list.ts";
import { TYPE_LIST } from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_LIST } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import { createList } from "./elements.ts";

function lpush(ctx: Ctx): void {
  push(ctx, true, false);
}

function rpush(ctx: Ctx): void {
  push(ctx, false, false);
}

function lpushx(ctx: Ctx): void {
  push(ctx, true, true);
}

function rpushx(ctx: Ctx): void {
  push(ctx, false, true);
}

function push(ctx: Ctx, front: boolean, mustExist: boolean): void {
  const { keyspace: ks, argBuf, off, len, argc } = ctx;
  let rec = lookupWrite(ctx, 1);
  if (rec === 0) {
    if (mustExist) return ctx.out.integer(0);
    rec = createList(ctx, 1);
  } else if (!requireType(ctx, rec, TYPE_LIST)) {
    return;
  }
  let bytes = 0;
  for (let i = 2; i < argc; i++) bytes += len[i];
  listGrow(ks, rec, bytes, argc - 2);
  for (let i = 2; i < argc; i++) listPush(ks, rec, argBuf, off[i], len[i], front);
  keyChanged(ctx, 1, argc - 2);
  notify(ctx, NOTIFY_LIST, front ? "lpush" : "rpush", 1);
  ctx.out.integer(listLength(ks, rec));
}

const ELEMENTS: readonly ArgSpec[] = [
  { name: "key", type: "key", keySpec: 0 },
  { name: "element", type: "string", multiple: true },
];
const COMPLEXITY = "O(1) for each element, so O(N) for N of them";

export const PUSH_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LPUSH",
    group: "list",
    since: "1.0.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW insert")],
    args: ELEMENTS,
    summary:
      "Adds elements one after the other at the head of a list, which is made if it is absent.",
    complexity: COMPLEXITY,
    history: [["2.4.0", "Takes more than one element."]],
    reply: ["integer"],
    examples: [["LPUSH l a b", ":2"], ["LRANGE l 0 -1", "*2 $1 b $1 a"]],
    run: lpush,
  },
  {
    name: "RPUSH",
    group: "list",
    since: "1.0.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW insert")],
    args: ELEMENTS,
    summary:
      "Adds elements one after the other at the tail of a list, which is made if it is absent.",
    complexity: COMPLEXITY,
    history: [["2.4.0", "Takes more than one element."]],
    reply: ["integer"],
    examples: [["RPUSH l a b", ":2"], ["LRANGE l 0 -1", "*2 $1 a $1 b"]],
    run: rpush,
  },
  {
    name: "LPUSHX",
    group: "list",
    since: "2.2.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW insert")],
    args: ELEMENTS,
    summary: "Adds elements at the head of a list that exists; does nothing otherwise.",
    complexity: COMPLEXITY,
    history: [["4.0.0", "Takes more than one element."]],
    reply: ["integer"],
    examples: [["LPUSHX l a", ":0"], ["LPUSH l a", ":1"], ["LPUSHX l b", ":2"]],
    run: lpushx,
  },
  {
    name: "RPUSHX",
    group: "list",
    since: "2.2.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@list"],
    keys: [oneKey(1, "RW insert")],
    args: ELEMENTS,
    summary: "Adds elements at the tail of a list that exists; does nothing otherwise.",
    complexity: COMPLEXITY,
    history: [["4.0.0", "Takes more than one element."]],
    reply: ["integer"],
    examples: [["RPUSHX l a", ":0"], ["RPUSH l a", ":1"], ["RPUSHX l b", ":2"]],
    run: rpushx,
  },
];
