// ascii.ts: names for bytes, and the small things done with byte ranges everywhere: compare,
// copy, fold case, quote.
//
// Bytes are never text here. Where a JS string is wanted (messages, tests, cold paths), each byte
// is one character of the same number (latin-1), so nothing is lost in either direction.

export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const VT = 0x0b;
export const FF = 0x0c;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const DOLLAR = 0x24;
export const PERCENT = 0x25;
export const SINGLE_QUOTE = 0x27;
export const LEFT_PAREN = 0x28;
export const RIGHT_PAREN = 0x29;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const DIGIT_0 = 0x30;
export const DIGIT_9 = 0x39;
export const COLON = 0x3a;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const UPPER_A = 0x41;
export const UPPER_Z = 0x5a;
export const LEFT_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const RIGHT_BRACKET = 0x5d;
export const CARET = 0x5e;
export const UNDERSCORE = 0x5f;
export const LOWER_A = 0x61;
export const LOWER_Z = 0x7a;
export const LEFT_BRACE = 0x7b;
export const PIPE = 0x7c;
export const RIGHT_BRACE = 0x7d;
export const TILDE = 0x7e;

// Where a call into the engine beats a loop, in bytes. Nanoseconds for one copy (V8 of Deno 2.9,
// JavaScriptCore of Bun 1.4, x86-64, best of ten). Eight bytes a turn halve the loop's time.
//     bytes          16        64       128       256
//     loop by 1   17 / 11   63 / 45  124 / 88  255 / 177
//     loop by 8   13 /  6   45 / 23   89 / 45  178 / 89
//     subarray    35 / 54   36 / 47   37 / 47   38 / 49
//     within      26 / 16   28 / 14   29 / 14   30 / 15
const COPY_LOOP_MAX = 80;
const MOVE_LOOP_MAX = 16;

/** The byte, or its small letter where it is one of A to Z. */
export function asciiLower(byte: number): number {
  return byte >= UPPER_A && byte <= UPPER_Z ? byte | 0x20 : byte;
}

/** The byte, or its capital letter where it is one of a to z. */
export function asciiUpper(byte: number): number {
  return byte >= LOWER_A && byte <= LOWER_Z ? byte & 0xdf : byte;
}

/** What C calls isspace: blank, tab, line feed, vertical tab, form feed, carriage return. */
export function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

/** The value of a hexadecimal digit in either case, or -1. */
export function hexDigitValue(byte: number): number {
  if (byte >= DIGIT_0 && byte <= DIGIT_9) return byte - DIGIT_0;
  const folded = byte | 0x20;
  return folded >= LOWER_A && folded <= 0x66 ? folded - LOWER_A + 10 : -1;
}

/** True when the range equals `lowerAscii`, A to Z in the range counting as a to z. */
export function equalsIgnoreCase(
  buf: Uint8Array,
  off: number,
  len: number,
  lowerAscii: Uint8Array,
): boolean {
  if (len !== lowerAscii.length) return false;
  for (let i = 0; i < len; i++) {
    if (asciiLower(buf[off + i]) !== lowerAscii[i]) return false;
  }
  return true;
}

/** True when both ranges of `len` bytes hold the same bytes. */
export function bytesEqual(
  a: Uint8Array,
  aOff: number,
  b: Uint8Array,
  bOff: number,
  len: number,
): boolean {
  for (let i = 0; i < len; i++) {
    if (a[aOff + i] !== b[bOff + i]) return false;
  }
  return true;
}

/**
 * Negative, zero or positive as range a sorts before, with or after range b: bytes as unsigned
 * numbers from the left; where one range is the start of the other the shorter one comes first.
 */
export function bytesCompare(
  a: Uint8Array,
  aOff: number,
  aLen: number,
  b: Uint8Array,
  bOff: number,
  bLen: number,
): number {
  const common = aLen < bLen ? aLen : bLen;
  for (let i = 0; i < common; i++) {
    const difference = a[aOff + i] - b[bOff + i];
    if (difference !== 0) return difference;
  }
  return aLen - bLen;
}

/**
 * Copies `len` bytes. Inside one array the ranges may overlap; two different views of one buffer
 * must not.
 */
