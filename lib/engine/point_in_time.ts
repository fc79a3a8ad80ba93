// point_in_time.ts: walks all keys as they are at one instant, a slice at a time, while commands go on changing them.
//
// WHY NOT fork: a second process doubles memory under writes and freezes the first while its page tables are copied.
// WHY NOT copies of what changes: the value is written out before it changes instead, and needs no copy.
//
//   walker ->   [saved][saved][ next ][      ][      ][      ]     buckets of `main` of each database
//                                        ^ a command is about to touch this one: it is visited first, then changed
//
// A bucket is visited once: by the walker, or earlier because something in it is about to change (touch). A bit a bucket
// says which. Tables do not resize meanwhile (RESIZE_FORBID), so that buckets keep their numbers; new keys go to buckets
// that were visited before, so they are not seen.
//
// WHO MUST CALL touch, before the change: whoever changes a value, adds, removes, renames or moves a key. Commands do it
// for all their keys before they run (lib/session); keyAdd, keyUnlink and the active expiry of fields do it themselves.
// Exchanging databases needs nothing: a table is known by its handle. Emptying one ends the walk (lost).
//
// INVARIANT: every record that was there at the start is visited exactly once, unchanged, unless the walk is lost.
// COSTS: touch O(1) when the bucket was visited, else visiting some six keys; a bit a bucket of memory.
// LIFETIME: the visited records are valid during the visit.
//
// Source: the idea of bucket versions in Dragonfly's snapshots, reduced to one version.

import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictIndexOf,
  dictSetPolicy,
  RESIZE_FORBID,
} from "./dict.ts";
import { keyCount, type Keyspace } from "./keyspace.ts";

/** Gets the records of some buckets: the first `count` of `records`, of the database that had this number at the start. */
export type BucketVisit = (dbIndex: number, records: Int32Array, count: number) => void;

interface Table {
  dict: number;
  dbIndex: number;
  buckets: number;
  /** A bit a bucket: visited. */
  visited: Uint8Array;
}

/** One walk over a keyspace; Keyspace.walks holds it while it lasts. */
export class PointInTime {
  /** The walk cannot be completed: a database was emptied. */
  lost = false;
  /** Keys visited, and keys there were at the start. */
  keys = 0;
  readonly total: number;
  private ks: Keyspace;
  private visit: BucketVisit;
  private tables: Table[] = [];
  private records = new Int32Array(64);
  private table = 0;
  private next = 0;

  /** Begins the walk: this is the instant. */
  constructor(ks: Keyspace, visit: BucketVisit) {
    this.ks = ks;
    this.visit = visit;
    let total = 0;
    for (const db of ks.dbs) {
      const count = keyCount(ks, db);
      if (count === 0) continue;
      total += count;
      const buckets = dictBucketCount(ks.arena, db.main);
      const visited = new Uint8Array((buckets + 7) >> 3);
      this.tables.push({ dict: db.main, dbIndex: db.index, buckets, visited });
      dictSetPolicy(ks.arena, db.main, RESIZE_FORBID);
    }
    this.total = total;
    ks.walks = [...ks.walks, this];
  }

  /** Something with this hash in the table is about to change, come or go. */
  touch(dict: number, hash: number): void {
    for (const table of this.tables) {
      if (table.dict !== dict) continue;
      this.visitBucket(table, dictIndexOf(this.ks.arena, dict, hash));
      return;
    }
  }

  private visitBucket(table: Table, index: number): void {
    this.visitAll(table, this.gather(table, index, 0));
  }

  /** Marks a bucket as visited and puts its records behind the first `count`. Returns how many there are then. */
  private gather(table: Table, index: number, count: number): number {
    const bit = 1 << (index & 7);
    if ((table.visited[index >> 3] & bit) !== 0) return count;
    table.visited[index >> 3] |= bit;
    const found = dictBucketRead(this.ks.arena, table.dict, index);
    if (count + found > this.records.length) {
      const longer = new Int32Array((count + found) * 2);
      longer.set(this.records);
      this.records = longer;
    }
    // The visit may read other tables through the same scratch.
    for (let i = 0; i < found; i++) this.records[count + i] = chain.entries[i];
    return count + found;
  }

  private visitAll(table: Table, count: number): void {
    if (count === 0) return;
    this.keys += count;
    this.visit(table.dbIndex, this.records, count);
  }

  /** Visits up to `buckets` more buckets. Returns false when all have been visited. */
  step(buckets: number): boolean {
    let left = buckets;
    while (this.table < this.tables.length) {
      const table = this.tables[this.table];
      let count = 0;
      while (this.next < table.buckets && left > 0) {
        left--;
        count = this.gather(table, this.next++, count);
      }
      this.visitAll(table, count);
      if (this.next < table.buckets) return true;
      this.table++;
      this.next = 0;
    }
    return false;
  }

  /** Ends the walk, complete or not. */
  end(): void {
    const { ks } = this;
    ks.walks = ks.walks.filter((walk) => walk !== this);
    for (const { dict } of this.tables) {
      const isThere = ks.dbs.some((db) => db.main === dict);
      if (isThere && ks.walks.length === 0) dictSetPolicy(ks.arena, dict, ks.resizePolicy);
    }
  }
}
