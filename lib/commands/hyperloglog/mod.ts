// The hyperloglog family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const HYPERLOGLOG_COMMANDS: readonly CommandSpec[] = [];
