import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../../lib/bytes/ascii.ts";
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
const NOT_POSITIVE = "-ERR value is out of range, must be positive";

cases("SPOP", [
  ["the only member", ["SADD s a", "SPOP s"], "$1 a"],
  ["deletes the emptied key", ["SADD s a", "SPOP s", "EXISTS s"], ":0"],
  ["an integer", ["SADD s 7", "SPOP s"], "$1 7"],
  ["one of some", ["SADD s 1 2 3", "SPOP s"], /^\$1 [123]$/],
  ["leaves the rest", ["SADD s 1 2 3", "SPOP s", "SCARD s"], ":2"],
  ["no key", ["SPOP s"], "$-1"],
  ["wrong type", ["SET s x", "SPOP s"], WRONG_TYPE],
  ["more than there are", ["SADD s a b", "SPOP s 5"], {
    resp2: "*2 $1 a $1 b",
    resp3: "~2 $1 a $1 b",
  }],
  ["all of them", ["SADD s a b", "SPOP s 2", "EXISTS s"], ":0"],
  ["count 0", ["SADD s a", "SPOP s 0"], "*0"],
  ["count, no key", ["SPOP s 2"], { resp2: "*0", resp3: "~0" }],
  ["count, wrong type", ["SET s x", "SPOP s 2"], WRONG_TYPE],
  ["count before the type", ["SET s x", "SPOP s -1"], NOT_POSITIVE],
  ["negative count", ["SPOP s -1"], NOT_POSITIVE],
  ["count of no number", ["SPOP s x"], NOT_POSITIVE],
  ["too many arguments", ["SPOP s 1 2"], "-ERR syntax error"],
  ["marks watched keys", ["SADD s a", "WATCH s", "@2 SPOP s 1", "MULTI", "EXEC"], "*-1"],
  [
    "few, an intset stays one",
    ["SADD s 1 2 3 4 5 6", "SPOP s 2", "OBJECT ENCODING s"],
    "$6 intset",
  ],
  ["few, a listpack stays one", ["SADD s a b c d", "SPOP s 2", "OBJECT ENCODING s"], "$8 listpack"],
  ["most of an intset", ["SADD s 1 2 3 4 5 6", "SPOP s 5", "OBJECT ENCODING s"], "$6 intset"],
  ["few of a table", [
    "CONFIG SET set-max-listpack-entries 0",
    "SADD s a b c d e f",
    "CONFIG SET set-max-listpack-entries 128",
    "SPOP s 4",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["most of a table: what stays is compact", [
    "CONFIG SET set-max-listpack-entries 0",
    "SADD s a b c d e f",
    "CONFIG SET set-max-listpack-entries 128",
    "SPOP s 5",
    "OBJECT ENCODING s",
  ], "$8 listpack"],
  ["most of a listpack that is too long by now", [
    "SADD s a b c d e f g h i j k l",
    "CONFIG SET set-max-listpack-entries 1",
    "SPOP s 10",
    "OBJECT ENCODING s",
  ], "$9 hashtable"],
  ["most keeps the expiry", ["SADD s 1 2 3 4 5 6", "EXPIRE s 100", "SPOP s 5", "TTL s"], ":100"],
  ["arity", ["SPOP"], "-ERR wrong number of arguments for 'spop' command"],
], DEFAULTS);

cases("SRANDMEMBER", [
  ["the only member", ["SADD s a", "SRANDMEMBER s"], "$1 a"],
  ["stays", ["SADD s a", "SRANDMEMBER s", "SCARD s"], ":1"],
  ["no key", ["SRANDMEMBER s"], "$-1"],
  ["wrong type", ["SET s x", "SRANDMEMBER s"], WRONG_TYPE],
  ["more than there are", ["SADD s a b", "SRANDMEMBER s 5"], "*2 $1 a $1 b"],
  ["count 1", ["SADD s a", "SRANDMEMBER s 1"], "*1 $1 a"],
  ["count 0", ["SADD s a", "SRANDMEMBER s 0"], "*0"],
  ["negative count", ["SADD s a", "SRANDMEMBER s -3"], "*3 $1 a $1 a $1 a"],
  ["negative count, integers", ["SADD s 1", "SRANDMEMBER s -3"], "*3 $1 1 $1 1 $1 1"],
  ["count, no key", ["SRANDMEMBER s 3"], "*0"],
  ["count, wrong type", ["SET s x", "SRANDMEMBER s 1"], WRONG_TYPE],
  ["count of no number", ["SRANDMEMBER s x"], "-ERR value is not an integer or out of range"],
  [
    "the count that has no opposite",
    ["SRANDMEMBER s -9223372036854775808"],
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
  ],
  ["the largest count", ["SADD s a", "SRANDMEMBER s 9223372036854775807"], "*1 $1 a"],
  ["too many arguments", ["SRANDMEMBER s 1 2"], "-ERR syntax error"],
  ["arity", ["SRANDMEMBER"], "-ERR wrong number of arguments for 'srandmember' command"],
], DEFAULTS);

/** The commands that reach replicas and files when the last of the steps runs, SELECT left out. */
function passedOn(...steps: string[][]): string[][] {
  const world = new World();
  const client = world.connect();
  for (const step of steps.slice(0, -1)) client.call(...step);
  let text = "";
  const sink = {
    feed(buf: Uint8Array, off: number, len: number) {
      text += latin1(buf, off, len);
    },
  };
  world.engine.propagation.attach(sink);
  client.call(...steps[steps.length - 1]);
  world.engine.propagation.detach(sink);
  const commands = text.split(/^\*\d+\r\n/m).slice(1);
  return commands.map((command) => command.split("\r\n").filter((_, i) => i % 2 === 1))
    .filter(([name]) => name !== "SELECT");
}

test("SPOP is passed on as what was taken", () => {
  const many = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  assert.deepEqual(passedOn(["SADD", "s", "a"], ["SPOP", "s"]), [["SREM", "s", "a"]]);
  assert.deepEqual(passedOn(["SADD", "s", "a", "b"], ["SPOP", "s", "2"]), [["UNLINK", "s"]]);
  assert.deepEqual(passedOn(["SPOP", "s", "2"]), []);
  const lazy = ["CONFIG", "SET", "lazyfree-lazy-server-del", "no"];
  assert.deepEqual(passedOn(lazy, ["SADD", "s", "a"], ["SPOP", "s", "2"]), [["DEL", "s"]]);
  for (const count of [1, 1024, 1025, 2900]) {
    const commands = passedOn(["SADD", "s", ...many], ["SPOP", "s", String(count)])
      .filter(([name]) => name !== "MULTI" && name !== "EXEC");
    assert.ok(commands.every(([name, key]) => name === "SREM" && key === "s"));
    const taken = commands.map((words) => words.length - 2);
    const full: number[] = Array(Math.floor(count / 1024)).fill(1024);
    assert.deepEqual(taken, count % 1024 === 0 ? full : [...full, count % 1024]);
    assert.equal(new Set(commands.flatMap((words) => words.slice(2))).size, count);
  }
});

/** Members of each encoding, 60 of them. */
const KINDS: Readonly<Record<string, (i: number) => string>> = {
  intset: (i) => String(i * 3),
  listpack: (i) => `m${i}`,
  hashtable: (i) => `m${i}`.padEnd(70, "."),
};
const SIZE = 60;

for (const [encoding, nameOf] of Object.entries(KINDS)) {
  const names = Array.from({ length: SIZE }, (_, i) => nameOf(i));
  const open = () => {
    const client = new World().connect();
    const ask = (...args: string[]) =>
      (parseReply(client.call(...args)).reply.items ?? []).map((item) => item.text);
    client.call("SADD", "s", ...names);
    assert.match(client.call("OBJECT", "ENCODING", "s"), new RegExp(encoding));
    return { client, ask };
  };

  test(`SPOP of ${encoding}: what is taken and what stays are the whole`, () => {
    for (const count of [1, 5, 30, 49, 50, 55, 59, 60]) {
      const { ask } = open();
      const taken = ask("SPOP", "s", String(count));
      assert.equal(new Set(taken).size, count);
      assert.deepEqual([...taken, ...ask("SMEMBERS", "s")].sort(), [...names].sort());
    }
  });

  test(`SRANDMEMBER of ${encoding}: different members, and all of them have the same chance`, () => {
    const { ask } = open();
    for (const count of [-1, 1, 2, 7, 19, 21, 45, 59, -90]) {
      const rounds = Math.ceil(6000 / Math.abs(count));
      const hits = new Map<string, number>();
      for (let n = 0; n < rounds; n++) {
        const found = ask("SRANDMEMBER", "s", String(count));
        assert.equal(found.length, Math.abs(count));
        if (count > 0) assert.equal(new Set(found).size, count);
        for (const name of found) hits.set(name, (hits.get(name) ?? 0) + 1);
      }
      const mean = rounds * Math.abs(count) / SIZE;
      assert.deepEqual([...hits.keys()].sort(), [...names].sort());
      for (const [name, times] of hits) {
        assert.ok(Math.abs(times - mean) < mean / 2, `${name}: ${times} of about ${mean}`);
      }
    }
  });

  test(`SPOP of ${encoding}: all members have the same chance`, () => {
    for (const count of [3, 40, 55]) {
      const hits = new Map<string, number>();
      const { client, ask } = open();
      const rounds = Math.ceil(4000 / count);
      for (let n = 0; n < rounds; n++) {
        for (const name of ask("SPOP", "s", String(count))) {
          hits.set(name, (hits.get(name) ?? 0) + 1);
        }
        client.call("DEL", "s");
        client.call("SADD", "s", ...names);
      }
      const mean = rounds * count / SIZE;
      for (const name of names) {
        const times = hits.get(name) ?? 0;
        assert.ok(Math.abs(times - mean) < mean * 0.7, `${name}: ${times} of about ${mean}`);
      }
    }
  });
}
