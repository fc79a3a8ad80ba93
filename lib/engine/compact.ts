// compact.ts: the bytes of compact values, for those who save them: a listpack or an intset is saved as it is.
//
// LIFETIME   `compact` is good until the value changes, the next allocation, or the next call.

import { SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { intsetBytes } from "./intset.ts";
import { listpackBytes } from "./listpack.ts";
import { ENCODING_INTSET, recordA, recordEncoding } from "./record.ts";
import type { ValueContext } from "./value_context.ts";

/** What was found: compact.buf[compact.off, compact.off + compact.len). */
export const compact: { buf: Uint8Array; off: number; len: number } = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
};

/** Points `compact` at the value of a record whose encoding is LISTPACK or INTSET. */
export function compactView(vc: ValueContext, rec: number): void {
  packView(vc, recordA(vc.arena, rec));
  if (recordEncoding(vc.arena, rec) === ENCODING_INTSET) {
    compact.len = intsetBytes(compact.buf, compact.off);
  }
}

/** Points `compact` at the listpack that starts a block. */
export function packView(vc: ValueContext, block: number): void {
  compact.buf = vc.arena.u8[block >>> SEGMENT_SHIFT];
  compact.off = (block & UNIT_MASK) << 4;
  compact.len = listpackBytes(compact.buf, compact.off);
}
