// bench_vs.ts: measures Sigrun beside another server in one run and prints ratios.
//
//   deno run -A scripts/bench_vs.ts --load PATH-OF-valkey-benchmark --against 127.0.0.1:6379
//     --ours 127.0.0.1:7000   a running server; without it mod.ts (or SIGRUN_BIN) is started
//     --clients 50  --keys 100000  --size 3  --pipeline 1,16,100
//     --tests ping,set,get,incr,mset  --rounds 5  --seconds 2
//                             names of bench_tests.ts, or its groups: all, own, data
//     --warm 50000            requests of each test before the first round, 0 leaves them out
//     --fill 1000000          keys of the memory measurement, 0 leaves it out
//
// Rounds are interleaved: in every round each test runs on both servers right after each other, the
// first one alternating, so that a noisy machine hits both. A figure is the median of its rounds.
//
// Both are asked each test once before it counts: what a runtime compiles for a command it meets for the first time is
// 0.3 CPU seconds, as much as 40,000 requests without pipeline, and says nothing about a server that runs for long.
//
// Throughput ratio: ours over theirs, more is better. Latency and CPU ratios: less is better.
// CPU seconds per million commands are those of the server process alone (user and system time of
// /proc/PID/stat; the pid is asked of the server): the honest figure where server and load share
// the cores. Both servers are emptied at the start and at the end; tests on prepared data get it once, before the first
// round, those that take data away before each run. At the end the tests with the best and the worst ratios are named.

import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { encodeArgs, parseReply } from "../tests/kit/resp.ts";
import { startServer, type TestServer } from "../tests/kit/server.ts";
import { openSocket } from "../tests/kit/socket_transport.ts";
import type { Connection } from "../tests/kit/transport.ts";
import { type BenchTest, benchTests, fillTests, subscribe } from "./bench_tests.ts";
import { run } from "./child.ts";

/** Kernel clock ticks a second, the unit of /proc/PID/stat on Linux. */
const TICKS_PER_SECOND = 100;
const REPLY_MS = 120_000;

/** One run of the load generator against one server. */
export interface Sample {
  throughput: number;
  p50: number;
  p99: number;
  p999: number;
  /** Server CPU seconds per million commands. */
  cpu: number;
}

interface Target {
  label: string;
  host: string;
  port: number;
  pid: number;
  connection: Connection;
}

