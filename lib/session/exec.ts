// exec.ts: how a transaction ends: EXEC runs its queue or refuses, DISCARD and a closed connection forget it.
//
// The commands of the queue run through `call`, each with the arguments of its own copy; their replies are the elements
// of one array. The context has its own arguments back before EXEC returns.
//
// A command for which everything stands still (standstill.ts) does not end at once: EXEC returns without having finished,
// and what is left of the queue runs behind that command. What was replied by then has been sent.

import { line } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";
import { call, countCommand, ERR_OOM } from "./execute.ts";
import { GATE_MONITOR } from "./gates.ts";
import type { Session } from "./session.ts";
import { copyRequest, type Queued, transactionOf } from "./transaction.ts";
import { isOutOfMemory } from "./memory_reserve.ts";
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
  const run: Run = {
    queue: transaction.queue,
    next: 0,
    dirty: 0,
    request: null,
    startUs: engine.server.clock.monotonicUs(),
  };
  ctx.aheadSpan = 0;
  ctx.rawOff = -1;
  ctx.out.array(run.queue.length);
  const isDone = runQueue(engine, session, run);
  // Failures were counted command by command: EXEC itself did not fail.
  ctx.out.errors = errors;
  Object.assign(ctx, { argBuf, off, len, argc });
  if (isDone) {
    ctx.dirty = run.dirty;
    engine.propagation.nothing();
    session.inExec = false;
    session.multiDiscard();
  } else {
    ctx.dirty = 0;
    run.request = copyRequest(ctx, engine.execId);
  }
}

/** An EXEC under way. */
interface Run {
  readonly queue: readonly Queued[];
  /** Index of the command that runs next. */
  next: number;
  dirty: number;
  /** EXEC itself, once it was left. */
  request: Queued | null;
  readonly startUs: number;
}

/** Runs a command of the queue; one that finds no memory says so. */
function callQueued(engine: Engine, session: Session, id: number): void {
  const { ctx, propagation } = engine;
  const mark = ctx.out.pos;
  try {
    call(engine, session, id);
  } catch (error) {
    if (!isOutOfMemory(error) || ctx.dirty > 0) throw error;
    ctx.out.pos = mark;
    ctx.out.error(ERR_OOM);
    engine.countError(ctx.out);
    if (propagation.active) propagation.ran(ctx);
  }
}

/** Runs what is left of the queue. Returns false when everything stands still for one of its commands. */
function runQueue(engine: Engine, session: Session, run: Run): boolean {
  const { ctx, standstill } = engine;
  // Nothing is said behind the reply that ends the connection.
  let end = session.closing ? ctx.out.pos : -1;
  while (run.next < run.queue.length && !standstill.isPending) {
    const queued = run.queue[run.next++];
    ctx.argBuf = queued.buf;
    ctx.off = queued.off;
    ctx.len = queued.len;
    ctx.argc = queued.argc;
    callQueued(engine, session, queued.id);
    run.dirty += ctx.dirty;
    if (session.closing && end < 0) end = ctx.out.pos;
    if (standstill.isPending) standstill.follow(queued, () => resume(engine, session, run));
  }
  if (end >= 0) ctx.out.pos = end;
  return !standstill.isPending;
}

/** Goes on with an EXEC behind the command for which everything stood still. */
function resume(engine: Engine, session: Session, run: Run): void {
  const { ctx, propagation } = engine;
  run.dirty += ctx.dirty;
  if (!runQueue(engine, session, run)) return;
  session.inExec = false;
  session.multiDiscard();
  const request = run.request as Queued;
  engine.useRequest(session, request);
  ctx.dirty = run.dirty;
  if (propagation.active) propagation.end(false);
  if ((engine.gates & GATE_MONITOR) !== 0) engine.monitors.show(session, request.id);
  countCommand(engine, session, request.id, engine.server.clock.monotonicUs() - run.startUs, 0);
}
