// The geo family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const GEO_COMMANDS: readonly CommandSpec[] = [];
