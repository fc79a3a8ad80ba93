import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../../kit/clock.ts";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
/** Before each row: tables of a reference server share its limits. */
const DEFAULTS = {
  variants: {
    "": [
      "CONFIG SET set-max-intset-entries 512 set-max-listpack-entries 128 set-max-listpack-value 64",
    ],
  },
};

cases("SMEMBERS", [
  ["integers rise", ["SADD s 3 70000 -1 2", "SMEMBERS s"], {
    resp2: "*4 $2 -1 $1 2 $1 3 $5 70000",
    resp3: "~4 $2 -1 $1 2 $1 3 $5 70000",
  }],
  ["a listpack as it was filled", ["SADD s c 1 a", "SMEMBERS s"], "*3 $1 c $1 1 $1 a"],
  ["a table", ["CONFIG SET set-max-listpack-entries 0", "SADD s a", "SMEMBERS s"], "*1 $1 a"],
  ["no key", ["SMEMBERS s"], { resp2: "*0", resp3: "~0" }],
  ["wrong type", ["SET s x", "SMEMBERS s"], WRONG_TYPE],
  ["arity", ["SMEMBERS"], "-ERR wrong number of arguments for 'smembers' command"],
], DEFAULTS);

cases("SSCAN", [
  ["integers", ["SADD s 2 1", "SSCAN s 0"], "*2 $1 0 *2 $1 1 $1 2"],
  ["a listpack", ["SADD s b 1 a", "SSCAN s 0"], "*2 $1 0 *3 $1 b $1 1 $1 a"],
  [
    "a table",
    ["CONFIG SET set-max-listpack-entries 0", "SADD s a", "SSCAN s 0"],
    "*2 $1 0 *1 $1 a",
  ],
  ["a compact set comes whole", ["SADD s 1 2 3", "SSCAN s 0 COUNT 1"], "*2 $1 0 *3 $1 1 $1 2 $1 3"],
  ["from any cursor", ["SADD s 1 2", "SSCAN s 77"], "*2 $1 0 *2 $1 1 $1 2"],
  ["MATCH", ["SADD s a1 b1 a2", "SSCAN s 0 MATCH a*"], "*2 $1 0 *2 $2 a1 $2 a2"],
  ["MATCH of integers", ["SADD s 1 12 2", "SSCAN s 0 MATCH 1*"], "*2 $1 0 *2 $1 1 $2 12"],
  ["MATCH in a table", [
    "CONFIG SET set-max-listpack-entries 0",
    "SADD s a b",
    "SSCAN s 0 MATCH b COUNT 100",
  ], "*2 $1 0 *1 $1 b"],
  ["no key", ["SSCAN s 0"], "*2 $1 0 *0"],
  ["no key, wrong options", ["SSCAN s 0 WHAT"], "*2 $1 0 *0"],
  ["wrong type", ["SET s x", "SSCAN s 0"], WRONG_TYPE],
  ["wrong type before options", ["SET s x", "SSCAN s 0 WHAT"], WRONG_TYPE],
  ["no cursor, no key", ["SSCAN s x"], "-ERR invalid cursor"],
  ["unknown option", ["SADD s a", "SSCAN s 0 WHAT"], "-ERR syntax error"],
  ["TYPE is for keys", ["SADD s a", "SSCAN s 0 TYPE set"], "-ERR syntax error"],
  ["COUNT 0", ["SADD s a", "SSCAN s 0 COUNT 0"], "-ERR syntax error"],
  ["COUNT of no number", [
    "SADD s a",
    "SSCAN s 0 COUNT x",
  ], "-ERR value is not an integer or out of range"],
  [
    "NOVALUES",
    ["SADD s a", "SSCAN s 0 NOVALUES"],
    /^-ERR NOVALUES option can only be used in HSCAN/,
  ],
  [
    "NOSCORES",
    ["SADD s a", "SSCAN s 0 NOSCORES"],
    /^-ERR NOSCORES option can only be used in ZSCAN/,
  ],
  ["arity", ["SSCAN s"], "-ERR wrong number of arguments for 'sscan' command"],
], DEFAULTS);

/** One call; returns the next cursor and adds the members to `seen`. */
function step(client: MemoryClient, cursor: string, count: number, seen: string[]): string {
  const reply = client.call("SSCAN", "s", cursor, "COUNT", String(count));
  const { items = [] } = parseReply(reply).reply;
  seen.push(...(items[1].items ?? []).map((item) => item.text));
  return items[0].text;
}

function namesOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `member:${from + i}`);
}

test("SSCAN: a whole walk shows every member once while nothing changes", () => {
  const client = new World().connect();
  const names = namesOf(0, 3000);
  client.call("SADD", "s", ...names);
  const seen: string[] = [];
  let calls = 0;
  let cursor = "0";
  do {
    cursor = step(client, cursor, 50, seen);
    calls++;
  } while (cursor !== "0");
  assert.deepEqual(seen.sort(), names.sort());
  assert.ok(calls > 20 && calls <= 60, `${calls} calls`);
});

test("SSCAN: what stays is shown although much comes and goes", () => {
  const client = new World().connect();
  const random = new SeededRandom(7);
  const stay = namesOf(0, 300);
  const guests = namesOf(1000, 4000);
  client.call("SADD", "s", ...stay);
  for (let round = 0; round < 10; round++) {
    const seen: string[] = [];
    let cursor = "0";
    do {
      cursor = step(client, cursor, 20, seen);
      const some = guests.filter(() => random.chance(0.1));
      client.call(random.chance(0.5) ? "SADD" : "SREM", "s", ...some, "x");
    } while (cursor !== "0");
    const all = new Set(seen);
    assert.deepEqual(stay.filter((name) => !all.has(name)), []);
  }
});
