// The list family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { EDIT_COMMANDS } from "./edit.ts";
import { MOVE_COMMANDS } from "./move.ts";
import { POP_COMMANDS } from "./pop.ts";
import { PUSH_COMMANDS } from "./push.ts";
import { READ_COMMANDS } from "./read.ts";

export const LIST_COMMANDS: readonly CommandSpec[] = [
  ...PUSH_COMMANDS,
  ...POP_COMMANDS,
  ...READ_COMMANDS,
  ...EDIT_COMMANDS,
  ...MOVE_COMMANDS,
];
