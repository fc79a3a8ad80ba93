// rdb_value.ts: values of any type in the snapshot format. Knows records and their values, but neither keys nor commands:
// snapshots, payloads and whatever else carries values share it.
//
// Reading trusts nothing: whatever the bytes are, the outcome is a value that satisfies its type's invariants, or a
// status and not one block more than before.

import { CRC64_BYTES, crc64Store, crc64Update } from "../bytes/crc64.ts";
import type { Keyspace } from "../engine/keyspace.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  recordEncoding,
  recordSetEncoding,
  recordType,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "../engine/record.ts";
import { stringView, view } from "../engine/string.ts";
import { hashKind, hashRead, hashWrite } from "./rdb_hash.ts";
import type { RdbInput } from "./rdb_input.ts";
import { listRead, listWrite } from "./rdb_list.ts";
import type { RdbOutput } from "./rdb_output.ts";
import { setRead, setWrite } from "./rdb_set.ts";
import { streamRead, streamWrite } from "./rdb_stream.ts";
import {
  RDB_HASH,
  RDB_HASH_2,
  RDB_HASH_LISTPACK,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STRING,
  RDB_TYPE_MAX,
  RDB_VERSION,
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
  READ_CORRUPT,
  READ_OK,
} from "./rdb_types.ts";
import { zsetRead, zsetWrite } from "./rdb_zset.ts";

const crc = new Int32Array(2);

/** Engine types by kind of value; -1 where there is none (modules). */
const TYPES: Int8Array = typesByKind();

function typesByKind(): Int8Array {
  const types = new Int8Array(RDB_TYPE_MAX + 1).fill(-1);
  types[RDB_STRING] = TYPE_STRING;
  for (const kind of [RDB_LIST, RDB_LIST_ZIPLIST, RDB_LIST_QUICKLIST, RDB_LIST_QUICKLIST_2]) {
    types[kind] = TYPE_LIST;
  }
  for (const kind of [RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK]) types[kind] = TYPE_SET;
  for (const kind of [RDB_ZSET, RDB_ZSET_2, RDB_ZSET_ZIPLIST, RDB_ZSET_LISTPACK]) {
    types[kind] = TYPE_ZSET;
  }
  for (
    const kind of [RDB_HASH, RDB_HASH_2, RDB_HASH_ZIPMAP, RDB_HASH_ZIPLIST, RDB_HASH_LISTPACK]
  ) {
    types[kind] = TYPE_HASH;
  }
  for (const kind of [RDB_STREAM, RDB_STREAM_2, RDB_STREAM_3]) types[kind] = TYPE_STREAM;
  return types;
}

/** The engine's type for a kind of value; -1 when there is none. */
export function valueTypeOf(kind: number): number {
  return kind <= RDB_TYPE_MAX ? TYPES[kind] : -1;
}

/** The kind the value of a record is written as. */
export function valueKind(ks: Keyspace, rec: number): number {
  const type = recordType(ks.arena, rec);
  const encoding = recordEncoding(ks.arena, rec);
  if (type === TYPE_STRING) return RDB_STRING;
  if (type === TYPE_LIST) return RDB_LIST_QUICKLIST_2;
  if (type === TYPE_STREAM) return RDB_STREAM_3;
  if (type === TYPE_HASH) return hashKind(ks, rec);
  if (type === TYPE_ZSET) return encoding === ENCODING_LISTPACK ? RDB_ZSET_LISTPACK : RDB_ZSET_2;
  if (encoding === ENCODING_HASHTABLE) return RDB_SET;
  return encoding === ENCODING_INTSET ? RDB_SET_INTSET : RDB_SET_LISTPACK;
}

/** Writes the value of a record, without its kind. */
export function writeValue(out: RdbOutput, ks: Keyspace, rec: number): void {
  const type = recordType(ks.arena, rec);
  if (type === TYPE_STRING) {
    stringView(ks, rec);
    out.string(view.buf, view.off, view.len);
  } else if (type === TYPE_LIST) {
    listWrite(out, ks, rec);
  } else if (type === TYPE_SET) {
    setWrite(out, ks, rec);
  } else if (type === TYPE_HASH) {
    hashWrite(out, ks, rec);
  } else if (type === TYPE_ZSET) {
    zsetWrite(out, ks, rec);
  } else {
    streamWrite(out, ks, rec);
  }
}

/** Writes the value of a record as a payload (DUMP): kind, value, version, checksum. Returns its length from out.buf[0] on. */
export function payloadWrite(out: RdbOutput, ks: Keyspace, rec: number): number {
  out.pos = 0;
  out.byte(valueKind(ks, rec));
  writeValue(out, ks, rec);
  out.byte(RDB_VERSION & 0xff);
  out.byte(RDB_VERSION >> 8);
  out.reserve(CRC64_BYTES);
  crc.fill(0);
  crc64Update(crc, out.buf, 0, out.pos);
  crc64Store(crc, out.buf, out.pos);
  return out.pos + CRC64_BYTES;
}

/**
 * Reads a value of any kind but a string into `rec`, a record of the type valueTypeOf(kind) that is in no table and has no
 * value. Fields of hashes whose time is before `nowMs` are left out; 0 keeps all. Returns READ_OK, or another status, and
 * then the record still has no value.
 */
export function readValue(
  input: RdbInput,
  ks: Keyspace,
  rec: number,
  kind: number,
  nowMs: number,
): number {
  const status = readAny(input, ks, rec, kind, nowMs);
  // Without a value a record is as good as that of a small string: nothing hangs below it.
  if (status !== READ_OK) recordSetEncoding(ks.arena, rec, ENCODING_EMBSTR);
  return status;
}

function readAny(
  input: RdbInput,
  ks: Keyspace,
  rec: number,
  kind: number,
  nowMs: number,
): number {
  const type = recordType(ks.arena, rec);
  if (type === TYPE_LIST) return listRead(input, ks, rec, kind);
  if (type === TYPE_SET) return setRead(input, ks, rec, kind);
  if (type === TYPE_HASH) return hashRead(input, ks, rec, kind, nowMs);
  if (type === TYPE_ZSET) return zsetRead(input, ks, rec, kind);
  return type === TYPE_STREAM ? streamRead(input, ks, rec, kind) : READ_CORRUPT;
}
