// style.ts: SGR parameters as plain strings ("1;31"), and prompts with escape sequences as cells.

import { type Cell, glyphCell } from "./glyph.ts";
import { clusterEnd } from "./grapheme.ts";
import { utf8Encode } from "./utf8.ts";

/** Styles of the editor's own parts, as SGR parameters; "" = none. */
export interface Theme {
  /** Stand-ins for controls, invalid bytes and invisible characters. */
  standIn: string;
  /** Suggestion taken from the history. */
  suggestion: string;
  /** Hint without a colour of its own. */
  hint: string;
  /** The found text while searching. */
  match: string;
  /** The selected candidate of a list. */
  selected: string;
}

/** Default styles: attributes and the grey that terminals show on light and dark grounds. */
export const THEME_DEFAULT: Theme = {
  standIn: "7",
  suggestion: "2",
  hint: "90",
  match: "4",
  selected: "7",
};

/** Takes colours out of SGR parameters, leaves attributes such as bold and dim. */
export function stripColors(style: string): string {
  const fields = style.split(";");
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i++) {
    const code = Number(fields[i].split(":")[0]);
    if (code === 38 || code === 48 || code === 58) {
      if (!fields[i].includes(":")) i += fields[i + 1] === "5" ? 2 : 4;
    } else if (code < 30 || (code > 49 && code < 90) || code > 107) kept.push(fields[i]);
  }
  return kept.join(";");
}

/** How a style is written when colours or all styles are off. */
export type StyleFilter = (style: string) => string;

/** Filter for a terminal: everything, attributes only (NO_COLOR), or nothing. */
export function styleFilter(styles: "full" | "attributes" | "none"): StyleFilter {
  if (styles === "none") return () => "";
  return styles === "full" ? (style) => style : stripColors;
}

// deno-lint-ignore no-control-regex
const SEQUENCE = /^(?:\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))/;

/**
 * Cells of a prompt, one array a line. SGR sequences become styles; other CSI and OSC sequences
 * (hyperlinks, shell marks) take no cell and ride on a neighbour, or are dropped with `raw` false.
 */
export function promptCells(
  prompt: string,
  options: { filter: StyleFilter; raw: boolean },
): Cell[][] {
  const lines: Cell[][] = [[]];
  let style = "";
  let carried = "";
  for (let at = 0; at < prompt.length;) {
    const found = prompt[at] === "\x1b" ? SEQUENCE.exec(prompt.slice(at)) : null;
    if (found !== null) {
      if (found[1] !== undefined) style = addStyle(style, found[1]);
      else if (options.raw) carried += found[0];
      at += found[0].length;
    } else if (prompt[at] === "\n") {
      lines.push([]);
      at++;
    } else {
      const stop = plainEnd(prompt, at);
      const look = { mode: "unicode" as const, style: options.filter(style), cols: Infinity };
      carried = addText(lines[lines.length - 1], prompt.slice(at, stop), { ...look, carried });
      at = stop;
    }
  }
  const last = lines[lines.length - 1].at(-1);
  if (last !== undefined) last.text += carried;
  return lines;
}

function plainEnd(prompt: string, from: number): number {
  let at = from + 1;
  while (at < prompt.length && prompt[at] !== "\x1b" && prompt[at] !== "\n") at++;
  return at;
}

/** Appends a text without escapes; answers what is still to be carried. */
function addText(
  line: Cell[],
  text: string,
  look: { mode: "unicode"; style: string; cols: number; carried: string },
): string {
  const bytes = utf8Encode(text);
  let carried = look.carried;
  for (let off = 0; off < bytes.length;) {
    const stop = clusterEnd(bytes, off, bytes.length);
    const cell = glyphCell(bytes, off, stop, look);
    cell.text = carried + cell.text;
    carried = "";
    line.push(cell);
    off = stop;
  }
  return carried;
}

/** Style after one more SGR sequence: everything since the last reset. */
function addStyle(style: string, parameters: string): string {
  let out = style;
  for (const field of parameters.split(";")) {
    if (field === "" || Number(field) === 0) out = isColorOperand(out) ? `${out};0` : "";
    else out = out === "" ? field : `${out};${field}`;
  }
  return out;
}

/** Whether the next field belongs to an unfinished 38, 48 or 58 and is no code of its own. */
function isColorOperand(style: string): boolean {
  return /(?:^|;)[345]8(?:;5|;2(?:;\d+){0,2})?$/.test(style);
}
