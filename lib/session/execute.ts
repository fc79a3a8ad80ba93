// execute.ts: the life of one request, gate by gate.
//
//   bytes -> command id -> gates (one word; zero on the common path) -> arity -> handler -> statistics
//
// Gates in the order Valkey checks them: authentication, unknown command, arity, NOAUTH-exempt commands aside; then
// memory, disk, roles, loading, pause, MULTI queueing. A gate that refuses writes one error and counts a
// rejected call.
//
// TIME. The wall clock is read once per turn of the event loop, and again when it is a millisecond old: that is asked behind
// every few dozen quick commands or long piece (Engine.leave), and behind commands that may be slow. Durations for INFO
// commandstats are measured over a batch, of several clients at times, and shared out evenly; commands that may be slow are
// measured alone.

import { latin1 } from "../bytes/ascii.ts";
import { line } from "../codec/reply_writer.ts";
import { ERR_LOADING } from "../commands/args.ts";
import {
  ADMIN,
  BLOCKING,
  DENYOOM,
  FAST,
  LOADING,
  MAY_REPLICATE,
  NO_AUTH,
  NO_MULTI,
  PUBSUB,
  READONLY,
  TOUCHES_ARBITRARY_KEYS,
  WRITE,
} from "../commands/spec.ts";
import type { Engine } from "./engine.ts";
import {
  GATE_AUTH,
  GATE_DISK,
  GATE_LINK,
  GATE_LOADING,
  GATE_MEMORY,
  GATE_MONITOR,
  GATE_PAUSE,
  GATE_PUBSUB,
  GATE_PUSH,
  GATE_REPLICATION,
  GATE_REPLY,
  GATE_ROOM,
  GATE_SNAPSHOT,
  GATE_STANDSTILL,
  GATE_TRACKING,
  HOLD_PAUSE,
} from "./gates.ts";
import { isRefusedWrite } from "./journal.ts";
import {
  linkRan,
  replicaRefusal,
  replicationRefusal,
  WAIT_FOR_PRIMARY,
} from "./replication_rules.ts";
import type { Session } from "./session.ts";
import { SHAPE_CONTAINER, SHAPE_QUICK, shapeFits } from "./shape.ts";
import { transactionFail, transactionQueue } from "./transaction.ts";

const ERR_NOAUTH = line("-NOAUTH Authentication required.");
export const ERR_OOM = line("-OOM command not allowed when used memory > 'maxmemory'.");
const ERR_LOADING_REDIS = line("-LOADING Redis is loading the dataset in memory");
const ERR_MONITOR = line("-ERR Replica can't interact with the keyspace");
const QUEUED = line("+QUEUED");
const MAY_GET_PUSHES = GATE_PUBSUB | GATE_TRACKING | GATE_MONITOR | GATE_PUSH;
const ARGS_SHOWN_BYTES = 128;
const SLOW_US = 1000;

/**
 * Runs the request in the context for the session: command `id`, -1 when there is none of that name, of `bytes` bytes.
 * Returns false when it must wait and be parsed again.
 */
export function execute(engine: Engine, session: Session, id: number, bytes: number): boolean {
  const gates = session.gates | engine.gates;
  if (gates !== 0 && !isLight(engine, gates)) {
    return executeGated(engine, session, bytes, id, gates);
  }
  const { ctx } = engine;
  const shape = id < 0 ? 0 : engine.shapes[id];
  const fits = shapeFits(shape, ctx.argc);
  if (fits && bytes < engine.largeBytes && (shape & SHAPE_QUICK) !== 0) {
    const outStart = ctx.out.pos;
    session.lastCommand = id;
    engine.batch(id);
    if ((gates & GATE_SNAPSHOT) !== 0) engine.touchKeys(id);
    // A quick command does not make anybody listen.
    if (engine.propagation.active) callPropagating(engine, session, id);
    else callHandler(engine, id);
    const replyBytes = ctx.out.pos - outStart;
    if (replyBytes >= engine.largeBytes) engine.server.commandLog.add(ctx, id, 0, 0, replyBytes);
    return true;
  }
  if (id < 0) return refuseUnknown(engine, session);
  if ((shape & SHAPE_CONTAINER) !== 0) id = resolve(engine, session, id);
  if (id < 0) return true;
  session.lastCommand = id;
  if (!shapeFits(engine.shapes[id], ctx.argc)) return refuseArity(engine, session, id);
  engine.requestBytes = bytes;
  call(engine, session, id);
  return true;
}

