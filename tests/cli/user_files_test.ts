import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { historyPath, preferencesPath, UserHistory } from "../../cli/user_files.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";

test("user files: where they are", () => {
  const rows: [Record<string, string>, string | null][] = [
    [{ HOME: "/home/x" }, join("/home/x", ".valkeycli_history")],
    [{ USERPROFILE: "/users/x" }, join("/users/x", ".valkeycli_history")],
    [{}, null],
    [{ HOME: "/home/x", VALKEYCLI_HISTFILE: "h" }, "h"],
    [{ HOME: "/home/x", REDISCLI_HISTFILE: "old" }, "old"],
    [{ VALKEYCLI_HISTFILE: "new", REDISCLI_HISTFILE: "old" }, "new"],
    [{ HOME: "/home/x", VALKEYCLI_HISTFILE: "/dev/null" }, null],
    [{ HOME: "/home/x", VALKEYCLI_HISTFILE: "" }, join("/home/x", ".valkeycli_history")],
  ];
  for (const [variables, path] of rows) assert.equal(historyPath(variables), path);
  assert.equal(preferencesPath({ REDISCLI_RCFILE: "rc" }), "rc");
  assert.equal(preferencesPath({ HOME: "/h" }), join("/h", ".valkeyclirc"));
});

function inFolder(body: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-history-"));
  try {
    body(join(folder, "history"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function linesOf(history: UserHistory): string[] {
  const found: string[] = [];
  for (let age = history.lines.length - 1; age >= 0; age--) {
    found.push(latin1(history.lines.recent(age)?.line ?? new Uint8Array(0)));
  }
  return found;
}

test("history file: lines are appended, secret ones and repetitions are not", () => {
  inFolder((file) => {
    const history = new UserHistory(file);
    history.add(bytesOf("ping"), false);
    history.add(bytesOf("ping"), false);
    history.add(bytesOf("auth x"), true);
    history.add(bytesOf("set k \xff"), false);
    assert.equal(latin1(readFileSync(file)), "ping\nset k \xff\n");
    assert.deepEqual(linesOf(history), ["ping", "auth x", "set k \xff"]);
    assert.deepEqual(linesOf(new UserHistory(file)), ["ping", "set k \xff"]);
  });
});

test("history file: nobody else can read it", () => {
  if (process.platform === "win32") return; // permissions there are of another kind
  inFolder((file) => {
    writeFileSync(file, "old\n");
    chmodSync(file, 0o644);
    new UserHistory(file).add(bytesOf("ping"), false);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

test("history file: a long one is cut at the start", () => {
  inFolder((file) => {
    writeFileSync(file, Array.from({ length: 5000 }, (_, index) => `get ${index}\n`).join(""));
    const history = new UserHistory(file);
    assert.equal(history.lines.length, 1000);
    const kept = latin1(readFileSync(file)).split("\n");
    assert.deepEqual([kept.length, kept[0], kept[999]], [1001, "get 4000", "get 4999"]);
  });
});

test("history file: without one, or with one that cannot be written, lines are remembered", () => {
  for (const path of [null, join(tmpdir(), "no such folder", "history")]) {
    const history = new UserHistory(path);
    history.add(bytesOf("ping"), false);
    assert.deepEqual(linesOf(history), ["ping"]);
  }
});

test("history: a secret is never offered", () => {
  const history = new UserHistory(null);
  history.add(bytesOf("auth secret"), true);
  assert.equal(history.lines.suggestion(bytesOf("a")), undefined);
  history.add(bytesOf("append k v"), false);
  history.add(bytesOf("auth other"), true);
  const offered = history.lines.suggestion(bytesOf("a"));
  assert.equal(offered === undefined ? "" : latin1(offered), "append k v");
});
