import { test } from "node:test";
import assert from "node:assert/strict";
import { LATENCY_SAMPLES_MAX } from "../../../lib/limits.ts";
import { LatencyMonitor } from "../../../lib/session/latency_monitor.ts";

test("events below the threshold leave no trace", () => {
  const monitor = new LatencyMonitor(1);
  monitor.add("command", 1e9, 0);
  monitor.thresholdUs = 100_000;
  monitor.add("command", 99_999, 0);
  assert.deepEqual(monitor.events(), []);
});

test("samples of one second are one, sums count them all", () => {
  const monitor = new LatencyMonitor(1);
  monitor.thresholdUs = 1000;
  monitor.add("command", 300_000, 1000);
  monitor.add("command", 500_900, 1500);
  monitor.add("command", 400_000, 1999);
  monitor.add("command", 200_000, 2000);
  assert.deepEqual(monitor.event("command"), {
    event: "command",
    samples: [{ seconds: 1, ms: 500 }, { seconds: 2, ms: 200 }],
    maxMs: 500,
    sumMs: 1400,
    count: 4,
  });
});

test("a series keeps its last samples", () => {
  const monitor = new LatencyMonitor(1);
  monitor.thresholdUs = 1000;
  for (let i = 0; i < LATENCY_SAMPLES_MAX + 10; i++) monitor.add("x", 5000, i * 1000);
  const samples = monitor.event("x")?.samples ?? [];
  assert.equal(samples.length, LATENCY_SAMPLES_MAX);
  assert.equal(samples[0].seconds, 10);
});

test("events are forgotten by name in any case, or all", () => {
  const monitor = new LatencyMonitor(1);
  monitor.thresholdUs = 1000;
  for (const event of ["a", "b", "c"]) monitor.add(event, 5000, 0);
  assert.equal(monitor.forget("A"), 1);
  assert.equal(monitor.forget("nosuch"), 0);
  assert.equal(monitor.forget(null), 2);
  assert.deepEqual(monitor.events(), []);
});

test("histograms are made when a command is first called", () => {
  const monitor = new LatencyMonitor(3);
  monitor.record(1, 5, 2);
  monitor.record(1, 70, 1);
  assert.equal(monitor.hasHistogram(0), false);
  assert.equal(monitor.hasHistogram(1), true);
  assert.equal(monitor.calls(1), 3);
  assert.deepEqual(monitor.cumulative(1), [[8, 2], [132, 3]]);
  assert.equal(monitor.percentileNs(1, 50), 5023);
  assert.deepEqual(monitor.cumulative(0), []);
  assert.equal(monitor.percentileNs(0, 50), 0);
  monitor.resetHistograms();
  assert.equal(monitor.calls(1), 0);
});
