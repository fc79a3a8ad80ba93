// sim_clients.ts: the clients of a simulated server: what they send, and what they know afterwards.
//
// REGISTERS. Each client has a key of its own that it sets to a growing number, and a pair of keys that it sets to one
// number in a transaction. Nobody else touches them, only FLUSHALL. So a client can say for itself what must be there:
// at least the last number that was acknowledged, at most the last one that was sent, and the same in both of a pair.
//
// Apart from that all of them change a few keys of every type, in three databases, as they like.

import type { SeededRandom } from "./clock.ts";
import { encodeArgs } from "./resp.ts";
import { MemoryClient, MemorySocket, type World } from "./world.ts";

/** The database of the registers; FLUSHDB and SWAPDB stay away from it. */
export const REGISTERS_DB = 3;

/** A register, or a pair of them. */
export interface Register {
  readonly keys: readonly string[];
  sent: number;
  /** The last number that was acknowledged, and all of them. */
  acknowledged: number;
  history: Acknowledged[];
}

/** A number that was acknowledged at some time, and whether a power cut may not take it either. */
export interface Acknowledged {
  readonly atMs: number;
  readonly value: number;
  readonly isSafe: boolean;
}

/** What clients tell the simulation and hear from it. */
export interface Surroundings {
  nowMs(): number;
  /** Whether what is acknowledged now survives even a power cut. */
  isSafe(): boolean;
  /** Somebody sends FLUSHALL. */
  flushing(): void;
  /** A reply is about to arrive; false when it does not. */
  replied(): boolean;
}

/** What a client may do. */
export interface Habits {
  /** Longest value. */
  valueBytes: number;
  flushes: boolean;
}

type Expected = null | (() => void);

/** One client over all its connections. */
export class SimClient {
  readonly number: number;
  readonly own: Register;
  readonly pair: Register;
  private random: SeededRandom;
  private habits: Habits;
  private around: Surroundings;
  private connection: MemoryClient | null = null;
  /** What to do at each reply that is due and no error. */
  private expected: Expected[] = [];
  private db = 0;
  private sequence = 0;

  constructor(number: number, random: SeededRandom, habits: Habits, around: Surroundings) {
    this.number = number;
    this.random = random;
    this.habits = habits;
    this.around = around;
    const register = (...keys: string[]) => ({ keys, sent: 0, acknowledged: 0, history: [] });
    this.own = register(`own:${number}`);
    this.pair = register(`left:${number}`, `right:${number}`);
  }

  connect(world: World): void {
    const socket = new SimSocket(this.number, this.around);
    this.connection = new MemoryClient(world, socket);
    this.expected = [];
    this.db = 0;
  }

  get isWaiting(): boolean {
    return (this.connection?.session.blocked ?? null) !== null;
  }

  get isConnected(): boolean {
    return this.connection !== null && !this.connection.socket.closed;
  }

  hangUp(): void {
    this.connection?.close();
  }

  /** Sends some commands in one piece and hears the replies. */
  act(): void {
    const { random } = this;
    const commands: string[][] = [];
    const count = 1 + random.below(random.chance(0.3) ? 8 : 2);
    for (let i = 0; i < count; i++) {
      const dice = random.below(20);
      if (dice < 5) this.useRegister(commands);
      else if (dice < 7) this.transaction(commands);
      else if (dice < 9) this.look(commands);
      else this.push(commands, this.change());
    }
    if (random.chance(0.04)) this.push(commands, ["BLPOP", this.key("l"), "0"]);
    this.send(commands);
  }

  /** Sends one command of somebody else's choice. */
  call(...words: string[]): void {
    const commands: string[][] = [];
    this.push(commands, words);
    this.send(commands);
  }

  private send(commands: readonly string[][]): void {
    if (commands.some(([name]) => name === "FLUSHALL")) this.around.flushing();
    this.connection?.sendRaw(commands.map(encodeArgs).join(""));
    this.hear();
  }

  /** Takes what arrived. */
  hear(): void {
    const reader = this.connection?.socket.reader;
    for (let frame = reader?.next(); frame !== undefined; frame = reader?.next()) {
      const done = this.expected.shift();
      if (done && !/^-|\r\n-/.test(frame)) done();
    }
  }

  private push(commands: string[][], words: string[], done: Expected = null): void {
    commands.push(words);
    this.expected.push(done);
  }

  private select(commands: string[][], db: number): void {
    if (db === this.db) return;
    this.db = db;
    this.push(commands, ["SELECT", String(db)]);
  }

  private useRegister(commands: string[][]): void {
    const before = this.db;
    const register = this.random.chance(0.5) ? this.own : this.pair;
    const value = ++this.sequence;
    register.sent = value;
    const done = () => {
      register.acknowledged = value;
      register.history.push({ atMs: this.around.nowMs(), value, isSafe: this.around.isSafe() });
    };
    this.select(commands, REGISTERS_DB);
    const isPair = register === this.pair;
    if (isPair) this.push(commands, ["MULTI"]);
    for (const key of register.keys) {
      this.push(commands, ["SET", key, String(value)], isPair ? null : done);
    }
    if (isPair) this.push(commands, ["EXEC"], done);
    this.select(commands, before);
  }

