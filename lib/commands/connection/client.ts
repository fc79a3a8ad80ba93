// client.ts: CLIENT: who is connected: names, lists, ending connections.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { argText, ERR_SYNTAX } from "../args.ts";
import type { ClientView } from "../client_view.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import { ADMIN, ALLOW_BUSY, type CommandSpec, LOADING, NOSCRIPT, STALE } from "../spec.ts";
import { KILL_ARGS, LIST_ARGS, readClientFilter, shownText } from "./client_filter.ts";
import { ERR_NAME, isClientAttribute } from "./hello.ts";

const ERR_NO_CLIENT = line("-ERR No such client");

const HELP = [
  "CACHING (YES|NO)",
  "    Says whether the keys of the next command are tracked, with OPTIN or OPTOUT.",
  "CAPA <capability> [<capability> ...]",
  "    Tells what this client can do. Known: REDIRECT (follows redirections without a cluster).",
  "GETNAME",
  "    Name of this connection.",
  "GETREDIR",
  "    Id of the connection that gets this one's invalidation messages, -1 without tracking.",
  "ID",
  "    Id of this connection.",
  "IMPORT-SOURCE (ON|OFF)",
  "    Marks this connection as the source of an import, while the server is in import mode.",
  "INFO",
  "    The line of CLIENT LIST about this connection.",
  "KILL <ip:port>",
  "    Ends the connection from that address.",
  "KILL <filter> [<filter> ...] [SKIPME (YES|NO)]",
  "    Ends all connections that pass every filter, by default not this one. See LIST for filters.",
  "LIST [<filter> ...]",
  "    One line for each connection that passes every filter:",
  "    ID <id> [<id> ...], TYPE (NORMAL|MASTER|REPLICA|PUBSUB), USER <user>, ADDR <ip:port>,",
  "    LADDR <ip:port>, IP <ip>, NAME <name>, FLAGS <letters>, LIB-NAME <name>, LIB-VER <version>,",
  "    DB <index>, CAPA <letters>, each also with NOT- in front; MAXAGE <seconds> (at least so old),",
  "    IDLE <seconds> (at least so long idle), SKIPME (YES|NO).",
  "NO-EVICT (ON|OFF)",
  "    Keeps this connection when connections are ended to free memory.",
  "NO-TOUCH (ON|OFF)",
  "    Makes this connection's reads not count as use of the keys.",
  "PAUSE <milliseconds> [WRITE|ALL]",
  "    Lets commands (or those that write) of all connections wait.",
  "REPLY (ON|OFF|SKIP)",
  "    Switches replies on or off, or leaves out the next one.",
  "SETINFO (LIB-NAME|LIB-VER) <text>",
  "    Tells the client library behind this connection.",
  "SETNAME <name>",
  "    Names this connection.",
  "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN|OPTOUT] [NOLOOP]",
  "    Switches messages about changes to keys that this connection keeps.",
  "TRACKINGINFO",
  "    How this connection tracks keys.",
  "UNBLOCK <id> [TIMEOUT|ERROR]",
  "    Ends the waiting of a blocked connection as if its time were up, or with an error.",
  "UNPAUSE",
  "    Ends CLIENT PAUSE.",
];

function clientId(ctx: Ctx): void {
  ctx.out.integer(ctx.client.id);
}

function clientInfo(ctx: Ctx): void {
  replyLines(ctx, [ctx.client]);
}

function clientList(ctx: Ctx): void {
  if (ctx.argc === 3) return ctx.out.error(ERR_SYNTAX);
  const filter = readClientFilter(ctx, 2, false);
  if (filter !== null) replyLines(ctx, ctx.clients.select(filter, ctx.client));
}

function replyLines(ctx: Ctx, clients: readonly ClientView[]): void {
  const lines = clients.map((client) => ctx.clients.describe(client) + "\n");
  ctx.out.verbatim("txt", fromLatin1(lines.join("")));
}

function clientKill(ctx: Ctx): void {
  const isOldForm = ctx.argc === 3;
  const filter = isOldForm
    ? { has: { addr: shownText(ctx, 2) }, not: {}, skipMe: false }
    : readClientFilter(ctx, 2, true);
  if (filter === null) return;
  const victims = ctx.clients.select(filter, ctx.client);
  if (!isOldForm) ctx.out.integer(victims.length);
  else if (victims.length > 0) ctx.out.ok();
  else ctx.out.error(ERR_NO_CLIENT);
  for (const victim of victims) ctx.clients.kill(victim, ctx.client);
}

function clientGetname(ctx: Ctx): void {
  if (ctx.client.name === "") ctx.out.nullBulk();
  else ctx.out.bulkText(ctx.client.name);
}

function clientSetname(ctx: Ctx): void {
  const name = argText(ctx, 2);
  if (!isClientAttribute(name)) return ctx.out.error(ERR_NAME);
  ctx.client.name = name;
  ctx.out.ok();
}

function clientSetinfo(ctx: Ctx): void {
  const { client, out } = ctx;
  const option = shownText(ctx, 2);
  const name = option.toLowerCase();
  if (name !== "lib-name" && name !== "lib-ver") {
    return out.errorText(`ERR Unrecognized option '${option}'`);
  }
  const value = argText(ctx, 3);
  if (!isClientAttribute(value)) {
    return out.errorText(
      `ERR ${option} cannot contain spaces, newlines or special characters.`,
    );
  }
  if (name === "lib-name") client.libName = value;
  else client.libVer = value;
  out.ok();
}

const COMMON = { group: "connection", acl: ["@connection"], complexity: "O(1)" } as const;
const ANY_TIME = NOSCRIPT | LOADING | STALE;

