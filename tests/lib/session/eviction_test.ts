// Keeping within maxmemory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

function fill(world: World, keys: number, ...options: string[]): void {
  const client = world.connect();
  for (let i = 0; i < keys; i++) client.call("SET", `key:${i}`, "x".repeat(100), ...options);
}

function used(world: World): number {
  const info = world.connect().call("INFO", "memory");
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

function size(world: World): number {
  return Number(world.connect().call("DBSIZE").slice(1));
}

test("without eviction, commands that use memory are refused and others are not", () => {
  const world = new World({ directives: { maxmemory: "1" } });
  const client = world.connect();
  const refused = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  assert.equal(client.call("SET", "a", "1"), refused);
  assert.equal(client.call("GET", "a"), "$-1\r\n");
  assert.equal(client.call("DEL", "a"), ":0\r\n");
  client.call("MULTI");
  assert.equal(client.call("SET", "a", "1"), refused);
  assert.match(client.call("EXEC"), /^-EXECABORT Transaction discarded because of previous errors/);
});

test("EXEC of commands that use memory is refused when memory ran out meanwhile", () => {
  const world = new World();
  const client = world.connect();
  client.call("MULTI");
  client.call("SET", "a", "1");
  world.connect().call("CONFIG", "SET", "maxmemory", "1");
  assert.equal(
    client.call("EXEC"),
    "-EXECABORT Transaction discarded because of: " +
      "OOM command not allowed when used memory > 'maxmemory'.\r\n",
  );
  client.call("MULTI");
  client.call("GET", "a");
  assert.equal(client.call("EXEC"), "*1\r\n$-1\r\n");
});

for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"]) {
  test(`${policy}: keys go until the limit holds`, () => {
    const world = new World();
    fill(world, 1000);
    const limit = used(world) + 20_000;
    const client = world.connect();
    client.call("CONFIG", "SET", "maxmemory", String(limit), "maxmemory-policy", policy);
    for (let i = 0; i < 2000; i++) {
      assert.equal(client.call("SET", `n:${i}`, "y".repeat(100)), "+OK\r\n");
    }
    assert.ok(used(world) < limit + 5000, `${used(world)} over ${limit}`);
    assert.ok(size(world) > 800 && size(world) < 2500, String(size(world)));
    assert.match(client.call("INFO", "stats"), /evicted_keys:[1-9]/);
    keyspaceVerify(world.engine.keyspace);
  });
}

for (const policy of ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"]) {
  test(`${policy}: only keys with an expiry go`, () => {
    const world = new World();
    fill(world, 300);
    const client = world.connect();
    for (let i = 0; i < 300; i++) {
      client.call("SET", `v:${i}`, "x".repeat(100), "EX", String(1000 + i));
    }
    const limit = used(world);
    client.call("CONFIG", "SET", "maxmemory", String(limit), "maxmemory-policy", policy);
    for (let i = 0; i < 150; i++) {
      assert.equal(client.call("SET", `n:${i}`, "y".repeat(100)), "+OK\r\n");
    }
    assert.equal(
      client.call("EXISTS", ...Array.from({ length: 300 }, (_, i) => `key:${i}`)),
      ":300\r\n",
    );
    let refused = 0;
    for (let i = 0; i < 600; i++) {
      if (client.call("SET", `m:${i}`, "y".repeat(100)).startsWith("-OOM")) refused++;
    }
    assert.ok(refused > 0, "nothing volatile is left to go");
    keyspaceVerify(world.engine.keyspace);
  });
}

test("volatile-ttl: the soonest go first", () => {
  const world = new World({ directives: { "maxmemory-samples": "64" } });
  const client = world.connect();
  for (let i = 0; i < 100; i++) {
    client.call("SET", `v:${i}`, "x".repeat(100), "EX", String(1000 + i));
  }
  const limit = used(world);
  client.call("CONFIG", "SET", "maxmemory", String(limit), "maxmemory-policy", "volatile-ttl");
  for (let i = 0; i < 20; i++) client.call("SET", `n:${i}`, "y".repeat(100));
  assert.equal(
    client.call("EXISTS", ...Array.from({ length: 50 }, (_, i) => `v:${50 + i}`)),
    ":50\r\n",
  );
});

