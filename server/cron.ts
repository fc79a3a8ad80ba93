// cron.ts: the timer of a server: client housekeeping, statistics samples, and the upkeep of the data, for which it comes
// back between two ticks when there is much to do.

import type { Farewell } from "./farewell.ts";
import type { Persistence } from "./persistence.ts";
import type { Replication } from "./replication.ts";
import type { Engine } from "../lib/session/engine.ts";
import { after, every } from "./timers.ts";

const TICK_MS = 100;

/** Drives the periodic work of one engine. */
export class Cron {
  private engine: Engine;
  private persistence: Persistence;
  private replication: Replication;
  private farewell: Farewell;
  /** What calls the timers off; null when they do not run. */
  private stopTicks: (() => void) | null = null;
  private stopUpkeep: (() => void) | null = null;
  private stopWake: (() => void) | null = null;
  private wakeMs = Infinity;

  constructor(
    engine: Engine,
    persistence: Persistence,
    replication: Replication,
    farewell: Farewell,
  ) {
    this.engine = engine;
    this.persistence = persistence;
    this.replication = replication;
    this.farewell = farewell;
  }

  start(): void {
    this.stopTicks = every(TICK_MS, () => this.tick());
    this.engine.wakeAt = (ms) => this.wakeAt(ms);
  }

  /** What expired while the server was down goes at once, not at the first tick. */
  loaded(): void {
    this.upkeepIn(1);
  }

  stop(): void {
    this.stopTicks?.();
    this.stopUpkeep?.();
    this.stopWake?.();
    this.stopTicks = null;
    this.stopUpkeep = null;
    this.stopWake = null;
  }

  /** The earliest time asked for wins; whoever is not served then asks again. Far ones are left to the tick. */
  private wakeAt(ms: number): void {
    if (this.stopTicks === null || ms >= this.wakeMs) return;
    const wait = ms - this.engine.server.clock.wallMs();
    if (wait > TICK_MS) return;
    this.stopWake?.();
    this.wakeMs = ms;
    this.stopWake = after(wait, () => {
      this.stopWake = null;
      this.wakeMs = Infinity;
      this.engine.wake();
    });
  }

  private tick(): void {
    if (this.engine.server.cronPaused) return;
    this.upkeepIn(this.engine.tick(this.stopUpkeep === null));
    if (this.engine.standstill.isOn) return;
    this.persistence.tick(this.engine.ctx.nowMs);
    this.replication.tick(this.engine.ctx.nowMs);
    this.farewell.tick(this.engine.ctx.nowMs);
  }

  /** Runs the upkeep once more after `ms` milliseconds, and as often as it asks for; 0 leaves it to the next tick. */
  private upkeepIn(ms: number): void {
    if (ms === 0 || this.stopTicks === null || this.stopUpkeep !== null) return;
    this.stopUpkeep = after(ms, () => {
      this.stopUpkeep = null;
      if (!this.engine.server.cronPaused) {
        this.upkeepIn(this.engine.upkeep.run());
        this.engine.afterUpkeep();
      }
    });
  }
}
