// The files of an append-only file change while commands go on: whatever happens at whichever operation, nothing is missing.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../../lib/platform/mod.ts";
import { aofOf } from "../kit/aof.ts";
import { SeededRandom } from "../kit/clock.ts";
import { FaultDisk } from "../kit/fault_disk.ts";
import { World } from "../kit/world.ts";

const ROUNDS = 34;

/** A server on a disk whose operations in the background are done one by one, when `one` is called. */
class Life {
  readonly disk: FaultDisk;
  readonly world: World;
  readonly client;
  acknowledged = 0;
  private waiting: (() => void)[] = [];

  constructor(disk: FaultDisk, directives: Record<string, string>, log?: Log) {
    this.disk = disk;
    disk.later = (run) => run();
    this.world = new World({
      files: disk.boot(),
      directives: { appendonly: "yes", ...directives },
      timer: () => () => {},
      log,
    });
    assert.equal(this.world.persistence.load(), "");
    this.client = this.world.connect();
    disk.later = (run) => this.waiting.push(run);
  }

  set(): void {
    assert.equal(this.client.call("SET", `k${this.acknowledged}`, "v"), "+OK\r\n");
    this.acknowledged++;
  }

  one(): void {
    this.waiting.shift()?.();
  }

  /** Takes the next operation away: the system does it later than others. */
  holdOne(): () => void {
    return this.waiting.shift() ?? assert.fail("nothing is under way");
  }

  /** A write, an operation of the disk, a step of what is under way. */
  round(): void {
    this.set();
    this.one();
    aofOf(this.world).step();
  }

  /** Lets everything come to its end. */
  settle(): void {
    for (let i = 0; i < 400; i++) {
      this.round();
      this.world.clock.advance(100);
      this.world.persistence.tick(this.world.clock.wallMs());
    }
    while (this.waiting.length > 0) this.one();
  }

  get info(): string {
    return this.client.call("INFO", "persistence");
  }

  /** Starts again and looks for what was acknowledged. */
  expectAll(what: string, directives: Record<string, string> = {}): void {
    const next = new Life(this.disk, directives);
    for (let i = 0; i < this.acknowledged; i++) {
      assert.equal(next.client.call("GET", `k${i}`), "$1\r\nv\r\n", `${what}: k${i}`);
    }
  }
}

function newLife(seed: number, directives: Record<string, string>): Life {
  const life = new Life(new FaultDisk(new SeededRandom(seed)), directives);
  for (let i = 0; i < 20; i++) life.set();
  return life;
}

test("killed at any moment of a rewrite, every acknowledged write is there", () => {
  for (const appendfsync of ["always", "everysec", "no"]) {
    for (let rounds = 0; rounds <= ROUNDS; rounds++) {
      const life = newLife(rounds, { appendfsync });
      life.client.call("BGREWRITEAOF");
      for (let round = 0; round < rounds; round++) life.round();
      life.disk.kill();
      life.expectAll(`${appendfsync}, ${rounds} rounds`);
    }
  }
});

test("always: the power is cut at any moment of a rewrite, every acknowledged write is there", () => {
  for (
    const [number, survival] of (["none", "none", "none", "prefix", "pages"] as const).entries()
  ) {
    for (let rounds = 0; rounds <= ROUNDS; rounds++) {
      const life = newLife(number * 100 + rounds, { appendfsync: "always" });
      life.client.call("BGREWRITEAOF");
      for (let round = 0; round < rounds; round++) life.round();
      life.set();
      life.disk.powerCut(survival);
      life.expectAll(`${survival}, ${rounds} rounds`);
    }
  }
});

test("always, set in the middle of a rewrite, holds from its answer on", () => {
  for (let seed = 0; seed < 4; seed++) {
    for (let rounds = 0; rounds <= ROUNDS; rounds++) {
      const life = newLife(seed * 100 + rounds, { appendfsync: "everysec" });
      life.client.call("BGREWRITEAOF");
      for (let round = 0; round < rounds; round++) life.round();
      assert.equal(life.client.call("CONFIG", "SET", "appendfsync", "always"), "+OK\r\n");
      life.set();
      life.disk.powerCut("none");
      life.expectAll(`seed ${seed}, ${rounds} rounds`);
    }
  }
});

test("a rewrite ends, and begins again, with commands between all of its operations", () => {
  const life = newLife(1, {});
  life.client.call("BGREWRITEAOF");
  assert.match(life.info, /aof_rewrite_in_progress:1/);
  life.settle();
  assert.match(life.info, /aof_rewrite_in_progress:0/);
  assert.match(life.info, /aof_last_bgrewrite_status:ok/);
  life.client.call("BGREWRITEAOF");
  life.settle();
  assert.match(life.info, /aof_rewrites:2/);
  life.disk.powerCut("none");
  const next = new Life(life.disk, {});
  assert.equal(next.client.call("GET", "k0"), "$1\r\nv\r\n");
  assert.deepEqual(life.disk.namesIn("appendonlydir").sort(), [
    "appendonly.aof.3.base.rdb",
    "appendonly.aof.3.incr.aof",
    "appendonly.aof.manifest",
  ]);
});

