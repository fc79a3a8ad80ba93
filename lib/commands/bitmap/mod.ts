// bitmap: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { BIT_COMMANDS } from "./bit.ts";
import { BITFIELD_COMMANDS } from "./bitfield.ts";
import { BITOP_COMMANDS } from "./bitop.ts";
import { SCAN_COMMANDS } from "./scan.ts";

export const BITMAP_COMMANDS: readonly CommandSpec[] = [
  ...BIT_COMMANDS,
  ...SCAN_COMMANDS,
  ...BITOP_COMMANDS,
  ...BITFIELD_COMMANDS,
];
