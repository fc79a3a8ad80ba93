// kill.ts: kills a real server with SIGKILL under load, again and again, and looks whether anything is missing afterwards
// that had been acknowledged.
//
//   deno task kill --rounds 2000 --policy always       or everysec, no
//     --bin dist/sigrun    the executable; SIGRUN_BIN or mod.ts when absent
//     --port 21500         a free one when absent
//     --clients 4          connections that write
//
//   start -> what is there against what was acknowledged -> load for 50 to 150 ms, perhaps a rewrite -> SIGKILL -> ...
//
// WHAT CLIENTS WRITE, each to keys of its own: a register set to growing numbers, a pair of registers set in a transaction,
// a list that gets one number after the other, a counter. So every loss, every write twice, every half transaction shows:
// register and counter between what was acknowledged and what was sent, both of the pair the same, the list without a gap.
//
// Only processes started here are ended. Closes with "N rounds, N acknowledged writes, N violations".

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { SeededRandom } from "../tests/kit/clock.ts";
import { bytesOf, encodeArgs, FrameReader, latin1, parseReply } from "../tests/kit/resp.ts";
import { freePort, programUnderTest } from "../tests/kit/server.ts";
import { ROOT } from "./source.ts";

const HOST = "127.0.0.1";
const START_MS = 120_000;
const REPLY_MS = 60_000;
const POLL_MS = 4;
const LOAD_MS_MIN = 50;
const LOAD_MS_SPREAD = 100;
/** Share of the rounds in which the server is killed while it starts. */
const KILLED_AT_START = 0.1;
const LIST_MAX = 3000;
const REPORT_ROUNDS = 100;

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Waits for something, but not longer than that. */
async function within(ms: number, what: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((done) => timer = setTimeout(done, ms));
  await Promise.race([what, late]);
  clearTimeout(timer);
}

/** A connection that counts what it is told. */
class Client {
  private socket: Socket;
  private reader = new FrameReader();
  private waiting: ((frame: string) => void)[] = [];
  private closed: () => void = () => {};
  isOpen = true;
  readonly end: Promise<void>;

  constructor(port: number) {
    this.end = new Promise((done) => this.closed = done);
    this.socket = connect({ host: HOST, port });
    this.socket.setNoDelay(true);
    this.socket.on("data", (chunk: Uint8Array) => {
      this.reader.push(latin1(chunk));
      for (let frame = this.reader.next(); frame !== undefined; frame = this.reader.next()) {
        this.waiting.shift()?.(frame);
      }
    });
    const closed = () => {
      this.isOpen = false;
      this.closed();
    };
    this.socket.on("error", closed);
    this.socket.on("close", closed);
  }

  /** Sends commands; each gets a function for its reply, which may never come. */
  send(commands: readonly (readonly [words: readonly string[], heard: (frame: string) => void])[]) {
    if (!this.isOpen) return;
    for (const [, heard] of commands) this.waiting.push(heard);
    this.socket.write(bytesOf(commands.map(([words]) => encodeArgs(words)).join("")));
  }

  /** Sends one command and waits for its reply; "" when the connection ends first. */
  async call(...words: string[]): Promise<string> {
    let frame = "";
    const replied = new Promise<void>((done) =>
      this.send([[words, (text) => {
        frame = text;
        done();
      }]])
    );
    await within(REPLY_MS, Promise.race([replied, this.end]));
    return frame;
  }

  close(): void {
    this.socket.destroy();
    this.isOpen = false;
    this.closed();
  }
}

/** What one writer sent and what was acknowledged. */
class Writer {
  acknowledged = 0;
  private number: number;
  private random: SeededRandom;
  private value = 0;
  private register = { sent: 0, heard: 0 };
  private pair = { sent: 0, heard: 0 };
  private counter = { sent: 0, heard: 0 };
  private list = { sent: 0, heard: 0 };

  constructor(number: number, random: SeededRandom) {
    this.number = number;
    this.random = random;
  }

