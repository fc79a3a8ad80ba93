// defrag.ts: gives memory back after many blocks were freed all over the arena: empties the sparsest segments by moving
// what is left in them, a slice at a time, while commands go on.
//
//   survey    measures each segment: bytes that live, pages that were used
//   choice    the sparsest ones, until what is resident and not used is within the goal
//   leave     nothing is allocated there any more (lib/mem/evacuation.ts)
//   pass      walks all databases; moves each block that lies there and makes whoever names it name the new place
//   drop      the arena drops a segment when its last block goes
//
// WHY NOT blocks within spans, as allocators do it: a runtime gives back whole buffers only, so a free page is worth
// nothing until its segment is empty. What is moved goes to holes of other segments, or densely to a fresh one.
//
// THE WALK goes through the buckets of each database. A value of more than a few blocks is noted by its key and moved in
// steps of its own (MoveCursor); should it be gone, or have another root, when its turn comes again, it is left to the next
// pass. So is what a table that shrank, or SWAPDB, moved behind the walk. Nothing comes into a leaving segment, so each
// pass has less to do; after PASSES_MAX what is left stays there, and that segment is not chosen again for a while.
//
// Walks at one instant (point_in_time.ts) know tables by their handles: while there is one, nothing is moved.
//
// INVARIANT   between two slices the keyspace is as sound as between two commands.
// LIMITS      segments with a block above MOVE_BYTES_MAX are not chosen: moving one takes too long. See stream_move.ts for
//             consumers with very many pending ids.
// COSTS       a pass 50 to 150 ns a block that stays, 200 to 400 ns one that moves. Meanwhile up to MOVED_SHARE of what
//             is resident is there twice.

import { ArenaFullError } from "../mem/arena.ts";
import { arenaCopy, arenaLeave, arenaStay, arenaSurvey, survey } from "../mem/evacuation.ts";
import { chain, dictBucketCount, dictBucketRead } from "./dict.ts";
import { dictMoveBucket, dictMoveBuckets, dictMoveFrame } from "./dict_move.ts";
import { type Database, keyFind, type Keyspace, recordSwap } from "./keyspace.ts";
import { MoveCursor, Mover } from "./mover.ts";
import {
  recordA,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordSetA,
} from "./record.ts";
import { valueEffort, valueHasRoot, valueMove } from "./value.ts";

/** Largest block that is moved: 0.1 to 0.3 ms. */
export const MOVE_BYTES_MAX = 512 * 1024;
/** Values of more blocks than this are moved in steps. */
const BIG_EFFORT = 8;
const PASSES_MAX = 4;
/** A segment is worth emptying when at least this share of its used pages comes back. */
const GAIN_SHARE = 1 / 16;
/** What is moved in one go at most: this share of what is resident, or so many bytes. */
const MOVED_SHARE = 1 / 4;
const MOVED_BYTES = 256 * 1024 * 1024;
/** Slices' worth of steps: no end. */
const ALL_STEPS = 2 ** 40;

/** What a run is doing. */
const IDLE = 0;
const SURVEY = 1;
const LEAVE = 2;
const MOVE = 3;

// Parts of a pass over one database; the last are the buckets of `volatileHashes`.
const PART_FRAMES = 0;
const PART_RECORDS = 1;
const PART_EXPIRES = 2;
const PARTS = 4;

interface Candidate {
  segment: number;
  liveBytes: number;
  touchedBytes: number;
}

/** A value that is moved in steps. */
interface BigValue {
  db: number;
  hash: number;
  key: Uint8Array;
}

/** Defragmentation of one keyspace. */
export class Defrag {
  readonly mover: Mover;
  /** Steps between two looks at the clock. What does not count as a step forward takes three at most. */
  stepsPerLook = 64;
  /** Keys of which a block was moved, and of which none was. */
  keyHits = 0;
  keyMisses = 0;
  /** Segments that could not be emptied; the owner forgets them from time to time. */
  readonly stubborn = new Set<number>();
  private ks: Keyspace;
  private state = IDLE;
  private goal = 0;
  private segment = 0;
  private candidates: Candidate[] = [];
  private leaving: number[] = [];
  private pass = 0;
  private isBetweenPasses = false;
  private db = 0;
  private part = PART_FRAMES;
  private readonly cursor = new MoveCursor();
  private big: BigValue[] = [];
  private readonly bigCursor = new MoveCursor();
  private bigRoot = 0;
  private bigHits = 0;

  constructor(ks: Keyspace) {
    this.ks = ks;
    this.mover = new Mover(ks.arena);
  }

  get isRunning(): boolean {
    return this.state !== IDLE;
  }

