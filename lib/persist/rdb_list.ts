// rdb_list.ts: lists in the snapshot format.
//
//   LIST          count, elements as strings
//   ZIPLIST       one string: a ziplist
//   QUICKLIST     count, nodes as strings: ziplists
//   QUICKLIST_2   count, and for each node its kind (1 one element, 2 listpack) and a string; the one that is written
//
// EXAMPLE  a b   12  01  02  0d 0d 00 00 00 02 00 81 61 02 81 62 02 ff

import { entry, listpackFirst, listpackNext, listpackText } from "../engine/listpack.ts";
import {
  listAppendPack,
  listAppendPlain,
  listCreateEmpty,
  listLength,
  listPush,
  listSettle,
  listValue,
} from "../engine/list.ts";
import { listPart, listPartCount, part } from "../engine/list_cursor.ts";
import {
  ENCODING_QUICKLIST,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "../engine/record.ts";
import type { ValueContext } from "../engine/value_context.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { RdbOutput } from "./rdb_output.ts";
import { pack, packCount, packRead, packReadZiplist } from "./rdb_pack.ts";
import {
  NODE_PACKED,
  NODE_PLAIN,
  RDB_LIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
  READ_CORRUPT,
  READ_EMPTY,
  READ_OK,
} from "./rdb_types.ts";

/** Writes the list of a record. */
export function listWrite(out: RdbOutput, vc: ValueContext, rec: number): void {
  out.length(listPartCount(vc, rec));
  for (let at = listPart(vc, rec, 0); at !== 0; at = listPart(vc, rec, at)) {
    out.length(part.isPlain ? NODE_PLAIN : NODE_PACKED);
    out.string(part.buf, part.off, part.len);
  }
}

/** Reads a list of any kind into a record; see readValue. */
export function listRead(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  recordSetEncoding(vc.arena, rec, ENCODING_QUICKLIST);
  recordSetA(vc.arena, rec, listCreateEmpty(vc));
  let status = kind === RDB_LIST
    ? readElements(input, vc, rec)
    : kind === RDB_LIST_ZIPLIST
    ? readZiplist(input, vc, rec)
    : readNodes(input, vc, rec, kind);
  if (status === READ_OK && listLength(vc, rec) === 0) status = READ_EMPTY;
  if (status !== READ_OK) {
    listValue.free(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
  } else if (kind !== RDB_LIST_ZIPLIST) {
    listSettle(vc, rec);
  }
  return status;
}

function readElements(input: RdbInput, vc: ValueContext, rec: number): number {
  for (let left = input.length(); left > 0; left--) {
    if (!input.string()) return READ_CORRUPT;
    listPush(vc, rec, input.stringBuf, input.stringOff, input.stringLen, false);
  }
  return input.failed ? READ_CORRUPT : READ_OK;
}

/** The elements are pushed one by one: a ziplist may be longer than nodes are now. */
function readZiplist(input: RdbInput, vc: ValueContext, rec: number): number {
  if (!packReadZiplist(input)) return input.refuse("List ziplist integrity check failed");
  let at = listpackFirst(pack.buf, pack.off);
  for (let left = packCount(); left > 0; left--) {
    listpackText(pack.buf, at);
    listPush(vc, rec, entry.buf, entry.off, entry.len, false);
    at = listpackNext(pack.buf, at);
  }
  return READ_OK;
}

function readNodes(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  for (let left = input.length(); left > 0; left--) {
    const node = kind === RDB_LIST_QUICKLIST_2 ? input.length() : NODE_PACKED;
    if (node === NODE_PLAIN) {
      if (!input.string() || input.stringLen === 0) return READ_CORRUPT;
      listAppendPlain(vc, rec, input.stringBuf, input.stringOff, input.stringLen);
      continue;
    }
    if (node !== NODE_PACKED) return input.refuse("Quicklist integrity check failed");
    if (kind === RDB_LIST_QUICKLIST_2) {
      if (!packRead(input)) return input.refuse("Listpack integrity check failed");
    } else if (!packReadZiplist(input)) {
      return input.refuse("Ziplist integrity check failed");
    }
    if (packCount() > 0) listAppendPack(vc, rec, pack.buf, pack.off, pack.len);
  }
  return input.failed ? READ_CORRUPT : READ_OK;
}
