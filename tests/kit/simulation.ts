// simulation.ts: one server over many lives on one bad disk, from a seed: the real engine, persistence and formats.
//
//   boot -> clients act, time passes, snapshots, rewrites, switches, faults of the disk -> killed | power cut | ended
//     ^                                                                                             |
//     +----------------------------- what is on the disk is loaded and judged <---------------------+
//
// THE ORACLE. The stream of changes is replayed by a model (replay_model.ts), unit by unit. Whenever replies leave, how
// far the stream is becomes a floor; so does what the contract adds to that (sim_contract.ts). What a later life loads must be the
// state after some unit at or behind the floor, to the last value and expiry: nothing acknowledged is missing, nothing is
// there that was not sent, transactions are whole, expiries are what they were. Each client checks its registers besides
// (sim_clients.ts), which rests on replies alone. Now and then the living server is compared with the model as well.
//
// A START MAY BE REFUSED only when a power cut left zeros or holes, or after a failed sync; then check-aof --fix must
// mend it. Otherwise every start must work, once the disk does.

import { readFileSync } from "node:fs";
import { checkAofMain } from "../../server/check_aof.ts";
import { SeededRandom } from "./clock.ts";
import { type Fault, FaultDisk, type Survival, SURVIVALS } from "./fault_disk.ts";
import { dataOf, ReplayModel, type State } from "./replay_model.ts";
import { latin1 } from "./resp.ts";
import { Contract, type End, isPowerCut, recoveryMs, TICK_MS } from "./sim_contract.ts";
import { type Register, REGISTERS_DB, SimClient } from "./sim_clients.ts";
import { Timeline } from "./timeline.ts";
import { MemoryToolIo, withFiles } from "./tool_io.ts";
import { World } from "./world.ts";

const AOF_DIRECTORY = "appendonlydir";
const FAULTS: readonly Fault[] = [
  "full",
  "quota",
  "write",
  "sync",
  "handles",
  "readonly",
  "rename",
  "cut",
];

/** What kind of run it is. */
export interface Profile {
  policy: "always" | "everysec" | "no";
  appendonly: boolean;
  clients: number;
  steps: number;
  /** Longest time that a sync takes. */
  syncMs: number;
  valueBytes: number;
  faults: readonly Fault[];
  survivals: readonly Survival[];
  flushes: boolean;
  directives: Readonly<Record<string, string>>;
}

/** A run of its own kind for each generator. */
export function profileOf(random: SeededRandom): Profile {
  const isFaulty = random.chance(0.4);
  const valueBytes = random.pick([20, 100, 400, 9000]);
  const hasSums = random.chance(0.5);
  return {
    policy: random.pick(["always", "everysec", "no"]),
    appendonly: random.chance(0.8),
    clients: 2 + random.below(3),
    steps: 60 + random.below(80),
    syncMs: random.pick([0, 20, 400, 900, 5000]),
    valueBytes,
    faults: isFaulty ? [random.pick(FAULTS), random.pick(FAULTS)] : [],
    // A sector that is missing within a long value cannot be seen; with sums neither, where that of the write is missing too.
    survivals: SURVIVALS.filter((one) => one !== "pages" || valueBytes < 500),
    flushes: random.chance(0.5),
    directives: {
      "rdb-key-save-delay": random.pick(["0", "0", "500"]),
      "auto-aof-rewrite-min-size": random.pick(["1", "3000", "67108864"]),
      "aof-timestamp-enabled": random.pick(["yes", "no"]),
      "sigrun-aof-checksum": hasSums ? "yes" : "no",
      "lazyfree-lazy-expire": random.pick(["yes", "no"]),
    },
  };
}

/** A violation of the contract. */
export class Violation extends Error {}

/** A run from one seed. */
export class Simulation {
  readonly profile: Profile;
  /** Starts judged so far. */
  judged = 0;
  private readonly random: SeededRandom;
  private readonly timeline = new Timeline();
  private readonly disk: FaultDisk;
  private readonly model = new ReplayModel();
  private readonly clients: SimClient[] = [];
  private readonly say: (text: string) => void;
  private world: World | null = null;
  private lives = 0;
  private end: End | null = null;
  private isBooting = false;
  /** Whether the next start is told to use the append-only file, and with which policy. */
  private isOn: boolean;
  private policy: string;
  private readonly contract: Contract;
  // ---- snapshots
  private goodSave: State = new Map();
  private otherSaves: State[] = [];
  private saveAt: State = new Map();
  /** FLUSHALL was among what was sent in this turn. */
  private hasFlushed = false;

