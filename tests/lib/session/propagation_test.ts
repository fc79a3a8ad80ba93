// What commands leave behind for files and replicas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../lib/bytes/ascii.ts";
import type { PropagationSink } from "../../../lib/session/propagation.ts";
import { World } from "../../kit/world.ts";
import { splitWords } from "../../kit/resp.ts";

/** Words of every command in the stream, one line each. */
class Recorder implements PropagationSink {
  text = "";

  feed(buf: Uint8Array, off: number, len: number): void {
    this.text += latin1(buf, off, len);
  }

  take(): string[] {
    const commands = this.text.split(/^\*\d+\r\n/m).slice(1);
    this.text = "";
    return commands.map((command) => command.split("\r\n").filter((_, i) => i % 2 === 1).join(" "));
  }
}

const START_MS = 1_767_225_600_000;

function propagated(before: readonly string[], steps: readonly string[]): string[] {
  const world = new World();
  const client = world.connect();
  const run = (step: string) => {
    const wait = /^~(\d+)$/.exec(step);
    if (wait !== null) world.advance(Number(wait[1]));
    else client.send(splitWords(step));
  };
  before.forEach(run);
  const recorder = new Recorder();
  world.engine.propagation.attach(recorder);
  steps.forEach(run);
  world.engine.propagation.detach(recorder);
  return recorder.take();
}

