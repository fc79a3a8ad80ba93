// memory_files.ts: a disk in memory, for tests: what is there now, and what a power cut would leave.

import type { Files, OutputFile } from "../../lib/platform/mod.ts";

/** Files by name. A failure can be planned: the operation of that number, counted from 1, throws. */
export class MemoryFiles implements Files {
  readonly now = new Map<string, Uint8Array>();
  /** What is safe: contents that were synced, under names that were synced with the directory. */
  readonly safe = new Map<string, Uint8Array>();
  /** Operations so far, and the one that fails. */
  operations = 0;
  failAt = Infinity;
  private synced = new Map<Uint8Array, Uint8Array>();

  private step(): void {
    this.operations++;
    if (this.operations === this.failAt) throw new Error("No space left on device");
  }

  create(name: string): OutputFile {
    this.step();
    let contents = new Uint8Array(0);
    this.now.set(name, contents);
    let current = name;
    const moved = () => {
      for (const [other, bytes] of this.now) if (bytes === contents) current = other;
    };
    const sync = () => {
      this.step();
      this.synced.set(contents, contents.slice());
    };
    return {
      write: (buf, off, len) => {
        this.step();
        moved();
        const longer = new Uint8Array(contents.length + len);
        longer.set(contents);
        longer.set(buf.subarray(off, off + len), contents.length);
        contents = longer;
        this.now.set(current, contents);
      },
      sync,
      syncLater: (done) => {
        try {
          sync();
          done("");
        } catch (error) {
          done((error as Error).message);
        }
      },
      close: () => {},
    };
  }

  read(name: string): Uint8Array | null {
    return this.now.get(name) ?? null;
  }

  rename(from: string, to: string): void {
    this.step();
    const bytes = this.now.get(from);
    if (bytes === undefined) throw new Error("No such file or directory");
    this.now.delete(from);
    this.now.set(to, bytes);
  }

  remove(name: string): void {
    this.now.delete(name);
  }

  syncDirectory(): void {
    this.step();
    this.safe.clear();
    for (const [name, bytes] of this.now) {
      this.safe.set(name, this.synced.get(bytes) ?? new Uint8Array(0));
    }
  }
}
