// reply_reader.ts: an incremental, binary-safe reader of RESP2 and RESP3 replies.
//
// WHY NOT one pass over a complete message: replies arrive cut anywhere, and may be larger than
// any buffer one would like to hold twice. The reader is a resumable state machine: feed it
// whatever arrived, ask for the next complete reply, get null when more bytes are needed. It keeps
// its place (type byte, scan position, open aggregates), so nothing is ever parsed twice.
//
// GRAMMAR   value     = scalar | bulk | aggregate | attribute value
//           scalar    = ("+" | "-" | ":" | "," | "#" | "_" | "(") text CRLF
//           bulk      = ("$" | "!" | "=") length CRLF bytes CRLF     length -1 is the RESP2 nil
//           aggregate = ("*" | "~" | ">") count CRLF value...        count -1 is the RESP2 nil
//                     | "%" count CRLF (value value)...
//           attribute = "|" count CRLF (value value)...              describes the value after it
//
//   byte  kind      payload                      byte  kind      payload
//    +    status    bytes                         $    bulk      bytes
//    -    error     bytes                         !    error     bytes
//    :    integer   bytes: its decimal text       =    verbatim  bytes after "txt:", format
//    ,    double    bytes: its text               *    array     items
//    #    boolean   bytes: "t" or "f"             ~    set       items
//    _    nil       -                             >    push      items
//    (    bignum    bytes: its decimal text       %    map       items: key, value, key, value...
//
// STATES    TYPE -> LINE -> (TYPE | done)         scalars, headers of aggregates
//           TYPE -> LINE -> PAYLOAD -> (TYPE | done)                  bulks
//
// EXAMPLE   2a 32 0d 0a | 3a 37 0d 0a | 24 31 0d 0a 61 0d 0a    "*2" ":7" "$1 a"
//           -> array [integer "7", bulk "a"]
//
// INVARIANTS  I1 payload bytes are never decoded and never shared with the caller's input
//             I2 feeding byte by byte gives the same replies and the same errors as one chunk
//             I3 memory follows what has arrived, never what a header announces
//             I4 the number of open aggregates is at most REPLY_DEPTH_MAX, no recursion anywhere
//             I5 after an error nothing more is read: the stream has lost its framing
// LIMITS    depth 1024, elements 2^32-1, one line 64 MiB, one bulk 4 GiB-1 (see constants)
// COST      O(bytes) in all; a bulk larger than what is buffered is gathered in a buffer that
//           doubles, so it is copied at most twice more
// SOURCE    topics/protocol.md of the Valkey documentation; number syntax and error texts as the
//           C client library reads and words them
// SEE ALSO  tests/lib/codec/reply_reader_test.ts (the dump above), cli/connection.ts (user)

/** What a reply is, independent of the byte that announced it. */
export type ReplyKind =
  | "status"
  | "error"
  | "integer"
  | "bulk"
  | "nil"
  | "double"
  | "boolean"
  | "bignum"
  | "verbatim"
  | "array"
  | "map"
  | "set"
  | "push";

/** One complete reply. All fields are always present, so that every reply has one shape. */
export type Reply = {
  /** The type byte on the wire, 0x24 for "$" and so on. Tells the three kinds of nil apart. */
  type: number;
  kind: ReplyKind;
  /** Payload of scalars and bulks, exactly as sent; empty for aggregates and nil. */
  bytes: Uint8Array;
  /** Elements of aggregates; a map holds key, value, key, value. Empty for the rest. */
  items: Reply[];
  /** The three letters of a verbatim string ("txt", "mkd"), else "". */
  format: string;
  /** Key, value, key, value of an attribute sent before this reply, or null. */
  attributes: Reply[] | null;
};

/** Open aggregates at a time. The C library has the same limit. */
export const REPLY_DEPTH_MAX = 1024;
/** Elements one aggregate may announce (pairs for a map). */
export const REPLY_ELEMENTS_MAX = 4_294_967_295;
/** Bytes one bulk may announce; the server's own default maximum is 512 MiB. */
export const REPLY_BULK_BYTES_MAX = 4_294_967_295;
/** Bytes of one line: a status, an error, a number. */
export const REPLY_LINE_BYTES_MAX = 64 * 1024 * 1024;

