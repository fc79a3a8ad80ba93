// persistence.ts: the data set as a whole: saved to a file, loaded from it.
//
//   SAVE        written at once
//   BGSAVE      written in slices while commands run (lib/persist/saver.ts); also at the save points
//   start       the file is loaded in slices (loading.ts), or the append-only file instead (aof.ts)
//
// A file that is damaged keeps the server from starting: it would overwrite it later. Without files (the library) only
// what needs none works.

import { joined } from "../lib/bytes/pieces.ts";
import { line } from "../lib/codec/reply_writer.ts";
import type { PersistenceView, SaveState } from "../lib/commands/server_view.ts";
import { expireEveryField } from "../lib/engine/expire_fields.ts";
import type { Database } from "../lib/engine/keyspace.ts";
import { keyspaceEmpty } from "../lib/engine/reclaim.ts";
import {
  type SnapshotOptions,
  snapshotWrite,
  SnapshotWriter,
} from "../lib/persist/rdb_file_writer.ts";
import { Rehearsal } from "../lib/persist/rehearsal.ts";
import { BackgroundSave, keysAllowed, saveNow, type WriterFor } from "../lib/persist/saver.ts";
import type { Files, InputFile, Timer } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { VALKEY_VERSION } from "../lib/version.ts";
import { Aof } from "./aof.ts";
import type { AofLoader } from "./aof_load.ts";
import { removeLeftovers } from "./leftovers.ts";
import { Loading, type LoadSource } from "./loading.ts";
import { systemTimer } from "./platform.ts";
import { RdbLoader, type SnapshotLoadOptions } from "./rdb_load.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const SLICE_US = 1000;
/** Pause between two slices of a background save: half of the CPU at most. */
const SLICE_PAUSE_MS = 1;
/** After a failed background save the save points wait this long. */
const RETRY_MS = 5000;
const ERR_SAVE_FAILED = line(
  "-MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that " +
    "may modify the data set are disabled, because this instance is configured to report errors during writes if RDB " +
    "snapshotting fails (stop-writes-on-bgsave-error option). Please check the Valkey logs for details about the RDB error.",
);
const ERR_REWRITING =
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a " +
  "BGSAVE whenever possible.";
const ERR_NO_FILES = "ERR this server keeps no files";

/** What a snapshot says of the history of its data, and who must know what was loaded. */
export interface HistoryHost {
  aux(): readonly (readonly [name: string, value: string])[];
  loaded(aux: ReadonlyMap<string, string>): void;
  /** A key was left out because its time was up. */
  leftOut(db: Database, key: Uint8Array): void;
  /** A unit goes to the append-only file, and more of it is safe there. */
  fed(): void;
  safer(): void;
}

const NO_HISTORY: HistoryHost = {
  aux: () => [],
  loaded: () => {},
  leftOut: () => {},
  fed: () => {},
  safer: () => {},
};

/** Snapshots of one engine. */
export class Persistence implements PersistenceView {
  private engine: Engine;
  private files: Files | null;
  private save: BackgroundSave | null = null;
  private saveStartMs = 0;
  private dirtyBefore = 0;
  private lastTryMs = 0;
  private isScheduled = false;
  private temporaries = 0;
  /** Function libraries of the snapshot that was loaded: they cannot be called, but every snapshot written has them. */
  private functions: readonly Uint8Array[] = [];
  /** Fields of hashes whose time was up were loaded. */
  private keptFields = false;
  private readonly clockUs: () => number;
  readonly aof: Aof | null;
  loading: Loading | null = null;
  private readonly timer: Timer;
  private readonly rehearsal = new Rehearsal();
  private slices: (() => void) | null = null;
  /** Set by replication. */
  history: HistoryHost = NO_HISTORY;
  /** Who waits for the save under way. */
  private whenSaved: ((problem: string) => void) | null = null;
  readonly state: SaveState = {
    isSaving: false,
    wasGood: true,
    lastSeconds: -1,
    startedMs: 0,
    saves: 0,
    keysDone: 0,
    keysTotal: 0,
    loadedKeys: 0,
    expiredKeys: 0,
  };

