// aof.ts: the append-only file of a world, for tests that look at it from inside.

import assert from "node:assert/strict";
import type { Aof } from "../../server/aof.ts";
import type { World } from "./world.ts";

const STEPS_MAX = 10_000;

/** The append-only file of a server that has files. */
export function aofOf(world: World): Aof {
  const { aof } = world.persistence;
  assert.ok(aof !== null);
  return aof;
}

/** Lets the rewrite under way end. */
export function finishRewrite(world: World): void {
  for (let i = 0; aofOf(world).isRewriting; i++) {
    assert.ok(i < STEPS_MAX, "the rewrite does not end");
    aofOf(world).step();
  }
}
