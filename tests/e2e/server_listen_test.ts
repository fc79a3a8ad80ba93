// server_listen_test.ts: where a server listens: addresses of both families, Unix sockets, changes at
// run time; and what it says when an address cannot be had.

import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { freePort } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import { openSocket } from "../kit/socket_transport.ts";
import {
  ask,
  askAt,
  askUnix,
  canListen,
  gone,
  outsideAddress,
  type Program,
  referenceServer,
  runToEnd,
  waitFor,
  withFolder,
  withProgram,
} from "./server_kit.ts";

const PONG = "+PONG\r\n";

/** Runs a body with a server on a free port, with further words. */
async function serving(
  words: readonly string[],
  body: (port: number, server: Program, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const port = await freePort();
    const all = ["--port", String(port), "--save", "", ...words];
    await withProgram(all, (server) => body(port, server, folder), { cwd: folder });
  });
}

/** Waits until nobody listens at an address any more: Deno gives one up a moment after it is asked to. */
async function refuses(host: string, port: number): Promise<void> {
  const isRefused = async () => {
    try {
      (await openSocket(host, port)).close();
      return false;
    } catch {
      return true; // what is waited for
    }
  };
  await waitFor(isRefused, () => `${host}:${port} to be given up`);
}

test("several addresses of IPv4", async () => {
  await serving(["--bind", "127.0.0.1", "127.0.0.2"], async (port) => {
    assert.equal(await askAt("127.0.0.1", port, "PING"), PONG);
    assert.equal(await askAt("127.0.0.2", port, "PING"), PONG);
    await refuses("127.0.0.3", port);
  });
});

test("IPv4 and IPv6", async () => {
  if (!await canListen("::1")) return skipped("no IPv6 on this machine");
  await serving(["--bind", "127.0.0.1", "::1"], async (port) => {
    assert.equal(await askAt("127.0.0.1", port, "PING"), PONG);
    assert.equal(await askAt("::1", port, "PING"), PONG);
    assert.match(await askAt("::1", port, "CLIENT", "INFO"), /addr=\[::1\]:\d+ laddr=\[::1\]:/);
  });
  await serving([], async (port) => {
    assert.equal(await askAt("127.0.0.1", port, "PING"), PONG);
    assert.equal(await askAt("::1", port, "PING"), PONG);
    assert.match(await ask(port, "CLIENT", "INFO"), /addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:/);
  });
});

test("an address with a minus may be missing", async () => {
  await serving(["--bind", "127.0.0.1", "-192.0.2.77"], async (port) => {
    assert.equal(await ask(port, "PING"), PONG);
  });
});

/** Lines of a log without time, and without what only one of the servers says. */
function complaints(server: Program): string[] {
  return server.stdout.split("\n").filter((line) => / # (Warning: |Failed )/.test(line))
    .map((line) => line.slice(line.indexOf("#")));
}

test("an address that cannot be had is named with the reason; exit code 1", async () => {
  await withFolder(async (folder) => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, "127.0.0.1", done));
    const address = blocker.address();
    const taken = String(address !== null && typeof address === "object" ? address.port : 0);
    const free = String(await freePort());
    const socket = ["--port", "0", "--unixsocket", "/nonexistent/x.sock"];
    const rows: [words: string[], lines: string[]][] = [
      [["--port", taken, "--bind", "127.0.0.1"], [
        `# Warning: Could not create server TCP listening socket 127.0.0.1:${taken}: bind: Address already in use`,
        `# Failed listening on port ${taken} (tcp), aborting.`,
      ]],
      [["--port", free, "--bind", "127.0.0.1", "192.0.2.77"], [
        `# Warning: Could not create server TCP listening socket 192.0.2.77:${free}: bind: Cannot assign requested address`,
        `# Failed listening on port ${free} (tcp), aborting.`,
      ]],
      [socket, ["# Failed opening Unix socket: bind: No such file or directory"]],
    ];
    const reference = referenceServer();
    try {
      for (const [words, lines] of rows) {
        const ours = await runToEnd(words, { cwd: folder });
        assert.deepEqual([ours.ending, complaints(ours)], [1, lines]);
        if (reference === undefined) continue;
        const theirs = await runToEnd(words, { cwd: folder, program: [reference] });
        assert.deepEqual([theirs.ending, complaints(theirs)], [1, lines]);
      }
    } finally {
      blocker.close();
    }
  });
});

