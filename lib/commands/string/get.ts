// get.ts: the plain readers of a string: GET, STRLEN.

import { stringLength, stringView, view } from "../../engine/string.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, FAST, oneKey, READONLY } from "../spec.ts";

function get(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  stringView(ctx.keyspace, rec);
  ctx.out.bulk(view.buf, view.off, view.len, view.data);
}

function strlen(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  ctx.out.integer(stringLength(ctx.keyspace, rec));
}

export const GET_COMMANDS: readonly CommandSpec[] = [
  {
    name: "GET",
    group: "string",
    since: "1.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RO access")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Reads the string stored under a key.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [["GET nothing", "$-1"], ["SET greeting hello", "+OK"], ["GET greeting", "$5 hello"]],
    run: get,
  },
  {
    name: "STRLEN",
    group: "string",
    since: "2.2.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Tells how many bytes a string has; 0 when the key is absent.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET greeting hello", "+OK"], ["STRLEN greeting", ":5"], ["STRLEN nothing", ":0"]],
    run: strlen,
  },
];
