// tools.ts: the small programs beside the server, by name.

import { checkAofMain } from "./check_aof.ts";
import { checkRdbMain } from "./check_rdb.ts";
import { textOf } from "./config_host.ts";
import { processToolIo } from "./tool_io.ts";

/** The tools there are. */
export type ToolName = "check-rdb" | "check-aof";

/** Runs a tool: its name, the name it was called by, the words of its command line. Returns the exit code. */
export function toolMain(name: ToolName, calledAs: string, args: readonly string[]): number {
  const words = args.map(textOf);
  switch (name) {
    case "check-rdb":
      return checkRdbMain(calledAs, words, processToolIo);
    case "check-aof":
      return checkAofMain(calledAs, words, processToolIo);
  }
}
