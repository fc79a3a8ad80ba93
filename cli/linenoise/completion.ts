// completion.ts: one completion under way, from TAB to the key that ends it, and the list of
// candidates drawn in columns.
//
//   cycle   TAB shows the first candidate, each further TAB the next one, then the line as it was,
//           then the first again. Shift-TAB goes the other way, ESC restores the line.
//   list    TAB inserts what all candidates have in common and lists them below the line; each
//           further TAB selects the next one in the list as above.
//
// INVARIANT  the edit of the present candidate is the newest undo step, or there is none
// COST       a step O(line), the list O(candidates) once and O(visible) after that

import { type Cell, cellsWidth, type GlyphMode, textCells } from "./glyph.ts";
import type { EditLine } from "./edit_line.ts";
import { LIST_GAP } from "./limits.ts";
import { bytesStartWith } from "./text_buffer.ts";
import { utf8Decode, utf8Encode, utf8Text } from "./utf8.ts";

/** One possible completion. */
export interface Candidate {
  /** What replaces the range. */
  text: string | Uint8Array;
  /** What the list shows, the text by default. */
  display?: string;
}

/** Candidates for the bytes `[from, to)` of the line. */
export interface Completions {
  from: number;
  to: number;
  candidates: Candidate[];
}

/** No candidate is shown, the line is as it was (or has the common beginning). */
const NONE = -1;

/** State of one completion; see the file header. */
export class CompletionSession {
  selected = NONE;
  readonly listed: boolean;
  #line: EditLine;
  #from: number;
  #to: number;
  #texts: Uint8Array[];
  #labels: string[];
  #cursor: number;
  #applied = false;

  constructor(line: EditLine, found: Completions, listed: boolean) {
    this.#line = line;
    this.#cursor = line.cursor;
    this.#from = Math.max(0, Math.min(found.from, line.len));
    this.#to = Math.max(this.#from, Math.min(found.to, line.len));
    this.#texts = found.candidates.map(({ text }) =>
      typeof text === "string" ? utf8Encode(text) : text
    );
    this.#labels = found.candidates.map(({ display }, i) => display ?? utf8Text(this.#texts[i]));
    this.listed = listed && this.#texts.length > 1;
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Shows the next (1) or previous (-1) candidate; false when it is the line as it was. */
  step(direction: 1 | -1): boolean {
    const slots = this.#texts.length + 1;
    this.selected = (this.selected + 1 + direction + slots) % slots - 1;
    if (this.selected === NONE) this.restore();
    else this.#show(this.#texts[this.selected]);
    return this.selected !== NONE;
  }

  /** Inserts what all candidates begin with, if that is more than there is. */
  insertCommon(): void {
    const common = commonPrefix(this.#texts);
    const present = this.#line.text.slice(this.#from, this.#to);
    if (common.length > present.length && bytesStartWith(common, present)) {
      this.#line.replace(this.#from, this.#to, common);
      this.#to = this.#from + common.length;
      this.#cursor = this.#to;
    }
  }

  /** Takes the shown candidate back. */
  restore(): void {
    if (this.#applied) this.#line.undo();
    this.#applied = false;
    this.#line.cursor = Math.min(this.#cursor, this.#line.len);
  }

  #show(text: Uint8Array): void {
    if (this.#applied) this.#line.undo();
    this.#applied = this.#line.replace(this.#from, this.#to, text);
  }

  /** Rows of the list, at most `rows`; the page with the selected candidate is shown. */
  list(options: { cols: number; rows: number; mode: GlyphMode; selected: string }): Cell[][] {
    if (!this.listed || options.rows < 1) return [];
    return listRows(this.#labels, this.selected, options);
  }
}

/** Longest common beginning, cut back to whole characters. */
export function commonPrefix(texts: Uint8Array[]): Uint8Array {
  if (texts.length === 0) return new Uint8Array(0);
  const first = texts[0];
  let len = first.length;
  for (const text of texts) {
    let same = 0;
    while (same < len && same < text.length && text[same] === first[same]) same++;
    len = same;
  }
  let whole = 0;
  while (whole < len) {
    const packed = utf8Decode(first, whole, first.length);
    const next = whole + (packed < 0 ? 1 : packed & 7);
    if (next > len) break;
    whole = next;
  }
  return first.slice(0, whole);
}

/** Columns filled from top to bottom; a last row tells the page when there are several. */
export function listRows(
  labels: string[],
  selected: number,
  options: { cols: number; rows: number; mode: GlyphMode; selected: string },
): Cell[][] {
  const room = options.cols - 1;
  const look = { mode: options.mode, style: "" };
  let widest = 1;
  for (const label of labels) {
    if (widest >= room) break;
    widest = Math.max(widest, cellsWidth(textCells(label, room, look)));
  }
  const columns = Math.max(1, Math.floor((room + LIST_GAP) / (widest + LIST_GAP)));
  const needed = Math.ceil(labels.length / columns);
  const paged = needed > options.rows;
  const height = paged ? Math.max(1, options.rows - 1) : needed;
  const perPage = height * columns;
  const page = selected < 0 ? 0 : Math.floor(selected / perPage);
  const rows: Cell[][] = [];
  for (let row = 0; row < height; row++) {
    const cells: Cell[] = [];
    for (let column = 0; column < columns; column++) {
      const index = page * perPage + column * height + row;
      if (index >= labels.length) break;
      pad(cells, column * (widest + LIST_GAP));
      const style = index === selected ? options.selected : "";
      cells.push(...textCells(labels[index], widest, { mode: options.mode, style }));
    }
    if (cells.length > 0) rows.push(cells);
  }
  if (paged && options.rows > 1) {
    const pages = Math.ceil(labels.length / perPage);
    rows.push(textCells(`(${page + 1}/${pages})`, room, look));
  }
  return rows;
}

function pad(cells: Cell[], width: number): void {
  for (let at = cellsWidth(cells); at < width; at++) {
    cells.push({ text: " ", width: 1, style: "", shaky: false });
  }
}
