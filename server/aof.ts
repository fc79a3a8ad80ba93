// aof.ts: the append-only file of a running server: which files it consists of, when they change, how it is turned on and
// off. What is written when, and what happens when the disk fails, is aof_output.ts; when a new base is begun,
// aof_rewrite.ts.
//
//   off --CONFIG SET appendonly yes--> waiting --first base is there--> on --CONFIG SET appendonly no--> off
//
// WHAT IS PROMISED
//   process killed   nothing that was acknowledged is lost, in every mode: the write comes before the reply, and when it
//                    fails the reply is an error
//   power cut        `always`: nothing either; `everysec`: up to two seconds; `no`: what the system held
//   the disk fails   `always`: the process ends, before anyone hears of what is not safe; otherwise commands that write
//                    are refused until a later try works, after a failed sync until a new base and a new file are safe
// While the first base is being written (waiting), the promise is that of the snapshots.
//
// REWRITE. A new incremental file is begun at the instant the base is about; the base is written in slices meanwhile; then
// the list of the files changes at once (lib/persist/aof_files.ts).
//
//   file and list made, written out | what is left synced, list in place | names safe, base written | list, history
//   beside everything else          | at once: the instant               | beside everything else
//
// Until the list with the new file is safe, nothing in that file is; with `always` that is waited for.

import type { AofState } from "../lib/commands/server_view.ts";
import { keyspaceEmpty } from "../lib/engine/reclaim.ts";
import { AofFiles, type NewIncremental } from "../lib/persist/aof_files.ts";
import type { AofPart } from "../lib/persist/aof_manifest.ts";
import { CommandsWriter } from "../lib/persist/aof_base_writer.ts";
import { type DiskWork, workLater, workNow } from "../lib/persist/disk_work.ts";
import { type SnapshotOptions, SnapshotWriter } from "../lib/persist/rdb_file_writer.ts";
import { discard, saveNow, type WriterFor } from "../lib/persist/saver.ts";
import type { Files, OutputFile, PlacedFiles, Timer } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { AofLoader } from "./aof_load.ts";
import { AofOutput } from "./aof_output.ts";
import { AofRewrite } from "./aof_rewrite.ts";
import type { LoadSource } from "./loading.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const CANNOT_OPEN = "Can't open the append-only file";
const CANNOT_START = "Unable to turn on AOF. Check server logs.";

/** What the append-only file needs from its server. */
export interface AofHost {
  readonly timer: Timer;
  /** How snapshots are written. */
  options(isBase: boolean): SnapshotOptions;
  /** Takes the function libraries of a snapshot that was loaded. */
  functionsLoaded(sources: readonly Uint8Array[]): void;
  /** Loads something at once. Returns "" or what is wrong with it. */
  loadNow(source: LoadSource): string;
  /** Whether a snapshot is being saved. */
  isSaving(): boolean;
  /** Ends the process at once, without another reply. */
  fatal(): void;
  /** Makes the directory this server's own. Returns "" or why another one has it. */
  claim(): string;
  /** Whether commands that write are refused may have changed. */
  statusChanged(): void;
  /** A unit of changes goes to the file. */
  fed(): void;
  /** More is safe than before, or none is meant to be any more. */
  safer(): void;
}

/** The append-only file of one engine. */
export class Aof {
  mode: "off" | "waiting" | "on" = "off";
  private engine: Engine;
  /** The files stay where they were begun, wherever the working directory goes. */
  private files: PlacedFiles;
  private host: AofHost;
  private parts: AofFiles;
  private readonly output: AofOutput;
  private readonly rewrite: AofRewrite;
  /** Bytes of all files but the one that is written to, and of all files after the last rewrite or the start. */
  private otherBytes = 0;
  private baseBytes = 0;
  /** Path of the file that joins the list with the new base, "" when there is none. */
  private temporary = "";
  /** Position of the instant the base under way is about. */
  private rewriteFrom = 0;
  /** Sequences on the disk that are under way. While there are any, no other is begun that changes the list. */
  private works = 0;
  /** Grows when it is turned on or off. */
  private era = 0;
  /** The names of the file that is written to, and of the list it is in, are not safe yet. */
  private isUnsettled = false;
  /** The list was not read when it was turned on: it was still changing. */
  private isUnread = false;

