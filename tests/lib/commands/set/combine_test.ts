import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../../kit/clock.ts";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
/** Before each row: tables of a reference server share its limits. */
const DEFAULTS = {
  variants: {
    "": [
      "CONFIG SET set-max-intset-entries 512 set-max-listpack-entries 128 set-max-listpack-value 64",
    ],
  },
};

function arity(command: string): string {
  return `-ERR wrong number of arguments for '${command}' command`;
}

cases("SINTER", [
  ["two sets", ["SADD s 1 2 3", "SADD t 2 3 4", "SINTER s t"], {
    resp2: "*2 $1 2 $1 3",
    resp3: "~2 $1 2 $1 3",
  }],
  [
    "the order is that of the smallest",
    ["SADD s a b c", "SADD t c b", "SINTER s t"],
    "*2 $1 c $1 b",
  ],
  ["integers in another encoding", ["SADD s 1 2", "SADD t 2 x 3", "SINTER s t"], "*1 $1 2"],
  ["one set", ["SADD s a", "SINTER s"], "*1 $1 a"],
  ["the same set twice", ["SADD s a b", "SINTER s s"], "*2 $1 a $1 b"],
  ["nothing in common", ["SADD s a", "SADD t b", "SINTER s t"], "*0"],
  ["an absent key", ["SADD s a", "SINTER s t"], { resp2: "*0", resp3: "~0" }],
  ["wrong type", ["SADD s a", "SET t x", "SINTER s t"], WRONG_TYPE],
  ["wrong type behind an absent key", ["SET t x", "SINTER s t"], WRONG_TYPE],
  ["arity", ["SINTER"], arity("sinter")],
], DEFAULTS);

cases("SINTERCARD", [
  ["counts", ["SADD s 1 2 3", "SADD t 2 3 4", "SINTERCARD 2 s t"], ":2"],
  ["up to the limit", ["SADD s 1 2 3", "SINTERCARD 1 s LIMIT 2"], ":2"],
  ["limit 0 is none", ["SADD s 1 2 3", "SINTERCARD 1 s limit 0"], ":3"],
  ["a large limit", ["SADD s 1", "SINTERCARD 1 s LIMIT 9223372036854775807"], ":1"],
  ["the last limit counts", ["SADD s 1 2 3", "SINTERCARD 1 s LIMIT 1 LIMIT 2"], ":2"],
  ["an absent key", ["SADD s 1", "SINTERCARD 2 s t"], ":0"],
  ["wrong type", ["SET s x", "SINTERCARD 1 s"], WRONG_TYPE],
  ["0 keys", ["SINTERCARD 0 s"], "-ERR numkeys should be greater than 0"],
  ["negative keys", ["SINTERCARD -1 s"], "-ERR numkeys should be greater than 0"],
  ["no number of keys", ["SINTERCARD x s"], "-ERR numkeys should be greater than 0"],
  ["too many keys", ["SINTERCARD 2 s"], "-ERR Number of keys can't be greater than number of args"],
  ["negative limit", ["SINTERCARD 1 s LIMIT -1"], "-ERR LIMIT can't be negative"],
  ["limit of no number", ["SINTERCARD 1 s LIMIT x"], "-ERR LIMIT can't be negative"],
  ["no limit", ["SINTERCARD 1 s LIMIT"], "-ERR syntax error"],
  ["unknown option", ["SINTERCARD 1 s WHAT 1"], "-ERR syntax error"],
  ["arity", ["SINTERCARD 1"], arity("sintercard")],
], DEFAULTS);

cases("SUNION", [
  ["two sets", ["SADD s 3 1", "SADD t 2 3", "SUNION s t"], {
    resp2: "*3 $1 1 $1 2 $1 3",
    resp3: "~3 $1 1 $1 2 $1 3",
  }],
  ["one set", ["SADD s b a", "SUNION s nothing"], "*2 $1 b $1 a"],
  ["a set and a part of it", ["SADD s b", "SADD t b", "SUNION s t"], "*1 $1 b"],
  ["nothing at all", ["SUNION s t"], { resp2: "*0", resp3: "~0" }],
  ["wrong type", ["SADD s a", "SET t x", "SUNION s t"], WRONG_TYPE],
  ["arity", ["SUNION"], arity("sunion")],
], DEFAULTS);

