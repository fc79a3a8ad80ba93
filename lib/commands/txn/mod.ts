// txn: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";

export const TRANSACTION_COMMANDS: readonly CommandSpec[] = [];
