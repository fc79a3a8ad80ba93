// child.ts: child processes for the scripts: run a program, collect what it says, find the runtimes
// and make sure that the packages the tests need are there.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { ROOT } from "./source.ts";

/** What a finished program left behind. */
export interface Finished {
  /** Exit code; 128 + n when a signal ended it, 127 when it could not be started. */
  code: number;
  /** Standard output and error in the order they arrived. */
  output: string;
  seconds: number;
}

/** How to run a program. */
export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Pass the output on while it arrives. */
  echo?: boolean;
}

/** Runs a program to its end. Never rejects: a program that cannot be started has code 127. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command[0], command.slice(1), {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const finish = (code: number) =>
      resolve({ code, output, seconds: (performance.now() - startMs) / 1000 });
    const collect = (target: NodeJS.WriteStream) => (chunk: Uint8Array) => {
      output += new TextDecoder().decode(chunk);
      if (options.echo) target.write(chunk);
    };
    child.stdout.on("data", collect(process.stdout));
    child.stderr.on("data", collect(process.stderr));
    child.on("error", (error) => {
      output += `${command[0]}: ${error.message}\n`;
      finish(127);
    });
    child.on("close", (code, signal) => finish(code ?? (signal === null ? 1 : 128)));
  });
}

const WINDOWS = process.platform === "win32";

/** The Deno that runs this script, or the one on the path. */
export function denoPath(): string {
  return process.versions.deno ? process.execPath : "deno";
}

/** Version of Bun the project is built with, from package.json. */
export function bunVersion(): string {
  const text = readFileSync(`${ROOT}/package.json`, "utf8");
  return JSON.parse(text).devDependencies.bun;
}

/** Path of an executable inside node_modules, or undefined. */
function installedBun(): string | undefined {
  const arch = process.arch === "arm64" ? "aarch64" : "x64";
  const system = WINDOWS ? "windows" : process.platform;
  for (const suffix of ["", "-musl"]) {
    const folder = `${ROOT}/node_modules/@oven/bun-${system}-${arch}${suffix}`;
    const path = `${folder}/bin/bun${WINDOWS ? ".exe" : ""}`;
    if (existsSync(path)) return path;
  }
  return undefined;
}

/**
 * The Bun that runs this script, or that of node_modules, which is installed there when it is missing; undefined when
 * it cannot be had. It is not asked of npx: where npm runs no install scripts, what npx fetches is an empty shell.
 */
export async function bunCommand(): Promise<string[] | undefined> {
  if (process.versions.bun) return [process.execPath];
  const bun = installedBun() ?? (await ensurePackages() ? installedBun() : undefined);
  if (bun === undefined || (await run([bun, "--version"])).code !== 0) return undefined;
  return [bun];
}

/** True when every package of package.json's devDependencies but the runtimes is in node_modules. */
function packagesPresent(): boolean {
  const { devDependencies } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8"));
  return Object.entries(devDependencies).every(([name, version]) => {
    if (name === "deno") return true;
    const manifest = `${ROOT}/node_modules/${name}/package.json`;
    return existsSync(manifest) &&
      JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/**
 * Installs the packages that tests use, and Bun, unless they are there. Install scripts do not run: nothing
 * that is needed has one. Returns false, after saying why, when npm or its registry is out of reach.
 */
export async function ensurePackages(): Promise<boolean> {
  if (packagesPresent()) return true;
  console.log("installing the packages of package.json");
  const npm = WINDOWS ? "npm.cmd" : "npm";
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  const finished = await run([npm, "install", ...flags, "--loglevel=error"]);
  if (finished.code === 0) return true;
  console.log(finished.output.trim());
  console.log("the packages could not be installed; what needs them says so");
  return false;
}
