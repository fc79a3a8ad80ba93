// build.ts: makes the single-file executable.
//
//   deno task compile:bun                         dist/sigrun for this machine
//   deno task compile:bun --target bun-linux-arm64       dist/sigrun-linux-arm64
//   deno task compile:bun --all                   every target below
//   deno task compile                             dist/sigrun-deno, with Deno's own compiler
//
// Bun takes the runtime of another platform from the npm registry (the packages @oven/bun-*) and
// keeps it in its cache; nothing else is downloaded. Deno downloads a runtime from its own site;
// where that is out of reach the build says so and ends with exit code 3.
//
// Byte code is compiled ahead: the server answers 28 ms after its start in place of 57; throughput is
// the same with and without, and with and without --minify, which is left out for readable traces.
//
// The executable must not read files of the folder it happens to be started in: .env, bunfig.toml,
// tsconfig.json and package.json are switched off.

import { mkdirSync, statSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { bunCommand, denoPath, run } from "./child.ts";
import { ROOT } from "./source.ts";

/** Platforms that Bun can compile for from anywhere. */
export const TARGETS = [
  "bun-linux-x64",
  "bun-linux-x64-musl",
  "bun-linux-arm64",
  "bun-linux-arm64-musl",
  "bun-darwin-x64",
  "bun-darwin-arm64",
  "bun-windows-x64",
  "bun-windows-arm64",
] as const;

const EXIT_NO_RUNTIME = 3;

/** Modules that mod.ts imports by a name: what an executable must have all the same. */
const NAMED_MODULES = ["cli/main.ts", "server/tools.ts"];

const BUN_FLAGS = [
  "--bytecode",
  // Folds constants, among them the names of modules.
  "--minify-syntax",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-tsconfig",
  "--no-compile-autoload-package-json",
];

/** Where the executable for a target goes; the machine's own is just "sigrun". */
export function outputName(target: string | undefined): string {
  if (target === undefined) return process.platform === "win32" ? "sigrun.exe" : "sigrun";
  const name = `sigrun-${target.replace(/^bun-/, "")}`;
  return target.includes("windows") ? `${name}.exe` : name;
}

function report(path: string, seconds: number): void {
  const mebibytes = statSync(path).size / 1024 ** 2;
  console.log(`${path}: ${mebibytes.toFixed(1)} MiB in ${seconds.toFixed(1)} s`);
}

async function buildBun(target: string | undefined): Promise<number> {
  const bun = await bunCommand();
  if (bun === undefined) {
    console.error("Bun is not installed and npm cannot fetch it");
    return EXIT_NO_RUNTIME;
  }
  const output = `dist/${outputName(target)}`;
  const flags = target === undefined ? [] : [`--target=${target}`];
  const finished = await run([
    ...bun,
    "build",
    "--compile",
    ...BUN_FLAGS,
    ...flags,
    `--outfile=${output}`,
    "mod.ts",
  ]);
  if (finished.code !== 0) {
    console.error(finished.output.trim());
    if (/download|fetch|ENOTFOUND|registry/i.test(finished.output)) {
      console.error(`the runtime for ${target} could not be fetched from the npm registry`);
    }
    return finished.code;
  }
  report(output, finished.seconds);
  return 0;
}

async function buildDeno(): Promise<number> {
  const output = "dist/sigrun-deno";
  const included = NAMED_MODULES.map((path) => `--include=${path}`);
  const flags = ["-A", "--no-check", ...included, "-o", output];
  const finished = await run([denoPath(), "compile", ...flags, "mod.ts"]);
  if (finished.code === 0) {
    report(process.platform === "win32" ? `${output}.exe` : output, finished.seconds);
    return 0;
  }
  if (/error sending request|base binary|dns error|denort/i.test(finished.output)) {
    console.error(
      "deno compile needs a runtime (denort) that it downloads from Deno's own site, and that " +
        "site cannot be reached from here. Use `deno task compile:bun`, which needs the npm " +
        "registry only, or set DENORT_BIN to a denort of the same version.",
    );
    return EXIT_NO_RUNTIME;
  }
  console.error(finished.output.trim());
  return finished.code;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string", default: "bun" },
      target: { type: "string" },
      all: { type: "boolean", default: false },
    },
  });
  mkdirSync(`${ROOT}/dist`, { recursive: true });
  if (values.runtime === "deno") return await buildDeno();
  const targets = values.all ? [undefined, ...TARGETS] : [values.target];
  for (const target of targets) {
    const code = await buildBun(target);
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) process.exitCode = await main();
