// rdb_pack.ts: compact values of the snapshot format as listpacks that can be trusted: checked, or converted from the
// packed forms of older releases.

import { latin1 } from "../bytes/ascii.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackCount,
  listpackFind,
  listpackFirst,
  listpackNext,
  listpackSkip,
  listpackText,
  listpackValidate,
} from "../engine/listpack.ts";
import { ListpackBuilder } from "./listpack_builder.ts";
import type { RdbInput } from "./rdb_input.ts";
import { ZiplistCursor } from "./ziplist.ts";
import { ZipmapCursor } from "./zipmap.ts";

/** Up to so many names each is looked for behind itself; more are put into a table. */
const COMPARED_MAX = 24;

const builder = new ListpackBuilder();
const ziplist = new ZiplistCursor();
const zipmap = new ZipmapCursor();

/** A listpack: pack.buf[pack.off, pack.off + pack.len), good until the next value is read. */
export const pack: { buf: Uint8Array; off: number; len: number } = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
};

/** Reads a listpack into `pack`; false when it is damaged. */
export function packRead(input: RdbInput): boolean {
  if (!input.string()) return false;
  pack.buf = input.stringBuf;
  pack.off = input.stringOff;
  pack.len = input.stringLen;
  return listpackValidate(pack.buf, pack.off, pack.len, true);
}

/** Reads a ziplist and makes it a listpack in `pack`; false when it is damaged. */
export function packReadZiplist(input: RdbInput): boolean {
  if (!input.string()) return false;
  builder.reset();
  ziplist.start(input.stringBuf, input.stringOff, input.stringLen);
  while (ziplist.next()) {
    if (ziplist.isInt) builder.appendInt(ziplist.lo, ziplist.hi);
    else builder.append(input.stringBuf, ziplist.stringOff, ziplist.stringLen);
  }
  return !ziplist.damaged && built();
}

/** Reads a zipmap and makes it a listpack of fields and values in `pack`; false when it is damaged. */
export function packReadZipmap(input: RdbInput): boolean {
  if (!input.string()) return false;
  builder.reset();
  zipmap.start(input.stringBuf, input.stringOff, input.stringLen);
  while (zipmap.next()) {
    builder.append(input.stringBuf, zipmap.fieldOff, zipmap.fieldLen);
    builder.append(input.stringBuf, zipmap.valueOff, zipmap.valueLen);
  }
  return !zipmap.damaged && built();
}

function built(): boolean {
  pack.buf = builder.buf;
  pack.off = 0;
  pack.len = builder.bytes;
  return !builder.full;
}

/** Number of entries of `pack`. */
export function packCount(): number {
  return listpackCount(pack.buf, pack.off);
}

/** Whether no name appears twice in `pack`: every entry is one (skip 0), or every other from the first on (skip 1). */
export function packIsUnique(skip: number): boolean {
  const { buf, off } = pack;
  if (packCount() / (skip + 1) > COMPARED_MAX) return isUniqueByTable(skip);
  let at = listpackFirst(buf, off);
  while (at !== LISTPACK_NONE) {
    let next = listpackNext(buf, at);
    if (skip > 0 && next !== LISTPACK_NONE) next = listpackNext(buf, next);
    listpackText(buf, at);
    const twin = listpackFind(buf, next, entry.buf, entry.off, entry.len, skip);
    if (twin !== LISTPACK_NONE) return false;
    at = next;
  }
  return true;
}

function isUniqueByTable(skip: number): boolean {
  const { buf, off } = pack;
  const names = new Set<string>();
  const count = packCount();
  let at = listpackFirst(buf, off);
  for (let i = 0; i < count; i += skip + 1) {
    listpackText(buf, at);
    names.add(latin1(entry.buf, entry.off, entry.len));
    at = listpackSkip(buf, at, skip + 1);
  }
  return names.size === Math.ceil(count / (skip + 1));
}

/** Length of the longest entry of `pack`. */
export function packLongest(): number {
  const { buf, off } = pack;
  let longest = 0;
  for (let at = listpackFirst(buf, off); at !== LISTPACK_NONE; at = listpackNext(buf, at)) {
    listpackText(buf, at);
    if (entry.len > longest) longest = entry.len;
  }
  return longest;
}
