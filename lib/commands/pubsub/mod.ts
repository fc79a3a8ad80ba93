// The pubsub family: one line a cohort.

import type { CommandSpec } from "../spec.ts";

export const PUBSUB_COMMANDS: readonly CommandSpec[] = [];
