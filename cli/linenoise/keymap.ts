// keymap.ts: which key does what. Keys have the names of key_names.ts; a command is a function
// over the few things of the editor it may touch. Two-key commands are named with a blank.

import type { EditLine } from "./edit_line.ts";

/** What commands see of the editor. */
export interface CommandTarget {
  readonly line: EditLine;
  /** Whether ^U kills the whole line. */
  readonly killsWholeLine: boolean;
  accept(): void;
  newline(): void;
  cancel(): void;
  endOfFile(): void;
  suspend(): void;
  editElsewhere(): void;
  quoteNext(): void;
  prefixKey(): void;
  clearScreen(): void;
  complete(direction: 1 | -1): boolean;
  search(direction: 1 | -1): boolean;
  /** Goes by entries: 1 older, -1 newer; with `vertical` first through the rows of the text. */
  history(direction: 1 | -1, vertical: boolean): boolean;
  historyEnd(oldest: boolean): boolean;
  lastWord(): boolean;
  /** Accepts the suggestion, or its next word; false when there is none. */
  takeSuggestion(word: boolean): boolean;
  undo(): boolean;
  redo(): boolean;
}

/** False rings the bell. */
type Command = (target: CommandTarget) => boolean | void;

const TABLE = {
  accept: (target) => target.accept(),
  newline: (target) => target.newline(),
  cancel: (target) => target.cancel(),
  suspend: (target) => target.suspend(),
  editElsewhere: (target) => target.editElsewhere(),
  quoteNext: (target) => target.quoteNext(),
  prefixKey: (target) => target.prefixKey(),
  clearScreen: (target) => target.clearScreen(),
  complete: (target) => target.complete(1),
  completeBack: (target) => target.complete(-1),
  searchBack: (target) => target.search(1),
  searchForward: (target) => target.search(-1),
  up: (target) => target.history(1, true),
  down: (target) => target.history(-1, true),
  historyOlder: (target) => target.history(1, false),
  historyNewer: (target) => target.history(-1, false),
  historyOldest: (target) => target.historyEnd(true),
  historyNewest: (target) => target.historyEnd(false),
  lastWord: (target) => target.lastWord(),
  left: ({ line }) => line.left(),
  right: (target) => target.line.atEnd ? target.takeSuggestion(false) : target.line.right(),
  wordLeft: ({ line }) => line.wordLeft(),
  wordRight: (target) => target.line.atEnd ? target.takeSuggestion(true) : target.line.wordRight(),
  home: ({ line }) => line.home(),
  end: (target) => target.line.atEnd && target.takeSuggestion(false) ? true : target.line.end(),
  textStart: ({ line }) => void line.moveTo(0),
  textEnd: ({ line }) => void line.moveTo(line.len),
  backspace: ({ line }) => line.backspace(),
  deleteRight: ({ line }) => line.deleteRight(),
  deleteOrEof: (target) => target.line.len === 0 ? target.endOfFile() : target.line.deleteRight(),
  killToEnd: ({ line }) => line.killToEnd(),
  killToStart: (target) =>
    target.killsWholeLine ? target.line.killAll() : target.line.killToStart(),
  killWordRight: ({ line }) => line.killWordRight(),
  killWordLeft: ({ line }) => line.killWordLeft(false),
  killBlankWordLeft: ({ line }) => line.killWordLeft(true),
  yank: ({ line }) => line.yank(),
  yankPop: ({ line }) => line.yankPop(),
  transpose: ({ line }) => line.transpose(),
  upperWord: ({ line }) => line.changeCase("upper"),
  lowerWord: ({ line }) => line.changeCase("lower"),
  capitalWord: ({ line }) => line.changeCase("capital"),
  undo: (target) => target.undo(),
  redo: (target) => target.redo(),
} satisfies Record<string, Command>;

/** Name of a command. */
export type CommandName = keyof typeof TABLE;

/** The commands by name. */
export const COMMANDS: Record<CommandName, Command> = TABLE;

/** The default keys. */
export const KEYMAP: Record<string, CommandName> = {
  "enter": "accept",
  "alt-enter": "newline",
  "shift-enter": "newline",
  "ctrl-c": "cancel",
  "ctrl-d": "deleteOrEof",
  "ctrl-z": "suspend",
  "ctrl-v": "quoteNext",
  "ctrl-q": "quoteNext",
  "ctrl-x": "prefixKey",
  "ctrl-x ctrl-e": "editElsewhere",
  "ctrl-x ctrl-u": "undo",
  "ctrl-l": "clearScreen",
  "tab": "complete",
  "shift-tab": "completeBack",
  "ctrl-r": "searchBack",
  "ctrl-s": "searchForward",
  "up": "up",
  "down": "down",
  "ctrl-p": "historyOlder",
  "ctrl-n": "historyNewer",
  "page-up": "historyOlder",
  "page-down": "historyNewer",
  "alt-<": "historyOldest",
  "alt->": "historyNewest",
  "alt-.": "lastWord",
  "left": "left",
  "ctrl-b": "left",
  "right": "right",
  "ctrl-f": "right",
  "alt-b": "wordLeft",
  "alt-left": "wordLeft",
  "ctrl-left": "wordLeft",
  "alt-f": "wordRight",
  "alt-right": "wordRight",
  "ctrl-right": "wordRight",
  "home": "home",
  "ctrl-a": "home",
  "end": "end",
  "ctrl-e": "end",
  "ctrl-home": "textStart",
  "ctrl-end": "textEnd",
  "backspace": "backspace",
  "ctrl-h": "backspace",
  "delete": "deleteRight",
  "ctrl-k": "killToEnd",
  "ctrl-u": "killToStart",
  "ctrl-w": "killBlankWordLeft",
  "alt-d": "killWordRight",
  "ctrl-delete": "killWordRight",
  "alt-delete": "killWordRight",
  "alt-backspace": "killWordLeft",
  "ctrl-backspace": "killWordLeft",
  "ctrl-y": "yank",
  "alt-y": "yankPop",
  "ctrl-t": "transpose",
  "alt-u": "upperWord",
  "alt-l": "lowerWord",
  "alt-c": "capitalWord",
  "ctrl-_": "undo",
  "alt-/": "redo",
  "ctrl-shift-z": "redo",
};
