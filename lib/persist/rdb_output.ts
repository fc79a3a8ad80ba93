// rdb_output.ts: writes lengths, strings and numbers of the snapshot format to a buffer that grows.
//
// LENGTHS
//   00llllll                    6 bits
//   01llllll llllllll           14 bits, high first
//   10000000 llll               32 bits, high first
//   10000001 llllllll           64 bits, high first
//
// STRINGS: a length and the bytes, or one of
//   11000000 v                  the text of a signed integer of 8 bits, of
//   11000001 vv                 16 bits,
//   11000010 vvvv               32 bits (all little endian)
//   11000011 length length ..   compressed (lzf.ts): length in this form, length of the string, bytes
//
// A string is written as an integer when it is the canonical text of one, else compressed when that is wanted, it is
// longer than 20 bytes and at least 4 bytes are saved.
//
// EXAMPLES  "12" -> c0 0c     "-129" -> c1 7f ff     "hello" -> 05 68 65 6c 6c 6f

import { copyBytes, DIGIT_9 } from "../bytes/ascii.ts";
import { int64FromNumber, int64Parse } from "../bytes/int64.ts";
import { lzfCompress } from "./lzf.ts";
import {
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LENGTH_SPECIAL,
  SPECIAL_INT16,
  SPECIAL_INT32,
  SPECIAL_INT8,
  SPECIAL_LZF,
} from "./rdb_types.ts";

const FIRST_BYTES = 256;
const LENGTH_BYTES_MAX = 9;
/** The longest text of an integer of 32 bits. */
const INT_TEXT_MAX = 11;
const COMPRESS_MIN = 20;
const COMPRESS_SAVES = 4;

const parsed = new Int32Array(2);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** A growing run of bytes: buf[0, pos). */
export class RdbOutput {
  buf: Uint8Array = new Uint8Array(FIRST_BYTES);
  pos = 0;
  /** Whether strings may be compressed. */
  compress = true;

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return;
    const bigger = new Uint8Array(Math.max(this.buf.length * 2, this.pos + bytes));
    copyBytes(this.buf, 0, bigger, 0, this.pos);
    this.buf = bigger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buf[this.pos++] = value;
  }

  bytes(buf: Uint8Array, off: number, len: number): void {
    this.reserve(len);
    copyBytes(buf, off, this.buf, this.pos, len);
    this.pos += len;
  }

  /** A length that is a safe integer. */
  length(length: number): void {
    if (length < 2 ** 32) return this.length64(length | 0, 0);
    int64FromNumber(length, parsed);
    this.length64(parsed[0], parsed[1]);
  }

  /** A length of 64 unsigned bits as low and high word. */
  length64(lo: number, hi: number): void {
    this.reserve(LENGTH_BYTES_MAX);
    const { buf } = this;
    if (hi !== 0) {
      buf[this.pos++] = LENGTH_64;
      this.wordBig(hi);
      this.wordBig(lo);
    } else if (lo < 0 || lo >= 1 << 14) {
      buf[this.pos++] = LENGTH_32;
      this.wordBig(lo);
    } else if (lo >= 1 << 6) {
      buf[this.pos++] = LENGTH_14 | (lo >> 8);
      buf[this.pos++] = lo;
    } else {
      buf[this.pos++] = lo;
    }
  }

  private wordBig(word: number): void {
    const { buf } = this;
    buf[this.pos++] = word >> 24;
    buf[this.pos++] = word >> 16;
    buf[this.pos++] = word >> 8;
    buf[this.pos++] = word;
  }

  private wordLittle(word: number): void {
    const { buf } = this;
    buf[this.pos++] = word;
    buf[this.pos++] = word >> 8;
    buf[this.pos++] = word >> 16;
    buf[this.pos++] = word >> 24;
  }

  /** 8 bytes little endian: a time in milliseconds. */
  int64(lo: number, hi: number): void {
    this.reserve(8);
    this.wordLittle(lo);
    this.wordLittle(hi);
  }

  /** 8 bytes big endian: half of the id of a stream entry. */
  int64Big(lo: number, hi: number): void {
    this.reserve(8);
    this.wordBig(hi);
    this.wordBig(lo);
  }

  /** 8 bytes little endian: a score. */
  double(value: number): void {
    double[0] = value;
    this.bytes(doubleBytes, 0, 8);
  }

  /** A string in its shortest form. */
  string(buf: Uint8Array, off: number, len: number): void {
    if (
      len <= INT_TEXT_MAX && len > 0 && buf[off] <= DIGIT_9 && int64Parse(buf, off, len, parsed) &&
      parsed[1] === parsed[0] >> 31
    ) {
      return this.int32(parsed[0]);
    }
    if (this.compress && len > COMPRESS_MIN && this.compressed(buf, off, len)) return;
    this.length(len);
    this.bytes(buf, off, len);
  }

  private int32(value: number): void {
    this.reserve(5);
    const { buf } = this;
    if (value === value << 24 >> 24) {
      buf[this.pos++] = LENGTH_SPECIAL | SPECIAL_INT8;
      buf[this.pos++] = value;
    } else if (value === value << 16 >> 16) {
      buf[this.pos++] = LENGTH_SPECIAL | SPECIAL_INT16;
      buf[this.pos++] = value;
      buf[this.pos++] = value >> 8;
    } else {
      buf[this.pos++] = LENGTH_SPECIAL | SPECIAL_INT32;
      this.wordLittle(value);
    }
  }

  /** Writes a string compressed; false, and nothing is written, when that saves too little. */
  private compressed(buf: Uint8Array, off: number, len: number): boolean {
    const most = len - COMPRESS_SAVES;
    const head = 1 + 2 * LENGTH_BYTES_MAX;
    // Compressed bytes go where the longest head would end, and are moved to where it does end. The compressor looks one
    // byte beyond its room.
    this.reserve(head + most + 1);
    const at = this.pos + head;
    const bytes = lzfCompress(buf, off, len, this.buf, at, most);
    if (bytes === 0) return false;
    this.buf[this.pos++] = LENGTH_SPECIAL | SPECIAL_LZF;
    this.length(bytes);
    this.length(len);
    copyBytes(this.buf, at, this.buf, this.pos, bytes);
    this.pos += bytes;
    return true;
  }
}
