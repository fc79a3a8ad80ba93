// directives_persistence.ts: snapshots, the append-only file, the working directory, the end of
// the server.

import { baseName, saveOrNot } from "./checks.ts";
import {
  accepted,
  bool,
  BUILT,
  DEBUG,
  DENY_LOADING,
  type Directive,
  HIDDEN,
  IMMUTABLE,
  INT_MAX,
  INT_MIN,
  LONG_MAX,
  memory,
  MIB,
  MULTI_ARG,
  number,
  oneOf,
  optionalText,
  PROTECTED,
  special,
  text,
} from "./directive.ts";

const NO_RDB = accepted("it does nothing to snapshots yet");
const NO_AOF = accepted("it does nothing to the append-only file");

export const PERSISTENCE: readonly Directive[] = [
  special("dir", "", BUILT, { flags: PROTECTED | DENY_LOADING }),
  text("dbfilename", "dump.rdb", BUILT, {
    flags: PROTECTED,
    check: baseName("dbfilename", "filename"),
  }),
  special(
    "save",
    "3600 1 300 100 60 10000",
    BUILT,
    { flags: MULTI_ARG },
  ),
  bool("rdbcompression", "yes", BUILT),
  bool("rdbchecksum", "yes", BUILT, { flags: IMMUTABLE }),
  bool("rdb-del-sync-files", "no", NO_RDB),
  bool("rdb-save-incremental-fsync", "yes", NO_RDB),
  oneOf("rdb-version-check", ["strict", "relaxed"], "strict", BUILT),
  number("rdb-key-save-delay", 0n, INT_MIN, INT_MAX, "microseconds", BUILT, { flags: HIDDEN }),
  number("key-load-delay", 0n, INT_MIN, INT_MAX, "microseconds", BUILT, { flags: HIDDEN }),
  number("loading-process-events-interval-bytes", 2n * MIB, 1024n, INT_MAX, "bytes", BUILT, {
    flags: HIDDEN,
  }),
  oneOf(
    "sanitize-dump-payload",
    ["no", "yes", "clients"],
    "no",
    accepted("payloads are always checked"),
    { flags: DEBUG },
  ),
  bool("stop-writes-on-bgsave-error", "yes", BUILT),
  optionalText("bgsave-cpulist", NO_RDB, { aliases: ["bgsave_cpulist"], flags: IMMUTABLE }),
  bool("appendonly", "no", BUILT, { flags: DENY_LOADING }),
  oneOf("appendfsync", ["everysec", "always", "no"], "everysec", BUILT),
  text("appendfilename", "appendonly.aof", BUILT, {
    flags: IMMUTABLE,
    check: baseName("appendfilename", "filename"),
  }),
  text("appenddirname", "appendonlydir", BUILT, {
    flags: IMMUTABLE,
    check: baseName("appenddirname", "dirname"),
  }),
  bool("no-appendfsync-on-rewrite", "no", BUILT),
  number("auto-aof-rewrite-percentage", 100n, 0n, INT_MAX, "percent", BUILT),
  memory("auto-aof-rewrite-min-size", 64n * MIB, 0n, LONG_MAX, BUILT),
  bool("aof-load-truncated", "yes", BUILT),
  bool("aof-use-rdb-preamble", "yes", BUILT),
  bool("aof-timestamp-enabled", "no", BUILT),
  oneOf("sigrun-aof-checksum", ["no", "yes", "ignore"], "no", BUILT, { flags: HIDDEN }),
  bool("aof-rewrite-incremental-fsync", "yes", NO_AOF),
  optionalText("aof-rewrite-cpulist", NO_AOF, {
    aliases: ["aof_rewrite_cpulist"],
    flags: IMMUTABLE,
  }),
  bool("aof-disable-auto-gc", "no", BUILT, { flags: HIDDEN }),
  number("shutdown-timeout", 10n, 0n, INT_MAX, "seconds", BUILT),
  oneOf(
    "shutdown-on-sigint",
    ["default", "save", "nosave", "now", "force", "safe", "failover"],
    "default",
    BUILT,
    { flags: MULTI_ARG, check: saveOrNot },
  ),
  oneOf(
    "shutdown-on-sigterm",
    ["default", "save", "nosave", "now", "force", "safe", "failover"],
    "default",
    BUILT,
    { flags: MULTI_ARG, check: saveOrNot },
  ),
];
