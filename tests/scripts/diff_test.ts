import assert from "node:assert/strict";
import { test } from "node:test";
import { BENCH_TESTS, benchTests } from "../../scripts/bench_tests.ts";
import { FAMILIES, Grammar, type Op } from "../../scripts/diff_grammar.ts";
import { agree } from "../../scripts/diff_wire.ts";
import { ALL_COMMANDS } from "../../lib/commands/table.ts";
import { SeededRandom } from "../kit/clock.ts";
import { World } from "../kit/world.ts";

test("diff: the same seed makes the same commands", () => {
  const some = (seed: number) => {
    const grammar = new Grammar(new SeededRandom(seed), FAMILIES);
    return Array.from({ length: 300 }, () => grammar.next());
  };
  assert.deepEqual(some(1), some(1));
  assert.notDeepEqual(some(1), some(2));
});

test("diff: every family makes commands that exist, and mostly ones that succeed", () => {
  const known = new Set(ALL_COMMANDS.map((spec) => spec.name));
  for (const family of FAMILIES) {
    const client = new World().connect();
    const grammar = new Grammar(new SeededRandom(3), [family]);
    let failed = 0;
    let count = 0;
    for (let i = 0; i < 300; i++) {
      for (const { args } of grammar.next()) {
        assert.ok(known.has(args[0]), `${family}: ${args[0]}`);
        const reply = client.call(...args);
        assert.doesNotMatch(reply, /^-ERR (wrong number|syntax error|unknown)/, args.join(" "));
        if (reply.startsWith("-")) failed++;
        count++;
      }
    }
    assert.ok(failed < count / 2, `${family}: ${failed} of ${count} failed`);
  }
});

test("diff: replies that may differ in order", () => {
  const op = (compare: Op["compare"], inside?: Op["compare"][]): Op => ({
    args: ["X"],
    compare,
    inside,
  });
  const ab = "*2\r\n$1\r\na\r\n$1\r\nb\r\n";
  const ba = "*2\r\n$1\r\nb\r\n$1\r\na\r\n";
  assert.ok(!agree(op("exact"), ab, ba));
  assert.ok(agree(op("sort"), ab, ba));
  assert.ok(!agree(op("pairs"), ab, ba));
  assert.ok(agree(op("type"), ab, "*0\r\n"));
  assert.ok(!agree(op("sort"), ab, "-ERR\r\n"));
  assert.ok(agree(op("shape"), "*2\r\n:1\r\n+a\r\n", "*2\r\n:7\r\n+a\r\n"));
  assert.ok(!agree(op("shape"), "*2\r\n:1\r\n+a\r\n", "*2\r\n:1\r\n+b\r\n"));
  assert.ok(agree(op("scan"), `*2\r\n$1\r\n0\r\n${ab}`, `*2\r\n$1\r\n0\r\n${ba}`));
  assert.ok(!agree(op("scan"), `*2\r\n$1\r\n0\r\n${ab}`, `*2\r\n$1\r\n1\r\n${ba}`));
  const [one, other] = [`*2\r\n${ab}+OK\r\n`, `*2\r\n${ba}+OK\r\n`];
  assert.ok(agree(op("exec", ["sort", "exact"]), one, other));
  assert.ok(!agree(op("exec", ["exact", "exact"]), one, other));
});

test("bench: names and groups of tests", () => {
  assert.equal(benchTests("all").length, BENCH_TESTS.length);
  assert.equal(benchTests("own").length + benchTests("data").length, BENCH_TESTS.length);
  assert.deepEqual(benchTests("ping,get").map(({ name }) => name), ["ping_mbulk", "get"]);
  assert.throws(() => benchTests("nosuch"), /no test nosuch/);
  for (const { name, fill } of BENCH_TESTS) {
    if (fill === undefined || name.includes("1m") || name === "zrange_by_score") continue;
    const client = new World().connect();
    for (const command of fill()) assert.doesNotMatch(client.call(...command), /^-/, name);
  }
});
