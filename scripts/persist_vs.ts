// persist_vs.ts: measures what keeping data costs, for Sigrun and a reference server in one run, and prints ratios.
//
//   deno task persist:vs --reference PATH-OF-valkey-server   without it Sigrun alone is measured
//     --work DIR              where both keep their files; a temporary folder when absent
//     --keys 5000000  --rate 50000  --seed 1  --rounds 3  --base 10
//     --ports 23000           the first of two ports
//     --only save,load,bgsave,rewrite
//
// Sigrun is what SIGRUN_BIN names, else mod.ts. Both are started here on loopback and filled with the same keys (16 bytes,
// values of 64 that do not compress); then each round measures both right after each other, the first one alternating:
//
//   save      SAVE: time, CPU time, size of the file
//   load      from the start of the process to the first PONG: time, CPU time
//   bgsave    BGSAVE while a client SETs existing keys at `rate`: the round trips of a client that sends a PING every
//             millisecond, how long it takes, memory
//   rewrite   the same for BGREWRITEAOF, with appendfsync everysec
//
// In front of bgsave and rewrite the pings are measured for `base` seconds under the same writes alone: what the machine
// does to them is in that figure as well. MEMORY is the largest sum of the server's resident memory and, where there is a
// child, what that one has to itself, less the server's memory just before. Its largest resident memory ever in that time
// is asked of the kernel, not sampled. Linux only: /proc.
//
// A "net" round trip is less what the server waited for a processor (persist_client.ts): on a machine that
// others use it tells more than the round trip itself. The pinging client runs at a higher priority where that is allowed; `late` is how far it was behind its own time.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Program, serverUnderTest, withFolder } from "../tests/e2e/server_kit.ts";
import { encodeArgs, parseReply } from "../tests/kit/resp.ts";
import { openSocket } from "../tests/kit/socket_transport.ts";
import type { Connection } from "../tests/kit/transport.ts";
import { median } from "./bench_vs.ts";
import { denoPath, run } from "./child.ts";
import type { PingFigures, WriteFigures } from "./persist_client.ts";
import { ROOT } from "./source.ts";

const HOST = "127.0.0.1";
const MIB = 1024 ** 2;
const TICKS_PER_SECOND = 100;
const REPLY_MS = 600_000;
const LOAD_LOOK_MS = 10;
const SNAPSHOT_LOOK_MS = 50;
/** A look at the memory of a child walks its page tables: not more often than this. */
const CHILD_LOOK_MS = 300;
const SETTLE_MS = 2000;
const PING_PRIORITY = -10;

interface Settings {
  keys: number;
  rate: number;
  seed: number;
  baseSeconds: number;
}

/** Figures by name; all rounds of one server. */
type Samples = Map<string, number[]>;

/** One of the two servers; it may be stopped and started again. */
class Target {
  readonly label: string;
  readonly samples: Samples = new Map();
  readonly folder: string;
  readonly #port: number;
  readonly #program: readonly string[];
  #server: Program | null = null;
  #connection: Connection | null = null;

  constructor(label: string, program: readonly string[], port: number, folder: string) {
    this.label = label;
    this.#program = program;
    this.#port = port;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#server?.pid ?? -1;
  }

  /** Starts the process, without waiting for it. */
  launch(): void {
    const basics = ["--port", String(this.#port), "--bind", HOST, "--dir", this.folder];
    this.#server = new Program([...basics, "--save", ""], {
      program: this.#program,
      cwd: this.folder,
    });
  }

  /** Waits until it answers PING. */
  async answers(): Promise<void> {
    const untilMs = performance.now() + REPLY_MS;
    for (;;) {
      const server = this.#server;
      if (server?.ending !== undefined || performance.now() > untilMs) {
        throw new Error(`${this.label} does not answer:\n${server?.stdout}${server?.stderr}`);
      }
      try {
        if (await this.call("PING") === "PONG") return;
      } catch {
        this.#connection = null; // it does not listen yet
      }
      await sleep(LOAD_LOOK_MS);
    }
  }

