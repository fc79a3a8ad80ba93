// transaction.ts: MULTI queues and WATCH.
//
// A queued request is a copy of its bytes with its argument ranges. Watched keys are registered per engine under
// "db:key" (latin-1), so that a change marks every session that watches the key; nothing is registered, and the
// keyspace has no observer, while nobody watches.

import { fromLatin1, latin1 } from "../bytes/ascii.ts";
import type { Request } from "../codec/request_parser.ts";
import {
  type Database,
  keyFind,
  keyHash,
  keyIsExpired,
  type KeyspaceObserver,
} from "../engine/keyspace.ts";
import { line } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";
import { call } from "./execute.ts";
import type { Session } from "./session.ts";

const EXEC_ABORT = line("-EXECABORT Transaction discarded because of previous errors.");

interface Queued {
  id: number;
  buf: Uint8Array;
  off: Int32Array;
  len: Int32Array;
  argc: number;
}

interface Watched {
  name: string;
  dbIndex: number;
  key: Uint8Array;
  /** The key was logically expired when WATCH ran: its removal is no change. */
  wasExpired: boolean;
}

/** Queue and watches of one session. */
export interface Transaction {
  started: boolean;
  queue: Queued[];
  queueBytes: number;
  watched: Watched[];
  /** A watched key changed. */
  changed: boolean;
  /** A command could not be queued. */
  failed: boolean;
}

function transactionOf(session: Session): Transaction {
  session.transaction ??= {
    started: false,
    queue: [],
    queueBytes: 0,
    watched: [],
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
  if (transaction.changed || anyWatchedExpired(engine, transaction)) {
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

function anyWatchedExpired(engine: Engine, transaction: Transaction): boolean {
  return transaction.watched.some((watched) =>
    !watched.wasExpired && isExpired(engine, watched.dbIndex, watched.key)
  );
}

function isExpired(engine: Engine, dbIndex: number, key: Uint8Array): boolean {
  const ks = engine.keyspace;
  const hash = keyHash(ks, key, 0, key.length);
  const rec = keyFind(ks, ks.dbs[dbIndex], hash, key, 0, key.length);
  return rec !== 0 && keyIsExpired(ks, rec, engine.ctx.nowMs);
}

function keyExists(engine: Engine, db: Database, key: Uint8Array): boolean {
  const ks = engine.keyspace;
  return keyFind(ks, db, keyHash(ks, key, 0, key.length), key, 0, key.length) !== 0;
}

export function watchAdd(
  session: Session,
  dbIndex: number,
  buf: Uint8Array,
  off: number,
  len: number,
): void {
  const { engine } = session;
  const transaction = transactionOf(session);
  const name = `${dbIndex}:${latin1(buf, off, len)}`;
  if (transaction.watched.some((watched) => watched.name === name)) return;
  const key = buf.slice(off, off + len);
  const wasExpired = isExpired(engine, dbIndex, key);
  transaction.watched.push({ name, dbIndex, key, wasExpired });
  engine.watches.add(name, session);
}

export function watchDrop(session: Session): void {
  const transaction = session.transaction;
  if (transaction === null) return;
  for (const watched of transaction.watched) session.engine.watches.remove(watched.name, session);
  transaction.watched = [];
  transaction.changed = false;
}

/** All watched keys of an engine. */
export class Watches implements KeyspaceObserver {
  private engine: Engine;
  private sessions = new Map<string, Set<Session>>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Number of distinct watched keys. */
  get keyCount(): number {
    return this.sessions.size;
  }

  /** Number of sessions that watch something. */
  get clientCount(): number {
    const all = new Set<Session>();
    for (const set of this.sessions.values()) for (const session of set) all.add(session);
    return all.size;
  }

  add(name: string, session: Session): void {
    let set = this.sessions.get(name);
    if (set === undefined) {
      set = new Set();
      this.sessions.set(name, set);
    }
    set.add(session);
    this.engine.keyspace.observer = this;
  }

  remove(name: string, session: Session): void {
    const set = this.sessions.get(name);
    if (set === undefined) return;
    set.delete(session);
    if (set.size === 0) this.sessions.delete(name);
    if (this.sessions.size === 0) this.engine.keyspace.observer = null;
  }

  touched(db: Database, buf: Uint8Array, off: number, len: number): void {
    this.mark(`${db.index}:${latin1(buf, off, len)}`);
  }

  expired(db: Database, buf: Uint8Array, off: number, len: number): void {
    const name = `${db.index}:${latin1(buf, off, len)}`;
    for (const session of this.sessions.get(name) ?? []) {
      const watched = session.transaction?.watched.find((entry) => entry.name === name);
      if (watched !== undefined && session.transaction !== null) {
        if (watched.wasExpired) watched.wasExpired = false;
        else session.transaction.changed = true;
      }
    }
  }

  flushing(db: Database): void {
    this.markDatabase(db.index, (key) => keyExists(this.engine, db, key));
  }

  swapping(first: Database, second: Database): void {
    const either = (key: Uint8Array) =>
      keyExists(this.engine, first, key) || keyExists(this.engine, second, key);
    this.markDatabase(first.index, either);
    this.markDatabase(second.index, either);
  }

  private markDatabase(index: number, matters: (key: Uint8Array) => boolean): void {
    const prefix = `${index}:`;
    for (const name of this.sessions.keys()) {
      if (name.startsWith(prefix) && matters(fromLatin1(name.slice(prefix.length)))) {
        this.mark(name);
      }
    }
  }

  private mark(name: string): void {
    for (const session of this.sessions.get(name) ?? []) {
      if (session.transaction !== null) session.transaction.changed = true;
    }
  }
}
