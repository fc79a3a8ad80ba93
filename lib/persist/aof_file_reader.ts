// aof_file_reader.ts: the commands of an append-only file that is in memory only in part (file_window.ts).
//
// next() says AOF_MORE where the window ends within a command, or in front of one. Offsets in `buf` are good until more(),
// which moves the window on to the command and what stands in front of it; next() then reads it again from its start.

import { AOF_END, AOF_MORE, AOF_TRUNCATED, AofReader } from "./aof_reader.ts";
import type { FileWindow } from "./file_window.ts";

/** Walks over the commands of a file. */
export class AofFileReader extends AofReader {
  private window: FileWindow;

  /** Begins at window.buf[off]. */
  constructor(window: FileWindow, off: number) {
    super(window.buf, off, window.end);
    this.window = window;
  }

  /** The offset in the file of buf[off]. */
  offset(off: number): number {
    return this.window.base + off;
  }

  /** Where what is in memory ends, in `buf`. */
  get bufEnd(): number {
    return this.end;
  }

  override next(): number {
    const status = super.next();
    if (status !== AOF_END && status !== AOF_TRUNCATED) return status;
    const { window, from } = this;
    return window.left(from) > window.end - from ? AOF_MORE : status;
  }

  /** Moves the window on. */
  more(): void {
    const { window, from } = this;
    const wanted = Math.max(2 * (this.end - from), this.wants - from);
    window.advance(from, Math.min(wanted, window.left(from)));
    this.buf = window.buf;
    this.end = window.end;
    this.pos = 0;
  }
}
