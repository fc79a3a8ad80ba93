// The declarations compared with the facts about the reference server's command table: everything that COMMAND INFO and
// COMMAND DOCS show but the texts, which are our own. Commands that are not declared yet are left out.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { categoryNames, flagNames, hiddenFlagNames } from "../../../lib/commands/categories.ts";
import { legacyRange } from "../../../lib/commands/keys.ts";
import type { ArgSpec, CommandSpec, KeySpec } from "../../../lib/commands/spec.ts";
import { ALL_COMMANDS, commandTable } from "../../../lib/commands/table.ts";
import { sharedPath, skipped } from "../../kit/shared.ts";

interface ArgFacts {
  name: string;
  type: string;
  token?: string;
  flags?: string[];
  key_spec_index?: number;
  since?: string;
  deprecated_since?: string;
  display_text?: string;
  arguments?: ArgFacts[];
}

interface KeyFacts {
  flags: string[];
  begin_search: Record<string, string | number>;
  find_keys: Record<string, string | number>;
  has_notes?: boolean;
}

interface CommandFacts {
  name: string;
  group: string;
  container?: string;
  since: string;
  arity: number;
  command_flags: string[];
  hidden_flags: string[];
  acl_categories: string[];
  first_key: number;
  last_key: number;
  key_step: number;
  key_specs: KeyFacts[];
  command_tips: string[];
  doc_flags: string[];
  replaced_by: string[];
  deprecated_since: string | null;
  complexity: string[];
  complexity_present: boolean;
  history: string[][];
  arguments: ArgFacts[];
}

function loadFacts(): Map<string, CommandFacts> | undefined {
  const path = sharedPath("facts/commands.json");
  if (path === undefined) return undefined;
  const list: CommandFacts[] = JSON.parse(readFileSync(path, "utf8"));
  return new Map(list.map((facts) => [facts.name, facts]));
}

/** An argument in the shape of the facts. */
function argFacts(arg: ArgSpec): ArgFacts {
  const flags: string[] = [];
  if (arg.optional) flags.push("optional");
  if (arg.multiple) flags.push("multiple");
  if (arg.multipleToken) flags.push("multiple_token");
  return {
    name: arg.name,
    type: arg.type,
    ...(arg.token === undefined ? {} : { token: arg.token }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(arg.keySpec === undefined ? {} : { key_spec_index: arg.keySpec }),
    ...(arg.display === undefined || arg.display === arg.name ? {} : { display_text: arg.display }),
    ...(arg.since === undefined ? {} : { since: arg.since }),
    ...(arg.deprecatedSince === undefined ? {} : { deprecated_since: arg.deprecatedSince }),
    ...(arg.args === undefined ? {} : { arguments: arg.args.map(argFacts) }),
  };
}

function keyFacts({ flags, begin, find, notes }: KeySpec): KeyFacts {
  const begins: Record<string, string | number> = { type: begin.at };
  if (begin.at === "index") begins.index = begin.index;
  if (begin.at === "keyword") {
    begins.keyword = begin.keyword;
    begins.startfrom = begin.from;
  }
  const finds: Record<string, string | number> = { type: find.by };
  if (find.by === "range") {
    Object.assign(finds, { lastkey: find.last, keystep: find.step, limit: find.limit });
  }
  if (find.by === "keynum") {
    Object.assign(finds, { keynumidx: find.index, firstkey: find.first, keystep: find.step });
  }
  return {
    flags: [...flags],
    begin_search: begins,
    find_keys: finds,
    ...(notes === undefined ? {} : { has_notes: true }),
  };
}

/** Replies never show display_text equal to the name apart. */
function withoutDefaults(arg: ArgFacts): ArgFacts {
  const copy: ArgFacts = { ...arg };
  if (copy.display_text === copy.name) delete copy.display_text;
  if (copy.arguments !== undefined) copy.arguments = copy.arguments.map(withoutDefaults);
  return copy;
}

/** What is compared, from a declaration. */
function declared(spec: CommandSpec): Record<string, unknown> {
  const range = legacyRange(spec.keys);
  return {
    group: spec.group,
    since: spec.since,
    arity: spec.arity,
    flags: flagNames(spec),
    hidden: hiddenFlagNames(spec).sort(),
    categories: categoryNames(spec),
    range: [range.first, range.last, range.step],
    keys: (spec.keys ?? []).map(keyFacts),
    tips: spec.tips ?? [],
    docFlags: spec.docFlags ?? [],
    replacedBy: (spec.replacedBy ?? "").match(/`[^`]+`/g)?.map((name) => name.slice(1, -1)) ?? [],
    deprecatedSince: spec.deprecatedSince ?? null,
    hasComplexity: spec.complexity !== undefined,
    history: (spec.history ?? []).map(([version]) => version),
    args: (spec.args ?? []).map(argFacts),
  };
}

/** What is compared, from the facts. */
function expected(facts: CommandFacts): Record<string, unknown> {
  return {
    group: facts.group,
    since: facts.since,
    arity: facts.arity,
    flags: facts.command_flags,
    hidden: facts.hidden_flags.filter((name) => name !== "sentinel").sort(),
    categories: facts.acl_categories,
    range: [facts.first_key, facts.last_key, facts.key_step],
    keys: facts.key_specs,
    tips: facts.command_tips,
    docFlags: facts.doc_flags,
    replacedBy: facts.replaced_by,
    deprecatedSince: facts.deprecated_since,
    hasComplexity: facts.complexity_present,
    history: facts.history.map(([version]) => version),
    args: facts.arguments.map(withoutDefaults),
  };
}

/** Blanks do not matter in O() terms. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, "").toLowerCase();
}

const facts = loadFacts();

for (const spec of ALL_COMMANDS) {
  test(`metadata of ${spec.name}`, () => {
    if (facts === undefined) return skipped();
    const known = facts.get(spec.name);
    assert.ok(known, `${spec.name} is no command of the reference`);
    assert.deepEqual(declared(spec), expected(known));
    const complexity = squeezed(spec.complexity ?? "");
    for (const term of known.complexity) {
      assert.ok(complexity.includes(squeezed(term)), `complexity of ${spec.name} lacks ${term}`);
    }
  });
}

test("every declaration has its own words, reply shapes and examples", () => {
  const seen = new Map<string, string>();
  for (const spec of ALL_COMMANDS) {
    assert.match(spec.summary, /^[^a-z].*\.$/, `summary of ${spec.name}`);
    const twin = seen.get(spec.summary);
    assert.equal(twin, undefined, `${spec.name} and ${twin} have the same summary`);
    seen.set(spec.summary, spec.name);
    for (const [version, change] of spec.history ?? []) {
      assert.match(version, /^\d+\.\d+\.\d+$/, spec.name);
      assert.notEqual(change, "", spec.name);
    }
    if (spec.run === undefined) continue;
    assert.ok(spec.reply.length > 0, `${spec.name} has no reply shape`);
    assert.ok(spec.examples.length > 0, `${spec.name} has no example`);
  }
});

test("containers come before their subcommands and subcommands have handlers", () => {
  const table = commandTable();
  for (let id = 0; id < table.count; id++) {
    const spec = table.specs[id];
    const isContainer = table.subcommands[id] !== null;
    if (!isContainer) assert.ok(spec.run, `${spec.name} has no handler`);
    if (table.parent[id] >= 0) assert.ok(spec.name.includes("|"));
  }
});
