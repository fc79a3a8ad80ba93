// aof_output.ts: the end of the append-only file while the server runs: changes come in, and are written and synced as
// appendfsync says. (What files there are, and when a new one is begun, is aof.ts.)
//
//   unit of changes -> buffer -> written before any reply leaves (lib/session/turn.ts) -> synced
//
//   always     in the same step; at the end of the turn of the event loop, for all clients
//   everysec   once a second, beside everything else; the write is never put off, only the sync
//   no         when the system likes
//
// WHEN THE DISK FAILS
//   always          the process ends, before anyone hears of what is not safe
//   a write         its makers get an error, commands that write are refused; tried again ten times a second
//   a sync          commands that write are refused until a new base and a new file are safe: after a failed sync nobody
//                   knows what the disk holds of a file, and asking again proves nothing
//
// POSITIONS count the bytes fed since the start, over all files: what is safe is a position.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { line } from "../lib/codec/reply_writer.ts";
import type { DiskWork } from "../lib/persist/disk_work.ts";
import { AofWriter } from "../lib/persist/aof_writer.ts";
import type { Files, OutputFile } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { Journal } from "../lib/session/journal.ts";
import type { PropagationSink } from "../lib/session/propagation.ts";

const LOG_WARNING = 3;
const SYNC_PERIOD_MS = 1000;
const ERROR_LOG_PERIOD_MS = 30_000;

/** What the output needs from its server. */
export interface AofOutputHost {
  /** Ends the process at once, without another reply. */
  fatal(): void;
  /** `refusal` may have changed. */
  statusChanged(): void;
  /** `fed` and `safe` have grown. */
  fed(): void;
  safer(): void;
}

/** The file that changes are written to. */
export class AofOutput implements PropagationSink, Journal {
  /** Position up to which everything is fed, and up to which it survives a power cut. */
  fed = 0;
  safe = 0;
  /** Seconds in which a sync was due while the one before was still under way. */
  delayedSyncs = 0;
  private engine: Engine;
  private files: Files;
  private host: AofOutputHost;
  private writer: AofWriter;
  private policy: string;
  /** Whether times are written between the changes. */
  private stamps = false;
  private isAttached = false;
  private isDead = false;
  private syncProblem = "";
  /** Number of the file that is written to, and of the one whose sync failed. */
  private fileNumber = 0;
  private badFile = 0;
  /** Whether the file that is written to is in the list: it may have to wait for the first base. */
  isListed = false;
  /** Position up to which the file that is written to was synced. */
  private synced = 0;
  private isDelayed = false;
  private lastSyncMs = 0;
  private lastErrorLogMs = -Infinity;
  private lastStampSeconds = 0;
  /** Whether the file that is written to has a time in it. */
  private isStamped = false;

  constructor(engine: Engine, files: Files, host: AofOutputHost) {
    this.engine = engine;
    this.files = files;
    this.host = host;
    this.writer = new AofWriter(files);
    this.policy = engine.config.text("appendfsync");
    engine.config.onApply("appendfsync", () => {
      this.policy = engine.config.text("appendfsync");
      // What was written before becomes as safe as what comes.
      const isFine = this.isAttached && !this.isDead && this.writer.problem === "";
      if (this.policy === "always" && isFine) this.commit();
      return "";
    });
    const followSums = (): "" => {
      this.writer.sums = engine.config.text("sigrun-aof-checksum") === "yes";
      return "";
    };
    followSums();
    engine.config.onApply("sigrun-aof-checksum", followSums);
    const followStamps = (): "" => {
      this.stamps = engine.config.flag("aof-timestamp-enabled");
      return "";
    };
    followStamps();
    engine.config.onApply("aof-timestamp-enabled", followStamps);
  }

  private log(text: string): void {
    this.engine.server.log.write(LOG_WARNING, text);
  }

  /** Bytes of the file, those that wait for being written, and whether a sync is under way. */
  get size(): number {
    return this.writer.size;
  }

  get bufferBytes(): number {
    return this.writer.used;
  }

  get isSyncing(): boolean {
    return this.writer.isSyncing;
  }

  // ---- the stream of changes

