// inline_splitter.ts: a line of text to the words of a command, quotes and escapes undone.
//
//   SET key "a b\n\x00" 'it''s'        ->  SET | key | a b LF NUL | its
//
//   between words   blank, tab, LF, CR, VT, FF are skipped; a zero byte ends the line
//   plain           blank, tab, LF, CR or a zero byte end the word (VT and FF do not);
//                   " and ' open quotes, anywhere in a word; no escapes
//   in "..."        \n \r \t \b \a, \xHH (two hexadecimal digits), \c is c for any other byte c
//   in '...'        \' is a quote, every other backslash is itself
//   closing quotes  go back to plain: the word goes on without a blank, so "a"b is ab and "" is an
//                   empty word
//   error           the line, or a zero byte, comes before the closing quote
//
// The reference has two entrances that differ in one case, a line that ends with a backslash and
// the quote that would close it ("a\"): for requests the backslash is literal and the quote closes;
// for configuration files and the command line the quote is escaped and the word stays open. It
// also loses every byte ff that is not written as \xff: its "no byte" mark is -1 in a signed char.
//
// LIMITS   a line of n bytes has at most (n >> 1) + 1 words and n bytes of words
// COST     one pass, no allocation
// SOURCE   the behaviour of valkey's sdsnsplitargs (requests) and sdssplitargs (the rest)

import {
  BACKSLASH,
  CR,
  DOUBLE_QUOTE,
  hexDigitValue,
  isSpace,
  LF,
  NUL,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from "../bytes/ascii.ts";

const DROPPED = 0xff;
const LOWER_X = 0x78;

/** The byte that backslash and `letter` stand for inside double quotes. */
function unescape(letter: number): number {
  switch (letter) {
    case 0x6e:
      return LF;
    case 0x72:
      return CR;
    case 0x74:
      return TAB;
    case 0x62:
      return 0x08;
    case 0x61:
      return 0x07;
    default:
      return letter;
  }
}

// Where the word that is being read goes on: next byte of the line, next byte of the output.
let at = 0;
let outAt = 0;

/**
 * Reads the inside of double quotes, `at` behind the opening one. False when they stay open.
 * An escape must begin before `escapeEnd`.
 */
function readDoubleQuoted(
  buf: Uint8Array,
  end: number,
  escapeEnd: number,
  out: Uint8Array,
): boolean {
  while (at < end) {
    const byte = buf[at];
    if (byte === NUL) return false;
    if (byte === DOUBLE_QUOTE) {
      at++;
      return true;
    }
    if (byte === BACKSLASH && at < escapeEnd && buf[at + 1] !== NUL) {
      const letter = buf[at + 1];
      const high = letter === LOWER_X && at + 3 < end ? hexDigitValue(buf[at + 2]) : -1;
      const low = high >= 0 ? hexDigitValue(buf[at + 3]) : -1;
      if (low >= 0) {
        out[outAt++] = (high << 4) | low;
        at += 4;
      } else {
        if (letter !== DROPPED) out[outAt++] = unescape(letter);
        at += 2;
      }
      continue;
    }
    if (byte !== DROPPED) out[outAt++] = byte;
    at++;
  }
  return false;
}

/** The same for single quotes. */
function readSingleQuoted(
  buf: Uint8Array,
  end: number,
  escapeEnd: number,
  out: Uint8Array,
): boolean {
  while (at < end) {
    const byte = buf[at++];
    if (byte === NUL) return false;
    if (byte === SINGLE_QUOTE) return true;
    if (byte === BACKSLASH && at <= escapeEnd && buf[at] === SINGLE_QUOTE) {
      out[outAt++] = SINGLE_QUOTE;
      at++;
    } else if (byte !== DROPPED) {
      out[outAt++] = byte;
    }
  }
  return false;
}

/** Reads one word from its first byte. False when quotes stay open. */
function readWord(buf: Uint8Array, end: number, escapeEnd: number, out: Uint8Array): boolean {
  while (at < end) {
    const byte = buf[at];
    if (byte === NUL) return true;
    at++;
    switch (byte) {
      case SPACE:
      case LF:
      case CR:
      case TAB:
        return true;
      case DOUBLE_QUOTE:
        if (!readDoubleQuoted(buf, end, escapeEnd, out)) return false;
        break;
      case SINGLE_QUOTE:
        if (!readSingleQuoted(buf, end, escapeEnd, out)) return false;
        break;
      case DROPPED:
        break;
      default:
        out[outAt++] = byte;
    }
  }
  return true;
}

function split(
  buf: Uint8Array,
  off: number,
  end: number,
  escapeEnd: number,
  out: Uint8Array,
  wordOff: Int32Array,
  wordLen: Int32Array,
  first: number,
): number {
  let count = 0;
  at = off;
  outAt = 0;
  for (;;) {
    while (at < end && isSpace(buf[at])) at++;
    if (at >= end || buf[at] === NUL) return count;
    const start = outAt;
    if (!readWord(buf, end, escapeEnd, out)) return -1;
    wordOff[first + count] = start;
    wordLen[first + count] = outAt - start;
    count++;
  }
}

/**
 * Splits an inline request, given without its line end. Words are written to `out`, one after the
 * other from 0 on, their ranges in `out` to `wordOff` and `wordLen` from index `first` on. `out` needs
 * room for `len` bytes, the tables for (len >> 1) + 1 words. Returns the number of words, -1 where quotes stay
 * open.
 */
export function inlineSplit(
  buf: Uint8Array,
  off: number,
  len: number,
  out: Uint8Array,
  wordOff: Int32Array,
  wordLen: Int32Array,
  first = 0,
): number {
  return split(buf, off, off + len, off + len - 2, out, wordOff, wordLen, first);
}

/**
 * The same for a line of a configuration file or of the command line: there a backslash before the
 * last quote of the line escapes it, which leaves the quotes open.
 */
export function lineSplit(
  buf: Uint8Array,
  off: number,
  len: number,
  out: Uint8Array,
  wordOff: Int32Array,
  wordLen: Int32Array,
): number {
  return split(buf, off, off + len, off + len - 1, out, wordOff, wordLen, 0);
}
