// The list family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const LIST_COMMANDS: readonly CommandSpec[] = [];
