// journal.ts: where changes are written before anyone hears of them (turn.ts), and what is refused while that
// does not work.

import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** Something that changes are written to before anyone hears of them. */
export interface Journal {
  /** There are changes that nobody may hear of yet. */
  readonly isBehind: boolean;
  /** Whether a commit is so dear that replies should wait for those of the other clients of the turn. */
  readonly isSlow: boolean;
  /** Writes them, or leaves them `unwritten`. False when no reply may leave any more. */
  commit(): boolean;
  /** The reply to commands whose changes could not be written; null while all are. */
  readonly unwritten: Uint8Array | null;
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
