// directives_replication.ts: primaries and replicas.

import {
  accepted,
  bool,
  DEBUG,
  DENY_LOADING,
  type Directive,
  IMMUTABLE,
  INT_MAX,
  LONG_MAX,
  memory,
  MIB,
  MULTI_ARG,
  number,
  oneOf,
  optionalText,
  pending,
  PORT_MAX,
  SENSITIVE,
  special,
} from "./directive.ts";

const LATER = accepted("replication is not built yet");

export const REPLICATION: readonly Directive[] = [
  special("replicaof", "", pending("Replication is not built yet"), {
    aliases: ["slaveof"],
    flags: IMMUTABLE | MULTI_ARG,
  }),
  number(
    "min-replicas-to-write",
    0n,
    0n,
    INT_MAX,
    "count",
    pending("Replication is not built yet, so no write could be guarded"),
    { aliases: ["min-slaves-to-write"] },
  ),
  number("min-replicas-max-lag", 10n, 0n, INT_MAX, "seconds", LATER, {
    aliases: ["min-slaves-max-lag"],
  }),
  optionalText("primaryauth", LATER, { aliases: ["masterauth"], flags: SENSITIVE, binary: true }),
  optionalText("primaryuser", LATER, { aliases: ["masteruser"], flags: SENSITIVE }),
  bool("replica-serve-stale-data", "yes", LATER, { aliases: ["slave-serve-stale-data"] }),
  bool("replica-read-only", "yes", LATER, { aliases: ["slave-read-only"], flags: DEBUG }),
  bool("replica-ignore-maxmemory", "yes", LATER, { aliases: ["slave-ignore-maxmemory"] }),
  bool("replica-ignore-disk-write-errors", "no", LATER),
  bool("replica-lazy-flush", "yes", LATER, { aliases: ["slave-lazy-flush"] }),
  number("replica-priority", 100n, 0n, INT_MAX, "factor", LATER, { aliases: ["slave-priority"] }),
  bool("replica-announced", "yes", LATER),
  optionalText("replica-announce-ip", LATER, { aliases: ["slave-announce-ip"] }),
  number("replica-announce-port", 0n, 0n, PORT_MAX, "tcp-port", LATER, {
    aliases: ["slave-announce-port"],
  }),
  bool("repl-diskless-sync", "yes", LATER, { flags: DEBUG }),
  number("repl-diskless-sync-delay", 5n, 0n, INT_MAX, "seconds", LATER),
  number("repl-diskless-sync-max-replicas", 0n, 0n, INT_MAX, "count", LATER),
  oneOf(
    "repl-diskless-load",
    ["disabled", "on-empty-db", "swapdb", "flush-before-load"],
    "disabled",
    LATER,
    { flags: DEBUG | DENY_LOADING },
  ),
  bool("dual-channel-replication-enabled", "no", LATER, { flags: DEBUG }),
  number("repl-ping-replica-period", 10n, 1n, INT_MAX, "seconds", LATER, {
    aliases: ["repl-ping-slave-period"],
  }),
  number("repl-timeout", 60n, 1n, INT_MAX, "seconds", LATER),
  bool("repl-disable-tcp-nodelay", "no", LATER),
  memory("repl-backlog-size", 10n * MIB, 1n, LONG_MAX, LATER),
  number("repl-backlog-ttl", 3600n, 0n, LONG_MAX, "seconds", LATER),
  oneOf("propagation-error-behavior", ["ignore", "panic", "panic-on-replicas"], "ignore", LATER),
  bool("repl-mptcp", "no", pending("MPTCP is not supported on this platform"), {
    flags: IMMUTABLE,
  }),
];
