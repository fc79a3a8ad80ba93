// painter_ansi.ts: from one frame to the next on a terminal with the basic VT100 controls.
//
// The picture on the screen is remembered. A new one is written from the first cell that differs
// to its end, after erasing what was there; then the cursor goes to its place. Typing at the end
// writes one character. Rows that continue are left to the terminal's own wrapping, so that it
// re-flows and copies them as one line.
//
// Terminals disagree on the width of emoji sequences: behind such a cell the column is set anew.
//
// SEQUENCES USED  CR, LF, BS, CSI n A/B/C/D, CSI n G, CSI J, CSI 2J, CSI H, CSI m
// INVARIANTS      I1 (row, col) is the terminal's cursor in frame coordinates; col = cols only
//                    between two writes inside paint
//                 I2 after each call no style is active

import type { Cell } from "./glyph.ts";
import type { Frame, Row } from "./frame.ts";

const CSI = "\x1b[";
const BACKSPACES_MAX = 3;

/**
 * What a terminal does with wrapped lines when its width changes: wraps all anew (VTE, kitty,
 * iTerm2, Windows Terminal ...), all but the one with the cursor (xterm.js and so VS Code), or none
 * (xterm, the Linux console).
 */
export type Reflow = "all" | "others" | "none";

/** How frames reach a terminal. Every method answers what has to be written. */
export interface Painter {
  /** Shows a frame. */
  paint(frame: Frame): string;
  /** Takes the picture off the screen; the cursor is where it began. */
  erase(): string;
  /** Leaves the picture and goes to a new line below it. */
  finish(): string;
  /** Clears the whole screen. */
  clear(): string;
  /** Takes the picture off after the terminal changed its width to `cols`. */
  resize(cols: number): string;
}

/** Painter for VT100 and its descendants; see the file header. */
export class AnsiPainter implements Painter {
  #shown: Frame | null = null;
  #cols: number;
  #reflow: Reflow;
  #row = 0;
  #col = 0;
  #out = "";
  #style = "";

  constructor(cols: number, reflow: Reflow) {
    this.#cols = cols;
    this.#reflow = reflow;
  }

  paint(frame: Frame): string {
    const shown = this.#shown;
    if (shown === null) {
      this.#row = this.#col = 0;
      this.#out += `\r${CSI}J`;
      this.#write(frame.rows, 0, 0);
    } else {
      this.#change(shown, frame);
    }
    this.#move(frame.cursorRow, frame.cursorCol);
    this.#shown = frame;
    return this.#take();
  }

