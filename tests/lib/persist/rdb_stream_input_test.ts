// Snapshots that arrive in pieces of any size.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { SnapshotReader } from "../../../lib/persist/rdb_file_reader.ts";
import { snapshotWrite } from "../../../lib/persist/rdb_file_writer.ts";
import { RdbStreamInput } from "../../../lib/persist/rdb_stream_input.ts";
import { World } from "../../kit/world.ts";

function sample(): { bytes: Uint8Array; digest: string } {
  const world = new World();
  const client = world.connect();
  client.call("SET", "plain", "value");
  client.call("SET", "expires", "value", "PX", "1000000");
  client.call("SET", "long", "ab".repeat(3000));
  client.call("SET", "number", "12345");
  for (let i = 0; i < 300; i++) client.call("RPUSH", "list", `element ${i}`);
  for (let i = 0; i < 300; i++) client.call("SADD", "set", `member ${i}`);
  for (let i = 0; i < 300; i++) client.call("ZADD", "zset", String(i / 7), `member ${i}`);
  for (let i = 0; i < 300; i++) client.call("HSET", "hash", `field ${i}`, `value ${i}`);
  client.call("HEXPIRE", "hash", "1000", "FIELDS", "1", "field 7");
  client.call("PEXPIRE", "hash", "2000000");
  client.call("SELECT", "9");
  for (let i = 0; i < 50; i++) client.call("XADD", "stream", `${i + 1}-1`, "f", `v${i}`);
  client.call("XGROUP", "CREATE", "stream", "g", "3-1");
  const pieces: Uint8Array[] = [];
  snapshotWrite(
    world.engine.keyspace,
    {
      aux: [["valkey-ver", "9.1.0"]],
      functions: [],
      compress: true,
      checksum: true,
      access: "none",
    },
    (buf, off, len) => pieces.push(buf.slice(off, off + len)),
  );
  return {
    bytes: new Uint8Array(pieces.flatMap((piece) => [...piece])),
    digest: client.call("DEBUG", "DIGEST"),
  };
}

const OPTIONS = { nowMs: 0, relaxed: false, checksum: true, merge: false };

/** Reads the bytes in pieces; returns the world they were read into and the error. */
function readInPieces(bytes: Uint8Array, step: number): { world: World; error: string } {
  const world = new World();
  const input = new RdbStreamInput(true);
  const reader = new SnapshotReader(world.engine.keyspace, input, OPTIONS);
  let hasMore = true;
  for (let off = 0; off < bytes.length && hasMore; off += step) {
    input.feed(bytes, off, Math.min(step, bytes.length - off));
    while (hasMore && !input.isStarved) hasMore = reader.step(Infinity, Infinity);
  }
  input.complete();
  while (hasMore) hasMore = reader.step(Infinity, Infinity);
  keyspaceVerify(world.engine.keyspace);
  return { world, error: reader.result.error };
}

test("whatever the pieces, the data is the same", () => {
  const { bytes, digest } = sample();
  for (const step of [1, 2, 3, 7, 64, 1000, 4096, bytes.length]) {
    const { world, error } = readInPieces(bytes, step);
    assert.equal(error, "");
    assert.equal(world.connect().call("DEBUG", "DIGEST"), digest);
    assert.match(world.connect().call("PTTL", "expires"), /^:[1-9]/);
    assert.match(world.connect().call("PTTL", "hash"), /^:[1-9]/);
  }
});

test("what breaks off anywhere is an error, and leaves nothing behind", () => {
  const { bytes } = sample();
  for (let len = 0; len < bytes.length; len += 97) {
    const { error } = readInPieces(bytes.subarray(0, len), 512);
    assert.equal(error, "Unexpected EOF reading RDB file");
  }
});

test("what is damaged is an error", () => {
  const { bytes } = sample();
  const damaged = bytes.slice();
  damaged[damaged.length - 3] ^= 1;
  assert.equal(readInPieces(damaged, 100).error, "RDB CRC error");
  damaged[0] = 65;
  assert.match(readInPieces(damaged, 100).error, /Wrong signature/);
});

test("a large value is read about twice, not once a piece", () => {
  const world = new World();
  world.connect().call("SET", "big", "x".repeat(1_000_000));
  const pieces: Uint8Array[] = [];
  const options = { ...OPTIONS, aux: [], functions: [], compress: false, access: "none" as const };
  snapshotWrite(world.engine.keyspace, options, (buf, off, len) => {
    pieces.push(buf.slice(off, off + len));
  });
  const input = new RdbStreamInput(true);
  const reader = new SnapshotReader(new World().engine.keyspace, input, OPTIONS);
  let steps = 0;
  for (const piece of pieces) {
    for (let off = 0; off < piece.length; off += 1000) {
      input.feed(piece, off, Math.min(1000, piece.length - off));
      for (; !input.isStarved && steps < 100; steps++) {
        if (!reader.step(Infinity, Infinity)) break;
      }
    }
  }
  assert.ok(steps < 30, `${steps} steps`);
  input.complete();
  while (reader.step(Infinity, Infinity));
  assert.deepEqual([reader.result.error, reader.result.keys], ["", 1]);
});
