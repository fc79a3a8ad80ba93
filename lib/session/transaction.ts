// transaction.ts: what MULTI queues.
//
// A queued request is a copy of its bytes with its argument ranges. A transaction that cannot run any more, because a
// request was refused or a watched key changed, keeps no queue. How it ends: exec.ts. Watched keys: watch.ts.

import type { Session } from "./session.ts";
import type { Watched } from "./watch.ts";

/** A request that is kept to be run later. */
export interface Queued {
  id: number;
  buf: Uint8Array;
  off: Int32Array;
  len: Int32Array;
  argc: number;
}

/** Queue and watches of one session. */
export interface Transaction {
  started: boolean;
  queue: Queued[];
  queueBytes: number;
  /** By "db:key". */
  watched: Map<string, Watched>;
  /** A watched key changed. */
  changed: boolean;
  /** A command could not be queued. */
  failed: boolean;
}

/** The transaction state of a session, made at its first use. */
export function transactionOf(session: Session): Transaction {
  session.transaction ??= {
    started: false,
    queue: [],
    queueBytes: 0,
    watched: new Map(),
    changed: false,
    failed: false,
  };
  return session.transaction;
}

export function transactionStart(session: Session): void {
  transactionOf(session).started = true;
}

/** Appends a request to the queue. */
export function transactionQueue(session: Session, id: number, request: Arguments): void {
  const transaction = transactionOf(session);
  // What EXEC will refuse to run is not kept.
  if (transaction.changed || transaction.failed) return;
  const queued = copyRequest(request, id);
  transaction.queue.push(queued);
  transaction.queueBytes += queued.buf.length + queued.argc * 8;
}

/** The arguments of a request, wherever they are. */
interface Arguments {
  argBuf: Uint8Array;
  off: Int32Array;
  len: Int32Array;
  argc: number;
}

/** A copy of a request's bytes with its argument ranges, in a buffer of its own. */
export function copyRequest({ argBuf, off, len, argc }: Arguments, id: number): Queued {
  let first = off[0];
  let last = first;
  for (let i = 0; i < argc; i++) {
    first = Math.min(first, off[i]);
    last = Math.max(last, off[i] + len[i]);
  }
  const ownOff = off.slice(0, argc);
  for (let i = 0; i < argc; i++) ownOff[i] -= first;
  return { id, buf: argBuf.slice(first, last), off: ownOff, len: len.slice(0, argc), argc };
}

/** Notes that a command of the transaction was refused: EXEC will abort. */
export function transactionFail(session: Session): void {
  const transaction = session.transaction;
  if (transaction === null || !transaction.started) return;
  transaction.failed = true;
  transaction.queue = [];
  transaction.queueBytes = 0;
}
