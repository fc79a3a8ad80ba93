// The client on a real pseudo-terminal: what a person at the keyboard sees.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type TestServer, withServer } from "../kit/server.ts";
import { skipped } from "../kit/shared.ts";
import { plainText, ptyMissing, type PtyRun, type PtyStep, runOnPty } from "./cli_pty.ts";
import { fakeServer } from "./cli_fake_server.ts";

const missing = ptyMissing();

const CTRL_C = "\x03", CTRL_D = "\x04", CTRL_U = "\x15", TAB = "\t", ENTER = "\r";

/** Plays steps and demands that all of them came to pass; gives what came out as plain text. */
async function play(
  run: Omit<PtyRun, "args"> & { port: number; args?: string[] },
): Promise<string> {
  const { port, args = [], ...rest } = run;
  const outcome = await runOnPty({ ...rest, args: ["-p", String(port), ...args] });
  const text = plainText(outcome.output);
  assert.equal(outcome.stuck, null, `stuck at step ${outcome.stuck}:\n${text}`);
  assert.equal(outcome.code, 0, text);
  return text;
}

/** A test that needs a terminal and the server under test. */
function ptyTest(name: string, body: (server: TestServer) => Promise<void>): void {
  test(`on a terminal: ${name}`, async () => {
    if (missing !== null) return skipped(missing);
    await withServer({}, body);
  });
}

/** Steps that wait for the prompt and type a line each, then leave. */
function lines(prompt: string, ...typed: string[]): PtyStep[] {
  return [...typed.map((line) => ({ wait: prompt, send: line + ENTER })), {
    wait: prompt,
    send: CTRL_D,
  }];
}

ptyTest("commands and readable replies", async ({ port }) => {
  const prompt = `127.0.0.1:${port}> `;
  const text = await play({ port, steps: lines(prompt, 'set k "a\\tb"', "get k", "get none") });
  assert.match(text, /> set k "a\\tb"\nOK\n/);
  assert.match(text, /> get k\n"a\\tb"\n/);
  assert.match(text, /> get none\n\(nil\)\n/);
});

ptyTest("the prompt shows database and transaction", async ({ port }) => {
  await play({
    port,
    args: ["-n", "3"],
    steps: [
      { wait: `:${port}[3]> `, send: "multi\r" },
      { wait: `:${port}[3](TX)> `, send: "set k v\r" },
      { wait: `QUEUED` },
      { wait: `:${port}[3](TX)> `, send: "exec\r" },
      { wait: "1) OK" },
      { wait: `:${port}[3]> `, send: "select 0\r" },
      { wait: `:${port}> `, send: "quit\r" },
    ],
  });
});

ptyTest("Ctrl-C clears the line, Ctrl-D leaves", async ({ port }) => {
  const text = await play({
    port,
    steps: [
      { wait: "> ", send: "get something" + CTRL_C },
      { wait: "> ", send: CTRL_C },
      { wait: "to leave)" },
      { wait: "> ", send: "ping\r" },
      { wait: "PONG" },
      { wait: "> ", send: CTRL_D },
    ],
  });
  assert.equal(text.includes("something\n(nil)"), false);
});

ptyTest("hints and completion", async ({ port }) => {
  await play({
    port,
    steps: [
      // Until help has come there is no hint: the line is typed again when it is there.
      { wait: "> ", send: "set " },
      { wait: "key value [", send: "k v x" + TAB },
      { wait: "xx", send: CTRL_U + "conf" + TAB },
      { wait: "config", send: " ge" + TAB },
      { wait: "get", send: CTRL_C },
      { wait: "> ", send: ":set nohints\r" },
      { wait: "> ", send: "get " },
      { wait: "get ", send: CTRL_C },
      { wait: "> ", send: CTRL_D },
    ],
  });
});

ptyTest("help in colour, or without", async ({ port }) => {
  for (const [env, code] of [[{}, true], [{ NO_COLOR: "1" }, false]] as const) {
    const { output } = await runOnPty({
      args: ["-p", String(port)],
      env: { NO_COLOR: "", ...env },
      steps: lines("> ", "help get"),
    });
    assert.equal(output.includes("\x1b[1mGET\x1b[0m"), code);
    assert.match(plainText(output), /\n {2}GET key\n {2}summary: /);
  }
});

ptyTest("pasted lines run when Enter is pressed, not before", async ({ port }) => {
  const text = await play({
    port,
    steps: [
      { wait: "> ", send: "\x1b[200~set a 1\rset b 2\nget a\n\x1b[201~" },
      { wait: "get a" },
      { wait: "", send: ENTER },
      { wait: '"1"' },
      { wait: "> ", send: CTRL_D },
    ],
  });
  assert.match(text, /OK\nOK\n"1"\n/);
});

