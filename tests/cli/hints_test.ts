// Hints over argument trees of our own; tests/e2e/cli_reference_test.ts compares with valkey-cli.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocArg } from "../../cli/environment.ts";
import { hintFor, nextTokens, syntaxOf } from "../../cli/hints.ts";

const key: DocArg = { name: "key", type: "key" };
const token = (name: string, more: Partial<DocArg> = {}): DocArg => ({
  name: name.toLowerCase(),
  type: "pure-token",
  token: name,
  ...more,
});
const oneOf = (parts: DocArg[], more: Partial<DocArg> = {}): DocArg => ({
  name: "choice",
  type: "oneof",
  args: parts,
  ...more,
});
const block = (parts: DocArg[], more: Partial<DocArg> = {}): DocArg => ({
  name: "block",
  type: "block",
  args: parts,
  ...more,
});
const optional = { optional: true };

const TREES: Record<string, DocArg[]> = {
  get: [key],
  mget: [{ ...key, multiple: true }],
  lpop: [key, { name: "count", type: "integer", optional: true }],
  put: [
    key,
    { name: "value", type: "string" },
    oneOf([token("NX"), token("XX")], optional),
    token("GET", optional),
    oneOf([
      { name: "seconds", type: "integer", token: "EX" },
      { name: "at", type: "unix-time", token: "EXAT" },
      token("KEEPTTL"),
    ], optional),
  ],
  add: [
    key,
    oneOf([token("GT"), token("LT")], optional),
    token("CH", optional),
    block([{ name: "score", type: "double" }, { name: "member", type: "string" }], {
      multiple: true,
    }),
  ],
  bits: [
    key,
    block([{ name: "encoding", type: "string" }, { name: "offset", type: "integer" }], {
      token: "GET",
      optional: true,
      multiple: true,
      multipleToken: true,
    }),
  ],
  near: [
    key,
    { name: "radius", type: "double" },
    block([{ name: "count", type: "integer", token: "COUNT" }, token("ANY", optional)], optional),
    token("WITHDIST", optional),
  ],
  read: [
    block([{ name: "key", type: "key", multiple: true }, {
      name: "id",
      type: "string",
      multiple: true,
    }], { token: "STREAMS" }),
  ],
  move: [oneOf([token("LEFT"), token("RIGHT")]), { name: "timeout", type: "double" }],
  empty: [oneOf([{ ...key }, token("")])],
  shown: [{ name: "name", type: "string", display: "shown-name" }],
  tagged: [{ name: "tag", type: "string", token: "TAG", multiple: true }],
};

const rows: [tree: string, words: string, hint: string, next: string[]][] = [
  ["get", "", "key", []],
  ["get", "a", "", []],
  ["get", "a b", "", []],
  ["mget", "", "key [key ...]", []],
  ["mget", "a b c", "[key ...]", []],
  ["lpop", "a", "[count]", []],
  ["lpop", "a 3", "", []],
  ["lpop", "a 3x", "", []],
  ["lpop", "a x", "", []],
  ["put", "", "key value [NX|XX] [GET] [EX seconds|EXAT at|KEEPTTL]", []],
  ["put", "a b", "[NX|XX] [GET] [EX seconds|EXAT at|KEEPTTL]", [
    "NX",
    "XX",
    "GET",
    "EX",
    "EXAT",
    "KEEPTTL",
  ]],
  ["put", "a b ex", "seconds [NX|XX] [GET]", []],
  ["put", "a b EX 5", "[NX|XX] [GET]", ["NX", "XX", "GET"]],
  ["put", "a b EX five", "", []],
  ["put", "a b get", "[NX|XX] [EX seconds|EXAT at|KEEPTTL]", ["NX", "XX", "EX", "EXAT", "KEEPTTL"]],
  ["put", "a b keepttl nx get", "", []],
  ["put", "a b nx xx", "", []],
  ["add", "k", "[GT|LT] [CH] score member [score member ...]", ["GT", "LT", "CH"]],
  ["add", "k ch", "[GT|LT] score member [score member ...]", ["GT", "LT"]],
  ["add", "k ch 1", "member [score member ...]", []],
  ["add", "k 1 m", "[score member ...]", []],
  ["add", "k 1 m gt", "", []],
  ["add", "k inf m -2.5e3 n", "[score member ...]", []],
  // The bracket that has no partner is part of the contract, see the header of hints.ts.
  ["bits", "k", "[GET encoding offset [GET encoding offset ...]]", ["GET"]],
  ["bits", "k get", "encoding offset [GET encoding offset ...]]", []],
  ["bits", "k get u8 0", "[GET encoding offset ...]]", ["GET"]],
  ["near", "k 5 count", "count [ANY] [WITHDIST]", []],
  ["near", "k 5 count 3", "[ANY] [WITHDIST]", ["ANY", "WITHDIST"]],
  ["near", "k 5 count 3 withdist", "", []],
  ["near", "k 5 withdist", "[COUNT count [ANY]]", ["COUNT"]],
  ["read", "", "STREAMS key [key ...] id [id ...]", ["STREAMS"]],
  ["read", "streams", "key [key ...] id [id ...]", []],
  ["move", "", "LEFT|RIGHT timeout", ["LEFT", "RIGHT"]],
  ["move", "left", "timeout", []],
  ["move", "up", "", []],
  ["empty", "", 'key|""', []],
  ["shown", "", "shown-name", []],
  ["tagged", "", "TAG tag [tag ...]", ["TAG"]],
  ["tagged", "tag a", "[tag ...]", []],
];

for (const [tree, words, hint, next] of rows) {
  test(`hints: ${tree} ${words}`, () => {
    const typed = words.split(" ").filter((word) => word !== "");
    assert.equal(hintFor(TREES[tree], typed), hint);
    assert.deepEqual(nextTokens(TREES[tree], typed), next);
  });
}

test("hints: the syntax for help is the hint for nothing typed", () => {
  for (const tree of Object.values(TREES)) assert.equal(syntaxOf(tree), hintFor(tree, []));
  assert.equal(syntaxOf([]), "");
});