cases("SDIFF", [
  ["two sets", ["SADD s 1 2 3", "SADD t 2", "SDIFF s t"], {
    resp2: "*2 $1 1 $1 3",
    resp3: "~2 $1 1 $1 3",
  }],
  ["three sets", ["SADD s a b c", "SADD t a", "SADD u c", "SDIFF s t u"], "*1 $1 b"],
  ["one set", ["SADD s a", "SDIFF s"], "*1 $1 a"],
  ["the same set", ["SADD s a", "SDIFF s s"], "*0"],
  ["an absent first", ["SADD t a", "SDIFF s t"], { resp2: "*0", resp3: "~0" }],
  ["absent others", ["SADD s a", "SDIFF s t u"], "*1 $1 a"],
  ["wrong type", ["SADD s a", "SET t x", "SDIFF s t"], WRONG_TYPE],
  ["by subtraction", [
    "SADD s 1 2 3 4 5 6 7 8",
    "SADD t 1",
    "SADD u 2",
    "SADD v 3 9",
    "SDIFF s t u v",
  ], "*5 $1 4 $1 5 $1 6 $1 7 $1 8"],
  ["arity", ["SDIFF"], arity("sdiff")],
], DEFAULTS);

cases("SINTERSTORE, SUNIONSTORE, SDIFFSTORE", [
  ["intersection", ["SADD s 1 2", "SADD t 2", "SINTERSTORE d s t"], ":1"],
  ["what it stored", ["SADD s 1 2", "SADD t 2", "SINTERSTORE d s t", "SMEMBERS d"], "*1 $1 2"],
  ["union", ["SADD s 1 2", "SADD t 2 3", "SUNIONSTORE d s t"], ":3"],
  ["difference", ["SADD s 1 2", "SADD t 2", "SDIFFSTORE d s t"], ":1"],
  ["an empty result deletes", ["SADD s 1", "SET d x", "SINTERSTORE d s t", "EXISTS d"], ":0"],
  ["nothing in common deletes", [
    "SADD s 1",
    "SADD t 2",
    "SET d x",
    "SINTERSTORE d s t",
    "EXISTS d",
  ], ":0"],
  ["an empty union deletes", ["SET d x", "SUNIONSTORE d s t", "EXISTS d"], ":0"],
  ["an empty difference deletes", ["SET d x", "SADD s 1", "SDIFFSTORE d s s", "EXISTS d"], ":0"],
  ["replaces any type", ["SET d x", "SADD s 1", "SUNIONSTORE d s", "TYPE d"], "+set"],
  ["takes the expiry away", ["SET d x EX 100", "SADD s 1", "SUNIONSTORE d s", "TTL d"], ":-1"],
  ["into a source", ["SADD s 1 2", "SADD t 2 3", "SUNIONSTORE s s t", "SCARD s"], ":3"],
  [
    "intersection into a source",
    ["SADD s 1 2", "SADD t 2", "SINTERSTORE t s t", "SMEMBERS t"],
    "*1 $1 2",
  ],
  ["wrong type of a source", ["SET s x", "SUNIONSTORE d s"], WRONG_TYPE],
  ["leaves the target then", ["SET s x", "SET d y", "SDIFFSTORE d s", "GET d"], "$1 y"],
  ["marks the target", ["SADD s 1", "WATCH d", "@2 SUNIONSTORE d s", "MULTI", "EXEC"], "*-1"],
  ["arity of SINTERSTORE", ["SINTERSTORE d"], arity("sinterstore")],
  ["arity of SUNIONSTORE", ["SUNIONSTORE d"], arity("sunionstore")],
  ["arity of SDIFFSTORE", ["SDIFFSTORE d"], arity("sdiffstore")],
], DEFAULTS);