const ROWS: readonly [string, string[], string[], (string | RegExp)[]][] = [
  ["a write names its database once", [], ["SET a 1", "INCR a", "SELECT 3", "SET b 2"], [
    "SELECT 0",
    "SET a 1",
    "INCR a",
    "SELECT 3",
    "SET b 2",
  ]],
  ["reads and writes in vain leave nothing", ["SET a 1"], [
    "GET a",
    "DEL nope",
    "SETNX a 2",
    "EXPIRE nope 10",
  ], []],
  ["refused commands leave nothing", ["SET a x"], ["INCR a", "SET a", "NOPE"], []],
  ["times become absolute", [], ["SET a 1 EX 10", "PSETEX b 5 v", "EXPIRE a 20", "GETEX a PX 7"], [
    "SELECT 0",
    /^SET a 1 PXAT \d{13}$/,
    /^SET b v PXAT \d{13}$/,
    /^PEXPIREAT a \d{13}$/,
    /^PEXPIREAT a \d{13}$/,
  ]],
  ["conditions of EXPIRE stay", ["SET a 1"], ["EXPIRE a 20 NX"], [
    "SELECT 0",
    /^PEXPIREAT a \d{13} NX$/,
  ]],
  ["an absolute time stays as it was said", [], [`SET a 1 PXAT ${START_MS * 2} NX`], [
    "SELECT 0",
    `SET a 1 PXAT ${START_MS * 2} NX`,
  ]],
  ["a time that is past deletes", ["SET a 1", "SET b 1"], ["EXPIREAT a 1", "SET b 2 PXAT 1"], [
    "SELECT 0",
    "UNLINK a",
    "UNLINK b",
  ]],
  ["fields get absolute times", ["HSET h a 1 b 2"], [
    "HEXPIRE h 10 NX FIELDS 1 a",
    "HGETEX h PX 50000 FIELDS 2 b x",
    "HSETEX h FNX EX 10 FIELDS 1 c 3",
    "HSETEX h KEEPTTL FIELDS 1 c 4",
    "HGETEX h PERSIST FIELDS 2 a a",
  ], [
    "SELECT 0",
    /^HPEXPIREAT h \d{13} NX FIELDS 1 a$/,
    /^HPEXPIREAT h \d{13} FIELDS 1 b$/,
    /^HSETEX h PXAT \d{13} FIELDS 1 c 3$/,
    "HSETEX h KEEPTTL FIELDS 1 c 4",
    "HPERSIST h FIELDS 1 a",
  ]],
  ["fields whose time is past are deleted", ["HSET h a 1 b 2 c 3 d 4"], [
    "HEXPIRE h 0 FIELDS 2 a x",
    "HGETEX h PXAT 1 FIELDS 2 x b",
    "HSETEX h EX 0 FIELDS 2 c 9 x 9",
    "HSETEX h EX 0 FIELDS 1 x 9",
  ], ["SELECT 0", "HDEL h a", "HDEL h b", "HDEL h c"]],
  ["counters of volatile hashes say what they came to", [
    "HSETEX h PXAT 1900000000000 FIELDS 1 a 1",
  ], [
    "HINCRBY h a 1",
    "HINCRBY h b 1",
    "HINCRBYFLOAT h a 0.5",
    "HSETNX h c 1",
    "HINCRBYFLOAT g a 0.5",
    "HINCRBY g b 1",
  ], [
    "SELECT 0",
    "HSETEX h PXAT 1900000000000 FIELDS 1 a 2",
    "HSET h b 1",
    "HSETEX h PXAT 1900000000000 FIELDS 1 a 2.5",
    "HSET h c 1",
    "HSET g a 0.5",
    "HINCRBY g b 1",
  ]],
  ["fields expire, and keys with the last one", ["HSET h a 1 b 2", "HSET g a 1"], [
    "HPEXPIREAT h 1767225600500 FIELDS 1 a",
    "HPEXPIREAT g 1767225600500 FIELDS 1 a",
    "~1000",
  ], [
    "SELECT 0",
    "HPEXPIREAT h 1767225600500 FIELDS 1 a",
    "HPEXPIREAT g 1767225600500 FIELDS 1 a",
    /^(HDEL h a|MULTI)$/,
    /^(HDEL [hg] a|MULTI)$/,
    /^(HDEL g a|UNLINK g|DEL g)$/,
    /^(UNLINK g|DEL g|EXEC)$/,
    /^(HDEL h a|EXEC)$/,
  ]],
  ["SET GET loses GET", ["SET a 1"], ["SET a 2 GET"], ["SELECT 0", "SET a 2"]],
  ["GETEX PERSIST, GETDEL and DELIFEQ say what they did", ["SET a 1 EX 9", "SET b 1"], [
    "GETEX a PERSIST",
    "GETDEL a",
    "DELIFEQ b 1",
  ], ["SELECT 0", "PERSIST a", "DEL a", "DEL b"]],
  ["what answers the old value only sets", ["SET a 1"], ["GETSET a 2", "GETDEL a", "GETSET a 3"], [
    "SELECT 0",
    "SET a 2",
    "DEL a",
    "SET a 3",
  ]],
  ["positions are passed on as scores", ["GEOADD g 13 38 a"], [
    "GEOADD g 13 38 a 15 37 b",
    "GEOADD g NX CH 1 1 a 2 2 c",
    "GEOADD g XX 13 38 a",
    "GEORADIUS g 15 37 200 km STORE d",
    "GEORADIUS g 80 37 1 km STORE d",
    "GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 km",
  ], [
    "SELECT 0",
    "ZADD g 3479065152021743 a 3476504601741708 b",
    "ZADD g NX CH 3377822707026402 a 3378191666521995 c",
    "GEORADIUS g 15 37 200 km STORE d",
    "GEORADIUS g 80 37 1 km STORE d",
    "GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 km",
  ]],
  ["sums of fractions are stored", ["SET a 1"], ["INCRBYFLOAT a 0.5"], [
    "SELECT 0",
    "SET a 1.5 KEEPTTL",
  ]],
  ["MSETEX with a relative time", [], ["MSETEX 1 a 1 EX 10 NX"], [
    "SELECT 0",
    /^MSETEX 1 a 1 PXAT \d{13} NX$/,
  ]],
  ["a transaction goes as a whole", [], [
    "MULTI",
    "SET a 1",
    "GET a",
    "SELECT 9",
    "SET b 2",
    "EXEC",
  ], [
    "MULTI",
    "SELECT 0",
    "SET a 1",
    "SELECT 9",
    "SET b 2",
    "EXEC",
  ]],
  ["a transaction of one write is that write", [], ["MULTI", "SET a 1", "GET a", "EXEC"], [
    "SELECT 0",
    "SET a 1",
  ]],
  ["a transaction that changes nothing is nothing", [], ["MULTI", "GET a", "EXEC"], []],
  ["a discarded transaction is nothing", [], ["MULTI", "SET a 1", "DISCARD"], []],
  ["a key found expired is deleted first", ["DEBUG SET-ACTIVE-EXPIRE 0", "SET a 1 PX 5", "~10"], [
    "INCR a",
  ], ["MULTI", "SELECT 0", "UNLINK a", "INCR a", "EXEC"]],
  [
    "a read that finds a key expired deletes it",
    [
      "DEBUG SET-ACTIVE-EXPIRE 0",
      "SET a 1 PX 5",
      "~10",
    ],
    ["GET a"],
    ["SELECT 0", "UNLINK a"],
  ],
  ["keys that expire by themselves go one by one", ["SET a 1 PX 5", "SET b 1 PX 5"], ["~300"], [
    "SELECT 0",
    /^UNLINK [ab]$/,
    /^UNLINK [ab]$/,
  ]],
  ["flushing is told even when nothing was there", [], ["FLUSHDB", "FLUSHALL"], [
    "SELECT 0",
    "FLUSHDB",
    "FLUSHALL",
  ]],
  ["XADD names the id it made", [], [
    "XADD s * f v",
    "XADD s 1-1 f v",
    "XADD s MAXLEN ~ 1000 LIMIT 5 * f v",
  ], [
    "SELECT 0",
    /^XADD s \d{13}-0 f v$/,
    /^XADD s MAXLEN = 2 \d{13}-1 f v$/,
  ]],
  [
    "what a group hands out is a claim",
    ["XADD s 1-1 f v", "XADD s 2-1 f v", "XGROUP CREATE s g 0"],
    [
      "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
    ],
    [
      "MULTI",
      "SELECT 0",
      /^XCLAIM s g c 0 1-1 TIME \d{13} RETRYCOUNT 1 FORCE JUSTID LASTID 1-1$/,
      "XGROUP SETID s g 1-1 ENTRIESREAD 1",
      "EXEC",
    ],
  ],
  [
    "without acknowledgement, the consumer and how far the group is",
    [
      "XADD s 1-1 f v",
      "XGROUP CREATE s g 0",
    ],
    ["XREADGROUP GROUP g c NOACK STREAMS s >"],
    [
      "MULTI",
      "SELECT 0",
      "XGROUP CREATECONSUMER s g c",
      "XGROUP SETID s g 1-1 ENTRIESREAD 1",
      "EXEC",
    ],
  ],
  ["claims", ["XADD s 1-1 f v", "XGROUP CREATE s g 0", "XREADGROUP GROUP g c STREAMS s >"], [
    "XCLAIM s g d 0 1-1",
    "XAUTOCLAIM s g e 0 0",
  ], [
    "SELECT 0",
    /^XCLAIM s g d 0 1-1 TIME \d{13} RETRYCOUNT 2 FORCE JUSTID LASTID 1-1$/,
    /^XCLAIM s g e 0 1-1 TIME \d{13} RETRYCOUNT 3 FORCE JUSTID LASTID 1-1$/,
  ]],
  ["what was forced while nobody listened is not told later", ["FLUSHALL"], ["GET a", "PING"], []],
  ["messages are told", [], ["PUBLISH c m"], ["SELECT 0", "PUBLISH c m"]],
];

