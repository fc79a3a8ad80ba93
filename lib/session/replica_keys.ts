// replica_keys.ts: keys with a time that clients of a writable replica have set. The primary knows nothing of them, so it
// will never say that they go: this server sees to it itself.
//
// Only what was set here is remembered, by database and name; all other keys wait for the primary. Nothing is remembered
// while the replica takes no writes.
//
// COSTS: an entry for each such key; a slice looks at some of them, in turn.

import { latin1 } from "../bytes/ascii.ts";
import { type Database, keyExpire, keyFind, keyHash, keyIsExpired } from "../engine/keyspace.ts";
import {
  HAS_EXPIRE,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
} from "../engine/record.ts";
import type { Engine } from "./engine.ts";

const KEYS_PER_SLICE = 64;
/** Keys that live which a slice looks at before it leaves it at that. */
const LIVING_MAX = 16;

/** The remembered keys of an engine. */
export class ReplicaKeys {
  private engine: Engine;
  /** By "db:name"; the first one is looked at next. */
  private keys = new Map<string, { dbIndex: number; key: Uint8Array }>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get count(): number {
    return this.keys.size;
  }

  /** Starts or stops remembering. What is remembered stays. */
  follow(isWritable: boolean): void {
    const { keyspace } = this.engine;
    keyspace.expirySet = isWritable ? (db, rec) => this.note(db, rec) : null;
  }

  private note(db: Database, rec: number): void {
    const { ctx, keyspace } = this.engine;
    if (ctx.client.isPrimary) return;
    const { arena } = keyspace;
    const off = recordKeyOff(arena, rec);
    const key = recordKeyBuf(arena, rec).slice(off, off + recordKeyLen(arena, rec));
    this.keys.set(`${db.index}:${latin1(key, 0, key.length)}`, { dbIndex: db.index, key });
  }

  /** All databases were emptied. */
  forget(): void {
    this.keys.clear();
  }

  /** Removes those of the next ones whose time has come. */
  slice(nowMs: number): void {
    if (this.keys.size === 0) return;
    // A primary expires all keys alike.
    if (!this.engine.server.isReplica) return this.forget();
    let living = 0;
    let left = KEYS_PER_SLICE;
    for (const [name, one] of this.keys) {
      if (left-- === 0 || living === LIVING_MAX) return;
      this.keys.delete(name);
      if (this.lives(one.dbIndex, one.key, nowMs)) {
        living++;
        this.keys.set(name, one);
      }
    }
  }

  /** Whether the key still has a time that has not come; removes one whose time has. */
  private lives(dbIndex: number, key: Uint8Array, nowMs: number): boolean {
    const { keyspace } = this.engine;
    const db = keyspace.dbs[dbIndex];
    const hash = keyHash(keyspace, key, 0, key.length);
    const rec = keyFind(keyspace, db, hash, key, 0, key.length);
    if (rec === 0 || (recordMeta(keyspace.arena, rec) & HAS_EXPIRE) === 0) return false;
    if (!keyIsExpired(keyspace, rec, nowMs)) return true;
    keyExpire(keyspace, db, hash, rec);
    return false;
  }
}
