// What a session accepts: protocol errors, limits before login, the query buffer, large values without needless copies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, encodeArgs } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const NO_AUTH = "-NOAUTH Authentication required.\r\n";

function exchange(text: string, directives: Record<string, string> = {}): [string, boolean] {
  const client = new World({ directives }).connect();
  client.sendRaw(text);
  return [client.socket.reader.take(), client.socket.closed];
}

const PROTOCOL_ERRORS: readonly (readonly [sent: string, error: string])[] = [
  ["*x\r\n", "invalid multibulk length"],
  ["*1048577999999\r\n", "invalid multibulk length"],
  ["*01\r\n", "invalid multibulk length"],
  ["*1\n$4\r\nPING\r\n", "invalid multibulk length"],
  ["*1\0\r\n", "invalid multibulk length"],
  ["*1\rx", "invalid CRLF in request"],
  ["*1\r\nPING\r\n", "expected '$', got 'P'"],
  ["*1\r\n$x\r\n", "invalid bulk length"],
  ["*1\r\n$-1\r\n", "invalid bulk length"],
  ["*1\r\n$536870913\r\n", "invalid bulk length"],
  ["*1\r\n$4\0\r\n", "invalid bulk length"],
  ["*1\r\n$4\r\nPINGxx", "invalid CRLF in request"],
  ["*" + "1".repeat(70_000), "too big mbulk count string"],
  ["*1\r\n$" + "1".repeat(70_000), "too big bulk count string"],
  ["a".repeat(70_000), "too big inline request"],
  ["a\0" + "b\r\n".repeat(30_000), "too big inline request"],
  ['"a\r\n', "unbalanced quotes in request"],
  ["'a\r\n", "unbalanced quotes in request"],
  ['"a"b" \r\n', "unbalanced quotes in request"],
];

test("protocol errors are told, then the connection ends", () => {
  for (const [sent, error] of PROTOCOL_ERRORS) {
    const reply = `-ERR Protocol error: ${error}\r\n`;
    assert.deepEqual(exchange(sent), [reply, true], JSON.stringify(sent.slice(0, 40)));
    assert.deepEqual(exchange("PING\r\n" + sent + "PING\r\n"), ["+PONG\r\n" + reply, true]);
  }
});

test("a protocol error is not told to who wants no replies", () => {
  assert.deepEqual(exchange("CLIENT REPLY OFF\r\n*x\r\n"), ["", true]);
  assert.deepEqual(exchange("CLIENT REPLY SKIP\r\n*x\r\n"), ["", true]);
});

test("a zero byte hides the rest of an inline line and what follows", () => {
  assert.deepEqual(exchange("PING\r\nPI\0NG\r\nPING\r\n"), ["+PONG\r\n", false]);
  assert.deepEqual(exchange("\0\r\nPING\r\n"), ["", false]);
});

test("empty requests are no requests", () => {
  for (const empty of ["*0\r\n", "*-1\r\n", "*-100\r\n", "\r\n", "\n", "  \t\r\n"]) {
    for (const next of ["PING\r\n", encodeArgs(["PING"])]) {
      assert.deepEqual(exchange(empty + empty + next + empty), ["+PONG\r\n", false], empty);
    }
  }
});

test("HTTP is dropped without an answer, logged in or not", () => {
  for (const text of ["POST / HTTP/1.1\r\n", "post x\r\n", "Host: x\r\n", encodeArgs(["HOST:"])]) {
    assert.deepEqual(exchange(text + "PING\r\n"), ["", true], text);
    assert.deepEqual(exchange(text + "PING\r\n", { requirepass: "x" }), ["", true], text);
  }
  assert.match(exchange("POSTX\r\n")[0], /^-ERR unknown command/);
});

test("before login requests are small", () => {
  const locked = { requirepass: "x" };
  const args = (count: number) => encodeArgs(Array.from({ length: count }, () => "a"));
  assert.deepEqual(exchange(args(10), locked), [NO_AUTH, false]);
  const tooMany = "-ERR Protocol error: unauthenticated multibulk length\r\n";
  assert.deepEqual(exchange(args(11), locked), [tooMany, true]);
  assert.deepEqual(exchange(encodeArgs(["GET", "a".repeat(16384)]), locked), [NO_AUTH, false]);
  const tooLong = "-ERR Protocol error: unauthenticated bulk length\r\n";
  assert.deepEqual(exchange(encodeArgs(["GET", "a".repeat(16385)]), locked), [tooLong, true]);
  // The request that logs in may be followed by a large one in the same read, not preceded.
  const big = encodeArgs(["ECHO", "a".repeat(20_000)]);
  assert.match(exchange("AUTH x\r\n" + big, locked)[0], /^\+OK\r\n\$20000\r\n/);
  assert.equal(exchange(big + "AUTH x\r\n", locked)[0], tooLong);
});

