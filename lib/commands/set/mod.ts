// The set family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { COMBINE_COMMANDS } from "./combine.ts";
import { MEMBERS_COMMANDS } from "./members.ts";
import { RANDOM_COMMANDS } from "./random.ts";
import { WALK_COMMANDS } from "./walk.ts";

export const SET_COMMANDS: readonly CommandSpec[] = [
  ...MEMBERS_COMMANDS,
  ...WALK_COMMANDS,
  ...RANDOM_COMMANDS,
  ...COMBINE_COMMANDS,
];