test("Unix socket: permissions, a file left behind, removed at the end", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "s.sock");
    writeFileSync(path, "left behind");
    const words = ["--port", "0", "--unixsocket", path, "--unixsocketperm", "700", "--save", ""];
    await withProgram(words, async (server) => {
      assert.ok(statSync(path).isSocket());
      assert.equal(statSync(path).mode & 0o777, 0o700);
      assert.equal(await askUnix(path, "PING"), PONG);
      const client = await askUnix(path, "CLIENT", "INFO");
      assert.ok(client.includes(` addr=${path}:0 laddr=${path}:0 `), client);
      assert.match(server.stdout, /Ready to accept connections unix/);
      assert.doesNotMatch(server.stdout, /Ready to accept connections tcp/);
      server.signal("SIGTERM");
      assert.equal(await server.ended(), 0);
      await gone(path);
      assert.match(server.stdout, /\* Removing the unix socket file\./);
    }, { cwd: folder });
  });
});

test("Unix socket: its group", { skip: process.platform === "win32" }, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "s.sock");
    const words = ["--port", "0", "--unixsocket", path, "--save", ""];
    const own = String(process.getgid?.() ?? 0);
    await withProgram([...words, "--unixsocketgroup", own], async (server) => {
      assert.equal(String(statSync(path).gid), own);
      assert.equal(await askUnix(path, "PING"), PONG);
      assert.equal(
        await askUnix(path, "CONFIG", "GET", "unixsocketgroup"),
        `*2\r\n$15\r\nunixsocketgroup\r\n$${own.length}\r\n${own}\r\n`,
      );
      server.signal("SIGTERM");
      assert.equal(await server.ended(), 0);
    }, { cwd: folder });
    const ended = await runToEnd([...words, "--unixsocketgroup", "no such group"], { cwd: folder });
    assert.equal(ended.ending, 1);
    assert.deepEqual(complaints(ended), [
      "# Failed opening Unix socket: there is no group 'no such group'",
    ]);
  });
});

test("CONFIG SET port and bind at run time", async () => {
  await serving(["--bind", "127.0.0.1"], async (port) => {
    const kept = await openSocket("127.0.0.1", port);
    const next = await freePort();
    assert.equal(await ask(port, "CONFIG", "SET", "port", String(next)), "+OK\r\n");
    await refuses("127.0.0.1", port);
    assert.equal(await ask(next, "PING"), PONG);
    await kept.write("PING\r\n");
    assert.equal(await kept.frame(5000), PONG);
    kept.close();
    assert.equal(await ask(next, "CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2"), "+OK\r\n");
    assert.equal(await askAt("127.0.0.2", next, "PING"), PONG);
    const refused = await ask(next, "CONFIG", "SET", "bind", "192.0.2.77");
    assert.equal(
      refused,
      "-ERR CONFIG SET failed (possibly related to argument 'bind') - " +
        "Failed to bind to specified addresses.\r\n",
    );
    assert.equal(await askAt("127.0.0.2", next, "PING"), PONG);
    assert.equal(await ask(next, "CONFIG", "SET", "bind", "127.0.0.1"), "+OK\r\n");
    await refuses("127.0.0.2", next);
    assert.equal(await ask(next, "PING"), PONG);
  });
});

test("protected mode: only this machine is served while there is no password", async () => {
  const outside = outsideAddress();
  if (outside === undefined) return skipped("no address but loopback");
  await serving(["--bind", outside, "127.0.0.1", "127.0.0.2"], async (port) => {
    const stranger = await openSocket(outside, port);
    assert.match(await stranger.untilClosed(5000), /^-DENIED .*protected mode.*\r\n$/);
    assert.equal(await askAt("127.0.0.2", port, "PING"), PONG);
    assert.equal(await ask(port, "CONFIG", "SET", "requirepass", "x"), "+OK\r\n");
    const known = await openSocket(outside, port);
    await known.write("AUTH x\r\nPING\r\nCONFIG SET requirepass ''\r\n");
    for (const reply of ["+OK\r\n", PONG, "+OK\r\n"]) assert.equal(await known.frame(5000), reply);
    known.close();
    assert.equal(await ask(port, "CONFIG", "SET", "protected-mode", "no"), "+OK\r\n");
    assert.equal(await askAt(outside, port, "PING"), PONG);
  });
});
