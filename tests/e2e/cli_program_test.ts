// The client as a program against the server under test, and against servers that misbehave.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { bytesOf, latin1 } from "../kit/resp.ts";
import { freePort, type TestServer, withServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import {
  clientUnderTest,
  clientVariables,
  type Outcome,
  runCli,
  type RunOptions,
} from "./cli_kit.ts";
import { fakeServer } from "./cli_fake_server.ts";

type Row = {
  args: string[];
  options?: RunOptions;
  stdout: string;
  stderr?: string;
  code?: number;
};

/** Runs rows in order against one server. */
async function expectRows(server: TestServer, rows: readonly Row[]): Promise<void> {
  for (const { args, options, stdout, stderr = "", code = 0 } of rows) {
    const outcome = await runCli(["-p", String(server.port), ...args], options);
    assert.deepEqual({ args, ...outcome }, { args, stdout, stderr, code });
  }
}

const TTY: RunOptions = { env: { FAKETTY: "1" } };

test("one command: output, errors, exit codes", () =>
  withServer({}, (server) =>
    expectRows(server, [
      { args: ["ping"], stdout: "PONG\n" },
      { args: ["set", "k", "v\n\t"], stdout: "OK\n" },
      { args: ["get", "k"], stdout: "v\n\t\n" },
      { args: ["get", "k"], options: TTY, stdout: '"v\\n\\t"\n' },
      { args: ["--csv", "get", "k"], stdout: '"v\\n\\t"\n' },
      { args: ["--json", "get", "k"], stdout: '"v\\n\\t"\n' },
      { args: ["-3", "--no-raw", "get", "missing"], stdout: "(nil)\n" },
      { args: ["strlen", "k"], options: TTY, stdout: "(integer) 3\n" },
      { args: ["mget", "k", "missing"], options: TTY, stdout: '1) "v\\n\\t"\n2) (nil)\n' },
      { args: ["-r", "2", "-D", ";", "echo", "x"], stdout: "x;x;" },
      { args: ["nosuch"], stdout: NOSUCH + "\n\n" },
      { args: ["-e", "nosuch"], stdout: "", stderr: NOSUCH + "\n", code: 1 },
      { args: ["--nosuch"], stdout: "", stderr: BAD_OPTION, code: 1 },
      { args: ["--quoted-input", "get", '"open'], stdout: "Invalid quoted string\n", code: 1 },
    ])));

const NOSUCH = "ERR unknown command 'nosuch', with args beginning with: ";
const BAD_OPTION = "Unrecognized option or bad number of args for: '--nosuch'\n";

test("arguments from standard input keep every byte", () =>
  withServer({}, async (server) => {
    const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
    await expectRows(server, [
      { args: ["-x", "set", "k"], options: { stdin: every }, stdout: "OK\n" },
      { args: ["-D", "", "get", "k"], stdout: every },
      { args: ["-X", "t", "set", "t", "v"], options: { stdin: "\xff" }, stdout: "OK\n" },
      { args: ["--quoted-input", "get", '"\\xff"'], stdout: "v\n" },
      { args: ["-x", "set", "k"], options: { stdin: "" }, stdout: "OK\n" },
      { args: ["get", "k"], stdout: "\n" },
    ]);
  }));

test("a large value goes in and out whole", () =>
  withServer({}, async (server) => {
    const size = 20 * 1024 * 1024;
    const value = "0123456789abcdef".repeat(size / 16);
    await expectRows(server, [{
      args: ["-x", "set", "k"],
      options: { stdin: value },
      stdout: "OK\n",
    }]);
    const { stdout, code } = await runCli(["-p", String(server.port), "get", "k"]);
    assert.deepEqual([stdout.length, stdout === value + "\n", code], [size + 1, true, 0]);
  }));

test("piped commands: every line is run, errors do not stop", () =>
  withServer({}, (server) =>
    expectRows(server, [
      {
        args: [],
        options: { stdin: "set a 1\r\nnosuch\nget a\n'open\n2 append a x\n\nget a" },
        stdout: `OK\n${NOSUCH}\n\n1\nInvalid argument(s)\n2\n3\n1xx\n`,
      },
      { args: ["-e"], options: { stdin: "nosuch\n" }, stdout: NOSUCH + "\n\n" },
      {
        args: [],
        options: { stdin: "multi\nset a 2\nexec\nselect 2\nget a\n", ...TTY },
        stdout: "OK\nQUEUED\n1) OK\nOK\n(nil)\n",
      },
      { args: [], options: { stdin: "quit\nping\n" }, stdout: "" },
      {
        args: [],
        options: { stdin: `set k ${"x".repeat(3_000_000)}\nstrlen k\n` },
        stdout: "OK\n3000000\n",
      },
    ])));

test("raw protocol from standard input", () =>
  withServer({}, async (server) => {
    let stdin = "";
    for (let index = 0; index < 5000; index++) {
      stdin += `*3\r\n$3\r\nSET\r\n$8\r\nkey:${String(index).padStart(4, "0")}\r\n$1\r\nx\r\n`;
    }
    const sent = "All data transferred. Waiting for the last reply...\n" +
      "Last reply received from server.\n";
    await expectRows(server, [
      { args: ["--pipe"], options: { stdin }, stdout: `${sent}errors: 0, replies: 5000\n` },
      {
        args: ["--pipe"],
        options: { stdin: "NOSUCH\r\nPING\r\n" },
        stdout: `${sent}errors: 1, replies: 2\n`,
        stderr: "ERR unknown command 'NOSUCH', with args beginning with: \n",
        code: 1,
      },
      { args: ["--scan", "--pattern", "key:499[8]", "--count", "999"], stdout: "key:4998\n" },
    ]);
    const scan = await runCli(["-p", String(server.port), "--scan", "--count", "500"]);
    assert.equal(new Set(scan.stdout.trimEnd().split("\n")).size, 5000);
  }));

test("a reader that goes away ends the client quietly", async () => {
  if (process.platform === "win32") return skipped("no SIGPIPE on this system");
  await withServer({}, async (server) => {
    let stdin = "";
    for (let index = 0; index < 3000; index++) stdin += `set key:${index} x\n`;
    await runCli(["-p", String(server.port)], { stdin });
    const words = [...clientUnderTest(), "-p", String(server.port), "--scan"];
    const outcome = await shell('"$@" | head -n 1 | wc -l', words);
    assert.deepEqual([outcome.stdout.trim(), outcome.stderr], ["1", ""]);
    const echo = [...clientUnderTest(), "-p", String(server.port), "-r", "-1", "echo", "x"];
    const forever = await shell('"$@" | head -n 3', echo);
    assert.deepEqual([forever.stdout, forever.stderr], ["x\nx\nx\n", ""]);
  });
});

test("arguments that are no UTF-8", async () => {
  if (process.platform !== "linux") return skipped("the system does not show raw arguments");
  await withServer({}, async (server) => {
    const words = [...clientUnderTest(), "-p", String(server.port), "echo"];
    const outcome = await shell('"$@" "$(printf "\\377\\376x")"', words);
    assert.deepEqual(outcome, { stdout: "\xff\xfex\n", stderr: "", code: 0 });
  });
});

/** Runs a line of shell with words as its arguments. */
function shell(line: string, words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", line, "sh", ...words], { env: clientVariables() });
    const outcome: Outcome = { stdout: "", stderr: "", code: null };
    child.stdout.on("data", (bytes: Uint8Array) => outcome.stdout += latin1(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => outcome.stderr += latin1(bytes));
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...outcome, code }));
    child.stdin.end();
  });
}

