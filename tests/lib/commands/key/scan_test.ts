import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

/** A key of each type, named after it. */
const ONE_OF_EACH = [
  "SET string x",
  "RPUSH list x",
  "SADD set x",
  "ZADD zset 1 x",
  "HSET hash x 1",
  "XADD stream * x 1",
];

cases("SCAN", [
  ["nothing", ["SCAN 0"], "*2 $1 0 *0"],
  ["one key", ["SET a 1", "SCAN 0"], "*2 $1 0 *1 $1 a"],
  ["MATCH", ["MSET a1 1 b1 1", "SCAN 0 MATCH a*"], "*2 $1 0 *1 $2 a1"],
  ["MATCH *", ["SET a 1", "SCAN 0 MATCH *"], "*2 $1 0 *1 $1 a"],
  ["MATCH nothing", ["SET a 1", "SCAN 0 MATCH x"], "*2 $1 0 *0"],
  ["the last MATCH counts", ["SET a 1", "SCAN 0 MATCH x MATCH a"], "*2 $1 0 *1 $1 a"],
  ["COUNT", ["SET a 1", "SCAN 0 COUNT 1"], "*2 $1 0 *1 $1 a"],
  ["huge COUNT", ["SET a 1", "SCAN 0 COUNT 9223372036854775807"], "*2 $1 0 *1 $1 a"],
  ["COUNT 0", ["SCAN 0 COUNT 0"], "-ERR syntax error"],
  ["negative COUNT", ["SCAN 0 COUNT -1"], "-ERR syntax error"],
  ["COUNT of no number", ["SCAN 0 COUNT x"], "-ERR value is not an integer or out of range"],
  ["COUNT too large", [
    "SCAN 0 COUNT 9223372036854775808",
  ], "-ERR value is not an integer or out of range"],
  ["COUNT without a value", ["SCAN 0 COUNT"], "-ERR syntax error"],
  ["MATCH without a value", ["SCAN 0 MATCH"], "-ERR syntax error"],
  ["TYPE string", ["SET a 1", "SCAN 0 TYPE string"], "*2 $1 0 *1 $1 a"],
  ["TYPE in any case", ["SET a 1", "SCAN 0 type StRiNg"], "*2 $1 0 *1 $1 a"],
  ["TYPE of others", ["SET a 1", "SCAN 0 TYPE stream"], "*2 $1 0 *0"],
  [
    "TYPE string among all",
    [...ONE_OF_EACH, "SCAN 0 TYPE string COUNT 100"],
    "*2 $1 0 *1 $6 string",
  ],
  ["TYPE list among all", [...ONE_OF_EACH, "SCAN 0 TYPE list COUNT 100"], "*2 $1 0 *1 $4 list"],
  ["TYPE set among all", [...ONE_OF_EACH, "SCAN 0 TYPE set COUNT 100"], "*2 $1 0 *1 $3 set"],
  ["TYPE zset among all", [...ONE_OF_EACH, "SCAN 0 TYPE zset COUNT 100"], "*2 $1 0 *1 $4 zset"],
  ["TYPE hash among all", [...ONE_OF_EACH, "SCAN 0 TYPE hash COUNT 100"], "*2 $1 0 *1 $4 hash"],
  [
    "TYPE stream among all",
    [...ONE_OF_EACH, "SCAN 0 TYPE stream COUNT 100"],
    "*2 $1 0 *1 $6 stream",
  ],
  ["TYPE unknown", ["SCAN 0 TYPE tree"], "-ERR unknown type name 'tree'"],
  ["TYPE with a line feed", ['SCAN 0 TYPE "a\\r\\nb"'], "-ERR unknown type name 'a  b'"],
  ["TYPE with a NUL", ['SCAN 0 TYPE "string\\x00x"', "SCAN 0"], "*2 $1 0 *0"],
  ["TYPE without a value", ["SCAN 0 TYPE"], "-ERR syntax error"],
  ["all options", ["MSET a 1 b 2", "SCAN 0 TYPE string COUNT 5 MATCH b"], "*2 $1 0 *1 $1 b"],
  ["NOVALUES", ["SCAN 0 NOVALUES"], "-ERR NOVALUES option can only be used in HSCAN"],
  ["NOSCORES", ["SCAN 0 NOSCORES"], "-ERR NOSCORES option can only be used in ZSCAN"],
  ["unknown option", ["SCAN 0 WHAT"], "-ERR syntax error"],
  ["the first wrong option is named", ["SCAN 0 COUNT 0 TYPE x"], "-ERR syntax error"],
  ["cursor of no number", ["SCAN x"], "-ERR invalid cursor"],
  ["cursor before options", ["SCAN x COUNT 0"], "-ERR invalid cursor"],
  ["empty cursor", ['SCAN ""'], "-ERR invalid cursor"],
  ["negative cursor", ["SCAN -1"], "-ERR invalid cursor"],
  ["cursor as strtoull reads it: zeros", ["SET a 1", "SCAN 00"], "*2 $1 0 *1 $1 a"],
  ["cursor as strtoull reads it: sign", ["SET a 1", "SCAN +0"], "*2 $1 0 *1 $1 a"],
  ["cursor as strtoull reads it: blank", ["SET a 1", 'SCAN " 0"'], "*2 $1 0 *1 $1 a"],
  ["cursor as strtoull reads it: NUL", ["SET a 1", 'SCAN "0\\x00x"'], "*2 $1 0 *1 $1 a"],
  ["cursor as strtoull reads it: minus", ["SET a 1", "SCAN -00"], "*2 $1 0 *1 $1 a"],
  ["only a sign", ["SCAN +"], "-ERR invalid cursor"],
  ["trailing blank", ['SCAN "0 "'], "-ERR invalid cursor"],
  ["largest cursor", ["SCAN 18446744073709551615"], "*2 $1 0 *0"],
  ["beyond the largest", ["SCAN 18446744073709551616"], "-ERR invalid cursor"],
  ["expired keys", ["SET a 1 PX 5", "~10", "SCAN 0"], "*2 $1 0 *0"],
  ["arity", ["SCAN"], "-ERR wrong number of arguments for 'scan' command"],
]);

