// mode_hotkeys.ts: looks through all keys for those used most often, by the counter an LFU
// eviction policy keeps. The best so far stay in a list ordered by counter.

import { latin1, textOf } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { sleep } from "./io.ts";
import { allowReplica, databaseSize, percent, quoted, sendWords } from "./mode_keys.ts";
import { failMode, scanKeys } from "./mode_scan.ts";

const PAUSE_EVERY = 100;
const PROGRESS_EVERY = 1_000_000;
const INTRODUCTION = "\n# Scanning the entire keyspace to find hot keys as well as\n" +
  "# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n" +
  "# per 100 SCAN commands (not usually needed).\n\n";

type HotKey = { counter: number; name: string };

/** --hotkeys. */
export async function findHotKeys(client: Client): Promise<number> {
  const { io, options } = client;
  const keysBefore = await databaseSize(client);
  io.print(INTRODUCTION);
  await allowReplica(client);
  const best: HotKey[] = [];
  let sampled = 0;
  let batches = 0;
  for await (const keys of scanKeys(client)) {
    const share = percent(sampled, keysBefore);
    const counters = await readCounters(client, keys);
    keys.forEach((key, index) => {
      if (++sampled % PROGRESS_EVERY === 0) {
        io.print(`[${share}%] Sampled ${sampled} keys so far\n`);
      }
      const found = { counter: counters[index], name: quoted(key) };
      if (!keepIfHot(best, found, options.hotkeysCount)) return;
      io.print(
        `[${share}%] Hot key '${found.name}' found so far with counter ${found.counter}\n`,
      );
    });
    if (++batches % PAUSE_EVERY === 0) await sleep(options.intervalMs);
  }
  io.print(`\n-------- Summary --------\n\nSampled ${sampled} keys in the keyspace!\n`);
  for (const { counter, name } of best) {
    io.print(`hot key found with counter: ${counter}\tkeyname: ${name}\n`);
  }
  return 0;
}

/** Puts a key at its place in the list, hottest first; false when it is not among the best. */
export function keepIfHot(best: HotKey[], found: HotKey, count: number): boolean {
  if (found.counter === 0) return false;
  let place = best.findIndex((key) => key.counter < found.counter);
  if (place < 0) place = best.length;
  if (place >= count) return false;
  best.splice(place, 0, found);
  if (best.length > count) best.pop();
  return true;
}

async function readCounters(client: Client, keys: readonly Uint8Array[]): Promise<number[]> {
  for (const key of keys) sendWords(client, ["OBJECT", "FREQ", key]);
  const counters: number[] = [];
  for (const key of keys) {
    const reply = await client.nextReply();
    if (reply === null) failMode(client, `Error getting freq for key '${quoted(key)}'\n`);
    if (reply.kind === "error") failMode(client, `Error: ${textOf(reply.bytes)}\n`);
    if (reply.kind === "integer") {
      counters.push(Number(latin1(reply.bytes)));
    } else {
      client.io.err(`Warning: OBJECT freq on '${quoted(key)}' failed (may have been deleted)\n`);
      counters.push(0);
    }
  }
  return counters;
}
