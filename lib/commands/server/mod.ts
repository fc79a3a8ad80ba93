// server: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { COMMAND_COMMANDS } from "./command.ts";
import { COMMAND_LOG_COMMANDS } from "./command_log.ts";
import { CONFIG_COMMANDS } from "./config.ts";
import { DEBUG_COMMANDS } from "./debug.ts";
import { FAILOVER_COMMANDS } from "./failover.ts";
import { INFO_COMMANDS } from "./info.ts";
import { LATENCY_COMMANDS } from "./latency.ts";
import { LOLWUT_COMMANDS } from "./lolwut.ts";
import { MONITOR_COMMANDS } from "./monitor.ts";
import { SHUTDOWN_COMMANDS } from "./shutdown.ts";
import { SAVE_COMMANDS } from "./save.ts";
import { REPLICATION_COMMANDS } from "./replication.ts";
import { MEMORY_COMMANDS } from "./memory.ts";
import { TIME_COMMANDS } from "./time.ts";

export const SERVER_COMMANDS: readonly CommandSpec[] = [
  ...COMMAND_COMMANDS,
  ...COMMAND_LOG_COMMANDS,
  ...CONFIG_COMMANDS,
  ...DEBUG_COMMANDS,
  ...FAILOVER_COMMANDS,
  ...INFO_COMMANDS,
  ...LATENCY_COMMANDS,
  ...LOLWUT_COMMANDS,
  ...MONITOR_COMMANDS,
  ...SHUTDOWN_COMMANDS,
  ...SAVE_COMMANDS,
  ...REPLICATION_COMMANDS,
  ...MEMORY_COMMANDS,
  ...TIME_COMMANDS,
];
