// Files that were damaged while nobody looked: ends missing at every offset, every bit flipped, lists that are no lists.
// Rows 6, 7 and 10 of the matrix in faults_test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyCount } from "../../lib/engine/keyspace.ts";
import { keyspaceEmpty } from "../../lib/engine/reclaim.ts";
import { snapshotRead } from "../../lib/persist/rdb_file_reader.ts";
import { Lives } from "../kit/lives.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";
import { World } from "../kit/world.ts";

const DIRECTORY = "appendonlydir";
const INCR = `${DIRECTORY}/appendonly.aof.1.incr.aof`;
const MANIFEST = `${DIRECTORY}/appendonly.aof.manifest`;

/** Something of every type, with expiries. */
const COMMANDS = [
  "SET string value",
  "SET number 12345 PX 100000",
  "RPUSH list a b c",
  "SADD set x y",
  "SADD integers 1 2 3",
  "HSET hash f 1 g two",
  "HPEXPIRE hash 90000 FIELDS 1 g",
  "ZADD zset 1 a 2.5 b",
  "XADD stream 1-1 f v",
  "PFADD log a b",
  "SELECT 1",
  "MULTI",
  "INCR n",
  "APPEND n 7",
  "EXEC",
];

/** A server that ran these commands; the digest after each. */
function written(directives: Record<string, string>) {
  const lives = new Lives(directives);
  const client = lives.start().connect();
  const digests = [client.call("DEBUG", "DIGEST")];
  let isInTransaction = false;
  for (const command of COMMANDS) {
    client.call(...command.split(" "));
    isInTransaction = command === "MULTI" || (isInTransaction && command !== "EXEC");
    if (!isInTransaction) digests.push(client.call("DEBUG", "DIGEST"));
  }
  return { lives, digests, client };
}

function snapshot(): Uint8Array {
  const { lives, client } = written({ appendonly: "no" });
  assert.equal(client.call("SAVE"), "+OK\r\n");
  return lives.disk.contents.get("dump.rdb") as Uint8Array;
}

/** Reads bytes as a snapshot into an engine that is emptied afterwards. Returns what is wrong. */
function reading(): (bytes: Uint8Array) => string {
  const { keyspace } = new World().engine;
  const rules = { nowMs: 0, relaxed: false, checksum: true, merge: false };
  return (bytes) => {
    const { error } = snapshotRead(keyspace, bytes, 0, bytes.length, rules);
    keyspaceEmpty(keyspace, false);
    assert.equal(keyCount(keyspace, keyspace.dbs[0]), 0);
    return error;
  };
}

test("6: a snapshot that ends at any offset is refused", () => {
  const bytes = snapshot();
  const read = reading();
  assert.equal(read(bytes), "");
  for (let size = 0; size < bytes.length; size++) {
    assert.notEqual(read(bytes.slice(0, size)), "", `cut at ${size} of ${bytes.length}`);
  }
});

test("7: a snapshot with any single bit flipped is refused", () => {
  const bytes = snapshot();
  const read = reading();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3] ^= 1 << (bit & 7);
    assert.notEqual(read(bytes), "", `bit ${bit & 7} of byte ${bit >> 3}`);
    bytes[bit >> 3] ^= 1 << (bit & 7);
  }
  assert.equal(read(bytes), "");
});

for (const sums of ["no", "yes"]) {
  test(`6: an append-only file that ends at any offset: its longest beginning, sums ${sums}`, () => {
    const { lives, digests } = written({ "sigrun-aof-checksum": sums });
    const whole = (lives.disk.contents.get(INCR) as Uint8Array).slice();
    let at = 0;
    for (let size = 0; size <= whole.length; size++) {
      lives.disk.put(INCR, whole.slice(0, size));
      const digest = lives.start().connect().call("DEBUG", "DIGEST");
      // The data of some instant, and never of one before that of a shorter beginning.
      const found = digests.indexOf(digest, at);
      assert.ok(found >= 0, `cut at ${size}`);
      at = found;
    }
    assert.equal(digests[at], digests.at(-1));
  });
}

