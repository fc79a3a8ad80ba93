// memory.ts: MEMORY: what keys and the server as a whole use.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { dictBytes, dictCount } from "../../engine/dict.ts";
import { isVolatileHash, keyFind, keyHash } from "../../engine/keyspace.ts";
import { HAS_EXPIRE, recordA, recordBlockBytes, recordMeta } from "../../engine/record.ts";
import { valueBytes } from "../../engine/value.ts";
import { ArgReader, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import { type CommandSpec, LOADING, oneKey, READONLY, STALE } from "../spec.ts";
import { ALLOCATOR_NAME } from "./info_memory.ts";
import { bytesForHumans, percent } from "./info_text.ts";
import { measureMemory } from "./memory_use.ts";

const SAMPLES = word("SAMPLES");
const SAMPLES_DEFAULT = 5;

// ---- MEMORY USAGE

/** Finds keys whose time has come as well and counts no access. */
function usage(ctx: Ctx): void {
  const args = new ArgReader(ctx, 3);
  let samples = SAMPLES_DEFAULT;
  while (args.more()) {
    if (!args.word(SAMPLES)) args.fail(ERR_SYNTAX);
    samples = args.number(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, ERR_NOT_INTEGER);
    if (samples < 0) args.fail(ERR_SYNTAX);
  }
  if (args.failed) return args.reply();
  const { keyspace: ks, db } = ctx;
  const hash = keyHash(ks, ctx.argBuf, ctx.off[2], ctx.len[2]);
  const rec = keyFind(ks, db, hash, ctx.argBuf, ctx.off[2], ctx.len[2]);
  if (rec === 0) return ctx.out.nullBulk();
  const meta = recordMeta(ks.arena, rec);
  let places = placeBytes(ctx, db.main);
  if ((meta & HAS_EXPIRE) !== 0) places += placeBytes(ctx, db.expires);
  if (isVolatileHash(meta)) places += placeBytes(ctx, db.volatileHashes);
  const value = valueBytes(ks, meta, recordA(ks.arena, rec), samples);
  ctx.out.integer(recordBlockBytes(ks.arena, rec) + value + places);
}

/** What one key of a table costs there. */
function placeBytes(ctx: Ctx, dict: number): number {
  const { arena } = ctx.keyspace;
  return Math.round(dictBytes(arena, dict) / dictCount(arena, dict));
}

// ---- MEMORY STATS

type Stat = readonly [name: string, value: number, isDouble?: boolean];

function stats(ctx: Ctx): void {
  const { out } = ctx;
  const use = measureMemory(ctx);
  const tables = use.databases.reduce((sum, db) => sum + db.main + db.expires, 0);
  const grown = use.used - use.startup;
  const before: Stat[] = [
    ["peak.allocated", use.peak],
    ["total.allocated", use.used],
    ["startup.allocated", use.startup],
    ["replication.backlog", use.backlog],
    ["replicas.repl.buffer", use.replicaBuffers],
    ["clients.slaves", use.replicas],
    ["clients.normal", use.clients],
    ["cluster.links", 0],
    ["cluster.slot_import", 0],
    ["cluster.slot_export", 0],
    ["aof.buffer", use.aofBuffer],
    ["lua.caches", 0],
    ["functions.caches", 0],
  ];
  const after: Stat[] = [
    ["overhead.db.hashtable.lut", tables],
    ["overhead.db.hashtable.rehashing", 0],
    ["overhead.total", use.overhead],
    ["db.dict.rehashing.count", 0],
    ["keys.count", use.keys],
    ["keys.bytes-per-key", use.keys === 0 ? 0 : Math.floor(grown / use.keys)],
    ["dataset.bytes", use.dataset],
    ["dataset.percentage", share(use.dataset, grown) * 100, true],
    ["peak.percentage", share(use.used, use.peak) * 100, true],
    ["allocator.allocated", use.allocated],
    ["allocator.active", use.active],
    ["allocator.resident", use.touched],
    ["allocator.muzzy", 0],
    ["allocator-fragmentation.ratio", share(use.active, use.allocated), true],
    ["allocator-fragmentation.bytes", use.active - use.allocated],
    ["allocator-rss.ratio", share(use.touched, use.active), true],
    ["allocator-rss.bytes", use.touched - use.active],
    ["rss-overhead.ratio", share(use.resident, use.touched), true],
    ["rss-overhead.bytes", use.resident - use.touched],
    ["fragmentation", share(use.resident, use.used), true],
    ["fragmentation.bytes", use.resident - use.used],
  ];
  out.map(before.length + use.databases.length + after.length);
  replyStats(ctx, before);
  for (const { index, main, expires } of use.databases) {
    out.bulkText(`db.${index}`);
    out.map(2);
    replyStats(ctx, [
      ["overhead.hashtable.main", main],
      ["overhead.hashtable.expires", expires],
    ]);
  }
  replyStats(ctx, after);
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function replyStats(ctx: Ctx, list: readonly Stat[]): void {
  for (const [name, value, isDouble] of list) {
    ctx.out.bulkText(name);
    if (isDouble === true) ctx.out.double(value);
    else ctx.out.integer(value);
  }
}

// ---- MEMORY DOCTOR, MALLOC-STATS, PURGE

const SMALL_BYTES = 5 * 1024 * 1024;
const PEAK_FACTOR = 1.5;
const SPARSE_FACTOR = 1.4;
const SPARSE_BYTES = 10 * 1024 * 1024;
const CLIENT_BYTES = 200 * 1024;

function doctor(ctx: Ctx): void {
  const use = measureMemory(ctx);
  const found: string[] = [];
  if (use.used < SMALL_BYTES) {
    return replyText(ctx, `Too little data (${bytesForHumans(use.used)}) to say anything about.`);
  }
  if (use.peak > use.used * PEAK_FACTOR) {
    found.push(
      `It once held ${bytesForHumans(use.peak)}, now ${
        bytesForHumans(use.used)
      }: the process may ` +
        "look larger than its data for that reason.",
    );
  }
  const sparse = use.active - use.allocated;
  if (use.active > use.allocated * SPARSE_FACTOR && sparse > SPARSE_BYTES) {
    found.push(
      `${
        percent(sparse, use.active)
      } of the pages' bytes are between live blocks: many values of ` +
        "one size were deleted. The room is used again for values of that size; activedefrag or " +
        "MEMORY PURGE gives it back.",
    );
  }
  const perClient = use.clients / Math.max(1, ctx.clients.count);
  if (perClient > CLIENT_BYTES) {
    found.push(
      `Connections hold ${bytesForHumans(Math.floor(perClient))} each on the average: some send ` +
        "large commands or do not read their replies.",
    );
  }
  if (found.length === 0) return replyText(ctx, "The memory is in good order.");
  replyText(ctx, found.map((text) => `* ${text}`).join("\n"));
}

function replyText(ctx: Ctx, text: string): void {
  ctx.out.verbatim("txt", fromLatin1(text + "\n"));
}

function mallocStats(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  replyText(
    ctx,
    [
      `allocator: ${ALLOCATOR_NAME}`,
      `live blocks: ${arena.liveBlocks}`,
      `bytes in live blocks: ${arena.usedBytes}, at most ${arena.peakBytes}`,
      `bytes in pages of live blocks: ${arena.spanBytes}, in pages once used: ${arena.touchedBytes}`,
      `bytes reserved: ${arena.reservedBytes}`,
      `segments: ${arena.u8.length}, of single huge blocks: ${arena.hugeCount}`,
    ].join("\n"),
  );
}

/** What takes moving blocks is done in the background. */
function purge(ctx: Ctx): void {
  ctx.server.defrag.purge();
  ctx.out.ok();
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "DOCTOR",
    "    Looks for trouble with memory and explains it.",
    "MALLOC-STATS",
    "    Shows the counters of the allocator.",
    "PURGE",
    "    Gives memory that is not needed back to the system.",
    "STATS",
    "    Shows what memory is used for.",
    "USAGE <key> [SAMPLES <count>]",
    "    Shows the bytes that a key and its value take; of a large value so many elements are",
    "    measured, 5 unless told, all with 0.",
  ]);
}

