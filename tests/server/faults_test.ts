// The matrix of faults: each kind of accident, and what must hold then. A row is a test whose name begins with its number.
//
//    1  killed at any operation while appending               here, and aof_test.ts
//    2  killed at any operation of a rewrite                  here
//    3  killed while saving, ending, turning the file on      here
//    4  power cut at any operation                            here, and aof_test.ts (everysec)
//    5  torn write                                            here
//    6  end missing at every offset                           damage_test.ts
//    7  every bit flipped                                     damage_test.ts, aof_checksum_test.ts
//    8  lost, misdirected, doubled writes; zeros at the end   here
//    9  disk full, errors, no handles, read-only, slow        here
//   10  damaged list of files                                 damage_test.ts
//   11  two servers on one directory                          tests/e2e/server_lock_test.ts
//   18  giant lengths                                         tests/lib/session/hostile_input_test.ts
//   19  requests cut at every byte                            tests/lib/session/hostile_input_test.ts
//   20  patterns and commands that could take for ever        tests/lib/session/hostile_input_test.ts
//   21  memory limits during a rewrite and a save             here
//
// All of them at once, over many lives: simulation_test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, SURVIVALS } from "../kit/fault_disk.ts";
import { atEveryOperation, Lives, Setter } from "../kit/lives.ts";
import { bytesOf, encodeArgs } from "../kit/resp.ts";
import { World } from "../kit/world.ts";

const POLICIES = ["always", "everysec", "no"];
const INCR = "appendonlydir/appendonly.aof.1.incr.aof";

for (const policy of POLICIES) {
  test(`1: killed at any operation while appending, ${policy}`, () => {
    const operations = atEveryOperation(
      { appendfsync: policy },
      ["kill"],
      (setter, lives) => {
        for (let i = 0; i < 4; i++) {
          setter.set(2);
          lives.advance(600);
        }
      },
      (setter, lives, message) => setter.check(lives.start(), message),
    );
    assert.ok(operations > 8);
  });

  test(`2: killed at any operation of a rewrite, ${policy}`, () => {
    const operations = atEveryOperation(
      { appendfsync: policy },
      ["kill"],
      (setter, lives) => {
        setter.set(3);
        setter.call("BGREWRITEAOF");
        setter.set(2);
        lives.finish();
        setter.set(2);
      },
      (setter, lives, message) => {
        const next = lives.start();
        setter.check(next, message);
        const left = [...lives.disk.contents.keys()];
        assert.deepEqual(left.filter((name) => /(^|\/)temp-/.test(name)), [], message);
        next.connect().call("BGREWRITEAOF");
        lives.modeAtEnd = "";
        lives.finish();
        assert.equal(lives.disk.contents.size, 3, `${[...lives.disk.contents.keys()]}, ${message}`);
        assert.equal(lives.start().connect().call("DBSIZE"), next.connect().call("DBSIZE"));
      },
    );
    assert.ok(operations > 20);
  });
}

test("3: killed while a snapshot is saved: the old one stays until the new one is there", () => {
  for (const command of ["BGSAVE", "SAVE", "SHUTDOWN SAVE"]) {
    for (const kinds of [["kill"], SURVIVALS] as const) {
      const operations = atEveryOperation(
        { appendonly: "no", save: "3600 1000" },
        kinds,
        (setter, lives) => {
          const { armed } = lives.disk;
          lives.disk.armed = null;
          setter.set(3);
          assert.equal(setter.call("SAVE"), "+OK\r\n");
          setter.set(2);
          if (armed !== null) armed.operation += 5;
          lives.disk.armed = armed;
          setter.call(...command.split(" "));
          lives.finish();
        },
        (_, lives, message) => {
          const size = lives.start().connect().call("DBSIZE");
          assert.match(size, /^:[35]\r\n/, `${command}, ${message}`);
          const left = [...lives.disk.contents.keys()];
          assert.deepEqual(left, ["dump.rdb"], `${command}, ${message}`);
        },
      );
      assert.ok(operations > 5, command);
    }
  }
});

test("3: killed while the append-only file is turned on for the first time", () => {
  for (const policy of POLICIES) {
    atEveryOperation(
      { appendonly: "no", appendfsync: policy },
      ["kill"],
      (setter, lives) => {
        const { armed } = lives.disk;
        lives.disk.armed = null;
        setter.set(3);
        setter.call("SAVE");
        if (armed !== null) armed.operation += 5;
        lives.disk.armed = armed;
        setter.call("CONFIG", "SET", "appendonly", "yes");
        setter.set(2);
        lives.finish();
        setter.set(2);
      },
      (setter, lives, message) => {
        const isOn = lives.modeAtEnd === "on";
        lives.directives = { ...lives.directives, appendonly: isOn ? "yes" : "no" };
        if (isOn) setter.check(lives.start(), message);
        else assert.equal(lives.start().connect().call("DBSIZE"), ":3\r\n", message);
      },
    );
  }
});

