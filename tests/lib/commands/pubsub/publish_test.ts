// Messages: who gets them, in which form and order; PUBSUB.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { encodeArgs } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

function pushed(text: string): { resp2: string; resp3: string } {
  return { resp2: text, resp3: text.replaceAll(/\*(?=\d)/g, ">") };
}

cases("PUBLISH", [
  ["to nobody", ["PUBLISH a x"], ":0"],
  ["to one", ["@2 SUBSCRIBE a", "PUBLISH a x"], ":1"],
  ["the message", ["@2 SUBSCRIBE a", "PUBLISH a x", "@2 <"], pushed("*3 $7 message $1 a $1 x")],
  ["to a pattern", ["@2 PSUBSCRIBE a*", "PUBLISH ab x"], ":1"],
  ["the message to a pattern", ["@2 PSUBSCRIBE a*", "PUBLISH ab x", "@2 <"], {
    resp2: "*4 $8 pmessage $2 a* $2 ab $1 x",
    resp3: ">4 $8 pmessage $2 a* $2 ab $1 x",
  }],
  ["channel and pattern are two", ["@2 SUBSCRIBE ab", "@2 PSUBSCRIBE a*", "PUBLISH ab x"], ":2"],
  ["channels first", ["@2 PSUBSCRIBE a?", "@2 SUBSCRIBE ab", "PUBLISH ab x", "@2 <"], {
    resp2: "*3 $7 message $2 ab $1 x *4 $8 pmessage $2 a? $2 ab $1 x",
    resp3: ">3 $7 message $2 ab $1 x >4 $8 pmessage $2 a? $2 ab $1 x",
  }],
  ["patterns are as in KEYS", ["@2 PSUBSCRIBE h[ae]llo", "PUBLISH hello x"], ":1"],
  ["case matters", ["@2 SUBSCRIBE a", "PUBLISH A x"], ":0"],
  ["not to shard channels", ["@2 SSUBSCRIBE a", "PUBLISH a x"], ":0"],
  ["whatever the database", ["@2 SELECT 1", "@2 SUBSCRIBE a", "PUBLISH a x"], ":1"],
  ["after UNSUBSCRIBE", ["@2 SUBSCRIBE a", "@2 UNSUBSCRIBE", "PUBLISH a x"], ":0"],
  ["after RESET", ["@2 SUBSCRIBE a", "@2 RESET", "PUBLISH a x"], ":0"],
  ["empty", ["@2 SUBSCRIBE ''", "PUBLISH '' ''", "@2 <"], pushed("*3 $7 message $0  $0 ")],
  ["arity", ["PUBLISH a"], "-ERR wrong number of arguments for 'publish' command"],
  ["in a transaction", ["@2 SUBSCRIBE a", "MULTI", "PUBLISH a x", "EXEC"], "*1 :1"],
]);

cases("SPUBLISH", [
  ["to nobody", ["SPUBLISH a x"], ":0"],
  ["to one", ["@2 SSUBSCRIBE a", "SPUBLISH a x"], ":1"],
  ["the message", ["@2 SSUBSCRIBE a", "SPUBLISH a x", "@2 <"], pushed("*3 $8 smessage $1 a $1 x")],
  ["not to patterns", ["@2 PSUBSCRIBE *", "SPUBLISH a x"], ":0"],
  ["not to channels", ["@2 SUBSCRIBE a", "SPUBLISH a x"], ":0"],
]);

const SUBSCRIBERS = [
  "@2 SUBSCRIBE a b",
  "@3 SUBSCRIBE a",
  "@3 PSUBSCRIBE p* q*",
  "@2 PSUBSCRIBE p*",
];
const SHARDS = ["@2 SSUBSCRIBE a b", "@3 SSUBSCRIBE a"];