  constructor(engine: Engine, anywhere: Files, host: AofHost) {
    this.engine = engine;
    const files = this.files = anywhere.here();
    this.host = host;
    this.parts = new AofFiles(files, "", "");
    this.output = new AofOutput(engine, files, {
      fatal: () => host.fatal(),
      statusChanged: () => host.statusChanged(),
      fed: () => host.fed(),
      safer: () => host.safer(),
    });
    this.rewrite = new AofRewrite(engine, files, {
      timer: host.timer,
      begin: (done) => this.beginRewrite(done),
      nextBase: (wantsSnapshot) => {
        const { base, writerFor } = this.nextBase(wantsSnapshot);
        return { base, path: this.parts.pathOf(base.name), writerFor };
      },
      replaceBase: (base, done) => this.work(this.replacing(base), done),
      failed: () => {
        if (this.mode === "waiting") this.rewrite.isScheduled = true;
      },
    });
    engine.config.onApply("appendonly", () => this.follow());
    engine.config.onApply("appendfsync", () => {
      const isAlways = engine.config.text("appendfsync") === "always";
      if (isAlways && this.isUnsettled && this.mode === "on") this.settleNow();
      return "";
    });
  }

  private log(level: 2 | 3, text: string): void {
    this.engine.server.log.write(level, text);
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
    this.files.follow();
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
        workNow(this.files, this.parts.upgrade());
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
      workNow(this.files, this.openAtStart());
      return "";
    } catch (error) {
      return `${CANNOT_OPEN}: ${messageOf(error)}`;
    }
  }

  private *openAtStart(): DiskWork {
    const { parts } = this;
    yield* parts.prepare();
    this.syncLoaded();
    if (parts.isEmpty) {
      const { base, writerFor } = this.nextBase(this.engine.config.flag("aof-use-rdb-preamble"));
      this.log(LOG_NOTICE, `Creating AOF base file ${base.name} on server start`);
      const problem = this.saveBase(base, writerFor);
      if (problem !== "") throw new Error(problem);
      yield* parts.addBase(base);
    }
    const last = parts.manifest.incremental.at(-1);
    if (last !== undefined) {
      const path = parts.pathOf(last.name);
      this.log(LOG_NOTICE, `Opening AOF incr file ${last.name} on server start`);
      this.output.open(this.files.append(path), path, this.files.size(path), true);
    } else {
      const fresh = yield* parts.makeIncremental();
      parts.list(fresh);
      yield* parts.settle();
      this.log(LOG_NOTICE, `Creating AOF incr file ${fresh.path} on server start`);
      this.output.open(fresh.file, fresh.path, 0, true);
    }
    if (!this.engine.config.flag("aof-disable-auto-gc")) yield* parts.removeHistory();
    this.output.attach();
    this.mode = "on";
    this.countOthers();
    this.baseBytes = parts.manifest.base === null ? 0 : parts.sizeOf(parts.manifest.base);
  }

  /** Makes safe what was read: a process that was killed may have left names and contents in the system's cache alone. */
  private syncLoaded(): void {
    const { parts, files } = this;
    files.syncDirectory(parts.directory);
    for (const { name } of parts.manifest.incremental) {
      const file = files.append(parts.pathOf(name));
      try {
        file.sync();
      } finally {
        file.close();
      }
    }
  }

  /** The name of the next base, and what writes it: a snapshot, or commands where that is wanted. */
  private nextBase(wantsSnapshot: boolean): { base: AofPart; writerFor: WriterFor } {
    const { keyspace, config } = this.engine;
    const options = this.host.options(true);
    // Libraries of functions cannot be loaded from commands.
    const isSnapshot = wantsSnapshot || options.functions.length > 0;
    const seconds = config.flag("aof-timestamp-enabled") ? Math.floor(this.nowMs / 1000) : 0;
    return {
      base: this.parts.nextBase(isSnapshot),
      writerFor: (drain) =>
        isSnapshot
          ? new SnapshotWriter(keyspace, options, drain)
          : new CommandsWriter(keyspace, seconds, options.compress, drain),
    };
  }

  private get nowMs(): number {
    return this.engine.server.clock.wallMs();
  }

  private saveBase(base: AofPart, writerFor: WriterFor): string {
    return saveNow(
      this.engine.keyspace,
      this.files,
      this.parts.pathOf(`temp-${base.name}`),
      this.parts.pathOf(base.name),
      writerFor,
    );
  }

  private countOthers(): void {
    const { base, incremental } = this.parts.manifest;
    this.otherBytes = base === null ? 0 : this.parts.sizeOf(base);
    for (const part of incremental.slice(0, -1)) this.otherBytes += this.parts.sizeOf(part);
  }

  /** How it is now. */
  get state(): AofState {
    const { output, rewrite } = this;
    return {
      isEnabled: this.mode !== "off",
      isRewriting: rewrite.isRunning,
      isScheduled: rewrite.isScheduled,
      rewriteStartedMs: rewrite.startedMs,
      lastRewriteSeconds: rewrite.lastSeconds,
      wasRewriteGood: rewrite.wasGood,
      rewrites: rewrite.rewrites,
      failures: rewrite.failures,
      problem: this.problem,
      currentSize: this.otherBytes + output.size,
      baseSize: this.baseBytes,
      bufferBytes: output.bufferBytes,
      isSyncing: output.isSyncing,
      delayedSyncs: output.delayedSyncs,
    };
  }

  /** Why commands that write are refused, "" when they are not; and the reply to them. */
  get problem(): string {
    return this.output.problem;
  }

  get refusal(): Uint8Array {
    return this.output.refusal;
  }

  // ---- periodic work

  /** Called ten times a second, outside of commands. */
  tick(nowMs: number): void {
    this.output.tick(nowMs, this.isRewriting || this.host.isSaving());
    this.startDueRewrite(nowMs);
  }

  private startDueRewrite(nowMs: number): void {
    const { rewrite } = this;
    const isUrgent = this.mode !== "off" && this.output.isDoubtful;
    if (rewrite.isRunning || this.works > 0) return;
    if (this.host.isSaving() || rewrite.isLimited(nowMs, isUrgent)) return;
    if (isUrgent || rewrite.isScheduled || this.isTooLarge()) rewrite.start();
  }

  private isTooLarge(): boolean {
    const { config } = this.engine;
    const percentage = config.number("auto-aof-rewrite-percentage");
    const size = this.otherBytes + this.output.size;
    if (this.mode !== "on" || percentage === 0) return false;
    if (size <= config.number("auto-aof-rewrite-min-size")) return false;
    const growth = Math.floor(size * 100 / (this.baseBytes || 1)) - 100;
    if (growth < percentage) return false;
    this.log(LOG_NOTICE, `Starting automatic rewriting of AOF on ${growth}% growth`);
    return true;
  }

  // ---- rewriting

  /** BGREWRITEAOF. */
  rewriteLater(isInExec: boolean): "started" | "scheduled" | "busy" | "failed" {
    const { rewrite } = this;
    if (rewrite.isRunning) return "busy";
    if (isInExec || this.host.isSaving() || this.works > 0) {
      rewrite.isScheduled = true;
      rewrite.failures = 0;
      this.log(LOG_NOTICE, "Background append only file rewriting scheduled.");
      return "scheduled";
    }
    return rewrite.start() ? "started" : "failed";
  }

  get isRewriting(): boolean {
    return this.rewrite.isRunning;
  }

  /** Works on the rewrite under way for a millisecond. */
  step(): void {
    this.rewrite.step();
  }

  /** Does something on the disk beside everything else. */
  private work(work: DiskWork, done: (problem: string) => void): void {
    this.works++;
    workLater(this.files, work, (problem) => {
      this.works--;
      done(problem);
    });
  }

  /** Begins the file for the changes behind the instant of the new base, which is when `done` is called. */
  private beginRewrite(done: (problem: string) => void): void {
    if (this.mode === "off" || this.isUnread) {
      const last = this.openParts().pop();
      if (last !== undefined) return done(last);
      this.isUnread = false;
    }
    let fresh: NewIncremental | null = null;
    const { era } = this;
    const preparing = this.preparing((made) => fresh = made);
    this.work(preparing, (problem) => {
      const { standstill } = this.engine;
      const goOn = () => {
        const isStale = era !== this.era;
        if (problem === "" && !isStale) problem = this.switchNow(fresh);
        if (problem !== "" || isStale) fresh?.file.close();
        done(problem);
      };
      // Not in the middle of what is one step to everybody else.
      if (standstill.isOn) standstill.after(goOn);
      else goOn();
    });
  }

  /** What can be done in front of the instant. */
  private *preparing(made: (fresh: NewIncremental) => void): DiskWork {
    const { parts } = this;
    // A disk that takes nothing says so at once.
    parts.makeDirectory();
    if (this.mode !== "on" || this.output.isDoubtful) return yield* parts.prepare();
    made(yield* parts.makeIncremental());
    // Less is left for the sync that has to be waited for.
    yield* this.output.finishing();
  }

  /**
   * Goes on in a new file. Returns "" or why that cannot be. One that is made already joins the list now. Behind a file that
   * may have gaps, which must stay the last of the list because only there it can be cut, and in front of the first base,
   * it joins when the base is there.
   */
  private switchNow(fresh: NewIncremental | null): string {
    const { output, parts } = this;
    try {
      if (this.mode === "waiting" || (this.mode === "on" && output.isDoubtful)) {
        fresh?.file.close();
        if (this.mode === "on") output.finish(false);
        const { file, path } = parts.createTemporary();
        this.goOnIn(file, path, path);
      } else if (fresh !== null) {
        output.finish(true);
        parts.list(fresh);
        this.goOnIn(fresh.file, fresh.path, "");
        this.settle();
      } else if (this.mode === "on") {
        throw new Error("there is no new file to go on in");
      }
      return "";
    } catch (error) {
      return messageOf(error);
    }
  }

  /** The names in the directory become safe, and with them what is in the file. */
  private settle(): void {
    const { era, output } = this;
    this.isUnsettled = true;
    if (this.engine.config.text("appendfsync") === "always") return this.settleNow();
    this.work(this.parts.settle(), (problem) => {
      if (era !== this.era || !this.isUnsettled) return;
      this.isUnsettled = false;
      output.listed(problem);
    });
  }

  /** With `always` nothing may be answered before. */
  private settleNow(): void {
    let problem = "";
    try {
      workNow(this.files, this.parts.settle());
    } catch (error) {
      problem = messageOf(error);
    }
    this.isUnsettled = false;
    this.output.listed(problem);
  }

  private goOnIn(file: OutputFile, path: string, temporary: string): void {
    const { output } = this;
    this.isUnread = false;
    this.isUnsettled = false;
    output.letGo(this.mode === "waiting");
    output.open(file, path, 0, false);
    this.temporary = temporary;
    this.rewriteFrom = output.fed;
    this.countOthers();
    output.attach();
    this.engine.propagation.nameDatabase();
  }

  /** A base that is safe takes the place of what it holds. */
  private *replacing(base: AofPart): DiskWork {
    const { parts, engine, output, temporary, era, rewriteFrom } = this;
    let joining: AofPart | null = null;
    if (temporary !== "") {
      yield* output.finishing();
      joining = parts.nameIncremental(temporary);
      // Who cuts a write that got out in part off needs the name at once.
      if (era === this.era) output.renamed(this.temporary = parts.pathOf(joining.name));
    }
    yield* parts.replaceBase(base, joining, this.mode === "on" && joining === null);
    if (era === this.era) {
      // What was written to a file that was not listed is in the list from now on, and safe. Little is left to be synced.
      if (joining !== null) output.finish(true);
      this.temporary = "";
      if (this.mode === "waiting") this.mode = "on";
      this.countOthers();
      this.baseBytes = this.otherBytes + output.size;
      if (this.mode === "on") output.rebased(output.number, rewriteFrom);
      this.host.statusChanged();
    }
    if (!engine.config.flag("aof-disable-auto-gc")) yield* parts.removeHistory();
  }

  // ---- on and off

  private start(): string {
    const claimed = this.host.claim();
    if (claimed !== "") return claimed;
    this.era++;
    if (this.works > 0) {
      this.mode = "waiting";
      this.output.reset();
      this.isUnread = true;
      this.rewrite.cancel();
      return this.schedule();
    }
    const complaint = this.openParts();
    for (const text of complaint) this.log(LOG_WARNING, text);
    if (complaint.length > 0) return CANNOT_START;
    this.mode = "waiting";
    this.output.reset();
    const isInExec = this.engine.active?.inExec === true;
    if (isInExec || this.host.isSaving()) return this.schedule();
    this.rewrite.cancel();
    if (this.rewrite.start()) return "";
    this.stop();
    return CANNOT_START;
  }

  private schedule(): "" {
    this.rewrite.isScheduled = true;
    this.log(LOG_NOTICE, "AOF was enabled: an AOF rewrite was scheduled to start when possible.");
    return "";
  }

  /** Begins anew with the data as it is now: it was replaced while the file was off. */
  restart(): void {
    const problem = this.start();
    if (problem !== "") this.log(LOG_WARNING, problem);
  }

  /** Position up to which everything is fed, and up to which it is safe; see AofOutput. */
  get fed(): number {
    return this.output.fed;
  }

  get safe(): number {
    return this.output.safe;
  }

  /** Ends writing: what was written becomes safe. Nothing is removed. */
  stop(): void {
    if (this.mode === "off") return;
    this.output.close();
    this.mode = "off";
    this.rewrite.isScheduled = false;
    if (this.isRewriting) {
      this.log(LOG_NOTICE, "Killing running AOF rewrite (of this process, without a child)");
      this.rewrite.cancel();
    }
    this.era++;
    // Unless it is on its way into the list, or in it already although something failed behind that.
    const { temporary } = this;
    const isOurs = temporary !== "" && this.works === 0 && !this.parts.lists(temporary);
    if (isOurs) discard(this.files, temporary);
    this.temporary = "";
    this.host.statusChanged();
    this.host.safer();
  }

  /** Why an orderly end must wait, "" when it need not; everything is safe then. */
  syncAtEnd(): string {
    if (this.mode === "off") return "";
    if (this.mode === "waiting") return "Writing initial AOF, can't exit";
    this.log(LOG_NOTICE, "Calling fsync() on the AOF file.");
    return this.output.syncNow();
  }

  /** Ends background work and closes the file. */
  close(): void {
    this.rewrite.close();
    this.stop();
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
    const { output } = this;
    if (this.mode !== "off" && (!output.commit() || output.bufferBytes > 0)) return output.problem;
    const wasAttached = output.detach();
    if (this.mode === "off") this.openParts();
    keyspaceEmpty(this.engine.keyspace, false);
    const problem = this.host.loadNow(this.loader());
    if (wasAttached) output.attach();
    this.log(LOG_WARNING, problem || "Append Only File loaded by DEBUG LOADAOF");
    return problem;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
