// directives_cluster.ts: cluster mode.

import { hostName, ipV4, ipV6, nodeName, notEmpty } from "./checks.ts";
import {
  accepted,
  bool,
  BUILT,
  type Directive,
  HIDDEN,
  IMMUTABLE,
  INT_MAX,
  LONG_MAX,
  memory,
  number,
  oneOf,
  optionalText,
  pending,
  PORT_MAX,
  text,
  ULONG_MAX,
} from "./directive.ts";

const LATER = accepted("cluster mode is not built yet");

export const CLUSTER: readonly Directive[] = [
  bool("cluster-enabled", "no", pending("Cluster mode is not built yet"), { flags: IMMUTABLE }),
  bool("cluster-allow-pubsubshard-when-down", "yes", LATER),
  bool("cluster-allow-reads-when-down", "no", LATER),
  bool("cluster-allow-replica-migration", "yes", LATER),
  number("cluster-announce-bus-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  optionalText("cluster-announce-client-ipv4", LATER, { check: ipV4 }),
  optionalText("cluster-announce-client-ipv6", LATER, { check: ipV6 }),
  number("cluster-announce-client-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  number("cluster-announce-client-tls-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  optionalText("cluster-announce-hostname", LATER, { check: hostName }),
  optionalText("cluster-announce-human-nodename", LATER, { check: nodeName }),
  optionalText("cluster-announce-ip", LATER),
  number("cluster-announce-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  number("cluster-announce-tls-port", 0n, 0n, PORT_MAX, "tcp-port", LATER),
  number("cluster-blacklist-ttl", 60n, 0n, ULONG_MAX, "seconds", LATER, { unsigned: true }),
  text("cluster-config-file", "nodes.conf", LATER, {
    flags: IMMUTABLE,
    check: notEmpty("cluster-config-file"),
  }),
  oneOf("cluster-config-save-behavior", ["sync", "best-effort"], "sync", LATER),
  number("cluster-databases", 1n, 1n, INT_MAX, "count", LATER, { flags: IMMUTABLE }),
  memory("cluster-link-sendbuf-limit", 0n, 0n, ULONG_MAX, LATER, { unsigned: true }),
  number("cluster-manual-failover-timeout", 5000n, 1n, INT_MAX, "milliseconds", LATER),
  number("cluster-message-gossip-perc", 10n, 1n, 100n, "percent", LATER, { flags: HIDDEN }),
  number("cluster-migration-barrier", 1n, 0n, INT_MAX, "count", LATER),
  number("cluster-node-timeout", 15000n, 0n, LONG_MAX, "milliseconds", LATER),
  number("cluster-ping-interval", 0n, 0n, LONG_MAX, "milliseconds", LATER, { flags: HIDDEN }),
  number("cluster-port", 0n, 0n, PORT_MAX, "tcp-port", LATER, { flags: IMMUTABLE }),
  oneOf("cluster-preferred-endpoint-type", ["ip", "hostname", "unknown-endpoint"], "ip", LATER),
  bool("cluster-replica-no-failover", "no", LATER, { aliases: ["cluster-slave-no-failover"] }),
  number("cluster-replica-validity-factor", 10n, 0n, INT_MAX, "factor", LATER, {
    aliases: ["cluster-slave-validity-factor"],
  }),
  bool("cluster-require-full-coverage", "yes", LATER),
  number("cluster-slot-migration-log-max-len", 1000n, 0n, LONG_MAX, "count", LATER, {
    unsigned: true,
  }),
  bool("cluster-slot-stats-enabled", "no", LATER),
  number("slot-migration-max-failover-repl-bytes", 0n, -1n, LONG_MAX, "bytes", LATER, {
    format: "signed-memory",
  }),
  text("availability-zone", "", BUILT, { binary: true }),
];