  /** `fatal` ends the process: what was changed cannot be kept, and nobody may hear of it. */
  constructor(
    engine: Engine,
    files: Files | null,
    fatal: () => void = () => {},
    timer: Timer = systemTimer,
  ) {
    this.engine = engine;
    this.files = files;
    this.timer = timer;
    this.clockUs = () => engine.server.clock.monotonicUs();
    this.aof = files === null ? null : new Aof(engine, files, {
      options: (isBase) => this.options(isBase),
      functionsLoaded: (sources) => this.functionsLoaded(sources),
      loadNow: (source) => this.loadNow(source),
      isSaving: () => this.save !== null,
      timer,
      fatal,
      statusChanged: () => this.refuseOrNot(),
      claim: () => this.claim(),
      fed: () => this.history.fed(),
      safer: () => this.history.safer(),
    });
    const { config } = engine;
    config.onApply("stop-writes-on-bgsave-error", () => this.refuseOrNot());
    config.onApply("save", () => this.refuseOrNot() || this.claim());
    config.onApply("dir", () => this.moved());
  }

  /** CONFIG SET dir. What is under way, and the append-only file, stay where they were begun. */
  private moved(): string {
    const claimed = this.claim();
    if (claimed === "" && this.aof !== null && this.aof.mode !== "off") {
      this.engine.server.log.write(
        LOG_WARNING,
        "The append-only file stays in the directory it is in until appendonly is turned off and on again",
      );
    }
    return claimed;
  }

  /** Makes the directory this server's own where it keeps its data there. Returns "" or why that cannot be. */
  private claim(isWriting = false): string {
    const { config } = this.engine;
    const hasAof = config.flag("appendonly");
    if (this.files === null) return "";
    // The append-only file stays where it was begun.
    if (isWriting || hasAof || config.text("save") !== "") return this.files.claim(!hasAof);
    return "";
  }

  /** Refuses commands that write while the disk does not take them. */
  private refuseOrNot(): "" {
    const { engine, aof } = this;
    const { config } = engine;
    const isFailing = !this.state.wasGood && config.text("save") !== "" &&
      config.flag("stop-writes-on-bgsave-error");
    if (isFailing) engine.refuseWrites(ERR_SAVE_FAILED);
    else engine.refuseWrites(aof === null || aof.problem === "" ? null : aof.refusal);
    return "";
  }

  options(isBase = false): SnapshotOptions {
    const { config, server, keyspace } = this.engine;
    const policy = config.text("maxmemory-policy");
    return {
      aux: [
        ["valkey-ver", VALKEY_VERSION],
        ["redis-bits", "64"],
        ["ctime", String(Math.floor(server.clock.wallMs() / 1000))],
        ["used-mem", String(keyspace.arena.usedBytes)],
        ...this.history.aux(),
        ["aof-base", isBase ? "1" : "0"],
      ],
      functions: this.functions,
      compress: config.flag("rdbcompression"),
      checksum: config.flag("rdbchecksum"),
      access: policy.endsWith("lru") ? "idle" : policy.endsWith("lfu") ? "frequency" : "none",
    };
  }

  /** What writes a snapshot. */
  private writer(): WriterFor {
    const options = this.options();
    return (drain) => new SnapshotWriter(this.engine.keyspace, options, drain);
  }

  private temporary(): string {
    return `temp-${this.engine.server.process.pid}-${++this.temporaries}.rdb`;
  }

  // ---- saving

  saveNow(): string {
    if (this.save !== null) return "ERR Background save already in progress";
    if (this.files === null) return ERR_NO_FILES;
    const { server, keyspace, config } = this.engine;
    const claimed = this.claim(true);
    if (claimed !== "") return `ERR ${claimed}`;
    this.state.saves++;
    const name = config.text("dbfilename");
    const problem = saveNow(keyspace, this.files, this.temporary(), name, this.writer());
    if (problem !== "") {
      server.log.write(LOG_WARNING, `Error saving the snapshot ${name}: ${problem}`);
      return "ERR";
    }
    server.log.write(LOG_NOTICE, "DB saved on disk");
    this.saved(server.dirty);
    this.state.wasGood = true;
    this.refuseOrNot();
    return "";
  }

  private saved(changes: number): void {
    const { server } = this.engine;
    server.dirty -= changes;
    server.lastSaveMs = server.clock.wallMs();
  }

