// What happens to replies that are not read: order, limits, back-pressure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArgs } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const VALUE = "v".repeat(100_000);

function slowClient(
  directives: Record<string, string> = {},
): { world: World; client: MemoryClient } {
  const world = new World({ directives });
  const client = world.connect();
  client.call("SET", "big", VALUE);
  client.socket.room = 0;
  return { world, client };
}

/** Lets the client read `bytes` more. */
function read(client: MemoryClient, bytes: number): string {
  client.socket.room = bytes;
  client.session.writable();
  return client.socket.reader.take();
}

test("unread replies keep their order through any number of short writes", () => {
  const { client } = slowClient();
  const sent = Array.from({ length: 50 }, (_, i) => `message-${i}`);
  for (const text of sent) client.sendRaw(encodeArgs(["ECHO", text]));
  client.sendRaw(encodeArgs(["GET", "big"]) + "PING\r\n");
  let got = "";
  for (let i = 0; i < 10_000 && !got.endsWith("+PONG\r\n"); i++) {
    got += read(client, 1 + (i * 37) % 999);
  }
  const echoes = sent.map((text) => `$${text.length}\r\n${text}\r\n`).join("");
  assert.equal(got, `${echoes}$100000\r\n${VALUE}\r\n+PONG\r\n`);
  assert.equal(client.session.pendingBytes, 0);
});

test("the hard limit ends the connection at once", () => {
  const { world, client } = slowClient({ "client-output-buffer-limit": "normal 250000 0 0" });
  client.call("GET", "big");
  client.call("GET", "big");
  assert.ok(!client.socket.closed);
  client.call("GET", "big");
  assert.ok(client.socket.closed);
  assert.equal(client.session.pendingBytes, 0);
  assert.equal(world.engine.clients.count, 0);
  assert.equal(world.engine.server.stats.outputBufferLimitDisconnections, 1);
});

test("a batch whose replies exceed the hard limit gets none of them", () => {
  const { world, client } = slowClient({ "client-output-buffer-limit": "normal 250000 0 0" });
  client.socket.room = Infinity;
  client.sendRaw(encodeArgs(["GET", "big"]).repeat(3));
  assert.ok(client.socket.closed);
  assert.equal(client.socket.reader.take(), "");
  const other = world.connect();
  assert.equal(other.call("GET", "big").length, "$100000\r\n".length + VALUE.length + 2);
});

test("the soft limit ends the connection after its seconds", () => {
  const { world, client } = slowClient({ "client-output-buffer-limit": "normal 0 150000 5" });
  client.call("GET", "big");
  client.call("GET", "big");
  world.advance(4000);
  assert.ok(!client.socket.closed);
  world.advance(2000);
  assert.ok(client.socket.closed);
});

test("who falls below the soft limit has all its seconds again", () => {
  const { world, client } = slowClient({ "client-output-buffer-limit": "normal 0 150000 5" });
  client.call("GET", "big");
  client.call("GET", "big");
  world.advance(4000);
  read(client, 100_000);
  world.advance(4000);
  client.call("GET", "big");
  world.advance(4000);
  assert.ok(!client.socket.closed);
  world.advance(2000);
  assert.ok(client.socket.closed);
});

test("without a limit a client that never reads is not served further", () => {
  const { world, client } = slowClient();
  const mebibyte = 2 ** 20;
  client.socket.room = Infinity;
  client.call("SETRANGE", "big", String(mebibyte - 1), "x");
  client.socket.room = 0;
  for (let i = 0; i < 40; i++) client.send(["GET", "big"]);
  const most = client.session.pendingBytes;
  assert.ok(most > 16 * mebibyte && most < 18 * mebibyte, `${most} bytes wait`);
  assert.ok(client.socket.paused);
  // Others do not notice.
  assert.equal(world.connect().call("PING"), "+PONG\r\n");
  // Once it reads, everything is answered, in order.
  let got = 0;
  let heads = 0;
  for (let i = 0; i < 60; i++) {
    const text = read(client, mebibyte);
    got += text.length;
    heads += text.split("$1048576\r\n").length - 1;
  }
  assert.equal(got, 40 * (mebibyte + "$1048576\r\n\r\n".length));
  assert.ok(heads >= 38);
  assert.ok(!client.socket.paused);
  client.socket.room = Infinity;
  assert.equal(client.call("PING"), "+PONG\r\n");
});

test("a stranger that does not read its errors is dropped", () => {
  const world = new World({ directives: { requirepass: "x" } });
  const client = world.connect();
  client.socket.room = 0;
  for (let i = 0; i < 30; i++) client.send(["PING"]);
  assert.ok(!client.socket.closed, `${client.session.pendingBytes} bytes wait`);
  for (let i = 0; i < 10; i++) client.send(["PING"]);
  assert.ok(client.socket.closed);
});

test("who was logged in once is not dropped for that, even after RESET", () => {
  const client = new World({ directives: { requirepass: "x" } }).connect();
  client.call("AUTH", "x");
  client.call("RESET");
  client.socket.room = 0;
  for (let i = 0; i < 100; i++) client.send(["PING"]);
  assert.ok(!client.socket.closed);
});

test("a connection that ends says everything first", () => {
  const { client } = slowClient();
  client.sendRaw("GET big\r\nQUIT\r\nPING\r\n");
  assert.ok(!client.socket.closed);
  let got = "";
  while (!client.socket.closed) got += read(client, 30_000);
  got += client.socket.reader.take();
  assert.equal(got, `$100000\r\n${VALUE}\r\n+OK\r\n`);
});

test("a reply that repeats elements ends with the hard limit, and the connection with it", () => {
  const directives = { "client-output-buffer-limit": "normal 100000 0 0" };
  for (
    const [fill, ask] of [
      [["HSET", "k", "field", "value"], ["HRANDFIELD", "k", "-9223372036854775807"]],
      [["HSET", "k", "field", "v".repeat(100)], ["HRANDFIELD", "k", "-4611686018427387903"]],
      [["SADD", "k", "member"], ["SRANDMEMBER", "k", "-9223372036854775807"]],
      [["SADD", "k", "1"], ["SRANDMEMBER", "k", "-9223372036854775807"]],
      [["SADD", "k", "m".repeat(100)], ["SRANDMEMBER", "k", "-9223372036854775807"]],
      [["ZADD", "k", "1", "member"], ["ZRANDMEMBER", "k", "-9223372036854775807"]],
      [["ZADD", "k", "1", "m"], ["ZRANDMEMBER", "k", "-4611686018427387903", "WITHSCORES"]],
    ]
  ) {
    const world = new World({ directives });
    const client = world.connect();
    client.call(...fill);
    client.sendRaw(encodeArgs(ask) + encodeArgs(["SET", "later", "1"]));
    assert.ok(client.socket.closed, ask.join(" "));
    assert.equal(client.socket.reader.take(), "", ask.join(" "));
    const other = world.connect();
    assert.equal(other.call("EXISTS", "later"), ":0\r\n");
    assert.equal(world.engine.server.stats.outputBufferLimitDisconnections, 1);
  }
});

test("KEYS ends with the hard limit; a transaction is executed to its end", () => {
  const world = new World({ directives: { "client-output-buffer-limit": "normal 20000 0 0" } });
  const client = world.connect();
  for (let i = 0; i < 1000; i++) client.call("SET", `key-of-some-length-${i}`, "v");
  client.call("MULTI");
  client.call("KEYS", "*");
  client.call("SET", "later", "1");
  client.call("EXEC");
  assert.ok(client.socket.closed);
  assert.equal(world.connect().call("GET", "later"), "$1\r\n1\r\n");
});
