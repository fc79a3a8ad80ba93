// What happens when the disk fails under the append-only file, case by case: what is said, what is kept, when it goes on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkAofMain } from "../../server/check_aof.ts";
import { finishRewrite } from "../kit/aof.ts";
import { SeededRandom } from "../kit/clock.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { encodeArgs, latin1 } from "../kit/resp.ts";
import { MemoryToolIo, withFiles } from "../kit/tool_io.ts";
import { type MemoryClient, World } from "../kit/world.ts";

const REFUSED = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";

function started(files: MemoryFiles, directives: Record<string, string> = {}): World {
  const world = new World({ files, directives: { appendonly: "yes", ...directives } });
  assert.equal(world.persistence.load(), "");
  return world;
}

function textOf(files: MemoryFiles, name: string): string {
  return latin1(files.now.get(`appendonlydir/appendonly.aof.${name}`) as Uint8Array);
}

function tick(world: World, ms = 100): void {
  world.advance(ms);
  world.persistence.tick(world.clock.wallMs());
}

function info(client: MemoryClient, field: string): string {
  return new RegExp(`\\r\\n${field}:([^\\r]*)\\r\\n`).exec(client.call("INFO", "everything"))
    ?.[1] ?? "";
}

/** Sends commands in one read; returns what comes back. */
function pipelined(client: MemoryClient, ...commands: string[]): string {
  client.sendRaw(commands.map((command) => encodeArgs(command.split(" "))).join(""));
  return client.socket.reader.take();
}

test("of a batch that finds the disk full, who wrote hears of it, who read hears what is", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("write");
  assert.equal(
    pipelined(client, "GET a", "INCR a", "GET a", "SET b x", "SETNX b y", "PING"),
    `$1\r\n1\r\n${REFUSED}$1\r\n2\r\n${REFUSED}:0\r\n+PONG\r\n`,
  );
  assert.equal(info(client, "errorstat_MISCONF"), "count=2");
  assert.equal(info(client, "aof_last_write_status"), "err");
  assert.equal(client.call("GET", "b"), "$1\r\nx\r\n");
  files.broken.clear();
  tick(world);
  assert.equal(info(client, "aof_last_write_status"), "ok");
  assert.equal(client.call("INCR", "a"), ":3\r\n");
  const other = started(files.killed()).connect();
  assert.equal(other.call("DEBUG", "DIGEST"), client.call("DEBUG", "DIGEST"));
});

test("a transaction that could not be written is an error as a whole", () => {
  const files = new MemoryFiles();
  const client = started(files).connect();
  files.broken.add("write");
  assert.equal(
    pipelined(client, "MULTI", "SET a 1", "GET a", "EXEC", "GET a"),
    `+OK\r\n+QUEUED\r\n+QUEUED\r\n${REFUSED}$1\r\n1\r\n`,
  );
});

test("silent commands, and replies behind them", () => {
  const files = new MemoryFiles();
  const client = started(files).connect();
  files.broken.add("write");
  assert.equal(pipelined(client, "CLIENT REPLY SKIP", "SET a 1", "GET a"), "$1\r\n1\r\n");
});

test("clients that waited for what could not be written", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const [writer, popper] = [world.connect(), world.connect()];
  popper.send(["BLPOP", "l", "0"]);
  files.broken.add("write");
  assert.equal(writer.call("RPUSH", "l", "x"), REFUSED);
  assert.equal(popper.socket.reader.take(), REFUSED);
});

test("a batch of many replies, sent in parts", () => {
  const files = new MemoryFiles();
  const client = started(files).connect();
  client.call("SET", "big", "x".repeat(60_000));
  files.broken.add("write");
  const commands = Array.from({ length: 9 }, (_, i) => i % 3 === 1 ? `SET k${i} v` : "GET big");
  const answer = pipelined(client, ...commands);
  // The first part finds out; from then on writes are refused before they are run.
  assert.equal(answer.split(REFUSED).length - 1, 3);
  assert.equal(answer.split("x".repeat(60_000)).length - 1, 6);
});

test("keys that expire while the disk is full leave no error to those who read", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1", "PX", "50");
  world.clock.advance(100);
  files.broken.add("write");
  assert.equal(pipelined(client, "GET a"), "$-1\r\n");
});

