// screen_grid.ts: a terminal in memory: output bytes in, a grid of cells out.
//
// It knows what a line editor or a pager writes: printing with pending wrap, CR LF BS BEL, cursor
// motions CSI A B C D G H, erasing CSI J and K, SGR, private modes (2004 is bracketed paste) and
// OSC. Everything else is noted in `unknown`, so that a test can demand that nothing was.
//
//   pending wrap   after a cell in the last column the cursor stays there; the next character
//                  goes to the start of the next row and the row is marked `wrapped`
//   wide cells     take two columns, the second one has width 0; overwriting half clears both
//   clusters       with `clusters` a code point that continues the last grapheme cluster joins its
//                  cell; without, each code point has the width older terminals give it
//   resize         wrapped rows are joined and wrapped anew, the cursor stays with its cell; with
//                  reflow "others" the line with the cursor, with "none" all rows are cut instead
//
// The widths are computed here from Unicode properties, independent of the code under test.

/** One column of a row. `width` 0 is the right half of the wide cell before it. */
export interface GridCell {
  text: string;
  width: number;
  style: string;
}

interface GridRow {
  cells: GridCell[];
  wrapped: boolean;
}

const BLANK: GridCell = { text: " ", width: 1, style: "" };
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The terminal; see the file header. */
export class ScreenGrid {
  cols: number;
  rows: number;
  row = 0;
  col = 0;
  pending = false;
  style = "";
  bells = 0;
  pasteMode = false;
  /** Sequences and controls that are not understood. */
  unknown: string[] = [];
  /** Rows that left the screen at the top. */
  scrolled: string[] = [];
  #lines: GridRow[] = [];
  #reflow: "all" | "others" | "none";
  #clusters: boolean;
  #decoder = new TextDecoder();
  #rest = "";
  #last: { row: number; col: number } | null = null;

  constructor(
    cols: number,
    rows: number,
    options: { reflow?: "all" | "others" | "none"; clusters?: boolean } = {},
  ) {
    this.cols = cols;
    this.rows = rows;
    this.#reflow = options.reflow ?? "all";
    this.#clusters = options.clusters !== false;
    while (this.#lines.length < rows) this.#lines.push(this.#blankRow());
  }

  /** Output of the program. */
  feed(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    while (this.#rest !== "") {
      const taken = this.#rest[0] === "\x1b"
        ? this.#sequence(this.#rest)
        : this.#single(this.#rest);
      if (taken === 0) break;
      this.#rest = this.#rest.slice(taken);
    }
  }

  /** Rows as text without trailing blanks; trailing empty rows are left out. */
  text(): string[] {
    const rows = this.#lines.map((line) => rowText(line));
    while (rows.length > 0 && rows[rows.length - 1] === "") rows.pop();
    return rows;
  }

  /** The cell at a place. */
  cell(row: number, col: number): GridCell {
    return this.#lines[row].cells[col];
  }

  /** Whether a row flows into the next one. */
  wrapped(row: number): boolean {
    return this.#lines[row].wrapped;
  }

  /** Everything a test compares, as one string. */
  snapshot(): string {
    const styles = this.#lines.map((line) => line.cells.map((cell) => cell.style).join(","));
    return JSON.stringify([this.text(), styles, this.row, this.col, this.pasteMode]);
  }

  #blankRow(): GridRow {
    return { cells: Array.from({ length: this.cols }, () => BLANK), wrapped: false };
  }

