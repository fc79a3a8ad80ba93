// aof_checksum.ts: annotations of an append-only file that say what the bytes before them must be. An append-only file has
// no checksum of its own: a bit that flips within a value is loaded as if it had been written. Other servers skip these
// lines, as any line that begins with #.
//
//   #CRC:0:0000000000000000\r\n           what follows is summed from here on
//   *3\r\n$3\r\nSET\r\n ...               what was written at once
//   #CRC:27:0123456789abcdef\r\n          the 27 bytes since the last such line have this CRC-64 (that of snapshots)
//
// A line with 0 stands wherever writing begins: at the start of a file, and where a file is taken up again, perhaps behind
// what somebody else has written or cut off. So a number that is not the distance to the line before is damage as well:
// something is missing, or there twice. A line that only begins like one is damage too: part of the file is zeros, perhaps,
// from within this line to within another one.

import { fromLatin1, latin1 } from "../bytes/ascii.ts";
import { crc64Update } from "../bytes/crc64.ts";

const PREFIX = "#CRC:";
const HASH = 35;
const LF = 10;
const LINE_BYTES_MAX = 64;
const BEGIN = `${PREFIX}0:${"0".repeat(16)}\r\n`;
/** Line that begins a sum. */
export const SUM_BEGIN: Uint8Array = fromLatin1(BEGIN);

/** The sum of the bytes since the last line. */
export class AofSum {
  count = 0;
  private crc = new Int32Array(2);

  add(buf: Uint8Array, off: number, len: number): void {
    crc64Update(this.crc, buf, off, len);
    this.count += len;
  }

  reset(): void {
    this.count = 0;
    this.crc[0] = 0;
    this.crc[1] = 0;
  }

  /** The line that says so; the next sum begins behind it. */
  line(): Uint8Array {
    const bytes = fromLatin1(this.text());
    this.reset();
    return bytes;
  }

  text(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return `${PREFIX}${this.count}:${hex(this.crc[1])}${hex(this.crc[0])}\r\n`;
  }
}

/** Compares the lines of one file with what stands between them. */
export class AofVerifier {
  /** How many bytes in front of the last line are not what was written. */
  badBytes = 0;
  private sum = new AofSum();
  /** Whether a sum was begun: until then nothing is summed. */
  private isOn = false;

  /**
   * Takes annotations in buf[from, start) and the command behind them in buf[start, end). Returns where the line is that
   * does not fit, -1 while all do.
   */
  take(buf: Uint8Array, from: number, start: number, end: number): number {
    for (let at = from; at < start && buf[at] === HASH;) {
      const next = buf.indexOf(LF, at) + 1;
      const text = latin1(buf, at, Math.min(next - at, LINE_BYTES_MAX));
      if (text.startsWith(PREFIX)) {
        if (!this.fits(text)) return at;
      } else if (this.isOn) {
        this.sum.add(buf, at, next - at);
      }
      at = next;
    }
    if (this.isOn) this.sum.add(buf, start, end - start);
    return -1;
  }

  /**
   * Whether a file that ends at buf[end) within a command is not one whose end is missing: the line that ends a write is
   * there, so it is a length that is wrong.
   */
  isWhole(buf: Uint8Array, end: number): boolean {
    const tail = latin1(buf, Math.max(0, end - LINE_BYTES_MAX), Math.min(end, LINE_BYTES_MAX));
    return this.isOn && /#CRC:\d+:[\da-f]{16}\r\n$/.test(tail);
  }

  private fits(text: string): boolean {
    const { sum } = this;
    this.badBytes = sum.count;
    if (text !== BEGIN && (!this.isOn || text !== sum.text())) return false;
    this.isOn = true;
    sum.reset();
    return true;
  }
}
