// The append-only file: what survives which accident, rewriting, errors of the disk.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aofOf, finishRewrite } from "../kit/aof.ts";
import { SeededRandom } from "../kit/clock.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { bytesOf, encodeArgs, latin1 } from "../kit/resp.ts";
import { type MemoryClient, World } from "../kit/world.ts";

const DIRECTORY = "appendonlydir/";
const INCR = `${DIRECTORY}appendonly.aof.1.incr.aof`;

function started(files: MemoryFiles, directives: Record<string, string> = {}): World {
  const world = new World({ files, directives: { appendonly: "yes", ...directives } });
  assert.equal(world.persistence.load(), "");
  return world;
}

function digestOf(files: MemoryFiles): string {
  const world = started(files);
  const digest = world.connect().call("DEBUG", "DIGEST");
  world.persistence.close();
  return digest;
}

function textOf(files: MemoryFiles, name: string): string {
  const bytes = files.now.get(name);
  assert.ok(bytes !== undefined, `${name} is missing`);
  return latin1(bytes, 0, bytes.length);
}

/** One random change of any kind to few keys. */
function change(client: MemoryClient, random: SeededRandom): void {
  const pick = (n: number) => (random.next32() >>> 0) % n;
  const key = `k${pick(30)}`;
  const commands: string[][] = [
    ["SET", key, `v${pick(1000)}`],
    ["SET", key, "x".repeat(pick(300)), "PX", String(5000 + pick(100000))],
    ["DEL", key],
    ["RENAME", key, `k${pick(30)}`],
    ["RPUSH", key, "a", "b", String(pick(100))],
    ["LPOP", key],
    ["SADD", key, `m${pick(50)}`],
    ["SPOP", key],
    ["HSET", key, `f${pick(50)}`, `v${pick(50)}`],
    ["HEXPIRE", key, String(5 + pick(500)), "FIELDS", "1", `f${pick(50)}`],
    ["ZADD", key, String(pick(100)), `m${pick(200)}`],
    ["XADD", key, "*", "f", "v"],
    ["APPEND", key, "tail"],
    ["INCRBYFLOAT", key, "0.25"],
    ["MOVE", key, "1"],
    ["EXPIRE", key, String(5 + pick(100))],
    ["SELECT", String(pick(3))],
    ["SWAPDB", "0", "2"],
  ];
  client.call(...commands[pick(commands.length)]);
}

test("a new server begins a base, an incremental file and their list", () => {
  const files = new MemoryFiles();
  const world = started(files);
  assert.deepEqual([...files.now.keys()].sort(), [
    `${DIRECTORY}appendonly.aof.1.base.rdb`,
    INCR,
    `${DIRECTORY}appendonly.aof.manifest`,
  ]);
  assert.deepEqual([...files.safe.keys()].sort(), [...files.now.keys()].sort());
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("GET", "a");
  client.sendRaw(
    encodeArgs(["SELECT", "3"]) + encodeArgs(["INCR", "n"]) + encodeArgs(["INCR", "n"]),
  );
  assert.equal(
    textOf(files, INCR),
    encodeArgs(["SELECT", "0"]) + encodeArgs(["SET", "a", "1"]) + encodeArgs(["SELECT", "3"]) +
      encodeArgs(["INCR", "n"]) + encodeArgs(["INCR", "n"]),
  );
  const info = client.call("INFO", "persistence");
  assert.match(info, /aof_enabled:1\r\n/);
  assert.match(info, /aof_last_write_status:ok\r\n/);
  world.persistence.close();
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
});

for (const policy of ["always", "everysec", "no"]) {
  test(`appendfsync ${policy}: after each operation of the disk nothing acknowledged is lost`, () => {
    const files = new MemoryFiles();
    const world = started(files, { appendfsync: policy });
    const client = world.connect();
    const names: string[] = [];
    let acknowledged = 0;
    let looks = 0;
    const look = () => {
      const disks = policy === "always" ? [files.killed(), files.powerCut()] : [files.killed()];
      for (const disk of disks) {
        looks++;
        const other = started(disk);
        const there = names.slice(0, acknowledged);
        const reply = other.connect().call("EXISTS", ...there, "none");
        assert.equal(reply, `:${acknowledged}\r\n`, `after operation ${files.operations}`);
        other.persistence.close();
      }
    };
    files.afterStep = look;
    const set = () => {
      const name = `k${names.length}`;
      names.push(name);
      assert.equal(client.call("SET", name, "v"), "+OK\r\n");
      acknowledged++;
      look();
    };
    for (let i = 0; i < 5; i++) set();
    world.advance(1100);
    world.persistence.tick(world.clock.wallMs());
    set();
    for (let round = 0; round < 2; round++) {
      assert.equal(
        client.call("BGREWRITEAOF"),
        "+Background append only file rewriting started\r\n",
      );
      set();
      set();
      finishRewrite(world);
      set();
    }
    assert.equal([...files.now.keys()].length, 3);
    assert.ok(looks > 40);
    world.persistence.close();
  });
}

