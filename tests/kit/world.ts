// world.ts: a whole server in memory, for tests: an engine with a clock that moves only when told
// to, a seeded random source, and clients whose transport is a list of bytes.

import type { Files, Log, ProcessView, Socket, Timer } from "../../lib/platform/mod.ts";
import type { ProcessControl } from "../../lib/session/server_state.ts";
import type { Dial } from "../../server/dial.ts";
import { Persistence } from "../../server/persistence.ts";
import { Replication } from "../../server/replication.ts";
import { Config } from "../../lib/session/config/config.ts";
import { createEngine, type Engine } from "../../lib/session/engine.ts";
import type { InputMemory } from "../../lib/session/inbox.ts";
import type { Session } from "../../lib/session/session.ts";
import { FakeClock, SeededRandom } from "./clock.ts";
import { bytesOf, encodeArgs, FrameReader, latin1 } from "./resp.ts";

/** Milliseconds between two ticks of a server's timer. */
const TICK_MS = 100;
/** Granularity in which time passes. */
const STEP_MS = 10;

/** A transport that takes everything at once, unless `room` says otherwise. */
export class MemorySocket implements Socket {
  readonly remote: string;
  readonly local = "127.0.0.1:6379";
  readonly isUnix = false;
  readonly fd: number;
  readonly reader = new FrameReader();
  /** Bytes taken before writes are refused; lower it to play a slow reader. */
  room = Infinity;
  closed = false;
  paused = false;

  constructor(number: number) {
    this.remote = `127.0.0.1:${50000 + number}`;
    this.fd = 10 + number;
  }

  write(buf: Uint8Array, off: number, len: number): number {
    if (this.closed) return len;
    const taken = Math.min(len, this.room);
    this.room -= taken;
    this.reader.push(latin1(buf, off, off + taken));
    return taken;
  }

  pauseInput(paused: boolean): void {
    this.paused = paused;
  }

  end(): void {
    this.closed = true;
  }

  destroy(): void {
    this.closed = true;
  }
}

/** One connection to a world. */
export class MemoryClient {
  readonly world: World;
  readonly socket: MemorySocket;
  readonly session: Session;
  /** Bytes handed over at a time; 1 plays a very slow network. */
  chunkBytes = Infinity;

  constructor(world: World, socket: MemorySocket) {
    this.world = world;
    this.socket = socket;
    this.session = world.engine.connect(socket);
  }

  /** Sends bytes exactly as they are. */
  sendRaw(text: string): void {
    const bytes = bytesOf(text);
    const step = Math.min(this.chunkBytes, bytes.length) || 1;
    for (let off = 0; off < bytes.length && !this.socket.closed; off += step) {
      this.session.feed(bytes, off, Math.min(step, bytes.length - off));
      this.world.settle();
    }
  }

  /** Sends one command. */
  send(args: readonly string[]): void {
    this.sendRaw(encodeArgs(args));
  }

  /** Sends one command and returns everything that came back, pushes included. */
  call(...args: string[]): string {
    this.send(args);
    return this.socket.reader.take();
  }

  /** Hangs up. */
  close(): void {
    if (!this.socket.closed) this.session.ended();
    this.world.settle();
  }
}

/** Choices of a world. */
export interface WorldOptions {
  seed?: number;
  /** Where snapshots go; nowhere when absent. */
  files?: Files;
  log?: Log;
  /** Turns of the event loop end when `endTurn` is called; otherwise each read is one. */
  turns?: boolean;
  /** Where a piece of input may lie already. */
  input?: InputMemory;
  /** Called where the process would end at once. */
  fatal?: () => void;
  /** How other servers are reached; not at all when absent. */
  dial?: Dial;
  /** Directives that differ from the defaults, by name. */
  directives?: Readonly<Record<string, string>>;
  /** A clock of its own when absent. */
  clock?: FakeClock;
  /** The process's when absent. */
  timer?: Timer;
  control?: Partial<ProcessControl>;
}

const PROCESS: ProcessView = {
  pid: 4242,
  residentBytes: () => 64 * 1024 * 1024,
  cpuUs: () => ({ user: 1_000_000, system: 500_000 }),
  os: "Linux 6.1.0 x86_64",
  executable: "/usr/bin/sigrun",
  systemMemoryBytes: 16 * 1024 ** 3,
  runtime: "test",
};

/** A network without anybody. */
const NOBODY: Dial = (_host, _port, caller) => {
  const socket = new MemorySocket(0);
  queueMicrotask(() => caller.ended("Connection refused"));
  return socket;
};

/** A server in memory. */
export class World {
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly replication: Replication;
  #later: (() => void)[] = [];
  #afterTurn: (() => void)[] = [];
  #connections = 0;
  #untilTick = TICK_MS;

  constructor(options: WorldOptions = {}) {
    this.clock = options.clock ?? new FakeClock();
    this.random = new SeededRandom(options.seed ?? 1);
    this.engine = createEngine({
      clock: this.clock,
      random: this.random,
      log: options.log,
      process: PROCESS,
      config: configWith(options.directives ?? {}),
      control: {
        shutdown: () => "",
        abortShutdown: () => false,
        sleep: (seconds) => this.clock.advance(seconds * 1000),
        ...options.control,
      },
      later: (run) => this.#later.push(run),
      afterTurn: options.turns ? (run) => this.#afterTurn.push(run) : undefined,
      input: options.input,
    });
    const { fatal, timer, files = null } = options;
    this.persistence = new Persistence(this.engine, files, fatal, timer);
    this.engine.server.persistence = this.persistence;
    this.replication = new Replication(
      this.engine,
      this.persistence,
      options.files ?? null,
      options.dial ?? NOBODY,
      null,
      options.fatal,
    );
    // One that follows from the start does so when its data is loaded.
    if (!this.engine.server.isReplica) this.replication.start();
  }

  connect(): MemoryClient {
    return new MemoryClient(this, new MemorySocket(++this.#connections));
  }

  /** Runs what the engine put off until after the current command. */
  settle(): void {
    for (let run = this.#later.shift(); run !== undefined; run = this.#later.shift()) run();
  }

  /** Runs what waits for the end of the turn. */
  endTurn(): void {
    for (let run = this.#afterTurn.shift(); run !== undefined; run = this.#afterTurn.shift()) run();
    this.settle();
  }

  /** Lets time pass, with the timer ticking. */
  advance(ms: number): void {
    for (let left = ms; left > 0;) {
      const step = Math.min(left, STEP_MS);
      this.clock.advance(step);
      left -= step;
      this.#untilTick -= step;
      if (this.#untilTick <= 0) {
        this.#untilTick += TICK_MS;
        if (!this.engine.server.cronPaused) this.engine.tick();
        if (!this.engine.standstill.isOn) this.replication.tick(this.clock.wallMs());
      }
      this.settle();
    }
  }
}

function configWith(directives: Readonly<Record<string, string>>): Config {
  const config = new Config();
  const pairs = Object.entries({ "enable-debug-command": "yes", save: "", ...directives });
  for (const [name, value] of pairs) {
    const complaint = config.load(name, value.split(" "), false);
    if (complaint !== "") throw new Error(`${name} ${value}: ${complaint}`);
  }
  return config;
}
