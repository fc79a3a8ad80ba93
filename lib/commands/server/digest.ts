// digest.ts: the signature of a value or of a whole data set that DEBUG DIGEST shows: equal data, equal signature,
// whatever the order in which keys and members lie in memory.
//
//   add(d, x) = d xor sha1(x)                order does not matter: keys of a database, members of a set
//   mix(d, x) = sha1(d xor sha1(x))          order matters: elements of a list, a key and its value
//
//   data set   for each database that has keys: mix(number, 4 bytes big endian), then add(digest of the key) for every key
//   key        mix(0, name), mix(type, 4 bytes big endian), the value, and add("!!expire!!") when it is volatile
//   string     mix(bytes)
//   list       mix(element) for each
//   set        add(member) for each
//   sorted set for each member: add(e), where e is mix(0, name), mix(score as text)
//   hash       for each field that is not gone: add(e), where e is mix(0, name), mix(value)
//   stream     for each entry: mix("time.number"), and mix(name), mix(value) for each pair

import { DOT, fromLatin1, MINUS } from "../../bytes/ascii.ts";
import { DOUBLE_TEXT_MAX, doubleFormatShortest } from "../../bytes/double.ts";
import { sha1, SHA1_BYTES } from "../../bytes/sha1.ts";
import { chain, dictBucketCount, dictBucketRead, dictCount } from "../../engine/dict.ts";
import { HashCursor } from "../../engine/hash_walk.ts";
import type { Database, Keyspace } from "../../engine/keyspace.ts";
import { ListCursor } from "../../engine/list_cursor.ts";
import { entry } from "../../engine/listpack.ts";
import {
  HAS_EXPIRE,
  recordA,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordType,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "../../engine/record.ts";
import { SetCursor } from "../../engine/set_walk.ts";
import { EntryCursor } from "../../engine/stream_entries.ts";
import { ID_MAX, ID_MIN, ID_TEXT_MAX, idFormat } from "../../engine/stream_id.ts";
import { stringView, view } from "../../engine/string.ts";
import { ZsetCursor } from "../../engine/zset_range.ts";

const EXPIRE_MARK = fromLatin1("!!expire!!");

const hash = new Uint8Array(SHA1_BYTES);
const number = new Uint8Array(4);
const element = new Uint8Array(SHA1_BYTES);
const scoreText = new Uint8Array(DOUBLE_TEXT_MAX);
const idText = new Uint8Array(ID_TEXT_MAX);
const listCursor = new ListCursor();
const setCursor = new SetCursor();
const zsetCursor = new ZsetCursor();
const hashCursor = new HashCursor();
const entryCursor = new EntryCursor();

/** Adds the range to a digest, so that the order of additions does not matter. */
function digestAdd(digest: Uint8Array, buf: Uint8Array, off: number, len: number): void {
  sha1(buf, off, len, hash, 0);
  for (let i = 0; i < SHA1_BYTES; i++) digest[i] ^= hash[i];
}

/** Mixes the range into a digest, so that the order matters. */
function digestMix(digest: Uint8Array, buf: Uint8Array, off: number, len: number): void {
  digestAdd(digest, buf, off, len);
  sha1(digest, 0, SHA1_BYTES, digest, 0);
}

function digestMixNumber(digest: Uint8Array, value: number): void {
  for (let i = 0; i < 4; i++) number[i] = value >>> (24 - 8 * i);
  digestMix(digest, number, 0, 4);
}

/** Mixes type, value and expiry of a record into `digest`. Fields of hashes whose time is before `nowMs` do not count. */
export function digestValue(ks: Keyspace, rec: number, digest: Uint8Array, nowMs: number): void {
  const type = recordType(ks.arena, rec);
  digestMixNumber(digest, type);
  if (type === TYPE_STRING) {
    stringView(ks, rec);
    digestMix(digest, view.buf, view.off, view.len);
  } else if (type === TYPE_LIST) {
    digestList(ks, rec, digest);
  } else if (type === TYPE_SET) {
    setCursor.start(ks, rec);
    while (setCursor.next()) digestAdd(digest, setCursor.buf, setCursor.off, setCursor.len);
  } else if (type === TYPE_ZSET) {
    digestZset(ks, rec, digest);
  } else if (type === TYPE_HASH) {
    digestHash(ks, rec, digest, nowMs);
  } else {
    digestStream(ks, rec, digest);
  }
  if ((recordMeta(ks.arena, rec) & HAS_EXPIRE) !== 0) {
    digestAdd(digest, EXPIRE_MARK, 0, EXPIRE_MARK.length);
  }
}

function digestList(ks: Keyspace, rec: number, digest: Uint8Array): void {
  listCursor.start(ks, rec, 0, false);
  while (listCursor.next()) digestMix(digest, listCursor.buf, listCursor.off, listCursor.len);
}

function digestZset(ks: Keyspace, rec: number, digest: Uint8Array): void {
  zsetCursor.start(ks, rec, 0, false);
  while (zsetCursor.next()) {
    element.fill(0);
    digestMix(element, zsetCursor.buf, zsetCursor.off, zsetCursor.len);
    digestMix(element, scoreText, 0, doubleFormatShortest(zsetCursor.score, scoreText, 0));
    digestAdd(digest, element, 0, SHA1_BYTES);
  }
}

function digestHash(ks: Keyspace, rec: number, digest: Uint8Array, nowMs: number): void {
  hashCursor.start(ks, rec, nowMs);
  while (hashCursor.next()) {
    element.fill(0);
    digestMix(element, hashCursor.nameBuf, hashCursor.nameOff, hashCursor.nameLen);
    digestMix(element, hashCursor.buf, hashCursor.off, hashCursor.len);
    digestAdd(digest, element, 0, SHA1_BYTES);
  }
}

function digestStream(ks: Keyspace, rec: number, digest: Uint8Array): void {
  entryCursor.start(ks, recordA(ks.arena, rec), ID_MIN, 0, ID_MAX, 0);
  while (entryCursor.next(ks)) {
    const len = idFormat(entryCursor.id, 0, idText, 0);
    idText[idText.indexOf(MINUS)] = DOT;
    digestMix(digest, idText, 0, len);
    for (let left = entryCursor.fields; left > 0; left--) {
      entryCursor.field();
      digestMix(digest, entry.buf, entry.off, entry.len);
      entryCursor.value();
      digestMix(digest, entry.buf, entry.off, entry.len);
    }
  }
}

/** The digest of all databases: 20 bytes, zeros when there is no key. */
export function digestAll(ks: Keyspace, nowMs: number): Uint8Array {
  const digest = new Uint8Array(SHA1_BYTES);
  for (const db of ks.dbs) {
    if (dictCount(ks.arena, db.main) === 0) continue;
    digestMixNumber(digest, db.index);
    digestDatabase(ks, db, digest, nowMs);
  }
  return digest;
}

function digestDatabase(ks: Keyspace, db: Database, total: Uint8Array, nowMs: number): void {
  const { arena } = ks;
  const one = new Uint8Array(SHA1_BYTES);
  const buckets = dictBucketCount(arena, db.main);
  for (let index = 0; index < buckets; index++) {
    const count = dictBucketRead(arena, db.main, index);
    // Walking over a value reads buckets, too.
    const records = chain.entries.slice(0, count);
    for (const rec of records) {
      const bytes = recordKeyBuf(arena, rec);
      one.fill(0);
      digestMix(one, bytes, recordKeyOff(arena, rec), recordKeyLen(arena, rec));
      digestValue(ks, rec, one, nowMs);
      digestAdd(total, one, 0, SHA1_BYTES);
    }
  }
}

/** A digest in hexadecimal. */
export function digestText(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
