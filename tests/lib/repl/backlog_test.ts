import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { Backlog, BACKLOG_BYTES_MIN } from "../../../lib/repl/backlog.ts";
import { withSeed } from "../../kit/clock.ts";
import { bytesOf } from "../../kit/resp.ts";

function read(backlog: Backlog, first: number, last: number): string {
  let text = "";
  backlog.read(first, last, (buf, off, len) => text += latin1(buf, off, len));
  return text;
}

test("a new backlog begins behind what was", () => {
  const backlog = new Backlog(1 << 20, 100);
  assert.deepEqual([backlog.first, backlog.end, backlog.length], [101, 100, 0]);
  assert.deepEqual([100, 101, 102].map((next) => backlog.has(next)), [false, true, false]);
  backlog.add(bytesOf("hello"), 1, 3);
  assert.deepEqual([backlog.first, backlog.end, backlog.length], [101, 103, 3]);
  assert.equal(read(backlog, 101, 103), "ell");
  assert.equal(read(backlog, 102, 102), "l");
  assert.equal(read(backlog, 104, 103), "");
  assert.ok(backlog.has(104));
});

test("the oldest bytes go", () => {
  const backlog = new Backlog(1, 0);
  assert.equal(backlog.size, BACKLOG_BYTES_MIN);
  backlog.add(new Uint8Array(BACKLOG_BYTES_MIN).fill(97), 0, BACKLOG_BYTES_MIN);
  backlog.add(bytesOf("bcd"), 0, 3);
  assert.deepEqual([backlog.first, backlog.end], [4, BACKLOG_BYTES_MIN + 3]);
  assert.equal(read(backlog, backlog.end - 4, backlog.end), "aabcd");
  const big = new Uint8Array(BACKLOG_BYTES_MIN * 2 + 5).fill(120);
  backlog.add(big, 0, big.length);
  assert.equal(backlog.length, BACKLOG_BYTES_MIN);
  assert.equal(backlog.end, BACKLOG_BYTES_MIN * 3 + 8);
  assert.equal(read(backlog, backlog.first, backlog.first), "x");
});

test("resizing keeps the newest bytes", () => {
  const backlog = new Backlog(65536, 0);
  const bytes = Uint8Array.from({ length: 60000 }, (_, i) => i % 251);
  backlog.add(bytes, 0, bytes.length);
  backlog.resize(20000);
  assert.deepEqual([backlog.end, backlog.length, backlog.size], [60000, 20000, 20000]);
  assert.equal(read(backlog, 40001, 60000), latin1(bytes, 40000, 20000));
  backlog.resize(1 << 20);
  backlog.add(bytes, 0, bytes.length);
  assert.equal(backlog.length, 80000);
  assert.equal(read(backlog, 60001, 120000), latin1(bytes, 0, 60000));
});

test("against a plain text", () => {
  withSeed(22, (random) => {
    for (let round = 0; round < 20; round++) {
      const backlog = new Backlog(BACKLOG_BYTES_MIN + random.below(100000), 0);
      let text = "";
      for (let step = 0; step < 60; step++) {
        const len = random.below(random.chance(0.1) ? 60000 : 300);
        const piece = Uint8Array.from({ length: len }, () => random.below(256));
        backlog.add(piece, 0, len);
        text += latin1(piece, 0, len);
        if (random.chance(0.1)) backlog.resize(BACKLOG_BYTES_MIN + random.below(100000));
        assert.equal(backlog.end, text.length);
        assert.ok(backlog.length <= backlog.size);
        const first = backlog.first + random.below(backlog.length + 1);
        const last = first - 1 + random.below(backlog.end - first + 2);
        assert.equal(read(backlog, first, last), text.slice(first - 1, last));
      }
    }
  });
});
