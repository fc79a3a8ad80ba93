// reclaim.ts: emptying databases without stopping the world.
//
// Three ways, the cheapest that is possible:
//
//   drop   nothing but what is to go lives in the arena: the arena is reset as a whole, O(segments).
//   later  the database gets new tables at once; the old ones are condemned and taken apart in slices.
//   now    record by record, before returning; for small databases, and where the caller insists.
//
// Measured: 10 million keys of 16 + 16 bytes take about one second record by record, 0.1 ms by dropping.
//
// SLICES. The owner calls reclaimSlice from time to time with a clock and a budget. A table is taken apart from its last
// bucket on (dictDropLast), first `expires` and `volatileHashes`, whose entries are names only, then `main`.
//
// VALUES of many blocks that are deleted while the server runs are condemned as well (recordFreeValue) and freed first.
//
// INVARIANT: condemned records are in no database; ks.condemned and ks.condemnedValues count as reachable for keyspaceVerify.

import { arenaReset, arenaTrim } from "../mem/arena.ts";
import { chain, dictCount, dictDestroy, dictDropLast } from "./dict.ts";
import {
  type Condemned,
  type Database,
  databaseRenew,
  keyCount,
  type Keyspace,
  recordDiscard,
} from "./keyspace.ts";
import { valueFreeSlice } from "./value.ts";

/** With fewer blocks than this in the arena, freeing them one by one is no slower than a new segment. */
const DROP_BLOCKS_MIN = 16384;
/** Databases with no more keys than this are emptied at once: below a millisecond. */
const NOW_KEYS_MAX = 4096;
/** Buckets between two looks at the clock. */
const BUCKETS_PER_LOOK = 64;
/** Blocks of a value freed between two looks at the clock. */
const BLOCKS_PER_LOOK = 1024;

/**
 * Empties a database; with `later`, the memory of a large one comes back in slices.
 * Returns how many keys it had.
 */
export function databaseEmpty(ks: Keyspace, db: Database, later: boolean): number {
  const count = keyCount(ks, db);
  if (count > 0) { for (const walk of ks.walks) walk.lost = true; }
  const isAlone = ks.dbs.every((other) => other === db || keyCount(ks, other) === 0);
  if (isAlone) return keyspaceEmpty(ks, later);
  const old = tablesOf(db);
  databaseRenew(ks, db);
  if (later && count > NOW_KEYS_MAX) ks.condemned.push(old);
  else takeApart(ks, old, Infinity);
  return count;
}

function tablesOf(db: Database): Condemned {
  return { main: db.main, expires: db.expires, volatileHashes: db.volatileHashes };
}

/** Empties all databases; see databaseEmpty. */
export function keyspaceEmpty(ks: Keyspace, later: boolean): number {
  let count = 0;
  for (const db of ks.dbs) count += keyCount(ks, db);
  if (count > 0) { for (const walk of ks.walks) walk.lost = true; }
  if (ks.arena.liveBlocks > DROP_BLOCKS_MIN && ks.foreignBlocks === 0) {
    dropAll(ks);
    return count;
  }
  for (const db of ks.dbs) {
    if (keyCount(ks, db) === 0) continue;
    const old = tablesOf(db);
    databaseRenew(ks, db);
    if (later && dictCount(ks.arena, old.main) > NOW_KEYS_MAX) ks.condemned.push(old);
    else takeApart(ks, old, Infinity);
  }
  return count;
}

function dropAll(ks: Keyspace): void {
  ks.reclaimedKeys += reclaimPending(ks);
  ks.condemned = [];
  ks.condemnedValues = [];
  arenaReset(ks.arena);
  for (const db of ks.dbs) databaseRenew(ks, db);
}

/** Gives back the memory that the arena keeps for data that may grow again. */
export function keyspaceTrim(ks: Keyspace): void {
  arenaTrim(ks.arena);
}

/** Keys of condemned tables, and condemned values. */
export function reclaimPending(ks: Keyspace): number {
  let count = ks.condemnedValues.length;
  for (const { main } of ks.condemned) count += dictCount(ks.arena, main);
  return count;
}

/**
 * Works on condemned tables until all is done or `clockUs`, a clock in microseconds, has moved on by `budgetUs`.
 * Returns true when there is more to do.
 */
export function reclaimSlice(ks: Keyspace, clockUs: () => number, budgetUs: number): boolean {
  const endUs = clockUs() + budgetUs;
  while (ks.condemnedValues.length > 0) {
    const { meta, root } = ks.condemnedValues[ks.condemnedValues.length - 1];
    if (valueFreeSlice(ks, meta, root, BLOCKS_PER_LOOK)) {
      ks.condemnedValues.pop();
      ks.reclaimedKeys++;
    }
    if (clockUs() >= endUs) return true;
  }
  while (ks.condemned.length > 0) {
    const tables = ks.condemned[ks.condemned.length - 1];
    const before = dictCount(ks.arena, tables.main);
    const isDone = takeApart(ks, tables, BUCKETS_PER_LOOK);
    ks.reclaimedKeys += isDone ? before : before - dictCount(ks.arena, tables.main);
    if (isDone) ks.condemned.pop();
    if (clockUs() >= endUs) break;
  }
  return ks.condemned.length > 0 || ks.condemnedValues.length > 0;
}

/** Copy of a bucket's entries: freeing a value may walk tables of its own. */
let entries = new Int32Array(64);

/** Frees up to `buckets` buckets of the tables with what they hold; true when nothing is left of them. */
function takeApart(ks: Keyspace, tables: Condemned, buckets: number): boolean {
  const { arena } = ks;
  let left = buckets;
  while (dictCount(arena, tables.expires) > 0) {
    if (left-- <= 0) return false;
    dictDropLast(arena, tables.expires);
  }
  while (dictCount(arena, tables.volatileHashes) > 0) {
    if (left-- <= 0) return false;
    dictDropLast(arena, tables.volatileHashes);
  }
  while (dictCount(arena, tables.main) > 0) {
    if (left-- <= 0) return false;
    const found = dictDropLast(arena, tables.main);
    if (found > entries.length) entries = new Int32Array(chain.entries.length);
    for (let i = 0; i < found; i++) entries[i] = chain.entries[i];
    for (let i = 0; i < found; i++) {
      const rec = entries[i];
      recordDiscard(ks, rec, buckets !== Infinity);
    }
  }
  dictDestroy(arena, tables.main);
  dictDestroy(arena, tables.expires);
  dictDestroy(arena, tables.volatileHashes);
  return true;
}