cases("encodings of stored results", [
  [
    "intersection of intsets",
    ["SADD s 1 2", "SINTERSTORE d s s", "OBJECT ENCODING d"],
    "$6 intset",
  ],
  ["integers alone of listpacks", [
    "SADD s a 1",
    "SADD t b 1",
    "SINTERSTORE d s t",
    "OBJECT ENCODING d",
  ], "$6 intset"],
  ["integers alone of tables", [
    `SADD s 1 ${"x".repeat(65)}`,
    `SADD t 1 ${"y".repeat(65)}`,
    "SINTERSTORE d s t",
    "OBJECT ENCODING d",
  ], "$6 intset"],
  ["of tables", [
    `SADD s a ${"x".repeat(65)}`,
    `SADD t a ${"y".repeat(65)}`,
    "SINTERSTORE d s t",
    "OBJECT ENCODING d",
  ], "$8 listpack"],
  ["too many integers for an intset", [
    "SADD s 1 2 3",
    "CONFIG SET set-max-intset-entries 2",
    "SINTERSTORE d s s",
    "OBJECT ENCODING d",
  ], "$9 hashtable"],
  [
    "union of intsets",
    ["SADD s 1", "SADD t 2", "SUNIONSTORE d s t", "OBJECT ENCODING d"],
    "$6 intset",
  ],
  ["union of an intset and a listpack", [
    "SADD s 1",
    "SADD t a",
    "SUNIONSTORE d s t",
    "OBJECT ENCODING d",
  ], "$8 listpack"],
  ["union with a long member", [
    "SADD s 1",
    `SADD t ${"x".repeat(65)}`,
    "SUNIONSTORE d s t",
    "OBJECT ENCODING d",
  ], "$9 hashtable"],
  ["difference of listpacks, integers left", [
    "SADD s 1 a",
    "SADD t a",
    "SDIFFSTORE d s t",
    "OBJECT ENCODING d",
  ], "$6 intset"],
  ["difference by subtraction", [
    "SADD s a 1 2 3 4 5 6 7",
    "SADD t 1",
    "SADD u 2",
    "SADD v a",
    "SDIFFSTORE d s t u v",
    "OBJECT ENCODING d",
  ], "$8 listpack"],
], DEFAULTS);

/** A random set: integers, short names or long ones. */
function someMembers(random: SeededRandom): string[] {
  const kind = random.below(3);
  const width = random.pick([5, 40, 200]);
  return Array.from({ length: random.below(width) }, () => {
    const number = random.below(width);
    if (kind === 0 || random.chance(0.3)) return String(number);
    return kind === 1 ? `m${number}` : `m${number}`.padEnd(70, ".");
  });
}

test("random sets: what JavaScript's Set says", () => {
  const random = new SeededRandom(11);
  const client = new World().connect();
  const ask = (...args: string[]) =>
    (parseReply(client.call(...args)).reply.items ?? []).map((item) => item.text).sort();
  for (let round = 0; round < 200; round++) {
    client.call("FLUSHALL");
    const count = 1 + random.below(5);
    const keys = Array.from({ length: count }, (_, i) => `s${i}`);
    const sets = keys.map(() => new Set(someMembers(random)));
    sets.forEach((set, i) => {
      if (set.size > 0) client.call("SADD", keys[i], ...set);
    });
    const inter = sets.reduce((all, set) => all.intersection(set));
    const union = sets.reduce((all, set) => all.union(set));
    const diff = sets.reduce((all, set) => all.difference(set));
    for (const [name, want] of [["SINTER", inter], ["SUNION", union], ["SDIFF", diff]] as const) {
      const sorted = [...want].sort();
      assert.deepEqual(ask(name, ...keys), sorted, `round ${round}: ${name}`);
      assert.equal(client.call(`${name}STORE`, "d", ...keys), `:${sorted.length}\r\n`);
      assert.deepEqual(ask("SMEMBERS", "d"), sorted, `round ${round}: ${name}STORE`);
    }
    const card = client.call("SINTERCARD", String(count), ...keys);
    assert.equal(card, `:${inter.size}\r\n`);
  }
});
