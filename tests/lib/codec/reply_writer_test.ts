import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { ReplyWriter } from "../../../lib/codec/reply_writer.ts";

test("reply_writer: bulk strings of every length", () => {
  const src = Uint8Array.from({ length: 1200 }, (_, i) => i * 7 + (i >> 8));
  const out = new ReplyWriter();
  const lengths = [...Array(130).keys(), 999, 1000, 1001];
  const expected: string[] = [];
  for (const len of lengths) {
    out.bulk(src, 3, len);
    expected.push(`$${len}\r\n${latin1(src, 3, len)}\r\n`);
  }
  assert.equal(latin1(out.buf, 0, out.pos), expected.join(""));
});

test("reply_writer: a part of a buffer that others share; growing leaves the other part alone", () => {
  const home = new Uint8Array(64).fill(1);
  const out = new ReplyWriter(home, 40);
  assert.equal(out.size, 0);
  out.integer(7);
  assert.equal(out.size, 4);
  assert.equal(latin1(home, out.start, out.size), ":7\r\n");
  for (let round = 0; round < 3; round++) {
    out.clear();
    assert.equal(out.buf, home);
    const text = "x".repeat(100 * (round + 1));
    out.simple("first");
    out.simple(text);
    assert.notEqual(out.buf, home);
    assert.equal(latin1(out.buf, out.start, out.size), `+first\r\n+${text}\r\n`);
  }
  out.clear();
  assert.ok(home.subarray(0, 40).every((byte) => byte === 1));
});
