// stream_node.ts: one node of a stream: a listpack of entries that share a first id and, mostly, their field names.
//
// WHY NOT a block an entry: ids and field names repeat. An entry with the fields of its node costs its values plus 8
// bytes or so. And these are the bytes of the file format: saving is copying.
//
// NODE, one listpack (every box an element; ms and seq are signed differences to the master id, modulo 2^64):
//
//   | valid | deleted | n | field 1 | .. | field n | 0 |   entry | entry | ..
//
//   entry with other fields   | flags | ms | seq | n | field | value | .. | size |        flags & SAME = 0
//   entry with these fields   | flags | ms | seq | value | .. | size |                    flags & SAME
//
// "size" is the number of elements of the entry without itself: the way back. The 0 behind the fields stands in its
// place for the first entry. The master id is that of the first entry at birth; it is the key of the node in the index.
// A deleted entry stays, with flags & DELETED; a node without valid entries goes, unless it was trimmed inside.
//
// EXAMPLE, "XADD s 5-1 f v":  valid 1, deleted 0, n 1, "f", 0, flags 2, ms 0, seq 0, "v", size 4
//   1d 00 00 00  0a 00  01 01  00 01  01 01  81 66 02  00 01  02 01  00 01  00 01  81 76 02  04 01  ff
//
// LIMITS  those of listpacks
// COSTS   an entry is read in O(its elements); walking either way, no allocation
// SOURCE  behaviour of Valkey's streams; its file format.

import {
  entry,
  LISTPACK_HEADER,
  LISTPACK_NONE,
  listpackEnd,
  listpackEntrySize,
  listpackGet,
  listpackPrev,
  listpackReplaceInt,
  listpackSkip,
  listpackText,
  listpackValidate,
} from "./listpack.ts";
import { ID_WORDS, idAddDelta } from "./stream_id.ts";

export const ENTRY_DELETED = 1;
export const ENTRY_SAME = 2;

/** The elements 0 to SMALL_END - 1 are their own heads and take 2 bytes: read without a call. */
const SMALL_END = 128;

/** Bytes by which changing the two counters may lengthen a node. */
export const COUNTERS_GROW_MAX = 16;

/** What nodeHead found in front of the entries: the counters, and the fields, which start `fieldsOff` bytes behind the node. */
export const head = { valid: 0, deleted: 0, fields: 0, fieldsOff: 0 };

/** Reads what stands in front of the entries of a node. */
export function nodeHead(buf: Uint8Array, node: number): void {
  let at = node + LISTPACK_HEADER;
  at += listpackGet(buf, at);
  head.valid = entry.lo;
  at += listpackGet(buf, at);
  head.deleted = entry.lo;
  at += listpackGet(buf, at);
  head.fields = entry.lo;
  head.fieldsOff = at - node;
}

/** A place in a node: an entry, or the gap where the walk starts. */
export class NodeCursor {
  buf: Uint8Array = new Uint8Array(0);
  /** Offset of the listpack. */
  node = 0;
  /** The id that entries are relative to. */
  readonly master: Int32Array = new Int32Array(ID_WORDS);
  masterFields = 0;
  masterAt = 0;
  /** The entry: position of its flags, its id, number of its pairs. */
  at = 0;
  flags = 0;
  readonly id: Int32Array = new Int32Array(ID_WORDS);
  fields = 0;
  /** Position behind what was read of the entry; for SAME entries also the next name. */
  private position = 0;
  private end = 0;
  private name = 0;
  private unread = 0;

  /** Opens the node at buf[node]; `master` must have been set. Walks from its start, or with `back` from its end. */
  open(buf: Uint8Array, node: number, back: boolean): void {
    this.buf = buf;
    this.node = node;
    nodeHead(buf, node);
    this.masterFields = head.fields;
    this.masterAt = node + head.fieldsOff;
    this.unread = 0;
    this.end = listpackEnd(buf, node);
    if (back) {
      this.at = this.end;
    } else {
      this.at = listpackSkip(buf, this.masterAt, this.masterFields);
      this.position = this.at;
    }
  }

  /** Steps to the next entry, deleted or not. False at the end. */
  forward(): boolean {
    const { buf } = this;
    let at = this.position;
    if (this.unread > 0) at = listpackSkip(buf, at, this.unread);
    at += listpackEntrySize(buf, at);
    if (at === this.end) return false;
    this.read(at);
    return true;
  }

  /** Steps to the entry before, deleted or not. False at the start. */
  backward(): boolean {
    const { buf, node } = this;
    let at = listpackPrev(buf, node, this.at);
    listpackGet(buf, at);
    const size = entry.lo;
    if (size === 0) return false;
    for (let i = 0; i < size; i++) at = listpackPrev(buf, node, at);
    this.read(at);
    return true;
  }

  private read(start: number): void {
    const { buf } = this;
    let at = start;
    this.at = start;
    this.flags = buf[at];
    if (this.flags < SMALL_END) at += 2;
    else {
      at += listpackGet(buf, at);
      this.flags = entry.lo;
    }
    let msLo = buf[at];
    let msHi = 0;
    if (msLo < SMALL_END) at += 2;
    else {
      at += listpackGet(buf, at);
      msLo = entry.lo;
      msHi = entry.hi;
    }
    let seqLo = buf[at];
    let seqHi = 0;
    if (seqLo < SMALL_END) at += 2;
    else {
      at += listpackGet(buf, at);
      seqLo = entry.lo;
      seqHi = entry.hi;
    }
    idAddDelta(this.master, 0, msLo, msHi, seqLo, seqHi, this.id, 0);
    if ((this.flags & ENTRY_SAME) !== 0) {
      this.fields = this.masterFields;
      this.name = this.masterAt;
      this.unread = this.fields;
    } else {
      at += listpackGet(buf, at);
      this.fields = entry.lo;
      this.unread = this.fields * 2;
    }
    this.position = at;
  }

