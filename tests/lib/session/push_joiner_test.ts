// Joining messages once for many sessions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PushJoiner } from "../../../lib/session/push_joiner.ts";

const A = Uint8Array.of(1, 2);
const B = Uint8Array.of(3);

test("one piece is left as it is", () => {
  assert.equal(new PushJoiner().join([A], 2), A);
});

test("the same pieces are joined once", () => {
  const joiner = new PushJoiner();
  const joined = joiner.join([A, B], 3);
  assert.deepEqual([...joined], [1, 2, 3]);
  assert.equal(joiner.join([A, B], 3), joined);
  assert.deepEqual([...joiner.join([B, A], 3)], [3, 1, 2]);
});

test("equal bytes in another piece are another piece; nothing is remembered after clear", () => {
  const joiner = new PushJoiner();
  const joined = joiner.join([A, B], 3);
  assert.notEqual(joiner.join([A, Uint8Array.of(3)], 3), joined);
  const again = joiner.join([A, B], 3);
  joiner.clear();
  assert.notEqual(joiner.join([A, B], 3), again);
});