interface Settings {
  load: string;
  clients: number;
  keys: number;
  size: number;
  seconds: number;
  /** Requests of each test before the first round. */
  warm: number;
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The mean of ratios. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Reads what the load generator prints for one test. Throws when it is not there. */
export function parseLoad(output: string): { requests: number } & Omit<Sample, "cpu"> {
  const text = output.replaceAll("\r", "\n");
  const requests = /(\d+) requests completed in/.exec(text);
  const throughput = /throughput summary: ([\d.]+) requests/.exec(text);
  if (!requests || !throughput) throw new Error(`the load generator failed:\n${text.slice(-2000)}`);
  const start = text.indexOf("Latency by percentile");
  const rows = text.slice(start, text.indexOf("Cumulative distribution", start));
  const table = Array.from(rows.matchAll(/([\d.]+)% <= ([\d.]+) milliseconds/g), (match) => ({
    percent: Number(match[1]),
    ms: Number(match[2]),
  }));
  const at = (percent: number) => table.find((row) => row.percent >= percent)?.ms ?? NaN;
  // The summary has the exact 50th and 99th; only the one beyond comes from the distribution.
  const summary = /avg +min +p50 +p95 +p99 +max\n([ \d.]+)/.exec(text)?.[1].trim().split(/ +/);
  return {
    requests: Number(requests[1]),
    throughput: Number(throughput[1]),
    p50: Number(summary?.[2] ?? at(50)),
    p99: Number(summary?.[4] ?? at(99)),
    p999: at(99.9),
  };
}

/** User and system CPU seconds a process has used. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

async function command(target: Target, ...args: string[]): Promise<string> {
  await target.connection.write(encodeArgs(args));
  return parseReply(await target.connection.frame(REPLY_MS)).reply.text;
}

async function infoNumber(target: Target, section: string, field: string): Promise<number> {
  const info = await command(target, "INFO", section);
  return Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1] ?? NaN);
}

async function openTarget(label: string, address: string): Promise<Target> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  const port = Number(address.slice(colon + 1));
  const connection = await openSocket(host, port);
  const target = { label, host, port, pid: 0, connection };
  target.pid = await infoNumber(target, "server", "process_id");
  return target;
}

async function load(target: Target, settings: Settings, args: readonly string[]): Promise<Sample> {
  const before = cpuSeconds(target.pid);
  const place = ["-h", target.host, "-p", String(target.port), "--precision", "3"];
  const finished = await run([settings.load, ...place, ...args]);
  const { requests, ...sample } = parseLoad(finished.output);
  return { ...sample, cpu: (cpuSeconds(target.pid) - before) / (requests / 1e6) };
}

/** Fills both servers with keys of 16 bytes and values of 64 and prints bytes per key. */
async function measureMemory(targets: readonly Target[], settings: Settings, keys: number) {
  console.log(`\nmemory, ${keys} keys of 16 bytes with values of 64`);
  const lines: { label: string; used: number; resident: number }[] = [];
  for (const target of targets) {
    await command(target, "FLUSHALL");
    const usedBefore = await infoNumber(target, "memory", "used_memory");
    const residentBefore = residentBytes(target.pid);
    const count = ["-n", String(keys), "-r", String(keys), "--sequential", "-P", "100", "-d", "64"];
    await load(target, settings, [...count, "-c", "10", "SET", "key:__rand_int__", "__data__"]);
    const size = Number(await command(target, "DBSIZE"));
    if (size !== keys) throw new Error(`${target.label} holds ${size} keys, not ${keys}`);
    lines.push({
      label: target.label,
      used: (await infoNumber(target, "memory", "used_memory") - usedBefore) / keys,
      resident: (residentBytes(target.pid) - residentBefore) / keys,
    });
    await command(target, "FLUSHALL");
  }
  console.log(`${"".padEnd(8)} ${"used/key".padStart(9)} ${"rss/key".padStart(9)}`);
  const row = (label: string, used: string, resident: string) =>
    console.log(`${label.padEnd(8)} ${used.padStart(9)} ${resident.padStart(9)}`);
  for (const { label, used, resident } of lines) row(label, used.toFixed(1), resident.toFixed(1));
  const [ours, theirs] = lines;
  row("ratio", (ours.used / theirs.used).toFixed(3), (ours.resident / theirs.resident).toFixed(3));
}

/** All samples of one test at one pipeline depth. */
interface Cell {
  test: BenchTest;
  pipeline: number;
  samples: Map<Target, Sample[]>;
}

/** Runs one test on one server; `length` says for how long. */
async function runCell(
  { test, pipeline }: Cell,
  target: Target,
  settings: Settings,
  length: readonly string[],
): Promise<Sample> {
  const common = ["-c", String(settings.clients), "-d", String(settings.size)];
  const range = ["-r", String(test.range ?? settings.keys)];
  if (test.refill) await load(target, settings, [...common, ...test.refill]);
  const subscribers = await subscribe(target, test.subscribers ?? 0);
  const rest = ["-P", String(pipeline), ...length, ...test.load];
  const sample = await load(target, settings, [...common, ...range, ...rest]);
  for (const subscriber of subscribers) subscriber.destroy();
  return sample;
}

async function measureCell(cell: Cell, targets: readonly Target[], settings: Settings) {
  for (const target of targets) {
    const samples = cell.samples.get(target) ?? [];
    cell.samples.set(target, samples);
    const seconds = String(settings.seconds);
    samples.push(await runCell(cell, target, settings, ["--duration", seconds]));
  }
}

const FIGURES = ["throughput", "p50", "p99", "p999", "cpu"] as const;

function printCells(cells: readonly Cell[], targets: readonly Target[]): void {
  const [ours, theirs] = targets;
  const widths = [15, 4, 10, 10, 7, 8, 8, 7, 8, 8, 7, 8, 8, 7, 7, 7, 7];
  const print = (values: readonly string[]) =>
    console.log(values.map((value, i) => value.padStart(widths[i])).join(" "));
  const names = ["ops/s", "p50 ms", "p99 ms", "p99.9", "cpu s/M"];
  print(["test", "P", ...names.flatMap((name) => [name, "theirs", "ratio"])]);
  const ratios = new Map<string, number[]>();
  for (const cell of cells) {
    const columns = [cell.test.name, String(cell.pipeline)];
    for (const figure of FIGURES) {
      const a = median((cell.samples.get(ours) ?? []).map((sample) => sample[figure]));
      const b = median((cell.samples.get(theirs) ?? []).map((sample) => sample[figure]));
      const digits = figure === "throughput" ? 0 : 3;
      columns.push(a.toFixed(digits), b.toFixed(digits), (a / b).toFixed(3));
      for (const key of [figure, `${figure} P${cell.pipeline}`]) {
        ratios.set(key, [...ratios.get(key) ?? [], a / b]);
      }
    }
    print(columns);
  }
  const depths = [...new Set(cells.map((cell) => ` P${cell.pipeline}`)), ""];
  console.log("\ngeometric means of the ratios");
  for (const depth of depths) {
    const means = FIGURES.map((figure) => {
      const mean = geometricMean(ratios.get(figure + depth) ?? []);
      return `${figure} ${mean.toFixed(3)}`;
    });
    console.log(`${(depth === "" ? "all" : depth.trim()).padEnd(5)} ${means.join("  ")}`);
  }
}

const NAMED = 3;

/** Names the tests with the best and the worst ratios of throughput and of CPU time. */
function printExtremes(cells: readonly Cell[], targets: readonly Target[]): void {
  const [ours, theirs] = targets;
  for (const figure of ["throughput", "cpu"] as const) {
    const rows = cells.map((cell) => {
      const of = (target: Target) =>
        median((cell.samples.get(target) ?? []).map((sample) => sample[figure]));
      return { name: `${cell.test.name} P${cell.pipeline}`, ratio: of(ours) / of(theirs) };
    }).filter(({ ratio }) => Number.isFinite(ratio));
    const better = figure === "throughput" ? -1 : 1;
    rows.sort((a, b) => better * (a.ratio - b.ratio));
    const named = (some: typeof rows) =>
      some.map(({ name, ratio }) => `${name} ${ratio.toFixed(3)}`).join(", ");
    console.log(`best ${figure}: ${named(rows.slice(0, NAMED))}`);
    console.log(`worst ${figure}: ${named(rows.slice(-NAMED).reverse())}`);
  }
}

async function measure(
  targets: readonly Target[],
  settings: Settings,
  cells: Cell[],
  rounds: number,
) {
  for (const target of targets) {
    // GET must find its keys: all of them are set once before the first round.
    const count = ["-n", String(settings.keys), "-r", String(settings.keys), "--sequential"];
    const place = ["-t", "set", "-P", "16", "-d", String(settings.size)];
    await command(target, "FLUSHALL");
    await load(target, settings, [...count, ...place]);
    await fillTests(target, cells.map((cell) => cell.test));
  }
  for (const cell of settings.warm > 0 ? cells : []) {
    for (const target of targets) {
      await runCell(cell, target, settings, ["-n", String(settings.warm)]);
    }
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? targets : [...targets].reverse();
    for (const cell of cells) await measureCell(cell, order, settings);
    console.log(`round ${round + 1} of ${rounds} done`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      against: { type: "string", default: "127.0.0.1:6379" },
      ours: { type: "string" },
      load: { type: "string", default: "valkey-benchmark" },
      clients: { type: "string", default: "50" },
      keys: { type: "string", default: "100000" },
      size: { type: "string", default: "3" },
      pipeline: { type: "string", default: "1,16,100" },
      tests: { type: "string", default: "ping_mbulk,set,get,incr,mset" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      warm: { type: "string", default: "50000" },
      fill: { type: "string", default: "1000000" },
    },
  });
  const settings: Settings = {
    load: values.load,
    clients: Number(values.clients),
    keys: Number(values.keys),
    size: Number(values.size),
    seconds: Number(values.seconds),
    warm: Number(values.warm),
  };
  const tests = benchTests(values.tests);
  const cells: Cell[] = values.pipeline.split(",").flatMap((depth) =>
    tests.filter((test) => test.pipelines?.includes(Number(depth)) ?? true)
      .map((test) => ({ test, pipeline: Number(depth), samples: new Map() }))
  );
  let started: TestServer | undefined;
  try {
    if (values.ours === undefined) started = await startServer();
    const ours = await openTarget("ours", values.ours ?? `127.0.0.1:${started?.port}`);
    const targets = [ours, await openTarget("theirs", values.against)];
    if (Number(values.fill) > 0) await measureMemory(targets, settings, Number(values.fill));
    await measure(targets, settings, cells, Number(values.rounds));
    console.log(
      `\n${settings.clients} clients, ${settings.keys} keys, ${settings.size} byte values`,
    );
    printCells(cells, targets);
    printExtremes(cells, targets);
    for (const target of targets) {
      await command(target, "FLUSHALL");
      target.connection.close();
    }
  } finally {
    await started?.stop();
  }
}

if (import.meta.main) {
  await main();
  process.exit(0);
}