const BUFFER_BYTES = 64 * 1024;
/** An empty buffer larger than this is given back. */
const BUFFER_KEEP_BYTES = 1024 * 1024;
/** Text of a length or a count: a sign and 19 digits. */
const DOUBLE_TEXT_BYTES_MAX = 325;
const VERBATIM_HEAD_BYTES = 4;

const CR = 13, LF = 10, COLON = 0x3a, MINUS = 0x2d, DIGIT_0 = 0x30, DIGIT_9 = 0x39;
const T_STATUS = 0x2b, T_ERROR = 0x2d, T_INTEGER = 0x3a, T_DOUBLE = 0x2c, T_BOOLEAN = 0x23;
const T_NIL = 0x5f, T_BIGNUM = 0x28, T_BULK = 0x24, T_BULK_ERROR = 0x21, T_VERBATIM = 0x3d;
const T_ARRAY = 0x2a, T_SET = 0x7e, T_PUSH = 0x3e, T_MAP = 0x25, T_ATTRIBUTE = 0x7c;

const NO_BYTES = new Uint8Array(0);
const NO_ITEMS: Reply[] = [];

/** parseLength: not a number in the strict form. */
const BAD_NUMBER = -2;
/** parseLength: a number, but below -1 or above 2^53. */
const OUT_OF_RANGE = -3;

/** Reads replies from a stream of bytes. See the header of the file. */
export class ReplyReader {
  /** Why reading stopped for good, or "" while all is well. */
  error = "";

  #buf = new Uint8Array(BUFFER_BYTES);
  #pos = 0;
  #len = 0;
  /** Type byte of the value being read, 0 before it. */
  #type = 0;
  /** Where the search for CR goes on: nothing in [pos, scan) is the end of the line. */
  #scan = 0;
  /** Length of the bulk being read, -1 before its header is complete. */
  #bulkLen = -1;
  #bulk = NO_BYTES;
  #bulkHave = 0;
  #depth = 0;
  readonly #openReplies: Reply[] = [];
  readonly #openLeft: number[] = [];
  #attributes: Reply[] | null = null;

  /** Takes bytes[off, end) in; they are copied. Does nothing after an error. */
  feed(bytes: Uint8Array, off = 0, end = bytes.length): void {
    if (this.error !== "") return;
    const count = end - off;
    this.#makeRoom(count);
    this.#buf.set(off === 0 && end === bytes.length ? bytes : bytes.subarray(off, end), this.#len);
    this.#len += count;
  }

  /** True when bytes have been fed that no returned reply has used: a reply is under way. */
  get pending(): boolean {
    return this.#len > this.#pos || this.#type !== 0 || this.#depth > 0;
  }