  /** Starts listening to the changes. */
  attach(): void {
    if (this.isAttached) return;
    this.isAttached = true;
    this.lastSyncMs = this.engine.server.clock.wallMs();
    this.engine.journal = this;
    this.engine.propagation.attach(this);
  }

  detach(): boolean {
    if (!this.isAttached) return false;
    this.isAttached = false;
    this.engine.journal = null;
    this.engine.propagation.detach(this);
    return true;
  }

  feed(buf: Uint8Array, off: number, len: number): void {
    if (this.stamps) this.stamp();
    this.add(buf, off, len);
    this.host.fed();
  }

  private add(buf: Uint8Array, off: number, len: number): void {
    this.writer.add(buf, off, len);
    this.fed += len;
  }

  /** Says when what follows was written; times only grow, also when the clock goes back. */
  private stamp(): void {
    const seconds = Math.floor(this.engine.ctx.nowMs / 1000);
    if (seconds <= this.lastStampSeconds && this.isStamped) return;
    this.isStamped = true;
    this.lastStampSeconds = Math.max(this.lastStampSeconds, seconds);
    const bytes = fromLatin1(`#TS:${this.lastStampSeconds}\r\n`);
    this.add(bytes, 0, bytes.length);
  }

  // ---- Journal

  get isSlow(): boolean {
    return this.policy === "always";
  }

  get isBehind(): boolean {
    if (this.writer.used === 0) return this.isDead;
    return this.isDead || this.writer.problem === "";
  }

  get unwritten(): Uint8Array | null {
    return this.writer.problem === "" ? null : this.refusal;
  }

  commit(): boolean {
    if (this.isDead) return false;
    const { writer } = this;
    const hadProblem = writer.problem !== "";
    const { server } = this.engine;
    if (server.aofFlushSleepUs > 0 && writer.used > 0) {
      server.debugSleep(server.aofFlushSleepUs / 1e6);
    }
    if (!writer.commit()) return this.writeFailed();
    if (hadProblem) {
      this.log("AOF write error looks solved. The server can write again.");
      this.host.statusChanged();
    }
    if (this.policy !== "always") return true;
    const problem = writer.sync();
    if (problem !== "") {
      return this.die(
        `Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${problem}. Exiting...`,
      );
    }
    this.lastSyncMs = this.engine.ctx.nowMs;
    this.becomeSafe(this.fed);
    return true;
  }

  private die(words: string): false {
    this.log(words);
    this.isDead = true;
    this.host.fatal();
    return false;
  }