test("turned off, and on again, at any moment of a rewrite", () => {
  for (const isOffAtFirst of [false, true]) {
    for (const pause of [0, 1, 3]) {
      for (let rounds = 0; rounds <= ROUNDS; rounds++) {
        const what = `${isOffAtFirst ? "off" : "on"}, ${rounds} rounds, pause ${pause}`;
        const life = newLife(rounds, { appendonly: isOffAtFirst ? "no" : "yes" });
        life.client.call("BGREWRITEAOF");
        for (let round = 0; round < rounds; round++) life.round();
        const answer = life.client.call("CONFIG", "SET", "appendonly", "no");
        assert.equal(answer, "+OK\r\n", what);
        for (let round = 0; round < pause; round++) life.round();
        assert.equal(life.client.call("CONFIG", "SET", "appendonly", "yes"), "+OK\r\n", what);
        life.settle();
        assert.match(life.info, /aof_enabled:1/, what);
        assert.match(life.info, /aof_rewrite_in_progress:0/, what);
        life.disk.kill();
        life.expectAll(what);
      }
    }
  }
});

test("a write that gets out in part, at any moment of the first rewrite, is cut off again", () => {
  for (let seed = 0; seed < 4; seed++) {
    for (let rounds = 0; rounds <= ROUNDS; rounds++) {
      const what = `seed ${seed}, ${rounds} rounds`;
      const life = newLife(seed * 100 + rounds, { appendonly: "no" });
      assert.equal(life.client.call("CONFIG", "SET", "appendonly", "yes"), "+OK\r\n");
      for (let round = 0; round < rounds; round++) life.round();
      life.disk.faults.add("write");
      life.client.call("SET", "unsure", "a long value, of which some may get out");
      life.disk.faults.clear();
      life.world.persistence.tick(life.world.clock.wallMs());
      life.settle();
      assert.match(life.info, /aof_rewrite_in_progress:0/, what);
      life.disk.kill();
      life.expectAll(what);
    }
  }
});

test("turned off behind a first rewrite that failed at its last sync, the files of the list stay", () => {
  for (let seed = 0; seed < 4; seed++) {
    const life = newLife(seed, { appendonly: "no" });
    assert.equal(life.client.call("CONFIG", "SET", "appendonly", "yes"), "+OK\r\n");
    const isListed = () => life.disk.namesIn("appendonlydir").includes("appendonly.aof.manifest");
    for (let round = 0; round < ROUNDS && !isListed(); round++) life.round();
    assert.ok(isListed());
    life.disk.faults.add("sync");
    for (let i = 0; i < 3; i++) life.one();
    life.disk.faults.clear();
    assert.match(life.info, /aof_last_bgrewrite_status:err/, `seed ${seed}`);
    assert.equal(life.client.call("CONFIG", "SET", "appendonly", "no"), "+OK\r\n");
    life.disk.kill();
    life.expectAll(`seed ${seed}`);
  }
});

test("the base of a rewrite that was given up is renamed late: never over another one", () => {
  let late = 0;
  for (let seed = 0; seed < 8; seed++) {
    const life = newLife(seed, {});
    const rewriteUntil = (operation: RegExp) => {
      life.client.call("BGREWRITEAOF");
      for (let i = 0; i < 100 && !operation.test(life.disk.lastOperation); i++) {
        aofOf(life.world).step();
        if (!operation.test(life.disk.lastOperation)) life.one();
      }
      assert.match(life.disk.lastOperation, operation);
    };
    rewriteUntil(/^(?:sync|rename) temp-rewriteaof/);
    // It is a matter of chance whether the disk does it at once or when it says so.
    if (life.disk.lastOperation.startsWith("rename")) continue;
    late++;
    const rename = life.holdOne();
    life.client.call("CONFIG", "SET", "appendonly", "no");
    life.client.call("CONFIG", "SET", "appendonly", "yes");
    life.settle();
    assert.match(life.info, /aof_last_bgrewrite_status:ok/);
    rewriteUntil(/^create temp-rewriteaof/);
    rename();
    life.disk.kill();
    life.expectAll(`seed ${seed}`);
  }
  assert.ok(late > 0);
});

test("who reads that a rewrite is finished may ask for the next one", () => {
  const running: boolean[] = [];
  const log: Log = {
    write(_level, text) {
      if (text.includes("finished successfully")) running.push(aofOf(life.world).isRewriting);
    },
  };
  const life = new Life(new FaultDisk(new SeededRandom(1)), {}, log);
  life.client.call("BGREWRITEAOF");
  life.settle();
  assert.deepEqual(running, [false]);
});

test("the base is what was wanted when the rewrite began, whatever is set meanwhile", () => {
  for (const [before, after, suffix] of [["no", "yes", "aof"], ["yes", "no", "rdb"]]) {
    const life = new Life(new FaultDisk(new SeededRandom(1)), { "aof-use-rdb-preamble": before });
    life.set();
    assert.match(life.client.call("BGREWRITEAOF"), /^\+Background/);
    assert.match(life.client.call("INFO", "persistence"), /aof_rewrite_in_progress:1/);
    life.client.call("CONFIG", "SET", "aof-use-rdb-preamble", after);
    life.settle();
    const list = new TextDecoder().decode(
      life.disk.boot().read("appendonlydir/appendonly.aof.manifest") ?? new Uint8Array(),
    );
    assert.match(
      list,
      new RegExp(`^file appendonly\\.aof\\.2\\.base\\.${suffix} seq 2 type b$`, "m"),
    );
  }
});
