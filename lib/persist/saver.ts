// saver.ts: snapshots into files: at once, or in the background while commands run.
//
//   temp-PID-N.rdb -> written -> synced -> renamed to its name -> directory synced
//
// The old file stays valid at every instant: what is unfinished has another name and is removed when it fails. In the
// background the walk (engine/point_in_time.ts) goes on in slices; the bytes go to the file as they come, so that memory
// does not grow with the data set. What comes behind the writing waits for the disk, and nobody waits for it (disk_work.ts).
//
// Source followed: RDB behaviour of Valkey; the order of sync and rename as in any database.

import { PointInTime } from "../engine/point_in_time.ts";
import type { Keyspace } from "../engine/keyspace.ts";
import type { Files, OutputFile } from "../platform/mod.ts";
import { BackgroundFile } from "./background_file.ts";
import { type DiskWork, workLater, workNow } from "./disk_work.ts";
import { allWrite, type DataWriter, type Drain } from "./rdb_file_writer.ts";

/** Buckets between two looks at the clock: few, because some twenty large values are enough for a slice. */
const BUCKETS_PER_LOOK = 4;

/** Keys that may be written by now when each takes `delayUs` (rdb-key-save-delay). */
export function keysAllowed(delayUs: number, elapsedMs: number): number {
  return delayUs > 0 ? Math.floor(elapsedMs * 1000 / delayUs) : Infinity;
}

/** Makes what writes the data set to a drain. */
export type WriterFor = (drain: Drain) => DataWriter;

/** The directory of a name, "" for the working directory. */
export function directoryOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

/** Removes an unfinished file, as far as the disk lets us: it does no harm where it is. */
export function discard(files: Files, name: string): void {
  try {
    files.remove(name);
  } catch {
    return;
  }
}

/** Makes a written file safe and gives it its name, unless that is not wanted any more. */
function* putInPlace(
  file: OutputFile,
  temporary: string,
  name: string,
  isWanted: () => boolean = () => true,
): DiskWork {
  yield { kind: "sync", file };
  file.close();
  if (!isWanted()) return;
  yield { kind: "rename", from: temporary, to: name };
  yield { kind: "syncDirectory", name: directoryOf(name) };
}

/** Writes a snapshot and returns when it is safe. Returns "" or what went wrong; the old file is there then. */
export function saveNow(
  ks: Keyspace,
  files: Files,
  temporary: string,
  name: string,
  writerFor: WriterFor,
): string {
  let file: OutputFile | null = null;
  try {
    file = files.create(temporary);
    const target = file;
    allWrite(ks, writerFor((buf, off, len) => target.write(buf, off, len)));
    workNow(files, putInPlace(file, temporary, name));
    return "";
  } catch (error) {
    file?.close();
    discard(files, temporary);
    return error instanceof Error ? error.message : String(error);
  }
}

/** A snapshot that is being written in the background. */
export class BackgroundSave {
  /** "" while all is well. */
  problem = "";
  /** Written, safe and under its name; or failed. */
  isDone = false;
  private ks: Keyspace;
  private files: Files;
  private temporary: string;
  private name: string;
  private file: OutputFile | null = null;
  private output: BackgroundFile | null = null;
  private walk: PointInTime | null = null;
  private writer: DataWriter | null = null;
  /** Everything is given to the disk; and it is being made safe. */
  private isComplete = false;
  private isSettling = false;
  private finished: (save: BackgroundSave) => void;

  /** Begins: the keys as they are now are what the file will hold. `finished` is called once, outside of `step` or in it. */
  constructor(
    ks: Keyspace,
    files: Files,
    temporary: string,
    name: string,
    writerFor: WriterFor,
    finished: (save: BackgroundSave) => void,
  ) {
    this.ks = ks;
    this.files = files;
    this.temporary = temporary;
    this.name = name;
    this.finished = finished;
    this.guarded(() => {
      const file = this.file = files.create(temporary);
      const output = this.output = new BackgroundFile(file);
      const writer = this.writer = writerFor((buf, off, len) => output.write(buf, off, len));
      writer.head();
      this.walk = new PointInTime(ks, (dbIndex, records, count) => {
        // A write may fail within a command that changes a key: the command must go on.
        if (this.problem === "") this.guarded(() => writer.keys(dbIndex, records, count));
      });
    });
  }

  /** Keys written, and keys there were at the start. */
  get keys(): number {
    return this.walk?.keys ?? 0;
  }

  get total(): number {
    return this.walk?.total ?? 0;
  }

  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Works for about `budgetUs` by a clock in microseconds, until about `keysMax` keys are written. */
  step(clockUs: () => number, budgetUs: number, keysMax = Infinity): void {
    if (this.isDone || this.isComplete) return;
    const { walk } = this;
    if (walk === null || this.failed()) return this.end();
    if (this.output?.isBusy) return;
    const endUs = clockUs() + budgetUs;
    const isPaced = keysMax < this.total;
    if (isPaced && this.keys >= keysMax) return;
    while (walk.step(isPaced ? 1 : BUCKETS_PER_LOOK)) {
      if (isPaced && this.keys >= keysMax) return;
      if (this.failed()) return this.end();
      if (this.output?.isBusy || clockUs() >= endUs) return;
    }
    walk.end();
    this.guarded(() => this.writer?.end());
    if (this.problem !== "") return this.end();
    this.isComplete = true;
    this.output?.settled(() => this.written());
  }

  private failed(): boolean {
    if (this.problem === "" && this.output !== null) this.problem = this.output.problem;
    return this.problem !== "" || this.walk?.lost === true;
  }

  /** Everything is written, unless something failed. */
  private written(): void {
    const { file } = this;
    if (this.isDone) return;
    if (this.failed() || file === null) return this.end();
    const work = putInPlace(file, this.temporary, this.name, () => !this.isDone);
    this.isSettling = true;
    workLater(this.files, work, (problem) => {
      file.close();
      if (this.isDone) return;
      this.problem = problem;
      this.end();
    });
  }

  /** Gives up; the old file stays. */
  cancel(reason: string): void {
    if (this.isDone) return;
    this.problem = reason;
    this.end();
  }

  private end(): void {
    if (this.isDone) return;
    this.isDone = true;
    if (this.walk?.lost) this.problem = "the databases were emptied";
    this.walk?.end();
    // Not while the system works on it.
    if (!this.isSettling) this.output?.close();
    if (this.problem !== "") discard(this.files, this.temporary);
    this.finished(this);
  }
}
