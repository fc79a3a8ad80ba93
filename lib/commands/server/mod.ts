// server: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";

export const SERVER_COMMANDS: readonly CommandSpec[] = [];
