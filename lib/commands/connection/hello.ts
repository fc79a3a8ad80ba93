// hello.ts: who is there and in which protocol: HELLO, AUTH.
//
// There is one user, "default"; `requirepass` is its password, and while that is empty every password is right.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { REDIS_VERSION, VALKEY_VERSION } from "../../version.ts";
import { argIs, argNumber, ArgReader, argText, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { ALLOW_BUSY, type CommandSpec, FAST, LOADING, NO_AUTH, NOSCRIPT, STALE } from "../spec.ts";

const AUTH = word("auth");
const SETNAME = word("setname");

const ERR_PROTO_NUMBER = line("-ERR Protocol version is not an integer or out of range");
const ERR_PROTO = line("-NOPROTO unsupported protocol version");
export const ERR_NAME = line(
  "-ERR Client names cannot contain spaces, newlines or special characters.",
);
const ERR_HELLO_AUTH = line(
  "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> " +
    "<pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);
const ERR_WRONG_PASS = line("-WRONGPASS invalid username-password pair or user is disabled.");
const ERR_NO_PASSWORD = line(
  "-ERR AUTH <password> called without any password configured for the default user. Are you sure your " +
    "configuration is correct?",
);

/**
 * Whether a text may be shown in CLIENT LIST: printable ASCII without spaces. What follows a zero byte is never shown and
 * does not matter.
 */
export function isClientAttribute(text: string): boolean {
  return /^[!-~]*(\0|$)/.test(text);
}

/** Compares in time that depends on the lengths only. */
function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i % Math.max(1, b.length)];
  return difference === 0;
}

/** Logs the client in, or replies WRONGPASS and returns false. */
function authenticate(ctx: Ctx, user: string, password: string): boolean {
  const secret = ctx.config.text("requirepass");
  const known = user === "default";
  const right = secret === "" || sameSecret(fromLatin1(password), fromLatin1(secret));
  if (known && right) {
    ctx.client.login(user);
    return true;
  }
  ctx.out.error(ERR_WRONG_PASS);
  return false;
}

function auth(ctx: Ctx): void {
  if (ctx.argc > 3) return ctx.out.error(ERR_SYNTAX);
  if (ctx.argc === 2 && ctx.config.text("requirepass") === "") {
    return ctx.out.error(ERR_NO_PASSWORD);
  }
  const user = ctx.argc === 2 ? "default" : argText(ctx, 1);
  if (authenticate(ctx, user, argText(ctx, ctx.argc - 1))) ctx.out.ok();
}

function hello(ctx: Ctx): void {
  let proto = 0;
  if (ctx.argc > 1) {
    proto = argNumber(ctx, 1, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (Number.isNaN(proto)) return ctx.out.error(ERR_PROTO_NUMBER);
    if (proto < 2 || proto > 3) return ctx.out.error(ERR_PROTO);
  }
  let user: string | null = null;
  let password = "";
  let name: string | null = null;
  const args = new ArgReader(ctx, 2);
  while (args.more()) {
    if (args.left >= 3 && args.word(AUTH)) {
      user = argText(ctx, args.take());
      password = argText(ctx, args.take());
    } else if (args.left >= 2 && args.word(SETNAME)) {
      name = argText(ctx, args.take());
      if (!isClientAttribute(name)) return ctx.out.error(ERR_NAME);
    } else {
      const option = argText(ctx, args.index);
      return ctx.out.errorText(`ERR Syntax error in HELLO option '${option}'`);
    }
  }
  if (user !== null && !authenticate(ctx, user, password)) return;
  if (!ctx.client.authenticated) return ctx.out.error(ERR_HELLO_AUTH);
  if (name !== null) ctx.client.name = name;
  if (proto !== 0) {
    ctx.client.proto = proto;
    ctx.out.proto = proto;
  }
  replyHello(ctx);
}

/** User and password behind AUTH. */
function isLogin(ctx: Ctx, arg: number): boolean {
  for (let i = 2; i < arg; i++) {
    if (argIs(ctx, i, AUTH)) return arg - i <= 2;
    if (argIs(ctx, i, SETNAME)) i++;
  }
  return false;
}

function replyHello(ctx: Ctx): void {
  const { out, config } = ctx;
  const compatible = config.flag("extended-redis-compatibility");
  const zone = config.text("availability-zone");
  out.map(zone === "" ? 7 : 8);
  out.bulkText("server");
  out.bulkText(compatible ? "redis" : "valkey");
  out.bulkText("version");
  out.bulkText(compatible ? REDIS_VERSION : VALKEY_VERSION);
  out.bulkText("proto");
  out.integer(ctx.client.proto);
  out.bulkText("id");
  out.integer(ctx.client.id);
  out.bulkText("mode");
  out.bulkText("standalone");
  out.bulkText("role");
  out.bulkText("master");
  out.bulkText("modules");
  replyModules(ctx);
  if (zone === "") return;
  out.bulkText("availability_zone");
  out.bulkText(zone);
}

/** The script language counts as a module that is built in. */
function replyModules({ out }: Ctx): void {
  out.array(1);
  out.map(4);
  out.bulkText("name");
  out.bulkText("lua");
  out.bulkText("ver");
  out.integer(1);
  out.bulkText("path");
  out.bulkText("lua");
  out.bulkText("args");
  out.array(0);
}

export const HELLO_COMMANDS: readonly CommandSpec[] = [
  {
    name: "AUTH",
    group: "connection",
    since: "1.0.0",
    arity: -2,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    acl: ["@connection"],
    args: [
      { name: "username", type: "string", optional: true, since: "6.0.0" },
      { name: "password", type: "string" },
    ],
    summary: "Logs the connection in with a password, or a user name and a password.",
    complexity: "O(N) for a password of N bytes",
    history: [["6.0.0", "A user name may come before the password."]],
    reply: ["simple"],
    examples: [["AUTH default anything", "+OK"]],
    isSecret: (_ctx, arg) => arg > 0,
    run: auth,
  },
  {
    name: "HELLO",
    group: "connection",
    since: "6.0.0",
    arity: -1,
    flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
    acl: ["@connection"],
    args: [{
      name: "arguments",
      type: "block",
      optional: true,
      args: [
        { name: "protover", type: "integer" },
        {
          name: "auth",
          token: "AUTH",
          type: "block",
          optional: true,
          args: [{ name: "username", type: "string" }, { name: "password", type: "string" }],
        },
        { name: "clientname", token: "SETNAME", type: "string", optional: true },
      ],
    }],
    summary: "Greets the server: chooses the protocol, may log in and name the connection.",
    complexity: "O(1)",
    history: [
      ["8.1.0", "The reply names the availability zone when one is configured."],
      [
        "6.2.0",
        "The protocol version may be left out: the reply then describes the connection as it is.",
      ],
    ],
    reply: ["map"],
    examples: [["HELLO 2", "/^\\*14 \\$6 server \\$6 valkey /"], [
      "HELLO 9",
      "-NOPROTO unsupported protocol version",
    ]],
    isSecret: isLogin,
    run: hello,
  },
];
