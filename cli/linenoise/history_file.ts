// history_file.ts: history entries as bytes of a text file, one a line. The caller does the file
// input and output.
//
// FORMAT  an entry is written as it is, then a line feed. Entries that could not be read back that
//         way (they hold LF, CR or NUL, or begin with the mark itself) are written escaped: the
//         mark \| and then the entry with \n, \r, \0 and \\ for LF, CR, NUL and backslash.
//         So files of plain lines, as other line editors write them, mean the same here.
// READING empty lines are skipped; a CR before the LF belongs to the line end (Windows); in an
//         escaped line a backslash before any other byte stands for itself.
//
// EXAMPLE the two lines "a" and "b\" as one entry:  5c 7c 61 5c 6e 62 5c 5c 0a    \|a\nb\\
//
// COST    linear, nothing is decoded as text

import type { History, HistoryEntry } from "./history.ts";

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
const BACKSLASH = 0x5c;
const BAR = 0x7c;
const LETTER_N = 0x6e;
const LETTER_R = 0x72;
const DIGIT_0 = 0x30;

/** Bytes of one entry, line feed included: what an appending writer adds to the file. */
export function historyEncodeLine(line: Uint8Array): Uint8Array {
  if (!needsEscape(line)) {
    const plain = new Uint8Array(line.length + 1);
    plain.set(line);
    plain[line.length] = LF;
    return plain;
  }
  const out = new Uint8Array(line.length * 2 + 3);
  let len = 0;
  out[len++] = BACKSLASH;
  out[len++] = BAR;
  for (const byte of line) {
    const letter = escapeLetter(byte);
    if (letter !== 0) out[len++] = BACKSLASH;
    out[len++] = letter === 0 ? byte : letter;
  }
  out[len++] = LF;
  return out.slice(0, len);
}

function needsEscape(line: Uint8Array): boolean {
  if (line[0] === BACKSLASH && line[1] === BAR) return true;
  for (let off = 0; off < line.length; off++) {
    const byte = line[off];
    if (byte === LF || byte === CR || byte === NUL) return true;
  }
  return false;
}

function escapeLetter(byte: number): number {
  if (byte === LF) return LETTER_N;
  if (byte === CR) return LETTER_R;
  if (byte === NUL) return DIGIT_0;
  return byte === BACKSLASH ? BACKSLASH : 0;
}

function unescapeByte(letter: number): number {
  if (letter === LETTER_N) return LF;
  if (letter === LETTER_R) return CR;
  if (letter === DIGIT_0) return NUL;
  return letter === BACKSLASH ? BACKSLASH : -1;
}

/** Entry of one line of the file, its line end already taken off; a plain line is the same bytes. */
export function historyDecodeLine(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== BACKSLASH || bytes[1] !== BAR) return bytes;
  const out = new Uint8Array(bytes.length);
  let len = 0;
  for (let off = 2; off < bytes.length; off++) {
    const value = bytes[off] === BACKSLASH && off + 1 < bytes.length
      ? unescapeByte(bytes[off + 1])
      : -1;
    if (value >= 0) off++;
    out[len++] = value >= 0 ? value : bytes[off];
  }
  return out.slice(0, len);
}

/** The whole file for the entries that may be written, oldest first. */
export function historySave(entries: readonly HistoryEntry[]): Uint8Array {
  const lines: Uint8Array[] = [];
  let len = 0;
  for (const { line, secret } of entries) {
    if (secret) continue;
    const shown = needsEscape(line) ? historyEncodeLine(line).subarray(0, -1) : line;
    lines.push(shown);
    len += shown.length + 1;
  }
  const out = new Uint8Array(len);
  let off = 0;
  for (const line of lines) {
    out.set(line, off);
    off += line.length;
    out[off++] = LF;
  }
  return out;
}

/** Adds the entries of a file; answers how many were added. Only the newest `max` are looked at. */
export function historyLoad(history: History, file: Uint8Array): number {
  // One copy for all entries: they are views of it.
  const bytes = file.slice();
  const starts: number[] = bytes.length > 0 ? [0] : [];
  for (let off = 0; off < bytes.length - 1; off++) if (bytes[off] === LF) starts.push(off + 1);
  let added = 0;
  for (let i = Math.max(0, starts.length - history.max); i < starts.length; i++) {
    let end = i + 1 < starts.length ? starts[i + 1] : bytes.length;
    if (bytes[end - 1] === LF) end--;
    if (end > starts[i] && bytes[end - 1] === CR) end--;
    if (end === starts[i]) continue;
    if (history.adopt(historyDecodeLine(bytes.subarray(starts[i], end)))) added++;
  }
  return added;
}
