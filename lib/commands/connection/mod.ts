// connection: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { BASIC_COMMANDS } from "./basic.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [
  ...BASIC_COMMANDS,
];
