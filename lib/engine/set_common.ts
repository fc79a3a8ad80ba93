// set_common.ts: the members of one set that other sets all have, or that none of them has, one after the other.
//
//   cursor.start(vc, sets, true);           the intersection; false: what only the first set has
//   while (cursor.next()) out.bulk(cursor.buf, cursor.off, cursor.len);
//
// A table is taken bucket by bucket, and the members of a bucket pass one set after the other:
//
//   bucket -> members, known bits of their hashes -> set 1 -> those it has -> set 2 -> ...
//
// Another table is asked with the known bits where they are enough (member_probe.ts), with whole hashes otherwise; what it
// finds is compared, name with name. Compact sets, and members of compact sets, are looked up one by one.
//
// LIFETIME, ORDER: as those of SetCursor (set_walk.ts), for all the sets.
// COSTS: next O(number of sets), where all are tables: a cache line of each table, and a name only of members it has.

import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { chain, dictBucketCount, dictBucketRead, memberFind } from "./dict.ts";
import { memberBuf, memberEquals, memberLen, memberOff, memberOwnHash } from "./member.ts";
import { memberKnownBits, memberNeededBits, memberProbe } from "./member_probe.ts";
import { ENCODING_HASHTABLE, recordA, recordEncoding } from "./record.ts";
import { setHas } from "./set.ts";
import { SetCursor } from "./set_walk.ts";
import type { ValueContext } from "./value_context.ts";

const NO_BYTES = new Uint8Array(0);
const HASH_BITS = 31;
/** First bytes of names from here on do not say how long they are. */
const LONG = 127;

/** Walks over what sets have in common, or one has alone. The member it stands on is buf[off, off+len). */
export class CommonCursor {
  buf: Uint8Array = NO_BYTES;
  off = 0;
  len = 0;
  #vc: ValueContext | null = null;
  #sets: readonly number[] = [];
  #isWanted = true;
  /** The table of the first set, 0 if that is compact. */
  #table = 0;
  #bucket = 0;
  #buckets = 0;
  #found = 0;
  #taken = 0;
  #members = new Int32Array(64);
  #hashes = new Int32Array(64);
  #candidates = new Int32Array(64);
  readonly #walk = new SetCursor();

  /** Goes in front of the first member of sets[0] that all the others have, or that none of them has. */
  start(vc: ValueContext, sets: readonly number[], isWanted: boolean): void {
    const { arena } = vc;
    const first = sets[0];
    this.#vc = vc;
    this.#sets = sets;
    this.#isWanted = isWanted;
    this.#table = 0;
    this.#bucket = 0;
    this.#found = 0;
    this.#taken = 0;
    if (recordEncoding(arena, first) === ENCODING_HASHTABLE) {
      this.#table = recordA(arena, first);
      this.#buckets = dictBucketCount(arena, this.#table);
    } else {
      this.#walk.start(vc, first);
    }
  }

