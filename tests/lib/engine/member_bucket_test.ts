import { test } from "node:test";
import assert from "node:assert/strict";
import { bucketCreate, chain, slot } from "../../../lib/engine/bucket.ts";
import {
  MEMBER_SLOTS,
  memberAppend,
  memberFree,
  memberLocate,
  memberRead,
  memberTakeOut,
  memberVerify,
} from "../../../lib/engine/member_bucket.ts";
import { Arena, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";

function wordsOf(arena: Arena, bucket: number): string {
  const w = (bucket & UNIT_MASK) << 2;
  const words = arena.i32[bucket >>> SEGMENT_SHIFT].slice(w, w + 16);
  return Array.from(words, (word) => (word >>> 0).toString(16)).join(" ");
}

function pairs(arena: Arena, head: number): string[] {
  const count = memberRead(arena, head);
  return Array.from({ length: count }, (_, i) => `${chain.hashes[i]}:${chain.entries[i]}`);
}

test("the words of a bucket", () => {
  const arena = new Arena();
  const bucket = bucketCreate(arena);
  memberAppend(arena, bucket, 0xbeef, 0x123);
  assert.equal(wordsOf(arena, bucket), "beef 0 0 0 0 123 0 0 0 0 0 0 0 0 0 0");
  memberAppend(arena, bucket, 0xcafe, 0x456);
  memberAppend(arena, bucket, 1, 0x789);
  assert.equal(wordsOf(arena, bucket), "cafebeef 1 0 0 0 123 456 789 0 0 0 0 0 0 0 0");
  assert.ok(memberLocate(arena, bucket, 0x123));
  assert.deepEqual(slot, { bucket, word: 5 });
  assert.equal(memberTakeOut(arena, bucket), 0);
  assert.equal(wordsOf(arena, bucket), "cafe0001 0 0 0 0 789 456 0 0 0 0 0 0 0 0 0");
});

test("chains grow and shrink at their end", () => {
  const arena = new Arena();
  const own = arena.liveBlocks;
  const head = bucketCreate(arena);
  const model: string[] = [];
  let links = 0;
  for (let i = 1; i <= 35; i++) {
    links += memberAppend(arena, head, i * 7, i * 1000);
    model.push(`${i * 7}:${i * 1000}`);
    assert.deepEqual(pairs(arena, head), model);
    assert.equal(memberVerify(arena, head, 0), links);
  }
  assert.equal(links, 3);
  for (const i of [1, 35, 10, 11, 20, 34, 2, 30, 31, 21]) {
    assert.ok(memberLocate(arena, head, i * 1000));
    links -= memberTakeOut(arena, head);
    const at = model.indexOf(`${i * 7}:${i * 1000}`);
    const last = model.pop() as string;
    if (at < model.length) model[at] = last;
    assert.deepEqual(pairs(arena, head), model);
    assert.equal(memberVerify(arena, head, 0), links);
    assert.ok(!memberLocate(arena, head, i * 1000));
  }
  assert.equal(links, Math.ceil(model.length / MEMBER_SLOTS) - 1);
  assert.equal(memberFree(arena, head), links);
  arenaFree(arena, head);
  assert.equal(arena.liveBlocks, own);
});

test("verify finds what is wrong", () => {
  const arena = new Arena();
  const head = bucketCreate(arena);
  memberAppend(arena, head, 1, 1000);
  memberAppend(arena, head, 2, 2000);
  const words = arena.i32[head >>> SEGMENT_SHIFT];
  const w = (head & UNIT_MASK) << 2;
  words[w + 5] = 0;
  assert.throws(() => memberVerify(arena, head, 0), /hole|tag without/);
  words[w + 5] = 1000;
  words[w + 4] = 5;
  assert.throws(() => memberVerify(arena, head, 0), /tag without/);
  words[w + 4] = 0;
  words[w + 15] = bucketCreate(arena);
  assert.throws(() => memberVerify(arena, head, 0), /before a link/);
});
