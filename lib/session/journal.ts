// journal.ts: what must happen before a reply leaves: the changes it speaks of are written down.
//
//   commands of a batch -> units to the journal -> commit (one write, one sync where wanted) -> replies leave
//
// Whoever hands bytes to a socket asks first, whatever client they are for: a reader may have seen the change of another
// one. Where a commit is dear (it waits for the disk), it is put off to the end of the turn of the event loop, when all
// that had arrived is through: replies wait until then, and one commit serves all clients.

import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** Something that changes are written to before anyone hears of them. */
export interface Journal {
  /** There are changes that nobody may hear of yet. */
  readonly isBehind: boolean;
  /** Whether a commit is so dear that replies should wait for those of the other clients of the turn. */
  readonly isSlow: boolean;
  /** Writes them. False when that failed in a way that no reply may leave any more. */
  commit(): boolean;
}

/** Replies held beyond this are not worth waiting for. */
const HELD_BYTES_MAX = 1048576;

/** Replies that wait for the commit at the end of the turn. */
export class HeldReplies {
  private engine: Engine;
  private readonly afterTurn: ((run: () => void) => void) | null;
  private sessions: Session[] = [];
  private isDue = false;

  /** Without `afterTurn` nothing is held. */
  constructor(engine: Engine, afterTurn: ((run: () => void) => void) | null) {
    this.engine = engine;
    this.afterTurn = afterTurn;
  }

  /**
   * To be called before `bytes` leave for a session. True when they may, now or, with `session.isHeld`, once that is over;
   * false when they must not leave at all.
   */
  admits(session: Session, bytes: number): boolean {
    const { journal } = this.engine;
    if (journal === null || !journal.isBehind) return true;
    if (this.afterTurn === null || !journal.isSlow) return journal.commit();
    if (session.pendingBytes + bytes > HELD_BYTES_MAX) return this.admitNow(journal, session);
    if (bytes > 0 && !session.isHeld) {
      session.isHeld = true;
      this.sessions.push(session);
    }
    if (!this.isDue) {
      this.isDue = true;
      this.afterTurn(() => this.release());
    }
    return true;
  }

  private admitNow(journal: Journal, session: Session): boolean {
    if (!journal.commit()) return false;
    session.isHeld = false;
    session.sendPending();
    return true;
  }

  private release(): void {
    const { journal } = this.engine;
    this.isDue = false;
    if (journal !== null && journal.isBehind && !journal.commit()) return;
    const { sessions } = this;
    this.sessions = [];
    for (const session of sessions) {
      if (!session.isHeld) continue;
      session.isHeld = false;
      session.writable();
    }
  }
}

/** Why nothing may be written now: the reply to commands that would; null while all is well. */
export type WriteRefusal = Uint8Array | null;

/** Whether a command must be refused while nothing may be written: those that write, and PING, which asks whether all is well. */
export function isRefusedWrite(
  engine: Engine,
  session: Session,
  id: number,
  write: number,
): boolean {
  const { flags } = engine.table;
  if ((flags[id] & write) !== 0 || id === engine.pingId) return true;
  if (id !== engine.execId || session.transaction === null) return false;
  return session.transaction.queue.some((queued) => (flags[queued.id] & write) !== 0);
}
