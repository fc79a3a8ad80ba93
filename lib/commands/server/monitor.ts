// monitor.ts: MONITOR: the word. What it shows and to whom is in lib/session/monitor.ts.

import { line } from "../../codec/reply_writer.ts";
import type { Ctx } from "../context.ts";
import { ADMIN, type CommandSpec, LOADING, NOSCRIPT, STALE } from "../spec.ts";

const ERR_DENIED = line("-ERR MONITOR isn't allowed for DENY BLOCKING client");

/** Who monitors already gets no second reply. */
function monitor(ctx: Ctx): void {
  if (!ctx.client.mayBlock) return ctx.out.error(ERR_DENIED);
  if (ctx.client.isMonitor) return;
  ctx.client.monitor();
  ctx.out.ok();
}

export const MONITOR_COMMANDS: readonly CommandSpec[] = [
  {
    name: "MONITOR",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE,
    summary: "Shows every command that clients run from now on.",
    reply: ["simple", "none"],
    examples: [["MONITOR", "+OK"]],
    run: monitor,
  },
];
