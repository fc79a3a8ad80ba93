// connection: the cohorts of this family, one line each.

import type { CommandSpec } from "../spec.ts";
import { BASIC_COMMANDS } from "./basic.ts";
import { CLIENT_COMMANDS } from "./client.ts";
import { CLIENT_CONTROL_COMMANDS } from "./client_control.ts";
import { HELLO_COMMANDS } from "./hello.ts";
import { READ_MODE_COMMANDS } from "./read_mode.ts";
import { TRACKING_COMMANDS } from "./tracking.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [
  ...BASIC_COMMANDS,
  ...HELLO_COMMANDS,
  ...CLIENT_COMMANDS,
  ...CLIENT_CONTROL_COMMANDS,
  ...READ_MODE_COMMANDS,
  ...TRACKING_COMMANDS,
];