  /** To be called when the bytes behind the flags of the entry have moved by `bytes`. */
  shift(bytes: number): void {
    this.position += bytes;
    this.end += bytes;
  }

  /** Reads the name of the next pair into listpack's `entry`, buf, off and len. To be followed by `value`. */
  field(): void {
    if ((this.flags & ENTRY_SAME) !== 0) {
      this.name += listpackText(this.buf, this.name);
    } else {
      this.position += listpackText(this.buf, this.position);
      this.unread--;
    }
  }

  /** Reads the value of the pair likewise. */
  value(): void {
    this.position += listpackText(this.buf, this.position);
    this.unread--;
  }
}

/** Number of entries that are not deleted. */
export function nodeValid(buf: Uint8Array, node: number): number {
  listpackGet(buf, node + LISTPACK_HEADER);
  return entry.lo;
}

/** Number of entries that are deleted. */
export function nodeDeleted(buf: Uint8Array, node: number): number {
  const first = node + LISTPACK_HEADER;
  listpackGet(buf, first + listpackEntrySize(buf, first));
  return entry.lo;
}

/**
 * Counts `count` more entries as deleted, fewer as valid. The node may grow by COUNTERS_GROW_MAX; all positions move by
 * the number of bytes returned.
 */
export function nodeCountDeleted(buf: Uint8Array, node: number, count: number): number {
  const before = listpackEnd(buf, node);
  const first = node + LISTPACK_HEADER;
  const valid = nodeValid(buf, node) - count;
  const deleted = nodeDeleted(buf, node) + count;
  const size = listpackReplaceInt(buf, node, first, valid, valid >> 31);
  listpackReplaceInt(buf, node, first + size, deleted, deleted >> 31);
  return listpackEnd(buf, node) - before;
}

/** Marks the entry of the cursor as deleted, which keeps its place; the counters stay. Returns how many bytes it shrank. */
export function nodeMarkDeleted(cursor: NodeCursor): number {
  const { buf, node, at } = cursor;
  const size = listpackEntrySize(buf, at);
  return size - listpackReplaceInt(buf, node, at, cursor.flags | ENTRY_DELETED, 0);
}

// ---- bytes from elsewhere

/** Reads a number that must be an element of its own and fit 31 bits: position behind it, or 0. It is in entry.lo. */
function countAt(buf: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  const size = listpackGet(buf, at);
  return entry.isInt && entry.hi === 0 && entry.lo >= 0 ? at + size : 0;
}

/** Passes over `count` elements; 0 when there are fewer. */
function pass(buf: Uint8Array, at: number, end: number, count: number): number {
  let position = at;
  for (let i = 0; i < count; i++) {
    if (position >= end) return 0;
    position += listpackEntrySize(buf, position);
  }
  return position;
}

/** Whether buf[off, off + len) is a node: a listpack whose elements are counters, fields and whole entries. */
export function nodeValidate(buf: Uint8Array, off: number, len: number): boolean {
  if (!listpackValidate(buf, off, len, true)) return false;
  const end = listpackEnd(buf, off);
  let at = countAt(buf, off + LISTPACK_HEADER, end);
  if (at === LISTPACK_NONE) return false;
  let entries = entry.lo;
  at = countAt(buf, at, end);
  if (at === LISTPACK_NONE) return false;
  entries += entry.lo;
  at = countAt(buf, at, end);
  if (at === LISTPACK_NONE) return false;
  const fields = entry.lo;
  at = pass(buf, at, end, fields);
  at = at === LISTPACK_NONE ? at : countAt(buf, at, end);
  if (at === LISTPACK_NONE || entry.lo !== 0) return false;
  for (let i = 0; i < entries; i++) {
    at = entryValidate(buf, at, end, fields);
    if (at === LISTPACK_NONE) return false;
  }
  return at === end;
}

/** The position behind the entry at `at`, or 0 when there is no whole one. */
function entryValidate(buf: Uint8Array, start: number, end: number, masterFields: number): number {
  let at = countAt(buf, start, end);
  if (at === LISTPACK_NONE) return LISTPACK_NONE;
  const same = (entry.lo & ENTRY_SAME) !== 0;
  for (let i = 0; i < 2; i++) {
    if (at >= end) return LISTPACK_NONE;
    at += listpackGet(buf, at);
    if (!entry.isInt) return LISTPACK_NONE;
  }
  let elements = masterFields;
  let size = 3 + masterFields;
  if (!same) {
    at = countAt(buf, at, end);
    if (at === LISTPACK_NONE) return LISTPACK_NONE;
    elements = entry.lo * 2;
    size = 4 + elements;
  }
  at = pass(buf, at, end, elements);
  if (at === LISTPACK_NONE) return LISTPACK_NONE;
  at = countAt(buf, at, end);
  return at !== LISTPACK_NONE && entry.lo === size ? at : LISTPACK_NONE;
}