  /** One character that is no escape sequence. */
  #single(text: string): number {
    const cp = text.codePointAt(0)!;
    const units = cp > 0xffff ? 2 : 1;
    if (cp >= 0x20 && cp !== 0x7f && !(cp >= 0x80 && cp < 0xa0)) this.#print(cp);
    else this.#control(cp);
    return units;
  }

  #control(cp: number): void {
    this.#last = null;
    if (cp === 0x07) this.bells++;
    else if (cp === 0x08) {
      this.col = Math.max(0, this.col - 1);
      this.pending = false;
    } else if (cp === 0x0a) this.#lineFeed();
    else if (cp === 0x0d) {
      this.col = 0;
      this.pending = false;
    } else this.unknown.push(`control ${cp.toString(16)}`);
  }

  #lineFeed(): void {
    this.pending = false;
    if (this.row < this.rows - 1) {
      this.row++;
      return;
    }
    this.scrolled.push(rowText(this.#lines[0]));
    this.#lines.shift();
    this.#lines.push(this.#blankRow());
  }

  #print(cp: number): void {
    const char = String.fromCodePoint(cp);
    if (this.#join(char)) return;
    const width = codePointWidth(cp);
    if (width === 0) {
      this.unknown.push(`lone zero-width ${cp.toString(16)}`);
      return;
    }
    if (this.pending || this.col + width > this.cols) {
      this.#lines[this.row].wrapped = true;
      this.#lineFeed();
      this.col = 0;
    }
    this.#put(this.row, this.col, { text: char, width, style: this.style });
    this.#last = { row: this.row, col: this.col };
    this.#advance(width);
  }

  #advance(width: number): void {
    this.col += width;
    this.pending = this.col >= this.cols;
    if (this.pending) this.col = this.cols - 1;
  }

  /** Adds a code point to the cell printed last, if it belongs there. */
  #join(char: string): boolean {
    if (this.#last === null) return false;
    const { row, col } = this.#last;
    const cell = this.#lines[row].cells[col];
    const joined = cell.text + char;
    const zero = codePointWidth(char.codePointAt(0)!) === 0;
    if (this.#clusters) {
      if ([...segmenter.segment(joined)].length > 1) return false;
    } else if (!zero) return false;
    const width = this.#clusters ? clusterWidth(joined) : cell.width;
    this.#put(row, col, { text: joined, width, style: cell.style });
    this.row = row;
    this.col = col;
    this.pending = false;
    this.#advance(width);
    return true;
  }

  #put(row: number, col: number, cell: GridCell): void {
    const cells = this.#lines[row].cells;
    for (let at = col; at < Math.min(col + cell.width, this.cols); at++) {
      if (cells[at].width === 0 && at > 0 && at === col) cells[at - 1] = BLANK;
      if (cells[at].width === 2 && at + 1 < this.cols) cells[at + 1] = BLANK;
    }
    cells[col] = cell;
    for (let at = col + 1; at < Math.min(col + cell.width, this.cols); at++) {
      cells[at] = { text: "", width: 0, style: cell.style };
    }
  }

  /** An escape sequence; 0 when it is not complete. */
  #sequence(text: string): number {
    // deno-lint-ignore no-control-regex
    const csi = /^\x1b\[([?>=]?)([0-9;:]*)([ -/]*)([@-~])/.exec(text);
    // deno-lint-ignore no-control-regex
    const osc = /^\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/.exec(text);
    if (csi !== null) {
      this.#last = null;
      this.#csi(csi[1], csi[2], csi[4]);
      return csi[0].length;
    }
    if (osc !== null) return osc[0].length;
    // deno-lint-ignore no-control-regex
    if (/^\x1b(?:$|\[[?>=]?[0-9;:]*[ -/]*$|\][^\x07]*$)/.test(text)) return 0;
    this.unknown.push(JSON.stringify(text.slice(0, 8)));
    return 1;
  }

  #csi(mark: string, parameters: string, final: string): void {
    const count = Math.max(1, Number(parameters.split(";")[0]) || 1);
    if (mark === "?" && (final === "h" || final === "l")) {
      if (parameters === "2004") this.pasteMode = final === "h";
      else this.unknown.push(`mode ${parameters}`);
      return;
    }
    if (final === "m") return this.#sgr(parameters);
    if (final === "J" || final === "K") return this.#erase(final, parameters);
    const moves: Record<string, () => void> = {
      A: () => this.row = Math.max(0, this.row - count),
      B: () => this.row = Math.min(this.rows - 1, this.row + count),
      C: () => this.col = Math.min(this.cols - 1, this.col + count),
      D: () => this.col = Math.max(0, this.col - count),
      G: () => this.col = Math.min(this.cols - 1, count - 1),
      H: () => this.#home(parameters),
    };
    if (mark !== "" || !(final in moves)) {
      this.unknown.push(`CSI ${mark}${parameters}${final}`);
      return;
    }
    this.pending = false;
    moves[final]();
  }

  #home(parameters: string): void {
    const [row, col] = parameters.split(";").map((field) => Math.max(1, Number(field) || 1));
    this.row = Math.min(this.rows, row) - 1;
    this.col = Math.min(this.cols, col ?? 1) - 1;
  }

  #sgr(parameters: string): void {
    for (const field of parameters === "" ? ["0"] : parameters.split(";")) {
      if (field === "0" || field === "") this.style = "";
      else this.style = this.style === "" ? field : `${this.style};${field}`;
    }
  }

  #erase(final: string, parameters: string): void {
    const how = Number(parameters) || 0;
    const line = this.#lines[this.row];
    const from = how === 0 ? this.col : 0;
    const to = how === 1 ? this.col + 1 : this.cols;
    if (how === 0 && line.cells[this.col].width === 0 && this.col > 0) {
      line.cells[this.col - 1] = BLANK;
    }
    line.cells.fill(BLANK, from, to);
    if (how !== 1) line.wrapped = false;
    if (how !== 1 && from === 0 && this.row > 0) this.#lines[this.row - 1].wrapped = false;
    if (final === "K") return;
    for (let row = 0; row < this.rows; row++) {
      const all = how === 2 || (how === 0 && row > this.row) || (how === 1 && row < this.row);
      if (all) this.#lines[row] = this.#blankRow();
    }
  }

  /** The user changes the size of the window. */
  resize(cols: number, rows: number): void {
    this.#last = null;
    const before = this.#lines;
    const cursor = { row: this.row, col: this.pending ? this.col + 1 : this.col };
    this.cols = cols;
    this.rows = rows;
    const lines: GridRow[] = [];
    for (let first = 0, last = 0; first < before.length; first = last + 1) {
      for (last = first; last + 1 < before.length && before[last].wrapped;) last++;
      const holds = cursor.row >= first && cursor.row <= last;
      const reflow = this.#reflow === "all" || (this.#reflow === "others" && !holds);
      const groups = reflow ? [[first, last]] : [];
      for (let row = first; !reflow && row <= last; row++) groups.push([row, row]);
      for (const [from, to] of groups) {
        const cells = before.slice(from, to + 1).flatMap((line) => line.cells);
        const inside = cursor.row >= from && cursor.row <= to;
        const width = before[from].cells.length;
        const at = inside ? (cursor.row - from) * width + cursor.col : -1;
        const placed = this.#wrapLogical(cells, at, reflow);
        if (inside) {
          this.row = lines.length + placed.row;
          this.col = placed.col;
        }
        lines.push(...placed.lines);
      }
    }
    this.#fit(lines);
  }

  /** Wraps one logical line at the new width; `at` is the cursor's cell in it or -1. */
  #wrapLogical(
    cells: GridCell[],
    at: number,
    reflow: boolean,
  ): { lines: GridRow[]; row: number; col: number } {
    let len = cells.length;
    while (len > 0 && len > at && cells[len - 1] === BLANK) len--;
    const lines: GridRow[] = [this.#blankRow()];
    let col = 0;
    let place = { row: 0, col: Math.min(Math.max(at, 0), this.cols - 1) };
    for (let i = 0; i < len; i++) {
      const cell = cells[i];
      if (cell.width === 0) continue;
      if (col + cell.width > this.cols) {
        if (!reflow) break;
        lines[lines.length - 1].wrapped = true;
        lines.push(this.#blankRow());
        col = 0;
      }
      if (i === at) place = { row: lines.length - 1, col };
      const row = lines[lines.length - 1].cells;
      row[col] = cell;
      if (cell.width === 2) row[col + 1] = { text: "", width: 0, style: cell.style };
      col += cell.width;
    }
    if (reflow && at >= len) place = { row: lines.length - 1, col: Math.min(col, this.cols - 1) };
    return { lines, ...place };
  }

  /** Makes the lines the screen: blank ones at the bottom go first, then those at the top. */
  #fit(lines: GridRow[]): void {
    while (lines.length > this.rows && lines.length - 1 > this.row) {
      if (rowText(lines[lines.length - 1]) !== "") break;
      lines.pop();
    }
    while (lines.length > this.rows && this.row > 0) {
      this.scrolled.push(rowText(lines.shift()!));
      this.row--;
    }
    lines.length = Math.min(lines.length, this.rows);
    while (lines.length < this.rows) lines.push(this.#blankRow());
    this.#lines = lines;
    this.pending = false;
  }
}

function rowText(line: GridRow): string {
  return line.cells.map((cell) => cell.text).join("").trimEnd();
}

/** Cells of one code point, from properties of the runtime's Unicode version. */
export function codePointWidth(cp: number): number {
  const char = String.fromCodePoint(cp);
  if (cp === 0xad) return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(char)) return 0;
  if ((cp >= 0x1160 && cp <= 0x11ff) || (cp >= 0xd7b0 && cp <= 0xd7fb)) return 0;
  if (/^\p{Regional_Indicator}$/u.test(char)) return 1;
  const wide = /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;
  if (cp >= 0xff61 && cp <= 0xffdc) return 1;
  if (wide.test(char) || (cp >= 0x1100 && cp <= 0x115f) || (cp >= 0xac00 && cp <= 0xd7a3)) return 2;
  return (cp >= 0x3000 && cp <= 0x303e) || (cp >= 0xff01 && cp <= 0xff60) ? 2 : 1;
}

/** Cells of a grapheme cluster: emoji sequences two, others the sum of their code points. */
export function clusterWidth(text: string): number {
  const pictograph = /^\p{Extended_Pictographic}/u.test(text);
  if (/^\p{Emoji}\ufe0f/u.test(text)) return 2;
  if (pictograph && /[\u200d\u{1f3fb}-\u{1f3ff}]/u.test(text)) return 2;
  let width = 0;
  for (const char of text) width += codePointWidth(char.codePointAt(0)!);
  return width;
}
