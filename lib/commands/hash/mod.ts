// The hash family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const HASH_COMMANDS: readonly CommandSpec[] = [];
