// rehearsal.ts: what a background save does with keys, done a few times without a file.
//
// WHY: the first save of a process meets code that has never run. Until it is compiled, writing a key down takes ten times as
// long, and every command that writes waits for some six keys (engine/point_in_time.ts): a few thousand commands a second
// pile up for 20 to 40 ms. So the code runs beforehand, in slices of a millisecond, on the keys that are there. Nothing
// is kept of it.

import { PointInTime } from "../engine/point_in_time.ts";
import { keyCount, type Keyspace, keyTouching } from "../engine/keyspace.ts";
import type { WriterFor } from "./saver.ts";

/** Slices in all, and what each may take. */
const SLICES = 40;
const SLICE_US = 1000;
const SLICE_KEYS = 4096;
/** With fewer keys a save is over before it could be in the way. */
const KEYS_MIN = 10_000;
const BUCKETS_PER_LOOK = 4;

/** The rehearsal of one process. */
export class Rehearsal {
  private left = SLICES;

  /** Works for a slice, if there is something left to do and nothing real is under way. */
  slice(ks: Keyspace, writerFor: WriterFor, clockUs: () => number): void {
    if (this.left === 0 || ks.walks.length > 0) return;
    const db = ks.dbs.find((one) => keyCount(ks, one) >= KEYS_MIN);
    if (db === undefined) return;
    this.left--;
    const writer = writerFor(() => {});
    const walk = new PointInTime(ks, (dbIndex, records, count) => {
      writer.keys(dbIndex, records, count);
    });
    const endUs = clockUs() + SLICE_US;
    try {
      do {
        // As a command does that changes a key.
        keyTouching(ks, db, ks.next32() & 0x7fffffff);
      } while (walk.step(BUCKETS_PER_LOOK) && walk.keys < SLICE_KEYS && clockUs() < endUs);
    } finally {
      walk.end();
    }
  }
}
