// Saving and loading: at once, in the background while everything changes, on a disk that fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { snapshotRead } from "../../lib/persist/rdb_file_reader.ts";
import { snapshotWrite, SnapshotWriter } from "../../lib/persist/rdb_file_writer.ts";
import { BackgroundSave, keysAllowed } from "../../lib/persist/saver.ts";
import { SeededRandom } from "../kit/clock.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { bytesOf } from "../kit/resp.ts";
import { type MemoryClient, World } from "../kit/world.ts";

const OPTIONS = { aux: [], functions: [], compress: true, checksum: true, access: "none" as const };

/** What a file holds: the digest of a server that loaded it. */
function digestOf(files: MemoryFiles): string {
  const world = new World({ files });
  assert.equal(world.persistence.load(), "");
  keyspaceVerify(world.engine.keyspace);
  return world.connect().call("DEBUG", "DIGEST");
}

test("SAVE, then a new server has everything", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("RPUSH", "l", "x", "y");
  client.call("SELECT", "3");
  client.call("HSET", "h", "f", "v");
  assert.match(client.call("INFO", "persistence"), /rdb_changes_since_last_save:4/);
  assert.equal(client.call("SAVE"), "+OK\r\n");
  assert.match(client.call("INFO", "persistence"), /rdb_changes_since_last_save:0/);
  assert.deepEqual([...files.now.keys()], ["dump.rdb"]);
  assert.deepEqual([...files.safe.keys()], ["dump.rdb"]);
  assert.equal(digestOf(files), client.call("DEBUG", "DIGEST"));
});

test("functions of a snapshot are in every file written after it", () => {
  const files = new MemoryFiles();
  const source = new TextEncoder().encode(
    "#!lua name=only\nserver.register_function('f', function() end)\n",
  );
  const parts: Uint8Array[] = [];
  snapshotWrite(
    new World().engine.keyspace,
    { ...OPTIONS, functions: [source] },
    (buf, off, len) => parts.push(buf.slice(off, off + len)),
  );
  files.now.set("dump.rdb", new Uint8Array(parts.flatMap((part) => [...part])));
  const functionsIn = (name: string) => {
    const bytes = files.now.get(name);
    assert.ok(bytes !== undefined, `${name} is missing`);
    const { keyspace } = new World().engine;
    const rules = { nowMs: 0, relaxed: false, checksum: true, merge: false };
    return snapshotRead(keyspace, bytes, 0, bytes.length, rules).functions;
  };

  const world = new World({ files });
  assert.equal(world.persistence.load(), "");
  const client = world.connect();
  client.call("SET", "a", "1");
  assert.equal(client.call("SAVE"), "+OK\r\n");
  assert.deepEqual(functionsIn("dump.rdb"), [source]);

  // Through the base of an append-only file, and back.
  client.call("CONFIG", "SET", "appendonly", "yes");
  const { aof } = world.persistence;
  for (let i = 0; aof?.isRewriting; i++) {
    assert.ok(i < 10_000, "the rewrite does not end");
    aof.step();
  }
  const isBase = (name: string) => name.endsWith(".base.rdb");
  const base = [...files.now.keys()].find(isBase);
  assert.ok(base !== undefined, "the rewrite wrote a base");
  assert.deepEqual(functionsIn(base), [source]);
  world.persistence.close();
  const next = new World({ files, directives: { appendonly: "yes" } });
  assert.equal(next.persistence.load(), "");
  files.now.delete("dump.rdb");
  assert.equal(next.connect().call("SAVE"), "+OK\r\n");
  assert.deepEqual(functionsIn("dump.rdb"), [source]);
  next.persistence.close();
});

test("whatever operation of the disk fails, the old file stays", () => {
  for (let failAt = 1;; failAt++) {
    const files = new MemoryFiles();
    const world = new World({ files });
    const client = world.connect();
    client.call("SET", "a", "1");
    client.call("SAVE");
    const before = client.call("DEBUG", "DIGEST");
    client.call("SET", "a", "2");
    files.operations = 0;
    files.failAt = failAt;
    const answer = client.call("SAVE");
    if (answer === "+OK\r\n") {
      assert.ok(failAt > 5, "every operation was tried");
      break;
    }
    assert.equal(answer, "-ERR\r\n");
    // Only the last step, making the new name safe, fails after the rename.
    const held = digestOf(files);
    if (held !== before) assert.equal(held, client.call("DEBUG", "DIGEST"));
    assert.equal([...files.now.keys()].some((name) => name.startsWith("temp")), false);
  }
});