test("4: the power goes at any operation: always loses nothing", () => {
  const operations = atEveryOperation(
    { appendfsync: "always", "sigrun-aof-checksum": "yes" },
    SURVIVALS,
    (setter, lives) => {
      setter.set(2);
      setter.set(1, "x".repeat(3000));
      setter.call("BGREWRITEAOF");
      setter.set(2);
      lives.finish();
      setter.set(2);
    },
    (setter, lives, message) => {
      const next = lives.boot();
      // What was not acknowledged may be zeros or have holes: then the start says where.
      if (typeof next === "string") assert.match(next, /offset \d+/, `${next}, ${message}`);
      else setter.check(next, message);
      assert.ok(typeof next !== "string" || /zeros|pages/.test(message), `${next}, ${message}`);
    },
  );
  assert.ok(operations > 25);
});

test("4: the power goes at any operation: everysec loses two seconds", () => {
  atEveryOperation(
    { appendfsync: "everysec" },
    ["none", "prefix"],
    (setter, lives) => {
      for (let i = 0; i < 30; i++) {
        setter.set();
        lives.advance(150);
        if (i === 10) setter.call("BGREWRITEAOF");
      }
    },
    (setter, lives, message) => {
      const endMs = lives.timeline.clock.wallMs();
      const ms = Math.max(...setter.acknowledged.map(({ atMs }) => atMs), 0);
      assert.ok(ms <= endMs);
      setter.check(lives.start(), message, ms - 2000);
    },
  );
});

test("5: a torn write: at every byte, and at the edges of sectors and pages", () => {
  const first = encodeArgs(["SET", "k0", "v"]);
  const small = encodeArgs(["SET", "k1", "v"]);
  const large = encodeArgs(["SET", "k1", "x".repeat(9000)]);
  const edges = (text: string) =>
    Array.from(text, (_, i) => i).filter((i) => i > 0 && (text.length < 100 || i % 512 === 0));
  for (const torn of [small, large]) {
    for (const size of edges(torn)) {
      const lives = new Lives({ appendfsync: "always" });
      lives.start();
      lives.disk.put(INCR, bytesOf(first + torn.slice(0, size)));
      const client = lives.start().connect();
      assert.equal(client.call("KEYS", "*"), "*1\r\n$2\r\nk0\r\n", `torn at ${size}`);
      const line = `!!! Truncating the AOF ${INCR} at offset ${first.length} !!!`;
      assert.ok(lives.log.includes(line), lives.log.join("\n"));
      assert.equal(client.call("SET", "k2", "v"), "+OK\r\n");
      lives.disk.powerCut("none");
      assert.equal(lives.start().connect().call("EXISTS", "k0", "k1", "k2"), ":2\r\n");
    }
  }
});

for (const fault of ["lost", "misdirected", "doubled"] as const) {
  test(`8: a ${fault} write is found, or does no harm`, () => {
    let found = 0;
    for (let operation = 1;; operation++) {
      const lives = new Lives({ appendfsync: "always", "sigrun-aof-checksum": "yes" }, operation);
      const { disk } = lives;
      const world = lives.start();
      const setter = new Setter(lives, world);
      const hit = disk.operations + operation;
      disk.afterStep = () => {
        if (disk.operations === hit - 1) disk.faults.add(fault);
        else disk.faults.clear();
      };
      if (operation === 1) disk.faults.add(fault);
      setter.set(3);
      setter.call("BGREWRITEAOF");
      setter.set(3);
      lives.finish();
      setter.set(3);
      disk.powerCut("all");
      const next = lives.boot();
      if (typeof next === "string") found++;
      else setter.check(next, `operation ${operation}`);
      if (disk.operations < hit) break;
    }
    assert.ok(found > 1, `${found} found`);
  });
}

test("8: zeros at the end of the file are found, and cut where that is asked for", () => {
  const whole = encodeArgs(["SET", "k0", "v"]);
  const torn = encodeArgs(["SET", "k1", "value"]);
  for (let size = 0; size < torn.length; size++) {
    const lives = new Lives();
    lives.start();
    lives.disk.put(INCR, bytesOf(whole + torn.slice(0, size) + "\0".repeat(700)));
    const problem = lives.boot();
    assert.match(String(problem), new RegExp(`^Bad file format .* at offset ${whole.length}:`));
  }
});

/** A server with one fault of the disk, a writer that has met it, and a reader. */
function broken(fault: Fault, directives: Record<string, string>) {
  const lives = new Lives(directives);
  const world = lives.start();
  const setter = new Setter(lives, world);
  setter.set(2);
  lives.disk.faults.add(fault);
  return { lives, world, setter };
}

for (const fault of ["full", "quota", "write", "readonly"] as const) {
  test(`9: ${fault}, always: the process ends before anybody hears of what is not safe`, () => {
    const { lives, setter } = broken(fault, { appendfsync: "always" });
    assert.equal(setter.call("SET", "lost", "v"), "");
    assert.ok(lives.isFatal);
    lives.disk.faults.clear();
    lives.disk.kill();
    setter.check(lives.start(), "after the end");
  });

  for (const policy of ["everysec", "no"]) {
    test(`9: ${fault}, ${policy}: writes are refused, reads go on, until the disk works again`, () => {
      const { lives, world, setter } = broken(fault, { appendfsync: policy });
      assert.match(setter.call("SET", "k2", "v"), /^-MISCONF Errors writing to the AOF file/);
      setter.sent++;
      assert.match(world.connect().call("SET", "x", "v"), /^-MISCONF/);
      assert.equal(world.connect().call("GET", "k0"), "$1\r\nv\r\n");
      assert.ok(!lives.isFatal);
      lives.disk.faults.clear();
      lives.advance(200);
      setter.set(2);
      assert.equal(setter.acknowledged.length, 4);
      lives.disk.kill();
      setter.check(lives.start(), "after a kill");
    });
  }
}

