// aof.ts: the append-only file of a running server: what it writes when, when it is rewritten, what happens when the
// disk fails.
//
//   unit of changes -> buffer -> written before any reply leaves (lib/session/journal.ts) -> synced: always, everysec, no
//   always: one write and one sync at the end of the turn of the event loop, for all clients; replies wait until then
//
//   off --CONFIG SET appendonly yes--> waiting --first base is there--> on --CONFIG SET appendonly no--> off
//
// WHAT IS PROMISED
//   process killed   nothing that was acknowledged is lost, in every mode: the write comes before the reply
//   power cut        `always`: nothing either; `everysec`: up to two seconds; `no`: what the system held
//   the disk fails   `always`: the process ends, before anyone hears of what is not safe; otherwise commands that write
//                    are refused until a later try works. After a failed sync nobody knows what the file holds: a new
//                    base and a new file are begun, and writes are taken again when those are safe.
// While the first base is being written (waiting), the promise is that of the snapshots.
//
// REWRITE. A new incremental file is begun at the instant the base is about; the base is written in slices meanwhile; then
// the list of the files changes at once (lib/persist/aof_files.ts). FLUSHALL ends the walk over the keys: the rewrite
// begins anew, which is quick then.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { line } from "../lib/codec/reply_writer.ts";
import type { AofState } from "../lib/commands/server_view.ts";
import { keyspaceEmpty } from "../lib/engine/reclaim.ts";
import { AofFiles } from "../lib/persist/aof_files.ts";
import type { AofPart } from "../lib/persist/aof_manifest.ts";
import { AofWriter } from "../lib/persist/aof_writer.ts";
import type { SnapshotOptions } from "../lib/persist/rdb_file_writer.ts";
import { BackgroundSave, saveNow } from "../lib/persist/saver.ts";
import type { Files, Timer } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { Journal } from "../lib/session/journal.ts";
import type { PropagationSink } from "../lib/session/propagation.ts";
import { AofLoader } from "./aof_load.ts";
import type { LoadSource } from "./loading.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const SLICE_US = 1000;
const SLICE_PAUSE_MS = 1;
const SYNC_PERIOD_MS = 1000;
const ERROR_LOG_PERIOD_MS = 30_000;
/** Failed rewrites after which the next ones wait, and the longest they wait. */
const FAILURES_FREE = 3;
const DELAY_MINUTES_MAX = 60;
const MINUTE_MS = 60_000;
const EMPTIED = "the databases were emptied";
const STOPPED = "the append-only file was turned off";
const CANNOT_OPEN = "Can't open the append-only file";
const CANNOT_START = "Unable to turn on AOF. Check server logs.";

/** What the append-only file needs from its server. */
export interface AofHost {
  /** How snapshots are written. */
  options(isBase: boolean): SnapshotOptions;
  /** Takes the function libraries of a snapshot that was loaded. */
  functionsLoaded(sources: readonly Uint8Array[]): void;
  /** Loads something at once. Returns "" or what is wrong with it. */
  loadNow(source: LoadSource): string;
  /** Whether a snapshot is being saved. */
  isSaving(): boolean;
  readonly timer: Timer;
  /** Ends the process at once, without another reply. */
  fatal(): void;
  /** Makes the directory this server's own. Returns "" or why another one has it. */
  claim(): string;
  /** Whether commands that write are refused may have changed. */
  statusChanged(): void;
}

/** The append-only file of one engine. */
export class Aof implements PropagationSink, Journal {
  mode: "off" | "waiting" | "on" = "off";
  private readonly facts: AofState = {
    isEnabled: false,
    isRewriting: false,
    isScheduled: false,
    rewriteStartedMs: 0,
    lastRewriteSeconds: -1,
    wasRewriteGood: true,
    rewrites: 0,
    failures: 0,
    problem: "",
    currentSize: 0,
    baseSize: 0,
    bufferBytes: 0,
    isSyncing: false,
  };
  private engine: Engine;
  private files: Files;
  private host: AofHost;
  private parts: AofFiles;
  private writer: AofWriter;
  /** Bytes of all files but the one that is written to. */
  private otherBytes = 0;
  private policy = "everysec";
  private isDead = false;
  private syncProblem = "";
  private lastSyncMs = 0;
  private lastErrorLogMs = -Infinity;
  private lastStampSeconds = 0;
  private rewrite: BackgroundSave | null = null;
  private nextBase: AofPart = { name: "", seq: 0 };
  /** Path of the file that joins the list with the first base, "" when there is none. */
  private temporary = "";
  private isAttached = false;
  private lastFailureMs = 0;
  private slices: (() => void) | null = null;

