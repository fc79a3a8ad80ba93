// wrong_type_test.ts: what the commands on strings and bitmaps do with a key of another type. The key is made by hand,
// so that no other family is needed.

import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../../lib/bytes/ascii.ts";
import { keyAdd, keyHash, recordCreate } from "../../../../lib/engine/keyspace.ts";
import { ENCODING_RAW, metaByte, TYPE_LIST } from "../../../../lib/engine/record.ts";
import { rawCreate } from "../../../../lib/engine/string.ts";
import { SEGMENT_SHIFT, UNIT_MASK } from "../../../../lib/mem/arena.ts";
import { splitWords } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

/** A client of a new server whose key "l" says it is a list. */
function withList(): MemoryClient {
  const world = new World();
  const { keyspace } = world.engine;
  const key = fromLatin1("l");
  const hash = keyHash(keyspace, key, 0, 1);
  const meta = metaByte(TYPE_LIST, ENCODING_RAW, false);
  const rec = recordCreate(keyspace, meta, key, 0, 1, 0);
  const value = rawCreate(keyspace, 16);
  keyspace.arena.i32[rec >>> SEGMENT_SHIFT][((rec & UNIT_MASK) << 2) + 2] = value;
  keyAdd(keyspace, keyspace.dbs[0], hash, rec);
  return world.connect();
}

const REFUSED = [
  "GET l",
  "STRLEN l",
  "SET l v GET",
  "SET l v NX GET",
  "SET l v IFEQ x",
  "SET l v IFEQ x GET",
  "GETSET l v",
  "GETEX l",
  "GETEX l EX 100",
  "GETDEL l",
  "DELIFEQ l v",
  "INCR l",
  "DECRBY l 1",
  "INCRBYFLOAT l 1",
  "INCRBYFLOAT l x",
  "APPEND l v",
  "SETRANGE l 0 v",
  `SETRANGE l 0 ""`,
  "GETRANGE l 0 -1",
  "SUBSTR l 0 -1",
  "SETBIT l 0 1",
  "GETBIT l 0",
  "BITCOUNT l",
  "BITCOUNT l 0 -1 BIT",
  "BITPOS l 1",
  "BITOP AND d l",
  "BITOP OR d a l",
  "BITFIELD l",
  "BITFIELD l GET u8 0",
  "BITFIELD l SET u8 0 1",
  "BITFIELD_RO l GET u8 0",
];

for (const line of REFUSED) {
  test(`another type: ${line}`, () => {
    const client = withList();
    assert.equal(client.call(...splitWords(line)), WRONG);
    assert.equal(client.call("TYPE", "l"), "+list\r\n");
    assert.equal(client.call("DBSIZE"), ":1\r\n");
  });
}

const NOT_TEXT = "-ERR The specified keys must contain string values\r\n";
const ALLOWED: readonly (readonly [line: string, reply: string, type: string])[] = [
  ["MGET l", "*1\r\n$-1\r\n", "list"],
  ["LCS l x", NOT_TEXT, "list"],
  ["LCS x l LEN", NOT_TEXT, "list"],
  ["SETNX l v", ":0\r\n", "list"],
  ["MSETNX a 1 l 2", ":0\r\n", "list"],
  ["MSETEX 1 l v NX", ":0\r\n", "list"],
  ["SET l v NX", "$-1\r\n", "list"],
  ["SET l v", "+OK\r\n", "string"],
  ["SET l 5", "+OK\r\n", "string"],
  ["SET l v XX EX 100", "+OK\r\n", "string"],
  ["SET l v EXAT 1", "+OK\r\n", "none"],
  ["SETEX l 100 v", "+OK\r\n", "string"],
  ["MSET l v", "+OK\r\n", "string"],
  ["MSETEX 1 l v XX", ":1\r\n", "string"],
  ["BITOP AND l x", ":0\r\n", "none"],
];

for (const [line, reply, type] of ALLOWED) {
  test(`another type: ${line}`, () => {
    const client = withList();
    assert.equal(client.call(...splitWords(line)), reply);
    assert.equal(client.call("TYPE", "l"), `+${type}\r\n`);
  });
}
