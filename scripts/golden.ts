// golden.ts: replays the recorded conversations by hand and shows where answers differ.
//
//   deno run -A scripts/golden.ts                         in process
//   deno run -A scripts/golden.ts --at 127.0.0.1:6379     against a running server
//   ... --only zsets,lists     these families
//   ... --case zsets/zadd      cases whose name contains the text
//   ... --commands-known       only cases all of whose commands are in our table
//   ... --differences 20       how many differences to show for each family (5)
//   ... --folder PATH          where the recordings are (../shared/golden)
//
// The server under test must have been started with: --save "" --enable-debug-command yes.

import process from "node:process";
import { parseArgs } from "node:util";
import { ALL_COMMANDS } from "../lib/commands/table.ts";
import {
  commandsOf,
  type GoldenCase,
  type GoldenFailure,
  goldenFamilies,
  GoldenPlayer,
  loadGolden,
  referenceCommands,
} from "../tests/kit/golden.ts";
import { memoryTransport } from "../tests/kit/memory_transport.ts";
import { sharedPath } from "../tests/kit/shared.ts";
import { socketTransport } from "../tests/kit/socket_transport.ts";
import type { Transport } from "../tests/kit/transport.ts";

const TEXT_MAX = 300;

function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > TEXT_MAX ? `${quoted.slice(0, TEXT_MAX)}...` : quoted;
}

/** A difference as lines of text. */
export function formatFailure(failure: GoldenFailure): string {
  return [
    `  ${failure.case} (RESP${failure.proto}) step ${failure.step}: ${failure.why}`,
    `    sent ${shown(failure.sent)}`,
    `    want ${shown(failure.want)}`,
    `    got  ${shown(failure.got)}`,
  ].join("\n");
}

/** Decides whether our table has every command that a case needs. */
export function knownCommandsFilter(): (golden: GoldenCase) => boolean {
  const facts = sharedPath("facts/commands.json");
  if (facts === undefined) return () => true;
  const reference = referenceCommands(facts);
  const ours = new Set(ALL_COMMANDS.map((spec) => spec.name));
  return (golden) => commandsOf(golden, reference).isSubsetOf(ours);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      at: { type: "string" },
      only: { type: "string" },
      case: { type: "string" },
      folder: { type: "string" },
      differences: { type: "string", default: "5" },
      "commands-known": { type: "boolean", default: false },
    },
  });
  const folder = values.folder ?? sharedPath("golden");
  if (folder === undefined) return console.log("skipped: no reference data");
  const families = values.only?.split(",") ?? goldenFamilies(folder);
  const wanted = values["commands-known"] ? knownCommandsFilter() : () => true;
  const total = { cases: 0, left: 0, steps: 0, failed: 0 };
  console.log(`${"family".padEnd(14)}   cases left out   passed   failed`);
  for (const family of families) {
    const all = loadGolden(folder, family)
      .filter((golden) => golden.case.includes(values.case ?? ""));
    const cases = all.filter(wanted);
    const player = new GoldenPlayer(transportTo(values.at));
    let steps = 0;
    let failed = 0;
    const failures: GoldenFailure[] = [];
    for (const golden of cases) {
      const result = await player.play(golden);
      steps += result.steps;
      failed += result.failed;
      failures.push(...result.failures);
    }
    player.close();
    row(family, cases.length, all.length - cases.length, steps - failed, failed);
    for (const failure of failures.slice(0, Number(values.differences))) {
      console.log(formatFailure(failure));
    }
    total.cases += cases.length;
    total.left += all.length - cases.length;
    total.steps += steps;
    total.failed += failed;
  }
  row("total", total.cases, total.left, total.steps - total.failed, total.failed);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function row(name: string, ...figures: number[]): void {
  const [cases, left, passed, failed] = figures.map(String);
  console.log(
    `${name.padEnd(14)} ${cases.padStart(7)} ${left.padStart(8)} ${passed.padStart(8)} ` +
      failed.padStart(8),
  );
}

function transportTo(at: string | undefined): Transport {
  if (at === undefined) return memoryTransport();
  const colon = at.lastIndexOf(":");
  return socketTransport(at.slice(0, colon), Number(at.slice(colon + 1)));
}

if (import.meta.main) await main();
