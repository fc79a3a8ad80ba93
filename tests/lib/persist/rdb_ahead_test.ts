// Keys that are looked at before they are read, and room that is made for those that are announced.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { dictBucketCount } from "../../../lib/engine/dict.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { FileWindow } from "../../../lib/persist/file_window.ts";
import { RdbFileInput } from "../../../lib/persist/rdb_file_input.ts";
import { RdbInput } from "../../../lib/persist/rdb_input.ts";
import { SnapshotReader } from "../../../lib/persist/rdb_file_reader.ts";
import { snapshotWrite } from "../../../lib/persist/rdb_file_writer.ts";
import { RdbStreamInput } from "../../../lib/persist/rdb_stream_input.ts";
import { SeededRandom } from "../../kit/clock.ts";
import { inputOf } from "../../kit/memory_files.ts";
import { World } from "../../kit/world.ts";

const OPTIONS = { nowMs: 0, relaxed: false, checksum: true, merge: false };

function written(world: World, access: "idle" | "frequency" | "none"): Uint8Array {
  const pieces: Uint8Array[] = [];
  snapshotWrite(
    world.engine.keyspace,
    { aux: [], functions: [], compress: true, checksum: true, access },
    (buf, off, len) => pieces.push(buf.slice(off, off + len)),
  );
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

/** Keys and values of all forms a string can have in a file, some with times, other types between them. */
function sample(seed: number): World {
  const random = new SeededRandom(seed);
  const below = (max: number) => (random.next32() >>> 0) % max;
  const world = new World();
  const client = world.connect();
  const text = () => {
    const n = below(1_000_000);
    const forms = [
      "",
      String(n % 100),
      String(-n),
      `k${n}`,
      "ab".repeat(n % 90),
      `${n}`.repeat(60),
    ];
    return forms[below(forms.length)];
  };
  for (let i = 0; i < 400; i++) {
    if (below(80) === 0) client.call("SELECT", String(below(16)));
    const key = text();
    if (below(12) === 0) client.call("RPUSH", key, text());
    else if (below(4) === 0) client.call("SET", key, text(), "PX", String(1 + below(1e9)));
    else client.call("SET", key, text());
  }
  return world;
}

function digestOf(world: World): string {
  keyspaceVerify(world.engine.keyspace);
  return world.connect().call("DEBUG", "DIGEST");
}

function read(input: RdbInput, keysAtOnce: number): World {
  const world = new World();
  const reader = new SnapshotReader(world.engine.keyspace, input, OPTIONS);
  while (reader.step(Infinity, reader.result.keys + keysAtOnce));
  assert.equal(reader.result.error, "");
  return world;
}

test("however much of a file is in memory, the data is the same", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const world = sample(seed);
    const digest = digestOf(world);
    const access = (["idle", "frequency", "none"] as const)[seed % 3];
    const bytes = written(world, access);
    const whole = read(new RdbInput(bytes, 0, bytes.length), Infinity);
    assert.equal(digestOf(whole), digest, `seed ${seed}`);
    for (const windowBytes of [16, 40, 200, 1000]) {
      const window = new FileWindow(inputOf(bytes, 13), windowBytes);
      const inPart = read(new RdbFileInput(window, true), windowBytes % 7);
      assert.equal(digestOf(inPart), digest, `seed ${seed}, ${windowBytes} bytes in memory`);
    }
  }
});

test("what is found ahead is found again where more bytes have arrived", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const world = sample(seed);
    const bytes = written(world, "none");
    const input = new RdbStreamInput(true);
    const copy = new World();
    const reader = new SnapshotReader(copy.engine.keyspace, input, OPTIONS);
    let hasMore = true;
    // A key at a time: bytes arrive, and move what is there, while some of them are known ahead.
    for (let off = 0; off < bytes.length; off += 97) {
      input.feed(bytes, off, Math.min(97, bytes.length - off));
      hasMore = hasMore && reader.step(Infinity, reader.result.keys + 1);
    }
    input.complete();
    while (hasMore) hasMore = reader.step(Infinity, Infinity);
    assert.equal(reader.result.error, "", `seed ${seed}`);
    assert.equal(digestOf(copy), digestOf(world), `seed ${seed}`);
  }
});