  private transaction(commands: string[][]): void {
    this.push(commands, ["MULTI"]);
    const count = 1 + this.random.below(4);
    for (let i = 0; i < count; i++) this.push(commands, this.change());
    this.push(commands, [this.random.chance(0.1) ? "DISCARD" : "EXEC"]);
  }

  private look(commands: string[][]): void {
    const { random } = this;
    if (random.chance(0.4)) return this.select(commands, random.below(3));
    this.push(commands, random.pick([["GET", this.key("s")], ["PING"], ["EXISTS", this.key("z")]]));
  }

  private key(type: string): string {
    return `${type}${this.random.below(4)}`;
  }

  private value(): string {
    const { random, habits } = this;
    const tag = `${this.number}.${++this.sequence}`;
    if (random.chance(0.8)) return tag;
    return tag.padEnd(random.below(habits.valueBytes), random.pick(["\r\n*1", "x", "\0", "$"]));
  }

  /** A command that changes something. */
  private change(): string[] {
    const { random } = this;
    if (random.chance(0.06)) return this.changeAnyKey();
    switch (random.pick(["s", "s", "l", "e", "h", "z", "x"])) {
      case "s":
        return this.changeString(this.key("s"));
      case "l":
        return this.changeList(this.key("l"));
      case "e":
        return this.changeSet(this.key("e"));
      case "h":
        return this.changeHash(this.key("h"));
      case "z":
        return this.changeSorted(this.key("z"));
    }
    return ["XADD", this.key("x"), "*", "f", this.value()];
  }

  private changeString(key: string): string[] {
    const { random } = this;
    const ms = String(random.pick([30, 300, 3000, 300_000]) + random.below(500));
    return random.pick([
      ["SET", key, this.value()],
      ["SET", key, this.value(), "PX", ms],
      ["SET", key, this.value(), "KEEPTTL"],
      ["PSETEX", key, ms, this.value()],
      ["APPEND", key, this.value()],
      ["SETRANGE", key, String(random.below(20)), "over"],
      ["INCR", `n${random.below(3)}`],
      ["INCRBYFLOAT", `n${random.below(3)}`, "3"],
      ["MSET", key, this.value(), this.key("s"), this.value()],
      ["GETDEL", key],
      ["GETEX", key, "PX", ms],
    ]);
  }

  private changeList(key: string): string[] {
    return this.random.pick([
      ["RPUSH", key, this.value(), this.value()],
      ["LPUSH", key, this.value()],
      ["RPUSH", key, this.value()],
      ["LPOP", key],
      ["RPOP", key, "2"],
      ["LTRIM", key, "0", "7"],
      ["LMOVE", key, this.key("l"), "LEFT", "RIGHT"],
    ]);
  }

  private changeSet(key: string): string[] {
    const member = () => `m${this.random.below(12)}`;
    return this.random.pick([
      ["SADD", key, member(), member()],
      ["SADD", key, member()],
      ["SREM", key, member()],
      ["SPOP", key],
      ["SPOP", key, "3"],
    ]);
  }

  private changeHash(key: string): string[] {
    const { random } = this;
    const field = () => `f${random.below(8)}`;
    const ms = String(random.pick([50, 3000, 300_000]) + random.below(500));
    return random.pick([
      ["HSET", key, field(), this.value(), field(), this.value()],
      ["HSET", key, field(), this.value()],
      ["HINCRBY", key, `n${random.below(2)}`, "7"],
      ["HDEL", key, field(), field()],
      ["HPEXPIRE", key, ms, "FIELDS", "1", field()],
    ]);
  }

  private changeSorted(key: string): string[] {
    const { random } = this;
    const member = () => `m${random.below(12)}`;
    return random.pick([
      ["ZADD", key, String(random.below(100)), member()],
      ["ZADD", key, String(random.below(100)), member(), String(random.below(100)), member()],
      ["ZINCRBY", key, "5", member()],
      ["ZREM", key, member()],
      ["ZPOPMIN", key],
    ]);
  }

  private changeAnyKey(): string[] {
    const { random, habits } = this;
    const type = random.pick(["s", "l", "e", "h", "z", "x"]);
    const rare = habits.flushes && random.chance(0.2)
      ? [random.pick([["FLUSHDB"], ["FLUSHALL"], ["SWAPDB", "0", "1"]])]
      : [];
    return random.pick([
      ["DEL", this.key(type), this.key("s")],
      ["UNLINK", this.key(type)],
      ["RENAME", this.key(type), this.key(type)],
      ["COPY", this.key(type), this.key(type), "REPLACE"],
      ["MOVE", this.key(type), String(random.below(3))],
      ["EXPIRE", this.key(type), String(random.below(20))],
      ["PEXPIRE", this.key(type), String(10 + random.below(5000))],
      ["PERSIST", this.key(type)],
      ...rare,
    ]);
  }
}

/** A transport that delivers nothing once the server is gone. */
class SimSocket extends MemorySocket {
  private around: Surroundings;

  constructor(number: number, around: Surroundings) {
    super(number);
    this.around = around;
  }

  override write(buf: Uint8Array, off: number, len: number): number {
    return this.around.replied() ? super.write(buf, off, len) : len;
  }
}
