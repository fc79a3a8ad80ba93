// simulate.ts: runs the simulation of the persistence (tests/kit/simulation.ts) over many seeds.
//
//   deno task simulate                        a thousand seeds from a new one on
//   deno task simulate --seed 7 --seeds 20000 these
//   deno task simulate --seed 7               one, with everything that happens
//   deno task simulate --policy always        only runs of this kind; also --faults sync,full
//
// Closes with the line "N seeds, N violations". Each violation is printed with the command that repeats it. Runs that
// repeat are those of one version of the program: whatever asks the generator in another order makes another run.

import process from "node:process";
import { parseArgs } from "node:util";
import type { Fault } from "../tests/kit/fault_disk.ts";
import { type Profile, Simulation } from "../tests/kit/simulation.ts";

const SEEDS = 1000;
const REPORT_SEEDS = 1000;

/** What came of some seeds. */
export interface Outcome {
  violations: { seed: number; error: Error }[];
  /** Starts that were judged. */
  judged: number;
}

/** Runs the seeds from `first` on. */
export function simulate(
  first: number,
  count: number,
  profile: Partial<Profile> = {},
  done: (seeds: number) => void = () => {},
): Outcome {
  const outcome: Outcome = { violations: [], judged: 0 };
  for (let i = 0; i < count; i++) {
    const simulation = new Simulation(first + i, profile);
    try {
      simulation.run();
    } catch (error) {
      outcome.violations.push({ seed: first + i, error: error as Error });
    }
    outcome.judged += simulation.judged;
    done(i + 1);
  }
  return outcome;
}

function runOne(seed: number, profile: Partial<Profile>): void {
  const simulation = new Simulation(seed, profile, (text) => console.log(text));
  try {
    simulation.run();
    console.log("1 seeds, 0 violations");
  } catch (error) {
    console.error(error);
    console.log("1 seeds, 1 violations");
    process.exitCode = 1;
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      policy: { type: "string" },
      faults: { type: "string" },
    },
  });
  const profile: Partial<Profile> = {
    ...(values.policy === undefined ? {} : { policy: values.policy as Profile["policy"] }),
    ...(values.faults === undefined
      ? {}
      : { faults: values.faults.split(",").filter((name) => name !== "") as Fault[] }),
  };
  const isOne = values.seed !== undefined && values.seeds === undefined;
  if (isOne) return runOne(Number(values.seed), profile);
  const first = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] >>> 1);
  const count = Number(values.seeds ?? SEEDS);
  const startMs = performance.now();
  console.log(`seeds ${first} to ${first + count - 1}`);
  const { violations, judged } = simulate(first, count, profile, (seeds) => {
    if (seeds % REPORT_SEEDS !== 0) return;
    const each = ((performance.now() - startMs) / seeds).toFixed(1);
    console.log(`${seeds} seeds, ${each} ms each`);
  });
  for (const { seed, error } of violations) {
    console.log(`seed ${seed}: ${error.message}\n  repeat: deno task simulate --seed ${seed}`);
  }
  console.log(`${judged} starts judged`);
  console.log(`${count} seeds, ${violations.length} violations`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

if (import.meta.main) main();
