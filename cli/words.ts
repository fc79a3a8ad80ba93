// words.ts: a command line cut into words and unquoted, and the reverse: bytes as a quoted string.
//
// GRAMMAR   line   = blanks (word blanks)*
//           word   = (plain | "'" single* "'" | '"' double* '"')+   quotes may touch: a"b"'c'
//           double = "\x" hex hex | "\n" "\r" "\t" "\b" "\a" | "\" any | any byte but '"'
//           single = "\'" | any byte but "'"
// Outside quotes a backslash is an ordinary byte. An open quote at the end makes the line invalid.
// `appendQuoted` writes only what this grammar reads back to the same bytes.

import type { ByteWriter } from "./byte_writer.ts";

const TAB = 9, LF = 10, CR = 13, SPACE = 32;
const DOUBLE_QUOTE = 0x22, SINGLE_QUOTE = 0x27, BACKSLASH = 0x5c, LETTER_X = 0x78;
const HEX = "0123456789abcdef";

/** Start, end and content of one word of a line. */
export type Word = { off: number; end: number; bytes: Uint8Array };

/** The words of a line, or null when a quote is left open. */
export function splitWords(line: Uint8Array): Uint8Array[] | null {
  const words = locateWords(line);
  return words === null ? null : words.map((word) => word.bytes);
}

/** Like splitWords, with the place of each word in the line. */
export function locateWords(line: Uint8Array): Word[] | null {
  const words: Word[] = [];
  const scratch = new Uint8Array(line.length);
  let at = 0;
  while (true) {
    while (at < line.length && isBlank(line[at])) at++;
    if (at === line.length) return words;
    const off = at;
    let len = 0;
    let quote = 0;
    while (at < line.length) {
      const byte = line[at];
      if (quote === 0) {
        // Only these four end a word; other blanks are skipped between words but are part of one.
        if (byte === SPACE || byte === LF || byte === CR || byte === TAB) break;
        if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte;
        else scratch[len++] = byte;
        at++;
      } else if (byte === quote) {
        quote = 0;
        at++;
      } else if (byte === BACKSLASH && at + 1 < line.length) {
        if (quote === SINGLE_QUOTE) {
          const escaped = line[at + 1] === SINGLE_QUOTE;
          scratch[len++] = escaped ? SINGLE_QUOTE : BACKSLASH;
          at += escaped ? 2 : 1;
        } else if (isHexEscape(line, at)) {
          scratch[len++] = hexDigit(line[at + 2]) * 16 + hexDigit(line[at + 3]);
          at += 4;
        } else {
          scratch[len++] = unescape(line[at + 1]);
          at += 2;
        }
      } else {
        scratch[len++] = byte;
        at++;
      }
    }
    if (quote !== 0) return null;
    words.push({ off, end: at, bytes: scratch.slice(0, len) });
  }
}

/** The commands of a pasted text: lines, but a line end inside quotes belongs to the word. */
export function splitCommands(text: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let off = 0;
  let quote = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (quote !== 0) {
      if (byte === BACKSLASH && (quote === DOUBLE_QUOTE || text[at + 1] === SINGLE_QUOTE)) at++;
      else if (byte === quote) quote = 0;
    } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
      quote = byte;
    } else if (byte === LF) {
      if (at > off) lines.push(text.subarray(off, at));
      off = at + 1;
    }
  }
  if (off < text.length || lines.length === 0) lines.push(text.subarray(off));
  return lines;
}

/** One quoted word unquoted, or null: the text is no word, or several. */
export function unquoteWord(text: Uint8Array): Uint8Array | null {
  const words = splitWords(text);
  return words !== null && words.length === 1 ? words[0] : null;
}

/** Appends `bytes` in double quotes, everything outside printable ASCII escaped. */
export function appendQuoted(out: ByteWriter, bytes: Uint8Array): void {
  out.byte(DOUBLE_QUOTE);
  let run = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte >= SPACE && byte < 0x7f && byte !== BACKSLASH && byte !== DOUBLE_QUOTE) continue;
    if (at > run) out.bytes(bytes.subarray(run, at));
    appendEscape(out, byte);
    run = at + 1;
  }
  if (run < bytes.length) out.bytes(run === 0 ? bytes : bytes.subarray(run));
  out.byte(DOUBLE_QUOTE);
}

/** Appends one byte as a backslash escape. */
export function appendEscape(out: ByteWriter, byte: number): void {
  out.byte(BACKSLASH);
  switch (byte) {
    case BACKSLASH:
    case DOUBLE_QUOTE:
      return out.byte(byte);
    case LF:
      return out.byte(0x6e);
    case CR:
      return out.byte(0x72);
    case TAB:
      return out.byte(0x74);
    case 7:
      return out.byte(0x61);
    case 8:
      return out.byte(0x62);
  }
  out.byte(LETTER_X);
  out.ascii(HEX[byte >> 4]);
  out.ascii(HEX[byte & 15]);
}

function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

function isHexEscape(line: Uint8Array, at: number): boolean {
  return line[at + 1] === LETTER_X && at + 3 < line.length &&
    hexDigit(line[at + 2]) >= 0 && hexDigit(line[at + 3]) >= 0;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function unescape(byte: number): number {
  switch (byte) {
    case 0x6e:
      return LF;
    case 0x72:
      return CR;
    case 0x74:
      return TAB;
    case 0x62:
      return 8;
    case 0x61:
      return 7;
  }
  return byte;
}
