// aof_load.ts: the files of an append-only file read back into an engine, in pieces.
//
//   base       snapshot, or commands (older servers), or a snapshot with commands behind it
//   incr ...   commands (aof_replay.ts)
//
// WHILE LOADING nothing expires and nothing is evicted: what a file does with a key that is past its time is what was done
// before that time; keys that are due go afterwards, as always. Memory limits, pauses, passwords and statistics do not
// hold. All that is so within a piece only: between two of them the clients' rules are in force.

import { latin1 } from "../lib/bytes/ascii.ts";
import { BULK_BYTES_MAX } from "../lib/limits.ts";
import { AofFileReader } from "../lib/persist/aof_file_reader.ts";
import { FileWindow } from "../lib/persist/file_window.ts";
import type { Files } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { AofReplay } from "./aof_replay.ts";
import type { LoadSource } from "./loading.ts";
import { SnapshotLoad } from "./rdb_load.ts";

const MAGIC_BYTES = 5;

/** Loads the listed files, in order. */
export class AofLoader implements LoadSource {
  /** Keys of snapshots, and those left out because their time was up. */
  keys = 0;
  expired = 0;
  problem = "";
  usedMemory = 0;
  totalBytes = 0;
  private engine: Engine;
  private files: Files;
  private paths: readonly string[];
  private functionsLoaded: (sources: readonly Uint8Array[]) => void;
  /** Of the files that are through. */
  private doneBytes = 0;
  private doneCount = 0;
  private index = 0;
  private window: FileWindow | null = null;
  private snapshot: SnapshotLoad | null = null;
  private replay: AofReplay | null = null;

  /** `functionsLoaded` is given the function libraries of each snapshot among the files. */
  constructor(
    engine: Engine,
    files: Files,
    paths: readonly string[],
    functionsLoaded: (sources: readonly Uint8Array[]) => void,
  ) {
    this.engine = engine;
    this.files = files;
    this.paths = paths;
    this.functionsLoaded = functionsLoaded;
    for (const path of paths) {
      const size = files.size(path);
      if (size < 0) this.problem ||= missing(path);
      this.totalBytes += size;
    }
  }

  get loadedBytes(): number {
    const { snapshot, replay } = this;
    return this.doneBytes + (replay?.offset ?? snapshot?.result.offset ?? 0);
  }

  get count(): number {
    const { snapshot, replay } = this;
    return this.doneCount + (snapshot?.result.keys ?? 0) + (replay?.count ?? 0);
  }

  step(bytes: number, count: number): boolean {
    if (this.problem !== "") return false;
    return this.underRules(() => this.stepFile(bytes, count));
  }

  /** Runs something under the rules for loading. */
  private underRules(act: () => boolean): boolean {
    const { engine } = this;
    const { config, server } = engine;
    const { gates, bulkBytesMax } = engine;
    const importMode = config.text("import-mode");
    const restoreStats = server.keepStats();
    engine.gates = 0;
    engine.bulkBytesMax = BULK_BYTES_MAX;
    config.load("import-mode", ["yes"], false);
    try {
      return act();
    } finally {
      config.load("import-mode", [importMode], false);
      engine.bulkBytesMax = bulkBytesMax;
      engine.gates = gates;
      restoreStats();
    }
  }

  private get path(): string {
    return this.paths[this.index];
  }

  /** Works on the file that is open, or opens the next one. */
  private stepFile(bytes: number, count: number): boolean {
    if (this.replay === null && this.snapshot === null) return this.openFile();
    if (this.replay === null) return this.stepSnapshot(this.snapshot as SnapshotLoad, bytes, count);
    if (this.replay.step(bytes, count)) return true;
    this.problem = this.replay.problem;
    if (this.problem !== "") return false;
    this.closeFile();
    return this.index < this.paths.length;
  }

  private openFile(): boolean {
    if (this.index >= this.paths.length) return false;
    const file = this.files.open(this.path);
    if (file === null) {
      this.problem = missing(this.path);
      return false;
    }
    const window = this.window = new FileWindow(file);
    window.advance(0, Math.min(MAGIC_BYTES, window.size));
    const magic = latin1(window.buf, 0, Math.min(window.end, MAGIC_BYTES));
    if (magic === "REDIS" || magic === "VALKE") {
      this.snapshot = new SnapshotLoad(this.engine, window, { nowMs: 0, merge: false });
    } else {
      this.beginReplay(0);
    }
    return true;
  }

  private beginReplay(pos: number): void {
    const window = this.window as FileWindow;
    this.replay = new AofReplay(this.engine, new AofFileReader(window, pos), {
      path: this.path,
      size: window.size,
      isLast: this.paths.slice(this.index + 1).every((path) => this.files.size(path) === 0),
      truncate: (size) => this.files.truncate(this.path, size),
    });
  }

  private stepSnapshot(snapshot: SnapshotLoad, bytes: number, count: number): boolean {
    const hasMore = snapshot.step(bytes, count);
    this.usedMemory = snapshot.usedMemory;
    const { error, offset, functions, keys, expired } = snapshot.result;
    if (error !== "") {
      this.problem = `Error reading the RDB base file ${this.path}, AOF loading aborted ` +
        `(offset ${offset}: ${error})`;
      return false;
    }
    if (hasMore) return true;
    this.functionsLoaded(functions);
    this.keys += keys;
    this.expired += expired;
    this.beginReplay(snapshot.pos);
    return true;
  }

  private closeFile(): void {
    const { window, count } = this;
    this.doneBytes += window?.size ?? 0;
    this.doneCount = count;
    this.snapshot = null;
    this.replay = null;
    this.window = null;
    this.index++;
    window?.close();
  }

  close(): void {
    this.window?.close();
  }
}

function missing(path: string): string {
  return `The append log file ${path} doesn't exist: No such file or directory`;
}
