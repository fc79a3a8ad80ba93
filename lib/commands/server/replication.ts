// replication.ts: following and being followed: REPLICAOF, SLAVEOF, ROLE; PSYNC, SYNC and REPLCONF, which replicas send.
//
// PSYNC and SYNC have no reply of their own here: what is sent, and when, is decided where the stream is kept
// (server/replica_set.ts). REPLCONF ACK and GETACK have none at all.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argIs, argNumber, argText, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { ReplicaFacts, ReplicationView } from "../replication_view.ts";
import {
  ADMIN,
  ALLOW_BUSY,
  type ArgSpec,
  type CommandSpec,
  FAST,
  LOADING,
  NO_ASYNC_LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from "../spec.ts";

const PORT_MAX = 65535;
const ADDRESS_CHARS_MAX = 255;
const ERR_NO_REPLICATION = line("-ERR this server cannot be followed");
const ERR_PORT = line("-ERR Invalid master port");
const ERR_IS_REPLICA = line("-ERR Command is not valid when client is a replica.");
const ERR_FAILING_OVER = line("-ERR REPLICAOF not allowed while failing over.");
const ERR_NO_CLUSTER = line("-ERR This instance has cluster support disabled");
const ERR_RANGE = line("-ERR value is out of range, value must between 0 and 1");
const SAME_PRIMARY = line("+OK Already connected to specified master");
const NO = word("no");
const ONE = word("one");
const ACK = word("ack");
const FACK = word("fack");
const GETACK = word("getack");
const FAILOVER = word("failover");

const pair = new Int32Array(2);

function replicationOf(ctx: Ctx): ReplicationView | null {
  const { replication } = ctx.server;
  if (replication === null) ctx.out.error(ERR_NO_REPLICATION);
  return replication;
}

/** A 64-bit integer as a number; NaN when the argument is none. */
function offsetArg(ctx: Ctx, arg: number): number {
  return argInt64(ctx, arg, pair) ? int64ToNumber(pair[0], pair[1]) : NaN;
}

function replicaof(ctx: Ctx): void {
  const replication = replicationOf(ctx);
  if (replication === null) return;
  if (replication.state().failover !== "no-failover") return ctx.out.error(ERR_FAILING_OVER);
  if (argIs(ctx, 1, NO) && argIs(ctx, 2, ONE)) {
    replication.promote(ctx.client);
    return ctx.out.ok();
  }
  if (ctx.client.isReplica) return ctx.out.error(ERR_IS_REPLICA);
  const port = offsetArg(ctx, 2);
  if (Number.isNaN(port)) return ctx.out.error(ERR_NOT_INTEGER);
  if (port < 0 || port > PORT_MAX) return ctx.out.error(ERR_PORT);
  if (replication.follow(argText(ctx, 1), port, ctx.client)) ctx.out.ok();
  else ctx.out.raw(SAME_PRIMARY);
}

function role(ctx: Ctx): void {
  const { out } = ctx;
  const replication = replicationOf(ctx);
  if (replication === null) return;
  const { primary, replicas, offset } = replication.state();
  if (primary !== null) {
    out.array(5);
    out.bulkText("slave");
    out.bulkText(primary.host);
    out.integer(primary.port);
    out.bulkText(primary.link);
    return out.integer(primary.link === "connected" ? primary.offset : -1);
  }
  const online = replicas.filter(({ state }) => state === "online");
  out.array(3);
  out.bulkText("master");
  out.integer(offset);
  out.array(online.length);
  for (const replica of online) {
    out.array(3);
    out.bulkText(replica.ip);
    out.bulkText(String(replica.port));
    out.bulkText(String(replica.offset));
  }
}

function sync(ctx: Ctx): void {
  const replication = replicationOf(ctx);
  if (replication === null) return;
  const problem = replication.sync(ctx.client, null, 0, false);
  if (problem !== "") ctx.out.errorText(problem);
}

function psync(ctx: Ctx): void {
  const replication = replicationOf(ctx);
  if (replication === null) return;
  const next = offsetArg(ctx, 2);
  const isFailover = ctx.argc > 3 && argIs(ctx, 3, FAILOVER);
  const problem = replication.sync(ctx.client, argText(ctx, 1), next, isFailover);
  if (problem !== "") ctx.out.errorText(problem);
}

function replconf(ctx: Ctx): void {
  if (ctx.argc % 2 === 0) return ctx.out.error(ERR_SYNTAX);
  const replication = replicationOf(ctx);
  if (replication === null) return;
  const facts = replication.facts(ctx.client);
  for (let i = 1; i < ctx.argc; i += 2) {
    if (argIs(ctx, i, ACK)) return acknowledge(ctx, replication, i);
    if (argIs(ctx, i, GETACK)) return replication.sendAck();
    if (!option(ctx, facts, i)) return;
  }
  ctx.out.ok();
}

function acknowledge(ctx: Ctx, replication: ReplicationView, arg: number): void {
  const offset = offsetArg(ctx, arg + 1);
  if (!ctx.client.isReplica || Number.isNaN(offset)) return;
  let aofOffset = -1;
  if (ctx.argc > arg + 3 && argIs(ctx, arg + 2, FACK)) aofOffset = offsetArg(ctx, arg + 3);
  replication.acknowledged(ctx.client, offset, Number.isNaN(aofOffset) ? -1 : aofOffset);
}

/** One option of REPLCONF; false after an error reply. */
function option(ctx: Ctx, facts: ReplicaFacts, arg: number): boolean {
  const value = arg + 1;
  const text = argText(ctx, value);
  switch (argText(ctx, arg).toLowerCase()) {
    case "listening-port": {
      const port = offsetArg(ctx, value);
      if (Number.isNaN(port)) return refused(ctx, ERR_NOT_INTEGER);
      facts.port = port;
      return true;
    }
    case "ip-address":
      if (text.length > ADDRESS_CHARS_MAX) {
        ctx.out.errorText(
          `ERR REPLCONF ip-address provided by replica instance is too long: ${text.length} bytes`,
        );
        return false;
      }
      facts.address = text;
      return true;
    case "capa":
      if (text.toLowerCase() === "eof") facts.knowsMark = true;
      if (text.toLowerCase() === "psync2") facts.knowsIds = true;
      return true;
    case "version":
      if (/^\d+\.\d+\.\d+$/.test(text)) return true;
      ctx.out.errorText(`ERR Unrecognized version format: ${text}`);
      return false;
    case "rdb-only":
    case "rdb-channel":
      return flagOption(ctx, facts, arg);
    case "rdb-filter-only":
      return filterOption(ctx, facts, text);
    case "set-rdb-client-id":
      if (Number.isNaN(offsetArg(ctx, value))) return refused(ctx, ERR_NOT_INTEGER);
      ctx.out.errorText(`ERR Unrecognized RDB client id ${text}`);
      return false;
    case "set-cluster-node-id":
      return refused(ctx, ERR_NO_CLUSTER);
    default:
      ctx.out.errorText(`ERR Unrecognized REPLCONF option: ${argText(ctx, arg)}`);
      return false;
  }
}

function refused(ctx: Ctx, error: Uint8Array): false {
  ctx.out.error(error);
  return false;
}

function flagOption(ctx: Ctx, facts: ReplicaFacts, arg: number): boolean {
  if (Number.isNaN(offsetArg(ctx, arg + 1))) return refused(ctx, ERR_NOT_INTEGER);
  const flag = argNumber(ctx, arg + 1, 0, 1);
  if (Number.isNaN(flag)) return refused(ctx, ERR_RANGE);
  if (argText(ctx, arg).toLowerCase() === "rdb-only") facts.snapshotOnly = flag === 1;
  return true;
}

function filterOption(ctx: Ctx, facts: ReplicaFacts, text: string): boolean {
  for (const filter of text.split(/\s+/)) {
    if (filter === "") continue;
    if (filter.toLowerCase() !== "functions") {
      ctx.out.errorText(`ERR Unsupported rdb-filter-only option: ${filter}`);
      return false;
    }
  }
  facts.functionsOnly = true;
  return true;
}

const PRIMARY_ARGS: readonly ArgSpec[] = [{
  name: "args",
  type: "oneof",
  args: [
    {
      name: "host-port",
      type: "block",
      args: [{ name: "host", type: "string" }, { name: "port", type: "integer" }],
    },
    {
      name: "no-one",
      type: "block",
      args: [
        { name: "no", type: "pure-token", token: "NO" },
        { name: "one", type: "pure-token", token: "ONE" },
      ],
    },
  ],
}];

/** What REPLICAOF and SLAVEOF have in common. */
const FOLLOW = {
  group: "server",
  arity: 3,
  flags: ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING,
  args: PRIMARY_ARGS,
  complexity: "O(1)",
  reply: ["simple"],
  run: replicaof,
} as const;

/** What PSYNC and SYNC have in common. */
const SYNCING = {
  group: "server",
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | NO_MULTI,
  reply: ["simple", "bulk", "none"],
} as const;

export const REPLICATION_COMMANDS: readonly CommandSpec[] = [
  {
    ...FOLLOW,
    name: "REPLICAOF",
    since: "5.0.0",
    summary: "Makes this server a replica of another one, or, with NO ONE, a primary.",
    examples: [["REPLICAOF NO ONE", "+OK"], ["ROLE", "*3 $6 master :0 *0"]],
  },
  {
    ...FOLLOW,
    name: "SLAVEOF",
    since: "1.0.0",
    docFlags: ["deprecated"],
    deprecatedSince: "5.0.0",
    replacedBy: "`REPLICAOF`",
    summary: "The former name of REPLICAOF.",
    examples: [["SLAVEOF NO ONE", "+OK"]],
  },
  {
    name: "ROLE",
    group: "server",
    since: "2.8.12",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST,
    acl: ["@admin", "@dangerous"],
    summary: "Tells whether this server is a primary or a replica, and of whom.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["ROLE", "*3 $6 master :0 *0"]],
    run: role,
  },
  {
    ...SYNCING,
    name: "PSYNC",
    since: "2.8.0",
    arity: -3,
    args: [{ name: "replicationid", type: "string" }, { name: "offset", type: "integer" }],
    summary:
      "Goes on with the stream of changes behind a known point, or begins with a snapshot; for replicas.",
    examples: [["PSYNC ? x", "-ERR value is not an integer or out of range"]],
    run: psync,
  },
  {
    ...SYNCING,
    name: "SYNC",
    since: "1.0.0",
    arity: 1,
    summary: "Sends the whole data set, and every change from then on; for replicas and backups.",
    examples: [["SYNC", "/^\\$\\d+ /"]],
    run: sync,
  },
  {
    name: "REPLCONF",
    group: "server",
    since: "3.0.0",
    arity: -1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE | ALLOW_BUSY,
    docFlags: ["syscmd"],
    summary: "What replicas and primaries tell each other about themselves.",
    complexity: "O(1)",
    reply: ["simple", "none"],
    examples: [["REPLCONF capa eof", "+OK"]],
    run: replconf,
  },
];