/** One random change of any kind to few keys. */
function change(client: MemoryClient, random: SeededRandom): void {
  const pick = (n: number) => (random.next32() >>> 0) % n;
  const key = `k${pick(200)}`;
  const other = `k${pick(200)}`;
  const commands: string[][] = [
    ["SET", key, `v${pick(1000)}`],
    ["SET", key, "x".repeat(pick(300)), "PX", String(50 + pick(1000))],
    ["DEL", key],
    ["RENAME", key, other],
    ["COPY", key, other, "REPLACE"],
    ["RPUSH", key, "a", "b", String(pick(100))],
    ["LPOP", key],
    ["SADD", key, String(pick(50)), `m${pick(50)}`],
    ["HSET", key, `f${pick(50)}`, `v${pick(50)}`],
    ["HPEXPIRE", key, String(20 + pick(500)), "FIELDS", "1", `f${pick(50)}`],
    ["ZADD", key, String(pick(100)), `m${pick(200)}`],
    ["XADD", key, "*", "f", "v"],
    ["SINTERSTORE", key, other, `k${pick(200)}`],
    ["APPEND", key, "tail"],
    ["INCR", key],
    ["MOVE", key, "1"],
    ["SWAPDB", "0", "1"],
    ["EXPIRE", key, String(1 + pick(100))],
    ["PFADD", key, `e${pick(1000)}`],
  ];
  client.call(...commands[pick(commands.length)]);
}

test("a background save holds the data as it was, whatever happens meanwhile", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const files = new MemoryFiles();
    const world = new World({ files, seed });
    const random = new SeededRandom(seed);
    const client = world.connect();
    for (let i = 0; i < 400; i++) change(client, random);
    // What has run out but is still in memory would be in one digest and not in the other.
    world.advance(3000);
    const before = client.call("DEBUG", "DIGEST");
    const startMs = world.clock.wallMs();
    const save = new BackgroundSave(
      world.engine.keyspace,
      files,
      "temp.rdb",
      "dump.rdb",
      (drain) => new SnapshotWriter(world.engine.keyspace, OPTIONS, drain),
      () => world.engine.snapshotsChanged(),
    );
    world.engine.snapshotsChanged();
    let clock = 0;
    while (!save.isDone) {
      save.step(() => clock += 1, 1);
      for (let i = (random.next32() >>> 0) % 20; i > 0; i--) change(client, random);
      if (((random.next32() >>> 0) % 4) === 0) world.advance(100);
    }
    assert.equal(save.problem, "", `seed ${seed}`);
    const restored = new World({ files });
    restored.clock.advance(startMs - restored.clock.wallMs());
    assert.equal(restored.persistence.load(), "");
    assert.equal(restored.connect().call("DEBUG", "DIGEST"), before, `seed ${seed}`);
    keyspaceVerify(world.engine.keyspace);
    assert.equal(world.engine.keyspace.walks.length, 0);
  }
});

test("BGSAVE: runs in slices, refuses a second one, ends with FLUSHALL or CANCEL", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("SET", "a", "1");
  assert.equal(
    client.call("BGSAVE", "CANCEL").slice(0, 40),
    "-ERR Background saving is currently not ",
  );
  assert.equal(client.call("BGSAVE"), "+Background saving started\r\n");
  assert.match(client.call("INFO", "persistence"), /rdb_last_bgsave_status:ok/);
  assert.equal(client.call("BGSAVE", "NONSENSE"), "-ERR syntax error\r\n");
  client.call("MULTI");
  client.call("BGSAVE");
  assert.equal(client.call("EXEC"), "*1\r\n+Background saving scheduled\r\n");
  world.persistence.close();
});

test("save points", () => {
  const files = new MemoryFiles();
  const world = new World({ files, directives: { save: "10 2" } });
  const client = world.connect();
  client.call("SET", "a", "1");
  world.advance(20_000);
  world.persistence.tick(world.clock.wallMs());
  assert.equal(files.now.size, 0, "one change is not enough");
  client.call("SET", "a", "2");
  world.persistence.tick(world.clock.wallMs());
  assert.deepEqual([...files.now.keys()], ["dump.rdb"]);
  assert.match(client.call("INFO", "persistence"), /rdb_changes_since_last_save:0/);
  world.persistence.close();
});

test("a damaged file keeps the server from starting", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  world.connect().call("SET", "a", "1");
  world.connect().call("SAVE");
  const bytes = (files.now.get("dump.rdb") as Uint8Array).slice();
  bytes[bytes.length - 12] ^= 1;
  files.now.set("dump.rdb", bytes);
  assert.match(
    new World({ files }).persistence.load(),
    /^Error reading the snapshot dump\.rdb at offset/,
  );
});

/** An RDB 9 without a checksum: its databases and values are given. */
function rdbFile(body: string): Uint8Array {
  return bytesOf(`REDIS0009\xfe\x00${body}\xff${"\0".repeat(8)}`);
}

