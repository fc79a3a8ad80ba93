// command_log.ts: COMMANDLOG and its older form SLOWLOG: commands that took long or moved many bytes.

import { line } from "../../codec/reply_writer.ts";
import { argNumber, argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp, replySubcommandError } from "../help.ts";
import type { CommandLogKind } from "../server_view.ts";
import { ADMIN, type ArgSpec, type CommandSpec, LOADING, STALE } from "../spec.ts";

const ERR_COUNT = line("-ERR count should be greater than or equal to -1");
const ERR_KIND = line("-ERR type should be one of the following: slow, large-request, large-reply");

const SLOWLOG_COUNT = 10;

const KINDS = new Map<string, CommandLogKind>([
  ["slow", "slow"],
  ["large-request", "request"],
  ["large-reply", "reply"],
]);

/** The kind that argument `arg` names, or null after an error reply. */
function kindAt(ctx: Ctx, arg: number): CommandLogKind | null {
  const kind = KINDS.get(argText(ctx, arg).toLowerCase()) ?? null;
  if (kind === null) ctx.out.error(ERR_KIND);
  return kind;
}

/** How many entries argument `arg` asks for, Infinity for -1; NaN after an error reply. */
function countAt(ctx: Ctx, arg: number): number {
  const count = argNumber(ctx, arg, -1, Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(count)) ctx.out.error(ERR_COUNT);
  return count === -1 ? Infinity : count;
}

function replyEntries(ctx: Ctx, kind: CommandLogKind, count: number): void {
  const { out } = ctx;
  const entries = ctx.server.commandLog.newest(kind, count);
  out.array(entries.length);
  for (const entry of entries) {
    out.array(6);
    out.integer(entry.id);
    out.integer(entry.seconds);
    out.integer(entry.value);
    out.array(entry.args.length);
    for (const arg of entry.args) out.bulkText(arg);
    out.bulkText(entry.address);
    out.bulkText(entry.name);
  }
}

// ---- COMMANDLOG

function get(ctx: Ctx): void {
  const count = countAt(ctx, 2);
  if (Number.isNaN(count)) return;
  const kind = kindAt(ctx, 3);
  if (kind !== null) replyEntries(ctx, kind, count);
}

function len(ctx: Ctx): void {
  const kind = kindAt(ctx, 2);
  if (kind !== null) ctx.out.integer(ctx.server.commandLog.count(kind));
}

function reset(ctx: Ctx): void {
  const kind = kindAt(ctx, 2);
  if (kind === null) return;
  ctx.server.commandLog.reset(kind);
  ctx.out.ok();
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "GET <count> <type>",
    "    Shows the newest entries, all with -1. The type is slow, large-request or large-reply.",
    "    An entry has an id, the time in seconds, a measure (microseconds for slow, else bytes),",
    "    the arguments, the address and the name of the client.",
    "LEN <type>",
    "    Counts the entries.",
    "RESET <type>",
    "    Drops all entries.",
  ]);
}

// ---- SLOWLOG

function slowGet(ctx: Ctx): void {
  if (ctx.argc > 3) return replySubcommandError(ctx);
  const count = ctx.argc > 2 ? countAt(ctx, 2) : SLOWLOG_COUNT;
  if (!Number.isNaN(count)) replyEntries(ctx, "slow", count);
}

function slowLen(ctx: Ctx): void {
  ctx.out.integer(ctx.server.commandLog.count("slow"));
}

function slowReset(ctx: Ctx): void {
  ctx.server.commandLog.reset("slow");
  ctx.out.ok();
}

function slowHelp(ctx: Ctx): void {
  replyHelp(ctx, [
    "GET [<count>]",
    "    Shows the newest entries, 10 unless told, all with -1. An entry has an id, the time in",
    "    seconds, the microseconds it took, the arguments, the address and the name of the client.",
    "LEN",
    "    Counts the entries.",
    "RESET",
    "    Drops all entries.",
  ]);
}

const FLAGS = ADMIN | LOADING | STALE;

const KIND: ArgSpec = {
  name: "type",
  type: "oneof",
  args: [
    { name: "slow", type: "pure-token", token: "SLOW" },
    { name: "large-request", type: "pure-token", token: "LARGE-REQUEST" },
    { name: "large-reply", type: "pure-token", token: "LARGE-REPLY" },
  ],
};

