// Snapshots as files: recorded ones of the reference are read, or refused, as it does; what is written is read again.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { FileWindow } from "../../../lib/persist/file_window.ts";
import { RdbFileInput } from "../../../lib/persist/rdb_file_input.ts";
import {
  snapshotRead,
  SnapshotReader,
  type SnapshotReadOptions,
} from "../../../lib/persist/rdb_file_reader.ts";
import { snapshotWrite } from "../../../lib/persist/rdb_file_writer.ts";
import { inputOf } from "../../kit/memory_files.ts";
import { sharedPath, skipped } from "../../kit/shared.ts";
import { World } from "../../kit/world.ts";

interface Dump {
  keys_total: number;
  digest: string;
}

interface Outcome {
  outcome: string;
  dump?: Dump;
  aux?: [string, string | number][];
  "with rdb-version-check relaxed"?: Outcome;
}

/** When the files were recorded and loaded: keys that were past their time then are past it now. */
const NOW_MS = Date.UTC(2026, 10, 23);

const OPTIONS: SnapshotReadOptions = {
  nowMs: NOW_MS,
  relaxed: false,
  checksum: true,
  merge: false,
};

function ask(world: World, ...words: string[]): string {
  return world.connect().call(...words);
}

function loaded(path: string, options: SnapshotReadOptions) {
  const world = new World();
  const bytes = readFileSync(path);
  const { keyspace } = world.engine;
  const result = snapshotRead(keyspace, new Uint8Array(bytes), 0, bytes.length, options);
  keyspaceVerify(keyspace);
  const inPieces = loadedInPieces(bytes, options);
  assert.deepEqual(inPieces.result, result);
  assert.equal(ask(inPieces.world, "DEBUG", "DIGEST"), ask(world, "DEBUG", "DIGEST"));
  return { world, result };
}

/** The same through a window that is smaller than most values, in steps of one key, read in odd pieces. */
function loadedInPieces(bytes: Uint8Array, options: SnapshotReadOptions) {
  const world = new World();
  const { keyspace } = world.engine;
  const window = new FileWindow(inputOf(new Uint8Array(bytes), 13), 40);
  const reader = new SnapshotReader(keyspace, new RdbFileInput(window, options.checksum), options);
  while (reader.step(Infinity, reader.result.keys + 1));
  keyspaceVerify(keyspace);
  return { world, result: reader.result };
}

function keysOf(world: World): number {
  return world.engine.keyspace.dbs.reduce((sum, db) => {
    const client = world.connect();
    client.call("SELECT", String(db.index));
    return sum + Number(client.call("DBSIZE").slice(1));
  }, 0);
}

function check(path: string, expected: Outcome, options: SnapshotReadOptions): void {
  const { world, result } = loaded(path, options);
  if (expected.outcome !== "loads") {
    assert.notEqual(result.error, "", "must be refused");
    return;
  }
  assert.equal(result.error, "");
  assert.equal(keysOf(world), expected.dump?.keys_total);
  assert.equal(ask(world, "DEBUG", "DIGEST").trim(), `+${expected.dump?.digest}`);
  if (expected.aux !== undefined) {
    assert.deepEqual(result.aux, expected.aux.map(([name, value]) => [name, String(value)]));
  }
  const copy = new World();
  const bytes = written(world, result.functions);
  const again = snapshotRead(copy.engine.keyspace, bytes, 0, bytes.length, {
    ...options,
    nowMs: 0,
  });
  assert.equal(again.error, "");
  assert.deepEqual(again.functions, result.functions);
  assert.equal(ask(copy, "DEBUG", "DIGEST"), ask(world, "DEBUG", "DIGEST"));
}

function written(world: World, functions: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  snapshotWrite(
    world.engine.keyspace,
    { aux: [["valkey-ver", "9.1.0"]], functions, compress: true, checksum: true, access: "none" },
    (buf, off, len) => parts.push(buf.slice(off, off + len)),
  );
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

for (const folder of ["rdb", "rdb-older"]) {
  const path = sharedPath(`fixtures/${folder}`);
  if (path === undefined) {
    test(`snapshots of ${folder}`, () => skipped());
    continue;
  }
  for (const file of readdirSync(path).filter((name) => name.endsWith(".rdb"))) {
    test(`snapshot ${folder}/${file}`, () => {
      const expected = JSON.parse(readFileSync(`${path}/${file.replace(/rdb$/, "json")}`, "utf8"));
      check(`${path}/${file}`, expected, OPTIONS);
    });
  }
}

const others = sharedPath("fixtures/rdb-other/expected.json");
if (others === undefined) {
  test("snapshots of others", () => skipped());
} else {
  const outcomes: Record<string, Outcome> = JSON.parse(readFileSync(others, "utf8"));
  for (const [file, expected] of Object.entries(outcomes)) {
    const path = others.replace("expected.json", file);
    test(`snapshot rdb-other/${file}`, () => {
      // The check of a library's code is the business of functions.
      if (file === "made-function-bad-code.rdb") return;
      // The reference takes a hash with the same field twice; here no such hash can exist.
      if (file === "made-hash-duplicate-field.rdb") {
        assert.notEqual(loaded(path, OPTIONS).result.error, "");
        return;
      }
      check(path, expected, OPTIONS);
      const relaxed = expected["with rdb-version-check relaxed"];
      if (relaxed !== undefined) check(path, relaxed, { ...OPTIONS, relaxed: true });
    });
  }
}

test("a snapshot of nothing is head, end and checksum", () => {
  const bytes = written(new World(), []);
  assert.equal(latin1(bytes, 0, 9), "VALKEY080");
  assert.equal(bytes.length, 9 + 1 + 1 + 10 + 1 + 5 + 1 + 8);
});