test("nothing that was answered is lost by a kill, whenever the disk is full", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const files = new MemoryFiles();
    const world = started(files);
    const clients = Array.from({ length: 3 }, () => world.connect());
    /** By key, the greatest counter that was answered, and the number of tries. */
    const answered = [0, 0, 0];
    const tried = [0, 0, 0];
    for (let step = 0; step < 60; step++) {
      if (random.chance(0.1)) files.broken.add("write");
      if (random.chance(0.2)) files.broken.clear();
      if (random.chance(0.3)) tick(world);
      const key = random.below(3);
      tried[key]++;
      const reply = random.pick(clients).call("INCR", `k${key}`);
      if (reply.startsWith(":")) answered[key] = Number(reply.slice(1));
      else assert.equal(reply, REFUSED);
      const other = started(files.killed()).connect();
      for (const i of answered.keys()) {
        const kept = Number(other.call("INCRBY", `k${i}`, "0").slice(1));
        assert.ok(kept >= answered[i] && kept <= tried[i], `seed ${seed} step ${step}`);
      }
    }
  }
});

test("everysec: a failed sync is healed by a base and a file begun behind it, and by none before", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  // A rewrite is under way when the sync of its new file fails.
  client.call("BGREWRITEAOF");
  client.call("SET", "a", "2");
  files.broken.add("sync");
  tick(world, 1100);
  files.broken.clear();
  assert.match(client.call("SET", "b", "1"), /^-MISCONF/);
  finishRewrite(world);
  assert.match(client.call("SET", "b", "1"), /^-MISCONF/, "that base is older than the failure");
  for (let i = 0; i < 100 && client.call("SET", "b", "1") !== "+OK\r\n"; i++) {
    tick(world);
    finishRewrite(world);
  }
  assert.equal(client.call("SET", "b", "2"), "+OK\r\n");
  tick(world, 1100);
  const other = started(files.powerCut()).connect();
  assert.equal(other.call("DEBUG", "DIGEST"), client.call("DEBUG", "DIGEST"));
});

test("everysec: while healing fails it is tried again soon, however often", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("sync");
  for (let i = 0; i < 600; i++) {
    tick(world);
    finishRewrite(world);
  }
  const tries = Number(info(client, "aof_rewrites"));
  assert.ok(tries >= 10 && tries <= 14, `${tries} tries in a minute`);
  files.broken.clear();
  for (let i = 0; i < 60; i++) {
    tick(world);
    finishRewrite(world);
  }
  assert.equal(client.call("SET", "a", "2"), "+OK\r\n");
});

test("everysec: a sync that takes long is counted, and no write waits for it", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  const ended: ((problem: string) => void)[] = [];
  files.syncsLater = (done) => ended.push(done);
  client.call("SET", "a", "1");
  tick(world, 1100);
  client.call("SET", "a", "2");
  assert.match(info(client, "aof_pending_bio_fsync"), /1/);
  tick(world, 1100);
  tick(world, 100);
  assert.equal(info(client, "aof_delayed_fsync"), "1");
  assert.equal(ended.length, 1);
  assert.equal(started(files.killed()).connect().call("GET", "a"), "$1\r\n2\r\n");
  ended[0]("");
  tick(world, 100);
  assert.equal(ended.length, 2);
});

test("a directory that cannot be synced fails a rewrite, and the old files stay good", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("sync");
  client.call("BGREWRITEAOF");
  finishRewrite(world);
  assert.equal(info(client, "aof_last_bgrewrite_status"), "err");
  files.broken.clear();
  assert.equal(started(files.killed()).connect().call("GET", "a"), "$1\r\n1\r\n");
});

