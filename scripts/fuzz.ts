// fuzz.ts: runs the fuzzers of tests/fuzz/. Every file there exports
//
//   export function fuzz(seed: number, operations: number, log: (text: string) => void): void
//
// which throws when it finds something. The same seed and number of operations do the same things.
//
//   deno task fuzz                            every fuzzer, new seeds, a minute each
//   deno task fuzz smoke                      a fixed and a new seed each, a few seconds in all
//   deno task fuzz dict                       the fuzzer of that name, else those whose name contains the text
//   deno task fuzz dict --seed 7 --operations 100000      repeats one run, with its log
//   deno task fuzz --seconds 600              so long for each fuzzer

import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { ROOT } from "./source.ts";

const SMOKE_SEED = 1;
const SMOKE_OPERATIONS = 2_000;
const OPERATIONS = 20_000;
const SECONDS = 60;

/** What a fuzzer exports. */
export type Fuzz = (seed: number, operations: number, log: (text: string) => void) => void;

interface Fuzzer {
  name: string;
  fuzz: Fuzz;
}

/** Names of the fuzzers, sorted. */
export function fuzzerNames(folder = `${ROOT}/tests/fuzz`): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.startsWith("_"))
    .map((name) => name.slice(0, -".ts".length)).sort();
}

async function loadFuzzer(name: string): Promise<Fuzzer> {
  const module: { fuzz?: Fuzz } = await import(`${ROOT}/tests/fuzz/${name}.ts`);
  if (typeof module.fuzz !== "function") throw new Error(`tests/fuzz/${name}.ts exports no fuzz`);
  return { name, fuzz: module.fuzz };
}

function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** Runs one seed; prints how to repeat it when it fails. Returns whether it passed. */
function runOnce(fuzzer: Fuzzer, seed: number, operations: number, verbose: boolean): boolean {
  const log: string[] = [];
  try {
    fuzzer.fuzz(seed, operations, (text) => verbose ? console.log(text) : log.push(text));
    return true;
  } catch (error) {
    console.error(`${fuzzer.name}: failed with seed ${seed}`);
    for (const line of log.slice(-20)) console.error(`  ${line}`);
    console.error(error);
    console.error(
      `repeat: deno task fuzz ${fuzzer.name} --seed ${seed} --operations ${operations}`,
    );
    return false;
  }
}

function runFor(fuzzer: Fuzzer, seconds: number, operations: number): boolean {
  const untilMs = performance.now() + seconds * 1000;
  let runs = 0;
  let passed = true;
  for (; passed && performance.now() < untilMs; runs++) {
    passed = runOnce(fuzzer, newSeed(), operations, false);
  }
  console.log(`${fuzzer.name}: ${runs} seeds, ${operations} operations each`);
  return passed;
}

function runSmoke(fuzzer: Fuzzer): boolean {
  const startMs = performance.now();
  const seeds = [SMOKE_SEED, newSeed()];
  const passed = seeds.every((seed) => runOnce(fuzzer, seed, SMOKE_OPERATIONS, false));
  const ms = (performance.now() - startMs).toFixed(0);
  console.log(`${fuzzer.name}: seeds ${seeds.join(", ")}, ${ms} ms`);
  return passed;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: "string" },
      operations: { type: "string", default: String(OPERATIONS) },
      seconds: { type: "string", default: String(SECONDS) },
    },
  });
  const smoke = positionals.includes("smoke");
  const wanted = positionals.filter((word) => word !== "smoke");
  const all = fuzzerNames();
  const isNamed = (name: string, word: string) =>
    all.includes(`${word}_fuzz`) ? name === `${word}_fuzz` : name.includes(word);
  const names = all.filter((name) =>
    wanted.length === 0 || wanted.some((word) => isNamed(name, word))
  );
  let passed = 0;
  for (const name of names) {
    const fuzzer = await loadFuzzer(name);
    const operations = Number(values.operations);
    const good = smoke
      ? runSmoke(fuzzer)
      : values.seed !== undefined
      ? runOnce(fuzzer, Number(values.seed), operations, true)
      : runFor(fuzzer, Number(values.seconds), operations);
    if (good) passed++;
  }
  console.log(`fuzz: ${passed} passed, ${names.length - passed} failed`);
  process.exitCode = passed === names.length ? 0 : 1;
}

if (import.meta.main) await main();
