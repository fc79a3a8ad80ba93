// The declared directives compared with the facts about the reference server, and with themselves.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Directive, FLAG_NAMES, SENSITIVE } from "../../../../lib/session/config/directive.ts";
import {
  DIRECTIVE_BY_NAME,
  DIRECTIVES,
  FILE_ONLY_NAMES,
  IGNORED_NAMES,
  notBuilt,
} from "../../../../lib/session/config/registry.ts";
import { SPECIALS } from "../../../../lib/session/config/special.ts";
import { readValue } from "../../../../lib/session/config/values.ts";
import { sharedPath, skipped } from "../../../kit/shared.ts";

interface DirectiveFacts {
  name: string;
  aliases: string[];
  type: string;
  default: string | number | null;
  flags: string[];
  enum?: string[];
  min?: number | string;
  max?: number | string;
  number_format?: string[];
  unit: string | null;
  ctype?: string;
  empty_is_null?: boolean;
  build_condition?: string[];
}

interface Facts {
  configs: DirectiveFacts[];
  ignored_directives: { name: string }[];
  file_only_directives: { name: string }[];
}

function loadFacts(): Facts | undefined {
  const path = sharedPath("facts/configs.json");
  return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8"));
}

const FORMATS: Readonly<Record<string, string[]>> = {
  "integer": ["integer"],
  "memory": ["memory"],
  "memory-percent": ["memory", "percent"],
  "signed-memory": ["memory", "signed-memory"],
  "octal": ["octal"],
};

/** A declaration in the words of the facts. */
function declared(directive: Directive): Record<string, unknown> {
  const common = {
    aliases: [...directive.aliases],
    flags: FLAG_NAMES.filter((_, bit) => (directive.flags & (1 << bit)) !== 0).sort(),
    default: directive.initial,
  };
  switch (directive.type) {
    case "bool":
      return { ...common, type: "bool" };
    case "enum":
      return { ...common, type: "enum", enum: [...directive.values] };
    case "string":
      return {
        ...common,
        type: directive.binary ? "sds" : "string",
        emptyIsNone: directive.emptyIsNone,
      };
    case "special":
      return { ...common, type: "special" };
    case "numeric": {
      const { min, max, unit, unsigned, format } = directive;
      const bounds = { min: min.toString(), max: max.toString() };
      return { ...common, type: "numeric", ...bounds, unit, unsigned, formats: FORMATS[format] };
    }
  }
}

/** The facts in the same shape. */
function expected(facts: DirectiveFacts): Record<string, unknown> {
  const { type, ctype = "" } = facts;
  const common = { aliases: facts.aliases, flags: [...facts.flags].sort(), type };
  const initial = facts.default === null ? "" : String(facts.default);
  switch (type) {
    case "enum":
      return { ...common, default: initial, enum: facts.enum };
    case "string":
    case "sds":
      return { ...common, default: initial, emptyIsNone: facts.empty_is_null };
    case "numeric":
      return {
        ...common,
        default: initial,
        min: String(facts.min),
        max: String(facts.max),
        unit: facts.unit,
        unsigned: ctype.startsWith("unsigned") || ctype === "size_t",
        formats: facts.number_format,
      };
    default:
      return { ...common, default: initial };
  }
}

test("the directives are those of the reference", () => {
  const facts = loadFacts();
  if (facts === undefined) return skipped();
  // Two directives exist only in a build for testing the reference itself.
  const plain = facts.configs.filter((one) => one.build_condition === undefined);
  assert.equal(plain.length, 226);
  const names = plain.map(({ name }) => name).sort();
  const shared = DIRECTIVES.filter(({ name }) => !name.startsWith("sigrun-"));
  assert.deepEqual(shared.map(({ name }) => name).sort(), names);
  for (const one of plain) {
    const directive = DIRECTIVE_BY_NAME.get(one.name);
    assert.ok(directive !== undefined);
    assert.deepEqual(declared(directive), expected(one), one.name);
  }
});

test("the other words of the file are those of the reference", () => {
  const facts = loadFacts();
  if (facts === undefined) return skipped();
  assert.deepEqual([...IGNORED_NAMES], facts.ignored_directives.map(({ name }) => name));
  const words = facts.file_only_directives.map(({ name }) => name).filter((name) =>
    /^[a-z-]+$/.test(name)
  );
  assert.deepEqual([...FILE_ONLY_NAMES].sort(), words.sort());
});

test("no name or alias is used twice, all are lower case", () => {
  const names = DIRECTIVES.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(name, name.toLowerCase());
});

test("every special directive has rules, and no rules are left over", () => {
  const special = DIRECTIVES.filter(({ type }) => type === "special").map(({ name }) => name);
  assert.deepEqual(Object.keys(SPECIALS).sort(), special.sort());
});

test("every default is a value of its directive", () => {
  for (const directive of DIRECTIVES) {
    const { name, initial } = directive;
    if (name === "dir") continue;
    const words = name === "bind" || directive.type === "special" && initial.includes(" ")
      ? initial.split(" ")
      : [initial];
    // An empty replicaof is written "no one".
    const reading = readValue(directive, name === "replicaof" ? ["no", "one"] : words, {
      current: initial,
      append: false,
    });
    assert.deepEqual(reading, { text: initial, error: "" }, name);
  }
});

test("what is not built says why, and passwords are sensitive", () => {
  for (const { name, why } of notBuilt()) assert.match(why, /^\S.*[^.]$|support\.$/, name);
  const listed = notBuilt().map(({ name }) => name);
  assert.deepEqual(listed, [...listed].sort());
  assert.ok(!listed.includes("port"));
  assert.equal(notBuilt().find(({ name }) => name === "daemonize")?.effect, "pending");
  for (const name of ["requirepass", "primaryauth", "masterauth", "tls-key-file-pass"]) {
    assert.ok(((DIRECTIVE_BY_NAME.get(name)?.flags ?? 0) & SENSITIVE) !== 0, name);
  }
});