  erase(): string {
    if (this.#shown === null) return "";
    this.#move(0, 0);
    this.#out += `${CSI}J`;
    this.#shown = null;
    return this.#take();
  }

  finish(): string {
    if (this.#shown === null) return "\r\n";
    const below = this.#shown.rows.length - 1 - this.#row;
    if (below > 0) this.#out += `${CSI}${below}B`;
    this.#out += "\r\n";
    this.#shown = null;
    return this.#take();
  }

  clear(): string {
    this.#shown = null;
    return `${CSI}H${CSI}2J`;
  }

  resize(cols: number): string {
    const shown = this.#shown;
    const above = shown === null ? 0 : rowsAboveCursor(shown, cols, this.#reflow);
    this.#cols = cols;
    this.#shown = null;
    if (shown === null) return "";
    return `${above > 0 ? `${CSI}${above}A` : ""}\r${CSI}J`;
  }

  #take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }

  /** Writes what differs between two frames. */
  #change(shown: Frame, frame: Frame): void {
    let row = 0;
    let at = 0;
    for (;; row++) {
      if (row === shown.rows.length && row === frame.rows.length) return;
      if (row === frame.rows.length || row === shown.rows.length) {
        row--;
        at = frame.rows[row].cells.length;
        break;
      }
      const before = shown.rows[row];
      const after = frame.rows[row];
      at = firstDifference(before.cells, after.cells);
      if (at < before.cells.length || at < after.cells.length) break;
      if (before.soft !== after.soft) break;
    }
    // Erasing from column 0 would make the terminal forget that the row before flows into this one.
    if (at === 0 && row > 0 && frame.rows[row - 1].soft) at = frame.rows[--row].cells.length;
    let col = widthBefore(frame.rows[row].cells, at);
    if (col >= this.#cols && at > 0) col -= frame.rows[row].cells[--at].width;
    this.#move(row, col);
    const more = shown.rows.length - 1 > row || shown.rows[row].cells.length > at;
    if (more) this.#out += `${CSI}J`;
    this.#write(frame.rows, row, at);
  }

  /** Writes rows from a cell on; the cursor is there. */
  #write(rows: Row[], fromRow: number, fromCell: number): void {
    for (let row = fromRow; row < rows.length; row++) {
      const { cells, soft } = rows[row];
      for (let at = row === fromRow ? fromCell : 0; at < cells.length; at++) this.#cell(cells[at]);
      if (row === rows.length - 1) break;
      if (!soft) {
        this.#setStyle("");
        this.#out += "\r\n";
      }
      this.#row = row + 1;
      this.#col = 0;
    }
    this.#setStyle("");
  }

  #cell(cell: Cell): void {
    this.#setStyle(cell.style);
    this.#out += cell.text;
    this.#col += cell.width;
    if (cell.shaky && this.#col < this.#cols) this.#out += `${CSI}${this.#col + 1}G`;
  }

  #setStyle(style: string): void {
    if (style === this.#style) return;
    if (this.#style !== "") this.#out += `${CSI}0m`;
    if (style !== "") this.#out += `${CSI}${style}m`;
    this.#style = style;
  }

  #move(row: number, col: number): void {
    if (row < this.#row) this.#out += `${CSI}${this.#row - row}A`;
    if (row > this.#row) this.#out += `${CSI}${row - this.#row}B`;
    this.#row = row;
    const back = this.#col - col;
    if (this.#col >= this.#cols || col === 0) {
      if (back !== 0) this.#out += col === 0 ? "\r" : `\r${CSI}${col}C`;
    } else if (back > 0) {
      this.#out += back <= BACKSPACES_MAX ? "\b".repeat(back) : `${CSI}${back}D`;
    } else if (back < 0) {
      this.#out += `${CSI}${-back}C`;
    }
    this.#col = col;
  }
}

function firstDifference(before: Cell[], after: Cell[]): number {
  const count = Math.min(before.length, after.length);
  for (let at = 0; at < count; at++) {
    const left = before[at];
    const right = after[at];
    if (left.text !== right.text || left.style !== right.style) return at;
  }
  return count;
}

function widthBefore(cells: Cell[], count: number): number {
  let width = 0;
  for (let at = 0; at < count; at++) width += cells[at].width;
  return width;
}

/**
 * Row of the cursor in the frame after the terminal became `cols` wide. Rows joined by wrapping are
 * a line: terminals wrap all lines anew, or all but the one with the cursor, or none.
 */
export function rowsAboveCursor(frame: Frame, cols: number, reflow: Reflow): number {
  if (reflow === "none") return frame.cursorRow;
  let lineStart = frame.cursorRow;
  while (lineStart > 0 && frame.rows[lineStart - 1].soft) lineStart--;
  let above = 0;
  let col = 0;
  for (let row = 0; row < lineStart; row++) {
    const { cells, soft } = frame.rows[row];
    for (const { width } of cells) {
      if (col + width > cols) {
        above++;
        col = 0;
      }
      col += width;
    }
    if (soft) continue;
    above++;
    col = 0;
  }
  if (reflow === "others") return above + frame.cursorRow - lineStart;
  for (let row = lineStart; row <= frame.cursorRow; row++) {
    let before = 0;
    for (const { width } of frame.rows[row].cells) {
      if (col + width > cols) {
        above++;
        col = 0;
      }
      // The cursor stays with the cell it is on, also when that cell moved to the next row.
      if (row === frame.cursorRow && before >= frame.cursorCol) break;
      before += width;
      col += width;
    }
  }
  return above;
}
