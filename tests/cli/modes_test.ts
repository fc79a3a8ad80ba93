// The pure parts of the modes: their lines and numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keepIfHot } from "../../cli/mode_hotkeys.ts";
import { percent } from "../../cli/mode_keys.ts";
import { latencyText } from "../../cli/mode_latency.ts";
import { listKeys } from "../../cli/mode_scan.ts";
import { humanBytes, statisticsLine } from "../../cli/mode_stat.ts";
import { runSpecialMode } from "../../cli/modes.ts";
import { systemText } from "../../cli/io.ts";
import { scriptedClient } from "./kit.ts";

test("stat: bytes for people", () => {
  const rows: [number, string][] = [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.00K"],
    [1536, "1.50K"],
    [1048576, "1.00M"],
    [3 * 2 ** 30, "3.00G"],
    [2 ** 41, "2.00T"],
    [-2048, "-2.00K"],
  ];
  for (const [bytes, text] of rows) assert.equal(humanBytes(bytes), text);
});

test("stat: a line of the table", () => {
  const info = "used_memory:1572864\r\nconnected_clients:2\r\nblocked_clients:1\r\n" +
    "total_commands_processed:150\r\ntotal_connections_received:9\r\nloading:0\r\n" +
    "rdb_bgsave_in_progress:1\r\naof_rewrite_in_progress:1\r\n" +
    "db0:keys=10,expires=0\r\ndb3:keys=5,expires=0\r\n";
  assert.equal(
    statisticsLine(info, 100),
    "15         1.50M    2       1       150 (+50)           9           SAVE+AOF\n",
  );
  assert.match(statisticsLine(info, 0), / 150 \(\+0\) /);
});

test("latency: a result in each form", () => {
  const totals = { min: 1, max: 9, sum: 20, count: 8 };
  assert.equal(latencyText(totals, "standard"), "min: 1, max: 9, avg: 2.50 (8 samples)");
  assert.equal(latencyText(totals, "raw"), "1 9 2.50 8\n");
  assert.equal(latencyText(totals, "csv"), "1,9,2.50,8\n");
  assert.equal(latencyText(totals, "json"), '{"min": 1, "max": 9, "avg": 2.50, "count": 8}\n');
});

test("hot keys: the best stay, hottest first", () => {
  const best: { counter: number; name: string }[] = [];
  const offer = (counter: number) => keepIfHot(best, { counter, name: `k${counter}` }, 3);
  assert.deepEqual([5, 0, 7, 1, 6, 2].map(offer), [true, false, true, true, true, false]);
  assert.deepEqual(best.map((key) => key.counter), [7, 6, 5]);
});

test("shares have five characters at least", () => {
  assert.deepEqual([percent(0, 0), percent(1, 8), percent(1, 1)], ["00.00", "12.50", "100.00"]);
});

function scanServer(words: string[]): string {
  if (words[0] !== "SCAN") return "+OK\r\n";
  return words[1] === "0"
    ? "*2\r\n$2\r\n17\r\n*2\r\n$1\r\na\r\n$2\r\n\0\xff\r\n"
    : "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n";
}

test("scan: all batches, keys as bytes or quoted", async () => {
  const raw = scriptedClient(scanServer, { scanCount: 7 });
  await raw.client.connect();
  assert.equal(await listKeys(raw.client), 0);
  assert.equal(raw.io.stdout, "a\n\0\xff\nb\n");
  assert.deepEqual(raw.heard, ["SCAN 0 COUNT 7", "SCAN 17 COUNT 7"]);
  const readable = scriptedClient(scanServer, { output: "standard" });
  await readable.client.connect();
  await listKeys(readable.client);
  assert.equal(readable.io.stdout, '"a"\n"\\x00\\xff"\n"b"\n');
});

test("modes that are not built say so", async () => {
  for (const mode of ["cluster", "lru-test", "intrinsic-latency"] as const) {
    const { client, io } = scriptedClient(() => "+OK\r\n");
    assert.equal(await runSpecialMode(client, mode), 1);
    assert.equal(io.stderr, `--${mode}: this mode is not built yet.\n`);
  }
});

test("system errors in the words of the C library", () => {
  assert.equal(systemText({ code: "ECONNREFUSED" }), "Connection refused");
  const other = Object.assign(new Error("ENXIO: no such device or address, open 'x'"), {
    code: "ENXIO",
  });
  assert.equal(systemText(other), "No such device or address");
  assert.equal(systemText(new Error("odd")), "odd");
});
