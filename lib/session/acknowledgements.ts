// acknowledgements.ts: what must happen before a reply leaves: the changes it speaks of are written down.
//
//   commands of a batch -> units to the journal -> commit (one write, one sync where wanted) -> replies leave
//
// WHO. Whoever hands bytes to a socket asks first, whatever client they are for: a reader may have seen the change of
// another one.
//
// WHEN. At the end of each batch of input. Where a commit is dear (it waits for the disk), at the end of the turn of the
// event loop, when all that had arrived is through: replies wait until then, and one commit serves all clients.
//
// WHEN IT FAILS. Changes that could not be written are in memory, and will be written when that works again; but a killed
// process would lose them. So those who made them hear of the failure instead of a success: the replies of commands that
// changed something are marked while they are in the writer, and replaced. Replies of readers leave as they are.

import type { ReplyWriter } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** Replies held beyond this are not worth waiting for. */
const HELD_BYTES_MAX = 1048576;
const MARKS_START = 64;

/** Decides which replies may leave. */
export class Acknowledgements {
  private engine: Engine;
  private readonly afterTurn: ((run: () => void) => void) | null;
  /** Sessions whose replies wait for the end of the turn. */
  private waiting: Session[] = [];
  private isDue = false;
  /** Replies in the writer that speak of a change: pairs of start and end, in order, apart from each other. */
  private marks = new Int32Array(MARKS_START);
  private used = 0;

  /** Without `afterTurn` nothing waits. */
  constructor(engine: Engine, afterTurn: ((run: () => void) => void) | null) {
    this.engine = engine;
    this.afterTurn = afterTurn;
  }

  /** The reply buf[start, end) of the writer speaks of a change. */
  mark(start: number, end: number): void {
    if (start === end) return;
    if (this.used === this.marks.length) {
      const more = new Int32Array(this.used * 2);
      more.set(this.marks);
      this.marks = more;
    }
    this.marks[this.used++] = start;
    this.marks[this.used++] = end;
  }

  /** The writer was cut back to `pos`. */
  cut(pos: number): void {
    while (this.used > 0 && this.marks[this.used - 1] > pos) this.used -= 2;
  }

  /**
   * To be called before what the writer holds from `from` on leaves for a session: now, or with `session.isHeld` once that
   * is over. False when it must not leave at all.
   */
  settle(session: Session, out: ReplyWriter, from: number): boolean {
    const { journal } = this.engine;
    const leaves = this.admits(session, out.pos - from);
    if (this.used === 0) return leaves;
    const unwritten = journal?.unwritten ?? null;
    if (unwritten !== null) this.replace(out, from, unwritten);
    this.cut(from);
    return leaves;
  }

  /** The same for bytes that are no reply to a command that changed something. */
  admits(session: Session, bytes: number): boolean {
    const { journal } = this.engine;
    if (journal === null || !journal.isBehind) return true;
    if (this.afterTurn === null || !journal.isSlow) return journal.commit();
    if (session.pendingBytes + bytes > HELD_BYTES_MAX) {
      if (!journal.commit()) return false;
      session.isHeld = false;
      session.sendPending();
      return true;
    }
    if (bytes > 0 && !session.isHeld) {
      session.isHeld = true;
      this.waiting.push(session);
    }
    if (!this.isDue) {
      this.isDue = true;
      this.afterTurn(() => this.endTurn());
    }
    return true;
  }

  private endTurn(): void {
    const { journal } = this.engine;
    this.isDue = false;
    if (journal !== null && journal.isBehind && !journal.commit()) return;
    const { waiting } = this;
    this.waiting = [];
    for (const session of waiting) {
      if (!session.isHeld) continue;
      session.isHeld = false;
      session.writable();
    }
  }

  /** Puts an error in the place of every marked reply from `from` on. */
  private replace(out: ReplyWriter, from: number, error: Uint8Array): void {
    const before = out.buf.slice(from, out.pos);
    const end = out.pos;
    let copied = from;
    out.pos = from;
    for (let i = 0; i < this.used; i += 2) {
      if (this.marks[i] < from) continue;
      out.rawRange(before, copied - from, this.marks[i] - copied);
      out.error(error);
      this.engine.countError(out);
      copied = this.marks[i + 1];
    }
    out.rawRange(before, copied - from, end - copied);
  }
}
