// The corpus of invocations, each run by the client under test and by a valkey-cli; output, errors
// and exit codes must be the same bytes. Needs SIGRUN_REFERENCE_CLI.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import { corpus, type Invocation } from "./cli_corpus.ts";
import { type Outcome, referenceCli, runCli } from "./cli_kit.ts";

test("the client prints what valkey-cli prints", async () => {
  const reference = referenceCli();
  if (reference === null) return skipped("SIGRUN_REFERENCE_CLI names no valkey-cli");
  const server = await startServer({ args: ["--unixsocket", "SOCKET"] });
  writeFileSync(join(server.dir, "SCRIPT"), "return {KEYS, ARGV}");
  writeFileSync(join(server.dir, "BROKEN"), "this is no script");
  const differences: string[] = [];
  const rows = corpus();
  try {
    for (const row of rows) {
      const place = (word: string) =>
        word.replaceAll("PORT", String(server.port))
          .replaceAll(/^(SOCKET|SCRIPT|BROKEN)$/g, (name) => join(server.dir, name));
      const expected = await run(row, place, server.port, reference);
      const got = await run(row, place, server.port, undefined);
      if (!same(row, expected, got)) differences.push(describe(row, expected, got));
    }
  } finally {
    await server.stop();
  }
  console.log(`${rows.length} invocations, ${differences.length} differences`);
  assert.deepEqual(differences.join("\n"), "");
});

function run(
  row: Invocation,
  place: (word: string) => string,
  port: number,
  program: string | undefined,
): Promise<Outcome> {
  const address = row.bare ? [] : ["-p", String(port)];
  return runCli([...address, ...row.args.map(place)], {
    stdin: place(row.stdin ?? ""),
    env: row.env ?? {},
    program,
  });
}

/** The number of a connection differs by nature. */
function steady(text: string, unordered: boolean | undefined): string {
  const plain = text.replaceAll(/(\bid\b\W+(?:\d+\) )?(?:\(integer\) )?)\d+/g, "$1N");
  return unordered ? plain.split("\n").sort().join("\n") : plain;
}

function same(row: Invocation, expected: Outcome, got: Outcome): boolean {
  return steady(expected.stdout, row.unordered) === steady(got.stdout, row.unordered) &&
    expected.stderr === got.stderr && expected.code === got.code;
}

function describe(row: Invocation, expected: Outcome, got: Outcome): string {
  return `${JSON.stringify(row)}\n  expected ${JSON.stringify(expected)}\n  got      ${
    JSON.stringify(got)
  }`;
}
