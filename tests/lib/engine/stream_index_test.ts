import assert from "node:assert/strict";
import { test } from "node:test";
import {
  indexBytes,
  indexCount,
  indexCreate,
  IndexCursor,
  indexFind,
  indexFirst,
  indexLast,
  indexNext,
  indexPrev,
  indexSeek,
  indexSeekBack,
} from "../../../lib/engine/stream_index.ts";
import {
  indexDelete,
  indexDestroy,
  indexDropTail,
  indexInsert,
} from "../../../lib/engine/stream_index_change.ts";
import { indexVerify } from "../../../lib/engine/stream_index_verify.ts";
import { Arena } from "../../../lib/mem/arena.ts";
import { SeededRandom } from "../../kit/clock.ts";

const id = new Int32Array(4);

/** The id of a small number; every word takes part, unsigned. */
function idOf(n: number): Int32Array {
  id[0] = n >> 12 << 30;
  id[1] = (n >> 8 & 15) << 28;
  id[2] = (n >> 4 & 15) << 28;
  id[3] = (n & 15) << 28;
  return id;
}

function numberAt(cursor: IndexCursor): number {
  const { words, word } = cursor;
  return (words[word] >>> 30 << 12) | (words[word + 1] >>> 28 << 8) |
    (words[word + 2] >>> 28 << 4) | (words[word + 3] >>> 28);
}

function insert(arena: Arena, index: number, n: number): boolean {
  const cursor = new IndexCursor();
  const added = indexInsert(arena, index, idOf(n), 0, cursor);
  if (added) cursor.words[cursor.word + 4] = ~n;
  assert.equal(cursor.words[cursor.word + 4], ~n);
  return added;
}

function contents(arena: Arena, index: number): number[] {
  const cursor = new IndexCursor();
  const found: number[] = [];
  for (let more = indexFirst(arena, index, cursor); more; more = indexNext(arena, cursor)) {
    assert.equal(cursor.words[cursor.word + 4], ~numberAt(cursor));
    found.push(numberAt(cursor));
  }
  return found;
}

test("an empty index", () => {
  const arena = new Arena();
  const before = arena.liveBlocks;
  const index = indexCreate(arena, 1);
  const cursor = new IndexCursor();
  assert.equal(indexCount(arena, index), 0);
  assert.equal(indexFirst(arena, index, cursor), false);
  assert.equal(indexLast(arena, index, cursor), false);
  assert.equal(indexSeek(arena, index, idOf(1), 0, cursor), false);
  assert.equal(indexSeekBack(arena, index, idOf(1), 0, cursor), false);
  assert.equal(indexDelete(arena, index, idOf(1), 0), false);
  assert.equal(indexVerify(arena, index), 1);
  assert.equal(indexBytes(arena, index), 16);
  indexDestroy(arena, index);
  assert.equal(arena.liveBlocks, before);
});

test("rising ids fill the blocks", () => {
  const arena = new Arena();
  const index = indexCreate(arena, 1);
  for (let n = 0; n < 4096; n++) assert.ok(insert(arena, index, n));
  // 128 leaves, 4 blocks above them, the root, the index.
  assert.equal(indexVerify(arena, index), 128 + 4 + 1 + 1);
  assert.deepEqual(contents(arena, index), Array.from({ length: 4096 }, (_, n) => n));
  for (let n = 0; n < 4096; n++) assert.ok(indexDelete(arena, index, idOf(n), 0));
  assert.equal(indexVerify(arena, index), 1);
});

test("tails are dropped leaf by leaf", () => {
  const arena = new Arena();
  const index = indexCreate(arena, 1);
  for (let n = 0; n < 100; n++) insert(arena, index, n);
  assert.equal(indexDropTail(arena, index), 1);
  assert.equal(indexCount(arena, index), 96);
  indexVerify(arena, index);
  while (indexCount(arena, index) > 0) indexDropTail(arena, index);
  assert.equal(indexVerify(arena, index), 1);
});

for (const seed of [1, 2, 3]) {
  test(`as a sorted array, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const arena = new Arena();
    const index = indexCreate(arena, 1);
    const model = new Set<number>();
    const cursor = new IndexCursor();
    for (let phase = 0; phase < 6; phase++) {
      const adding = phase % 2 === 0 ? 0.8 : 0.15;
      for (let step = 0; step < 1500; step++) {
        const n = random.below(3000);
        if (random.chance(adding)) {
          assert.equal(insert(arena, index, n), !model.has(n));
          model.add(n);
        } else assert.equal(indexDelete(arena, index, idOf(n), 0), model.delete(n));
        if (step % 100 === 0) assert.equal(indexVerify(arena, index), arena.liveBlocks);
      }
      const sorted = [...model].sort((a, b) => a - b);
      assert.equal(indexCount(arena, index), sorted.length);
      assert.deepEqual(contents(arena, index), sorted);
      for (let probe = 0; probe < 200; probe++) {
        const n = random.below(3100);
        const ceiling = sorted.find((other) => other >= n);
        const floor = sorted.findLast((other) => other <= n);
        assert.equal(indexSeek(arena, index, idOf(n), 0, cursor), ceiling !== undefined);
        if (ceiling !== undefined) assert.equal(numberAt(cursor), ceiling);
        if (ceiling !== undefined && indexPrev(arena, cursor)) {
          assert.equal(numberAt(cursor), sorted[sorted.indexOf(ceiling) - 1]);
        }
        assert.equal(indexSeekBack(arena, index, idOf(n), 0, cursor), floor !== undefined);
        if (floor !== undefined) assert.equal(numberAt(cursor), floor);
        assert.equal(indexFind(arena, index, idOf(n), 0, cursor), model.has(n));
      }
    }
  });
}
