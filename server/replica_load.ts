// replica_load.ts: a primary's snapshot takes the place of the own data set.
//
//   disabled                         to a file; when it has come as a whole the old data goes, and the file is loaded
//   on-empty-db, flush-before-load   loaded while it comes: the old data goes at the start
//   swapdb                           the same beside the old data, which goes when the new is complete
//
// While it is loaded, clients are told -LOADING (loading.ts). With swapdb, where old and new are of the same history, the old
// data is served until the new takes its place, at once. So nobody ever sees a mix. The append-only file is begun anew
// behind it.

import { Database, databaseSwap, keyCount, type Keyspace } from "../lib/engine/keyspace.ts";
import { keyspaceEmpty } from "../lib/engine/reclaim.ts";
import { directoryOf } from "../lib/persist/saver.ts";
import type { Files, InputFile, OutputFile } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { Loading, type LoadSource } from "./loading.ts";
import type { Persistence } from "./persistence.ts";
import type { Incoming, Loaded } from "./primary_link.ts";
import { RdbLoader, type SnapshotLoadOptions, StreamLoader } from "./rdb_load.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
/** Bytes that have arrived and were not read, at which no more are taken. */
const WAITING_BYTES_MAX = 4 * 1048576;

/** What loading needs from its server. */
export interface LoadHost {
  engine: Engine;
  files: Files | null;
  persistence: Persistence;
  /** Whether other events are served meanwhile. */
  inBackground: boolean;
  /** The snapshot is about to replace the data: own replicas, saves and the like must know. */
  before(): void;
  /** Whether the snapshot is a later point of the history of the own data. */
  isSameHistory(): boolean;
  /** Old data is served, or not any more, while the new is loaded. */
  beside(isLoading: boolean): void;
}

type Done = (loaded: Loaded) => void;

/**
 * Makes a place for a snapshot that is about to come. `done` hears what came of it, unless it is discarded; `onRead` is
 * called when there may be room for more.
 */
export function incomingSnapshot(host: LoadHost, done: Done, onRead: () => void): Incoming {
  const { engine, files } = host;
  const mode = engine.config.text("repl-diskless-load");
  const isEmpty = engine.keyspace.dbs.every((db) => keyCount(engine.keyspace, db) === 0);
  const usesFile = mode === "disabled" || (mode === "on-empty-db" && !isEmpty);
  return usesFile && files !== null
    ? new FileSnapshot(host, files, done)
    : new StreamSnapshot(host, mode === "swapdb", done, onRead);
}

/** Loaded while it comes. */
class StreamSnapshot implements Incoming {
  private host: LoadHost;
  private swaps: boolean;
  private done: Done;
  private loader: StreamLoader | null = null;
  private replacing: Replacement | null = null;
  private isComplete = false;
  private onRead: () => void;
  /** What came of it before all of it was there. */
  private early: Loaded | null = null;

  constructor(host: LoadHost, swaps: boolean, done: Done, onRead: () => void) {
    this.host = host;
    this.swaps = swaps;
    this.done = done;
    this.onRead = onRead;
  }

  write(buf: Uint8Array, off: number, len: number): void {
    if (this.early !== null) return;
    if (this.loader === null) this.begin();
    this.loader?.feed(buf, off, len);
    this.replacing?.wake();
  }

  private begin(): void {
    const replacing = this.replacing = new Replacement(
      this.host,
      this.swaps,
      "socket",
      (loaded) => this.ended(loaded),
    );
    const loader = this.loader = new StreamLoader(this.host.engine, replacing.options());
    loader.onRead = this.onRead;
    replacing.begin(loader);
  }

  private ended(loaded: Loaded): void {
    // The end mark of a good snapshot is still to come; there is no use in waiting for that of a bad one.
    if (this.isComplete || loaded.problem !== "") this.done(loaded);
    else this.early = loaded;
  }

  get isBusy(): boolean {
    return this.loader !== null && !this.loader.isStarved;
  }

  get isFull(): boolean {
    return this.isBusy && (this.loader as StreamLoader).waitingBytes > WAITING_BYTES_MAX;
  }

  load(): void {
    this.isComplete = true;
    if (this.early !== null) return this.done(this.early);
    if (this.loader === null) this.begin();
    this.loader?.complete();
    this.replacing?.wake();
  }

