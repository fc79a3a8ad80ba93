// key: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";

export const KEY_COMMANDS: readonly CommandSpec[] = [];
