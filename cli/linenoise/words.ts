// words.ts: word boundaries over bytes. A word of the Alt keys is a run of ASCII letters, digits,
// underscores and bytes from 80 up (so no multi-byte character is ever cut); a word of ^W is a run
// of anything but white space.

/** Whether the byte belongs to a word; `blank` words end at white space only. */
function inWord(byte: number, blank: boolean): boolean {
  if (blank) return byte > 0x20;
  if (byte >= 0x80 || byte === 0x5f) return true;
  const upper = byte & ~0x20;
  return (byte >= 0x30 && byte <= 0x39) || (upper >= 0x41 && upper <= 0x5a);
}

/** Offset behind the word that is at or after `off`; `len` when there is none. */
export function wordEnd(buf: Uint8Array, off: number, len: number, blank = false): number {
  let at = off;
  while (at < len && !inWord(buf[at], blank)) at++;
  while (at < len && inWord(buf[at], blank)) at++;
  return at;
}

/** Offset of the word that is at or before `off`; 0 when there is none. */
export function wordStart(buf: Uint8Array, off: number, blank = false): number {
  let at = off;
  while (at > 0 && !inWord(buf[at - 1], blank)) at--;
  while (at > 0 && inWord(buf[at - 1], blank)) at--;
  return at;
}

/** Offset of the first byte of the line (between line feeds) that holds `off`. */
export function lineStart(buf: Uint8Array, off: number): number {
  let at = off;
  while (at > 0 && buf[at - 1] !== 0x0a) at--;
  return at;
}

/** Offset of the line feed that ends the line holding `off`, or `len`. */
export function lineEnd(buf: Uint8Array, off: number, len: number): number {
  const at = buf.subarray(0, len).indexOf(0x0a, off);
  return at < 0 ? len : at;
}
