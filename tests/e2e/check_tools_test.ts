// check-rdb and check-aof as programs: exit codes, output, the question of --fix.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programUnderTest } from "../kit/server.ts";
import { makeFiles } from "../kit/tool_io.ts";
import { runToEnd } from "./server_kit.ts";

const SET = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
const program = programUnderTest();

test("check-rdb and check-aof: exit codes, output, the question", async () => {
  const folder = makeFiles({ rdb: "VALKEY080\xff\0\0\0\0\0\0\0\0", aof: SET + "*" });
  try {
    const aof = join(folder, "aof");
    const sound = await runToEnd(["check-rdb", join(folder, "rdb")], { program });
    assert.match(sound.stdout, /RDB looks OK! \\o\/\n\[info\] 0 keys read/);
    assert.equal(sound.ending, 0);
    const damaged = await runToEnd(["check-aof", aof], { program });
    assert.match(damaged.stdout, /ok_up_to=27, ok_up_to_line=8, diff=1/);
    assert.equal(damaged.ending, 1);
    const kept = await runToEnd(["check-aof", "--fix", aof], { program });
    assert.match(kept.stdout, /Continue\? \[y\/N\]: Aborting...\n$/);
    assert.equal(kept.ending, 1);
    const fixed = await runToEnd(["check-aof", "--fix", aof], { program, stdin: "y\n" });
    assert.match(fixed.stdout, /Continue\? \[y\/N\]: Successfully truncated AOF/);
    assert.deepEqual([fixed.ending, readFileSync(aof, "latin1")], [0, SET]);
    const usage = await runToEnd(["check-rdb"], { program });
    assert.match(usage.stderr, /^Usage: sigrun check-rdb </);
    assert.equal(usage.ending, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
