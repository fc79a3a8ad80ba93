// basic.ts: the plain connection commands: PING, ECHO, SELECT, QUIT, RESET.

import { argInt64, ERR_DB_INDEX, ERR_NOT_INTEGER } from "../args.ts";
import { line } from "../../codec/reply_writer.ts";
import type { Ctx } from "../context.ts";
import { ALLOW_BUSY, type CommandSpec, FAST, LOADING, NO_AUTH, NOSCRIPT, STALE } from "../spec.ts";

const PONG = line("+PONG");
const RESET = line("+RESET");
const ERR_PING_ARITY = line("-ERR wrong number of arguments for 'ping' command");
const ERR_NOT_INT32 = line(
  "-ERR value is out of range, value must between -2147483648 and 2147483647",
);

function ping(ctx: Ctx): void {
  if (ctx.argc > 2) return ctx.out.error(ERR_PING_ARITY);
  if (ctx.client.isSubscribed && ctx.client.proto === 2) return pingSubscribed(ctx);
  if (ctx.argc === 2) return ctx.out.bulk(ctx.argBuf, ctx.off[1], ctx.len[1]);
  ctx.out.raw(PONG);
}

/** Among the messages of its subscriptions a RESP2 client gets a reply that looks like one. */
function pingSubscribed({ out, argc, argBuf, off, len }: Ctx): void {
  out.array(2);
  out.bulkText("pong");
  if (argc === 1) out.bulkText("");
  else out.bulk(argBuf, off[1], len[1]);
}

function echo(ctx: Ctx): void {
  ctx.out.bulk(ctx.argBuf, ctx.off[1], ctx.len[1]);
}

function select(ctx: Ctx): void {
  const pair = new Int32Array(2);
  if (!argInt64(ctx, 1, pair)) return ctx.out.error(ERR_NOT_INTEGER);
  const index = pair[0];
  if (index >> 31 !== pair[1]) return ctx.out.error(ERR_NOT_INT32);
  if (index < 0 || index >= ctx.keyspace.dbs.length) return ctx.out.error(ERR_DB_INDEX);
  ctx.client.select(index);
  ctx.out.ok();
}

function quit(ctx: Ctx): void {
  ctx.out.ok();
  ctx.client.closeAfterReply();
}

function reset(ctx: Ctx): void {
  ctx.client.reset();
  ctx.out.raw(RESET);
}

export const BASIC_COMMANDS: readonly CommandSpec[] = [
  {
    name: "PING",
    group: "connection",
    since: "1.0.0",
    arity: -1,
    flags: FAST,
    acl: ["@connection"],
    args: [{ name: "message", type: "string", optional: true }],
    summary: "Checks that the server answers; echoes the message if one is given.",
    complexity: "O(1)",
    tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
    reply: ["simple", "bulk", "array"],
    examples: [["PING", "+PONG"], ["PING hello", "$5 hello"]],
    run: ping,
  },
  {
    name: "ECHO",
    group: "connection",
    since: "1.0.0",
    arity: 2,
    flags: LOADING | STALE | FAST,
    acl: ["@connection"],
    args: [{ name: "message", type: "string" }],
    summary: "Sends the message back.",
    complexity: "O(1)",
    reply: ["bulk"],
    examples: [["ECHO hello", "$5 hello"]],
    run: echo,
  },
  {
    name: "SELECT",
    group: "connection",
    since: "1.0.0",
    arity: 2,
    flags: LOADING | STALE | FAST | ALLOW_BUSY,
    acl: ["@connection"],
    args: [{ name: "index", type: "integer" }],
    summary: "Chooses the database this connection works on.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["SELECT 3", "+OK"], ["SELECT 99", "-ERR DB index is out of range"]],
    run: select,
  },
  {
    name: "QUIT",
    group: "connection",
    since: "1.0.0",
    arity: -1,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    acl: ["@connection"],
    summary: "Closes the connection after its pending replies.",
    complexity: "O(1)",
    history: [],
    reply: ["simple"],
    examples: [["QUIT", "+OK"]],
    run: quit,
  },
  {
    name: "RESET",
    group: "connection",
    since: "6.2.0",
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    acl: ["@connection"],
    summary: "Puts the connection back into the state of a new one.",
    complexity: "O(1)",
    reply: ["simple"],
    examples: [["RESET", "+RESET"]],
    run: reset,
  },
];
