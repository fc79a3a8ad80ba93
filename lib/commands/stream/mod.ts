// The stream family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const STREAM_COMMANDS: readonly CommandSpec[] = [];
