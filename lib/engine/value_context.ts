// value_context.ts: what the values of all types need, and what each type's module offers to those who know no types.
//
// A value that is too big for its record has a root block; the record names it in word A. The modules list.ts, set.ts,
// zset.ts, hash.ts and stream.ts own what hangs below it. Functions that change a value take the record, so that they
// can replace root and encoding; the ones of ValueModule take encoding and root, because a value may have to be copied,
// checked or freed when it has no record (any more).

import type { Arena } from "../mem/arena.ts";
import type { MoveCursor, Mover } from "./mover.ts";

/** Up to which size values keep a compact form; the directives of the same names. */
export class EncodingLimits {
  hashMaxListpackEntries = 512;
  hashMaxListpackValue = 64;
  listMaxListpackSize = -2;
  listCompressDepth = 0;
  /** Elements of so many bytes get a node of their own; 0 leaves it to listMaxListpackSize. No directive: for tests. */
  listPackedThreshold = 0;
  setMaxIntsetEntries = 512;
  setMaxListpackEntries = 128;
  setMaxListpackValue = 64;
  zsetMaxListpackEntries = 128;
  zsetMaxListpackValue = 64;
  hllSparseMaxBytes = 3000;
  streamNodeMaxBytes = 4096;
  streamNodeMaxEntries = 100;
}

/** Memory, hash keys, random words and limits; a Keyspace is one. */
export interface ValueContext {
  readonly arena: Arena;
  readonly hashKey0: number;
  readonly hashKey1: number;
  readonly next32: () => number;
  readonly limits: EncodingLimits;
}

/** What every type does with its values. */
export interface ValueModule {
  /** Frees all blocks of the value, at once. */
  free(vc: ValueContext, encoding: number, root: number): void;
  /**
   * Frees about `blocks` blocks of a value nobody can see any more. Returns true when nothing is left, root included;
   * false when it must be called again.
   */
  freeSlice(vc: ValueContext, encoding: number, root: number, blocks: number): boolean;
  /** About how many blocks free would have to free. O(1). */
  effort(vc: ValueContext, encoding: number, root: number): number;
  /** A copy with blocks of its own. Returns its root. */
  copy(vc: ValueContext, encoding: number, root: number): number;
  /** Checks all invariants; throws an Error naming the broken one. Returns the number of live blocks. */
  verify(vc: ValueContext, encoding: number, root: number): number;
  /**
   * Bytes of all blocks, rounding included. Elements in blocks of their own are measured on `samples` of them and
   * extrapolated; 0 measures all.
   */
  bytes(vc: ValueContext, encoding: number, root: number, samples: number): number;
  /**
   * Moves blocks that shall move, from where the cursor stands, until `mover.left` is used up or all were looked at
   * (cursor.isDone). The value may change between two calls, but not its root. Returns the root's handle, which may be new.
   */
  move(
    vc: ValueContext,
    encoding: number,
    root: number,
    mover: Mover,
    cursor: MoveCursor,
  ): number;
}
