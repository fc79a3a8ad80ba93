// main.ts: the client as a program: reads the options and hands over to the mode they ask for.
// Modes are loaded when they are used: a single command pays for nothing else.

import process from "node:process";
import { Client } from "./client.ts";
import { type CliEnvironment, CliExit } from "./environment.ts";
import { type Io, processIo } from "./io.ts";
import { applyVariables, type Options, parseOptions } from "./options.ts";

/** Modes in the order in which they are looked for when several are asked for. */
const MODE_ORDER = [
  "cluster",
  "latency",
  "latency-dist",
  "replica",
  "rdb",
  "functions-rdb",
  "pipe",
  "bigkeys",
  "memkeys",
  "hotkeys",
  "stat",
  "scan",
  "lru-test",
  "intrinsic-latency",
  "test-hint",
  "test-hint-file",
] as const;

/** Runs the client with the words after its name; resolves with the exit code. */
export async function main(args: string[], environment: CliEnvironment = {}): Promise<number> {
  const io = processIo(environment.variables ?? process.env);
  try {
    return await run(args, environment, io);
  } catch (error) {
    if (error instanceof CliExit) return error.code;
    throw error;
  }
}

async function run(args: string[], environment: CliEnvironment, io: Io): Promise<number> {
  const parsed = parseOptions(args, io.stdoutIsTty);
  if (parsed.messages !== "") io.err(parsed.messages);
  if (parsed.show !== null) {
    const { usageText, versionText } = await import("./usage.ts");
    const version = environment.version ?? "";
    io.print(parsed.show === "usage" ? usageText(version) : versionText(version) + "\n");
  }
  if (parsed.exit !== null) return parsed.exit;
  const options = parsed.options;
  applyVariables(options, io.variables, args.slice(0, parsed.first));
  if (options.askPassword) {
    const { askPassword } = await import("./ask_password.ts");
    options.password = await askPassword(io, "Please input password: ");
  }
  const { wordsOf } = await import("./arguments.ts");
  const words = wordsOf(args, parsed.first);
  const client = new Client(options, io, environment);
  try {
    return await runMode(client, options, words);
  } finally {
    client.drop();
  }
}

async function runMode(client: Client, options: Options, words: Uint8Array[]): Promise<number> {
  for (const mode of MODE_ORDER) {
    if (!options.modes.has(mode)) continue;
    const { runSpecialMode } = await import("./modes.ts");
    return await runSpecialMode(client, mode);
  }
  if (options.evalFile !== null) {
    const { runEval } = await import("./mode_eval.ts");
    return await runEval(client, words);
  }
  if (words.length === 0) {
    const { runInteractive } = await import("./interactive.ts");
    return await runInteractive(client);
  }
  const { runOneShot } = await import("./mode_one_shot.ts");
  return await runOneShot(client, words);
}
