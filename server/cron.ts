// cron.ts: the timer of a server: client housekeeping, statistics samples, active expiry in small slices.

import type { Engine } from "../lib/session/engine.ts";

const TICK_MS = 100;

/** Drives the periodic work of one engine. */
export class Cron {
  private engine: Engine;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    if (this.engine.server.cronPaused) return;
    this.engine.tick();
  }
}