test("everysec: synced within two seconds", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  for (let i = 0; i < 50; i++) {
    client.call("SET", `k${i}`, "v");
    world.advance(100);
    world.persistence.tick(world.clock.wallMs());
    const other = started(files.powerCut());
    const wanted = Math.max(0, i - 19);
    for (let j = 0; j < wanted; j++) {
      assert.equal(other.connect().call("EXISTS", `k${j}`), ":1\r\n", `key ${j} after key ${i}`);
    }
    other.persistence.close();
  }
  world.persistence.close();
});

test("always: no reply leaves before its change is safe, whoever asks", () => {
  const files = new MemoryFiles();
  const world = started(files, { appendfsync: "always" });
  const [writer, blocked, reader] = [world.connect(), world.connect(), world.connect()];
  blocked.send(["BLPOP", "list", "0"]);
  let isSafe = false;
  files.afterStep = () => {
    const bytes = files.powerCut().now.get(INCR) ?? new Uint8Array(0);
    isSafe = latin1(bytes, 0, bytes.length).includes("RPUSH") ||
      latin1(bytes, 0, bytes.length).includes("LPOP");
    if (isSafe) return;
    for (const client of [writer, blocked, reader]) {
      assert.equal(client.socket.reader.take(), "", "nothing may be heard before");
    }
  };
  writer.send(["RPUSH", "list", "x", "y"]);
  assert.ok(isSafe);
  assert.equal(blocked.socket.reader.take(), "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n");
  assert.equal(writer.socket.reader.take(), ":2\r\n");
  world.persistence.close();
});

test("cut off anywhere, the longest whole beginning is loaded", () => {
  const files = new MemoryFiles();
  const world = started(files, { "aof-timestamp-enabled": "yes" });
  const client = world.connect();
  const states: [size: number, digest: string][] = [];
  const note = () => states.push([textOf(files, INCR).length, client.call("DEBUG", "DIGEST")]);
  note();
  client.call("SET", "a", "\r\n*1\r\n");
  note();
  world.clock.advance(1000);
  client.call("RPUSH", "l", "x", "");
  note();
  client.sendRaw(
    ["MULTI", "SET b 1", "INCR b", "EXEC"].map((text) => encodeArgs(text.split(" "))).join(""),
  );
  client.socket.reader.take();
  note();
  client.call("SELECT", "7");
  client.call("HSET", "h", "f", "v");
  note();
  const whole = files.now.get(INCR) as Uint8Array;
  assert.match(latin1(whole, 0, whole.length), /#TS:\d+\r\n/);
  for (let size = 0; size <= whole.length; size++) {
    const disk = files.killed();
    disk.now.set(INCR, whole.slice(0, size));
    const wanted = states.filter(([end]) => end <= size).at(-1);
    assert.equal(digestOf(disk), wanted?.[1], `cut at ${size}`);
    const left = disk.now.get(INCR) as Uint8Array;
    // What goes on behind the cut is not lost either.
    const again = started(disk);
    again.connect().call("SET", "after", "1");
    again.persistence.close();
    const third = started(disk);
    assert.equal(third.connect().call("EXISTS", "after"), ":1\r\n", `cut at ${size}`);
    third.persistence.close();
    assert.ok(left.length <= size);
  }
  world.persistence.close();
});

test("random changes, rewritten now and then, are the same after a start", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const files = new MemoryFiles();
    const world = new World({ files, seed, directives: { appendonly: "yes" } });
    assert.equal(world.persistence.load(), "");
    const random = new SeededRandom(seed);
    const client = world.connect();
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 60; i++) change(client, random);
      if (round % 2 === 0) client.call("BGREWRITEAOF");
      for (let i = 0; i < 60; i++) {
        change(client, random);
        if (i % 3 === 0) aofOf(world).step();
      }
      finishRewrite(world);
      world.advance(700);
      world.persistence.tick(world.clock.wallMs());
      const restored = new World({ files: files.killed(), directives: { appendonly: "yes" } });
      restored.clock.advance(world.clock.wallMs() - restored.clock.wallMs());
      assert.equal(restored.persistence.load(), "");
      restored.advance(300);
      world.advance(300);
      assert.equal(
        restored.connect().call("DEBUG", "DIGEST"),
        client.call("DEBUG", "DIGEST"),
        `seed ${seed}, round ${round}`,
      );
      restored.persistence.close();
    }
    world.persistence.close();
  }
});

