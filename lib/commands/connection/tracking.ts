// tracking.ts: CLIENT: client-side caching: TRACKING, CACHING, TRACKINGINFO, GETREDIR.
//
// Options are read first, all of them, whether tracking is switched on or off; then come the checks of what goes together
// and with what there is already. What tracking does is in lib/session/tracking.ts.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { argInt64, argIs, argText, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { ALLOW_BUSY, type ArgSpec, type CommandSpec, LOADING, NOSCRIPT, STALE } from "../spec.ts";
import type { ClientTracking, TrackingOptions } from "../tracking_view.ts";

const ON = word("on");
const OFF = word("off");
const YES = word("yes");
const NO = word("no");
const REDIRECT = word("redirect");
const PREFIX = word("prefix");
const SWITCHES: readonly (readonly ["bcast" | "optin" | "optout" | "noloop", Uint8Array])[] = [
  ["bcast", word("bcast")],
  ["optin", word("optin")],
  ["optout", word("optout")],
  ["noloop", word("noloop")],
];

const ERR_REDIRECTS = line("-ERR A client can only redirect to a single other client");
const ERR_NO_CLIENT = line("-ERR The client ID you want redirect to does not exist");
const ERR_PREFIX = line("-ERR PREFIX option requires BCAST mode to be enabled");
const ERR_SWITCH_BCAST = line(
  "-ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it " +
    "with a different mode.",
);
const ERR_BCAST_OPT = line("-ERR OPTIN and OPTOUT are not compatible with BCAST");
const ERR_BOTH_OPT = line("-ERR You can't specify both OPTIN mode and OPTOUT mode");
const ERR_SWITCH_OPT = line(
  "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it " +
    "with a different mode.",
);
const ERR_CACHING = line(
  "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
);
const ERR_CACHING_YES = line(
  "-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
const ERR_CACHING_NO = line(
  "-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);

const pair = new Int32Array(2);

/** The options from argument 3 on, with the prefixes; null after an error reply. */
function readOptions(ctx: Ctx): { options: TrackingOptions; prefixes: string[] } | null {
  const options = { redirect: 0, bcast: false, optin: false, optout: false, noloop: false };
  const prefixes: string[] = [];
  for (let i = 3; i < ctx.argc; i++) {
    const hasNext = i + 1 < ctx.argc;
    const found = SWITCHES.find(([, lower]) => argIs(ctx, i, lower));
    let error: Uint8Array | null = null;
    if (found !== undefined) {
      options[found[0]] = true;
    } else if (hasNext && argIs(ctx, i, REDIRECT)) {
      i++;
      if (options.redirect !== 0) error = ERR_REDIRECTS;
      else if (!argInt64(ctx, i, pair)) error = ERR_NOT_INTEGER;
      else {
        options.redirect = int64ToNumber(pair[0], pair[1]);
        if (ctx.clients.byId(options.redirect) === null) error = ERR_NO_CLIENT;
      }
    } else if (hasNext && argIs(ctx, i, PREFIX)) {
      prefixes.push(argText(ctx, ++i));
    } else {
      error = ERR_SYNTAX;
    }
    if (error !== null) {
      ctx.out.error(error);
      return null;
    }
  }
  return { options, prefixes };
}

function clientTracking(ctx: Ctx): void {
  const read = readOptions(ctx);
  if (read === null) return;
  const { options, prefixes } = read;
  if (argIs(ctx, 2, ON)) {
    const current = ctx.tracking.of(ctx.client);
    const error = conflict(options, prefixes, current);
    if (error !== null) return ctx.out.error(error);
    if (options.bcast && collides(ctx, prefixes, current)) return;
    ctx.tracking.enable(ctx.client, options, prefixes);
  } else if (argIs(ctx, 2, OFF)) {
    ctx.tracking.disable(ctx.client);
  } else {
    return ctx.out.error(ERR_SYNTAX);
  }
  ctx.out.ok();
}

/** What does not go together, or with the tracking there is. */
function conflict(
  options: TrackingOptions,
  prefixes: readonly string[],
  current: ClientTracking | null,
): Uint8Array | null {
  const { bcast, optin, optout } = options;
  if (!bcast && prefixes.length > 0) return ERR_PREFIX;
  if (current !== null && current.bcast !== bcast) return ERR_SWITCH_BCAST;
  if (bcast && (optin || optout)) return ERR_BCAST_OPT;
  if (optin && optout) return ERR_BOTH_OPT;
  if ((optin && current?.optout) || (optout && current?.optin)) return ERR_SWITCH_OPT;
  return null;
}

/** Whether a key could match two prefixes of the client; replies with the error. */
function collides(
  ctx: Ctx,
  prefixes: readonly string[],
  current: ClientTracking | null,
): boolean {
  const overlap = (a: string, b: string) => a.startsWith(b) || b.startsWith(a);
  for (const [i, prefix] of prefixes.entries()) {
    const old = current?.prefixes.find((other) => overlap(prefix, other));
    const other = prefixes.slice(i + 1).find((next) => overlap(prefix, next));
    if (old === undefined && other === undefined) continue;
    const which = old !== undefined ? "an existing" : "another provided";
    ctx.out.errorText(
      `ERR Prefix '${shown(prefix)}' overlaps with ${which} prefix '${
        shown(old ?? other ?? "")
      }'. ` +
        "Prefixes for a single client must not overlap.",
    );
    return true;
  }
  return false;
}

function shown(text: string): string {
  return text.split("\0", 1)[0];
}

function clientCaching(ctx: Ctx): void {
  const current = ctx.tracking.of(ctx.client);
  if (current === null) return ctx.out.error(ERR_CACHING);
  if (argIs(ctx, 2, YES)) {
    if (!current.optin) return ctx.out.error(ERR_CACHING_YES);
  } else if (argIs(ctx, 2, NO)) {
    if (!current.optout) return ctx.out.error(ERR_CACHING_NO);
  } else {
    return ctx.out.error(ERR_SYNTAX);
  }
  current.caching = true;
  ctx.out.ok();
}

function clientGetredir(ctx: Ctx): void {
  ctx.out.integer(ctx.tracking.of(ctx.client)?.redirect ?? -1);
}

function clientTrackinginfo(ctx: Ctx): void {
  const { out } = ctx;
  const current = ctx.tracking.of(ctx.client);
  const flags = current === null ? ["off"] : flagsOf(current);
  out.map(3);
  out.bulkText("flags");
  out.set(flags.length);
  for (const flag of flags) out.bulkText(flag);
  out.bulkText("redirect");
  out.integer(current?.redirect ?? -1);
  out.bulkText("prefixes");
  const prefixes = current?.prefixes ?? [];
  out.array(prefixes.length);
  for (const prefix of prefixes) out.bulkText(prefix);
}

function flagsOf(current: ClientTracking): string[] {
  const { bcast, optin, optout, caching, noloop, isBroken } = current;
  const flags: readonly (readonly [boolean, string])[] = [
    [true, "on"],
    [bcast, "bcast"],
    [optin, "optin"],
    [optin && caching, "caching-yes"],
    [optout, "optout"],
    [optout && caching, "caching-no"],
    [noloop, "noloop"],
    [isBroken, "broken_redirect"],
  ];
  return flags.filter(([is]) => is).map(([, name]) => name);
}

const COMMON = { group: "connection", acl: ["@connection"], complexity: "O(1)" } as const;
const ANY_TIME = NOSCRIPT | LOADING | STALE;

function token(name: string, optional = false): ArgSpec {
  return {
    name,
    type: "pure-token",
    token: name.toUpperCase(),
    ...(optional ? { optional } : {}),
  };
}

export const TRACKING_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "CLIENT|TRACKING",
    since: "6.0.0",
    arity: -3,
    flags: ANY_TIME,
    args: [
      { name: "status", type: "oneof", args: [token("on"), token("off")] },
      { name: "client-id", type: "integer", token: "REDIRECT", optional: true },
      {
        name: "prefix",
        type: "string",
        token: "PREFIX",
        optional: true,
        multiple: true,
        multipleToken: true,
      },
      token("bcast", true),
      token("optin", true),
      token("optout", true),
      token("noloop", true),
    ],
    summary: "Switches on or off that this connection is told of changes to keys it read.",
    reply: ["simple"],
    examples: [
      ["CLIENT TRACKING ON BCAST PREFIX user: PREFIX order:", "+OK"],
      ["CLIENT TRACKING OFF", "+OK"],
    ],
    run: clientTracking,
  },
  {
    ...COMMON,
    name: "CLIENT|CACHING",
    since: "6.0.0",
    arity: 3,
    flags: ANY_TIME | ALLOW_BUSY,
    args: [{ name: "mode", type: "oneof", args: [token("yes"), token("no")] }],
    summary: "Says whether the keys of the next command or transaction are to be tracked.",
    reply: ["simple"],
    examples: [["CLIENT TRACKING ON OPTIN", "+OK"], ["CLIENT CACHING YES", "+OK"]],
    run: clientCaching,
  },
  {
    ...COMMON,
    name: "CLIENT|TRACKINGINFO",
    since: "6.2.0",
    arity: 2,
    flags: ANY_TIME,
    summary: "Tells how this connection tracks keys.",
    reply: ["map"],
    examples: [["CLIENT TRACKINGINFO", "*6 $5 flags *1 $3 off $8 redirect :-1 $8 prefixes *0"]],
    run: clientTrackinginfo,
  },
  {
    ...COMMON,
    name: "CLIENT|GETREDIR",
    since: "6.0.0",
    arity: 2,
    flags: ANY_TIME | ALLOW_BUSY,
    summary:
      "Id of the connection that gets this one's invalidation messages, -1 without tracking.",
    reply: ["integer"],
    examples: [["CLIENT GETREDIR", ":-1"]],
    run: clientGetredir,
  },
];
