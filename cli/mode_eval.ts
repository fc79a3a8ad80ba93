// mode_eval.ts: a script from a file, with the words before a lone comma as keys.

import { readFileSync } from "node:fs";
import { textOf, utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { systemText } from "./io.ts";

/** Sends EVAL with the text of the file named by --eval. */
export async function runEval(client: Client, words: Uint8Array[]): Promise<number> {
  const { options, io } = client;
  if (options.debugScript) {
    io.err("--ldb: the script debugger is not built yet.\n");
    return 1;
  }
  if (!await client.connect()) return 1;
  let script: Uint8Array;
  try {
    script = readFileSync(options.evalFile ?? "");
  } catch (error) {
    io.err(`Can't open file '${options.evalFile}': ${systemText(error)}\n`);
    return 1;
  }
  const comma = words.findIndex((word) => textOf(word) === ",");
  const keys = comma < 0 ? words : words.slice(0, comma);
  const rest = comma < 0 ? [] : words.slice(comma + 1);
  const command = [utf8("EVAL"), script, utf8(String(keys.length)), ...keys, ...rest];
  return await client.issue(command, options.repeat) ? 0 : 1;
}
