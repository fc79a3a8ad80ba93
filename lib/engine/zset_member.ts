// zset_member.ts: one element of a large sorted set: a block of member.ts with the score in front.
//
//   offset  size  field
//        0     8  score, a double as lo, hi
//        8     *  head and name, see member.ts
//
// A name of 13 bytes makes a block of 32. Example, score 1, member "abc": 00 00 00 00 00 00 f0 3f  03 61 62 63
//
// KEYS. Trees and sorts compare numbers of 32 bits first: scoreKey keeps the order of scores, but rounds them to 24 bits
// of precision; where two keys are equal, the scores and then the names decide.

import { bytesCompare } from "../bytes/ascii.ts";
import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { memberBuf, memberCreate, memberLen, memberOff } from "./member.ts";

/** Where the name's head starts in the block. */
export const SCORE_BYTES = 8;

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);
const single = new Float32Array(1);
const singleWord = new Int32Array(single.buffer);

/** Score of a member. */
export function scoreOf(arena: Arena, member: number): number {
  const words = arena.i32[member >>> SEGMENT_SHIFT];
  const w = (member & UNIT_MASK) << 2;
  doubleWords[0] = words[w];
  doubleWords[1] = words[w + 1];
  return double[0];
}

/** Writes the score of a member that is in no tree, or whose place in it stays. */
export function scoreSet(arena: Arena, member: number, score: number): void {
  const words = arena.i32[member >>> SEGMENT_SHIFT];
  const w = (member & UNIT_MASK) << 2;
  double[0] = score;
  words[w] = doubleWords[0];
  words[w + 1] = doubleWords[1];
}

/** A number of 32 bits that is not less than that of a smaller score. */
export function scoreKey(score: number): number {
  // Adding 0 makes -0 the 0 it is equal to.
  single[0] = score + 0;
  const bits = singleWord[0];
  return bits >= 0 ? bits : bits ^ 0x7fffffff;
}

/** A new member with the name buf[off, off+len). Returns its handle. */
export function scoredCreate(
  arena: Arena,
  score: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  const member = memberCreate(arena, SCORE_BYTES, buf, off, len, 0);
  scoreSet(arena, member, score);
  return member;
}

/** Negative, zero or positive as the name of `member` sorts before, with or after buf[off, off+len). */
export function nameCompare(
  arena: Arena,
  member: number,
  buf: Uint8Array,
  off: number,
  len: number,
): number {
  return bytesCompare(
    memberBuf(arena, member),
    memberOff(arena, member, SCORE_BYTES),
    memberLen(arena, member, SCORE_BYTES),
    buf,
    off,
    len,
  );
}
