// scale.ts: how far a server goes: many connections, a reader that never reads, a short start, much
// data, many keys that expire at once, memory per key. Run by hand; prints figures.
//
//   deno task scale                               everything, for dist/sigrun (Bun) and mod.ts (Deno)
//     --runtime bun | deno                        one of them
//     --only idle,deaf,start,data,expire,memory   some of the figures
//     --binary PATH                               instead of dist/sigrun
//     --reference PATH                            a valkey-server to measure beside
//     --gib 6  --keys 10000000  --connections 10000
//
//   figure   target
//   idle     resident bytes per idle connection: 4 KiB on Bun, 12 KiB on Deno; every one answers PING
//   deaf     a client asks for 1 MB values and never reads: memory stays bounded, others are served
//   start    from the start of the process to the first PONG: 60 ms (Bun binary), 150 ms (Deno)
//   data     gigabytes in large and in small values: the count is right, random values are right
//   expire   keys that all expire within a second: no PING waits longer than 5 ms
//   memory   resident and used bytes of a million keys of 16 + 64 bytes
//
// The load comes from this process, so figures of time hold for two free cores. Linux only: resident
// memory is read from /proc.

import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import { askAt, Program, withFolder, withProgram } from "../tests/e2e/server_kit.ts";
import { encodeArgs, latin1 } from "../tests/kit/resp.ts";
import { freePort } from "../tests/kit/server.ts";
import { denoPath } from "./child.ts";
import { ROOT } from "./source.ts";

const HOST = "127.0.0.1";
const MIB = 1024 ** 2;
const REPLY_MS = 120_000;
const encoder = new TextEncoder();

/** A server to measure: its name and the words that start it. */
interface Target {
  name: string;
  program: string[];
}

/** How much of everything. */
interface Settings {
  gib: number;
  keys: number;
  connections: number;
}

/** A line of memory from /proc/PID/status in bytes: VmRSS (now) or VmHWM (peak). */
function statusBytes(pid: number, name: "VmRSS" | "VmHWM"): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** Milliseconds that the main thread of a process was ready to run but had no processor. */
function starvedMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return Number(waitedNs) / 1e6;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function report(target: Target, figure: string, text: string): void {
  console.log(`${target.name.padEnd(9)} ${figure.padEnd(7)} ${text}`);
}

/** The value below which a share of the sorted values lies. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const parts = [0.5, 0.9, 0.99, 0.999].map((share) =>
    `p${share * 100} ${quantile(sorted, share).toFixed(2)}`
  );
  const over = (ms: number) => sorted.filter((value) => value > ms).length;
  return `${parts.join(", ")}, longest ${sorted[sorted.length - 1].toFixed(2)} ms ` +
    `(${sorted.length} pings, ${over(5)} over 5 ms, ${over(10)} over 10 ms)`;
}

/** A connection on which the caller knows how many bytes the replies have. */
class Wire {
  readonly socket: Socket;
  #chunks: Uint8Array[] = [];
  #have = 0;
  #want = 0;
  #done: ((bytes: Uint8Array) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => {
      this.#chunks.push(bytes);
      this.#have += bytes.length;
      this.#deliver();
    });
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("the server hung up")));
  }

  #deliver(): void {
    if (this.#done === null) return;
    if (this.#have < this.#want) {
      if (this.#have > 0 && this.#chunks[0][0] === 45) {
        this.#failed?.(new Error(latin1(this.#chunks[0]).slice(0, 200)));
      }
      return;
    }
    const all = new Uint8Array(this.#have);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [];
    this.#have = 0;
    const done = this.#done;
    this.#done = null;
    done(all);
  }

  /** Sends a request whose replies have `want` bytes in all; returns them. */
  exchange(request: Uint8Array | string, want: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#want = want;
      this.#done = resolve;
      this.#failed = reject;
      this.socket.write(request);
      this.#deliver();
    });
  }

  async ping(): Promise<number> {
    const startMs = performance.now();
    await this.exchange("PING\r\n", 7);
    return performance.now() - startMs;
  }

  close(): void {
    this.#failed = null;
    this.socket.destroy();
  }
}

function openWire(port: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port });
    socket.once("error", reject);
    socket.once("connect", () => resolve(new Wire(socket)));
  });
}

async function replyOf(port: number, ...words: string[]): Promise<string> {
  return await askAt(HOST, port, ...words);
}