test("a mere claim of a length costs nothing", () => {
  const client = new World().connect();
  client.sendRaw("*2\r\n$3\r\nGET\r\n$536870912\r\nabc");
  assert.ok((client.session.input as Uint8Array).length < 70_000);
  const many = new World().connect();
  many.sendRaw("*2147483647\r\n$1\r\na\r\n");
  assert.ok((many.session.input as Uint8Array).length < 70_000);
});

test("client-query-buffer-limit ends the connection", () => {
  const log: string[] = [];
  const world = new World({
    directives: { "client-query-buffer-limit": "1mb" },
    log: { write: (_, text) => log.push(text) },
  });
  const client = world.connect();
  const bytes = bytesOf("*2\r\n$4\r\nECHO\r\n$5000000\r\n" + "x".repeat(2_000_000));
  let fed = 0;
  for (; fed < bytes.length && !client.socket.closed; fed += 16384) {
    client.session.feed(bytes, fed, Math.min(16384, bytes.length - fed));
  }
  assert.ok(client.socket.closed);
  assert.ok(fed > 1024 * 1024 && fed < 1024 * 1024 + 3 * 16384, `closed after ${fed}`);
  assert.equal(client.socket.reader.take(), "");
  assert.equal(world.engine.server.stats.queryBufferLimitDisconnections, 1);
  assert.match(log.join("\n"), /max query buffer length/);
});

/** Bytes of all input buffers a session takes while it is fed `bytes` in pieces. */
function bufferBytes(client: MemoryClient, bytes: Uint8Array, pieceBytes: number): number {
  let total = 0;
  let last: Uint8Array | null = null;
  for (let off = 0; off < bytes.length; off += pieceBytes) {
    client.session.feed(bytes, off, Math.min(pieceBytes, bytes.length - off));
    const { input } = client.session;
    if (input !== last && input !== null) total += input.length;
    last = input;
  }
  return total;
}

test("a value of 64 MiB in pieces of 16 KiB is copied a few times, not once for each piece", () => {
  const size = 64 * 1024 * 1024;
  const head = bytesOf(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${size}\r\n`);
  const bytes = new Uint8Array(head.length + size + 2);
  bytes.set(head);
  bytes.fill(120, head.length, bytes.length - 2);
  bytes.set([13, 10], bytes.length - 2);
  const client = new World().connect();
  const total = bufferBytes(client, bytes, 16384);
  assert.equal(client.socket.reader.take(), "+OK\r\n");
  assert.equal(client.call("STRLEN", "big"), `:${size}\r\n`);
  assert.equal(client.session.input, null);
  // Buffers grow about fourfold, the last one to the size needed, so all together are less than twice that.
  assert.ok(total < 2 * size, `${total} bytes of buffers`);
});

test("a request of 200,000 arguments in small pieces is copied a few times", () => {
  const args = ["DEL", ...Array.from({ length: 200_000 }, (_, i) => `key:${i}`)];
  const bytes = bytesOf(encodeArgs(args));
  const client = new World().connect();
  const total = bufferBytes(client, bytes, 1000);
  assert.equal(client.socket.reader.take(), ":0\r\n");
  assert.ok(total < 4 * bytes.length, `${total} bytes of buffers for ${bytes.length}`);
});

test("of large pieces of many requests, only the one at each end is copied", () => {
  const count = 20_000;
  const one = encodeArgs(["SET", "key", "x".repeat(64)]);
  const bytes = bytesOf(one.repeat(count));
  const client = new World().connect();
  const total = bufferBytes(client, bytes, 100_003);
  assert.equal(client.socket.reader.take(), "+OK\r\n".repeat(count));
  assert.ok(total <= 20 * 1024, `${total} bytes of buffers for ${bytes.length}`);
});

test("a client that comes to wait in the middle of a request and a piece: nothing is lost or run twice", () => {
  const lines = [["INCR", "n"], ["BLPOP", "list", "0"], ["INCR", "n"], ["INCRBY", "n", "10"]];
  const text = lines.map(encodeArgs).join("");
  const want = ":1\r\n*2\r\n$4\r\nlist\r\n$1\r\nv\r\n:2\r\n:12\r\n";
  for (let cut = 1; cut < text.length; cut++) {
    const world = new World();
    const client = world.connect();
    client.sendRaw(text.slice(0, cut));
    client.sendRaw(text.slice(cut));
    world.connect().call("RPUSH", "list", "v");
    world.settle();
    assert.equal(client.socket.reader.take(), want, `cut at ${cut}`);
    assert.equal(client.session.input, null);
  }
});

test("an idle connection holds no buffer and no parser", () => {
  const client = new World().connect();
  for (const piece of ["PI", "NG\r\n*1\r\n$4\r", "\nPING\r\n"]) client.sendRaw(piece);
  assert.equal(client.socket.reader.take(), "+PONG\r\n+PONG\r\n");
  assert.equal(client.session.input, null);
  assert.equal(client.session.parser, null);
});
