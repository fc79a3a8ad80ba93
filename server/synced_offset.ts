// synced_offset.ts: how much of the replication stream is safe in the own append-only file, for WAITAOF here and on the
// primary.
//
// The file counts positions of its own (aof_output.ts). Marks say which byte of the stream was the last one when a
// position was reached:
//
//   positions   ...... safe ............. fed
//   marks              ^ 7012   ^ 7100   ^ 7150         all up to 7012 are safe; when everything is, all there is
//
// INVARIANT: a mark never claims more than was fed by then; so what is said is never too much.
// COSTS: two numbers a unit between two syncs. Beyond MARKS_MAX the last mark moves, and its share is told later.

import type { Aof } from "./aof.ts";

const MARKS_MAX = 8192;

/** What is safe of the stream. */
export class SyncedOffset {
  private aof: Aof | null;
  private positions: number[] = [];
  private offsets: number[] = [];
  private last = 0;

  constructor(aof: Aof | null) {
    this.aof = aof;
  }

  /** A unit went to the file; `offset` is the last byte of the stream that is in it for certain. */
  fed(offset: number): void {
    const { aof, positions, offsets } = this;
    if (aof === null) return;
    if (positions.length >= MARKS_MAX) {
      positions.pop();
      offsets.pop();
    }
    positions.push(aof.fed);
    offsets.push(offset);
  }

  /** More is safe than before. */
  safer(): void {
    const { aof, positions, offsets } = this;
    if (aof === null) return;
    if (aof.mode === "off") {
      this.positions = [];
      this.offsets = [];
      this.last = 0;
      return;
    }
    const { safe } = aof;
    let count = positions.findIndex((position) => position > safe);
    if (count < 0) count = positions.length;
    if (count === 0) return;
    this.last = offsets[count - 1];
    positions.splice(0, count);
    offsets.splice(0, count);
  }

  /** Number of the last byte that is safe, where `end` is the last one there is; -1 without a file. */
  offset(end: number): number {
    const { aof } = this;
    if (aof === null || aof.mode === "off") return -1;
    if (aof.mode === "waiting") return 0;
    return aof.safe >= aof.fed ? end : Math.min(this.last, end);
  }
}