test("keys read lately stay under allkeys-lru", () => {
  const world = new World();
  fill(world, 500);
  world.advance(60_000);
  const client = world.connect();
  for (let i = 0; i < 100; i++) client.call("GET", `key:${i}`);
  const limit = used(world) + 1000;
  client.call("CONFIG", "SET", "maxmemory", String(limit), "maxmemory-policy", "allkeys-lru");
  for (let i = 0; i < 200; i++) client.call("SET", `n:${i}`, "y".repeat(100));
  const kept = Number(
    client.call("EXISTS", ...Array.from({ length: 100 }, (_, i) => `key:${i}`)).slice(1),
  );
  assert.ok(kept >= 90, `${kept} of 100 kept`);
});

test("evictions are told: to watchers, as events, and to those who follow", () => {
  const world = new World({ directives: { "notify-keyspace-events": "Ee" } });
  const client = world.connect();
  client.call("SET", "only", "x".repeat(100));
  client.call("WATCH", "only");
  const listener = world.connect();
  listener.call("SUBSCRIBE", "__keyevent@0__:evicted");
  const other = world.connect();
  other.call("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "allkeys-random");
  other.call("SET", "b", "1");
  assert.match(listener.socket.reader.take(), /only/);
  client.call("MULTI");
  client.call("PING");
  assert.equal(client.call("EXEC"), "*-1\r\n");
});

test("what a client held does not count any more when it has gone", () => {
  const world = new World({
    directives: { maxmemory: "3000000", "maxmemory-policy": "allkeys-lru" },
  });
  const client = world.connect();
  client.call("SET", "k", "v".repeat(200_000));
  const hoarder = world.connect();
  hoarder.sendRaw("*1\r\n$4000000\r\n" + "x".repeat(3_900_000));
  assert.match(client.call("SET", "l", "v"), /^-OOM/);
  hoarder.close();
  assert.equal(client.call("SET", "l", "v"), "+OK\r\n");
});

/** Ten clients that know 300 long keys, and one more. */
function followed(world: World): { client: MemoryClient; listeners: MemoryClient[] } {
  const call = (one: MemoryClient, ...args: string[]) => {
    one.send(args);
    world.endTurn();
  };
  const client = world.connect();
  const listeners = Array.from({ length: 10 }, () => world.connect());
  for (const listener of listeners) {
    call(listener, "HELLO", "3");
    call(listener, "CLIENT", "TRACKING", "on");
  }
  for (let i = 0; i < 300; i++) {
    const key = `${i}${"x".repeat(1000)}`;
    call(client, "SET", key, "x");
    for (const listener of listeners) call(listener, "GET", key);
  }
  world.advance(1100);
  for (const { socket } of [client, ...listeners]) socket.reader.take();
  return { client, listeners };
}

test("what clients are told of evicted keys makes no more keys go", () => {
  const world = new World({
    directives: { "maxmemory-policy": "allkeys-lru", "maxmemory-eviction-tenacity": "100" },
  });
  const { client, listeners } = followed(world);
  // From now on nobody reads.
  for (const listener of listeners) listener.socket.room = 0;
  const used = Number(/used_memory:(\d+)/.exec(client.call("INFO", "memory"))?.[1]);
  client.call("CONFIG", "SET", "maxmemory", String(used - 40_000));
  world.engine.eviction.makeRoom();
  assert.match(client.call("INFO", "stats"), /evicted_keys:[345]\d\r/);
  // What was read is not counted any more.
  const { total } = world.engine.clientEviction;
  for (const { socket, session } of listeners) {
    socket.room = Infinity;
    session.writable();
  }
  assert.ok(world.engine.clientEviction.total < total - 300_000);
});

test("a tick before what clients are told is on its way makes no more keys go", () => {
  const world = new World({
    turns: true,
    directives: { "maxmemory-policy": "allkeys-lru", "maxmemory-eviction-tenacity": "100" },
  });
  const { client } = followed(world);
  const ask = (...args: string[]) => {
    client.send(args);
    world.endTurn();
    return client.socket.reader.take();
  };
  const used = Number(/used_memory:(\d+)/.exec(ask("INFO", "memory"))?.[1]);
  client.send(["CONFIG", "SET", "maxmemory", String(used - 40_000)]);
  client.send(["PING"]);
  world.engine.turn.runInput();
  assert.ok(world.engine.server.stats.evictedKeys > 0, "nothing was evicted yet");
  world.engine.tick();
  world.endTurn();
  client.socket.reader.take();
  assert.match(ask("DBSIZE"), /^:2[56]\d\r/);
});