/** Whether nothing but a memory limit that is not reached, or a snapshot, is in the way. */
function isLight(engine: Engine, gates: number): boolean {
  if ((gates & ~(GATE_MEMORY | GATE_SNAPSHOT)) !== 0) return false;
  return (gates & GATE_MEMORY) === 0 || !engine.eviction.isOver;
}

/** The handler with its counters, without a clock. Short, so that it becomes part of `execute`. */
function callHandler(engine: Engine, id: number): void {
  const { ctx } = engine;
  const { errors } = ctx.out;
  ctx.dirty = 0;
  (engine.table.run[id] as (c: typeof ctx) => void)(ctx);
  if (ctx.out.errors !== errors) countFailure(engine, id);
  if (ctx.dirty !== 0) engine.server.dirty += ctx.dirty;
}

/** The same where others may hear of what it changes. */
function callPropagating(engine: Engine, session: Session, id: number): void {
  const { ctx, propagation } = engine;
  if (propagation.active) propagation.begin();
  callHandler(engine, id);
  if (!propagation.active) return;
  propagation.ran(ctx);
  if (!session.inExec && !engine.standstill.isPending) {
    propagation.end((engine.table.flags[id] & TOUCHES_ARBITRARY_KEYS) !== 0);
  }
}

/** The handler with its counters, measured alone. Also used for the commands of a transaction. */
export function call(engine: Engine, session: Session, id: number): void {
  const { server, ctx } = engine;
  engine.batchEnd();
  const startUs = server.clock.monotonicUs();
  const outStart = ctx.out.pos;
  if (engine.reserve.copies[id] !== 0 && !engine.reserve.hasRoom(id, 0)) {
    refuse(engine, session, id, ERR_OOM);
    return;
  }
  if ((engine.gates & GATE_SNAPSHOT) !== 0) engine.touchKeys(id);
  callPropagating(engine, session, id);
  const usec = server.clock.monotonicUs() - startUs;
  engine.batchStart(startUs + usec);
  const isPending = engine.standstill.isPending;
  if ((engine.gates & GATE_MONITOR) !== 0 && !engine.blocking.isAgain) {
    // EXEC is shown behind its commands.
    if (!isPending || id !== engine.execId) engine.monitors.show(session, id);
  }
  if ((session.gates & GATE_TRACKING) !== 0 && (engine.table.flags[id] & READONLY) !== 0) {
    engine.tracking.remember(session, id);
  }
  // A command that waits is counted when it is done.
  if (session.blocked !== null || isPending) return;
  countCommand(engine, session, id, usec, ctx.out.pos - outStart);
  if (session.inExec) return;
  // Those who follow in this turn must not live in the past.
  if (usec > SLOW_US || (engine.table.flags[id] & (ADMIN | BLOCKING)) !== 0) engine.readClock();
}

/** The rest of a command that began at `startUs` before everything stood still, with the counters of the whole. */
export function callRest(
  engine: Engine,
  session: Session,
  id: number,
  startUs: number,
  rest: () => void,
): void {
  const { server, ctx, propagation } = engine;
  const outStart = ctx.out.pos;
  const errors = ctx.out.errors;
  ctx.dirty = 0;
  if ((engine.gates & GATE_SNAPSHOT) !== 0) engine.touchKeys(id);
  if (propagation.active) propagation.begin();
  rest();
  if (ctx.out.errors !== errors) countFailure(engine, id);
  server.dirty += ctx.dirty;
  if (propagation.active) {
    propagation.ran(ctx);
    if (!session.inExec) propagation.end(false);
  }
  const usec = server.clock.monotonicUs() - startUs;
  countCommand(engine, session, id, usec, ctx.out.pos - outStart);
}

