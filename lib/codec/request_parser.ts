// request_parser.ts: requests to argument ranges, resumable at every byte.
//
// Grammar (RESP arrays of bulk strings, or inline lines):
//
//   request := "*" count CRLF { "$" length CRLF bytes CRLF }      count <= 0 is an empty request
//            | words LF                                           inline, quoting as inline_splitter.ts
//
// The parser looks at buf[pos, end). Requests read one after the other go into one table, until the owner clears it: all
// argument ranges in a row, and a row of four words for each complete request. So a batch of short requests takes a few
// cache lines. Ranges point into `buf` (those of inline words into a buffer of their own, since quotes and escapes go).
//
//   off, len   | SET k v | GET k | INCR n | SE..        arguments of complete requests, then of the one under way
//   rows       | first argument, arguments, first byte, byte behind the last | ..
//
// All state between two calls is numbers, relative to `start`, the first byte of the request under way; the owner may move
// these bytes to another buffer between calls and tell the new place with `rebase`.
//
//             *                  $                  bytes + CRLF
//   START ----------> COUNT --------> LENGTH ------------------> BULK
//     |  other byte     ^ count <= 0: START          ^______________|  until `remaining` is 0: REQUEST
//     +-----------> INLINE: waits for LF
//
// Limits are fields because they depend on the connection (before authentication they are small) and on directives.
// Errors are texts as Valkey words them; the owner answers and closes.
//
// COSTS: each byte is looked at once, except that an unfinished number or inline line is scanned again.
//
// Source: the RESP specification in valkey-doc.

import { inlineSplit } from "./inline_splitter.ts";
import {
  ARGS_MAX,
  ARGS_MAX_UNAUTHENTICATED,
  BULK_BYTES_MAX,
  BULK_BYTES_MAX_UNAUTHENTICATED,
  INLINE_BYTES_MAX,
} from "../limits.ts";

/** Results of `parse`. */
export const PARSE_MORE = 0;
export const PARSE_REQUEST = 1;
export const PARSE_EMPTY = 2;
export const PARSE_ERROR = 3;

const START = 0;
const LENGTH = 1;
const BULK = 2;

/** Most requests of one table. */
export const REQUESTS_MAX = 64;
const ARGS_ROOM = 64;
/** A table that grew beyond this is given up when it is empty. */
const ARGS_KEEP_MAX = 65536;

const ROW_SHIFT = 2;
const ROW_FIRST = 0;
const ROW_ARGC = 1;
const ROW_START = 2;
const ROW_END = 3;

/** The state of one connection's input, and the table of the requests that were read. */
export class RequestParser {
  /** Argument ranges of all requests of the table. */
  off: Int32Array = new Int32Array(ARGS_ROOM);
  len: Int32Array = new Int32Array(ARGS_ROOM);
  /** Complete requests in the table, REQUESTS_MAX at most. */
  count = 0;
  /** Arguments in the table, those of the request under way included. */
  args = 0;
  private rows = new Int32Array(REQUESTS_MAX << ROW_SHIFT);
  /** Index of the first argument of the request under way. */
  private first = 0;
  /** Where the words of inline requests are, by row; null for all others. Empty unless there are inline requests. */
  private inlineBufs: (Uint8Array | null)[] = [];
  /** First byte of the request under way. */
  start = 0;
  /** Next byte to look at. */
  pos = 0;
  /** Text of the error after PARSE_ERROR. */
  error = "";
  /** Largest bulk (proto-max-bulk-len). */
  bulkBytesMax = BULK_BYTES_MAX;
  /** While false the small limits hold. */
  authenticated = true;

  private state = START;
  private remaining = 0;
  private bulkLen = 0;

  /** Total bytes the request under way is known to need from `start`, for sizing the buffer; 0 when not known. */
  get needBytes(): number {
    return this.state === BULK ? this.pos - this.start + this.bulkLen + 2 : 0;
  }

  /** True when a request is partly read. */
  get isPartial(): boolean {
    return this.state !== START;
  }

  /**
   * The bytes of the request under way now start at `start` (in whatever buffer the next parse is given). Complete
   * requests are forgotten.
   */
  rebase(start: number): void {
    this.clear();
    const delta = start - this.start;
    for (let i = 0; i < this.args; i++) this.off[i] += delta;
    this.pos += delta;
    this.start = start;
  }

  /** Forgets all requests, a partial one as well. */
  reset(): void {
    this.state = START;
    this.args = 0;
    this.first = 0;
    this.count = 0;
    this.remaining = 0;
    if (this.inlineBufs.length > 0) this.inlineBufs.length = 0;
    this.shrink();
  }

  /** Forgets the complete requests. To be called before each further batch. */
  clear(): void {
    const { first, args } = this;
    if (args > first && first > 0) {
      this.off.copyWithin(0, first, args);
      this.len.copyWithin(0, first, args);
    }
    this.args = args - first;
    this.first = 0;
    this.count = 0;
    if (this.inlineBufs.length > 0) this.inlineBufs.length = 0;
    this.shrink();
  }

