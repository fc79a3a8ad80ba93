// keyspace.ts: databases of key records: find, add, move, expire, delete. Knows no command and no client.
//
// A database is three dicts over the same records: `main` holds every key, `expires` those with a time to live, and
// `volatileHashes` the hashes of which some field has one; all under the same keyed 31-bit hash. A record that is
// reallocated changes its handle, so every function that may move a record returns the new handle and keeps all dicts
// true. Which of them a record belongs to is told by its meta byte (HAS_EXPIRE, ENCODING_HASHTABLE_VOLATILE); who changes
// the encoding of a hash that is in a table calls keyTrackFields.
//
// CONTRACT OF THE SLOT. keyFind leaves the record's place in dict.ts `slot`. Functions that take `rec` as found
// (keyDelete, recordResize, stringStore ...) find what they need again by handle only when told nothing moved; callers
// pass the hash they used.
//
// EXPIRY is stored exactly as a signed 64-bit millisecond time. A key is gone when that time is before now; this
// module never looks at a clock, callers give `nowMs`.
//
// COSTS: find one hash, one or two bucket lines, one record line.

import {
  type Arena,
  Arena as ArenaState,
  arenaAlloc,
  arenaFree,
  arenaRounded,
  arenaUsable,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../mem/arena.ts";
import { copyBytes } from "../bytes/ascii.ts";
import { hash31 } from "../bytes/hash.ts";
import {
  dictCount,
  dictCreate,
  dictDeleteSlot,
  dictFind,
  dictFindEntry,
  dictInsert,
  dictRandom,
  dictReplaceSlot,
  KIND_RECORDS,
  RESIZE_FREE,
} from "./dict.ts";
import {
  ENCODING_BITS,
  ENCODING_EMBSTR,
  ENCODING_HASHTABLE_VOLATILE,
  ENCODING_INT,
  ENCODING_RAW,
  HAS_EXPIRE,
  headerBytes,
  isEmbedded,
  metaByte,
  recordA,
  recordEncoding,
  recordExpireMs,
  recordExpireWord,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordSetA,
} from "./record.ts";
import { type Lookup, touchAccess } from "./access.ts";
import {
  type CondemnedValue,
  LAZY_FREE_EFFORT,
  valueEffort,
  valueFree,
  valueHasRoot,
} from "./value.ts";
import { EncodingLimits, type ValueContext } from "./value_context.ts";

/** The meta bits that say a record is in `expires`, and those that say it is in `volatileHashes`: all must be set. */
const IN_EXPIRES = HAS_EXPIRE;
const IN_VOLATILE_HASHES = ENCODING_HASHTABLE_VOLATILE << 3;
/** A meta byte with none of these bits is that of a record which is in `main` only: one test for nearly all keys. */
const IN_SIDE_TABLE = HAS_EXPIRE | 0x40;

/** One numbered database. */
export class Database {
  index: number;
  /** Dict of all records. */
  main: number;
  /** Dict of the records with an expiry. */
  expires: number;
  /** Dict of the records with encoding HASHTABLE_VOLATILE. */
  volatileHashes: number;
  /** Running mean of the remaining time of sampled volatile keys, milliseconds; 0 when unknown. */
  meanTtlMs = 0;
  /** Where the active expiry goes on in `expires`. */
  expireCursor = 0;
  /** Where the active expiry goes on in `volatileHashes`. */
  fieldCursor = 0;
  /** Whether a client has ever selected it. */
  wasSelected: boolean;

  constructor(arena: Arena, index: number) {
    this.index = index;
    this.wasSelected = index === 0;
    this.main = dictCreate(arena, KIND_RECORDS);
    this.expires = dictCreate(arena, KIND_RECORDS);
    this.volatileHashes = dictCreate(arena, KIND_RECORDS);
  }
}

/** Told about keys that come, go or change: for WATCH, blocked clients, notifications, tracking. */
export interface KeyspaceObserver {
  /** A key that was absent is in the database now, under a name that may have been moved or copied there. */
  added(db: Database, rec: number): void;
  /** A value is about to leave its key: deleted, renamed, moved or overwritten by another type. */
  leaving(db: Database, rec: number): void;
  /** A key that was there already has something new for those who wait for it (a stream entry). */
  ready(db: Database, rec: number): void;
  /** A key was changed or removed (by a command or by expiry). */
  touched(db: Database, buf: Uint8Array, off: number, len: number): void;
  /** A key was removed because its time came. */
  expired(db: Database, buf: Uint8Array, off: number, len: number): void;
  /**
   * Fields of a hash, by these names, were removed because their time came; with `isLast` none is left and the key goes
   * next.
   */
  fieldsExpired(
    db: Database,
    buf: Uint8Array,
    off: number,
    len: number,
    isLast: boolean,
    names: readonly Uint8Array[],
  ): void;
  /** All keys of a database are about to go. */
  flushing(db: Database): void;
  /** Two databases are about to change places. */
  swapping(first: Database, second: Database): void;
}

/** Tables of a flushed database that wait to be taken apart (see reclaim.ts). */
export interface Condemned {
  main: number;
  expires: number;
  volatileHashes: number;
}

/** A walk that must see what is in a bucket before it changes. */
export interface KeyspaceWalk {
  /** Something with this hash in the table `dict` is about to change, come or go. */
  touch(dict: number, hash: number): void;
  /** A database was emptied. */
  lost: boolean;
}

/** To be called before the value of a key, present or not, changes. */
export function keyTouching(ks: Keyspace, db: Database, hash: number): void {
  for (const walk of ks.walks) walk.touch(db.main, hash);
}

/** All databases of one engine and the arena they live in. */
export class Keyspace implements Lookup, ValueContext {
  arena: Arena = new ArenaState();
  dbs: Database[] = [];
  hashKey0: number;
  hashKey1: number;
  /** A random word; used for sampling and LFU. */
  next32: () => number;
  /** LRU clock: seconds modulo 2^24; LFU clock: minutes modulo 2^16. Kept by the owner. */
  lruSeconds = 0;
  lfuMinutes = 0;
  lfuEnabled = false;
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** Whether large values that expire, are deleted, evicted, or overwritten, are freed in slices. */
  lazyExpire = true;
  lazyUserDel = true;
  lazyEvict = true;
  lazyOverwrite = true;
  readonly limits = new EncodingLimits();
  /** Resize policy of tables that no walk holds. */
  resizePolicy: number = RESIZE_FREE;
  observer: KeyspaceObserver | null = null;
  /** Told about each key that gets a time. */
  expirySet: ((db: Database, rec: number) => void) | null = null;
  /**
   * Grows whenever a record may have left its table or changed its handle: handles looked up ahead are good while it
   * stands still.
   */
  moves = 0;
  /** Keys removed because their time came, ever. */
  expiredKeys = 0;
  /** Fields of hashes removed because their time came, ever. */
  expiredFields = 0;
  /** Walks under way that must see values before they change (point_in_time.ts). */
  walks: readonly KeyspaceWalk[] = [];
  condemned: Condemned[] = [];
  /** Values that wait to be freed in slices. */
  condemnedValues: CondemnedValue[] = [];
  /** Keys of condemned databases whose memory came back, ever. */
  reclaimedKeys = 0;
  /** Blocks of the arena that no database owns. While there are any the arena is never dropped as a whole. */
  foreignBlocks = 0;
  /** Databases that are in no keyspace yet are being filled; foreignBlocks is not 0 meanwhile. */
  isFilledBeside = false;

  constructor(databases: number, seed: Int32Array, next32: () => number) {
    this.hashKey0 = seed[0];
    this.hashKey1 = seed[1];
    this.next32 = next32;
    for (let i = 0; i < databases; i++) this.dbs.push(new Database(this.arena, i));
  }
}

/** The keyed hash of a key. */
export function keyHash(ks: Keyspace, buf: Uint8Array, off: number, len: number): number {
  return hash31(ks.hashKey0, ks.hashKey1, buf, off, len);
}

/** The record of a key, expired or not, or 0. */
export function keyFind(
  ks: Keyspace,
  db: Database,
  hash: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  return dictFind(ks.arena, db.main, hash, buf, off, len);
}

/** Whether the record's time is before `nowMs`. */
export function keyIsExpired(ks: Keyspace, rec: number, nowMs: number): boolean {
  const arena = ks.arena;
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  if ((words[(rec & UNIT_MASK) << 2] & HAS_EXPIRE) === 0) return false;
  return recordExpireMs(arena, rec) < nowMs;
}

/** Keys of a database. */
export function keyCount(ks: Keyspace, db: Database): number {
  return dictCount(ks.arena, db.main);
}

/** Keys of a database that have an expiry. */
export function keyCountVolatile(ks: Keyspace, db: Database): number {
  return dictCount(ks.arena, db.expires);
}

/** Hashes of a database that have fields with an expiry. */
export function keyCountVolatileHashes(ks: Keyspace, db: Database): number {
  return dictCount(ks.arena, db.volatileHashes);
}

/** Hash of a record's own key. */
export function recordHash(ks: Keyspace, rec: number): number {
  const off = recordKeyOff(ks.arena, rec);
  return hash31(
    ks.hashKey0,
    ks.hashKey1,
    ks.arena.u8[rec >>> SEGMENT_SHIFT],
    off,
    recordKeyLen(ks.arena, rec),
  );
}

/**
 * A new record that is in no table yet: header, key copied from `buf`, room for `tailBytes` behind it. Word A and B,
 * the expiry and the tail are left for the caller.
 */
export function recordCreate(
  ks: Keyspace,
  meta: number,
  buf: Uint8Array,
  off: number,
  len: number,
  tailBytes: number,
): number {
  const arena = ks.arena;
  const head = headerBytes(meta);
  const rec = arenaAlloc(arena, head + len + tailBytes);
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  words[w] = meta | (newAccessClock(ks) << 8);
  words[w + 1] = len;
  copyBytes(buf, off, arena.u8[rec >>> SEGMENT_SHIFT], (w << 2) + head, len);
  return rec;
}

/** Access clock of a record that is made now. */
export function newAccessClock(ks: Keyspace): number {
  return ks.lfuEnabled ? (ks.lfuMinutes << 8) | 5 : ks.lruSeconds;
}

/** Adds a record made by recordCreate under its hash; the key must be absent. */
export function keyAdd(ks: Keyspace, db: Database, hash: number, rec: number): void {
  if (ks.walks.length > 0) keyTouching(ks, db, hash);
  dictInsert(ks.arena, db.main, hash, rec);
  const meta = recordMeta(ks.arena, rec);
  if ((meta & IN_SIDE_TABLE) !== 0) {
    if ((meta & IN_EXPIRES) !== 0) dictInsert(ks.arena, db.expires, hash, rec);
    if (isVolatileHash(meta)) dictInsert(ks.arena, db.volatileHashes, hash, rec);
  }
  if (ks.observer !== null) ks.observer.added(db, rec);
}

/**
 * Adds a key with a value that has a root: a list, set, sorted set, hash or stream without expiry; the key must be
 * absent. Returns the record's handle.
 */
export function keyCreate(
  ks: Keyspace,
  db: Database,
  hash: number,
  buf: Uint8Array,
  off: number,
  len: number,
  type: number,
  encoding: number,
  root: number,
): number {
  const rec = recordCreate(ks, metaByte(type, encoding, false), buf, off, len, 0);
  recordSetA(ks.arena, rec, root);
  keyAdd(ks, db, hash, rec);
  return rec;
}

/** Whether a meta byte is that of a hash with volatile fields. */
export function isVolatileHash(meta: number): boolean {
  return (meta & IN_VOLATILE_HASHES) === IN_VOLATILE_HASHES;
}

/**
 * To be called after an operation on a hash that is in a table: makes `volatileHashes` follow its encoding.
 * `wasVolatile` tells whether that was HASHTABLE_VOLATILE before.
 */
export function keyTrackFields(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  wasVolatile: boolean,
): void {
  const isVolatile = isVolatileHash(recordMeta(ks.arena, rec));
  if (isVolatile === wasVolatile) return;
  if (isVolatile) dictInsert(ks.arena, db.volatileHashes, hash, rec);
  else sideRemove(ks.arena, db.volatileHashes, hash, rec);
}

/** Puts `fresh` in the place of `rec` in the tables, following a change of its meta byte; frees the old block only. */
export function recordSwap(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  fresh: number,
): void {
  const arena = ks.arena;
  const had = recordMeta(arena, rec);
  const has = recordMeta(arena, fresh);
  if (fresh !== rec) {
    dictFindEntry(arena, db.main, hash, rec);
    dictReplaceSlot(arena, fresh);
  }
  if (((had | has) & IN_SIDE_TABLE) !== 0) {
    const hadTime = (had & IN_EXPIRES) !== 0;
    sideSwap(arena, db.expires, hash, rec, fresh, hadTime, (has & IN_EXPIRES) !== 0);
    const hadFields = isVolatileHash(had);
    sideSwap(arena, db.volatileHashes, hash, rec, fresh, hadFields, isVolatileHash(has));
  }
  if (fresh === rec) return;
  ks.moves++;
  arenaFree(arena, rec);
}

/** Makes a side table follow: `rec` was in it or not, `fresh` shall be or not. */
function sideSwap(
  arena: Arena,
  dict: number,
  hash: number,
  rec: number,
  fresh: number,
  had: boolean,
  has: boolean,
): void {
  if (had && has) {
    if (fresh === rec) return;
    dictFindEntry(arena, dict, hash, rec);
    dictReplaceSlot(arena, fresh);
  } else if (had) {
    sideRemove(arena, dict, hash, rec);
  } else if (has) {
    dictInsert(arena, dict, hash, fresh);
  }
}

function sideRemove(arena: Arena, dict: number, hash: number, rec: number): void {
  dictFindEntry(arena, dict, hash, rec);
  dictDeleteSlot(arena, dict, hash);
}

/**
 * Gives the record another meta byte and tail length, keeping key, clock and, where both have one, word A, B and expiry.
 * The tail's first min(old, new) bytes are kept. Returns the record's handle, which may be new.
 */
export function recordReshape(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  meta: number,
  tailBytes: number,
): number {
  const arena = ks.arena;
  const oldMeta = recordMeta(arena, rec);
  if (meta === oldMeta) {
    const bytes = headerBytes(meta) + recordKeyLen(arena, rec) + tailBytes;
    if (arenaUsable(arena, rec) === arenaRounded(bytes)) return rec;
  }
  const keyLen = recordKeyLen(arena, rec);
  const oldTail = recordEncoding(arena, rec) === ENCODING_EMBSTR ? recordA(arena, rec) : 0;
  const head = headerBytes(meta);
  const fresh = arenaAlloc(arena, head + keyLen + tailBytes);
  const source = arena.u8[rec >>> SEGMENT_SHIFT];
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  const freshWords = arena.i32[fresh >>> SEGMENT_SHIFT];
  const f = (fresh & UNIT_MASK) << 2;
  freshWords[f] = (words[w] & ~0xff) | meta;
  freshWords[f + 1] = keyLen;
  freshWords[f + 2] = words[w + 2];
  const wasInt = (oldMeta >> 3 & 15) === ENCODING_INT;
  if (wasInt && (meta >> 3 & 15) === ENCODING_INT) freshWords[f + 3] = words[w + 3];
  if ((meta & HAS_EXPIRE) !== 0 && (oldMeta & HAS_EXPIRE) !== 0) {
    const from = recordExpireWord(arena, rec);
    const to = recordExpireWord(arena, fresh);
    freshWords[to] = words[from];
    freshWords[to + 1] = words[from + 1];
  }
  copyBytes(
    source,
    (w << 2) + headerBytes(oldMeta),
    arena.u8[fresh >>> SEGMENT_SHIFT],
    (f << 2) + head,
    keyLen + Math.min(oldTail, tailBytes),
  );
  recordSwap(ks, db, hash, rec, fresh);
  return fresh;
}

/**
 * Frees what the record names outside its own block. With `later`, a large value is only condemned and its memory comes
 * back in slices (reclaim.ts).
 */
export function recordFreeValue(ks: Keyspace, rec: number, later = false): void {
  const meta = recordMeta(ks.arena, rec);
  if (!valueHasRoot(meta)) return;
  const root = recordA(ks.arena, rec);
  if (later && valueEffort(ks, meta, root) > LAZY_FREE_EFFORT) {
    ks.condemnedValues.push({ meta, root });
  } else {
    valueFree(ks, meta, root);
  }
}

/** Frees a record that is in no table and never got a value. */
export function recordAbandon(ks: Keyspace, rec: number): void {
  arenaFree(ks.arena, rec);
}

/** Frees a record that is in no table, with its value. */
export function recordDiscard(ks: Keyspace, rec: number, later = false): void {
  recordFreeValue(ks, rec, later);
  arenaFree(ks.arena, rec);
}

/** Takes a record out of its tables and leaves the block alive (RENAME, MOVE). */
export function keyUnlink(ks: Keyspace, db: Database, hash: number, rec: number): void {
  const arena = ks.arena;
  if (ks.walks.length > 0) keyTouching(ks, db, hash);
  if (ks.observer !== null) ks.observer.leaving(db, rec);
  ks.moves++;
  dictFindEntry(arena, db.main, hash, rec);
  dictDeleteSlot(arena, db.main, hash);
  const meta = recordMeta(arena, rec);
  if ((meta & IN_SIDE_TABLE) === 0) return;
  if ((meta & IN_EXPIRES) !== 0) sideRemove(arena, db.expires, hash, rec);
  if (isVolatileHash(meta)) sideRemove(arena, db.volatileHashes, hash, rec);
}

/** Removes a key and frees its value, a large one in slices if `later`. */
export function keyDelete(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  later = false,
): void {
  keyUnlink(ks, db, hash, rec);
  recordDiscard(ks, rec, later);
}

/**
 * Puts `fresh`, a record of the same key that is in no table, in the place of `rec` and frees that one with its value, a
 * large one in slices if `later`. Nobody is told of a new key: there was one.
 */
export function keyReplace(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  fresh: number,
  later: boolean,
): void {
  if (ks.walks.length > 0) keyTouching(ks, db, hash);
  if (ks.observer !== null) ks.observer.leaving(db, rec);
  recordFreeValue(ks, rec, later);
  recordSwap(ks, db, hash, rec, fresh);
}

/** Removes a key whose time came and tells the observer. */
export function keyExpire(ks: Keyspace, db: Database, hash: number, rec: number): void {
  ks.expiredKeys++;
  if (ks.observer !== null) {
    const arena = ks.arena;
    const bytes = arena.u8[rec >>> SEGMENT_SHIFT];
    ks.observer.expired(db, bytes, recordKeyOff(arena, rec), recordKeyLen(arena, rec));
  }
  keyDelete(ks, db, hash, rec, ks.lazyExpire);
}

/** Sets or replaces the expiry (milliseconds as lo, hi). Returns the record's handle, which may be new. */
export function recordSetExpire(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  lo: number,
  hi: number,
): number {
  const arena = ks.arena;
  const meta = recordMeta(arena, rec);
  let target = rec;
  if ((meta & HAS_EXPIRE) === 0) {
    const isString = recordEncoding(arena, rec) === ENCODING_EMBSTR;
    const tail = isString ? recordA(arena, rec) : 0;
    if (isString && !isEmbedded(recordKeyLen(arena, rec), tail, true)) {
      target = recordUnembed(ks, db, hash, rec, meta | HAS_EXPIRE);
    } else {
      target = recordReshape(ks, db, hash, rec, meta | HAS_EXPIRE, tail);
    }
  }
  const words = arena.i32[target >>> SEGMENT_SHIFT];
  const w = recordExpireWord(arena, target);
  words[w] = lo;
  words[w + 1] = hi;
  if (ks.expirySet !== null) ks.expirySet(db, target);
  return target;
}

/** Turns an EMBSTR record into a RAW one with the flags of `meta`. Returns the record's handle, which may be new. */
function recordUnembed(
  ks: Keyspace,
  db: Database,
  hash: number,
  rec: number,
  meta: number,
): number {
  const arena = ks.arena;
  const value = rawCopy(ks, rec);
  const target = recordReshape(ks, db, hash, rec, (meta & ~ENCODING_BITS) | ENCODING_RAW << 3, 0);
  arena.i32[target >>> SEGMENT_SHIFT][((target & UNIT_MASK) << 2) + 2] = value;
  return target;
}

/** A RAW value block with the bytes of an EMBSTR record. */
export function rawCopy(ks: Keyspace, rec: number): number {
  const arena = ks.arena;
  const len = recordA(arena, rec);
  const value = arenaAlloc(arena, 4 + len);
  arena.i32[value >>> SEGMENT_SHIFT][(value & UNIT_MASK) << 2] = len;
  copyBytes(
    arena.u8[rec >>> SEGMENT_SHIFT],
    recordKeyOff(arena, rec) + recordKeyLen(arena, rec),
    arena.u8[value >>> SEGMENT_SHIFT],
    ((value & UNIT_MASK) << 4) + 4,
    len,
  );
  return value;
}

/** Removes the expiry if there is one. Returns the record's handle, which may be new. */
export function recordPersist(ks: Keyspace, db: Database, hash: number, rec: number): number {
  const meta = recordMeta(ks.arena, rec);
  if ((meta & HAS_EXPIRE) === 0) return rec;
  const encoding = recordEncoding(ks.arena, rec);
  const tail = encoding === ENCODING_EMBSTR ? recordA(ks.arena, rec) : 0;
  return recordReshape(ks, db, hash, rec, meta & ~HAS_EXPIRE, tail);
}

/** A random record of the database, expired ones included, or 0. */
export function keyRandom(ks: Keyspace, db: Database): number {
  return dictRandom(ks.arena, db.main, ks.next32);
}

/** Gives a database new, empty tables. What happens to the old ones is the caller's business. */
export function databaseRenew(ks: Keyspace, db: Database): void {
  ks.moves++;
  db.main = dictCreate(ks.arena, KIND_RECORDS);
  db.expires = dictCreate(ks.arena, KIND_RECORDS);
  db.volatileHashes = dictCreate(ks.arena, KIND_RECORDS);
  db.meanTtlMs = 0;
  db.expireCursor = 0;
  db.fieldCursor = 0;
}

/** Exchanges the contents of two databases. */
export function databaseSwap(a: Database, b: Database): void {
  const { index, wasSelected, ...contents } = a;
  const target = { index: b.index, wasSelected: b.wasSelected };
  Object.assign(a, b, { index, wasSelected });
  Object.assign(b, contents, target);
}

/** Marks a read or write access on the record for LRU or LFU. */
export function keyTouch(ks: Keyspace, rec: number): void {
  const words = ks.arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  if (ks.lfuEnabled) touchAccess(ks, words, w);
  else if (words[w] >>> 8 !== ks.lruSeconds) words[w] = (words[w] & 0xff) | (ks.lruSeconds << 8);
}
