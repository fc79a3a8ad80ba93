// debug_subcommand.ts: the shape of an entry in the table of DEBUG.

import type { Ctx } from "../context.ts";

/** One subcommand of DEBUG. */
export interface DebugSubcommand {
  /** Upper case. */
  name: string;
  /** Its arguments, for HELP. */
  usage?: string;
  /** Explanation for HELP, each line indented by four blanks; without one HELP is silent about it. */
  help?: readonly string[];
  /** Least and greatest number of words, DEBUG and the name included. */
  least: number;
  most: number;
  run: (ctx: Ctx) => void;
}