  private writeFailed(): boolean {
    const { problem } = this.writer;
    const nowMs = this.engine.server.clock.wallMs();
    if (nowMs - this.lastErrorLogMs > ERROR_LOG_PERIOD_MS || this.policy === "always") {
      this.lastErrorLogMs = nowMs;
      this.log(`Error writing to the AOF file: ${problem}`);
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
    return this.writer.problem || this.syncProblem;
  }

  /** The reply to them. */
  get refusal(): Uint8Array {
    return line(`-MISCONF Errors writing to the AOF file: ${this.problem}`);
  }

  // ---- syncing

  /** Everything up to the position is safe, unless the file is in doubt. */
  private becomeSafe(position: number): void {
    this.synced = Math.max(this.synced, position);
    const isInDoubt = this.syncProblem !== "" || !this.isListed;
    if (isInDoubt || this.synced <= this.safe) return;
    this.safe = this.synced;
    this.host.safer();
  }

  /** Called ten times a second. With `mayPostpone` a background job keeps the disk busy. */
  tick(nowMs: number, mayPostpone: boolean): void {
    if (this.isDead || !this.isAttached) return;
    const { writer } = this;
    if ((writer.used > 0 || writer.problem !== "") && !this.commit()) return;
    if (this.policy !== "everysec" || nowMs - this.lastSyncMs < SYNC_PERIOD_MS) return;
    if (mayPostpone && this.engine.config.flag("no-appendfsync-on-rewrite")) return;
    if (writer.isSyncing) {
      if (!this.isDelayed) this.delayedSyncs++;
      this.isDelayed = true;
      return;
    }
    this.isDelayed = false;
    // Behind a quiet second the next write need not wait for another one.
    if (!writer.isUnsynced) return;
    this.lastSyncMs = nowMs;
    this.syncLater();
  }

  /** Makes safe what was written, without waiting. */
  private syncLater(): void {
    const position = this.fed - this.writer.used;
    const number = this.fileNumber;
    this.writer.syncLater((problem) => this.syncEnded(problem, number, position));
  }

  private syncEnded(problem: string, number: number, position: number): void {
    if (problem === "") return this.becomeSafe(position);
    if (!this.isAttached) return;
    this.log(`Fail to fsync the AOF file: ${problem}. It is begun anew.`);
    this.syncProblem = problem;
    this.badFile = Math.max(this.badFile, number);
    this.host.statusChanged();
  }

  /** Whether a sync failed and only a new base with a new file helps. */
  get isDoubtful(): boolean {
    return this.syncProblem !== "";
  }

  /**
   * A base took the place of all files before the one with this number, and holds everything before the position. What
   * was in doubt and is not in use any more does not matter.
   */
  rebased(number: number, position: number): void {
    if (this.badFile < number) this.syncProblem = "";
    this.isListed = true;
    this.becomeSafe(position);
  }

  // ---- files

  /** Number of the file that is written to. */
  get number(): number {
    return this.fileNumber;
  }

  /** Goes on at the end of another file; what is not written yet goes to it. */
  open(file: OutputFile, path: string, size: number, isListed: boolean): void {
    this.writer.open(file, path, size);
    this.isListed = isListed;
    this.isStamped = false;
    this.fileNumber++;
  }

  /** The open file has another name now. */
  renamed(path: string): void {
    this.writer.renamed(path);
  }

  /**
   * Ends the file that is written to: everything goes to it. With `sync` it is safe then: a gap in front of a file that
   * follows could not be mended. Throws an Error when that cannot be.
   */
  finish(sync: boolean): void {
    const isSynced = this.writeNow() === "" && this.synced >= this.fed;
    const problem = sync && !isSynced ? this.syncNow() : this.writeNow();
    if (problem !== "") throw new Error(problem);
  }

  /**
   * The same up to what was fed by now, without waiting; what is fed meanwhile is written, and synced as it would be
   * anyway. Throws as finish does.
   */
  *finishing(): DiskWork {
    const unwritten = this.writeNow();
    const { file } = this.writer;
    if (unwritten !== "" || file === null) throw new Error(unwritten || "the file is lost");
    const { fileNumber: number, fed: position } = this;
    try {
      yield { kind: "sync", file };
    } catch (error) {
      this.syncEnded(error instanceof Error ? error.message : String(error), number, position);
      throw error;
    }
    if (this.isAttached) this.syncEnded("", number, position);
  }

  /** The file that is written to is in the list for good; or nobody knows, because of `problem`. */
  listed(problem: string): void {
    if (problem !== "") return this.syncEnded(problem, this.fileNumber, 0);
    this.isListed = true;
    this.becomeSafe(this.synced);
  }

  /** Lets the file go. With `forget` what is not written yet does not matter any more. */
  letGo(forget: boolean): void {
    const { writer } = this;
    const hadProblem = writer.problem !== "";
    if (forget) writer.forget();
    writer.letGo()?.close();
    if (forget && hadProblem) this.host.statusChanged();
  }

  private writeNow(): string {
    const { writer } = this;
    if (writer.used === 0) return "";
    if (this.commit() && writer.used === 0) return "";
    return writer.problem || "the file is lost";
  }

  /** Makes everything safe, at once. Returns "" or why not. */
  syncNow(): string {
    const problem = this.writeNow();
    if (problem !== "") return problem;
    const problemOfSync = this.writer.sync();
    this.syncEnded(problemOfSync, this.fileNumber, this.fed);
    return problemOfSync;
  }

  /** Forgets what could not be written, and what went wrong: a new beginning. */
  reset(): void {
    this.writer.forget();
    this.syncProblem = "";
    this.badFile = 0;
  }

  /** Ends it: what was fed becomes safe, if that works. */
  close(): void {
    if (this.isAttached && !this.isDead) {
      const problem = this.writeNow();
      if (problem !== "") this.log(`Error writing to the AOF file: ${problem}`);
      else this.syncNow();
    }
    this.writer.letGo()?.close();
    this.detach();
    this.reset();
  }
}