  /** The next complete reply, or null: more bytes are needed, or `error` is set. */
  next(): Reply | null {
    while (this.error === "") {
      if (this.#type === 0) {
        if (this.#pos === this.#len) return null;
        this.#type = this.#buf[this.#pos++];
        this.#scan = this.#pos;
        if (kindOf(this.#type) === null && this.#type !== T_ATTRIBUTE) {
          return this.#fail(
            `Protocol error, got ${quoteTypeByte(this.#type)} as reply type byte`,
          );
        }
      }
      let value: Reply | null;
      if (this.#bulkLen >= 0) {
        value = this.#readPayload();
      } else {
        const end = this.#lineEnd();
        if (end < 0) return null;
        value = this.#readLine(this.#pos, end);
        this.#pos = end + 2;
        this.#scan = this.#pos;
      }
      if (value === null) {
        if (this.#bulkLen >= 0 && !this.#payloadReady()) return null;
        continue; // a header was read, or an error was set
      }
      this.#type = 0;
      const done = this.#deliver(value);
      if (done !== null) return done;
    }
    return null;
  }

  #fail(text: string): null {
    this.error = text;
    this.#buf = NO_BYTES;
    this.#bulk = NO_BYTES;
    this.#pos = this.#len = 0;
    return null;
  }

  /** Makes `count` bytes free behind #len. Moves only what is at most half the buffer. */
  #makeRoom(count: number): void {
    if (this.#pos === this.#len) {
      this.#scan -= this.#pos;
      this.#pos = this.#len = 0;
      if (this.#buf.length > BUFFER_KEEP_BYTES) this.#buf = new Uint8Array(BUFFER_BYTES);
    }
    if (this.#len + count <= this.#buf.length) return;
    const held = this.#len - this.#pos;
    let target = this.#buf;
    if (held + count > this.#buf.length || this.#pos < held) {
      let size = this.#buf.length;
      while (size < held + count) size *= 2;
      if (size === this.#buf.length) size *= 2;
      target = new Uint8Array(size);
      target.set(this.#buf.subarray(this.#pos, this.#len));
    } else {
      target.copyWithin(0, this.#pos, this.#len);
    }
    this.#buf = target;
    this.#scan -= this.#pos;
    this.#pos = 0;
    this.#len = held;
  }

  /** Offset of the CR that ends the line at #pos, or -1: not there yet, or too long. */
  #lineEnd(): number {
    const buf = this.#buf, stop = this.#len - 1;
    let at = this.#scan;
    for (; at < stop; at++) {
      if (buf[at] === CR && buf[at + 1] === LF) return at;
    }
    this.#scan = at;
    if (at - this.#pos > REPLY_LINE_BYTES_MAX) this.#fail("Line is too long");
    return -1;
  }

  /** Reads the line [off, end) of the current type: a scalar, or a header (then null). */
  #readLine(off: number, end: number): Reply | null {
    switch (this.#type) {
      case T_BULK:
      case T_BULK_ERROR:
      case T_VERBATIM:
        return this.#readBulkHeader(off, end);
      case T_ARRAY:
      case T_SET:
      case T_PUSH:
      case T_MAP:
      case T_ATTRIBUTE:
        return this.#readAggregateHeader(off, end);
    }
    const problem = scalarProblem(this.#type, this.#buf, off, end);
    if (problem !== "") return this.#fail(problem);
    const bytes = this.#type === T_NIL ? NO_BYTES : this.#buf.slice(off, end);
    if (this.#type === T_BOOLEAN) bytes[0] |= 0x20;
    return this.#make(bytes, NO_ITEMS);
  }

  #readBulkHeader(off: number, end: number): Reply | null {
    const len = parseLength(this.#buf, off, end);
    if (len === BAD_NUMBER) return this.#fail("Bad bulk string length");
    if (len < -1 || len > REPLY_BULK_BYTES_MAX) {
      return this.#fail("Bulk string length out of range");
    }
    if (len === -1) return this.#makeNil();
    if (this.#type === T_VERBATIM && len < VERBATIM_HEAD_BYTES) return this.#failVerbatim();
    this.#bulkLen = len;
    this.#bulkHave = 0;
    return null;
  }

  #readAggregateHeader(off: number, end: number): Reply | null {
    const count = parseLength(this.#buf, off, end);
    if (count === BAD_NUMBER) return this.#fail("Bad multi-bulk length");
    if (count < -1 || count > REPLY_ELEMENTS_MAX) {
      return this.#fail("Multi-bulk length out of range");
    }
    if (count === -1) return this.#makeNil();
    if (this.#type === T_ATTRIBUTE) return this.#openAttribute(count);
    const value = this.#make(NO_BYTES, []);
    if (count === 0) return value;
    this.#open(value, this.#type === T_MAP ? count * 2 : count);
    return null;
  }

  /** An attribute joins one that was sent just before it for the same value. */
  #openAttribute(count: number): null {
    const items = this.#attributes ?? [];
    this.#attributes = null;
    if (count === 0) {
      this.#attributes = items;
      this.#type = 0;
      return null;
    }
    const holder = this.#make(NO_BYTES, items);
    this.#open(holder, count * 2);
    return null;
  }

  #open(value: Reply, left: number): void {
    if (this.#depth === REPLY_DEPTH_MAX) {
      this.#fail("Reply is nested too deeply");
      return;
    }
    this.#openReplies[this.#depth] = value;
    this.#openLeft[this.#depth] = left;
    this.#depth++;
    this.#type = 0;
  }

  #payloadReady(): boolean {
    return this.#bulkHave + (this.#len - this.#pos) >= this.#bulkLen + 2;
  }

  /** The bulk under way once its payload and CRLF are there, else null and what came is kept. */
  #readPayload(): Reply | null {
    const held = this.#len - this.#pos;
    if (this.#bulkHave === 0 && held >= this.#bulkLen + 2) {
      const bytes = this.#buf.slice(this.#pos, this.#pos + this.#bulkLen);
      this.#pos += this.#bulkLen + 2;
      return this.#makeBulk(bytes);
    }
    // Small bulks wait in the buffer; large ones are gathered, growing with what arrives.
    if (this.#bulkLen <= BUFFER_BYTES) return null;
    const take = Math.min(held, this.#bulkLen - this.#bulkHave);
    if (take > 0) {
      this.#growBulk(this.#bulkHave + take);
      this.#bulk.set(this.#buf.subarray(this.#pos, this.#pos + take), this.#bulkHave);
      this.#bulkHave += take;
      this.#pos += take;
    }
    if (this.#bulkHave < this.#bulkLen || this.#len - this.#pos < 2) return null;
    this.#pos += 2;
    const bytes = this.#bulk.length === this.#bulkLen
      ? this.#bulk
      : this.#bulk.subarray(0, this.#bulkLen);
    this.#bulk = NO_BYTES;
    return this.#makeBulk(bytes);
  }

  #growBulk(need: number): void {
    if (this.#bulk.length >= need) return;
    const size = Math.min(this.#bulkLen, Math.max(need, this.#bulk.length * 2, BUFFER_BYTES * 2));
    const grown = new Uint8Array(size);
    grown.set(this.#bulk.subarray(0, this.#bulkHave));
    this.#bulk = grown;
  }

  #makeBulk(bytes: Uint8Array): Reply | null {
    this.#bulkLen = -1;
    this.#bulkHave = 0;
    this.#scan = this.#pos;
    if (this.#type !== T_VERBATIM) return this.#make(bytes, NO_ITEMS);
    if (bytes[VERBATIM_HEAD_BYTES - 1] !== COLON) return this.#failVerbatim();
    const value = this.#make(bytes.subarray(VERBATIM_HEAD_BYTES), NO_ITEMS);
    value.format = String.fromCharCode(bytes[0], bytes[1], bytes[2]);
    return value;
  }

  #failVerbatim(): null {
    return this.#fail(
      "Verbatim string 4 bytes of content type are missing or incorrectly encoded.",
    );
  }

  #make(bytes: Uint8Array, items: Reply[]): Reply {
    const attributes = this.#attributes;
    this.#attributes = null;
    return {
      type: this.#type,
      kind: kindOf(this.#type) ?? "map",
      bytes,
      items,
      format: "",
      attributes,
    };
  }

  #makeNil(): Reply {
    const value = this.#make(NO_BYTES, NO_ITEMS);
    value.kind = "nil";
    return value;
  }

  /** Puts a finished value into its parent, closing parents it completes; the root comes out. */
  #deliver(value: Reply): Reply | null {
    while (this.#depth > 0) {
      const top = this.#depth - 1;
      const parent = this.#openReplies[top];
      parent.items.push(value);
      if (--this.#openLeft[top] > 0) return null;
      this.#depth = top;
      this.#openReplies.length = top;
      if (parent.type === T_ATTRIBUTE) {
        this.#attributes = parent.items;
        return null;
      }
      value = parent;
    }
    return value;
  }
}

function kindOf(type: number): ReplyKind | null {
  switch (type) {
    case T_STATUS:
      return "status";
    case T_ERROR:
    case T_BULK_ERROR:
      return "error";
    case T_INTEGER:
      return "integer";
    case T_BULK:
      return "bulk";
    case T_ARRAY:
      return "array";
    case T_MAP:
      return "map";
    case T_SET:
      return "set";
    case T_PUSH:
      return "push";
    case T_NIL:
      return "nil";
    case T_DOUBLE:
      return "double";
    case T_BOOLEAN:
      return "boolean";
    case T_BIGNUM:
      return "bignum";
    case T_VERBATIM:
      return "verbatim";
  }
  return null;
}

/** Why the text of a scalar is not allowed, or "". */
function scalarProblem(type: number, buf: Uint8Array, off: number, end: number): string {
  switch (type) {
    case T_INTEGER:
      return isInt64(buf, off, end) ? "" : "Bad integer value";
    case T_DOUBLE:
      if (end - off > DOUBLE_TEXT_BYTES_MAX) return "Double value is too large";
      return isDouble(buf, off, end) ? "" : "Bad double value";
    case T_NIL:
      return end === off ? "" : "Bad nil value";
    case T_BOOLEAN: {
      const letter = end - off === 1 ? buf[off] | 0x20 : 0;
      return letter === 0x74 || letter === 0x66 ? "" : "Bad bool value";
    }
    case T_BIGNUM:
      for (let at = off; at < end; at++) {
        if (at === off && buf[at] === MINUS) continue;
        if (buf[at] < DIGIT_0 || buf[at] > DIGIT_9) return "Bad bignum value";
      }
      return "";
  }
  for (let at = off; at < end; at++) {
    if (buf[at] === CR || buf[at] === LF) return "Bad simple string value";
  }
  return "";
}

/** A length or count in the strict form: no sign but "-", no leading zero, no blanks. */
function parseLength(buf: Uint8Array, off: number, end: number): number {
  if (!isInt64(buf, off, end)) return BAD_NUMBER;
  const negative = buf[off] === MINUS;
  let value = 0;
  for (let at = negative ? off + 1 : off; at < end; at++) value = value * 10 + buf[at] - DIGIT_0;
  if (negative) return value === 1 ? -1 : OUT_OF_RANGE;
  return value > Number.MAX_SAFE_INTEGER ? OUT_OF_RANGE : value;
}

const INT64_DIGITS = 19;
/** Digits of 2^63, the first magnitude that only a negative number may have. */
const INT64_LIMIT = "9223372036854775808";

/** True for the one way to write a signed 64-bit integer: "-0", "+1" and "01" are refused. */
function isInt64(buf: Uint8Array, off: number, end: number): boolean {
  const negative = off < end && buf[off] === MINUS;
  const first = negative ? off + 1 : off;
  const digits = end - first;
  if (digits < 1 || digits > INT64_DIGITS) return false;
  for (let at = first; at < end; at++) {
    if (buf[at] < DIGIT_0 || buf[at] > DIGIT_9) return false;
  }
  if (buf[first] === DIGIT_0) return digits === 1 && !negative;
  if (digits < INT64_DIGITS) return true;
  for (let index = 0; index < INT64_DIGITS; index++) {
    const difference = buf[first + index] - INT64_LIMIT.charCodeAt(index);
    if (difference !== 0) return difference < 0;
  }
  return negative;
}

/** "inf", "-inf", "nan", "-nan" in any case, or a finite decimal number. */
function isDouble(buf: Uint8Array, off: number, end: number): boolean {
  const text = String.fromCharCode(...buf.subarray(off, end));
  if (/^-?(inf|nan)$/i.test(text)) return true;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

const ESCAPES: Record<number, string> = {
  0x5c: "\\\\",
  0x22: '\\"',
  10: "\\n",
  13: "\\r",
  9: "\\t",
  7: "\\a",
  8: "\\b",
};

function quoteTypeByte(byte: number): string {
  const escape = ESCAPES[byte];
  if (escape !== undefined) return `"${escape}"`;
  if (byte >= 0x20 && byte < 0x7f) return `"${String.fromCharCode(byte)}"`;
  return `"\\x${byte.toString(16).padStart(2, "0")}"`;
}
