// The end of an append-only file: whole writes, on disks that take only a part of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { AofWriter } from "../../../lib/persist/aof_writer.ts";
import type { OutputFile } from "../../../lib/platform/mod.ts";
import { MemoryFiles } from "../../kit/memory_files.ts";

/** A disk whose next write takes only `takes` bytes, and which may be cut back or not. */
class ShortFiles extends MemoryFiles {
  takes = Infinity;
  cuts = true;

  override create(name: string): OutputFile {
    const file = super.create(name);
    return {
      ...file,
      write: (buf, off, len) => {
        const taken = Math.min(len, this.takes);
        this.takes = Infinity;
        if (taken > 0) file.write(buf, off, taken);
        if (taken < len) throw new Error("No space left on device");
      },
    };
  }

  override truncate(name: string, size: number): void {
    if (!this.cuts) throw new Error("Input/output error");
    super.truncate(name, size);
  }
}

function textOf(files: MemoryFiles): string {
  const bytes = files.now.get("f") ?? new Uint8Array(0);
  return latin1(bytes, 0, bytes.length);
}

test("a short write is taken back, or else counted, and the rest comes later", () => {
  for (const cuts of [true, false]) {
    for (let takes = 0; takes < 6; takes++) {
      const files = new ShortFiles();
      const writer = new AofWriter(files);
      writer.open(files.create("f"), "f", 0);
      const add = (text: string) => writer.add(fromLatin1(text), 0, text.length);
      add("head ");
      assert.equal(writer.commit(), true);
      files.takes = takes;
      files.cuts = cuts;
      add("abcdef");
      assert.equal(writer.commit(), false);
      assert.equal(writer.problem, "No space left on device");
      assert.equal(textOf(files), "head " + (cuts ? "" : "abcdef".slice(0, takes)));
      assert.equal(writer.size, textOf(files).length);
      add("gh");
      assert.equal(writer.commit(), true);
      assert.deepEqual([writer.problem, writer.used, writer.size], ["", 0, 13]);
      assert.equal(textOf(files), "head abcdefgh");
    }
  }
});

test("what is written while a sync is under way is for the next one", () => {
  const files = new MemoryFiles();
  const writer = new AofWriter(files);
  let finish: (problem: string) => void = () => {};
  const file = { ...files.create("f"), syncLater: (done: typeof finish) => finish = done };
  writer.open(file, "f", 0);
  writer.add(fromLatin1("a"), 0, 1);
  writer.commit();
  const problems: string[] = [];
  writer.syncLater((problem) => problems.push(problem));
  assert.deepEqual([writer.isSyncing, writer.isUnsynced], [true, false]);
  writer.add(fromLatin1("b"), 0, 1);
  writer.commit();
  writer.syncLater(() => assert.fail("one is under way"));
  finish("");
  assert.deepEqual([writer.isSyncing, writer.isUnsynced], [false, true]);
  assert.deepEqual(problems, [""]);
});
