import { test } from "node:test";
import assert from "node:assert/strict";
import { FIRST_SEGMENT_BYTES, SEGMENT_BYTES } from "../../../lib/limits.ts";
import {
  Arena,
  arenaAlloc,
  arenaFree,
  ArenaFullError,
  arenaReset,
  arenaRounded,
  arenaTrim,
  arenaUsable,
  arenaVerify,
  CLASS_COUNT,
  SEGMENT_SHIFT,
  UNIT_BYTES,
  UNIT_MASK,
} from "../../../lib/mem/arena.ts";
import { fuzz } from "../../fuzz/arena_fuzz.ts";

const PAGE_BYTES = 8192;

function segmentOf(handle: number): number {
  return handle >>> SEGMENT_SHIFT;
}

test("size classes: multiples of 16 to 1 KiB, then four per doubling, then pages", () => {
  const rows: [bytes: number, rounded: number][] = [
    [0, 16],
    [1, 16],
    [16, 16],
    [17, 32],
    [1008, 1008],
    [1009, 1024],
    [1024, 1024],
    [1025, 1280],
    [1281, 1536],
    [2048, 2048],
    [2049, 2560],
    [16383, 16384],
    [16384, 16384],
    [16385, 3 * PAGE_BYTES],
    [100_000, 13 * PAGE_BYTES],
  ];
  for (const [bytes, rounded] of rows) assert.equal(arenaRounded(bytes), rounded, String(bytes));
  assert.equal(CLASS_COUNT, 64 + 16);
});

test("a fresh arena holds nothing and never hands out handle 0", () => {
  const arena = new Arena();
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
  for (const bytes of [1, 16, 8192, 16385, 1_000_000]) assert.notEqual(arenaAlloc(arena, bytes), 0);
  assert.equal(arenaVerify(arena), 5);
});

test("every class: blocks are usable to the last byte, disjoint, and all come back", () => {
  const arena = new Arena();
  for (const bytes of [1, 16, 40, 1000, 1100, 5000, 16384, 16385, 200_000]) {
    const handles: number[] = [];
    for (let i = 0; i < 40; i++) {
      const handle = arenaAlloc(arena, bytes);
      const usable = arenaUsable(arena, handle);
      assert.equal(usable, arenaRounded(bytes));
      const off = (handle & UNIT_MASK) * UNIT_BYTES;
      arena.u8[segmentOf(handle)].fill(i + 1, off, off + usable);
      handles.push(handle);
    }
    arenaVerify(arena);
    for (const [i, handle] of handles.entries()) {
      const off = (handle & UNIT_MASK) * UNIT_BYTES;
      const block = arena.u8[segmentOf(handle)].subarray(off, off + arenaRounded(bytes));
      assert.ok(block.every((byte) => byte === i + 1), `block ${i} of ${bytes} bytes`);
      arenaFree(arena, handle);
      arenaVerify(arena);
    }
  }
  assert.equal(arena.usedBytes, 0);
  assert.equal(arena.liveBlocks, 0);
});

test("accounting: used and peak bytes are those of the blocks", () => {
  const arena = new Arena();
  const small = arenaAlloc(arena, 17);
  const large = arenaAlloc(arena, 20_000);
  assert.equal(arena.usedBytes, 32 + 3 * PAGE_BYTES);
  arenaFree(arena, large);
  assert.equal(arena.usedBytes, 32);
  assert.equal(arena.peakBytes, 32 + 3 * PAGE_BYTES);
  arenaFree(arena, small);
  assert.equal(arena.usedBytes, 0);
});

test("freed blocks are used again before new ones", () => {
  const arena = new Arena();
  const handles = Array.from({ length: 100 }, () => arenaAlloc(arena, 64));
  arenaFree(arena, handles[30]);
  arenaFree(arena, handles[70]);
  const again = [arenaAlloc(arena, 50), arenaAlloc(arena, 64)];
  assert.deepEqual(again.sort(), [handles[30], handles[70]].sort());
});

test("neighbouring runs of pages join, so that a large block fits where small ones were", () => {
  const arena = new Arena();
  const bytes = 10 * PAGE_BYTES;
  const handles = Array.from({ length: 8 }, () => arenaAlloc(arena, bytes));
  for (const at of [1, 3, 2, 6, 4, 5]) {
    arenaFree(arena, handles[at]);
    arenaVerify(arena);
  }
  assert.equal(arenaAlloc(arena, 6 * bytes), handles[1]);
  arenaVerify(arena);
});

test("segments come with the data and go with it, but for one spare", () => {
  const arena = new Arena();
  const bytes = 4 * 1024 * 1024;
  const handles = Array.from({ length: 100 }, () => arenaAlloc(arena, bytes));
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES + 4 * SEGMENT_BYTES);
  for (const handle of handles) arenaFree(arena, handle);
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES + SEGMENT_BYTES);
  // The spare is taken before a new one is made.
  for (let i = 0; i < 30; i++) arenaAlloc(arena, bytes);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES + SEGMENT_BYTES);
  arenaVerify(arena);
});

