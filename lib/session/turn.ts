// turn.ts: one turn of the event loop: what arrived is run together, and what it makes leaves together.
//
//   read, read, read -> inbox -> run all -> commit the journal -> replies leave -> messages leave
//
// Where the owner knows no turns (in process, in tests of single reads) each piece of input is one.

import type { Acknowledgements } from "./acknowledgements.ts";
import type { Engine } from "./engine.ts";
import { Inbox, InputMemory } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { PushJoiner } from "./push_joiner.ts";
import type { Session } from "./session.ts";

/** The turns of an engine. */
export class Turn {
  private readonly engine: Engine;
  /** Runs a function at the end of the turn; null where there are none. */
  private readonly afterTurn: ((run: () => void) => void) | null;
  private readonly inbox: Inbox;
  private readonly outbox = new Outbox();
  readonly joiner = new PushJoiner();
  /** Whether messages wait. */
  hasMessages = false;
  private pushedTo: Session[] = [];
  private endings: (() => void)[] = [];
  private isRunning = false;
  private isEmptying = false;
  private isDue = false;
  /** Messages go to their sockets at once. */
  private isSending = false;

  constructor(
    engine: Engine,
    afterTurn: ((run: () => void) => void) | null,
    input: InputMemory = new InputMemory(),
  ) {
    this.engine = engine;
    this.inbox = new Inbox(input);
    this.afterTurn = afterTurn;
  }

  /** Memory for the engine's writer, see outbox.ts. */
  get memory(): Uint8Array {
    return this.outbox.memory;
  }

  /** Takes input for a session, to be run with all that arrives in this turn. */
  arrived(session: Session, bytes: Uint8Array, off: number, len: number): void {
    if (!this.inbox.hasRoom(len)) this.runInput();
    this.inbox.add(session, bytes, off, len);
    if (this.afterTurn === null) this.runInput();
    else this.endSoon();
  }

  /** Runs the input that waits, unless that is under way. */
  runInput(): void {
    if (this.inbox.isEmpty || this.isRunning) return;
    this.isRunning = true;
    try {
      this.engine.freshen();
      this.inbox.run(this.engine);
    } finally {
      this.isRunning = false;
    }
  }

  /**
   * Sends buf[off, off+len) to the session: at the end of the turn if possible, else at once, behind what waits. `marks`
   * say which replies among them speak of changes.
   */
  deliver(
    session: Session,
    buf: Uint8Array,
    off: number,
    len: number,
    marks: Acknowledgements | null,
  ): void {
    const { outbox } = this;
    const { journal } = this.engine;
    const isDear = journal !== null && journal.isSlow && journal.isBehind;
    const mayWait = this.afterTurn !== null && !this.isSending && !session.closing;
    // What comes while the outbox is emptied goes behind what is in it.
    if (this.isEmptying || (mayWait && outbox.takes(len, isDear))) {
      if (!outbox.hasRoom(len, isDear)) this.sendReplies();
      outbox.add(session, buf, off, len, journal === null ? null : marks);
      this.endSoon();
      return;
    }
    this.sendReplies();
    if (!this.commit()) return;
    // Writing is no part of the next commands' time.
    this.engine.batchPause();
    const error = journal === null ? null : journal.unwritten;
    const replaced = error === null || marks === null
      ? null
      : marks.replaced(this.engine, buf, off, len, error);
    if (replaced === null) session.transmit(buf, off, len);
    else session.transmit(replaced, 0, replaced.length);
  }

  /** Writes the changes that nobody may hear of yet. False when nothing may leave any more. */
  commit(): boolean {
    const { journal } = this.engine;
    return journal === null || !journal.isBehind || journal.commit();
  }

  /** Sends the replies that wait. */
  sendReplies(): void {
    const { outbox } = this;
    if (outbox.isEmpty || this.isEmptying) return;
    this.isEmptying = true;
    if (this.isRunning) this.engine.batchPause();
    try {
      if (this.commit()) this.transmitAll();
    } finally {
      this.isEmptying = false;
      outbox.clear();
    }
  }

  private transmitAll(): void {
    const { outbox } = this;
    const { sessions, ends, acknowledgements } = outbox;
    const error = this.engine.journal?.unwritten ?? null;
    let off = 0;
    for (let i = 0; i < sessions.length; i++) {
      const { buf } = outbox;
      const len = ends[i] - off;
      const replaced = error === null
        ? null
        : acknowledgements.replaced(this.engine, buf, off, len, error);
      if (replaced === null) sessions[i].transmit(buf, off, len);
      else sessions[i].transmit(replaced, 0, replaced.length);
      off = ends[i];
    }
  }

  /** Runs something at the end of this turn, behind its replies; at once where there are no turns. */
  atEnd(run: () => void): void {
    if (this.afterTurn === null) return run();
    this.endings.push(run);
    this.endSoon();
  }

  /** Notes that messages wait for the session. */
  pushed(session: Session): void {
    this.pushedTo.push(session);
    this.hasMessages = true;
  }

  /**
   * Sees to the end of this turn: a subscriber of busy channels gets one write for many messages then, as a client of a
   * pipeline gets one for many replies.
   */
  endSoon(): void {
    if (this.afterTurn === null) return this.settle();
    if (this.isDue) return;
    this.isDue = true;
    this.afterTurn(this.end);
  }

  private readonly end = (): void => {
    try {
      this.runInput();
    } finally {
      // Whatever happened, what comes next has a turn.
      this.isDue = false;
    }
    this.settle();
  };

  /** Sends all replies and messages that wait. To be called outside of any batch. */
  settle(): void {
    this.sendReplies();
    const { endings } = this;
    if (endings.length > 0) {
      this.endings = [];
      for (const run of endings) run();
    }
    const { tracking } = this.engine;
    if (tracking.isDue) tracking.broadcast();
    this.hasMessages = false;
    const sessions = this.pushedTo;
    this.pushedTo = [];
    this.isSending = true;
    try {
      for (const session of sessions) session.sendPushes();
    } finally {
      this.isSending = false;
    }
    this.joiner.clear();
  }
}
