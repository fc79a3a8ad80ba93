import { test } from "node:test";
import assert from "node:assert/strict";
import {
  absolutePath,
  expandPattern,
  isPathPattern,
  pathIsBaseName,
} from "../../../../lib/session/config/paths.ts";
import { quoteWordIfNeeded, splitWords } from "../../../../lib/session/config/words.ts";
import { FakeHost } from "./fake_host.ts";

test("absolutePath", () => {
  const rows: readonly (readonly [path: string, directory: string, want: string])[] = [
    ["/a/b", "/c", "/a/b"],
    ["a", "/c", "/c/a"],
    [" a\n", "/c/", "/c/a"],
    ["./a", "/c", "/c/./a"],
    ["../a", "/c/d", "/c/a"],
    ["../../a", "/c/d", "/a"],
    ["../../../a", "/c/d", "/a"],
    ["a", "/", "/a"],
    ["C:\\x", "/c", "C:\\x"],
  ];
  for (const [path, directory, want] of rows) assert.equal(absolutePath(path, directory), want);
});

test("expandPattern", () => {
  const host = new FakeHost(Object.fromEntries(
    ["/srv/conf.d/2.conf", "/srv/conf.d/1.conf", "/srv/conf.d/.h.conf", "/srv/x.conf", "/etc/a"]
      .map((path) => [path, ""]),
  ));
  const rows: readonly (readonly [pattern: string, want: string[]])[] = [
    ["conf.d/*.conf", ["conf.d/1.conf", "conf.d/2.conf"]],
    ["/srv/conf.?/[12].con*", ["/srv/conf.d/1.conf", "/srv/conf.d/2.conf"]],
    ["/srv/conf.d/[!1]*", ["/srv/conf.d/2.conf"]],
    ["/srv/*/1.conf", ["/srv/conf.d/1.conf"]],
    ["/srv/*/none.conf", []],
    ["conf.d/.*", ["conf.d/.h.conf"]],
    ["../etc/*", ["../etc/a"]],
    ["./*.conf", ["./x.conf"]],
    ["none*", []],
  ];
  for (const [pattern, want] of rows) {
    assert.deepEqual(expandPattern(pattern, host.files.list), want, pattern);
  }
});

test("names and patterns", () => {
  assert.ok(pathIsBaseName("dump.rdb"));
  assert.ok(!pathIsBaseName("a/b") && !pathIsBaseName("a\\b"));
  assert.ok(
    isPathPattern("a*") && isPathPattern("a?") && isPathPattern("[") && !isPathPattern("a"),
  );
});

test("quoteWordIfNeeded gives words that come back", () => {
  for (let byte = 0; byte < 256; byte++) {
    const word = `a${String.fromCharCode(byte)}b`;
    assert.deepEqual(splitWords(`x ${quoteWordIfNeeded(word)} y`), ["x", word, "y"]);
  }
  assert.equal(quoteWordIfNeeded("127.0.0.1"), "127.0.0.1");
  assert.equal(quoteWordIfNeeded(""), '""');
});
