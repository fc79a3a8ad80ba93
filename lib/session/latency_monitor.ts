// latency_monitor.ts: how long things take: a histogram per command, and samples of what exceeded the threshold.
//
// HISTOGRAMS (latency-tracking) count every call. Quick commands are measured a batch at a time, so theirs hold the
// mean of each batch.
//
// EVENTS (latency-monitor-threshold) are named series: "command", "fast-command", "expire-cycle" and the like. A series
// keeps the greatest sample of each of its last 160 seconds with samples, and its maximum, sum and count for all time.
//
// Source: valkey-doc, "Latency monitoring".

import type { LatencySeries, LatencyView } from "../commands/server_view.ts";
import {
  histogramCreate,
  histogramCumulative,
  histogramIndex,
  histogramPercentile,
  histogramTotal,
} from "./latency_histogram.ts";
import { LATENCY_SAMPLES_MAX } from "../limits.ts";

interface Series extends LatencySeries {
  samples: { seconds: number; ms: number }[];
}

/** Histograms and events of an engine. */
export class LatencyMonitor implements LatencyView {
  /** Least microseconds of an event; Infinity when nothing is watched. */
  thresholdUs = Infinity;
  /** Whether calls are counted in histograms. */
  tracking = true;

  private histograms: (Float64Array | null)[];
  private series = new Map<string, Series>();

  constructor(commandCount: number) {
    this.histograms = new Array(commandCount).fill(null);
  }

  // ---- histograms

  /** Counts `calls` calls of a command that took `usec` each. */
  record(id: number, usec: number, calls: number): void {
    const counters = this.histograms[id] ?? (this.histograms[id] = histogramCreate());
    counters[histogramIndex(usec * 1000)] += calls;
  }

  resetHistograms(): void {
    this.histograms.fill(null);
  }

  hasHistogram(id: number): boolean {
    return this.histograms[id] !== null;
  }

  calls(id: number): number {
    const counters = this.histograms[id];
    return counters === null ? 0 : histogramTotal(counters);
  }

  cumulative(id: number): [us: number, calls: number][] {
    const counters = this.histograms[id];
    return counters === null ? [] : histogramCumulative(counters);
  }

  percentileNs(id: number, percent: number): number {
    const counters = this.histograms[id];
    return counters === null ? 0 : histogramPercentile(counters, percent);
  }

  // ---- events

  /** Adds a sample of an event if it reaches the threshold. */
  add(event: string, usec: number, wallMs: number): void {
    if (usec < this.thresholdUs) return;
    const ms = Math.floor(usec / 1000);
    const seconds = Math.floor(wallMs / 1000);
    let series = this.series.get(event);
    if (series === undefined) {
      series = { event, samples: [], maxMs: 0, sumMs: 0, count: 0 };
      this.series.set(event, series);
    }
    series.maxMs = Math.max(series.maxMs, ms);
    series.sumMs += ms;
    series.count++;
    const last = series.samples.at(-1);
    if (last !== undefined && last.seconds === seconds) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    series.samples.push({ seconds, ms });
    if (series.samples.length > LATENCY_SAMPLES_MAX) series.samples.shift();
  }

  events(): readonly LatencySeries[] {
    return [...this.series.values()];
  }

  event(name: string): LatencySeries | null {
    return this.series.get(name) ?? null;
  }

  forget(name: string | null): number {
    let count = 0;
    for (const event of [...this.series.keys()]) {
      if (name !== null && event.toLowerCase() !== name.toLowerCase()) continue;
      this.series.delete(event);
      count++;
    }
    return count;
  }
}
