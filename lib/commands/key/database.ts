// database.ts: databases as a whole: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line, OK } from "../../codec/reply_writer.ts";
import { databaseEmpty, keyspaceEmpty } from "../../engine/reclaim.ts";
import { databaseSwap, keyCount } from "../../engine/keyspace.ts";
import { argInt64, argIs, ERR_DB_INDEX, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { databaseFlushing, databaseSwapping } from "../lookup.ts";
import { ALL_DBS, type ArgSpec, type CommandSpec, FAST, READONLY, WRITE } from "../spec.ts";

const SYNC = word("sync");
const ASYNC = word("async");
const ERR_FIRST = line("-ERR invalid first DB index");
const ERR_SECOND = line("-ERR invalid second DB index");

const pair = new Int32Array(2);

function dbsize(ctx: Ctx): void {
  ctx.out.integer(keyCount(ctx.keyspace, ctx.db));
}

/** Whether memory may come back later, from the option; null after an error reply. */
function flushLater(ctx: Ctx): boolean | null {
  if (ctx.argc === 1) return ctx.config.flag("lazyfree-lazy-user-flush");
  if (ctx.argc === 2 && argIs(ctx, 1, SYNC)) return false;
  if (ctx.argc === 2 && argIs(ctx, 1, ASYNC)) return true;
  ctx.out.error(ERR_SYNTAX);
  return null;
}

function flushdb(ctx: Ctx): void {
  const later = flushLater(ctx);
  if (later === null) return;
  databaseFlushing(ctx, ctx.db.index);
  ctx.propagator.anyway();
  ctx.dirty += databaseEmpty(ctx.keyspace, ctx.db, later);
  ctx.out.raw(OK);
}

function flushall(ctx: Ctx): void {
  const later = flushLater(ctx);
  if (later === null) return;
  databaseFlushing(ctx, -1);
  ctx.propagator.anyway();
  const removed = keyspaceEmpty(ctx.keyspace, later);
  if (!saveEmpty(ctx)) ctx.dirty += removed;
  ctx.out.raw(OK);
}

/**
 * A snapshot under way of what is gone is of no use; with save points one of nothing is taken at once, so that a restart
 * does not bring the keys back. True when that was done: then nothing is left to save.
 */
function saveEmpty(ctx: Ctx): boolean {
  const { persistence } = ctx.server;
  if (persistence === null) return false;
  if (persistence.state.isSaving) persistence.cancelSave();
  return ctx.config.text("save") !== "" && persistence.saveNow() === "";
}

/** The 32-bit integer in argument `arg`; NaN after replying with `error`. */
function indexArg(ctx: Ctx, arg: number, error: Uint8Array): number {
  if (argInt64(ctx, arg, pair)) {
    const index = int64ToNumber(pair[0], pair[1]);
    if (index === (index | 0)) return index;
  }
  ctx.out.error(error);
  return NaN;
}

function swapdb(ctx: Ctx): void {
  const { dbs } = ctx.keyspace;
  const first = indexArg(ctx, 1, ERR_FIRST);
  if (Number.isNaN(first)) return;
  const second = indexArg(ctx, 2, ERR_SECOND);
  if (Number.isNaN(second)) return;
  if (first < 0 || second < 0 || first >= dbs.length || second >= dbs.length) {
    return ctx.out.error(ERR_DB_INDEX);
  }
  if (first !== second) {
    databaseSwapping(ctx, first, second);
    databaseSwap(dbs[first], dbs[second]);
  }
  ctx.dirty++;
  ctx.out.raw(OK);
}

const FLUSH_TYPE: ArgSpec = {
  name: "flush-type",
  type: "oneof",
  optional: true,
  args: [
    { name: "async", type: "pure-token", token: "ASYNC", since: "4.0.0" },
    { name: "sync", type: "pure-token", token: "SYNC", since: "6.2.0" },
  ],
};

/** What both flush commands have in common. */
const FLUSH = {
  group: "server",
  since: "1.0.0",
  arity: -1,
  acl: ["@keyspace", "@dangerous"],
  args: [FLUSH_TYPE],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: [
    ["4.0.0", "The option ASYNC."],
    ["6.2.0", "The option SYNC; without one the directive lazyfree-lazy-user-flush decides."],
  ],
  reply: ["simple"],
} as const;

export const DATABASE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "DBSIZE",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: READONLY | FAST,
    acl: ["@keyspace"],
    summary: "Counts the keys of the selected database.",
    complexity: "O(1)",
    tips: ["request_policy:all_shards", "response_policy:agg_sum"],
    reply: ["integer"],
    examples: [["MSET a 1 b 2", "+OK"], ["DBSIZE", ":2"]],
    run: dbsize,
  },
  {
    ...FLUSH,
    name: "FLUSHALL",
    flags: WRITE | ALL_DBS,
    summary: "Removes all keys of all databases.",
    complexity: "O(N) for N keys in all databases; here O(1) when that many go at once",
    examples: [["SET a 1", "+OK"], ["FLUSHALL", "+OK"], ["DBSIZE", ":0"]],
    run: flushall,
  },
  {
    ...FLUSH,
    name: "FLUSHDB",
    flags: WRITE,
    summary: "Removes all keys of the selected database.",
    complexity: "O(N) for N keys in the database",
    examples: [["SET a 1", "+OK"], ["FLUSHDB ASYNC", "+OK"], ["DBSIZE", ":0"]],
    run: flushdb,
  },
  {
    name: "SWAPDB",
    group: "server",
    since: "4.0.0",
    arity: 3,
    flags: WRITE | FAST,
    acl: ["@keyspace", "@dangerous"],
    args: [{ name: "index1", type: "integer" }, { name: "index2", type: "integer" }],
    summary:
      "Exchanges the contents of two databases, so that clients of one see the other's keys.",
    complexity: "O(N) for N clients that watch or wait for keys of either database",
    reply: ["simple"],
    examples: [["SET a 1", "+OK"], ["SWAPDB 0 1", "+OK"], ["EXISTS a", ":0"]],
    run: swapdb,
  },
];
