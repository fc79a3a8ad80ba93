// journal.ts: what must happen before a reply leaves: the changes it speaks of are written down.
//
//   commands of a batch -> units to the journal -> commit (one write, one sync where wanted) -> replies leave
//
// Whoever hands bytes to a socket commits first, whatever client they are for: a reader may have seen the change of
// another one. That makes one write of a batch of input, and none where nothing changed.

import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

/** Something that changes are written to before anyone hears of them. */
export interface Journal {
  /** There are changes that nobody may hear of yet. */
  readonly isBehind: boolean;
  /** Writes them. False when that failed in a way that no reply may leave any more. */
  commit(): boolean;
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
