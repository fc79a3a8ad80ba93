// value.ts: values of any type for those who know no types: free, copy, check, measure. The only file that lists them.
//
// A value is (meta, A): the meta byte of its record and word A. Strings have a block only when they are RAW.
//
// COSTS: those of the type's module; valueFreeLater O(1), the rest of its work is done by valueFreeSlice.

import { copyBytes } from "../bytes/ascii.ts";
import { arenaAlloc, arenaFree, arenaUsable, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { hashValue } from "./hash_value.ts";
import { listValue } from "./list.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_ZSET,
} from "./record.ts";
import type { MoveCursor, Mover } from "./mover.ts";
import { setValue } from "./set_value.ts";
import { streamValue } from "./stream.ts";
import type { ValueContext, ValueModule } from "./value_context.ts";
import { zsetValue } from "./zset_value.ts";

/** A value that belongs to no key any more and waits to be freed in slices. */
export interface CondemnedValue {
  meta: number;
  root: number;
}

/** Values with more blocks than this are freed in slices where that is allowed. */
export const LAZY_FREE_EFFORT = 64;

const MODULES: readonly (ValueModule | undefined)[] = modules();

function modules(): (ValueModule | undefined)[] {
  const all: (ValueModule | undefined)[] = new Array(8).fill(undefined);
  all[TYPE_LIST] = listValue;
  all[TYPE_SET] = setValue;
  all[TYPE_ZSET] = zsetValue;
  all[TYPE_HASH] = hashValue;
  all[TYPE_STREAM] = streamValue;
  return all;
}

function moduleOf(meta: number): ValueModule {
  const module = MODULES[meta & 7];
  if (module === undefined) throw new Error(`value: no module for meta ${meta}`);
  return module;
}

function encodingOf(meta: number): number {
  return (meta >> 3) & 15;
}

/** Whether word A is the handle of a block. */
export function valueHasRoot(meta: number): boolean {
  const encoding = encodingOf(meta);
  return encoding !== ENCODING_INT && encoding !== ENCODING_EMBSTR;
}

/** Frees the blocks of a value; a record's own block stays. */
export function valueFree(vc: ValueContext, meta: number, a: number): void {
  if (!valueHasRoot(meta)) return;
  if ((meta & 7) === 0) arenaFree(vc.arena, a);
  else moduleOf(meta).free(vc, encodingOf(meta), a);
}

/** Frees about `blocks` blocks of a value; true when nothing is left of it. */
export function valueFreeSlice(vc: ValueContext, meta: number, a: number, blocks: number): boolean {
  if (valueHasRoot(meta) && (meta & 7) !== 0) {
    return moduleOf(meta).freeSlice(vc, encodingOf(meta), a, blocks);
  }
  valueFree(vc, meta, a);
  return true;
}

/** About how many blocks valueFree would free. */
export function valueEffort(vc: ValueContext, meta: number, a: number): number {
  if ((meta & 7) === 0 || !valueHasRoot(meta)) return 1;
  return moduleOf(meta).effort(vc, encodingOf(meta), a);
}

/** A copy of a value that has a root. Returns the root of the copy. */
export function valueCopy(vc: ValueContext, meta: number, a: number): number {
  if ((meta & 7) !== 0) return moduleOf(meta).copy(vc, encodingOf(meta), a);
  const { arena } = vc;
  const bytes = 4 + arena.i32[a >>> SEGMENT_SHIFT][(a & UNIT_MASK) << 2];
  const target = arenaAlloc(arena, bytes);
  copyBytes(
    arena.u8[a >>> SEGMENT_SHIFT],
    (a & UNIT_MASK) << 4,
    arena.u8[target >>> SEGMENT_SHIFT],
    (target & UNIT_MASK) << 4,
    bytes,
  );
  return target;
}

/** Checks a value; throws an Error naming what is wrong. Returns how many blocks it owns. */
export function valueVerify(vc: ValueContext, meta: number, a: number): number {
  if (!valueHasRoot(meta)) return 0;
  if ((meta & 7) !== 0) return moduleOf(meta).verify(vc, encodingOf(meta), a);
  const len = vc.arena.i32[a >>> SEGMENT_SHIFT][(a & UNIT_MASK) << 2];
  if (len < 0 || len + 4 > arenaUsable(vc.arena, a)) {
    throw new Error(`value: string ${a} of ${len} bytes overflows`);
  }
  return 1;
}

/** Moves blocks of a value that has a root, see ValueModule.move. Returns the root's handle. */
export function valueMove(
  vc: ValueContext,
  meta: number,
  a: number,
  mover: Mover,
  cursor: MoveCursor,
): number {
  if ((meta & 7) !== 0) return moduleOf(meta).move(vc, encodingOf(meta), a, mover, cursor);
  cursor.isDone = true;
  return mover.move(a);
}

/** Bytes of a value's blocks, rounding included; `samples` as in ValueModule.bytes. */
export function valueBytes(vc: ValueContext, meta: number, a: number, samples: number): number {
  if (!valueHasRoot(meta)) return 0;
  if ((meta & 7) === 0) return arenaUsable(vc.arena, a);
  return moduleOf(meta).bytes(vc, encodingOf(meta), a, samples);
}
