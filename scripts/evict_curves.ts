// evict_curves.ts: how good eviction is: hit rates of Sigrun and another server side by side.
//
//   deno task evict-curves --against 127.0.0.1:6379
//     --ours 127.0.0.1:7000   a running server; without it mod.ts (or SIGRUN_BIN) is started
//     --keys 20000  --requests 200000  --seed 1
//     --ratios 10,25,50,75    maxmemory in percent of what all keys would take, each server's own measure
//     --policies allkeys-lru,allkeys-lfu,volatile-ttl
//
// A trace is a seeded sequence of keys, the same for both: a GET, and behind a miss a SET. The two take turns batch by
// batch, so that time passes alike for both. Both servers are emptied; their maxmemory and maxmemory-policy are changed.
//
//   zipf     the k-th most wanted key is asked for in proportion to 1 / k
//   shift    the same, but ten times on the way other keys become the wanted ones
//   scan     zipf, and a tenth of the requests walks through all keys in order
//
// Under volatile-ttl the time to live of a key rises with how much it is wanted; there is no shift, after which the right
// order would be the wrong one.
// The figure is the share of hits in the second half of a trace; it ends with the worst difference.

import process from "node:process";
import { parseArgs } from "node:util";
import { SeededRandom } from "../tests/kit/clock.ts";
import { encodeArgs, parseReply } from "../tests/kit/resp.ts";
import { startServer } from "../tests/kit/server.ts";
import { openSocket } from "../tests/kit/socket_transport.ts";
import type { Connection } from "../tests/kit/transport.ts";

const BATCH = 100;
const REPLY_MS = 60_000;
const VALUE = "v".repeat(200);
const SHIFTS = 10;
const TRACES = ["zipf", "shift", "scan"];

interface Target {
  label: string;
  connection: Connection;
  /** Bytes used without keys, and what all keys add. */
  baseBytes: number;
  dataBytes: number;
  /** Keys at the end of the last trace. */
  keptKeys: number;
}

interface Settings {
  keys: number;
  requests: number;
  seed: number;
}

async function call(target: Target, ...args: string[]): Promise<string> {
  await target.connection.write(encodeArgs(args));
  const { reply } = parseReply(await target.connection.frame(REPLY_MS));
  if (reply.type === "-") throw new Error(`${target.label}: ${args[0]}: ${reply.text}`);
  return reply.text;
}

/** Sends commands in one piece; returns their replies. */
async function callAll(target: Target, commands: readonly string[][]): Promise<string[]> {
  await target.connection.write(commands.map((args) => encodeArgs(args)).join(""));
  const replies: string[] = [];
  for (let i = 0; i < commands.length; i++) replies.push(await target.connection.frame(REPLY_MS));
  return replies;
}

async function usedBytes(target: Target): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await call(target, "INFO", "memory"))?.[1]);
}

/** The keys of a trace, by number; 0 is wanted most in the beginning. */
export function trace(kind: string, settings: Settings): Int32Array {
  const { keys, requests, seed } = settings;
  const random = new SeededRandom(seed);
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let k = 0; k < keys; k++) sums[k] = sum += 1 / (k + 1);
  const found = new Int32Array(requests);
  for (let i = 0; i < requests; i++) {
    const wanted = (random.next32() >>> 0) / 4294967296 * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    const phase = kind === "shift" ? Math.floor(i / requests * SHIFTS) : 0;
    found[i] = (low + phase * Math.floor(keys / SHIFTS)) % keys;
    if (kind === "scan" && i % 10 === 0) found[i] = (i / 10) % keys;
  }
  return found;
}

function setCommand(policy: string, key: number, keys: number): string[] {
  const name = `key:${String(key).padStart(8, "0")}`;
  if (!policy.startsWith("volatile")) return ["SET", name, VALUE];
  return ["SET", name, VALUE, "EX", String(100_000 + (keys - key) * 10)];
}

/** Asks for a batch of keys and sets those that are missing. Returns the number of hits. */
async function play(target: Target, policy: string, batch: Int32Array, keys: number) {
  const gets = Array.from(batch, (key) => ["GET", `key:${String(key).padStart(8, "0")}`]);
  const replies = await callAll(target, gets);
  const missing = new Set(batch.filter((_, i) => replies[i].startsWith("$-1")));
  const sets = Array.from(missing, (key) => setCommand(policy, key, keys));
  for (const reply of await callAll(target, sets)) {
    if (reply.startsWith("-") && !reply.startsWith("-OOM")) throw new Error(reply);
  }
  return replies.filter((reply) => !reply.startsWith("$-1")).length;
}

