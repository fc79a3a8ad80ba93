import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandDoc } from "../../cli/environment.ts";
import { helpText } from "../../cli/help.ts";
import { HelpTable, readCommandDocs, supportedBy } from "../../cli/help_table.ts";
import { completionsFor, hintForLine } from "../../cli/line_hints.ts";
import { bytesOf } from "../kit/resp.ts";
import { replyOf } from "./kit.ts";

const basics = { since: "1.0.0", summary: "Does it.", group: "generic" };
const DOCS: CommandDoc[] = [
  {
    ...basics,
    name: "SET",
    group: "string",
    args: [{ name: "key", type: "key" }, {
      name: "value",
      type: "string",
    }, { name: "nx", type: "pure-token", token: "NX", optional: true }],
  },
  { ...basics, name: "CONFIG", group: "server" },
  {
    ...basics,
    name: "CONFIG|GET",
    group: "server",
    args: [{
      name: "parameter",
      type: "string",
      multiple: true,
    }],
  },
  { ...basics, name: "CONFIG|SET", group: "server", since: "2.0.0" },
  { ...basics, name: "copy", args: [{ name: "source", type: "key" }] },
];
const table = new HelpTable(DOCS);

const hints: [line: string, hint: string | null][] = [
  ["", null],
  ["set", null],
  ["set ", "key value [NX]"],
  ["SET k", "key value [NX]"],
  ["set k ", "value [NX]"],
  ['set "a b" ', "value [NX]"],
  ['set "a ', null],
  ["3 set k ", "value [NX]"],
  ["config ", ""],
  ["config get ", "parameter [parameter ...]"],
  ["config GET a ", "[parameter ...]"],
  ["nosuch ", null],
];

for (const [line, hint] of hints) {
  test(`line hints: ${line}|`, () => assert.equal(hintForLine(table, bytesOf(line)), hint));
}

const completions: [line: string, from: number, candidates: string[]][] = [
  ["co", 0, ["config", "connect", "copy"]],
  ["CO", 0, ["CONFIG", "CONNECT", "COPY"]],
  ["Co", 0, ["CONFIG", "CONNECT", "COPY"]],
  ["config ", 7, ["GET", "SET"]],
  ["config s", 7, ["set"]],
  ["set k v ", 8, ["NX"]],
  ["set k v n", 8, ["nx"]],
  ["2 set k v n", 10, ["nx"]],
  ["help @s", 5, ["@server", "@string"]],
  ["help conf", 5, ["config"]],
  ["help config g", 12, ["get"]],
];

for (const [line, from, candidates] of completions) {
  test(`completion: ${line}|`, () => {
    const found = completionsFor(table, bytesOf(line), line.length);
    assert.equal(found?.from, from);
    assert.equal(found?.to, line.length);
    assert.deepEqual(found?.candidates.map((candidate) => candidate.text), candidates);
  });
}

test("completion: nothing where nothing fits, and only what is before the cursor counts", () => {
  assert.equal(completionsFor(table, bytesOf("set k "), 6), null);
  assert.equal(completionsFor(table, bytesOf("nosuch "), 7), null);
  assert.equal(completionsFor(table, bytesOf('set "k'), 6), null);
  assert.deepEqual(completionsFor(table, bytesOf("cop k"), 3)?.candidates, [{ text: "copy" }]);
});

test("help: a command, its subcommands, a group, nothing", () => {
  const text = (...words: string[]) => helpText(table, words, false);
  assert.equal(
    text("set"),
    "\r\n  SET key value [NX]\r\n  summary: Does it.\r\n  since: 1.0.0\r\n  group: string\r\n\r\n",
  );
  assert.equal(text("config").match(/summary/g)?.length, 3);
  assert.equal(text("config", "get").match(/summary/g)?.length, 1);
  assert.equal(text("@SERVER").match(/since/g)?.length, 3);
  assert.equal(text("@server").includes("group:"), false);
  assert.equal(text("nosuch"), "\r\n");
  const colored = helpText(table, ["copy"], true);
  assert.equal(colored.includes("\x1b[1mCOPY\x1b[0m \x1b[90msource\x1b[0m"), true);
});

test("help table: what COMMAND DOCS says, in RESP2 and RESP3", () => {
  const field = (name: string, value: string) => `$${name.length}\r\n${name}\r\n${value}`;
  const text = (value: string) => `$${value.length}\r\n${value}\r\n`;
  for (const map of ["*6", "%3"]) {
    const half = map === "*6" ? "*" : "%";
    const size = (pairs: number) => `${half}${half === "*" ? pairs * 2 : pairs}\r\n`;
    const arg = size(4) + field("name", text("nx")) + field("type", text("pure-token")) +
      field("token", text("NX")) + field("flags", "*1\r\n+optional\r\n");
    const sub = size(1) + field("summary", text("Inner."));
    const wire = size(1) + text("box") + `${map}\r\n` + field("summary", text("Outer.")) +
      field("arguments", `*1\r\n${arg}`) + field("subcommands", size(1) + text("box|in") + sub);
    const docs = readCommandDocs(replyOf(wire));
    assert.deepEqual(docs.map((doc) => [doc.name, doc.summary]), [
      ["box", "Outer."],
      ["box|in", "Inner."],
    ]);
    assert.equal(hintForLine(new HelpTable(docs), bytesOf("box ")), "[NX]");
  }
});

test("help table: an older server does not know what is newer", () => {
  const names = (version: string) => supportedBy(version, DOCS).map((doc) => doc.name);
  assert.equal(names("1.0.0").includes("CONFIG|SET"), false);
  assert.equal(names("2.0.0").includes("CONFIG|SET"), true);
  assert.equal(names("10.0.0").includes("CONFIG|SET"), true);
  assert.deepEqual(names("0.9"), []);
});