test("keys without elements are left out, the first ten by name", () => {
  const files = new MemoryFiles();
  // Sets (type 2) of length 0, and a string at the end.
  let body = "";
  for (let i = 0; i < 12; i++) body += `\x02\x05empt${String.fromCharCode(97 + i)}\x00`;
  files.now.set("dump.rdb", rdbFile(`${body}\x00\x01s\x011`));
  const lines: string[] = [];
  const world = new World({ files, log: { write: (_level, text) => lines.push(text) } });
  assert.equal(world.persistence.load(), "");
  const named = lines.filter((line) => line.includes("skipping empty key: empt"));
  assert.equal(named.length, 10);
  assert.ok(
    lines.some((line) => line.includes("keys loaded: 1, keys expired: 0, empty keys skipped: 12")),
  );
  assert.equal(world.connect().call("DBSIZE"), ":1\r\n");
});

test("the log names the key whose value is corrupt", () => {
  const files = new MemoryFiles();
  // A hash in a ziplist (type 13) of two bytes.
  files.now.set("dump.rdb", rdbFile("\x0d\x02h\n\x02xy"));
  const lines: string[] = [];
  const world = new World({ files, log: { write: (_level, text) => lines.push(text) } });
  assert.match(world.persistence.load(), /Hash ziplist integrity check failed/);
  assert.deepEqual(lines.filter((line) => line.startsWith("Corrupt value")), [
    "Corrupt value of key 'h\\x0a': Hash ziplist integrity check failed",
  ]);
});

test("FLUSHALL with save points leaves an empty snapshot and nothing to save", () => {
  const files = new MemoryFiles();
  const world = new World({ files, directives: { save: "3600 1" } });
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("SAVE");
  client.call("SET", "b", "2");
  client.call("BGSAVE");
  assert.equal(client.call("FLUSHALL"), "+OK\r\n");
  const info = client.call("INFO", "persistence");
  assert.match(info, /rdb_changes_since_last_save:0\r/);
  assert.match(info, /rdb_bgsave_in_progress:0\r/);
  assert.equal(digestOf(files), client.call("DEBUG", "DIGEST"));
  assert.equal([...files.now.keys()].some((name) => name.startsWith("temp")), false);
});

test("FLUSHALL without save points saves nothing", () => {
  const files = new MemoryFiles();
  const world = new World({ files, directives: { save: "" } });
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("SAVE");
  const before = digestOf(files);
  client.call("FLUSHALL");
  assert.match(client.call("INFO", "persistence"), /rdb_changes_since_last_save:1\r/);
  assert.equal(digestOf(files), before);
});

test("rdb-key-save-delay keeps a background save from its end", () => {
  for (const [delay, progress] of [["10000000", "1"], ["0", "0"]]) {
    const files = new MemoryFiles();
    const world = new World({ files, directives: { "rdb-key-save-delay": delay } });
    const client = world.connect();
    const isSaving = () =>
      /rdb_bgsave_in_progress:(\d)/.exec(client.call("INFO", "persistence"))?.[1];
    client.call("SET", "a", "1");
    client.call("BGSAVE");
    assert.equal(isSaving(), progress);
    client.call("BGSAVE", "CANCEL");
    assert.equal(isSaving(), "0");
  }
});

test("a directory that another server has is not written to", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  files.claimProblem = "Another server keeps its data in /data";
  assert.equal(client.call("SAVE"), `-ERR ${files.claimProblem}\r\n`);
  assert.equal(client.call("BGSAVE"), `-ERR ${files.claimProblem}\r\n`);
  assert.match(client.call("CONFIG", "SET", "appendonly", "yes"), /Another server/);
  assert.match(client.call("CONFIG", "SET", "save", "1 1"), /Another server/);
  assert.match(client.call("CONFIG", "GET", "save"), /\$0\r\n\r\n$/);
  assert.deepEqual([...files.now.keys()], []);
  // Without save points nothing is kept there.
  assert.equal(world.persistence.load(), "");
  const keeping = new World({ files, directives: { save: "1 1" } });
  assert.equal(keeping.persistence.load(), files.claimProblem);
});

test("rdb-key-save-delay: keys are written at that pace", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  world.connect().call("DEBUG", "POPULATE", "1000");
  const save = new BackgroundSave(
    world.engine.keyspace,
    files,
    "temp.rdb",
    "dump.rdb",
    (drain) => new SnapshotWriter(world.engine.keyspace, OPTIONS, drain),
    () => {},
  );
  let clock = 0;
  for (const [elapsedMs, least, most] of [[0, 0, 0], [100, 100, 120], [500, 500, 520]]) {
    save.step(() => clock++, 1e6, keysAllowed(1000, elapsedMs));
    assert.ok(save.keys >= least && save.keys <= most, `${save.keys} keys after ${elapsedMs} ms`);
    assert.ok(!save.isDone);
  }
  save.step(() => clock++, 1e6, keysAllowed(1000, 1000));
  assert.ok(save.isDone);
  assert.equal(save.keys, 1000);
  assert.equal(keysAllowed(0, 0), Infinity);
});
