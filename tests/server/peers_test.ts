// Connections to other servers, with a listener that answers as the test says.

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { fromLatin1 } from "../../lib/bytes/ascii.ts";
import type { NoPeer, Peer, PeerAnswer } from "../../lib/commands/server_view.ts";
import { Peers } from "../../server/peers.ts";
import { freePort } from "../kit/server.ts";

const TIMEOUT_MS = 5000;
const SHORT_MS = 100;

/** Calls `body` with the port of a listener that hands every piece of input to `onData`. */
async function withListener(
  onData: (socket: Socket, bytes: Uint8Array, connection: number) => void,
  body: (port: number, peers: Peers) => Promise<void>,
  peers = new Peers(),
): Promise<void> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    const number = ++connections;
    sockets.add(socket);
    socket.on("error", () => {}); // the other end may go first
    socket.on("data", (bytes: Uint8Array) => onData(socket, bytes, number));
  });
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  const address = listener.address();
  try {
    await body(address !== null && typeof address === "object" ? address.port : 0, peers);
  } finally {
    peers.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => listener.close(done));
  }
}

function connected(peers: Peers, port: number, host = "127.0.0.1"): Promise<Peer | NoPeer> {
  return new Promise((done) => peers.connect(host, port, TIMEOUT_MS, done));
}

function exchanged(
  peer: Peer | NoPeer,
  request: string | Uint8Array,
  lines: number,
  timeoutMs = TIMEOUT_MS,
): Promise<PeerAnswer> {
  const bytes = typeof request === "string" ? fromLatin1(request) : request;
  return new Promise((done) => (peer as Peer).exchange(bytes, lines, timeoutMs, done));
}

async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone(); tries++) {
    assert.ok(tries < 500, "it never came");
    await new Promise((done) => setTimeout(done, 10));
  }
}

test("lines come in pieces; the connection is kept and used again", async () => {
  await withListener((socket) => {
    socket.write("+O");
    setTimeout(() => socket.write("K\r\n-ERR \xe9\r"), 10);
    setTimeout(() => socket.write("\n"), 20);
  }, async (port, peers) => {
    const peer = await connected(peers, port);
    assert.equal((peer as Peer).database, "-1");
    (peer as Peer).database = "7";
    const answer = await exchanged(peer, "PING\r\n", 2);
    assert.equal(answer.failure, "");
    assert.equal(answer.lines[0], "+OK");
    assert.match(answer.lines[1], /^-ERR .{2}$/);
    assert.equal(await connected(peers, port), peer);
    assert.equal(peers.count, 1);
    assert.equal((await exchanged(peer, "PING\r\n", 2)).lines.length, 2);
  });
});

test("a request of many pieces arrives whole", async () => {
  const request = new Uint8Array(3_000_000).map((_, i) => i * 7);
  let received = 0;
  let sum = 0;
  await withListener((socket, bytes) => {
    received += bytes.length;
    for (const byte of bytes) sum += byte;
    if (received === request.length) socket.write("+OK\r\n");
  }, async (port, peers) => {
    const answer = await exchanged(await connected(peers, port), request, 1);
    assert.deepEqual(answer, { lines: ["+OK"], failure: "", isTimeout: false });
    assert.equal(sum, request.reduce((all, byte) => all + byte, 0));
  });
});

test("an answer that stays away is a timeout, with the lines there are", async () => {
  await withListener((socket) => socket.write("+OK\r\n+O"), async (port, peers) => {
    const answer = await exchanged(await connected(peers, port), "PING\r\n", 2, SHORT_MS);
    assert.deepEqual(answer, { lines: ["+OK"], failure: "reading", isTimeout: true });
  });
});

test("each line has its own time", async () => {
  await withListener((socket) => {
    for (let i = 1; i <= 4; i++) setTimeout(() => socket.write("+OK\r\n"), i * 150);
  }, async (port, peers) => {
    const answer = await exchanged(await connected(peers, port), "PING\r\n", 4, 400);
    assert.equal(answer.failure, "");
  });
});

test("the other end hangs up: in an exchange, and between two", async () => {
  await withListener((socket, _, connection) => {
    if (connection === 1) socket.end("+OK\r\n");
    else socket.write("+OK\r\n", () => socket.destroy());
  }, async (port, peers) => {
    const first = await connected(peers, port);
    const answer = await exchanged(first, "PING\r\n", 2);
    assert.deepEqual(answer, { lines: ["+OK"], failure: "reading", isTimeout: false });
    (first as Peer).close();
    assert.equal(peers.count, 0);
    const second = await connected(peers, port);
    assert.notEqual(second, first);
    assert.equal((await exchanged(second, "PING\r\n", 1)).failure, "");
    await until(() => peers.count === 0);
    assert.equal((await exchanged(second, "PING\r\n", 1)).failure, "writing");
  });
});

test("who speaks without being asked is left", async () => {
  await withListener((socket) => socket.write("+OK\r\n+AND\r\n"), async (port, peers) => {
    const peer = await connected(peers, port);
    assert.deepEqual((await exchanged(peer, "PING\r\n", 1)).lines, ["+OK"]);
  });
  await withListener((socket) => {
    socket.write("+OK\r\n");
    setTimeout(() => socket.write("+AND\r\n"), 50);
  }, async (port, peers) => {
    await exchanged(await connected(peers, port), "PING\r\n", 1);
    await until(() => peers.count === 0);
  });
});

test("a connection without use is closed after its time", async () => {
  await withListener((socket) => socket.write("+OK\r\n"), async (port, peers) => {
    await exchanged(await connected(peers, port), "PING\r\n", 1);
    assert.equal(peers.count, 1);
    await until(() => peers.count === 0);
  }, new Peers(SHORT_MS));
});

test("nobody listens, no such host, no port", async () => {
  const peers = new Peers();
  assert.equal(await connected(peers, await freePort()), "refused");
  assert.equal(await connected(peers, await freePort(), "localhost"), "refused");
  assert.equal(await connected(peers, 6379, "no host of this name"), "unreachable");
  assert.equal(await connected(peers, 6379, "nobody.invalid"), "unreachable");
  assert.equal(await connected(peers, 0), "refused");
  assert.equal(await connected(peers, 6379, ""), "unreachable");
  assert.equal(peers.count, 0);
});

test("closed for good", async () => {
  await withListener((socket) => socket.end(), async (port, peers) => {
    const peer = await connected(peers, port);
    const answer = exchanged(peer, new Uint8Array(100), 1);
    peers.close();
    assert.notEqual((await answer).failure, "");
    assert.equal(await connected(peers, port), "unreachable");
    assert.equal(peers.count, 0);
  });
});