const GET_TIPS = ["request_policy:all_nodes", "nondeterministic_output"];
const LEN_TIPS = [
  "request_policy:all_nodes",
  "response_policy:agg_sum",
  "nondeterministic_output",
];
const RESET_TIPS = ["request_policy:all_nodes", "response_policy:all_succeeded"];

export const COMMAND_LOG_COMMANDS: readonly CommandSpec[] = [
  {
    name: "COMMANDLOG",
    group: "server",
    since: "8.1.0",
    arity: -2,
    flags: 0,
    summary: "Holds the commands that read the command log.",
    complexity: "Depends on the subcommand",
    reply: [],
    examples: [],
  },
  {
    name: "COMMANDLOG|GET",
    group: "server",
    since: "8.1.0",
    arity: 4,
    flags: FLAGS,
    args: [{ name: "count", type: "integer" }, KIND],
    summary: "Shows the newest entries of one kind from the command log.",
    complexity: "O(N) where N is the number of entries shown",
    tips: GET_TIPS,
    reply: ["array"],
    examples: [["COMMANDLOG GET -1 slow", "*0"]],
    run: get,
  },
  {
    name: "COMMANDLOG|HELP",
    group: "server",
    since: "8.1.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of COMMANDLOG.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["COMMANDLOG HELP", "/^\\*11 \\+COMMANDLOG /"]],
    run: help,
  },
  {
    name: "COMMANDLOG|LEN",
    group: "server",
    since: "8.1.0",
    arity: 3,
    flags: FLAGS,
    args: [KIND],
    summary: "Counts the entries of one kind in the command log.",
    complexity: "O(1)",
    tips: LEN_TIPS,
    reply: ["integer"],
    examples: [["COMMANDLOG LEN large-reply", ":0"]],
    run: len,
  },
  {
    name: "COMMANDLOG|RESET",
    group: "server",
    since: "8.1.0",
    arity: 3,
    flags: FLAGS,
    args: [KIND],
    summary: "Drops the entries of one kind from the command log.",
    complexity: "O(N) where N is the number of entries",
    tips: RESET_TIPS,
    reply: ["simple"],
    examples: [["COMMANDLOG RESET large-request", "+OK"]],
    run: reset,
  },
  {
    name: "SLOWLOG",
    group: "server",
    since: "2.2.12",
    arity: -2,
    flags: 0,
    summary: "Holds the commands that read the log of slow commands.",
    complexity: "Depends on the subcommand",
    reply: [],
    examples: [],
  },
  {
    name: "SLOWLOG|GET",
    group: "server",
    since: "2.2.12",
    arity: -2,
    flags: FLAGS,
    args: [{ name: "count", type: "integer", optional: true }],
    summary: "Shows the newest slow commands.",
    complexity: "O(N) where N is the number of entries shown",
    tips: GET_TIPS,
    history: [["4.0.0", "Entries show the address and the name of the client."]],
    reply: ["array"],
    examples: [["SLOWLOG GET", "*0"], ["SLOWLOG GET -1", "*0"]],
    run: slowGet,
  },
  {
    name: "SLOWLOG|HELP",
    group: "server",
    since: "6.2.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of SLOWLOG.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["SLOWLOG HELP", "/^\\*10 \\+SLOWLOG /"]],
    run: slowHelp,
  },
  {
    name: "SLOWLOG|LEN",
    group: "server",
    since: "2.2.12",
    arity: 2,
    flags: FLAGS,
    summary: "Counts the slow commands in the log.",
    complexity: "O(1)",
    tips: LEN_TIPS,
    reply: ["integer"],
    examples: [["SLOWLOG LEN", ":0"]],
    run: slowLen,
  },
  {
    name: "SLOWLOG|RESET",
    group: "server",
    since: "2.2.12",
    arity: 2,
    flags: FLAGS,
    summary: "Drops all slow commands from the log.",
    complexity: "O(N) where N is the number of entries",
    tips: RESET_TIPS,
    reply: ["simple"],
    examples: [["SLOWLOG RESET", "+OK"]],
    run: slowReset,
  },
];
