// aof_reader.ts: the commands of an append-only file, one after the other, with the offsets at which they stand.
//
//   *3\r\n $3\r\nSET\r\n $1\r\na\r\n $1\r\n1\r\n        a command
//   #TS:1763847200\r\n                                  an annotation: when what follows was written; skipped
//
// Between TRUNCATED and BAD lies the whole difference between a machine that stopped and a file that is damaged: the end
// of the file within something that is well formed so far is truncated, everything else is bad. So is an annotation with
// zeros in it: nobody writes one, but a disk may leave zeros where sectors were to be written, and what is missing there
// must not pass for a comment.
//
// Nothing is copied: offsets are those in the given bytes; a file that is in memory only in part is read by
// aof_file_reader.ts. Source followed: what Valkey 9.1 loads and refuses.

const STAR = 42;
const DOLLAR = 36;
const HASH = 35;
const LF = 10;
const LENGTH_MAX = 2147483647;

export const AOF_COMMAND = 0;
export const AOF_END = 1;
export const AOF_TRUNCATED = 2;
export const AOF_BAD = 3;
/** What is in memory of the file ends here (AofFileReader). */
export const AOF_MORE = 4;

/** Walks over the commands in buf[off, end). */
export class AofReader {
  buf: Uint8Array;
  /** Where the annotations in front of the command start. */
  from: number;
  /** Where the command or what is wrong starts, and what follows it. */
  start: number;
  pos: number;
  /** Of the command: how many words, and where the first two are (the second one only where there is one). */
  argc = 0;
  /** Lines that are complete, of the command or of what there is of it; a word is one, whatever is in it. */
  lines = 0;
  readonly wordOff = [0, 0];
  readonly wordLen = [0, 0];
  protected end: number;
  /** Where the word ends that is not complete; 0 where that is not known. */
  protected wants = 0;
  private value = 0;

  constructor(buf: Uint8Array, off: number, end: number) {
    this.buf = buf;
    this.from = off;
    this.start = off;
    this.pos = off;
    this.end = end;
  }

  /**
   * Goes to the next command: AOF_COMMAND, or why there is none. At AOF_END, `start` is before the end where the last
   * annotation is not complete: nothing may be written behind it.
   */
  next(): number {
    const { buf, end } = this;
    this.from = this.pos;
    this.wants = 0;
    while (this.pos < end && buf[this.pos] === HASH) {
      this.start = this.pos;
      const following = this.annotationEnd();
      if (following === 0) return AOF_END;
      if (following < 0) return AOF_BAD;
      this.pos = following;
    }
    this.start = this.pos;
    this.lines = 0;
    if (this.pos >= end) return AOF_END;
    let status = this.number(STAR);
    if (status !== AOF_COMMAND) return status;
    if (this.value < 1) return AOF_BAD;
    this.argc = this.value;
    for (let i = 0; i < this.argc; i++) {
      status = this.number(DOLLAR);
      if (status !== AOF_COMMAND) return status;
      if (i < 2) {
        this.wordOff[i] = this.pos;
        this.wordLen[i] = this.value;
      }
      if (this.pos + this.value + 2 > end) {
        this.wants = this.pos + this.value + 2;
        return AOF_TRUNCATED;
      }
      this.pos += this.value;
      if (buf[this.pos] !== 13 || buf[this.pos + 1] !== LF) return AOF_BAD;
      this.pos += 2;
      this.lines++;
    }
    return AOF_COMMAND;
  }

  /** What follows the annotation at `pos`; 0 where that is not complete, -1 where it has zeros in it. */
  private annotationEnd(): number {
    const { buf, end } = this;
    let hasZeros = false;
    for (let at = this.pos; at < end; at++) {
      if (buf[at] === LF) return hasZeros ? -1 : at + 1;
      if (buf[at] === 0) hasZeros = true;
    }
    return 0;
  }

  /** Reads a line with a number behind `type` to `value`. */
  private number(type: number): number {
    const { buf, end } = this;
    let at = this.pos;
    if (at >= end) return AOF_TRUNCATED;
    if (buf[at++] !== type) return AOF_BAD;
    const first = at;
    let value = 0;
    while (at < end && buf[at] >= 48 && buf[at] <= 57) value = value * 10 + buf[at++] - 48;
    if (at < end && at === first && buf[at] !== 13) return AOF_BAD;
    if (value > LENGTH_MAX) return AOF_BAD;
    if (at < end && buf[at] !== 13) return AOF_BAD;
    if (at + 1 < end && buf[at + 1] !== LF) return AOF_BAD;
    if (at + 2 > end) return AOF_TRUNCATED;
    if (at === first) return AOF_BAD;
    this.value = value;
    this.pos = at + 2;
    this.lines++;
    return AOF_COMMAND;
  }
}
