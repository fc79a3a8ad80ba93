// What others can do while a command waits for another server, and how a transaction goes on behind it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { FakePeers } from "../../kit/fake_peers.ts";
import { flatten, splitWords } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const MIGRATE = "MIGRATE localhost 6380 a 0 200";

/** A server with clients; what is sent elsewhere arrives when the test says so. */
class Scene {
  readonly world = new World();
  readonly peers = new FakePeers();

  constructor() {
    this.world.engine.server.peers = this.peers;
  }

  client(...lines: string[]): MemoryClient {
    const client = this.world.connect();
    for (const line of lines) client.send(splitWords(line));
    client.socket.reader.take();
    return client;
  }

  get isStill(): boolean {
    return this.world.engine.standstill.isOn;
  }
}

function send(client: MemoryClient, ...lines: string[]): void {
  for (const line of lines) client.send(splitWords(line));
}

/** What the client was told since the last look. */
function told(client: MemoryClient): string {
  return flatten(client.socket.reader.take());
}

function ask(client: MemoryClient, line: string): string {
  send(client, line);
  return told(client);
}

test("others wait, in the order in which they came, and the caller goes on first", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "SET list 1");
  const second = scene.client();
  const first = scene.client();
  send(caller, MIGRATE, "APPEND list c");
  send(first, "APPEND list 1", "EXISTS a");
  send(second, "APPEND list 2", "NOPE");
  assert.equal(told(caller) + told(first) + told(second), "");
  assert.ok(scene.isStill);
  scene.peers.deliver();
  assert.ok(!scene.isStill);
  assert.equal(told(caller), "+OK :2");
  assert.match(told(second), /^:4 -ERR unknown command 'NOPE'/);
  assert.equal(told(first), ":3 :0");
  assert.equal(ask(caller, "GET list"), "$4 1c12");
  assert.equal(scene.world.engine.server.calls[scene.world.engine.table.idOf("migrate")], 1);
});

test("one of those who waited may begin the next standstill", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "SET b 2");
  const other = scene.client();
  const last = scene.client();
  send(caller, MIGRATE);
  send(other, "MIGRATE localhost 6380 b 0 200", "PING");
  send(last, "EXISTS a b");
  const peers = scene.peers;
  while (told(caller) === "") peers.pending.shift()?.();
  assert.ok(scene.isStill);
  assert.equal(told(other) + told(last), "");
  peers.deliver();
  assert.equal(told(other), "+OK +PONG");
  assert.equal(told(last), ":0");
});

test("no key expires and nobody's time to wait ends meanwhile", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "SET b 1 PX 50", "SET c 1");
  const blocked = scene.client();
  send(blocked, "BLPOP list 0.1");
  send(caller, 'MIGRATE localhost 6380 "" 0 60000 KEYS a c');
  scene.world.advance(5000);
  assert.equal(scene.world.engine.keyspace.expiredKeys, 0);
  assert.equal(told(blocked), "");
  scene.peers.deliver();
  assert.equal(told(caller), "+OK");
  assert.equal(told(blocked), "*-1");
  scene.world.advance(200);
  assert.equal(scene.world.engine.keyspace.expiredKeys, 1);
});

test("a key whose time comes on the journey has moved all the same", () => {
  const scene = new Scene();
  let text = "";
  const caller = scene.client("SET a 1 PX 50");
  scene.world.engine.propagation.attach({
    feed: (buf, off, len) => text += latin1(buf, off, len),
  });
  send(caller, MIGRATE);
  scene.world.advance(100);
  scene.peers.deliver();
  assert.equal(told(caller), "+OK");
  assert.equal(flatten(text), "*2 $6 SELECT $1 0 *2 $3 DEL $1 a");
  assert.equal(scene.world.engine.keyspace.expiredKeys, 0);
});

test("what the caller began is finished though it hung up", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1");
  const other = scene.client();
  send(caller, MIGRATE);
  send(other, "EXISTS a");
  caller.close();
  assert.ok(!caller.socket.closed);
  scene.peers.deliver();
  assert.ok(caller.socket.closed);
  assert.equal(told(other), ":0");
  assert.equal(scene.world.engine.clients.count, 1);
});

test("one of those who wait hangs up", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1");
  const other = scene.client();
  send(caller, MIGRATE);
  send(other, "SET b 1");
  other.close();
  scene.peers.deliver();
  assert.equal(ask(caller, "EXISTS b"), "+OK :0");
});