  discard(): void {
    this.replacing?.cancel();
  }
}

class FileSnapshot implements Incoming {
  private host: LoadHost;
  private files: Files;
  private name: string;
  private file: OutputFile | null;
  private replacing: Replacement | null = null;
  private done: Done;
  readonly isBusy = false;
  readonly isFull = false;

  constructor(host: LoadHost, files: Files, done: Done) {
    this.host = host;
    this.files = files;
    this.done = done;
    const { server } = host.engine;
    const seconds = Math.floor(server.clock.wallMs() / 1000);
    this.name = `temp-${seconds}.${server.process.pid}.rdb`;
    this.file = files.create(this.name);
  }

  write(buf: Uint8Array, off: number, len: number): void {
    this.file?.write(buf, off, len);
  }

  load(): void {
    const { files, host, done } = this;
    const target = host.engine.config.text("dbfilename");
    let input: InputFile | null = null;
    try {
      this.file?.sync();
      this.file?.close();
      this.file = null;
      files.rename(this.name, target);
      files.syncDirectory(directoryOf(target));
      input = files.open(target);
      if (input === null) throw new Error("No such file or directory");
    } catch (error) {
      this.discard();
      const why = (error as Error).message;
      return done({
        problem: `Failed trying to rename the temp DB into ${target} in PRIMARY <-> REPLICA ` +
          `synchronization: ${why}`,
        database: 0,
      });
    }
    const replacing = this.replacing = new Replacement(host, false, "disk", (loaded) => {
      this.removeUnwanted(target);
      done(loaded);
    });
    replacing.begin(new RdbLoader(host.engine, target, input, replacing.options()));
    replacing.wake();
  }

  private removeUnwanted(name: string): void {
    const { config, server } = this.host.engine;
    const keepsNothing = config.text("save") === "" && !config.flag("appendonly");
    if (!keepsNothing || !config.flag("rdb-del-sync-files")) return;
    server.log.write(
      LOG_NOTICE,
      "Removing the RDB file obtained from the primary. This replica has persistence disabled",
    );
    this.files.remove(name);
  }

  discard(): void {
    if (this.replacing !== null) return this.replacing.cancel();
    this.file?.close();
    this.file = null;
    this.files.remove(this.name);
  }
}

/** A data set that takes the place of the one there is. */
class Replacement {
  private host: LoadHost;
  private engine: Engine;
  private from: "disk" | "socket";
  private done: Done;
  private swaps: boolean;
  private usesAof = false;
  private loading: Loading | null = null;
  private loader: RdbLoader | StreamLoader | null = null;
  /** The databases that are being filled beside those there are. */
  private fresh: Database[] | null = null;

