import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { recordClock } from "../../../lib/engine/record.ts";
import { keyCopy, keyMove, keyRename } from "../../../lib/engine/rekey.ts";
import { describe, find, hashOf, makeKeyspace, put } from "../../kit/keyspace.ts";

const LONG = "n".repeat(60);

/** A value, what it becomes under the same kind of name, and under a long one. */
const ROWS: [value: string, expireMs: number, short: string, long: string][] = [
  ["42", -1, "int 42", "int 42"],
  ["-9223372036854775808", 9, "int -9223372036854775808 @9", "int -9223372036854775808 @9"],
  ["text", -1, "embstr text", "embstr text"],
  ["text", 9, "embstr text @9", "embstr text @9"],
  ["", 9, "embstr  @9", "embstr  @9"],
  ["t".repeat(90), -1, `embstr ${"t".repeat(90)}`, `raw ${"t".repeat(90)}`],
  ["t".repeat(90), 9, `embstr ${"t".repeat(90)} @9`, `raw ${"t".repeat(90)} @9`],
  ["t".repeat(47), 9, `embstr ${"t".repeat(47)} @9`, `raw ${"t".repeat(47)} @9`],
  ["r".repeat(5000), -1, `raw ${"r".repeat(5000)}`, `raw ${"r".repeat(5000)}`],
  ["r".repeat(5000), 9, `raw ${"r".repeat(5000)} @9`, `raw ${"r".repeat(5000)} @9`],
];

test("rename: value, expiry and encoding follow", () => {
  for (const [value, expireMs, short, long] of ROWS) {
    for (const [name, wanted] of [["b", short], [LONG, long]]) {
      const ks = makeKeyspace();
      const [db] = ks.dbs;
      const rec = put(ks, db, "a", value, expireMs);
      const target = fromLatin1(name);
      const fresh = keyRename(
        ks,
        db,
        hashOf(ks, "a"),
        rec,
        hashOf(ks, name),
        target,
        0,
        target.length,
      );
      keyspaceVerify(ks);
      assert.equal(find(ks, db, name), fresh);
      assert.equal(describe(ks, db, "a"), "none");
      assert.equal(describe(ks, db, name), wanted);
    }
  }
});

test("copy: both live on, independently, in the same database or another", () => {
  for (const [value, expireMs, short, long] of ROWS) {
    for (const [name, wanted] of [["b", short], [LONG, long]]) {
      for (const index of [0, 1]) {
        const ks = makeKeyspace();
        const source = put(ks, ks.dbs[0], "a", value, expireMs);
        const target = fromLatin1(name);
        const hash = hashOf(ks, name);
        const copy = keyCopy(ks, source, ks.dbs[index], hash, target, 0, target.length);
        keyspaceVerify(ks);
        assert.equal(find(ks, ks.dbs[0], "a"), source);
        assert.equal(find(ks, ks.dbs[index], name), copy);
        assert.equal(describe(ks, ks.dbs[index], name), wanted);
        put(ks, ks.dbs[0], "a", "changed");
        assert.equal(describe(ks, ks.dbs[index], name), wanted);
        keyspaceVerify(ks);
      }
    }
  }
});

test("move: the record itself changes its database", () => {
  for (const [value, expireMs, short] of ROWS) {
    const ks = makeKeyspace();
    const rec = put(ks, ks.dbs[0], "a", value, expireMs);
    keyMove(ks, ks.dbs[0], ks.dbs[1], hashOf(ks, "a"), rec);
    keyspaceVerify(ks);
    assert.equal(describe(ks, ks.dbs[0], "a"), "none");
    assert.equal(find(ks, ks.dbs[1], "a"), rec);
    assert.equal(describe(ks, ks.dbs[1], "a"), short);
  }
});

test("the access clock starts anew", () => {
  const ks = makeKeyspace();
  const rec = put(ks, ks.dbs[0], "a", "1");
  ks.lruSeconds = 500;
  const name = fromLatin1("b");
  const copy = keyCopy(ks, rec, ks.dbs[0], hashOf(ks, "b"), name, 0, 1);
  assert.equal(recordClock(ks.arena, copy), 500);
  assert.equal(recordClock(ks.arena, rec), 0);
  keyMove(ks, ks.dbs[0], ks.dbs[1], hashOf(ks, "a"), rec);
  assert.equal(recordClock(ks.arena, rec), 500);
});
