// background_file.ts: a file that is written beside everything else, in bounded memory.
//
//   bytes --copied--> [room][room][room] --written, each to its place--> file
//                      free again when written
//
// Disks stop for tens of milliseconds at times; who writes a snapshot between commands must not. While much is under way the
// owner should make no more (`isBusy`); what comes all the same, when ROOMS_MAX are taken, is written at once.
//
// MEMORY: ROOMS_MAX times ROOM_BYTES.
// INVARIANT: the file is not closed while a write is under way: its descriptor could be another file's by then.

import { copyBytes } from "../bytes/ascii.ts";
import type { OutputFile } from "../platform/mod.ts";

const ROOM_BYTES = 1 << 17;
const ROOMS_MAX = 64;
const ROOMS_BUSY = 16;

/** The end of one file. */
export class BackgroundFile {
  /** Why a write failed, "" when none did. */
  problem = "";
  private file: OutputFile;
  private free: Uint8Array[] = [];
  private underWay = 0;
  /** Called once when nothing is under way. */
  private whenIdle: (() => void) | null = null;

  constructor(file: OutputFile) {
    this.file = file;
  }

  /** Whether the disk is to be waited for. */
  get isBusy(): boolean {
    return this.underWay >= ROOMS_BUSY;
  }

  /** Appends bytes, which may change behind the call. Throws when they are written at once and that fails. */
  write(buf: Uint8Array, off: number, len: number): void {
    for (let at = 0; at < len && this.problem === ""; at += ROOM_BYTES) {
      const bytes = Math.min(ROOM_BYTES, len - at);
      if (this.underWay < ROOMS_MAX) this.writeLater(buf, off + at, bytes);
      else this.file.write(buf, off + at, bytes);
    }
  }

  private writeLater(buf: Uint8Array, off: number, len: number): void {
    const room = this.free.pop() ?? new Uint8Array(ROOM_BYTES);
    copyBytes(buf, off, room, 0, len);
    this.underWay++;
    this.file.writeLater(room, 0, len, (problem) => {
      this.underWay--;
      this.free.push(room);
      if (this.problem === "") this.problem = problem;
      if (this.underWay === 0) this.idle();
    });
  }

  private idle(): void {
    const { whenIdle } = this;
    this.whenIdle = null;
    whenIdle?.();
  }

  /** Calls `run` when everything is written, or failed; at once when nothing is under way. */
  settled(run: () => void): void {
    this.whenIdle = run;
    if (this.underWay === 0) this.idle();
  }

  /** Closes the file as soon as nothing is under way. */
  close(): void {
    this.settled(() => this.file.close());
  }
}
