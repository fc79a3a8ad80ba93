// transaction.ts: MULTI queues and EXEC.
//
// A queued request is a copy of its bytes with its argument ranges. A transaction that cannot run any more, because a
// request was refused or a watched key changed, keeps no queue. Watched keys: watch.ts.

import type { Request } from "../codec/request_parser.ts";
import { line } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";
import { call } from "./execute.ts";
import type { Session } from "./session.ts";
import { watchDrop, type Watched, watchExpired } from "./watch.ts";

const EXEC_ABORT = line("-EXECABORT Transaction discarded because of previous errors.");

interface Queued {
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

/** Appends the parsed request to the queue. */
export function transactionQueue(session: Session, id: number, request: Request): void {
  const transaction = transactionOf(session);
  // What EXEC will refuse to run is not kept.
  if (transaction.changed || transaction.failed) return;
  const argc = request.argc;
  const first = request.off[0];
  const last = request.off[argc - 1] + request.len[argc - 1];
  const off = request.off.slice(0, argc);
  for (let i = 0; i < argc; i++) off[i] -= first;
  transaction.queue.push({
    id,
    buf: request.argBuf.slice(first, last),
    off,
    len: request.len.slice(0, argc),
    argc,
  });
  transaction.queueBytes += last - first + argc * 8;
}

/** Notes that a command of the transaction was refused: EXEC will abort. */
export function transactionFail(session: Session): void {
  const transaction = session.transaction;
  if (transaction === null || !transaction.started) return;
  transaction.failed = true;
  transaction.queue = [];
  transaction.queueBytes = 0;
}

/** Leaves MULTI and forgets queue and watched keys. */
export function transactionEnd(session: Session): void {
  watchDrop(session);
  const transaction = session.transaction;
  if (transaction === null) return;
  transaction.started = false;
  transaction.failed = false;
  transaction.queue = [];
  transaction.queueBytes = 0;
}

/** Runs the queue, or aborts; writes the reply of EXEC. */
export function transactionExec(engine: Engine, session: Session): void {
  const { ctx } = engine;
  const transaction = transactionOf(session);
  if (transaction.failed) {
    ctx.out.error(EXEC_ABORT);
    session.multiDiscard();
    return;
  }
  if (transaction.changed || watchExpired(engine, transaction)) {
    ctx.out.nullArray();
    session.multiDiscard();
    return;
  }
  watchDrop(session);
  session.inExec = true;
  const { argBuf, off, len, argc } = ctx;
  ctx.hashed = 0;
  ctx.out.array(transaction.queue.length);
  let dirty = 0;
  // Nothing is said behind the reply that ends the connection.
  let end = -1;
  for (const queued of transaction.queue) {
    ctx.argBuf = queued.buf;
    ctx.off = queued.off;
    ctx.len = queued.len;
    ctx.argc = queued.argc;
    call(engine, session, queued.id);
    dirty += ctx.dirty;
    if (session.closing && end < 0) end = ctx.out.pos;
  }
  if (end >= 0) ctx.out.pos = end;
  ctx.dirty = dirty;
  Object.assign(ctx, { argBuf, off, len, argc });
  session.inExec = false;
  session.multiDiscard();
}
