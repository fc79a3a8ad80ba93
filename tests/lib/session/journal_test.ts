// Replies and the journal: nobody hears of a change before it is as safe as appendfsync says, readers included.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../kit/clock.ts";
import { MemoryFiles } from "../../kit/memory_files.ts";
import { latin1 } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const INCR = "appendonlydir/appendonly.aof.1.incr.aof";

function started(files: MemoryFiles, appendfsync: string, fatal?: () => void): World {
  const world = new World({
    files,
    turns: true,
    fatal,
    directives: { appendonly: "yes", appendfsync },
  });
  assert.equal(world.persistence.load(), "");
  files.operations = 0;
  return world;
}

function heard(client: MemoryClient): string {
  return client.socket.reader.take();
}

function safe(files: MemoryFiles): string {
  const bytes = files.safe.get(INCR) ?? new Uint8Array(0);
  return latin1(bytes, 0, bytes.length);
}

test("always: one write and one sync for all clients of a turn, replies behind it", () => {
  const files = new MemoryFiles();
  const world = started(files, "always");
  const clients = Array.from({ length: 20 }, () => world.connect());
  for (const [i, client] of clients.entries()) client.send(["SET", `k${i}`, "v"]);
  assert.equal(files.operations, 0);
  for (const client of clients) assert.equal(heard(client), "");
  world.endTurn();
  assert.equal(files.operations, 2);
  for (const client of clients) assert.equal(heard(client), "+OK\r\n");
  for (const i of clients.keys()) assert.match(safe(files), new RegExp(`k${i}\r\n`));
});

test("always: who reads a change of the turn hears of it when it is safe", () => {
  const files = new MemoryFiles();
  const world = started(files, "always");
  const [writer, reader, early] = [world.connect(), world.connect(), world.connect()];
  early.send(["GET", "a"]);
  writer.send(["SET", "a", "1"]);
  reader.send(["GET", "a"]);
  reader.send(["PING"]);
  assert.equal(heard(reader), "");
  assert.equal(safe(files), "");
  world.endTurn();
  assert.equal(heard(early), "$-1\r\n");
  assert.equal(heard(reader), "$1\r\n1\r\n+PONG\r\n");
  assert.equal(heard(writer), "+OK\r\n");
});

test("always: messages wait as replies do", () => {
  const files = new MemoryFiles();
  const world = started(files, "always");
  const [writer, waiting, subscriber] = [world.connect(), world.connect(), world.connect()];
  subscriber.send(["SUBSCRIBE", "c"]);
  world.endTurn();
  heard(subscriber);
  waiting.send(["BLPOP", "l", "0"]);
  writer.send(["RPUSH", "l", "x"]);
  writer.send(["PUBLISH", "c", "pushed"]);
  assert.equal(heard(waiting) + heard(subscriber) + heard(writer), "");
  world.endTurn();
  assert.match(heard(waiting), /x\r\n$/);
  assert.match(heard(subscriber), /pushed\r\n$/);
  assert.equal(heard(writer), ":1\r\n:1\r\n");
  assert.match(safe(files), /LPOP/i);
});

test("always: a client that hangs up, or is hung up on, while its replies wait", () => {
  const world = started(new MemoryFiles(), "always");
  const [gone, quitting] = [world.connect(), world.connect()];
  gone.send(["SET", "a", "1"]);
  quitting.send(["SET", "b", "1"]);
  quitting.send(["QUIT"]);
  gone.close();
  world.endTurn();
  assert.equal(heard(quitting), "+OK\r\n+OK\r\n");
  assert.ok(quitting.socket.closed);
  const other = world.connect();
  other.send(["GET", "a"]);
  world.endTurn();
  assert.equal(heard(other), "$1\r\n1\r\n");
});

test("always: a slow socket gets what was held in order", () => {
  const world = started(new MemoryFiles(), "always");
  const client = world.connect();
  client.socket.room = 3;
  client.send(["SET", "a", "1"]);
  client.session.writable();
  client.send(["INCR", "a"]);
  assert.equal(heard(client), "");
  world.endTurn();
  client.socket.room = Infinity;
  client.session.writable();
  assert.equal(heard(client), "+OK\r\n:2\r\n");
});

