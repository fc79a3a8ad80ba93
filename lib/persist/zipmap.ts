// zipmap.ts: reads the packed hashes of very old releases, which this server turns into listpacks and never writes.
//
// LAYOUT
//
//   offset  size  field
//        0     1  number of fields; 254 and more = unknown
//        1     *  entries: field length, field, value length, unused bytes (1), value, what is unused
//       ..     1  end mark ff
//
//   length: one byte below fe, or fe and 4 bytes little endian
//
// EXAMPLE  foo => bar, hello => world   02 03 66 6f 6f 03 00 62 61 72 05 68 65 6c 6c 6f 05 00 77 6f 72 6c 64 ff
//
// Nothing here trusts the bytes. A map without fields is damage, and so is a long form of a short length.
//
// SOURCE   behaviour of Valkey's zipmap

const END_MARK = 0xff;
const BIG_LENGTH = 0xfe;

/** The walk over one zipmap, and the field and value it stands on. */
export class ZipmapCursor {
  private buf: Uint8Array = new Uint8Array(0);
  private off = 0;
  private endMark = 0;
  private at = 0;
  private count = 0;
  private len = 0;
  /** Whether the bytes were found damaged. */
  damaged = false;
  fieldOff = 0;
  fieldLen = 0;
  valueOff = 0;
  valueLen = 0;

  /** Stands in front of the first field of the zipmap buf[off, off + len). */
  start(buf: Uint8Array, off: number, len: number): void {
    this.buf = buf;
    this.off = off;
    this.endMark = off + len - 1;
    this.at = off + 1;
    this.count = 0;
    this.damaged = len < 2 || buf[this.endMark] !== END_MARK;
  }

  /** Goes to the next field. False at the end and when the bytes are damaged. */
  next(): boolean {
    if (this.damaged) return false;
    if (this.buf[this.at] === END_MARK) {
      const known = this.buf[this.off];
      const countIsTrue = known === BIG_LENGTH || known === this.count;
      this.damaged = this.at !== this.endMark || this.count === 0 || !countIsTrue;
      return false;
    }
    this.damaged = !this.entry();
    return !this.damaged;
  }

  private entry(): boolean {
    const { buf, endMark } = this;
    let at = this.length(this.at);
    if (at < 0) return false;
    this.fieldOff = at;
    this.fieldLen = this.len;
    at = this.length(at + this.len);
    if (at < 0 || at + 1 > endMark) return false;
    this.valueOff = at + 1;
    this.valueLen = this.len;
    this.at = this.valueOff + this.len + buf[at];
    this.count++;
    return this.at <= endMark;
  }

  /** Reads the length at `at`, which may be outside. Returns the offset behind it, or -1. */
  private length(at: number): number {
    const { buf, endMark } = this;
    if (at >= endMark) return -1;
    const first = buf[at];
    if (first < BIG_LENGTH) {
      this.len = first;
      return at + 1;
    }
    if (first === END_MARK || at + 5 > endMark) return -1;
    const low = buf[at + 1] | (buf[at + 2] << 8) | (buf[at + 3] << 16);
    this.len = (low | (buf[at + 4] << 24)) >>> 0;
    return this.len < BIG_LENGTH ? -1 : at + 5;
  }
}