  constructor(
    seed: number,
    profile: Partial<Profile> = {},
    say: (text: string) => void = () => {},
  ) {
    this.random = new SeededRandom(seed);
    this.say = say;
    this.profile = { ...profileOf(this.random), ...profile };
    this.disk = new FaultDisk(this.random);
    this.isOn = this.profile.appendonly;
    this.policy = this.profile.policy;
    const { syncMs } = this.profile;
    this.contract = new Contract(syncMs);
    this.disk.later = (run) => this.timeline.timer(this.random.below(syncMs + 1), run);
    this.disk.syncTakes = () => {
      if (this.random.chance(0.2)) this.timeline.clock.advance(this.random.below(syncMs + 1));
    };
    const around = {
      nowMs: () => this.nowMs,
      isSafe: () => this.isOn && this.policy === "always",
      flushing: () => {
        this.hasFlushed = true;
      },
      replied: () => this.hearReply(),
    };
    for (let i = 1; i <= this.profile.clients; i++) {
      this.clients.push(new SimClient(i, this.random, this.profile, around));
    }
  }

  /** Runs. Throws a Violation. */
  run(): void {
    this.say(JSON.stringify(this.profile));
    this.start();
    for (let i = 0; i < this.profile.steps; i++) {
      this.step();
      if (this.end !== null) this.start();
    }
    this.disk.faults.clear();
    this.expectWrites();
    if (this.end !== null) this.start();
    this.endNow("kill");
    this.start();
  }

  private get nowMs(): number {
    return this.timeline.clock.wallMs();
  }

  private violation(text: string): never {
    throw new Violation(text);
  }

  // ---- lives

  /** Starts a server on what is on the disk, as often as it takes, and judges what it loaded. */
  private start(): void {
    const ends: End[] = [];
    for (let tries = 0;; tries++) {
      if (this.end !== null) ends.push(this.end);
      if (tries > 20) this.violation("no start works");
      if (this.lives > 0) this.timeline.clock.advance(this.random.pick([1, 300, 3000, 100_000]));
      const problem = this.boot(tries < 5 && this.random.chance(0.2));
      if (this.end !== null) continue;
      if (problem === "") break;
      this.say(`not started: ${problem}`);
      if (this.disk.faults.size > 0) {
        this.disk.faults.clear();
        this.isBooting = true;
        this.ended("itself", "");
      } else if (!this.mayRefuse(ends) || !this.repair()) {
        this.violation(`not started: ${problem}`);
      }
    }
    this.judge(ends);
    this.live();
  }

  /** Starts a process; with `isRisky` it may end before it is through. Returns why it did not start. */
  private boot(isRisky: boolean): string {
    this.timeline.clear();
    this.end = null;
    this.lives++;
    this.isBooting = true;
    const files = this.disk.boot();
    if (isRisky) this.arm(10);
    const life = this.lives;
    this.world = null;
    const world = new World({
      seed: this.random.next32() >>> 0,
      files,
      clock: this.timeline.clock,
      timer: this.timeline.timer,
      directives: {
        ...this.profile.directives,
        appendonly: this.isOn ? "yes" : "no",
        appendfsync: this.policy,
      },
      log: { write: (_level, text) => life === this.lives && this.logged(text) },
      control: { shutdown: ({ save, force }) => this.shutDown(save, force) },
      fatal: () => this.ended("itself", ""),
      turns: true,
    });
    this.world = world;
    this.say(`life ${life}, ${this.isOn ? `append-only, ${this.policy}` : "snapshots"}`);
    let problem = "";
    this.guarded(() => problem = world.persistence.load());
    this.isBooting = false;
    return problem;
  }