test("always: more replies than are worth holding leave behind a sync of their own", () => {
  const files = new MemoryFiles();
  const world = started(files, "always");
  const client = world.connect();
  client.send(["SET", "a", "x".repeat(400_000)]);
  for (let i = 0; i < 4; i++) client.send(["GET", "a"]);
  world.endTurn();
  assert.equal(files.operations, 2);
  assert.equal(heard(client).length, 5 + 4 * (400_000 + 11));
});

test("always: a disk that fails ends the process, and nobody hears of the turn", () => {
  for (const kind of ["write", "sync"]) {
    const files = new MemoryFiles();
    let ended = 0;
    const world = started(files, "always", () => ended++);
    const [writer, reader] = [world.connect(), world.connect()];
    files.broken.add(kind);
    writer.send(["SET", "a", "1"]);
    reader.send(["GET", "a"]);
    world.endTurn();
    assert.equal(ended, 1);
    reader.send(["GET", "a"]);
    world.endTurn();
    assert.equal(heard(writer) + heard(reader), "", kind);
  }
});

test("everysec: one write for all clients of a turn", () => {
  const files = new MemoryFiles();
  const world = started(files, "everysec");
  const clients = Array.from({ length: 5 }, () => world.connect());
  for (const client of clients) client.send(["SET", "a", "1"]);
  world.endTurn();
  for (const client of clients) assert.equal(heard(client), "+OK\r\n");
  assert.equal(files.operations, 1);
});

test("a policy that changes in the middle of a turn", () => {
  for (const [from, to] of [["always", "no"], ["no", "always"], ["always", "off"]] as const) {
    const files = new MemoryFiles();
    const world = started(files, from);
    const client = world.connect();
    client.send(["SET", "a", "1"]);
    if (to === "off") client.send(["CONFIG", "SET", "appendonly", "no"]);
    else client.send(["CONFIG", "SET", "appendfsync", to]);
    client.send(["SET", "b", "1"]);
    world.endTurn();
    assert.equal(heard(client), "+OK\r\n+OK\r\n+OK\r\n", `${from} ${to}`);
    client.send(["PING"]);
    world.endTurn();
    assert.equal(heard(client), "+PONG\r\n");
  }
});

/** What a server that is started on this disk holds of counters. */
function countersOn(files: MemoryFiles, keys: number): number[] {
  const world = new World({ files, directives: { appendonly: "yes" } });
  assert.equal(world.persistence.load(), "");
  const client = world.connect();
  const counters = Array.from(
    { length: keys },
    (_, i) => Number(client.call("INCRBY", `k${i}`, "0").slice(1)),
  );
  world.persistence.close();
  return counters;
}

test("always: whatever anybody heard survives a power cut at any instant", () => {
  const KEYS = 3;
  for (let seed = 1; seed <= 40; seed++) {
    const random = new SeededRandom(seed);
    const files = new MemoryFiles();
    const world = started(files, "always");
    // Each client with the keys it asked for and has no answer yet.
    const clients = Array.from(
      { length: 4 },
      () => ({ client: world.connect(), asked: [] as number[] }),
    );
    const greatest = new Array<number>(KEYS).fill(0);
    for (let i = 0; i < KEYS; i++) clients[0].client.send(["SET", `k${i}`, "0"]);
    world.endTurn();
    heard(clients[0].client);
    for (let step = 0; step < 40; step++) {
      const { client, asked } = random.pick(clients);
      const key = random.below(KEYS);
      asked.push(key);
      client.send(random.chance(0.6) ? ["INCR", `k${key}`] : ["GET", `k${key}`]);
      if (random.chance(0.4)) world.endTurn();
      for (const one of clients) {
        for (const [, value] of heard(one.client).matchAll(/(?::|\$\d\r\n)(\d+)\r\n/g)) {
          const answered = one.asked.shift() as number;
          greatest[answered] = Math.max(greatest[answered], Number(value));
        }
      }
      const kept = countersOn(files.powerCut(), KEYS);
      for (const [i, counter] of greatest.entries()) {
        assert.ok(kept[i] >= counter, `seed ${seed} step ${step}: ${kept[i]} of ${counter}`);
      }
    }
  }
});
