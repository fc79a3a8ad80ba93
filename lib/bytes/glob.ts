// glob.ts: the pattern language of KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL rules.
//
//   *        any bytes, none included          [abc]   one of these bytes
//   ?        any one byte                      [a-f]   one byte of this range, either end first
//   \x       the byte x itself                 [^abc]  one byte that is none of these
//
// WHY NOT one call per star (the textbook form): on "a*a*a*a*b" against "aaaa...a" it tries every
// way to split the text. Here one back-track point is enough: once the part of the pattern between
// two stars has matched at its leftmost place, moving an earlier part to the right cannot help,
// since the later star would swallow the difference anyway.
//
//   pattern   h * e l * o          star    = offset after the last star seen
//                 ^                starAt  = text offset where that star's part was tried last;
//                 star                       on a mismatch it moves one to the right
//
// COST     O(pattern * text) at worst, O(text) for the usual prefix*; no recursion, no allocation
// SOURCE   the answers are those of valkey's string matcher, odd ones included:
//   G1  An empty text matches only the empty pattern: "*" does not match it.
//   G2  A class that is never closed ends with the pattern: "[ab" is "[ab]", "[^" is "?".
//   G3  "]" right after "[" or "[^" closes the class: "[]" matches nothing, "[^]" any byte.
//   G4  A backslash at the very end of a pattern is a backslash, also inside a class.
//   G5  In a class "-" makes a range with whatever byte follows, "]" and "\" included: "[a-]b]" is
//       the range "]" to "a" and the byte "b". After an escaped byte it is a plain byte.
//   G6  Without case, ranges are put in order first and folded after, so "[Z-a]" becomes z to a
//       and matches nothing; an escaped byte of a class is compared with its case.
//   G7  Ranges compare bytes as signed numbers (80 to ff sort below 00): "[a-\xe9]" is e9 to ff and
//       00 to a. Folding moves 80 to fe, but not ff, above 7f, so without case the same range
//       becomes e9 to a and matches nothing.
//   G8  A pattern with more than 1000 stars matches nothing; several in a row count once, one at the
//       end not at all.

import {
  asciiLower,
  BACKSLASH,
  CARET,
  LEFT_BRACKET,
  MINUS,
  QUESTION,
  RIGHT_BRACKET,
  STAR,
} from "./ascii.ts";

/** Stars that are passed before the matcher gives up (G8). */
const STARS_MAX = 1000;

/** Rank of a byte inside a range (G7). */
function rangeRank(byte: number): number {
  return (byte << 24) >> 24;
}

/** Rank of a byte inside a range once both are folded (G7). */
function foldedRank(byte: number): number {
  return byte === 0xff ? -1 : asciiLower(byte);
}

function inRange(byte: number, first: number, second: number, nocase: boolean): boolean {
  const swapped = rangeRank(first) > rangeRank(second);
  const low = swapped ? second : first;
  const high = swapped ? first : second;
  if (nocase) {
    const rank = foldedRank(byte);
    return rank >= foldedRank(low) && rank <= foldedRank(high);
  }
  const rank = rangeRank(byte);
  return rank >= rangeRank(low) && rank <= rangeRank(high);
}

/** The offset after the class whose "[" is just before `off`, at most `end`. */
function classEnd(pattern: Uint8Array, off: number, end: number): number {
  let at = off < end && pattern[off] === CARET ? off + 1 : off;
  while (at < end) {
    const byte = pattern[at];
    if (byte === BACKSLASH && at + 1 < end) at += 2;
    else if (byte === RIGHT_BRACKET) return at + 1;
    else if (at + 2 < end && pattern[at + 1] === MINUS) at += 3;
    else at++;
  }
  return end;
}

/** True when the class whose "[" is just before `off` takes `byte`. */
function classTakes(
  pattern: Uint8Array,
  off: number,
  end: number,
  byte: number,
  nocase: boolean,
): boolean {
  const negated = off < end && pattern[off] === CARET;
  let at = negated ? off + 1 : off;
  let found = false;
  while (at < end && !found) {
    const member = pattern[at];
    if (member === BACKSLASH && at + 1 < end) {
      found = pattern[at + 1] === byte;
      at += 2;
    } else if (member === RIGHT_BRACKET) {
      break;
    } else if (at + 2 < end && pattern[at + 1] === MINUS) {
      found = inRange(byte, member, pattern[at + 2], nocase);
      at += 3;
    } else {
      found = member === byte || (nocase && asciiLower(member) === asciiLower(byte));
      at++;
    }
  }
  return found !== negated;
}

/**
 * True when the whole text range matches the whole pattern range. With `nocase`, A to Z and a to z
 * are the same letters.
 */
export function globMatch(
  pattern: Uint8Array,
  patternOff: number,
  patternLen: number,
  text: Uint8Array,
  textOff: number,
  textLen: number,
  nocase: boolean,
): boolean {
  const patternEnd = patternOff + patternLen;
  const textEnd = textOff + textLen;
  if (textLen === 0) return patternLen === 0;
  let at = patternOff;
  let textAt = textOff;
  let star = -1;
  let starAt = textOff;
  let stars = 0;
  while (textAt < textEnd) {
    let next = -1;
    if (at < patternEnd) {
      const byte = pattern[at];
      if (byte === STAR) {
        while (at < patternEnd && pattern[at] === STAR) at++;
        if (at === patternEnd) return true;
        if (++stars > STARS_MAX) return false;
        star = at;
        starAt = textAt;
        continue;
      }
      next = matchOne(pattern, at, patternEnd, byte, text[textAt], nocase);
    }
    if (next >= 0) {
      at = next;
      textAt++;
    } else if (star >= 0) {
      at = star;
      textAt = ++starAt;
    } else {
      return false;
    }
  }
  while (at < patternEnd && pattern[at] === STAR) at++;
  return at === patternEnd;
}

/**
 * The offset after the pattern element at `at`, which starts with `head` and is no star, when it
 * takes `byte`; -1 when it does not.
 */
function matchOne(
  pattern: Uint8Array,
  at: number,
  end: number,
  head: number,
  byte: number,
  nocase: boolean,
): number {
  if (head === QUESTION) return at + 1;
  if (head === LEFT_BRACKET) {
    if (!classTakes(pattern, at + 1, end, byte, nocase)) return -1;
    return classEnd(pattern, at + 1, end);
  }
  let literal = head;
  let next = at + 1;
  if (head === BACKSLASH && next < end) literal = pattern[next++];
  if (literal === byte) return next;
  return nocase && asciiLower(literal) === asciiLower(byte) ? next : -1;
}
