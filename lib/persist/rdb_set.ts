// rdb_set.ts: sets in the snapshot format.
//
//   SET        count, members as strings                    written for tables, in the order of the table
//   INTSET     one string: an intset
//   LISTPACK   one string: a listpack
//
// EXAMPLE  1 2 3   0b  0e 02 00 00 00 03 00 00 00 01 00 02 00 03 00

import { compact, compactView } from "../engine/compact.ts";
import { intsetCount, intsetValidate } from "../engine/intset.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
} from "../engine/record.ts";
import { setAdd, setCount, setCreate, setToTable } from "../engine/set.ts";
import { setFromCompact, setValue } from "../engine/set_value.ts";
import { SetCursor } from "../engine/set_walk.ts";
import type { ValueContext } from "../engine/value_context.ts";
import type { RdbInput } from "./rdb_input.ts";
import type { RdbOutput } from "./rdb_output.ts";
import { pack, packCount, packIsUnique, packRead } from "./rdb_pack.ts";
import { RDB_SET, RDB_SET_INTSET, READ_CORRUPT, READ_EMPTY, READ_OK } from "./rdb_types.ts";

const cursor = new SetCursor();

/** Writes the set of a record. */
export function setWrite(out: RdbOutput, vc: ValueContext, rec: number): void {
  if (recordEncoding(vc.arena, rec) !== ENCODING_HASHTABLE) {
    compactView(vc, rec);
    return out.string(compact.buf, compact.off, compact.len);
  }
  out.length(setCount(vc, rec));
  cursor.start(vc, rec);
  while (cursor.next()) out.string(cursor.buf, cursor.off, cursor.len);
}

/** Reads a set of any kind into a record; see readValue. */
export function setRead(input: RdbInput, vc: ValueContext, rec: number, kind: number): number {
  if (kind === RDB_SET) return readMembers(input, vc, rec);
  return kind === RDB_SET_INTSET ? readIntset(input, vc, rec) : readPack(input, vc, rec);
}

function readMembers(input: RdbInput, vc: ValueContext, rec: number): number {
  const count = input.length();
  if (count <= 0) return count === 0 ? READ_EMPTY : READ_CORRUPT;
  const encoding = count > vc.limits.setMaxIntsetEntries ? ENCODING_HASHTABLE : ENCODING_INTSET;
  recordSetEncoding(vc.arena, rec, encoding);
  recordSetA(vc.arena, rec, setCreate(vc, encoding));
  for (let left = count; left > 0; left--) {
    // A member that comes twice is damage.
    if (input.string() && setAdd(vc, rec, input.stringBuf, input.stringOff, input.stringLen)) {
      continue;
    }
    setValue.free(vc, recordEncoding(vc.arena, rec), recordA(vc.arena, rec));
    return input.failed ? READ_CORRUPT : input.refuse("Duplicate set members detected");
  }
  return READ_OK;
}

function readIntset(input: RdbInput, vc: ValueContext, rec: number): number {
  if (!input.string()) return READ_CORRUPT;
  const { stringBuf, stringOff, stringLen } = input;
  if (
    !intsetValidate(stringBuf, stringOff, stringLen, true) ||
    intsetCount(stringBuf, stringOff) === 0
  ) return input.refuse("Intset integrity check failed");
  recordSetEncoding(vc.arena, rec, ENCODING_INTSET);
  recordSetA(vc.arena, rec, setFromCompact(vc, stringBuf, stringOff, stringLen));
  if (setCount(vc, rec) > vc.limits.setMaxIntsetEntries) setToTable(vc, rec);
  return READ_OK;
}

function readPack(input: RdbInput, vc: ValueContext, rec: number): number {
  if (!packRead(input) || !packIsUnique(0)) {
    return input.refuse("Set listpack integrity check failed");
  }
  if (packCount() === 0) return READ_EMPTY;
  recordSetEncoding(vc.arena, rec, ENCODING_LISTPACK);
  recordSetA(vc.arena, rec, setFromCompact(vc, pack.buf, pack.off, pack.len));
  if (setCount(vc, rec) > vc.limits.setMaxListpackEntries) setToTable(vc, rec);
  return READ_OK;
}
