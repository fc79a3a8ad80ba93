// modes.ts: the modes that are neither a command nor a prompt. Each lives in a file of its own.

import type { Client } from "./client.ts";
import type { SpecialMode } from "./options.ts";

type Mode = (client: Client) => Promise<number>;

/** Where each mode is; the rest is known by name and refused. */
const MODES: Partial<Record<SpecialMode, () => Promise<Mode>>> = {
  "bigkeys": async () => (await import("./mode_keys.ts")).findBigKeys,
  "memkeys": async () => (await import("./mode_keys.ts")).findMemoryKeys,
  "hotkeys": async () => (await import("./mode_hotkeys.ts")).findHotKeys,
  "latency": async () => (await import("./mode_latency.ts")).sampleLatency,
  "functions-rdb": async () => (await import("./mode_sync.ts")).saveFunctions,
  "pipe": async () => (await import("./mode_pipe.ts")).runPipe,
  "rdb": async () => (await import("./mode_sync.ts")).saveSnapshot,
  "replica": async () => (await import("./mode_sync.ts")).showStream,
  "scan": async () => (await import("./mode_scan.ts")).listKeys,
  "stat": async () => (await import("./mode_stat.ts")).showStatistics,
  "test-hint": async () => (await import("./mode_hints.ts")).testHint,
  "test-hint-file": async () => (await import("./mode_hints.ts")).testHintFile,
};

/** Modes that work without a server. */
const OFFLINE: readonly SpecialMode[] = ["test-hint", "test-hint-file"];

/** Runs a mode and gives the exit code. */
export async function runSpecialMode(client: Client, mode: SpecialMode): Promise<number> {
  const load = MODES[mode];
  if (load === undefined) {
    client.io.err(`--${mode}: this mode is not built yet.\n`);
    return 1;
  }
  if (!OFFLINE.includes(mode) && !await client.connect()) return 1;
  return await (await load())(client);
}
