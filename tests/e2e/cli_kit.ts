// cli_kit.ts: runs the client as a program of its own and collects every byte it prints.
//
//   SIGRUN_BIN             program to test instead of mod.ts
//   SIGRUN_REFERENCE_CLI   a valkey-cli to compare with

import { spawn } from "node:child_process";
import process from "node:process";
import { bytesOf, latin1 } from "../kit/resp.ts";
import { programUnderTest } from "../kit/server.ts";

const RUN_MS_MAX = 30_000;

/** What a finished program left behind. Bytes as characters U+0000 to U+00FF. */
export type Outcome = { stdout: string; stderr: string; code: number | null };

/** What a program is started with besides its words. */
export type RunOptions = {
  /** Standard input; an empty one unless given. */
  stdin?: string;
  env?: Record<string, string>;
  /** Program to run instead of the client under test. */
  program?: string;
};

/** The command line that starts the client under test, without its arguments. */
export function clientUnderTest(): string[] {
  return [...programUnderTest(), "cli"];
}

/** The path of the reference client, or null. */
export function referenceCli(): string | null {
  return process.env.SIGRUN_REFERENCE_CLI || null;
}

/** Variables of a client: no files of the user who runs the tests, no colours, plain English. */
export function clientVariables(extra: Record<string, string> = {}): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "DENO_DIR", "TMPDIR"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return {
    ...kept,
    HOME: process.env.HOME ?? "/",
    LC_ALL: "C",
    TERM: "dumb",
    NO_COLOR: "1",
    VALKEYCLI_HISTFILE: "/dev/null",
    VALKEYCLI_RCFILE: "/dev/null",
    ...extra,
  };
}

/** Runs the client (or `program`) to its end. Text in and out is one character a byte. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const words = options.program === undefined ? clientUnderTest() : [options.program];
  return new Promise((resolve, reject) => {
    const child = spawn(words[0], [...words.slice(1), ...args], {
      env: clientVariables(options.env),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const outcome: Outcome = { stdout: "", stderr: "", code: null };
    child.stdout.on("data", (bytes: Uint8Array) => outcome.stdout += latin1(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => outcome.stderr += latin1(bytes));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`still running after ${RUN_MS_MAX} ms: ${args.join(" ")}`));
    }, RUN_MS_MAX);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code: number | null) => {
      clearTimeout(timer);
      resolve({ ...outcome, code });
    });
    child.stdin.on("error", () => {}); // a client may end before it has read everything
    child.stdin.end(bytesOf(options.stdin ?? ""));
  });
}

/** Real time: only the tests of whole programs may wait. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
