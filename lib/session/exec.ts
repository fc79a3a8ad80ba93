// exec.ts: how a transaction ends: EXEC runs its queue or refuses, DISCARD and a closed connection forget it.
//
// The commands of the queue run through `call`, each with the arguments of its own copy; their replies are the elements
// of one array. The context has its own arguments back before EXEC returns.

import { line } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";
import { call } from "./execute.ts";
import type { Session } from "./session.ts";
import { transactionOf } from "./transaction.ts";
import { watchDrop, watchExpired } from "./watch.ts";

const EXEC_ABORT = line("-EXECABORT Transaction discarded because of previous errors.");

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
  const errors = ctx.out.errors;
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
  engine.propagation.nothing();
  // Failures were counted command by command: EXEC itself did not fail.
  ctx.out.errors = errors;
  Object.assign(ctx, { argBuf, off, len, argc });
  session.inExec = false;
  session.multiDiscard();
}
