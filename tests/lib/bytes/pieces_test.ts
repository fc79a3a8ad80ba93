// Pieces in one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "../../../lib/bytes/pieces.ts";

test("pieces one behind the other, with no memory of their own", () => {
  const piece = Uint8Array.of(1, 2, 3);
  assert.deepEqual(joined([]), new Uint8Array(0));
  const all = joined([piece.subarray(1), new Uint8Array(0), piece]);
  assert.deepEqual(all, Uint8Array.of(2, 3, 1, 2, 3));
  all[0] = 9;
  assert.deepEqual(piece, Uint8Array.of(1, 2, 3));
  assert.notEqual(joined([piece]), piece);
});
