// Whole servers that follow each other, over real connections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArgs } from "../kit/resp.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const ARGS = ["--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"];
const PATIENCE_MS = 20_000;

async function call(server: TestServer, ...words: string[]): Promise<string> {
  const connection = await server.connect();
  await connection.write(encodeArgs(words));
  const reply = await connection.frame(10_000);
  connection.close();
  return reply;
}

async function until(what: string, test: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs;) {
    if (await test()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`still not: ${what}`);
}

async function assertSame(...servers: TestServer[]): Promise<void> {
  await until("all hold the same", async () => {
    const digests = await Promise.all(servers.map((one) => call(one, "DEBUG", "DIGEST")));
    return new Set(digests).size === 1;
  });
}

const isUp = async (server: TestServer) =>
  (await call(server, "INFO", "replication")).includes("master_link_status:up");

async function withServers(
  count: number,
  args: readonly string[],
  body: (servers: TestServer[]) => Promise<void>,
): Promise<void> {
  const servers: TestServer[] = [];
  try {
    for (let i = 0; i < count; i++) servers.push(await startServer({ args: [...ARGS, ...args] }));
    await body(servers);
  } catch (error) {
    const logs = servers.map((one) => one.log).join("\n----\n");
    throw new Error(`${(error as Error).message}\n${logs}`, { cause: error });
  } finally {
    for (const server of servers) await server.stop();
  }
}

const MODES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["straight", []],
  ["by files", ["--repl-diskless-sync", "no"]],
  ["beside the old data", ["--repl-diskless-load", "swapdb"]],
];

for (const [name, args] of MODES) {
  test(`a chain, a cut, a promotion; snapshots ${name}`, () =>
    withServers(3, args, async (servers) => {
      const [top, middle, bottom] = servers;
      await call(top, "DEBUG", "POPULATE", "20000", "key", "100");
      await call(middle, "SET", "old", "data");
      for (const [i, server] of [middle, bottom].entries()) {
        await call(server, "REPLICAOF", "127.0.0.1", String(servers[i].port));
        await until("the replica is up", () => isUp(server));
      }
      await call(top, "INCR", "n");
      assert.equal(await call(top, "WAIT", "1", "10000"), ":1\r\n");
      await assertSame(top, middle, bottom);
      await call(middle, "CLIENT", "KILL", "TYPE", "master");
      await call(top, "INCR", "n");
      await assertSame(top, middle, bottom);
      await call(middle, "REPLICAOF", "NO", "ONE");
      await call(middle, "SET", "new", "1");
      await call(top, "REPLICAOF", "127.0.0.1", String(middle.port));
      await until("the old primary follows", () => isUp(top));
      await assertSame(top, middle, bottom);
      assert.match(await call(top, "INFO", "stats"), /sync_full:1\r/);
      assert.match(await call(middle, "INFO", "stats"), /sync_partial_ok:[1-9]/);
    }));
}

test("a server that follows from its start, and says so in its file", async () => {
  const top = await startServer({ args: ARGS });
  const bottom = await startServer({
    args: [...ARGS, "--replicaof", `127.0.0.1 ${top.port}`],
  });
  try {
    await call(top, "SET", "a", "1");
    await until("the replica is up", () => isUp(bottom));
    await assertSame(top, bottom);
    assert.match(await call(bottom, "SET", "a", "2"), /^-READONLY/);
    assert.match(
      await call(bottom, "CONFIG", "GET", "replicaof"),
      new RegExp(`127.0.0.1 ${top.port}`),
    );
    assert.match(await call(top, "FAILOVER", "TIMEOUT", "10000"), /^\+OK/);
    await until(
      "they changed places",
      async () => (await call(bottom, "ROLE")).includes("master") && await isUp(top),
    );
    assert.equal(await call(bottom, "SET", "a", "3"), "+OK\r\n");
    await assertSame(top, bottom);
  } finally {
    await top.stop();
    await bottom.stop();
  }
});
