// shutdown.ts: SHUTDOWN.

import { line } from "../../codec/reply_writer.ts";
import { argText, ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { ShutdownOptions } from "../server_view.ts";
import {
  ADMIN,
  ALLOW_BUSY,
  type CommandSpec,
  LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from "../spec.ts";

const ERR_NOT_UNDER_WAY = line("-ERR No shutdown in progress.");
const ERR_FAILOVER = line("-ERR SHUTDOWN FAILOVER is only supported in cluster mode.");

/** The words of the command; null when one is unknown or two exclude each other. */
function shutdownWords(ctx: Ctx): Set<string> | null {
  const words = new Set<string>();
  for (let i = 1; i < ctx.argc; i++) {
    const text = argText(ctx, i).toLowerCase();
    if (!/^(nosave|save|now|force|abort|safe|failover)$/.test(text)) return null;
    words.add(text);
  }
  const isMixed = words.has("abort") && words.size > 1;
  return isMixed || (words.has("save") && words.has("nosave")) ? null : words;
}

/** No reply when it works: the connection goes with the server. */
function shutdown(ctx: Ctx): void {
  const words = shutdownWords(ctx);
  if (words === null) return ctx.out.error(ERR_SYNTAX);
  if (words.has("failover")) return ctx.out.error(ERR_FAILOVER);
  if (words.has("abort")) {
    if (ctx.server.abortShutdown()) return ctx.out.ok();
    return ctx.out.error(ERR_NOT_UNDER_WAY);
  }
  const options: ShutdownOptions = {
    save: words.has("save") ? "save" : words.has("nosave") ? "nosave" : "default",
    now: words.has("now"),
    force: words.has("force"),
    safe: words.has("safe"),
    failover: false,
  };
  const problem = ctx.server.shutdown(options);
  if (problem !== "") ctx.out.errorText(problem);
  else if (ctx.server.shutdownAtMs > 0) ctx.client.block("shutdown", 0, 0, 0);
}

export const SHUTDOWN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SHUTDOWN",
    group: "server",
    since: "1.0.0",
    arity: -1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY,
    args: [{
      name: "abort-selector",
      type: "oneof",
      optional: true,
      args: [
        {
          name: "save-selector-block",
          type: "block",
          args: [
            {
              name: "save-selector",
              type: "oneof",
              optional: true,
              args: [
                { name: "nosave", type: "pure-token", token: "NOSAVE" },
                { name: "save", type: "pure-token", token: "SAVE" },
              ],
            },
            { name: "now", type: "pure-token", token: "NOW", since: "7.0.0", optional: true },
            { name: "force", type: "pure-token", token: "FORCE", since: "7.0.0", optional: true },
            { name: "safe", type: "pure-token", token: "SAFE", since: "9.0.0", optional: true },
            {
              name: "failover",
              type: "pure-token",
              token: "FAILOVER",
              since: "9.0.0",
              optional: true,
            },
          ],
        },
        { name: "abort", type: "pure-token", token: "ABORT", since: "7.0.0" },
      ],
    }],
    summary: "Ends the server, after saving what is to be saved.",
    complexity: "O(N) with N the number of keys when the data is saved, else O(1)",
    history: [
      ["7.0.0", "Learned NOW, FORCE and ABORT."],
      ["9.0.0", "Learned SAFE and FAILOVER."],
    ],
    reply: ["simple", "none"],
    examples: [["SHUTDOWN ABORT", "-ERR No shutdown in progress."]],
    run: shutdown,
  },
];