/** Measures what all keys take. */
async function measure(target: Target, policy: string, keys: number): Promise<void> {
  await call(target, "FLUSHALL", "SYNC");
  await call(target, "CONFIG", "SET", "maxmemory", "0");
  await call(target, "CONFIG", "SET", "maxmemory-policy", policy);
  target.baseBytes = await usedBytes(target);
  for (let at = 0; at < keys; at += BATCH) {
    const count = Math.min(BATCH, keys - at);
    await callAll(
      target,
      Array.from({ length: count }, (_, i) => setCommand(policy, at + i, keys)),
    );
  }
  target.dataBytes = await usedBytes(target) - target.baseBytes;
}

/** Hit rates in percent of each target. */
async function compare(
  targets: readonly Target[],
  policy: string,
  keys: Int32Array,
  ratio: number,
  settings: Settings,
): Promise<number[]> {
  for (const target of targets) {
    await call(target, "FLUSHALL", "SYNC");
    const limit = Math.floor(target.baseBytes + target.dataBytes * ratio / 100);
    await call(target, "CONFIG", "SET", "maxmemory", String(limit));
  }
  const hits = targets.map(() => 0);
  const half = keys.length >> 1;
  for (let at = 0; at < keys.length; at += BATCH) {
    for (let i = 0; i < targets.length; i++) {
      const found = await play(targets[i], policy, keys.subarray(at, at + BATCH), settings.keys);
      if (at >= half) hits[i] += found;
    }
  }
  for (let i = 0; i < targets.length; i++) {
    targets[i].keptKeys = Number(await call(targets[i], "DBSIZE"));
    await call(targets[i], "CONFIG", "SET", "maxmemory", "0");
  }
  return hits.map((count) => count * 100 / (keys.length - half));
}

async function connect(label: string, place: string): Promise<Target> {
  const [host, port] = place.split(":");
  const connection = await openSocket(host, Number(port));
  return { label, connection, baseBytes: 0, dataBytes: 0, keptKeys: 0 };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      against: { type: "string" },
      ours: { type: "string" },
      keys: { type: "string", default: "20000" },
      requests: { type: "string", default: "200000" },
      seed: { type: "string", default: "1" },
      ratios: { type: "string", default: "10,25,50,75" },
      policies: { type: "string", default: "allkeys-lru,allkeys-lfu,volatile-ttl" },
    },
  });
  if (values.against === undefined) throw new Error("--against HOST:PORT is missing");
  const server = values.ours === undefined ? await startServer() : null;
  const ours = values.ours ?? `127.0.0.1:${server?.port}`;
  const targets = [await connect("ours", ours), await connect("theirs", values.against)];
  const settings = {
    keys: Number(values.keys),
    requests: Number(values.requests),
    seed: Number(values.seed),
  };
  console.log(`${settings.requests} requests for ${settings.keys} keys, seed ${settings.seed}`);
  console.log("policy        trace  ratio   ours  theirs  difference (hits in percent)  keys kept");
  let worst = Infinity;
  for (const policy of values.policies.split(",")) {
    for (const target of targets) await measure(target, policy, settings.keys);
    const traces = policy.endsWith("ttl") ? TRACES.filter((kind) => kind !== "shift") : TRACES;
    for (const kind of traces) {
      const keys = trace(kind, settings);
      for (const ratio of values.ratios.split(",").map(Number)) {
        const [mine, other] = await compare(targets, policy, keys, ratio, settings);
        worst = Math.min(worst, mine - other);
        console.log(
          `${policy.padEnd(13)} ${kind.padEnd(6)} ${String(ratio).padStart(4)}%  ` +
            `${mine.toFixed(2)}   ${other.toFixed(2)}   ${
              (mine - other).toFixed(2).padStart(6)
            }   ` +
            targets.map((target) => target.keptKeys).join(" "),
        );
      }
    }
  }
  console.log(`worst difference ${worst.toFixed(2)}`);
  for (const target of targets) {
    await call(target, "FLUSHALL", "SYNC");
    target.connection.close();
  }
  await server?.stop();
}

if (import.meta.main) {
  main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
  });
}
