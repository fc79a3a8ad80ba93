// directives_memory.ts: the limit of memory, eviction, expiry and what frees memory.

import { hashSeed } from "./checks.ts";
import {
  accepted,
  bool,
  BUILT,
  DEBUG,
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
  special,
  ULONG_MAX,
} from "./directive.ts";

const NO_BACKGROUND = accepted("memory is freed at once, there is no background thread");
const NO_FIELDS = accepted("slices are limited by time, not by fields");
const NO_KERNEL = accepted("the server does not change settings of the operating system");

export const MEMORY: readonly Directive[] = [
  memory("maxmemory", 0n, 0n, ULONG_MAX, BUILT, {
    unsigned: true,
  }),
  oneOf(
    "maxmemory-policy",
    [
      "volatile-lru",
      "volatile-lfu",
      "volatile-random",
      "volatile-ttl",
      "allkeys-lru",
      "allkeys-lfu",
      "allkeys-random",
      "noeviction",
    ],
    "noeviction",
    BUILT,
  ),
  number("maxmemory-samples", 5n, 1n, 64n, "count", BUILT),
  number("maxmemory-eviction-tenacity", 10n, 0n, 100n, "factor", BUILT),
  number(
    "maxmemory-clients",
    0n,
    -100n,
    LONG_MAX,
    "bytes-or-percent",
    BUILT,
    { format: "memory-percent" },
  ),
  number("lfu-log-factor", 10n, 0n, INT_MAX, "factor", BUILT),
  number("lfu-decay-time", 1n, 0n, INT_MAX, "minutes", BUILT),
  number("active-expire-effort", 1n, 1n, 10n, "factor", accepted("active expiry has one speed")),
  bool("lazyfree-lazy-eviction", "yes", BUILT, { flags: DEBUG }),
  bool("lazyfree-lazy-expire", "yes", BUILT, { flags: DEBUG }),
  bool("lazyfree-lazy-server-del", "yes", BUILT, { flags: DEBUG }),
  bool("lazyfree-lazy-user-del", "yes", BUILT, { flags: DEBUG }),
  bool("lazyfree-lazy-user-flush", "yes", BUILT, { flags: DEBUG }),
  bool("activerehashing", "yes", accepted("tables always rehash step by step")),
  optionalText("hash-seed", accepted("the seed is random at each start"), {
    flags: IMMUTABLE,
    check: hashSeed,
    binary: true,
  }),
  bool("activedefrag", "no", BUILT, { flags: DEBUG }),
  number("active-defrag-cycle-min", 1n, 1n, 99n, "percent", BUILT),
  number("active-defrag-cycle-max", 25n, 1n, 99n, "percent", BUILT),
  number("active-defrag-cycle-us", 500n, 0n, 100000n, "microseconds", BUILT),
  number("active-defrag-threshold-lower", 10n, 0n, 1000n, "percent", BUILT),
  number("active-defrag-threshold-upper", 100n, 0n, 1000n, "percent", BUILT),
  memory("active-defrag-ignore-bytes", 100n * MIB, 1n, LONG_MAX, BUILT, { unsigned: true }),
  number("active-defrag-max-scan-fields", 1000n, 1n, LONG_MAX, "count", NO_FIELDS, {
    unsigned: true,
  }),
  bool("jemalloc-bg-thread", "yes", NO_BACKGROUND),
  bool("disable-thp", "yes", NO_KERNEL, { flags: IMMUTABLE }),
  oneOf("oom-score-adj", ["no", "yes", "relative", "absolute"], "no", NO_KERNEL, {
    synonyms: { relative: "yes" },
  }),
  special("oom-score-adj-values", "0 200 800", NO_KERNEL, { flags: MULTI_ARG }),
  bool("import-mode", "no", BUILT, { flags: DEBUG }),
];
