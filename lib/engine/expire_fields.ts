// expire_fields.ts: active expiry of fields: taking out fields whose time came although nobody asks for them.
//
// THE WALK. Each database knows its volatile hashes and remembers a dictScan cursor into them (Database.fieldCursor). A step
// reads one bucket and takes up to FIELDS_PER_VISIT due fields out of each hash; which are due is known without looking
// at the others (see hash_times.ts). While one has more, the cursor stays where it is.
//
// HOW MUCH. As for keys (see expire.ts): databases take turns; in each the slice goes on while the share of hashes with
// due fields among those looked at is above what is acceptable, else until a 64th of them was looked at, at least
// QUOTA_HASHES_MIN. The clock is looked at after each bucket.
//
// WHEN THE LAST FIELD GOES, so does the key. The observer is told before.

import { chain, dictScan } from "./dict.ts";
import { type ActiveExpiry, pauseMs } from "./expire.ts";
import { hashLength } from "./hash.ts";
import { hashRemoveDue } from "./hash_expiry.ts";
import {
  type Database,
  keyCountVolatileHashes,
  keyDelete,
  type Keyspace,
  keyTouching,
  keyTrackFields,
} from "./keyspace.ts";
import { recordKeyBuf, recordKeyLen, recordKeyOff } from "./record.ts";

const FIELDS_PER_VISIT = 80;
const QUOTA_HASHES_MIN = 200;
const QUOTA_SHIFT = 6;
const STALE_WEIGHT = 0.05;

/** Where the active expiry of fields of one keyspace stands. */
export class FieldExpiry {
  /** Running estimate of the share of volatile hashes that have due fields, in percent. */
  stalePercent = 0;
  /** Index of the database the next slice starts with. */
  dbNext = 0;

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.stalePercent = 0;
  }
}

/** Counts of the running slice. */
const slice = { sampled: 0, expired: 0 };

/**
 * Removes up to `max` due fields of the record's hash, and the key when none is left. Returns how many.
 */
export function expireFields(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  nowMs: number,
  max: number,
): number {
  const { arena } = ks;
  const names: Uint8Array[] | null = ks.observer === null ? null : [];
  if (ks.walks.length > 0) keyTouching(ks, db, hash);
  const removed = hashRemoveDue(ks, rec, nowMs, max, names);
  if (removed === 0) return 0;
  ks.expiredFields += removed;
  keyTrackFields(ks, db, hash, rec, true);
  const isLast = hashLength(ks, rec) === 0;
  if (ks.observer !== null && names !== null) {
    const buf = recordKeyBuf(arena, rec);
    const off = recordKeyOff(arena, rec);
    ks.observer.fieldsExpired(db, buf, off, recordKeyLen(arena, rec), isLast, names);
  }
  if (isLast) keyDelete(ks, db, hash, rec);
  return removed;
}

/**
 * Removes due fields for at most `budgetUs` by `clockUs`, a clock in microseconds. `nowMs` is the wall time; `expiry`
 * gives the effort and counts time and slices that were cut short.
 * Returns after how many milliseconds the next slice is due; 0 means at the owner's next tick.
 */
export function expireFieldsSlice(
  ks: Keyspace,
  fields: FieldExpiry,
  expiry: ActiveExpiry,
  nowMs: number,
  clockUs: () => number,
  budgetUs: number,
): number {
  const startUs = clockUs();
  const endUs = startUs + budgetUs;
  const acceptable = (11 - expiry.effort) / 100;
  let sampled = 0;
  let expired = 0;
  let isOut = false;
  for (let i = 0; i < ks.dbs.length && !isOut; i++) {
    const db = ks.dbs[fields.dbNext % ks.dbs.length];
    fields.dbNext = (fields.dbNext + 1) % ks.dbs.length;
    if (keyCountVolatileHashes(ks, db) === 0) continue;
    isOut = expireDatabase(ks, db, nowMs, acceptable, clockUs, endUs);
    sampled += slice.sampled;
    expired += slice.expired;
  }
  const share = sampled === 0 ? 0 : expired / sampled;
  fields.stalePercent += (share * 100 - fields.stalePercent) * STALE_WEIGHT;
  expiry.usedUs += clockUs() - startUs;
  return isOut ? pauseMs(expiry, share, acceptable) : 0;
}

/** The part of a slice for one database; fills `slice`. Returns true when time ran out. */
function expireDatabase(
  ks: Keyspace,
  db: Database,
  nowMs: number,
  acceptable: number,
  clockUs: () => number,
  endUs: number,
): boolean {
  slice.sampled = 0;
  slice.expired = 0;
  const quota = Math.max(QUOTA_HASHES_MIN, keyCountVolatileHashes(ks, db) >>> QUOTA_SHIFT);
  for (;;) {
    const next = dictScan(ks.arena, db.volatileHashes, db.fieldCursor);
    const hasMore = expireBucket(ks, db, nowMs);
    if (!hasMore) db.fieldCursor = next;
    const isDone = next === 0 && !hasMore;
    if (isDone || keyCountVolatileHashes(ks, db) === 0) return false;
    if (clockUs() >= endUs) return true;
    if (slice.sampled >= quota && slice.expired <= slice.sampled * acceptable) return false;
  }
}

/** Removes every due field at once. */
export function expireEveryField(ks: Keyspace, nowMs: number): void {
  for (const db of ks.dbs) {
    let cursor = 0;
    let isDone = false;
    while (!isDone && keyCountVolatileHashes(ks, db) > 0) {
      const next = dictScan(ks.arena, db.volatileHashes, cursor);
      if (expireBucket(ks, db, nowMs)) continue;
      cursor = next;
      isDone = cursor === 0;
    }
  }
}

let entries = new Int32Array(64);
let hashes = new Int32Array(64);

/** Visits the hashes in `chain`, which changes meanwhile. Returns whether one of them has more due fields. */
function expireBucket(ks: Keyspace, db: Database, nowMs: number): boolean {
  const count = chain.count;
  if (count > entries.length) {
    entries = new Int32Array(chain.entries.length);
    hashes = new Int32Array(chain.entries.length);
  }
  for (let i = 0; i < count; i++) {
    entries[i] = chain.entries[i];
    hashes[i] = chain.hashes[i];
  }
  let hasMore = false;
  for (let i = 0; i < count; i++) {
    const removed = expireFields(ks, db, hashes[i], entries[i], nowMs, FIELDS_PER_VISIT);
    if (removed > 0) slice.expired++;
    if (removed === FIELDS_PER_VISIT) hasMore = true;
  }
  slice.sampled += count;
  return hasMore;
}
