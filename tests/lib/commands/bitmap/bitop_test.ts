import { test } from "node:test";
import assert from "node:assert/strict";
import { keyspaceVerify } from "../../../../lib/engine/keyspace_verify.ts";
import { cases } from "../../../kit/cases.ts";
import { latin1 } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";
import { Random } from "../../bytes/random.ts";

const TWO = "MSET a abc b ABCD";

cases("BITOP", [
  ["AND", [TWO, "BITOP AND d a b"], ":4"],
  ["AND stores", [TWO, "BITOP AND d a b", "GET d"], "$4 ABC\x00"],
  ["OR", [TWO, "BITOP or d a b", "GET d"], "$4 abcD"],
  ["XOR", ["MSET a abc b ABC", "BITOP XOR d a b", "BITCOUNT d"], ":3"],
  ["NOT", ["SET a abc", "BITOP NOT d a", "BITOP NOT d d", "GET d"], "$3 abc"],
  ["of one string", ["SET a abc", "BITOP AND d a", "GET d"], "$3 abc"],
  ["with an absent key", ["SET a abc", "BITOP AND d a x", "BITCOUNT d"], ":0"],
  ["with an absent key first", ["SET a abc", "BITOP OR d x a", "GET d"], "$3 abc"],
  ["of absent keys", ["BITOP AND d x y"], ":0"],
  ["of absent keys deletes", ["SET d v", "BITOP AND d x y", "EXISTS d"], ":0"],
  ["NOT of an absent key", ["SET d v", "BITOP NOT d x", "EXISTS d"], ":0"],
  ["of empty strings", [`MSET a "" b "" d v`, "BITOP OR d a b", "EXISTS d"], ":0"],
  ["into a source", [TWO, "BITOP OR b a b", "GET b"], "$4 abcD"],
  ["of integers", ["MSET a 1 b 2", "BITOP OR d a b", "GET d"], "$1 3"],
  ["the result is raw", ["MSET a 1 b 2", "BITOP OR d a b", "OBJECT ENCODING d"], "$3 raw"],
  ["takes an expiry away", ["SET a v", "SET d v EX 100", "BITOP AND d a", "TTL d"], ":-1"],
  ["over an integer", ["MSET a abc d 5", "BITOP AND d a", "GET d"], "$3 abc"],
  ["an unknown operation", ["BITOP NAND d a b"], "-ERR syntax error"],
  ["NOT of two", ["BITOP NOT d a b"], "-ERR BITOP NOT must be called with a single source key."],
  ["no source", ["BITOP AND d"], "-ERR wrong number of arguments for 'bitop' command"],
  [
    "marks watched keys",
    ["SET a v", "WATCH d", "@2 BITOP AND d a", "MULTI", "PING", "EXEC"],
    "*-1",
  ],
  [
    "not when nothing was there",
    ["WATCH d", "@2 BITOP AND d a", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
]);

test("BITOP of random strings", () => {
  const seed = 20260101;
  const random = new Random(seed);
  const world = new World();
  const client = world.connect();
  const operations: Record<string, (a: number, b: number) => number> = {
    AND: (a, b) => a & b,
    OR: (a, b) => a | b,
    XOR: (a, b) => a ^ b,
  };
  for (let round = 0; round < 200; round++) {
    const names = ["a", "b", "c"].slice(0, 1 + random.below(3));
    const values = names.map(() => random.bytes(random.below(random.pick([8, 90, 500]))));
    names.forEach((name, i) => client.call("SET", name, latin1(values[i])));
    const len = Math.max(...values.map((value) => value.length));
    const name = random.pick(Object.keys(operations));
    const target = random.pick(["a", "d"]);
    const wanted = new Uint8Array(len);
    for (let i = 0; i < len; i++) {
      wanted[i] = values.map((value) => value[i] ?? 0).reduce(operations[name]);
    }
    const note = `seed ${seed} round ${round}: ${name} of ${values.map((value) => value.length)}`;
    assert.equal(client.call("BITOP", name, target, ...names), `:${len}\r\n`, note);
    const stored = len === 0 ? "$-1\r\n" : `$${len}\r\n${latin1(wanted)}\r\n`;
    assert.equal(client.call("GET", target), stored, note);
    keyspaceVerify(world.engine.keyspace);
  }
});
