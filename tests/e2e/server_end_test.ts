// server_end_test.ts: how a server ends: signals, SHUTDOWN, its files.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../kit/server.ts";
import { encodeArgs } from "../kit/resp.ts";
import { openSocket } from "../kit/socket_transport.ts";
import { withFolder, withProgram } from "./server_kit.ts";

for (const name of ["SIGTERM", "SIGINT"] as const) {
  test(`${name} ends the server with code 0; the pid file is written and removed`, async () => {
    await withFolder(async (folder) => {
      const port = await freePort();
      const path = join(folder, "server.pid");
      const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
      await withProgram([...words, "--pidfile", path], async (server) => {
        assert.equal(readFileSync(path, "utf8"), `${server.pid}\n`);
        server.signal(name);
        assert.equal(await server.ended(), 0);
        assert.ok(!existsSync(path));
        const lines = [
          `Received ${name} scheduling shutdown\\.\\.\\.`,
          "\\* User requested shutdown\\.\\.\\.",
          "\\* Removing the pid file\\.",
          "# Valkey is now ready to exit, bye bye\\.\\.\\.\\n$",
        ];
        assert.match(server.stdout, new RegExp(lines.join("[^]*\\n.*")));
      }, { cwd: folder });
    });
  });
}

for (const words of [["SHUTDOWN", "NOSAVE"], ["SHUTDOWN"], ["SHUTDOWN", "NOW", "FORCE"]]) {
  test(`${words.join(" ")} hangs up without a reply and ends with code 0`, async () => {
    await withFolder(async (folder) => {
      const port = await freePort();
      const basics = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
      await withProgram(basics, async (server) => {
        const other = await openSocket("127.0.0.1", port);
        const connection = await openSocket("127.0.0.1", port);
        await connection.write(encodeArgs(words));
        assert.equal(await connection.untilClosed(10_000), "");
        assert.equal(await other.untilClosed(10_000), "");
        assert.equal(await server.ended(), 0);
        assert.match(server.stdout, /# Valkey is now ready to exit, bye bye\.\.\.\n$/);
      }, { cwd: folder });
    });
  });
}
