import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";
import { Random } from "../../bytes/random.ts";

const TWO = "MSET a ohmytext b mynewtext";
const SYNTAX = "-ERR syntax error";

cases("LCS", [
  ["the bytes", [TWO, "LCS a b"], "$6 mytext"],
  ["the other way round", [TWO, "LCS b a"], "$6 mytext"],
  ["its length", [TWO, "LCS a b LEN"], ":6"],
  ["of equal strings", ["MSET a abc b abc", "LCS a b"], "$3 abc"],
  ["of strings with nothing in common", ["MSET a abc b xyz", "LCS a b"], "$0 "],
  ["with an absent key", ["SET a abc", "LCS a b"], "$0 "],
  ["of absent keys", ["LCS a b LEN"], ":0"],
  ["of a key and itself", ["SET a abc", "LCS a a"], "$3 abc"],
  ["of integers", ["MSET a 12345 b 2041", "LCS a b"], "$2 24"],
  ["an option that needs IDX alone", [TWO, "LCS a b WITHMATCHLEN MINMATCHLEN 9"], "$6 mytext"],
  [
    "LEN and IDX",
    [TWO, "LCS a b LEN IDX"],
    "-ERR If you want both the length and indexes, please just use IDX.",
  ],
  ["an unknown option", [TWO, "LCS a b SHORT"], SYNTAX],
  ["MINMATCHLEN wants a number", [TWO, "LCS a b IDX MINMATCHLEN"], SYNTAX],
  [
    "MINMATCHLEN with text",
    [TWO, "LCS a b IDX MINMATCHLEN x"],
    "-ERR value is not an integer or out of range",
  ],
  ["one key", ["LCS a"], "-ERR wrong number of arguments for 'lcs' command"],
]);

const IDX = "*2 *2 :4 :7 *2 :5 :8";
const FIRST = "*2 *2 :2 :3 *2 :0 :1";

cases("LCS IDX", [
  ["the ranges", [TWO, "LCS a b IDX"], {
    resp2: `*4 $7 matches *2 ${IDX} ${FIRST} $3 len :6`,
    resp3: `%2 $7 matches *2 ${IDX} ${FIRST} $3 len :6`,
  }],
  ["at least four bytes", [TWO, "LCS a b IDX MINMATCHLEN 4"], {
    resp2: `*4 $7 matches *1 ${IDX} $3 len :6`,
    resp3: `%2 $7 matches *1 ${IDX} $3 len :6`,
  }],
  ["a negative least", [TWO, "LCS a b IDX MINMATCHLEN -4"], {
    resp2: `*4 $7 matches *2 ${IDX} ${FIRST} $3 len :6`,
    resp3: `%2 $7 matches *2 ${IDX} ${FIRST} $3 len :6`,
  }],
  ["with lengths", [TWO, "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN"], {
    resp2: `*4 $7 matches *1 *3${IDX.slice(2)} :4 $3 len :6`,
    resp3: `%2 $7 matches *1 *3${IDX.slice(2)} :4 $3 len :6`,
  }],
  ["nothing in common", ["MSET a abc b xyz", "LCS a b IDX"], {
    resp2: "*4 $7 matches *0 $3 len :0",
    resp3: "%2 $7 matches *0 $3 len :0",
  }],
]);

const LIMIT = "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";

cases("LCS at the limit", [
  ["up to it", ["SETRANGE a 510 x", "SETRANGE b 510 x", "LCS a b LEN"], ":511"],
  ["beyond it", ["SETRANGE a 510 x", "SETRANGE b 511 x", "LCS a b LEN"], LIMIT],
], { directives: { "proto-max-bulk-len": "1048576" } });

/** Length by plain recursion over suffixes with a memo. */
function naiveLength(a: string, b: string): number {
  const memo = new Map<number, number>();
  const from = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return 0;
    const key = i * 100 + j;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const found = a[i] === b[j] ? 1 + from(i + 1, j + 1) : Math.max(from(i + 1, j), from(i, j + 1));
    memo.set(key, found);
    return found;
  };
  return from(0, 0);
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of whole) if (char === part[at]) at++;
  return at === part.length;
}

test("LCS of random strings", () => {
  const seed = 4711;
  const random = new Random(seed);
  const client = new World().connect();
  const word = () =>
    Array.from({ length: random.below(30) }, () => "abc"[random.below(3)]).join("");
  for (let round = 0; round < 200; round++) {
    const a = word();
    const b = word();
    const note = `seed ${seed} round ${round}: ${a} ${b}`;
    client.call("MSET", "a", a, "b", b);
    const len = naiveLength(a, b);
    assert.equal(client.call("LCS", "a", "b", "LEN"), `:${len}\r\n`, note);
    const common = client.call("LCS", "a", "b").split("\r\n")[1];
    assert.equal(common.length, len, note);
    assert.ok(isSubsequence(common, a) && isSubsequence(common, b), note);
    const numbers = client.call("LCS", "a", "b", "IDX").match(/:\d+/g)?.map((n) => +n.slice(1));
    assert.ok(numbers, note);
    let pieces = "";
    for (let i = 0; i + 4 < numbers.length; i += 4) {
      const piece = a.slice(numbers[i], numbers[i + 1] + 1);
      assert.equal(piece, b.slice(numbers[i + 2], numbers[i + 3] + 1), note);
      pieces = piece + pieces;
    }
    assert.equal(pieces, common, note);
    assert.equal(numbers.at(-1), len, note);
  }
});
