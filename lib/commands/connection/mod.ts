// connection: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [];
