// hash_expiry.ts: the expiry of fields that are there: setting it, removing it, taking out fields whose time has come.
//
// The structure is drawn in hash.ts.

import { dictDeleteSlot, dictFindEntry, memberFind } from "./dict.ts";
import {
  found,
  hashConvert,
  hashDict,
  hashFind,
  hashIsVolatile,
  memberDrop,
  memberFollow,
  memberMove,
} from "./hash.ts";
import { memberFill, memberValue, valueHeadBytes } from "./hash_member.ts";
import {
  memberIsTimed,
  memberSetTime,
  memberTimeMs,
  TIME_BYTES,
  timesChanged,
  timesDict,
  timesFirst,
} from "./hash_times.ts";
import { memberBuf, memberEnd, memberHash, memberOff, memberOwnHash } from "./member.ts";
import { ENCODING_HASHTABLE_VOLATILE, recordA, recordEncoding } from "./record.ts";
import type { ValueContext } from "./value_context.ts";

/**
 * Gives an existing field the expiry lo, hi, in place of one it has, whether that has passed or not. A listpack becomes
 * a table. Returns false when there is no such field.
 */
export function hashSetTime(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  lo: number,
  hi: number,
): boolean {
  if (!hashFind(vc, rec, buf, off, len, -Infinity)) return false;
  hashConvert(vc, rec);
  return retime(vc, rec, buf, off, len, true, lo, hi);
}

/** Removes the expiry of a field. Returns false when it has none or there is no such field. */
export function hashPersist(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
): boolean {
  if (recordEncoding(vc.arena, rec) !== ENCODING_HASHTABLE_VOLATILE) return false;
  return retime(vc, rec, buf, off, len, false, 0, 0);
}

/** Sets or removes the expiry of a member of a table; false when nothing changes. */
function retime(
  vc: ValueContext,
  rec: number,
  buf: Uint8Array,
  off: number,
  len: number,
  timed: boolean,
  lo: number,
  hi: number,
): boolean {
  const { arena } = vc;
  const dict = hashDict(vc, recordEncoding(arena, rec), recordA(arena, rec));
  const old = memberFind(arena, dict, 0, memberHash(vc, buf, off, len), buf, off, len);
  if (old === 0) return false;
  const wasTimed = memberIsTimed(arena, old);
  if (wasTimed && timed) {
    memberSetTime(arena, old, lo, hi);
    timesChanged(arena, recordA(arena, rec), old);
    return true;
  }
  if (wasTimed === timed) return false;
  memberValue(arena, old, found);
  const value = found.buf;
  const valueOff = found.off;
  const valueLen = found.len;
  const fresh = memberMove(
    arena,
    old,
    (timed ? TIME_BYTES : 0) + valueHeadBytes(valueLen) + valueLen,
  );
  memberFill(arena, fresh, timed, lo, hi, value, valueOff, valueLen);
  memberFollow(vc, rec, old, fresh, wasTimed, timed);
  return true;
}

/**
 * Deletes up to `max` fields whose time is not after `nowMs`, the oldest first. Returns how many. Their names are added
 * to `names` unless that is null.
 */
export function hashRemoveDue(
  vc: ValueContext,
  rec: number,
  nowMs: number,
  max: number,
  names: Uint8Array[] | null = null,
): number {
  const { arena } = vc;
  let removed = 0;
  while (removed < max && hashIsVolatile(vc, rec)) {
    const root = recordA(arena, rec);
    const member = timesFirst(arena, root);
    if (memberTimeMs(arena, member) > nowMs) break;
    const dict = timesDict(arena, root);
    const hash = memberOwnHash(vc, member, 0);
    dictFindEntry(arena, dict, hash, member);
    dictDeleteSlot(arena, dict, hash);
    if (names !== null) {
      const off = memberOff(arena, member, 0);
      names.push(memberBuf(arena, member).slice(off, memberEnd(arena, member, 0)));
    }
    memberDrop(vc, rec, member);
    removed++;
  }
  return removed;
}
