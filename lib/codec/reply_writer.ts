// reply_writer.ts: RESP2 and RESP3 replies, appended to one growing buffer.
//
// One writer serves a whole engine: a session sets `proto`, commands append, the session hands buf[start, pos) on and
// clears. Nothing on the path of small replies allocates.
//
//   method        RESP2                          RESP3
//   simple        +text                          same
//   error         -text                          same
//   integer       :n                             same
//   bulk          $len CRLF bytes                same
//   nullBulk      $-1                            _
//   nullArray     *-1                            _
//   array n       *n                             same
//   map n         *2n                            %n
//   set n         *n                             ~n
//   push n        *n                             >n
//   double        $ text                         ,text
//   boolean       :1 :0                          #t #f
//   verbatim      $ bytes                        =len CRLF fmt:bytes
//   bigNumber     $ text                         (text
//
// LENGTHS KNOWN LATE: deferredStart() marks a place, deferredEnd() inserts the header there and moves what follows,
// once. For replies of one pass over data of unknown size.
//
// Source: the RESP specification in valkey-doc, "Serialization protocol specification".

import { bytesNew } from "../bytes/out_of_memory.ts";
import { copyBytes, fromLatin1 } from "../bytes/ascii.ts";
import { COPY_DATA_MAX, copyData } from "../bytes/copy.ts";
import { doubleFormat } from "../bytes/double.ts";
import { int64Format, uintFormat } from "../bytes/int64.ts";

const CR = 13;
const LF = 10;
const STAR = 42;
const DOLLAR = 36;
const DIGIT_0 = 48;
const HEADER_MAX = 24;
/** Longest bulk strings that are copied without a call. */
const INLINE_COPY_MAX = 20;
/** Most bytes that moveToFront moves. */
const FRONT_MAX = 128;

/** Bytes of a writer before it grows. */
export const WRITER_BYTES = 65536;
/** A buffer that grew beyond this is given up after the reply left. */
const KEEP_BYTES_MAX = 1048576;

/** Encodes an error or status line once, for constants. */
export function line(text: string): Uint8Array {
  return fromLatin1(text + "\r\n");
}

export const OK = line("+OK");
const NULL_BULK = line("$-1");
const NULL_ARRAY = line("*-1");
const NULL_3 = line("_");
const TRUE_3 = line("#t");
const FALSE_3 = line("#f");

/** Output buffer of an engine. */
export class ReplyWriter {
  buf: Uint8Array;
  private data: DataView;
  pos: number;
  /** Where the first reply starts; what lies before is not the writer's. */
  readonly start: number;
  /** The buffer of a writer that is empty, and the larger one it had last. */
  private readonly home: Uint8Array;
  private readonly homeData: DataView;
  private larger: Uint8Array | null = null;
  /** 2 or 3. */
  proto = 2;
  /** Errors written so far; executing code compares it to know whether a command failed. */
  errors = 0;
  /** Where the last error starts in `buf`. */
  errorOff = 0;

  /** A writer to home[start ...]. */
  constructor(home: Uint8Array = new Uint8Array(WRITER_BYTES), start = 0) {
    this.home = home;
    this.homeData = new DataView(home.buffer, home.byteOffset, home.byteLength);
    this.buf = home;
    this.data = this.homeData;
    this.start = start;
    this.pos = start;
  }

