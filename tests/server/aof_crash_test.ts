// What the simulation has found, each as a case of its own: accidents that follow one another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aofOf, finishRewrite } from "../kit/aof.ts";
import { SeededRandom } from "../kit/clock.ts";
import { FaultDisk } from "../kit/fault_disk.ts";
import { bytesOf } from "../kit/resp.ts";
import { World } from "../kit/world.ts";
import { checkAofMain } from "../../server/check_aof.ts";
import { MemoryToolIo, withFiles } from "../kit/tool_io.ts";

const DIRECTORY = "appendonlydir";
const MANIFEST = `${DIRECTORY}/appendonly.aof.manifest`;

function newDisk(seed = 1): FaultDisk {
  return new FaultDisk(new SeededRandom(seed));
}

/** A server on the disk, or why it does not start. */
function boot(disk: FaultDisk, directives: Record<string, string> = {}): World | string {
  const world = new World({
    files: disk.boot(),
    directives: { appendonly: "yes", ...directives },
    timer: () => () => {},
  });
  return world.persistence.load() || world;
}

function started(disk: FaultDisk, directives: Record<string, string> = {}): World {
  const world = boot(disk, directives);
  assert.ok(world instanceof World, String(world));
  return world;
}

function valueOf(world: World, key: string): string {
  return world.connect().call("GET", key);
}

test("always: what a start read from the system's cache is safe before anyone hears of it", () => {
  const disk = newDisk();
  const world = started(disk, { appendfsync: "always" });
  const client = world.connect();
  client.call("SET", "a", "1");
  // Written, and killed before the sync.
  disk.armed = { operation: disk.operations + 2, moment: "before", kind: "kill" };
  client.call("SET", "a", "2");
  const next = started(disk, { appendfsync: "always" });
  assert.equal(valueOf(next, "a"), "$1\r\n2\r\n");
  disk.powerCut("none");
  assert.equal(valueOf(started(disk), "a"), "$1\r\n2\r\n");
});

test("always: a list that a killed process had just renamed stays", () => {
  for (let at = 1; at < 12; at++) {
    const disk = newDisk();
    const world = started(disk, { appendfsync: "always" });
    world.connect().call("SET", "a", "1");
    disk.armed = { operation: disk.operations + at, moment: "behind", kind: "kill" };
    world.connect().call("BGREWRITEAOF");
    for (let i = 0; i < 20; i++) aofOf(world).step();
    if (disk.armed !== null) disk.kill();
    const next = started(disk, { appendfsync: "always" });
    assert.equal(next.connect().call("SET", "b", "1"), "+OK\r\n");
    disk.powerCut("none");
    assert.equal(started(disk).connect().call("EXISTS", "a", "b"), ":2\r\n", `operation ${at}`);
  }
});

test("everysec: a rewrite that begins leaves no gap in front of the new file", () => {
  for (const survival of ["none", "prefix", "zeros", "pages"] as const) {
    for (let seed = 1; seed < 20; seed++) {
      const disk = newDisk(seed);
      const world = started(disk);
      for (let i = 0; i < 20; i++) world.connect().call("SET", `k${i}`, "v");
      world.connect().call("BGREWRITEAOF");
      world.connect().call("SET", "behind", "v");
      disk.powerCut(survival);
      const next = boot(disk);
      // Only the file that is written to may be damaged.
      if (typeof next === "string") assert.match(next, /appendonly\.aof\.2\.incr\.aof at offset/);
      else assert.match(next.connect().call("DBSIZE"), /^:2[01]\r\n/);
    }
  }
});

