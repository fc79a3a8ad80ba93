import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { parseReplies } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const SYNTAX = "-ERR syntax error";
const CURSOR = "-ERR invalid cursor";

cases("SCAN", [
  ["of nothing", ["SCAN 0"], "*2 $1 0 *0"],
  ["of one", ["SET a 1", "SCAN 0"], "*2 $1 0 *1 $1 a"],
  ["of two", ["MSET a 1 b 2", "SCAN 0 COUNT 100"], /^\*2 \$1 0 \*2 \$1 (a \$1 b|b \$1 a)$/],
  ["MATCH", ["MSET one 1 two 2", "SCAN 0 MATCH t* COUNT 100"], "*2 $1 0 *1 $3 two"],
  ["MATCH everything", ["SET a 1", "SCAN 0 MATCH *"], "*2 $1 0 *1 $1 a"],
  ["MATCH nothing", ["SET a 1", "SCAN 0 match zzz count 100"], "*2 $1 0 *0"],
  ["TYPE", ["SET a 1", "SCAN 0 TYPE string"], "*2 $1 0 *1 $1 a"],
  ["TYPE in any case", ["SET a 1", "SCAN 0 type STRING"], "*2 $1 0 *1 $1 a"],
  ["another TYPE", ["SET a 1", "SCAN 0 TYPE list"], "*2 $1 0 *0"],
  ["an unknown TYPE", ["SCAN 0 TYPE nosuch"], "-ERR unknown type name 'nosuch'"],
  ["the last MATCH counts", ["SET a 1", "SCAN 0 MATCH x MATCH a"], "*2 $1 0 *1 $1 a"],
  ["expired keys are left out", ["SET a 1 PX 50", "SET b 1", "~80", "SCAN 0"], "*2 $1 0 *1 $1 b"],
  ["of this database", ["SET a 1", "SELECT 1", "SCAN 0"], "*2 $1 0 *0"],
  ["COUNT 0", ["SCAN 0 COUNT 0"], SYNTAX],
  ["COUNT below 0", ["SCAN 0 COUNT -1"], SYNTAX],
  ["COUNT of text", ["SCAN 0 COUNT x"], "-ERR value is not an integer or out of range"],
  ["COUNT wants a number", ["SCAN 0 COUNT"], SYNTAX],
  ["MATCH wants a pattern", ["SCAN 0 MATCH"], SYNTAX],
  ["an unknown word", ["SCAN 0 FOO"], SYNTAX],
  ["NOVALUES", ["SCAN 0 NOVALUES"], "-ERR NOVALUES option can only be used in HSCAN"],
  ["NOSCORES", ["SCAN 0 NOSCORES"], "-ERR NOSCORES option can only be used in ZSCAN"],
  ["a cursor of text", ["SCAN abc"], CURSOR],
  ["an empty cursor", ['SCAN ""'], CURSOR],
  ["a negative cursor", ["SCAN -1"], CURSOR],
  ["a fraction", ["SCAN 1.5"], CURSOR],
  ["beyond 64 bits", ["SCAN 99999999999999999999"], CURSOR],
  ["leading zeros", ["SET a 1", "SCAN 000"], "*2 $1 0 *1 $1 a"],
  ["no cursor", ["SCAN"], "-ERR wrong number of arguments for 'scan' command"],
]);

/** Walks to the end and returns every key as often as it came. */
function scanAll(client: MemoryClient, options: string[], between: () => void): string[] {
  const keys: string[] = [];
  let cursor = "0";
  for (let calls = 0; calls < 10_000; calls++) {
    const [reply] = parseReplies(client.call("SCAN", cursor, ...options));
    const [next, found] = reply.items ?? [];
    for (const key of found.items ?? []) keys.push(key.text);
    cursor = next.text;
    if (cursor === "0") return keys;
    between();
  }
  assert.fail("the walk does not end");
}

function fill(client: MemoryClient, from: number, to: number): void {
  for (let i = from; i < to; i++) client.call("SET", `key:${i}`, String(i));
}

test("SCAN returns every key once while nothing changes", () => {
  const client = new World().connect();
  fill(client, 0, 1000);
  for (const count of ["1", "10", "300", "5000"]) {
    const keys = scanAll(client, ["COUNT", count], () => {});
    assert.equal(keys.length, 1000);
    assert.equal(new Set(keys).size, 1000);
  }
  const some = scanAll(client, ["MATCH", "key:1*"], () => {});
  assert.equal(new Set(some).size, 111);
});

test("SCAN returns every key that stays, while the table grows and shrinks", () => {
  const client = new World().connect();
  fill(client, 0, 500);
  let next = 500;
  const grown = new Set(scanAll(client, [], () => {
    if (next < 4000) fill(client, next, next += 50);
  }));
  for (let i = 0; i < 500; i++) assert.ok(grown.has(`key:${i}`), `key:${i} while growing`);
  let last = next;
  const shrunk = new Set(scanAll(client, [], () => {
    for (const end = Math.max(500, last - 50); last > end;) client.call("DEL", `key:${--last}`);
  }));
  for (let i = 0; i < 500; i++) assert.ok(shrunk.has(`key:${i}`), `key:${i} while shrinking`);
});
