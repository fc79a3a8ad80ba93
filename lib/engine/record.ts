// record.ts: the block of one key: type, encoding, access clock, expiry, key bytes and a small value, all in one.
//
// WHY NOT separate key and value blocks: a key of 16 bytes with a value of 64 takes one block of 96 bytes here and one
// cache miss; three blocks would take 144 and three.
//
//   offset  size  field
//        0     1  bits 0-2 type, bits 3-6 encoding, bit 7 HAS_EXPIRE
//        1     3  access clock: LRU seconds, or LFU minutes (16 bits) above an 8-bit counter
//        4     4  key length
//        8     4  word A: value length (EMBSTR), low half (INT), handle of the value (all other encodings)
//     [ 12     4  word B: high half, INT only ]
//     [ ..     8  expiry: milliseconds since the epoch as lo, hi; only with HAS_EXPIRE ]
//       ..        key bytes
//     [ ..        value bytes, EMBSTR only ]
//
// Example, SET k hello (hex, access clock zero): 10 00 00 00  01 00 00 00  05 00 00 00  6b 68 65 6c 6c 6f
//
// INVARIANTS: the block is as long as its fields say (its class may be longer); a RAW value's block starts with its
// length in 4 bytes, the bytes follow.
// LIMITS: keys and values below 2^31 bytes.

import { EMBED_BYTES_MAX } from "../limits.ts";
import { type Arena, arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 6;

export const ENCODING_RAW = 0;
export const ENCODING_INT = 1;
export const ENCODING_EMBSTR = 2;
export const ENCODING_LISTPACK = 3;
export const ENCODING_INTSET = 4;
export const ENCODING_HASHTABLE = 5;
export const ENCODING_QUICKLIST = 6;
export const ENCODING_SKIPLIST = 7;
export const ENCODING_STREAM = 8;
/** A hash table of which some fields have an expiry. */
export const ENCODING_HASHTABLE_VOLATILE = 9;

export const HAS_EXPIRE = 0x80;
/** The bits of the meta byte that hold the encoding. */
export const ENCODING_BITS = 0x78;
const EXPIRE_BYTES = 8;

/** The first byte of a record. */
export function metaByte(type: number, encoding: number, hasExpire: boolean): number {
  return type | (encoding << 3) | (hasExpire ? HAS_EXPIRE : 0);
}

/** Bytes in front of the key for a meta byte. */
export function headerBytes(meta: number): number {
  return 12 + ((meta & ENCODING_BITS) === ENCODING_INT << 3 ? 4 : 0) +
    ((meta & HAS_EXPIRE) !== 0 ? EXPIRE_BYTES : 0);
}

/** Whether a string of `len` bytes under a key of `keyLen` bytes is EMBSTR, where Valkey would say "embstr". */
export function isEmbedded(keyLen: number, len: number, hasExpire: boolean): boolean {
  const total = 8 + keyLen + (keyLen < 32 ? 3 : 5) + (hasExpire ? 8 : 0) + len + 4;
  return total <= EMBED_BYTES_MAX;
}

export function recordMeta(arena: Arena, rec: number): number {
  return arena.i32[rec >>> SEGMENT_SHIFT][(rec & UNIT_MASK) << 2] & 0xff;
}

export function recordType(arena: Arena, rec: number): number {
  return recordMeta(arena, rec) & 7;
}

export function recordEncoding(arena: Arena, rec: number): number {
  return (recordMeta(arena, rec) >> 3) & 15;
}

/** The 24-bit access clock. */
export function recordClock(arena: Arena, rec: number): number {
  return arena.i32[rec >>> SEGMENT_SHIFT][(rec & UNIT_MASK) << 2] >>> 8;
}

export function recordSetClock(arena: Arena, rec: number, clock: number): void {
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  words[w] = (words[w] & 0xff) | (clock << 8);
}

export function recordKeyLen(arena: Arena, rec: number): number {
  return arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 1];
}

/** The bytes recordKeyOff counts in. Like every view it is not to be kept across an allocation. */
export function recordKeyBuf(arena: Arena, rec: number): Uint8Array {
  return arena.u8[rec >>> SEGMENT_SHIFT];
}

/** Offset of the key bytes in recordKeyBuf. */
export function recordKeyOff(arena: Arena, rec: number): number {
  return ((rec & UNIT_MASK) << 4) + headerBytes(recordMeta(arena, rec));
}

export function recordA(arena: Arena, rec: number): number {
  return arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 2];
}