test("the spare goes when asked for", () => {
  const arena = new Arena();
  const handles = Array.from({ length: 5 }, () => arenaAlloc(arena, SEGMENT_BYTES / 2));
  assert.equal(arenaTrim(arena), 0);
  for (const handle of handles) arenaFree(arena, handle);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES + SEGMENT_BYTES);
  assert.equal(arenaTrim(arena), 1);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arenaTrim(arena), 0);
  for (let i = 0; i < 5; i++) arenaAlloc(arena, SEGMENT_BYTES / 2);
  assert.equal(arenaVerify(arena), 5);
});

test("handles beyond 2 GiB are negative numbers and as good as others", () => {
  const arena = new Arena();
  // As if 255 more segments had been made and dropped, but the next number is theirs.
  for (let seg = 1; seg < 256; seg++) {
    arena.u8.push(new Uint8Array(0));
    arena.i32.push(new Int32Array(0));
    arena.pageSpan.push(new Int32Array(0));
    arena.hugeBytes.push(0);
    arena.touched.push(new Uint8Array(0));
    arena.touchedBytesOf.push(0);
  }
  const filler = arenaAlloc(arena, SEGMENT_BYTES / 2);
  const handles = [3_000_000, 100, 20_000, 100, 3_000_000, 64].map((bytes) => {
    const handle = arenaAlloc(arena, SEGMENT_BYTES / 4);
    return [handle, arenaAlloc(arena, bytes)];
  }).flat();
  assert.ok(
    handles.filter((handle) => handle < 0).length > 4,
    "few handles have their top bit set",
  );
  assert.ok(handles.some((handle) => segmentOf(handle) === 256));
  for (const handle of handles) arena.i32[segmentOf(handle)][(handle & UNIT_MASK) << 2] = handle;
  for (const handle of handles) {
    assert.equal(arena.i32[segmentOf(handle)][(handle & UNIT_MASK) << 2], handle);
    arenaFree(arena, handle);
    arenaVerify(arena);
  }
  arenaFree(arena, filler);
  assert.equal(arenaVerify(arena), 0);
});

test("huge blocks have a buffer of their own that goes with them", () => {
  for (const detach of [false, true]) {
    const arena = new Arena();
    arena.detachBuffers = detach;
    const bytes = SEGMENT_BYTES + 5;
    const handle = arenaAlloc(arena, bytes);
    const buffer = arena.u8[segmentOf(handle)].buffer;
    const bytesBefore = buffer.byteLength;
    assert.equal(handle & UNIT_MASK, 0);
    assert.ok(arenaUsable(arena, handle) >= bytes);
    assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES + arenaUsable(arena, handle));
    arena.u8[segmentOf(handle)][bytes - 1] = 1;
    arenaVerify(arena);
    arenaFree(arena, handle);
    assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
    // Nothing of it is kept: where it is not detached, the collector has it.
    assert.ok(![...arena.u8, ...arena.i32].some((view) => view.buffer === buffer));
    assert.equal(buffer.byteLength, detach ? 0 : bytesBefore);
    assert.equal(arenaVerify(arena), 0);
  }
});

test("a block that no buffer can hold is refused and leaves no trace", () => {
  const arena = new Arena();
  const keep = arenaAlloc(arena, 100);
  assert.throws(() => arenaAlloc(arena, 2 ** 52), ArenaFullError);
  assert.equal(arenaVerify(arena), 1);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
  arenaFree(arena, keep);
});

test("reset forgets everything and keeps the peak", () => {
  const arena = new Arena();
  for (let i = 0; i < 50; i++) arenaAlloc(arena, 5_000_000);
  const peak = arena.peakBytes;
  arenaReset(arena);
  assert.equal(arenaVerify(arena), 0);
  assert.equal(arena.usedBytes, 0);
  assert.equal(arena.reservedBytes, FIRST_SEGMENT_BYTES);
  assert.equal(arena.peakBytes, peak);
  assert.notEqual(arenaAlloc(arena, 100), 0);
});

test("verify finds an overwritten free list, a wrong count and a lost block", () => {
  const broken = (harm: (arena: Arena, handle: number) => void): void => {
    const arena = new Arena();
    const handle = arenaAlloc(arena, 64);
    arenaAlloc(arena, 64);
    harm(arena, handle);
    assert.throws(() => arenaVerify(arena), /^Error: arena: /);
  };
  broken((arena, handle) => {
    arenaFree(arena, handle);
    arena.i32[segmentOf(handle)][(handle & UNIT_MASK) << 2] = 12345;
  });
  broken((arena) => arena.usedBytes += 16);
  broken((arena) => arena.liveBlocks--);
  broken((arena, handle) => {
    arenaFree(arena, handle);
    arenaFree(arena, handle);
  });
});

test("random allocations", () => {
  for (const seed of [1, 2, 3]) fuzz(seed, 6000);
});
