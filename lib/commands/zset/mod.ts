// zset: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { ADD_COMMANDS } from "./add.ts";
import { COMBINE_COMMANDS } from "./combine.ts";
import { POP_COMMANDS } from "./pop.ts";
import { RANDOM_COMMANDS } from "./random.ts";
import { RANGE_COMMANDS } from "./range.ts";
import { READ_COMMANDS } from "./read.ts";
import { REMOVE_COMMANDS } from "./remove.ts";
import { WALK_COMMANDS } from "./walk.ts";

export const ZSET_COMMANDS: readonly CommandSpec[] = [
  ...ADD_COMMANDS,
  ...READ_COMMANDS,
  ...REMOVE_COMMANDS,
  ...RANGE_COMMANDS,
  ...POP_COMMANDS,
  ...COMBINE_COMMANDS,
  ...RANDOM_COMMANDS,
  ...WALK_COMMANDS,
];
