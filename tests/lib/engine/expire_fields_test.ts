import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import { ActiveExpiry } from "../../../lib/engine/expire.ts";
import { expireFieldsSlice, FieldExpiry } from "../../../lib/engine/expire_fields.ts";
import {
  hashCreate,
  hashIsVolatile,
  hashLength,
  hashSet,
  TIME_DROP,
  TIME_SET,
} from "../../../lib/engine/hash.ts";
import {
  type Database,
  keyCount,
  keyCountVolatileHashes,
  keyCreate,
  type Keyspace,
  keyTrackFields,
} from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { ENCODING_LISTPACK, TYPE_HASH } from "../../../lib/engine/record.ts";
import { find, hashOf, makeKeyspace } from "../../kit/keyspace.ts";

/** Sets fields of a key: times in milliseconds, -1 for none. */
function fill(ks: Keyspace, db: Database, key: string, times: readonly number[]): void {
  const bytes = fromLatin1(key);
  const hash = hashOf(ks, key);
  const root = hashCreate(ks);
  const rec = keyCreate(ks, db, hash, bytes, 0, key.length, TYPE_HASH, ENCODING_LISTPACK, root);
  for (const [i, timeMs] of times.entries()) {
    const name = fromLatin1(`f${i}`);
    const mode = timeMs < 0 ? TIME_DROP : TIME_SET;
    const was = hashIsVolatile(ks, rec);
    hashSet(ks, rec, name, 0, name.length, name, 0, name.length, 0, mode, timeMs, 0);
    keyTrackFields(ks, db, hash, rec, was);
  }
}

/** A clock that every look moves by `stepUs`. */
function steps(stepUs: number): () => number {
  let us = 0;
  return () => us += stepUs;
}

function run(ks: Keyspace, nowMs: number, stepUs = 0, fields = new FieldExpiry()): number {
  return expireFieldsSlice(ks, fields, new ActiveExpiry(), nowMs, steps(stepUs), 1000);
}

test("due fields go, and keys with their last field", () => {
  const ks = makeKeyspace();
  const [db, other] = ks.dbs;
  fill(ks, db, "some", [10, 20, -1, 30]);
  fill(ks, db, "all", [10, 20]);
  fill(ks, other, "later", [100]);
  assert.equal(keyCountVolatileHashes(ks, db), 2);
  assert.equal(run(ks, 20), 0);
  keyspaceVerify(ks);
  assert.equal(hashLength(ks, find(ks, db, "some")), 2);
  assert.equal(find(ks, db, "all"), 0);
  assert.equal(keyCount(ks, other), 1);
  assert.equal(ks.expiredFields, 4);
  run(ks, 30);
  assert.equal(keyCountVolatileHashes(ks, db), 0);
  assert.equal(keyCount(ks, db), 1);
  run(ks, 200);
  assert.equal(keyCount(ks, other), 0);
  keyspaceVerify(ks);
});

test("the observer hears of each hash once a visit, and whether the key goes", () => {
  const ks = makeKeyspace();
  const told: string[] = [];
  ks.observer = {
    added: () => {},
    leaving: () => {},
    ready: () => assert.fail(),
    touched: () => assert.fail(),
    expired: () => assert.fail(),
    fieldsExpired: (db, buf, off, len, isLast) => {
      told.push(`${db.index} ${latin1(buf, off, len)} ${isLast}`);
    },
    flushing: () => assert.fail(),
    swapping: () => assert.fail(),
  };
  fill(ks, ks.dbs[0], "a", [1, 2, 3]);
  fill(ks, ks.dbs[1], "b", [1, 2, -1]);
  run(ks, 10);
  assert.deepEqual(told, ["0 a true", "1 b false"]);
});

test("one hash with many due fields is taken apart in several visits", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  fill(ks, db, "h", Array.from({ length: 1000 }, (_, i) => i));
  const pause = run(ks, 2000, 400);
  assert.equal(pause, 1);
  const left = hashLength(ks, find(ks, db, "h"));
  assert.ok(left > 0 && left < 1000, String(left));
  for (let n = 0; n < 20 && keyCount(ks, db) > 0; n++) run(ks, 2000, 400);
  assert.equal(keyCount(ks, db), 0);
  assert.equal(ks.expiredFields, 1000);
  keyspaceVerify(ks);
});

test("living hashes are walked over, a share at a time", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  for (let i = 0; i < 3000; i++) fill(ks, db, `h${i}`, [i === 2999 ? 5 : 1000]);
  const fields = new FieldExpiry();
  for (let n = 0; n < 40; n++) assert.equal(run(ks, 10, 1, fields), 0);
  assert.equal(keyCount(ks, db), 2999);
  assert.ok(fields.stalePercent < 1);
});
