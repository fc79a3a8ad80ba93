// server_loading_test.ts: a real server answers while it loads, and ends when it is told to.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../kit/server.ts";
import { ask, Program, waitFor, withFolder, withProgram } from "./server_kit.ts";

const SLOW = ["--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024"];

/** Runs a body with a folder in which a server saved 20,000 keys. */
async function withSnapshot(body: (folder: string, words: string[]) => Promise<void>) {
  await withFolder(async (folder) => {
    const port = await freePort();
    const words = ["--port", String(port), "--bind", "127.0.0.1", "--enable-debug-command", "yes"];
    await withProgram(words, async () => {
      await ask(port, "DEBUG", "POPULATE", "20000", "key", "100");
      assert.equal(await ask(port, "SAVE"), "+OK\r\n");
    }, { cwd: folder });
    await body(folder, words);
  });
}

test("a server that loads answers at once, and has everything in the end", async () => {
  await withSnapshot(async (folder, words) => {
    const port = Number(words[1]);
    const server = new Program([...words, ...SLOW], { cwd: folder });
    try {
      await server.logs(/Server initialized/);
      assert.doesNotMatch(server.stdout, /Ready to accept connections/);
      assert.match(await ask(port, "PING"), /^-LOADING /);
      assert.match(await ask(port, "INFO", "persistence"), /\r\nloading:1\r\n/);
      assert.match(await ask(port, "CONFIG", "SET", "dir", "/"), /^-LOADING|^-ERR/);
      assert.equal(await ask(port, "CONFIG", "SET", "key-load-delay", "0"), "+OK\r\n");
      await server.ready();
      assert.equal(await ask(port, "DBSIZE"), ":20000\r\n");
    } finally {
      await server.stop();
    }
  });
});

for (const how of ["SIGTERM", "SHUTDOWN"]) {
  test(`${how} ends a server that loads; the file stays as it was`, async () => {
    await withSnapshot(async (folder, words) => {
      const path = join(folder, "dump.rdb");
      const before = statSync(path).mtimeMs;
      const server = new Program([...words, ...SLOW, "--save", "1 0"], { cwd: folder });
      try {
        await server.logs(/Server initialized/);
        if (how === "SIGTERM") server.signal("SIGTERM");
        else await ask(Number(words[1]), "SHUTDOWN", "SAVE").catch(() => "");
        assert.equal(await server.ended(), 0);
        if (how === "SIGTERM") {
          assert.match(server.stdout, /Received shutdown signal during loading, scheduling/);
        }
        assert.equal(statSync(path).mtimeMs, before);
      } finally {
        await server.stop();
      }
    });
  });
}

test("a file that is found damaged while clients are served ends the server", async () => {
  await withSnapshot(async (folder, words) => {
    const path = join(folder, "dump.rdb");
    writeFileSync(path, readFileSync(path).subarray(0, -100));
    const pid = join(folder, "server.pid");
    const server = new Program([...words, "--pidfile", pid], { cwd: folder });
    try {
      assert.equal(await server.ended(), 1);
      assert.match(server.stdout, /Error reading the snapshot dump\.rdb at offset \d+/);
      await waitFor(
        () => statSync(pid, { throwIfNoEntry: false }) === undefined,
        () => "no pid file",
      );
    } finally {
      await server.stop();
    }
  });
});