test("a script from a file, keys and arguments parted by a comma", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-eval-"));
  const heard: string[][] = [];
  const server = await fakeServer((words) => {
    heard.push(words);
    return "$2\r\nok\r\n";
  });
  try {
    const file = join(folder, "script.lua");
    writeFileSync(file, bytesOf("return '\xff'\n"));
    const at = ["-p", String(server.port), "--eval", file];
    assert.equal((await runCli([...at, "k1", "k2", ",", "a1", ","])).stdout, "ok\n");
    await runCli(at);
    await runCli([...at, ",", "a1"]);
    assert.deepEqual(heard, [
      ["EVAL", "return '\xff'\n", "2", "k1", "k2", "a1", ","],
      ["EVAL", "return '\xff'\n", "0"],
      ["EVAL", "return '\xff'\n", "0", "a1"],
    ]);
    const missing = await runCli(["-p", String(server.port), "--eval", join(folder, "no")]);
    assert.equal(
      missing.stderr,
      `Can't open file '${join(folder, "no")}': No such file or directory\n`,
    );
    assert.equal(missing.code, 1);
  } finally {
    rmSync(folder, { recursive: true });
    server.close();
  }
});

test("no server: the exit code depends on how the client is used", async () => {
  const port = String(await freePort());
  const refused = `Could not connect to Valkey at 127.0.0.1:${port}: Connection refused\n`;
  const run = (args: string[], stdin = "") => runCli(["-p", port, ...args], { stdin });
  assert.deepEqual(await run(["ping"]), { stdout: "", stderr: refused, code: 1 });
  assert.deepEqual(await run(["--scan"]), { stdout: "", stderr: refused, code: 1 });
  const piped = await run([], "ping\nping\n");
  assert.deepEqual(piped, { stdout: "", stderr: refused.repeat(3), code: 0 });
});

