// server_lock_test.ts: two servers cannot keep their data in one directory.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { freePort } from "../kit/server.ts";
import { ask, runToEnd, withFolder, withProgram } from "./server_kit.ts";

const SAVES = ["--save", "3600 1"];
const options = process.platform === "win32" ? { skip: "this system has no such lock" } : {};

async function wordsWith(...more: string[]): Promise<{ port: number; words: string[] }> {
  const port = await freePort();
  const words = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--enable-protected-configs",
    "yes",
  ];
  return { port, words: [...words, ...more] };
}

for (const more of [SAVES, ["--appendonly", "yes", "--save", ""]]) {
  test(
    `a second server with ${more.join(" ")} does not start where one runs`,
    options,
    async () => {
      await withFolder(async (cwd) => {
        const first = await wordsWith(...SAVES);
        await withProgram(first.words, async (server) => {
          const second = await runToEnd((await wordsWith(...more)).words, { cwd });
          assert.equal(second.ending, 1);
          const by = process.platform === "linux" ? ` \\(process ${server.pid}\\)` : "";
          const words =
            `# Another server${by} keeps its data in .*: each needs a directory of its own`;
          assert.match(second.stdout, new RegExp(words));
          assert.equal(await ask(first.port, "PING"), "+PONG\r\n");
        }, { cwd });
      });
    },
  );
}

test("who keeps nothing may start there, and save nothing", options, async () => {
  await withFolder(async (cwd) => {
    const first = await wordsWith(...SAVES);
    const second = await wordsWith("--save", "");
    await withProgram(first.words, async () => {
      await withProgram(second.words, async () => {
        const { port } = second;
        assert.match(await ask(port, "SAVE"), /^-ERR Another server .*keeps its data in /);
        assert.match(await ask(port, "BGSAVE"), /^-ERR Another server .*keeps its data in /);
        assert.match(await ask(port, "CONFIG", "SET", "save", "1 1"), /^-ERR CONFIG SET.*Another/);
        assert.match(
          await ask(port, "CONFIG", "SET", "appendonly", "yes"),
          /^-ERR CONFIG.*Another/,
        );
        assert.match(await ask(port, "CONFIG", "GET", "save"), /\$0\r\n\r\n$/);
        assert.match(await ask(port, "CONFIG", "GET", "appendonly"), /\$2\r\nno\r\n$/);
      }, { cwd });
    }, { cwd });
  });
});

test("CONFIG SET dir leaves one directory and claims the other", options, async () => {
  await withFolder(async (cwd) => {
    const other = join(cwd, "other");
    mkdirSync(other);
    const first = await wordsWith(...SAVES);
    const second = await wordsWith(...SAVES);
    await withProgram(first.words, async () => {
      await withProgram(second.words, async () => {
        assert.match(await ask(first.port, "CONFIG", "SET", "dir", other), /^-ERR CONFIG.*Another/);
        assert.match(await ask(first.port, "CONFIG", "GET", "dir"), new RegExp(`${cwd}\\r\\n$`));
      }, { cwd: other });
      assert.equal(await ask(first.port, "CONFIG", "SET", "dir", other), "+OK\r\n");
      const late = await runToEnd(second.words, { cwd: other });
      assert.equal(late.ending, 1);
      await withProgram(second.words, async () => {}, { cwd });
    }, { cwd });
  });
});

test("what a killed server leaves behind does not stand in the way", options, async () => {
  await withFolder(async (cwd) => {
    const { words } = await wordsWith(...SAVES);
    await withProgram(words, async (server) => {
      server.signal("SIGKILL");
      await server.ended();
    }, { cwd });
    await withProgram(words, async () => {}, { cwd });
  });
});

test(
  "what was begun in one directory stays there when the server goes to another",
  options,
  async () => {
    await withFolder(async (cwd) => {
      const other = join(cwd, "other");
      mkdirSync(other);
      const { port, words } = await wordsWith("--appendonly", "yes", "--save", "");
      const delay = ["--rdb-key-save-delay", "300"];
      await withProgram([...words, ...delay, "--enable-debug-command", "yes"], async (server) => {
        await ask(port, "DEBUG", "POPULATE", "1000");
        await ask(port, "SET", "first", "1");
        assert.match(await ask(port, "BGREWRITEAOF"), /started/);
        assert.equal(await ask(port, "CONFIG", "SET", "dir", other), "+OK\r\n");
        assert.match(server.stdout, /The append-only file stays in the directory it is in/);
        await server.logs(/Background AOF rewrite finished successfully/);
        await ask(port, "SET", "second", "1");
        assert.match(await ask(port, "BGREWRITEAOF"), /started/);
        await ask(port, "SET", "third", "1");
        server.signal("SIGKILL");
        await server.ended();
      }, { cwd });
      assert.deepEqual(readdirSync(other), []);
      await withProgram(words, async () => {
        assert.equal(await ask(port, "EXISTS", "first", "second", "third"), ":3\r\n");
        assert.equal(await ask(port, "CONFIG", "SET", "dir", other), "+OK\r\n");
        await ask(port, "CONFIG", "SET", "appendonly", "no");
        await ask(port, "CONFIG", "SET", "appendonly", "yes");
        assert.ok(readdirSync(other).includes("appendonlydir"));
      }, { cwd });
    });
  },
);

test("a background save ends in the directory it was begun in", options, async () => {
  await withFolder(async (cwd) => {
    const other = join(cwd, "other");
    mkdirSync(other);
    const { port, words } = await wordsWith("--save", "", "--rdb-key-save-delay", "300");
    await withProgram([...words, "--enable-debug-command", "yes"], async (server) => {
      await ask(port, "DEBUG", "POPULATE", "1000");
      assert.match(await ask(port, "BGSAVE"), /started/);
      assert.equal(await ask(port, "CONFIG", "SET", "dir", other), "+OK\r\n");
      await server.logs(/Background saving terminated with success/);
      assert.deepEqual(readdirSync(other), []);
      assert.ok(readdirSync(cwd).includes("dump.rdb"));
    }, { cwd });
  });
});