export function copyBytes(
  src: Uint8Array,
  srcOff: number,
  dst: Uint8Array,
  dstOff: number,
  len: number,
): void {
  if (src === dst) {
    moveBytes(dst, srcOff, dstOff, len);
    return;
  }
  if (len > COPY_LOOP_MAX) {
    dst.set(src.subarray(srcOff, srcOff + len), dstOff);
    return;
  }
  let i = 0;
  for (const end = len - 7; i < end; i += 8) {
    const s = srcOff + i;
    const d = dstOff + i;
    dst[d] = src[s];
    dst[d + 1] = src[s + 1];
    dst[d + 2] = src[s + 2];
    dst[d + 3] = src[s + 3];
    dst[d + 4] = src[s + 4];
    dst[d + 5] = src[s + 5];
    dst[d + 6] = src[s + 6];
    dst[d + 7] = src[s + 7];
  }
  for (; i < len; i++) dst[dstOff + i] = src[srcOff + i];
}

function moveBytes(buf: Uint8Array, srcOff: number, dstOff: number, len: number): void {
  if (len > MOVE_LOOP_MAX) {
    buf.copyWithin(dstOff, srcOff, srcOff + len);
  } else if (dstOff <= srcOff) {
    for (let i = 0; i < len; i++) buf[dstOff + i] = buf[srcOff + i];
  } else {
    for (let i = len - 1; i >= 0; i--) buf[dstOff + i] = buf[srcOff + i];
  }
}

/** The range as a string of one character per byte. For cold paths: it allocates. */
export function latin1(buf: Uint8Array, off: number, len: number): string {
  // Spreading is limited by the stack, so long ranges go in pieces.
  const PIECE = 4096;
  let text = "";
  const end = off + len;
  for (let at = off; at < end; at += PIECE) {
    text += String.fromCharCode(...buf.subarray(at, Math.min(at + PIECE, end)));
  }
  return text;
}

/** One byte per character, the low eight bits of each. For constants and cold paths. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Most bytes `quoteInto` writes for a range of `len` bytes. */
export function quotedLenMax(len: number): number {
  return 2 + 4 * len;
}

/** The letter that follows the backslash for this byte, 0 where the byte is written as \xHH. */
function escapeLetter(byte: number): number {
  switch (byte) {
    case BACKSLASH:
    case DOUBLE_QUOTE:
      return byte;
    case LF:
      return 0x6e;
    case CR:
      return 0x72;
    case TAB:
      return 0x74;
    case 0x07:
      return 0x61;
    case 0x08:
      return 0x62;
    default:
      return 0;
  }
}

function hexDigit(value: number): number {
  return value < 10 ? DIGIT_0 + value : LOWER_A + value - 10;
}

/**
 * Writes the range at `dstOff` between double quotes, as valkey shows strings in MONITOR, DEBUG
 * and its client: \\ \" \n \r \t \a \b, and \xHH for every other byte outside 0x20 to 0x7e.
 * The inline splitter turns the text back into the same bytes.
 * Returns the number of bytes written, at most `quotedLenMax(len)`.
 */
export function quoteInto(
  src: Uint8Array,
  srcOff: number,
  len: number,
  dst: Uint8Array,
  dstOff: number,
): number {
  let at = dstOff;
  dst[at++] = DOUBLE_QUOTE;
  for (let i = srcOff; i < srcOff + len; i++) {
    const byte = src[i];
    if (byte >= SPACE && byte <= TILDE && byte !== BACKSLASH && byte !== DOUBLE_QUOTE) {
      dst[at++] = byte;
      continue;
    }
    dst[at++] = BACKSLASH;
    const letter = escapeLetter(byte);
    if (letter !== 0) {
      dst[at++] = letter;
    } else {
      dst[at++] = 0x78;
      dst[at++] = hexDigit(byte >> 4);
      dst[at++] = hexDigit(byte & 15);
    }
  }
  dst[at++] = DOUBLE_QUOTE;
  return at - dstOff;
}

/** The range between double quotes, written as `quoteInto` does. For cold paths. */
export function quotedString(buf: Uint8Array, off: number, len: number): string {
  const quoted = new Uint8Array(quotedLenMax(len));
  return latin1(quoted, 0, quoteInto(buf, off, len, quoted, 0));
}
