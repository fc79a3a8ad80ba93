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