test("CONFIG SET appendonly: the first base is made in the background", () => {
  const files = new MemoryFiles();
  const world = new World({ files });
  const client = world.connect();
  client.call("SET", "a", "1");
  assert.equal(client.call("CONFIG", "SET", "appendonly", "yes"), "+OK\r\n");
  assert.match(client.call("INFO", "persistence"), /aof_enabled:1\r\naof_rewrite_in_progress:1/);
  client.call("SET", "b", "2");
  finishRewrite(world);
  client.call("SET", "c", "3");
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  assert.equal(client.call("CONFIG", "SET", "appendonly", "no"), "+OK\r\n");
  client.call("SET", "d", "4");
  assert.doesNotMatch(textOf(files, INCR), /\$1\r\nd\r\n/);
  assert.equal(client.call("CONFIG", "SET", "appendonly", "yes"), "+OK\r\n");
  finishRewrite(world);
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  assert.equal(
    textOf(files, `${DIRECTORY}appendonly.aof.manifest`),
    "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n",
  );
  world.persistence.close();
});

test("a transaction that turns the file on, or asks for a rewrite, is not cut in two", () => {
  for (const command of ["CONFIG SET appendonly yes", "BGREWRITEAOF"]) {
    const files = new MemoryFiles();
    const world = command === "BGREWRITEAOF" ? started(files) : new World({ files });
    const client = world.connect();
    for (const text of ["MULTI", "INCR n", command, "INCR n", "EXEC"]) {
      client.call(...text.split(" "));
    }
    world.persistence.tick(world.clock.wallMs());
    client.call("INCR", "n");
    finishRewrite(world);
    assert.equal(client.call("GET", "n"), "$1\r\n3\r\n");
    assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"), command);
    world.persistence.close();
  }
});

test("FLUSHALL during a rewrite: it begins anew", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("BGREWRITEAOF");
  client.call("FLUSHALL");
  client.call("SET", "b", "1");
  finishRewrite(world);
  world.persistence.tick(world.clock.wallMs());
  finishRewrite(world);
  assert.match(client.call("INFO", "persistence"), /aof_last_bgrewrite_status:ok/);
  assert.equal([...files.now.keys()].length, 3);
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  world.persistence.close();
});

test("DEBUG LOADAOF: everything is read back, commands sent behind it wait", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const [client, other] = [world.connect(), world.connect()];
  client.call("SET", "a", "1");
  for (const text of ["MULTI", "INCR n", "RPUSH l x", "EXEC"]) client.call(...text.split(" "));
  const before = client.call("DEBUG", "DIGEST");
  client.sendRaw(
    encodeArgs(["SELECT", "2"]) + encodeArgs(["DEBUG", "LOADAOF"]) + encodeArgs(["SET", "b", "2"]),
  );
  other.send(["GET", "a"]);
  assert.equal(client.socket.reader.take(), "+OK\r\n+OK\r\n+OK\r\n");
  assert.equal(other.socket.reader.take(), "$1\r\n1\r\n");
  assert.equal(client.call("DEL", "b"), ":1\r\n");
  assert.equal(client.call("DEBUG", "DIGEST"), before);
  assert.equal(digestOf(files.killed()), before);
  world.persistence.close();
});

test("it is rewritten by itself when it has grown enough", () => {
  const files = new MemoryFiles();
  const world = started(files, { "auto-aof-rewrite-min-size": "2000" });
  const client = world.connect();
  for (let i = 0; i < 100; i++) client.call("SET", "a", "x".repeat(40));
  world.persistence.tick(world.clock.wallMs());
  assert.match(client.call("INFO", "persistence"), /aof_rewrite_in_progress:1/);
  finishRewrite(world);
  assert.match(client.call("INFO", "persistence"), /aof_base_size:\d{3}\r\n/);
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  world.persistence.close();
});

test("a disk that takes no writes: they are refused until it does", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("write");
  const refused = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
  assert.equal(client.call("SET", "b", "1"), refused, "the one that finds out");
  assert.equal(client.call("SET", "c", "1"), refused);
  assert.equal(client.call("PING"), refused);
  assert.equal(client.call("GET", "a"), "$1\r\n1\r\n");
  client.call("MULTI");
  assert.equal(client.call("SET", "c", "1"), refused);
  assert.match(client.call("EXEC"), /^-EXECABORT/);
  assert.match(client.call("INFO", "persistence"), /aof_last_write_status:err/);
  files.broken.clear();
  world.persistence.tick(world.clock.wallMs());
  assert.equal(client.call("SET", "c", "1"), "+OK\r\n");
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  world.persistence.close();
});

