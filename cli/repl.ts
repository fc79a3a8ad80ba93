// repl.ts: the prompt on a terminal.
//
//            line typed              command done
//   EDITING ------------> RUNNING ----------------> EDITING
//      ^                     |                         |
//      |  any key            | subscribed              | connection lost: the prompt says so
//      +----------------- WAITING <--------------------+
//
// EDITING: keys go to the editor; pushes and messages that arrive are printed above the line.
// RUNNING: Ctrl-C gives the command up by closing the connection; other keys wait for the editor.
// WAITING: subscribed, nothing is being typed; messages are printed as they come.

import process from "node:process";
import { utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { wantsColor } from "./color.ts";
import { CliExit } from "./environment.ts";
import { isSecretLine } from "./history_secrets.ts";
import { loadHelpTable } from "./help_table.ts";
import { systemText } from "./io.ts";
import { waitingText } from "./interactive.ts";
import { completionsFor, hintForLine } from "./line_hints.ts";
import { type LineEffect, LineRunner } from "./line_runner.ts";
import { type EditorEvent, type Hint, LineEditor, type Step } from "./linenoise/mod.ts";
import { applyPreferencesFile } from "./preferences.ts";
import { promptFor } from "./prompt.ts";
import { editorBasics, ERASE_ROW, EscapeTimer, Terminal } from "./terminal.ts";
import { historyPath, preferencesPath, readOptional, UserHistory } from "./user_files.ts";
import { splitCommands } from "./words.ts";

const CTRL_C = 3;
const GREY = 90;
const EXIT_INTERRUPTED = 130;
const LEAVE_HINT = "(Ctrl-D or quit to leave)\n";
const GIVEN_UP = "Closing current connection. Ready to reconnect to Valkey server... \n";

/** Runs the prompt until the user leaves. */
export async function runRepl(client: Client): Promise<number> {
  const repl = new Repl(client);
  return await repl.run();
}

/** What ended the editing of a line. */
type Entered = { kind: "line"; line: Uint8Array } | { kind: "cancel"; empty: boolean } | {
  kind: "eof";
};

class Repl {
  readonly #client: Client;
  readonly #runner: LineRunner;
  readonly #history: UserHistory;
  readonly #terminal: Terminal;
  readonly #editor: LineEditor;
  readonly #timer = new EscapeTimer();
  /** Takes what the editor says while a line is edited. */
  #entered: ((entered: Entered) => void) | null = null;
  /** Ends WAITING; true for Ctrl-C. */
  #keyPressed: ((interrupted: boolean) => void) | null = null;
  #inputEnded = false;
  #givenUp = false;

  constructor(client: Client) {
    const { io } = client;
    this.#client = client;
    this.#runner = new LineRunner(client);
    this.#history = new UserHistory(historyPath(io.variables));
    this.#terminal = new Terminal(io);
    this.#editor = new LineEditor({
      ...editorBasics(this.#terminal, wantsColor(io)),
      history: this.#history.lines,
      suggestions: true,
      hint: (line) => this.#hint(line),
      complete: (line, cursor) => {
        const table = client.helpTable;
        return table === null ? null : completionsFor(table, line, cursor);
      },
    });
    const rc = new TextDecoder().decode(readOptional(preferencesPath(io.variables)));
    io.print(applyPreferencesFile(this.#runner.preferences, rc));
  }

  async run(): Promise<number> {
    const terminal = this.#terminal;
    terminal.onInput = (bytes) => this.#typed(bytes);
    terminal.onEnd = () => this.#inputOver();
    terminal.onInterrupt = () => this.#interrupt();
    terminal.onResize = (cols, rows) => terminal.write(this.#editor.resize(cols, rows));
    terminal.open();
    this.#loadHelp();
    try {
      while (await this.#oneLine());
      return 0;
    } finally {
      this.#timer.stop();
      terminal.write(this.#editor.stop());
      terminal.close();
    }
  }

  /** Help comes over a connection of its own while the first line is typed. */
  #loadHelp(): void {
    loadHelpTable(this.#client).then((table) => {
      this.#client.helpTable = table;
      if (this.#entered !== null) this.#terminal.write(this.#editor.refresh());
    }, () => {
      // Without help the prompt works all the same; HELP tries again and says what is wrong.
    });
  }

  /** Reads and runs one line; false when it was the last. */
  async #oneLine(): Promise<boolean> {
    const client = this.#client;
    const entered = await this.#edit();
    if (entered.kind === "eof") return false;
    if (entered.kind === "cancel") {
      if (entered.empty) client.io.print(LEAVE_HINT);
      return true;
    }
    this.#lookAhead();
    let effect: LineEffect = "done";
    for (const line of splitCommands(entered.line)) {
      if (this.#givenUp) break;
      effect = await this.#runLine(line);
      if (effect === "leave") return false;
    }
    if (effect === "done" && client.pubSub) await this.#waitForMessages();
    return true;
  }

  async #runLine(line: Uint8Array): Promise<LineEffect> {
    if (line.length > 0) this.#history.add(line, isSecretLine(line));
    return await this.#runner.run(line);
  }

  async #edit(): Promise<Entered> {
    if (this.#inputEnded) return { kind: "eof" };
    const { connection } = this.#client;
    this.#givenUp = false;
    this.#client.showWaitingReplies();
    const entered = new Promise<Entered>((resolve) => this.#entered = resolve);
    if (connection !== null) connection.onIdle = () => this.#showArrivals();
    this.#take(this.#editor.start(promptFor(this.#client)));
    try {
      return await entered;
    } finally {
      this.#timer.stop();
      if (connection !== null) connection.onIdle = null;
    }
  }

  #take(step: Step): void {
    this.#terminal.write(step.output);
    for (const event of step.events) this.#handle(event);
    this.#timer.after(this.#editor, (late) => this.#take(late));
  }

  #handle(event: EditorEvent): void {
    switch (event.kind) {
      case "line":
        return this.#finish({ kind: "line", line: event.line });
      case "cancel":
        return this.#finish({ kind: "cancel", empty: event.line.length === 0 });
      case "eof":
        return this.#finish({ kind: "eof" });
      case "suspend":
        this.#terminal.write(this.#editor.release());
        this.#terminal.suspend(() => this.#take(this.#editor.resume()));
        return;
      case "edit":
        this.#editElsewhere(event.line);
        return;
    }
  }

  /** Ends EDITING at once: the next key may come before anybody who waits has been told. */
  #finish(entered: Entered): void {
    const tell = this.#entered;
    this.#entered = null;
    tell?.(entered);
  }

  async #editElsewhere(line: Uint8Array): Promise<void> {
    this.#terminal.write(this.#editor.release());
    try {
      const { editElsewhere } = await import("./edit_elsewhere.ts");
      this.#terminal.lend(() => {
        const edited = editElsewhere(line, this.#client.io.variables);
        if (edited !== null) this.#editor.setLine(edited);
      });
    } catch (error) {
      this.#client.io.err(`The line cannot be edited elsewhere: ${systemText(error)}\n`);
    }
    this.#take(this.#editor.resume());
  }

  #hint(line: Uint8Array): Hint | null {
    const table = this.#client.helpTable;
    if (table === null || !this.#runner.preferences.hints) return null;
    const hint = hintForLine(table, line);
    if (hint === null || hint === "") return null;
    const blank = line.length > 0 && line[line.length - 1] <= 0x20;
    return { text: blank ? hint : ` ${hint}`, color: GREY };
  }

  /** A Ctrl-C typed right behind Enter is meant for the command. */
  #lookAhead(): void {
    const ahead = this.#editor.dropInput();
    if (ahead.length > 0) this.#typed(ahead);
  }

  #typed(bytes: Uint8Array): void {
    if (this.#entered !== null) return this.#take(this.#editor.feed(bytes));
    if (bytes.includes(CTRL_C)) {
      this.#editor.dropInput();
      return this.#interrupt();
    }
    this.#editor.feed(bytes); // waits until the next line is edited
    this.#keyPressed?.(false);
  }

  /** Ctrl-C, as a key or as a signal. */
  #interrupt(): void {
    if (this.#entered !== null) {
      this.#terminal.write(this.#editor.stop());
      this.#client.io.print("\n");
      this.#finish({ kind: "cancel", empty: true });
    } else if (this.#keyPressed !== null) {
      this.#keyPressed(true);
    } else if (this.#givenUp) {
      // The second time nothing may hold the user back, not even a server that does not accept.
      this.#terminal.close();
      process.exit(EXIT_INTERRUPTED);
    } else {
      this.#givenUp = true;
      this.#client.abort();
    }
  }

  #inputOver(): void {
    this.#inputEnded = true;
    this.#finish({ kind: "eof" });
    this.#keyPressed?.(false);
  }

  /** Prints what arrived while a line is being edited. */
  #showArrivals(): void {
    this.#terminal.write(this.#editor.hide());
    this.#client.showWaitingReplies();
    this.#editor.setPrompt(promptFor(this.#client));
    this.#terminal.write(this.#editor.show());
  }

  /** Prints messages until a key is pressed or the subscriptions are gone. */
  async #waitForMessages(): Promise<void> {
    const client = this.#client;
    const announce = client.options.output !== "raw" && client.io.stdoutIsTty;
    let pressed: boolean | null = null;
    const key = new Promise<void>((resolve) => {
      this.#keyPressed = (interrupted) => {
        pressed = interrupted;
        resolve();
      };
    });
    try {
      while (client.pubSub && client.connection !== null && pressed === null) {
        client.showWaitingReplies();
        if (announce) client.io.print(waitingText(client.io.variables));
        await Promise.race([client.connection.arrival(), key]);
        if (announce) client.io.out(ERASE_ROW);
        if (!client.showWaitingReplies() && client.connection.ended !== null) {
          client.sayConnectionError();
          throw new CliExit(1);
        }
      }
    } finally {
      this.#keyPressed = null;
    }
    if (pressed === true) await this.#giveUpSubscription();
  }

  async #giveUpSubscription(): Promise<void> {
    this.#client.io.out(utf8(GIVEN_UP));
    if (!await this.#client.connect({ force: true })) {
      this.#client.sayConnectionError();
      throw new CliExit(1);
    }
  }
}
