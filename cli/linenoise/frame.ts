// frame.ts: the picture of the edit line: rows of cells and the cursor, limited to what fits.
//
//   multi-line                                single line
//     prompt rows, all but the last             the same
//     last prompt row | text ...                last prompt row | window of the text | hint
//     text ... (soft rows are full)             list rows
//     text | hint
//     list rows
//
// A soft row is padded with spaces to the full width, and a row it flows into has at least a space,
// so that the terminal wraps exactly there. Text taller than the screen is shown through a window
// with the cursor in its middle: a matter of text and cursor alone, not of how they came about. The
// single line shows as much as possible before the cursor and never touches the last column.
//
// INVARIANTS  I1 at most `rows` rows, each at most `cols` cells, soft rows exactly `cols`,
//                and the row behind a soft row is not empty
//             I2 the cursor is on a row of the frame, its column below `cols`
// COST        O(visible cells) plus what the layout has to pass

import {
  byteCells,
  type Cell,
  cellsWidth,
  glyphCell,
  glyphIsStandIn,
  glyphWidth,
} from "./glyph.ts";
import type { GlyphMode } from "./glyph.ts";
import { clusterEnd, clusterStart } from "./grapheme.ts";
import { Layout, type LayoutText } from "./layout.ts";

/** One row; `soft` rows flow into the next one without a line break. */
export interface Row {
  cells: Cell[];
  width: number;
  soft: boolean;
}

/** A picture; see the file header. */
export interface Frame {
  rows: Row[];
  cursorRow: number;
  cursorCol: number;
}

/** Style of the bytes `[from, to)`; of overlapping spans the last one counts. */
export interface Span {
  from: number;
  to: number;
  style: string;
}

/** Everything a frame shows. */
export interface View {
  cols: number;
  rows: number;
  multiLine: boolean;
  prompt: Cell[][];
  continuation: Cell[];
  text: LayoutText;
  /** Lowest changed offset since the last frame, Infinity = unchanged. */
  dirty: number;
  cursor: number;
  mode: GlyphMode;
  /** Shows no text at all, for hidden passwords. */
  hidden: boolean;
  spans: Span[];
  standIn: string;
  tail: { text: Uint8Array; style: string };
  list: Cell[][];
}

const BLANK: Cell = { text: " ", width: 1, style: "", shaky: false };
const EMPTY_ROW: Row = { cells: [], width: 0, soft: false };
const EMPTY_TEXT: LayoutText = { bytes: new Uint8Array(0), len: 0 };

/** Builds frames; keeps the layout between them. */
export class FrameBuilder {
  #layout = new Layout(EMPTY_TEXT, { cols: 1, firstCol: 0, nextCol: 0, mode: "unicode" });

  build(view: View): Frame {
    const shown = view.hidden ? { ...view, text: EMPTY_TEXT, cursor: 0, dirty: 0 } : view;
    const frame = shown.multiLine ? this.#multi(shown) : single(shown);
    for (const cells of shown.list) {
      frame.rows.push({ cells, width: cellsWidth(cells), soft: false });
    }
    return frame;
  }

  #multi(view: View): Frame {
    const layout = this.#layout;
    const lead = wrapPrompt(view.prompt, view.cols);
    const first = lead[lead.length - 1];
    const next = cellsWidth(view.continuation);
    const continuation = next * 2 < view.cols ? view.continuation : [];
    const nextCol = continuation.length === 0 ? 0 : next;
    const { cols, mode } = view;
    layout.update(view.text, { cols, firstCol: first.width, nextCol, mode }, view.dirty);
    const above = lead.length - 1;
    const textRow = layout.rowOf(view.cursor);
    const height = Math.max(1, view.rows - view.list.length);
    let top = Math.max(0, above + textRow - (height >> 1));
    while (top > 0 && !layout.hasRow(top + height - 1 - above)) top--;
    const rows: Row[] = [];
    for (let at = top; rows.length < height; at++) {
      if (at < above) {
        rows.push(lead[at]);
        continue;
      }
      if (!layout.hasRow(at - above)) break;
      rows.push(textRowCells(view, layout, at - above, at === above ? first.cells : continuation));
    }
    const cursorCol = layout.colOf(textRow, view.cursor);
    return { rows, cursorRow: above + textRow - top, cursorCol };
  }
}

