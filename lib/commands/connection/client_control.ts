// client_control.ts: CLIENT: what a connection may switch for itself, and pausing everybody.

import { int64ToBigInt } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import {
  ADMIN,
  ALLOW_BUSY,
  type ArgSpec,
  type CommandSpec,
  LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from "../spec.ts";

const ON = word("on");
const OFF = word("off");
const SKIP = word("skip");
const WRITE_MODE = word("write");
const ALL_MODE = word("all");
const REDIRECT = word("redirect");
const TIMEOUT = word("timeout");
const ERROR = word("error");

const ERR_PAUSE_MODE = line("-ERR CLIENT PAUSE mode must be WRITE or ALL");
const ERR_TIMEOUT_NUMBER = line("-ERR timeout is not an integer or out of range");
const ERR_TIMEOUT_NEGATIVE = line("-ERR timeout is negative");
const ERR_TIMEOUT_RANGE = line("-ERR timeout is out of range");
const ERR_UNBLOCK = line("-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
const ERR_IMPORT = line("-ERR Server is not in import mode");

const INT64_MAX = 2n ** 63n - 1n;
const pair = new Int32Array(2);

/** OFF and SKIP say nothing. */
function clientReply(ctx: Ctx): void {
  if (argIs(ctx, 2, ON)) {
    ctx.client.setReplyMode("on");
    ctx.out.ok();
  } else if (argIs(ctx, 2, OFF)) {
    ctx.client.setReplyMode("off");
  } else if (argIs(ctx, 2, SKIP)) {
    ctx.client.setReplyMode("skip");
  } else {
    ctx.out.error(ERR_SYNTAX);
  }
}

function clientPause(ctx: Ctx): void {
  const isWrite = ctx.argc > 3 && argIs(ctx, 3, WRITE_MODE);
  if (ctx.argc === 4 && !isWrite && !argIs(ctx, 3, ALL_MODE)) {
    return ctx.out.error(ERR_PAUSE_MODE);
  }
  if (!argInt64(ctx, 2, pair)) return ctx.out.error(ERR_TIMEOUT_NUMBER);
  const milliseconds = int64ToBigInt(pair[0], pair[1]);
  if (milliseconds < 0n) return ctx.out.error(ERR_TIMEOUT_NEGATIVE);
  if (milliseconds > INT64_MAX - BigInt(ctx.nowMs)) return ctx.out.error(ERR_TIMEOUT_RANGE);
  const mode = ctx.argc === 4 && isWrite ? "write" : "all";
  ctx.clients.pause(mode, ctx.nowMs + Number(milliseconds));
  ctx.out.ok();
}

function clientUnpause(ctx: Ctx): void {
  ctx.clients.unpause();
  ctx.out.ok();
}

function clientUnblock(ctx: Ctx): void {
  const withError = ctx.argc === 4 && argIs(ctx, 3, ERROR);
  if (ctx.argc === 4 && !withError && !argIs(ctx, 3, TIMEOUT)) return ctx.out.error(ERR_UNBLOCK);
  if (!argInt64(ctx, 2, pair)) return ctx.out.error(ERR_NOT_INTEGER);
  const id = pair[1] * 4294967296 + (pair[0] >>> 0);
  ctx.out.integer(ctx.clients.unblock(id, withError) ? 1 : 0);
}

/** Reads ON or OFF at argument 2; null after the syntax error was written. */
function readSwitch(ctx: Ctx): boolean | null {
  if (argIs(ctx, 2, ON)) return true;
  if (argIs(ctx, 2, OFF)) return false;
  ctx.out.error(ERR_SYNTAX);
  return null;
}

function clientNoEvict(ctx: Ctx): void {
  const on = readSwitch(ctx);
  if (on === null) return;
  ctx.client.noEvict = on;
  ctx.out.ok();
}

function clientNoTouch(ctx: Ctx): void {
  const on = readSwitch(ctx);
  if (on === null) return;
  ctx.client.noTouch = on;
  ctx.noTouch = on;
  ctx.out.ok();
}

function clientImportSource(ctx: Ctx): void {
  if (!argIs(ctx, 2, OFF) && !ctx.config.flag("import-mode")) return ctx.out.error(ERR_IMPORT);
  const on = readSwitch(ctx);
  if (on === null) return;
  ctx.client.importSource = on;
  ctx.out.ok();
}

/** Unknown capabilities are ignored, so that clients may name those of later versions. */
function clientCapa(ctx: Ctx): void {
  for (let i = 2; i < ctx.argc; i++) if (argIs(ctx, i, REDIRECT)) ctx.client.capaRedirect = true;
  ctx.out.ok();
}

const COMMON = { group: "connection", acl: ["@connection"], complexity: "O(1)" } as const;
const ANY_TIME = NOSCRIPT | LOADING | STALE;

function token(name: string): ArgSpec {
  return { name, type: "pure-token", token: name.toUpperCase() };
}

const SWITCH: readonly ArgSpec[] = [{
  name: "enabled",
  type: "oneof",
  args: [token("on"), token("off")],
}];

export const CLIENT_CONTROL_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "CLIENT|REPLY",
    since: "3.2.0",
    arity: 3,
    flags: ANY_TIME | NO_MULTI | ALLOW_BUSY,
    args: [{ name: "action", type: "oneof", args: [token("on"), token("off"), token("skip")] }],
    summary: "Switches this connection's replies on or off, or leaves out the next one.",
    reply: ["simple", "none"],
    examples: [
      ["CLIENT REPLY OFF", ""],
      ["CLIENT REPLY SKIP", ""],
      ["CLIENT REPLY ON", "+OK"],
    ],
    run: clientReply,
  },
  {
    ...COMMON,
    name: "CLIENT|PAUSE",
    since: "3.0.0",
    arity: -3,
    flags: ADMIN | ANY_TIME,
    args: [
      { name: "timeout", type: "integer" },
      {
        name: "mode",
        type: "oneof",
        optional: true,
        since: "6.2.0",
        args: [token("write"), token("all")],
      },
    ],
    summary: "Lets commands of all connections wait for some milliseconds.",
    history: [["6.2.0", "WRITE pauses only what may write; ALL is everything."]],
    reply: ["simple"],
    examples: [["CLIENT PAUSE 0", "+OK"], ["CLIENT PAUSE 1 READ", "/^-ERR CLIENT PAUSE mode/"]],
    run: clientPause,
  },
  {
    ...COMMON,
    name: "CLIENT|UNPAUSE",
    since: "6.2.0",
    arity: 2,
    flags: ADMIN | ANY_TIME,
    summary: "Ends a pause at once.",
    complexity: "O(N) for N waiting connections",
    reply: ["simple"],
    examples: [["CLIENT PAUSE 60000 WRITE", "+OK"], ["CLIENT UNPAUSE", "+OK"]],
    run: clientUnpause,
  },
  {
    ...COMMON,
    name: "CLIENT|UNBLOCK",
    since: "5.0.0",
    arity: -3,
    flags: ADMIN | ANY_TIME,
    args: [
      { name: "client-id", type: "integer" },
      {
        name: "unblock-type",
        type: "oneof",
        optional: true,
        args: [token("timeout"), token("error")],
      },
    ],
    summary: "Ends another connection's blocking command.",
    complexity: "O(log N) for N connections",
    reply: ["integer"],
    examples: [["CLIENT UNBLOCK 99999999", ":0"]],
    run: clientUnblock,
  },
  {
    ...COMMON,
    name: "CLIENT|NO-EVICT",
    since: "7.0.0",
    arity: 3,
    flags: ADMIN | ANY_TIME | ALLOW_BUSY,
    args: SWITCH,
    summary: "Keeps this connection when connections are ended to free memory.",
    reply: ["simple"],
    examples: [["CLIENT NO-EVICT on", "+OK"]],
    run: clientNoEvict,
  },
  {
    ...COMMON,
    name: "CLIENT|NO-TOUCH",
    since: "7.2.0",
    arity: 3,
    flags: ANY_TIME | ALLOW_BUSY,
    args: SWITCH,
    summary: "Makes this connection's commands not count as use of the keys they touch.",
    reply: ["simple"],
    examples: [["CLIENT NO-TOUCH on", "+OK"]],
    run: clientNoTouch,
  },
  {
    ...COMMON,
    name: "CLIENT|CAPA",
    since: "8.0.0",
    arity: -3,
    flags: ANY_TIME | ALLOW_BUSY,
    args: [{ name: "capability", type: "string", multiple: true }],
    summary: "Tells the server what this client can do.",
    reply: ["simple"],
    examples: [["CLIENT CAPA redirect", "+OK"]],
    run: clientCapa,
  },
  {
    ...COMMON,
    name: "CLIENT|IMPORT-SOURCE",
    since: "8.1.0",
    arity: 3,
    flags: ANY_TIME,
    args: SWITCH,
    summary: "Marks this connection as the source of an import: it may see and set expired keys.",
    reply: ["simple"],
    examples: [["CLIENT IMPORT-SOURCE on", "-ERR Server is not in import mode"]],
    run: clientImportSource,
  },
];
