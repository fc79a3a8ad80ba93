// clients.ts: the registry of connections: look-ups, ending them, the pause of CLIENT PAUSE, sums for INFO.

import type {
  ClientFilter,
  ClientsSummary,
  ClientsView,
  ClientView,
  PauseMode,
} from "../commands/client_view.ts";
import { clientMatches, describeClient, sessionBytes } from "./client_line.ts";
import type { Engine } from "./engine.ts";
import { GATE_PAUSE, HOLD_BLOCKED, HOLD_PAUSE } from "./gates.ts";
import type { Session } from "./session.ts";

/** All sessions of an engine by id. */
export class Clients implements ClientsView {
  private engine: Engine;
  readonly sessions = new Map<number, Session>();
  pausedUntilMs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get count(): number {
    return this.sessions.size;
  }

  summary(): ClientsSummary {
    const { engine } = this;
    const isPaused = (engine.gates & GATE_PAUSE) !== 0 && this.pausedUntilMs > engine.ctx.nowMs;
    const sums: ClientsSummary = {
      blocked: 0,
      blockingKeys: engine.blocking.keyCount,
      blockingKeysOnNoKey: engine.blocking.noKeyCount,
      waitingWithTimeout: engine.blocking.timeoutCount,
      tracking: engine.tracking.clientCount,
      replicas: 0,
      pubsub: 0,
      watching: engine.watches.clientCount,
      watchedKeys: engine.watches.keyCount,
      inputBytesMax: 0,
      outputBytesMax: 0,
      bytes: 0,
      replicaBytes: 0,
      paused: isPaused ? engine.pauseMode : null,
      pausedUntilMs: this.pausedUntilMs,
    };
    for (const session of this.sessions.values()) {
      if ((session.hold & (HOLD_BLOCKED | HOLD_PAUSE)) !== 0) sums.blocked++;
      if (session.isSubscribed) sums.pubsub++;
      if (session.isReplica) sums.replicas++;
      sums.inputBytesMax = Math.max(sums.inputBytesMax, session.input?.length ?? 0);
      sums.outputBytesMax = Math.max(sums.outputBytesMax, session.pendingBytes);
      const bytes = sessionBytes(session);
      sums.bytes += bytes;
      if (session.isReplica) sums.replicaBytes += bytes;
    }
    return sums;
  }

  byId(id: number): Session | null {
    return this.sessions.get(id) ?? null;
  }

  describe(client: ClientView): string {
    return describeClient(this.engine, client as Session);
  }

  hasUser(name: string): boolean {
    return name === "default";
  }

  select(filter: ClientFilter, self: ClientView): ClientView[] {
    const found = [];
    for (const session of this.sessions.values()) {
      if (filter.skipMe && session === self) continue;
      if (clientMatches(this.engine, session, filter)) found.push(session);
    }
    return found;
  }

  kill(client: ClientView, self: ClientView): void {
    const session = client as Session;
    if (session === self) session.closeAfterReply();
    else session.close();
  }

  pause(mode: PauseMode, untilMs: number): void {
    const { engine } = this;
    const isPaused = this.isPaused();
    // A pause under way is never weakened or shortened by a new one.
    if (!isPaused || mode === "all") engine.pauseMode = mode;
    if (!isPaused || untilMs > this.pausedUntilMs) this.pausedUntilMs = untilMs;
    if (this.pausedUntilMs > engine.ctx.nowMs) engine.gates |= GATE_PAUSE;
  }

  /** Whether a pause holds; one whose time is up is ended. */
  isPaused(): boolean {
    const { engine } = this;
    if ((engine.gates & GATE_PAUSE) === 0) return false;
    if (engine.ctx.nowMs < this.pausedUntilMs) return true;
    this.unpause();
    return false;
  }

  unpause(): void {
    this.pausedUntilMs = 0;
    this.engine.gates &= ~GATE_PAUSE;
    this.engine.later(() => {
      for (const session of this.sessions.values()) {
        if ((session.hold & HOLD_PAUSE) !== 0) session.resume(HOLD_PAUSE);
      }
      this.engine.blocking.unpaused();
      this.engine.turn.settle();
    });
  }

  unblock(id: number, withError: boolean): boolean {
    const session = this.byId(id);
    return session !== null && this.engine.blocking.unblock(session, withError);
  }
}
