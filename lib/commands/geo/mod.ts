// The geo family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { ADD_COMMANDS } from "./add.ts";
import { READ_COMMANDS } from "./read.ts";
import { SEARCH_COMMANDS } from "./search.ts";

export const GEO_COMMANDS: readonly CommandSpec[] = [
  ...ADD_COMMANDS,
  ...READ_COMMANDS,
  ...SEARCH_COMMANDS,
];
