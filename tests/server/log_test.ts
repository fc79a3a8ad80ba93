// Log lines: every format with every kind of time, and texts that would break a line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FileLog, isoTime, logTime } from "../../server/log.ts";

const DATE = new Date(2026, 10, 22, 17, 45, 51, 123);

function line(format: string, timestamps: string, text: string): string {
  const log = new FileLog("", 42);
  log.format = format;
  log.timestamps = timestamps;
  return log.line(2, text, DATE);
}

test("formats and times", () => {
  const legacy = logTime(DATE);
  const iso = isoTime(DATE);
  assert.equal(legacy, "22 Nov 2026 17:45:51.123");
  assert.match(iso, /^2026-11-22T17:45:51\.123[+-]\d\d:\d\d$/);
  assert.equal(new Date(iso).getTime(), DATE.getTime());
  assert.equal(line("legacy", "legacy", "hello"), `42:M ${legacy} * hello`);
  assert.equal(line("legacy", "milliseconds", "hello"), `42:M ${DATE.getTime()} * hello`);
  assert.equal(
    line("logfmt", "iso8601", "hello"),
    `pid=42 role=primary timestamp="${iso}" level=notice message="hello"`,
  );
  assert.equal(
    line("json", "legacy", "hello"),
    `{"pid":42,"role":"primary","timestamp":"${legacy}","level":"notice","message":"hello"}`,
  );
});

test("texts with quotes and ends of lines", () => {
  assert.match(line("logfmt", "legacy", 'a "b"\r\nc'), /message="a 'b' {2}c"$/);
  const json = line("json", "legacy", 'a "b"\\\t\b\f\r\n\x01');
  assert.ok(json.endsWith('"message":"a \\"b\\"\\\\\\t\\b\\f\\r\\n\\u0001"}'));
});
