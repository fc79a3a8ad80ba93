// rdb_ahead.ts: looks at the keys that come next in a snapshot, so that the waits for their places in the table overlap.
//
// Keys lie in a file in no order the table knows: each of a large data set waits for memory when it is added. The names of
// up to AHEAD_MAX of them are hashed before the first one is read, and their buckets touched in a row.
//
//   buf   ... | 00 name value | fc time 00 name value | 00 name value | 04 ...
//               ^ pos           looked at while whole keys with strings are in memory  ^ not further
//
// It is a hint: nothing is taken from the input, and who reads on finds the same with it or without. What is found is named
// by the offset in the source where a name ends, so the bytes may move meanwhile. Names that are not written as they are
// (numbers, compressed ones) are passed over.
//
// INVARIANT: a name that was found is in memory with its value as a whole: as long as only that is read, it stays there.

import { dictProbe } from "../engine/dict_ahead.ts";
import { type Database, keyHash, type Keyspace } from "../engine/keyspace.ts";
import type { RdbInput } from "./rdb_input.ts";
import {
  LENGTH_14,
  LENGTH_32,
  LENGTH_SPECIAL,
  OPCODE_EXPIRE_MS,
  OPCODE_FREQUENCY,
  OPCODE_IDLE,
  RDB_STRING,
  SPECIAL_INT16,
  SPECIAL_INT32,
  SPECIAL_INT8,
  SPECIAL_LZF,
} from "./rdb_types.ts";

const AHEAD_MAX = 32;
const EXPIRY_BYTES = 8;

/** The names of the next keys with strings. */
export class KeysAhead {
  private hashes = new Int32Array(AHEAD_MAX);
  private ends = new Float64Array(AHEAD_MAX);
  /** Most are absent: what matters is that their buckets were read. */
  private guesses = new Int32Array(AHEAD_MAX);
  private count = 0;
  private next = 0;
  // The scan: bytes, where it is, and the string passed last (-1: one that is not written as it is).
  private buf: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private len = 0;

  /** Looks ahead from the name of a key with a string on, unless enough is known. */
  look(ks: Keyspace, db: Database, input: RdbInput): void {
    if (this.next < this.count) return;
    const { hashes, ends } = this;
    const base = input.offset - input.pos;
    this.buf = input.buf;
    this.at = input.pos;
    this.end = input.end;
    let count = 0;
    do {
      if (!this.passString()) break;
      const nameEnd = this.at;
      const nameLen = this.len;
      if (!this.passString()) break;
      if (nameLen < 0) continue;
      hashes[count] = keyHash(ks, this.buf, nameEnd - nameLen, nameLen);
      ends[count++] = base + nameEnd;
    } while (count < AHEAD_MAX && this.passKind());
    this.count = count;
    this.next = 0;
    if (count > 1) dictProbe(ks.arena, db.main, hashes, this.guesses, count);
  }

  /** The hash of the name that was read last, when it was found ahead; else -1. */
  take(input: RdbInput): number {
    const { next } = this;
    if (next >= this.count || this.ends[next] !== input.offset) return -1;
    this.next = next + 1;
    return this.hashes[next];
  }

  /** Passes what is said of a key, and the kind of a string; false at anything else. */
  private passKind(): boolean {
    while (this.at < this.end) {
      const opcode = this.buf[this.at++];
      if (opcode === RDB_STRING) return true;
      if (opcode === OPCODE_EXPIRE_MS) this.at += EXPIRY_BYTES;
      else if (opcode === OPCODE_FREQUENCY) this.at++;
      else if (opcode !== OPCODE_IDLE || this.passLength() < 0) return false;
    }
    return false;
  }

  /** Passes a string; false when it is not there as a whole. */
  private passString(): boolean {
    if (this.at >= this.end) return false;
    const first = this.buf[this.at];
    let bytes: number;
    if (first < LENGTH_SPECIAL) {
      bytes = this.len = this.passLength();
    } else {
      this.at++;
      this.len = -1;
      const kind = first - LENGTH_SPECIAL;
      if (kind === SPECIAL_INT8) bytes = 1;
      else if (kind === SPECIAL_INT16) bytes = 2;
      else if (kind === SPECIAL_INT32) bytes = 4;
      else if (kind !== SPECIAL_LZF) return false;
      else {
        bytes = this.passLength();
        if (bytes < 0 || this.passLength() < 0) return false;
      }
    }
    if (bytes < 0 || bytes > this.end - this.at) return false;
    this.at += bytes;
    return true;
  }

  /** Passes a length; -1 when it is none, or too large to be that of anything in memory. */
  private passLength(): number {
    const { buf, at } = this;
    const first = buf[at];
    // What lies behind the end is never used: the range is asked for by whoever uses the length.
    if (first < LENGTH_14) {
      this.at = at + 1;
      return first;
    }
    if (first < LENGTH_32) {
      this.at = at + 2;
      return ((first & 0x3f) << 8) | buf[at + 1];
    }
    if (first !== LENGTH_32) return -1;
    this.at = at + 5;
    return (buf[at + 1] << 24) | (buf[at + 2] << 16) | (buf[at + 3] << 8) | buf[at + 4];
  }
}
