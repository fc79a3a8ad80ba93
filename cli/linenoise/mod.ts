// mod.ts: linenoise-ts, a line editor: input bytes in, screen bytes and events out.
//
// It opens no terminal, reads no clock, starts no process and touches no file; it imports nothing
// outside its folder. The caller puts the terminal in raw mode, feeds what it reads, writes what it
// gets in one write, and tells the size.
//
// USE
//   const editor = new LineEditor({ cols: 80, rows: 24, suggestions: true, history });
//   write(editor.start("db> ").output);
//   on input:    const step = editor.feed(bytes);  write(step.output);
//                for (const event of step.events) if (event.kind === "line") run(event.line);
//   next line:   write(editor.start("db> ").output)        input typed ahead is not lost
//   on resize:   write(editor.resize(cols, rows))
//   other output while editing:  write(editor.hide()); write(message + "\n"); write(editor.show())
//   quiet input: when editor.needsFlush, 50 ms after the last input: editor.flushEscape(), which
//                tells the key ESC from the beginning of a sequence
//   the end:     write(editor.stop())                       leaves paste mode
// Every step may carry events, that of start() too. Lines are bytes, exactly those that were typed
// or pasted, invalid UTF-8 included; the editor never adds them to the history by itself:
// history.add(line, { secret: true }) keeps one out of the file.
//
// EVENTS  line, cancel (^C), eof (^D on an empty line): the editor is idle, start() goes on.
//         suspend (^Z), edit (^X ^E): call release(), do it, (setLine(),) resume().
//         complete (TAB without a callback): call completions() now or later.
//
// KEYS    move       ^A ^E Home End, ^B ^F arrows, Alt-B Alt-F Ctrl-arrows Alt-arrows words,
//                    Ctrl-Home Ctrl-End
//         delete     ^H Backspace, Delete ^D, ^W blank word, Alt-Backspace Ctrl-Backspace Alt-D
//                    Ctrl-Delete words, ^K to the end, ^U all (or to the start, option ctrlU)
//         yank       ^Y, then Alt-Y; Alt-. last word of earlier lines
//         change     ^T transpose, Alt-U Alt-L Alt-C case, ^_ or ^X ^U undo, Alt-/ redo
//         history    Up Down (through the rows of a text first), ^P ^N, Alt-< Alt->, ^R ^S search:
//                    ^R ^S next match, ^G gives up, ESC and other keys take the match
//         complete   TAB, Shift-TAB; ESC restores. At the end Right ^F ^E End take the
//                    suggestion, Alt-F one word of it
//         other      ^L clear, ^V ^Q next byte as it is, Alt-Enter line feed, ^C ^D ^Z ^X^E events
//         Options.keys rebinds them.
//
// PASTE   Bracketed paste is text whatever it holds: it never accepts a line. CR and CR LF in it
//         become LF. Line feeds continue on the next row in multi-line mode (option continuation
//         marks it) and are shown as a sign in single-line mode.
//
// TERMINALS  ansi, dumb, plain (screen readers) and quiet, see EditorOptions.terminal. With color
//         false the caller honours NO_COLOR. Where resizing leaves traces, set reflow: "others" for
//         xterm.js (TERM_PROGRAM=vscode), "none" for xterm and the Linux console. Prompts may
//         hold SGR and OSC sequences and line feeds.
//
// FILES   utf8, width_table, grapheme, glyph: characters and cells. text_buffer, undo, kill_ring,
//         words, edit_line: editing. history, history_file, search, completion. key_names,
//         key_decoder, keymap: keys. style, layout, frame, view_builder, painter_*: the screen.
//         editor: the state machine.
//
// COST    a key costs what is visible plus moving the bytes behind the cursor; a paste is linear.

export { LineEditor } from "./editor.ts";
export type {
  EditorCallbacks,
  EditorEvent,
  EditorOptions,
  Hint,
  LineOptions,
  Step,
} from "./options.ts";
export type { Candidate, Completions } from "./completion.ts";
export type { Span } from "./frame.ts";
export { History } from "./history.ts";
export type { HistoryEntry } from "./history.ts";
export { historyDecodeLine, historyEncodeLine, historyLoad, historySave } from "./history_file.ts";
export { type Key, KeyDecoder } from "./key_decoder.ts";
export { type CommandName, KEYMAP } from "./keymap.ts";
export type { Reflow } from "./painter_ansi.ts";
export { type Theme, THEME_DEFAULT } from "./style.ts";
export { clusterEnd, clusterStart } from "./grapheme.ts";
export { textWidth } from "./glyph.ts";
