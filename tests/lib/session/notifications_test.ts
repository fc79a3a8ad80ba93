// Keyspace notifications: which events, on which channels, of commands and of what happens by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../kit/cases.ts";
import { parseReplies } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

cases("CONFIG SET notify-keyspace-events", [
  ["off by default", ["CONFIG GET notify-keyspace-events"], /notify-keyspace-events \$0/],
  ["K alone says nothing", [
    "CONFIG SET notify-keyspace-events K",
    "@2 PSUBSCRIBE *",
    "SET a 1",
    "CONFIG SET notify-keyspace-events ''",
    "@2 <",
  ], ""],
  ["classes alone say nothing", [
    "CONFIG SET notify-keyspace-events A",
    "@2 PSUBSCRIBE *",
    "SET a 1",
    "CONFIG SET notify-keyspace-events ''",
    "@2 <",
  ], ""],
  ["both channels, keyspace first", [
    "CONFIG SET notify-keyspace-events KEA",
    "@2 PSUBSCRIBE *",
    "SET a 1",
    "CONFIG SET notify-keyspace-events ''",
    "@2 <",
  ], {
    resp2:
      "*4 $8 pmessage $1 * $16 __keyspace@0__:a $3 set *4 $8 pmessage $1 * $18 __keyevent@0__:set $1 a",
    resp3:
      ">4 $8 pmessage $1 * $16 __keyspace@0__:a $3 set >4 $8 pmessage $1 * $18 __keyevent@0__:set $1 a",
  }],
]);

/** Event names and keys that a listener has got. */
function events(listener: MemoryClient): string {
  return parseReplies(listener.socket.reader.take()).map(({ items }) => {
    const [channel, key] = (items ?? []).slice(2);
    const [, index, event] = /^__keyevent@(\d+)__:(.*)$/.exec(channel.text) ?? [];
    return `${event} ${key.text}${index === "0" ? "" : "@" + index}`;
  }).join(", ");
}

/** What the last command line publishes, by letters. */
const EVENTS: readonly (readonly [letters: string, lines: readonly string[], events: string])[] = [
  ["EA", ["SET a 1"], "set a"],
  ["EA", ["SET a 1 EX 9"], "set a, expire a"],
  ["EA", ["SETEX a 9 1"], "set a, expire a"],
  ["EA", ["SET a 1", "SET a 1 PXAT 1"], "expired a"],
  ["EA", ["SET a 1 XX"], ""],
  ["EA", ["GETSET a 1"], "set a"],
  ["EA", ["MSET a 1 b 2"], "set a, set b"],
  ["EA", ["MSETEX 2 a 1 b 2 EX 9"], "set a, expire a, set b, expire b"],
  ["EA", ["APPEND a 1"], "append a"],
  ["EA", ["SETRANGE a 1 x"], "setrange a"],
  ["EA", ["INCR a"], "incrby a"],
  ["EA", ["INCR a", "DECRBY a 2"], "incrby a"],
  ["EA", ["DECRBY a 2"], "incrby a"],
  ["EA", ["INCRBYFLOAT a 2"], "incrbyfloat a"],
  ["EA", ["SET a 1", "GETEX a EX 9"], "expire a"],
  ["EA", ["SET a 1 EX 9", "GETEX a PERSIST"], "persist a"],
  ["EA", ["SET a 1", "GETEX a PXAT 1"], "expired a"],
  ["EA", ["SET a 1", "GETDEL a"], "del a"],
  ["EA", ["SET a 1", "DELIFEQ a 1"], "del a"],
  ["EA", ["SETBIT a 1 1"], "setbit a"],
  ["EA", ["BITFIELD a SET u8 0 1 SET u8 8 1"], "setbit a"],
  ["EA", ["SET a 1", "BITOP NOT b a"], "set b"],
  ["EA", ["SET b 1", "BITOP NOT b a"], "del b"],
  ["EA", ["MSET a 1 c 1", "DEL a b c"], "del a, del c"],
  ["EA", ["SET a 1", "UNLINK a"], "del a"],
  ["EA", ["SET a 1", "EXPIRE a 9"], "expire a"],
  ["EA", ["SET a 1", "EXPIRE a -1"], "expired a"],
  ["EA", ["SET a 1 EX 9", "PERSIST a"], "persist a"],
  ["EA", ["SET a 1", "RENAME a b"], "rename_from a, rename_to b"],
  ["EA", ["SET a 1", "RENAME a a"], ""],
  ["EA", ["SET a 1", "COPY a b"], "copy_to b"],
  ["EA", ["SET a 1", "COPY a b DB 2"], "copy_to b@2"],
  ["EA", ["SET a 1", "MOVE a 2"], "move_from a, move_to a@2"],
  ["EA", ["SET a 1", "FLUSHALL"], ""],
  ["E$", ["SET a 1 EX 9"], "set a"],
  ["Eg", ["SET a 1 EX 9"], "expire a"],
  ["Ex", ["SET a 1 EX 9"], ""],
  ["En", ["SET a 1"], "new a"],
  ["En", ["SET a 1", "SET a 2"], ""],
  ["EnA", ["SET a 1"], "new a, set a"],
  ["EnA", ["MSET a 1 b 1", "RENAME a b"], "new b, rename_from a, rename_to b"],
  ["EnA", ["SET a 1", "MOVE a 1"], "new a@1, move_from a, move_to a@1"],
  ["EnA", ["SET a 1", "COPY a b"], "new b, copy_to b"],
  ["EnA", ["SADD a 1", "SET d x", "SUNIONSTORE d a"], "sunionstore d"],
  ["EnA", ["RPUSH a 1", "SORT a STORE d"], "new d, sortstore d"],
  ["EnA", ["RPUSH a 1", "SET d x", "SORT a STORE d"], "sortstore d"],
  ["Em", ["GET a"], "keymiss a"],
  ["Em", ["MGET a b"], "keymiss a, keymiss b"],
  ["Em", ["SET a 1", "GET a"], ""],
  ["Em", ["EXISTS a"], "keymiss a"],
  ["Em", ["TTL a"], "keymiss a"],
  ["Em", ["TYPE a"], "keymiss a"],
  ["Em", ["TOUCH a"], "keymiss a"],
  ["Em", ["OBJECT ENCODING a"], ""],
  ["Em", ["DEL a"], ""],
  ["Em", ["INCR a"], ""],
  ["EA", ["GET a"], ""],
];

