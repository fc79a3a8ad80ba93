import { test } from "node:test";
import assert from "node:assert/strict";
import { keyCount } from "../../../../lib/engine/keyspace.ts";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

cases("EXISTS", [
  ["one", ["SET a 1", "EXISTS a"], ":1"],
  ["none", ["EXISTS a"], ":0"],
  ["several", ["MSET a 1 b 2", "EXISTS a b c"], ":2"],
  ["a key as often as it is named", ["SET a 1", "EXISTS a a a b"], ":3"],
  ["expired", ["SET a 1 PX 10", "~11", "EXISTS a"], ":0"],
  ["not yet expired", ["SET a 1 PX 60000", "EXISTS a"], ":1"],
  ["other database", ["SET a 1", "SELECT 3", "EXISTS a"], ":0"],
  ["without a key", ["EXISTS"], "-ERR wrong number of arguments for 'exists' command"],
]);

cases("TOUCH", [
  ["counts", ["MSET a 1 b 2", "TOUCH a b c a"], ":3"],
  ["none", ["TOUCH a"], ":0"],
  ["without a key", ["TOUCH"], "-ERR wrong number of arguments for 'touch' command"],
]);

cases("TYPE", [
  ["string", ["SET a x", "TYPE a"], "+string"],
  ["number", ["INCR a", "TYPE a"], "+string"],
  ["none", ["TYPE a"], "+none"],
  ["expired", ["SET a x PX 5", "~10", "TYPE a"], "+none"],
  ["arity", ["TYPE a b"], "-ERR wrong number of arguments for 'type' command"],
]);

cases("KEYS", [
  ["none", ["KEYS *"], "*0"],
  ["all", ["SET a 1", "KEYS *"], "*1 $1 a"],
  ["pattern", ["MSET one 1 two 2 three 3", "KEYS o*"], "*1 $3 one"],
  ["one character", ["MSET one 1 two 2 three 3", "KEYS ?wo"], "*1 $3 two"],
  ["class", ["MSET h 1 i 2 z 3", "KEYS [^h-z]"], "*0"],
  ["exact", ["MSET abc 1 abd 2", "KEYS abc"], "*1 $3 abc"],
  ["case matters", ["SET abc 1", "KEYS ABC"], "*0"],
  ["escaped", ['SET "a*" 1', "SET ab 1", 'KEYS "a\\\\*"'], "*1 $2 a*"],
  ["many", ["MSET a1 1 a2 1 a3 1", "KEYS a*"], /^\*3( \$2 a[123]){3}$/],
  ["the empty key is only found by all", ['SET "" 1', "KEYS *"], "*1 $0 "],
  ["not expired ones", ["MSET a 1 b 2", "PEXPIRE a 5", "~10", "KEYS *"], "*1 $1 b"],
  ["of the selected database", ["SET a 1", "SELECT 1", "KEYS *"], "*0"],
  ["arity", ["KEYS"], "-ERR wrong number of arguments for 'keys' command"],
]);

cases("RANDOMKEY", [
  ["none", ["RANDOMKEY"], "$-1"],
  ["one", ["SET a 1", "RANDOMKEY"], "$1 a"],
  ["one of several", ["MSET a 1 b 2 c 3", "RANDOMKEY"], /^\$1 [abc]$/],
  ["passes over expired ones", ["MSET a 1 b 2", "PEXPIRE a 5", "~10", "RANDOMKEY"], "$1 b"],
  ["when all are expired", ["SET a 1 PX 5", "SET b 1 PX 5", "~10", "RANDOMKEY"], "$-1"],
  ["arity", ["RANDOMKEY a"], "-ERR wrong number of arguments for 'randomkey' command"],
]);

cases("import-mode keeps expired keys", [
  ["KEYS does not show them", ["SET a 1 PX 5", "~10", "KEYS *"], "*0"],
  ["but to the source", ["CLIENT IMPORT-SOURCE ON", "SET a 1 PX 5", "~10", "KEYS *"], "*1 $1 a"],
  ["SCAN neither", ["SET a 1 PX 5", "~10", "SCAN 0"], "*2 $1 0 *0"],
  [
    "but to the source",
    ["CLIENT IMPORT-SOURCE ON", "SET a 1 PX 5", "~10", "SCAN 0"],
    "*2 $1 0 *1 $1 a",
  ],
  ["they still count", ["SET a 1 PX 5", "~10", "SCAN 0", "DBSIZE"], ":1"],
  ["RANDOMKEY takes one after a while", ["SET a 1 PX 5", "~10", "RANDOMKEY"], "$1 a"],
  ["active expiry leaves them", ["SET a 1 PX 5", "~500", "DBSIZE"], ":1"],
], { directives: { "import-mode": "yes" } });

test("questions about keys are no access, TOUCH is, even for clients that asked for none", () => {
  const world = new World();
  const client = world.connect();
  const idle = () => client.call("OBJECT", "IDLETIME", "k");
  client.call("SET", "k", "v");
  world.advance(5000);
  for (const args of [["EXISTS", "k"], ["TYPE", "k"], ["TTL", "k"], ["KEYS", "*"], ["SCAN", "0"]]) {
    client.call(...args);
    assert.equal(idle(), ":5\r\n", args[0]);
  }
  client.call("TOUCH", "k");
  assert.equal(idle(), ":0\r\n");
  world.advance(3000);
  client.call("CLIENT", "NO-TOUCH", "ON");
  client.call("GET", "k");
  assert.equal(idle(), ":3\r\n");
  client.call("TOUCH", "k");
  assert.equal(idle(), ":0\r\n");
});

test("hits and misses are counted", () => {
  const world = new World();
  const client = world.connect();
  const { stats } = world.engine.server;
  client.call("SET", "k", "v");
  client.call("EXISTS", "k", "x", "y");
  assert.deepEqual([stats.keyspaceHits, stats.keyspaceMisses], [1, 2]);
  client.call("TTL", "k");
  client.call("TYPE", "x");
  client.call("TOUCH", "k");
  client.call("OBJECT", "ENCODING", "k");
  assert.deepEqual([stats.keyspaceHits, stats.keyspaceMisses], [4, 3]);
  client.call("DEL", "x");
  client.call("EXPIRE", "x", "5");
  client.call("KEYS", "*");
  assert.deepEqual([stats.keyspaceHits, stats.keyspaceMisses], [4, 3]);
});

test("KEYS leaves expired keys in place, RANDOMKEY and SCAN remove those they find", () => {
  for (
    const [args, left] of [[["KEYS", "*"], 2], [["SCAN", "0"], 0], [["RANDOMKEY"], 0]] as const
  ) {
    const world = new World();
    const client = world.connect();
    client.call("SET", "a", "1", "PX", "5");
    client.call("SET", "b", "1", "PX", "5");
    world.clock.advance(10);
    client.call(...args);
    assert.equal(keyCount(world.engine.keyspace, world.engine.keyspace.dbs[0]), left, args[0]);
  }
});
