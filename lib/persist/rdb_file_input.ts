// rdb_file_input.ts: the reader of rdb_input.ts over a file that is in memory only in part (file_window.ts).

import type { FileWindow } from "./file_window.ts";
import { RdbInput } from "./rdb_input.ts";

/** Reads one value after the other from a file. */
export class RdbFileInput extends RdbInput {
  private window: FileWindow;
  private sums: boolean;

  /** Goes on at the start of the window. With `sums` the checksum is kept. */
  constructor(window: FileWindow, sums: boolean) {
    super(window.buf, 0, window.end);
    this.window = window;
    this.sums = sums;
    this.base = window.base;
  }

  override get left(): number {
    return this.window.left(this.pos);
  }

  override need(bytes: number): boolean {
    if (bytes <= this.end - this.pos || this.failed) return super.need(bytes);
    const { window } = this;
    // What cannot be there is not read for; what is there is summed before it goes.
    if (bytes <= window.left(this.pos)) {
      if (this.sums) this.sum();
      window.advance(this.pos, bytes);
      this.buf = window.buf;
      this.pos = 0;
      this.summedTo = 0;
      this.end = window.end;
      this.base = window.base;
    }
    return super.need(bytes);
  }
}
