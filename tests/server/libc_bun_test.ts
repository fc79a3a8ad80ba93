// The C library on Bun. Elsewhere there is nothing to test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { canSend, send } from "../../server/libc_bun.ts";
import { isBun, received } from "../kit/bun_sockets.ts";

const skip = !isBun || !canSend() ? "only for Bun on Linux" : false;

test("ranges of large and small arrays, in turn", { skip }, async () => {
  const large = new Uint8Array(10_000).fill(97);
  const small = new Uint8Array(20).fill(98);
  const text = await received(9, (fd) => {
    assert.equal(send(fd, large, 5000, 3), 3);
    assert.equal(send(fd, small, 17, 3), 3);
    assert.equal(send(fd, large, 0, 3), 3);
  });
  assert.equal(text, "aaabbbaaa");
});

test(
  "an array of which a view was made between two writes: its bytes are those of now",
  { skip },
  async () => {
    const small = new Uint8Array(20).fill(98);
    const text = await received(6, (fd) => {
      send(fd, small, 0, 3);
      small.subarray(0, 3).fill(99);
      send(fd, small, 0, 3);
    });
    assert.equal(text, "bbbccc");
  },
);

test("a file that is none: -1", { skip }, () => {
  assert.equal(send(-1, new Uint8Array(5), 0, 5), -1);
});