  private key(name: string): string {
    return `${name}:${this.number}`;
  }

  /** Writes for as long as the connection is there, with as many requests on their way at a time as it likes. */
  async write(client: Client): Promise<void> {
    while (client.isOpen) {
      let due = 0;
      const commands: [string[], (frame: string) => void][] = [];
      const all = new Promise<void>((done) => {
        const count = 1 + this.random.below(16);
        for (let i = 0; i < count; i++) {
          for (const [words, heard] of this.next()) {
            due++;
            commands.push([words, (frame) => {
              if (!frame.startsWith("-")) heard();
              if (--due === 0) done();
            }]);
          }
        }
      });
      client.send(commands);
      await Promise.race([all, client.end]);
    }
  }

  private next(): [string[], () => void][] {
    const value = String(++this.value);
    const heard = (part: { heard: number }, number: number) => () => {
      part.heard = number;
      this.acknowledged++;
    };
    const nothing = () => {};
    switch (this.random.below(4)) {
      case 0:
        this.register.sent = this.value;
        return [[["SET", this.key("register"), value], heard(this.register, this.value)]];
      case 1:
        this.pair.sent = this.value;
        return [
          [["MULTI"], nothing],
          [["SET", this.key("left"), value], nothing],
          [["SET", this.key("right"), value], nothing],
          [["EXEC"], heard(this.pair, this.value)],
        ];
      case 2:
        return [[["INCR", this.key("counter")], heard(this.counter, ++this.counter.sent)]];
    }
    const number = ++this.list.sent;
    return [[["RPUSH", this.key("list"), String(number)], heard(this.list, number)]];
  }

  /** Compares what is there with what was heard. Returns what is wrong. */
  async check(client: Client): Promise<string[]> {
    const wrong: string[] = [];
    const number = async (...words: string[]) => {
      const { reply } = parseReply(await client.call(...words));
      return reply.type === "null" ? 0 : Number(reply.text);
    };
    const between = (name: string, part: { sent: number; heard: number }, found: number) => {
      if (found < part.heard || found > part.sent) {
        wrong.push(`${this.key(name)} is ${found}; heard of ${part.heard}, sent ${part.sent}`);
      }
      part.heard = found;
    };
    between("register", this.register, await number("GET", this.key("register")));
    const left = await number("GET", this.key("left"));
    const right = await number("GET", this.key("right"));
    if (left !== right) wrong.push(`${this.key("left")} is ${left}, the other ${right}`);
    between("left", this.pair, left);
    between("counter", this.counter, await number("GET", this.key("counter")));
    this.counter.sent = this.counter.heard;
    await this.checkList(client, wrong, between);
    return wrong;
  }

  private async checkList(
    client: Client,
    wrong: string[],
    between: (name: string, part: { sent: number; heard: number }, found: number) => void,
  ): Promise<void> {
    const key = this.key("list");
    const { reply } = parseReply(await client.call("LRANGE", key, "0", "-1"));
    const numbers = (reply.items ?? []).map(({ text }) => Number(text));
    numbers.forEach((number, i) => {
      if (i > 0 && number !== numbers[i - 1] + 1) {
        wrong.push(`${key}: ${number} follows ${numbers[i - 1]}`);
      }
    });
    between("list", this.list, numbers.at(-1) ?? 0);
    this.list.sent = this.list.heard;
    if (numbers.length > LIST_MAX) {
      const trimmed = await client.call("LTRIM", key, "-10", "-1");
      if (trimmed !== "+OK\r\n") wrong.push(`LTRIM: ${trimmed}`);
    }
  }
}

/** The settings of a run. */
interface Settings {
  command: readonly string[];
  policy: string;
  port: number;
  directory: string;
}

/** The server that runs now: it ends with this program. */
let running: ChildProcess | null = null;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    running?.kill("SIGKILL");
    process.exit(1);
  });
}

