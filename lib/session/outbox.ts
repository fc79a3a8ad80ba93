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
// Replies are copied: the engine has one writer. Large ones are not worth a copy; they go at once, behind what waits,
// unless the commit that must come first is dear.

import { copyBytes } from "../bytes/ascii.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import type { Session } from "./session.ts";

/** Bytes that wait at most, but for dear commits; beyond, what waits goes first. */
const OUTBOX_BYTES = 65536;
/** A reply of more bytes goes at once. */
const KEPT_BYTES_MAX = 16384;
/** The same while a commit is dear. */
const DEAR_BYTES_MAX = 1048576;

/** Replies that wait for the end of the turn. */
export class Outbox {
  buf: Uint8Array = new Uint8Array(OUTBOX_BYTES);
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
    if (end > this.buf.length) {
      const more = new Uint8Array(Math.max(this.buf.length * 2, end));
      more.set(this.buf);
      this.buf = more;
    }
    copyBytes(buf, off, this.buf, this.pos, len);
    if (marks !== null) marks.copy(off, this.acknowledgements, this.pos);
    this.pos = end;
    this.sessions.push(session);
    this.ends.push(end);
  }

  /** Forgets everything. */
  clear(): void {
    this.sessions.length = 0;
    this.ends.length = 0;
    this.pos = 0;
    this.acknowledgements.cut(0);
    if (this.buf.length > OUTBOX_BYTES) this.buf = new Uint8Array(OUTBOX_BYTES);
  }
}
