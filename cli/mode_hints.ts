// mode_hints.ts: hints without a terminal: for one input, or checked against a file of inputs and
// the hints they must give. Each line of the file is an input and a hint, both quoted.

import { readFileSync } from "node:fs";
import { textOf, utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { hintForLine } from "./line_hints.ts";
import { loadHelpTable } from "./help_table.ts";
import { systemText } from "./io.ts";
import { splitWords } from "./words.ts";

const EXIT_UNREADABLE = 255;

/** --test_hint. */
export async function testHint(client: Client): Promise<number> {
  const table = await loadHelpTable(client);
  const hint = hintForLine(table, utf8(client.options.hintInput));
  client.io.print(`${hint ?? "(null)"}\n`);
  return 0;
}

/** --test_hint_file: the exit code is the number of hints that differ. */
export async function testHintFile(client: Client): Promise<number> {
  const { io, options } = client;
  let text: string;
  try {
    text = readFileSync(options.hintFile, "utf8");
  } catch (error) {
    io.err(`Can't open file '${options.hintFile}': ${systemText(error)}\n`);
    return EXIT_UNREADABLE;
  }
  const table = await loadHelpTable(client);
  let passed = 0;
  let failed = 0;
  for (const line of text.split("\n")) {
    const words = line.startsWith("#") ? [] : (splitWords(utf8(line)) ?? []).map(textOf);
    if (words.length === 0) continue;
    const [input, expected] = words;
    if (expected === undefined) {
      io.err(`Missing expected hint for input '${input}'\n`);
      return EXIT_UNREADABLE;
    }
    const hint = hintForLine(table, utf8(input));
    if (options.verbose) {
      io.print(`Input: '${input}', Expected: '${expected}', Hint: '${hint}'\n`);
    }
    if (hint?.trimEnd() === expected) {
      passed++;
    } else {
      failed++;
      io.err(`Test case '${input}' FAILED: expected '${expected}', got '${hint}'\n`);
    }
  }
  const verdict = failed === 0 ? "SUCCESS" : "FAILURE";
  io.print(`${verdict}: ${passed}/${passed + failed} passed\n`);
  return failed;
}
