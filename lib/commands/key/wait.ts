// wait.ts: WAIT, WAITAOF: how many replicas (and whether the own append-only file) have the writes so far.
//
// Who asks for more than there is waits for acknowledgements until its time is up or it is unblocked, and is told what
// there is then. What counts is the point of the stream that the client's own last write led to.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argTimeout, ERR_NOT_INTEGER, ERR_NOT_POSITIVE } from "../args.ts";
import type { Ctx } from "../context.ts";
import { BLOCKING, type CommandSpec } from "../spec.ts";

const ERR_NOT_BOOLEAN = line("-ERR value is out of range, value must between 0 and 1");
const ERR_NO_AOF = line(
  "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
);

const ERR_WAIT_ON_REPLICA = line(
  "-ERR WAIT cannot be used with replica instances. Please also note that if a replica is configured to be writable " +
    "(which is not the default) writes to replicas are just local and are not propagated.",
);
const ERR_WAITAOF_ON_REPLICA = line(
  "-ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are " +
    "not propagated.",
);

const pair = new Int32Array(2);

/** The integer in argument `arg` as a double; NaN after replying with `error`. */
function integerArg(ctx: Ctx, arg: number, error = ERR_NOT_INTEGER): number {
  if (argInt64(ctx, arg, pair)) return int64ToNumber(pair[0], pair[1]);
  ctx.out.error(error);
  return NaN;
}

/** Makes the client wait when it may; false when it is to be answered now. */
function waits(ctx: Ctx, untilMs: number): boolean {
  if (!ctx.client.mayBlock) return false;
  ctx.client.block("acknowledgement", 0, 0, untilMs);
  if (!ctx.client.runsAgain) ctx.server.replication?.requestAcks();
  return true;
}

function wait(ctx: Ctx): void {
  if (ctx.server.isReplica) return ctx.out.error(ERR_WAIT_ON_REPLICA);
  const replicas = integerArg(ctx, 1);
  if (Number.isNaN(replicas)) return;
  const untilMs = argTimeout(ctx, 2, true);
  if (Number.isNaN(untilMs)) return;
  const { replication } = ctx.server;
  const have = replication?.countApplied(replication.writeOffset(ctx.client)) ?? 0;
  if (have < replicas && waits(ctx, untilMs)) return;
  ctx.out.integer(have);
}

function waitaof(ctx: Ctx): void {
  const local = integerArg(ctx, 1);
  if (Number.isNaN(local)) return;
  if (local !== 0 && local !== 1) return ctx.out.error(ERR_NOT_BOOLEAN);
  const replicas = integerArg(ctx, 2, ERR_NOT_POSITIVE);
  if (Number.isNaN(replicas)) return;
  if (replicas < 0) return ctx.out.error(ERR_NOT_POSITIVE);
  const untilMs = argTimeout(ctx, 3, true);
  if (Number.isNaN(untilMs)) return;
  if (ctx.server.isReplica) return ctx.out.error(ERR_WAITAOF_ON_REPLICA);
  if (local === 1 && !ctx.config.flag("appendonly")) return ctx.out.error(ERR_NO_AOF);
  const { replication } = ctx.server;
  const offset = replication?.writeOffset(ctx.client) ?? 0;
  const here = replication?.isSynced(offset) ? 1 : 0;
  const there = replication?.countSynced(offset) ?? 0;
  if ((here < local || there < replicas) && waits(ctx, untilMs)) return;
  ctx.out.array(2);
  ctx.out.integer(here);
  ctx.out.integer(there);
}

/** What both have in common. */
const WAITING = {
  group: "generic",
  flags: BLOCKING,
  acl: ["@connection"],
  complexity: "O(1)",
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
} as const;

export const WAIT_COMMANDS: readonly CommandSpec[] = [
  {
    ...WAITING,
    name: "WAIT",
    since: "3.0.0",
    arity: 3,
    args: [{ name: "numreplicas", type: "integer" }, { name: "timeout", type: "integer" }],
    summary:
      "Waits until a number of replicas have this client's writes, or a time in milliseconds " +
      "has passed, and counts the replicas that have them.",
    reply: ["integer"],
    examples: [["SET a 1", "+OK"], ["WAIT 0 100", ":0"]],
    run: wait,
  },
  {
    ...WAITING,
    name: "WAITAOF",
    since: "7.2.0",
    arity: 4,
    args: [
      { name: "numlocal", type: "integer" },
      { name: "numreplicas", type: "integer" },
      { name: "timeout", type: "integer" },
    ],
    summary: "Waits until this client's writes are synced to the append-only files here and on a " +
      "number of replicas, or a time in milliseconds has passed, and counts both.",
    reply: ["array"],
    examples: [["SET a 1", "+OK"], ["WAITAOF 0 0 100", "*2 :0 :0"]],
    run: waitaof,
  },
];
