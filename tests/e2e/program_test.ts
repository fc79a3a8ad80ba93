// The program as a whole: each of its parts is there, wherever it is called from.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { programUnderTest } from "../kit/server.ts";
import { makeFiles } from "../kit/tool_io.ts";
import { runToEnd } from "./server_kit.ts";

const program = programUnderTest();

const CALLS: readonly (readonly [args: string[], stdout: RegExp])[] = [
  [["cli", "--embedded", "PING"], /^PONG\n$/],
  [["check-rdb", "--version"], /^valkey-check-rdb v=/],
  [["check-aof", "--version"], /^valkey-check-aof v=/],
  [["serve", "--version"], /^Valkey server v=/],
  [["version"], /^sigrun /],
];

test("every part runs from a folder that holds nothing of the project", async () => {
  const cwd = makeFiles({});
  try {
    for (const [args, stdout] of CALLS) {
      const ended = await runToEnd(args, { program, cwd });
      assert.match(ended.stdout, stdout, ended.stderr);
      assert.equal(ended.ending, 0, args.join(" "));
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
