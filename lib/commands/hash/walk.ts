// walk.ts: all fields of a hash: HGETALL, HKEYS and HVALS in one go, HSCAN a few at a time.
//
// How many fields will be replied is known beforehand unless some have an expiry; then the header is put in front at the
// end. A listpack comes whole in one call of HSCAN, whatever COUNT says; the walk over a table is that of SCAN.

import { chain, dictScan } from "../../engine/dict.ts";
import { hashDict, hashIsVolatile, hashLength } from "../../engine/hash.ts";
import { memberIsGone } from "../../engine/hash_member.ts";
import { fieldCursor, FieldView } from "../../engine/hash_walk.ts";
import { recordA, recordEncoding, TYPE_HASH } from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import {
  BUCKETS_PER_COUNT,
  replyScanNothing,
  scanCursor,
  scanMatches,
  scanOptions,
  scanReplyEnd,
  scanReplyStart,
  scanWants,
} from "../key/scan.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { KEY, readHash, seenFrom } from "./fields.ts";

/** Writes names, values or both of all fields. Returns how many fields there were. */
function writeFields(ctx: Ctx, rec: number, names: boolean, values: boolean): number {
  const { out } = ctx;
  const cursor = fieldCursor;
  let count = 0;
  cursor.start(ctx.keyspace, rec, seenFrom(ctx, rec));
  while (cursor.next()) {
    if (names) out.bulk(cursor.nameBuf, cursor.nameOff, cursor.nameLen);
    if (values) out.bulk(cursor.buf, cursor.off, cursor.len);
    count++;
  }
  return count;
}

function hgetall(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const rec = readHash(ctx);
  if (rec < 0) return;
  if (rec === 0) return out.map(0);
  if (hashIsVolatile(ks, rec)) {
    const mark = out.deferredStart();
    out.deferredMap(mark, writeFields(ctx, rec, true, true));
  } else {
    out.map(hashLength(ks, rec));
    writeFields(ctx, rec, true, true);
  }
}

function list(ctx: Ctx, names: boolean): void {
  const { out, keyspace: ks } = ctx;
  const rec = readHash(ctx);
  if (rec < 0) return;
  if (rec === 0) return out.array(0);
  if (hashIsVolatile(ks, rec)) {
    const mark = out.deferredStart();
    out.deferredArray(mark, writeFields(ctx, rec, names, !names));
  } else {
    out.array(hashLength(ks, rec));
    writeFields(ctx, rec, names, !names);
  }
}

function hkeys(ctx: Ctx): void {
  list(ctx, true);
}

function hvals(ctx: Ctx): void {
  list(ctx, false);
}

function hscan(ctx: Ctx): void {
  const { keyspace: ks } = ctx;
  const from = scanCursor(ctx, 2);
  if (from < 0) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return replyScanNothing(ctx);
  if (!requireType(ctx, rec, TYPE_HASH) || !scanOptions(ctx, 3, TYPE_HASH)) return;
  const mark = scanReplyStart(ctx);
  const dict = hashDict(ks, recordEncoding(ks.arena, rec), recordA(ks.arena, rec));
  if (dict !== 0) return scanTable(ctx, dict, from, mark, seenFrom(ctx, rec));
  let replied = 0;
  fieldCursor.start(ks, rec, 0);
  while (fieldCursor.next()) replied += replyMatch(ctx, fieldCursor);
  scanReplyEnd(ctx, mark, 0, replied);
}

const view = new FieldView();

/** Replies with some fields of a table and the next cursor. */
function scanTable(ctx: Ctx, dict: number, from: number, mark: number, seenMs: number): void {
  const ks = ctx.keyspace;
  let cursor = from;
  let bucketsLeft = scanWants.count * BUCKETS_PER_COUNT;
  let sampled = 0;
  let replied = 0;
  do {
    cursor = dictScan(ks.arena, dict, cursor);
    for (let i = 0; i < chain.count; i++) {
      const member = chain.entries[i];
      if (memberIsGone(ks.arena, member, seenMs)) continue;
      sampled++;
      view.showMember(ks, member);
      replied += replyMatch(ctx, view);
    }
  } while (cursor !== 0 && bucketsLeft-- > 0 && sampled < scanWants.count);
  scanReplyEnd(ctx, mark, cursor, replied);
}

/** Replies with a field that passes MATCH, and its value if wanted. Returns how many elements that were. */
function replyMatch(ctx: Ctx, field: FieldView): number {
  if (!scanMatches(ctx, field.nameBuf, field.nameOff, field.nameLen)) return 0;
  ctx.out.bulk(field.nameBuf, field.nameOff, field.nameLen);
  if (scanWants.namesOnly) return 1;
  ctx.out.bulk(field.buf, field.off, field.len);
  return 2;
}

export const WALK_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HGETALL",
    group: "hash",
    since: "2.0.0",
    arity: 2,
    flags: READONLY,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [KEY],
    summary: "Reads all fields of a hash with their values.",
    complexity: "O(N) for N fields",
    tips: ["nondeterministic_output_order"],
    reply: ["map"],
    examples: [["HSET user name Ada", ":1"], ["HGETALL user", "*2 $4 name $3 Ada"]],
    run: hgetall,
  },
  {
    name: "HKEYS",
    group: "hash",
    since: "2.0.0",
    arity: 2,
    flags: READONLY,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [KEY],
    summary: "Lists the names of all fields of a hash.",
    complexity: "O(N) for N fields",
    tips: ["nondeterministic_output_order"],
    reply: ["array"],
    examples: [["HSET user name Ada age 36", ":2"], ["HKEYS user", "*2 $4 name $3 age"]],
    run: hkeys,
  },
  {
    name: "HVALS",
    group: "hash",
    since: "2.0.0",
    arity: 2,
    flags: READONLY,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [KEY],
    summary: "Lists the values of all fields of a hash.",
    complexity: "O(N) for N fields",
    tips: ["nondeterministic_output_order"],
    reply: ["array"],
    examples: [["HSET user name Ada age 36", ":2"], ["HVALS user", "*2 $3 Ada $2 36"]],
    run: hvals,
  },
  {
    name: "HSCAN",
    group: "hash",
    since: "2.8.0",
    arity: -3,
    flags: READONLY,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      { name: "cursor", type: "integer" },
      { name: "pattern", type: "pattern", token: "MATCH", optional: true },
      { name: "count", type: "integer", token: "COUNT", optional: true },
      { name: "novalues", type: "pure-token", token: "NOVALUES", optional: true },
    ],
    summary: "Walks over the fields of a hash in small steps: answers a cursor for the next call " +
      "(0: done) and some fields, each with its value unless NOVALUES is given.",
    complexity: "O(1) a call, O(N) for a whole walk over N fields",
    tips: ["nondeterministic_output"],
    reply: ["array"],
    examples: [
      ["HSET user name Ada", ":1"],
      ["HSCAN user 0", "*2 $1 0 *2 $4 name $3 Ada"],
      ["HSCAN user 0 NOVALUES", "*2 $1 0 *1 $4 name"],
    ],
    run: hscan,
  },
];
