// inbox.ts: what arrived in one turn of the event loop, until all of it was read.
//
//   read A, read B, read C  ->  run A, run B, run C  ->  replies of A, B, C (outbox.ts)
//
// WHY NOT run each read at once: between two reads the kernel's own work fills the first-level caches, and the code and
// tables of the server come back into them once a turn this way, not once a read.
//
//   buf   | piece of A | piece of B | piece of C |  free        pieces in the order of their reads
//
// Requests are parsed where they lie. A piece that does not fit makes those before it run first; one that is larger than
// the buffer gets a larger buffer, which goes when it was used.

import { copyBytes } from "../bytes/ascii.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

const INBOX_BYTES = 196608;
/** A buffer that grew beyond this is given up after use. */
const KEEP_BYTES_MAX = 1048576;

/** Where the pieces lie. Whoever reads from the system may read to bytes[used ...]: a piece that lies there needs no copy. */
export class InputMemory {
  bytes: Uint8Array = new Uint8Array(new ArrayBuffer(INBOX_BYTES));
  used = 0;
}

/** Pieces of input that wait for the end of the turn. */
export class Inbox {
  private readonly memory: InputMemory;
  private sessions: Session[] = [];
  private ends: number[] = [];

  constructor(memory: InputMemory) {
    this.memory = memory;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.sessions.length === 0;
  }

  /** Whether a piece of `len` bytes has room behind those that wait. */
  hasRoom(len: number): boolean {
    return this.memory.used + len <= this.memory.bytes.length;
  }

  /**
   * Keeps bytes[off, off+len) for the session: where they are, when that is the place for them, or as a copy. What comes
   * while pieces run is run behind them.
   */
  add(session: Session, bytes: Uint8Array, off: number, len: number): void {
    const { memory } = this;
    const { used } = memory;
    if (bytes !== memory.bytes || off !== used) this.copy(bytes, off, len);
    memory.used = used + len;
    this.sessions.push(session);
    this.ends.push(memory.used);
  }

  private copy(bytes: Uint8Array, off: number, len: number): void {
    const { memory } = this;
    const { used } = memory;
    if (!this.hasRoom(len)) {
      const more = new Uint8Array(used + len);
      more.set(memory.bytes.subarray(0, used));
      memory.bytes = more;
    }
    // A whole array goes without a view of it; on Bun, a view of a Buffer costs microseconds.
    if (len === bytes.length) memory.bytes.set(bytes, used);
    else copyBytes(bytes, off, memory.bytes, used, len);
  }

  /** Gives every session its pieces. */
  run(engine: Engine): void {
    const { sessions, ends } = this;
    const { lookahead } = engine;
    let off = 0;
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i];
      try {
        if (!lookahead.hasPiece) this.readAhead(engine, i, off);
        const isRead = lookahead.hasPiece;
        if (isRead) lookahead.nextPiece();
        session.take(this.memory.bytes, off, ends[i] - off, isRead);
      } catch (error) {
        engine.abandonBatch();
        session.fail(error);
      }
      off = ends[i];
    }
    engine.batchEnd();
    sessions.length = 0;
    ends.length = 0;
    const { memory } = this;
    memory.used = 0;
    if (memory.bytes.length > KEEP_BYTES_MAX) memory.bytes = new InputMemory().bytes;
  }

  /** Reads pieces ahead, from the one at `off` on, as far as those go that are short and of one database. */
  private readAhead(engine: Engine, first: number, off: number): void {
    const { sessions, ends } = this;
    const { bytes } = this.memory;
    const { lookahead, parser } = engine;
    const { dbIndex } = sessions[first];
    lookahead.drop();
    let start = off;
    for (let i = first; i < sessions.length; i++) {
      const session = sessions[i];
      const end = ends[i];
      const fits = end - start <= lookahead.pieceBytesMax && session.dbIndex === dbIndex;
      if (!fits || !session.mayReadAhead) break;
      if (i === first) {
        parser.reset();
        parser.pos = off;
        parser.authenticated = true;
        parser.bulkBytesMax = engine.bulkBytesMax;
      }
      if (!lookahead.readPiece(parser, bytes, end)) break;
      start = end;
    }
    if (!lookahead.hasPiece) return;
    lookahead.prepare(parser, bytes, engine.keyspace, engine.keyspace.dbs[dbIndex], engine.table);
  }
}