  saveLater(when: "now" | "behind" | "later"): string {
    if (this.save !== null) return "ERR Background save already in progress";
    if (this.files === null) return ERR_NO_FILES;
    const isBusy = this.aof?.isRewriting === true;
    if (isBusy && when === "now") return ERR_REWRITING;
    if (isBusy || when === "later") {
      this.isScheduled = true;
      return "";
    }
    const { server, keyspace, config } = this.engine;
    const nowMs = server.clock.wallMs();
    this.isScheduled = false;
    const claimed = this.claim(true);
    if (claimed !== "") return `ERR ${claimed}`;
    this.saveStartMs = nowMs;
    this.lastTryMs = nowMs;
    this.dirtyBefore = server.dirty;
    this.state.saves++;
    this.state.isSaving = true;
    this.state.startedMs = nowMs;
    this.save = new BackgroundSave(
      keyspace,
      this.files.here(),
      this.temporary(),
      config.text("dbfilename"),
      this.writer(),
      (save) => this.saveEnded(save),
    );
    server.log.write(LOG_NOTICE, "Background saving started");
    this.engine.snapshotsChanged();
    this.saveSlice();
    return "";
  }

  private saveSlice(): void {
    const { save } = this;
    if (save === null || save.isDone) return;
    const { clock } = this.engine.server;
    const delayUs = this.engine.config.number("rdb-key-save-delay");
    const keysMax = keysAllowed(delayUs, clock.wallMs() - this.saveStartMs);
    save.step(this.clockUs, SLICE_US, keysMax);
    this.state.keysDone = save.keys;
    this.state.keysTotal = save.total;
    if (save.isDone || this.slices !== null) return;
    this.slices = this.timer(SLICE_PAUSE_MS, () => {
      this.slices = null;
      this.saveSlice();
    });
  }

  private saveEnded(save: BackgroundSave): void {
    const { server } = this.engine;
    const { state, whenSaved } = this;
    this.save = null;
    this.whenSaved = null;
    this.engine.snapshotsChanged();
    state.isSaving = false;
    state.lastSeconds = Math.floor((server.clock.wallMs() - this.saveStartMs) / 1000);
    state.wasGood = save.problem === "" || save.problem === CANCELLED;
    this.refuseOrNot();
    if (save.problem === "") {
      server.log.write(LOG_NOTICE, "Background saving terminated with success");
      this.saved(this.dirtyBefore);
    } else {
      server.log.write(LOG_WARNING, `Background saving ended: ${save.problem}`);
    }
    whenSaved?.(save.problem);
  }

  /** Whether a background save can begin now. */
  get maySave(): boolean {
    return this.save === null && this.aof?.isRewriting !== true;
  }

  /** As saveLater, for someone who waits for it: `done` gets "" or what went wrong. */
  saveFor(done: (problem: string) => void): void {
    this.whenSaved = done;
    const problem = this.saveLater("now");
    if (problem === "") return;
    this.whenSaved = null;
    done(problem);
  }

  /** The file, or null when there is none. */
  readFile(): Uint8Array | null {
    return this.files?.read(this.engine.config.text("dbfilename")) ?? null;
  }

  get hasFiles(): boolean {
    return this.files !== null;
  }

  cancelSave(): "running" | "scheduled" | "none" {
    if (this.save !== null) {
      this.save.cancel(CANCELLED);
      return "running";
    }
    if (!this.isScheduled) return "none";
    this.isScheduled = false;
    return "scheduled";
  }

  /** Called ten times a second: save points, what was scheduled. */
  tick(nowMs: number): void {
    if (this.loading !== null && !this.loading.isBeside) return;
    this.aof?.tick(nowMs);
    if (this.files === null || this.save !== null || this.aof?.isRewriting) return;
    if (this.isScheduled || this.isDue(nowMs)) this.saveLater("now");
    else this.rehearsal.slice(this.engine.keyspace, (drain) => this.writer()(drain), this.clockUs);
  }

  private isDue(nowMs: number): boolean {
    const { server, config } = this.engine;
    if (!this.state.wasGood && nowMs - this.lastTryMs < RETRY_MS) return false;
    const words = config.text("save").split(" ");
    const elapsed = (nowMs - server.lastSaveMs) / 1000;
    for (let i = 0; i + 1 < words.length; i += 2) {
      const seconds = Number(words[i]);
      const changes = Number(words[i + 1]);
      if (server.dirty < changes || elapsed <= seconds) continue;
      server.log.write(LOG_NOTICE, `${changes} changes in ${seconds} seconds. Saving...`);
      return true;
    }
    return false;
  }

