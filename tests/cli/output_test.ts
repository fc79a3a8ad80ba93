// Every reply type in every form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultOptions } from "../../cli/options.ts";
import { formatPush, formatReply } from "../../cli/output.ts";
import { latin1 } from "../kit/resp.ts";
import { replyOf } from "./kit.ts";
import { OUTPUT_ROWS } from "./output_rows.ts";

const FORMS = [["standard", "tty"], ["raw", "raw"], ["csv", "csv"], ["json", "json"]] as const;

for (const row of OUTPUT_ROWS) {
  for (const [output, column] of FORMS) {
    test(`output: ${row.name} as ${output}`, () => {
      const options = { ...defaultOptions(false), output };
      assert.equal(latin1(formatReply(replyOf(row.wire), options, false)), row[column]);
    });
  }
}

test("output: quoted JSON is ASCII", () => {
  const options = { ...defaultOptions(false), output: "quoted-json" as const };
  const show = (wire: string) => latin1(formatReply(replyOf(wire), options, false));
  assert.equal(show("$4\r\n\xc3\xa9\n\\\r\n"), '"\\\\xc3\\\\xa9\\\\n\\\\\\\\"\n');
  assert.equal(show("%1\r\n$2\r\nK\0\r\n$1\r\n\x01\r\n"), '{"K\\\\x00":"\\\\x01"}\n');
  assert.equal(show("-ERR\r\n"), 'error:"ERR"\n');
});

test("output: delimiters of the raw form", () => {
  const options = {
    ...defaultOptions(false),
    output: "raw" as const,
    itemDelimiter: "::",
    replyDelimiter: "",
  };
  const show = (wire: string) => latin1(formatReply(replyOf(wire), options, false));
  assert.equal(show("*3\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n"), "1::2::3::4");
  assert.equal(show("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n"), "a 1::b 2");
  assert.equal(show("-ERR\r\n"), "ERR\n");
});

test("output: a reply asked for raw has no delimiter, whatever the form", () => {
  for (const output of ["standard", "raw", "csv", "json"] as const) {
    const options = { ...defaultOptions(false), output };
    assert.equal(latin1(formatReply(replyOf("$3\r\na\n\0\r\n"), options, true)), "a\n\0");
    assert.equal(latin1(formatReply(replyOf("*2\r\n:1\r\n:2\r\n"), options, true)), "1\n2");
    assert.equal(latin1(formatReply(replyOf("-ERR\r\n"), options, true)), "ERR\n");
  }
});

test("output: pushes that nobody waited for", () => {
  const invalidation = replyOf(">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\nk\r\n$2\r\nl\x1b\r\n");
  const tty = { ...defaultOptions(true) };
  assert.equal(latin1(formatPush(invalidation, tty)), "-> invalidate: 'k', 'l\\x1b'\n");
  const flushed = replyOf(">2\r\n$10\r\ninvalidate\r\n_\r\n");
  assert.equal(latin1(formatPush(flushed, tty)), '1) "invalidate"\n2) (nil)\n');
  const raw = { ...defaultOptions(false) };
  assert.equal(latin1(formatPush(invalidation, raw)), "invalidate\nk\nl\x1b\n");
});

test("output: a thousand levels", () => {
  const reply = replyOf("*1\r\n".repeat(1000) + ":1\r\n");
  const text = latin1(formatReply(reply, defaultOptions(true), false));
  assert.equal(text, "1) ".repeat(1000) + "(integer) 1\n");
});
