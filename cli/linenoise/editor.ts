// editor.ts: the state machine between keys and screen.
//
//            start()                    line, cancel, eof, stop()
//   idle ---------------> editing ------------------------------------> idle
//                          |   ^
//             release()    v   |  resume()
//                         released (input waits, nothing is drawn)
//
// While editing, at most one of these is on: quoting (^V), prefix (^X), search (^R, ^S), completion
// (TAB). Each sees a key first and either handles it or ends and lets the key go on.
//
// Input that arrives while idle or released waits in the decoder and is worked off by start() or
// resume(). All keys of one feed are handled, then the picture is brought up to date once.
//
// INVARIANTS  I1 every public method answers bytes for one write, already in order
//             I2 nothing is written while hidden, except by the methods that end the line
// SEE ALSO    mod.ts (how to use it), keymap.ts (keys), frame.ts and the painters (screen)

import { type Completions, CompletionSession, listRows } from "./completion.ts";
import { EditLine } from "./edit_line.ts";
import { FrameBuilder } from "./frame.ts";
import { History, HistoryWalk } from "./history.ts";
import { type Key, KeyDecoder } from "./key_decoder.ts";
import { type CommandName, COMMANDS, type CommandTarget, KEYMAP } from "./keymap.ts";
import { KillRing } from "./kill_ring.ts";
import { COLS_MIN, DECORATED_BYTES_MAX, QUERY_BYTES_MAX, ROWS_MIN } from "./limits.ts";
import type { EditorEvent, EditorOptions, LineOptions, Step } from "./options.ts";
import { AnsiPainter, type Painter } from "./painter_ansi.ts";
import { LinePainter, QuietPainter } from "./painter_line.ts";
import { Search } from "./search.ts";
import { utf8Decode, utf8Encode } from "./utf8.ts";
import { ViewBuilder } from "./view_builder.ts";
import { wordEnd } from "./words.ts";

const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
const BELL = "\x07";
const LF = 0x0a;
const CR = 0x0d;
const EMPTY = new Uint8Array(0);
const NEWLINE = Uint8Array.of(LF);

/** One line editor, for one line after the other; see mod.ts. */
export class LineEditor {
  readonly history: History;
  #options: EditorOptions;
  #views: ViewBuilder;
  #painter: Painter;
  #frames = new FrameBuilder();
  #decoder = new KeyDecoder();
  #ring = new KillRing();
  #line: EditLine;
  #walk: HistoryWalk;
  #keys: Record<string, CommandName | "">;
  #target: CommandTarget;
  #state: "idle" | "editing" | "released" = "idle";
  #hidden = false;
  #held = false;
  #quoting = false;
  #prefix = false;
  #search: Search | null = null;
  #lastQuery: Uint8Array = EMPTY;
  #completion: CompletionSession | null = null;
  #asked = { revision: -1, cursor: -1 };
  #pasting = false;
  #pasteCr = false;
  #lastWordAge = 0;
  #lastWordLen = 0;
  #replaced = false;
  #out = "";
  #events: EditorEvent[] = [];

  constructor(options: EditorOptions = {}) {
    this.#options = options;
    this.history = options.history ?? new History();
    this.#views = new ViewBuilder(options);
    this.#painter = this.#makePainter();
    this.#line = new EditLine(this.#ring, options.lineMax);
    this.#walk = new HistoryWalk(this.history);
    this.#keys = { ...KEYMAP, ...options.keys };
    this.#target = this.#makeTarget();
  }

  #makePainter(): Painter {
    const terminal = this.#options.terminal ?? "ansi";
    if (terminal === "quiet") return new QuietPainter();
    if (terminal !== "ansi") return new LinePainter();
    return new AnsiPainter(this.#views.cols, this.#options.reflow ?? "all");
  }

  // State that callers may look at.

  /** Copy of the text. */
  get line(): Uint8Array {
    return this.#line.text.copy();
  }

  /** Byte offset of the cursor. */
  get cursor(): number {
    return this.#line.cursor;
  }

  /** Whether a line is being edited (also while released). */
  get active(): boolean {
    return this.#state !== "idle";
  }

  /**
   * Whether the input ends in what may be an escape sequence or a character: call flushEscape()
   * when nothing follows within some 50 ms.
   */
  get needsFlush(): boolean {
    return this.#state === "editing" && this.#decoder.pending > 0 && !this.#decoder.pasting;
  }

