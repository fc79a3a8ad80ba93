// The zset family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const ZSET_COMMANDS: readonly CommandSpec[] = [];
