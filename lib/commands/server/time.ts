// time.ts: TIME: the server's clock.

import type { Ctx } from "../context.ts";
import { type CommandSpec, FAST, LOADING, STALE } from "../spec.ts";

/** Seconds since the epoch and microseconds within the second. The clock counts milliseconds. */
function time(ctx: Ctx): void {
  const { out, nowMs } = ctx;
  out.array(2);
  out.bulkInteger(Math.floor(nowMs / 1000));
  out.bulkInteger(nowMs % 1000 * 1000);
}

export const TIME_COMMANDS: readonly CommandSpec[] = [
  {
    name: "TIME",
    group: "server",
    since: "2.6.0",
    arity: 1,
    flags: LOADING | STALE | FAST,
    summary: "Tells the server's time: seconds since 1970 and microseconds.",
    complexity: "O(1)",
    tips: ["nondeterministic_output"],
    reply: ["array"],
    examples: [["TIME", "/^\\*2 \\$\\d+ \\d+ \\$\\d+ \\d+$/"]],
    run: time,
  },
];
