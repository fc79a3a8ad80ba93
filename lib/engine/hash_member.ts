// hash_member.ts: a field of a hash that is kept in a table: the block of its name, expiry and value.
//
// The layout is that of member.ts with the tail drawn in hash.ts; expiry and place in the order of times are those of
// hash_times.ts.

import { copyBytes } from "../bytes/ascii.ts";
import { type Arena, SEGMENT_SHIFT } from "../mem/arena.ts";
import {
  memberIsTimed,
  memberSetTime,
  memberTimeHi,
  memberTimeLo,
  memberTimeMs,
  TIME_BYTES,
} from "./hash_times.ts";
import { memberEnd } from "./member.ts";

const LONG_VALUE = 255;

/** A value, and the expiry of its field: `timed`, milliseconds as lo, hi. */
export interface ValueView {
  buf: Uint8Array;
  off: number;
  len: number;
  timed: boolean;
  lo: number;
  hi: number;
}

/** Bytes in front of a value of `len` bytes. */
export function valueHeadBytes(len: number): number {
  return len < LONG_VALUE ? 1 : 5;
}

/** Writes length and bytes of a value at offset `at` of the member's segment. */
export function memberWriteValue(
  arena: Arena,
  member: number,
  at: number,
  src: Uint8Array,
  off: number,
  len: number,
): void {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  if (len < LONG_VALUE) {
    bytes[at] = len;
    copyBytes(src, off, bytes, at + 1, len);
    return;
  }
  bytes[at] = LONG_VALUE;
  bytes[at + 1] = len;
  bytes[at + 2] = len >>> 8;
  bytes[at + 3] = len >>> 16;
  bytes[at + 4] = len >>> 24;
  copyBytes(src, off, bytes, at + 5, len);
}

/** Points `view` at the value of a member. */
export function memberValue(arena: Arena, member: number, view: ValueView): void {
  const bytes = arena.u8[member >>> SEGMENT_SHIFT];
  let at = memberEnd(arena, member, 0);
  view.timed = memberIsTimed(arena, member);
  if (view.timed) {
    view.lo = memberTimeLo(arena, member);
    view.hi = memberTimeHi(arena, member);
    at += TIME_BYTES;
  }
  const len = bytes[at];
  view.buf = bytes;
  if (len < LONG_VALUE) {
    view.off = at + 1;
    view.len = len;
    return;
  }
  view.off = at + 5;
  view.len = bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) | (bytes[at + 4] << 24);
}

/** Whether a member has a time before `nowMs`. */
export function memberIsGone(arena: Arena, member: number, nowMs: number): boolean {
  return memberIsTimed(arena, member) && memberTimeMs(arena, member) < nowMs;
}

/** Writes the tail of a member: expiry if `timed`, and value. */
export function memberFill(
  arena: Arena,
  member: number,
  timed: boolean,
  lo: number,
  hi: number,
  value: Uint8Array,
  valueOff: number,
  valueLen: number,
): void {
  let at = memberEnd(arena, member, 0);
  if (timed) {
    memberSetTime(arena, member, lo, hi);
    at += TIME_BYTES;
  }
  memberWriteValue(arena, member, at, value, valueOff, valueLen);
}
