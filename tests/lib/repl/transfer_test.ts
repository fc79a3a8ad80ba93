import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { LineReader, Transfer, transferHead } from "../../../lib/repl/transfer.ts";
import { bytesOf } from "../../kit/resp.ts";

const MARK = "0123456789abcdef0123456789abcdef01234567";

/** Feeds the text in pieces; returns the snapshot and the bytes that did not belong to the transfer. */
function receive(text: string, step: number): { transfer: Transfer; data: string; rest: string } {
  const transfer = new Transfer();
  const bytes = bytesOf(text);
  let data = "";
  let rest = "";
  for (let off = 0; off < bytes.length; off += step) {
    const len = Math.min(step, bytes.length - off);
    const taken = transfer.isDone || transfer.problem !== ""
      ? 0
      : transfer.feed(bytes, off, len, (buf, from, count) => data += latin1(buf, from, count));
    rest += latin1(bytes, off + taken, len - taken);
  }
  return { transfer, data, rest };
}

for (const step of [1, 2, 7, 39, 40, 41, 1000]) {
  test(`a snapshot of known length, ${step} bytes at a time`, () => {
    const { transfer, data, rest } = receive("\n\n$5\r\nhelloPING\r\n", step);
    assert.deepEqual([data, rest, transfer.isDone, transfer.total, transfer.received], [
      "hello",
      "PING\r\n",
      true,
      5,
      5,
    ]);
    assert.equal(transfer.hasMark, false);
  });

  test(`a snapshot with a mark, ${step} bytes at a time`, () => {
    for (const snapshot of ["x".repeat(100), "short", "", MARK.slice(0, 30)]) {
      const text = `\n${transferHead(0, MARK)}${snapshot}${MARK}`;
      const { transfer, data, rest } = receive(text, step);
      assert.deepEqual([data, rest, transfer.isDone], [snapshot, "", true]);
      assert.equal(transfer.received, snapshot.length);
    }
  });

  test(`a mark that is not complete ends nothing, ${step} bytes at a time`, () => {
    const { transfer, data } = receive(`$EOF:${MARK}\r\nabc${MARK.slice(0, 39)}`, step);
    assert.equal(transfer.isDone, false);
    assert.ok("abc".startsWith(data));
  });

  test(`what is no transfer, ${step} bytes at a time`, () => {
    const refused = receive("-ERR no room\r\n", step).transfer;
    assert.equal(refused.problem, "PRIMARY aborted replication with an error: ERR no room");
    assert.match(receive("+OK\r\n", step).transfer.problem, /the first byte is not '\$'/);
    assert.match(receive("$-1\r\n", step).transfer.problem, /Bad protocol/);
    assert.match(receive("x".repeat(2000), step).transfer.problem, /too long/);
  });
}

test("an empty snapshot of known length is there at once", () => {
  assert.ok(receive("$0\r\n", 100).transfer.isDone);
});

test("lines, in any pieces", () => {
  for (const step of [1, 3, 100]) {
    const bytes = bytesOf("+PONG\r\n\n-x\r\nab");
    const reader = new LineReader();
    const lines: string[] = [];
    for (let off = 0; off < bytes.length;) {
      off += reader.feed(bytes, off, Math.min(step, bytes.length - off));
      if (reader.line !== null) lines.push(reader.line);
    }
    assert.deepEqual(lines, ["+PONG", "", "-x"]);
    assert.equal(reader.pending, 2);
  }
});
