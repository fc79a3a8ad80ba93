// The files of the working directory on the disk of this machine.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { NameOperation, PlacedFiles } from "../../lib/platform/mod.ts";
import { DiskFiles } from "../../server/files.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";

async function withDisk(body: (files: PlacedFiles, folder: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "sigrun-files-"));
  try {
    await body(new DiskFiles(folder), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function later(files: PlacedFiles, operation: NameOperation): Promise<string> {
  return new Promise((done) => files.later(operation, done));
}

function textOf(folder: string, name: string): string {
  return latin1(readFileSync(join(folder, name)));
}

test("writes that are not waited for, and some that are, keep their order", async () => {
  await withDisk(async (files, folder) => {
    const file = files.create("f");
    const expected: string[] = [];
    const writes: Promise<string>[] = [];
    for (let i = 0; i < 40; i++) {
      const text = `${i}:`.padEnd(1 + (i * 977) % 5000, ".");
      const bytes = bytesOf(`--${text}`);
      expected.push(text);
      if (i % 7 === 3) file.write(bytes, 2, text.length);
      else writes.push(new Promise((done) => file.writeLater(bytes, 2, text.length, done)));
    }
    assert.deepEqual(new Set(await Promise.all(writes)), new Set([""]));
    assert.equal(await new Promise((done) => file.syncLater(done)), "");
    file.close();
    assert.equal(textOf(folder, "f"), expected.join(""));
  });
});

test("a write that fails leaves no gap, also when the file was cut behind it", async () => {
  await withDisk(async (files, folder) => {
    for (const name of ["created", "appended"]) {
      const file = name === "created" ? files.create(name) : files.append(name);
      file.write(bytesOf("abcdef"), 0, 6);
      assert.throws(() => file.write(bytesOf("xyz"), 0, 4000));
      files.truncate(name, 4);
      file.write(bytesOf("ghi"), 0, 3);
      file.write(bytesOf("jkl"), 0, 3);
      file.close();
      assert.equal(textOf(folder, name), "abcdghijkl");
    }
    await Promise.resolve();
  });
});

test("names change without being waited for, and what goes wrong is said in the system's words", async () => {
  await withDisk(async (files) => {
    files.makeDirectory("d");
    files.create("d/a").close();
    files.create("b").close();
    assert.equal(await later(files, { kind: "rename", from: "d/a", to: "b" }), "");
    assert.deepEqual(files.list("d"), []);
    assert.equal(await later(files, { kind: "syncDirectory", name: "d" }), "");
    assert.equal(await later(files, { kind: "syncDirectory", name: "" }), "");
    assert.equal(await later(files, { kind: "remove", name: "b" }), "");
    assert.equal(await later(files, { kind: "remove", name: "b" }), "");
    assert.equal(files.size("b"), -1);
    const missing = "No such file or directory";
    assert.equal(await later(files, { kind: "rename", from: "b", to: "c" }), missing);
    if (process.platform !== "win32") {
      assert.equal(await later(files, { kind: "syncDirectory", name: "none" }), missing);
    }
  });
});

test("a removed file is gone at once, whoever has it open", async () => {
  await withDisk(async (files) => {
    const file = files.create("f");
    files.remove("f");
    assert.deepEqual(files.list(""), []);
    files.remove("f");
    file.close();
    await Promise.resolve();
  });
});
