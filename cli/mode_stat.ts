// mode_stat.ts: one line of figures from INFO every second, or as often as -i says.

import { textOf } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { sleep } from "./io.ts";
import { failMode } from "./mode_scan.ts";
import { askPatiently } from "./patience.ts";

const INTERVAL_MS = 1000;
const HEAD_EVERY = 20;
const HEAD = "------- data ------ --------------------- load -------------------- - child -\n" +
  "keys       mem      clients blocked requests            connections          \n";

/** --stat: runs until it is stopped. */
export async function showStatistics(client: Client): Promise<number> {
  let requestsBefore = 0;
  for (let line = 0;; line++) {
    const reply = await askPatiently(client, "INFO");
    if (reply.kind === "error") failMode(client, `ERROR: ${textOf(reply.bytes)}\n`);
    if (line % HEAD_EVERY === 0) client.io.print(HEAD);
    const info = textOf(reply.bytes);
    client.io.print(statisticsLine(info, requestsBefore));
    requestsBefore = field(info, "total_commands_processed");
    await sleep(client.options.intervalMs || INTERVAL_MS);
  }
}

/** One line of the table. `requestsBefore` is the count of the line above, 0 for the first. */
export function statisticsLine(info: string, requestsBefore: number): string {
  let keys = 0;
  for (const database of info.matchAll(/^db\d+:keys=(\d+)/gm)) keys += Number(database[1]);
  const requests = field(info, "total_commands_processed");
  const more = requestsBefore === 0 ? 0 : requests - requestsBefore;
  return String(keys).padEnd(11) +
    humanBytes(field(info, "used_memory")).padEnd(8) + " " +
    String(field(info, "connected_clients")).padEnd(8) +
    String(field(info, "blocked_clients")).padEnd(8) +
    `${requests} (+${more})`.padEnd(19) + " " +
    String(field(info, "total_connections_received")).padEnd(12) +
    activity(info) + "\n";
}

function activity(info: string): string {
  const saving = field(info, "rdb_bgsave_in_progress") !== 0;
  const rewriting = field(info, "aof_rewrite_in_progress") !== 0;
  if (field(info, "loading") !== 0) return saving || rewriting ? "" : "LOAD";
  if (saving) return rewriting ? "SAVE+AOF" : "SAVE";
  return rewriting ? "AOF" : "";
}

function field(info: string, name: string): number {
  const found = new RegExp(`^${name}:(-?\\d+)`, "m").exec(info);
  return found === null ? 0 : Number(found[1]);
}

/** A number of bytes in at most seven characters: "512B", "1.50K", "3.00G". */
export function humanBytes(bytes: number): string {
  const size = Math.abs(bytes);
  const sign = bytes < 0 ? "-" : "";
  if (size < 1024) return `${sign}${size}B`;
  const power = Math.min(4, Math.floor(Math.log2(size) / 10));
  return `${sign}${(size / 1024 ** power).toFixed(2)}${"BKMGT"[power]}`;
}