test("a client that asked for silence", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "SET b 1", "CLIENT REPLY SKIP");
  send(caller, MIGRATE, "PING");
  scene.peers.deliver();
  assert.equal(told(caller), "+PONG");
  send(caller, "CLIENT REPLY OFF", "MIGRATE localhost 6380 b 0 200");
  scene.peers.deliver();
  send(caller, "CLIENT REPLY ON");
  assert.equal(told(caller), "+OK");
  assert.equal(ask(caller, "DBSIZE"), ":0");
});

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";

/** Queued commands, what EXEC replies, what it leaves to followers. */
const TRANSACTIONS: readonly [name: string, queue: string[], reply: string, stream: string[]][] = [
  ["alone", [MIGRATE], "*1 +OK", ["DEL a"]],
  ["in the middle", ["INCR n", MIGRATE, "INCR n", "EXISTS a"], "*4 :1 +OK :2 :0", [
    "MULTI",
    "INCR n",
    "DEL a",
    "INCR n",
    "EXEC",
  ]],
  [
    "twice",
    [MIGRATE, "SELECT 1", "SET x 1", "MIGRATE localhost 6380 x 1 200"],
    "*4 +OK +OK +OK +OK",
    [
      "MULTI",
      "DEL a",
      "SELECT 1",
      "SET x 1",
      "DEL x",
      "EXEC",
    ],
  ],
  [
    "with errors",
    ["INCR a", "LPUSH a x", MIGRATE, "LPUSH a x", MIGRATE],
    `*5 :2 ${WRONG_TYPE} ` +
    "+OK :1 -ERR Target instance replied with error: BUSYKEY Target key name already exists.",
    [
      "MULTI",
      "INCR a",
      "DEL a",
      "LPUSH a x",
      "EXEC",
    ],
  ],
  ["in vain", ["MIGRATE localhost 6380 nope 0 200", "PING"], "*2 +NOKEY +PONG", []],
];

for (const [name, queue, reply, stream] of TRANSACTIONS) {
  test(`in a transaction: ${name}`, () => {
    const scene = new Scene();
    const caller = scene.client("SET a 1", "MULTI", ...queue);
    const other = scene.client();
    let text = "";
    scene.world.engine.propagation.attach({
      feed: (buf, off, len) => text += latin1(buf, off, len),
    });
    send(caller, "EXEC", "PING");
    send(other, "EXISTS a");
    if (stream.length > 0) assert.equal(told(other) + text, "");
    scene.peers.deliver();
    assert.equal(told(caller), `${reply} +PONG`);
    const commands = text.split(/^\*\d+\r\n/m).slice(1).map((command) =>
      command.split("\r\n").filter((_, i) => i % 2 === 1).join(" ")
    );
    assert.deepEqual(commands.filter((command) => command !== "SELECT 0"), stream);
    assert.ok(!scene.isStill);
    assert.equal(scene.world.engine.server.calls[scene.world.engine.execId], 1);
    assert.equal(ask(caller, "MULTI"), "+OK");
  });
}

test("clients are woken behind the transaction", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "MULTI", "LPUSH list x", MIGRATE, "LPUSH list y");
  const blocked = scene.client();
  send(blocked, "BLPOP list 0");
  send(caller, "EXEC");
  assert.equal(told(blocked), "");
  scene.peers.deliver();
  assert.equal(told(blocked), "*2 $4 list $1 y");
  assert.equal(told(caller), "*3 :1 +OK :2");
});

test("a transaction is shown to those who monitor as it runs", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1", "MULTI", MIGRATE, "PING");
  const monitor = scene.client("MONITOR");
  send(caller, "EXEC");
  scene.peers.deliver();
  const names = [...monitor.socket.reader.take().matchAll(/\] "(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(names, ["MIGRATE", "PING", "EXEC"]);
});

test("a watched key that moved ends other transactions", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1");
  const other = scene.client("WATCH a", "MULTI", "PING");
  send(caller, MIGRATE);
  send(other, "EXEC");
  scene.peers.deliver();
  assert.equal(told(other), "*-1");
});

test("what is to be done afterwards is done once", () => {
  const scene = new Scene();
  const caller = scene.client("SET a 1");
  let runs = 0;
  send(caller, MIGRATE);
  scene.world.engine.standstill.after(() => runs++);
  assert.equal(runs, 0);
  scene.peers.deliver();
  assert.equal(runs, 1);
});