  private shrink(): void {
    if (this.off.length <= ARGS_KEEP_MAX || this.args > 0) return;
    this.off = new Int32Array(ARGS_ROOM);
    this.len = new Int32Array(ARGS_ROOM);
  }

  /** Index of the first argument of complete request `row`. */
  firstArg(row: number): number {
    return this.rows[(row << ROW_SHIFT) + ROW_FIRST];
  }

  /** Number of arguments of complete request `row`. */
  argCount(row: number): number {
    return this.rows[(row << ROW_SHIFT) + ROW_ARGC];
  }

  /** First byte of complete request `row`. */
  startOf(row: number): number {
    return this.rows[(row << ROW_SHIFT) + ROW_START];
  }

  /** The byte behind complete request `row`. */
  endOf(row: number): number {
    return this.rows[(row << ROW_SHIFT) + ROW_END];
  }

  /** Bytes of complete request `row`. */
  bytesOf(row: number): number {
    const r = row << ROW_SHIFT;
    return this.rows[r + ROW_END] - this.rows[r + ROW_START];
  }

  /** Where the arguments of complete request `row` are: the caller's buffer `buf`, or a private one for inline words. */
  bufOf(row: number, buf: Uint8Array): Uint8Array {
    const { inlineBufs } = this;
    return row < inlineBufs.length ? inlineBufs[row] ?? buf : buf;
  }

  /** Bytes of the arguments of the request under way. */
  get partialBytes(): number {
    let bytes = 0;
    for (let i = this.first; i < this.args; i++) bytes += this.len[i];
    return bytes;
  }

  /** Room for twice as many arguments. */
  private grow(): void {
    const off = new Int32Array(this.off.length * 2);
    off.set(this.off);
    this.off = off;
    const len = new Int32Array(this.len.length * 2);
    len.set(this.len);
    this.len = len;
  }

  /** Reads on from `pos`. PARSE_REQUEST adds a request to the table, which must have room; the next call starts behind it. */
  parse(buf: Uint8Array, end: number): number {
    if (this.state === START) {
      this.start = this.pos;
      this.args = this.first;
      if (this.pos >= end) return PARSE_MORE;
      if (buf[this.pos] !== 42) return this.parseInline(buf, end);
      const found = this.parseCount(buf, end);
      if (found !== PARSE_REQUEST) return found;
    }
    return this.parseBulks(buf, end);
  }

  private parseCount(buf: Uint8Array, end: number): number {
    const start = this.pos;
    const digit = buf[start + 1] - 48;
    // Fast way: one digit, the whole line in the buffer.
    if (
      start + 3 < end && digit > 0 && digit <= 9 && buf[start + 2] === 13 && buf[start + 3] === 10
    ) {
      this.pos = start + 4;
      this.remaining = digit;
      this.state = LENGTH;
      return PARSE_REQUEST;
    }
    const at = this.number(buf, start + 1, end);
    if (at === 0) {
      if (end - start > INLINE_BYTES_MAX) {
        return this.fail("Protocol error: too big mbulk count string");
      }
      return PARSE_MORE;
    }
    const count = this.value;
    if (at === -2) return this.fail(BAD_CRLF);
    if (at < 0 || count > ARGS_MAX) return this.fail("Protocol error: invalid multibulk length");
    if (count > ARGS_MAX_UNAUTHENTICATED && !this.authenticated) {
      return this.fail("Protocol error: unauthenticated multibulk length");
    }
    this.pos = at;
    if (count <= 0) return PARSE_EMPTY;
    this.remaining = count;
    this.state = LENGTH;
    return PARSE_REQUEST;
  }

  private parseBulks(buf: Uint8Array, end: number): number {
    let pos = this.pos;
    let { args, off, len } = this;
    let bulkLen = this.bulkLen;
    let { state, remaining } = this;
    while (remaining > 0) {
      if (state === LENGTH) {
        if (pos >= end) break;
        // Fast way: one or two digits, all in the buffer.
        let digit = buf[pos + 1] - 48;
        if (
          pos + 3 < end && buf[pos] === 36 && digit >= 0 && digit <= 9 && buf[pos + 2] === 13 &&
          buf[pos + 3] === 10
        ) {
          bulkLen = digit;
          pos += 4;
        } else {
          const tens = digit * 10;
          digit = buf[pos + 2] - 48;
          if (
            pos + 4 < end && buf[pos] === 36 && tens > 0 && tens <= 90 && digit >= 0 &&
            digit <= 9 && buf[pos + 3] === 13 && buf[pos + 4] === 10
          ) {
            bulkLen = tens + digit;
            pos += 5;
          } else {
            this.pos = pos;
            this.state = LENGTH;
            this.remaining = remaining;
            this.args = args;
            const found = this.parseLength(buf, end);
            if (found !== PARSE_REQUEST) return found;
            pos = this.pos;
            bulkLen = this.bulkLen;
          }
        }
        state = BULK;
      }
      if (end - pos < bulkLen + 2) break;
      if (buf[pos + bulkLen] !== 13 || buf[pos + bulkLen + 1] !== 10) {
        return this.fail(BAD_CRLF);
      }
      if (args === off.length) {
        this.grow();
        off = this.off;
        len = this.len;
      }
      off[args] = pos;
      len[args] = bulkLen;
      args++;
      pos += bulkLen + 2;
      remaining--;
      state = LENGTH;
    }
    this.pos = pos;
    this.args = args;
    this.bulkLen = bulkLen;
    this.remaining = remaining;
    this.state = state;
    if (remaining > 0) return PARSE_MORE;
    this.state = START;
    this.complete();
    return PARSE_REQUEST;
  }