for (const [name, before, steps, expected] of ROWS) {
  test(`propagation: ${name}`, () => {
    const found = propagated(before, steps);
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [i, line] of expected.entries()) {
      if (typeof line === "string") assert.equal(found[i], line);
      else assert.match(found[i], line);
    }
  });
}

test("SYNC: the data set, then every change", () => {
  const world = new World();
  const writer = world.connect();
  writer.call("SET", "a", "1");
  const follower = world.connect();
  const answer = follower.call("SYNC");
  assert.match(answer, /^\$(\d+)\r\nVALKEY080/);
  const [head] = answer.split("\r\n", 1);
  // A stream that has nothing begins with something.
  const ping = "*1\r\n$4\r\nPING\r\n";
  assert.equal(answer.length, head.length + 2 + Number(head.slice(1)) + ping.length);
  assert.ok(answer.endsWith(ping));
  assert.match(writer.call("CLIENT", "LIST", "TYPE", "replica"), / flags=S /);
  writer.call("SET", "b", "2");
  assert.equal(
    follower.socket.reader.take(),
    "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n",
  );
  follower.close();
  // The stream is kept for those who come back, for a while.
  writer.call("SET", "c", "3");
  assert.equal(world.engine.propagation.active, true);
  world.advance(3_602_000);
  assert.equal(world.engine.propagation.active, false);
});

test("DEBUG RELOAD: everything is there again", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1", "PX", "100000");
  client.call("RPUSH", "l", "x", "y");
  const digest = client.call("DEBUG", "DIGEST");
  assert.equal(client.call("DEBUG", "RELOAD"), "+OK\r\n");
  assert.equal(client.call("DEBUG", "DIGEST"), digest);
  assert.match(client.call("DEBUG", "RELOAD", "NOFLUSH"), /^-ERR Error trying to load/);
  assert.equal(client.call("DEBUG", "RELOAD", "NOFLUSH", "MERGE"), "+OK\r\n");
  assert.equal(client.call("DEBUG", "DIGEST"), digest);
});

test("requests of every form leave the same bytes: whole, in pieces, inline, queued", () => {
  const set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$11\r\nx\r\n*1\r\n\u0000y\r\n\r\n";
  const incr = "*2\r\n$4\r\nincr\r\n$1\r\nn\r\n";
  const select = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";
  const forms: readonly [string, string, number][] = [
    ["whole", set + incr, Infinity],
    ["in pieces", set + incr, 5],
    ["inline", 'SET a "x\\r\\n*1\\r\\n\\x00y\\r\\n"\r\n' + "incr n\r\n", Infinity],
    ["inline in pieces", 'SET a "x\\r\\n*1\\r\\n\\x00y\\r\\n"\r\n' + "incr n\r\n", 3],
    ["mixed", 'SET a "x\\r\\n*1\\r\\n\\x00y\\r\\n"\r\n' + incr, Infinity],
  ];
  for (const [name, text, chunk] of forms) {
    const world = new World();
    const client = world.connect();
    const recorder = new Recorder();
    world.engine.propagation.attach(recorder);
    client.chunkBytes = chunk;
    client.sendRaw("*0\r\n" + text);
    assert.equal(recorder.text, select + set + incr, name);
  }
  const world = new World();
  const client = world.connect();
  const recorder = new Recorder();
  world.engine.propagation.attach(recorder);
  client.sendRaw("MULTI\r\n" + set + "incr n\r\nEXEC\r\n" + incr);
  const multi = "*1\r\n$5\r\nMULTI\r\n";
  const exec = "*1\r\n$4\r\nEXEC\r\n";
  assert.equal(recorder.text, multi + select + set + incr + exec + incr);
});
