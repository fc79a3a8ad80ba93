// test.ts: runs the test files and closes with the line "N passed, N failed".
//
//   deno task test                       every test on Deno
//   deno task test --bun                 every test on Bun
//   deno task test tests/lib/bytes       only these files or folders
//   deno task test --filter "ZADD"       only tests whose name contains the text
//
// Everything is also run when the reference data is absent; those tests then say that they were
// skipped. With SIGRUN_BIN=path the end-to-end tests start that executable.

import process from "node:process";
import { bunCommand, denoPath, ensurePackages, run } from "./child.ts";

/** Counts a runner closed with. */
export interface Counts {
  passed: number;
  failed: number;
}

const ANSI = new RegExp(String.fromCharCode(27) + "\\[[0-9;]*m", "g");

/** The counts in the output of `deno test` or `bun test`; undefined when no test ran. */
export function parseCounts(output: string): Counts | undefined {
  const plain = output.replace(ANSI, "");
  const deno = [...plain.matchAll(/^(?:ok|FAILED) \| (\d+) passed[^|\n]*\| (\d+) failed/gm)].at(-1);
  if (deno) return { passed: Number(deno[1]), failed: Number(deno[2]) };
  const passed = [...plain.matchAll(/^ *(\d+) pass$/gm)].at(-1);
  const failed = [...plain.matchAll(/^ *(\d+) fail$/gm)].at(-1);
  if (!passed && !failed) return undefined;
  return { passed: Number(passed?.[1] ?? 0), failed: Number(failed?.[1] ?? 0) };
}

/** The closing line. */
export function closingLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed`;
}

/** Lines of a runner's output that are worth reading when all went well. */
function worthReading(output: string): string {
  const lines = output.replace(ANSI, "").split("\n");
  return [...new Set(lines.filter((line) => line.startsWith("skipped: ")))].join("\n");
}

/** Bun ends a test after five seconds unless told otherwise, Deno never; a busy machine is no failure. */
export const BUN_TIMEOUT = "--timeout=60000";

/** What to show of a runner's output when something failed: not the tests that passed. */
export function failureReport(output: string): string {
  const plain = output.replace(ANSI, "");
  const errors = plain.indexOf("\n ERRORS \n");
  if (errors >= 0) return plain.slice(errors).trim();
  return plain.split("\n").filter((line) => !line.startsWith("(pass)")).join("\n").trim();
}

/** A test run: the command and whether its output is shown when it succeeds. */
export async function runTests(
  runtime: "deno" | "bun",
  paths: readonly string[],
  filter: string,
): Promise<Counts> {
  const command = await testCommand(runtime, paths, filter);
  if (command === undefined) {
    console.log("skipped: bun is not installed and cannot be fetched");
    return { passed: 0, failed: 0 };
  }
  const finished = await run(command, { env: { NO_COLOR: "1" } });
  const counts = parseCounts(finished.output) ?? { passed: 0, failed: 0 };
  // A runner that broke down (a module that does not load) has failed even if it counted nothing.
  if (finished.code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.failed > 0) console.log(failureReport(finished.output));
  if (worthReading(finished.output)) console.log(worthReading(finished.output));
  if (counts.passed + counts.failed === 0) console.log("no test ran");
  console.log(`${runtime}: ${finished.seconds.toFixed(1)} s`);
  return counts;
}

async function testCommand(
  runtime: "deno" | "bun",
  paths: readonly string[],
  filter: string,
): Promise<string[] | undefined> {
  if (runtime === "deno") {
    const flags = ["--no-check", "--quiet", "--permit-no-files"];
    if (filter !== "") flags.push(`--filter=${filter}`);
    return [denoPath(), "test", "-A", ...flags, ...paths];
  }
  const bun = await bunCommand();
  const flags = filter === "" ? [] : ["--test-name-pattern", RegExp.escape(filter)];
  return bun &&
    [
      ...bun,
      "test",
      BUN_TIMEOUT,
      ...flags,
      ...paths.map((path) => `./${path.replace(/^\.\//, "")}`),
    ];
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const paths: string[] = [];
  let filter = "";
  let runtime: "deno" | "bun" = "deno";
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--bun") runtime = "bun";
    else if (args[i] === "--filter") filter = args[++i] ?? "";
    else if (args[i].startsWith("--filter=")) filter = args[i].slice("--filter=".length);
    else if (args[i] !== "--") paths.push(args[i]);
  }
  await ensurePackages();
  const counts = await runTests(runtime, paths.length > 0 ? paths : ["tests"], filter);
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

if (import.meta.main) await main();
