// mode_latency.ts: the round trip of PING, sampled a hundred times a second, in whole milliseconds.
// On a terminal one line is drawn again and again; otherwise one result is printed at the end of
// the interval, or one line a sample in history mode.

import type { Client } from "./client.ts";
import { sleep } from "./io.ts";
import { askPatiently } from "./patience.ts";

const SAMPLE_PAUSE_MS = 10;
const RESULT_MS = 1000;
const HISTORY_MS = 15_000;
const CLEAR_LINE = "\x1b[0G\x1b[2K";

/** What a window of samples came to, in milliseconds. */
export type LatencyTotals = { min: number; max: number; sum: number; count: number };

/** --latency and --latency-history. */
export async function sampleLatency(client: Client): Promise<number> {
  const { io, options } = client;
  const resultMs = options.intervalMs || RESULT_MS;
  const historyMs = options.intervalMs || HISTORY_MS;
  let totals: LatencyTotals = { min: 0, max: 0, sum: 0, count: 0 };
  let start = Date.now();
  while (true) {
    const sent = Date.now();
    await askPatiently(client, "PING");
    addSample(totals, Date.now() - sent);
    const elapsed = Date.now() - start;
    if (options.output === "standard") {
      io.print(CLEAR_LINE + latencyText(totals, options.output));
    } else if (options.latencyHistory) {
      io.print(latencyText(totals, options.output));
    } else if (elapsed > resultMs) {
      io.print(latencyText(totals, options.output));
      return 0;
    }
    if (options.latencyHistory && elapsed > historyMs) {
      io.print(` -- ${(elapsed / 1000).toFixed(2)} seconds range\n`);
      start = Date.now();
      totals = { min: 0, max: 0, sum: 0, count: 0 };
    }
    await sleep(SAMPLE_PAUSE_MS);
  }
}

function addSample(totals: LatencyTotals, ms: number): void {
  totals.min = totals.count === 0 ? ms : Math.min(totals.min, ms);
  totals.max = totals.count === 0 ? ms : Math.max(totals.max, ms);
  totals.sum += ms;
  totals.count++;
}

/** The samples so far in the chosen form; only the form for people has no line end. */
export function latencyText(totals: LatencyTotals, output: string): string {
  const { min, max, count } = totals;
  const average = (count === 0 ? 0 : totals.sum / count).toFixed(2);
  switch (output) {
    case "standard":
      return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`;
    case "csv":
      return `${min},${max},${average},${count}\n`;
    case "raw":
      return `${min} ${max} ${average} ${count}\n`;
  }
  return `{"min": ${min}, "max": ${max}, "avg": ${average}, "count": ${count}}\n`;
}