/** Counts a command that ended and was measured alone; the context still holds its arguments. */
export function countCommand(
  engine: Engine,
  session: Session,
  id: number,
  usec: number,
  replyBytes: number,
): void {
  const { server, ctx } = engine;
  const { commandLog, latency, stats } = server;
  server.calls[id]++;
  server.usec[id] += usec;
  stats.totalCommands++;
  session.commands++;
  if (usec > stats.batchUsMax) stats.batchUsMax = usec;
  if (latency.tracking) latency.record(id, usec, 1);
  if (usec >= latency.thresholdUs) {
    const isFast = (engine.table.flags[id] & FAST) !== 0;
    latency.add(isFast ? "fast-command" : "command", usec, server.clock.wallMs());
  }
  if (
    usec >= commandLog.slowUs || engine.requestBytes >= commandLog.largeRequest ||
    replyBytes >= commandLog.largeReply
  ) {
    commandLog.add(ctx, id, usec, engine.requestBytes, replyBytes);
  }
}

/** The slow way: at least one gate is closed. */
function executeGated(
  engine: Engine,
  session: Session,
  bytes: number,
  id: number,
  gates: number,
): boolean {
  const ran = (gates & GATE_REPLY) === 0
    ? passGates(engine, session, bytes, id, gates)
    : passMuted(engine, session, bytes, id, gates);
  if (ran && ((gates | session.gates) & MAY_GET_PUSHES) !== 0) afterRequest(engine, session);
  if (ran && (session.gates & GATE_LINK) !== 0) linkRan(engine, session);
  return ran;
}

/** What is said and forgotten behind the reply of a request. */
function afterRequest(engine: Engine, session: Session): void {
  session.drainPushes(engine.ctx.out);
  const { tracking, lastCommand } = session;
  if (tracking === null || session.inMulti) return;
  if (lastCommand < 0 || engine.clientContainer[lastCommand] === 0) tracking.caching = false;
}

/** The way of a client that asked for silence. Confirmations of subscriptions are no replies and are sent. */
function passMuted(
  engine: Engine,
  session: Session,
  bytes: number,
  id: number,
  gates: number,
): boolean {
  const { ctx } = engine;
  const mark = ctx.out.pos;
  const { errors } = ctx.out;
  session.replySkip = session.replySkipNext;
  session.replySkipNext = false;
  const ran = passGates(engine, session, bytes, id, gates);
  if (!ran) {
    session.replySkipNext = session.replySkip;
  } else {
    const isPush = id >= 0 && engine.inSubscribedMode[id] !== 0 &&
      (engine.table.flags[id] & PUBSUB) !== 0 && ctx.out.errors === errors;
    if ((session.replyOff || session.replySkip) && !isPush) {
      ctx.out.pos = mark;
      engine.acknowledgements.cut(mark);
    }
    if (!session.replyOff && !session.replySkipNext) session.gates &= ~GATE_REPLY;
  }
  session.replySkip = false;
  return ran;
}

