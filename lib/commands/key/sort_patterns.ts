// sort_patterns.ts: what BY and GET of SORT name: keys and hash fields, made of a pattern and an element.
//
//   pattern        element   key         field
//   weight_*       7         weight_7
//   item_*->name   7         item_7      name
//   #              7         none: the element itself
//   fixed          7         none: nothing is found
//
// The first "*" is replaced; "->" counts behind it, when something follows. As in Valkey a zero byte ends the search for
// both, though not the name.

import { copyBytes, HASH, NUL, STAR } from "../../bytes/ascii.ts";
import { found as field, hashFind } from "../../engine/hash.ts";
import { recordType, TYPE_HASH, TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import type { Ctx } from "../context.ts";
import { lookupReadName } from "../lookup.ts";

const MINUS = 0x2d;
const GREATER = 0x3e;

/** A value that was looked up: buf[off, off+len), good until the next look-up or allocation. */
export const looked: { buf: Uint8Array; off: number; len: number } = {
  buf: new Uint8Array(0),
  off: 0,
  len: 0,
};

let name = new Uint8Array(256);

/** A pattern, taken apart. */
export class SortPattern {
  /** Whether it is the element itself. */
  readonly isElement: boolean;
  readonly #bytes: Uint8Array;
  /** Where the star is, or -1. */
  readonly #star: number;
  /** Where the key's name ends, and the field; -1 without a field. */
  readonly #keyEnd: number;
  readonly #field: number;

  constructor(bytes: Uint8Array) {
    const nul = bytes.indexOf(NUL);
    const end = nul < 0 ? bytes.length : nul;
    const star = bytes.indexOf(STAR);
    this.#bytes = bytes;
    this.#star = star < end ? star : -1;
    this.isElement = end === 1 && bytes[0] === HASH;
    let arrow = this.#star < 0 ? end : this.#star + 1;
    while (arrow < end && !(bytes[arrow] === MINUS && bytes[arrow + 1] === GREATER)) arrow++;
    const hasField = arrow + 2 < end;
    this.#keyEnd = hasField ? arrow : bytes.length;
    this.#field = hasField ? arrow + 2 : -1;
  }

  /** Whether it names the same for all elements. */
  get isFixed(): boolean {
    return this.#star < 0;
  }

  /** Looks up what the pattern names for an element; `looked` shows it. Returns false when there is nothing. */
  look(ctx: Ctx, buf: Uint8Array, off: number, len: number): boolean {
    if (this.isElement) {
      looked.buf = buf;
      looked.off = off;
      looked.len = len;
      return true;
    }
    if (this.#star < 0) return false;
    const ks = ctx.keyspace;
    const rec = lookupReadName(ctx, name, 0, this.#makeName(buf, off, len));
    if (rec === 0) return false;
    const type = recordType(ks.arena, rec);
    if (this.#field < 0) {
      if (type !== TYPE_STRING) return false;
      stringView(ks, rec);
      show(view);
      return true;
    }
    if (type !== TYPE_HASH) return false;
    const at = this.#field;
    if (!hashFind(ks, rec, this.#bytes, at, this.#bytes.length - at, ctx.nowMs)) return false;
    show(field);
    return true;
  }

  /** Writes the key's name to `name`. Returns its length. */
  #makeName(buf: Uint8Array, off: number, len: number): number {
    const star = this.#star;
    const tail = this.#keyEnd - star - 1;
    const total = star + len + tail;
    if (total > name.length) name = new Uint8Array(total * 2);
    copyBytes(this.#bytes, 0, name, 0, star);
    copyBytes(buf, off, name, star, len);
    copyBytes(this.#bytes, star + 1, name, star + len, tail);
    return total;
  }
}

function show(value: { buf: Uint8Array; off: number; len: number }): void {
  looked.buf = value.buf;
  looked.off = value.off;
  looked.len = value.len;
}
