import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUri } from "../../cli/uri.ts";

type Parts = [
  user: string | null,
  password: string | null,
  host: string | null,
  ...(number | null)[],
];

const rows: [uri: string, parts: Parts][] = [
  ["valkey://", [null, null, null, null, null]],
  ["redis://h", [null, null, "h", null, null]],
  ["VALKEY://h:7000", [null, null, "h", 7000, null]],
  ["valkey://h/5", [null, null, "h", null, 5]],
  ["valkey:///5", [null, null, null, null, 5]],
  ["valkey://h:7000/", [null, null, "h", 7000, null]],
  ["valkey://pw@h", [null, "pw", "h", null, null]],
  ["valkey://bob:pw@h:7000/2", ["bob", "pw", "h", 7000, 2]],
  ["valkey://:pw@h", ["", "pw", "h", null, null]],
  ["valkey://bob:p%40%3a%C3%A9@", ["bob", "p@:é", null, null, null]],
  ["valkey://[::1]:7000/1", [null, null, "::1", 7000, 1]],
  ["valkey://[::1]", [null, null, "::1", null, null]],
  ["valkey://h:x", [null, null, "h", 0, null]],
];

for (const [uri, expected] of rows) {
  test(`uri: ${uri}`, () => {
    const { problem, user, password, host, port, db, tls } = parseUri(uri);
    assert.deepEqual([problem, tls, user, password, host, port, db], ["", false, ...expected]);
  });
}

test("uri: two schemes are secured", () => {
  assert.equal(parseUri("valkeys://h").tls, true);
  assert.equal(parseUri("rediss://h").tls, true);
});

test("uri: what is wrong is said", () => {
  assert.equal(parseUri("http://h").problem, "Invalid URI scheme\n");
  assert.equal(parseUri("h:7000").problem, "Invalid URI scheme\n");
  assert.equal(parseUri("valkey://a%@h").problem, "Incomplete URI encoding\n");
  assert.equal(parseUri("valkey://a%4x@h").problem, "Illegal character in URI encoding\n");
});
