// The stream family: one line a cohort.

import type { CommandSpec } from "../spec.ts";
import { ADD_COMMANDS } from "./add.ts";
import { CLAIM_COMMANDS } from "./claim.ts";
import { GROUP_COMMANDS } from "./group.ts";
import { INFO_COMMANDS } from "./info.ts";
import { PENDING_COMMANDS } from "./pending.ts";
import { RANGE_COMMANDS } from "./range.ts";
import { READ_COMMANDS } from "./read.ts";

export const STREAM_COMMANDS: readonly CommandSpec[] = [
  ...ADD_COMMANDS,
  ...RANGE_COMMANDS,
  ...READ_COMMANDS,
  ...GROUP_COMMANDS,
  ...PENDING_COMMANDS,
  ...CLAIM_COMMANDS,
  ...INFO_COMMANDS,
];
