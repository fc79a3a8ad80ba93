// set_walk.ts: the members of a set one after the other, or at random, without an object for each.
//
//   cursor.start(vc, rec);
//   while (cursor.next()) out.bulk(cursor.buf, cursor.off, cursor.len);
//
// A member has an `id` while the set does not change: the index in an intset, the position in a listpack, the handle of
// a member block in a table. setRemoveAt (set.ts) takes it.
//
// ORDER: an intset's members rise; a listpack's come as they were added; a table's bucket by bucket. Copying a table in
// this order fills the new one evenly: it always has about as many buckets as were read.
//
// LIFETIME: while a cursor walks, its set must not change; other sets may, and may be walked by cursors of their own.
// The bytes stay until the next call on the same cursor.
// COSTS: next O(1). pick: intset O(1), listpack O(bytes), table O(1): three to five buckets are looked at.

import { INT64_TEXT_MAX, int64Format } from "../bytes/int64.ts";
import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { chain, dictBucketCount, dictBucketRead, dictRandom } from "./dict.ts";
import { intsetCount, intsetGet, member as integer } from "./intset.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackCount,
  listpackFirst,
  listpackGet,
  listpackNext,
  listpackSeek,
} from "./listpack.ts";
import { memberBuf, memberLen, memberOff } from "./member.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
} from "./record.ts";
import type { ValueContext } from "./value_context.ts";

const TWO_32 = 4294967296;
const NO_BYTES = new Uint8Array(0);

/** A whole number from 0 to n - 1, from a source of 32-bit words. */
export function randomBelow(next32: () => number, n: number): number {
  return Math.floor((next32() >>> 0) / TWO_32 * n);
}

/** Walks over a set. The member it stands on is buf[off, off+len). */
export class SetCursor {
  buf: Uint8Array = NO_BYTES;
  off = 0;
  len = 0;
  /** The member's id; see above. */
  id = 0;
  #arena: Arena | null = null;
  #encoding = 0;
  #root = 0;
  /** Of a table: the next bucket; else how often next was called, -1 at the end. */
  #place = 0;
  #found = 0;
  #taken = 0;
  #entries = new Int32Array(16);
  readonly #text = new Uint8Array(INT64_TEXT_MAX);

  /** Goes to the place in front of the first member of `rec`. */
  start(vc: ValueContext, rec: number): void {
    this.startRoot(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
  }

  /** As start, for a set known by its encoding and root. */
  startRoot(vc: ValueContext, encoding: number, root: number): void {
    this.#arena = vc.arena;
    this.#encoding = encoding;
    this.#root = root;
    this.#place = 0;
    this.#found = 0;
    this.#taken = 0;
  }

  /** Goes to the next member. Returns false at the end. */
  next(): boolean {
    const arena = this.#arena;
    if (arena === null) return false;
    if (this.#encoding === ENCODING_HASHTABLE) return this.#nextOfTable(arena);
    const root = this.#root;
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    const at = (root & UNIT_MASK) << 4;
    if (this.#encoding === ENCODING_INTSET) {
      if (this.#place >= intsetCount(bytes, at)) return false;
      this.#readInteger(bytes, at, this.#place++);
      return true;
    }
    if (this.#place < 0) return false;
    const position = this.#place === 0 ? listpackFirst(bytes, at) : listpackNext(bytes, this.id);
    if (position === LISTPACK_NONE) {
      this.#place = -1;
      return false;
    }
    this.#place = 1;
    this.readEntry(bytes, position);
    return true;
  }

  #nextOfTable(arena: Arena): boolean {
    while (this.#taken === this.#found) {
      if (this.#place >= dictBucketCount(arena, this.#root)) return false;
      const found = dictBucketRead(arena, this.#root, this.#place++);
      if (found > this.#entries.length) this.#entries = new Int32Array(chain.entries.length);
      for (let i = 0; i < found; i++) this.#entries[i] = chain.entries[i];
      this.#found = found;
      this.#taken = 0;
    }
    this.#readMember(arena, this.#entries[this.#taken++]);
    return true;
  }

  /**
   * Goes to a member of `rec` that is chosen at random, all with the same chance; the set must have one. A walk ends with
   * it.
   */
  pick(vc: ValueContext, rec: number): void {
    const { arena, next32 } = vc;
    const root = recordA(arena, rec);
    const encoding = recordEncoding(arena, rec);
    this.#arena = null;
    if (encoding === ENCODING_HASHTABLE) {
      this.#readMember(arena, dictRandom(arena, root, next32));
      return;
    }
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    const at = (root & UNIT_MASK) << 4;
    if (encoding === ENCODING_LISTPACK) {
      const index = randomBelow(next32, listpackCount(bytes, at));
      this.readEntry(bytes, listpackSeek(bytes, at, index));
    } else {
      this.#readInteger(bytes, at, randomBelow(next32, intsetCount(bytes, at)));
    }
  }

  /** Goes to the member `id` of `rec`. */
  read(vc: ValueContext, rec: number, id: number): void {
    const { arena } = vc;
    const root = recordA(arena, rec);
    const encoding = recordEncoding(arena, rec);
    const bytes = arena.u8[root >>> SEGMENT_SHIFT];
    if (encoding === ENCODING_HASHTABLE) this.#readMember(arena, id);
    else if (encoding === ENCODING_LISTPACK) this.readEntry(bytes, id);
    else this.#readInteger(bytes, (root & UNIT_MASK) << 4, id);
  }

  #readMember(arena: Arena, handle: number): void {
    this.id = handle;
    this.buf = memberBuf(arena, handle);
    this.off = memberOff(arena, handle, 0);
    this.len = memberLen(arena, handle, 0);
  }

  #readInteger(bytes: Uint8Array, at: number, index: number): void {
    intsetGet(bytes, at, index);
    this.id = index;
    this.buf = this.#text;
    this.off = 0;
    this.len = int64Format(integer.lo, integer.hi, this.#text, 0);
  }

  /** Goes to the entry at a position of a listpack. */
  readEntry(bytes: Uint8Array, position: number): void {
    listpackGet(bytes, position);
    this.id = position;
    if (entry.isInt) {
      this.buf = this.#text;
      this.off = 0;
      this.len = int64Format(entry.lo, entry.hi, this.#text, 0);
    } else {
      this.buf = bytes;
      this.off = entry.off;
      this.len = entry.len;
    }
  }
}
