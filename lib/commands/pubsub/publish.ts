// publish.ts: sending messages, and what is known about subscriptions: PUBLISH, SPUBLISH, PUBSUB.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp, replySubcommandError } from "../help.ts";
import type { SubscriptionKind } from "../pubsub_view.ts";
import { type CommandSpec, FAST, LOADING, MAY_REPLICATE, oneKey, PUBSUB, STALE } from "../spec.ts";

const HELP = [
  "CHANNELS [<pattern>]",
  "    Channels with subscribers, or those of them that match.",
  "NUMPAT",
  "    Number of distinct patterns that somebody subscribed to.",
  "NUMSUB [<channel> ...]",
  "    For each channel its name and number of subscribers; patterns do not count.",
  "SHARDCHANNELS [<pattern>]",
  "    Shard channels with subscribers, or those of them that match.",
  "SHARDNUMSUB [<shardchannel> ...]",
  "    For each shard channel its name and number of subscribers.",
];

function publishTo(ctx: Ctx, kind: "channel" | "shard"): void {
  const { argBuf, off, len } = ctx;
  ctx.propagator.anyway();
  const sent = ctx.pubsub.publish(kind, argBuf, off[1], len[1], argBuf, off[2], len[2]);
  ctx.out.integer(sent);
}

function listNames(ctx: Ctx, kind: SubscriptionKind): void {
  if (ctx.argc > 3) return replySubcommandError(ctx);
  const { out } = ctx;
  const mark = out.deferredStart();
  let count = 0;
  for (const text of ctx.pubsub.names(kind)) {
    const name = fromLatin1(text);
    if (ctx.argc === 3 && !matchesArg(ctx, name)) continue;
    out.bulk(name, 0, name.length);
    count++;
  }
  out.deferredArray(mark, count);
}

function matchesArg({ argBuf, off, len }: Ctx, name: Uint8Array): boolean {
  return globMatch(argBuf, off[2], len[2], name, 0, name.length, false);
}

function countSubscribers(ctx: Ctx, kind: SubscriptionKind): void {
  ctx.out.array((ctx.argc - 2) * 2);
  for (let i = 2; i < ctx.argc; i++) {
    ctx.out.bulk(ctx.argBuf, ctx.off[i], ctx.len[i]);
    ctx.out.integer(ctx.pubsub.countSubscribers(kind, argText(ctx, i)));
  }
}

function numpat(ctx: Ctx): void {
  ctx.out.integer(ctx.pubsub.countNames("pattern"));
}

const SENDER = {
  group: "pubsub",
  arity: 3,
  flags: PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE,
  acl: ["@pubsub"],
  reply: ["integer"],
} as const;
const COMMON = {
  group: "pubsub",
  flags: PUBSUB | LOADING | STALE,
  acl: ["@pubsub"],
} as const;

export const PUBLISH_COMMANDS: readonly CommandSpec[] = [
  {
    ...SENDER,
    name: "PUBLISH",
    since: "2.0.0",
    args: [{ name: "channel", type: "string" }, { name: "message", type: "string" }],
    summary: "Sends a message to the subscribers of a channel and of patterns that match it.",
    complexity: "O(N+M) for N subscribers of the channel and M patterns of all clients",
    examples: [["PUBLISH news hello", ":0"]],
    run: (ctx) => publishTo(ctx, "channel"),
  },
  {
    ...SENDER,
    name: "SPUBLISH",
    since: "7.0.0",
    keys: [oneKey(1, "not_key")],
    args: [{ name: "shardchannel", type: "string" }, { name: "message", type: "string" }],
    summary: "Sends a message to the subscribers of a shard channel.",
    complexity: "O(N) for N subscribers of the shard channel",
    examples: [["SPUBLISH orders hello", ":0"]],
    run: (ctx) => publishTo(ctx, "shard"),
  },
  {
    name: "PUBSUB",
    group: "pubsub",
    since: "2.8.0",
    arity: -2,
    flags: 0,
    complexity: "That of the subcommand",
    summary: "Container of the commands about subscriptions.",
    reply: [],
    examples: [],
  },
  {
    ...COMMON,
    name: "PUBSUB|CHANNELS",
    since: "2.8.0",
    arity: -2,
    args: [{ name: "pattern", type: "pattern", optional: true }],
    summary: "Lists the channels that somebody subscribed to.",
    complexity: "O(N) for N channels, short names and patterns",
    reply: ["array"],
    examples: [["PUBSUB CHANNELS", "*0"]],
    run: (ctx) => listNames(ctx, "channel"),
  },
  {
    name: "PUBSUB|HELP",
    group: "pubsub",
    since: "6.2.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Shows how PUBSUB is used.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["PUBSUB HELP", "/^\\*\\d+ \\+PUBSUB /"]],
    run: (ctx) => replyHelp(ctx, HELP),
  },
  {
    ...COMMON,
    name: "PUBSUB|NUMPAT",
    since: "2.8.0",
    arity: 2,
    summary: "Counts the distinct patterns that somebody subscribed to.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["PUBSUB NUMPAT", ":0"]],
    run: numpat,
  },
  {
    ...COMMON,
    name: "PUBSUB|NUMSUB",
    since: "2.8.0",
    arity: -2,
    args: [{ name: "channel", type: "string", optional: true, multiple: true }],
    summary: "Counts the subscribers of channels.",
    complexity: "O(N) for N channels asked for",
    reply: ["array"],
    examples: [["PUBSUB NUMSUB news", "*2 $4 news :0"]],
    run: (ctx) => countSubscribers(ctx, "channel"),
  },
  {
    ...COMMON,
    name: "PUBSUB|SHARDCHANNELS",
    since: "7.0.0",
    arity: -2,
    args: [{ name: "pattern", type: "pattern", optional: true }],
    summary: "Lists the shard channels that somebody subscribed to.",
    complexity: "O(N) for N shard channels, short names and patterns",
    reply: ["array"],
    examples: [["PUBSUB SHARDCHANNELS", "*0"]],
    run: (ctx) => listNames(ctx, "shard"),
  },
  {
    ...COMMON,
    name: "PUBSUB|SHARDNUMSUB",
    since: "7.0.0",
    arity: -2,
    args: [{ name: "shardchannel", type: "string", optional: true, multiple: true }],
    summary: "Counts the subscribers of shard channels.",
    complexity: "O(N) for N shard channels asked for",
    reply: ["array"],
    examples: [["PUBSUB SHARDNUMSUB orders", "*2 $6 orders :0"]],
    run: (ctx) => countSubscribers(ctx, "shard"),
  },
];