  /** Goes to the next member. Returns false at the end. */
  next(): boolean {
    const vc = this.#vc;
    if (vc === null) return false;
    if (this.#table === 0) return this.#nextOfCompact(vc);
    while (this.#taken === this.#found) {
      if (this.#bucket === this.#buckets) return false;
      this.#found = this.#pass(vc, this.#bucket++);
      this.#taken = 0;
    }
    const { arena } = vc;
    const member = this.#members[this.#taken++];
    this.buf = memberBuf(arena, member);
    this.off = memberOff(arena, member, 0);
    this.len = memberLen(arena, member, 0);
    return true;
  }

  #nextOfCompact(vc: ValueContext): boolean {
    const walk = this.#walk;
    while (walk.next()) {
      const { buf, off, len } = walk;
      if (!this.#passes(vc, buf, off, len)) continue;
      this.buf = buf;
      this.off = off;
      this.len = len;
      return true;
    }
    return false;
  }

  #passes(vc: ValueContext, buf: Uint8Array, off: number, len: number): boolean {
    const sets = this.#sets;
    for (let i = 1; i < sets.length; i++) {
      if (setHas(vc, sets[i], buf, off, len) !== this.#isWanted) return false;
    }
    return true;
  }

  /** Lets the members of a bucket pass the other sets. Returns how many of them are left in #members. */
  #pass(vc: ValueContext, index: number): number {
    const { arena } = vc;
    let count = dictBucketRead(arena, this.#table, index);
    if (count > this.#members.length) this.#grow(chain.entries.length);
    const members = this.#members;
    const hashes = this.#hashes;
    for (let i = 0; i < count; i++) {
      members[i] = chain.entries[i];
      hashes[i] = chain.hashes[i];
    }
    let known = memberKnownBits(arena, this.#table, index);
    const sets = this.#sets;
    for (let i = 1; i < sets.length && count > 0; i++) {
      if (recordEncoding(arena, sets[i]) !== ENCODING_HASHTABLE) {
        count = this.#passCompact(vc, sets[i], count);
        continue;
      }
      const other = recordA(arena, sets[i]);
      if (known < memberNeededBits(arena, other)) {
        known = HASH_BITS;
        for (let k = 0; k < count; k++) hashes[k] = memberOwnHash(vc, members[k], 0);
      }
      count = this.#passTable(arena, other, count);
    }
    return count;
  }

  #passTable(arena: Arena, other: number, count: number): number {
    const members = this.#members;
    const hashes = this.#hashes;
    const candidates = this.#candidates;
    const isWanted = this.#isWanted;
    memberProbe(arena, other, hashes, candidates, count);
    let left = 0;
    for (let k = 0; k < count; k++) {
      const member = members[k];
      const hash = hashes[k];
      const candidate = candidates[k];
      const has = candidate !== 0 &&
        (isSameName(arena, candidate, member) || isFound(arena, other, hash, member));
      if (has !== isWanted) continue;
      members[left] = member;
      hashes[left++] = hash;
    }
    return left;
  }

  #passCompact(vc: ValueContext, other: number, count: number): number {
    const { arena } = vc;
    const members = this.#members;
    const hashes = this.#hashes;
    let left = 0;
    for (let k = 0; k < count; k++) {
      const member = members[k];
      const off = memberOff(arena, member, 0);
      const len = memberLen(arena, member, 0);
      if (setHas(vc, other, memberBuf(arena, member), off, len) !== this.#isWanted) continue;
      members[left] = member;
      hashes[left++] = hashes[k];
    }
    return left;
  }

  #grow(length: number): void {
    this.#members = new Int32Array(length);
    this.#hashes = new Int32Array(length);
    this.#candidates = new Int32Array(length);
  }
}

/** Whether two members of sets have the same name. */
function isSameName(arena: Arena, a: number, b: number): boolean {
  // Blocks start at whole words: heads and names are compared four bytes at a time.
  const wordsA = arena.i32[a >>> SEGMENT_SHIFT];
  const wordsB = arena.i32[b >>> SEGMENT_SHIFT];
  let atA = (a & UNIT_MASK) << 2;
  let atB = (b & UNIT_MASK) << 2;
  const len = wordsA[atA] & LONG;
  if (len === LONG) {
    const off = memberOff(arena, b, 0);
    return memberEquals(arena, a, 0, memberBuf(arena, b), off, memberLen(arena, b, 0));
  }
  let left = len + 1;
  for (; left >= 4; left -= 4) if (wordsA[atA++] !== wordsB[atB++]) return false;
  return left === 0 || ((wordsA[atA] ^ wordsB[atB]) << (32 - 8 * left)) === 0;
}

/** Whether a table has a member with this name, of whose hash the bits the table needs are known. */
function isFound(arena: Arena, dict: number, hash: number, member: number): boolean {
  const off = memberOff(arena, member, 0);
  const len = memberLen(arena, member, 0);
  return memberFind(arena, dict, 0, hash, memberBuf(arena, member), off, len) !== 0;
}