  // The life of a line.

  /** Begins a line. Input that waited is worked off, so there may be events already. */
  start(prompt: string, options: LineOptions = {}): Step {
    const { initial = EMPTY, echo = "text" } = options;
    const secret = echo !== "text";
    this.#line.reset(typeof initial === "string" ? utf8Encode(initial) : initial, {
      ring: secret ? new KillRing() : this.#ring,
      wipe: this.#views.echo !== "text",
    });
    this.#views.echo = echo;
    this.#views.setPrompt(prompt);
    this.#walk = new HistoryWalk(this.history);
    this.#endModes();
    this.#quoting =
      this.#prefix =
      this.#hidden =
      this.#pasting =
      this.#pasteCr =
        false;
    this.#asked.revision = -1;
    this.#state = "editing";
    this.#paste(PASTE_ON);
    this.#paint(false);
    return this.#run();
  }

  /** Input. */
  feed(bytes: Uint8Array): Step {
    this.#decoder.push(bytes);
    return this.#run();
  }

  /** Nothing came after the last input for a while: an ESC was the key itself. */
  flushEscape(): Step {
    this.#decoder.flush();
    return this.#run();
  }

  /** Ends the line without an event; the picture stays, input that waits is dropped. */
  stop(): Uint8Array {
    this.dropInput();
    if (this.#state === "idle") return EMPTY;
    if (this.#state === "editing") this.#leave();
    this.#state = "idle";
    return this.#take();
  }

  /** Drops and answers the input that was not worked off. */
  dropInput(): Uint8Array {
    return this.#decoder.takeAll();
  }

  // What the caller can do while a line is edited.

  /** New terminal size. */
  resize(cols: number, rows: number): Uint8Array {
    const before = { cols: this.#views.cols, rows: this.#views.rows };
    this.#views.cols = Math.max(COLS_MIN, Math.floor(cols) || COLS_MIN);
    this.#views.rows = Math.max(ROWS_MIN, Math.floor(rows) || ROWS_MIN);
    if (before.cols === this.#views.cols && before.rows === this.#views.rows) return EMPTY;
    this.#out += this.#painter.resize(this.#views.cols);
    this.#paint(false);
    return this.#take();
  }

  /** Takes the line off the screen, so that other output can be written; show() brings it back. */
  hide(): Uint8Array {
    if (this.#state === "editing" && !this.#hidden) this.#out += this.#painter.erase();
    this.#hidden = true;
    return this.#take();
  }

  /** Draws the line again where the cursor is now, at the start of a row. */
  show(): Uint8Array {
    this.#hidden = false;
    this.#paint(false);
    return this.#take();
  }

  /** Gives the terminal away (suspend, external editor): like hide(), and paste mode off. */
  release(): Uint8Array {
    if (this.#state !== "editing") return EMPTY;
    if (!this.#hidden) this.#out += this.#painter.erase();
    this.#paste(PASTE_OFF);
    this.#state = "released";
    return this.#take();
  }

  /** Takes the terminal back; input that waited is worked off. */
  resume(): Step {
    if (this.#state === "released") {
      this.#state = "editing";
      this.#hidden = false;
      this.#paste(PASTE_ON);
    }
    this.#paint(false);
    return this.#run();
  }

  /** Changes the prompt. */
  setPrompt(prompt: string): Uint8Array {
    this.#views.setPrompt(prompt);
    this.#paint(false);
    return this.#take();
  }

  /** Replaces the text, as one undo step. */
  setLine(line: Uint8Array, cursor: number = line.length): Uint8Array {
    this.#endModes();
    this.#line.setText(line, cursor);
    this.#paint(false);
    return this.#take();
  }

  /** Draws again what changed, for instance because a callback has a new answer. */
  refresh(): Uint8Array {
    this.#paint(false);
    return this.#take();
  }

  /** Clears the screen and draws the line at its top. */
  clearScreen(): Uint8Array {
    if (this.#state !== "released") this.#out += this.#painter.clear();
    this.#paint(false);
    return this.#take();
  }

  /** Answers a "complete" event; nothing happens when the line changed in the meantime. */
  completions(found: Completions | null): Uint8Array {
    const { revision, cursor } = this.#asked;
    this.#asked.revision = -1;
    if (revision === this.#line.text.revision && cursor === this.#line.cursor) {
      if (!this.#beginCompletion(found, 1)) this.#bell();
      this.#paint(false);
    }
    return this.#take();
  }

  // Inside.

  #run(): Step {
    this.#held = false;
    while (this.#state === "editing" && !this.#held) {
      const key = this.#quoting ? this.#decoder.nextLiteral() : this.#decoder.next();
      if (key === null) break;
      this.#key(key);
      // Where the past stays on the screen it must not depend on how the input was cut.
      if (!this.#views.ansi) this.#paint(false);
    }
    this.#paint(false);
    const events = this.#events;
    this.#events = [];
    return { output: this.#take(), events };
  }

  #take(): Uint8Array {
    const out = this.#out;
    this.#out = "";
    return utf8Encode(out);
  }

  /** Brings the screen up to date; `bare` leaves hints and suggestions out. */
  #paint(bare: boolean): void {
    if (this.#state !== "editing" || this.#hidden) return;
    if (this.#replaced && this.#options.terminal === "plain") this.#out += this.#painter.finish();
    this.#replaced = false;
    const view = this.#views.view({
      line: this.#line,
      search: this.#search,
      completion: this.#completion,
      suggestion: bare || this.#search !== null ? EMPTY : this.#suggestion(),
      bare,
    });
    this.#out += this.#painter.paint(this.#frames.build(view));
  }

  #paste(sequence: string): void {
    const wanted = this.#options.bracketedPaste !== false;
    const terminal = this.#options.terminal ?? "ansi";
    if (wanted && (terminal === "ansi" || terminal === "plain")) this.#out += sequence;
  }

  #bell(): void {
    if (this.#options.bell !== false && this.#options.terminal !== "quiet") this.#out += BELL;
  }

  /** Leaves the finished line on the screen and goes below it. */
  #leave(): void {
    this.#endModes();
    this.#hidden = false;
    this.#line.cursor = this.#line.len;
    this.#paint(true);
    this.#out += this.#painter.finish();
    this.#paste(PASTE_OFF);
  }

  #finish(event: EditorEvent): void {
    this.#leave();
    this.#events.push(event);
    this.#state = "idle";
    if (this.#secret) this.#line.reset(EMPTY, { ring: this.#ring, wipe: true });
  }

  get #secret(): boolean {
    return this.#views.echo !== "text";
  }

  #endModes(): void {
    this.#search = null;
    this.#completion = null;
  }

  // Keys.

  #key(key: Key): void {
    this.#line.nextCommand();
    if (this.#quoting) {
      this.#quoting = false;
      if (key.name !== "") this.#insert(key.text);
      return;
    }
    if (key.name === "paste" || key.name === "paste-end") return this.#pasteKey(key);
    let name = key.name;
    if (this.#prefix) {
      this.#prefix = false;
      if (name === "text") return this.#insertBehindPrefix(key.text);
      name = `ctrl-x ${name}`;
      if (this.#keys[name] === undefined) return this.#bell();
    }
    if (this.#search !== null && this.#searchKey(this.#search, key)) return;
    if (this.#completion !== null && this.#completionKey(this.#completion, key)) return;
    if (name === "text") return this.#insert(key.text);
    const command = Object.hasOwn(this.#keys, name) ? this.#keys[name] : "";
    if (command !== "lastWord") this.#lastWordAge = 0;
    if (command !== "" && COMMANDS[command](this.#target) === false) this.#bell();
  }

  #insert(bytes: Uint8Array): void {
    this.#lastWordAge = 0;
    this.#endModes();
    if (!this.#line.insert(bytes)) this.#bell();
  }

  /** No command is ^X and a character: that character is dropped, what follows is text. */
  #insertBehindPrefix(bytes: Uint8Array): void {
    this.#bell();
    const packed = utf8Decode(bytes, 0, bytes.length);
    const rest = bytes.subarray(packed < 0 ? 1 : packed & 7);
    if (rest.length > 0) this.#insert(rest);
  }

  /** Pasted bytes are text; CR and CR LF, which terminals send for a line end, become LF. */
  #pasteKey(key: Key): void {
    if (!this.#pasting) {
      if (this.#search !== null) this.#acceptSearch(this.#search);
      this.#line.sealUndo();
    }
    this.#pasting = key.name === "paste";
    if (!this.#pasting) {
      this.#pasteCr = false;
      return this.#line.sealUndo();
    }
    const bytes = key.text;
    const afterCr = this.#pasteCr;
    this.#pasteCr = bytes[bytes.length - 1] === CR;
    if (!afterCr && !bytes.includes(CR)) return this.#insert(bytes);
    const out = new Uint8Array(bytes.length);
    let len = 0;
    for (let off = 0; off < bytes.length; off++) {
      const before = off > 0 ? bytes[off - 1] === CR : afterCr;
      if (bytes[off] === LF && before) continue;
      out[len++] = bytes[off] === CR ? LF : bytes[off];
    }
    this.#insert(out.subarray(0, len));
  }

  /** Whether the key belonged to the search. */
  #searchKey(search: Search, key: Key): boolean {
    const command = this.#keys[key.name];
    if (key.name === "text") {
      for (let off = 0; off < key.text.length;) {
        const packed = utf8Decode(key.text, off, key.text.length);
        const stop = off + (packed < 0 ? 1 : packed & 7);
        if (search.query.length + stop - off > QUERY_BYTES_MAX) this.#bell();
        else search.extend(key.text.subarray(off, stop));
        if (search.failed) this.#bell();
        off = stop;
      }
    } else if (command === "backspace") search.shorten();
    else if (command === "searchBack" || command === "searchForward") {
      search.step(command === "searchBack" ? 1 : -1, this.#lastQuery);
      if (search.failed) this.#bell();
    } else if (key.name === "ctrl-g") this.#search = null;
    else {
      if (command !== "cancel") this.#acceptSearch(search);
      this.#search = null;
      return key.name === "escape";
    }
    return true;
  }

  /** Takes the found line as the edited one. */
  #acceptSearch(search: Search): void {
    this.#search = null;
    if (search.query.length > 0) this.#lastQuery = search.query;
    if (search.matchOff < 0) return;
    const line = search.line().slice();
    this.#replaced = true;
    if (search.match !== this.#walk.position) this.#walk.go(search.match, this.line);
    this.#line.setText(line, search.matchOff);
  }

  /** Whether the key belonged to the completion. */
  #completionKey(completion: CompletionSession, key: Key): boolean {
    const command = this.#keys[key.name];
    if (command === "complete" || command === "completeBack") {
      if (!completion.step(command === "complete" ? 1 : -1)) this.#bell();
      this.#replaced = true;
      return true;
    }
    this.#completion = null;
    if (key.name !== "escape" && key.name !== "ctrl-g") return false;
    completion.restore();
    this.#replaced = true;
    return true;
  }

  // Commands with state of the editor.

  #makeTarget(): CommandTarget {
    return {
      line: this.#line,
      killsWholeLine: this.#options.ctrlU !== "start",
      accept: () => this.#accept(),
      newline: () => this.#insert(NEWLINE),
      cancel: () => this.#finish({ kind: "cancel", line: this.line }),
      endOfFile: () => this.#finish({ kind: "eof" }),
      suspend: () => this.#pause({ kind: "suspend" }),
      editElsewhere: () => this.#editElsewhere(),
      quoteNext: () => {
        this.#quoting = true;
      },
      prefixKey: () => {
        this.#prefix = true;
      },
      clearScreen: () => {
        this.#out += this.#painter.clear();
      },
      complete: (direction) => this.#complete(direction),
      search: (direction) => this.#beginSearch(direction),
      history: (direction, vertical) => this.#historyStep(direction, vertical),
      historyEnd: (oldest) => this.#goTo(oldest ? this.#walk.oldest() : 0, -1),
      lastWord: () => this.#insertLastWord(),
      takeSuggestion: (word) => this.#takeSuggestion(word),
      undo: () => this.#noteReplaced(this.#line.undo()),
      redo: () => this.#noteReplaced(this.#line.redo()),
    };
  }

  /** A screen reader gets the line anew after changes away from the cursor. */
  #noteReplaced(done: boolean): boolean {
    if (done) this.#replaced = true;
    return done;
  }

  #accept(): void {
    const line = this.line;
    const complete = this.#secret || (this.#options.isComplete?.(line) ?? true);
    if (complete) this.#finish({ kind: "line", line });
    else this.#insert(NEWLINE);
  }

  #pause(event: EditorEvent): void {
    this.#events.push(event);
    this.#held = true;
  }

  #editElsewhere(): boolean {
    if (this.#secret) return false;
    this.#pause({ kind: "edit", line: this.line, cursor: this.cursor });
    return true;
  }

  #complete(direction: 1 | -1): boolean {
    if (this.#secret) return false;
    const ask = this.#options.complete;
    const cursor = this.#line.cursor;
    if (ask === undefined) {
      this.#asked = { revision: this.#line.text.revision, cursor };
      this.#events.push({ kind: "complete", line: this.line, cursor });
      return true;
    }
    return this.#beginCompletion(ask(this.line, cursor), direction);
  }

  #beginCompletion(found: Completions | null, direction: 1 | -1): boolean {
    if (found === null || found.candidates.length === 0) return false;
    const session = new CompletionSession(this.#line, found, this.#options.completion === "list");
    this.#completion = session;
    if (!session.listed) {
      this.#replaced = true;
      return session.step(direction);
    }
    session.insertCommon();
    if (!this.#views.ansi) this.#announce(found);
    return true;
  }

  /** Writes the candidates as lines, where there is no list below the line. */
  #announce(found: Completions): void {
    if (this.#options.terminal === "quiet") return;
    const labels = found.candidates.map(({ text, display }) =>
      display ?? (typeof text === "string" ? text : new TextDecoder().decode(text))
    );
    this.#out += this.#painter.finish();
    const { cols, mode } = this.#views;
    for (const row of listRows(labels, -1, { cols, rows: Infinity, mode, selected: "" })) {
      this.#out += row.map((cell) => cell.text).join("") + "\r\n";
    }
  }

  #beginSearch(direction: 1 | -1): boolean {
    if (this.#secret) return false;
    this.#walk.keep(this.line);
    this.#search = new Search(this.#walk, this.line, direction);
    return true;
  }

  #historyStep(direction: 1 | -1, vertical: boolean): boolean {
    if (vertical && this.#line.vertical(direction === 1 ? -1 : 1)) return true;
    const cursor = this.#line.cursor;
    if (vertical && this.#options.prefixSearch === true && cursor > 0) {
      const prefix = this.#line.text.slice(0, cursor);
      return this.#goTo(this.#walk.nextWithPrefix(prefix, direction), cursor);
    }
    return this.#goTo(this.#walk.position + direction, -1);
  }

  /** Shows a history position; `cursor` -1 = at the end. */
  #goTo(position: number, cursor: number): boolean {
    if (this.#secret) return false;
    const line = this.#walk.go(position, this.line);
    if (line === undefined) return false;
    this.#replaced = true;
    this.#line.setText(line, cursor < 0 ? line.length : cursor);
    return true;
  }

  /** Inserts the last word of the newest entry; again, that of the one before instead. */
  #insertLastWord(): boolean {
    if (this.#secret) return false;
    const entry = this.history.recent(this.#lastWordAge);
    if (entry === undefined) return false;
    const words = lastBlankWord(entry.line);
    const from = this.#lastWordAge > 0 ? this.#line.cursor - this.#lastWordLen : this.#line.cursor;
    this.#lastWordAge++;
    this.#lastWordLen = words.length;
    return this.#line.replace(from, this.#line.cursor, words);
  }

  /** What the newest fitting history entry adds to the text, when the cursor is at its end. */
  #suggestion(): Uint8Array {
    const { len, atEnd, text } = this.#line;
    const off = this.#options.suggestions !== true || this.#secret || !this.#views.ansi;
    if (off || !atEnd || len === 0 || len > DECORATED_BYTES_MAX || this.#completion !== null) {
      return EMPTY;
    }
    return this.history.suggestion(text.bytes.subarray(0, len))?.subarray(len) ?? EMPTY;
  }

  #takeSuggestion(word: boolean): boolean {
    const rest = this.#suggestion();
    if (rest.length === 0) return false;
    const stop = word ? wordEnd(rest, 0, rest.length) : rest.length;
    return this.#line.replace(this.#line.len, this.#line.len, rest.subarray(0, stop));
  }
}

/** Last run of bytes without white space. */
function lastBlankWord(line: Uint8Array): Uint8Array {
  let stop = line.length;
  while (stop > 0 && line[stop - 1] <= 0x20) stop--;
  let start = stop;
  while (start > 0 && line[start - 1] > 0x20) start--;
  return line.slice(start, stop);
}