/** A snapshot whose announced numbers of keys are replaced. */
function announcing(bytes: Uint8Array, keys: number, volatile: number): Uint8Array {
  const at = bytes.indexOf(0xfb, 9);
  const word = (n: number) => [0x80, n >>> 24, n >>> 16, n >>> 8, n];
  const head = [...bytes.subarray(0, at + 1), ...word(keys), ...word(volatile)];
  return new Uint8Array([
    ...head,
    ...bytes.subarray(at + 3, bytes.length - 8),
    ...Array(8).fill(0),
  ]);
}

test("announced numbers are hints: too few, too many, and never more memory than the file is long", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 50; i++) client.call("SET", `key:${i}`, `value ${i}`);
  const bytes = written(world, "none");
  const digest = digestOf(world);
  const buckets = dictBucketCount(world.engine.keyspace.arena, world.engine.keyspace.dbs[0].main);
  const announcements = [[0, 0], [1, 1], [50, 0], [60, 60], [3000, 3000], [
    2 ** 31 - 1,
    2 ** 31 - 1,
  ]];
  for (const [keys, volatile] of announcements) {
    const told = announcing(bytes, keys, volatile);
    const copy = new World();
    const { keyspace } = copy.engine;
    const reader = new SnapshotReader(keyspace, new RdbInput(told, 0, told.length), OPTIONS);
    while (reader.step(Infinity, reader.result.keys + 1)) {
      const bound = Math.max(told.length, buckets * 64);
      assert.ok(dictBucketCount(keyspace.arena, keyspace.dbs[0].main) * 64 <= bound);
      assert.ok(dictBucketCount(keyspace.arena, keyspace.dbs[0].expires) * 64 <= told.length);
    }
    assert.equal(reader.result.error, "");
    assert.equal(digestOf(copy), digest);
    // Fewer keys than fit are no waste that stays.
    assert.ok(dictBucketCount(keyspace.arena, keyspace.dbs[0].main) <= 25);
    assert.equal(dictBucketCount(keyspace.arena, keyspace.dbs[0].expires), 1);
  }
});

test("room is made for the keys that are announced before the first one is there", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 3000; i++) client.call("SET", `key:${i}`, `value ${i}`);
  const bytes = written(world, "none");
  const copy = new World();
  const { keyspace } = copy.engine;
  const reader = new SnapshotReader(keyspace, new RdbInput(bytes, 0, bytes.length), OPTIONS);
  while (reader.result.keys === 0 && reader.step(Infinity, 1));
  const whole = dictBucketCount(world.engine.keyspace.arena, world.engine.keyspace.dbs[0].main);
  const seen = dictBucketCount(keyspace.arena, keyspace.dbs[0].main);
  assert.equal(seen, whole);
});

test("a key that was found ahead is named rightly where its value is damaged, and where its time is up", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "kept", "value");
  client.call("SET", "gone", "value", "PXAT", "2000000000001");
  const bytes = written(world, "none");
  const copy = new World();
  const expired: string[] = [];
  const reader = new SnapshotReader(copy.engine.keyspace, new RdbInput(bytes, 0, bytes.length), {
    ...OPTIONS,
    nowMs: 2_000_000_000_002,
    expired: (_, key) => expired.push(latin1(key, 0, key.length)),
  });
  assert.equal(reader.read().error, "");
  assert.deepEqual(expired, ["gone"]);
  // A value that says it is compressed, and is not: the back reference leads before its start.
  const damaged = [0x00, 3, 0x62, 0x61, 0x64, 0xc3, 3, 9, 0xe0, 0xff, 0xff];
  const head = bytes.subarray(0, bytes.indexOf(0xfb, 9));
  const all = new Uint8Array([...head, 0x00, 2, 0x6f, 0x6b, 1, 0x76, ...damaged, 0xff]);
  const other = new World();
  const result = new SnapshotReader(
    other.engine.keyspace,
    new RdbInput(all, 0, all.length),
    OPTIONS,
  )
    .read();
  assert.notEqual(result.error, "");
  assert.equal(result.keys, 1);
  assert.deepEqual(result.corruptKey, new Uint8Array([0x62, 0x61, 0x64]));
});