  /**
   * Whether a run that is under way must wait: for a walk, for databases that are filled beside those there are, or for what
   * is freed in slices and leaves by itself.
   */
  get isWaiting(): boolean {
    const { walks, condemned, condemnedValues, isFilledBeside } = this.ks;
    if (walks.length > 0 || isFilledBeside) return true;
    return this.isBetweenPasses && condemned.length + condemnedValues.length > 0;
  }

  /** Begins a run that is to bring the pages that are used up by nothing to `goal` percent of the bytes that live. */
  begin(goal: number): void {
    if (this.isRunning) return;
    this.state = SURVEY;
    this.goal = goal;
    this.segment = 1;
    this.candidates = [];
  }

  /** Begins a run that empties these segments, worth it or not. */
  beginWith(segments: readonly number[]): void {
    if (this.isRunning) return;
    this.state = LEAVE;
    this.leaving = [...segments];
    this.segment = 0;
  }

  /** Ends the run; what was not moved stays. */
  stop(): void {
    const { arena } = this.ks;
    for (const segment of this.leaving) arenaStay(arena, segment);
    arena.listBookmark = 0;
    this.leaving = [];
    this.big = [];
    this.state = IDLE;
  }

  /**
   * Works until the run ends or `clockUs`, a clock in microseconds, has moved on by `budgetUs`. Returns true when there is
   * more to do.
   */
  slice(clockUs: () => number, budgetUs: number): boolean {
    const endUs = clockUs() + budgetUs;
    while (this.isRunning && !this.isWaiting) {
      this.mover.left = this.stepsPerLook;
      try {
        this.step();
      } catch (error) {
        if (!(error instanceof ArenaFullError)) throw error;
        this.stop();
      }
      if (clockUs() >= endUs) break;
    }
    return this.isRunning;
  }

  private step(): void {
    if (this.state === SURVEY) return this.surveyStep();
    if (this.state === LEAVE) return this.leaveStep();
    // All blocks may be gone at once (FLUSHALL).
    if (this.ks.arena.emptyingCount === 0) return this.stop();
    if (this.isBetweenPasses) return this.passEnd();
    while (this.mover.left > 0) {
      if (this.big.length > 0) this.bigStep();
      else if (this.partStep()) this.partNext();
    }
  }

  private surveyStep(): void {
    const { arena } = this.ks;
    const { segment } = this;
    if (segment >= arena.u8.length) return this.choose();
    this.segment++;
    if (this.stubborn.has(segment) || !arenaSurvey(arena, segment)) return;
    if (survey.largestBytes > MOVE_BYTES_MAX) return;
    const touchedBytes = arena.touchedBytesOf[segment];
    this.candidates.push({ segment, liveBytes: survey.liveBytes, touchedBytes });
  }

  private choose(): void {
    const { arena } = this.ks;
    const share = (one: Candidate) => one.liveBytes / Math.max(1, one.touchedBytes);
    const sorted = this.candidates.toSorted((a, b) => share(a) - share(b));
    const movedMax = Math.max(MOVED_BYTES, arena.touchedBytes * MOVED_SHARE);
    const wanted = arena.usedBytes * (1 + this.goal / 100);
    let resident = arena.touchedBytes;
    let moved = 0;
    this.leaving = [];
    for (const { segment, liveBytes, touchedBytes } of sorted) {
      const gain = touchedBytes - liveBytes;
      if (resident <= wanted || gain < touchedBytes * GAIN_SHARE) break;
      if (moved + liveBytes > movedMax) break;
      moved += liveBytes;
      resident -= gain;
      this.leaving.push(segment);
    }
    this.segment = 0;
    this.state = this.leaving.length === 0 ? IDLE : LEAVE;
  }

  private leaveStep(): void {
    if (this.segment < this.leaving.length) {
      arenaLeave(this.ks.arena, this.leaving[this.segment++]);
      return;
    }
    this.pass = 0;
    this.state = MOVE;
    this.passBegin();
  }

  private passBegin(): void {
    this.isBetweenPasses = false;
    this.db = 0;
    this.part = PART_FRAMES;
    this.cursor.reset();
    this.big = [];
  }

  /** Behind a pass, once nothing leaves by itself any more: the next one, or the end. */
  private passEnd(): void {
    const { arena } = this.ks;
    if (++this.pass < PASSES_MAX) return this.passBegin();
    for (const segment of this.leaving) {
      if (arena.emptying[segment] !== 0) this.stubborn.add(segment);
    }
    this.stop();
  }