function start({ command, policy, port, directory }: Settings): ChildProcess {
  const args = [
    "serve",
    "--port",
    String(port),
    "--bind",
    HOST,
    "--save",
    "",
    "--appendonly",
    "yes",
  ];
  args.push("--appendfsync", policy, "--auto-aof-rewrite-min-size", "200kb", "--dir", directory);
  return spawn(command[0], [...command.slice(1), ...args], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A connection to the server once it answers; null when it does not. */
async function connected(port: number, child: ChildProcess): Promise<Client | null> {
  const untilMs = performance.now() + START_MS;
  while (performance.now() < untilMs && !hasEnded(child)) {
    const client = new Client(port);
    if (await client.call("PING") === "+PONG\r\n") return client;
    client.close();
    await sleep(POLL_MS);
  }
  return null;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((done) => child.once("close", () => done()));
}

/** One life of the server. Returns what is wrong. */
async function round(
  settings: Settings,
  writers: Writer[],
  random: SeededRandom,
): Promise<string[]> {
  const child = running = start(settings);
  let log = "";
  const collect = (chunk: Uint8Array) => log += new TextDecoder().decode(chunk);
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  try {
    if (random.chance(KILLED_AT_START)) {
      await sleep(random.below(60));
      return [];
    }
    const control = await connected(settings.port, child);
    if (control === null) {
      const how = `exit code ${child.exitCode}, signal ${child.signalCode}`;
      return [`the server does not start, ${how}:\n${log}`];
    }
    const wrong: string[] = [];
    for (const writer of writers) wrong.push(...await writer.check(control));
    const clients = writers.map(() => new Client(settings.port));
    const work = writers.map((writer, i) => writer.write(clients[i]));
    if (random.chance(0.3)) control.call("BGREWRITEAOF");
    await sleep(LOAD_MS_MIN + random.below(LOAD_MS_SPREAD));
    child.kill("SIGKILL");
    await ended(child);
    // What had reached this side before the end is still heard.
    await within(REPLY_MS, Promise.all(work));
    control.close();
    for (const client of clients) client.close();
    return wrong;
  } finally {
    child.kill("SIGKILL");
    await ended(child);
  }
}

/** Runs rounds on one directory. Returns the number of violations. */
export async function killRounds(
  settings: Settings,
  rounds: number,
  clients: number,
  seed: number,
): Promise<{ acknowledged: number; violations: number }> {
  const random = new SeededRandom(seed);
  const writers = Array.from({ length: clients }, (_, i) => new Writer(i, random));
  const startMs = performance.now();
  let violations = 0;
  const acknowledged = () => writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  for (let i = 1; i <= rounds; i++) {
    const wrong = await round(settings, writers, random);
    for (const text of wrong) console.log(`round ${i}: ${text}`);
    violations += wrong.length;
    if (i % REPORT_ROUNDS === 0) {
      const each = ((performance.now() - startMs) / i).toFixed(0);
      console.log(`${i} rounds, ${each} ms each, ${acknowledged()} acknowledged writes`);
    }
  }
  return { acknowledged: acknowledged(), violations };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "100" },
      policy: { type: "string", default: "always" },
      clients: { type: "string", default: "4" },
      bin: { type: "string" },
      port: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const { bin } = values;
  const directory = mkdtempSync(join(tmpdir(), "sigrun-kill-"));
  const settings = {
    command: bin === undefined ? programUnderTest() : [resolve(ROOT, bin)],
    policy: values.policy,
    port: values.port === undefined ? await freePort() : Number(values.port),
    directory,
  };
  const rounds = Number(values.rounds);
  const { acknowledged, violations } = await killRounds(
    settings,
    rounds,
    Number(values.clients),
    Number(values.seed),
  );
  console.log(`${rounds} rounds, ${acknowledged} acknowledged writes, ${violations} violations`);
  if (violations === 0) rmSync(directory, { recursive: true });
  else console.log(`the files are in ${directory}`);
  process.exitCode = violations > 0 ? 1 : 0;
}

if (import.meta.main) await main();