test("a server that ends in the middle of a reply", async () => {
  const server = await fakeServer(() => "$100\r\nhalf", { endAfter: 1 });
  try {
    const at = ["-p", String(server.port)];
    const once = await runCli([...at, "get", "k"]);
    assert.deepEqual(once, {
      stdout: "",
      stderr: "Error: Server closed the connection\n",
      code: 1,
    });
    const piped = await runCli(at, { stdin: "get a\nget b\n" });
    assert.equal(piped.stderr, "Error: Server closed the connection\n".repeat(2));
    assert.equal(piped.code, 0);
  } finally {
    server.close();
  }
});

test("a server that answers no protocol", async () => {
  const server = await fakeServer(() => "HTTP/1.1 400 Bad Request\r\n\r\n");
  try {
    const outcome = await runCli(["-p", String(server.port), "ping"]);
    assert.equal(outcome.stderr, 'Error: Protocol error, got "H" as reply type byte\n');
    assert.equal(outcome.code, 1);
  } finally {
    server.close();
  }
});

test("cluster mode follows MOVED and ASK", async () => {
  const target = await fakeServer((words) => words[0] === "ASKING" ? "+OK\r\n" : "+THERE\r\n");
  const asking: string[] = [];
  const source = await fakeServer((words) => {
    asking.push(words.join(" "));
    const how = words[1] === "moved" ? "MOVED" : "ASK";
    return `-${how} 12182 127.0.0.1:${target.port}\r\n`;
  });
  try {
    const at = ["-p", String(source.port)];
    for (const key of ["moved", "asked"]) {
      const outcome = await runCli([...at, "-c", "get", key]);
      assert.deepEqual(outcome, { stdout: "THERE\n", stderr: "", code: 0 });
      const without = await runCli([...at, "get", key]);
      assert.match(without.stdout, /^(MOVED|ASK) 12182/);
    }
    assert.deepEqual(target.heard, [["get", "moved"], ["ASKING"], ["get", "asked"]]);
    const piped = await runCli([...at, "-c"], { stdin: "get moved\nget other\n" });
    assert.equal(
      piped.stdout,
      `-> Redirected to slot [12182] located at 127.0.0.1:${target.port}\nTHERE\nTHERE\n`,
    );
  } finally {
    source.close();
    target.close();
  }
});

test("addresses: URI, Unix socket, variables", () =>
  withServer({ args: ["--unixsocket", "s.sock"] }, async (server) => {
    const rows: [string[], Record<string, string>][] = [
      [["-u", `valkey://127.0.0.1:${server.port}/0`], {}],
      [["-u", `redis://127.0.0.1:${server.port}`], {}],
      [["-h", "localhost", "-p", String(server.port)], {}],
      [["-4", "-p", String(server.port)], {}],
      [[], { VALKEYCLI_PORT: String(server.port), VALKEYCLI_HOST: "127.0.0.1" }],
    ];
    if (process.platform !== "win32") rows.push([["-s", join(server.dir, "s.sock")], {}]);
    for (const [args, env] of rows) {
      const outcome = await runCli([...args, "ping"], { env });
      assert.deepEqual(outcome, { stdout: "PONG\n", stderr: "", code: 0 });
    }
  }));