export const CLIENT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "CLIENT",
    group: "connection",
    since: "2.4.0",
    arity: -2,
    flags: 0,
    complexity: "That of the subcommand",
    summary: "Container of the commands about connections.",
    reply: [],
    examples: [],
  },
  {
    ...COMMON,
    name: "CLIENT|HELP",
    since: "5.0.0",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Shows how CLIENT is used.",
    reply: ["array"],
    examples: [["CLIENT HELP", "/^\\*\\d+ \\+CLIENT /"]],
    run: (ctx) => replyHelp(ctx, HELP),
  },
  {
    ...COMMON,
    name: "CLIENT|ID",
    since: "5.0.0",
    arity: 2,
    flags: ANY_TIME | ALLOW_BUSY,
    summary: "Id of this connection; ids only grow.",
    reply: ["integer"],
    examples: [["CLIENT ID", "/^:\\d+$/"]],
    run: clientId,
  },
  {
    ...COMMON,
    name: "CLIENT|INFO",
    since: "6.2.0",
    arity: 2,
    flags: ANY_TIME,
    summary: "Describes this connection in the form of CLIENT LIST.",
    tips: ["nondeterministic_output"],
    reply: ["verbatim"],
    examples: [["CLIENT INFO", "/^\\$\\d+ id=\\d+ addr=/"]],
    run: clientInfo,
  },
  {
    ...COMMON,
    name: "CLIENT|LIST",
    since: "2.4.0",
    arity: -2,
    flags: ADMIN | ANY_TIME,
    args: LIST_ARGS,
    summary: "Describes all connections, or those that pass the filters, one in a line.",
    complexity: "O(N) for N connections",
    tips: ["nondeterministic_output"],
    history: [
      ["2.8.12", "Field id."],
      ["5.0.0", "Filter TYPE."],
      ["6.0.0", "Field user."],
      ["6.2.0", "Fields argv-mem, tot-mem, laddr and redir; filter ID."],
      ["7.0.0", "Fields resp, multi-mem, rbs and rbp."],
      ["7.0.3", "Field ssub."],
      ["8.0.0", "Fields lib-name and lib-ver."],
      ["8.1.0", "Filters USER, ADDR, LADDR, SKIPME and MAXAGE; fields capa and tot-net-in."],
      ["9.0.0", "More filters, and all but the times and SKIPME can be negated with NOT-."],
    ],
    reply: ["verbatim"],
    examples: [
      ["CLIENT LIST", "/^\\$\\d+ id=\\d+ addr=/"],
      ["CLIENT LIST TYPE pubsub", "$0 "],
      ["CLIENT LIST ID x", "-ERR syntax error"],
    ],
    run: clientList,
  },
  {
    ...COMMON,
    name: "CLIENT|KILL",
    since: "2.4.0",
    arity: -3,
    flags: ADMIN | ANY_TIME,
    args: KILL_ARGS,
    summary: "Ends connections: the one from an address, or all that pass the filters.",
    complexity: "O(N) for N connections",
    history: [
      ["2.8.12", "Filters instead of a single address."],
      ["2.8.12", "Filters ID and TYPE."],
      ["3.2.0", "TYPE knows master."],
      ["5.0.0", "TYPE knows replica."],
      ["6.2.0", "Filter LADDR."],
      ["8.0.0", "Filter MAXAGE."],
      ["8.0.0", "TYPE knows primary."],
      ["8.1.0", "ID takes several ids."],
      ["9.0.0", "More filters, and all but the times and SKIPME can be negated with NOT-."],
    ],
    reply: ["simple", "integer"],
    examples: [
      ["CLIENT KILL ID 99999999", ":0"],
      ["CLIENT KILL 192.0.2.1:9", "-ERR No such client"],
    ],
    run: clientKill,
  },
  {
    ...COMMON,
    name: "CLIENT|GETNAME",
    since: "2.6.9",
    arity: 2,
    flags: ANY_TIME | ALLOW_BUSY,
    summary: "Name of this connection, null when it has none.",
    reply: ["bulk", "null"],
    examples: [["CLIENT GETNAME", "$-1"], ["CLIENT SETNAME worker-1", "+OK"], [
      "CLIENT GETNAME",
      "$8 worker-1",
    ]],
    run: clientGetname,
  },
  {
    ...COMMON,
    name: "CLIENT|SETNAME",
    since: "2.6.9",
    arity: 3,
    flags: ANY_TIME | ALLOW_BUSY,
    args: [{ name: "connection-name", type: "string" }],
    summary: "Names this connection; an empty name takes the name away.",
    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
    reply: ["simple"],
    examples: [["CLIENT SETNAME worker-1", "+OK"], ["CLIENT SETNAME 'two words'", "/^-ERR /"]],
    run: clientSetname,
  },
  {
    ...COMMON,
    name: "CLIENT|SETINFO",
    since: "7.2.0",
    arity: 4,
    flags: ANY_TIME | ALLOW_BUSY,
    args: [{
      name: "attr",
      type: "oneof",
      args: [
        { name: "libname", type: "string", token: "LIB-NAME" },
        { name: "libver", type: "string", token: "LIB-VER" },
      ],
    }],
    summary: "Notes name or version of the client library for CLIENT LIST.",
    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
    reply: ["simple"],
    examples: [["CLIENT SETINFO LIB-NAME mylib", "+OK"], [
      "CLIENT SETINFO color red",
      "-ERR Unrecognized option 'color'",
    ]],
    run: clientSetinfo,
  },
];
