// subscribe.ts: who wants which messages: SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites.
//
// These commands have no reply as others have: each name is confirmed by a message of its own (kind, name, number of
// subscriptions). To end all subscriptions where there are none is confirmed once, with a null for the name.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { SubscriptionKind } from "../pubsub_view.ts";
import {
  type ArgSpec,
  type CommandSpec,
  keyRange,
  LOADING,
  NOSCRIPT,
  PUBSUB,
  STALE,
} from "../spec.ts";

const ERR_DENIED = line("-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");

function confirm(ctx: Ctx, word: string, name: string | null, kind: SubscriptionKind): void {
  const { out } = ctx;
  const bytes = fromLatin1(word);
  out.push(3);
  out.bulk(bytes, 0, bytes.length);
  if (name === null) out.nullBulk();
  else out.bulkText(name);
  out.integer(ctx.pubsub.countOf(ctx.client, kind));
}

function subscribeTo(ctx: Ctx, kind: SubscriptionKind, word: string): void {
  for (let i = 1; i < ctx.argc; i++) {
    const name = argText(ctx, i);
    ctx.pubsub.subscribe(ctx.client, kind, name);
    confirm(ctx, word, name, kind);
  }
}

function unsubscribeFrom(ctx: Ctx, kind: SubscriptionKind, word: string): void {
  const names: string[] = [];
  if (ctx.argc === 1) names.push(...ctx.pubsub.namesOf(ctx.client, kind));
  for (let i = 1; i < ctx.argc; i++) names.push(argText(ctx, i));
  for (const name of names) {
    ctx.pubsub.unsubscribe(ctx.client, kind, name);
    confirm(ctx, word, name, kind);
  }
  if (names.length === 0) confirm(ctx, word, null, kind);
}

function ssubscribe(ctx: Ctx): void {
  if (!ctx.client.mayBlock) return ctx.out.error(ERR_DENIED);
  subscribeTo(ctx, "shard", "ssubscribe");
}

const COMMON = {
  group: "pubsub",
  acl: ["@pubsub"],
  flags: PUBSUB | NOSCRIPT | LOADING | STALE,
  reply: ["push", "any"],
} as const;
const SHARD_KEYS = [keyRange(1, -1, 1, "not_key")];

function names(name: string, type: "string" | "pattern", optional: boolean): readonly ArgSpec[] {
  return [{ name, type, multiple: true, ...(optional ? { optional } : {}) }];
}

export const SUBSCRIBE_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "SUBSCRIBE",
    since: "2.0.0",
    arity: -2,
    args: names("channel", "string", false),
    summary: "Asks for the messages of channels.",
    complexity: "O(N) for N channels",
    examples: [["SUBSCRIBE news", "*3 $9 subscribe $4 news :1"]],
    run: (ctx) => subscribeTo(ctx, "channel", "subscribe"),
  },
  {
    ...COMMON,
    name: "UNSUBSCRIBE",
    since: "2.0.0",
    arity: -1,
    args: names("channel", "string", true),
    summary: "Ends the subscriptions to channels, all of them where none is named.",
    complexity: "O(N) for N channels",
    examples: [
      ["SUBSCRIBE news", "*3 $9 subscribe $4 news :1"],
      ["UNSUBSCRIBE news", "*3 $11 unsubscribe $4 news :0"],
      ["UNSUBSCRIBE", "*3 $11 unsubscribe $-1 :0"],
    ],
    run: (ctx) => unsubscribeFrom(ctx, "channel", "unsubscribe"),
  },
  {
    ...COMMON,
    name: "PSUBSCRIBE",
    since: "2.0.0",
    arity: -2,
    args: names("pattern", "pattern", false),
    summary: "Asks for the messages of all channels whose names match a pattern.",
    complexity: "O(N) for N patterns",
    examples: [["PSUBSCRIBE news.*", "*3 $10 psubscribe $6 news.* :1"]],
    run: (ctx) => subscribeTo(ctx, "pattern", "psubscribe"),
  },
  {
    ...COMMON,
    name: "PUNSUBSCRIBE",
    since: "2.0.0",
    arity: -1,
    args: names("pattern", "pattern", true),
    summary: "Ends the subscriptions to patterns, all of them where none is named.",
    complexity: "O(N) for N patterns",
    examples: [
      ["PSUBSCRIBE news.*", "*3 $10 psubscribe $6 news.* :1"],
      ["PUNSUBSCRIBE", "*3 $12 punsubscribe $6 news.* :0"],
    ],
    run: (ctx) => unsubscribeFrom(ctx, "pattern", "punsubscribe"),
  },
  {
    ...COMMON,
    name: "SSUBSCRIBE",
    since: "7.0.0",
    arity: -2,
    keys: SHARD_KEYS,
    args: names("shardchannel", "string", false),
    summary: "Asks for the messages of shard channels, which stay within the shard of their slot.",
    complexity: "O(N) for N shard channels",
    examples: [["SSUBSCRIBE orders", "*3 $10 ssubscribe $6 orders :1"]],
    run: ssubscribe,
  },
  {
    ...COMMON,
    name: "SUNSUBSCRIBE",
    since: "7.0.0",
    arity: -1,
    keys: SHARD_KEYS,
    args: names("shardchannel", "string", true),
    summary: "Ends the subscriptions to shard channels, all of them where none is named.",
    complexity: "O(N) for N shard channels",
    examples: [["SUNSUBSCRIBE orders", "*3 $12 sunsubscribe $6 orders :0"]],
    run: (ctx) => unsubscribeFrom(ctx, "shard", "sunsubscribe"),
  },
];
