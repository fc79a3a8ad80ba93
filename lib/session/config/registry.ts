// registry.ts: all directives, found by name or alias; and the words a configuration file may hold
// besides them.

import type { Directive } from "./directive.ts";
import { ACCESS } from "./directives_access.ts";
import { CLUSTER } from "./directives_cluster.ts";
import { ENCODING } from "./directives_encoding.ts";
import { LIMITS } from "./directives_limits.ts";
import { MEMORY } from "./directives_memory.ts";
import { NETWORK } from "./directives_network.ts";
import { PERSISTENCE } from "./directives_persistence.ts";
import { PROCESS } from "./directives_process.ts";
import { REPLICATION } from "./directives_replication.ts";
import { TLS } from "./directives_tls.ts";

/** Every directive, by theme. */
export const DIRECTIVES: readonly Directive[] = [
  ...NETWORK,
  ...ACCESS,
  ...PROCESS,
  ...LIMITS,
  ...MEMORY,
  ...ENCODING,
  ...PERSISTENCE,
  ...REPLICATION,
  ...CLUSTER,
  ...TLS,
];

/** Every name and alias, in lower case. */
export const DIRECTIVE_BY_NAME: ReadonlyMap<string, Directive> = new Map(
  DIRECTIVES.flatMap((directive) =>
    [directive.name, ...directive.aliases].map((name) => [name, directive] as const)
  ),
);

/** Words of older configuration files, each with one value, that are taken and forgotten. */
export const IGNORED_NAMES: readonly string[] = [
  "list-max-ziplist-entries",
  "list-max-ziplist-value",
  "lua-replicate-commands",
  "io-threads-do-reads",
  "dynamic-hz",
  "events-per-io-thread",
];

/** Words only a configuration file may hold; a rewrite keeps their lines. */
export const FILE_ONLY_NAMES: readonly string[] = [
  "include",
  "rename-command",
  "user",
  "loadmodule",
  "sentinel",
];

/** A directive without its full effect. */
export interface NotBuilt {
  readonly name: string;
  /** "accepted": kept but without effect. "pending": refuses all but the default. */
  readonly effect: "accepted" | "pending";
  readonly why: string;
}

/** All directives that do not do all they say, sorted by name. */
export function notBuilt(): NotBuilt[] {
  const list: NotBuilt[] = [];
  for (const { name, effect, why } of DIRECTIVES) {
    if (effect !== "built") list.push({ name, effect, why });
  }
  return list.sort((a, b) => a.name < b.name ? -1 : 1);
}
