// rdb_stream_input.ts: the reader of rdb_input.ts over a snapshot that is still arriving.
//
//   arrived   [ read ][ of the key under way |        ]--> more
//              gone    ^ mark                 ^ end
//
// A part (a key with its value, an opcode) that has not arrived as a whole is taken back to its mark and read again later:
// when twice as many bytes of it are there, so that a large value costs no more than twice its reading.
//
// MEMORY: what has arrived and was not read; the owner stops the source when that is much (`waiting`), unless it is all of
// one value (`isStarved`).

import { copyBytes } from "../bytes/ascii.ts";
import { RdbInput } from "./rdb_input.ts";

const START_BYTES = 131072;

/** Reads one value after the other from bytes that come in pieces. */
export class RdbStreamInput extends RdbInput {
  private isComplete = false;
  private markPos = 0;
  /** Bytes behind the mark that are worth another try. */
  private wanted = 1;
  private sums: boolean;

  /** With `sums` the checksum is kept. */
  constructor(sums: boolean) {
    super(new Uint8Array(START_BYTES), 0, 0);
    this.sums = sums;
  }

  /** Bytes that were not read yet. */
  get waiting(): number {
    return this.end - this.pos;
  }

  /** Whether reading on is of no use before more arrives. */
  get isStarved(): boolean {
    return !this.isComplete && this.waiting < this.wanted;
  }

  /** Takes the next piece. Not to be called while a part is read. */
  feed(buf: Uint8Array, off: number, len: number): void {
    if (this.end + len > this.buf.length) this.makeRoom(len);
    copyBytes(buf, off, this.buf, this.end, len);
    this.end += len;
  }

  /** Drops what was read, and grows where that is not enough. */
  private makeRoom(len: number): void {
    const { pos } = this;
    if (this.sums && this.summedTo < pos) this.sum();
    const kept = this.waiting;
    const isTight = kept + len > this.buf.length || kept > this.buf.length >> 1;
    const target = isTight ? new Uint8Array(Math.max(START_BYTES, (kept + len) * 2)) : this.buf;
    copyBytes(this.buf, pos, target, 0, kept);
    this.buf = target;
    this.base += pos;
    this.summedTo = Math.max(this.summedTo, pos) - pos;
    this.pos = 0;
    this.end = kept;
  }

  /** There will be no more. */
  complete(): void {
    this.isComplete = true;
  }

  override mark(): void {
    this.markPos = this.pos;
    this.wanted = 1;
  }

  override takeBack(): boolean {
    if (!this.failed || !this.ended || this.isComplete) return false;
    this.failed = false;
    this.ended = false;
    this.reason = "";
    this.pos = this.markPos;
    this.wanted = this.waiting * 2 + 1;
    return true;
  }
}
