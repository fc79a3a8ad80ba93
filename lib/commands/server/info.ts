// info.ts: INFO: the sections asked for, in a fixed order. Each section is a function of its own in an info_*.ts.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import { type CommandSpec, LOADING, STALE } from "../spec.ts";
import { infoClients } from "./info_clients.ts";
import { infoCommandStats, infoErrorStats, infoLatencyStats } from "./info_commands.ts";
import { infoKeyspace } from "./info_keyspace.ts";
import { infoMemory } from "./info_memory.ts";
import { infoPersistence } from "./info_persistence.ts";
import { infoReplication } from "./info_replication.ts";
import {
  infoCluster,
  infoClusterInfo,
  infoCpu,
  infoModules,
  infoServer,
  infoTls,
} from "./info_server.ts";
import { infoDebug, infoStats } from "./info_stats.ts";
import { InfoText } from "./info_text.ts";

interface Section {
  /** The words that ask for it, lower case. */
  names: readonly string[];
  /** Part of what INFO without arguments shows. */
  isDefault: boolean;
  /** Shown only when asked for by name. */
  isHidden?: boolean;
  write: (ctx: Ctx, info: InfoText) => void;
}

/** In reply order. */
const SECTIONS: readonly Section[] = [
  { names: ["server"], isDefault: true, write: infoServer },
  { names: ["tls"], isDefault: false, write: infoTls },
  { names: ["clients"], isDefault: true, write: infoClients },
  { names: ["memory"], isDefault: true, write: infoMemory },
  { names: ["persistence"], isDefault: true, write: infoPersistence },
  { names: ["stats"], isDefault: true, write: infoStats },
  { names: ["replication"], isDefault: true, write: infoReplication },
  { names: ["cpu"], isDefault: true, write: infoCpu },
  { names: ["modules", "module_list"], isDefault: true, write: infoModules },
  { names: ["commandstats"], isDefault: false, write: infoCommandStats },
  { names: ["errorstats"], isDefault: true, write: infoErrorStats },
  { names: ["latencystats"], isDefault: false, write: infoLatencyStats },
  { names: ["cluster"], isDefault: true, write: infoCluster },
  { names: ["cluster_info"], isDefault: false, write: infoClusterInfo },
  { names: ["keyspace"], isDefault: true, write: infoKeyspace },
  { names: ["debug"], isDefault: false, isHidden: true, write: infoDebug },
];

function info(ctx: Ctx): void {
  const asked = new Set<string>();
  for (let i = 1; i < ctx.argc; i++) asked.add(argText(ctx, i).toLowerCase());
  const withDefaults = asked.size === 0 || asked.has("default");
  const withAll = asked.has("all") || asked.has("everything");
  const text = new InfoText();
  for (const { names, isDefault, isHidden, write } of SECTIONS) {
    if (
      (withAll && !isHidden) || (withDefaults && isDefault) || names.some((name) => asked.has(name))
    ) {
      write(ctx, text);
    }
  }
  ctx.out.verbatim("txt", fromLatin1(text.text));
}

export const INFO_COMMANDS: readonly CommandSpec[] = [
  {
    name: "INFO",
    group: "server",
    since: "1.0.0",
    arity: -1,
    flags: LOADING | STALE,
    acl: ["@dangerous"],
    args: [{ name: "section", type: "string", optional: true, multiple: true }],
    summary: "Reports on the server: its state, its counters and its data.",
    complexity: "O(1)",
    tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    history: [["7.0.0", "Several sections can be asked for at once."]],
    reply: ["verbatim"],
    examples: [["INFO cluster", "$30 # Cluster cluster_enabled:0"]],
    run: info,
  },
];
