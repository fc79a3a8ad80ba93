// rdb_zset.ts: sorted sets in the snapshot format.
//
//   ZSET       count, name and score of each: the score as text behind a byte with its length; 253 nan, 254 inf, 255 -inf
//   ZSET_2     the same with scores of 8 bytes; written for large ones, the greatest first
//   LISTPACK   one string: a listpack of names and scores in turn
//   ZIPLIST    one string: a ziplist of the same
//
// EXAMPLE  a 1, b 2.5   11  14 14 00 00 00 04 00 81 61 02 01 01 81 62 02 83 32 2e 35 04 ff

import { bytesCompare, copyBytes } from "../bytes/ascii.ts";
import { doubleParse } from "../bytes/double.ts";
import { int64ToNumber } from "../bytes/int64.ts";
import { compact, compactView } from "../engine/compact.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackFirst,
  listpackNext,
  listpackText,
} from "../engine/listpack.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "../engine/record.ts";
import type { ValueContext } from "../engine/value_context.ts";
import {
  ADD_ADDED,
  zsetAdd,
  zsetCount,
  zsetCreate,
  zsetExpect,
  zsetFromListpack,
} from "../engine/zset.ts";
import { zsetCompact } from "../engine/zset_build.ts";
import { ZsetCursor } from "../engine/zset_range.ts";
import { zsetValue } from "../engine/zset_value.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { RdbOutput } from "./rdb_output.ts";
import { pack, packCount, packIsUnique, packRead, packReadZiplist } from "./rdb_pack.ts";
import {
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  READ_CORRUPT,
  READ_EMPTY,
  READ_OK,
} from "./rdb_types.ts";

const cursor = new ZsetCursor();

/** Writes the sorted set of a record. */
export function zsetWrite(out: RdbOutput, vc: ValueContext, rec: number): void {
  const { arena } = vc;
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    compactView(vc, rec);
    return out.string(compact.buf, compact.off, compact.len);
  }
  const count = zsetCount(vc, rec);
  out.length(count);
  cursor.start(vc, rec, count - 1, true);
  for (let left = count; left > 0 && cursor.next(); left--) {
    out.string(cursor.buf, cursor.off, cursor.len);
    out.double(cursor.score);
  }
}

/** Reads a sorted set of any kind into a record; see readValue. */
export function zsetRead(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  return kind === RDB_ZSET || kind === RDB_ZSET_2
    ? readMembers(input, vc, rec, kind)
    : readPack(input, vc, rec, kind);
}

/** A member that comes twice is damage, and so is a score that is no number. */
function readMembers(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  const count = input.length();
  if (count <= 0) return count === 0 ? READ_EMPTY : READ_CORRUPT;
  start(vc, rec, ENCODING_SKIPLIST);
  for (let left = count; left > 0; left--) {
    if (!input.string()) return abandon(vc, rec);
    const { stringBuf, stringOff, stringLen } = input;
    const score = kind === RDB_ZSET_2 ? input.double() : input.doubleText();
    if (Number.isNaN(score)) {
      input.refuse("Zset with a score that is no number");
      return abandon(vc, rec);
    }
    if (zsetAdd(vc, rec, score, stringBuf, stringOff, stringLen, 0) !== ADD_ADDED) {
      input.refuse("Duplicate zset members detected");
      return abandon(vc, rec);
    }
  }
  zsetCompact(vc, rec);
  return READ_OK;
}

function start(vc: ValueContext, rec: number, encoding: number): void {
  recordSetEncoding(vc.arena, rec, encoding);
  recordSetA(vc.arena, rec, zsetCreate(vc, encoding));
}

function abandon(vc: ValueContext, rec: number): number {
  zsetValue.free(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
  return READ_CORRUPT;
}

/** Names may be longer than the limit: they stay until the set is written to. */
function readPack(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  const isListpack = kind === RDB_ZSET_LISTPACK;
  const isRead = isListpack ? packRead(input) : packReadZiplist(input);
  if (!isRead || packCount() % 2 !== 0 || !packIsUnique(1)) {
    return input.refuse(`Zset ${isListpack ? "listpack" : "ziplist"} integrity check failed`);
  }
  if (packCount() === 0) return READ_EMPTY;
  const order = packOrder();
  if (order === NO_SCORES) return input.refuse("Zset with a score that is no number");
  if (order === IN_ORDER) {
    recordSetEncoding(vc.arena, rec, ENCODING_LISTPACK);
    recordSetA(vc.arena, rec, zsetFromListpack(vc, pack.buf, pack.off, pack.len));
  } else {
    addPairs(vc, rec);
  }
  zsetExpect(vc, rec, packCount() / 2, 0);
  return READ_OK;
}

const IN_ORDER = 0;
const OUT_OF_ORDER = 1;
const NO_SCORES = 2;

/** The name in front, kept for a comparison. */
let before = new Uint8Array(64);

/** Whether the pairs of `pack` are in order, and all scores are numbers. */
function packOrder(): number {
  const { buf, off } = pack;
  let order = IN_ORDER;
  let beforeLen = -1;
  let beforeScore = -Infinity;
  let at = listpackFirst(buf, off);
  while (at !== LISTPACK_NONE) {
    const scoreAt = listpackNext(buf, at);
    const score = scoreIn(scoreAt);
    if (Number.isNaN(score)) return NO_SCORES;
    listpackText(buf, at);
    const { buf: name, off: nameOff, len: nameLen } = entry;
    if (score < beforeScore) order = OUT_OF_ORDER;
    if (score === beforeScore && beforeLen >= 0) {
      if (bytesCompare(before, 0, beforeLen, name, nameOff, nameLen) >= 0) order = OUT_OF_ORDER;
    }
    if (nameLen > before.length) before = new Uint8Array(nameLen);
    copyBytes(name, nameOff, before, 0, nameLen);
    beforeLen = nameLen;
    beforeScore = score;
    at = listpackNext(buf, scoreAt);
  }
  return order;
}

/** The score in an entry of `pack`; NaN when it is none. */
function scoreIn(at: number): number {
  listpackText(pack.buf, at);
  return entry.isInt
    ? int64ToNumber(entry.lo, entry.hi)
    : doubleParse(entry.buf, entry.off, entry.len);
}

/** Makes a sorted set of pairs in any order. */
function addPairs(vc: ValueContext, rec: number): void {
  start(vc, rec, ENCODING_SKIPLIST);
  let at = listpackFirst(pack.buf, pack.off);
  while (at !== LISTPACK_NONE) {
    const scoreAt = listpackNext(pack.buf, at);
    const score = scoreIn(scoreAt);
    listpackText(pack.buf, at);
    zsetAdd(vc, rec, score, entry.buf, entry.off, entry.len, 0);
    at = listpackNext(pack.buf, scoreAt);
  }
  zsetCompact(vc, rec);
}
