// layout.ts: which bytes of the line stand in which screen row (soft wrapping).
//
// Row 0 begins at column `firstCol` (behind the prompt), a row after a line feed at `nextCol`
// (behind the continuation mark), a row that continues a long line at column 0. The end of the
// text and a line feed take one invisible cell each, so that the cursor always has a place; when
// they do not fit, a row holds nothing else.
//
//   cols 8, firstCol 2, text "abcdef" "gh" LF "i"
//     > abcdef      row 0  starts[0] = 0
//     gh            row 1  starts[1] = 6   (continues)
//     i             row 2  starts[2] = 9   (follows LF)
//
// WHY an index of row starts: a 10 MB line has 130,000 rows. They are computed once, forward, only
// as far as needed; an edit drops those behind it. So a key costs what is visible, not the line.
//
// INVARIANTS  I1 starts ascend; a start is a cluster boundary counted from the start before it
//             I2 a row takes at most `cols` cells, its invisible cell included
// COST        extending O(bytes passed), an edit O(1) + re-layout of at most a cluster before it

import { type GlyphMode, glyphWidth } from "./glyph.ts";
import { clusterEnd } from "./grapheme.ts";
import { CLUSTER_BYTES_MAX } from "./limits.ts";

const LF = 0x0a;
const SPACE = 0x20;
const TILDE = 0x7e;

/** What the rows depend on besides the text. */
export interface LayoutShape {
  cols: number;
  firstCol: number;
  nextCol: number;
  mode: GlyphMode;
}

/** Bytes that are laid out; TextBuffer is one. */
export interface LayoutText {
  readonly bytes: Uint8Array;
  readonly len: number;
}

/** Row starts of one text; see the file header. */
export class Layout {
  #text: LayoutText;
  #shape: LayoutShape;
  #starts: number[] = [0];
  #complete = false;

  constructor(text: LayoutText, shape: LayoutShape) {
    this.#text = text;
    this.#shape = shape;
  }

  /** Sets text and shape; rows are kept when the shape is the same, up to the change at `dirty`. */
  update(text: LayoutText, shape: LayoutShape, dirty: number): void {
    const same = this.#text === text && shape.cols === this.#shape.cols &&
      shape.firstCol === this.#shape.firstCol && shape.nextCol === this.#shape.nextCol &&
      shape.mode === this.#shape.mode;
    this.#text = text;
    this.#shape = shape;
    if (same && dirty === Infinity) return;
    this.#complete = false;
    const keep = same ? dirty - CLUSTER_BYTES_MAX : -1;
    while (this.#starts.length > 1 && this.#starts[this.#starts.length - 1] > keep) {
      this.#starts.pop();
    }
  }

  /** Row that holds the offset. */
  rowOf(off: number): number {
    while (!this.#complete && this.#starts[this.#starts.length - 1] <= off) this.#extend();
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (this.#starts[mid] <= off) low = mid;
      else high = mid - 1;
    }
    return low;
  }

  /** Whether the row exists. */
  hasRow(row: number): boolean {
    while (!this.#complete && this.#starts.length <= row) this.#extend();
    return row < this.#starts.length;
  }

  /** Offset of the first byte of a row that exists. */
  rowStart(row: number): number {
    return this.#starts[row];
  }

  /** Offset behind the last drawn byte of a row that exists: its line feed is not drawn. */
  rowEnd(row: number): number {
    if (!this.hasRow(row + 1)) return this.#text.len;
    return this.#starts[row + 1] - (this.isSoft(row) ? 0 : 1);
  }

  /** Column at which the text of a row begins. */
  rowCol(row: number): number {
    if (row === 0) return this.#shape.firstCol;
    return this.isSoft(row - 1) ? 0 : this.#shape.nextCol;
  }

  /** Whether the row continues in the next one without a line feed. */
  isSoft(row: number): boolean {
    if (!this.hasRow(row + 1)) return false;
    const next = this.#starts[row + 1];
    return next === this.#starts[row] || !this.#breaks(next - 1);
  }

  /** Column of an offset in its row. */
  colOf(row: number, off: number): number {
    let col = this.rowCol(row);
    for (let at = this.#starts[row]; at < off;) {
      const stop = clusterEnd(this.#text.bytes, at, this.#text.len);
      if (stop > off) break;
      col += this.#width(at, stop);
      at = stop;
    }
    return col;
  }

  #breaks(off: number): boolean {
    return this.#text.bytes[off] === LF && this.#shape.mode !== "mask";
  }

  #width(off: number, stop: number): number {
    const width = glyphWidth(this.#text.bytes, off, stop, this.#shape.mode);
    return width > this.#shape.cols ? 1 : width;
  }

  /** Finds the start of one more row, or that the last one is the last. */
  #extend(): void {
    const { bytes, len } = this.#text;
    const { cols } = this.#shape;
    const row = this.#starts.length - 1;
    let off = this.#starts[row];
    let col = row === 0
      ? this.#shape.firstCol
      : this.#breaks(off - 1) && off > this.#starts[row - 1]
      ? this.#shape.nextCol
      : 0;
    for (;;) {
      if (off >= len) {
        if (col >= cols) this.#starts.push(len);
        this.#complete = true;
        return;
      }
      if (this.#breaks(off)) {
        this.#starts.push(col >= cols ? off : off + 1);
        return;
      }
      const stop = clusterEnd(bytes, off, len);
      const plain = stop === off + 1 && bytes[off] >= SPACE && bytes[off] <= TILDE;
      const width = plain ? 1 : this.#width(off, stop);
      if (col + width > cols) {
        this.#starts.push(off);
        return;
      }
      col += width;
      off = stop;
    }
  }
}
