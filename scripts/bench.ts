// bench.ts: what a command costs in process, without sockets, in nanoseconds.
//
//   deno task bench                      all, 100,000 keys
//   deno task bench --only get,set       these
//   deno task bench --keys 1000000       a larger data set
//   deno task bench smoke                tiny, for the gate: only shows that it runs
//   bun scripts/bench.ts                 on Bun
//
// "pipeline N": N encoded commands a feed, through parser, gates, handler and reply writer.
// "direct": the handler alone, with its arguments in place. Keys are random; a figure is the best of
// some rounds, as everything that disturbs makes it worse.

import process from "node:process";
import { parseArgs } from "node:util";
import type { Socket } from "../lib/platform/mod.ts";
import { createEngine, type Engine } from "../lib/session/engine.ts";
import type { Session } from "../lib/session/session.ts";
import { systemClock } from "../server/platform.ts";
import { SeededRandom } from "../tests/kit/clock.ts";
import { bytesOf, encodeArgs } from "../tests/kit/resp.ts";

const PIPELINES = [1, 16, 100];
const VALUE = "xxx";
const MSET_PAIRS = 10;

/** A benchmark: how to write its n-th command. */
interface Bench {
  name: string;
  /** Data that must be there first. */
  fill: "none" | "strings" | "numbers";
  args: (key: () => string) => string[];
}

const BENCHES: readonly Bench[] = [
  { name: "ping", fill: "none", args: () => ["PING"] },
  { name: "set", fill: "strings", args: (key) => ["SET", key(), VALUE] },
  { name: "get", fill: "strings", args: (key) => ["GET", key()] },
  { name: "incr", fill: "numbers", args: (key) => ["INCR", key()] },
  {
    name: "mset",
    fill: "strings",
    args: (key) => ["MSET", ...Array.from({ length: MSET_PAIRS }, () => [key(), VALUE]).flat()],
  },
  { name: "xadd", fill: "none", args: () => ["XADD", "stream", "*", "myfield", VALUE] },
  {
    name: "xadd ~",
    fill: "none",
    args: () => ["XADD", "stream", "MAXLEN", "~", "1000", "*", "myfield", VALUE],
  },
];

/** Commands encoded one after the other. */
interface Encoded {
  bytes: Uint8Array;
  /** Offset of each command, and at last that of the end. */
  starts: number[];
  commands: string[][];
}

const SINK: Socket = {
  write: (_buf, _off, len) => len,
  pauseInput: () => {},
  end: () => {},
  destroy: () => {},
  remote: "127.0.0.1:1",
  local: "127.0.0.1:2",
  isUnix: false,
  fd: -1,
};

function keyName(number: number): string {
  return `key:${String(number).padStart(12, "0")}`;
}

function encodeAll(commands: string[][]): Encoded {
  const starts: number[] = [];
  const texts: string[] = [];
  let at = 0;
  for (const args of commands) {
    const text = encodeArgs(args);
    starts.push(at);
    texts.push(text);
    at += text.length;
  }
  starts.push(at);
  return { bytes: bytesOf(texts.join("")), starts, commands };
}

function newSession(): { engine: Engine; session: Session } {
  const engine = createEngine({ clock: systemClock, random: new SeededRandom(1) });
  return { engine, session: engine.connect(SINK) };
}

/** Feeds all commands, `pipeline` at a time. */
function feedAll(session: Session, encoded: Encoded, pipeline: number): void {
  const { bytes, starts } = encoded;
  const count = starts.length - 1;
  for (let i = 0; i < count; i += pipeline) {
    const from = starts[i];
    session.feed(bytes, from, starts[Math.min(i + pipeline, count)] - from);
  }
}

/** Nanoseconds per command of the best round. */
function best(rounds: number, count: number, body: () => void): number {
  let fastest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    body();
    fastest = Math.min(fastest, performance.now() - startMs);
  }
  return fastest * 1e6 / count;
}

/** Runs handlers on arguments that are already in place. */
function directRunner(engine: Engine, session: Session, encoded: Encoded): () => void {
  const { ctx, table } = engine;
  const first = bytesOf(encoded.commands[0][0]);
  const id = table.commandId(first, 0, first.length);
  const run = table.run[id];
  if (run === undefined) throw new Error(`${encoded.commands[0][0]} is not in the table`);
  const width = encoded.commands[0].length;
  const plan = new Int32Array(encoded.commands.length * width * 2);
  let next = 0;
  for (const [i, args] of encoded.commands.entries()) {
    let at = encoded.starts[i] + `*${args.length}\r\n`.length;
    for (const arg of args) {
      at += `$${arg.length}\r\n`.length;
      plan[next++] = at;
      plan[next++] = arg.length;
      at += arg.length + 2;
    }
  }
  const off = new Int32Array(width);
  const len = new Int32Array(width);
  return () => {
    engine.enter(session);
    ctx.argBuf = encoded.bytes;
    ctx.off = off;
    ctx.len = len;
    ctx.argc = width;
    ctx.aheadSpan = 0;
    for (let at = 0; at < plan.length;) {
      for (let i = 0; i < width; i++) {
        off[i] = plan[at++];
        len[i] = plan[at++];
      }
      run(ctx);
      if (ctx.out.size > 65536) ctx.out.clear();
    }
    ctx.out.clear();
  };
}

function measure(bench: Bench, keys: number, count: number, rounds: number): void {
  const { engine, session } = newSession();
  const random = new SeededRandom(7);
  if (bench.fill !== "none") {
    const value = bench.fill === "numbers" ? "1000" : VALUE;
    const fill = Array.from({ length: keys }, (_, i) => ["SET", keyName(i), value]);
    feedAll(session, encodeAll(fill), 100);
  }
  const key = () => keyName(random.below(keys));
  const encoded = encodeAll(Array.from({ length: count }, () => bench.args(key)));
  const figures = PIPELINES.map((pipeline) => {
    feedAll(session, encoded, pipeline);
    return best(rounds, count, () => feedAll(session, encoded, pipeline));
  });
  figures.push(best(rounds, count, directRunner(engine, session, encoded)));
  const errors = engine.server.stats.totalErrorReplies;
  if (errors > 0) throw new Error(`${bench.name}: ${errors} error replies`);
  const columns = figures.map((figure) => figure.toFixed(0).padStart(11));
  console.log(`${bench.name.padEnd(8)} ${columns.join(" ")}`);
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      keys: { type: "string", default: "100000" },
      only: { type: "string" },
      rounds: { type: "string", default: "7" },
    },
  });
  const smoke = positionals.includes("smoke");
  const keys = smoke ? 1000 : Number(values.keys);
  const count = smoke ? 2000 : 100_000;
  const rounds = smoke ? 1 : Number(values.rounds);
  const wanted = values.only?.split(",");
  const runtime = process.versions.bun ? "Bun" : "Deno";
  console.log(`ns per command, ${keys} keys, ${runtime}`);
  const heads = [...PIPELINES.map((depth) => `pipeline ${depth}`), "direct"];
  console.log(`${"".padEnd(8)} ${heads.map((head) => head.padStart(11)).join(" ")}`);
  for (const bench of BENCHES) {
    if (wanted === undefined || wanted.includes(bench.name)) measure(bench, keys, count, rounds);
  }
}

if (import.meta.main) main();
