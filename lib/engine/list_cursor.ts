// list_cursor.ts: reading a list: element by element in both directions, and node by node for those who save it.
//
//   cursor.start(vc, rec, 0, false);
//   while (cursor.next()) use(cursor.buf, cursor.off, cursor.len);
//
// One cursor serves for any number of walks, one after the other. What it shows is good until the next call; it is lost
// when the list changes.

import { type Arena, SEGMENT_SHIFT, UNIT_MASK } from "../mem/arena.ts";
import { bytesEqual } from "../bytes/ascii.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackBytes,
  listpackCount,
  listpackEqualsAt,
  listpackNext,
  listpackPrev,
  listpackSeek,
  listpackText,
} from "./listpack.ts";
import { place, quicklistSeekNode } from "./quicklist.ts";
import {
  nodeBuf,
  nodeBytes,
  nodeCount,
  nodeIsPlain,
  nodeNext,
  nodeOff,
  nodePrev,
  quicklistFill,
  quicklistHead,
  quicklistNodes,
} from "./quicklist_node.ts";
import { ENCODING_LISTPACK, recordA, recordEncoding } from "./record.ts";
import type { ValueContext } from "./value_context.ts";

const SHORT_STRING = 0x80;
const LONGER = 0xc0;
const LENGTH_BITS = 0x3f;

/** A walk over the elements of a list. */
export class ListCursor {
  /** The element: its text, an integer as decimal digits. */
  buf: Uint8Array = new Uint8Array(0);
  off = 0;
  len = 0;
  /** After nextPart: whether it is one plain element; if not, its bytes and the position of its first entry. */
  isPlain = false;
  pack: Uint8Array = new Uint8Array(0);
  at: number = LISTPACK_NONE;
  private arena!: Arena;
  private backwards = false;
  /** The node, 0 in a LISTPACK list, and the offset of its listpack. */
  private node = 0;
  private packOff = 0;
  /** The element next() will show; LISTPACK_NONE when the node is through. */
  private nextAt = LISTPACK_NONE;
  private isPlainNext = false;

  /** Stands in front of the element with this index, which must exist. */
  start(vc: ValueContext, rec: number, index: number, backwards: boolean): void {
    const { arena } = vc;
    const root = recordA(arena, rec);
    this.arena = arena;
    this.backwards = backwards;
    this.node = 0;
    this.isPlain = false;
    this.isPlainNext = false;
    let inNode = index;
    if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
      this.pack = arena.u8[root >>> SEGMENT_SHIFT];
      this.packOff = (root & UNIT_MASK) << 4;
    } else {
      inNode = quicklistSeekNode(arena, root, index);
      this.enter(place.node);
      if (this.isPlain) return;
    }
    this.nextAt = listpackSeek(this.pack, this.packOff, inNode);
  }

  /** Shows the next element; false when there is none. */
  next(): boolean {
    if (this.nextAt === LISTPACK_NONE && !this.isPlainNext && !this.nextNode()) return false;
    if (this.isPlain) {
      this.isPlainNext = false;
      this.buf = this.pack;
      this.off = this.packOff;
      this.len = nodeBytes(this.arena, this.node);
      return true;
    }
    const { pack } = this;
    const at = this.nextAt;
    this.at = at;
    const head = pack[at];
    if (head >= SHORT_STRING && head < LONGER) {
      this.buf = pack;
      this.off = at + 1;
      this.len = head & LENGTH_BITS;
    } else {
      listpackText(pack, at);
      this.buf = entry.buf;
      this.off = entry.off;
      this.len = entry.len;
    }
    this.nextAt = this.backwards ? listpackPrev(pack, this.packOff, at) : listpackNext(pack, at);
    return true;
  }

  /**
   * Forwards only, in place of next(): shows all that is left of the node, or the next one, to be walked by the caller up
   * to the end mark: `pack` from `at` on, or a plain element as next() shows it. False when there is nothing more.
   */
  nextPart(): boolean {
    if (this.nextAt === LISTPACK_NONE && !this.isPlainNext && !this.nextNode()) return false;
    if (this.isPlain) return this.next();
    this.at = this.nextAt;
    this.nextAt = LISTPACK_NONE;
    return true;
  }

  /** Moves on as next() does, but only far enough for equals(). */
  skip(): boolean {
    if (this.nextAt === LISTPACK_NONE && !this.isPlainNext && !this.nextNode()) return false;
    if (this.isPlain) {
      this.isPlainNext = false;
      return true;
    }
    const at = this.nextAt;
    this.at = at;
    this.nextAt = this.backwards
      ? listpackPrev(this.pack, this.packOff, at)
      : listpackNext(this.pack, at);
    return true;
  }

  /** Whether the element equals the value. */
  equals(value: Uint8Array, off: number, len: number): boolean {
    if (!this.isPlain) return listpackEqualsAt(this.pack, this.at, value, off, len);
    return nodeBytes(this.arena, this.node) === len &&
      bytesEqual(this.pack, this.packOff, value, off, len);
  }

  private nextNode(): boolean {
    if (this.node === 0) return false;
    const node = this.backwards ? nodePrev(this.arena, this.node) : nodeNext(this.arena, this.node);
    if (node === 0) return false;
    this.enter(node);
    if (!this.isPlain) this.nextAt = listpackSeek(this.pack, this.packOff, this.backwards ? -1 : 0);
    return true;
  }

  private enter(node: number): void {
    const { arena } = this;
    this.node = node;
    this.pack = nodeBuf(arena, node);
    this.packOff = nodeOff(arena, node);
    this.isPlain = nodeIsPlain(arena, node);
    this.isPlainNext = this.isPlain;
    this.nextAt = LISTPACK_NONE;
  }
}

/** One part of a list as it is saved: a listpack, or one large element. */
export const part: { buf: Uint8Array; off: number; len: number; count: number; isPlain: boolean } =
  { buf: new Uint8Array(0), off: 0, len: 0, count: 0, isPlain: false };

/** Number of parts: nodes of a QUICKLIST list, 1 for a LISTPACK list. */
export function listPartCount(vc: ValueContext, rec: number): number {
  if (recordEncoding(vc.arena, rec) === ENCODING_LISTPACK) return 1;
  return quicklistNodes(vc.arena, recordA(vc.arena, rec));
}

/** list-max-listpack-size as it was when a QUICKLIST list was made. */
export function listFill(vc: ValueContext, rec: number): number {
  return quicklistFill(vc.arena, recordA(vc.arena, rec));
}

/**
 * Points `part` at the first part (after = 0) or at the one behind `after`. Returns what to hand in for the next one, 0
 * when there is no such part.
 */
export function listPart(vc: ValueContext, rec: number, after: number): number {
  const { arena } = vc;
  const root = recordA(arena, rec);
  if (recordEncoding(arena, rec) === ENCODING_LISTPACK) {
    if (after !== 0) return 0;
    part.buf = arena.u8[root >>> SEGMENT_SHIFT];
    part.off = (root & UNIT_MASK) << 4;
    part.len = listpackBytes(part.buf, part.off);
    part.count = listpackCount(part.buf, part.off);
    part.isPlain = false;
    return root;
  }
  const node = after === 0 ? quicklistHead(arena, root) : nodeNext(arena, after);
  if (node === 0) return 0;
  part.buf = nodeBuf(arena, node);
  part.off = nodeOff(arena, node);
  part.len = nodeBytes(arena, node);
  part.count = nodeCount(arena, node);
  part.isPlain = nodeIsPlain(arena, node);
  return node;
}
