import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

cases("MEMORY", [
  // name                    steps                                       reply
  ["usage", ["SET a 1", "MEMORY USAGE a"], /^:[1-9]\d*$/],
  ["usage of nothing", ["MEMORY USAGE a"], { resp2: "$-1", resp3: "_" }],
  ["usage with samples", ["SET a 1", "MEMORY USAGE a SAMPLES 0"], /^:[1-9]\d*$/],
  ["usage with samples twice", ["SET a 1", "MEMORY USAGE a SAMPLES 1 SAMPLES 2"], /^:[1-9]\d*$/],
  ["samples are missing", ["MEMORY USAGE a SAMPLES"], "-ERR syntax error"],
  ["samples below zero", ["MEMORY USAGE a SAMPLES -1"], "-ERR syntax error"],
  [
    "samples are no number",
    ["MEMORY USAGE a SAMPLES x"],
    "-ERR value is not an integer or out of range",
  ],
  ["other words", ["MEMORY USAGE a nosuch 1"], "-ERR syntax error"],
  ["purge", ["MEMORY PURGE"], "+OK"],
  ["doctor of little", ["MEMORY DOCTOR"], /^\$\d+ Too little data/],
  ["malloc-stats", ["MEMORY MALLOC-STATS"], /^\$\d+ allocator: sigrun-arena\nlive blocks: \d+\n/],
  ["help", ["MEMORY HELP"], /^\*14 \+MEMORY /],
  ["container alone", ["MEMORY"], "-ERR wrong number of arguments for 'memory' command"],
  ["unknown", ["MEMORY nosuch"], "-ERR unknown subcommand 'nosuch'. Try MEMORY HELP."],
  [
    "stats",
    ["SET a 1", "MEMORY STATS"],
    {
      resp2:
        /^\*70 \$14 peak\.allocated :\d+ .* \$4 db\.0 \*4 \$23 overhead\.hashtable\.main :\d+ /,
      resp3: /^%35 \$14 peak\.allocated :\d+ .* \$4 db\.0 %2 .* \$13 fragmentation ,[\d.e+]+ /,
    },
  ],
]);

test("MEMORY USAGE grows with the value and finds expired keys", () => {
  const world = new World();
  const client = world.connect();
  const usage = (key: string) => Number(client.call("MEMORY", "USAGE", key).slice(1));
  client.call("SET", "small", "x");
  client.call("SET", "large", "x".repeat(5000));
  client.call("SET", "volatile", "x", "PX", "10");
  assert.ok(usage("small") < 100);
  assert.ok(usage("large") >= 5000);
  assert.ok(usage("volatile") > usage("small"));
  world.advance(20);
  assert.ok(usage("volatile") > 0);
});

const GROWTH: readonly [name: string, command: (i: number) => string[]][] = [
  ["strings", (i) => ["SET", `key:${i}`, "v".repeat(i % 200)]],
  ["numbers", (i) => ["SET", `key:${i}`, String(i)]],
  ["volatile strings", (i) => ["SET", `key:${i}`, "v", "EX", "1000"]],
  ["small sets", (i) => ["SADD", `key:${i % 400}`, `m${i}`]],
  ["small hashes", (i) => ["HSET", `key:${i % 400}`, `f${i}`, "v"]],
  ["small volatile hashes", (i) => {
    return ["HSETEX", `key:${i % 400}`, "EX", "1000", "FIELDS", "1", `f${i}`, "v"];
  }],
  ["small lists", (i) => ["RPUSH", `key:${i % 400}`, `v${i}`]],
  ["small sorted sets", (i) => ["ZADD", `key:${i % 400}`, String(i), `m${i}`]],
  ["small streams", (i) => ["XADD", `key:${i % 400}`, "*", "f", "v"]],
  ["a set", (i) => ["SADD", "key:", `member:${10_000 + i}`]],
  ["a hash", (i) => ["HSET", "key:", `field:${10_000 + i}`, `value:${i}`]],
  ["a volatile hash", (i) => ["HSETEX", "key:", "EX", "1000", "FIELDS", "1", `f:${i}`, "value"]],
  ["a list", (i) => ["RPUSH", "key:", `value:${i}`]],
  ["a sorted set", (i) => ["ZADD", "key:", String(i * 7 % 101), `member:${10_000 + i}`]],
  ["a stream", (i) => ["XADD", "key:", "*", "field", `value:${i}`]],
];

for (const [name, command] of GROWTH) {
  test(`what MEMORY USAGE says of ${name} is what memory grew by`, () => {
    const world = new World();
    const client = world.connect();
    const { arena } = world.engine.keyspace;
    const before = arena.usedBytes;
    for (let i = 0; i < 4000; i++) client.call(...command(i));
    const keys = client.call("KEYS", "*").match(/key:\d*/g) ?? [];
    const usage = (key: string) => Number(client.call("MEMORY", "USAGE", key).slice(1));
    const told = keys.reduce((sum, key) => sum + usage(key), 0);
    const share = told / (arena.usedBytes - before);
    assert.ok(share > 0.95 && share < 1.05, `${told} of ${arena.usedBytes - before}`);
  });
}

