// view_builder.ts: what the editor shows at a moment (prompt, text, decorations) as a View.

import type { CompletionSession } from "./completion.ts";
import type { EditLine } from "./edit_line.ts";
import type { Span, View } from "./frame.ts";
import { type Cell, type GlyphMode, textCells } from "./glyph.ts";
import { COLS_DEFAULT, COLS_MIN, DECORATED_BYTES_MAX, ROWS_DEFAULT, ROWS_MIN } from "./limits.ts";
import type { EditorOptions, Hint } from "./options.ts";
import type { Search } from "./search.ts";
import {
  promptCells,
  stripColors,
  type StyleFilter,
  styleFilter,
  type Theme,
  THEME_DEFAULT,
} from "./style.ts";
import { utf8Encode, utf8Text } from "./utf8.ts";

const EMPTY = new Uint8Array(0);
const NO_TAIL = { text: EMPTY, style: "" };

/** State of the editor a view depends on. */
export interface ViewState {
  line: EditLine;
  search: Search | null;
  completion: CompletionSession | null;
  suggestion: Uint8Array;
  /** No hints and suggestions: the line is finished. */
  bare: boolean;
}

/** Makes views from options, size, prompt and state. */
export class ViewBuilder {
  cols: number;
  rows: number;
  echo: "text" | "mask" | "hidden" = "text";
  readonly theme: Theme;
  readonly ansi: boolean;
  #options: EditorOptions;
  #filter: StyleFilter;
  #prompt: Cell[][] = [[]];
  #continuation: Cell[];

  constructor(options: EditorOptions) {
    this.#options = options;
    this.cols = Math.max(COLS_MIN, options.cols ?? COLS_DEFAULT);
    this.rows = Math.max(ROWS_MIN, options.rows ?? ROWS_DEFAULT);
    this.ansi = (options.terminal ?? "ansi") === "ansi";
    this.#filter = styleFilter(
      !this.ansi ? "none" : options.color === false ? "attributes" : "full",
    );
    this.theme = { ...THEME_DEFAULT, ...options.theme };
    if (options.color === false) {
      for (const name of Object.keys(this.theme) as (keyof Theme)[]) {
        this.theme[name] = stripColors(this.theme[name]);
      }
      // Without its colour a hint could be taken for the text.
      if (this.theme.hint === "") this.theme.hint = this.theme.suggestion;
    }
    this.#continuation = this.#cells(options.continuation ?? "")[0];
  }

  setPrompt(prompt: string): void {
    this.#prompt = this.#cells(prompt);
  }

  #cells(prompt: string): Cell[][] {
    return promptCells(prompt, { filter: this.#filter, raw: this.ansi });
  }

  get mode(): GlyphMode {
    return this.echo === "mask" ? "mask" : this.ansi ? "unicode" : "ascii";
  }

  view(state: ViewState): View {
    const { line, search } = state;
    const list = this.#list(state);
    const base = {
      cols: this.cols,
      rows: this.rows,
      multiLine: this.ansi && this.#options.multiLine !== false,
      continuation: this.#continuation,
      mode: this.mode,
      hidden: this.echo === "hidden",
      standIn: this.#filter(this.theme.standIn),
      list,
    };
    if (search !== null) return { ...base, ...this.#searchView(search, line.cursor) };
    return {
      ...base,
      prompt: this.#prompt,
      text: line.text,
      dirty: line.text.takeDirty(),
      cursor: line.cursor,
      spans: this.#spans(line.text.bytes.subarray(0, line.len), line.cursor),
      tail: state.bare ? NO_TAIL : this.#tail(state),
    };
  }

  /** Whether callbacks that see the whole line are asked. */
  #decorates(len: number): boolean {
    return this.ansi && this.echo === "text" && len <= DECORATED_BYTES_MAX;
  }

  #spans(bytes: Uint8Array, cursor: number): Span[] {
    const highlight = this.#options.highlight;
    if (highlight === undefined || !this.#decorates(bytes.length)) return [];
    return highlight(bytes, cursor).map((span) => ({ ...span, style: this.#filter(span.style) }));
  }

  #tail({ line, suggestion }: ViewState): View["tail"] {
    if (!this.#decorates(line.len)) return NO_TAIL;
    if (suggestion.length > 0) {
      return { text: suggestion, style: this.#filter(this.theme.suggestion) };
    }
    const hint = this.#options.hint?.(line.text.bytes.subarray(0, line.len), line.cursor);
    if (hint === undefined || hint === null) return NO_TAIL;
    const text = typeof hint.text === "string" ? utf8Encode(hint.text) : hint.text;
    return { text, style: this.#hintStyle(hint) };
  }

  #hintStyle(hint: Hint): string {
    const bold = hint.bold === true ? "1" : "";
    if (hint.color === undefined) return bold || this.#filter(this.theme.hint);
    const style = this.#filter(bold === "" ? `${hint.color}` : `${bold};${hint.color}`);
    return style === "" ? this.theme.hint : style;
  }

  #list({ completion }: ViewState): Cell[][] {
    if (completion === null || !this.ansi) return [];
    const rows = Math.min(this.rows - 1, Math.ceil(this.rows * 2 / 3));
    const selected = this.#filter(this.theme.selected);
    return completion.list({ cols: this.cols, rows, mode: this.mode, selected });
  }

  #searchView(search: Search, cursor: number): Pick<View, SearchKeys> {
    const bytes = search.line();
    const found = search.matchOff >= 0;
    const spans = this.#spans(bytes, cursor);
    if (found) {
      const to = search.matchOff + search.query.length;
      spans.push({ from: search.matchOff, to, style: this.#filter(this.theme.match) });
    }
    const name = search.direction === 1 ? "reverse-i-search" : "i-search";
    const label = `(${search.failed ? "failed " : ""}${name})\``;
    const query = textCells(utf8Text(search.query), this.cols, { mode: this.mode, style: "" });
    return {
      prompt: [[...this.#cells(label)[0], ...query, ...this.#cells("': ")[0]]],
      text: { bytes, len: bytes.length },
      dirty: 0,
      cursor: found ? search.matchOff : Math.min(cursor, bytes.length),
      spans,
      tail: NO_TAIL,
    };
  }
}

type SearchKeys = "prompt" | "text" | "dirty" | "cursor" | "spans" | "tail";
