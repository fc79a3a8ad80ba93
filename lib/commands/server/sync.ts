// sync.ts: following the data set: SYNC.
//
// The reply is a snapshot as a bulk string without its final CRLF; every change follows as a command.

import { line } from "../../codec/reply_writer.ts";
import type { Ctx } from "../context.ts";
import { ADMIN, type CommandSpec, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT } from "../spec.ts";

const ERR_NO_SNAPSHOTS = line("-ERR this server keeps no snapshots to be followed from");

function sync(ctx: Ctx): void {
  const { persistence } = ctx.server;
  if (persistence === null) return ctx.out.error(ERR_NO_SNAPSHOTS);
  persistence.follow(ctx.client);
}

export const SYNC_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SYNC",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | NO_MULTI,
    summary: "Sends the whole data set, and every change from then on; for replicas and backups.",
    reply: ["bulk", "none"],
    examples: [["SYNC", "/^\\$\\d+ /"]],
    run: sync,
  },
];
