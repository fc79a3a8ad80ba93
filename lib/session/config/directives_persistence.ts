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
  pending,
  PROTECTED,
  special,
  text,
} from "./directive.ts";

const NO_RDB = accepted("snapshots are not built yet");
const NO_AOF = accepted("the append-only file is not built yet");
const ON_SIGNAL = accepted("the server stops without saving or waiting for replicas");

export const PERSISTENCE: readonly Directive[] = [
  special("dir", "", BUILT, { flags: PROTECTED | DENY_LOADING }),
  text("dbfilename", "dump.rdb", NO_RDB, {
    flags: PROTECTED,
    check: baseName("dbfilename", "filename"),
  }),
  special(
    "save",
    "3600 1 300 100 60 10000",
    accepted("snapshots are not built yet: nothing is saved at these points"),
    { flags: MULTI_ARG },
  ),
  bool("rdbcompression", "yes", NO_RDB),
  bool("rdbchecksum", "yes", NO_RDB, { flags: IMMUTABLE }),
  bool("rdb-del-sync-files", "no", NO_RDB),
  bool("rdb-save-incremental-fsync", "yes", NO_RDB),
  oneOf("rdb-version-check", ["strict", "relaxed"], "strict", NO_RDB),
  number("rdb-key-save-delay", 0n, INT_MIN, INT_MAX, "microseconds", NO_RDB, { flags: HIDDEN }),
  number("key-load-delay", 0n, INT_MIN, INT_MAX, "microseconds", NO_RDB, { flags: HIDDEN }),
  number("loading-process-events-interval-bytes", 2n * MIB, 1024n, INT_MAX, "bytes", NO_RDB, {
    flags: HIDDEN,
  }),
  oneOf(
    "sanitize-dump-payload",
    ["no", "yes", "clients"],
    "no",
    accepted("payloads are always checked"),
    { flags: DEBUG },
  ),
  bool("stop-writes-on-bgsave-error", "yes", NO_RDB),
  optionalText("bgsave-cpulist", NO_RDB, { aliases: ["bgsave_cpulist"], flags: IMMUTABLE }),
  bool(
    "appendonly",
    "no",
    pending("The append-only file is not built yet, so nothing would be kept"),
    { flags: DENY_LOADING },
  ),
  oneOf(
    "appendfsync",
    ["everysec", "always", "no"],
    "everysec",
    pending("The append-only file is not built yet, so there is nothing to sync"),
  ),
  text("appendfilename", "appendonly.aof", NO_AOF, {
    flags: IMMUTABLE,
    check: baseName("appendfilename", "filename"),
  }),
  text("appenddirname", "appendonlydir", NO_AOF, {
    flags: IMMUTABLE,
    check: baseName("appenddirname", "dirname"),
  }),
  bool("no-appendfsync-on-rewrite", "no", NO_AOF),
  number("auto-aof-rewrite-percentage", 100n, 0n, INT_MAX, "percent", NO_AOF),
  memory("auto-aof-rewrite-min-size", 64n * MIB, 0n, LONG_MAX, NO_AOF),
  bool("aof-load-truncated", "yes", NO_AOF),
  bool("aof-use-rdb-preamble", "yes", NO_AOF),
  bool("aof-timestamp-enabled", "no", NO_AOF),
  bool("aof-rewrite-incremental-fsync", "yes", NO_AOF),
  optionalText("aof-rewrite-cpulist", NO_AOF, {
    aliases: ["aof_rewrite_cpulist"],
    flags: IMMUTABLE,
  }),
  bool("aof-disable-auto-gc", "no", NO_AOF, { flags: HIDDEN }),
  number("shutdown-timeout", 10n, 0n, INT_MAX, "seconds", ON_SIGNAL),
  oneOf(
    "shutdown-on-sigint",
    ["default", "save", "nosave", "now", "force", "safe", "failover"],
    "default",
    ON_SIGNAL,
    { flags: MULTI_ARG, check: saveOrNot },
  ),
  oneOf(
    "shutdown-on-sigterm",
    ["default", "save", "nosave", "now", "force", "safe", "failover"],
    "default",
    ON_SIGNAL,
    { flags: MULTI_ARG, check: saveOrNot },
  ),
];