test("9: a failed sync, always: the process ends; everysec: writes wait for a new base", () => {
  const { lives, setter } = broken("sync", { appendfsync: "always" });
  assert.equal(setter.call("SET", "lost", "v"), "");
  assert.ok(lives.isFatal);

  const other = broken("sync", { appendfsync: "everysec" });
  other.setter.set();
  other.lives.advance(2500);
  assert.match(other.setter.call("SET", "x", "v"), /^-MISCONF/);
  assert.equal(other.world.connect().call("GET", "k0"), "$1\r\nv\r\n");
  other.lives.disk.faults.clear();
  other.lives.advance(12_000);
  other.setter.set(2);
  other.lives.advance(3000);
  other.lives.disk.powerCut("none");
  other.setter.check(other.lives.start(), "after a power cut");
});

test("9: no handles: rewrites and snapshots fail, nothing else does", () => {
  const { lives, setter } = broken("handles", {});
  assert.match(setter.call("BGREWRITEAOF"), /^-ERR/);
  setter.call("BGSAVE");
  setter.set(2);
  lives.disk.faults.clear();
  assert.match(setter.call("BGREWRITEAOF"), /^\+Background append only file rewriting/);
  lives.finish();
  lives.disk.kill();
  setter.check(lives.start(), "after a kill");
  assert.equal(setter.acknowledged.length, 4);
});

test("9: snapshots alone, on a full disk: writes are refused until one works", () => {
  const { lives, setter } = broken("full", { appendonly: "no", save: "1 1" });
  lives.advance(3000);
  assert.match(setter.call("SET", "x", "v"), /^-MISCONF Valkey is configured to save RDB/);
  assert.equal(setter.call("GET", "k0"), "$1\r\nv\r\n");
  lives.disk.faults.clear();
  lives.advance(10_000);
  assert.equal(setter.call("SET", "k2", "v"), "+OK\r\n");
});

test("9: a disk that takes five seconds for a sync: the write is never put off", () => {
  const lives = new Lives({ appendfsync: "everysec" });
  const world = lives.start();
  let syncing = 0;
  let most = 0;
  lives.disk.later = (run) => {
    most = Math.max(most, ++syncing);
    lives.timeline.timer(5000, () => {
      syncing--;
      run();
    });
  };
  const setter = new Setter(lives, world);
  for (let i = 0; i < 40; i++) {
    const startMs = lives.timeline.clock.wallMs();
    setter.set();
    assert.equal(lives.timeline.clock.wallMs(), startMs, "no reply waits for a sync");
    lives.advance(250);
  }
  assert.equal(setter.acknowledged.length, 40);
  assert.equal(most, 1, "one sync at a time");
  assert.match(world.connect().call("INFO", "persistence"), /aof_delayed_fsync:[1-9]/);
  lives.disk.kill();
  setter.check(lives.start(), "after a kill");
});

for (
  const policy of [
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
  ]
) {
  test(`21: a memory limit during a rewrite and a save, ${policy}`, () => {
    const lives = new Lives({ "maxmemory-policy": policy });
    const world = lives.start();
    const client = world.connect();
    const value = "x".repeat(2000);
    for (let i = 0; i < 300; i++) client.call("SET", `k${i}`, value, "EX", String(1000 + i));
    const used = () => Number(/used_memory:(\d+)/.exec(client.call("INFO", "memory"))?.[1]);
    const limit = used();
    client.call("CONFIG", "SET", "maxmemory", String(limit));
    const answers = new Set<string>();
    for (const command of ["BGREWRITEAOF", "BGSAVE"]) {
      client.call(command);
      for (let i = 0; i < 200; i++) {
        answers.add(client.call("SET", `${command}${i}`, value, "EX", "5000").slice(0, 4));
        assert.ok(used() < limit + 100_000, `${used()} of ${limit} bytes`);
        if (i % 20 === 0) lives.advance(1);
      }
      lives.finish();
    }
    assert.equal(answers.has("-OOM"), policy === "noeviction");
    answers.delete("-OOM");
    assert.deepEqual([...answers], ["+OK\r"].slice(0, answers.size));
    const digest = client.call("DEBUG", "DIGEST");
    assert.equal(world.engine.server.stats.unexpectedErrors, 0);
    lives.disk.kill();
    lives.directives = { ...lives.directives, maxmemory: "0" };
    const next = lives.start();
    assert.ok(next instanceof World);
    assert.equal(next.connect().call("DEBUG", "DIGEST"), digest);
  });
}
