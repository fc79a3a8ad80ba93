// text_buffer.ts: the bytes of the edited line, in one growing array.
//
// WHY NOT a gap buffer or a rope: the layout reads contiguous bytes, and moving the tail of even a
// 10 MB line costs about a millisecond, less than the terminal needs to show the key.
//
// INVARIANTS  I1 the text is bytes[0, len); what lies behind is unspecified
//             I2 dirtyFrom is the lowest offset changed since takeDirty was last called
// LIFETIME    `bytes` may be another array after replace()
// COST        replace O(inserted + bytes behind the edit), growth doubles

const CAPACITY_MIN = 256;

/** Bytes with one edit operation; see the file header. */
export class TextBuffer {
  bytes: Uint8Array = new Uint8Array(CAPACITY_MIN);
  len = 0;
  /** Counts changes, so that late answers can be recognised. */
  revision = 0;
  #dirtyFrom = 0;

  /** Puts `inserted` in place of `removed` bytes at `off`. */
  replace(off: number, removed: number, inserted: Uint8Array): void {
    const len = this.len - removed + inserted.length;
    if (len > this.bytes.length) {
      const grown = new Uint8Array(Math.max(len, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.len));
      this.bytes = grown;
    }
    this.bytes.copyWithin(off + inserted.length, off + removed, this.len);
    this.bytes.set(inserted, off);
    this.len = len;
    this.revision++;
    this.#dirtyFrom = Math.min(this.#dirtyFrom, off);
  }

  /** Copy of a range. */
  slice(from: number, to: number): Uint8Array {
    return this.bytes.slice(from, to);
  }

  /** Copy of the whole text. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.len);
  }

  /** Whether the text equals these bytes. */
  equals(other: Uint8Array): boolean {
    return bytesEqual(this.bytes.subarray(0, this.len), other);
  }

  /** Lowest offset changed since the last call; Infinity when nothing changed. */
  takeDirty(): number {
    const from = this.#dirtyFrom;
    this.#dirtyFrom = Infinity;
    return from;
  }

  /** Empties the buffer; with `wipe` the old bytes are overwritten, for passwords. */
  reset(wipe: boolean): void {
    if (wipe) this.bytes.fill(0);
    if (this.bytes.length > CAPACITY_MIN) this.bytes = new Uint8Array(CAPACITY_MIN);
    this.len = 0;
    this.revision++;
    this.#dirtyFrom = 0;
  }
}

/** Whether two byte runs are the same. */
export function bytesEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** Whether `bytes` begins with `prefix`. */
export function bytesStartWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (prefix.length > bytes.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}
