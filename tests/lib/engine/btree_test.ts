import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import {
  btreeBlocks,
  btreeBytes,
  btreeClear,
  btreeCount,
  btreeCreate,
  btreeDestroy,
  btreeHeight,
  btreeRankOfName,
  btreeRankOfScore,
  btreeSeekOwn,
  btreeSeekRank,
} from "../../../lib/engine/btree.ts";
import { btreeInsert, btreeRemove, btreeSetScore } from "../../../lib/engine/btree_change.ts";
import {
  LEAF_SLOTS,
  leafCount,
  leafMember,
  leafNext,
  leafPrev,
  spot,
} from "../../../lib/engine/btree_node.ts";
import { btreeVerify } from "../../../lib/engine/btree_verify.ts";
import { scoredCreate, scoreKey, scoreOf } from "../../../lib/engine/zset_member.ts";
import { Arena, arenaFree, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { withSeed } from "../../kit/clock.ts";
import { fuzz } from "../../fuzz/btree_fuzz.ts";

const INNER_SLOTS = 31;

class Tree {
  arena = new Arena();
  tree = btreeCreate(this.arena);

  add(score: number, name: string): number {
    const bytes = fromLatin1(name);
    const member = scoredCreate(this.arena, score, bytes, 0, bytes.length);
    btreeSeekOwn(this.arena, this.tree, member);
    btreeInsert(this.arena, this.tree, member);
    return member;
  }

  remove(rank: number): void {
    const member = btreeSeekRank(this.arena, this.tree, rank);
    btreeRemove(this.arena, this.tree);
    arenaFree(this.arena, member);
  }

  scores(): number[] {
    return Array.from(
      { length: btreeCount(this.arena, this.tree) },
      (_, rank) => scoreOf(this.arena, btreeSeekRank(this.arena, this.tree, rank)),
    );
  }

  get height(): number {
    return btreeHeight(this.arena, this.tree);
  }

  get blocks(): number {
    return btreeBlocks(this.arena, this.tree);
  }

  verify(): void {
    assert.equal(btreeVerify(this.arena, this.tree), this.blocks);
  }
}

test("a member is a block with the score in front of its name", () => {
  const arena = new Arena();
  const member = scoredCreate(arena, 1, fromLatin1("abc"), 0, 3);
  const at = (member & UNIT_MASK) << 4;
  const bytes = [...arena.u8[member >>> SEGMENT_SHIFT].slice(at, at + 12)];
  assert.equal(
    bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
    "00 00 00 00 00 00 f0 3f 03 61 62 63",
  );
});

test("keys keep the order of scores", () => {
  const scores = [
    -Infinity,
    -Number.MAX_VALUE,
    -1e30,
    -2,
    -1.5,
    -1,
    -5e-324,
    0,
    5e-324,
    1,
    1.5,
    16777216,
    16777217,
    1.7e12,
    1e300,
    Infinity,
  ];
  for (let i = 1; i < scores.length; i++) {
    assert.ok(scoreKey(scores[i - 1]) <= scoreKey(scores[i]), `${scores[i - 1]}, ${scores[i]}`);
  }
  assert.equal(scoreKey(-0), scoreKey(0));
  assert.ok(scoreKey(-1) < scoreKey(0) && scoreKey(0) < scoreKey(1));
});

test("an empty tree is one leaf", () => {
  const it = new Tree();
  it.verify();
  assert.equal(it.height, 0);
  assert.equal(it.blocks, 2);
  assert.equal(btreeBytes(it.arena, it.tree), 16 + 512);
  assert.equal(btreeRankOfScore(it.arena, it.tree, 0, true), 0);
});

test("rising and falling insertions fill their leaves", () => {
  for (const sign of [1, -1]) {
    const it = new Tree();
    const count = LEAF_SLOTS * INNER_SLOTS;
    for (let i = 0; i < count; i++) it.add(sign * i, `m${i}`);
    it.verify();
    assert.equal(it.height, 1);
    assert.equal(it.blocks, 1 + 1 + INNER_SLOTS);
    btreeSeekRank(it.arena, it.tree, LEAF_SLOTS);
    assert.equal(leafCount(it.arena, spot.leaf), LEAF_SLOTS);
  }
});

test("leaves are linked both ways", () => {
  const it = new Tree();
  for (let i = 0; i < 200; i++) it.add(i * 37 % 200, `m${i}`);
  btreeSeekRank(it.arena, it.tree, 0);
  let rank = 0;
  let before = 0;
  for (let leaf = spot.leaf; leaf !== 0; leaf = leafNext(it.arena, leaf)) {
    assert.equal(leafPrev(it.arena, leaf), before);
    for (let i = 0; i < leafCount(it.arena, leaf); i++) {
      assert.equal(scoreOf(it.arena, leafMember(it.arena, leaf, i)), rank++);
    }
    before = leaf;
  }
  assert.equal(rank, 200);
});

test("ranks of scores that have equal keys", () => {
  const it = new Tree();
  const start = 1_700_000_000_000;
  for (let i = 0; i < 300; i++) it.add(start + i, `m${i}`);
  assert.equal(scoreKey(start), scoreKey(start + 299));
  for (const i of [0, 1, 61, 62, 150, 299]) {
    assert.equal(btreeRankOfScore(it.arena, it.tree, start + i, false), i);
    assert.equal(btreeRankOfScore(it.arena, it.tree, start + i, true), i + 1);
  }
});

test("ranks of names", () => {
  const it = new Tree();
  for (const name of ["b", "d", "a", "c", ""]) it.add(0, name);
  const rank = (name: string, orEqual: boolean): number => {
    const bytes = fromLatin1(name);
    return btreeRankOfName(it.arena, it.tree, bytes, 0, bytes.length, orEqual);
  };
  assert.deepEqual([rank("", false), rank("", true)], [0, 1]);
  assert.deepEqual([rank("b", false), rank("b", true), rank("bb", false)], [2, 3, 3]);
  assert.deepEqual([rank("x", false), rank("x", true)], [5, 5]);
});

test("a member whose neighbours allow it keeps its place", () => {
  const it = new Tree();
  const members = [10, 20, 30].map((score) => it.add(score, `m${score}`));
  btreeSetScore(it.arena, it.tree, members[1], 25);
  it.verify();
  assert.deepEqual(it.scores(), [10, 25, 30]);
  btreeSetScore(it.arena, it.tree, members[1], 5);
  it.verify();
  assert.deepEqual(it.scores(), [5, 10, 30]);
});

test("a tree that lost its members is one leaf again", () => {
  const it = new Tree();
  for (let i = 0; i < 3000; i++) it.add(i, `m${i}`);
  assert.equal(it.height, 2);
  for (let left = 3000; left > 0; left--) {
    it.remove(left * 7919 % left);
    if (left % 100 === 0) it.verify();
  }
  it.verify();
  assert.equal(it.height, 0);
  assert.equal(it.blocks, 2);
});

test("clearing frees all nodes, destroying the rest", () => {
  const it = new Tree();
  const own = it.arena.liveBlocks - it.blocks;
  const members = Array.from({ length: 3000 }, (_, i) => it.add(i, `m${i}`));
  btreeClear(it.arena, it.tree);
  it.verify();
  assert.equal(it.arena.liveBlocks, own + 2 + members.length);
  for (const member of members) arenaFree(it.arena, member);
  btreeDestroy(it.arena, it.tree);
  assert.equal(it.arena.liveBlocks, own);
});

test("random operations agree with a sorted array", () => {
  for (let seed = 1; seed <= 8; seed++) withSeed(seed, () => fuzz(seed, 3000));
});
