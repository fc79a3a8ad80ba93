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
