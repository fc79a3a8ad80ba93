// listpack_builder.ts: makes a listpack in a buffer of its own, entry by entry, when its size is not known before.

import { copyBytes } from "../bytes/ascii.ts";
import {
  LISTPACK_BYTES_MAX,
  listpackAppend,
  listpackAppendInt,
  listpackBytes,
  listpackEncodedSizeMax,
  listpackInit,
} from "../engine/listpack.ts";

const FIRST_BYTES = 256;
const INTEGER_BYTES = 10;

/** A growing listpack: buf[0, bytes). */
export class ListpackBuilder {
  buf: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Whether an entry did not fit any more and was left out. */
  full = false;

  constructor() {
    this.reset();
  }

  /** Starts anew, with a listpack without entries. */
  reset(): void {
    this.full = false;
    listpackInit(this.buf, 0);
  }

  get bytes(): number {
    return listpackBytes(this.buf, 0);
  }

  /** Adds the bytes as an entry. */
  append(src: Uint8Array, off: number, len: number): void {
    if (this.reserve(listpackEncodedSizeMax(len))) listpackAppend(this.buf, 0, src, off, len);
  }

  appendInt(lo: number, hi: number): void {
    if (this.reserve(INTEGER_BYTES)) listpackAppendInt(this.buf, 0, lo, hi);
  }

  private reserve(more: number): boolean {
    const used = this.bytes;
    if (this.full || used + more > LISTPACK_BYTES_MAX) {
      this.full = true;
      return false;
    }
    if (used + more <= this.buf.length) return true;
    const bigger = new Uint8Array(Math.max(this.buf.length * 2, used + more));
    copyBytes(this.buf, 0, bigger, 0, used);
    this.buf = bigger;
    return true;
  }
}
