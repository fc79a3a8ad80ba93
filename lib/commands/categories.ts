// categories.ts: names that follow from a declaration: command flags, ACL categories, the movable-keys flag.
//
// A declaration states flag bits and the categories its data types give it; the categories that every flag implies are
// added here, so that they cannot be forgotten. All lists come out in the order in which COMMAND INFO shows them.

import { legacyRange } from "./keys.ts";
import * as spec from "./spec.ts";
import type { CommandSpec } from "./spec.ts";

/** All ACL categories, in reply order, without the leading "@". */
export const ACL_CATEGORIES: readonly string[] = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
];

type FlagName = readonly [bit: number, name: string];

/** Flags that COMMAND INFO shows, in reply order. */
const SHOWN_FLAGS: readonly FlagName[] = [
  [spec.WRITE, "write"],
  [spec.READONLY, "readonly"],
  [spec.DENYOOM, "denyoom"],
  [spec.MODULE, "module"],
  [spec.ADMIN, "admin"],
  [spec.PUBSUB, "pubsub"],
  [spec.NOSCRIPT, "noscript"],
  [spec.BLOCKING, "blocking"],
  [spec.LOADING, "loading"],
  [spec.STALE, "stale"],
  [spec.SKIP_MONITOR, "skip_monitor"],
  [spec.SKIP_COMMANDLOG, "skip_commandlog"],
  [spec.ASKING, "asking"],
  [spec.FAST, "fast"],
  [spec.NO_AUTH, "no_auth"],
  [spec.NO_MANDATORY_KEYS, "no_mandatory_keys"],
  [spec.NO_ASYNC_LOADING, "no_async_loading"],
  [spec.NO_MULTI, "no_multi"],
  [spec.MOVABLE_KEYS, "movablekeys"],
  [spec.ALLOW_BUSY, "allow_busy"],
];

/** Flags that no reply shows. */
const HIDDEN_FLAGS: readonly FlagName[] = [
  [spec.SENTINEL_ONLY, "only_sentinel"],
  [spec.MAY_REPLICATE, "may_replicate"],
  [spec.TOUCHES_ARBITRARY_KEYS, "touches_arbitrary_keys"],
  [spec.PROTECTED, "protected"],
  [spec.ALL_DBS, "all_dbs"],
];

/** Categories that follow from a single flag. */
const IMPLIED: readonly (readonly [bit: number, categories: readonly string[]])[] = [
  [spec.WRITE, ["write"]],
  [spec.ADMIN, ["admin", "dangerous"]],
  [spec.PUBSUB, ["pubsub"]],
  [spec.BLOCKING, ["blocking"]],
];

function namesOf(flags: number, names: readonly FlagName[]): string[] {
  return names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

/** The declared flags and MOVABLE_KEYS where first key, last key and step do not tell all keys. */
export function commandFlags(command: CommandSpec): number {
  return command.flags | (legacyRange(command.keys).movable ? spec.MOVABLE_KEYS : 0);
}

/** Flag names as COMMAND INFO shows them, in its order. */
export function flagNames(command: CommandSpec): string[] {
  return namesOf(commandFlags(command), SHOWN_FLAGS);
}

/** Names of the flags that COMMAND INFO keeps to itself. */
export function hiddenFlagNames(command: CommandSpec): string[] {
  return namesOf(command.flags, HIDDEN_FLAGS);
}

/** Effective ACL categories in reply order, each with its "@". */
export function categoryNames(command: CommandSpec): string[] {
  const found = new Set((command.acl ?? []).map((name) => name.slice(1)));
  for (const [bit, names] of IMPLIED) {
    if ((command.flags & bit) !== 0) { for (const name of names) found.add(name); }
  }
  // A script that promises to read only is no reader itself.
  if ((command.flags & spec.READONLY) !== 0 && command.group !== "scripting") found.add("read");
  found.add((command.flags & spec.FAST) !== 0 ? "fast" : "slow");
  return ACL_CATEGORIES.filter((name) => found.has(name)).map((name) => "@" + name);
}
