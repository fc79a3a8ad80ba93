// timeline.ts: the time of a simulation: what is due at which millisecond, and a clock that goes there.

import type { Timer } from "../../lib/platform/mod.ts";
import { FakeClock } from "./clock.ts";

interface Due {
  readonly atUs: number;
  readonly number: number;
  readonly run: () => void;
}

/** Events in the order of their time; those of one time in the order in which they were asked for. */
export class Timeline {
  readonly clock = new FakeClock();
  private due: Due[] = [];
  private count = 0;

  /** As a timer of a process. */
  readonly timer: Timer = (ms, run) => {
    const atUs = this.clock.monotonicUs() + ms * 1000;
    const entry = { atUs, number: this.count++, run };
    this.due.push(entry);
    return () => {
      this.due = this.due.filter((other) => other !== entry);
    };
  };

  /** Forgets everything that is due. */
  clear(): void {
    this.due = [];
  }

  /** Lets time pass. What is due runs at its time, or as soon as a step that took longer is over. */
  advance(ms: number, goesOn: () => boolean = () => true): void {
    const endUs = this.clock.monotonicUs() + ms * 1000;
    while (goesOn()) {
      let next: Due | null = null;
      for (const entry of this.due) {
        if (entry.atUs > endUs) continue;
        const isSooner = next === null || entry.atUs < next.atUs ||
          (entry.atUs === next.atUs && entry.number < next.number);
        if (isSooner) next = entry;
      }
      if (next === null) break;
      const chosen = next;
      this.due = this.due.filter((entry) => entry !== chosen);
      this.goTo(chosen.atUs);
      chosen.run();
    }
    if (goesOn()) this.goTo(endUs);
  }

  private goTo(us: number): void {
    const ms = (us - this.clock.monotonicUs()) / 1000;
    if (ms > 0) this.clock.advance(ms);
  }
}