test("everysec: after a failed sync the damaged file stays the last one until it is replaced", () => {
  const disk = newDisk();
  const world = started(disk);
  world.connect().call("SET", "a", "1");
  disk.faults.add("sync");
  world.clock.advance(1100);
  world.persistence.tick(world.clock.wallMs());
  disk.faults.clear();
  world.clock.advance(6000);
  world.persistence.tick(world.clock.wallMs());
  assert.ok(aofOf(world).isRewriting, "a new base is begun");
  const list = disk.contents.get(MANIFEST) as Uint8Array;
  assert.doesNotMatch(new TextDecoder().decode(list), /2\.incr/);
  assert.match(world.connect().call("SET", "b", "1"), /^-MISCONF/);
  finishRewrite(world);
  assert.equal(world.connect().call("SET", "b", "1"), "+OK\r\n");
  disk.powerCut("prefix");
  assert.equal(valueOf(started(disk), "a"), "$1\r\n1\r\n");
});

test("a write that works again inside a rewrite or an attempt to end lets clients write", () => {
  for (const command of [["BGREWRITEAOF"], ["SHUTDOWN", "SAVE"]]) {
    const disk = newDisk();
    let world: World | null = null;
    world = new World({
      files: disk.boot(),
      directives: { appendonly: "yes" },
      timer: () => () => {},
      control: { shutdown: ({ save }) => (world as World).persistence.saveAtEnd(save) },
    });
    assert.equal(world.persistence.load(), "");
    const client = world.connect();
    disk.faults.add("full");
    client.call("SET", "a", "1");
    assert.match(world.connect().call("SET", "a", "2"), /^-MISCONF/);
    disk.faults.clear();
    world.connect().call(...command);
    assert.equal(world.connect().call("SET", "a", "3"), "+OK\r\n", command[0]);
  }
});

test("a failed write that got out and cannot be taken back does not keep clients from writing", () => {
  const disk = newDisk();
  const world = started(disk);
  // All of it gets out.
  disk.random.chance = () => true;
  disk.random.below = (below) => below - 1;
  disk.faults.add("write");
  disk.faults.add("cut");
  assert.match(world.connect().call("SET", "a", "1"), /^-MISCONF/);
  disk.faults.clear();
  world.persistence.tick(world.clock.wallMs());
  assert.equal(world.connect().call("SET", "b", "1"), "+OK\r\n");
  disk.kill();
  assert.equal(started(disk).connect().call("EXISTS", "a", "b"), ":2\r\n");
});

test("a failed sync before the first base is there: tried again soon, however often that failed", () => {
  const disk = newDisk();
  const world = started(disk, { appendonly: "no" });
  const client = world.connect();
  const tick = (ms: number) => {
    world.clock.advance(ms);
    world.persistence.tick(world.clock.wallMs());
    finishRewrite(world);
  };
  client.call("CONFIG", "SET", "appendonly", "yes");
  client.call("SET", "a", "1");
  disk.faults.add("sync");
  for (let i = 0; i < 60; i++) tick(60_000);
  assert.match(client.call("SET", "b", "1"), /^-MISCONF/);
  disk.faults.clear();
  for (let i = 0; i < 3; i++) tick(3000);
  assert.equal(client.call("SET", "b", "1"), "+OK\r\n");
  disk.kill();
  assert.equal(started(disk).connect().call("EXISTS", "a", "b"), ":2\r\n");
});

test("the name of a file that is history is not used again", () => {
  const disk = newDisk();
  started(disk).connect().call("SET", "a", "1");
  disk.kill();
  // A rewrite without a file to write to had left this list, and was stopped before it removed anything.
  disk.put(
    MANIFEST,
    bytesOf(
      "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type h\n",
    ),
  );
  const world = started(disk, { appendonly: "no" });
  world.connect().call("SET", "b", "1");
  world.connect().call("CONFIG", "SET", "appendonly", "yes");
  finishRewrite(world);
  world.connect().call("SET", "c", "1");
  disk.kill();
  assert.equal(started(disk).connect().call("EXISTS", "b", "c"), ":2\r\n");
});

test("a file left behind does not come back under the name of a new one", () => {
  const disk = newDisk();
  const left = "*3\r\n$3\r\nSET\r\n$3\r\nold\r\n$1\r\n1\r\n";
  disk.put(`${DIRECTORY}/temp-appendonly.aof.incr`, bytesOf(left));
  disk.put(`${DIRECTORY}/appendonly.aof.2.incr.aof`, bytesOf(left));
  const world = started(disk, { appendonly: "no" });
  world.connect().call("CONFIG", "SET", "appendonly", "yes");
  finishRewrite(world);
  world.connect().call("BGREWRITEAOF");
  disk.powerCut("none");
  assert.equal(started(disk).connect().call("EXISTS", "old"), ":0\r\n");
});

