// utf8.ts: strict UTF-8 over byte ranges, numbers in and numbers out.
//
// A code point and its length travel in one integer: code point * 8 + length in bytes. Overlong
// forms, surrogates and values past U+10FFFF are invalid. An invalid byte stands alone: the next
// byte is looked at afresh, so that damage never spreads.
//
// EXAMPLE  e2 82 ac  ->  0x20ac * 8 + 3;   c3  ->  UTF8_PARTIAL;   c3 41  ->  UTF8_INVALID

/** The byte at the offset begins no valid sequence. */
export const UTF8_INVALID = -1;

/** The range ends inside a sequence that is valid so far. */
export const UTF8_PARTIAL = -2;

/** Decodes the sequence at `off`: code point * 8 + length, or one of the two negative answers. */
export function utf8Decode(buf: Uint8Array, off: number, end: number): number {
  const lead = buf[off];
  if (lead < 0x80) return lead * 8 + 1;
  if (lead < 0xc2 || lead > 0xf4) return UTF8_INVALID;
  const len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let cp = lead & (0x7f >> len);
  for (let i = 1; i < len; i++) {
    if (off + i >= end) return UTF8_PARTIAL;
    const byte = buf[off + i];
    if ((byte & 0xc0) !== 0x80) return UTF8_INVALID;
    if (i === 1) {
      if (lead === 0xe0 && byte < 0xa0) return UTF8_INVALID;
      if (lead === 0xed && byte > 0x9f) return UTF8_INVALID;
      if (lead === 0xf0 && byte < 0x90) return UTF8_INVALID;
      if (lead === 0xf4 && byte > 0x8f) return UTF8_INVALID;
    }
    cp = (cp << 6) | (byte & 0x3f);
  }
  return cp * 8 + len;
}

/** Offset of the code point, or lone invalid byte, that ends at `off`; `off` is greater than 0. */
export function utf8Previous(buf: Uint8Array, off: number): number {
  const lowest = Math.max(0, off - 4);
  for (let at = off - 1; at >= lowest; at--) {
    if ((buf[at] & 0xc0) === 0x80) continue;
    const packed = utf8Decode(buf, at, off);
    return packed >= 0 && at + (packed & 7) === off ? at : off - 1;
  }
  return off - 1;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of valid UTF-8 bytes; invalid ones become U+FFFD, a leading byte order mark stays. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