function passGates(
  engine: Engine,
  session: Session,
  bytes: number,
  id: number,
  gates: number,
): boolean {
  const { ctx, table } = engine;
  if ((gates & GATE_STANDSTILL) !== 0) {
    engine.standstill.hold(session);
    return false;
  }
  const flags = id < 0 ? 0 : table.flags[id];
  if ((gates & GATE_AUTH) !== 0 && (flags & NO_AUTH) === 0 && engine.authRequired) {
    if (id < 0 && dropHttp(engine, session)) return true;
    return refuse(engine, session, id, ERR_NOAUTH);
  }
  if (id < 0) return refuseUnknown(engine, session);
  if (table.subcommands[id] !== null && (id = resolve(engine, session, id)) < 0) return true;
  session.lastCommand = id;
  if (!shapeFits(engine.shapes[id], ctx.argc)) return refuseArity(engine, session, id);
  if (session.inMulti && (table.flags[id] & NO_MULTI) !== 0) {
    return refuseInMulti(engine, session, id);
  }
  const isPrimary = session.link !== null;
  const isLoading = (gates & GATE_LOADING) !== 0;
  const hasRoom = (gates & GATE_MEMORY) === 0 || isLoading || isPrimary ||
    engine.eviction.makeRoom();
  if ((session.gates & GATE_TRACKING) !== 0) {
    // What was evicted is said before the reply, which may speak of a new value of the same key.
    if (engine.tracking.isOver) engine.tracking.shrink();
    session.drainPushes(ctx.out);
  }
  if (!hasRoom && needsMemory(session, id, engine)) return refuse(engine, session, id, ERR_OOM);
  if ((gates & GATE_ROOM) !== 0 && needsMemory(session, id, engine)) {
    if (!engine.reserve.hasRoom(id, bytes)) return refuse(engine, session, id, ERR_OOM);
  }
  const { writeRefusal } = engine;
  if (writeRefusal !== null && (gates & GATE_DISK) !== 0) {
    if (session.link !== null) {
      if ((table.flags[id] & WRITE) !== 0) session.link.undurable();
    } else if (isRefusedWrite(engine, session, id, WRITE)) {
      return refuse(engine, session, id, writeRefusal);
    }
  }
  if ((gates & GATE_REPLICATION) !== 0 && !isPrimary) {
    const refusal = replicationRefusal(engine, session, id);
    if (refusal === WAIT_FOR_PRIMARY) {
      session.holdInput(HOLD_PAUSE);
      return false;
    }
    if (refusal !== null) return refuse(engine, session, id, refusal);
  }
  if ((session.gates & GATE_LINK) !== 0) {
    const refusal = replicaRefusal(engine, session, id);
    if (refusal !== null) return refuse(engine, session, id, refusal);
  }
  if ((session.gates & (GATE_PUBSUB | GATE_MONITOR)) !== 0 && !roleAllows(engine, session, id)) {
    return true;
  }
  if (isLoading && !runsWhileLoading(engine, session, id)) {
    const isRedis = engine.config.flag("extended-redis-compatibility");
    return refuse(engine, session, id, isRedis ? ERR_LOADING_REDIS : ERR_LOADING);
  }
  if ((gates & GATE_PAUSE) !== 0 && mustPause(engine, session, id)) {
    session.holdInput(HOLD_PAUSE);
    return false;
  }
  if (session.inMulti && engine.runsInMulti[id] === 0) {
    transactionQueue(session, id, ctx);
    ctx.out.raw(QUEUED);
    return true;
  }
  engine.requestBytes = bytes;
  call(engine, session, id);
  return true;
}

/** Whether a command, or one of those EXEC would run, may use more memory. */
function needsMemory(session: Session, id: number, engine: Engine): boolean {
  const { flags } = engine.table;
  if ((flags[id] & DENYOOM) !== 0) return true;
  if (id !== engine.execId || session.transaction === null) return false;
  return session.transaction.queue.some((queued) => (flags[queued.id] & DENYOOM) !== 0);
}

/** Whether a command, and all that EXEC would run, needs no data. */
function runsWhileLoading(engine: Engine, session: Session, id: number): boolean {
  const { flags } = engine.table;
  if ((flags[id] & LOADING) === 0) return false;
  if (id !== engine.execId || session.transaction === null) return true;
  return session.transaction.queue.every((queued) => (flags[queued.id] & LOADING) !== 0);
}