const REPORT_TIPS = [
  "nondeterministic_output",
  "request_policy:all_shards",
  "response_policy:special",
];

export const MEMORY_COMMANDS: readonly CommandSpec[] = [
  {
    name: "MEMORY",
    group: "server",
    since: "4.0.0",
    arity: -2,
    flags: 0,
    summary: "Holds the commands that look at memory.",
    complexity: "Depends on the subcommand",
    reply: [],
    examples: [],
  },
  {
    name: "MEMORY|DOCTOR",
    group: "server",
    since: "4.0.0",
    arity: 2,
    flags: 0,
    summary: "Looks for trouble with memory and explains it.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["verbatim"],
    examples: [["MEMORY DOCTOR", "/^\\$\\d+ /"]],
    run: doctor,
  },
  {
    name: "MEMORY|HELP",
    group: "server",
    since: "4.0.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of MEMORY.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["MEMORY HELP", "/^\\*14 \\+MEMORY /"]],
    run: help,
  },
  {
    name: "MEMORY|MALLOC-STATS",
    group: "server",
    since: "4.0.0",
    arity: 2,
    flags: LOADING,
    summary: "Shows the counters of the allocator.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["verbatim"],
    examples: [["MEMORY MALLOC-STATS", "/^\\$\\d+ allocator: /"]],
    run: mallocStats,
  },
  {
    name: "MEMORY|PURGE",
    group: "server",
    since: "4.0.0",
    arity: 2,
    flags: LOADING,
    summary: "Gives memory that is not needed back to the system.",
    complexity: "O(1)",
    tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
    reply: ["simple"],
    examples: [["MEMORY PURGE", "+OK"]],
    run: purge,
  },
  {
    name: "MEMORY|STATS",
    group: "server",
    since: "4.0.0",
    arity: 2,
    flags: 0,
    summary: "Shows what memory is used for.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["map"],
    examples: [["MEMORY STATS", "/^\\*\\d+ \\$14 peak\\.allocated :\\d+ /"]],
    run: stats,
  },
  {
    name: "MEMORY|USAGE",
    group: "server",
    since: "4.0.0",
    arity: -3,
    flags: READONLY,
    keys: [oneKey(2, "RO")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "count", type: "integer", token: "SAMPLES", optional: true },
    ],
    summary: "Estimates the bytes that a key and its value take.",
    complexity: "O(N) where N is the number of elements looked at",
    reply: ["integer", "null"],
    examples: [["MEMORY USAGE nothing", "$-1"], ["SET k v", "+OK"], [
      "MEMORY USAGE k",
      "/^:\\d+$/",
    ]],
    run: usage,
  },
];
