// digest.ts: the signature of a value or of a whole data set that DEBUG DIGEST shows: equal data, equal signature,
// whatever the order in which keys and members lie in memory.
//
//   add(d, x) = d xor sha1(x)                order does not matter: keys of a database, members of a set
//   mix(d, x) = sha1(d xor sha1(x))          order matters: elements of a list, a key and its value
//
//   data set   for each database that has keys: mix(number, 4 bytes big endian), then add(digest of the key) for every key
//   key        mix(0, name), mix(type, 4 bytes big endian), the value, and add("!!expire!!") when it is volatile
//   string     mix(bytes)

import { fromLatin1 } from "../../bytes/ascii.ts";
import { sha1, SHA1_BYTES } from "../../bytes/sha1.ts";
import { chain, dictBucketCount, dictBucketRead, dictCount } from "../../engine/dict.ts";
import type { Database, Keyspace } from "../../engine/keyspace.ts";
import {
  HAS_EXPIRE,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordType,
  TYPE_STRING,
} from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";

const EXPIRE_MARK = fromLatin1("!!expire!!");

const hash = new Uint8Array(SHA1_BYTES);
const number = new Uint8Array(4);

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

/** Mixes type, value and expiry of a record into `digest`. */
export function digestValue(ks: Keyspace, rec: number, digest: Uint8Array): void {
  const type = recordType(ks.arena, rec);
  digestMixNumber(digest, type);
  if (type !== TYPE_STRING) throw new Error(`digest: type ${type} of record ${rec}`);
  stringView(ks, rec);
  digestMix(digest, view.buf, view.off, view.len);
  if ((recordMeta(ks.arena, rec) & HAS_EXPIRE) !== 0) {
    digestAdd(digest, EXPIRE_MARK, 0, EXPIRE_MARK.length);
  }
}

/** The digest of all databases: 20 bytes, zeros when there is no key. */
export function digestAll(ks: Keyspace): Uint8Array {
  const digest = new Uint8Array(SHA1_BYTES);
  for (const db of ks.dbs) {
    if (dictCount(ks.arena, db.main) === 0) continue;
    digestMixNumber(digest, db.index);
    digestDatabase(ks, db, digest);
  }
  return digest;
}

function digestDatabase(ks: Keyspace, db: Database, total: Uint8Array): void {
  const { arena } = ks;
  const one = new Uint8Array(SHA1_BYTES);
  const buckets = dictBucketCount(arena, db.main);
  for (let index = 0; index < buckets; index++) {
    const count = dictBucketRead(arena, db.main, index);
    for (let i = 0; i < count; i++) {
      const rec = chain.entries[i];
      const bytes = recordKeyBuf(arena, rec);
      one.fill(0);
      digestMix(one, bytes, recordKeyOff(arena, rec), recordKeyLen(arena, rec));
      digestValue(ks, rec, one);
      digestAdd(total, one, 0, SHA1_BYTES);
    }
  }
}

/** A digest in hexadecimal. */
export function digestText(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
