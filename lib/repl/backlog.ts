// backlog.ts: the last bytes of a replication stream, for replicas that come back after a cut.
//
// WHY NOT a list of the pieces as they were sent: a replica may ask for any byte, and pieces of 30 bytes would each cost
// an object. A ring costs one copy of each byte.
//
//   byte numbers      first ............ end          bytes are numbered from 1; `end` is the number of the last one,
//   ring    [...newer | older......................]  which is also how many there were since the history began
//
// The ring starts small and doubles while it fills, up to its size.
//
// INVARIANTS  1. length <= size; the kept bytes are those numbered end - length + 1 to end.
//             2. byte number n is at ring[(at - 1 - (end - n)) mod capacity].
// COSTS       add one copy; read two ranges at most. LIFETIME of what a drain is given: the call.

import { copyBytes } from "../bytes/ascii.ts";

const START_BYTES = 65536;
/** The least that a backlog keeps (repl-backlog-size may say less). */
export const BACKLOG_BYTES_MIN = 16384;

/** Gets buf[off, off+len); must not keep it. */
export type ByteDrain = (buf: Uint8Array, off: number, len: number) => void;

/** The end of one stream. */
export class Backlog {
  /** Number of the last byte. */
  end: number;
  /** Bytes that are kept. */
  length = 0;
  private sizeMax: number;
  private ring: Uint8Array;
  /** Where the next byte goes. */
  private at = 0;

  /** Begins behind byte number `end`. */
  constructor(size: number, end: number) {
    this.sizeMax = Math.max(size, BACKLOG_BYTES_MIN);
    this.end = end;
    this.ring = new Uint8Array(Math.min(START_BYTES, this.sizeMax));
  }

  /** Most bytes that are kept. */
  get size(): number {
    return this.sizeMax;
  }

  /** Bytes of memory. */
  get bytes(): number {
    return this.ring.length;
  }

  /** Number of the first byte that is kept, or will be. */
  get first(): number {
    return this.end - this.length + 1;
  }

  /** Whether a stream can go on with byte number `next`. */
  has(next: number): boolean {
    return next >= this.first && next <= this.end + 1;
  }

  add(buf: Uint8Array, off: number, len: number): void {
    if (this.length + len > this.ring.length) this.grow(this.length + len);
    const { ring } = this;
    const skipped = Math.max(0, len - ring.length);
    let from = off + skipped;
    let left = len - skipped;
    while (left > 0) {
      const piece = Math.min(left, ring.length - this.at);
      copyBytes(buf, from, ring, this.at, piece);
      this.at = (this.at + piece) % ring.length;
      from += piece;
      left -= piece;
    }
    this.end += len;
    this.length = Math.min(this.length + len, ring.length);
  }

  private grow(needed: number): void {
    let capacity = this.ring.length;
    while (capacity < needed && capacity < this.sizeMax) {
      capacity = Math.min(capacity * 2, this.sizeMax);
    }
    if (capacity > this.ring.length) this.rebuild(capacity);
  }

  /** Moves the newest bytes to a ring of this capacity. */
  private rebuild(capacity: number): void {
    const kept = Math.min(this.length, capacity);
    const ring = new Uint8Array(capacity);
    let at = 0;
    this.read(this.end - kept + 1, this.end, (buf, off, len) => {
      copyBytes(buf, off, ring, at, len);
      at += len;
    });
    this.ring = ring;
    this.at = kept % capacity;
    this.length = kept;
  }

  /** Keeps at most `size` bytes from now on, the newest ones. */
  resize(size: number): void {
    this.sizeMax = Math.max(size, BACKLOG_BYTES_MIN);
    if (this.ring.length > this.sizeMax) this.rebuild(this.sizeMax);
  }

  /** Hands out the bytes numbered `first` to `last`, which must be there. */
  read(first: number, last: number, drain: ByteDrain): void {
    const { ring } = this;
    let left = last - first + 1;
    let off = (this.at - (this.end - first + 1) + ring.length * 2) % ring.length;
    while (left > 0) {
      const piece = Math.min(left, ring.length - off);
      drain(ring, off, piece);
      left -= piece;
      off = 0;
    }
  }
}