  constructor(engine: Engine, files: Files, host: AofHost) {
    this.engine = engine;
    this.files = files;
    this.host = host;
    this.writer = new AofWriter(files);
    this.parts = new AofFiles(files, "", "");
    this.policy = engine.config.text("appendfsync");
    engine.config.onApply("appendfsync", () => {
      this.policy = engine.config.text("appendfsync");
      return "";
    });
    engine.config.onApply("appendonly", () => this.follow());
  }

  private log(level: 2 | 3, text: string): void {
    this.engine.server.log.write(level, text);
  }

  private get nowMs(): number {
    return this.engine.server.clock.wallMs();
  }

  /** CONFIG SET appendonly. */
  private follow(): string {
    const wanted = this.engine.config.flag("appendonly");
    if (wanted && this.mode === "off") return this.start();
    if (!wanted && this.mode !== "off") this.stop();
    return "";
  }

  private openParts(): string[] {
    const { config } = this.engine;
    this.parts = new AofFiles(
      this.files,
      config.text("appenddirname"),
      config.text("appendfilename"),
    );
    return this.parts.readManifest();
  }

  // ---- at the start of the server

  /** What is to be loaded; or, as a text, why the server must not start. */
  source(): AofLoader | string {
    const complaint = this.openParts();
    const last = complaint.pop();
    for (const text of complaint) this.log(LOG_WARNING, text);
    if (last !== undefined) return last;
    try {
      if (this.parts.wantsUpgrade) {
        this.parts.upgrade();
        this.log(LOG_NOTICE, "Successfully migrated an old-style AOF file into the AOF directory.");
      }
    } catch (error) {
      return `${CANNOT_OPEN}: ${messageOf(error)}`;
    }
    return this.loader();
  }

  /** Opens the file for what comes, now that everything is loaded. Returns "" or why the server must not start. */
  loaded(): string {
    try {
      this.openAtStart();
      return "";
    } catch (error) {
      return `${CANNOT_OPEN}: ${messageOf(error)}`;
    }
  }

  private openAtStart(): void {
    const { parts } = this;
    parts.prepare();
    if (parts.isEmpty) {
      const base = parts.nextBase();
      this.log(LOG_NOTICE, `Creating AOF base file ${base.name} on server start`);
      const problem = this.saveBase(base);
      if (problem !== "") throw new Error(problem);
      parts.addBase(base);
    }
    const last = parts.manifest.incremental.at(-1);
    if (last !== undefined) {
      const path = parts.pathOf(last.name);
      this.log(LOG_NOTICE, `Opening AOF incr file ${last.name} on server start`);
      this.writer.open(this.files.append(path), path, this.files.size(path));
    } else {
      const { file, path } = parts.addIncremental();
      this.log(LOG_NOTICE, `Creating AOF incr file ${path} on server start`);
      this.writer.open(file, path, 0);
    }
    if (!this.engine.config.flag("aof-disable-auto-gc")) parts.removeHistory();
    this.attach();
    this.mode = "on";
    this.countOthers();
    this.facts.baseSize = parts.manifest.base === null ? 0 : parts.sizeOf(parts.manifest.base);
  }

  private saveBase(base: AofPart): string {
    const path = this.parts.pathOf(base.name);
    return saveNow(
      this.engine.keyspace,
      this.files,
      this.parts.pathOf(`temp-${base.name}`),
      path,
      this.host.options(true),
    );
  }

  private countOthers(): void {
    const { base, incremental } = this.parts.manifest;
    this.otherBytes = base === null ? 0 : this.parts.sizeOf(base);
    for (const part of incremental.slice(0, -1)) this.otherBytes += this.parts.sizeOf(part);
  }

  private attach(): void {
    if (this.isAttached) return;
    this.isAttached = true;
    this.lastSyncMs = this.nowMs;
    this.engine.journal = this;
    this.engine.propagation.attach(this);
  }

  /** How it is now. */
  get state(): AofState {
    const { facts: state, writer } = this;
    state.isEnabled = this.mode !== "off";
    state.isRewriting = this.rewrite !== null;
    state.problem = this.problem;
    state.currentSize = this.otherBytes + writer.size;
    state.bufferBytes = writer.used;
    state.isSyncing = writer.isSyncing;
    return state;
  }

  // ---- writing

  feed(buf: Uint8Array, off: number, len: number): void {
    if (this.engine.config.flag("aof-timestamp-enabled")) this.stamp();
    this.writer.add(buf, off, len);
  }