  /** Bytes appended. */
  get size(): number {
    return this.pos - this.start;
  }

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    if (this.pos + bytes > this.buf.length) this.grow(bytes);
  }

  grow(bytes: number): void {
    let size = this.buf.length * 2;
    while (size < this.pos + bytes) size *= 2;
    const { larger } = this;
    const bigger = larger !== null && larger.length >= size ? larger : bytesNew(size, "reply");
    bigger.set(this.buf.subarray(this.start, this.pos), this.start);
    this.buf = bigger;
    this.data = new DataView(bigger.buffer, bigger.byteOffset, bigger.byteLength);
    this.larger = size > KEEP_BYTES_MAX ? null : bigger;
  }

  /** Empties the buffer after its contents were taken. */
  clear(): void {
    this.pos = this.start;
    this.buf = this.home;
    this.data = this.homeData;
  }

  /** Appends ready RESP bytes. */
  raw(bytes: Uint8Array): void {
    const len = bytes.length;
    if (this.pos + len > this.buf.length) this.grow(len);
    copyBytes(bytes, 0, this.buf, this.pos, len);
    this.pos += len;
  }

  rawRange(buf: Uint8Array, off: number, len: number): void {
    if (this.pos + len > this.buf.length) this.grow(len);
    copyBytes(buf, off, this.buf, this.pos, len);
    this.pos += len;
  }

  ok(): void {
    this.raw(OK);
  }

  /** A status line; ASCII text without CR or LF. */
  simple(text: string): void {
    this.raw(line("+" + text));
  }

  /** A ready error line made by `line("-ERR ...")`. */
  error(bytes: Uint8Array): void {
    this.errors++;
    this.errorOff = this.pos;
    this.raw(bytes);
  }

  /** An error from text without the leading dash; CR and LF inside become spaces. */
  errorText(text: string): void {
    this.error(line("-" + text.replace(/[\r\n]/g, " ")));
  }

  /** An integer that a double holds exactly. */
  integer(n: number): void {
    if (this.pos + HEADER_MAX > this.buf.length) this.grow(HEADER_MAX);
    this.header(58, n);
  }

  integer64(lo: number, hi: number): void {
    if (this.pos + HEADER_MAX > this.buf.length) this.grow(HEADER_MAX);
    const buf = this.buf;
    buf[this.pos] = 58;
    let at = this.pos + 1;
    at += int64Format(lo, hi, buf, at);
    buf[at] = CR;
    buf[at + 1] = LF;
    this.pos = at + 2;
  }

  /** Type byte, number, CRLF; the caller made room. */
  header(type: number, n: number): void {
    const buf = this.buf;
    let at = this.pos;
    buf[at++] = type;
    if (n < 0) {
      buf[at++] = 45;
      at += uintFormat(-n, buf, at);
    } else if (n < 10) {
      buf[at++] = 48 + n;
    } else {
      at += uintFormat(n, buf, at);
    }
    buf[at] = CR;
    buf[at + 1] = LF;
    this.pos = at + 2;
  }

  /** A bulk string; with a view of `src` one of middle length is copied faster. */
  bulk(src: Uint8Array, off: number, len: number, data: DataView | null = null): void {
    if (this.pos + len + HEADER_MAX > this.buf.length) this.grow(len + HEADER_MAX);
    const buf = this.buf;
    let at = this.pos;
    buf[at] = DOLLAR;
    if (len < 10) {
      buf[at + 1] = DIGIT_0 + len;
      at += 2;
    } else if (len < 100) {
      // The tens of a number of two digits, without a division.
      const tens = (len * 205) >> 11;
      buf[at + 1] = DIGIT_0 + tens;
      buf[at + 2] = DIGIT_0 + len - tens * 10;
      at += 3;
    } else {
      at += 1 + uintFormat(len, buf, at + 1);
    }
    buf[at] = CR;
    buf[at + 1] = LF;
    at += 2;
    if (len > INLINE_COPY_MAX) {
      if (data !== null && len <= COPY_DATA_MAX) copyData(data, off, this.data, at, len);
      else copyBytes(src, off, buf, at, len);
    } else {
      let i = 0;
      for (; i + 3 < len; i += 4) {
        const from = off + i;
        const to = at + i;
        buf[to] = src[from];
        buf[to + 1] = src[from + 1];
        buf[to + 2] = src[from + 2];
        buf[to + 3] = src[from + 3];
      }
      for (; i < len; i++) buf[at + i] = src[off + i];
    }
    buf[at + len] = CR;
    buf[at + len + 1] = LF;
    this.pos = at + len + 2;
  }

  /** A bulk string from text of one byte per character. */
  bulkText(text: string): void {
    const bytes = fromLatin1(text);
    this.bulk(bytes, 0, bytes.length);
  }

  /** A bulk string holding the decimal digits of an integer a double holds exactly. */
  bulkInteger(n: number): void {
    this.bulkText(String(n));
  }

  nullBulk(): void {
    this.raw(this.proto === 3 ? NULL_3 : NULL_BULK);
  }

  nullArray(): void {
    this.raw(this.proto === 3 ? NULL_3 : NULL_ARRAY);
  }

  array(count: number): void {
    if (this.pos + HEADER_MAX > this.buf.length) this.grow(HEADER_MAX);
    this.header(STAR, count);
  }

  /** Header of `pairs` key-value pairs. */
  map(pairs: number): void {
    this.reserve(HEADER_MAX);
    if (this.proto === 3) this.header(37, pairs);
    else this.header(STAR, pairs * 2);
  }

  set(count: number): void {
    this.reserve(HEADER_MAX);
    this.header(this.proto === 3 ? 126 : STAR, count);
  }

  push(count: number): void {
    this.reserve(HEADER_MAX);
    this.header(this.proto === 3 ? 62 : STAR, count);
  }

  attribute(pairs: number): void {
    this.reserve(HEADER_MAX);
    this.header(124, pairs);
  }

  boolean(value: boolean): void {
    if (this.proto === 3) this.raw(value ? TRUE_3 : FALSE_3);
    else this.integer(value ? 1 : 0);
  }

  /** A double as Valkey prints it. */
  double(value: number): void {
    const len = doubleFormat(value, doubleScratch, 0);
    if (this.proto === 3) {
      this.reserve(len + 3);
      this.buf[this.pos++] = 44;
      copyBytes(doubleScratch, 0, this.buf, this.pos, len);
      this.pos += len;
      this.buf[this.pos++] = CR;
      this.buf[this.pos++] = LF;
    } else {
      this.bulk(doubleScratch, 0, len);
    }
  }

  /** Text with a three-letter format, "txt" or "mkd". */
  verbatim(format: string, text: Uint8Array): void {
    if (this.proto !== 3) {
      this.bulk(text, 0, text.length);
      return;
    }
    this.reserve(text.length + HEADER_MAX + 8);
    this.header(61, text.length + 4);
    this.raw(fromLatin1(format + ":"));
    this.raw(text);
    this.raw(CRLF);
  }

  /** A big number from its decimal digits. */
  bigNumber(digits: string): void {
    if (this.proto === 3) this.raw(line("(" + digits));
    else this.bulkText(digits);
  }

  /** Marks where a header of yet unknown count belongs. */
  deferredStart(): number {
    return this.pos;
  }

  deferredArray(mark: number, count: number): void {
    this.insertHeader(mark, STAR, count);
  }

  deferredMap(mark: number, pairs: number): void {
    if (this.proto === 3) this.insertHeader(mark, 37, pairs);
    else this.insertHeader(mark, STAR, pairs * 2);
  }

  deferredSet(mark: number, count: number): void {
    this.insertHeader(mark, this.proto === 3 ? 126 : STAR, count);
  }

  /**
   * Moves what was appended since `from`, at most FRONT_MAX bytes, in front of what was appended since `mark`. For
   * replies whose first elements are known last.
   */
  moveToFront(mark: number, from: number): void {
    const len = this.pos - from;
    copyBytes(this.buf, from, headerScratch, 0, len);
    copyBytes(this.buf, mark, this.buf, mark + len, from - mark);
    copyBytes(headerScratch, 0, this.buf, mark, len);
  }

  private insertHeader(mark: number, type: number, count: number): void {
    this.reserve(HEADER_MAX);
    const end = this.pos;
    this.header(type, count);
    this.moveToFront(mark, end);
  }
}

const CRLF = fromLatin1("\r\n");
const doubleScratch = new Uint8Array(512);
const headerScratch = new Uint8Array(FRONT_MAX);
