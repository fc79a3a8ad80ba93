// member.ts: one element of a set, hash or sorted set that is kept in a table: its name in a block of its own.
//
//   offset (from `base`)   size   field
//        0                  1     bit 7 for the type's own use; bits 0-6 length of the name, 127 = LONG
//      [ 1                  4     length, little endian; only when LONG ]
//       ..                        name
//       ..                        what the type keeps behind it
//
// `base` is 0 for sets and hashes, 8 for sorted sets, which keep the score in front. A name of 13 bytes makes a block of 16.
//
// Example, member "abc" of a set: 03 61 62 63
//
// LIMITS: names below 2^31 bytes. Tables of members: memberFind and its kin in dict.ts; their hash is memberHash.

import { copyBytes } from "../bytes/ascii.ts";
import { hash31 } from "../bytes/hash.ts";
import { type Arena, arenaAlloc, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import type { ValueContext } from "./value_context.ts";

const LONG = 127;
/** The bit of the first byte that the type may use. */
export const MEMBER_FLAG = 0x80;

/** Bytes in front of a name of `len` bytes. */
export function memberHeadBytes(len: number): number {
  return len < LONG ? 1 : 5;
}

/** The keyed hash of a name. */
export function memberHash(vc: ValueContext, buf: Uint8Array, off: number, len: number): number {
  return hash31(vc.hashKey0, vc.hashKey1, buf, off, len);
}

/**
 * A new member block: name copied from buf[off, off+len), flag clear, `base` bytes in front and `tail` behind it left
 * for the caller. Returns its handle.
 */
export function memberCreate(
  arena: Arena,
  base: number,
  buf: Uint8Array,
  off: number,
  len: number,
  tail: number,
): number {
  const head = memberHeadBytes(len);
  const member = arenaAlloc(arena, base + head + len + tail);
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  const at = ((member & UNIT_MASK) << 4) + base;
  if (head === 1) {
    bytes[at] = len;
  } else {
    bytes[at] = LONG;
    bytes[at + 1] = len;
    bytes[at + 2] = len >>> 8;
    bytes[at + 3] = len >>> 16;
    bytes[at + 4] = len >>> 24;
  }
  copyBytes(buf, off, bytes, at + head, len);
  return member;
}

/** The segment's bytes of a member; memberOff and memberEnd count in it. */
export function memberBuf(arena: Arena, member: number): Uint8Array {
  return arena.u8[member >>> SEGMENT_SHIFT];
}

/** Length of a member's name. */
export function memberLen(arena: Arena, member: number, base: number): number {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  const at = ((member & UNIT_MASK) << 4) + base;
  const short = bytes[at] & LONG;
  if (short < LONG) return short;
  return bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) | (bytes[at + 4] << 24);
}

/** Offset of a member's name in memberBuf. */
export function memberOff(arena: Arena, member: number, base: number): number {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  const at = ((member & UNIT_MASK) << 4) + base;
  return at + ((bytes[at] & LONG) < LONG ? 1 : 5);
}

/** Offset behind a member's name in memberBuf. */
export function memberEnd(arena: Arena, member: number, base: number): number {
  return memberOff(arena, member, base) + memberLen(arena, member, base);
}

/** Whether a member's name equals buf[off, off+len). */
export function memberEquals(
  arena: Arena,
  member: number,
  base: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  let at = ((member & UNIT_MASK) << 4) + base;
  if (len < LONG) {
    if ((bytes[at] & LONG) !== len) return false;
    at++;
  } else {
    if (memberLen(arena, member, base) !== len) return false;
    at += 5;
  }
  for (let i = 0; i < len; i++) if (bytes[at + i] !== buf[off + i]) return false;
  return true;
}

/** The hash of a member's own name. */
export function memberOwnHash(vc: ValueContext, member: number, base: number): number {
  return memberHash(
    vc,
    memberBuf(vc.arena, member),
    memberOff(vc.arena, member, base),
    memberLen(vc.arena, member, base),
  );
}
