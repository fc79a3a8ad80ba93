// aof_writer.ts: the end of an append-only file: what was fed to it, written and made safe.
//
//   add -> buffer -> commit: one write -> the system's cache -> sync, syncLater -> the disk
//
// A WRITE IS WHOLE OR NOT THERE. When one fails, the file is cut back to its last good size and the buffer kept for another
// try; if that fails as well, what got out stays and leaves the buffer. After a failed sync nothing is known about what
// the disk holds of this file; the owner must start another one.
//
// With sums, what is written at once is followed by its checksum (aof_checksum.ts).
//
// INVARIANT: file contents + buffer = everything added since `open`, in order.

import { copyBytes } from "../bytes/ascii.ts";
import { AofSum, SUM_BEGIN } from "./aof_checksum.ts";
import type { Files, OutputFile } from "../platform/mod.ts";

const START_BYTES = 16384;
const KEEP_BYTES_MAX = 1048576;

/** Writes at the end of one file after the other. */
export class AofWriter {
  /** Bytes of the file that were written. */
  size = 0;
  /** Bytes that wait for commit. */
  used = 0;
  /** Why the last write failed, "" when it did not. */
  problem = "";
  /** Something was written and not synced since. */
  isUnsynced = false;
  isSyncing = false;
  private files: Files;
  private name = "";
  /** The file that is written to. */
  file: OutputFile | null = null;
  private buf = new Uint8Array(START_BYTES);
  private sum: AofSum | null = null;
  private isSumBegun = false;

  constructor(files: Files) {
    this.files = files;
  }

  get isOpen(): boolean {
    return this.file !== null;
  }

  /** Goes on at the end of `file`, which has this name and size; the one before must have been let go. */
  open(file: OutputFile, name: string, size: number): void {
    this.file = file;
    this.name = name;
    this.size = size;
    this.isUnsynced = false;
    this.isSumBegun = false;
    this.sum?.reset();
  }

  /** Whether checksums are written. */
  set sums(sums: boolean) {
    if (sums === (this.sum !== null)) return;
    this.sum = sums ? new AofSum() : null;
    this.isSumBegun = false;
  }

  /** The open file has another name now. */
  renamed(name: string): void {
    this.name = name;
  }

  /** Gives up the file, without writing or syncing anything. Returns it, to be synced and closed. */
  letGo(): OutputFile | null {
    const { file } = this;
    this.file = null;
    this.isUnsynced = false;
    this.isSyncing = false;
    return file;
  }

  /** Forgets what was not written. */
  forget(): void {
    this.used = 0;
    this.problem = "";
    this.isSumBegun = false;
    this.sum?.reset();
  }

  add(bytes: Uint8Array, off: number, len: number): void {
    const { sum } = this;
    if (sum !== null && !this.isSumBegun) {
      this.isSumBegun = true;
      this.append(SUM_BEGIN, 0, SUM_BEGIN.length);
    }
    sum?.add(bytes, off, len);
    this.append(bytes, off, len);
  }

  private append(bytes: Uint8Array, off: number, len: number): void {
    if (this.used + len > this.buf.length) {
      const bigger = new Uint8Array(Math.max(this.buf.length * 2, this.used + len));
      bigger.set(this.buf.subarray(0, this.used));
      this.buf = bigger;
    }
    copyBytes(bytes, off, this.buf, this.used, len);
    this.used += len;
  }

  /** Writes what was added. Returns whether all is written; `problem` says why not. */
  commit(): boolean {
    if (this.used === 0) {
      // What failed may have got out after all, and could not be taken back.
      this.problem = "";
      return true;
    }
    if (this.file === null) return false;
    if (this.sum !== null && this.sum.count > 0) {
      const line = this.sum.line();
      this.append(line, 0, line.length);
    }
    try {
      this.file.write(this.buf, 0, this.used);
    } catch (error) {
      this.problem = messageOf(error);
      this.repair();
      return false;
    }
    this.problem = "";
    this.size += this.used;
    this.used = 0;
    this.isUnsynced = true;
    if (this.buf.length > KEEP_BYTES_MAX) this.buf = new Uint8Array(START_BYTES);
    return true;
  }

  /** Takes back the part of a failed write that got out, or else counts it as written. */
  private repair(): void {
    try {
      const size = this.files.size(this.name);
      if (size <= this.size) return;
      try {
        this.files.truncate(this.name, this.size);
      } catch {
        const out = Math.min(size - this.size, this.used);
        this.buf.copyWithin(0, out, this.used);
        this.used -= out;
        this.size += out;
        this.isUnsynced = true;
      }
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  /** Makes what was written safe, also what a sync under way is about. Returns "" or what went wrong. */
  sync(): string {
    if (this.file === null || !(this.isUnsynced || this.isSyncing)) return "";
    try {
      this.file.sync();
    } catch (error) {
      return messageOf(error);
    }
    this.isUnsynced = false;
    return "";
  }

  /** As sync, without waiting; what is written meanwhile is for the next one. */
  syncLater(done: (problem: string) => void): void {
    const { file } = this;
    if (!this.isUnsynced || this.isSyncing || file === null) return;
    this.isUnsynced = false;
    this.isSyncing = true;
    file.syncLater((problem) => {
      if (this.file === file) this.isSyncing = false;
      done(problem);
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