  private partNext(): void {
    this.cursor.reset();
    if (++this.part < PARTS) return;
    this.part = PART_FRAMES;
    if (++this.db < this.ks.dbs.length) return;
    this.db = 0;
    this.mover.left = 0;
    this.isBetweenPasses = true;
  }

  /** Goes on with one part of a database. True when it is done. */
  private partStep(): boolean {
    const db = this.ks.dbs[this.db];
    switch (this.part) {
      case PART_FRAMES:
        db.main = dictMoveFrame(this.mover, db.main);
        db.expires = dictMoveFrame(this.mover, db.expires);
        db.volatileHashes = dictMoveFrame(this.mover, db.volatileHashes);
        return true;
      case PART_RECORDS:
        return this.recordsStep(db);
      case PART_EXPIRES:
        return dictMoveBuckets(this.mover, db.expires, this.cursor);
      default:
        return dictMoveBuckets(this.mover, db.volatileHashes, this.cursor);
    }
  }

  private entries = new Int32Array(64);
  private hashes = new Int32Array(64);

  /** One bucket of `main` with its records. True behind the last one. */
  private recordsStep(db: Database): boolean {
    const { ks, cursor } = this;
    if (cursor.at >= dictBucketCount(ks.arena, db.main)) return true;
    dictMoveBucket(this.mover, db.main, cursor.at);
    const count = dictBucketRead(ks.arena, db.main, cursor.at++);
    if (count > this.entries.length) {
      this.entries = new Int32Array(chain.entries.length);
      this.hashes = new Int32Array(chain.entries.length);
    }
    for (let i = 0; i < count; i++) {
      this.entries[i] = chain.entries[i];
      this.hashes[i] = chain.hashes[i];
    }
    for (let i = 0; i < count; i++) this.moveRecord(db, this.hashes[i], this.entries[i]);
    this.mover.left--;
    return false;
  }

  private moveRecord(db: Database, hash: number, rec: number): void {
    const { ks, mover } = this;
    const { arena } = ks;
    const meta = recordMeta(arena, rec);
    const hits = mover.hits;
    let isBig = false;
    if (valueHasRoot(meta)) {
      const root = recordA(arena, rec);
      isBig = valueEffort(ks, meta, root) > BIG_EFFORT;
      if (isBig) this.noteBig(hash, rec);
      else this.moveSmall(rec, meta, root);
    }
    mover.left--;
    if (mover.isLeaving(rec)) {
      recordSwap(ks, db, hash, rec, arenaCopy(arena, rec));
      mover.hits++;
      mover.left--;
    } else {
      mover.misses++;
    }
    if (!isBig) this.countKey(mover.hits > hits);
  }

  private moveSmall(rec: number, meta: number, root: number): void {
    const { ks, mover, bigCursor } = this;
    const left = mover.left;
    mover.left = ALL_STEPS;
    bigCursor.reset();
    const fresh = valueMove(ks, meta, root, mover, bigCursor);
    if (fresh !== root) recordSetA(ks.arena, rec, fresh);
    mover.left = left - (ALL_STEPS - mover.left);
  }

  private noteBig(hash: number, rec: number): void {
    const { arena } = this.ks;
    const off = recordKeyOff(arena, rec);
    const key = recordKeyBuf(arena, rec).slice(off, off + recordKeyLen(arena, rec));
    this.big.push({ db: this.db, hash, key });
    this.bigRoot = 0;
  }

  /** Goes on with the value that was noted last. */
  private bigStep(): void {
    const { ks, mover, bigCursor } = this;
    const { db, hash, key } = this.big[this.big.length - 1];
    const rec = keyFind(ks, ks.dbs[db], hash, key, 0, key.length);
    const meta = rec === 0 ? 0 : recordMeta(ks.arena, rec);
    const root = rec !== 0 && valueHasRoot(meta) ? recordA(ks.arena, rec) : 0;
    if (root === 0 || (this.bigRoot !== 0 && this.bigRoot !== root)) return this.bigDone();
    if (this.bigRoot === 0) {
      bigCursor.reset();
      this.bigHits = mover.hits;
    }
    const fresh = valueMove(ks, meta, root, mover, bigCursor);
    if (fresh !== root) recordSetA(ks.arena, rec, fresh);
    this.bigRoot = fresh;
    if (!bigCursor.isDone) return;
    this.countKey(mover.hits > this.bigHits);
    this.bigDone();
  }

  private bigDone(): void {
    this.ks.arena.listBookmark = 0;
    this.big.pop();
    this.bigRoot = 0;
  }

  private countKey(wasMoved: boolean): void {
    if (wasMoved) this.keyHits++;
    else this.keyMisses++;
  }
}