for (const [letters, lines, expected] of EVENTS) {
  test(`${lines.join("; ")} with ${letters}: ${expected || "nothing"}`, () => {
    const world = new World({ directives: { "notify-keyspace-events": letters } });
    const listener = world.connect();
    listener.call("PSUBSCRIBE", "__keyevent*");
    const client = world.connect();
    for (const line of lines) {
      listener.socket.reader.take();
      client.call(...line.split(" "));
    }
    assert.equal(events(listener), expected);
  });
}

test("keys that expire: found by a command, or by themselves", () => {
  const world = new World({ directives: { "notify-keyspace-events": "Ex" } });
  const listener = world.connect();
  listener.call("PSUBSCRIBE", "__keyevent*");
  listener.socket.reader.take();
  const client = world.connect();
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  client.call("SET", "a", "1", "PX", "10");
  world.clock.advance(20);
  assert.equal(events(listener), "");
  client.call("GET", "a");
  assert.equal(events(listener), "expired a");
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "1");
  client.call("SET", "b", "1", "PX", "10");
  world.advance(300);
  assert.equal(events(listener), "expired b");
});

test("keys that are evicted, also when no command follows the new limit", () => {
  const world = new World({
    directives: { "notify-keyspace-events": "Ee", "maxmemory-policy": "allkeys-lru" },
  });
  const listener = world.connect();
  listener.call("PSUBSCRIBE", "*");
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("CONFIG", "SET", "maxmemory", "1");
  world.advance(300);
  assert.equal(events(listener), "evicted a");
});

test("a key with any bytes is published as it is", () => {
  const world = new World({ directives: { "notify-keyspace-events": "K$" } });
  const listener = world.connect();
  listener.call("SUBSCRIBE", "__keyspace@0__:\0\xff\r\n");
  listener.socket.reader.take();
  world.connect().call("SET", "\0\xff\r\n", "1");
  assert.equal(
    listener.socket.reader.take(),
    "*3\r\n$7\r\nmessage\r\n$19\r\n__keyspace@0__:\0\xff\r\n\r\n$3\r\nset\r\n",
  );
});
