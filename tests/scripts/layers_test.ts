// layers_test.ts: which imports the layer rules refuse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLayers } from "../../scripts/layers.ts";
import { parseSource } from "../../scripts/source.ts";

const ROWS: readonly (readonly [path: string, text: string, fault: RegExp | null])[] = [
  ["lib/bytes/a.ts", 'import { b } from "./b.ts";', null],
  ["lib/bytes/a.ts", 'import { b } from "../mem/b.ts";', /must not import lib\/mem\/b\.ts/],
  ["lib/bytes/a.ts", 'import { b } from "../limits.ts";', /lib\/bytes\/ may import nothing/],
  ["lib/mem/a.ts", 'import { b } from "../bytes/b.ts";', null],
  ["lib/engine/a.ts", 'import { b } from "../codec/b.ts";', /must not import lib\/codec/],
  ["lib/engine/a.ts", 'import type { b } from "../platform/mod.ts";', null],
  ["lib/engine/a.ts", 'import { b } from "../platform/mod.ts";', /"import type" only/],
  ["lib/commands/zset/a.ts", 'import { b } from "../args.ts";', null],
  ["lib/commands/zset/a.ts", 'import { b } from "../../session/b.ts";', /must not import/],
  ["lib/commands/zset/a.ts", 'import { b } from "../../persist/b.ts";', /must not import/],
  ["lib/commands/key/dump.ts", 'import { b } from "../../persist/b.ts";', null],
  ["lib/session/a.ts", 'import { b } from "../commands/table.ts";', null],
  ["lib/engine/a.ts", 'import { b } from "node:fs";', /imports no node: module/],
  ["lib/engine/a.ts", 'import { b } from "lodash";', /is a package/],
  ["server/a.ts", 'import { b } from "node:fs";', null],
  ["server/a.ts", 'import { b } from "../cli/main.ts";', /must not import cli/],
  ["cli/a.ts", 'import { b } from "./linenoise/b.ts";', null],
  ["cli/a.ts", 'import { b } from "../lib/engine/b.ts";', /must not import lib\/engine/],
  ["cli/linenoise/a.ts", 'import { b } from "../b.ts";', /must not import cli\/b\.ts/],
  ["mod.ts", 'import { b } from "./cli/main.ts";', null],
  ["mod.ts", 'import { b } from "./cli/other.ts";', /must not import cli\/other/],
  ["lib/bytes/a.ts", 'import { b } from "./b";', /name the file with \.ts/],
  ["tests/a_test.ts", 'import { b } from "ioredis";', null],
  ["lib/stray.ts", "", /belongs to no layer/],
];

for (const [path, text, fault] of ROWS) {
  test(`layers: ${path}: ${text}`, () => {
    const messages = checkLayers([parseSource(path, text)]).map((finding) => finding.message);
    if (fault === null) assert.deepEqual(messages, []);
    else assert.match(messages.join("\n"), fault);
  });
}

test("layers: a cycle is found, one of types is none", () => {
  const cycle = (word: string) => [
    parseSource("lib/bytes/a.ts", 'import { b } from "./b.ts";'),
    parseSource("lib/bytes/b.ts", 'import { c } from "./c.ts";'),
    parseSource("lib/bytes/c.ts", `// header\nimport ${word} { a } from "./a.ts";`),
  ];
  assert.deepEqual(checkLayers(cycle("type")), []);
  const [finding, ...more] = checkLayers(cycle(""));
  assert.equal(more.length, 0);
  assert.equal(finding.path, "lib/bytes/c.ts");
  assert.equal(finding.line, 2);
  assert.match(finding.message, /a\.ts -> lib\/bytes\/b\.ts -> lib\/bytes\/c\.ts -> lib\/bytes\/a/);
});
