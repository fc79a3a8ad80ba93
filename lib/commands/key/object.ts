// object.ts: OBJECT: how a value is stored and when it was last used. Looking is no access.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { lfuDecayed } from "../../engine/access.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_VOLATILE,
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  ENCODING_RAW,
  ENCODING_SKIPLIST,
  ENCODING_STREAM,
  recordClock,
  recordEncoding,
  recordSetClock,
} from "../../engine/record.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import { lookupInspect } from "../lookup.ts";
import { type CommandSpec, LOADING, oneKey, READONLY, STALE } from "../spec.ts";

const ONE = line(":1");
const ERR_LFU = line(
  "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when " +
    "switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
const ERR_NO_LFU = line(
  "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that " +
    "when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);

/** Names of the encodings as Valkey shows them. */
export const ENCODING_NAMES: Uint8Array[] = [];
ENCODING_NAMES[ENCODING_RAW] = fromLatin1("raw");
ENCODING_NAMES[ENCODING_INT] = fromLatin1("int");
ENCODING_NAMES[ENCODING_EMBSTR] = fromLatin1("embstr");
ENCODING_NAMES[ENCODING_LISTPACK] = fromLatin1("listpack");
ENCODING_NAMES[ENCODING_INTSET] = fromLatin1("intset");
ENCODING_NAMES[ENCODING_HASHTABLE] = fromLatin1("hashtable");
ENCODING_NAMES[ENCODING_HASHTABLE_VOLATILE] = ENCODING_NAMES[ENCODING_HASHTABLE];
ENCODING_NAMES[ENCODING_QUICKLIST] = fromLatin1("quicklist");
ENCODING_NAMES[ENCODING_SKIPLIST] = fromLatin1("skiplist");
ENCODING_NAMES[ENCODING_STREAM] = fromLatin1("stream");

function encoding(ctx: Ctx): void {
  const rec = lookupInspect(ctx, 2);
  if (rec === 0) return ctx.out.nullBulk();
  const name = ENCODING_NAMES[recordEncoding(ctx.keyspace.arena, rec)];
  ctx.out.bulk(name, 0, name.length);
}

/** Values are never shared. */
function refcount(ctx: Ctx): void {
  if (lookupInspect(ctx, 2) === 0) ctx.out.nullBulk();
  else ctx.out.raw(ONE);
}

function idletime(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = lookupInspect(ctx, 2);
  if (rec === 0) return ctx.out.nullBulk();
  if (ks.lfuEnabled) return ctx.out.error(ERR_LFU);
  ctx.out.integer((ks.lruSeconds - recordClock(ks.arena, rec)) & 0xffffff);
}

/** The counter as it is after decay; the record is brought up to date. */
function freq(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = lookupInspect(ctx, 2);
  if (rec === 0) return ctx.out.nullBulk();
  if (!ks.lfuEnabled) return ctx.out.error(ERR_NO_LFU);
  const counter = lfuDecayed(ks, recordClock(ks.arena, rec));
  recordSetClock(ks.arena, rec, (ks.lfuMinutes << 8) | counter);
  ctx.out.integer(counter);
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "ENCODING <key>",
    "    Name the form in which the value of the key is kept in memory.",
    "FREQ <key>",
    "    Show the access counter of the key: it grows with the logarithm of the accesses and",
    "    shrinks with time. Needs an LFU policy.",
    "IDLETIME <key>",
    "    Show for how many seconds nobody has used the key. Needs a policy other than LFU.",
    "REFCOUNT <key>",
    "    Show how many references to the value there are.",
  ]);
}

/** What the subcommands that look at a key have in common. */
const LOOK = {
  group: "generic",
  arity: 3,
  flags: READONLY,
  acl: ["@keyspace"],
  keys: [oneKey(2, "RO")],
  args: [{ name: "key", type: "key", keySpec: 0 }],
  complexity: "O(1)",
  tips: ["nondeterministic_output"],
} as const;

export const OBJECT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "OBJECT",
    group: "generic",
    since: "2.2.3",
    arity: -2,
    flags: 0,
    summary: "Holds the commands that look at how a value is stored.",
    complexity: "That of the subcommand",
    reply: [],
    examples: [],
  },
  {
    ...LOOK,
    name: "OBJECT|ENCODING",
    since: "2.2.3",
    summary: 'Names the form in which a value is kept in memory, such as "int" or "listpack".',
    reply: ["bulk", "null"],
    examples: [["SET a 1", "+OK"], ["OBJECT ENCODING a", "$3 int"], ["OBJECT ENCODING b", "$-1"]],
    run: encoding,
  },
  {
    ...LOOK,
    name: "OBJECT|FREQ",
    since: "4.0.0",
    summary: "Shows how often a key is used, on a logarithmic scale; needs an LFU policy.",
    reply: ["integer", "null"],
    examples: [["OBJECT FREQ a", "$-1"], ["SET a 1", "+OK"], [
      "OBJECT FREQ a",
      "/^-ERR An LFU maxmemory policy is not selected/",
    ]],
    run: freq,
  },
  {
    name: "OBJECT|HELP",
    group: "generic",
    since: "6.2.0",
    arity: 2,
    flags: LOADING | STALE,
    acl: ["@keyspace"],
    summary: "Explains the subcommands of OBJECT.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["OBJECT HELP", "/^\\*12 \\+OBJECT /"]],
    run: help,
  },
  {
    ...LOOK,
    name: "OBJECT|IDLETIME",
    since: "2.2.3",
    summary: "Shows for how many seconds nobody has read or written a key.",
    reply: ["integer", "null"],
    examples: [["SET a 1", "+OK"], ["OBJECT IDLETIME a", ":0"]],
    run: idletime,
  },
  {
    ...LOOK,
    name: "OBJECT|REFCOUNT",
    since: "2.2.3",
    summary: "Shows how many references to a value there are; here always 1.",
    reply: ["integer", "null"],
    examples: [["SET a 1", "+OK"], ["OBJECT REFCOUNT a", ":1"]],
    run: refcount,
  },
];
