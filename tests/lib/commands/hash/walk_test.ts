import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const DEFAULTS = "CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64";
const VARIANTS = {
  variants: {
    listpack: [DEFAULTS],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};
/** "a" is gone, "b" has a time. */
const GONE = [
  "DEBUG SET-ACTIVE-EXPIRE 0",
  "HSETEX h PX 20 FIELDS 1 a 1",
  "HSETEX h EX 100 FIELDS 1 b 22",
  "~40",
];
const ALL_GONE = ["DEBUG SET-ACTIVE-EXPIRE 0", "HSETEX h PX 20 FIELDS 2 a 1 b 2", "~40"];

cases("HGETALL, HKEYS, HVALS", [
  ["all", ["HSET h a 1", "HGETALL h"], { resp2: "*2 $1 a $1 1", resp3: "%1 $1 a $1 1" }],
  ["names", ["HSET h a 1", "HKEYS h"], "*1 $1 a"],
  ["values", ["HSET h a 1", "HVALS h"], "*1 $1 1"],
  ["integers", ["HSET h 7 -8", "HGETALL h"], "*2 $1 7 $2 -8"],
  ["no key", ["HGETALL h"], { resp2: "*0", resp3: "%0" }],
  ["no names", ["HKEYS h"], "*0"],
  ["no values", ["HVALS h"], "*0"],
  ["wrong type", ["SET h x", "HGETALL h"], WRONG_TYPE],
  ["names of a wrong type", ["SET h x", "HKEYS h"], WRONG_TYPE],
  ["values of a wrong type", ["SET h x", "HVALS h"], WRONG_TYPE],
  ["without what is gone", [...GONE, "HGETALL h"], {
    resp2: "*2 $1 b $2 22",
    resp3: "%1 $1 b $2 22",
  }],
  ["names without what is gone", [...GONE, "HKEYS h"], "*1 $1 b"],
  ["values without what is gone", [...GONE, "HVALS h"], "*1 $2 22"],
  ["all are gone", [...ALL_GONE, "HGETALL h"], { resp2: "*0", resp3: "%0" }],
  ["the names of all are gone", [...ALL_GONE, "HKEYS h"], "*0"],
  ["but the key is there", [...ALL_GONE, "EXISTS h"], ":1"],
], VARIANTS);

cases("a listpack keeps the order", [
  ["all", ["HSET h b 1 a 2 3 c", "HGETALL h"], "*6 $1 b $1 1 $1 a $1 2 $1 3 $1 c"],
  ["overwritten ones too", ["HSET h b 1 a 2", "HSET h b 3", "HVALS h"], "*2 $1 3 $1 2"],
  ["HSCAN comes whole", [
    "HSET h b 1 a 2",
    "HSCAN h 0 COUNT 1",
  ], "*2 $1 0 *4 $1 b $1 1 $1 a $1 2"],
  ["from any cursor", ["HSET h b 1", "HSCAN h 77"], "*2 $1 0 *2 $1 b $1 1"],
], { variants: { "": [DEFAULTS] } });

cases("HSCAN", [
  ["a field", ["HSET h a 1", "HSCAN h 0"], "*2 $1 0 *2 $1 a $1 1"],
  ["NOVALUES", ["HSET h a 1", "HSCAN h 0 NOVALUES"], "*2 $1 0 *1 $1 a"],
  ["MATCH", ["HSET h a1 x b1 y", "HSCAN h 0 MATCH b* COUNT 99"], "*2 $1 0 *2 $2 b1 $1 y"],
  ["MATCH is of names", ["HSET h a x", "HSCAN h 0 MATCH x"], "*2 $1 0 *0"],
  ["all options", ["HSET h a1 x", "HSCAN h 0 NOVALUES MATCH a* COUNT 9"], "*2 $1 0 *1 $2 a1"],
  ["without what is gone", [...GONE, "HSCAN h 0 COUNT 99"], "*2 $1 0 *2 $1 b $2 22"],
  ["no key", ["HSCAN h 0"], "*2 $1 0 *0"],
  ["NOSCORES", ["HSET h a 1", "HSCAN h 0 NOSCORES"], /^-ERR NOSCORES option can only be used in/],
  ["unknown option", ["HSET h a 1", "HSCAN h 0 WHAT"], "-ERR syntax error"],
  ["TYPE is for keys", ["HSET h a 1", "HSCAN h 0 TYPE hash"], "-ERR syntax error"],
  ["COUNT 0", ["HSET h a 1", "HSCAN h 0 COUNT 0"], "-ERR syntax error"],
  ["no cursor", ["HSCAN h x"], "-ERR invalid cursor"],
  ["wrong type", ["SET h x", "HSCAN h 0"], WRONG_TYPE],
  ["arity", ["HSCAN h"], "-ERR wrong number of arguments for 'hscan' command"],
], VARIANTS);

/** Names that a whole walk returned, with how often. */
function scanAll(client: MemoryClient, ...options: string[]): Map<string, number> {
  const seen = new Map<string, number>();
  let cursor = "0";
  do {
    const reply = parseReply(client.call("HSCAN", "h", cursor, "NOVALUES", ...options)).reply;
    cursor = reply.items?.[0].text ?? "0";
    for (const { text } of reply.items?.[1].items ?? []) seen.set(text, (seen.get(text) ?? 0) + 1);
  } while (cursor !== "0");
  return seen;
}

test("a walk over a table returns every field, some with times or not", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 2000; i++) client.call("HSET", "h", `f${i}`, `v${i}`);
  assert.equal(scanAll(client).size, 2000);
  assert.equal(scanAll(client, "COUNT", "300").size, 2000);
  assert.equal(scanAll(client, "MATCH", "f1??").size, 100);
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  for (let i = 0; i < 1000; i++) client.call("HPEXPIRE", "h", "50", "FIELDS", "1", `f${i}`);
  assert.equal(scanAll(client).size, 2000);
  world.advance(100);
  assert.equal(scanAll(client).size, 1000);
  assert.equal(client.call("HLEN", "h"), ":2000\r\n");
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "1");
  world.advance(500);
  assert.equal(client.call("HLEN", "h"), ":1000\r\n");
  assert.match(client.call("INFO", "stats"), /expired_fields:1000\r\n/);
});
