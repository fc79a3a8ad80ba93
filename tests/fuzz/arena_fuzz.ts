// arena_fuzz.ts: random allocations and releases against a list of what must be there.
//
// Segments are emptied meanwhile: what lives in them is moved, or stays after all.
//
// Every block is filled with a pattern of its own (large ones at both ends and in the middle); a block that overlaps
// another, moves or loses bytes is found when it is freed. The arena checks itself at intervals and must be empty at
// the end.

import assert from "node:assert/strict";
import {
  Arena,
  arenaAlloc,
  arenaFree,
  arenaReset,
  arenaRounded,
  arenaTrim,
  arenaUsable,
  arenaVerify,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../../lib/mem/arena.ts";
import { arenaIsLeaving, arenaLeave, arenaMove, arenaStay } from "../../lib/mem/evacuation.ts";
import { FIRST_SEGMENT_BYTES, SEGMENT_BYTES } from "../../lib/limits.ts";
import { SeededRandom } from "../kit/clock.ts";

interface Block {
  handle: number;
  bytes: number;
  pattern: number;
}

/** Blocks up to this size are filled and compared entirely. */
const FILL_BYTES_MAX = 20_000;
const EDGE_BYTES = 64;
const VERIFY_EVERY = 2000;

function ranges(bytes: number): [from: number, to: number][] {
  if (bytes <= FILL_BYTES_MAX) return [[0, bytes]];
  const middle = bytes >> 1;
  return [[0, EDGE_BYTES], [middle, middle + EDGE_BYTES], [bytes - EDGE_BYTES, bytes]];
}

function fill(arena: Arena, block: Block): void {
  const base = (block.handle & UNIT_MASK) << 4;
  const bytes = arena.u8[block.handle >>> SEGMENT_SHIFT];
  assert.ok(base + block.bytes <= bytes.length, `block ${block.handle} leaves its segment`);
  for (const [from, to] of ranges(block.bytes)) bytes.fill(block.pattern, base + from, base + to);
}

function check(arena: Arena, block: Block): void {
  const base = (block.handle & UNIT_MASK) << 4;
  const bytes = arena.u8[block.handle >>> SEGMENT_SHIFT];
  for (const [from, to] of ranges(block.bytes)) {
    for (let i = from; i < to; i++) {
      if (bytes[base + i] !== block.pattern) {
        assert.fail(`byte ${i} of block ${block.handle} (${block.bytes} bytes) was overwritten`);
      }
    }
  }
}

function randomSize(random: SeededRandom): number {
  const kind = random.below(1000);
  if (kind < 700) return 1 + random.below(300);
  if (kind < 940) return 1 + random.below(20_000);
  if (kind < 996) return 16_000 + random.below(400_000);
  if (kind < 999) return 1 + random.below(40_000_000);
  return SEGMENT_BYTES / 2 + random.below(SEGMENT_BYTES);
}

/** Blocks above this are not moved. */
const MOVE_BYTES_MAX = 500_000;

/** Begins or ends the emptying of a segment, or moves some blocks that are leaving. */
function evacuate(random: SeededRandom, arena: Arena, live: Block[]): void {
  const segment = random.below(arena.u8.length + 1);
  const kind = random.below(10);
  if (kind < 3) arenaLeave(arena, segment);
  else if (kind < 4) arenaStay(arena, segment);
  else {
    const every = 1 + random.below(5);
    for (let i = 0; i < live.length; i += every) {
      const block = live[i];
      if (!arenaIsLeaving(arena, block.handle) || block.bytes > MOVE_BYTES_MAX) continue;
      block.handle = arenaMove(arena, block.handle);
    }
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const random = new SeededRandom(seed);
  const arena = new Arena();
  arena.detachBuffers = random.chance(0.5);
  let live: Block[] = [];
  let used = 0;
  // The number of live blocks swings, so that spans and segments fill, empty and come back.
  let growing = true;
  for (let n = 0; n < operations; n++) {
    if (random.below(500) === 0) growing = !growing;
    if (live.length === 0 || random.chance(growing ? 0.7 : 0.3)) {
      const bytes = randomSize(random);
      const block = { handle: arenaAlloc(arena, bytes), bytes, pattern: 1 + random.below(255) };
      assert.notEqual(block.handle, 0);
      assert.ok(arenaUsable(arena, block.handle) >= bytes);
      assert.equal(arenaUsable(arena, block.handle), arenaRounded(bytes));
      used += arenaRounded(bytes);
      fill(arena, block);
      live.push(block);
    } else {
      const at = random.below(live.length);
      const block = live[at];
      live[at] = live[live.length - 1];
      live.pop();
      check(arena, block);
      used -= arenaRounded(block.bytes);
      arenaFree(arena, block.handle);
    }
    assert.equal(arena.liveBlocks, live.length);
    assert.equal(arena.usedBytes, used);
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) arenaVerify(arena);
    if (random.below(3000) === 0) arenaTrim(arena);
    if (random.below(200) === 0) evacuate(random, arena, live);
    if (random.below(20_000) === 0) {
      arenaReset(arena);
      live = [];
      used = 0;
      arenaVerify(arena);
    }
  }
  arenaVerify(arena);
  for (const block of live) {
    check(arena, block);
    arenaFree(arena, block.handle);
  }
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arena.usedBytes, 0);
  assert.ok(arena.reservedBytes <= FIRST_SEGMENT_BYTES + SEGMENT_BYTES, "empty segments were kept");
  arenaTrim(arena);
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
}