  private stamp(): void {
    const seconds = Math.floor(this.engine.ctx.nowMs / 1000);
    if (seconds === this.lastStampSeconds) return;
    this.lastStampSeconds = seconds;
    const bytes = fromLatin1(`#TS:${seconds}\r\n`);
    this.writer.add(bytes, 0, bytes.length);
  }

  get isSlow(): boolean {
    return this.policy === "always";
  }

  get isBehind(): boolean {
    if (this.writer.used === 0) return this.isDead;
    return this.isDead || this.writer.problem === "";
  }

  commit(): boolean {
    if (this.isDead) return false;
    const { writer } = this;
    if (!writer.commit()) return this.writeFailed();
    if (this.policy !== "always") return true;
    const problem = writer.sync();
    if (problem === "") {
      this.lastSyncMs = this.engine.ctx.nowMs;
      return true;
    }
    return this.die(
      `Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${problem}. Exiting...`,
    );
  }

  private die(words: string): false {
    this.log(LOG_WARNING, words);
    this.isDead = true;
    this.host.fatal();
    return false;
  }

  private writeFailed(): boolean {
    const { problem } = this.writer;
    const nowMs = this.nowMs;
    if (nowMs - this.lastErrorLogMs > ERROR_LOG_PERIOD_MS || this.policy === "always") {
      this.lastErrorLogMs = nowMs;
      this.log(LOG_WARNING, `Error writing to the AOF file: ${problem}`);
    }
    if (this.policy === "always") {
      return this.die(
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
    }
    this.host.statusChanged();
    return true;
  }

  /** Why commands that write are refused, "" when they are not. */
  get problem(): string {
    return this.mode === "off" ? "" : this.writer.problem || this.syncProblem;
  }

  /** The reply to them. */
  get refusal(): Uint8Array {
    return line(`-MISCONF Errors writing to the AOF file: ${this.problem}`);
  }

  // ---- periodic work

  /** Called ten times a second, outside of commands. */
  tick(nowMs: number): void {
    if (this.isDead) return;
    if (this.isAttached) this.writeAndSync(nowMs);
    this.startDueRewrite(nowMs);
  }

  private writeAndSync(nowMs: number): void {
    const { writer } = this;
    const hadProblem = writer.problem !== "";
    if (writer.used > 0 && !this.commit()) return;
    if (hadProblem && writer.problem === "") {
      this.log(LOG_WARNING, "AOF write error looks solved. The server can write again.");
      this.host.statusChanged();
    }
    if (this.policy !== "everysec" || nowMs - this.lastSyncMs < SYNC_PERIOD_MS) return;
    const isBusy = this.rewrite !== null || this.host.isSaving();
    if (isBusy && this.engine.config.flag("no-appendfsync-on-rewrite")) return;
    this.lastSyncMs = nowMs;
    writer.syncLater((problem) => this.synced(problem));
  }

  private synced(problem: string): void {
    if (problem === "" || this.mode === "off") return;
    this.log(LOG_WARNING, `Fail to fsync the AOF file: ${problem}. It is begun anew.`);
    this.syncProblem = problem;
    this.host.statusChanged();
  }

  private startDueRewrite(nowMs: number): void {
    if (this.rewrite !== null || this.host.isSaving() || this.isLimited(nowMs)) return;
    const isWanted = this.facts.isScheduled || (this.mode === "on" && this.syncProblem !== "");
    if (isWanted || this.isTooLarge()) this.startRewrite();
  }

  private isTooLarge(): boolean {
    const { config } = this.engine;
    const percentage = config.number("auto-aof-rewrite-percentage");
    const size = this.otherBytes + this.writer.size;
    if (this.mode !== "on" || percentage === 0) return false;
    if (size <= config.number("auto-aof-rewrite-min-size")) return false;
    const growth = Math.floor(size * 100 / (this.facts.baseSize || 1)) - 100;
    if (growth < percentage) return false;
    this.log(LOG_NOTICE, `Starting automatic rewriting of AOF on ${growth}% growth`);
    return true;
  }

  /** After some failures in a row the next try waits, longer each time. */
  private isLimited(nowMs: number): boolean {
    const over = this.facts.failures - FAILURES_FREE;
    if (over < 0) return false;
    const minutes = Math.min(2 ** over, DELAY_MINUTES_MAX);
    return nowMs - this.lastFailureMs < minutes * MINUTE_MS;
  }

  // ---- rewriting

  /** BGREWRITEAOF. */
  rewriteLater(isInExec: boolean): "started" | "scheduled" | "busy" | "failed" {
    if (this.rewrite !== null) return "busy";
    if (isInExec || this.host.isSaving()) {
      this.facts.isScheduled = true;
      this.facts.failures = 0;
      this.log(LOG_NOTICE, "Background append only file rewriting scheduled.");
      return "scheduled";
    }
    return this.startRewrite() ? "started" : "failed";
  }

  /** Begins a new base. Outside of transactions only: changes of a unit must not be on both sides of the instant. */
  private startRewrite(): boolean {
    const { facts: state } = this;
    state.isScheduled = false;
    state.rewrites++;
    state.rewriteStartedMs = this.nowMs;
    try {
      if (this.mode === "off" && this.parts.directory === "") {
        const last = this.openParts().pop();
        if (last !== undefined) throw new Error(last);
      }
      this.parts.prepare();
      this.beginFile();
    } catch (error) {
      this.rewriteFailed(messageOf(error));
      return false;
    }
    this.nextBase = this.parts.nextBase();
    const { keyspace, server } = this.engine;
    this.rewrite = new BackgroundSave(
      keyspace,
      this.files,
      `temp-rewriteaof-bg-${server.process.pid}.aof`,
      this.parts.pathOf(this.nextBase.name),
      this.host.options(true),
      (save) => this.rewriteEnded(save),
    );
    this.engine.snapshotsChanged();
    this.log(LOG_NOTICE, "Background append only file rewriting started");
    this.sliceLater();
    return true;
  }

  /** Begins the file for the changes behind the instant of the new base. */
  private beginFile(): void {
    if (this.mode === "off") return;
    if (this.writer.used > 0) {
      if (this.writer.isOpen && !this.commit()) throw new Error("the file is lost");
      if (this.writer.used > 0 && this.mode === "on") throw new Error(this.writer.problem);
    }
    const { file, path } = this.mode === "on"
      ? this.parts.addIncremental()
      : this.parts.createTemporary();
    if (this.mode === "waiting") this.writer.forget();
    this.finishFile();
    this.writer.open(file, path, 0);
    this.temporary = this.mode === "waiting" ? path : "";
    this.countOthers();
    this.attach();
    this.engine.propagation.nameDatabase();
  }

  /** Makes the file that was written to safe and closes it, without waiting. */
  private finishFile(): void {
    const wasUnsynced = this.writer.isUnsynced || this.writer.isSyncing;
    const old = this.writer.letGo();
    if (old === null) return;
    if (!wasUnsynced || this.policy === "no" || this.mode === "waiting") return old.close();
    old.syncLater((problem) => {
      old.close();
      this.synced(problem);
    });
  }

  private sliceLater(): void {
    if (this.slices !== null || this.rewrite === null) return;
    this.slices = this.host.timer(SLICE_PAUSE_MS, () => {
      this.slices = null;
      this.step();
    });
  }

  /** Works on the rewrite under way for a millisecond. */
  step(): void {
    const { rewrite } = this;
    if (rewrite === null || rewrite.isDone) return;
    const delayUs = this.engine.config.number("rdb-key-save-delay");
    const elapsedUs = (this.nowMs - this.facts.rewriteStartedMs) * 1000;
    if (elapsedUs >= delayUs * rewrite.total) {
      rewrite.step(() => this.engine.server.clock.monotonicUs(), SLICE_US);
    }
    if (!rewrite.isDone) this.sliceLater();
  }

  private rewriteEnded(save: BackgroundSave): void {
    this.rewrite = null;
    this.engine.snapshotsChanged();
    const { facts: state } = this;
    if (save.problem === STOPPED) return;
    if (save.problem === EMPTIED) {
      this.log(LOG_NOTICE, "The databases were emptied: the AOF rewrite begins anew");
      state.isScheduled = true;
      return;
    }
    state.lastRewriteSeconds = Math.floor((this.nowMs - state.rewriteStartedMs) / 1000);
    if (save.problem !== "") return this.rewriteFailed(save.problem);
    try {
      this.replaceBase();
    } catch (error) {
      this.rewriteFailed(messageOf(error));
    }
  }

  private replaceBase(): void {
    const { facts: state, parts, engine } = this;
    if (this.mode === "waiting") this.syncBeforeListed();
    const path = parts.replaceBase(this.nextBase, this.temporary, this.mode === "on");
    if (this.mode !== "off") this.writer.renamed(path);
    this.temporary = "";
    if (this.mode === "waiting") this.mode = "on";
    state.wasRewriteGood = true;
    state.failures = 0;
    this.countOthers();
    state.baseSize = this.otherBytes + this.writer.size;
    this.syncProblem = "";
    this.log(LOG_NOTICE, "Background AOF rewrite finished successfully");
    this.host.statusChanged();
    if (!engine.config.flag("aof-disable-auto-gc")) parts.removeHistory();
  }

  /** What was written while waiting is in the list from now on, and as safe as the mode says. */
  private syncBeforeListed(): void {
    this.writer.commit();
    const problem = this.writer.sync();
    if (problem !== "") throw new Error(problem);
  }

  private rewriteFailed(problem: string): void {
    this.log(LOG_WARNING, `Background AOF rewrite terminated with error: ${problem}`);
    this.facts.wasRewriteGood = false;
    this.facts.failures++;
    this.lastFailureMs = this.nowMs;
    if (this.mode === "waiting") this.facts.isScheduled = true;
  }

  // ---- on and off

  private start(): string {
    const claimed = this.host.claim();
    if (claimed !== "") return claimed;
    const complaint = this.openParts();
    for (const text of complaint) this.log(LOG_WARNING, text);
    if (complaint.length > 0) return CANNOT_START;
    this.mode = "waiting";
    this.writer.forget();
    this.syncProblem = "";
    const isInExec = this.engine.active?.inExec === true;
    if (isInExec || this.host.isSaving()) {
      this.facts.isScheduled = true;
      this.log(LOG_NOTICE, "AOF was enabled: an AOF rewrite was scheduled to start when possible.");
    } else {
      if (this.rewrite !== null) this.rewrite.cancel(STOPPED);
      if (!this.startRewrite()) {
        this.stop();
        return CANNOT_START;
      }
    }
    return "";
  }

  /** Ends writing: what was written becomes safe. Nothing is removed. */
  stop(): void {
    if (this.mode === "off") return;
    const { writer } = this;
    if (this.isAttached && !this.isDead) {
      writer.commit();
      const problem = writer.sync();
      if (problem !== "") this.log(LOG_WARNING, `Fail to fsync the AOF file: ${problem}`);
    }
    writer.letGo()?.close();
    writer.forget();
    this.detach();
    this.mode = "off";
    this.syncProblem = "";
    this.facts.isScheduled = false;
    if (this.rewrite !== null) {
      this.log(LOG_NOTICE, "Killing running AOF rewrite (of this process, without a child)");
      this.rewrite.cancel(STOPPED);
    }
    if (this.temporary !== "") this.files.remove(this.temporary);
    this.temporary = "";
    this.host.statusChanged();
  }

  private detach(): void {
    if (!this.isAttached) return;
    this.isAttached = false;
    this.engine.journal = null;
    this.engine.propagation.detach(this);
  }

  /** Why an orderly end must wait, "" when it need not; everything is safe then. */
  syncAtEnd(): string {
    if (this.mode === "off") return "";
    if (this.mode === "waiting") return "Writing initial AOF. Can't exit.";
    this.log(LOG_NOTICE, "Calling fsync() on the AOF file.");
    if (!this.writer.commit()) return this.writer.problem;
    return this.writer.sync();
  }

  get isRewriting(): boolean {
    return this.rewrite !== null;
  }

  /** Ends background work and closes the file. */
  close(): void {
    this.slices?.();
    this.slices = null;
    if (this.mode !== "off") this.stop();
    else this.rewrite?.cancel(STOPPED);
  }

  /** DEBUG LOADAOF: writes what is due, then reads everything back into empty databases, while everything stands still. */
  reload(goOn: (rest: () => void) => void, done: (problem: string) => void): void {
    const { engine } = this;
    // The running command's input and reply are in buffers that loading needs.
    engine.later(() =>
      goOn(() => {
        const restore = engine.borrowContext();
        const problem = this.reloadNow();
        restore();
        done(problem);
      })
    );
  }

  private loader(): AofLoader {
    const { base, incremental } = this.parts.manifest;
    const listed = base === null ? incremental : [base, ...incremental];
    return new AofLoader(
      this.engine,
      this.files,
      listed.map(({ name }) => this.parts.pathOf(name)),
      (sources) => this.host.functionsLoaded(sources),
    );
  }

  private reloadNow(): string {
    if (this.mode !== "off" && (!this.commit() || this.writer.used > 0)) return this.writer.problem;
    const wasAttached = this.isAttached;
    this.detach();
    if (this.parts.directory === "") this.openParts();
    keyspaceEmpty(this.engine.keyspace, false);
    const problem = this.host.loadNow(this.loader());
    if (wasAttached) this.attach();
    this.log(LOG_WARNING, problem || "Append Only File loaded by DEBUG LOADAOF");
    return problem;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
