// source_test.ts: blanking of comments and strings, and finding of imports.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, importsOf, lineAt, resolveImport } from "../../scripts/source.ts";

const BLANKED: readonly (readonly [name: string, text: string, code: string])[] = [
  ["line comment", "a; // b\nc", "a;     \nc"],
  ["block comment over lines", "a /* b\nc */ d", "a     \n     d"],
  ["string", 'x("Date.now")', 'x("        ")'],
  ["quote inside a string", '"a\\"b" + c', '"    " + c'],
  ["regular expression", 'x = /"[/]/ + y', "x = /    / + y"],
  ["division", "a / b / c", "a / b / c"],
  ["template", "`a${b}c` + d", "` ${b} ` + d"],
  ["template in a template", "`a${`b${c}`}d`", "` ${` ${c}`} `"],
  ["braces in a template", "`${{ a: 1 }}` + b", "`${{ a: 1 }}` + b"],
  ["comment sign in a string", 'x = "//"; y', 'x = "  "; y'],
];

for (const [name, text, code] of BLANKED) {
  test(`blank: ${name}`, () => {
    assert.equal(blank(text).code, code);
    assert.equal(blank(text).plain.length, text.length);
  });
}

const IMPORTS: readonly (readonly [text: string, specifier: string, typeOnly: boolean])[] = [
  ['import { a } from "./a.ts";', "./a.ts", false],
  ['import type { A } from "./a.ts";', "./a.ts", true],
  ['import { type A, type B } from "./a.ts";', "./a.ts", true],
  ['import { type A, b } from "./a.ts";', "./a.ts", false],
  ['import {\n  a,\n  b,\n} from "./a.ts";', "./a.ts", false],
  ['import a, { b } from "./a.ts";', "./a.ts", false],
  ['import * as a from "./a.ts";', "./a.ts", false],
  ['import "./a.ts";', "./a.ts", false],
  ['export * from "./a.ts";', "./a.ts", false],
  ['export type { A } from "./a.ts";', "./a.ts", true],
  ['const a = await import("./a.ts");', "./a.ts", false],
];

for (const [text, specifier, typeOnly] of IMPORTS) {
  test(`importsOf: ${text.replaceAll("\n", " ")}`, () => {
    assert.deepEqual(importsOf(text), [{ specifier, line: 1, typeOnly }]);
  });
}

test("importsOf sees no import in a comment", () => {
  assert.deepEqual(importsOf(blank('// import { a } from "./a.ts";\n').plain), []);
});

test("resolveImport and lineAt", () => {
  assert.equal(resolveImport("lib/engine/a.ts", "../bytes/b.ts"), "lib/bytes/b.ts");
  assert.equal(resolveImport("lib/a.ts", "./b.ts"), "lib/b.ts");
  assert.equal(lineAt("a\nb\nc", 4), 3);
});