test("everysec: after a failed sync writes wait for a new base and a new file", () => {
  const files = new MemoryFiles();
  const world = started(files);
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("sync");
  world.advance(1100);
  world.persistence.tick(world.clock.wallMs());
  assert.match(client.call("SET", "b", "1"), /^-MISCONF Errors writing to the AOF file/);
  files.broken.clear();
  for (let i = 0; i < 700; i++) {
    world.advance(100);
    world.persistence.tick(world.clock.wallMs());
    finishRewrite(world);
  }
  assert.equal(client.call("SET", "b", "1"), "+OK\r\n");
  assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"));
  world.persistence.close();
});

test("always: a failed write or sync ends everything before a reply leaves", () => {
  for (const kind of ["write", "sync"]) {
    const files = new MemoryFiles();
    const world = started(files, { appendfsync: "always" });
    const client = world.connect();
    client.call("SET", "a", "1");
    files.broken.add(kind);
    assert.equal(client.call("SET", "b", "1"), "", kind);
    assert.equal(world.connect().call("GET", "b"), "", kind);
  }
});

test("whatever operation fails during a rewrite, everything is still there", () => {
  for (let failAt = 1;; failAt++) {
    const files = new MemoryFiles();
    const world = started(files);
    const client = world.connect();
    client.call("SET", "a", "1");
    files.operations = 0;
    files.failAt = failAt;
    const reply = client.call("BGREWRITEAOF");
    finishRewrite(world);
    const isDone = files.operations < failAt;
    files.failAt = Infinity;
    assert.match(reply, isDone ? /^\+/ : /^[+-]/);
    client.call("SET", "b", "1");
    assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"), `operation ${failAt}`);
    client.call("BGREWRITEAOF");
    finishRewrite(world);
    client.call("SET", "c", "1");
    assert.equal(digestOf(files.killed()), client.call("DEBUG", "DIGEST"), `operation ${failAt}`);
    world.persistence.close();
    if (!isDone) continue;
    assert.ok(failAt > 8, "every operation was tried");
    break;
  }
});

test("failed rewrites make the next ones wait", () => {
  const files = new MemoryFiles();
  const world = started(files, { "auto-aof-rewrite-min-size": "100" });
  const client = world.connect();
  for (let i = 0; i < 50; i++) client.call("SET", "a", "x".repeat(40));
  files.broken.add("rename");
  for (let i = 0; i < 20; i++) {
    world.persistence.tick(world.clock.wallMs());
    finishRewrite(world);
  }
  const tries = Number(/aof_rewrites:(\d+)/.exec(client.call("INFO", "persistence"))?.[1]);
  assert.ok(tries <= 3, `${tries} tries`);
  world.persistence.close();
});

test("stop-writes-on-bgsave-error: a failed snapshot refuses writes until one works", () => {
  const files = new MemoryFiles();
  const world = new World({ files, directives: { save: "3600 1" } });
  const client = world.connect();
  client.call("SET", "a", "1");
  files.broken.add("write");
  client.call("BGSAVE");
  assert.match(client.call("SET", "a", "2"), /^-MISCONF Valkey is configured to save RDB/);
  client.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
  assert.equal(client.call("SET", "a", "2"), "+OK\r\n");
  client.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes");
  assert.match(client.call("SET", "a", "2"), /^-MISCONF/);
  files.broken.clear();
  assert.equal(client.call("SAVE"), "+OK\r\n");
  assert.equal(client.call("SET", "a", "2"), "+OK\r\n");
  world.persistence.close();
});

test("a password and a memory limit do not keep the file from being loaded", () => {
  const files = new MemoryFiles();
  const world = started(files);
  world.connect().call("SET", "a", "x".repeat(5000));
  world.persistence.close();
  const other = started(files, { requirepass: "secret", maxmemory: "1" });
  const client = other.connect();
  client.call("AUTH", "secret");
  assert.equal(client.call("EXISTS", "a"), ":1\r\n");
  other.persistence.close();
});

test("damage in the middle keeps the server from starting", () => {
  const files = new MemoryFiles();
  const world = started(files);
  for (let i = 0; i < 3; i++) world.connect().call("SET", `k${i}`, "v");
  world.persistence.close();
  const bytes = (files.now.get(INCR) as Uint8Array).slice();
  bytes.set(bytesOf("?"), 23);
  files.now.set(INCR, bytes);
  const again = new World({ files, directives: { appendonly: "yes" } });
  assert.match(again.persistence.load(), /^Bad file format .* at offset 23/);
});
