// keyspace.ts: the engine under the commands, for tests of its parts: keys and values as latin-1 texts.

import { fromLatin1, latin1 } from "../../lib/bytes/ascii.ts";
import { int64FromNumber } from "../../lib/bytes/int64.ts";
import {
  type Database,
  keyFind,
  keyHash,
  Keyspace,
  recordSetExpire,
} from "../../lib/engine/keyspace.ts";
import {
  recordEncoding,
  recordExpireMs,
  recordKeyLen,
  recordKeyOff,
} from "../../lib/engine/record.ts";
import { stringStore, stringView, view } from "../../lib/engine/string.ts";
import { SEGMENT_SHIFT } from "../../lib/mem/arena.ts";
import { SeededRandom } from "./clock.ts";

const ENCODINGS = ["raw", "int", "embstr"];

/** A keyspace with a fixed seed. */
export function makeKeyspace(databases = 2, seed = 1): Keyspace {
  const random = new SeededRandom(seed);
  return new Keyspace(databases, Int32Array.of(seed, 2), () => random.next32());
}

/** The hash of a key. */
export function hashOf(ks: Keyspace, key: string): number {
  return keyHash(ks, fromLatin1(key), 0, key.length);
}

/** The record of a key, or 0. */
export function find(ks: Keyspace, db: Database, key: string): number {
  return keyFind(ks, db, hashOf(ks, key), fromLatin1(key), 0, key.length);
}

/** Stores a string as SET does, with an expiry when given. Returns the record. */
export function put(
  ks: Keyspace,
  db: Database,
  key: string,
  value: string,
  expireMs = -1,
): number {
  const bytes = fromLatin1(key);
  const hash = hashOf(ks, key);
  const old = find(ks, db, key);
  const rec = stringStore(
    ks,
    db,
    hash,
    old,
    bytes,
    0,
    bytes.length,
    fromLatin1(value),
    0,
    value.length,
    false,
  );
  return expireMs < 0 ? rec : setExpire(ks, db, key, expireMs);
}

/** Gives an existing key an expiry. Returns the record. */
export function setExpire(ks: Keyspace, db: Database, key: string, expireMs: number): number {
  const pair = new Int32Array(2);
  int64FromNumber(expireMs, pair);
  return recordSetExpire(ks, db, hashOf(ks, key), find(ks, db, key), pair[0], pair[1]);
}

/** The value of a string record. */
export function valueOf(ks: Keyspace, rec: number): string {
  stringView(ks, rec);
  return latin1(view.buf, view.off, view.len);
}

/** The key of a record. */
export function keyOf(ks: Keyspace, rec: number): string {
  return latin1(
    ks.arena.u8[rec >>> SEGMENT_SHIFT],
    recordKeyOff(ks.arena, rec),
    recordKeyLen(ks.arena, rec),
  );
}

/** What a key holds: "encoding value" and " @expiry", or "none". */
export function describe(ks: Keyspace, db: Database, key: string): string {
  const rec = find(ks, db, key);
  if (rec === 0) return "none";
  const expireMs = recordExpireMs(ks.arena, rec);
  const expiry = expireMs < 0 ? "" : ` @${expireMs}`;
  return `${ENCODINGS[recordEncoding(ks.arena, rec)]} ${valueOf(ks, rec)}${expiry}`;
}
