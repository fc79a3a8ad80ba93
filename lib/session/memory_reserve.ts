// memory_reserve.ts: out-of-memory answers instead of death: a command that would use more memory runs only when there is
// room for all it may need, so that none fails half-way.
//
//   room     pages of the arena that are free, and segments that can still be made
//   reserve  RESERVE_BYTES and a 16th of what lives: what a small command may take
//
// While there is more than the reserve nothing is checked but large requests and commands that copy values. Below it the
// arena says so (onLow) and a gate makes each command pass here: it needs RESERVE_BYTES, what its request brings, twice,
// and what it copies. The gate opens when there is twice the reserve again. A runtime that refuses a buffer closes it
// as well: the arena then makes do with smaller ones, until memory came back.
//
// When blocks were freed but pages were not, defragmentation is asked to free some.

import { OutOfMemoryError } from "../bytes/out_of_memory.ts";
import { extractKeys, KeyList } from "../commands/keys.ts";
import { keyFind, keyHash } from "../engine/keyspace.ts";
import { arenaCanHold, arenaRoom } from "../engine/room.ts";
import { reclaimPending, reclaimSlice } from "../engine/reclaim.ts";
import { recordA, recordMeta } from "../engine/record.ts";
import { valueBytes } from "../engine/value.ts";
import type { Engine } from "./engine.ts";
import { GATE_ROOM } from "./gates.ts";

/** What a command may take besides what it brings and copies: spans of many classes, pages of tables. */
const RESERVE_BYTES = 16 * 1024 * 1024;
const RESERVE_SHIFT = 4;
/** Requests from this size on are checked even when there is room. */
export const LARGE_REQUEST_BYTES = RESERVE_BYTES / 4;
/** Blocks that may be larger than what a segment has left. */
const LARGE_BLOCK_BYTES = 1024 * 1024;
const SAMPLES = 20;
const SLICE_US = 1000;
/** Commands that make a value from values of other keys, besides those whose name ends in "store". */
const COPYING = ["copy", "bitop", "pfmerge", "sort"];

/** The reserve of one engine. */
export class MemoryReserve {
  private engine: Engine;
  /** By command id: whether it makes a value of others. */
  readonly copies: Uint8Array;
  private readonly keys = new KeyList();

  constructor(engine: Engine) {
    this.engine = engine;
    this.copies = engine.table.mark((name) => COPYING.includes(name) || name.endsWith("store"));
    this.follow();
  }

  /** To be called when the arena or its limits are new. */
  follow(): void {
    const { arena } = this.engine.keyspace;
    arena.lowBytes = RESERVE_BYTES;
    arena.lowShift = RESERVE_SHIFT;
    arena.onLow = () => this.engine.gates |= GATE_ROOM;
  }

  /** Whether there is room for the command in the context; `bytes` is the length of its request. */
  hasRoom(id: number, bytes: number): boolean {
    const { engine } = this;
    const { arena } = engine.keyspace;
    let need = RESERVE_BYTES + 2 * bytes;
    let room = arenaRoom(arena);
    if (this.copies[id] !== 0 && room - need < arena.usedBytes) need += this.sourceBytes(id);
    if (room < need) room = this.reclaim(need);
    const isLarge = bytes >= LARGE_BLOCK_BYTES;
    if (room < need || (isLarge && !arenaCanHold(arena, this.largestArg()))) {
      engine.server.defrag.purge();
      return false;
    }
    const reserve = RESERVE_BYTES + arena.usedBytes / 2 ** RESERVE_SHIFT;
    if (room >= 2 * reserve) engine.gates &= ~GATE_ROOM;
    return true;
  }

  /** Frees what waits to be freed until there is room for `need`. Returns the room there is. */
  private reclaim(need: number): number {
    const { keyspace: ks, server } = this.engine;
    let room = arenaRoom(ks.arena);
    while (room < need && reclaimPending(ks) > 0) {
      reclaimSlice(ks, () => server.clock.monotonicUs(), SLICE_US);
      room = arenaRoom(ks.arena);
    }
    return room;
  }

  private largestArg(): number {
    const { ctx } = this.engine;
    let largest = 0;
    for (let i = 1; i < ctx.argc; i++) largest = Math.max(largest, ctx.len[i]);
    return largest;
  }

  /** About what the values of the command's keys take. */
  private sourceBytes(id: number): number {
    const { keyspace: ks, ctx, table } = this.engine;
    const count = extractKeys(table, id, ctx, this.keys);
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const arg = this.keys.args[i];
      const off = ctx.off[arg];
      const len = ctx.len[arg];
      const rec = keyFind(ks, ctx.db, keyHash(ks, ctx.argBuf, off, len), ctx.argBuf, off, len);
      if (rec === 0) continue;
      bytes += valueBytes(ks, recordMeta(ks.arena, rec), recordA(ks.arena, rec), SAMPLES);
    }
    return bytes + (bytes >> 2);
  }
}

/** Whether an exception says that memory could not be had. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof OutOfMemoryError;
}
