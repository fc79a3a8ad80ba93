// rdb_hash.ts: hashes in the snapshot format.
//
//   HASH       count, fields and values as strings                     written for tables, in the order of the table
//   HASH_2     count, field, value and time of each: 8 bytes little endian, milliseconds since the epoch, -1 for none
//   LISTPACK   one string: a listpack of fields and values in turn
//   ZIPLIST    one string: a ziplist of the same
//   ZIPMAP     one string: a zipmap
//
// EXAMPLE  f v g 1   10  12 12 00 00 00 04 00 81 66 02 81 76 02 81 67 02 01 01 ff

import { compact, compactView } from "../engine/compact.ts";
import {
  HASH_ADDED,
  hashConvert,
  hashCreate,
  hashFit,
  hashFromListpack,
  hashIsVolatile,
  hashLength,
  hashSet,
  TIME_DROP,
  TIME_SET,
} from "../engine/hash.ts";
import { hashValue } from "../engine/hash_value.ts";
import { HashCursor } from "../engine/hash_walk.ts";
import {
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "../engine/record.ts";
import type { ValueContext } from "../engine/value_context.ts";
import { int64ToNumber } from "../bytes/int64.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { RdbOutput } from "./rdb_output.ts";
import {
  pack,
  packCount,
  packIsUnique,
  packLongest,
  packRead,
  packReadZiplist,
  packReadZipmap,
} from "./rdb_pack.ts";
import {
  RDB_HASH,
  RDB_HASH_2,
  RDB_HASH_LISTPACK,
  RDB_HASH_ZIPMAP,
  READ_CORRUPT,
  READ_EMPTY,
  READ_EXPIRED,
  READ_OK,
} from "./rdb_types.ts";

/** Fields may be timed or not: all are written. */
const ALL = -Infinity;

const cursor = new HashCursor();

/** The kind the hash of a record is written as. */
export function hashKind(vc: ValueContext, rec: number): number {
  if (recordEncoding(vc.arena, rec) === ENCODING_LISTPACK) return RDB_HASH_LISTPACK;
  return hashIsVolatile(vc, rec) ? RDB_HASH_2 : RDB_HASH;
}

/** Writes the hash of a record. */
export function hashWrite(out: RdbOutput, vc: ValueContext, rec: number): void {
  const { arena } = vc;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    compactView(vc, rec);
    return out.string(compact.buf, compact.off, compact.len);
  }
  const isVolatile = hashIsVolatile(vc, rec);
  out.length(hashLength(vc, rec));
  cursor.start(vc, rec, ALL);
  while (cursor.next()) {
    out.string(cursor.nameBuf, cursor.nameOff, cursor.nameLen);
    out.string(cursor.buf, cursor.off, cursor.len);
    if (!isVolatile) continue;
    if (cursor.timed) out.int64(cursor.lo, cursor.hi);
    else out.int64(-1, -1);
  }
}

/**
 * Reads a hash of any kind into a record; see readValue. Fields whose time is before `nowMs` are left out; 0 keeps all.
 */
export function hashRead(
  input: RdbInput,
  vc: ValueContext,
  rec: number,
  kind: number,
  nowMs: number,
): number {
  if (kind !== RDB_HASH && kind !== RDB_HASH_2) return readPack(input, vc, rec, kind);
  const count = input.length();
  if (count <= 0) return count === 0 ? READ_EMPTY : READ_CORRUPT;
  recordSetEncoding(vc.arena, rec, ENCODING_LISTPACK);
  recordSetA(vc.arena, rec, hashCreate(vc));
  if (kind === RDB_HASH_2 || count > vc.limits.hashMaxListpackEntries) hashConvert(vc, rec);
  let status = READ_OK;
  for (let left = count; left > 0 && status === READ_OK; left--) {
    status = readField(input, vc, rec, kind === RDB_HASH_2, nowMs);
  }
  if (status === READ_OK && hashLength(vc, rec) === 0) status = READ_EXPIRED;
  if (status === READ_OK) return READ_OK;
  hashValue.free(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
  return status;
}

/** A field that comes twice is damage, and so is a negative time but -1. */
function readField(
  input: RdbInput,
  vc: ValueContext,
  rec: number,
  isTimed: boolean,
  nowMs: number,
): number {
  if (!input.hold() || !input.string()) return READ_CORRUPT;
  let time = TIME_DROP;
  if (isTimed) {
    if (!input.int64()) return READ_CORRUPT;
    if ((input.lo & input.hi) !== -1) {
      if (input.hi < 0) return READ_CORRUPT;
      if (nowMs !== 0 && int64ToNumber(input.lo, input.hi) < nowMs) return READ_OK;
      time = TIME_SET;
    }
  }
  const { held, heldLen, stringBuf, stringOff, stringLen, lo, hi } = input;
  const done = hashSet(
    vc,
    rec,
    held,
    0,
    heldLen,
    stringBuf,
    stringOff,
    stringLen,
    ALL,
    time,
    lo,
    hi,
  );
  return done === HASH_ADDED ? READ_OK : input.refuse("Duplicate hash fields detected");
}

/** Only a zipmap's values are measured; long ones in the other forms stay until the hash is written to. */
function readPack(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  const isZipmap = kind === RDB_HASH_ZIPMAP;
  const isListpack = kind === RDB_HASH_LISTPACK;
  const isRead = isZipmap
    ? packReadZipmap(input)
    : isListpack
    ? packRead(input)
    : packReadZiplist(input);
  if (!isRead || packCount() % 2 !== 0 || !packIsUnique(1)) {
    const form = isZipmap ? "Zipmap" : isListpack ? "Hash listpack" : "Hash ziplist";
    return input.refuse(`${form} integrity check failed`);
  }
  if (packCount() === 0) return READ_EMPTY;
  recordSetEncoding(vc.arena, rec, ENCODING_LISTPACK);
  recordSetA(vc.arena, rec, hashFromListpack(vc, pack.buf, pack.off, pack.len));
  if (isZipmap && packLongest() > vc.limits.hashMaxListpackValue) hashConvert(vc, rec);
  hashFit(vc, rec);
  return READ_OK;
}
