// tidy_test.ts: which house rules refuse what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSource } from "../../scripts/source.ts";
import {
  checkCommands,
  checkNamedFiles,
  checkSources,
  functionSpans,
  mirrorOf,
} from "../../scripts/tidy.ts";
import type { CommandSpec } from "../../lib/commands/spec.ts";

const HEADER = "// a.ts: something.\n";
const LATER = "TO" + "DO";
const MACHINE = ["", "work", "main"].join("/");

const ROWS: readonly (readonly [path: string, text: string, fault: RegExp | null])[] = [
  ["lib/a.ts", `${HEADER}const a = 1;`, null],
  ["lib/a.ts", "const a = 1;", /no header comment/],
  ["lib/a.ts", `${HEADER}const a = Date.now();`, /Date\.now: time comes from the Clock/],
  ["lib/a.ts", `${HEADER}const a = "Date.now()"; // Date.now()`, null],
  ["lib/a.ts", `${HEADER}const a = Math.random();`, /Random/],
  ["lib/a.ts", `${HEADER}setTimeout(a, 1);`, /setTimeout/],
  ["lib/a.ts", `${HEADER}console.log(1);`, /Log/],
  ["lib/a.ts", `${HEADER}const a = process.env.A;`, /ProcessView/],
  ["lib/a.ts", `${HEADER}const a = { process: 1 };`, null],
  ["lib/a.ts", `${HEADER}Deno.exit();`, /a runtime is named only in/],
  ["server/a.ts", `${HEADER}Bun.listen();`, /a runtime is named only in/],
  ["server/a.ts", `${HEADER}setTimeout(a, 1);`, /server\/timers\.ts/],
  ["server/timers.ts", `${HEADER}setTimeout(a, 1);`, null],
  ["server/net_bun.ts", `${HEADER}Bun.listen();`, null],
  ["server/lock_deno.ts", `${HEADER}Deno.open();`, null],
  ["lib/aB.ts", HEADER, /snake_case/],
  ["lib/index.ts", HEADER, /no index\.ts/],
  ["lib/a_test.ts", HEADER, /tests live in tests/],
  ["lib/a.ts", `${HEADER}export default 1;`, /no default exports/],
  ["lib/commands/key/a.ts", `${HEADER}export default [];`, null],
  ["lib/a.ts", `${HEADER}// ${LATER}: later`, /finish it/],
  ["lib/a.ts", `${HEADER}const a = "${MACHINE}/x";`, /a path of one machine/],
  ["lib/a.ts", `${HEADER}try { a(); } catch { }`, /empty catch/],
  ["lib/a.ts", `${HEADER}try { a(); } catch {\n  // Gone already: good.\n}`, null],
  ["tests/a_test.ts", `test.skip("x", () => {});`, /no skipped tests/],
];

for (const [path, text, fault] of ROWS) {
  test(`tidy: ${path}: ${text.slice(HEADER.length, 60).replaceAll("\n", " ")}`, () => {
    const messages = checkSources([parseSource(path, text)]).map((finding) => finding.message);
    if (fault === null) assert.deepEqual(messages, []);
    else assert.match(messages.join("\n"), fault);
  });
}

test("tidy: functionSpans", () => {
  const text = [
    "export function a(",
    "  b: number,",
    "): { c: number } {",
    "  if (b) {",
    "    d();",
    "  }",
    "",
    "  return { c: 1 };",
    "}",
    "",
    "class E {",
    "  private f(): void {",
    "    if (g) {",
    "      h();",
    "    }",
    "  }",
    "}",
  ].join("\n");
  assert.deepEqual(functionSpans(text), [
    { name: "a", line: 1, lines: 9 },
    { name: "f", line: 12, lines: 5 },
  ]);
});

const SPEC: CommandSpec = {
  name: "ZADD",
  group: "sorted_set",
  since: "1.2.0",
  arity: -4,
  flags: 0,
  summary: "",
  reply: ["integer"],
  examples: [["ZADD z 1 a", ":1"]],
  run: () => {},
};

test("tidy: a command needs a test file, an example, a reply shape and a place in the table", () => {
  const path = "lib/commands/zset/zadd.ts";
  const mirror = "tests/lib/commands/zset/zadd_test.ts";
  assert.equal(mirrorOf(path), mirror);
  const check = (spec: CommandSpec, table: string[], tests: string | undefined) =>
    checkCommands([{ path, spec }], new Set(table), (name) => name === mirror ? tests : undefined)
      .map((finding) => finding.message).join();
  assert.equal(check(SPEC, ["ZADD"], "ZADD z 1 a"), "");
  assert.match(check(SPEC, ["ZADD"], undefined), /no test file .* \(ZADD\)/);
  assert.match(check(SPEC, ["ZADD"], "ZADDX"), /does not mention it/);
  assert.match(check(SPEC, [], "zadd"), /not reachable/);
  assert.match(check({ ...SPEC, examples: [] }, ["ZADD"], "zadd"), /no example/);
  assert.match(check({ ...SPEC, reply: [] }, ["ZADD"], "zadd"), /no reply shape/);
  const sub = { ...SPEC, name: "CONFIG|GET" };
  assert.equal(check(sub, [sub.name], "CONFIG GET x"), "");
});

test("tidy: files a document names must exist", () => {
  const text = "see `lib/a.ts`\nand `lib/b.ts`, not `lib`";
  const findings = checkNamedFiles("ARCHITECTURE.md", text, (name) => name === "lib/a.ts");
  assert.deepEqual(findings.map((f) => `${f.line} ${f.message}`), [
    "2 names lib/b.ts, which does not exist",
  ]);
});