  /** Saves before the end where that is wanted. Returns "" or why the server should not end. */
  saveAtEnd(wanted: "save" | "nosave" | "default"): string {
    const problem = this.aof?.syncAtEnd() ?? "";
    if (problem !== "") {
      this.engine.server.log.write(LOG_WARNING, problem);
      return "ERR Errors trying to SHUTDOWN. Check logs.";
    }
    const hasPoints = this.engine.config.text("save") !== "";
    if (wanted === "nosave" || (wanted === "default" && !hasPoints)) {
      this.cancelSave();
      return "";
    }
    if (this.files === null) return "";
    this.cancelSave();
    const { log } = this.engine.server;
    log.write(LOG_NOTICE, "Saving the final RDB snapshot before exiting.");
    if (this.saveNow() === "") return "";
    log.write(LOG_WARNING, "Error trying to save the DB, can't exit.");
    return "ERR Errors trying to SHUTDOWN. Check logs.";
  }

  // ---- loading

  /** Loads what the configuration names, at once. Returns "" or why the server must not start. */
  load(): string {
    let problem = "";
    this.beginLoad((found) => problem = found)?.run();
    return problem;
  }

  /**
   * Begins to load what the configuration names. `done` is called with "" or why the server must not start, and whether a
   * value in a snapshot is corrupt; where there is nothing to load, at once, and null is returned.
   */
  beginLoad(done: (problem: string, isCorrupt: boolean) => void): Loading | null {
    const source = this.source();
    if (source === null || typeof source === "string") {
      done(source ?? "", false);
      return null;
    }
    const startUs = this.clockUs();
    return this.loading = new Loading(this.engine, source, (problem) => {
      this.loading = null;
      const isCorrupt = source instanceof RdbLoader && source.result.corruptKey !== null;
      done(problem || this.loaded(source, (this.clockUs() - startUs) / 1e6), isCorrupt);
    });
  }