/** Cells of one row of the layout; `lead` stands before its text if it begins a line. */
function textRowCells(view: View, layout: Layout, row: number, lead: Cell[]): Row {
  const from = layout.rowStart(row);
  const to = layout.rowEnd(row);
  const soft = layout.isSoft(row);
  const cells = layout.rowCol(row) > 0 ? lead.slice() : [];
  cells.push(...spanCells(view, from, to));
  const last = !layout.hasRow(row + 1);
  let width = cellsWidth(cells);
  if (last) {
    cells.push(...tailCells(view, view.cols - 1 - width));
    width = cellsWidth(cells);
  }
  const wrappedInto = row > 0 && layout.isSoft(row - 1) && cells.length === 0;
  while (wrappedInto ? width < 1 : soft && width < view.cols) {
    cells.push(BLANK);
    width++;
  }
  return { cells, width, soft };
}

/** Cells of a range of the text in their styles. */
function spanCells(view: View, from: number, to: number): Cell[] {
  const cells: Cell[] = [];
  const { bytes, len } = view.text;
  const spans = view.spans.filter((span) => span.from < to && span.to > from);
  for (let off = from; off < to;) {
    const stop = clusterEnd(bytes, off, len);
    let style = "";
    for (const span of spans) if (span.from <= off && off < span.to) style = span.style;
    if (view.mode !== "mask" && glyphIsStandIn(bytes, off, stop)) style = view.standIn;
    cells.push(glyphCell(bytes, off, stop, { mode: view.mode, style, cols: view.cols }));
    off = stop;
  }
  return cells;
}

function tailCells(view: View, room: number): Cell[] {
  if (room <= 0 || view.tail.text.length === 0) return [];
  return byteCells(view.tail.text, room, { mode: view.mode, style: view.tail.style });
}

/** The single-line frame: a window of the text that ends behind the cursor. */
function single(view: View): Frame {
  const height = Math.max(1, view.rows - view.list.length);
  const rows = [...wrapPrompt(view.prompt.slice(0, -1), view.cols), EMPTY_ROW].slice(-height);
  const { bytes, len } = view.text;
  const prompt = fitPrompt(view.prompt[view.prompt.length - 1], view.cols);
  const promptWidth = cellsWidth(prompt);
  const room = view.cols - 1 - promptWidth;
  const width = (from: number, stop: number) => {
    const cells = glyphWidth(bytes, from, stop, view.mode);
    return cells > view.cols ? 1 : cells;
  };
  let from = view.cursor;
  let before = 0;
  while (from > 0) {
    const start = clusterStart(bytes, from, len);
    const cells = width(start, clusterEnd(bytes, start, len));
    if (before + cells > room) break;
    before += cells;
    from = start;
  }
  let to = from;
  let used = 0;
  while (to < len) {
    const stop = clusterEnd(bytes, to, len);
    const cells = width(to, stop);
    if (used + cells > room) break;
    used += cells;
    to = stop;
  }
  const cells = [...prompt, ...spanCells(view, from, to)];
  if (to === len) cells.push(...tailCells(view, room - used));
  rows[rows.length - 1] = { cells, width: cellsWidth(cells), soft: false };
  return { rows, cursorRow: rows.length - 1, cursorCol: promptWidth + before };
}

/** A prompt too wide for the single line keeps its end, at most half of the columns. */
function fitPrompt(cells: Cell[], cols: number): Cell[] {
  let width = cellsWidth(cells);
  if (width * 2 <= cols || width + 8 < cols) return cells;
  let skip = 0;
  while (width * 2 > cols && skip < cells.length) width -= cells[skip++].width;
  return cells.slice(skip);
}

/** Rows of a prompt; the last one is where the text begins. */
function wrapPrompt(prompt: Cell[][], cols: number): Row[] {
  const rows: Row[] = [];
  for (const line of prompt) {
    let row: Row = { cells: [], width: 0, soft: false };
    for (const cell of line) {
      const fitting = cell.width > cols ? { ...cell, text: "?", width: 1 } : cell;
      if (row.width + fitting.width > cols) {
        while (row.width < cols) {
          row.cells.push(BLANK);
          row.width++;
        }
        row.soft = true;
        rows.push(row);
        row = { cells: [], width: 0, soft: false };
      }
      row.cells.push(fitting);
      row.width += fitting.width;
    }
    rows.push(row);
  }
  return rows;
}