  /** Sends a command. Returns the text of the reply. */
  async call(...args: string[]): Promise<string> {
    this.#connection ??= await openSocket(HOST, this.#port);
    await this.#connection.write(encodeArgs(args));
    return parseReply(await this.#connection.frame(REPLY_MS)).reply.text;
  }

  async info(field: string): Promise<number> {
    const text = await this.call("INFO", "persistence");
    return Number(new RegExp(`^${field}:(\\d+)`, "m").exec(text)?.[1] ?? NaN);
  }

  add(name: string, value: number): void {
    this.samples.set(name, [...this.samples.get(name) ?? [], value]);
  }

  middle(name: string): number {
    return median(this.samples.get(name) ?? [NaN]);
  }

  async stop(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
    await this.#server?.stop();
    this.#server = null;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

// ---- /proc

/** User and system CPU seconds a process has used. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** A line of memory from a file of /proc in bytes; 0 when the process is gone. */
function memoryBytes(path: string, ...names: string[]): number {
  try {
    const text = readFileSync(path, "latin1");
    return names.reduce((sum, name) => {
      return sum + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
    }, 0);
  } catch {
    return 0;
  }
}

function residentBytes(pid: number): number {
  return memoryBytes(`/proc/${pid}/status`, "VmRSS");
}

/** Resident bytes of its children that nobody else has. */
function childBytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
  return children.filter((child) => child !== "").reduce((sum, child) => {
    return sum + memoryBytes(`/proc/${child}/smaps_rollup`, "Private_Clean", "Private_Dirty");
  }, 0);
}

/** Milliseconds its main thread was ready to run but had no processor. */
function starvedMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1e6;
}

// ---- clients

/** One thread each: a helper that gets no processor is one more reason to stop. */
function clientWords(...words: (string | number)[]): string[] {
  const flags = ["-A", "--no-check", "--v8-flags=--single-threaded"];
  return [denoPath(), "run", ...flags, `${ROOT}/scripts/persist_client.ts`, ...words.map(String)];
}

/** A client that says what it saw when it is asked. */
class Client {
  readonly #child: ChildProcess;
  #text = "";
  #wake = () => {};

