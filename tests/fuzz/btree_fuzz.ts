// btree_fuzz.ts: random insertions, removals and moves of members in the counted B+tree against a sorted array.
//
// Scores are drawn so that many are equal, that many have equal keys while they differ, or that all rise; ranks of scores
// and names, and walks along the leaves, are compared as well.

import assert from "node:assert/strict";
import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import {
  btreeBlocks,
  btreeBytes,
  btreeClear,
  btreeCount,
  btreeCreate,
  btreeDestroy,
  btreeOwner,
  btreeRankOfName,
  btreeRankOfScore,
  btreeSeekMember,
  btreeSeekOwn,
  btreeSeekRank,
  btreeSetOwner,
} from "../../lib/engine/btree.ts";
import { btreeInsert, btreeRemove, btreeSetScore } from "../../lib/engine/btree_change.ts";
import { leafCount, leafMember, leafNext, leafPrev, spot } from "../../lib/engine/btree_node.ts";
import { btreeVerify } from "../../lib/engine/btree_verify.ts";
import { memberBuf, memberLen, memberOff } from "../../lib/engine/member.ts";
import { SCORE_BYTES, scoredCreate, scoreOf } from "../../lib/engine/zset_member.ts";
import { Arena, arenaFree, arenaVerify } from "../../lib/mem/arena.ts";
import { SeededRandom } from "../kit/clock.ts";

const VERIFY_EVERY = 500;
const OWNER_WORD = -77;

interface Item {
  score: number;
  name: string;
  member: number;
}

function compare(a: Item, b: { score: number; name: string }): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

