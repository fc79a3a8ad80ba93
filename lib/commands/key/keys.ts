// keys.ts: questions about keys that do not look at values: EXISTS, TOUCH, TYPE, KEYS, RANDOMKEY.

import { STAR } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";
import { line } from "../../codec/reply_writer.ts";
import { chain, dictBucketCount, dictBucketRead } from "../../engine/dict.ts";
import {
  keyCount,
  keyCountVolatile,
  keyIsExpired,
  keyRandom,
  keyTouch,
  recordHash,
} from "../../engine/keyspace.ts";
import {
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordType,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { isThere, lookupPeek, seesExpired } from "../lookup.ts";
import {
  type CommandSpec,
  FAST,
  keyRange,
  oneKey,
  READONLY,
  TOUCHES_ARBITRARY_KEYS,
} from "../spec.ts";

/** Names of the types as commands show and read them. */
export const TYPE_NAMES: readonly (readonly [type: number, name: string])[] = [
  [TYPE_STRING, "string"],
  [TYPE_LIST, "list"],
  [TYPE_SET, "set"],
  [TYPE_ZSET, "zset"],
  [TYPE_HASH, "hash"],
  [TYPE_STREAM, "stream"],
];

const TYPE_LINES: Uint8Array[] = [];
for (const [type, name] of TYPE_NAMES) TYPE_LINES[type] = line(`+${name}`);
const NO_TYPE = line("+none");
/** How many expired keys RANDOMKEY passes over before it takes one. */
const RANDOM_TRIES = 100;

function exists(ctx: Ctx): void {
  let count = 0;
  for (let i = 1; i < ctx.argc; i++) if (lookupPeek(ctx, i) !== 0) count++;
  ctx.out.integer(count);
}

/** Unlike other reads it counts as an access for clients that asked for none, too. */
function touch(ctx: Ctx): void {
  let count = 0;
  for (let i = 1; i < ctx.argc; i++) {
    const rec = lookupPeek(ctx, i);
    if (rec === 0) continue;
    keyTouch(ctx.keyspace, rec);
    count++;
  }
  ctx.out.integer(count);
}

function type(ctx: Ctx): void {
  const rec = lookupPeek(ctx, 1);
  ctx.out.raw(rec === 0 ? NO_TYPE : TYPE_LINES[recordType(ctx.keyspace.arena, rec)]);
}

/** Writes the key of a record as a bulk string. */
export function replyKey(ctx: Ctx, rec: number): void {
  const { arena } = ctx.keyspace;
  ctx.out.bulk(recordKeyBuf(arena, rec), recordKeyOff(arena, rec), recordKeyLen(arena, rec));
}

/** Whether the key of a record matches the pattern in argument `arg`. */
export function keyMatches(ctx: Ctx, rec: number, arg: number): boolean {
  const { arena } = ctx.keyspace;
  return globMatch(
    ctx.argBuf,
    ctx.off[arg],
    ctx.len[arg],
    recordKeyBuf(arena, rec),
    recordKeyOff(arena, rec),
    recordKeyLen(arena, rec),
    false,
  );
}

/** Whether argument `arg` is the pattern that matches everything. */
export function isMatchAll(ctx: Ctx, arg: number): boolean {
  return ctx.len[arg] === 1 && ctx.argBuf[ctx.off[arg]] === STAR;
}

/** Nothing changes during the walk: expired keys are passed over, not removed. */
function keys(ctx: Ctx): void {
  const { out, keyspace, db, nowMs } = ctx;
  const matchAll = isMatchAll(ctx, 1);
  const all = seesExpired(ctx);
  const mark = out.deferredStart();
  const buckets = dictBucketCount(keyspace.arena, db.main);
  let count = 0;
  for (let index = 0; index < buckets && ctx.client.mayReply(Infinity); index++) {
    const found = dictBucketRead(keyspace.arena, db.main, index);
    for (let i = 0; i < found; i++) {
      const rec = chain.entries[i];
      if (!matchAll && !keyMatches(ctx, rec, 1)) continue;
      if (!all && keyIsExpired(keyspace, rec, nowMs)) continue;
      replyKey(ctx, rec);
      count++;
    }
  }
  out.deferredArray(mark, count);
}

/**
 * Expired keys that are found are removed and another is picked. Where they must stay (import-mode) and there may be no
 * others, an expired one is better than no end.
 */
function randomkey(ctx: Ctx): void {
  const { keyspace, db } = ctx;
  for (let tries = RANDOM_TRIES;; tries--) {
    const rec = keyRandom(keyspace, db);
    if (rec === 0) return ctx.out.nullBulk();
    const mayBeStuck = tries <= 1 && keyCount(keyspace, db) === keyCountVolatile(keyspace, db) &&
      (ctx.server.isReplica || ctx.config.flag("import-mode") || ctx.clients.isPaused());
    if (mayBeStuck || isThere(ctx, recordHash(keyspace, rec), rec)) return replyKey(ctx, rec);
  }
}

export const KEYS_COMMANDS: readonly CommandSpec[] = [
  {
    name: "EXISTS",
    group: "generic",
    since: "1.0.0",
    arity: -2,
    flags: READONLY | FAST,
    acl: ["@keyspace"],
    keys: [keyRange(1, -1, 1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary: "Counts how many of the named keys exist; a key named twice counts twice.",
    complexity: "O(N) for N keys",
    tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
    history: [["3.0.3", "Takes more than one key."]],
    reply: ["integer"],
    examples: [["SET a 1", "+OK"], ["EXISTS a b", ":1"], ["EXISTS a a", ":2"]],
    run: exists,
  },
  {
    name: "TOUCH",
    group: "generic",
    since: "3.2.1",
    arity: -2,
    flags: READONLY | FAST,
    acl: ["@keyspace"],
    keys: [keyRange(1, -1, 1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0, multiple: true }],
    summary: "Marks keys as just used, without reading them, and counts those that exist.",
    complexity: "O(N) for N keys",
    tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
    reply: ["integer"],
    examples: [["SET a 1", "+OK"], ["TOUCH a b", ":1"]],
    run: touch,
  },
  {
    name: "TYPE",
    group: "generic",
    since: "1.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RO")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: 'Names the type of the value stored under a key; "none" when there is none.',
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["SET a 1", "+OK"], ["TYPE a", "+string"], ["TYPE b", "+none"]],
    run: type,
  },
  {
    name: "KEYS",
    group: "generic",
    since: "1.0.0",
    arity: 2,
    flags: READONLY,
    acl: ["@keyspace", "@dangerous"],
    args: [{ name: "pattern", type: "pattern" }],
    summary:
      "Lists all keys that match a glob pattern, in one go: on a large database everybody waits.",
    complexity: "O(N) for N keys in the database, matching or not",
    tips: ["request_policy:all_shards", "nondeterministic_output_order"],
    reply: ["array"],
    examples: [["MSET one 1 two 2", "+OK"], ["KEYS t*", "*1 $3 two"], ["KEYS x?", "*0"]],
    run: keys,
  },
  {
    name: "RANDOMKEY",
    group: "generic",
    since: "1.0.0",
    arity: 1,
    flags: READONLY | TOUCHES_ARBITRARY_KEYS,
    acl: ["@keyspace"],
    summary: "Picks a key of the database at random.",
    complexity: "O(1)",
    tips: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
    reply: ["bulk", "null"],
    examples: [["RANDOMKEY", "$-1"], ["SET only 1", "+OK"], ["RANDOMKEY", "$4 only"]],
    run: randomkey,
  },
];
