// config.ts: CONFIG and its subcommands: the directives of the running server.
//
// The rules of directives are behind ConfigView; here are only arguments and replies.

import { argText, ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import { ADMIN, type CommandSpec, LOADING, NOSCRIPT, STALE } from "../spec.ts";

/** Whether an address shown by CLIENT LIST is the loopback interface or a Unix socket. */
function isLocalAddress(address: string): boolean {
  return /^127\./.test(address) || /^\[?::1\]?:\d+$/.test(address) || address.endsWith(":0");
}

function configGet(ctx: Ctx): void {
  const patterns: string[] = [];
  for (let i = 2; i < ctx.argc; i++) patterns.push(argText(ctx, i));
  const pairs = ctx.config.match(patterns);
  ctx.out.map(pairs.length);
  for (const [name, value] of pairs) {
    ctx.out.bulkText(name);
    ctx.out.bulkText(value);
  }
}

/** The value of a directive that logs must not show. */
function isSensitiveValue(ctx: Ctx, arg: number): boolean {
  return arg >= 3 && arg % 2 === 1 && ctx.config.isSensitive(argText(ctx, arg - 1));
}

function configSet(ctx: Ctx): void {
  if (ctx.argc % 2 !== 0) return ctx.out.error(ERR_SYNTAX);
  const pairs: [string, string][] = [];
  for (let i = 2; i < ctx.argc; i += 2) pairs.push([argText(ctx, i), argText(ctx, i + 1)]);
  reply(ctx, ctx.config.set(pairs, { isLocal: isLocalAddress(ctx.client.remote) }));
}

function configResetStat(ctx: Ctx): void {
  ctx.server.resetStats();
  ctx.out.ok();
}

function configRewrite(ctx: Ctx): void {
  reply(ctx, ctx.config.rewrite());
}

function reply(ctx: Ctx, error: string): void {
  if (error === "") ctx.out.ok();
  else ctx.out.errorText(error);
}

const HELP = [
  "GET <pattern> [<pattern> ...]",
  "    Shows the directives whose names match, with their values.",
  "SET <directive> <value> [<directive> <value> ...]",
  "    Changes directives of the running server: all of them or, on an error, none.",
  "RESETSTAT",
  "    Starts the statistics of INFO again at zero.",
  "REWRITE",
  "    Brings the configuration file in line with the directives in force.",
];

function configHelp(ctx: Ctx): void {
  replyHelp(ctx, HELP);
}

const FLAGS = ADMIN | NOSCRIPT | LOADING | STALE;
const ALL_NODES = ["request_policy:all_nodes", "response_policy:all_succeeded"];
const SEVERAL = "Several at once can be given.";

export const CONFIG_COMMANDS: readonly CommandSpec[] = [
  {
    name: "CONFIG",
    group: "server",
    since: "2.0.0",
    arity: -2,
    flags: 0,
    summary: "Holds the subcommands that show and change the configuration.",
    complexity: "That of the subcommand",
    reply: ["any"],
    examples: [["CONFIG", "-ERR wrong number of arguments for 'config' command"]],
  },
  {
    name: "CONFIG|GET",
    group: "server",
    since: "2.0.0",
    arity: -3,
    flags: FLAGS,
    args: [{ name: "parameter", type: "string", multiple: true }],
    summary: "Shows directives and their values, by name or pattern.",
    complexity: "O(N) where N is the number of patterns times that of directives",
    history: [["7.0.0", SEVERAL]],
    reply: ["map"],
    examples: [
      ["CONFIG GET databases", "*2 $9 databases $2 16"],
      ["CONFIG GET lfu-*", "*4 $14 lfu-decay-time $1 1 $14 lfu-log-factor $2 10"],
      ["CONFIG GET nosuch", "*0"],
    ],
    run: configGet,
  },
  {
    name: "CONFIG|HELP",
    group: "server",
    since: "5.0.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of CONFIG.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["CONFIG HELP", "/^\\*11 \\+CONFIG /"]],
    run: configHelp,
  },
  {
    name: "CONFIG|RESETSTAT",
    group: "server",
    since: "2.0.0",
    arity: 2,
    flags: FLAGS,
    summary: "Starts the statistics of INFO again at zero.",
    complexity: "O(1)",
    tips: ALL_NODES,
    reply: ["simple"],
    examples: [["CONFIG RESETSTAT", "+OK"]],
    run: configResetStat,
  },
  {
    name: "CONFIG|REWRITE",
    group: "server",
    since: "2.8.0",
    arity: 2,
    flags: FLAGS,
    summary: "Writes the directives in force to the configuration file.",
    complexity: "O(1)",
    tips: ALL_NODES,
    reply: ["simple"],
    examples: [["CONFIG REWRITE", "-ERR The server is running without a config file"]],
    run: configRewrite,
  },
  {
    name: "CONFIG|SET",
    group: "server",
    since: "2.0.0",
    arity: -4,
    flags: FLAGS,
    args: [
      {
        name: "data",
        type: "block",
        multiple: true,
        args: [{ name: "parameter", type: "string" }, { name: "value", type: "string" }],
      },
    ],
    summary: "Changes directives of the running server, all of them or none.",
    complexity: "O(N) where N is the number of directives given",
    history: [["7.0.0", SEVERAL]],
    tips: ALL_NODES,
    reply: ["simple"],
    examples: [
      ["CONFIG SET timeout 10 lfu-log-factor 5", "+OK"],
      ["CONFIG GET timeout", "*2 $7 timeout $2 10"],
      [
        "CONFIG SET nosuch 1",
        "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'",
      ],
    ],
    isSecret: isSensitiveValue,
    run: configSet,
  },
];
