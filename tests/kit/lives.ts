// lives.ts: servers on a failing disk, for tests of single accidents: started, used, ended at a chosen operation.

import assert from "node:assert/strict";
import { SeededRandom } from "./clock.ts";
import { type Armed, FaultDisk } from "./fault_disk.ts";
import { Timeline } from "./timeline.ts";
import { type MemoryClient, World } from "./world.ts";

const TICK_MS = 100;

/** One disk, and the lives of servers on it. */
export class Lives {
  readonly disk: FaultDisk;
  readonly timeline = new Timeline();
  /** Lines of the log of the present life. */
  log: string[] = [];
  /** The process ended by itself. */
  isFatal = false;
  /** State of the append-only file when an armed end came. */
  modeAtEnd = "";
  directives: Record<string, string>;
  private world: World | null = null;

  constructor(directives: Record<string, string> = {}, seed = 1) {
    this.disk = new FaultDisk(new SeededRandom(seed));
    this.directives = { appendonly: "yes", ...directives };
    this.disk.later = (run) => this.timeline.timer(1, run);
  }

  /** Starts a server. Returns it, or why it does not start. */
  boot(): World | string {
    this.timeline.clear();
    this.log = [];
    this.isFatal = false;
    const world: World = new World({
      files: this.disk.boot(),
      directives: this.directives,
      clock: this.timeline.clock,
      timer: this.timeline.timer,
      log: { write: (_level, text) => this.log.push(text) },
      fatal: () => this.isFatal = true,
      control: { shutdown: ({ save }) => world.persistence.saveAtEnd(save) },
    });
    this.world = world;
    this.disk.onEnd = () => this.modeAtEnd = world.persistence.aof?.mode ?? "";
    const problem = world.persistence.load();
    if (problem !== "") return problem;
    const tick = () => {
      this.timeline.timer(TICK_MS, tick);
      world.engine.tick();
      world.persistence.tick(world.engine.ctx.nowMs);
      world.settle();
    };
    this.timeline.timer(TICK_MS, tick);
    return world;
  }

  start(): World {
    const world = this.boot();
    assert.ok(world instanceof World, String(world));
    return world;
  }

  /** Lets time pass, with everything that is due. */
  advance(ms: number): void {
    this.timeline.advance(ms);
  }

  /** Lets a rewrite or a save under way end. */
  finish(): void {
    const { persistence } = this.world as World;
    for (let i = 0; persistence.aof?.isRewriting || persistence.state.isSaving; i++) {
      if (i > 1000 || this.modeAtEnd !== "") return;
      this.advance(1);
    }
  }
}

/** A client that sets key after key, and knows which were acknowledged. */
export class Setter {
  readonly acknowledged: { key: string; atMs: number }[] = [];
  sent = 0;
  private lives: Lives;
  private client: MemoryClient;

  constructor(lives: Lives, world: World) {
    this.lives = lives;
    this.client = world.connect();
  }

  call(...words: string[]): string {
    return this.client.call(...words);
  }

  set(count = 1, value = "v"): void {
    for (let i = 0; i < count; i++) {
      const key = `k${this.sent++}`;
      const reply = this.client.call("SET", key, value);
      const isAlive = this.lives.modeAtEnd === "";
      if (isAlive && reply === "+OK\r\n") {
        this.acknowledged.push({ key, atMs: this.lives.timeline.clock.wallMs() });
      }
    }
  }

  /** Fails unless all that was acknowledged up to a time is there, and nothing that was not sent. */
  check(world: World, message: string, untilMs = Infinity): void {
    const client = world.connect();
    const due = this.acknowledged.filter(({ atMs }) => atMs <= untilMs);
    for (const { key } of due) {
      assert.equal(client.call("EXISTS", key), ":1\r\n", `${key}, ${message}`);
    }
    const there = Number(client.call("DBSIZE").slice(1));
    assert.ok(there >= due.length && there <= this.sent, `${there} keys, ${message}`);
    // Keys are set in order: what is there is a beginning.
    for (let i = 0; i < there; i++) {
      assert.equal(client.call("EXISTS", `k${i}`), ":1\r\n", `${i}, ${message}`);
    }
  }
}

/** Runs a script with an end at its first operation of the disk, its second, and so on, until it is through without one. */
export function atEveryOperation(
  directives: Record<string, string>,
  kinds: readonly Armed["kind"][],
  script: (setter: Setter, lives: Lives) => void,
  judge: (setter: Setter, lives: Lives, message: string) => void,
): number {
  let operations = 0;
  for (let operation = 1, isReached = true; isReached; operation++) {
    isReached = false;
    operations = operation;
    for (const kind of kinds) {
      for (const moment of ["before", "midst", "behind"] as const) {
        const lives = new Lives(directives, operation);
        const world = lives.start();
        const setter = new Setter(lives, world);
        const { disk } = lives;
        disk.armed = { operation: disk.operations + operation, moment, kind };
        const what = () => `${kind} ${moment} operation ${operation}: ${disk.lastOperation}`;
        script(setter, lives);
        isReached = lives.modeAtEnd !== "";
        if (!isReached) break;
        const message = what();
        lives.modeAtEnd = lives.modeAtEnd || "off";
        judge(setter, lives, message);
      }
    }
  }
  return operations;
}