async function infoNumber(port: number, section: string, field: string): Promise<number> {
  const text = await replyOf(port, "INFO", section);
  return Number(new RegExp(`^${field}:(\\d+)`, "m").exec(text)?.[1] ?? NaN);
}

async function keyCount(port: number): Promise<number> {
  return Number((await replyOf(port, "DBSIZE")).slice(1));
}

/** Words that every server of a measurement is started with. */
function words(port: number, folder: string): string[] {
  const basics = ["--port", String(port), "--bind", HOST, "--dir", folder];
  return [...basics, "--save", "", "--maxclients", "20000", "--tcp-backlog", "4096"];
}

async function withTarget(
  target: Target,
  body: (port: number, server: Program) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const port = await freePort();
    const options = { program: target.program };
    await withProgram(words(port, folder), async (server) => {
      try {
        await body(port, server);
      } catch (error) {
        await sleep(500); // the end of the process is known a little later
        console.log(`exit code or signal: ${server.ending}`);
        console.log(`${server.stdout.slice(-2000)}${server.stderr.slice(-2000)}`);
        throw error;
      }
    }, options);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

// ---- idle

async function idle(target: Target, { connections }: Settings): Promise<void> {
  await withTarget(target, async (port, server) => {
    const warm: Wire[] = [];
    for (let i = 0; i < 100; i++) warm.push(await openWire(port));
    for (const wire of warm) await wire.ping();
    await sleep(1000);
    const before = statusBytes(server.pid, "VmRSS");
    const wires: Wire[] = [];
    while (wires.length < connections) {
      const group = Math.min(200, connections - wires.length);
      wires.push(...await Promise.all(Array.from({ length: group }, () => openWire(port))));
    }
    await sleep(2000);
    const opened = statusBytes(server.pid, "VmRSS");
    for (let at = 0; at < connections; at += 500) {
      await Promise.all(wires.slice(at, at + 500).map((wire) => wire.ping()));
    }
    await sleep(3000);
    const after = statusBytes(server.pid, "VmRSS");
    const each = (bytes: number) => Math.round((bytes - before) / connections);
    report(
      target,
      "idle",
      `${connections} connections, all answered: ${each(after)} bytes each ` +
        `(${each(opened)} before their first PING), resident ${mib(before)} -> ${mib(after)}`,
    );
    for (const wire of [...warm, ...wires]) wire.close();
  });
}

// ---- deaf

async function deaf(target: Target): Promise<void> {
  await withTarget(target, async (port, server) => {
    const other = await openWire(port);
    await other.exchange(encodeArgs(["SET", "large", "x".repeat(MIB)]), 5);
    await other.ping();
    const before = statusBytes(server.pid, "VmRSS");
    const reader = connect({ host: HOST, port });
    reader.on("error", () => {}); // the server may close it
    let open = true;
    reader.on("close", () => open = false);
    await new Promise<void>((done) => reader.once("connect", () => done()));
    reader.pause();
    const get = encoder.encode(encodeArgs(["GET", "large"]).repeat(50));
    const pings: number[] = [];
    let waiting = false;
    let sent = 0;
    for (const until = performance.now() + 10_000; performance.now() < until;) {
      if (!waiting && open) {
        sent += 50;
        waiting = !reader.write(get);
        if (waiting) reader.once("drain", () => waiting = false);
      }
      pings.push(await other.ping());
      await sleep(5);
    }
    const peak = statusBytes(server.pid, "VmHWM");
    report(
      target,
      "deaf",
      `${sent} GETs of 1 MiB never read: resident ${mib(before)}, peak ${mib(peak)}; ` +
        `others: ${distribution(pings)}`,
    );
    reader.destroy();
    other.close();
  });
}

// ---- start

/** Milliseconds from the start of the process to the first PONG. */
async function startOnce(target: Target, folder: string): Promise<number> {
  const port = await freePort();
  const startMs = performance.now();
  const server = new Program(words(port, folder), { program: target.program });
  try {
    for (;;) {
      try {
        const wire = await openWire(port);
        await wire.ping();
        wire.close();
        return performance.now() - startMs;
      } catch (error) {
        if (performance.now() - startMs > REPLY_MS || server.ending !== undefined) throw error;
        // Not listening yet; a short wait leaves the processor to the server.
        await sleep(1);
      }
    }
  } finally {
    await server.stop();
  }
}

async function start(target: Target): Promise<void> {
  await withFolder(async (folder) => {
    const times: number[] = [];
    await startOnce(target, folder); // fills the caches of the file system and of the runtime
    for (let i = 0; i < 10; i++) times.push(await startOnce(target, folder));
    const sorted = times.sort((a, b) => a - b);
    const median = (sorted[4] + sorted[5]) / 2;
    const range = `${sorted[0].toFixed(0)} to ${sorted[9].toFixed(0)}`;
    report(target, "start", `median ${median.toFixed(0)} ms to the first PONG (${range})`);
  });
}

// ---- data

/** A block of pseudo-random bytes from which all values are cut. */
function noise(bytes: number): Uint8Array {
  const buf = new Uint8Array(bytes);
  let state = 88172645;
  for (let i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    buf[i] = state;
  }
  return buf;
}

/** One kind of value: value i is `len` bytes of the noise from an offset that depends on i. */
interface Kind {
  prefix: string;
  len: number;
  count: number;
}

function valueOf(kind: Kind, i: number, source: Uint8Array): Uint8Array {
  const off = (i * 7919) % (source.length - kind.len);
  return source.subarray(off, off + kind.len);
}

function keyOf(kind: Kind, i: number): string {
  return kind.prefix + String(i).padStart(15, "0");
}

/** Stores values [0, kind.count), with `tail` behind each value, a megabyte or so at a time. */
async function fill(
  port: number,
  kind: Kind,
  source: Uint8Array,
  tail: (i: number) => string = () => "",
  tailWords = 0,
): Promise<void> {
  const wire = await openWire(port);
  const each = Math.max(1, Math.min(4000, Math.floor(MIB / kind.len)));
  const room = new Uint8Array(each * (kind.len + 160));
  for (let first = 0; first < kind.count; first += each) {
    const end = Math.min(first + each, kind.count);
    let at = 0;
    for (let i = first; i < end; i++) {
      const head = `*${3 + tailWords}\r\n$3\r\nSET\r\n$16\r\n${keyOf(kind, i)}\r\n$${kind.len}\r\n`;
      at += encoder.encodeInto(head, room.subarray(at)).written;
      room.set(valueOf(kind, i, source), at);
      at += kind.len;
      at += encoder.encodeInto(`\r\n${tail(i)}`, room.subarray(at)).written;
    }
    await wire.exchange(room.slice(0, at), 5 * (end - first));
  }
  wire.close();
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Reads random values and compares them; returns how many were wrong. */
async function verify(
  port: number,
  kind: Kind,
  source: Uint8Array,
  reads: number,
): Promise<number> {
  const wire = await openWire(port);
  const head = `$${kind.len}\r\n`;
  let wrong = 0;
  for (let k = 0; k < reads; k++) {
    const i = Math.floor(Math.random() * kind.count);
    const reply = await wire.exchange(
      encodeArgs(["GET", keyOf(kind, i)]),
      head.length + kind.len + 2,
    );
    const value = valueOf(kind, i, source);
    const body = reply.subarray(head.length, head.length + kind.len);
    if (!equal(body, value)) wrong++;
  }
  wire.close();
  return wrong;
}

async function data(target: Target, { gib }: Settings): Promise<void> {
  await withTarget(target, async (port, server) => {
    const source = noise(4 * MIB);
    const large = { prefix: "L", len: 65536, count: Math.round(gib * 0.75 * 16384) };
    const small = { prefix: "S", len: 100, count: Math.round(gib * 0.25 * 7_000_000) };
    const startMs = performance.now();
    await fill(port, large, source);
    const largeMs = performance.now();
    await fill(port, small, source);
    const endMs = performance.now();
    const size = await keyCount(port);
    const want = large.count + small.count;
    const wrong = await verify(port, large, source, 5000) + await verify(port, small, source, 5000);
    const used = await infoNumber(port, "memory", "used_memory");
    const resident = statusBytes(server.pid, "VmRSS");
    report(
      target,
      "data",
      `${large.count} values of 64 KiB in ${((largeMs - startMs) / 1000).toFixed(1)} s, ` +
        `${small.count} of 100 B in ${((endMs - largeMs) / 1000).toFixed(1)} s; ` +
        `DBSIZE ${size} (${size === want ? "right" : `WRONG, ${want} expected`}), ` +
        `10000 random GETs, ${wrong} wrong; used ${mib(used)}, resident ${mib(resident)}, ` +
        `alive: ${server.ending === undefined}`,
    );
  });
}

// ---- expire

/** Pings every millisecond until `isOver`; returns the round trips in milliseconds. */
async function pingUntil(wire: Wire, isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver()) {
    times.push(await wire.ping());
    await sleep(1);
  }
  return times;
}

async function expire(target: Target, { keys }: Settings): Promise<void> {
  await withTarget(target, async (port, server) => {
    const source = noise(MIB);
    const wire = await openWire(port);
    const calmEnd = performance.now() + 2000;
    const calm = await pingUntil(wire, () => performance.now() > calmEnd);
    // Far enough away that the fill ends before; then brought near by stopping to wait.
    const dueMs = Date.now() + 20_000 + keys / 100;
    const kind = { prefix: "E", len: 16, count: keys };
    const tail = (i: number) => `$4\r\nPXAT\r\n$13\r\n${dueMs + i % 1000}\r\n`;
    await fill(port, kind, source, tail, 2);
    const size = await keyCount(port);
    const used = await infoNumber(port, "memory", "used_memory");
    const resident = statusBytes(server.pid, "VmRSS");
    if (Date.now() > dueMs) throw new Error("the fill took too long, keys expired meanwhile");
    await sleep(Math.max(0, dueMs - Date.now() - 1000));
    let left = size;
    let doneMs = 0;
    const asking = setInterval(async () => {
      left = await keyCount(port);
      if (left === 0 && doneMs === 0) doneMs = Date.now();
    }, 100);
    const starvedBefore = [starvedMs(server.pid), starvedMs(process.pid)];
    const pings = await pingUntil(wire, () => doneMs > 0 || Date.now() > dueMs + REPLY_MS);
    clearInterval(asking);
    const starved = [server.pid, process.pid].map((pid, i) => starvedMs(pid) - starvedBefore[i]);
    const after = await infoNumber(port, "memory", "used_memory");
    report(
      target,
      "expire",
      `${size} keys (used ${mib(used)}, resident ${mib(resident)}): gone ` +
        `${((doneMs - dueMs) / 1000).toFixed(1)} s after the first was due, ${left} left; ` +
        `used ${mib(after)}, resident ${mib(statusBytes(server.pid, "VmRSS"))}\n` +
        `${" ".repeat(18)}pings: ${distribution(pings)}; without a processor: ` +
        `server ${starved[0].toFixed(0)} ms, this process ${starved[1].toFixed(0)} ms\n` +
        `${" ".repeat(18)}before, without keys: ${distribution(calm)}`,
    );
    wire.close();
  });
}

// ---- memory

async function memory(target: Target): Promise<void> {
  await withTarget(target, async (port, server) => {
    const usedBefore = await infoNumber(port, "memory", "used_memory");
    const before = statusBytes(server.pid, "VmRSS");
    const kind = { prefix: "M", len: 64, count: 1_000_000 };
    await fill(port, kind, noise(MIB));
    await sleep(1000);
    const used = await infoNumber(port, "memory", "used_memory");
    const resident = statusBytes(server.pid, "VmRSS");
    const each = (bytes: number) => (bytes / kind.count).toFixed(1);
    report(
      target,
      "memory",
      `1000000 keys of 16 + 64 B: used ${mib(used)} (${each(used - usedBefore)} B a key), ` +
        `resident ${mib(resident)} (${each(resident - before)} B a key, ${mib(before)} empty)`,
    );
  });
}

const FIGURES: Readonly<Record<string, (target: Target, settings: Settings) => Promise<void>>> = {
  idle,
  deaf,
  start,
  data,
  expire,
  memory,
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string" },
      only: { type: "string", default: Object.keys(FIGURES).join(",") },
      binary: { type: "string", default: `${ROOT}/dist/sigrun` },
      reference: { type: "string" },
      gib: { type: "string", default: "6" },
      keys: { type: "string", default: "10000000" },
      connections: { type: "string", default: "10000" },
    },
  });
  const settings = {
    gib: Number(values.gib),
    keys: Number(values.keys),
    connections: Number(values.connections),
  };
  const targets: Target[] = [
    { name: "bun", program: [values.binary, "serve"] },
    {
      name: "deno",
      program: [denoPath(), "run", "-A", "--no-check", `${ROOT}/mod.ts`, "serve"],
    },
  ].filter((target) => values.runtime === undefined || values.runtime === target.name);
  if (values.reference !== undefined) {
    targets.push({ name: "reference", program: [values.reference] });
  }
  for (const figure of values.only.split(",")) {
    for (const target of targets) {
      try {
        await FIGURES[figure](target, settings);
      } catch (error) {
        report(target, figure, `FAILED: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return 0;
}

if (import.meta.main) process.exit(await main());
