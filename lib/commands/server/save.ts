// save.ts: the data set into its files: SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE.

import { line } from "../../codec/reply_writer.ts";
import { argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import {
  ADMIN,
  type CommandSpec,
  FAST,
  LOADING,
  NO_ASYNC_LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from "../spec.ts";

const SCHEDULE = word("schedule");
const CANCEL = word("cancel");
const NOTICE = 2;
const ERR_NO_FILES = line("-ERR this server keeps no files");
const ERR_REWRITING = line("-ERR Background append only file rewriting already in progress");
const ERR_REWRITE = line(
  "-ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
);
const ERR_NOT_SAVING = line("-ERR Background saving is currently not in progress or scheduled");

function save(ctx: Ctx): void {
  const { persistence } = ctx.server;
  if (persistence === null) return ctx.out.error(ERR_NO_FILES);
  const problem = persistence.saveNow();
  if (problem === "") ctx.out.ok();
  else ctx.out.errorText(problem);
}

function bgsave(ctx: Ctx): void {
  const { persistence } = ctx.server;
  if (persistence === null) return ctx.out.error(ERR_NO_FILES);
  if (ctx.argc === 2 && argIs(ctx, 1, CANCEL)) return cancel(ctx);
  if (ctx.argc > 2 || (ctx.argc === 2 && !argIs(ctx, 1, SCHEDULE))) {
    return ctx.out.error(ERR_SYNTAX);
  }
  // What a transaction asks for is done when it is through.
  const { inExec } = ctx.client;
  const isRewriting = persistence.aof?.state.isRewriting === true;
  const problem = persistence.saveLater(inExec ? "later" : ctx.argc === 2 ? "behind" : "now");
  if (problem !== "") return ctx.out.errorText(problem);
  ctx.out.simple(
    inExec || isRewriting ? "Background saving scheduled" : "Background saving started",
  );
}

function bgrewriteaof(ctx: Ctx): void {
  const aof = ctx.server.persistence?.aof ?? null;
  if (aof === null) return ctx.out.error(ERR_NO_FILES);
  const outcome = aof.rewriteLater(ctx.client.inExec);
  if (outcome === "busy") return ctx.out.error(ERR_REWRITING);
  if (outcome === "failed") return ctx.out.error(ERR_REWRITE);
  ctx.out.simple(`Background append only file rewriting ${outcome}`);
}

function cancel(ctx: Ctx): void {
  const { persistence, log } = ctx.server;
  const was = persistence?.cancelSave() ?? "none";
  if (was === "none") return ctx.out.error(ERR_NOT_SAVING);
  log.write(NOTICE, "Background saving will be aborted due to user request");
  ctx.out.simple(
    was === "running" ? "Background saving cancelled" : "Scheduled background saving cancelled",
  );
}

function lastsave(ctx: Ctx): void {
  ctx.out.integer(Math.floor(ctx.server.lastSaveMs / 1000));
}

export const SAVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SAVE",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | NO_MULTI,
    summary: "Writes the data set to its file; everyone waits until that is done.",
    complexity: "O(N) for N keys in all databases",
    reply: ["simple"],
    examples: [["SAVE", "/^(\\+OK|-ERR this server keeps no files)/"]],
    run: save,
  },
  {
    name: "BGSAVE",
    group: "server",
    since: "1.0.0",
    arity: -1,
    flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING,
    args: [{
      name: "operation",
      type: "oneof",
      optional: true,
      args: [
        { name: "schedule", type: "pure-token", token: "SCHEDULE", since: "3.2.2" },
        { name: "cancel", type: "pure-token", token: "CANCEL", since: "8.1.0" },
      ],
    }],
    summary: "Writes the data set, as it is now, to its file while commands go on.",
    complexity: "O(1), then O(N) out of the way for N keys",
    history: [["3.2.2", "Takes SCHEDULE."], ["8.1.0", "Takes CANCEL."]],
    reply: ["simple"],
    examples: [["BGSAVE", "/^(\\+Background saving started|-ERR this server keeps no files)/"]],
    run: bgsave,
  },
  {
    name: "BGREWRITEAOF",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING,
    summary: "Writes the append-only file anew, as short as it can be, while commands go on.",
    complexity: "O(1), then O(N) out of the way for N keys",
    reply: ["simple"],
    examples: [["BGREWRITEAOF", "/^(\\+Background append|-ERR this server keeps no files)/"]],
    run: bgrewriteaof,
  },
  {
    name: "LASTSAVE",
    group: "server",
    since: "1.0.0",
    arity: 1,
    flags: LOADING | STALE | FAST,
    acl: ["@admin", "@dangerous"],
    summary: "Tells when the data set was last written to its file, in seconds since 1970.",
    complexity: "O(1)",
    tips: ["nondeterministic_output"],
    reply: ["integer"],
    examples: [["LASTSAVE", "/^:\\d+$/"]],
    run: lastsave,
  },
];
