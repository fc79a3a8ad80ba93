// spec.ts: what a command declaration says. A command is one object; everything else (COMMAND,
// COMMAND DOCS, ACL categories, key extraction, CLI hints, generated tests) is derived from it.

import type { Ctx } from "./context.ts";
import type { CommandArgs, KeyList } from "./keys.ts";

// Command flags: bits of CommandSpec.flags, in the order COMMAND INFO prints them.
export const WRITE = 1 << 0;
export const READONLY = 1 << 1;
export const DENYOOM = 1 << 2;
export const MODULE = 1 << 3;
export const ADMIN = 1 << 4;
export const PUBSUB = 1 << 5;
export const NOSCRIPT = 1 << 6;
export const BLOCKING = 1 << 7;
export const LOADING = 1 << 8;
export const STALE = 1 << 9;
export const SKIP_MONITOR = 1 << 10;
export const SKIP_COMMANDLOG = 1 << 11;
export const ASKING = 1 << 12;
export const FAST = 1 << 13;
export const NO_AUTH = 1 << 14;
export const MAY_REPLICATE = 1 << 15;
export const NO_MANDATORY_KEYS = 1 << 16;
export const NO_ASYNC_LOADING = 1 << 17;
export const NO_MULTI = 1 << 18;
export const MOVABLE_KEYS = 1 << 19;
export const ALLOW_BUSY = 1 << 20;
export const ALL_DBS = 1 << 21;
/** Hidden: not shown by COMMAND INFO. */
export const PROTECTED = 1 << 22;
export const SENTINEL_ONLY = 1 << 23;
export const TOUCHES_ARBITRARY_KEYS = 1 << 24;

export type Group =
  | "bitmap"
  | "cluster"
  | "connection"
  | "generic"
  | "geo"
  | "hash"
  | "hyperloglog"
  | "list"
  | "pubsub"
  | "scripting"
  | "sentinel"
  | "server"
  | "set"
  | "sorted_set"
  | "stream"
  | "string"
  | "transactions";

/** Where the keys of a command start. */
export type KeyBegin =
  | { at: "index"; index: number }
  | { at: "keyword"; keyword: string; from: number }
  | { at: "unknown" };

/** How further keys are found from the start; `last` counts from the first key, negative from the end. */
export type KeyFind =
  | { by: "range"; last: number; step: number; limit: number }
  | { by: "keynum"; index: number; first: number; step: number }
  | { by: "unknown" };

/** One key specification, as COMMAND INFO and COMMAND DOCS show it. */
export interface KeySpec {
  /** Flag names as COMMAND INFO shows them, for example ["RW", "access", "update"]. */
  flags: readonly string[];
  begin: KeyBegin;
  find: KeyFind;
  notes?: string;
}

export type ArgType =
  | "string"
  | "integer"
  | "double"
  | "key"
  | "pattern"
  | "unix-time"
  | "pure-token"
  | "oneof"
  | "block";

/** One node of the argument tree, named as COMMAND DOCS names it. */
export interface ArgSpec {
  name: string;
  type: ArgType;
  /** Shown in help; the name when absent. */
  display?: string;
  /** Index of the key specification this argument belongs to. */
  keySpec?: number;
  token?: string;
  summary?: string;
  since?: string;
  deprecatedSince?: string;
  optional?: boolean;
  multiple?: boolean;
  multipleToken?: boolean;
  args?: readonly ArgSpec[];
}

/**
 * Top-level reply types a command may answer with. "map" may be a flat array in RESP2, "set" an
 * array, "double" and "verbatim" a bulk string, "boolean" an integer. Errors are always allowed.
 * "any" is for EXEC and the like, "none" for commands that may answer nothing.
 */
export type ReplyShape =
  | "simple"
  | "integer"
  | "bulk"
  | "null"
  | "array"
  | "map"
  | "set"
  | "double"
  | "boolean"
  | "verbatim"
  | "push"
  | "any"
  | "none";

/** An example: a command line (quoted as in the client) and its flattened RESP2 reply. */
export type Example = readonly [command: string, reply: string];

/** A command or subcommand ("CONFIG|GET"). */
export interface CommandSpec {
  /** Upper case; subcommands as "CONTAINER|SUB". */
  name: string;
  group: Group;
  since: string;
  /** Exact number of words including the name, or minus the least number. */
  arity: number;
  /** Or-ed flag bits. */
  flags: number;
  /**
   * ACL categories beyond those that follow from the flags (WRITE: @write, READONLY: @read, ADMIN: @admin and
   * @dangerous, PUBSUB: @pubsub, FAST: @fast, else @slow, BLOCKING: @blocking).
   */
  acl?: readonly string[];
  keys?: readonly KeySpec[];
  args?: readonly ArgSpec[];
  summary: string;
  complexity?: string;
  /** Command tips as COMMAND INFO lists them. */
  tips?: readonly string[];
  history?: readonly (readonly [version: string, change: string])[];
  deprecatedSince?: string;
  replacedBy?: string;
  docFlags?: readonly string[];
  /** Allowed reply types; checked by the table tests. */
  reply: readonly ReplyShape[];
  /**
   * Run in order on an empty server. Reply: RESP2 bytes with each CRLF turned into one space, trimmed; "/regex/" when
   * it varies.
   */
  examples: readonly Example[];
  /**
   * For commands whose key flags depend on their arguments: returns the flags of the key at argument `arg`
   * ("RW access update"); used by COMMAND GETKEYSANDFLAGS.
   */
  keyFlags?: (ctx: Ctx, arg: number) => string;
  /** For commands whose key specifications cannot tell all keys (SORT, MIGRATE): adds every key, with its flags. */
  findKeys?: (args: CommandArgs, out: KeyList) => void;
  /** Whether logs must not show argument `arg`. Called after the command ran. */
  isSecret?: (ctx: Ctx, arg: number) => boolean;
  /** Absent only for containers whose every use names a subcommand. */
  run?: (ctx: Ctx) => void;
}

/** A single key at argument `index` (1 = first word after the name). */
export function oneKey(index: number, flags: string): KeySpec {
  return keyRange(index, 0, 1, flags);
}

/** Keys from argument `index`; `last` relative to it, negative counts from the end of the command. */
export function keyRange(index: number, last: number, step: number, flags: string): KeySpec {
  return {
    flags: flags.split(" "),
    begin: { at: "index", index },
    find: { by: "range", last, step, limit: 0 },
  };
}

/** Keys counted by a number: argument `index` holds the count, keys follow it. */
export function countedKeys(index: number, flags: string, step = 1): KeySpec {
  return {
    flags: flags.split(" "),
    begin: { at: "index", index },
    find: { by: "keynum", index: 0, first: 1, step },
  };
}