test("7: an append-only file with a bit flipped, every fifth, is refused at the place, with sums", () => {
  const { lives, digests } = written({ "sigrun-aof-checksum": "yes" });
  const whole = (lives.disk.contents.get(INCR) as Uint8Array).slice();
  let refused = 0;
  for (let bit = 0; bit < whole.length * 8; bit += 5) {
    const bytes = whole.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    lives.disk.put(INCR, bytes);
    const next = lives.boot();
    if (typeof next === "string") {
      assert.match(next, /(offset|bytes) \d+/);
      refused++;
    } else {
      // A line that nobody needs, such as the last one: the data are right.
      const digest = next.connect().call("DEBUG", "DIGEST");
      assert.ok(digests.includes(digest), `bit ${bit & 7} of byte ${bit >> 3}`);
    }
  }
  assert.ok(refused > whole.length, `${refused} refused`);
});

test("7: without sums a flipped bit is refused, or changes what it is part of; nothing breaks", () => {
  const { lives } = written({});
  const whole = (lives.disk.contents.get(INCR) as Uint8Array).slice();
  let refused = 0;
  for (let bit = 0; bit < whole.length * 8; bit += 11) {
    const bytes = whole.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    lives.disk.put(INCR, bytes);
    const next = lives.boot();
    if (typeof next === "string") refused++;
    else assert.equal(next.engine.server.stats.unexpectedErrors, 0, `bit ${bit}`);
  }
  assert.ok(refused > 0);
});

/** Lists and what is said about them: the line that is wrong where there is one, and why. */
const LISTS: readonly (readonly [name: string, text: string, line: number, problem: RegExp])[] = [
  ["empty", "", 0, /Found an empty AOF manifest/],
  ["an empty line", "\n", 1, /Invalid AOF manifest file format/],
  ["an odd number of words", "file a.1.incr.aof seq 1 type\n", 1, /Invalid AOF manifest/],
  ["too few words", "file a.1.incr.aof seq 1\n", 1, /Invalid AOF manifest file format/],
  ["no name", "seq 1 type i other x\n", 1, /Invalid AOF manifest file format/],
  ["a number of 0", "file a.1.incr.aof seq 0 type i\n", 1, /Invalid AOF manifest/],
  ["another type", "file a.1.incr.aof seq 1 type z\n", 1, /Unknown AOF file type/],
  ["a path", "file ../a.1.incr.aof seq 1 type i\n", 1, /File can't be a path/],
  [
    "two bases",
    "file a.1.base.rdb seq 1 type b\nfile a.2.base.rdb seq 2 type b\n",
    2,
    /Found duplicate base file information/,
  ],
  [
    "numbers that fall",
    "file a.2.incr.aof seq 2 type i\nfile a.1.incr.aof seq 1 type i\n",
    2,
    /Found a non-monotonic sequence number/,
  ],
  ["a line without end", "file a.1.incr.aof seq 1 type i", 1, /too long line/],
  ["a long line", `# c\nfile ${"a".repeat(1024)} seq 1 type i\n`, 2, /too long line/],
  ["quotes that do not close", 'file "a.1.incr.aof seq 1 type i\n', 1, /Invalid AOF manifest/],
];

for (const [name, text, line, problem] of LISTS) {
  test(`10: a list of files with ${name} is refused, with its line`, () => {
    const lives = new Lives();
    lives.start();
    lives.disk.put(MANIFEST, bytesOf(text));
    assert.match(String(lives.boot()), problem);
    assert.ok(lives.log.includes("*** FATAL AOF MANIFEST FILE ERROR ***"));
    const where = `Reading the manifest file, at line ${line}`;
    assert.equal(lives.log.includes(where), line > 0, lives.log.join("\n"));
    assert.equal(latin1(lives.disk.contents.get(MANIFEST) as Uint8Array), text, "left as it is");
  });
}

test("10: a listed file that is not there is named; unknown words of a list do not matter", () => {
  const lives = new Lives();
  lives.start();
  lives.disk.put(MANIFEST, bytesOf("file a.1.incr.aof seq 1 type i\n"));
  assert.match(String(lives.boot()), /appendonlydir\/a\.1\.incr\.aof doesn't exist/);
  lives.disk.put(`${DIRECTORY}/a.1.incr.aof`, bytesOf("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"));
  lives.disk.put(MANIFEST, bytesOf("file a.1.incr.aof seq 1 type i startoffset 7 more x\n"));
  assert.equal(lives.start().connect().call("GET", "a"), "$1\r\n1\r\n");
});