test("timestamps: one a second, the first at the start of each file, never back", () => {
  const files = new MemoryFiles();
  const world = started(files, { "aof-timestamp-enabled": "yes" });
  const client = world.connect();
  const second = Math.floor(world.clock.wallMs() / 1000);
  client.call("SET", "a", "1");
  client.call("SET", "a", "2");
  world.clock.advance(1000);
  client.call("SET", "a", "3");
  world.clock.jump(world.clock.wallMs() - 5000);
  client.call("SET", "a", "4");
  const stamps = (name: string) => textOf(files, name).match(/#TS:\d+/g);
  assert.deepEqual(stamps("1.incr.aof"), [`#TS:${second}`, `#TS:${second + 1}`]);
  client.call("BGREWRITEAOF");
  finishRewrite(world);
  client.call("SET", "a", "5");
  assert.deepEqual(stamps("2.incr.aof"), [`#TS:${second + 1}`]);
});

test("check-aof --truncate-to-timestamp goes back to any second", () => {
  const files = new MemoryFiles();
  const world = started(files, { "aof-timestamp-enabled": "yes", "sigrun-aof-checksum": "yes" });
  const client = world.connect();
  const first = Math.floor(world.clock.wallMs() / 1000);
  const digests: string[] = [];
  for (let second = 0; second < 5; second++) {
    client.call("INCR", "n");
    client.call("MULTI");
    client.call("RPUSH", "l", String(second));
    client.call("INCR", "n");
    client.call("EXEC");
    digests.push(client.call("DEBUG", "DIGEST"));
    world.clock.advance(1000);
  }
  world.persistence.close();
  for (const [second, digest] of digests.entries()) {
    const disk = files.killed();
    const path = "appendonlydir/appendonly.aof.1.incr.aof";
    withFiles({ "a.aof": textOf(files, "1.incr.aof") }, (folder) => {
      const words = ["--truncate-to-timestamp", String(first + second), join(folder, "a.aof")];
      assert.equal(checkAofMain("check-aof", words, new MemoryToolIo()), 0);
      disk.now.set(path, new Uint8Array(readFileSync(join(folder, "a.aof"))));
    });
    assert.equal(started(disk).connect().call("DEBUG", "DIGEST"), digest, `second ${second}`);
  }
});

test("BGSAVE and BGREWRITEAOF wait for each other", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("DEBUG", "POPULATE", "20000");
  const isScheduled = (name: string) => info(client, name) === "1";
  // The clock of a test stands still: a slice takes everything unless keys are delayed.
  client.call("CONFIG", "SET", "rdb-key-save-delay", "1000");
  assert.equal(client.call("BGREWRITEAOF"), "+Background append only file rewriting started\r\n");
  assert.match(client.call("BGREWRITEAOF"), /^-ERR Background append only file rewriting already/);
  assert.match(client.call("BGSAVE"), /^-ERR Another child process is active \(AOF\?\)/);
  assert.equal(client.call("BGSAVE", "SCHEDULE"), "+Background saving scheduled\r\n");
  assert.equal(client.call("CONFIG", "SET", "rdb-key-save-delay", "0"), "+OK\r\n");
  finishRewrite(world);
  client.call("CONFIG", "SET", "rdb-key-save-delay", "1000");
  tick(world);
  assert.ok(isScheduled("rdb_bgsave_in_progress"));
  assert.match(client.call("BGSAVE"), /^-ERR Background save already in progress/);
  assert.equal(client.call("BGREWRITEAOF"), "+Background append only file rewriting scheduled\r\n");
  assert.ok(isScheduled("aof_rewrite_scheduled"));
  assert.ok(isScheduled("aof_pending_rewrite"));
  assert.equal(client.call("BGSAVE", "CANCEL"), "+Background saving cancelled\r\n");
  tick(world);
  assert.ok(isScheduled("aof_rewrite_in_progress"));
  assert.ok(!isScheduled("aof_rewrite_scheduled"));
  world.persistence.close();
});

test("DEBUG AOF-FLUSH-SLEEP waits before each write", () => {
  const world = started(new MemoryFiles());
  const client = world.connect();
  assert.equal(client.call("DEBUG", "AOF-FLUSH-SLEEP", "500000"), "+OK\r\n");
  const startMs = world.clock.wallMs();
  client.call("SET", "a", "1");
  client.call("GET", "a");
  assert.equal(world.clock.wallMs() - startMs, 500);
  client.call("DEBUG", "AOF-FLUSH-SLEEP", "0");
  client.call("SET", "a", "2");
  assert.equal(world.clock.wallMs() - startMs, 500);
});

test("everysec: one sync a second; behind a quiet second a write is safe at once", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  tick(world, 5000);
  const before = files.operations;
  client.call("SET", "a", "1");
  tick(world);
  assert.equal(files.operations - before, 2);
  assert.equal(started(files.powerCut()).connect().call("GET", "a"), "$1\r\n1\r\n");
  for (let i = 0; i < 10; i++) {
    client.call("INCR", "a");
    tick(world);
  }
  assert.equal(files.operations - before, 13, "ten writes and one sync more");
});
