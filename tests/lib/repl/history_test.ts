import assert from "node:assert/strict";
import { test } from "node:test";
import { History, isHistoryId, NO_ID } from "../../../lib/repl/history.ts";

function history(): History {
  let n = 0;
  return new History(() => String(++n).padStart(40, "a"));
}

test("one's own history goes on from any byte", () => {
  const one = history();
  assert.equal(one.refusal(one.id, 1), "");
  assert.equal(one.refusal(one.id.toUpperCase(), 7), "");
  assert.equal(one.refusal("?", 1), "other");
  assert.equal(one.refusal(NO_ID, 0), "other");
});

test("a promoted replica knows the former history up to its own point", () => {
  const one = history();
  one.adopt("b".repeat(40), 100);
  one.promote();
  assert.equal(one.id2, "b".repeat(40));
  assert.equal(one.secondOffset, 101);
  assert.equal(one.refusal("b".repeat(40), 101), "");
  assert.equal(one.refusal("b".repeat(40), 102), "late");
  assert.equal(one.refusal("c".repeat(40), 50), "other");
});

test("a new data set has nothing in common with the one before", () => {
  const one = history();
  const { id } = one;
  one.promote();
  one.adopt("d".repeat(40), 5);
  assert.deepEqual([one.id2, one.secondOffset, one.offset], [NO_ID, -1, 5]);
  assert.equal(one.refusal(id, 1), "other");
  one.renew();
  assert.equal(one.refusal("d".repeat(40), 1), "other");
});

test("a restarted primary continues what it saved", () => {
  const one = history();
  one.continueAfter("e".repeat(40), 70);
  assert.equal(one.offset, 70);
  assert.equal(one.refusal("e".repeat(40), 71), "");
  assert.equal(one.refusal("e".repeat(40), 72), "late");
});

test("ids", () => {
  assert.ok(isHistoryId("f".repeat(40)));
  assert.ok(!isHistoryId("f".repeat(39)));
});
