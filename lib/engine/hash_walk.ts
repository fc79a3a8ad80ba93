// hash_walk.ts: walking over the fields of a hash, and fields chosen at random.
//
//   cursor.start(vc, rec, ctx.nowMs);
//   while (cursor.next()) out.bulk(cursor.nameBuf, cursor.nameOff, cursor.nameLen), ... cursor.value
//
// A cursor reads a listpack entry by entry and a table bucket by bucket; the entries of a bucket are copied, so other
// tables may be used meanwhile, but this hash must not change. One cursor serves all commands; who may be asked while
// another walk is under way makes its own. Nothing is allocated on the way, but for buckets of unusual length.
//
// ORDER: a listpack's own, a table's by bucket. COSTS: O(1) a field. hashRandom: O(1) for tables (see dictRandom), with
// fields that are gone among them, up to TRIES_MAX attempts.

import { copyBytes } from "../bytes/ascii.ts";
import { INT64_TEXT_MAX } from "../bytes/int64.ts";
import { SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { chain, dictBucketCount, dictBucketRead, dictRandom } from "./dict.ts";
import { hashDict } from "./hash.ts";
import { memberIsGone, memberValue, type ValueView } from "./hash_member.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackCount,
  listpackFirst,
  listpackNext,
  listpackSeek,
  listpackText,
} from "./listpack.ts";
import { memberBuf, memberLen, memberOff } from "./member.ts";
import { ENCODING_LISTPACK, recordA, recordEncoding } from "./record.ts";
import type { ValueContext } from "./value_context.ts";

const TRIES_MAX = 100;

/** A field: its name, and its value and expiry as ValueView. */
export class FieldView implements ValueView {
  nameBuf: Uint8Array = new Uint8Array(0);
  nameOff = 0;
  nameLen = 0;
  buf: Uint8Array = new Uint8Array(0);
  off = 0;
  len = 0;
  timed = false;
  lo = 0;
  hi = 0;
  /** The text of a name that is kept as an integer: listpackText has room for one text only. */
  private nameText = new Uint8Array(INT64_TEXT_MAX);

  /** Shows a member of a table. */
  showMember(vc: ValueContext, member: number): void {
    this.nameBuf = memberBuf(vc.arena, member);
    this.nameOff = memberOff(vc.arena, member, 0);
    this.nameLen = memberLen(vc.arena, member, 0);
    memberValue(vc.arena, member, this);
  }

  /** Shows the pair of listpack entries at `at`. Returns the position of the next one, or LISTPACK_NONE. */
  showPair(bytes: Uint8Array, at: number): number {
    const size = listpackText(bytes, at);
    this.nameLen = entry.len;
    if (entry.isInt) {
      copyBytes(entry.buf, entry.off, this.nameText, 0, entry.len);
      this.nameBuf = this.nameText;
      this.nameOff = 0;
    } else {
      this.nameBuf = entry.buf;
      this.nameOff = entry.off;
    }
    listpackText(bytes, at + size);
    this.buf = entry.buf;
    this.off = entry.off;
    this.len = entry.len;
    this.timed = false;
    return listpackNext(bytes, at + size);
  }
}

/** A walk over the fields of one hash. */
export class HashCursor extends FieldView {
  /** Handle of the member shown; 0 in a listpack. */
  member = 0;
  private vc: ValueContext | null = null;
  private nowMs = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private at: number = LISTPACK_NONE;
  private dict = 0;
  private bucket = 0;
  private buckets = 0;
  private entries = new Int32Array(64);
  private count = 0;
  private index = 0;