test("a base is never written over, even when nobody knows whether the list stays", () => {
  for (let at = 1; at < 30; at++) {
    const disk = newDisk();
    const world = started(disk);
    const client = world.connect();
    client.call("INCR", "n");
    client.call("BGREWRITEAOF");
    client.call("INCR", "n");
    const failing = disk.operations + at;
    disk.afterStep = () => {
      if (disk.operations === failing - 1) disk.faults.add("sync");
      else disk.faults.clear();
    };
    finishRewrite(world);
    disk.afterStep = () => {};
    disk.faults.clear();
    client.call("INCR", "n");
    client.call("BGREWRITEAOF");
    client.call("INCR", "n");
    aofOf(world).step();
    disk.kill();
    assert.equal(valueOf(started(disk), "n"), "$1\r\n4\r\n", `operation ${at}`);
  }
});

test("a damaged end in front of empty files can be cut, by a start and by check-aof", () => {
  const incr = (number: number) => `appendonly.aof.${number}.incr.aof`;
  const list = `file ${incr(1)} seq 1 type i\nfile ${incr(2)} seq 2 type i\n`;
  const torn = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSE";
  const disk = newDisk();
  disk.put(`${DIRECTORY}/${incr(1)}`, bytesOf(torn));
  disk.put(`${DIRECTORY}/${incr(2)}`, bytesOf(""));
  disk.put(MANIFEST, bytesOf(list));
  const world = started(disk);
  assert.equal(valueOf(world, "a"), "$1\r\n1\r\n");
  world.connect().call("SET", "b", "1");
  disk.kill();
  assert.equal(started(disk).connect().call("EXISTS", "a", "b"), ":2\r\n");

  const files = { [incr(1)]: torn, [incr(2)]: "", "appendonly.aof.manifest": list };
  withFiles(files, (folder) => {
    const io = new MemoryToolIo("y\n");
    assert.equal(checkAofMain("check-aof", ["--fix", `${folder}/appendonly.aof.manifest`], io), 0);
    assert.match(io.stdout, /Successfully truncated AOF appendonly\.aof\.1\.incr\.aof/);
  });
});

test("a list that cannot be read keeps the server from starting", () => {
  const disk = newDisk();
  started(disk);
  disk.faults.add("handles");
  assert.equal(
    boot(disk),
    "Fatal error: can't open the AOF manifest file appendonly.aof.manifest for reading: Too many open files",
  );
});

test("what cannot be removed does no harm", () => {
  const disk = newDisk();
  const world = started(disk);
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("BGREWRITEAOF");
  client.call("BGSAVE");
  disk.faults.add("readonly");
  finishRewrite(world);
  assert.equal(client.call("SAVE").slice(0, 4), "-ERR");
  assert.equal(client.call("CONFIG", "SET", "appendonly", "no"), "+OK\r\n");
  assert.equal(world.engine.server.stats.unexpectedErrors, 0);
});

test("always: a single file that its writer never synced is safe once others follow it", () => {
  const disk = newDisk();
  const files = disk.boot();
  const file = files.append("appendonly.aof");
  const bytes = bytesOf("*3\r\n$3\r\nSET\r\n$3\r\nold\r\n$1\r\n1\r\n");
  file.write(bytes, 0, bytes.length);
  files.syncDirectory("");
  disk.kill();
  const world = started(disk, { appendfsync: "always" });
  assert.equal(world.connect().call("SET", "new", "2"), "+OK\r\n");
  disk.powerCut("none");
  const next = started(disk);
  assert.equal(valueOf(next, "old"), "$1\r\n1\r\n");
  assert.equal(valueOf(next, "new"), "$1\r\n2\r\n");
});
