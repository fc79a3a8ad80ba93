// file_window.ts: a stretch of a file in memory that moves on towards its end, so that a file of any size is read in bounded
// memory.
//
//   file    0 ........ base ............ base + end ......... size
//   window             buf[0] .... pos .... buf[end)
//                      read before  still to be read
//
// `advance` drops what was read and appends what follows, into the other one of two buffers: a range of the window stays
// readable until the second call behind it. So whoever holds a string may read some numbers behind it before using it.
//
// MEMORY: twice WINDOW_BYTES, more only as long as something larger must be there in one piece; never more than is left of
// the file, whatever its contents claim.

import { copyBytes } from "../bytes/ascii.ts";
import type { InputFile } from "../platform/mod.ts";

/** Bytes that are read ahead. */
export const WINDOW_BYTES = 262144;

/** The part of an open file that is in memory. */
export class FileWindow {
  buf: Uint8Array;
  /** What is there: buf[0, end), from offset `base` of the file on. */
  end = 0;
  base = 0;
  readonly size: number;
  private file: InputFile;
  private other: Uint8Array;
  private isAtEnd = false;
  private readonly windowBytes: number;

  constructor(file: InputFile, windowBytes: number = WINDOW_BYTES) {
    this.file = file;
    this.size = file.size;
    this.windowBytes = windowBytes;
    this.buf = new Uint8Array(windowBytes);
    this.other = new Uint8Array(windowBytes);
  }

  /** Bytes from buf[pos] to the end of the file, as far as it is known. */
  left(pos: number): number {
    return this.isAtEnd ? this.end - pos : Math.max(this.end, this.size - this.base) - pos;
  }

  /**
   * Makes buf[pos] the first byte of the window, with `bytes` from there on where the file has so many. False when it has
   * not, and then nothing has moved unless the file is shorter than it was.
   */
  advance(pos: number, bytes: number): boolean {
    if (bytes > this.left(pos)) return false;
    const kept = this.end - pos;
    let target = this.other;
    // A buffer that grew for something large is not kept.
    if (target.length < bytes || target.length > Math.max(bytes, this.windowBytes)) {
      target = new Uint8Array(Math.max(bytes, this.windowBytes));
    }
    copyBytes(this.buf, pos, target, 0, kept);
    this.other = this.buf;
    this.buf = target;
    this.base += pos;
    this.end = kept;
    while (this.end < target.length && !this.isAtEnd) {
      const count = this.file.read(target, this.end, target.length - this.end);
      this.end += count;
      if (count === 0) this.isAtEnd = true;
    }
    return this.end >= bytes;
  }

  close(): void {
    this.file.close();
  }
}
