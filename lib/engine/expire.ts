// expire.ts: active expiry: finding keys whose time came although nobody asks for them, a slice at a time. Fields of
// hashes: expire_fields.ts.
//
// WHY NOT a heap or a timing wheel: both cost 8 to 16 bytes a key and work at every EXPIRE; a walk over `expires` costs
// nothing until time passes, and keys that are asked for are found expired anyway.
//
// THE WALK. Each database remembers a dictScan cursor into `expires` (Database.expireCursor). A step reads one bucket:
// first all its records are looked at (independent loads, so that cache misses overlap), then the expired ones are
// deleted by handle and hash. Deleting may merge buckets; the cursor survives that (see dict.ts).
//
// HOW MUCH. A slice ends after SLICE_US at the latest (twice that when most keys are stale) (one batch of about BATCH_KEYS keys may overshoot). Databases take
// turns. In each the slice goes on while the share of expired keys among those looked at is above what is acceptable;
// below, until it has looked at a 64th of the volatile keys, at least QUOTA_KEYS_MIN. So small databases are clean
// after every tick, and large ones are walked all the time, if slowly. If a slice runs out of time, the share decides
// how soon the next one is due:
//
//   share of expired keys       pause       of the CPU at effort 1
//   25 % and more               1 ms        50 %, and 67 % once the estimate below is above 50 %: slices of 2 ms
//   above the acceptable share  3 ms        25 %
//   above 1 %                   9 ms        10 %
//   less                        the tick     1 % at ten ticks a second
//
//   acceptable share: 10 % at effort 1, 1 % at effort 10; pauses shrink with the effort, but never below 1 ms.
//
// WHAT INFO SHOWS. stalePercent, the estimate of keys that are expired but still there, is a running mean over slices
// (weight 5 %). A database's meanTtlMs is a running mean of the time left of keys looked at (weight 2 % a batch), as
// Valkey computes its avg_ttl.
//
// COSTS, mostly cache misses, with 1 to 10 million keys: 60 to 220 ns a key that lives, 450 to 750 ns one that goes.

import { SEGMENT_SHIFT } from "../mem/arena.ts";
import { chain, dictScan } from "./dict.ts";
import { type Database, keyCountVolatile, keyExpire, type Keyspace } from "./keyspace.ts";
import { recordExpireWord } from "./record.ts";

/** How long a slice works at most while not most keys are stale, in microseconds. */
export const SLICE_US = 1000;

const BATCH_KEYS = 20;
const QUOTA_KEYS_MIN = 1000;
const QUOTA_SHIFT = 6;
/** Buckets that a batch reads at most for each key it wants: the table may be nearly empty. */
const BUCKETS_PER_KEY = 10;
const SHARE_HIGH = 0.25;
const SHARE_LOW = 0.01;
const STALE_PERCENT_HIGH = 50;
const STALE_WEIGHT = 0.05;
const TTL_WEIGHT = 0.02;
const PAUSE_HIGH_MS = 1;
const PAUSE_MS = 3;
const PAUSE_LOW_MS = 9;

/** Where the active expiry of one keyspace stands. */
export class ActiveExpiry {
  /** active-expire-effort, 1 to 10. */
  effort = 1;
  /** Running estimate of the share of volatile keys that are expired but still there, in percent. */
  stalePercent = 0;
  /** Slices that ran out of time while much was left to do. */
  timeCapReached = 0;
  /** Microseconds spent in slices. */
  usedUs = 0;
  /** Index of the database the next slice starts with. */
  dbNext = 0;

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.stalePercent = 0;
    this.timeCapReached = 0;
    this.usedUs = 0;
  }
}

/** Counts of the running slice. */
const slice = { sampled: 0, expired: 0, ttlSum: 0, ttlSamples: 0, ttlBatches: 0 };

/**
 * Removes expired keys for at most SLICE_US, twice that when most are stale, by `clockUs`, a clock in microseconds. `nowMs` is the wall time.
 * Returns after how many milliseconds the next slice is due; 0 means at the owner's next tick, about 100 ms later.
 */
export function expireSlice(
  ks: Keyspace,
  expiry: ActiveExpiry,
  nowMs: number,
  clockUs: () => number,
): number {
  const startUs = clockUs();
  const endUs = startUs + (expiry.stalePercent > STALE_PERCENT_HIGH ? 2 * SLICE_US : SLICE_US);
  const acceptable = (11 - expiry.effort) / 100;
  let sampled = 0;
  let expired = 0;
  let isOut = false;
  for (let i = 0; i < ks.dbs.length && !isOut; i++) {
    const db = ks.dbs[expiry.dbNext % ks.dbs.length];
    expiry.dbNext = (expiry.dbNext + 1) % ks.dbs.length;
    isOut = expireDatabase(ks, db, nowMs, acceptable, expiry.effort, clockUs, endUs);
    sampled += slice.sampled;
    expired += slice.expired;
  }
  const share = sampled === 0 ? 0 : expired / sampled;
  expiry.stalePercent += (share * 100 - expiry.stalePercent) * STALE_WEIGHT;
  expiry.usedUs += clockUs() - startUs;
  return isOut ? pauseMs(expiry, share, acceptable) : 0;
}

