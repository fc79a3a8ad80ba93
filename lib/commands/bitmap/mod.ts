// bitmap: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";

export const BITMAP_COMMANDS: readonly CommandSpec[] = [];
