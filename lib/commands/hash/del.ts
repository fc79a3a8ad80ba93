// del.ts: deleting fields: HDEL, HGETDEL. With its last field the key goes.
//
// A field whose time has come is not seen, so it is not deleted either; it stays until the active expiry takes it.

import { hashDelete, hashIsVolatile, hashLength } from "../../engine/hash.ts";
import type { Ctx } from "../context.ts";
import { deleteEmptied, keyChanged } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import { type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import {
  FIELD_LIST,
  fieldCount,
  fieldsBlock,
  KEY,
  seenFrom,
  trackFields,
  writeHash,
} from "./fields.ts";
import { replyField } from "./get.ts";

/** Deletes the field of argument `arg`; false when there is none. */
function deleteField(ctx: Ctx, rec: number, arg: number): boolean {
  const { argBuf, off, len } = ctx;
  return hashDelete(ctx.keyspace, rec, argBuf, off[arg], len[arg], seenFrom(ctx, rec));
}

/** What follows when `deleted` fields are gone. */
function fieldsDeleted(ctx: Ctx, rec: number, wasVolatile: boolean, deleted: number): void {
  if (deleted === 0) return;
  if (wasVolatile) trackFields(ctx, rec, true);
  keyChanged(ctx, 1, deleted);
  notify(ctx, NOTIFY_HASH, "hdel", 1);
  if (hashLength(ctx.keyspace, rec) === 0) deleteEmptied(ctx, 1, rec);
}

function hdel(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = writeHash(ctx);
  if (rec < 0) return;
  if (rec === 0) return ctx.out.integer(0);
  const wasVolatile = hashIsVolatile(ks, rec);
  let deleted = 0;
  for (let i = 2; i < ctx.argc; i++) if (deleteField(ctx, rec, i)) deleted++;
  fieldsDeleted(ctx, rec, wasVolatile, deleted);
  ctx.out.integer(deleted);
}

function hgetdel(ctx: Ctx): void {
  const count = fieldCount(ctx, 3, 1);
  if (count < 0) return;
  const rec = writeHash(ctx);
  if (rec < 0) return;
  ctx.out.array(count);
  const wasVolatile = rec !== 0 && hashIsVolatile(ctx.keyspace, rec);
  let deleted = 0;
  for (let i = 4; i < ctx.argc; i++) {
    replyField(ctx, rec, i);
    if (rec !== 0 && deleteField(ctx, rec, i)) deleted++;
  }
  fieldsDeleted(ctx, rec, wasVolatile, deleted);
}

export const DEL_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HDEL",
    group: "hash",
    since: "2.0.0",
    arity: -3,
    flags: WRITE | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, FIELD_LIST],
    summary: "Deletes fields of a hash; the key goes with the last one.",
    complexity: "O(N) for N fields",
    history: [["2.4.0", "Takes several fields."]],
    reply: ["integer"],
    examples: [["HSET user name Ada age 36", ":2"], ["HDEL user age shoe", ":1"]],
    run: hdel,
  },
  {
    name: "HGETDEL",
    group: "hash",
    since: "9.1.0",
    arity: -5,
    flags: WRITE | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW access delete")],
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Reads fields of a hash and deletes them; the key goes with the last one.",
    complexity: "O(N) for N fields",
    reply: ["array"],
    examples: [
      ["HSET user name Ada age 36", ":2"],
      ["HGETDEL user FIELDS 2 age shoe", "*2 $2 36 $-1"],
      ["HKEYS user", "*1 $4 name"],
    ],
    run: hgetdel,
  },
];