  constructor(host: LoadHost, swaps: boolean, from: "disk" | "socket", done: Done) {
    this.host = host;
    this.engine = host.engine;
    this.swaps = swaps;
    this.from = from;
    this.done = done;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  /** How the snapshot is read. What has expired is loaded as well: it goes when the primary says so. */
  options(): SnapshotLoadOptions {
    const { keyspace } = this.engine;
    if (!this.swaps) return { nowMs: 0, merge: false };
    this.fresh ??= keyspace.dbs.map((db) => new Database(keyspace.arena, db.index));
    return { nowMs: 0, merge: false, dbs: this.fresh };
  }

  begin(loader: RdbLoader | StreamLoader): void {
    const { engine, host } = this;
    const { persistence } = host;
    const { keyspace } = engine;
    const isBeside = this.swaps && host.isSameHistory();
    this.usesAof = persistence.aof !== null && engine.config.flag("appendonly");
    if (this.swaps) {
      // Tables that no database owns: the arena must not be dropped as a whole meanwhile.
      keyspace.foreignBlocks++;
      keyspace.isFilledBeside = true;
    } else {
      this.leaveOld();
      this.log("PRIMARY <-> REPLICA sync: Flushing old data");
      emptyAll(engine);
    }
    this.log("PRIMARY <-> REPLICA sync: Loading DB in memory");
    this.loader = loader;
    const source = this.fresh === null ? loader : unseen(loader, keyspace);
    if (isBeside) host.beside(true);
    this.loading = new Loading(engine, source, (problem) => this.ended(problem), isBeside);
    persistence.loading = this.loading;
    if (host.inBackground) this.loading.runInBackground();
  }

  /** There is something to read. */
  wake(): void {
    if (this.host.inBackground) this.loading?.wake();
    else this.loading?.readArrived();
  }

  private leaveOld(): void {
    if (this.usesAof) this.host.persistence.aof?.stop();
    this.host.before();
  }

  private ended(problem: string): void {
    const { engine, host } = this;
    const { result } = this.loader as RdbLoader | StreamLoader;
    this.over();
    engine.server.dirty++;
    if (problem !== "") return this.failed(problem);
    if (this.fresh !== null) {
      this.leaveOld();
      this.exchange(this.fresh);
    }
    host.persistence.functionsLoaded(result.functions);
    this.log(
      `Done loading RDB, keys loaded: ${result.keys}, keys expired: ${result.expired}, empty keys ` +
        `skipped: ${result.empty}.`,
    );
    if (this.usesAof) host.persistence.aof?.restart();
    const named = result.aux.find(([name]) => name === "repl-stream-db");
    this.done({ problem: "", database: named === undefined ? 0 : Number(named[1]) || 0 });
  }

  private failed(problem: string): void {
    const { from } = this;
    this.log(problem, LOG_WARNING);
    this.drop();
    this.done({
      problem:
        `Failed trying to load the PRIMARY synchronization DB from ${from}, check server logs.`,
      database: 0,
    });
  }

  /** What was loaded so far goes. */
  private drop(): void {
    if (this.fresh === null) {
      this.log("PRIMARY <-> REPLICA sync: Discarding the half-loaded data");
      emptyAll(this.engine);
      if (this.usesAof) this.host.persistence.aof?.restart();
    } else {
      this.log("PRIMARY <-> REPLICA sync: Discarding temporary DB in background");
      this.discard(this.fresh);
    }
  }

  private over(): void {
    this.loading = null;
    this.host.persistence.loading = null;
    this.host.beside(false);
  }

  /** The connection has ended, or the server does. */
  cancel(): void {
    const { loading } = this;
    if (loading === null) return;
    loading.cancel();
    this.over();
    this.drop();
  }

  /** The new takes the place of the old. */
  private exchange(fresh: Database[]): void {
    const { engine } = this;
    const { keyspace } = engine;
    this.log("PRIMARY <-> REPLICA sync: Swapping active DB with loaded DB");
    engine.tracking.invalidateAll();
    for (const [i, db] of keyspace.dbs.entries()) {
      engine.events.swapping(db, fresh[i]);
      databaseSwap(db, fresh[i]);
    }
    for (const walk of keyspace.walks) walk.lost = true;
    keyspace.moves++;
    this.log("PRIMARY <-> REPLICA sync: Discarding old DB in background");
    this.discard(fresh);
  }

  /** Frees databases that are in no keyspace, in slices. */
  private discard(dbs: readonly Database[]): void {
    const { keyspace } = this.engine;
    for (const { main, expires, volatileHashes } of dbs) {
      keyspace.condemned.push({ main, expires, volatileHashes });
    }
    keyspace.foreignBlocks--;
    keyspace.isFilledBeside = false;
  }
}

/** All keys go, and those who watch or track them are told. */
function emptyAll(engine: Engine): void {
  const { keyspace } = engine;
  engine.tracking.invalidateAll();
  for (const db of keyspace.dbs) engine.events.flushing(db);
  keyspaceEmpty(keyspace, engine.config.flag("replica-lazy-flush"));
}

/** A source whose keys nobody hears of while they come. */
function unseen(loader: LoadSource, keyspace: Keyspace): LoadSource {
  return {
    get totalBytes() {
      return loader.totalBytes;
    },
    get loadedBytes() {
      return loader.loadedBytes;
    },
    get count() {
      return loader.count;
    },
    get usedMemory() {
      return loader.usedMemory;
    },
    get problem() {
      return loader.problem;
    },
    get isStarved() {
      return loader.isStarved;
    },
    step(bytes, count) {
      const { observer } = keyspace;
      keyspace.observer = null;
      try {
        return loader.step(bytes, count);
      } finally {
        keyspace.observer = observer;
      }
    },
    close: () => loader.close(),
  };
}
