// The client as a replica: snapshots to a file and to standard output, the stream of commands, what can go wrong.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { latin1 } from "../kit/resp.ts";
import { programUnderTest, startServer } from "../kit/server.ts";
import { makeFiles } from "../kit/tool_io.ts";
import { fakeServer } from "./cli_fake_server.ts";
import { runCli } from "./cli_kit.ts";
import { runToEnd } from "./server_kit.ts";

const MARK = "0123456789abcdef0123456789abcdef01234567";
const COMMAND = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na"b\r\n';

interface Ran {
  stdout: string;
  stderr: string;
  code: number | null;
  heard: string[];
}

/** Runs the client against a fake that answers SYNC so and +OK to all else, and leaves after `commands`. */
async function against(
  sync: string,
  args: string[],
  commands = 3,
  other = "+OK\r\n",
): Promise<Ran> {
  const fake = await fakeServer(
    ([word]) => word === "SYNC" ? sync : other,
    { endAfter: commands },
  );
  const outcome = await runCli(["-p", String(fake.port), ...args]);
  fake.close();
  return { ...outcome, heard: fake.heard.map((words) => words.join(" ")) };
}

const SENT: readonly [name: string, sync: string, said: RegExp][] = [
  ["a length in front", "\n\n$12\r\nSNAPSHOT\r\n\0\xff", /writing 12 bytes to .*\n.*success\.\n$/],
  [
    "a mark behind",
    `\n$EOF:${MARK}\r\nSNAPSHOT\r\n\0\xff${MARK}`,
    /until EOF .*\n.*after 12 bytes\n$/,
  ],
];

for (const [name, sync, said] of SENT) {
  test(`cli --rdb: ${name}`, async () => {
    const folder = makeFiles({ "a.rdb": "what was there before, and longer" });
    try {
      const file = join(folder, "a.rdb");
      const kept = await against(sync, ["--rdb", file]);
      assert.equal(kept.code, 0, kept.stderr);
      assert.match(kept.stderr, said);
      assert.deepEqual(kept.heard, ["REPLCONF capa eof", "REPLCONF rdb-only 1", "SYNC"]);
      assert.equal(latin1(new Uint8Array(readFileSync(file))), "SNAPSHOT\r\n\0\xff");
      const shown = await against(sync, ["--rdb", "-"]);
      assert.deepEqual([shown.code, shown.stdout], [0, "SNAPSHOT\r\n\0\xff"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const FAILURES: readonly [name: string, sync: string, said: RegExp][] = [
  ["an error", "-NOPERM no\r\n", /^SYNC with primary failed: -NOPERM no\n$/m],
  ["no answer", "", /^Error reading bulk length while SYNCing\n$/m],
  ["the end in the middle", "$12\r\nSNAP", /^I\/O Error reading RDB payload from socket\n$/m],
  ["the end before the mark", `$EOF:${MARK}\r\nSNAP${MARK.slice(1)}`, /^I\/O Error reading RDB/m],
  ["nonsense", "+what\r\n", /^SYNC with primary failed/m],
];

for (const [name, sync, said] of FAILURES) {
  test(`cli --rdb ends with 1: ${name}`, async () => {
    const { code, stderr, stdout } = await against(sync, ["--rdb", "-"]);
    assert.match(stderr, said);
    assert.equal(code, 1);
    assert.ok(!stdout.includes("012"), "no byte of the mark");
  });
}

test("cli --rdb: a file that cannot be made", async () => {
  const { code, stderr } = await against("$1\r\nx", ["--rdb", "/nowhere/a.rdb"]);
  assert.match(stderr, /^Error opening '\/nowhere\/a.rdb': No such file or directory\n$/m);
  assert.equal(code, 1);
});

test("cli --functions-rdb asks for functions, and gives up when refused", async () => {
  const sent = await against("$1\r\nx", ["--functions-rdb", "-"], 4);
  assert.deepEqual([sent.code, sent.stdout], [0, "x"]);
  assert.equal(sent.heard[2], "REPLCONF rdb-filter-only functions");
  const refused = await against("$1\r\nx", ["--functions-rdb", "-"], 3, "-ERR what\r\n");
  assert.match(refused.stderr, /^REPLCONF capa error: ERR what\n/m);
  assert.match(refused.stderr, /^Failed requesting functions only RDB from server, aborting\n$/m);
  assert.equal(refused.code, 1);
});

test("cli --replica prints what follows the snapshot", async () => {
  const { code, stdout, stderr } = await against(`$3\r\nRDB${COMMAND}${COMMAND}`, ["--replica"]);
  assert.equal(stdout, '"SET","k","a\\"b"\n"SET","k","a\\"b"\n');
  assert.match(
    stderr,
    /discarding 3 bytes of bulk transfer...\nFull resync done. Logging commands/,
  );
  assert.equal(code, 1); // the fake has left
  const marked = await against(`$EOF:${MARK}\r\nRDB${MARK}`, ["--replica"], 4, COMMAND);
  assert.match(marked.stderr, /Full resync done after 43 bytes\..*\nsending REPLCONF ACK 0\n/);
  assert.equal(marked.stdout, '"SET","k","a\\"b"\n');
});

test("cli SYNC and PSYNC as commands", async () => {
  const follow = async (answer: string, words: string[]) => {
    const fake = await fakeServer(() => answer, { endAfter: 1 });
    const outcome = await runCli(["-p", String(fake.port), ...words]);
    fake.close();
    return outcome;
  };
  const entering = "Entering replica output mode...  (press Ctrl-C to quit)\n";
  const line = '"SET","k","a\\"b"\n';
  const sync = await follow(`$3\r\nRDB${COMMAND}`, ["SYNC"]);
  assert.deepEqual([sync.code, sync.stdout], [1, entering + line]);
  const full = await follow(`+FULLRESYNC abc 1\r\n$3\r\nRDB${COMMAND}`, ["psync", "?", "-1"]);
  assert.equal(full.stdout, entering + line);
  assert.match(
    full.stderr,
    /^PSYNC replied \+FULLRESYNC abc 1\nFull resync with primary, discarding 3/,
  );
  const partial = await follow(`+CONTINUE\r\n${COMMAND}`, ["PSYNC", "abc", "1"]);
  assert.equal(partial.stdout, entering + line);
  assert.match(partial.stderr, /Partial resync with primary...\nPartial resync done. Logging/);
  const refused = await follow("-ERR no\r\n", ["PSYNC", "abc", "1"]);
  assert.match(refused.stderr, /^SYNC with primary failed: -ERR no\n/);
  assert.equal(refused.code, 1);
});

test("cli --rdb from this server, checked with check-rdb", async () => {
  const server = await startServer();
  const folder = makeFiles({});
  try {
    const port = ["-p", String(server.port)];
    await runCli([...port, "SET", "a", "1"]);
    await runCli([...port, "RPUSH", "l", "x", "y"]);
    const file = join(folder, "dump.rdb");
    assert.equal((await runCli([...port, "--rdb", file])).code, 0);
    const checked = await runToEnd(["check-rdb", file], { program: programUnderTest() });
    assert.match(checked.stdout, /RDB looks OK! \\o\/\n\[info\] 2 keys read/);
  } finally {
    rmSync(folder, { recursive: true });
    await server.stop();
  }
});
