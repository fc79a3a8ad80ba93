// watch.ts: watched keys: WATCH, and what makes EXEC refuse.
//
// A watched key is registered per engine under "db:key" (latin-1) with the sessions that watch it, so that a change finds
// them; nothing is registered, and the keyspace tells nobody, while nobody watches. A session whose key changed is
// marked once and for all: its queue and its other watched keys are of no use any more and are given up at once.
//
// EXPIRED KEYS. A key whose time was up when WATCH ran counts as absent, although it may still be in memory: its removal
// is no change, its coming back is. A key whose time runs out between WATCH and EXEC has changed, removed or not.
//
// COSTS: watching O(1) a key, a change O(watchers of the key), FLUSHDB and SWAPDB O(watched keys).
// Source followed: valkey's WATCH.

import { latin1 } from "../bytes/ascii.ts";
import { type Database, keyFind, keyHash, keyIsExpired } from "../engine/keyspace.ts";
import type { Engine } from "./engine.ts";
import type { KeyspaceListener } from "./keyspace_events.ts";
import type { Session } from "./session.ts";
import { type Transaction, transactionOf } from "./transaction.ts";

/** One key that one session watches. */
export interface Watched {
  readonly dbIndex: number;
  readonly key: Uint8Array;
  /** The key is absent because its time is up, but may still be in memory. */
  isStale: boolean;
}

const ABSENT = 0;
const STALE = 1;
const PRESENT = 2;

function keyState(engine: Engine, dbIndex: number, key: Uint8Array): number {
  const ks = engine.keyspace;
  const hash = keyHash(ks, key, 0, key.length);
  const rec = keyFind(ks, ks.dbs[dbIndex], hash, key, 0, key.length);
  if (rec === 0) return ABSENT;
  return keyIsExpired(ks, rec, engine.ctx.nowMs) ? STALE : PRESENT;
}

/** WATCH of one key. */
export function watchAdd(
  session: Session,
  dbIndex: number,
  buf: Uint8Array,
  off: number,
  len: number,
): void {
  const { engine } = session;
  const transaction = transactionOf(session);
  if (transaction.changed) return;
  const name = `${dbIndex}:${latin1(buf, off, len)}`;
  if (transaction.watched.has(name)) return;
  const key = buf.slice(off, off + len);
  const watched = { dbIndex, key, isStale: keyState(engine, dbIndex, key) === STALE };
  transaction.watched.set(name, watched);
  engine.watches.add(name, session, watched);
}

/** Forgets the watched keys and that any of them changed. */
export function watchDrop(session: Session): void {
  const { transaction } = session;
  if (transaction === null) return;
  unregister(session, transaction);
  transaction.changed = false;
}

function unregister(session: Session, transaction: Transaction): void {
  if (transaction.watched.size === 0) return;
  for (const name of transaction.watched.keys()) session.engine.watches.remove(name, session);
  transaction.watched.clear();
}

/** Whether the time of a watched key ran out since WATCH. */
export function watchExpired(engine: Engine, transaction: Transaction): boolean {
  for (const { isStale, dbIndex, key } of transaction.watched.values()) {
    if (!isStale && keyState(engine, dbIndex, key) === STALE) return true;
  }
  return false;
}

/** All watched keys of an engine. */
export class Watches implements KeyspaceListener {
  private engine: Engine;
  private watchers = new Map<string, Map<Session, Watched>>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Number of distinct watched keys. */
  get keyCount(): number {
    return this.watchers.size;
  }

  /** Number of sessions that watch something. */
  get clientCount(): number {
    const all = new Set<Session>();
    for (const watchers of this.watchers.values()) {
      for (const session of watchers.keys()) all.add(session);
    }
    return all.size;
  }

  add(name: string, session: Session, watched: Watched): void {
    let watchers = this.watchers.get(name);
    if (watchers === undefined) {
      watchers = new Map();
      this.watchers.set(name, watchers);
    }
    watchers.set(session, watched);
    this.engine.events.add(this);
  }

  remove(name: string, session: Session): void {
    const watchers = this.watchers.get(name);
    if (watchers === undefined) return;
    watchers.delete(session);
    if (watchers.size === 0) this.watchers.delete(name);
    if (this.watchers.size === 0) this.engine.events.remove(this);
  }

  touched(db: Database, buf: Uint8Array, off: number, len: number): void {
    const watchers = this.watchers.get(`${db.index}:${latin1(buf, off, len)}`);
    if (watchers === undefined) return;
    for (const session of [...watchers.keys()]) spoil(session);
  }

  expired(db: Database, buf: Uint8Array, off: number, len: number): void {
    const watchers = this.watchers.get(`${db.index}:${latin1(buf, off, len)}`);
    if (watchers === undefined) return;
    for (const [session, watched] of [...watchers]) {
      if (watched.isStale) watched.isStale = false;
      else spoil(session);
    }
  }

  fieldsExpired(db: Database, buf: Uint8Array, off: number, len: number): void {
    this.touched(db, buf, off, len);
  }

  flushing(db: Database): void {
    this.forDatabase(db.index, (session, watched) => {
      if (watched.isStale) watched.isStale = false;
      else if (keyState(this.engine, db.index, watched.key) !== ABSENT) spoil(session);
    });
  }

  swapping(first: Database, second: Database): void {
    this.replacing(first.index, second.index);
    this.replacing(second.index, first.index);
  }

  /** The keys of database `index` are about to be those of database `source`. */
  private replacing(index: number, source: number): void {
    this.forDatabase(index, (session, watched) => {
      const next = keyState(this.engine, source, watched.key);
      if (watched.isStale) {
        if (next === ABSENT) watched.isStale = false;
        else if (next === PRESENT) spoil(session);
      } else if (keyState(this.engine, index, watched.key) !== ABSENT || next === PRESENT) {
        spoil(session);
      } else if (next === STALE) {
        watched.isStale = true;
      }
    });
  }

  private forDatabase(index: number, visit: (session: Session, watched: Watched) => void): void {
    const prefix = `${index}:`;
    for (const [name, watchers] of [...this.watchers]) {
      if (!name.startsWith(prefix)) continue;
      for (const [session, watched] of [...watchers]) visit(session, watched);
    }
  }
}

/** A watched key changed: the transaction cannot run. */
function spoil(session: Session): void {
  const { transaction } = session;
  if (transaction === null) return;
  unregister(session, transaction);
  transaction.changed = true;
  transaction.queue = [];
  transaction.queueBytes = 0;
}
