import { test } from "node:test";
import assert from "node:assert/strict";
import {
  ACL_CATEGORIES,
  categoryNames,
  flagNames,
  hiddenFlagNames,
} from "../../../lib/commands/categories.ts";
import * as spec from "../../../lib/commands/spec.ts";

function declare(flags: number, more: Partial<spec.CommandSpec> = {}): spec.CommandSpec {
  return {
    name: "X",
    group: "generic",
    since: "1.0.0",
    arity: 1,
    flags,
    summary: "",
    reply: [],
    examples: [],
    ...more,
  };
}

test("categories follow from flags and add to those declared, in reply order", () => {
  const rows: [command: spec.CommandSpec, names: string][] = [
    [declare(0), "@slow"],
    [declare(spec.FAST), "@fast"],
    [declare(spec.WRITE | spec.FAST, { acl: ["@string"] }), "@write @string @fast"],
    [declare(spec.READONLY, { acl: ["@list"] }), "@read @list @slow"],
    [declare(spec.READONLY, { group: "scripting", acl: ["@scripting"] }), "@slow @scripting"],
    [declare(spec.ADMIN), "@admin @slow @dangerous"],
    [declare(spec.PUBSUB), "@pubsub @slow"],
    [declare(spec.WRITE | spec.BLOCKING), "@write @slow @blocking"],
  ];
  for (const [command, names] of rows) assert.equal(categoryNames(command).join(" "), names);
});

test("flags are told in reply order, the hidden ones apart", () => {
  const flags = spec.FAST | spec.WRITE | spec.PROTECTED | spec.MAY_REPLICATE | spec.NO_MULTI;
  assert.deepEqual(flagNames(declare(flags)), ["write", "fast", "no_multi"]);
  assert.deepEqual(hiddenFlagNames(declare(flags)), ["may_replicate", "protected"]);
});

test("keys that move are told as a flag", () => {
  const keys = [spec.countedKeys(1, "RO")];
  assert.deepEqual(flagNames(declare(spec.READONLY, { keys })), ["readonly", "movablekeys"]);
});

test("there are 21 categories", () => {
  assert.equal(ACL_CATEGORIES.length, 21);
  assert.equal(new Set(ACL_CATEGORIES).size, 21);
});
