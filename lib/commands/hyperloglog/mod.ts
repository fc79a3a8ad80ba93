// The hyperloglog family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { HLL_DEBUG_COMMANDS } from "./debug.ts";
import { PF_COMMANDS } from "./pf.ts";

export const HYPERLOGLOG_COMMANDS: readonly CommandSpec[] = [
  ...PF_COMMANDS,
  ...HLL_DEBUG_COMMANDS,
];