/** Whether a client that subscribed or monitors may run a command; refuses it otherwise. */
function roleAllows(engine: Engine, session: Session, id: number): boolean {
  const { table, ctx } = engine;
  if (session.isSubscribed && session.proto === 2 && engine.inSubscribedMode[id] === 0) {
    const name = table.specs[id].name.toLowerCase();
    ctx.out.errorText(
      `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
        "are allowed in this context",
    );
    rejected(engine, session, id);
    return false;
  }
  if (session.isMonitor && (table.flags[id] & (WRITE | READONLY | MAY_REPLICATE)) !== 0) {
    refuse(engine, session, id, ERR_MONITOR);
    return false;
  }
  return true;
}

/** CLIENT PAUSE: all commands, or those that write, wait; a transaction waits when anything in it writes. */
export function mustPause(engine: Engine, session: Session, id: number): boolean {
  if (session.isMonitor || session.isReplica || !engine.clients.isPaused()) return false;
  if (engine.pauseMode === "all" || engine.mayWrite[id] !== 0) return true;
  if (id !== engine.execId || session.transaction === null) return false;
  return session.transaction.queue.some((queued) => engine.mayWrite[queued.id] !== 0);
}

/** The subcommand's id by argument 1; writes the error and returns -1 when there is none. */
function resolve(engine: Engine, session: Session, container: number): number {
  const { ctx, table } = engine;
  if (ctx.argc < 2) {
    if (table.run[container] !== undefined) return container;
    refuseArity(engine, session, container);
    return -1;
  }
  const name = latin1(ctx.argBuf, ctx.off[1], ctx.len[1]);
  const id = table.subcommands[container]?.get(name.toLowerCase()) ?? -1;
  if (id < 0) {
    const parent = table.specs[container].name;
    const shown = printable(name.slice(0, ARGS_SHOWN_BYTES));
    ctx.out.errorText(`ERR unknown subcommand '${shown}'. Try ${parent} HELP.`);
    rejected(engine, session, -1);
  }
  return id;
}

function refuse(engine: Engine, session: Session, id: number, error: Uint8Array): boolean {
  if (id === engine.execId && error[1] === 82 && error[3] === 68) {
    // Elsewhere it would run: -REDIRECT
    session.multiDiscard();
    engine.ctx.out.error(error);
  } else if (id === engine.execId) {
    // An EXEC that cannot run ends the transaction.
    session.multiDiscard();
    const reason = latin1(error, 1, error.length - 3);
    engine.ctx.out.errorText(`EXECABORT Transaction discarded because of: ${reason}`);
  } else {
    engine.ctx.out.error(error);
  }
  rejected(engine, session, id);
  return true;
}

function refuseArity(engine: Engine, session: Session, id: number): boolean {
  const name = engine.table.specs[id].name.toLowerCase();
  const reason = `wrong number of arguments for '${name}' command`;
  if (id === engine.execId) {
    // An EXEC that cannot run ends the transaction.
    session.multiDiscard();
    engine.ctx.out.errorText(`EXECABORT Transaction discarded because of: ${reason}`);
    if ((engine.gates & GATE_MONITOR) !== 0) engine.monitors.show(session, id);
  } else {
    engine.ctx.out.errorText(`ERR ${reason}`);
  }
  rejected(engine, session, id);
  return true;
}

function refuseInMulti(engine: Engine, session: Session, id: number): boolean {
  const name = engine.table.specs[id].name.toLowerCase();
  engine.ctx.out.errorText(`ERR Command '${name}' not allowed inside a transaction`);
  rejected(engine, session, id);
  return true;
}

/** A browser or a form post speaking HTTP to this port: dropped before it can do harm. False for anything else. */
function dropHttp(engine: Engine, session: Session): boolean {
  const { ctx } = engine;
  const name = latin1(ctx.argBuf, ctx.off[0], Math.min(ctx.len[0], ARGS_SHOWN_BYTES));
  if (!/^(post|host:)(\0|$)/i.test(name)) return false;
  engine.server.log.write(
    3,
    `Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands. ` +
      `This is likely due to an attacker attempting to use Cross Protocol Scripting. ` +
      `Connection from ${session.remote} aborted.`,
  );
  session.close();
  return true;
}

function refuseUnknown(engine: Engine, session: Session): boolean {
  const { ctx } = engine;
  if (dropHttp(engine, session)) return true;
  const name = latin1(ctx.argBuf, ctx.off[0], Math.min(ctx.len[0], ARGS_SHOWN_BYTES));
  session.lastCommand = -1;
  let args = "";
  for (let i = 1; i < ctx.argc && args.length < ARGS_SHOWN_BYTES; i++) {
    const room = ARGS_SHOWN_BYTES - args.length;
    args += `'${latin1(ctx.argBuf, ctx.off[i], Math.min(ctx.len[i], room))}' `;
  }
  ctx.out.errorText(
    `ERR unknown command '${printable(name)}', with args beginning with: ${printable(args)}`,
  );
  rejected(engine, session, -1);
  return true;
}

function printable(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

function rejected(engine: Engine, session: Session, id: number): void {
  if (id >= 0) engine.server.rejected[id]++;
  engine.countError(engine.ctx.out);
  transactionFail(session);
}

function countFailure(engine: Engine, id: number): void {
  engine.server.failed[id]++;
  engine.countError(engine.ctx.out);
}
