import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dictCreate,
  dictInsert,
  dictSetPolicy,
  KIND_RECORDS,
  RESIZE_FORBID,
} from "../../../lib/engine/dict.ts";
import { dictProbe, TOUCH_MAX } from "../../../lib/engine/dict_ahead.ts";
import { Arena, arenaAlloc } from "../../../lib/mem/arena.ts";

test("a probe finds the first entry with a hash, in the first two buckets of a chain", () => {
  const arena = new Arena();
  const dict = dictCreate(arena, KIND_RECORDS);
  dictSetPolicy(arena, dict, RESIZE_FORBID);
  // One bucket takes eight, so the later ones are in a second and a third.
  const entries = Array.from({ length: 20 }, () => arenaAlloc(arena, 16));
  for (const [i, entry] of entries.entries()) dictInsert(arena, dict, 1000 + i, entry);
  const again = arenaAlloc(arena, 32);
  dictInsert(arena, dict, 1000, again);
  const found = new Int32Array(TOUCH_MAX);
  const hashes = Int32Array.from([1000, 1003, 1010, 54321]);
  dictProbe(arena, dict, hashes, found, hashes.length);
  assert.equal(found[0], entries[0]);
  assert.equal(found[1], entries[3]);
  assert.ok(found[2] === entries[10] || found[2] === 0);
  assert.equal(found[3], 0);
  const all = Int32Array.from(entries, (_, i) => 1000 + i);
  dictProbe(arena, dict, all, found, all.length);
  const hits = entries.filter((entry, i) => found[i] === entry).length;
  assert.ok(hits >= 14, `${hits} of 20`);
  assert.ok(entries.every((entry, i) => found[i] === entry || found[i] === 0));
});
