// directives_limits.ts: limits of requests and clients, the command log, latency, keyspace events.

import {
  accepted,
  bool,
  BUILT,
  DEBUG,
  type Directive,
  GIB,
  HIDDEN,
  IMMUTABLE,
  INT_MAX,
  LONG_MAX,
  memory,
  MIB,
  MULTI_ARG,
  number,
  PROTECTED,
  special,
} from "./directive.ts";

export const LIMITS: readonly Directive[] = [
  number("databases", 16n, 1n, INT_MAX, "count", BUILT, { flags: IMMUTABLE }),
  memory("proto-max-bulk-len", 512n * MIB, MIB, LONG_MAX, BUILT, { flags: DEBUG }),
  memory("client-query-buffer-limit", GIB, MIB, LONG_MAX, BUILT, { flags: DEBUG, unsigned: true }),
  special(
    "client-output-buffer-limit",
    "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
    BUILT,
    { flags: MULTI_ARG },
  ),
  number(
    "tracking-table-max-keys",
    1000000n,
    0n,
    LONG_MAX,
    "count",
    BUILT,
    { unsigned: true },
  ),
  special("notify-keyspace-events", "", BUILT),
  number(
    "busy-reply-threshold",
    5000n,
    0n,
    LONG_MAX,
    "milliseconds",
    accepted("scripts are not built yet"),
    { aliases: ["lua-time-limit"] },
  ),
  bool("lua-enable-insecure-api", "no", accepted("scripts are not built yet"), {
    aliases: ["lua-enable-deprecated-api"],
    flags: HIDDEN | PROTECTED,
  }),
  number("commandlog-execution-slower-than", 10000n, -1n, LONG_MAX, "microseconds", BUILT, {
    aliases: ["slowlog-log-slower-than"],
  }),
  number("commandlog-slow-execution-max-len", 128n, 0n, LONG_MAX, "count", BUILT, {
    aliases: ["slowlog-max-len"],
    unsigned: true,
  }),
  number("commandlog-request-larger-than", MIB, -1n, LONG_MAX, "bytes", BUILT),
  number("commandlog-large-request-max-len", 128n, 0n, LONG_MAX, "count", BUILT, {
    unsigned: true,
  }),
  number("commandlog-reply-larger-than", MIB, -1n, LONG_MAX, "bytes", BUILT),
  number("commandlog-large-reply-max-len", 128n, 0n, LONG_MAX, "count", BUILT, { unsigned: true }),
  number("latency-monitor-threshold", 0n, 0n, LONG_MAX, "milliseconds", BUILT),
  bool("latency-tracking", "yes", BUILT),
  special("latency-tracking-info-percentiles", "50 99 99.9", BUILT, { flags: MULTI_ARG }),
];
