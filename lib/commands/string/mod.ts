// string: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { GET_COMMANDS } from "./get.ts";

export const STRING_COMMANDS: readonly CommandSpec[] = [
  ...GET_COMMANDS,
];
