// rdb_profile.ts: figures about the values of a snapshot: for each database and type how many, how large, how their sizes
// are spread.
//
//   elements of a   string   list    set      sorted set       hash            stream
//   are             itself   each    each     name and score   name and value  name and value of each pair
//   counted as      1        n       n        n; 2 n packed    n               n entries
//
// Sorted sets that are packed count two elements for each member: that is what the reference prints, whose figures these
// are compared with.
//
// Source followed: the output of valkey-check-rdb --stats, Valkey 9.1.

import { DOUBLE_TEXT_MAX, doubleFormatShortest } from "../bytes/double.ts";
import { HashCursor } from "../engine/hash_walk.ts";
import type { Keyspace } from "../engine/keyspace.ts";
import { ListCursor } from "../engine/list_cursor.ts";
import { entry } from "../engine/listpack.ts";
import {
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordType,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_ZSET,
} from "../engine/record.ts";
import { SetCursor } from "../engine/set_walk.ts";

import { EntryCursor } from "../engine/stream_entries.ts";
import { ID_MAX, ID_MIN } from "../engine/stream_id.ts";
import { streamLength } from "../engine/stream_root.ts";
import { ZsetCursor } from "../engine/zset_range.ts";

/** Number of types; modules (5) never occur. */
const TYPES = 7;
/** Values of this many bits are told apart; larger ones to one part in 1024. */
const EXACT_BITS = 11;
/** Counts and sizes from here on are left out of percentiles. */
const COUNT_BOUND = 1 << 18;
const SIZE_BOUND = 1 << 21;

const listCursor = new ListCursor();
const setCursor = new SetCursor();
const zsetCursor = new ZsetCursor();
const hashCursor = new HashCursor();
const entryCursor = new EntryCursor();
const scoreText = new Uint8Array(DOUBLE_TEXT_MAX);

/** How often values occurred, for percentiles. */
export class Spread {
  private bound: number;
  private total = 0;
  private counts = new Map<number, number>();

  /** Values from `bound` on are not recorded. */
  constructor(bound: number) {
    this.bound = bound;
  }

  record(value: number): void {
    if (value >= this.bound) return;
    const shift = Math.max(0, 32 - EXACT_BITS - Math.clz32(value));
    const last = (((value >>> shift) + 1) << shift) - 1;
    this.counts.set(last, (this.counts.get(last) ?? 0) + 1);
    this.total++;
  }

  /** The value that `percent` of those recorded do not exceed; 0 when there is none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor(percent / 100 * this.total + 0.5));
    let seen = 0;
    for (const value of [...this.counts.keys()].sort((a, b) => a - b)) {
      seen += this.counts.get(value) ?? 0;
      if (seen >= wanted) return value;
    }
    return 0;
  }
}

/** Figures about the values of one type in one database; sizes in bytes. */
export class TypeProfile {
  keys = 0;
  expires = 0;
  alreadyExpired = 0;
  keyBytes = 0;
  elements = 0;
  elementBytes = 0;
  /** Largest number of elements of one value, and largest element. */
  elementsMax = 0;
  elementBytesMax = 0;
  readonly counts: Spread = new Spread(COUNT_BOUND);
  readonly sizes: Spread = new Spread(SIZE_BOUND);

  /** Counts one element of `bytes`. */
  element(bytes: number): void {
    this.elementBytes += bytes;
    this.elementBytesMax = Math.max(this.elementBytesMax, bytes);
    this.sizes.record(bytes);
  }

  /** Counts one value of `count` elements. */
  count(count: number): void {
    this.elements += count;
    this.elementsMax = Math.max(this.elementsMax, count);
    this.counts.record(count);
  }
}

/** Figures about a data set. */
export class DataProfile {
  private databases = new Map<number, TypeProfile[]>();
  private current: TypeProfile = new TypeProfile();

  /** The figures of a database, by type. */
  database(index: number): readonly TypeProfile[] {
    const found = this.databases.get(index);
    if (found !== undefined) return found;
    return Array.from({ length: TYPES }, () => new TypeProfile());
  }

  /** Counts a key; its value is what is counted next. */
  key(database: number, type: number, keyLen: number, expires: boolean, isOver: boolean): void {
    let profiles = this.databases.get(database);
    if (profiles === undefined) {
      profiles = Array.from({ length: TYPES }, () => new TypeProfile());
      this.databases.set(database, profiles);
    }
    const profile = profiles[type];
    profile.keys++;
    profile.keyBytes += keyLen;
    if (expires) profile.expires++;
    if (expires && isOver) profile.alreadyExpired++;
    this.current = profile;
  }

  /** Counts a string of `len` bytes. */
  string(len: number): void {
    this.current.element(len);
    this.current.count(1);
  }

  /** Counts the value of a record that is no string. */
  value(ks: Keyspace, rec: number): void {
    const type = recordType(ks.arena, rec);
    if (type === TYPE_LIST) this.list(ks, rec);
    else if (type === TYPE_SET) this.set(ks, rec);
    else if (type === TYPE_ZSET) this.sortedSet(ks, rec);
    else if (type === TYPE_HASH) this.hash(ks, rec);
    else if (type === TYPE_STREAM) this.stream(ks, rec);
  }

  private list(ks: Keyspace, rec: number): void {
    let count = 0;
    listCursor.start(ks, rec, 0, false);
    for (; listCursor.next(); count++) this.current.element(listCursor.len);
    this.current.count(count);
  }

  private set(ks: Keyspace, rec: number): void {
    let count = 0;
    setCursor.start(ks, rec);
    for (; setCursor.next(); count++) this.current.element(setCursor.len);
    this.current.count(count);
  }

  private sortedSet(ks: Keyspace, rec: number): void {
    let count = 0;
    zsetCursor.start(ks, rec, 0, false);
    for (; zsetCursor.next(); count++) {
      const scoreLen = doubleFormatShortest(zsetCursor.score, scoreText, 0);
      this.current.element(zsetCursor.len + scoreLen);
    }
    const isPacked = recordEncoding(ks.arena, rec) === ENCODING_LISTPACK;
    this.current.count(isPacked ? 2 * count : count);
  }

  private hash(ks: Keyspace, rec: number): void {
    let count = 0;
    hashCursor.start(ks, rec, 0);
    for (; hashCursor.next(); count++) this.current.element(hashCursor.nameLen + hashCursor.len);
    this.current.count(count);
  }

  private stream(ks: Keyspace, rec: number): void {
    const root = recordA(ks.arena, rec);
    entryCursor.start(ks, root, ID_MIN, 0, ID_MAX, 0);
    while (entryCursor.next(ks)) {
      for (let left = entryCursor.fields; left > 0; left--) {
        entryCursor.field();
        const nameLen = entry.len;
        entryCursor.value();
        this.current.element(nameLen + entry.len);
      }
    }
    this.current.count(streamLength(ks.arena, root));
  }
}