  /** Exceptions of a process that is dead do not count. */
  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (this.end === null) throw error;
    }
  }

  /** The server serves. */
  private live(): void {
    const world = this.world as World;
    const { engine, persistence } = world;
    engine.propagation.attach({
      feed: (buf, off, len) => {
        if (this.end !== null) return;
        this.noticeFile();
        this.model.feed(buf, off, len);
      },
    });
    this.contract.booted();
    this.disk.armed = null;
    const tick = () => {
      this.timeline.timer(TICK_MS, tick);
      engine.tick();
      if (this.end === null) persistence.tick(engine.ctx.nowMs);
      world.settle();
    };
    this.timeline.timer(TICK_MS, tick);
    for (const client of this.clients) client.connect(world);
  }

  /** The process is gone from now on. */
  private ended(how: End["how"], survival: Survival | ""): void {
    if (this.end !== null) return;
    const mode = this.world?.persistence.aof?.mode;
    if (!this.isBooting) {
      this.noticeFile();
      this.isOn = mode === "on";
    }
    if (how === "itself" || how === "orderly") this.disk.kill();
    const { hadForgotten } = this.disk;
    this.end = { how, survival, atMs: this.nowMs, hasForgotten: hadForgotten };
    this.say(
      `${
        this.nowMs % 1e7
      } ${how} ${survival} at ${this.disk.lastOperation}, ${this.disk.operations}`,
    );
    // What a failed sync forgot is in the cache until the machine stops: nothing that starts before then can know.
    // An orderly end must not care what comes next.
    const isCut = how === "power" ||
      !(hadForgotten || (how === "orderly" && this.random.chance(0.5)));
    if (!isCut) this.disk.powerCut(this.random.pick(this.profile.survivals));
  }

  private endNow(kind: "kill" | Survival): void {
    if (kind === "kill") this.disk.kill();
    else this.disk.powerCut(kind);
    this.ended(kind === "kill" ? "kill" : "power", kind === "kill" ? "" : kind);
  }

  /** Lets the process end at one of the next operations of the disk. */
  private arm(operations: number): void {
    const { disk, random } = this;
    const kind = this.chooseEnd();
    const moment = random.pick(["before", "midst", "behind"] as const);
    disk.armed = { operation: disk.operations + 1 + random.below(operations), moment, kind };
    disk.onEnd = () => this.ended(kind === "kill" ? "kill" : "power", kind === "kill" ? "" : kind);
  }

  private chooseEnd(): "kill" | Survival {
    return this.random.chance(0.5) ? "kill" : this.random.pick(this.profile.survivals);
  }

  private shutDown(save: "save" | "nosave" | "default", force: boolean): string {
    const { persistence } = this.world as World;
    const state = this.model.snapshot();
    if (save === "save") this.otherSaves.push(state);
    const problem = persistence.saveAtEnd(save);
    if (problem !== "" && !force) return problem;
    this.timeline.timer(0, () => {
      persistence.close();
      if (this.end !== null) return;
      if (persistence.aof?.mode !== "off") this.violation("the append-only file is not closed");
      if (this.isOn && problem === "") this.contract.madeSafe(this.model.length);
      this.ended("orderly", "");
    });
    return "";
  }

  // ---- what happens

  private step(): void {
    const { random } = this;
    const dice = random.below(100);
    if (dice < 58) return this.clientsAct();
    if (dice < 70) return this.advance(1 + random.below(30));
    if (dice < 77) return this.advance(100 + random.below(random.pick([500, 4000])));
    if (dice < 80) return this.command("BGREWRITEAOF");
    if (dice < 83) return this.saves();
    if (dice < 85) return this.changePolicy();
    if (dice < 87) return this.switchFile();
    if (dice < 90) return this.changeFaults();
    if (dice < 91) return this.shutsDown();
    if (dice < 94) return this.compare();
    if (dice < 98) return this.arm(12);
    this.endNow(this.chooseEnd());
  }

  /** Some clients send something in one turn of the event loop. */
  private clientsAct(): void {
    const { random } = this;
    for (let i = 1 + random.below(3); i > 0 && this.end === null; i--) {
      const client = random.pick(this.clients);
      if (!client.isConnected) client.connect(this.world as World);
      if (!client.isWaiting) this.guarded(() => client.act());
      else if (random.chance(0.2)) client.hangUp();
    }
    this.endTurn();
    this.expectNoCrash();
  }

  private endTurn(): void {
    this.guarded(() => this.world?.endTurn());
    for (const client of this.clients) client.hear();
    // Whether a register was set before or behind it is not known.
    if (this.hasFlushed) this.forgetRegisters();
    this.hasFlushed = false;
  }

  private command(...words: string[]): void {
    const free = this.clients.find((client) => !client.isWaiting);
    if (free === undefined) return;
    if (!free.isConnected) free.connect(this.world as World);
    this.say(words.join(" "));
    this.guarded(() => free.call(...words));
    this.endTurn();
  }

  private advance(ms: number): void {
    this.guarded(() =>
      this.timeline.advance(ms, () => {
        this.endTurn();
        return this.end === null;
      })
    );
    this.expectNoCrash();
  }

  private expectNoCrash(): void {
    const errors = (this.world as World).engine.server.stats.unexpectedErrors;
    if (errors > 0 && this.end === null) this.violation("an unexpected error, see the log");
  }

  private saves(): void {
    const command = this.random.pick(["SAVE", "BGSAVE"]);
    if (command === "SAVE") this.otherSaves.push(this.model.snapshot());
    this.command(command);
  }

  private changePolicy(): void {
    this.policy = this.random.pick(["always", "everysec", "no"]);
    this.contract.policyChanges(this.nowMs, this.model.length);
    this.command("CONFIG", "SET", "appendfsync", this.policy);
    this.policy = (this.world as World).engine.config.text("appendfsync");
  }

  private switchFile(): void {
    const isOff = (this.world as World).persistence.aof?.mode === "off";
    if (!isOff && this.random.chance(0.5)) return;
    this.command("CONFIG", "SET", "appendonly", isOff ? "yes" : "no");
    if (this.end === null) this.isOn = (this.world as World).persistence.aof?.mode === "on";
  }

  private changeFaults(): void {
    const { disk, random, profile } = this;
    if (disk.faults.size > 0) return disk.faults.clear();
    if (profile.faults.length === 0) return;
    for (const fault of profile.faults) disk.faults.add(fault);
    disk.faultShare = random.pick([1, 0.3]);
    this.say(`${this.nowMs % 1e7} faults ${[...disk.faults]}`);
  }

  private shutsDown(): void {
    this.command("SHUTDOWN", this.random.pick(["SAVE", "NOSAVE"]));
    if (this.random.chance(0.5)) this.clientsAct();
    this.advance(1);
  }

  // ---- floors

  /** A reply is about to leave. */
  private hearReply(): boolean {
    if (this.end !== null) return false;
    const { aof } = (this.world as World).persistence;
    if (aof === null || aof.mode !== "on" || aof.problem !== "") return true;
    this.noticeFile();
    this.contract.replyLeaves(this.nowMs, this.model.length, this.policy);
    return true;
  }

  /** The append-only file may have begun to count, at the latest operation of the disk: no unit came since. */
  private noticeFile(): void {
    if (this.isOn || this.world?.persistence.aof?.mode !== "on") return;
    this.isOn = true;
    this.contract.turnedOn(this.model.length);
  }

  private logged(text: string): void {
    this.say(`${this.nowMs % 1e7}   ${text}`);
    if (this.end !== null) return;
    if (text === "Background append only file rewriting started") {
      this.contract.rewriteBegins(this.nowMs, this.model.length);
    } else if (text === "Background AOF rewrite finished successfully") {
      this.noticeFile();
      this.contract.rewriteEnds();
    } else if (text.startsWith("Fail to fsync the AOF file")) {
      this.contract.syncFails(this.nowMs);
    } else if (text === "Background saving started") {
      this.saveAt = this.model.snapshot();
      this.otherSaves.push(this.saveAt);
    } else if (text === "Background saving terminated with success") {
      this.saved(this.saveAt);
    } else if (text === "DB saved on disk") {
      this.saved(this.model.snapshot());
    }
  }

  private saved(state: State): void {
    this.goodSave = state;
    this.otherSaves = [];
  }

  // ---- judgement

  private mayRefuse(ends: readonly End[]): boolean {
    if (!this.isOn) return false;
    return ends.some(({ survival, hasForgotten }) =>
      hasForgotten || survival === "zeros" || survival === "pages"
    );
  }

  /** Mends the append-only file with the tool for that. Returns whether it could. */
  private repair(): boolean {
    const contents = this.disk.contents;
    const inside: Record<string, string> = {};
    for (const [name, bytes] of contents) {
      if (name.startsWith(`${AOF_DIRECTORY}/`)) {
        inside[name.slice(AOF_DIRECTORY.length + 1)] = latin1(bytes);
      }
    }
    return withFiles(inside, (folder) => {
      const io = new MemoryToolIo("y\ny\ny\n");
      const code = checkAofMain("check-aof", ["--fix", `${folder}/appendonly.aof.manifest`], io);
      this.say(io.stdout.trim().replaceAll(`${folder}/`, ""));
      if (code !== 0) return false;
      for (const name of Object.keys(inside)) {
        const bytes = new Uint8Array(readFileSync(`${folder}/${name}`));
        if (bytes.length !== inside[name].length) this.disk.put(`${AOF_DIRECTORY}/${name}`, bytes);
      }
      return true;
    });
  }

  private judge(ends: readonly End[]): void {
    if (ends.length === 0) return;
    this.judged++;
    const world = this.world as World;
    const { nowMs } = this;
    const found = dataOf(world.connect());
    if (this.isOn) {
      const problem = this.model.goBackTo(found, this.contract.floor(ends, this.policy), nowMs);
      if (problem !== "") this.violation(problem);
    } else {
      this.judgeSnapshot(found);
    }
    this.model.dropExpired(nowMs);
    for (const { own, pair } of this.clients) {
      this.judgeRegister(own, found, ends);
      this.judgeRegister(pair, found, ends);
    }
    const { length } = this.model;
    this.say(`${length} units are there`);
    this.contract.goesOn(length, ends.some(isPowerCut));
  }

  private judgeSnapshot(found: ReadonlyMap<string, string>): void {
    const problems: string[] = [];
    for (const state of [this.goodSave, ...this.otherSaves]) {
      this.model.reset(state, this.nowMs);
      const problem = this.model.goBackTo(found, 0, this.nowMs);
      if (problem === "") {
        this.contract.goesOn(0, true);
        this.forgetRegisters();
        return;
      }
      problems.push(problem);
    }
    this.violation(`no snapshot of ${problems.length} holds these data: ${problems.join("\n")}`);
  }

  private judgeRegister(
    register: Register,
    found: ReadonlyMap<string, string>,
    ends: readonly End[],
  ): void {
    const values = register.keys.map((key) => {
      const text = found.get(`${REGISTERS_DB}/${key}`);
      return text === undefined ? 0 : Number(text.slice("s|0|".length));
    });
    const [value] = values;
    const name = register.keys[0];
    if (values.some((other) => other !== value)) this.violation(`${register.keys} are ${values}`);
    if (value > register.sent) {
      this.violation(`${name} is ${value}, but nothing above ${register.sent} was sent`);
    }
    const least = this.leastOf(register, ends);
    if (value < least) this.violation(`${name} is ${value}, but ${least} was acknowledged`);
    register.acknowledged = Math.min(register.acknowledged, value);
    register.history = register.history.filter((one) => one.value <= value);
  }

  private leastOf(register: Register, ends: readonly End[]): number {
    if (!this.isOn) return 0;
    if (!ends.some(isPowerCut)) return register.acknowledged;
    const isEverysec = this.policy === "everysec";
    let least = 0;
    for (const { atMs, value, isSafe } of register.history) {
      if (isSafe || (isEverysec && this.contract.isOld(atMs, ends))) least = value;
    }
    return least;
  }

  private forgetRegisters(): void {
    for (const { own, pair } of this.clients) {
      for (const register of [own, pair]) {
        register.acknowledged = 0;
        register.history = [];
      }
    }
  }

  /** Compares the living server with the model. */
  private compare(): void {
    const found = dataOf((this.world as World).connect());
    if (this.end !== null) return;
    const problem = this.model.goBackTo(found, this.model.length, this.nowMs);
    if (problem !== "") this.violation(`the living server: ${problem}`);
  }

  /** The disk works again: so must the server, in time. */
  private expectWrites(): void {
    const client = (this.world as World).connect();
    const files = [...this.disk.contents.keys()].filter((name) => name.startsWith(AOF_DIRECTORY));
    const lastMs = this.nowMs + recoveryMs(this.profile.syncMs, files.length);
    for (;;) {
      let reply = "";
      this.guarded(() => {
        client.send(["SET", "s0", "last"]);
        client.world.endTurn();
        reply = client.socket.reader.take();
      });
      if (reply === "+OK\r\n" || this.end !== null) return;
      if (this.nowMs > lastMs) break;
      this.advance(TICK_MS);
      if (this.end !== null) return;
    }
    this.violation("the disk works again, but writes are refused");
  }
}
