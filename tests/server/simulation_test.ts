// Many lives of one server on a bad disk (tests/kit/simulation.ts): a few of the seeds that `deno task simulate` runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, SeededRandom } from "../kit/clock.ts";
import { FaultDisk } from "../kit/fault_disk.ts";
import { dataOf, ReplayModel } from "../kit/replay_model.ts";
import { Contract, type End } from "../kit/sim_contract.ts";
import { Simulation, Violation } from "../kit/simulation.ts";
import { World } from "../kit/world.ts";

function run(first: number, count: number): number {
  let judged = 0;
  for (let seed = first; seed < first + count; seed++) {
    const simulation = new Simulation(seed);
    try {
      simulation.run();
    } catch (error) {
      throw new Error(`seed ${seed} (deno task simulate --seed ${seed})`, { cause: error });
    }
    judged += simulation.judged;
  }
  return judged;
}

test("simulation: the first seeds", () => {
  assert.ok(run(1, 60) > 200, "starts were judged");
});

test("simulation: seeds that found something", () => {
  // The first base is in its place, units follow, and only then the rewrite is said to be finished.
  const finished = [9000296, 9006027, 9008925, 9100418, 9102776];
  // A start finds a hash whose last field is due: it gets a time, and then another field.
  const due = [9101473];
  // A sector of zeros, from within the line that begins a sum to within one that ends a sum.
  const zeros = [13003261];
  for (const seed of [...finished, ...due, ...zeros]) run(seed, 1);
});

test("simulation: new seeds", () => {
  const first = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
  console.log(`seeds ${first} to ${first + 29}`);
  run(first, 30);
});

test("simulation: a disk that only says that it syncs is found out", () => {
  const { synced } = FaultDisk.prototype;
  FaultDisk.prototype.synced = () => {};
  try {
    const isFound = (seed: number) => {
      try {
        new Simulation(seed, { policy: "always", appendonly: true, faults: [] }).run();
        return false;
      } catch (error) {
        return error instanceof Violation;
      }
    };
    assert.ok([1, 2, 3, 4, 5, 6, 7, 8].some(isFound));
  } finally {
    FaultDisk.prototype.synced = synced;
  }
});

test("a seed repeats itself", () => {
  const lines = (seed: number) => {
    const said: string[] = [];
    new Simulation(seed, {}, (text) => said.push(text)).run();
    return said;
  };
  assert.deepEqual(lines(7), lines(7));
  assert.notDeepEqual(lines(7), lines(8));
});

test("the disk keeps what was synced, a file and a name at a time", () => {
  const disk = new FaultDisk(new SeededRandom(1));
  const files = disk.boot();
  const write = (name: string, text: string, sync: boolean) => {
    const file = files.append(name);
    const bytes = new TextEncoder().encode(text);
    file.write(bytes, 0, bytes.length);
    if (sync) file.sync();
  };
  write("a", "synced,", true);
  write("a", "not synced", false);
  write("unnamed", "synced", true);
  files.syncDirectory("");
  write("later", "synced", true);
  files.rename("unnamed", "renamed");
  disk.powerCut("none");
  const text = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual([...disk.contents.keys()].sort(), ["a", "unnamed"]);
  assert.equal(text(disk.contents.get("a")), "synced,");
});

test("the disk: a failed sync forgets, and no later one brings it back", () => {
  for (let seed = 1;; seed++) {
    assert.ok(seed < 50, "some seed forgets");
    const disk = new FaultDisk(new SeededRandom(seed));
    const files = disk.boot();
    const file = files.create("a");
    files.syncDirectory("");
    file.write(new Uint8Array([1, 2, 3]), 0, 3);
    disk.faults.add("sync");
    assert.throws(() => file.sync());
    disk.faults.clear();
    file.sync();
    assert.deepEqual(disk.contents.get("a"), new Uint8Array([1, 2, 3]), "in the cache it is there");
    disk.powerCut("all");
    if (disk.contents.get("a")?.[0] === 0) break;
  }
});