/**
 * After how many milliseconds a slice is due when the last one ran out of time and found this share of what it looked at
 * expired; 0 means at the owner's next tick.
 */
export function pauseMs(expiry: ActiveExpiry, share: number, acceptable: number): number {
  if (share <= SHARE_LOW) return 0;
  if (share > acceptable) expiry.timeCapReached++;
  if (share >= SHARE_HIGH) return PAUSE_HIGH_MS;
  const ms = share > acceptable ? PAUSE_MS : PAUSE_LOW_MS;
  // Effort 10 takes 43 % where effort 1 takes 25 %.
  return Math.max(PAUSE_HIGH_MS, ms * (1 - 0.06 * (expiry.effort - 1)));
}

/** The part of a slice for one database; fills `slice`. Returns true when time ran out. */
function expireDatabase(
  ks: Keyspace,
  db: Database,
  nowMs: number,
  acceptable: number,
  effort: number,
  clockUs: () => number,
  endUs: number,
): boolean {
  slice.sampled = 0;
  slice.expired = 0;
  slice.ttlSum = 0;
  slice.ttlSamples = 0;
  slice.ttlBatches = 0;
  const count = keyCountVolatile(ks, db);
  if (count === 0) {
    db.meanTtlMs = 0;
    return false;
  }
  const quota = Math.max(QUOTA_KEYS_MIN, count >>> QUOTA_SHIFT);
  const batchKeys = BATCH_KEYS + (BATCH_KEYS / 4) * (effort - 1);
  let isOut = false;
  do {
    expireBatch(ks, db, nowMs, batchKeys);
    isOut = clockUs() >= endUs;
  } while (!isOut && db.expireCursor !== 0 && goesOn(quota, acceptable));
  updateMeanTtl(db);
  return isOut && db.expireCursor !== 0;
}

function goesOn(quota: number, acceptable: number): boolean {
  return slice.sampled < quota || slice.expired > slice.sampled * acceptable;
}

/** Looks at `keys` volatile keys or a few more, and removes the expired ones; stops at the end of the walk. */
function expireBatch(ks: Keyspace, db: Database, nowMs: number, keys: number): void {
  const target = slice.sampled + keys;
  const ttlSamples = slice.ttlSamples;
  for (let buckets = keys * BUCKETS_PER_KEY; slice.sampled < target && buckets > 0; buckets--) {
    db.expireCursor = dictScan(ks.arena, db.expires, db.expireCursor);
    const due = collectDue(ks, nowMs);
    for (let i = 0; i < due; i++) keyExpire(ks, db, dueHashes[i], dueEntries[i]);
    slice.expired += due;
    if (db.expireCursor === 0) break;
  }
  if (slice.ttlSamples > ttlSamples) slice.ttlBatches++;
}

let dueEntries = new Int32Array(64);
let dueHashes = new Int32Array(64);

/** Copies the expired entries of `chain` aside, because deleting overwrites it; counts the others. */
function collectDue(ks: Keyspace, nowMs: number): number {
  const { arena } = ks;
  const count = chain.count;
  if (count > dueEntries.length) {
    dueEntries = new Int32Array(chain.entries.length);
    dueHashes = new Int32Array(chain.entries.length);
  }
  let due = 0;
  for (let i = 0; i < count; i++) {
    const rec = chain.entries[i];
    const words = arena.i32[rec >>> SEGMENT_SHIFT];
    const w = recordExpireWord(arena, rec);
    const left = words[w + 1] * 4294967296 + (words[w] >>> 0) - nowMs;
    if (left < 0) {
      dueEntries[due] = rec;
      dueHashes[due++] = chain.hashes[i];
    } else if (left > 0) {
      slice.ttlSum += left;
      slice.ttlSamples++;
    }
  }
  slice.sampled += count;
  return due;
}

function updateMeanTtl(db: Database): void {
  if (slice.ttlSamples === 0) return;
  const mean = slice.ttlSum / slice.ttlSamples;
  if (db.meanTtlMs === 0) db.meanTtlMs = mean;
  else db.meanTtlMs = mean + (db.meanTtlMs - mean) * (1 - TTL_WEIGHT) ** slice.ttlBatches;
}
