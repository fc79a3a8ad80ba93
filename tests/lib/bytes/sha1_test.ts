import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { sha1, SHA1_BYTES } from "../../../lib/bytes/sha1.ts";
import { Random } from "./random.ts";

function hexOf(buf: Uint8Array, off = 0, len = buf.length): string {
  const out = new Uint8Array(SHA1_BYTES + 3);
  sha1(buf, off, len, out, 3);
  return Array.from(out.subarray(3), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("sha1 of the standard's examples", () => {
  const rows: [text: string, digest: string][] = [
    ["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    ],
    ["a".repeat(1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"],
  ];
  for (const [text, digest] of rows) assert.equal(hexOf(fromLatin1(text)), digest);
});

test("sha1 of every length around the block borders", () => {
  const random = new Random(7);
  const bytes = new Uint8Array(300);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  for (let len = 0; len <= 260; len++) {
    const expected = createHash("sha1").update(bytes.subarray(5, 5 + len)).digest("hex");
    assert.equal(hexOf(bytes, 5, len), expected, `length ${len}`);
  }
});

test("sha1 may write over its own input", () => {
  const buf = fromLatin1("abcdefghijklmnopqrst");
  const expected = hexOf(buf);
  sha1(buf, 0, 20, buf, 0);
  const got = Array.from(buf, (byte) => byte.toString(16).padStart(2, "0")).join("");
  assert.equal(got, expected);
});