  constructor(...words: (string | number)[]) {
    const [program, ...rest] = clientWords(...words);
    const child = spawn(program, rest, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    child.stdout?.on("data", (bytes: Uint8Array) => {
      this.#text += new TextDecoder().decode(bytes);
      this.#wake();
    });
    child.once("close", () => this.#wake());
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What it saw since the last time. */
  async report<T>(): Promise<T> {
    this.#child.stdin?.write("\n");
    while (!this.#text.includes("\n")) {
      if (this.#child.exitCode !== null) throw new Error("a client ended");
      await new Promise<void>((done) => this.#wake = done);
    }
    const line = this.#text;
    this.#text = "";
    return JSON.parse(line) as T;
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

// ---- measurements

async function measureSave(target: Target): Promise<void> {
  const cpuBefore = cpuSeconds(target.pid);
  const startMs = performance.now();
  const answer = await target.call("SAVE");
  if (answer !== "OK") throw new Error(`${target.label}: SAVE: ${answer}`);
  target.add("save s", (performance.now() - startMs) / 1000);
  target.add("save cpu s", cpuSeconds(target.pid) - cpuBefore);
  target.add("file MB", statSync(join(target.folder, "dump.rdb")).size / 1e6);
}

async function measureLoad(target: Target, settings: Settings): Promise<void> {
  await target.stop();
  const startMs = performance.now();
  target.launch();
  await target.answers();
  target.add("load s", (performance.now() - startMs) / 1000);
  target.add("load cpu s", cpuSeconds(target.pid));
  const size = Number(await target.call("DBSIZE"));
  if (size !== settings.keys) throw new Error(`${target.label} has ${size} keys`);
}

/** The largest memory while `isOver` is false, as the sum of the server and its child, and of the server alone. */
async function watchMemory(target: Target, isOver: () => Promise<boolean>) {
  let most = 0;
  let child = 0;
  let childMs = 0;
  while (!await isOver()) {
    const nowMs = performance.now();
    if (nowMs - childMs > CHILD_LOOK_MS) {
      child = childBytes(target.pid);
      childMs = nowMs;
    }
    most = Math.max(most, residentBytes(target.pid) + child);
    await sleep(SNAPSHOT_LOOK_MS);
  }
  return Math.max(most, memoryBytes(`/proc/${target.pid}/status`, "VmHWM"));
}

function addPings(target: Target, when: string, pings: PingFigures, writes: WriteFigures): void {
  target.add(`${when} ping longest ms`, pings.longest);
  target.add(`${when} ping longest net ms`, pings.longestNet);
  target.add(`${when} ping p99.9 ms`, pings.p999);
  target.add(`${when} ping p99 ms`, pings.p99);
  target.add(`${when} ping p50 ms`, pings.p50);
  target.add(`${when} pings over 10 ms`, pings.over10);
  target.add(`${when} late ms`, pings.longestLate);
  target.add(`${when} SETs/s`, writes.rate);
}

/** Pings and writes alone, then while what `command` begins is under way, which is when INFO says 1 in `field`. */
async function measureUnderLoad(
  target: Target,
  settings: Settings,
  name: string,
  command: string,
  field: string,
): Promise<void> {
  const { keys, seed, rate, baseSeconds } = settings;
  const writer = new Client("write", target.port, keys, seed + 1, rate);
  const pinger = new Client("ping", target.port, target.pid);
  try {
    setPriority(pinger.pid, PING_PRIORITY);
  } catch {
    console.log("the pinging client runs at the same priority as all others");
  }
  try {
    await writer.report();
    await pinger.report();
    await sleep(SETTLE_MS);
    await writer.report();
    await pinger.report();
    await sleep(baseSeconds * 1000);
    addPings(target, `${name} base`, await pinger.report(), await writer.report());
    writeFileSync(`/proc/${target.pid}/clear_refs`, "5"); // the largest resident memory is counted anew
    const residentBefore = residentBytes(target.pid);
    const starvedBefore = starvedMs(target.pid);
    const cpuBefore = cpuSeconds(target.pid);
    const startMs = performance.now();
    await target.call(command);
    const most = await watchMemory(target, async () => await target.info(field) === 0);
    const seconds = (performance.now() - startMs) / 1000;
    addPings(target, name, await pinger.report(), await writer.report());
    target.add(`${name} s`, seconds);
    target.add(`${name} cpu of server %`, (cpuSeconds(target.pid) - cpuBefore) / seconds * 100);
    target.add(`${name} server starved ms`, starvedMs(target.pid) - starvedBefore);
    target.add(`${name} extra MiB`, (most - residentBefore) / MIB);
    target.add(`${name} resident before MiB`, residentBefore / MIB);
  } finally {
    writer.close();
    pinger.close();
  }
  await sleep(SETTLE_MS);
}

async function measureRewrite(target: Target, settings: Settings): Promise<void> {
  await target.call("CONFIG", "SET", "appendonly", "yes");
  while (
    await target.info("aof_rewrite_in_progress") + await target.info("aof_rewrite_scheduled") > 0
  ) {
    await sleep(SNAPSHOT_LOOK_MS);
  }
  await measureUnderLoad(target, settings, "rewrite", "BGREWRITEAOF", "aof_rewrite_in_progress");
  await target.call("CONFIG", "SET", "appendonly", "no");
}

async function measure(
  target: Target,
  settings: Settings,
  parts: ReadonlySet<string>,
): Promise<void> {
  if (parts.has("save")) await measureSave(target);
  if (parts.has("load")) await measureLoad(target, settings);
  if (parts.has("bgsave")) {
    await measureUnderLoad(target, settings, "bgsave", "BGSAVE", "rdb_bgsave_in_progress");
  }
  if (parts.has("rewrite")) await measureRewrite(target, settings);
}

// ---- the report

/** What is wanted of a figure: of the ratio, or of ours where it is absolute. */
const LINES = new Map<string, { most: number; isRatio: boolean }>([
  ["save s", { most: 1.5, isRatio: true }],
  ["load s", { most: 1.2, isRatio: true }],
  ["file MB", { most: 1.02, isRatio: true }],
  ["bgsave ping longest ms", { most: 10, isRatio: false }],
  ["bgsave extra MiB", { most: 64, isRatio: false }],
]);

/** "" where nothing is wanted, else what is, and whether it holds. */
function lineOf(name: string, ours: number, theirs: number): string {
  const wanted = LINES.get(name);
  if (wanted === undefined) return "";
  const { most, isRatio } = wanted;
  if (isRatio && Number.isNaN(theirs)) return "";
  const holds = (isRatio ? ours / theirs : ours) <= most;
  return `${isRatio ? "ratio " : ""}<= ${most}: ${holds ? "holds" : "does not hold"}`;
}

function printTable(targets: readonly Target[]): void {
  const [ours, theirs] = targets;
  const row = (name: string, ...values: string[]) =>
    console.log(`${name.padEnd(30)}${values.map((value) => value.padStart(11)).join("")}`);
  row("median", "ours", "theirs", "ratio");
  for (const name of ours.samples.keys()) {
    const a = ours.middle(name);
    const b = theirs?.middle(name) ?? NaN;
    row(name, a.toFixed(2), b.toFixed(2), (a / b).toFixed(3), `  ${lineOf(name, a, b)}`);
  }
  const pings = ["bgsave", "rewrite"].flatMap((part) => [
    `${part} ping longest ms`,
    `${part} ping longest net ms`,
  ]);
  for (const name of pings) {
    for (const { label, samples } of targets) {
      const all = samples.get(name);
      if (all !== undefined) {
        console.log(`${name}, ${label}, all rounds: ${all.map((ms) => ms.toFixed(2)).join(" ")}`);
      }
    }
  }
}

async function measureIn(folder: string, settings: Settings, values: {
  reference?: string;
  ports: string;
  rounds: string;
  only: string;
}): Promise<void> {
  const port = Number(values.ports);
  const targets = [new Target("ours", serverUnderTest(), port, join(folder, "ours"))];
  if (values.reference !== undefined) {
    targets.push(new Target("theirs", [values.reference], port + 1, join(folder, "theirs")));
  }
  const parts = new Set(values.only.split(","));
  try {
    for (const target of targets) {
      target.launch();
      await target.answers();
      await target.call("FLUSHALL");
      const finished = await run(clientWords("fill", target.port, settings.keys, settings.seed));
      if (finished.code !== 0) throw new Error(finished.output);
      console.log(`${target.label}: filled in ${finished.seconds.toFixed(1)} s`);
    }
    for (let round = 0; round < Number(values.rounds); round++) {
      const order = round % 2 === 0 ? targets : [...targets].reverse();
      for (const target of order) await measure(target, settings, parts);
      console.log(`round ${round + 1} of ${values.rounds} done`);
    }
    printTable(targets);
  } finally {
    for (const target of targets) await target.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      reference: { type: "string" },
      work: { type: "string" },
      keys: { type: "string", default: "5000000" },
      rate: { type: "string", default: "50000" },
      seed: { type: "string", default: "1" },
      rounds: { type: "string", default: "3" },
      base: { type: "string", default: "10" },
      ports: { type: "string", default: "23000" },
      only: { type: "string", default: "save,load,bgsave,rewrite" },
    },
  });
  const settings: Settings = {
    keys: Number(values.keys),
    rate: Number(values.rate),
    seed: Number(values.seed),
    baseSeconds: Number(values.base),
  };
  console.log(`${settings.keys} keys, ${settings.rate} SETs/s, seed ${settings.seed}`);
  if (values.work !== undefined) await measureIn(values.work, settings, values);
  else await withFolder((folder) => measureIn(folder, settings, values));
}

if (import.meta.main) {
  await main();
  process.exit(0);
}
