// string: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { GET_COMMANDS } from "./get.ts";
import { INCR_COMMANDS } from "./incr.ts";
import { INCR_FLOAT_COMMANDS } from "./incr_float.ts";
import { LCS_COMMANDS } from "./lcs.ts";
import { MULTI_COMMANDS } from "./multi.ts";
import { RANGE_COMMANDS } from "./range.ts";
import { SET_COMMANDS } from "./set.ts";
import { TAKE_COMMANDS } from "./take.ts";

export const STRING_COMMANDS: readonly CommandSpec[] = [
  ...GET_COMMANDS,
  ...SET_COMMANDS,
  ...TAKE_COMMANDS,
  ...MULTI_COMMANDS,
  ...INCR_COMMANDS,
  ...INCR_FLOAT_COMMANDS,
  ...RANGE_COMMANDS,
  ...LCS_COMMANDS,
];
