// txn: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { MULTI_COMMANDS } from "./transaction.ts";

export const TRANSACTION_COMMANDS: readonly CommandSpec[] = [
  ...MULTI_COMMANDS,
];