  /** Starts a walk over the fields of a record's hash that are not gone at `nowMs`. */
  start(vc: ValueContext, rec: number, nowMs: number): void {
    this.startAt(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec), nowMs);
  }

  /** As start, for a hash without a record. */
  startAt(vc: ValueContext, encoding: number, root: number, nowMs: number): void {
    this.vc = vc;
    this.nowMs = nowMs;
    this.member = 0;
    this.count = 0;
    this.index = 0;
    this.bucket = 0;
    this.dict = hashDict(vc, encoding, root);
    if (this.dict === 0) {
      this.bytes = vc.arena.u8[root >>> SEGMENT_SHIFT];
      this.at = listpackFirst(this.bytes, (root & UNIT_MASK) << 4);
    } else {
      this.buckets = dictBucketCount(vc.arena, this.dict);
    }
  }

  /** Shows the next field; false at the end. */
  next(): boolean {
    const vc = this.vc;
    if (vc === null) return false;
    if (this.dict === 0) {
      if (this.at === LISTPACK_NONE) return false;
      this.at = this.showPair(this.bytes, this.at);
      return true;
    }
    for (;;) {
      while (this.index < this.count) {
        const member = this.entries[this.index++];
        if (memberIsGone(vc.arena, member, this.nowMs)) continue;
        this.member = member;
        this.showMember(vc, member);
        return true;
      }
      if (this.bucket === this.buckets) return false;
      this.readBucket(vc);
    }
  }

  private readBucket(vc: ValueContext): void {
    const count = dictBucketRead(vc.arena, this.dict, this.bucket++);
    if (count > this.entries.length) this.entries = new Int32Array(chain.entries.length);
    for (let i = 0; i < count; i++) this.entries[i] = chain.entries[i];
    this.count = count;
    this.index = 0;
  }
}

/** The cursor of commands that do nothing else meanwhile. */
export const fieldCursor = new HashCursor();

/** How many fields are not gone at `nowMs`. O(fields) with an expiry among them. */
export function hashVisible(vc: ValueContext, rec: number, nowMs: number): number {
  let count = 0;
  fieldCursor.start(vc, rec, nowMs);
  while (fieldCursor.next()) count++;
  return count;
}

/**
 * A member of a table chosen uniformly among those not gone at `nowMs`, or 0 when none was met in TRIES_MAX attempts.
 */
export function hashRandomMember(vc: ValueContext, dict: number, nowMs: number): number {
  for (let tries = 1; tries < TRIES_MAX; tries++) {
    const member = dictRandom(vc.arena, dict, vc.next32);
    if (member === 0 || !memberIsGone(vc.arena, member, nowMs)) return member;
  }
  return 0;
}

/** Shows a field chosen at random; false when none was found that is not gone. */
export function hashRandom(
  vc: ValueContext,
  rec: number,
  nowMs: number,
  view: FieldView,
): boolean {
  const { arena } = vc;
  const root = recordA(arena, rec);
  const encoding = recordEncoding(arena, rec);
  if (encoding !== ENCODING_LISTPACK) {
    const member = hashRandomMember(vc, hashDict(vc, encoding, root), nowMs);
    if (member !== 0) view.showMember(vc, member);
    return member !== 0;
  }
  const bytes = arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const fields = listpackCount(bytes, off) >> 1;
  if (fields === 0) return false;
  view.showPair(bytes, listpackSeek(bytes, off, 2 * randomBelow(vc, fields)));
  return true;
}

/** The positions of all fields of a listpack, for random picks among them. */
export function packedPositions(
  vc: ValueContext,
  rec: number,
): { bytes: Uint8Array; positions: Int32Array } {
  const root = recordA(vc.arena, rec);
  const bytes = vc.arena.u8[root >>> SEGMENT_SHIFT];
  const off = (root & UNIT_MASK) << 4;
  const positions = new Int32Array(listpackCount(bytes, off) >> 1);
  let at = listpackFirst(bytes, off);
  for (let i = 0; at !== LISTPACK_NONE; i++) {
    positions[i] = at;
    at = listpackNext(bytes, listpackNext(bytes, at));
  }
  return { bytes, positions };
}

/** A random integer from 0 to n - 1. */
export function randomBelow(vc: ValueContext, n: number): number {
  return Math.floor((vc.next32() >>> 0) / 4294967296 * n);
}
