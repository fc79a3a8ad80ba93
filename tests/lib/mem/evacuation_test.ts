import { test } from "node:test";
import assert from "node:assert/strict";
import {
  Arena,
  arenaAlloc,
  arenaFree,
  ArenaFullError,
  arenaReset,
  arenaUsable,
  arenaVerify,
  SEGMENT_SHIFT,
  UNIT_MASK,
} from "../../../lib/mem/arena.ts";
import {
  arenaIsLeaving,
  arenaLeave,
  arenaMove,
  arenaStay,
  arenaSurvey,
  survey,
} from "../../../lib/mem/evacuation.ts";
import { FIRST_SEGMENT_BYTES, SEGMENT_BYTES } from "../../../lib/limits.ts";

/** Blocks of a size that have filled the first segment, and `count` more, which lie in the second one. */
function blocksInSecond(arena: Arena, bytes: number, count: number): number[] {
  const found: number[] = [];
  while (found.length < count) {
    const block = arenaAlloc(arena, bytes);
    if (block >>> SEGMENT_SHIFT === 1) found.push(block);
  }
  return found;
}

function mark(arena: Arena, block: number, value: number): void {
  arena.u8[block >>> SEGMENT_SHIFT].fill(
    value,
    (block & UNIT_MASK) << 4,
    ((block & UNIT_MASK) << 4) + arenaUsable(arena, block),
  );
}

function isMarked(arena: Arena, block: number, value: number): boolean {
  const off = (block & UNIT_MASK) << 4;
  const bytes = arena.u8[block >>> SEGMENT_SHIFT];
  return bytes.subarray(off, off + arenaUsable(arena, block)).every((byte) => byte === value);
}

test("a segment whose blocks have moved is dropped", () => {
  for (const detach of [true, false]) {
    const arena = new Arena();
    arena.detachBuffers = detach;
    const blocks = [...blocksInSecond(arena, 100, 5000), ...blocksInSecond(arena, 50_000, 20)];
    blocks.forEach((block, i) => mark(arena, block, i & 255));
    const { liveBlocks, usedBytes } = arena;
    const touched = arena.touchedBytes;
    assert.ok(arenaLeave(arena, 1));
    arenaVerify(arena);
    for (const block of blocks) assert.ok(arenaIsLeaving(arena, block));
    const moved = blocks.map((block) => arenaMove(arena, block));
    assert.equal(arena.u8[1].length, 0);
    assert.equal(arena.emptyingCount, 0);
    assert.equal(arena.drops, 1);
    arenaVerify(arena);
    moved.forEach((block, i) => assert.ok(isMarked(arena, block, i & 255), `block ${i}`));
    assert.equal(arena.liveBlocks, liveBlocks);
    assert.equal(arena.usedBytes, usedBytes);
    assert.ok(arena.touchedBytes <= touched, `${arena.touchedBytes} of ${touched}`);
  }
});

test("nothing is allocated in a segment that is left, and freeing there keeps the books", () => {
  const arena = new Arena();
  const blocks = blocksInSecond(arena, 1000, 300);
  for (let i = 0; i < 300; i += 2) arenaFree(arena, blocks[i]);
  assert.ok(arenaLeave(arena, 1));
  for (let i = 0; i < 2000; i++) {
    assert.notEqual(arenaAlloc(arena, 1000) >>> SEGMENT_SHIFT, 1);
    assert.notEqual(arenaAlloc(arena, 20_000) >>> SEGMENT_SHIFT, 1);
  }
  assert.equal(arenaUsable(arena, blocks[1]), 1008);
  for (let i = 1; i < 200; i += 2) arenaFree(arena, blocks[i]);
  arenaVerify(arena);
  for (let i = 201; i < 300; i += 2) arenaFree(arena, blocks[i]);
  assert.equal(arena.u8[1].length, 0);
  arenaVerify(arena);
});

test("a segment may stay after all", () => {
  const arena = new Arena();
  const blocks = [...blocksInSecond(arena, 64, 3000), ...blocksInSecond(arena, 30_000, 30)];
  arenaLeave(arena, 1);
  for (let i = 0; i < blocks.length; i += 3) arenaFree(arena, blocks[i]);
  for (let i = 1; i < blocks.length; i += 3) arenaMove(arena, blocks[i]);
  arenaStay(arena, 1);
  arenaVerify(arena);
  assert.equal(arena.emptyingCount, 0);
  for (let i = 2; i < blocks.length; i += 3) arenaFree(arena, blocks[i]);
  arenaVerify(arena);
  arenaStay(arena, 1);
  arenaVerify(arena);
});

test("which segments can be left", () => {
  const arena = new Arena();
  assert.equal(arenaLeave(arena, 0), false, "the first");
  assert.equal(arenaLeave(arena, 1), false, "none");
  const huge = arenaAlloc(arena, SEGMENT_BYTES);
  assert.equal(arenaLeave(arena, huge >>> SEGMENT_SHIFT), false, "one of a huge block");
  const [block] = blocksInSecond2(arena);
  const segment = block >>> SEGMENT_SHIFT;
  assert.equal(arenaLeave(arena, segment), true);
  assert.equal(arenaLeave(arena, segment), false, "one that is being left");
  arenaReset(arena);
  assert.equal(arena.emptyingCount, 0);
  arenaVerify(arena);
});

/** A block outside the first segment. */
function blocksInSecond2(arena: Arena): number[] {
  for (;;) {
    const block = arenaAlloc(arena, 16_384);
    if (block >>> SEGMENT_SHIFT > 1) return [block];
  }
}

test("an empty segment is dropped at once", () => {
  const arena = new Arena();
  arenaFree(arena, blocksInSecond(arena, 16_384, 1)[0]);
  assert.equal(arena.emptySegments, 1);
  assert.ok(arenaLeave(arena, 1));
  assert.equal(arena.emptySegments, 0);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
  arenaVerify(arena);
});

test("a survey counts what lives", () => {
  const arena = new Arena();
  assert.equal(arenaSurvey(arena, 0), false);
  const blocks = [...blocksInSecond(arena, 100, 1000), ...blocksInSecond(arena, 100_000, 3)];
  const bytes = blocks.reduce((sum, block) => sum + arenaUsable(arena, block), 0);
  assert.ok(arenaSurvey(arena, 1));
  assert.deepEqual({ ...survey }, { liveBytes: bytes, largestBytes: 106_496 });
});

test("when no segment is left, those that are being emptied are used", () => {
  const arena = new Arena();
  arena.segmentsMax = 2;
  const blocks = blocksInSecond(arena, 16_384, 100);
  arenaLeave(arena, 1);
  let fresh = 0;
  for (let i = 0; i < 200; i++) fresh = arenaAlloc(arena, 16_384);
  assert.equal(fresh >>> SEGMENT_SHIFT, 1);
  assert.equal(arena.emptyingCount, 0);
  assert.equal(arenaIsLeaving(arena, blocks[0]), false);
  arenaVerify(arena);
  assert.throws(() => arenaAlloc(arena, SEGMENT_BYTES), ArenaFullError);
  arenaVerify(arena);
});
