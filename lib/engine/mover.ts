// mover.ts: moving blocks out of segments that are being emptied, a limited number of steps at a time; what the modules of
// the types get from defrag.ts to move the blocks of their values.
//
// A block is moved by whoever names it: it writes the handle that `move` returns where the old one was. When memory is
// short, `move` throws before anything has changed.

import { type Arena, arenaUsable, SEGMENT_SHIFT } from "../mem/arena.ts";
import { arenaMove } from "../mem/evacuation.ts";

/** Moved bytes that count as one step. */
const STEP_SHIFT = 8;

/** Moves blocks and counts. */
export class Mover {
  readonly arena: Arena;
  /** Steps left before a value that may go on later should return. */
  left = 0;
  /** Blocks that were moved, and that were looked at and left. */
  hits = 0;
  misses = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Whether a block shall move. */
  isLeaving(block: number): boolean {
    return this.arena.emptying[block >>> SEGMENT_SHIFT] !== 0;
  }

  /** Moves a block if it shall. Returns its handle. 0 is no block. */
  move(block: number): number {
    if (block === 0) return 0;
    this.left--;
    if (!this.isLeaving(block)) {
      this.misses++;
      return block;
    }
    this.left -= arenaUsable(this.arena, block) >> STEP_SHIFT;
    const fresh = arenaMove(this.arena, block);
    this.hits++;
    return fresh;
  }

  /** Moves the block that a word names, if there is one and it shall. Returns its handle. */
  moveWord(words: Int32Array, word: number): number {
    const block = words[word];
    if (block === 0) return 0;
    const fresh = this.move(block);
    if (fresh !== block) words[word] = fresh;
    return fresh;
  }
}

/** Where the moving of a value's blocks goes on. What the numbers mean is the business of the type's module. */
export class MoveCursor {
  phase = 0;
  at = 0;
  readonly ids = new Int32Array(4);
  isDone = false;

  /** Starts from the beginning. */
  reset(): void {
    this.phase = 0;
    this.at = 0;
    this.ids.fill(0);
    this.isDone = false;
  }

  /** Goes on with the next phase. */
  next(): void {
    this.phase++;
    this.at = 0;
    this.ids.fill(0);
  }
}
