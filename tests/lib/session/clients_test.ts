// The life of connections: idle timeouts, unexpected errors, the books of the reply buffer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplyBuffer } from "../../../lib/session/client_reply_buffer.ts";
import { World } from "../../kit/world.ts";

test("timeout ends idle connections only", () => {
  const world = new World({ directives: { timeout: "10" } });
  const [idle, busy, held] = [world.connect(), world.connect(), world.connect()];
  for (let i = 0; i < 15; i++) {
    busy.call("PING");
    if (i === 5) busy.call("CLIENT", "PAUSE", "60000", "WRITE");
    if (i === 6) held.send(["SET", "a", "1"]);
    world.advance(1000);
  }
  assert.ok(idle.socket.closed);
  assert.ok(!busy.socket.closed);
  assert.ok(!held.socket.closed);
});

test("an unexpected error in a handler ends that connection and is logged with its stack", () => {
  const log: string[] = [];
  const world = new World({ log: { write: (_, text) => log.push(text) } });
  const { table, server } = world.engine;
  table.run[table.idOf("strlen")] = (ctx) => {
    ctx.out.array(3);
    throw new Error("handler broke");
  };
  const [unlucky, other] = [world.connect(), world.connect()];
  unlucky.sendRaw("SET a 1\r\nSTRLEN a\r\nSET a 2\r\nSET a");
  assert.equal(
    unlucky.socket.reader.take(),
    "+OK\r\n-ERR internal error, connection closed\r\n",
  );
  assert.ok(unlucky.socket.closed);
  assert.equal(other.call("GET", "a"), "$1\r\n1\r\n");
  assert.match(log.join("\n"), /handler broke\n\s+at /);
  assert.equal(server.stats.unexpectedErrors, 1);
});

test("an unexpected error within EXEC leaves others unharmed", () => {
  const world = new World();
  const { table } = world.engine;
  table.run[table.idOf("strlen")] = () => {
    throw new Error("handler broke");
  };
  const [unlucky, other] = [world.connect(), world.connect()];
  unlucky.sendRaw("MULTI\r\nSET a 1\r\nSTRLEN a\r\nEXEC\r\n");
  assert.match(unlucky.socket.reader.take(), /\+QUEUED\r\n-ERR internal error/);
  assert.ok(unlucky.socket.closed);
  other.sendRaw("MULTI\r\nGET a\r\nEXEC\r\n");
  assert.equal(other.socket.reader.take(), "+OK\r\n+QUEUED\r\n*1\r\n$1\r\n1\r\n");
});

test("reply buffer: shrinks while idle, grows with large replies", () => {
  const buffer = new ReplyBuffer();
  assert.deepEqual([buffer.bytes, buffer.peakBytes], [16384, 16384]);
  buffer.adapt(1_000_000, 5000, 0);
  assert.deepEqual([buffer.bytes, buffer.peakBytes], [16384, 0]);
  buffer.wrote(3000);
  buffer.adapt(1_000_100, 5000, 0);
  assert.deepEqual([buffer.bytes, buffer.peakBytes], [3001, 3000]);
  buffer.adapt(1_005_000, 5000, 0);
  buffer.adapt(1_005_100, 5000, 0);
  assert.deepEqual([buffer.bytes, buffer.peakBytes], [1024, 0]);
  for (const bytes of [2048, 4096, 8192, 16384, 16384]) {
    buffer.wrote(100_000);
    buffer.adapt(1_005_200, 5000, 0);
    assert.equal(buffer.bytes, bytes);
  }
});

test("reply buffer: the peak never starts anew with a negative time", () => {
  const buffer = new ReplyBuffer();
  buffer.adapt(1_000_000, -1, 0);
  assert.equal(buffer.peakBytes, 16384);
});

test("DEBUG REPLYBUFFER shows through CLIENT LIST", () => {
  const world = new World();
  const [idle, asker] = [world.connect(), world.connect()];
  const size = () => {
    const reply = asker.call("CLIENT", "LIST", "ID", String(idle.session.id));
    return Number(/ rbs=(\d+) /.exec(reply)?.[1]);
  };
  asker.call("DEBUG", "REPLYBUFFER", "RESIZING", "0");
  world.advance(1000);
  assert.equal(size(), 16384);
  asker.call("DEBUG", "REPLYBUFFER", "RESIZING", "1");
  asker.call("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "100");
  world.advance(1000);
  assert.equal(size(), 1024);
});
