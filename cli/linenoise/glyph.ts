// glyph.ts: what one cluster looks like on the screen. Nothing that could steer the terminal or
// hide text is ever written: every byte of the line has at least one visible cell.
//
//   bytes                                   shown as        cells
//   printable cluster                       itself          its width
//   control 00..1f, 7f                      ^@ .. ^_, ^?    2
//   line feed where it cannot break a row   newline sign    1 (2 as ^J when only ASCII may be used)
//   invalid byte                            U+FFFD          1 ("?" when only ASCII may be used)
//   C1 control, separator, lone mark, format character    <U+XXXX>   as long as the text
//   anything, when the line is masked       *               1

import { clusterEnd, clusterWidth } from "./grapheme.ts";
import { DECORATION_DRAWN_MAX } from "./limits.ts";
import { utf8Decode, utf8Encode, utf8Text } from "./utf8.ts";

const LF = 0x0a;
const DEL = 0x7f;
const CODE_POINT_BYTES_MAX = 4;
const NEWLINE_SIGN = "\u21b5";

/** How clusters are drawn: as they are, with ASCII signs for unprintable ones, or as stars. */
export type GlyphMode = "unicode" | "ascii" | "mask";

/** One drawn cluster: text, cells, SGR parameters, and whether terminals disagree on its width. */
export interface Cell {
  text: string;
  width: number;
  style: string;
  shaky: boolean;
}

/** Cells of the cluster in `[off, stop)`, at least 1. */
export function glyphWidth(
  buf: Uint8Array,
  off: number,
  stop: number,
  mode: GlyphMode,
): number {
  if (mode === "mask") return 1;
  const byte = buf[off];
  if (byte < 0x20 || byte === DEL) return byte === LF && mode === "unicode" ? 1 : 2;
  if (byte < 0x80 && stop === off + 1) return 1;
  if (utf8Decode(buf, off, stop) < 0) return 1;
  const width = isHidden(buf, off, stop) ? 0 : clusterWidth(buf, off, stop);
  return width > 0 ? width : tokenOf(buf, off, stop).length;
}

/** Text that shows the cluster in `[off, stop)`; it takes glyphWidth cells. */
export function glyphText(
  buf: Uint8Array,
  off: number,
  stop: number,
  mode: GlyphMode,
): string {
  if (mode === "mask") return "*";
  const byte = buf[off];
  if (byte === LF && mode === "unicode") return NEWLINE_SIGN;
  if (byte < 0x20 || byte === DEL) return "^" + String.fromCharCode(byte ^ 0x40);
  if (byte < 0x80 && stop === off + 1) return String.fromCharCode(byte);
  if (utf8Decode(buf, off, stop) < 0) return mode === "ascii" ? "?" : "\ufffd";
  const hidden = isHidden(buf, off, stop) || clusterWidth(buf, off, stop) === 0;
  return hidden ? tokenOf(buf, off, stop) : utf8Text(buf.subarray(off, stop));
}

/** Whether the cluster is drawn as a stand-in rather than as itself. */
export function glyphIsStandIn(buf: Uint8Array, off: number, stop: number): boolean {
  const byte = buf[off];
  if (byte < 0x20 || byte === DEL || utf8Decode(buf, off, stop) < 0) return true;
  if (byte < 0x80) return false;
  return isHidden(buf, off, stop) || clusterWidth(buf, off, stop) === 0;
}

/** C1 controls and the two Unicode line separators have a width in no terminal. */
function isHidden(buf: Uint8Array, off: number, stop: number): boolean {
  const cp = utf8Decode(buf, off, stop) >> 3;
  return (cp >= 0x80 && cp < 0xa0) || cp === 0x2028 || cp === 0x2029;
}

function tokenOf(buf: Uint8Array, off: number, stop: number): string {
  const packed = utf8Decode(buf, off, stop);
  const hex = (packed >> 3).toString(16).toUpperCase().padStart(4, "0");
  return off + (packed & 7) < stop ? `<U+${hex}+>` : `<U+${hex}>`;
}

/** Cell of one cluster. A cell wider than `cols` becomes a question mark. */
export function glyphCell(
  buf: Uint8Array,
  off: number,
  stop: number,
  look: { mode: GlyphMode; style: string; cols: number },
): Cell {
  const width = glyphWidth(buf, off, stop, look.mode);
  if (width > look.cols) return { text: "?", width: 1, style: look.style, shaky: false };
  const text = glyphText(buf, off, stop, look.mode);
  return { text, width, style: look.style, shaky: stop - off > CODE_POINT_BYTES_MAX };
}

/** Cells of a decoration (hint, candidate ...), at most `cells` of them in total width. */
export function textCells(
  text: string,
  cells: number,
  look: { mode: GlyphMode; style: string },
): Cell[] {
  const bytes = utf8Encode(text.slice(0, DECORATION_DRAWN_MAX));
  return byteCells(bytes, cells, look);
}

/** The same for bytes. */
export function byteCells(
  bytes: Uint8Array,
  cells: number,
  look: { mode: GlyphMode; style: string },
): Cell[] {
  const out: Cell[] = [];
  const end = Math.min(bytes.length, DECORATION_DRAWN_MAX);
  let room = cells;
  for (let off = 0; off < end;) {
    const stop = clusterEnd(bytes, off, end);
    const cell = glyphCell(bytes, off, stop, { ...look, cols: Math.max(1, cells) });
    if (cell.width > room) break;
    room -= cell.width;
    out.push(cell);
    off = stop;
  }
  return out;
}

/** Total cells of a row of cells. */
export function cellsWidth(cells: Cell[]): number {
  let width = 0;
  for (const cell of cells) width += cell.width;
  return width;
}

/** Cells a text takes on the screen, for callers that align columns. */
export function textWidth(text: string): number {
  const bytes = utf8Encode(text);
  let width = 0;
  for (let off = 0; off < bytes.length;) {
    const stop = clusterEnd(bytes, off, bytes.length);
    width += glyphWidth(bytes, off, stop, "unicode");
    off = stop;
  }
  return width;
}
