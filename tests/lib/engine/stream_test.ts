import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { ENCODING_STREAM } from "../../../lib/engine/record.ts";
import { streamAppend, streamDelete, streamTrim } from "../../../lib/engine/stream_entries.ts";
import {
  consumerCreate,
  groupCreate,
  pendingAssign,
  pendingInsert,
  pendingLoad,
  pendingSet,
} from "../../../lib/engine/stream_groups.ts";
import { ID_MIN } from "../../../lib/engine/stream_id.ts";
import { indexCount, IndexCursor } from "../../../lib/engine/stream_index.ts";
import { streamCreate, streamLength, streamNodes } from "../../../lib/engine/stream_root.ts";
import {
  groupLag,
  streamEntriesUntil,
  streamIsWhole,
  streamValue,
} from "../../../lib/engine/stream.ts";
import { streamRadixNodes } from "../../../lib/engine/stream_radix.ts";
import { EncodingLimits, type ValueContext } from "../../../lib/engine/value_context.ts";
import { Arena } from "../../../lib/mem/arena.ts";
import { fuzz } from "../../fuzz/stream_fuzz.ts";

const LEN = Int32Array.of(1, 1);
const OFF = Int32Array.of(0, 1);
const NAME = fromLatin1("name");

function context(): ValueContext {
  return {
    arena: new Arena(),
    hashKey0: 1,
    hashKey1: 2,
    next32: () => 4,
    limits: new EncodingLimits(),
  };
}

function id(ms: number): Int32Array {
  return Int32Array.of(0, ms, 0, 0);
}

/** A stream with entries 1-0 to count-0. */
function streamOf(vc: ValueContext, count: number): number {
  const root = streamCreate(vc.arena);
  const bytes = fromLatin1("fv");
  for (let ms = 1; ms <= count; ms++) streamAppend(vc, root, id(ms), bytes, OFF, LEN, 0, 1);
  return root;
}

test("a new stream takes few bytes", () => {
  const vc = context();
  const root = streamOf(vc, 1);
  // The root, the index of nodes with its first leaf, a node.
  assert.equal(vc.arena.liveBlocks, 4);
  assert.ok(vc.arena.usedBytes <= 288, String(vc.arena.usedBytes));
  assert.equal(streamValue.bytes(vc, ENCODING_STREAM, root, 0), vc.arena.usedBytes);
});

test("an entry with one field takes 14 bytes in a full node", () => {
  const vc = context();
  const root = streamOf(vc, 100_000);
  assert.equal(indexCount(vc.arena, streamNodes(vc.arena, root)), 1000);
  assert.ok(vc.arena.usedBytes / 100_000 < 15.5, String(vc.arena.usedBytes / 100_000));
});

test("freeing in slices frees everything, a little at a time", () => {
  const vc = context();
  const root = streamOf(vc, 5000);
  const cursor = new IndexCursor();
  const group = groupCreate(vc.arena, root, NAME, 0, 4, ID_MIN, 0, 0, 0);
  const consumer = consumerCreate(vc.arena, group, NAME, 0, 4, 1);
  for (let ms = 1; ms <= 5000; ms++) {
    pendingInsert(vc.arena, group, id(ms), 0, cursor);
    pendingSet(cursor, 1, 1);
    pendingAssign(vc.arena, cursor, consumer);
  }
  assert.equal(streamValue.verify(vc, ENCODING_STREAM, root), vc.arena.liveBlocks);
  let calls = 0;
  for (let before = vc.arena.liveBlocks; !streamValue.freeSlice(vc, ENCODING_STREAM, root, 10);) {
    assert.ok(before - vc.arena.liveBlocks <= 10 + 33);
    before = vc.arena.liveBlocks;
    calls++;
  }
  assert.ok(calls > 5);
  assert.equal(vc.arena.liveBlocks, 0);
});

test("a stream that is put together must be whole", () => {
  const vc = context();
  const root = streamOf(vc, 3);
  assert.ok(streamIsWhole(vc, root));
  const group = groupCreate(vc.arena, root, NAME, 0, 4, ID_MIN, 0, 0, 0);
  assert.ok(pendingLoad(vc.arena, group, id(1), 0, 5, 0, 1, 0));
  assert.equal(pendingLoad(vc.arena, group, id(1), 0, 5, 0, 1, 0), false);
  assert.equal(streamIsWhole(vc, root), false);
});

test("how many entries were added up to an id", () => {
  const vc = context();
  const root = streamOf(vc, 10);
  const out = new Int32Array(2);
  const until = (ms: number): number => {
    streamEntriesUntil(vc, root, id(ms), 0, out);
    return out[0];
  };
  assert.deepEqual([0, 1, 5, 10, 11].map(until), [0, 1, -1, 10, -1]);
  streamTrim(vc, root, 7, ID_MIN, false, 0);
  assert.deepEqual([0, 3, 4, 5, 10].map(until), [3, 3, 4, -1, 10]);
  streamDelete(vc, root, id(6), 0);
  assert.deepEqual([0, 3, 4, 10].map(until), [-1, -1, -1, 10]);
  streamTrim(vc, root, 0, ID_MIN, false, 0);
  assert.deepEqual([0, 3, 10, 11].map(until), [10, 10, 10, -1]);
});

test("the lag of a group", () => {
  const vc = context();
  const root = streamOf(vc, 10);
  const out = new Int32Array(2);
  const known = groupCreate(vc.arena, root, NAME, 0, 1, id(4), 0, 4, 0);
  const unknown = groupCreate(vc.arena, root, NAME, 1, 1, id(4), 0, -1, -1);
  assert.ok(groupLag(vc, root, known, out));
  assert.deepEqual([...out], [6, 0]);
  assert.equal(groupLag(vc, root, unknown, out), false);
  streamDelete(vc, root, id(6), 0);
  assert.equal(groupLag(vc, root, known, out), false);
});

test("nodes of the radix tree", () => {
  const vc = context();
  vc.limits.streamNodeMaxEntries = 1;
  const counts = [1, 2, 3, 256, 257].map((count) => streamRadixNodes(vc, streamOf(vc, count)));
  assert.deepEqual(counts, [2, 6, 8, 515, 518]);
  assert.equal(streamRadixNodes(vc, streamCreate(vc.arena)), 1);
});

test("the length is that of the entries", () => {
  const vc = context();
  const root = streamOf(vc, 250);
  assert.equal(streamTrim(vc, root, 120, ID_MIN, true, 0), 100);
  assert.equal(streamLength(vc.arena, root), 150);
});

for (const seed of [1, 2, 3]) {
  test(`random operations, seed ${seed}`, () => fuzz(seed, 2000, () => {}));
}