test("MEMORY STATS and INFO add up", () => {
  const world = new World({ directives: { databases: "4" } });
  const client = world.connect();
  const stat = (name: string) => {
    const found = new RegExp(`${name}\r\n(?::|\\$\\d+\r\n|,)([\\d.e+-]+)`).exec(
      client.call("MEMORY", "STATS"),
    );
    assert.ok(found, name);
    return Number(found[1]);
  };
  const startup = stat("startup.allocated");
  assert.ok(startup > 0 && startup < 100_000, `${startup}`);
  client.call("DEBUG", "POPULATE", "5000", "key", "100");
  client.call("SELECT", "2");
  for (let i = 0; i < 900; i++) client.call("SET", `v${i}`, "x", "EX", "1000");
  const total = stat("total.allocated");
  assert.equal(stat("overhead.total") + stat("dataset.bytes"), total);
  const tables = stat("overhead.db.hashtable.lut");
  assert.equal(stat("overhead.total"), startup + stat("clients.normal") + tables);
  assert.equal(stat("keys.count"), 5900);
  assert.equal(stat("keys.bytes-per-key"), Math.floor((total - startup) / 5900));
  const percent = stat("dataset.bytes") * 100 / (total - startup);
  assert.ok(Math.abs(stat("dataset.percentage") - percent) < 0.1);
  const info = client.call("INFO", "memory");
  const field = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  assert.equal(field("used_memory_startup"), startup);
  assert.equal(field("used_memory_overhead") + field("used_memory_dataset"), field("used_memory"));
  assert.equal(
    field("allocator_active") - field("allocator_allocated"),
    field("allocator_frag_bytes"),
  );
  assert.equal(
    field("allocator_resident") - field("allocator_active"),
    field("allocator_rss_bytes"),
  );
  // Per-database tables are the share of all.
  const lut = [...client.call("MEMORY", "STATS").matchAll(/overhead\.hashtable\.\w+\r\n:(\d+)/g)];
  assert.equal(lut.reduce((sum, [, bytes]) => sum + Number(bytes), 0), tables);
});

test("what waits for replicas is counted, but not for eviction", () => {
  const world = new World({ directives: { maxmemory: "100mb" } });
  const client = world.connect();
  const replica = world.connect();
  const field = (name: string) => {
    const info = client.call("INFO", "memory");
    return Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
  };
  replica.session.isReplica = true;
  replica.socket.room = 0;
  world.advance(200);
  const { clientEviction } = world.engine;
  const used = field("used_memory");
  const total = clientEviction.total;
  const stream = new Uint8Array(3_000_000);
  replica.session.sendStream(stream, 0, stream.length);
  world.advance(200);
  assert.ok(field("mem_clients_slaves") >= stream.length);
  assert.ok(field("mem_not_counted_for_evict") >= stream.length);
  assert.ok(field("used_memory") - used >= stream.length);
  assert.ok(field("mem_clients_normal") < 100_000);
  assert.ok(Math.abs(clientEviction.total - total) < 10_000);
});

test("MEMORY USAGE counts no access", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "x");
  client.call("MEMORY", "USAGE", "a");
  client.call("MEMORY", "USAGE", "nosuch");
  assert.equal(world.engine.server.stats.keyspaceHits, 0);
  assert.equal(world.engine.server.stats.keyspaceMisses, 0);
});

test("MEMORY DOCTOR tells of a peak that is over", () => {
  const client = new World().connect();
  client.call("DEBUG", "POPULATE", "3000", "keep", "2000");
  assert.match(client.call("MEMORY", "DOCTOR"), /in good order/);
  client.call("DEBUG", "POPULATE", "6000", "drop", "2000");
  for (let i = 0; i < 6000; i++) client.call("DEL", `drop:${i}`);
  assert.match(client.call("MEMORY", "DOCTOR"), /It once held/);
});

test("MEMORY STATS shows databases that were selected or have keys", () => {
  const world = new World();
  const client = world.connect();
  const shown = () => client.call("MEMORY", "STATS").match(/db\.\d+/g)?.join(" ");
  assert.equal(shown(), "db.0");
  client.call("SELECT", "3");
  client.call("SET", "a", "1");
  assert.equal(shown(), "db.0 db.3");
  client.call("DEL", "a");
  client.call("SELECT", "0");
  assert.equal(shown(), "db.0 db.3");
  client.call("SET", "a", "1");
  client.call("MOVE", "a", "5");
  assert.equal(shown(), "db.0 db.3 db.5");
  client.call("SWAPDB", "3", "6");
  assert.equal(shown(), "db.0 db.3 db.5");
});