  /** What there is to load: null for nothing, a text when that cannot be. */
  private source(): AofLoader | RdbLoader | string | null {
    const { files, aof } = this;
    if (files === null) return null;
    const claimed = this.claim();
    if (claimed !== "") return claimed;
    this.tidyUp(files);
    if (aof !== null && this.engine.config.flag("appendonly")) return aof.source();
    try {
      return this.rdbLoader(files, false, this.historyOptions());
    } catch (error) {
      return `Can't open the snapshot: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Removes what a killed process left unfinished, where the directory is this server's own. */
  private tidyUp(files: Files): void {
    const { config, server } = this.engine;
    if (!config.flag("appendonly") && config.text("save") === "") return;
    const names = removeLeftovers(
      files,
      config.text("appenddirname"),
      config.text("appendfilename"),
    );
    if (names.length === 0) return;
    server.log.write(LOG_NOTICE, `Removed what was left unfinished: ${names.join(", ")}`);
  }

  /**
   * What is said of the history of the data comes before the data. Replicas that go on with it hear of keys that are left
   * out; fields of hashes go when everything is in memory.
   */
  private historyOptions(): Partial<SnapshotLoadOptions> {
    const said = new Map<string, string>();
    return {
      aux: (name, value) => {
        said.set(name, value);
        const isAll = HISTORY_FIELDS.includes(name) &&
          HISTORY_FIELDS.every((field) => said.has(field));
        if (isAll) {
          this.history.loaded(said);
          this.keptFields = true;
        }
        return isAll;
      },
      expired: (db, key) => this.history.leftOut(db, key),
    };
  }

  private rdbLoader(
    files: Files,
    merge: boolean,
    more: Partial<SnapshotLoadOptions> = {},
  ): RdbLoader | null {
    const { config, server } = this.engine;
    const name = config.text("dbfilename");
    const file = files.open(name);
    if (file === null) return null;
    return new RdbLoader(this.engine, name, file, {
      // On a replica keys go when the primary says so.
      nowMs: server.isReplica ? 0 : server.clock.wallMs(),
      merge,
      ...more,
    });
  }

  /** Everything is in memory. Returns "" or why the server must not start. */
  private loaded(source: AofLoader | RdbLoader, seconds: number): string {
    const { server } = this.engine;
    const say = (text: string) => server.log.write(LOG_NOTICE, text);
    let problem = "";
    if (source instanceof RdbLoader) {
      const { keys, expired, empty, functions } = source.result;
      this.functionsLoaded(functions);
      this.state.loadedKeys = keys;
      this.state.expiredKeys = expired;
      say(
        `Done loading RDB, keys loaded: ${keys}, keys expired: ${expired}, empty keys skipped: ${empty}.`,
      );
      say(`DB loaded from disk: ${seconds.toFixed(3)} seconds`);
    } else {
      this.state.loadedKeys = source.keys;
      this.state.expiredKeys = source.expired;
      if (source.totalBytes > 0) {
        say(`DB loaded from append only file: ${seconds.toFixed(3)} seconds`);
      }
      problem = this.aof?.loaded() ?? "";
    }
    if (this.keptFields && !server.isReplica) {
      expireEveryField(this.engine.keyspace, server.clock.wallMs());
    }
    this.keptFields = false;
    server.dirty = 0;
    return problem;
  }

  /** Loads something at once. Returns "" or what is wrong with it. */
  private loadNow(source: LoadSource): string {
    let problem = "";
    this.loading = new Loading(this.engine, source, (found) => problem = found);
    this.loading.run();
    this.loading = null;
    return problem;
  }

  functionsLoaded(sources: readonly Uint8Array[]): void {
    this.functions = sources;
    if (sources.length === 0) return;
    this.engine.server.log.write(
      LOG_WARNING,
      `Function libraries loaded: ${sources.length}. They cannot be called yet, and are kept in every snapshot.`,
    );
  }

  reload(save: boolean, flush: boolean, merge: boolean): string {
    const { files } = this;
    const { log } = this.engine.server;
    const isFree = files !== null && this.save === null;
    const problemOfSave = save && isFree ? this.saveNow() : "";
    if (problemOfSave !== "") return problemOfSave;
    const kept = save && !isFree ? joined(this.write()) : null;
    const problem = this.reloadFrom(kept, flush, merge);
    log.write(LOG_WARNING, problem || "DB reloaded by DEBUG RELOAD");
    return problem === "" ? "" : "ERR Error trying to load the RDB dump, check server logs.";
  }

  /** Reads the file, or what would be in it. */
  private reloadFrom(kept: Uint8Array | null, flush: boolean, merge: boolean): string {
    const { engine, files } = this;
    try {
      const loader = kept !== null
        ? new RdbLoader(engine, "in memory", inputOf(kept), { nowMs: engine.ctx.nowMs, merge })
        : files === null
        ? null
        : this.rdbLoader(files, merge);
      if (loader === null) return "There is no snapshot to load";
      // What is no snapshot, or none that can be loaded, must not cost the data that is there.
      loader.step(0, 0);
      if (loader.problem !== "") return loader.problem;
      if (flush) keyspaceEmpty(engine.keyspace, false);
      const problem = this.loadNow(loader);
      if (problem === "") this.functions = loader.result.functions;
      return problem;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** The data set in pieces. */
  private write(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    snapshotWrite(
      this.engine.keyspace,
      this.options(),
      (buf, off, len) => pieces.push(buf.slice(off, off + len)),
    );
    return pieces;
  }

  /** Ends background work; unfinished files are removed. */
  close(): void {
    this.slices?.();
    this.slices = null;
    this.loading?.cancel();
    this.loading = null;
    this.save?.cancel(CANCELLED);
    this.aof?.close();
  }
}

const HISTORY_FIELDS = ["repl-stream-db", "repl-id", "repl-offset"];
const CANCELLED = "cancelled";

/** Bytes as a file that is open for reading. */
function inputOf(bytes: Uint8Array): InputFile {
  let at = 0;
  return {
    size: bytes.length,
    read(buf, off, len) {
      const count = Math.min(len, bytes.length - at);
      buf.set(bytes.subarray(at, at + count), off);
      at += count;
      return count;
    },
    close: () => {},
  };
}
