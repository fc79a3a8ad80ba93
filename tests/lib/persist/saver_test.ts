// Snapshots that are written beside everything else, on a disk that takes its time or fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BackgroundFile } from "../../../lib/persist/background_file.ts";
import { snapshotRead } from "../../../lib/persist/rdb_file_reader.ts";
import { SnapshotWriter } from "../../../lib/persist/rdb_file_writer.ts";
import { BackgroundSave } from "../../../lib/persist/saver.ts";
import { MemoryFiles } from "../../kit/memory_files.ts";
import { World } from "../../kit/world.ts";

const OPTIONS = {
  aux: [],
  functions: [],
  compress: false,
  checksum: true,
  access: "none",
} as const;

/** A disk on which what was asked for is reported when `go` is called. */
function slowDisk() {
  const files = new MemoryFiles();
  let waiting: (() => void)[] = [];
  files.writesLater = (report) => waiting.push(report);
  files.namesLater = (run) => waiting.push(run);
  files.syncsLater = (done) => waiting.push(() => done(""));
  const go = () => {
    const all = waiting;
    waiting = [];
    for (const one of all) one();
    return all.length;
  };
  return { files, go, waiting: () => waiting.length };
}

function filled(values: number, bytes: number): World {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < values; i++) client.call("SET", `key:${i}`, `${i}`.padEnd(bytes, "."));
  return world;
}

function begin(world: World, files: MemoryFiles, ended: (problem: string) => void): BackgroundSave {
  const { keyspace } = world.engine;
  return new BackgroundSave(
    keyspace,
    files,
    "temp-1.rdb",
    "dump.rdb",
    (drain) => new SnapshotWriter(keyspace, OPTIONS, drain),
    (save) => ended(save.problem),
  );
}

function digestOfFile(files: MemoryFiles): string {
  const bytes = files.now.get("dump.rdb") ?? new Uint8Array(0);
  const copy = new World();
  const read = snapshotRead(copy.engine.keyspace, bytes, 0, bytes.length, {
    nowMs: 0,
    relaxed: false,
    checksum: true,
    merge: false,
  });
  assert.equal(read.error, "");
  return copy.connect().call("DEBUG", "DIGEST");
}

const noClock = () => 0;

test("the walk waits while much is on its way to the disk, and goes on", () => {
  const world = filled(600, 10_000);
  const digest = world.connect().call("DEBUG", "DIGEST");
  const { files, go, waiting } = slowDisk();
  const endings: string[] = [];
  const save = begin(world, files, (problem) => endings.push(problem));
  save.step(noClock, 1000);
  const keys = save.keys;
  assert.ok(keys > 0 && keys < 600, `${keys} keys`);
  save.step(noClock, 1000);
  assert.equal(save.keys, keys);
  assert.ok(waiting() <= 16 + 4);
  for (let turns = 0; !save.isDone && turns < 100; turns++) {
    go();
    save.step(noClock, 1000);
  }
  assert.deepEqual(endings, [""]);
  assert.equal(files.now.has("temp-1.rdb"), false);
  assert.equal(digestOfFile(files), digest);
});

test("changes do not wait for the disk: beyond a bound they are written at once", () => {
  const world = filled(1200, 10_000);
  const digest = world.connect().call("DEBUG", "DIGEST");
  const { files, go, waiting } = slowDisk();
  const endings: string[] = [];
  const save = begin(world, files, (problem) => endings.push(problem));
  const client = world.connect();
  world.engine.snapshotsChanged();
  for (let i = 0; i < 1200; i++) client.call("SET", `key:${i}`, "new");
  assert.ok(waiting() <= 64, `${waiting()} writes under way`);
  for (let turns = 0; !save.isDone && turns < 100; turns++) {
    go();
    save.step(noClock, 1000);
  }
  assert.deepEqual(endings, [""]);
  assert.equal(digestOfFile(files), digest);
});

test("given up at any moment, nothing of it stays, and the old file does", () => {
  for (let turns = 0; turns < 12; turns++) {
    const world = filled(600, 10_000);
    const { files, go, waiting } = slowDisk();
    files.now.set("dump.rdb", new Uint8Array([1, 2, 3]));
    const endings: string[] = [];
    const save = begin(world, files, (problem) => endings.push(problem));
    for (let turn = 0; turn < turns && !save.isDone; turn++) {
      save.step(noClock, 1000);
      go();
    }
    const wasDone = save.isDone;
    save.cancel("cancelled");
    while (waiting() > 0) go();
    assert.deepEqual(endings, [wasDone ? "" : "cancelled"], `after ${turns} turns`);
    assert.equal(files.now.has("temp-1.rdb"), false, `after ${turns} turns`);
    if (endings[0] === "") assert.ok((files.now.get("dump.rdb")?.length ?? 0) > 3);
  }
});

test("a write that fails later than it was asked for ends the save", () => {
  const world = filled(600, 10_000);
  const { files, go, waiting } = slowDisk();
  files.now.set("dump.rdb", new Uint8Array([1, 2, 3]));
  const endings: string[] = [];
  const save = begin(world, files, (problem) => endings.push(problem));
  save.step(noClock, 1000);
  files.broken.add("write");
  go();
  save.step(noClock, 1000);
  while (waiting() > 0) {
    go();
    save.step(noClock, 1000);
  }
  assert.deepEqual(endings, ["No space left on device"]);
  assert.equal(files.now.has("temp-1.rdb"), false);
  assert.equal(files.now.get("dump.rdb")?.length, 3);
});

test("a file is closed when nothing is under way, not before", () => {
  const { files, go } = slowDisk();
  let closed = 0;
  const file = { ...files.create("f"), close: () => closed++ };
  const output = new BackgroundFile(file);
  output.write(new Uint8Array([1, 2, 3]), 0, 3);
  output.close();
  assert.equal(closed, 0);
  go();
  assert.equal(closed, 1);
  const other = new BackgroundFile(file);
  other.close();
  assert.equal(closed, 2);
});

test("bytes may change behind the call; long ones are written piece by piece, in order", () => {
  const { files, go } = slowDisk();
  const output = new BackgroundFile(files.create("f"));
  const bytes = new Uint8Array(20_000_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31 + (i >> 9);
  const expected = bytes.slice();
  output.write(bytes, 0, bytes.length);
  bytes.fill(0);
  let settled = 0;
  output.settled(() => settled++);
  assert.equal(settled, 0);
  go();
  assert.equal(settled, 1);
  assert.equal(output.problem, "");
  assert.deepEqual(files.now.get("f"), expected);
});
