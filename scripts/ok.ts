// ok.ts: the gate. Runs every check, two at a time, prints how long each took, and closes with
// "N passed, N failed", where N counts the tests and one for every other check.
//
//   deno task ok              everything
//   deno task ok lint tidy    only these stages

import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { bunCommand, denoPath, ensurePackages, type Finished, run } from "./child.ts";
import { ROOT } from "./source.ts";
import { BUN_TIMEOUT, closingLine, type Counts, failureReport, parseCounts } from "./test.ts";

/** One check. */
interface Stage {
  name: string;
  command: readonly string[];
  /** Its output is that of a test runner, whose counts are added up. */
  tests?: boolean;
}

const deno = denoPath();

/** Tests on Deno, which loads every module again for every file of tests and takes the longest: in parts. */
function testsOnDeno(): Stage[] {
  const large = ["lib", "e2e"];
  const others = readdirSync(`${ROOT}/tests`).filter((name) => !large.includes(name));
  const part = (name: string, folders: string[]): Stage => ({
    name: `${name} on Deno`,
    command: [
      ...[deno, "test", "-A", "--no-check", "--quiet"],
      ...folders.map((folder) => `tests/${folder}`),
    ],
    tests: true,
  });
  return [part("lib", ["lib"]), part("others", others), part("e2e", ["e2e"])];
}

/** The longest first: then two lanes end at about the same time. */
function stages(bun: readonly string[] | undefined): Stage[] {
  const list: Stage[] = [];
  if (bun) {
    list.push({
      name: "tests on Bun",
      command: [...bun, "test", BUN_TIMEOUT, "./tests/"],
      tests: true,
    });
  }
  list.push(
    ...testsOnDeno(),
    {
      name: "check",
      command: [deno, "check", "mod.ts", "lib", "server", "cli", "tests", "scripts"],
    },
    { name: "lint", command: [deno, "lint", "--quiet"] },
    { name: "format", command: [deno, "fmt", "--check", "--quiet"] },
    { name: "layers", command: [deno, "run", "-A", "--no-check", "scripts/layers.ts"] },
    { name: "tidy", command: [deno, "run", "-A", "--no-check", "scripts/tidy.ts"] },
    {
      name: "doc examples",
      command: [deno, "test", "--doc", "-A", "--quiet", "mod.ts", "README.md"],
    },
    { name: "fuzz smoke", command: [deno, "run", "-A", "--no-check", "scripts/fuzz.ts", "smoke"] },
    {
      name: "bench smoke",
      command: [deno, "run", "-A", "--no-check", "scripts/bench.ts", "smoke"],
    },
  );
  return list;
}

function countsOf(stage: Stage, finished: Finished): Counts {
  const good = finished.code === 0;
  const parsed = stage.tests ? parseCounts(finished.output) : undefined;
  if (parsed === undefined) return { passed: good ? 1 : 0, failed: good ? 0 : 1 };
  if (!good && parsed.failed === 0) parsed.failed = 1;
  return parsed;
}

async function runStage(stage: Stage): Promise<Counts> {
  const finished = await run(stage.command, { env: { NO_COLOR: "1" } });
  const counts = countsOf(stage, finished);
  const verdict = counts.failed === 0 ? "ok" : "FAILED";
  const detail = stage.tests ? `  ${closingLine(counts)}` : "";
  console.log(
    `${stage.name.padEnd(16)} ${verdict.padEnd(6)} ${
      finished.seconds.toFixed(1).padStart(6)
    } s${detail}`,
  );
  if (counts.failed > 0) console.log(failureReport(finished.output));
  return counts;
}

async function main(): Promise<void> {
  const startMs = performance.now();
  await ensurePackages();
  const bun = await bunCommand();
  if (bun === undefined) console.log("skipped: tests on Bun (it is not installed)");
  const wanted = process.argv.slice(2);
  const queue = stages(bun).filter((stage) =>
    wanted.length === 0 || wanted.some((word) => stage.name.includes(word))
  );
  const total: Counts = { passed: 0, failed: 0 };
  const lane = async () => {
    for (let stage = queue.shift(); stage !== undefined; stage = queue.shift()) {
      const counts = await runStage(stage);
      total.passed += counts.passed;
      total.failed += counts.failed;
    }
  };
  const lanes = Math.min(2, availableParallelism());
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(`all in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  console.log(closingLine(total));
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (import.meta.main) await main();