/** A walk from cursor 0 back to 0. */
function walk(client: MemoryClient, ...options: string[]): { keys: string[]; calls: number } {
  const keys: string[] = [];
  let cursor = "0";
  let calls = 0;
  do {
    const { items = [] } = parseReply(client.call("SCAN", cursor, ...options)).reply;
    cursor = items[0].text;
    keys.push(...(items[1].items ?? []).map((item) => item.text));
    calls++;
  } while (cursor !== "0");
  return { keys, calls };
}

test("SCAN: a whole walk shows every key once while nothing changes", () => {
  const client = new World().connect();
  const all = Array.from({ length: 1000 }, (_, i) => `key:${i}`);
  for (const key of all) client.call("SET", key, "v");
  for (const [count, callsMax] of [["1", 1000], ["10", 100], ["500", 3], ["100000", 1]] as const) {
    const { keys, calls } = walk(client, "COUNT", count);
    assert.deepEqual(keys.sort(), all.toSorted(), `COUNT ${count}`);
    assert.ok(calls <= callsMax, `COUNT ${count}: ${calls} calls`);
  }
  assert.equal(walk(client, "MATCH", "key:1?", "COUNT", "3").keys.length, 10);
  assert.equal(walk(client, "TYPE", "list").keys.length, 0);
});

test("SCAN: what stays is shown although much comes and goes", () => {
  const client = new World().connect();
  const stay = Array.from({ length: 300 }, (_, i) => `stay:${i}`);
  for (const key of stay) client.call("SET", key, "v");
  for (let i = 0; i < 3000; i++) client.call("SET", `go:${i}`, "v");
  const seen = new Set<string>();
  let cursor = "0";
  let step = 0;
  do {
    const { items = [] } = parseReply(client.call("SCAN", cursor, "COUNT", "20")).reply;
    cursor = items[0].text;
    for (const item of items[1].items ?? []) seen.add(item.text);
    for (let i = 0; i < 60; i++, step++) {
      client.call("DEL", `go:${step}`);
      if (step % 3 === 0) client.call("SET", `come:${step}`, "v");
    }
  } while (cursor !== "0");
  for (const key of stay) assert.ok(seen.has(key), key);
});
