// keyspace_events.ts: one observer of the keyspace for all who want to be told: watches, blocked clients, and others.
//
// The keyspace has no observer while nobody listens, so that its functions pay for one comparison with null.

import type { Database, Keyspace, KeyspaceObserver } from "../engine/keyspace.ts";

/** Who listens; what does not matter to it is absent. */
export type KeyspaceListener = Partial<KeyspaceObserver>;

/** Passes every event on to all listeners, in the order in which they came. */
export class KeyspaceEvents implements KeyspaceObserver {
  private keyspace: Keyspace;
  private listeners: readonly KeyspaceListener[] = [];
  /** Those of them who want to hear of the most frequent events. */
  private onAdded: readonly KeyspaceListener[] = [];
  private onLeaving: readonly KeyspaceListener[] = [];
  private onTouched: readonly KeyspaceListener[] = [];

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Starts telling the listener; nothing happens when it is told already. */
  add(listener: KeyspaceListener): void {
    if (this.listeners.includes(listener)) return;
    this.follow([...this.listeners, listener]);
  }

  remove(listener: KeyspaceListener): void {
    this.follow(this.listeners.filter((other) => other !== listener));
  }

  private follow(listeners: readonly KeyspaceListener[]): void {
    this.listeners = listeners;
    this.onAdded = listeners.filter(({ added }) => added !== undefined);
    this.onLeaving = listeners.filter(({ leaving }) => leaving !== undefined);
    this.onTouched = listeners.filter(({ touched }) => touched !== undefined);
    this.keyspace.observer = listeners.length > 0 ? this : null;
  }

  added(db: Database, rec: number): void {
    for (let i = 0; i < this.onAdded.length; i++) this.onAdded[i].added?.(db, rec);
  }

  leaving(db: Database, rec: number): void {
    for (let i = 0; i < this.onLeaving.length; i++) this.onLeaving[i].leaving?.(db, rec);
  }

  ready(db: Database, rec: number): void {
    for (const listener of this.listeners) listener.ready?.(db, rec);
  }

  touched(db: Database, buf: Uint8Array, off: number, len: number): void {
    for (let i = 0; i < this.onTouched.length; i++) {
      this.onTouched[i].touched?.(db, buf, off, len);
    }
  }

  expired(db: Database, buf: Uint8Array, off: number, len: number): void {
    for (const listener of this.listeners) listener.expired?.(db, buf, off, len);
  }

  fieldsExpired(
    db: Database,
    buf: Uint8Array,
    off: number,
    len: number,
    isLast: boolean,
    names: readonly Uint8Array[],
  ): void {
    for (const listener of this.listeners) {
      listener.fieldsExpired?.(db, buf, off, len, isLast, names);
    }
  }

  flushing(db: Database): void {
    for (const listener of this.listeners) listener.flushing?.(db);
  }

  swapping(first: Database, second: Database): void {
    for (const listener of this.listeners) listener.swapping?.(first, second);
  }
}