  private parseLength(buf: Uint8Array, end: number): number {
    const start = this.pos;
    const at = this.number(buf, start + 1, end);
    if (at === 0) {
      if (end - start > INLINE_BYTES_MAX) {
        return this.fail("Protocol error: too big bulk count string");
      }
      return PARSE_MORE;
    }
    if (buf[start] !== 36) {
      return this.fail(`Protocol error: expected '$', got '${String.fromCharCode(buf[start])}'`);
    }
    if (at === -2) return this.fail(BAD_CRLF);
    const size = this.value;
    if (at < 0 || size < 0 || size > this.bulkBytesMax) {
      return this.fail("Protocol error: invalid bulk length");
    }
    if (size > BULK_BYTES_MAX_UNAUTHENTICATED && !this.authenticated) {
      return this.fail("Protocol error: unauthenticated bulk length");
    }
    this.bulkLen = size;
    this.pos = at;
    return PARSE_REQUEST;
  }

  private value = 0;

  /**
   * Reads a decimal number up to CRLF. Returns the offset behind the line, 0 when the line is not complete, -1 when it is
   * no number, -2 when CR is not followed by LF.
   */
  private number(buf: Uint8Array, from: number, end: number): number {
    let cr = from;
    while (cr < end && buf[cr] !== 13) cr++;
    // Too long is too long, in one piece as well.
    if (cr + 1 >= end || cr - from > INLINE_BYTES_MAX) return 0;
    if (buf[cr + 1] !== 10) return -2;
    let at = from;
    const negative = buf[at] === 45;
    if (negative) at++;
    if (at === cr || (buf[at] === 48 && (cr - at > 1 || negative))) return -1;
    let value = 0;
    for (; at < cr; at++) {
      const digit = buf[at] - 48;
      if (digit < 0 || digit > 9 || value > 9e15) return -1;
      value = value * 10 + digit;
    }
    this.value = negative ? -value : value;
    return cr + 2;
  }

  private parseInline(buf: Uint8Array, end: number): number {
    const start = this.pos;
    const newline = lineEnd(buf, start, end);
    if (newline < 0) {
      if (end - start > INLINE_BYTES_MAX) {
        return this.fail("Protocol error: too big inline request");
      }
      return PARSE_MORE;
    }
    if (newline > INLINE_BYTES_MAX) return this.fail("Protocol error: too big inline request");
    let lineLen = newline;
    if (lineLen > 0 && buf[start + lineLen - 1] === 13) lineLen--;
    const unquoted = new Uint8Array(lineLen);
    const { first } = this;
    const room = first + (lineLen >> 1) + 1;
    while (this.off.length < room) this.grow();
    const words = inlineSplit(buf, start, lineLen, unquoted, this.off, this.len, first);
    if (words < 0) return this.fail("Protocol error: unbalanced quotes in request");
    this.pos = start + newline + 1;
    if (words === 0) return PARSE_EMPTY;
    this.args = first + words;
    const { inlineBufs } = this;
    while (inlineBufs.length < this.count) inlineBufs.push(null);
    inlineBufs.push(unquoted);
    this.complete();
    return PARSE_REQUEST;
  }

  private complete(): void {
    const row = this.count++;
    const { rows, first, args } = this;
    const r = row << ROW_SHIFT;
    rows[r + ROW_FIRST] = first;
    rows[r + ROW_ARGC] = args - first;
    rows[r + ROW_START] = this.start;
    rows[r + ROW_END] = this.pos;
    this.first = args;
  }

  private fail(text: string): number {
    this.error = text;
    return PARSE_ERROR;
  }
}

const SHORT_LINE_BYTES = 128;
const BAD_CRLF = "Protocol error: invalid CRLF in request";

/**
 * Bytes of the inline line at `start` before its line feed, -1 when there is none yet. As in Valkey, a zero byte hides all
 * that follows: such a line never ends.
 */
function lineEnd(buf: Uint8Array, start: number, end: number): number {
  // Most lines are short: a loop beats the view that a search needs.
  const near = Math.min(end, start + SHORT_LINE_BYTES);
  for (let at = start; at < near; at++) {
    const byte = buf[at];
    if (byte === 10) return at - start;
    if (byte === 0) return -1;
  }
  if (near === end) return -1;
  const rest = buf.subarray(start, end);
  const newline = rest.indexOf(10);
  return newline > 0 && rest.subarray(0, newline).indexOf(0) >= 0 ? -1 : newline;
}