ptyTest("history is kept in a private file, secrets are not", async ({ port }) => {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-pty-"));
  const file = join(folder, "history");
  const rc = join(folder, "rc");
  writeFileSync(rc, ":set nosuch\n");
  const env = { VALKEYCLI_HISTFILE: file, VALKEYCLI_RCFILE: rc };
  try {
    const typed = [
      "ping",
      "auth secret",
      "acl setuser bob >pw",
      "config set requirepass ''",
      "ping",
    ];
    const text = await play({ port, env, steps: lines("> ", ...typed) });
    assert.match(text, /^\.valkeyclirc: unknown valkey-cli preference 'nosuch'\n/);
    assert.equal(readFileSync(file, "utf8"), "ping\nping\n");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await play({
      port,
      env,
      steps: [
        { wait: "> ", send: "echo first\r" },
        { wait: '"first"' },
        { wait: "> ", send: "\x1b[A\x1b[A" },
        { wait: "ping", send: ENTER },
        { wait: "PONG" },
        { wait: "> ", send: CTRL_D },
      ],
    });
    await play({ port, env: { VALKEYCLI_HISTFILE: "/dev/null" }, steps: lines("> ", "ping") });
    assert.equal(existsSync(join(folder, ".valkeycli_history")), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

ptyTest("a password is asked for and not shown", async ({ port }) => {
  const { output } = await runOnPty({
    args: ["-p", String(port), "--askpass", "ping"],
    steps: [{ wait: "Please input password: ", send: "secret\r" }, { wait: "PONG" }],
  });
  assert.equal(output.includes("secret"), false);
  assert.equal(output.includes("******"), true);
});

ptyTest("a terminal without cursor movement", async ({ port }) => {
  const text = await play({ port, env: { TERM: "dumb" }, steps: lines("> ", "echo hi") });
  assert.match(text, /> echo hi\n"hi"\n/);
});

/** A test that needs a terminal and a server that does as it is told. */
function fakeTest(
  name: string,
  answer: (words: string[]) => string,
  steps: (port: number) => PtyStep[],
): void {
  test(`on a terminal: ${name}`, async () => {
    if (missing !== null) return skipped(missing);
    const server = await fakeServer(answer);
    try {
      await play({ port: server.port, steps: steps(server.port) });
    } finally {
      server.close();
    }
  });
}

function published(kind: string, text: string): string {
  return `*3\r\n$${kind.length}\r\n${kind}\r\n$2\r\nch\r\n${text}`;
}

fakeTest(
  "messages, a key to type a command, Ctrl-C to end the subscription",
  ([name]) => {
    if (name === "subscribe") {
      return published("subscribe", ":1\r\n") + published("message", "+hi\r\n");
    }
    return name === "ping"
      ? published("message", "+again\r\n") + "*2\r\n+pong\r\n+\r\n"
      : "-ERR\r\n";
  },
  (port) => [
    { wait: `${port}> `, send: "subscribe ch\r" },
    { wait: "3) hi\r\n" },
    { wait: "Reading messages...", send: "p" },
    { wait: "(subscribed mode)> p", send: "ing\r" },
    { wait: "3) again\r\n" },
    { wait: "1) pong\r\n" },
    { wait: "Reading messages...", send: CTRL_C },
    { wait: "Closing current connection. Ready to reconnect" },
    { wait: `${port}> `, send: CTRL_D },
  ],
);

fakeTest(
  "Ctrl-C gives a blocked command and MONITOR up",
  ([name]) => {
    if (name === "blpop") return "";
    return name === "monitor" ? '+OK\r\n+1.0 [0 x] "get" "k"\r\n' : "+PONG\r\n";
  },
  (port) => [
    { wait: `${port}> `, send: "blpop k 0\r" },
    // Paste mode is left when the line is done and the command begins.
    { wait: "\x1b[?2004l", send: CTRL_C },
    { wait: `${port}> `, send: "monitor\r" },
    { wait: '"get" "k"', send: CTRL_C },
    { wait: `${port}> `, send: "ping\r" },
    { wait: "PONG" },
    { wait: `${port}> `, send: CTRL_D },
  ],
);

fakeTest(
  "pushes are printed above the prompt",
  ([name]) => name === "track" ? "+OK\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n" : "-ERR\r\n",
  (port) => [
    { wait: `${port}> `, send: "track\r" },
    { wait: "OK" },
    { wait: "-> invalidate: 'k'\r\n" },
    { wait: `${port}> `, send: CTRL_D },
  ],
);

fakeTest(
  "a lost connection is reported and made again",
  ([name]) => name === "ping" ? "+PONG\r\n" : "-ERR\r\n",
  (port) => [
    { wait: `${port}> `, send: "connect 127.0.0.1 1\r" },
    { wait: "Could not connect to Valkey at 127.0.0.1:1: Connection refused" },
    { wait: "not connected> ", send: `connect 127.0.0.1 ${port}\r` },
    { wait: `${port}> `, send: "2 ping\r" },
    { wait: "PONG\r\nPONG\r\n" },
    { wait: `${port}> `, send: CTRL_D },
  ],
);
