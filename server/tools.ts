// tools.ts: the small programs beside the server, by name.

import { checkRdbMain } from "./check_rdb.ts";
import { textOf } from "./config_host.ts";
import { processToolIo } from "./tool_io.ts";

/** Runs a tool: its name, the name it was called by, the words of its command line. Returns the exit code. */
export function toolMain(name: "check-rdb", calledAs: string, args: readonly string[]): number {
  const words = args.map(textOf);
  switch (name) {
    case "check-rdb":
      return checkRdbMain(calledAs, words, processToolIo);
  }
}
