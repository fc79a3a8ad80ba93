// outbox.ts: replies of one turn of the event loop, until all that had arrived was read.
//
//   read A -> replies of A --+
//   read B -> replies of B --+--> one commit of the journal --> writes A, B, C, in the order of their reads
//   read C -> replies of C --+
//
// WHY NOT write behind each read: a client that waits for its reply is woken by the write, which costs the kernel more
// than the write itself; clients of one process are woken once a turn this way. And under `appendfsync always` the turn
// has one sync instead of one for each read, and nobody, readers included, hears of a change before it is on disk.
//
// Replies are copied: the engine has one writer. It writes to the second part of the same memory, since a move within one
// array needs no view of it:
//
//   memory | replies that wait, OUTBOX_BYTES | replies being written, WRITER_BYTES |
//
// Large ones are not worth a copy; they go at once, behind what waits,
// unless the commit that must come first is dear.

import { copyBytes } from "../bytes/ascii.ts";
import { WRITER_BYTES } from "../codec/reply_writer.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import type { Session } from "./session.ts";

/** Bytes that wait at most, but for dear commits; beyond, what waits goes first. */
export const OUTBOX_BYTES = 65536;
/** A reply of more bytes goes at once. */
const KEPT_BYTES_MAX = 16384;
/** The same while a commit is dear. */
const DEAR_BYTES_MAX = 1048576;

/** Replies that wait for the end of the turn. */
export class Outbox {
  /** Shared with the writer of the engine, which has what lies behind OUTBOX_BYTES. */
  readonly memory: Uint8Array = new Uint8Array(OUTBOX_BYTES + WRITER_BYTES);
  buf: Uint8Array = this.memory;
  private room = OUTBOX_BYTES;
  private pos = 0;
  readonly sessions: Session[] = [];
  readonly ends: number[] = [];
  /** Which of them speak of changes. */
  acknowledgements: Acknowledgements = new Acknowledgements();

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.pos === 0;
  }

  /** Whether `len` bytes may wait, and whether they have room behind those that do. */
  takes(len: number, isDear: boolean): boolean {
    return len <= (isDear ? DEAR_BYTES_MAX : KEPT_BYTES_MAX);
  }

  hasRoom(len: number, isDear: boolean): boolean {
    return this.pos + len <= (isDear ? DEAR_BYTES_MAX : OUTBOX_BYTES);
  }

  /** Keeps buf[off, off+len) for the session; `marks` are those of `buf`. */
  add(
    session: Session,
    buf: Uint8Array,
    off: number,
    len: number,
    marks: Acknowledgements | null,
  ): void {
    const end = this.pos + len;
    if (end > this.room) this.grow(end);
    copyBytes(buf, off, this.buf, this.pos, len);
    if (marks !== null) marks.copy(off, this.acknowledgements, this.pos);
    this.pos = end;
    this.sessions.push(session);
    this.ends.push(end);
  }

  private grow(bytes: number): void {
    const more = new Uint8Array(Math.max(this.room * 2, bytes));
    more.set(this.buf.subarray(0, this.pos));
    this.buf = more;
    this.room = more.length;
  }

  /** Forgets everything. */
  clear(): void {
    this.sessions.length = 0;
    this.ends.length = 0;
    this.pos = 0;
    this.acknowledgements.cut(0);
    this.buf = this.memory;
    this.room = OUTBOX_BYTES;
  }
}