/** The bytes recordRootOff counts in, of a value that has a root. */
export function recordRootBuf(arena: Arena, rec: number): Uint8Array {
  return arena.u8[recordA(arena, rec) >>> SEGMENT_SHIFT];
}

/** Offset of the root block in recordRootBuf. */
export function recordRootOff(arena: Arena, rec: number): number {
  return (recordA(arena, rec) & UNIT_MASK) << 4;
}

/** Replaces word A: the root of the value. */
export function recordSetA(arena: Arena, rec: number, a: number): void {
  arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 2] = a;
}

/** Replaces the encoding; neither the old nor the new one may be INT or EMBSTR, which have other shapes. */
export function recordSetEncoding(arena: Arena, rec: number, encoding: number): void {
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  words[w] = (words[w] & ~ENCODING_BITS) | (encoding << 3);
}

export function recordB(arena: Arena, rec: number): number {
  return arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 3];
}

/** Index of the expiry's low word in arena.i32; the record must have one. */
export function recordExpireWord(arena: Arena, rec: number): number {
  return ((rec & UNIT_MASK) << 2) + (recordEncoding(arena, rec) === ENCODING_INT ? 4 : 3);
}

/** Copies the expiry as lo, hi to `out`; the record must have one. */
export function recordExpirePair(arena: Arena, rec: number, out: Int32Array): void {
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = recordExpireWord(arena, rec);
  out[0] = words[w];
  out[1] = words[w + 1];
}

/** Bytes of the record's block, rounding included. */
export function recordBlockBytes(arena: Arena, rec: number): number {
  return arenaUsable(arena, rec);
}

/** Expiry in milliseconds as a double (exact to 2^53), or -1. */
export function recordExpireMs(arena: Arena, rec: number): number {
  if ((recordMeta(arena, rec) & HAS_EXPIRE) === 0) return -1;
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = recordExpireWord(arena, rec);
  return words[w + 1] * 4294967296 + (words[w] >>> 0);
}

/**
 * Reads a word at the start of the first `count` records and one `reach` words on, so that they are in the cache soon
 * after; 0 stands for no record. To ask each record for its length would be to wait for it: recordReach of one of them
 * is a good guess for the others. Returns a meaningless number that depends on what was read.
 */
export function recordsTouch(
  arena: Arena,
  records: Int32Array,
  count: number,
  reach: number,
): number {
  const { i32 } = arena;
  let sink = 0;
  for (let i = 0; i < count; i++) {
    const rec = records[i];
    const words = i32[rec >>> SEGMENT_SHIFT];
    const w = (rec & UNIT_MASK) << 2;
    sink ^= words[w];
    if (w + reach < words.length) sink ^= words[w + reach];
  }
  return sink;
}

/** How many words behind its first one the last word of a record is, REACH_MAX at most. */
export function recordReach(arena: Arena, rec: number): number {
  const words = arena.i32[rec >>> SEGMENT_SHIFT];
  const w = (rec & UNIT_MASK) << 2;
  const meta = words[w] & 0xff;
  const value = (meta & ENCODING_BITS) === ENCODING_EMBSTR << 3 ? words[w + 2] : 0;
  return Math.min(REACH_MAX, (headerBytes(meta) + words[w + 1] + value - 1) >> 2);
}

/** Long keys are read from their start: what lies so far behind it comes into the cache meanwhile. */
const REACH_MAX = 31;

/** Whether the record's key equals buf[off, off+len). */
export function recordKeyEquals(
  arena: Arena,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const seg = rec >>> SEGMENT_SHIFT;
  const words = arena.i32[seg];
  const w = (rec & UNIT_MASK) << 2;
  if (words[w + 1] !== len) return false;
  // The 31 hash bits agreed, so the keys nearly always do: no early way out. The record's key starts at a word.
  let key = w + (headerBytes(words[w] & 0xff) >> 2);
  let difference = 0;
  let o = off;
  for (const end = off + (len & ~3); o < end; o += 4) {
    difference |= words[key++] ^
      (buf[o] | (buf[o + 1] << 8) | (buf[o + 2] << 16) | (buf[o + 3] << 24));
  }
  const rest = len & 3;
  if (rest !== 0) {
    let last = buf[o];
    if (rest > 1) last |= buf[o + 1] << 8;
    if (rest > 2) last |= buf[o + 2] << 16;
    difference |= (words[key] ^ last) << (32 - 8 * rest);
  }
  return difference === 0;
}
