// standstill.ts: everything waits while a command waits for something outside (MIGRATE: another server's answer).
//
// To clients such a command takes its time and is one step like any other: nobody sees or changes data between its start
// and its end. The thread is not blocked meanwhile, only the data is.
//
//   MIGRATE -> begin -> handler returns without a reply -> ... -> answer -> the rest of the handler -> reply
//                        requests of all others are held             everybody goes on: the caller first,
//                        in the order in which they come             then the others in their order
//
// WHILE IT LASTS
//   1. No command starts (GATE_STANDSTILL), no client is woken and no time to wait ends (blocking.ts).
//   2. No key expires or is evicted, and no snapshot begins (upkeep.ts, server/cron.ts).
//   3. The caller stays connected to its end, even when it hung up: what it began is finished.
//   4. Time stands still for the command: its rest sees the time of its start.
// In a transaction EXEC is left and taken up again behind the command (exec.ts); all of this lasts until EXEC is done.

import type { Engine } from "./engine.ts";
import { callRest } from "./execute.ts";
import { GATE_STANDSTILL, HOLD_STANDSTILL } from "./gates.ts";
import type { Session } from "./session.ts";
import { copyRequest, type Queued } from "./transaction.ts";

/** The standstill of an engine. */
export class Standstill {
  private engine: Engine;
  /** For whom everything stands still; null when nothing does. */
  private session: Session | null = null;
  /** The command under way, from its start until the rest of it runs. */
  private request: Queued | null = null;
  private isSilent = false;
  private nowMs = 0;
  private startUs = 0;
  /** What follows the command in its transaction. */
  private following: (() => void) | null = null;
  /** Sessions whose input is held, in order. */
  private waiting: Session[] = [];
  /** How the caller's connection is to end afterwards. */
  private ending: "no" | "flushed" | "now" = "no";
  private whenOver: (() => void)[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get isOn(): boolean {
    return this.session !== null;
  }

  /** Whether the running command has only begun. */
  get isPending(): boolean {
    return this.request !== null;
  }

  /** See ClientView.standStill. */
  begin(session: Session): (rest: () => void) => void {
    const { engine } = this;
    const { ctx } = engine;
    if (this.session === null) {
      this.session = session;
      this.isSilent = session.replySkip;
      this.nowMs = ctx.nowMs;
      engine.gates |= GATE_STANDSTILL;
      session.holdInput(HOLD_STANDSTILL);
    }
    this.request = copyRequest(ctx, session.lastCommand);
    this.startUs = engine.server.clock.monotonicUs();
    return (rest) => this.goOn(session, rest);
  }

  /** Holds the input of a session until everything goes on. */
  hold(session: Session): void {
    if ((session.hold & HOLD_STANDSTILL) !== 0) return;
    session.holdInput(HOLD_STANDSTILL);
    this.waiting.push(session);
  }

  /** The command under way is `queued` of a transaction: runs `next` behind it, within the same standstill. */
  follow(queued: Queued, next: () => void): void {
    this.request = queued;
    this.following = next;
  }

  /** Runs something once everything goes on. */
  after(run: () => void): void {
    this.whenOver.push(run);
  }

  /** Whether the session must not end yet; it will as soon as everything goes on. */
  keeps(session: Session, now: boolean): boolean {
    if (this.session !== session) return false;
    if (this.ending !== "now") this.ending = now ? "now" : "flushed";
    return true;
  }

  /** The rest of the command. */
  private goOn(session: Session, rest: () => void): void {
    const { engine } = this;
    const request = this.request as Queued;
    engine.ctx.nowMs = this.nowMs;
    session.reply(() => {
      this.request = null;
      engine.useRequest(session, request);
      callRest(engine, session, request.id, this.startUs, rest);
      const { following } = this;
      this.following = null;
      following?.();
    }, this.isSilent);
    if (!this.isPending) this.end(session);
  }

  private end(session: Session): void {
    const { engine, ending, waiting, whenOver } = this;
    this.session = null;
    this.ending = "no";
    this.waiting = [];
    this.whenOver = [];
    engine.gates &= ~GATE_STANDSTILL;
    session.hold &= ~HOLD_STANDSTILL;
    engine.readClock();
    engine.blocking.serve();
    engine.wake();
    if (ending === "now") session.ended();
    else if (ending === "flushed") session.flush();
    else session.resume(HOLD_STANDSTILL);
    for (const other of waiting) {
      // One of those before may have begun the next one.
      if (this.isOn) {
        other.hold &= ~HOLD_STANDSTILL;
        this.hold(other);
      } else if (!other.closed) {
        other.resume(HOLD_STANDSTILL);
      }
    }
    for (const run of whenOver) run();
  }
}
