// MIGRATE between two servers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArgs, flatten, splitWords } from "../kit/resp.ts";
import { type TestServer, withServer } from "../kit/server.ts";
import type { Connection } from "../kit/transport.ts";

const REPLY_MS = 20_000;

async function ask(connection: Connection, line: string): Promise<string> {
  await connection.write(encodeArgs(splitWords(line)));
  return flatten(await connection.frame(REPLY_MS));
}

/** Runs a body with a connection to each of two servers and the start of a MIGRATE to the second. */
async function withTwo(
  body: (here: Connection, there: Connection, migrate: string, second: TestServer) => Promise<void>,
): Promise<void> {
  const args = ["--enable-debug-command", "yes"];
  await withServer({ args }, (first) =>
    withServer({ args }, async (second) => {
      const here = await first.connect();
      const there = await second.connect();
      try {
        await body(here, there, `MIGRATE ${second.host} ${second.port}`, second);
      } finally {
        here.close();
        there.close();
      }
    }));
}

test("values of all types arrive as they were, large ones too", async () => {
  await withTwo(async (here, there, migrate) => {
    await ask(here, "DEBUG POPULATE 2000 key 2000");
    for (let i = 0; i < 300; i++) {
      await ask(here, `RPUSH list ${"x".repeat(2000)} ${i}`);
      await ask(here, `ZADD zset ${i} m${i}`);
      await ask(here, `HSET hash f${i} v${i}`);
      await ask(here, `XADD stream * f v${i}`);
      await ask(here, `SADD set m${i}`);
    }
    const keys = ["list", "zset", "hash", "stream", "set", "key:7"];
    const digests = [];
    for (const key of keys) digests.push(await ask(here, `DEBUG DIGEST-VALUE ${key}`));
    assert.equal(await ask(here, `${migrate} "" 0 5000 KEYS ${keys.join(" ")}`), "+OK");
    assert.equal(await ask(here, `EXISTS ${keys.join(" ")}`), ":0");
    for (const [i, key] of keys.entries()) {
      assert.equal(await ask(there, `DEBUG DIGEST-VALUE ${key}`), digests[i]);
    }
    const rest = Array.from({ length: 2000 }, (_, i) => `key:${i}`).join(" ");
    assert.equal(await ask(here, `${migrate} "" 0 5000 KEYS ${rest}`), "+OK");
    assert.equal(await ask(here, "DBSIZE"), ":0");
    assert.equal(await ask(there, "DBSIZE"), ":2005");
  });
});

test("a target that sleeps is waited for no longer than said; others wait meanwhile", async () => {
  await withTwo(async (here, there, migrate) => {
    await ask(here, "SET a 1");
    await there.write(encodeArgs(["DEBUG", "SLEEP", "1.5"]));
    await new Promise((done) => setTimeout(done, 100));
    const start = Date.now();
    assert.equal(
      await ask(here, `${migrate} a 0 300`),
      "-IOERR error or timeout reading to target instance",
    );
    assert.ok(Date.now() - start < 1200);
    assert.equal(await ask(here, "GET a"), "$1 1");
    assert.match(await ask(here, "INFO stats"), /migrate_cached_sockets:0/);
  });
});

test("a kept connection that the target closed is replaced", async () => {
  await withTwo(async (here, there, migrate, second) => {
    for (const key of ["a", "b", "c"]) await ask(here, `SET ${key} 1`);
    assert.equal(await ask(here, `${migrate} a 3 5000`), "+OK");
    assert.match(await ask(here, "INFO stats"), /migrate_cached_sockets:1/);
    await ask(there, "CLIENT KILL TYPE normal SKIPME yes");
    assert.equal(await ask(here, `${migrate} b 3 5000`), "+OK");
    await ask(here, "MULTI");
    await ask(here, `${migrate} c 4 5000`);
    await ask(here, "DBSIZE");
    assert.equal(await ask(here, "EXEC"), "*2 +OK :0");
    assert.match(await ask(there, "INFO keyspace"), /db3:keys=2.*db4:keys=1/);
    await second.stop();
    await ask(here, "SET d 1");
    assert.match(await ask(here, `${migrate} d 0 500`), /^-IOERR error or timeout writing/);
  });
});

test("a server that migrates to itself gets no answer", async () => {
  await withServer({}, async (server) => {
    const connection = await server.connect();
    await ask(connection, "SET a 1");
    assert.match(
      await ask(connection, `MIGRATE ${server.host} ${server.port} a 1 200`),
      /^-IOERR error or timeout reading/,
    );
    assert.equal(await ask(connection, "GET a"), "$1 1");
    connection.close();
  });
});
