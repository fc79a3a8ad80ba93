// client_filter.ts: the filters of CLIENT LIST and CLIENT KILL: what the words mean, and how COMMAND DOCS shows them.
//
// Every criterion may be given as is or negated with NOT-; the last one of a kind wins, ids add up. Texts end at a zero
// byte, as they do in the lines of CLIENT LIST.

import { line } from "../../codec/reply_writer.ts";
import { argInt64, argNumber, argText, ERR_SYNTAX } from "../args.ts";
import type { ClientCriteria, ClientFilter, ClientType } from "../client_view.ts";
import type { Ctx } from "../context.ts";
import type { ArgSpec } from "../spec.ts";

const ERR_ID = line("-ERR client-id should be greater than 0");

/** Letters of the flags and capa fields of CLIENT LIST. */
const FLAGS = /^[OSMPxbtRBdcuAUreTIiEN]*$/;
const CAPABILITIES = /^r*$/;

const TYPES: Readonly<Record<string, ClientType>> = {
  normal: "normal",
  pubsub: "pubsub",
  replica: "replica",
  slave: "replica",
  master: "primary",
  primary: "primary",
};

/** Criteria that are texts of any kind, by option. */
const TEXTS = new Map(
  [
    ["addr", "addr"],
    ["laddr", "laddr"],
    ["name", "name"],
    ["lib-name", "libName"],
    ["lib-ver", "libVer"],
    ["ip", "ip"],
  ] as const,
);

