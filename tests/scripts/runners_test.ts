// runners_test.ts: what the scripts read out of other programs' output.

import assert from "node:assert/strict";
import { test } from "node:test";
import { geometricMean, median, parseLoad } from "../../scripts/bench_vs.ts";
import { outputName } from "../../scripts/build.ts";
import { closingLine, parseCounts } from "../../scripts/test.ts";

const COUNTS: readonly (readonly [output: string, line: string])[] = [
  ["ok | 1 passed | 0 failed (14ms)\n", "1 passed, 0 failed"],
  ["\x1b[32mok\x1b[0m | 12 passed | 0 failed \x1b[38m(14ms)\x1b[0m\n", "12 passed, 0 failed"],
  ["FAILED | 17 passed (3 steps) | 3 failed (166ms)\n", "17 passed, 3 failed"],
  ["FAILED | 17 passed | 3 failed | 2 ignored (166ms)\n", "17 passed, 3 failed"],
  ["\n 90 pass\n 0 fail\nRan 90 tests across 7 files. [1.2s]\n", "90 passed, 0 failed"],
  [" 3 pass\n 2 skip\n 1 fail\n", "3 passed, 1 failed"],
];

for (const [output, line] of COUNTS) {
  test(`parseCounts: ${line}`, () => {
    const counts = parseCounts(output);
    assert.ok(counts);
    assert.equal(closingLine(counts), line);
  });
}

test("parseCounts: no test ran", () => {
  assert.equal(parseCounts("error: Module not found\n"), undefined);
});

const LOAD = `
====== SET ======
  200000 requests completed in 0.19 seconds

Latency by percentile distribution:
50.000% <= 0.631 milliseconds (cumulative count 100448)
99.805% <= 1.471 milliseconds (cumulative count 199632)
99.902% <= 1.631 milliseconds (cumulative count 199808)
100.000% <= 1.863 milliseconds (cumulative count 200000)

Cumulative distribution of latencies:
99.999% <= 9.103 milliseconds (cumulative count 0)

Summary:
  throughput summary: 1063829.88 requests per second
  latency summary (msec):
          avg       min       p50       p95       p99       max
        0.658     0.256     0.631     0.903     1.199     1.863
`;

test("parseLoad", () => {
  assert.deepEqual(parseLoad(LOAD), {
    requests: 200000,
    throughput: 1063829.88,
    p50: 0.631,
    p99: 1.199,
    p999: 1.631,
  });
  assert.throws(() => parseLoad("Could not connect"), /load generator failed/);
});

test("median and geometricMean", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(geometricMean([2, 8]), 4);
});

test("outputName", () => {
  assert.equal(outputName("bun-linux-arm64"), "sigrun-linux-arm64");
  assert.equal(outputName("bun-windows-x64"), "sigrun-windows-x64.exe");
});