class Fuzzer {
  random: SeededRandom;
  arena = new Arena();
  ownBlocks = this.arena.liveBlocks;
  tree = btreeCreate(this.arena);
  items: Item[] = [];
  rising = 0;
  scores: () => number;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const { random } = this;
    this.scores = random.pick([
      () => 1,
      () => random.below(5),
      () => random.below(1_000_000) / 8 - 50_000,
      () => 1_700_000_000_000 + random.below(5_000),
      () => this.rising++,
      () => -this.rising++,
      () => random.pick([0, -0, Infinity, -Infinity, 5e-324, -5e-324, 1e308, 2 ** 53]),
    ]);
    btreeSetOwner(this.arena, this.tree, OWNER_WORD);
  }

  /** Rank of the first item that is not smaller. */
  rankOf(sought: { score: number; name: string }): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.items[middle], sought) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  seek(score: number, name: string): number {
    const bytes = fromLatin1(name);
    return btreeSeekMember(this.arena, this.tree, score, bytes, 0, bytes.length);
  }

  insert(): void {
    const score = this.scores();
    const name = `m${this.random.below(100_000)}`;
    if (this.items.some((item) => item.name === name)) return;
    const bytes = fromLatin1(name);
    const member = scoredCreate(this.arena, score, bytes, 0, bytes.length);
    const rank = this.rankOf({ score, name });
    assert.equal(this.seek(score, name), rank);
    btreeInsert(this.arena, this.tree, member);
    this.items.splice(rank, 0, { score, name, member });
  }

  remove(): void {
    if (this.items.length === 0) return;
    const rank = this.random.below(this.items.length);
    const { member, score, name } = this.items[rank];
    const how = this.random.below(3);
    if (how === 0) assert.equal(btreeSeekRank(this.arena, this.tree, rank), member);
    else if (how === 1) assert.equal(btreeSeekOwn(this.arena, this.tree, member), rank);
    else assert.equal(this.seek(score, name), rank);
    assert.equal(leafMember(this.arena, spot.leaf, spot.index), member);
    btreeRemove(this.arena, this.tree);
    arenaFree(this.arena, member);
    this.items.splice(rank, 1);
  }

  /** Removes a run from one rank on. */
  removeRun(): void {
    const rank = this.random.below(this.items.length + 1);
    const count = Math.min(this.random.below(200), this.items.length - rank);
    for (let i = 0; i < count; i++) {
      const member = btreeSeekRank(this.arena, this.tree, rank);
      assert.equal(member, this.items[rank + i].member);
      btreeRemove(this.arena, this.tree);
      arenaFree(this.arena, member);
    }
    this.items.splice(rank, count);
  }

  move(): void {
    if (this.items.length === 0) return;
    const [item] = this.items.splice(this.random.below(this.items.length), 1);
    item.score = this.random.chance(0.5) ? item.score * 1.0001 : this.scores();
    btreeSetScore(this.arena, this.tree, item.member, item.score);
    this.items.splice(this.rankOf(item), 0, item);
  }

  ranks(): void {
    const score = this.random.chance(0.5) || this.items.length === 0
      ? this.scores()
      : this.random.pick(this.items).score;
    const below = this.items.filter((item) => item.score < score).length;
    const upTo = this.items.filter((item) => item.score <= score).length;
    assert.equal(btreeRankOfScore(this.arena, this.tree, score, false), below);
    assert.equal(btreeRankOfScore(this.arena, this.tree, score, true), upTo);
    if (this.items.some((item) => item.score !== this.items[0].score)) return;
    const name = `m${this.random.below(100_000)}`;
    const bytes = fromLatin1(name);
    const first = this.items.filter((item) => item.name < name).length;
    const last = this.items.filter((item) => item.name <= name).length;
    assert.equal(btreeRankOfName(this.arena, this.tree, bytes, 0, bytes.length, false), first);
    assert.equal(btreeRankOfName(this.arena, this.tree, bytes, 0, bytes.length, true), last);
  }

  verify(): void {
    const { arena, tree, items } = this;
    const blocks = btreeVerify(arena, tree);
    assert.equal(btreeBlocks(arena, tree), blocks);
    assert.equal(btreeBytes(arena, tree), 16 + (blocks - 1) * 512);
    assert.equal(btreeCount(arena, tree), items.length);
    assert.equal(btreeOwner(arena, tree), OWNER_WORD);
    assert.equal(arenaVerify(arena), this.ownBlocks + blocks + items.length, "blocks leaked");
    if (items.length === 0) return;
    btreeSeekRank(arena, tree, 0);
    let { leaf } = spot;
    assert.equal(leafPrev(arena, leaf), 0);
    for (let i = 0; leaf !== 0; leaf = leafNext(arena, leaf)) {
      for (let at = 0; at < leafCount(arena, leaf); at++, i++) {
        const member = leafMember(arena, leaf, at);
        assert.equal(member, items[i].member);
        assert.equal(scoreOf(arena, member), items[i].score);
        const off = memberOff(arena, member, SCORE_BYTES);
        const len = memberLen(arena, member, SCORE_BYTES);
        assert.equal(latin1(memberBuf(arena, member), off, len), items[i].name);
      }
    }
  }

  finish(): void {
    const { arena, tree, items } = this;
    if (this.random.chance(0.5)) {
      btreeClear(arena, tree);
      for (const { member } of items.splice(0)) arenaFree(arena, member);
      this.verify();
    }
    btreeDestroy(arena, tree);
    for (const { member } of items) arenaFree(arena, member);
    assert.equal(arenaVerify(arena), this.ownBlocks);
  }
}

/** Throws on the first difference. */
export function fuzz(seed: number, operations: number): void {
  const fuzzer = new Fuzzer(seed);
  const { random } = fuzzer;
  let growing = true;
  for (let n = 0; n < operations; n++) {
    if (random.below(2000) === 0) growing = !growing;
    const kind = random.below(200);
    if (kind < 1) fuzzer.removeRun();
    else if (kind < 20) fuzzer.move();
    else if (kind < 22) fuzzer.ranks();
    else if (random.chance(growing ? 0.7 : 0.25)) fuzzer.insert();
    else fuzzer.remove();
    if (n % VERIFY_EVERY === VERIFY_EVERY - 1) fuzzer.verify();
  }
  fuzzer.verify();
  fuzzer.finish();
}