test("a server inside the program", async () => {
  const outcome = await runCli(["--embedded"], { stdin: "set k v\nget k\n" });
  assert.deepEqual(outcome, { stdout: "OK\nv\n", stderr: "", code: 0 });
});

test("help and version", async () => {
  const version = await runCli(["--version"]);
  assert.match(version.stdout, /^valkey-cli \d+\.\d+\.\d+ \(sigrun \d+\.\d+\.\d+\)\n$/);
  assert.equal(version.code, 0);
  for (const args of [["-h"], ["--help"]]) {
    const { stdout, stderr, code } = await runCli(args);
    assert.match(stdout, /Usage: valkey-cli/);
    assert.deepEqual([stderr, code], ["", 0]);
  }
  const offline = await runCli(["-p", "1", "help", "get"]);
  assert.match(offline.stdout, /^\r\n {2}GET key\r\n {2}summary: .+\r\n {2}since: 1.0.0\r\n/);
  assert.deepEqual([offline.stderr, offline.code], ["", 0]);
});

test("hints: from the server, and without one", () =>
  withServer({}, async (server) => {
    const folder = mkdtempSync(join(tmpdir(), "sigrun-hints-"));
    try {
      const file = join(folder, "suite.txt");
      writeFileSync(file, '# a comment\n"GET " "key"\n"GET a " ""\n\n"MGET a " "[key ...]"\n');
      for (const port of [server.port, await freePort()]) {
        const outcome = await runCli(["-p", String(port), "--test_hint_file", file]);
        assert.deepEqual(outcome, { stdout: "SUCCESS: 3/3 passed\n", stderr: "", code: 0 });
      }
      writeFileSync(file, '"GET " "something"\n');
      const wrong = await runCli(["-p", String(server.port), "--test_hint_file", file]);
      assert.deepEqual([wrong.stdout, wrong.code], ["FAILURE: 0/1 passed\n", 1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }));

test("subscribed mode on standard input", async () => {
  const reply = (kind: string, channel: string, count: number) =>
    `*3\r\n$${kind.length}\r\n${kind}\r\n$1\r\n${channel}\r\n:${count}\r\n`;
  const answers: Record<string, string> = {
    "subscribe a b": reply("subscribe", "a", 1) + reply("subscribe", "b", 2),
    "get k": "-ERR not here\r\n",
    "unsubscribe a": reply("unsubscribe", "a", 1),
    "unsubscribe": reply("unsubscribe", "b", 0),
  };
  const server = await fakeServer((words) => answers[words.join(" ")] ?? "+PONG\r\n");
  const waiting = "Reading messages... (press Ctrl-C to quit or any key to type command)\r\x1b[K";
  const stdin = "subscribe a b\nget k\nunsubscribe a\nunsubscribe\nping\n";
  try {
    const outcome = await runCli(["-p", String(server.port)], { stdin, ...TTY });
    assert.equal(
      outcome.stdout,
      '1) "subscribe"\n2) "a"\n3) (integer) 1\n1) "subscribe"\n2) "b"\n3) (integer) 2\n' +
        waiting + "(error) ERR not here\n" + waiting +
        '1) "unsubscribe"\n2) "a"\n3) (integer) 1\n' + waiting +
        '1) "unsubscribe"\n2) "b"\n3) (integer) 0\nPONG\n',
    );
    const raw = await runCli(["-p", String(server.port)], {
      stdin: "subscribe a b\nunsubscribe a\n",
    });
    assert.equal(raw.stdout, "subscribe\na\n1\nsubscribe\nb\n2\nunsubscribe\na\n1\n");
  } finally {
    server.close();
  }
});