/** An argument up to its first zero byte. */
export function shownText(ctx: Ctx, index: number): string {
  const text = argText(ctx, index);
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** Reads filters from argument `from` on; after writing an error it returns null. */
export function readClientFilter(ctx: Ctx, from: number, skipMe: boolean): ClientFilter | null {
  const filter: ClientFilter = { has: {}, not: {}, skipMe };
  for (let at = from; at < ctx.argc;) {
    const word = shownText(ctx, at).toLowerCase();
    const isNegated = word.startsWith("not-");
    const name = isNegated ? word.slice(4) : word;
    if (name === "id") {
      at = readIds(ctx, at + 1, isNegated ? filter.not : filter.has);
      if (at < 0) return null;
      continue;
    }
    const error = at + 1 === ctx.argc
      ? SYNTAX
      : readCriterion(ctx, at + 1, name, isNegated ? filter.not : filter.has, isNegated) ??
        (isNegated ? SYNTAX : readOther(ctx, at + 1, name, filter));
    if (error !== "") {
      if (error === SYNTAX) ctx.out.error(ERR_SYNTAX);
      else ctx.out.errorText(`ERR ${error}`);
      return null;
    }
    at += 2;
  }
  return filter;
}

/** Stands for the syntax error. */
const SYNTAX = "syntax";

/** Adds the integers from `from` on; returns the first argument that is none, -1 after an error. */
function readIds(ctx: Ctx, from: number, criteria: ClientCriteria): number {
  const pair = new Int32Array(2);
  criteria.ids ??= new Set();
  let at = from;
  for (; at < ctx.argc && argInt64(ctx, at, pair); at++) {
    const id = pair[1] * 4294967296 + (pair[0] >>> 0);
    if (id < 1) {
      ctx.out.error(ERR_ID);
      return -1;
    }
    criteria.ids.add(id);
  }
  return at;
}

/** Reads a criterion that can be negated: "" when done, an error text, or null when it is another option. */
function readCriterion(
  ctx: Ctx,
  at: number,
  name: string,
  criteria: ClientCriteria,
  isNegated: boolean,
): string | null {
  const value = shownText(ctx, at);
  const key = TEXTS.get(name as "addr");
  if (key !== undefined) {
    criteria[key] = value;
    return "";
  }
  const where = isNegated ? `NOT-${name.toUpperCase()}` : "provided";
  switch (name) {
    case "type":
      criteria.type = TYPES[value.toLowerCase()];
      return criteria.type === undefined ? `Unknown client type '${value}'` : "";
    case "user":
      criteria.user = argText(ctx, at);
      return ctx.clients.hasUser(criteria.user) ? "" : `No such user '${value}'`;
    case "flags":
      criteria.flags = value;
      return FLAGS.test(value) ? "" : `Unknown flags found in the ${where} filter: ${value}`;
    case "capa":
      criteria.capa = value;
      return CAPABILITIES.test(value) ? "" : `Unknown capa found in the ${where} filter: ${value}`;
    case "db": {
      const option = isNegated ? "NOT-DB" : "DB";
      criteria.db = argNumber(ctx, at, -2147483648, 2147483647);
      if (Number.isNaN(criteria.db)) return `${option} is not an integer or out of range`;
      const last = ctx.keyspace.dbs.length - 1;
      const isOutside = criteria.db < 0 || criteria.db > last;
      return isOutside ? `${option} number should be between 0 and ${last}` : "";
    }
    default:
      return null;
  }
}

/** Reads an option that cannot be negated: "" when done, else an error text. */
function readOther(ctx: Ctx, at: number, name: string, filter: ClientFilter): string {
  if (name === "skipme") {
    const value = shownText(ctx, at).toLowerCase();
    if (value !== "yes" && value !== "no") return SYNTAX;
    filter.skipMe = value === "yes";
    return "";
  }
  if (name !== "maxage" && name !== "idle") return SYNTAX;
  const pair = new Int32Array(2);
  if (!argInt64(ctx, at, pair)) return `${name} is not an integer or out of range`;
  const seconds = pair[1] * 4294967296 + (pair[0] >>> 0);
  if (seconds <= 0) return `${name} should be greater than 0`;
  if (name === "maxage") filter.maxAge = seconds;
  else filter.idle = seconds;
  return "";
}

// ---- argument trees

function criterion(name: string, token: string, since?: string, rest?: Partial<ArgSpec>): ArgSpec {
  const dated = since === undefined ? {} : { since };
  return { name, type: "string", token, optional: true, ...dated, ...rest };
}

function typeArg(name: string, token: string, since: string, types: readonly ArgSpec[]): ArgSpec {
  return criterion(name, token, since, { type: "oneof", args: types });
}

function typeName(name: string, since?: string): ArgSpec {
  const token = name.toUpperCase();
  return { name, type: "pure-token", token, ...(since === undefined ? {} : { since }) };
}

const ADDRESS = { display: "ip:port" } as const;
const INTEGER = { type: "integer" } as const;
const MANY = { type: "integer", multiple: true } as const;
const SKIPME = { type: "oneof", args: [typeName("yes"), typeName("no")] } as const;
const V9 = "9.0.0";

const NEW_CRITERIA: readonly ArgSpec[] = [
  criterion("name", "NAME", V9),
  criterion("idle", "IDLE", V9, INTEGER),
  criterion("flags", "FLAGS", V9),
  criterion("lib-name", "LIB-NAME", V9),
  criterion("lib-ver", "LIB-VER", V9),
  criterion("db", "DB", V9, INTEGER),
  criterion("capa", "CAPA", V9),
  criterion("ip", "IP", V9),
];

const NEGATED: readonly ArgSpec[] = [
  criterion("not-client-id", "NOT-ID", V9, MANY),
  criterion("not-username", "NOT-USER", V9),
  criterion("not-addr", "NOT-ADDR", V9, ADDRESS),
  criterion("not-laddr", "NOT-LADDR", V9, ADDRESS),
  criterion("not-name", "NOT-NAME", V9),
  criterion("not-flags", "NOT-FLAGS", V9),
  criterion("not-lib-name", "NOT-LIB-NAME", V9),
  criterion("not-lib-ver", "NOT-LIB-VER", V9),
  criterion("not-db", "NOT-DB", V9, INTEGER),
  criterion("not-capa", "NOT-CAPA", V9),
  criterion("not-ip", "NOT-IP", V9),
];

const LIST_TYPES = ["normal", "master", "replica", "pubsub"].map((name) => typeName(name));
const KILL_TYPES = ["normal", "master", "primary", "slave", "replica", "pubsub"];
/** When the names of types came, where that is known. */
const TYPE_SINCE: Readonly<Record<string, string>> = {
  master: "3.2.0",
  primary: "8.0.0",
  replica: "5.0.0",
};

/** Arguments of CLIENT LIST. */
export const LIST_ARGS: readonly ArgSpec[] = [
  typeArg("client-type", "TYPE", "5.0.0", LIST_TYPES),
  criterion("client-id", "ID", "6.2.0", MANY),
  criterion("username", "USER", "8.1.0"),
  criterion("addr", "ADDR", "8.1.0", ADDRESS),
  criterion("laddr", "LADDR", "8.1.0", ADDRESS),
  criterion("skipme", "SKIPME", "8.1.0", SKIPME),
  criterion("maxage", "MAXAGE", "8.1.0", INTEGER),
  ...NEW_CRITERIA,
  typeArg("not-client-type", "NOT-TYPE", V9, LIST_TYPES),
  ...NEGATED,
];

/** Arguments of CLIENT KILL. */
export const KILL_ARGS: readonly ArgSpec[] = [{
  name: "filter",
  type: "oneof",
  args: [
    { name: "old-format", type: "string", display: "ip:port", deprecatedSince: "2.8.12" },
    {
      name: "new-format",
      type: "oneof",
      multiple: true,
      args: [
        criterion("client-id", "ID", "2.8.12", MANY),
        typeArg(
          "client-type",
          "TYPE",
          "2.8.12",
          KILL_TYPES.map((name) => typeName(name, TYPE_SINCE[name])),
        ),
        criterion("username", "USER"),
        criterion("addr", "ADDR", undefined, ADDRESS),
        criterion("laddr", "LADDR", "6.2.0", ADDRESS),
        criterion("skipme", "SKIPME", undefined, SKIPME),
        criterion("maxage", "MAXAGE", "8.0.0", INTEGER),
        ...NEW_CRITERIA,
        typeArg("not-client-type", "NOT-TYPE", V9, KILL_TYPES.map((name) => typeName(name))),
        ...NEGATED,
      ],
    },
  ],
}];
