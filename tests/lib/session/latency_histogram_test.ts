import { test } from "node:test";
import assert from "node:assert/strict";
import {
  HISTOGRAM_COUNTERS,
  histogramCreate,
  histogramCumulative,
  histogramHighest,
  histogramIndex,
  histogramPercentile,
  histogramTotal,
} from "../../../lib/session/latency_histogram.ts";

function record(...durations: number[]): Float64Array {
  const counters = histogramCreate();
  for (const ns of durations) counters[histogramIndex(ns)]++;
  return counters;
}

test("the counter of a duration, and the longest one it stands for", () => {
  const rows: [ns: number, index: number, highest: number][] = [
    [-5, 1, 1],
    [0, 1, 1],
    [1, 1, 1],
    [255, 255, 255],
    [256, 256, 257],
    [257, 256, 257],
    [511, 383, 511],
    [512, 384, 515],
    [1000, 506, 1003],
    [55039, 1238, 55039],
    [1_000_000_000, 3054, 1_002_438_655],
    [5_000_000_000, 3054, 1_002_438_655],
  ];
  for (const [ns, index, highest] of rows) {
    assert.equal(histogramIndex(ns), index, `${ns}`);
    assert.equal(histogramHighest(index), highest, `${ns}`);
  }
});

test("counters follow each other without a gap", () => {
  for (let index = 1; index < HISTOGRAM_COUNTERS; index++) {
    const highest = histogramHighest(index);
    if (highest >= 1_000_000_000) break;
    assert.equal(histogramIndex(highest), index);
    assert.equal(histogramIndex(highest + 1), index + 1);
  }
});

test("percentiles", () => {
  const counters = record(...Array.from({ length: 100 }, (_, i) => i + 1));
  assert.equal(histogramTotal(counters), 100);
  assert.equal(histogramPercentile(counters, 50), 50);
  assert.equal(histogramPercentile(counters, 99), 99);
  assert.equal(histogramPercentile(counters, 99.9), 100);
  assert.equal(histogramPercentile(counters, 100), 100);
  assert.equal(histogramPercentile(counters, 0), 1);
  assert.equal(histogramPercentile(histogramCreate(), 50), 0);
  // As the reference prints 55.039 and 301989.887 microseconds.
  assert.equal(histogramPercentile(record(55_000), 50), 55_039);
  assert.equal(histogramPercentile(record(300_123_000), 50), 301_989_887);
});

test("cumulative counts name bounds as the reference does", () => {
  assert.deepEqual(histogramCumulative(histogramCreate()), []);
  assert.deepEqual(histogramCumulative(record(1, 1031)), [[1, 2]]);
  assert.deepEqual(histogramCumulative(record(1032)), [[2, 1]]);
  assert.deepEqual(histogramCumulative(record(52_000)), [[66, 1]]);
  assert.deepEqual(histogramCumulative(record(300_123_000)), [[541065, 1]]);
  assert.deepEqual(histogramCumulative(record(500, 5000, 5000, 70_000)), [[1, 1], [8, 3], [
    132,
    4,
  ]]);
});
