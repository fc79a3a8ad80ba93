// connection: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { BASIC_COMMANDS } from "./basic.ts";
import { HELLO_COMMANDS } from "./hello.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [
  ...BASIC_COMMANDS,
  ...HELLO_COMMANDS,
];
