// set.ts: setting fields: HSET, HMSET, HSETNX. A field that is set loses its expiry.

import { line } from "../../codec/reply_writer.ts";
import {
  HASH_CHANGED,
  HASH_REVIVED,
  hashConvert,
  hashFind,
  hashIsVolatile,
  hashSet,
  TIME_DROP,
} from "../../engine/hash.ts";
import { ENCODING_LISTPACK, recordEncoding } from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { keyChanged } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import { propagating } from "../propagate.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import {
  DATA,
  FIELD,
  fieldsRevived,
  KEY,
  openHash,
  revivedUntil,
  seenFrom,
  trackFields,
} from "./fields.ts";

const ERR_ARITY_HSET = line("-ERR wrong number of arguments for 'hset' command");
const ERR_ARITY_HMSET = line("-ERR wrong number of arguments for 'hmset' command");

/** Fields that were overwritten after their time had come, by the last setAll. */
let revived = 0;

function hset(ctx: Ctx): void {
  if ((ctx.argc & 1) !== 0) return ctx.out.error(ERR_ARITY_HSET);
  const created = setAll(ctx);
  if (created >= 0) ctx.out.integer(created);
}

function hmset(ctx: Ctx): void {
  if ((ctx.argc & 1) !== 0) return ctx.out.error(ERR_ARITY_HMSET);
  if (setAll(ctx) >= 0) ctx.out.ok();
}

function hsetnx(ctx: Ctx): void {
  const { argBuf, off, len, keyspace: ks } = ctx;
  const rec = openHash(ctx);
  if (rec < 0) return;
  if (hashFind(ks, rec, argBuf, off[2], len[2], seenFrom(ctx, rec))) return ctx.out.integer(0);
  // Who reads the stream may see the field still there.
  if (hashIsVolatile(ks, rec)) propagating(ctx)?.instead(["HSET", 1, 2, 3]);
  setPairs(ctx, rec);
  ctx.out.integer(1);
}

/** Sets the pairs of arguments 2 and following. Returns how many fields are new, -1 after an error reply. */
function setAll(ctx: Ctx): number {
  const rec = openHash(ctx);
  return rec < 0 ? -1 : setPairs(ctx, rec);
}

function setPairs(ctx: Ctx, rec: number): number {
  const { argBuf, off, len, argc, keyspace: ks } = ctx;
  const pairs = (argc - 2) >> 1;
  // More pairs than a listpack may have, even if some set the same field.
  if (
    pairs > ks.limits.hashMaxListpackEntries && recordEncoding(ks.arena, rec) === ENCODING_LISTPACK
  ) hashConvert(ks, rec);
  const wasVolatile = hashIsVolatile(ks, rec);
  const past = revivedUntil(ctx, rec);
  let created = 0;
  revived = 0;
  for (let i = 2; i < argc; i += 2) {
    const value = i + 1;
    const done = hashSet(
      ks,
      rec,
      argBuf,
      off[i],
      len[i],
      argBuf,
      off[value],
      len[value],
      past,
      TIME_DROP,
      0,
      0,
    );
    if (done !== HASH_CHANGED) created++;
    if (done === HASH_REVIVED) revived++;
  }
  if (wasVolatile) trackFields(ctx, rec, true);
  keyChanged(ctx, 1, pairs);
  fieldsRevived(ctx, revived);
  notify(ctx, NOTIFY_HASH, "hset", 1);
  return created;
}

export const SET_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HSET",
    group: "hash",
    since: "2.0.0",
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW update")],
    args: [KEY, DATA],
    summary: "Sets fields of a hash to values; answers how many of them are new.",
    complexity: "O(1) for each field, O(N) for N of them",
    history: [["4.0.0", "Takes several fields with their values."]],
    reply: ["integer"],
    examples: [["HSET user name Ada city London", ":2"], ["HSET user city Paris", ":0"]],
    run: hset,
  },
  {
    name: "HMSET",
    group: "hash",
    since: "2.0.0",
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW update")],
    args: [KEY, DATA],
    summary: "Sets fields of a hash to values, as HSET does.",
    complexity: "O(N) for N fields",
    reply: ["simple"],
    examples: [["HMSET user name Ada city London", "+OK"], ["HGET user city", "$6 London"]],
    run: hmset,
  },
  {
    name: "HSETNX",
    group: "hash",
    since: "2.0.0",
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW insert")],
    args: [KEY, FIELD, { name: "value", type: "string" }],
    summary: "Sets a field of a hash unless the field exists.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["HSETNX user name Ada", ":1"], ["HSETNX user name Bob", ":0"]],
    run: hsetnx,
  },
];