cases("PUBSUB", [
  ["CHANNELS", ["@2 SUBSCRIBE a", "PUBSUB CHANNELS"], "*1 $1 a"],
  ["CHANNELS without patterns", ["@2 PSUBSCRIBE a", "PUBSUB CHANNELS"], "*0"],
  ["CHANNELS that match", [...SUBSCRIBERS, "PUBSUB CHANNELS b*"], "*1 $1 b"],
  ["CHANNELS with two words", ["PUBSUB CHANNELS a b"], /^-ERR unknown subcommand or wrong number/],
  ["NUMSUB", [...SUBSCRIBERS, "PUBSUB NUMSUB a b c"], "*6 $1 a :2 $1 b :1 $1 c :0"],
  ["NUMSUB of nothing", [...SUBSCRIBERS, "PUBSUB NUMSUB"], "*0"],
  ["NUMPAT counts patterns", [...SUBSCRIBERS, "PUBSUB NUMPAT"], ":2"],
  ["NUMPAT with a word", ["PUBSUB NUMPAT x"], /^-ERR wrong number of arguments for 'pubsub\|num/],
  ["SHARDCHANNELS", ["@2 SSUBSCRIBE a", "PUBSUB SHARDCHANNELS"], "*1 $1 a"],
  ["SHARDCHANNELS that match", [...SHARDS, "PUBSUB SHARDCHANNELS b*"], "*1 $1 b"],
  ["SHARDNUMSUB", [...SHARDS, "PUBSUB SHARDNUMSUB a b c"], "*6 $1 a :2 $1 b :1 $1 c :0"],
  ["HELP", ["PUBSUB HELP"], /^\*\d+ \+PUBSUB <subcommand>/],
  ["another", ["PUBSUB NOSUCH"], "-ERR unknown subcommand 'NOSUCH'. Try PUBSUB HELP."],
]);

cases("subscribers in CLIENT LIST and INFO", [
  [
    "counts",
    ["@2 SUBSCRIBE a b", "@2 PSUBSCRIBE p", "@2 SSUBSCRIBE s", "CLIENT LIST TYPE pubsub"],
    {
      resp2: / flags=P .* sub=2 psub=1 ssub=1 /,
      resp3: / flags=P .* sub=2 psub=1 ssub=1 /,
    },
  ],
  ["as a flag", ["@2 SUBSCRIBE a", "CLIENT KILL FLAGS P"], ":1"],
  ["as a type", ["@2 SUBSCRIBE a", "CLIENT KILL TYPE pubsub"], ":1"],
  ["others are none", ["CLIENT KILL TYPE pubsub"], ":0"],
  [
    "stats",
    [...SUBSCRIBERS, "@4 SSUBSCRIBE a", "INFO stats"],
    / pubsub_channels:2 pubsub_patterns:2 pubsubshard_channels:1 /,
  ],
  ["clients", ["@2 SUBSCRIBE a", "INFO clients"], / pubsub_clients:1 /],
]);

test("a message comes behind the reply of the publisher that subscribed, within its batch", () => {
  const client = new World().connect();
  client.call("HELLO", "3");
  client.call("SUBSCRIBE", "a");
  client.sendRaw(
    encodeArgs(["PUBLISH", "a", "1"]) + encodeArgs(["PING"]) + encodeArgs(["PUBLISH", "a", "2"]),
  );
  const message = (text: string) => `>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n${text}\r\n`;
  assert.equal(
    client.socket.reader.take(),
    `:1\r\n${message("1")}+PONG\r\n:1\r\n${message("2")}`,
  );
});

test("messages of a pipeline leave in one write, and all subscribers get the same", () => {
  const world = new World();
  const subscribers = Array.from({ length: 10 }, () => world.connect());
  let writes = 0;
  for (const subscriber of subscribers) {
    subscriber.call("SUBSCRIBE", "a");
    const { socket } = subscriber;
    const write = socket.write.bind(socket);
    socket.write = (buf, off, len) => {
      writes++;
      return write(buf, off, len);
    };
  }
  world.connect().sendRaw(encodeArgs(["PUBLISH", "a", "x"]).repeat(5));
  assert.equal(writes, 10);
  const all = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n".repeat(5);
  for (const { socket } of subscribers) assert.equal(socket.reader.take(), all);
});

test("a subscriber that does not read is dropped at its own limit", () => {
  const world = new World({ directives: { "client-output-buffer-limit": "pubsub 100000 0 0" } });
  const slow = world.connect();
  slow.call("SUBSCRIBE", "a");
  slow.socket.room = 0;
  const publisher = world.connect();
  for (let i = 0; i < 9; i++) publisher.call("PUBLISH", "a", "x".repeat(10_000));
  assert.ok(!slow.socket.closed);
  for (let i = 0; i < 2; i++) publisher.call("PUBLISH", "a", "x".repeat(10_000));
  assert.ok(slow.socket.closed);
  assert.equal(publisher.call("PUBSUB", "NUMSUB", "a"), "*2\r\n$1\r\na\r\n:0\r\n");
});

test("subscribers are never too idle, others are", () => {
  const world = new World({ directives: { timeout: "1" } });
  const subscriber = world.connect();
  subscriber.call("SUBSCRIBE", "a");
  const monitor = world.connect();
  monitor.call("MONITOR");
  const idle = world.connect();
  world.advance(5000);
  assert.deepEqual([subscriber, monitor, idle].map(({ socket }) => socket.closed), [
    false,
    false,
    true,
  ]);
});

test("a client that leaves takes its subscriptions along", () => {
  const world = new World();
  const client = world.connect();
  client.call("SUBSCRIBE", "a");
  client.call("PSUBSCRIBE", "a*");
  client.close();
  const { pubsub } = world.engine;
  assert.equal(pubsub.countNames("channel") + pubsub.countNames("pattern"), 0);
});
