// ziplist.ts: reads the packed lists of older releases, which this server turns into listpacks and never writes.
//
// LAYOUT (little endian)
//
//   offset  size  field
//        0     4  total bytes, header and end mark included
//        4     4  offset of the last entry
//        8     2  number of entries; 65535 = unknown
//       10     *  entries
//       ..     1  end mark ff
//
// ENTRY: bytes of the one before, head, payload. Bytes of the one before: one byte below fe, or fe and 4 bytes.
//
//   head                      payload       holds
//   00llllll                  bytes         string of up to 63
//   01llllll llllllll         bytes         string of up to 16383 (high bits first)
//   10...... l l l l          bytes         longer string (high bits first)
//   11000000 11010000         2, 4 bytes    signed integer
//   11100000 11110000         8, 3 bytes    signed integer
//   11111110                  1 byte        signed integer
//   1111vvvv                                v - 1, for v from 1 to 13
//
// EXAMPLE  ["2", "5"]   0f 00 00 00  0c 00 00 00  02 00  00 f3  02 f6  ff
//
// Nothing here trusts the bytes: ziplistFirst checks the header, ziplistNext one entry at a time, and at the end mark the
// header's claims. Sizes that do not match are damage, as they are for Valkey.
//
// SOURCE   behaviour of Valkey's ziplist

const TAIL = 4;
const COUNT = 8;
const HEADER = 10;
const END_MARK = 0xff;
const BIG_PREVIOUS = 0xfe;
const COUNT_UNKNOWN = 0xffff;

const INT_16 = 0xc0;
const INT_32 = 0xd0;
const INT_64 = 0xe0;
const INT_24 = 0xf0;
const INT_8 = 0xfe;
const INT_4_MIN = 0xf1;
const INT_4_MAX = 0xfd;

/** The walk over one ziplist, and the entry it stands on. */
export class ZiplistCursor {
  private buf: Uint8Array = new Uint8Array(0);
  private off = 0;
  /** Offset of the end mark. */
  private endMark = 0;
  private at = 0;
  private previousBytes = 0;
  private last = 0;
  private count = 0;
  /** Whether the bytes were found damaged. */
  damaged = false;
  /** The entry: an integer (lo, hi) or a string (off, len in the ziplist's array). */
  isInt = false;
  lo = 0;
  hi = 0;
  stringOff = 0;
  stringLen = 0;

  /** Stands in front of the first entry of the ziplist buf[off, off + len). */
  start(buf: Uint8Array, off: number, len: number): void {
    this.buf = buf;
    this.off = off;
    this.endMark = off + len - 1;
    this.at = off + HEADER;
    this.previousBytes = 0;
    this.last = 0;
    this.count = 0;
    this.damaged = len <= HEADER || this.word(off) !== len || buf[this.endMark] !== END_MARK ||
      (this.word(off + TAIL) >>> 0) > len - 1;
  }

  private word(at: number): number {
    const { buf } = this;
    return buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24);
  }

  /** Goes to the next entry. False at the end and when the bytes are damaged. */
  next(): boolean {
    if (this.damaged) return false;
    if (this.buf[this.at] === END_MARK) {
      this.damaged = !this.endIsTrue();
      return false;
    }
    this.damaged = !this.entry();
    return !this.damaged;
  }

  private endIsTrue(): boolean {
    const known = this.buf[this.off + COUNT] | (this.buf[this.off + COUNT + 1] << 8);
    if (this.at !== this.endMark) return false;
    if (this.last !== 0 && this.last !== this.off + this.word(this.off + TAIL)) return false;
    return known === COUNT_UNKNOWN || known === this.count;
  }

  /** Reads the entry at `at` and goes behind it. Heads may not touch the end mark, payloads may not cover it. */
  private entry(): boolean {
    const { buf, endMark } = this;
    const start = this.at;
    const isBig = buf[start] === BIG_PREVIOUS;
    let at = start + (isBig ? 5 : 1);
    if (at > endMark) return false;
    const previous = isBig ? this.word(start + 1) >>> 0 : buf[start];
    if (previous !== this.previousBytes) return false;
    at = buf[at] < INT_16 ? this.stringAt(at) : this.integerAt(at);
    if (at < 0) return false;
    this.previousBytes = at - start;
    this.last = start;
    this.at = at;
    this.count++;
    return true;
  }

  private stringAt(at: number): number {
    const { buf, endMark } = this;
    const head = buf[at];
    const headBytes = head < 0x40 ? 1 : head < 0x80 ? 2 : 5;
    if (at + headBytes > endMark) return -1;
    let len = head & 0x3f;
    if (headBytes === 2) len = (len << 8) | buf[at + 1];
    if (headBytes === 5) {
      len = (buf[at + 1] << 24 | buf[at + 2] << 16 | buf[at + 3] << 8 | buf[at + 4]) >>> 0;
    }
    this.isInt = false;
    this.stringOff = at + headBytes;
    this.stringLen = len;
    return this.stringOff + len <= endMark ? this.stringOff + len : -1;
  }

  private integerAt(at: number): number {
    const { buf } = this;
    const head = buf[at];
    const payload = at + 1;
    const bytes = integerBytes(head);
    if (bytes < 0 || payload + bytes > this.endMark) return -1;
    this.isInt = true;
    if (bytes === 0) {
      this.lo = (head & 0x0f) - 1;
    } else if (bytes >= 4) {
      this.lo = this.word(payload);
    } else {
      let value = 0;
      for (let i = 0; i < bytes; i++) value |= buf[payload + i] << (8 * i);
      const unused = 32 - 8 * bytes;
      this.lo = value << unused >> unused;
    }
    this.hi = bytes === 8 ? this.word(payload + 4) : this.lo >> 31;
    return payload + bytes;
  }
}

/** Payload bytes of an integer head, -1 when there is no such head. */
function integerBytes(head: number): number {
  if (head === INT_8) return 1;
  if (head === INT_16) return 2;
  if (head === INT_24) return 3;
  if (head === INT_32) return 4;
  if (head === INT_64) return 8;
  return head >= INT_4_MIN && head <= INT_4_MAX ? 0 : -1;
}
