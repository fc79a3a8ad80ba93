// failover.ts: FAILOVER: a primary hands over to one of its replicas without losing a write.
//
// The reply says that it has begun; how it goes is in INFO (master_failover_state). See server/failover.ts.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argIs, argText, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { FailoverOptions } from "../replication_view.ts";
import { ADMIN, type CommandSpec, NOSCRIPT, STALE } from "../spec.ts";

const ERR_NO_REPLICATION = line("-ERR this server cannot be followed");
const ERR_TIMEOUT = line("-ERR FAILOVER timeout must be greater than 0");
const ABORT = word("abort");
const TIMEOUT = word("timeout");
const TO = word("to");
const FORCE = word("force");

const pair = new Int32Array(2);

function integerArg(ctx: Ctx, arg: number): number {
  if (argInt64(ctx, arg, pair)) return int64ToNumber(pair[0], pair[1]);
  ctx.out.error(ERR_NOT_INTEGER);
  return NaN;
}

/** The options; null after an error reply. */
function optionsOf(ctx: Ctx): FailoverOptions | null {
  const options: FailoverOptions = { host: "", port: 0, isForced: false, timeoutMs: 0 };
  for (let i = 1; i < ctx.argc; i++) {
    if (argIs(ctx, i, TIMEOUT) && i + 1 < ctx.argc && options.timeoutMs === 0) {
      options.timeoutMs = integerArg(ctx, ++i);
      if (Number.isNaN(options.timeoutMs)) return null;
      if (options.timeoutMs <= 0) return refused(ctx, ERR_TIMEOUT);
    } else if (argIs(ctx, i, TO) && i + 2 < ctx.argc && options.host === "") {
      options.port = integerArg(ctx, i + 2);
      if (Number.isNaN(options.port)) return null;
      options.host = argText(ctx, i + 1);
      i += 2;
    } else if (argIs(ctx, i, FORCE) && !options.isForced) {
      options.isForced = true;
    } else {
      return refused(ctx, ERR_SYNTAX);
    }
  }
  return options;
}

function refused(ctx: Ctx, error: Uint8Array): null {
  ctx.out.error(error);
  return null;
}

function failover(ctx: Ctx): void {
  const { replication } = ctx.server;
  if (replication === null) return ctx.out.error(ERR_NO_REPLICATION);
  let problem = "";
  if (ctx.argc === 2 && argIs(ctx, 1, ABORT)) {
    problem = replication.abortFailover();
  } else {
    const options = optionsOf(ctx);
    if (options === null) return;
    problem = replication.failover(options);
  }
  if (problem === "") ctx.out.ok();
  else ctx.out.errorText(problem);
}

export const FAILOVER_COMMANDS: readonly CommandSpec[] = [
  {
    name: "FAILOVER",
    group: "server",
    since: "6.2.0",
    arity: -1,
    flags: ADMIN | NOSCRIPT | STALE,
    args: [
      {
        name: "target",
        type: "block",
        token: "TO",
        optional: true,
        args: [
          { name: "host", type: "string" },
          { name: "port", type: "integer" },
          { name: "force", type: "pure-token", token: "FORCE", optional: true },
        ],
      },
      { name: "abort", type: "pure-token", token: "ABORT", optional: true },
      { name: "milliseconds", type: "integer", token: "TIMEOUT", optional: true },
    ],
    summary: "Begins to hand over from this primary to one of its replicas.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [
      ["FAILOVER", "-ERR FAILOVER requires connected replicas."],
      ["FAILOVER ABORT", "-ERR No failover in progress."],
    ],
    run: failover,
  },
];
