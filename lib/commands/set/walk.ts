// walk.ts: all members of a set: SMEMBERS in one go, SSCAN a few at a time.
//
// A compact set comes whole in one call of SSCAN, whatever COUNT says; the walk over a table is that of SCAN.

import { ENCODING_HASHTABLE, recordA, recordEncoding, TYPE_SET } from "../../engine/record.ts";
import { setCount } from "../../engine/set.ts";
import { SetCursor } from "../../engine/set_walk.ts";
import type { Ctx } from "../context.ts";
import {
  replyScanNothing,
  scanCursor,
  scanMatches,
  scanMembers,
  scanOptions,
  scanReplyEnd,
  scanReplyStart,
} from "../key/scan.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, oneKey, READONLY } from "../spec.ts";

const cursor = new SetCursor();

/** Replies with all members of a set. */
export function replyMembers(ctx: Ctx, rec: number): void {
  const { out, keyspace: ks } = ctx;
  out.set(setCount(ks, rec));
  cursor.start(ks, rec);
  while (cursor.next()) out.bulk(cursor.buf, cursor.off, cursor.len);
}

function smembers(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.set(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  replyMembers(ctx, rec);
}

function sscan(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const from = scanCursor(ctx, 2);
  if (from < 0) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return replyScanNothing(ctx);
  if (!requireType(ctx, rec, TYPE_SET) || !scanOptions(ctx, 3, TYPE_SET)) return;
  const mark = scanReplyStart(ctx);
  if (recordEncoding(ks.arena, rec) === ENCODING_HASHTABLE) {
    return scanMembers(ctx, recordA(ks.arena, rec), 0, from, mark, null);
  }
  let replied = 0;
  cursor.start(ks, rec);
  while (cursor.next()) {
    if (!scanMatches(ctx, cursor.buf, cursor.off, cursor.len)) continue;
    out.bulk(cursor.buf, cursor.off, cursor.len);
    replied++;
  }
  scanReplyEnd(ctx, mark, 0, replied);
}

export const WALK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SMEMBERS",
    group: "set",
    since: "1.0.0",
    arity: 2,
    flags: READONLY,
    acl: ["@set"],
    keys: [oneKey(1, "RO access")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Lists all members of a set, in no particular order.",
    complexity: "O(N) for N members",
    tips: ["nondeterministic_output_order"],
    reply: ["set"],
    examples: [["SADD s 2 1", ":2"], ["SMEMBERS s", "*2 $1 1 $1 2"], ["SMEMBERS nothing", "*0"]],
    run: smembers,
  },
  {
    name: "SSCAN",
    group: "set",
    since: "2.8.0",
    arity: -3,
    flags: READONLY,
    acl: ["@set"],
    keys: [oneKey(1, "RO access")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "cursor", type: "integer" },
      { name: "pattern", type: "pattern", token: "MATCH", optional: true },
      { name: "count", type: "integer", token: "COUNT", optional: true },
    ],
    summary: "Walks over the members of a set in small steps: answers a cursor for the next call " +
      "(0: done) and some members.",
    complexity: "O(1) a call, O(N) for a whole walk over N members",
    tips: ["nondeterministic_output"],
    reply: ["array"],
    examples: [
      ["SADD s one two", ":2"],
      ["SSCAN s 0 MATCH t*", "*2 $1 0 *1 $3 two"],
      ["SSCAN nothing 0", "*2 $1 0 *0"],
    ],
    run: sscan,
  },
];
