// rdb_input.ts: reads lengths, strings and numbers of the snapshot format (the forms are drawn in rdb_output.ts) from a
// range of bytes nobody has checked.
//
// A read that would leave the range, or finds something impossible, sets `failed` and gives zeros, nothing or -1; later
// reads go on failing. So a caller may read several numbers and ask once.
//
// LIFETIME of what string() found: until the next string(). hold() keeps one over the next.
// A source that is read in pieces (rdb_file_input.ts) overrides `need`, which may put the bytes elsewhere: buf, pos and end
// are to be looked at again behind every call; `offset` goes on.

import { copyBytes } from "../bytes/ascii.ts";
import { crc64Update } from "../bytes/crc64.ts";
import { doubleParse } from "../bytes/double.ts";
import { int64Format } from "../bytes/int64.ts";
import { LZF_RATIO_MAX, lzfDecompress } from "./lzf.ts";
import {
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LENGTH_SPECIAL,
  READ_CORRUPT,
  SPECIAL_INT16,
  SPECIAL_INT32,
  SPECIAL_INT8,
  SPECIAL_LZF,
} from "./rdb_types.ts";

const TWO_32 = 4294967296;
const SCORE_NEGATIVE_INFINITY = 255;
const SCORE_POSITIVE_INFINITY = 254;
const SCORE_NAN = 253;
/** Longest string that is taken: what a block can hold. */
const STRING_MAX = 2 ** 31 - 64;
const SCRATCH_BYTES = 256;
/** Scratch that grew beyond this is let go after its string. */
const SCRATCH_KEPT = 1 << 20;

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Reads one value after the other from buf[pos, end). */
export class RdbInput {
  buf: Uint8Array;
  pos: number;
  end: number;
  failed = false;
  /** Whether that was because the range came to its end. */
  ended = false;
  /** Why the value was refused, in words; "" where nothing more is known than that the bytes make no sense. */
  reason = "";
  /** The 64 bits of the last length, int64 or int64Big. */
  lo = 0;
  hi = 0;
  /** Whether the last length was none: a special string. */
  special = false;
  /** The last string: stringBuf[stringOff, stringOff + stringLen). */
  stringBuf: Uint8Array;
  stringOff = 0;
  stringLen = 0;
  /** The string hold() kept: held[0, heldLen). */
  held: Uint8Array = new Uint8Array(SCRATCH_BYTES);
  heldLen = 0;
  private scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES);
  /** Offset of the source at which buf[0] would be. */
  protected base: number;
  /** Checksum of the source up to buf[summedTo]. */
  readonly crc: Int32Array = new Int32Array(2);
  protected summedTo: number;

  constructor(buf: Uint8Array, off: number, len: number) {
    this.buf = buf;
    this.pos = off;
    this.end = off + len;
    this.stringBuf = buf;
    this.base = -off;
    this.summedTo = off;
  }

  /** Bytes of the source that were read. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Bytes that are left, as far as that is known. */
  get left(): number {
    return this.end - this.pos;
  }

  /** Takes what was read since the last call into the checksum. */
  sum(): void {
    crc64Update(this.crc, this.buf, this.summedTo, this.pos - this.summedTo);
    this.summedTo = this.pos;
  }

  /** Whether `bytes` more are there; sets `failed` otherwise. */
  need(bytes: number): boolean {
    if (!this.failed && bytes <= this.end - this.pos) return true;
    this.ended ||= !this.failed;
    this.failed = true;
    return false;
  }

  /** A part begins here. */
  mark(): void {}

  /**
   * To be called when reading the part failed: true when that was only because the rest of it is not there yet; then the
   * next read is the first one of the part again.
   */
  takeBack(): boolean {
    return false;
  }

  /** Remembers why a value is refused. Returns READ_CORRUPT. */
  refuse(reason: string): number {
    this.reason = reason;
    return READ_CORRUPT;
  }

  private fail(): number {
    this.failed = true;
    this.lo = -1;
    this.hi = -1;
    return -1;
  }

  /** A byte, or -1. */
  byte(): number {
    return this.need(1) ? this.buf[this.pos++] : -1;
  }

  /**
   * A length: its 64 unsigned bits in lo and hi, and as a number, -1 when it fails. Of a special string it is the number
   * of the encoding.
   */
  length(): number {
    this.special = false;
    if (!this.need(1)) return this.fail();
    const first = this.buf[this.pos++];
    this.hi = 0;
    this.lo = first & 0x3f;
    if (first >= LENGTH_SPECIAL) {
      this.special = true;
    } else if (first === LENGTH_32) {
      if (!this.need(4)) return this.fail();
      this.lo = this.wordBig();
    } else if (first === LENGTH_64) {
      if (!this.need(8)) return this.fail();
      this.hi = this.wordBig();
      this.lo = this.wordBig();
    } else if (first > LENGTH_64) {
      return this.fail();
    } else if (first >= LENGTH_14) {
      if (!this.need(1)) return this.fail();
      this.lo = (this.lo << 8) | this.buf[this.pos++];
    }
    return (this.hi >>> 0) * TWO_32 + (this.lo >>> 0);
  }

  private wordBig(): number {
    const { buf, pos } = this;
    this.pos = pos + 4;
    return (buf[pos] << 24) | (buf[pos + 1] << 16) | (buf[pos + 2] << 8) | buf[pos + 3];
  }

  private wordLittle(): number {
    const { buf, pos } = this;
    this.pos = pos + 4;
    return buf[pos] | (buf[pos + 1] << 8) | (buf[pos + 2] << 16) | (buf[pos + 3] << 24);
  }

  /** 8 bytes little endian, to lo and hi. False when they are not there. */
  int64(): boolean {
    if (!this.need(8)) return this.fail() === 0;
    this.lo = this.wordLittle();
    this.hi = this.wordLittle();
    return true;
  }

  /** 8 bytes big endian, to lo and hi. False when they are not there. */
  int64Big(): boolean {
    if (!this.need(8)) return this.fail() === 0;
    this.hi = this.wordBig();
    this.lo = this.wordBig();
    return true;
  }

  /** A score of 8 bytes; NaN when it fails or is none. */
  double(): number {
    if (!this.need(8)) return NaN;
    copyBytes(this.buf, this.pos, doubleBytes, 0, 8);
    this.pos += 8;
    return double[0];
  }

  /** A score as text behind its length in one byte, or a byte that stands for an infinity; NaN when it fails. */
  doubleText(): number {
    const len = this.byte();
    if (len === SCORE_NEGATIVE_INFINITY) return -Infinity;
    if (len === SCORE_POSITIVE_INFINITY) return Infinity;
    if (len === SCORE_NAN || len <= 0 || !this.need(len)) return NaN;
    const value = doubleParse(this.buf, this.pos, len);
    this.pos += len;
    return value;
  }

  /** A string, to stringBuf, stringOff and stringLen. False when it fails. */
  string(): boolean {
    if (this.scratch.length > SCRATCH_KEPT) this.scratch = new Uint8Array(SCRATCH_BYTES);
    const len = this.length();
    if (this.failed) return false;
    if (this.special) return len === SPECIAL_LZF ? this.compressed() : this.integer(len);
    if (len > STRING_MAX || !this.need(len)) return this.fail() === 0;
    this.stringBuf = this.buf;
    this.stringOff = this.pos;
    this.stringLen = len;
    this.pos += len;
    return true;
  }

  private integer(kind: number): boolean {
    const bytes = kind === SPECIAL_INT8 ? 1 : kind === SPECIAL_INT16 ? 2 : 4;
    if (kind > SPECIAL_INT32 || !this.need(bytes)) return this.fail() === 0;
    const { buf, pos } = this;
    let value = 0;
    for (let i = 0; i < bytes; i++) value |= buf[pos + i] << (8 * i);
    const unused = 32 - 8 * bytes;
    value = value << unused >> unused;
    this.pos += bytes;
    this.stringBuf = this.scratch;
    this.stringOff = 0;
    this.stringLen = int64Format(value, value >> 31, this.scratch, 0);
    return true;
  }

  private compressed(): boolean {
    const from = this.length();
    const to = this.length();
    // A length no input of this size can make is not worth the memory.
    if (this.failed || !this.need(from)) return this.fail() === 0;
    if (to > STRING_MAX || to > from * LZF_RATIO_MAX) return this.damaged();
    if (to > this.scratch.length) this.scratch = new Uint8Array(to);
    const off = this.pos;
    this.pos += from;
    if (!lzfDecompress(this.buf, off, from, this.scratch, 0, to)) return this.damaged();
    this.stringBuf = this.scratch;
    this.stringOff = 0;
    this.stringLen = to;
    return true;
  }

  private damaged(): boolean {
    this.reason = "Invalid LZF compressed string";
    return this.fail() === 0;
  }

  /** Reads a string and keeps it in `held` while further ones are read. */
  hold(): boolean {
    if (!this.string()) return false;
    if (this.stringLen > this.held.length || this.held.length > SCRATCH_KEPT) {
      this.held = new Uint8Array(Math.max(SCRATCH_BYTES, this.stringLen));
    }
    copyBytes(this.stringBuf, this.stringOff, this.held, 0, this.stringLen);
    this.heldLen = this.stringLen;
    return true;
  }
}
