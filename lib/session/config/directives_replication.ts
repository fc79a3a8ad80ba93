// directives_replication.ts: primaries and replicas.

import {
  accepted,
  bool,
  BUILT,
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

const LATER = accepted("there is no cluster and no sentinel that would ask");

export const REPLICATION: readonly Directive[] = [
  special("replicaof", "", BUILT, {
    aliases: ["slaveof"],
    flags: IMMUTABLE | MULTI_ARG,
  }),
  number(
    "min-replicas-to-write",
    0n,
    0n,
    INT_MAX,
    "count",
    BUILT,
    { aliases: ["min-slaves-to-write"] },
  ),
  number("min-replicas-max-lag", 10n, 0n, INT_MAX, "seconds", BUILT, {
    aliases: ["min-slaves-max-lag"],
  }),
  optionalText("primaryauth", BUILT, { aliases: ["masterauth"], flags: SENSITIVE, binary: true }),
  optionalText("primaryuser", BUILT, { aliases: ["masteruser"], flags: SENSITIVE }),
  bool("replica-serve-stale-data", "yes", BUILT, { aliases: ["slave-serve-stale-data"] }),
  bool("replica-read-only", "yes", BUILT, { aliases: ["slave-read-only"], flags: DEBUG }),
  bool("replica-ignore-maxmemory", "yes", BUILT, { aliases: ["slave-ignore-maxmemory"] }),
  bool("replica-ignore-disk-write-errors", "no", BUILT),
  bool("replica-lazy-flush", "yes", BUILT, { aliases: ["slave-lazy-flush"] }),
  number("replica-priority", 100n, 0n, INT_MAX, "factor", LATER, { aliases: ["slave-priority"] }),
  bool("replica-announced", "yes", LATER),
  optionalText("replica-announce-ip", BUILT, { aliases: ["slave-announce-ip"] }),
  number("replica-announce-port", 0n, 0n, PORT_MAX, "tcp-port", BUILT, {
    aliases: ["slave-announce-port"],
  }),
  bool("repl-diskless-sync", "yes", BUILT, { flags: DEBUG }),
  number("repl-diskless-sync-delay", 5n, 0n, INT_MAX, "seconds", BUILT),
  number("repl-diskless-sync-max-replicas", 0n, 0n, INT_MAX, "count", BUILT),
  oneOf(
    "repl-diskless-load",
    ["disabled", "on-empty-db", "swapdb", "flush-before-load"],
    "disabled",
    BUILT,
    { flags: DEBUG | DENY_LOADING },
  ),
  bool(
    "dual-channel-replication-enabled",
    "no",
    accepted("snapshot and stream share one connection"),
    { flags: DEBUG },
  ),
  number("repl-ping-replica-period", 10n, 1n, INT_MAX, "seconds", BUILT, {
    aliases: ["repl-ping-slave-period"],
  }),
  number("repl-timeout", 60n, 1n, INT_MAX, "seconds", BUILT),
  bool("repl-disable-tcp-nodelay", "no", accepted("small packets are never held back")),
  memory("repl-backlog-size", 10n * MIB, 1n, LONG_MAX, BUILT),
  number("repl-backlog-ttl", 3600n, 0n, LONG_MAX, "seconds", BUILT),
  oneOf(
    "propagation-error-behavior",
    ["ignore", "panic", "panic-on-replicas"],
    "ignore",
    accepted("only errors of a primary's stream are looked at, not those of an append-only file"),
  ),
  bool("repl-mptcp", "no", pending("MPTCP is not supported on this platform"), {
    flags: IMMUTABLE,
  }),
];