test("the contract: a base says nothing of a sync that failed behind its instant", () => {
  const power: End[] = [{ how: "power", survival: "none", atMs: 60_000, hasForgotten: false }];
  for (const [failsMs, floor] of [[9000, 9], [11_000, 5]]) {
    const contract = new Contract(0);
    contract.replyLeaves(8000, 4, "everysec");
    if (failsMs < 10_000) contract.syncFails(failsMs);
    contract.rewriteBegins(10_000, 5);
    contract.replyLeaves(10_500, 9, "everysec");
    if (failsMs > 10_000) contract.syncFails(failsMs);
    contract.rewriteEnds();
    assert.equal(contract.floor(power, "everysec"), floor);
  }
});

test("the contract: what is there when the file begins to count is safe, what comes later is not", () => {
  const power: End[] = [{ how: "power", survival: "none", atMs: 60_000, hasForgotten: false }];
  const contract = new Contract(0);
  contract.rewriteBegins(1000, 5);
  contract.turnedOn(7);
  contract.replyLeaves(3000, 9, "no");
  contract.rewriteEnds();
  assert.equal(contract.floor(power, "no"), 7);
});

test("the model agrees with the engine about a hash whose last field is due, over a start", () => {
  const disk = new FaultDisk(new SeededRandom(1));
  const clock = new FakeClock();
  const model = new ReplayModel();
  const boot = () => {
    const world = new World({ files: disk.boot(), clock, directives: { appendonly: "yes" } });
    assert.equal(world.persistence.load(), "");
    const problem = model.goBackTo(dataOf(world.connect()), model.length, clock.wallMs());
    assert.equal(problem, "");
    model.dropExpired(clock.wallMs());
    world.engine.propagation.attach(model);
    return world.connect();
  };
  const first = boot();
  first.call("HSET", "h", "f", "v");
  first.call("HPEXPIRE", "h", "100", "FIELDS", "1", "f");
  disk.kill();
  clock.advance(1000);
  const second = boot();
  assert.equal(second.call("EXISTS", "h"), ":1\r\n");
  assert.equal(second.call("PEXPIRE", "h", "500"), ":1\r\n");
  assert.equal(second.call("HSET", "h", "g", "w"), ":1\r\n");
  assert.equal(second.call("PTTL", "h"), ":500\r\n");
  disk.kill();
  clock.advance(1000);
  assert.equal(boot().call("EXISTS", "h"), ":0\r\n");
});

test("the model agrees with the engine, and goes back unit by unit", () => {
  const world = new World();
  const model = new ReplayModel();
  world.engine.propagation.attach(model);
  const client = world.connect();
  const states: Map<string, string>[] = [dataOf(client)];
  const commands = [
    "SET s v",
    "SET t w PX 5000",
    "RPUSH l a b c",
    "LMOVE l l LEFT RIGHT",
    "SADD e x y z",
    "SPOP e",
    "HSET h f 1 g 2",
    "HINCRBY h f 4",
    "HPEXPIRE h 9000 FIELDS 1 g",
    "ZADD z 1 a 2 b",
    "ZINCRBY z 5 a",
    "ZPOPMIN z",
    "XADD x * f v",
    "APPEND s tail",
    "SETRANGE n 3 q",
    "INCRBYFLOAT c 2",
    "RENAME s u",
    "COPY u v",
    "MOVE v 1",
    "SWAPDB 0 1",
    "EXPIRE v 100",
    "PERSIST v",
    "FLUSHDB",
  ];
  for (const command of commands) {
    assert.doesNotMatch(client.call(...command.split(" ")), /^-/, command);
    states.push(dataOf(client));
    client.call("SELECT", "0");
  }
  for (let i = states.length - 1; i >= 0; i--) {
    assert.equal(model.goBackTo(states[i], 0, world.clock.wallMs()), "", commands[i]);
  }
});
