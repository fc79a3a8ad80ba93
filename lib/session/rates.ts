// rates.ts: how much happens per second, averaged over the last 1.6 seconds: sixteen samples, one every 100 ms or so.

const SAMPLES = 16;
const SAMPLE_MS_MIN = 100;

/** The rate of one counter that only grows. */
export class Rate {
  /** Growth per second. */
  perSecond = 0;

  private samples: number[] = new Array(SAMPLES).fill(0);
  private next = 0;
  private last = 0;

  /** Takes a sample `elapsedMs` after the one before. A counter that shrank was reset. */
  sample(counter: number, elapsedMs: number): void {
    const growth = Math.max(0, counter - this.last);
    this.last = counter;
    this.samples[this.next] = growth * 1000 / elapsedMs;
    this.next = (this.next + 1) % SAMPLES;
    this.perSecond = this.samples.reduce((sum, rate) => sum + rate, 0) / SAMPLES;
  }
}

/** Tells when the next sample is due. */
export class SampleTimer {
  private lastMs: number;

  constructor(nowMs: number) {
    this.lastMs = nowMs;
  }

  /** Milliseconds since the last sample when it is time for another, else 0. */
  due(nowMs: number): number {
    const elapsed = nowMs - this.lastMs;
    if (elapsed >= 0 && elapsed < SAMPLE_MS_MIN) return 0;
    this.lastMs = nowMs;
    return Math.max(elapsed, 1);
  }
}
