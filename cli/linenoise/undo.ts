// undo.ts: undo and redo of byte edits.
//
// A step says how to go back: at `off`, the `present` bytes that are in the text now are replaced
// by `absent`. Taking a step yields its own inverse, so undo and redo are one operation between
// two stacks, and inserted text is never stored twice: extending an insertion is one addition.
//
// EXAMPLE  "ab" typed into "", then undo
//   step {off 0, present 2, absent ""}  ->  text "", inverse {off 0, present 0, absent "ab"}
//
// INVARIANTS  I1 steps apply in reverse order of their making
//             I2 at most UNDO_STEPS_MAX steps and UNDO_BYTES_MAX absent bytes; the oldest go first
// COST        record and extend O(1), take O(bytes of the step)

import { UNDO_BYTES_MAX, UNDO_STEPS_MAX } from "./limits.ts";
import type { TextBuffer } from "./text_buffer.ts";

interface Step {
  off: number;
  present: number;
  absent: Uint8Array;
  /** Cursor before the edit, where taking the step puts it. */
  cursor: number;
  /** Whether the step was made of typed text and may grow. */
  typed: boolean;
}

/** The two stacks of one line. */
export class UndoStacks {
  #undo: Step[] = [];
  #redo: Step[] = [];
  #bytes = 0;

  /** Notes an edit that is about to happen: `removed` bytes at `off` give way to `inserted`. */
  record(
    edit: { off: number; removed: Uint8Array; inserted: number; cursor: number; typed: boolean },
  ): void {
    this.#redo.length = 0;
    const last = this.#undo.at(-1);
    if (
      edit.typed && last?.typed && edit.removed.length === 0 &&
      edit.off === last.off + last.present
    ) {
      last.present += edit.inserted;
      return;
    }
    const { off, removed: absent, inserted: present, cursor, typed } = edit;
    this.#undo.push({ off, present, absent, cursor, typed });
    this.#bytes += absent.length;
    while (this.#undo.length > UNDO_STEPS_MAX || this.#bytes > UNDO_BYTES_MAX) {
      const oldest = this.#undo.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.absent.length;
    }
  }

  /** Ends the growth of the newest step: the next typed text becomes a step of its own. */
  seal(): void {
    const last = this.#undo.at(-1);
    if (last !== undefined) last.typed = false;
  }

  /** Takes back the newest step; answers the new cursor, or -1 when there is none. */
  undo(text: TextBuffer, cursor: number): number {
    const step = this.#undo.pop();
    if (step === undefined) return -1;
    this.#bytes -= step.absent.length;
    this.#redo.push(take(text, step, cursor));
    return step.cursor;
  }

  /** Makes the newest undone step again; answers the new cursor, or -1 when there is none. */
  redo(text: TextBuffer, cursor: number): number {
    const step = this.#redo.pop();
    if (step === undefined) return -1;
    const inverse = take(text, step, cursor);
    this.#undo.push(inverse);
    this.#bytes += inverse.absent.length;
    return step.cursor;
  }

  /** Forgets everything; with `wipe` deleted text is overwritten. */
  clear(wipe: boolean): void {
    if (wipe) { for (const step of [...this.#undo, ...this.#redo]) step.absent.fill(0); }
    this.#undo.length = 0;
    this.#redo.length = 0;
    this.#bytes = 0;
  }
}

/** Applies a step and answers the step that reverts it. */
function take(text: TextBuffer, step: Step, cursor: number): Step {
  const absent = text.slice(step.off, step.off + step.present);
  text.replace(step.off, step.present, step.absent);
  return { off: step.off, present: step.absent.length, absent, cursor, typed: false };
}
