// string: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { GET_COMMANDS } from "./get.ts";
import { INCR_COMMANDS } from "./incr.ts";
import { MULTI_COMMANDS } from "./multi.ts";
import { SET_COMMANDS } from "./set.ts";

export const STRING_COMMANDS: readonly CommandSpec[] = [
  ...GET_COMMANDS,
  ...SET_COMMANDS,
  ...INCR_COMMANDS,
  ...MULTI_COMMANDS,
];
