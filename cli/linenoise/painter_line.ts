// painter_line.ts: frames on terminals without cursor addressing, and for screen readers.
//
// Only the last row of a frame is kept up to date, with printable text, BS, CR and LF: what was
// typed is echoed, the tail behind a change is written again, a shorter line is covered by spaces.
// The rows above (a prompt of several lines) are written once.
//
// The quiet painter writes the prompt and nothing else, for terminals in line mode, which echo by
// themselves (TERM=dumb under Emacs, pipes).

import type { Cell } from "./glyph.ts";
import type { Frame } from "./frame.ts";
import type { Painter } from "./painter_ansi.ts";

/** Painter that needs no escape sequence; see the file header. */
export class LinePainter implements Painter {
  #cells: Cell[] | null = null;
  #at = 0;

  paint(frame: Frame): string {
    const last = frame.rows[frame.rows.length - 1];
    let out = "";
    if (this.#cells === null) {
      for (const row of frame.rows.slice(0, -1)) out += textOf(row.cells) + "\r\n";
      out += textOf(last.cells);
    } else {
      out += this.#change(this.#cells, last.cells);
    }
    this.#cells = last.cells;
    this.#at = last.cells.length;
    return out + this.#move(cellAt(last.cells, frame.cursorCol));
  }

  erase(): string {
    if (this.#cells === null) return "";
    const width = widthOf(this.#cells);
    this.#cells = null;
    return `\r${" ".repeat(width)}\r`;
  }

  finish(): string {
    const out = this.#cells === null ? "" : this.#move(this.#cells.length);
    this.#cells = null;
    return out + "\r\n";
  }

  clear(): string {
    return this.finish();
  }

  resize(): string {
    return this.erase();
  }

  #change(before: Cell[], after: Cell[]): string {
    let same = 0;
    while (same < before.length && same < after.length && before[same].text === after[same].text) {
      same++;
    }
    if (same === before.length && same === after.length) return this.#move(same);
    const surplus = widthOf(before.slice(same)) - widthOf(after.slice(same));
    const out = this.#move(same) + textOf(after.slice(same));
    return surplus > 0 ? out + " ".repeat(surplus) + "\b".repeat(surplus) : out;
  }

  /** Goes to a cell of the shown row: back with BS, forward by writing the cells again. */
  #move(at: number): string {
    const cells = this.#cells ?? [];
    const from = this.#at;
    this.#at = at;
    if (at >= from) return textOf(cells.slice(from, at));
    return "\b".repeat(widthOf(cells.slice(at, from)));
  }
}

/** Writes the prompt once and then nothing. */
export class QuietPainter implements Painter {
  #shown = false;

  paint(frame: Frame): string {
    if (this.#shown) return "";
    this.#shown = true;
    return frame.rows.map((row) => textOf(row.cells)).join("\r\n");
  }

  erase(): string {
    this.#shown = false;
    return "";
  }

  finish(): string {
    return this.erase();
  }

  clear(): string {
    return "";
  }

  resize(): string {
    return "";
  }
}

function textOf(cells: Cell[]): string {
  let text = "";
  for (const cell of cells) text += cell.text;
  return text;
}

function widthOf(cells: Cell[]): number {
  let width = 0;
  for (const cell of cells) width += cell.width;
  return width;
}

/** Number of cells before a column. */
function cellAt(cells: Cell[], col: number): number {
  let at = 0;
  for (let width = 0; at < cells.length && width < col; at++) width += cells[at].width;
  return at;
}
