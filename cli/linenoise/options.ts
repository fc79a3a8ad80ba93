// options.ts: what the caller tells the editor, and what the editor tells the caller.

import type { Completions } from "./completion.ts";
import type { Span } from "./frame.ts";
import type { History } from "./history.ts";
import type { CommandName } from "./keymap.ts";
import type { Reflow } from "./painter_ansi.ts";
import type { Theme } from "./style.ts";

/** Text shown behind the line, cut off at the end of the row. */
export interface Hint {
  text: string | Uint8Array;
  /** SGR colour number, 30 to 37 or 90 to 97. */
  color?: number;
  bold?: boolean;
}

/** Callbacks see the line as bytes they must not keep or change, and the cursor's byte offset. */
export interface EditorCallbacks {
  /** Hint for the line, or null. Not called for lines above DECORATED_BYTES_MAX. */
  hint?: (line: Uint8Array, cursor: number) => Hint | null;
  /** Styled ranges of the line. Not called for lines above DECORATED_BYTES_MAX. */
  highlight?: (line: Uint8Array, cursor: number) => Span[];
  /** Candidates at the cursor, or null. Without it TAB gives a "complete" event. */
  complete?: (line: Uint8Array, cursor: number) => Completions | null;
  /** Whether Enter accepts the line (true) or adds a line feed to it (false). */
  isComplete?: (line: Uint8Array) => boolean;
}

/** Settings; all have defaults. */
export interface EditorOptions extends EditorCallbacks {
  cols?: number;
  rows?: number;
  /**
   * ansi: VT100 and descendants (default). dumb: no escape sequences (TERM=dumb with echo off).
   * plain: like dumb, and replaced lines are written anew on a fresh row, for screen readers.
   * quiet: writes the prompt and nothing else, for terminals that echo by themselves.
   */
  terminal?: "ansi" | "dumb" | "plain" | "quiet";
  /** false: no colours, attributes such as dim and underlined stay (NO_COLOR). */
  color?: boolean;
  /** Long lines wrap (default) or scroll in one row. */
  multiLine?: boolean;
  /** Mark before each row that follows a line feed. */
  continuation?: string;
  /** What the terminal does with wrapped lines when resized; "all" is right for most. */
  reflow?: Reflow;
  bracketedPaste?: boolean;
  bell?: boolean;
  /** Suggest the newest history line that begins with the text. */
  suggestions?: boolean;
  /** ^U kills the whole line (default) or what is before the cursor. */
  ctrlU?: "line" | "start";
  completion?: "cycle" | "list";
  /** Up and Down visit only lines that begin with the text before the cursor. */
  prefixSearch?: boolean;
  theme?: Partial<Theme>;
  history?: History;
  /** Commands of keys in addition to or instead of the default ones; "" takes a key away. */
  keys?: Record<string, CommandName | "">;
  /** Bytes a line may hold. */
  lineMax?: number;
}

/** Settings of one line. */
export interface LineOptions {
  initial?: string | Uint8Array;
  /** text: shown. mask: a star for each character. hidden: nothing is shown. */
  echo?: "text" | "mask" | "hidden";
}

/**
 * What happened. After line, cancel and eof the editor is stopped; start() begins the next line.
 * After suspend and edit the rest of the input waits for the next feed() or resume().
 */
export type EditorEvent =
  /** Enter. */
  | { kind: "line"; line: Uint8Array }
  /** ^C; the line as it was. */
  | { kind: "cancel"; line: Uint8Array }
  /** ^D on an empty line. */
  | { kind: "eof" }
  /** ^Z: release(), stop the process, resume(). */
  | { kind: "suspend" }
  /** ^X ^E: release(), edit elsewhere, setLine(), resume(). */
  | { kind: "edit"; line: Uint8Array; cursor: number }
  /** TAB without a callback: answer with completions(), ignored if the line changed since. */
  | { kind: "complete"; line: Uint8Array; cursor: number };

/** Result of input: what to write to the terminal, in one write, and what happened. */
export interface Step {
  output: Uint8Array;
  events: EditorEvent[];
}
