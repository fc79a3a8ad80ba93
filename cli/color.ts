// color.ts: whether to use colours.

import type { Io } from "./io.ts";

/** True on a terminal that can show colours, unless the user does not want any. */
export function wantsColor(io: Io): boolean {
  const { NO_COLOR, TERM } = io.variables;
  return io.stdoutIsTty && !NO_COLOR && TERM !== undefined && TERM !== "" && TERM !== "dumb";
}
