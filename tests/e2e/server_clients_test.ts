// server_clients_test.ts: what a server does with its connections: how many, how long idle, who must
// log in, and who leaves too much unread.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArgs } from "../kit/resp.ts";
import { type ServerOptions, type TestServer, withServer } from "../kit/server.ts";
import type { Connection } from "../kit/transport.ts";

const WAIT_MS = 10_000;

async function ask(connection: Connection, ...words: string[]): Promise<string> {
  await connection.write(encodeArgs(words));
  return await connection.frame(WAIT_MS);
}

/** Runs a body with a server and a first connection to it. */
async function connected(
  options: ServerOptions,
  body: (first: Connection, server: TestServer) => Promise<void>,
): Promise<void> {
  await withServer(options, async (server) => {
    const first = await server.connect();
    try {
      await body(first, server);
    } finally {
      first.close();
    }
  });
}

test("maxclients: one more is told why, and hung up", async () => {
  await connected({ args: ["--maxclients", "4"] }, async (first, server) => {
    await ask(first, "PING"); // the connection that asked whether the server is ready is gone by now
    const clients = async () => (await ask(first, "CLIENT", "LIST")).split("id=").length - 1;
    while (await clients() > 1) await ask(first, "PING");
    const others = [await server.connect(), await server.connect(), await server.connect()];
    for (const other of others) assert.equal(await ask(other, "PING"), "+PONG\r\n");
    const tooMany = await server.connect();
    assert.equal(await tooMany.untilClosed(WAIT_MS), "-ERR max number of clients reached\r\n");
    assert.match(await ask(first, "INFO", "stats"), /\r\nrejected_connections:1\r\n/);
    assert.equal(await ask(first, "CONFIG", "SET", "maxclients", "5"), "+OK\r\n");
    const fits = await server.connect();
    assert.equal(await ask(fits, "PING"), "+PONG\r\n");
    for (const connection of [...others, fits]) connection.close();
  });
});

test("timeout closes idle clients, and only those", async () => {
  await connected({}, async (first, server) => {
    const idle = await server.connect();
    assert.equal(await ask(idle, "PING"), "+PONG\r\n");
    assert.equal(await ask(first, "CONFIG", "SET", "timeout", "1"), "+OK\r\n");
    let isOver = false;
    const end = idle.untilClosed(WAIT_MS).then((rest) => {
      isOver = true;
      return rest;
    });
    while (!isOver) assert.equal(await ask(first, "PING"), "+PONG\r\n");
    assert.equal(await end, "");
    assert.equal(await ask(first, "PING"), "+PONG\r\n");
  });
});

test("requirepass: nothing but logging in before the password", async () => {
  await connected({}, async (first, server) => {
    assert.equal(await ask(first, "CONFIG", "SET", "requirepass", "secret"), "+OK\r\n");
    const stranger = await server.connect();
    const rows: [words: string[], reply: string][] = [
      [["PING"], "-NOAUTH Authentication required.\r\n"],
      [["NOSUCH"], "-NOAUTH Authentication required.\r\n"],
      [["AUTH", "wrong"], "-WRONGPASS invalid username-password pair or user is disabled.\r\n"],
      [["AUTH", "secret"], "+OK\r\n"],
      [["PING"], "+PONG\r\n"],
      [["RESET"], "+RESET\r\n"],
      [["PING"], "-NOAUTH Authentication required.\r\n"],
      [["AUTH", "default", "secret"], "+OK\r\n"],
      [["CONFIG", "SET", "requirepass", ""], "+OK\r\n"],
    ];
    for (const [words, reply] of rows) {
      assert.equal(await ask(stranger, ...words), reply, words.join(" "));
    }
    stranger.close();
    const next = await server.connect();
    assert.equal(await ask(next, "PING"), "+PONG\r\n");
    next.close();
  });
});

test("client-output-buffer-limit: who does not read is hung up, others are served", async () => {
  const args = ["--client-output-buffer-limit", "normal 2mb 0 0", "--loglevel", "verbose"];
  await connected({ args }, async (first, server) => {
    assert.equal(await ask(first, "SET", "large", "x".repeat(1 << 20)), "+OK\r\n");
    const deaf = await server.connect();
    // Far more than what the system keeps for a connection, asked for at once.
    await deaf.write(encodeArgs(["GET", "large"]).repeat(64));
    await assert.rejects(async () => {
      for (let i = 0; i < 64; i++) await deaf.frame(WAIT_MS);
    });
    assert.equal(await ask(first, "PING"), "+PONG\r\n");
    const stats = await ask(first, "INFO", "stats");
    assert.match(stats, /client_output_buffer_limit_disconnections:1\r\n/);
    assert.match(server.log, /# Client id=\d+ .* overcoming of output buffer limits/);
    deaf.close();
  });
});
