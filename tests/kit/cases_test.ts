// cases_test.ts: the table runner, and a table that shows its forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertShape, cases, downgrade, specOf } from "./cases.ts";
import { parseReplies } from "./resp.ts";

cases("table runner", [
  ["a reply as text", ["PING"], "+PONG"],
  ["a bulk reply on one line", ["ECHO 'a b'"], "$3 a b"],
  ["a pattern", ["ECHO abc"], /^\$3 a.c$/],
  ["only the last reply counts", ["SET k 1", "GET k"], "$1 1"],
  ["a null is the same in both protocols", ["GET nosuch"], "$-1"],
  ["different replies", ["HELLO"], { resp2: /^\*14 /, resp3: /^%7 / }],
  ["an error", ["GET"], "-ERR wrong number of arguments for 'get' command"],
  ["two connections", ["SET k 1", "@2 GET k"], "$1 1"],
  ["nothing pending", ["PING", "@1 <"], ""],
  ["time passes", ["SET k 1 PX 100", "~150", "GET k"], "$-1"],
]);

cases("variants", [["both see their steps", ["GET k"], /^\$1 [12]$/]], {
  variants: { one: ["SET k 1"], two: ["SET k 2"] },
});

const DOWNGRADES: readonly (readonly [resp3: string, resp2: string])[] = [
  ["_\r\n", "$-1\r\n"],
  ["#t\r\n", ":1\r\n"],
  [",1.5\r\n", "$3\r\n1.5\r\n"],
  ["=7\r\ntxt:abc\r\n", "$3\r\nabc\r\n"],
  ["%1\r\n+a\r\n:1\r\n", "*2\r\n+a\r\n:1\r\n"],
  ["~1\r\n$1\r\na\r\n", "*1\r\n$1\r\na\r\n"],
  ["|1\r\n+k\r\n+v\r\n:1\r\n", ":1\r\n"],
];

for (const [resp3, resp2] of DOWNGRADES) {
  test(`downgrade: ${JSON.stringify(resp3)}`, () => {
    assert.equal(parseReplies(resp3).map(downgrade).join(""), resp2);
  });
}

test("a reply of a type that is not declared fails", () => {
  assert.deepEqual(specOf(["get", "k"])?.reply, ["bulk", "null"]);
  assertShape(["GET", "k"], "$1\r\na\r\n", 2);
  assertShape(["GET", "k"], "_\r\n", 3);
  assertShape(["GET", "k"], "-ERR x\r\n", 2);
  assert.throws(() => assertShape(["GET", "k"], ":1\r\n", 2), /GET answered/);
  assert.throws(() => assertShape(["GET", "k"], "", 2), /answered nothing/);
});
