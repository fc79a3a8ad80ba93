// keyspace_verify.ts: checks a whole keyspace: tables, records, values, and that every live block can be reached.
//
// For tests, fuzzers and DEBUG. COSTS: a walk over everything.

import { arenaUsable } from "../mem/arena.ts";
import {
  chain,
  dictBucketCount,
  dictBucketRead,
  dictCount,
  dictFindEntry,
  dictVerify,
} from "./dict.ts";
import { type Database, isVolatileHash, type Keyspace, recordHash } from "./keyspace.ts";
import {
  ENCODING_EMBSTR,
  HAS_EXPIRE,
  headerBytes,
  recordA,
  recordEncoding,
  recordKeyLen,
  recordMeta,
} from "./record.ts";
import { valueVerify } from "./value.ts";

/**
 * Checks all dicts of every database, every record and the arena: live blocks are exactly those reachable.
 * Throws an Error naming what is wrong.
 */
export function keyspaceVerify(ks: Keyspace): void {
  let blocks = ks.foreignBlocks;
  for (const { main, expires, volatileHashes } of [...ks.dbs, ...ks.condemned]) {
    blocks += dictVerify(ks.arena, main) + dictVerify(ks.arena, expires);
    blocks += dictVerify(ks.arena, volatileHashes);
  }
  for (const db of ks.dbs) blocks += verifyRecords(ks, db);
  for (const { main } of ks.condemned) {
    for (const rec of recordsOf(ks, main)) blocks += 1 + recordVerify(ks, rec);
  }
  for (const { meta, root } of ks.condemnedValues) blocks += valueVerify(ks, meta, root);
  if (blocks !== ks.arena.liveBlocks) {
    throw new Error(`keyspace: ${ks.arena.liveBlocks} live blocks, ${blocks} reachable`);
  }
}

function recordsOf(ks: Keyspace, dict: number): number[] {
  const all: number[] = [];
  for (let index = 0; index < dictBucketCount(ks.arena, dict); index++) {
    const found = dictBucketRead(ks.arena, dict, index);
    for (let i = 0; i < found; i++) all.push(chain.entries[i]);
  }
  return all;
}

function verifyRecords(ks: Keyspace, db: Database): number {
  const arena = ks.arena;
  let blocks = 0;
  let volatile = 0;
  let volatileHashes = 0;
  for (let index = 0; index < dictBucketCount(arena, db.main); index++) {
    dictBucketRead(arena, db.main, index);
    const entries = chain.entries.slice(0, chain.count);
    const hashes = chain.hashes.slice(0, chain.count);
    for (let i = 0; i < entries.length; i++) {
      const rec = entries[i];
      if (recordHash(ks, rec) !== hashes[i]) throw new Error(`keyspace: hash of record ${rec}`);
      if ((recordMeta(arena, rec) & HAS_EXPIRE) !== 0) {
        volatile++;
        if (!dictFindEntry(arena, db.expires, hashes[i], rec)) {
          throw new Error(`keyspace: volatile record ${rec} is not in expires`);
        }
      }
      if (isVolatileHash(recordMeta(arena, rec))) {
        volatileHashes++;
        if (!dictFindEntry(arena, db.volatileHashes, hashes[i], rec)) {
          throw new Error(`keyspace: volatile hash ${rec} is not in volatileHashes`);
        }
      }
      blocks += 1 + recordVerify(ks, rec);
    }
  }
  if (volatileHashes !== dictCount(arena, db.volatileHashes)) {
    throw new Error(`keyspace: db ${db.index} has ${volatileHashes} volatile hashes`);
  }
  if (volatile !== dictCount(arena, db.expires)) {
    throw new Error(`keyspace: db ${db.index} has ${volatile} volatile keys`);
  }
  return blocks;
}

/** Checks one record; returns how many blocks its value owns. */
function recordVerify(ks: Keyspace, rec: number): number {
  const arena = ks.arena;
  const encoding = recordEncoding(arena, rec);
  const tail = encoding === ENCODING_EMBSTR ? recordA(arena, rec) : 0;
  const bytes = headerBytes(recordMeta(arena, rec)) + recordKeyLen(arena, rec) + tail;
  if (tail < 0 || bytes > arenaUsable(arena, rec)) {
    throw new Error(`keyspace: record ${rec} overflows`);
  }
  return valueVerify(ks, recordMeta(arena, rec), recordA(arena, rec));
}
