// How input is cut into pieces must not matter: the same conversations whole, cut once at every byte, byte by byte and in
// random pieces give the same replies, in both protocols, logged in or not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceEmpty } from "../../../lib/engine/reclaim.ts";
import { SeededRandom } from "../../kit/clock.ts";
import { bytesOf, encodeArgs } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const BIG = "x".repeat(70_000);

/** Conversations; each starts on an empty server. */
const CORPUS: Readonly<Record<string, string>> = {
  inline: "PING\r\nSET a 'x y'\nGET a\r\nECHO \"\\x41\\n\"\r\n",
  requests: encodeArgs(["SET", "a", "1"]) + encodeArgs(["INCR", "a"]) + encodeArgs(["GET", "a"]),
  mixed: "PING\r\n" + encodeArgs(["ECHO", "a\r\nb\0c"]) + "ECHO z\r\n" + encodeArgs(["ECHO", ""]),
  "empty requests": "*0\r\n\r\n*-1\r\n" + encodeArgs(["PING"]) +
    "\n  \r\n*0\r\nPING\r\n*-1\r\n*0\r\n",
  errors: "NOSUCH a b\r\nGET\r\nSET a\r\n" + encodeArgs(["INCR", "a", "b"]) +
    "CONFIG NOSUCH\r\nPING\r\n",
  transaction: "MULTI\r\nSET a 1\r\n" + encodeArgs(["INCR", "a"]) +
    "GET\r\nEXEC\r\nMULTI\r\nINCR a\r\nEXEC\r\n",
  "silence": "CLIENT REPLY SKIP\r\nPING\r\nPING\r\nCLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\n",
  "many arguments": encodeArgs(["MSET", ...Array.from({ length: 60 }, (_, i) => `k${i}`)]) +
    "DBSIZE\r\n",
  "protocol error: count": "PING\r\n*x\r\nPING\r\n",
  "protocol error: dollar": "*2\r\n$4\r\nECHO\r\n+1\r\nPING\r\n",
  "protocol error: length": "*1\r\n$-5\r\nPING\r\n",
  "protocol error: too long": "*1\r\n$9999999999\r\n",
  "protocol error: line end": "*1\r\n$4\r\nPINGxxPING\r\n",
  "protocol error: quotes": 'PING\r\nECHO "a\r\nPING\r\n',
  "zero byte in a line": "PING\r\nPI\0NG\r\nPING\r\n",
  "end of conversation": "PING\r\nQUIT\r\nPING\r\n",
  http: "POST / HTTP/1.1\r\nHost: x\r\n\r\nPING\r\n",
  protocols: "HELLO 3\r\nGET missing\r\nHELLO 2\r\nGET missing\r\nRESET\r\nGET missing\r\n",
};

interface Outcome {
  replies: string;
  closed: boolean;
}

function play(pieces: Iterable<Uint8Array>, world: World): Outcome {
  keyspaceEmpty(world.engine.keyspace, false);
  const client: MemoryClient = world.connect();
  for (const piece of pieces) {
    if (client.socket.closed) break;
    client.session.feed(piece, 0, piece.length);
    world.settle();
  }
  const replies = client.socket.reader.take().replace(/id\r\n:\d+/g, "id");
  return { replies, closed: client.socket.closed };
}

function* inPieces(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let off = 0; off < bytes.length;) {
    const len = Math.min(size(), bytes.length - off);
    yield bytes.subarray(off, off + len);
    off += len;
  }
}

for (const [name, text] of Object.entries(CORPUS)) {
  for (const directives of [{}, { requirepass: "x" }] as Record<string, string>[]) {
    const who = "requirepass" in directives ? "a stranger" : "a client";
    test(`pieces do not matter: ${name}, ${who}`, () => {
      const world = new World({ directives });
      const bytes = bytesOf(text);
      const whole = play([bytes], world);
      assert.deepEqual(play(inPieces(bytes, () => 1), world), whole, "byte by byte");
      for (let at = 1; at < bytes.length; at++) {
        const cut = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.deepEqual(play(cut, world), whole, `cut at ${at}`);
      }
      const random = new SeededRandom(1);
      for (let round = 0; round < 5; round++) {
        const pieces = inPieces(bytes, () => 1 + random.below(20));
        assert.deepEqual(play(pieces, world), whole, `round ${round} of seed 1`);
      }
    });
  }
}

test("pieces do not matter: big values", () => {
  const text = encodeArgs(["SET", "big", BIG]) + "STRLEN big\r\n" + encodeArgs(["GET", "big"]) +
    encodeArgs(["APPEND", "big", BIG]) + "STRLEN big\r\nPING\r\n";
  const world = new World();
  const bytes = bytesOf(text);
  const whole = play([bytes], world);
  assert.ok(whole.replies.endsWith(":140000\r\n:140000\r\n+PONG\r\n"));
  const random = new SeededRandom(2);
  for (const size of [1, 100, 4096, 65536, 70_030]) {
    assert.deepEqual(play(inPieces(bytes, () => size), world), whole, `pieces of ${size}`);
  }
  for (let round = 0; round < 10; round++) {
    const pieces = inPieces(bytes, () => 1 + random.below(30_000));
    assert.deepEqual(play(pieces, world), whole, `round ${round} of seed 2`);
  }
});
