import assert from "node:assert/strict";
import { test } from "node:test";
import { CRC64_BYTES, crc64Store, crc64Update } from "../../../../lib/bytes/crc64.ts";
import { cases } from "../../../kit/cases.ts";
import { bytesOf, latin1, parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

function quoted(bytes: Uint8Array): string {
  return `"${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
}

/** A payload as an argument: kind and value, version, checksum. */
function payload(value: string, version = 80): string {
  const bytes = new Uint8Array(value.length + 2 + CRC64_BYTES);
  bytes.set(bytesOf(value));
  bytes[value.length] = version & 0xff;
  bytes[value.length + 1] = version >> 8;
  const crc = new Int32Array(2);
  crc64Update(crc, bytes, 0, value.length + 2);
  crc64Store(crc, bytes, value.length + 2);
  return quoted(bytes);
}

const HELLO = payload("\x00\x05hello");
const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const PAYLOAD = "-ERR DUMP payload version or checksum are wrong";
const DATA = "-ERR Bad data format";
const BUSY = "-BUSYKEY Target key name already exists.";
const FAR = "33177117420000";

cases("DUMP", [
  ["no key", ["DUMP a"], "$-1"],
  ["a string", ["SET a hello", "DUMP a"], "$17 \x00\x05helloP\x00\xacX\x16\xe7\xfbfG\xfe"],
  ["a number", ["SET a 12", "DUMP a"], /^\$13 .\xc0.P./s],
  ["a long string is compressed", [`SET a ${"a".repeat(25)}`, "DUMP a"], /^\$23 .\xc3/s],
  ["unless that is off", [
    "CONFIG SET rdbcompression no",
    `SET a ${"a".repeat(25)}`,
    "DUMP a",
    "CONFIG SET rdbcompression yes",
    "STRLEN a",
  ], ":25"],
  ["no access", ["DUMP"], "-ERR wrong number of arguments for 'dump' command"],
]);

cases("RESTORE", [
  // name                    steps                                      reply
  ["a string", [`RESTORE a 0 ${HELLO}`], "+OK"],
  ["its value", [`RESTORE a 0 ${HELLO}`, "GET a"], "$5 hello"],
  ["short ones are embedded", [`RESTORE a 0 ${HELLO}`, "OBJECT ENCODING a"], "$6 embstr"],
  ["numbers are numbers", [
    `RESTORE a 0 ${payload("\x00\x0212")}`,
    "OBJECT ENCODING a",
  ], "$3 int"],
  ["no time", [`RESTORE a 0 ${HELLO}`, "PTTL a"], ":-1"],
  ["a time to live", [`RESTORE a 100000 ${HELLO}`, "TTL a"], ":100"],
  ["an absolute time", [`RESTORE a ${FAR} ${HELLO} ABSTTL`, "PEXPIRETIME a"], `:${FAR}`],
  ["a past time", [`RESTORE a 1 ${HELLO} ABSTTL`, "EXISTS a"], ":0"],
  ["a past time is OK", [`RESTORE a 1 ${HELLO} ABSTTL`], "+OK"],
  ["a past time takes the old key", [
    "SET a x",
    `RESTORE a 1 ${HELLO} ABSTTL REPLACE`,
    "EXISTS a",
  ], ":0"],
  ["a time that overflows is past", [
    `RESTORE a 9223372036854775807 ${HELLO}`,
    "EXISTS a",
  ], ":0"],
  ["the key exists", ["SET a x", `RESTORE a 0 ${HELLO}`], BUSY],
  ["REPLACE", ["LPUSH a x", `RESTORE a 0 ${HELLO} REPLACE`, "GET a"], "$5 hello"],
  ["REPLACE takes the time", ["SET a x EX 100", `RESTORE a 0 ${HELLO} REPLACE`, "TTL a"], ":-1"],
  ["a refused payload leaves the old key", [
    "SET a x",
    `RESTORE a 0 ${payload("\x01\x01")} REPLACE`,
    "GET a",
  ], "$1 x"],
  ["IDLETIME", [`RESTORE a 0 ${HELLO} IDLETIME 100`, "OBJECT IDLETIME a"], ":100"],
  ["FREQ where idle times are kept", [`RESTORE a 0 ${HELLO} FREQ 5`], "+OK"],
  ["IDLETIME below 0", [
    `RESTORE a 0 ${HELLO} IDLETIME -1`,
  ], "-ERR Invalid IDLETIME value, must be >= 0"],
  ["IDLETIME of no number", [`RESTORE a 0 ${HELLO} IDLETIME x`], NOT_INTEGER],
  ["FREQ beyond 255", [
    `RESTORE a 0 ${HELLO} FREQ 256`,
  ], "-ERR Invalid FREQ value, must be >= 0 and <= 255"],
  ["FREQ of no number", [`RESTORE a 0 ${HELLO} FREQ 1.5`], NOT_INTEGER],
  ["both", [`RESTORE a 0 ${HELLO} FREQ 5 IDLETIME 5`], SYNTAX],
  ["IDLETIME without a value", [`RESTORE a 0 ${HELLO} IDLETIME`], SYNTAX],
  ["an unknown word", [`RESTORE a 0 ${HELLO} FOO`], SYNTAX],
  ["words in any case, again", [`RESTORE a 0 ${HELLO} replace Replace absttl`], "+OK"],
  ["options before the key", ["SET a x", `RESTORE a 0 ${HELLO} FOO`], SYNTAX],
  ["the key before the time", ["SET a x", `RESTORE a x ${HELLO}`], BUSY],
  ["the time before the payload", ["RESTORE a x y"], NOT_INTEGER],
  ["a negative time", ["RESTORE a -1 y"], "-ERR Invalid TTL value, must be >= 0"],
  ["too short", ["RESTORE a 0 123456789"], PAYLOAD],
  ["a wrong checksum", [`RESTORE a 0 ${HELLO.replace("\\x68", "\\x69")}`], PAYLOAD],
  ["the checksum does not matter", [
    "DEBUG SET-SKIP-CHECKSUM-VALIDATION 1",
    `RESTORE a 0 ${HELLO.replace("\\x68", "\\x69")}`,
    "DEBUG SET-SKIP-CHECKSUM-VALIDATION 0",
    "GET a",
  ], "$5 iello"],
  ["version 0", [`RESTORE a 0 ${payload("\x00\x05hello", 0)}`], PAYLOAD],
  ["version 1", [`RESTORE a 0 ${payload("\x00\x05hello", 1)}`], "+OK"],
  ["version 12", [`RESTORE a 0 ${payload("\x00\x05hello", 12)}`], PAYLOAD],
  ["version 81", [`RESTORE a 0 ${payload("\x00\x05hello", 81)}`], PAYLOAD],
  ["relaxed: version 12, 81", [
    "CONFIG SET rdb-version-check relaxed",
    `RESTORE a 0 ${payload("\x00\x05hello", 12)}`,
    `RESTORE b 0 ${payload("\x00\x05hello", 81)}`,
    "CONFIG SET rdb-version-check strict",
    "EXISTS a b",
  ], ":2"],
  ["nothing but a footer", [`RESTORE a 0 ${payload("")}`], DATA],
  ["kind 8", [`RESTORE a 0 ${payload("\x08\x00")}`], DATA],
  ["kind 23", [`RESTORE a 0 ${payload("\x17\x00")}`], DATA],
  ["a module's value", [`RESTORE a 0 ${payload("\x07\x81AAAAAAAA\x00")}`], DATA],
  ["as a node of a cluster", [`RESTORE-ASKING a 0 ${HELLO}`], "+OK"],
]);

/** Kinds of values that are written no more, and what they become. */
cases("RESTORE of older kinds", [
  ["list", [`RESTORE a 0 ${payload("\x01\x02\x01a\xc0\x05")}`, "LRANGE a 0 -1"], "*2 $1 a $1 5"],
  ["list as a ziplist", [
    `RESTORE a 0 ${payload("\x0a\x0f\x0f\0\0\0\x0c\0\0\0\x02\0\0\xf3\x02\xf6\xff")}`,
    "LRANGE a 0 -1",
  ], "*2 $1 2 $1 5"],
  ["list of ziplists", [
    `RESTORE a 0 ${payload("\x0e\x01\x0f\x0f\0\0\0\x0c\0\0\0\x02\0\0\xf3\x02\xf6\xff")}`,
    "OBJECT ENCODING a",
  ], "$8 listpack"],
  ["sorted set with scores as text", [
    `RESTORE a 0 ${payload("\x03\x02\x01a\x031.5\x01b\xff")}`,
    "ZRANGE a 0 -1 WITHSCORES",
  ], { resp2: "*4 $1 b $4 -inf $1 a $3 1.5", resp3: "*2 *2 $1 b ,-inf *2 $1 a ,1.5" }],
  ["hash as a zipmap", [
    `RESTORE a 0 ${payload("\x09\x09\x01\x01a\x02\x00bb\xff\xff".replace("\xff\xff", "\xff"))}`,
  ], DATA],
  ["hash as a zipmap, whole", [
    `RESTORE a 0 ${payload("\x09\x08\x01\x01a\x02\x00bb\xff")}`,
    "HGETALL a",
  ], "*2 $1 a $2 bb"],
  [
    "set of numbers",
    [`RESTORE a 0 ${payload("\x02\x02\xc0\x01\xc0\x02")}`, "OBJECT ENCODING a"],
    "$6 intset",
  ],
  ["hash", [`RESTORE a 0 ${payload("\x04\x01\x01f\x01v")}`, "OBJECT ENCODING a"], "$8 listpack"],
  ["hash with times is a table", [
    `RESTORE a 0 ${payload("\x16\x01\x01f\x01v" + "\xff".repeat(8))}`,
    "OBJECT ENCODING a",
  ], "$9 hashtable"],
]);

const BROKEN: readonly (readonly [string, string])[] = [
  ["a string cut short", "\x00\x20hello"],
  ["an empty list", "\x01\x00"],
  ["an unknown node", "\x12\x01\x03\x01a"],
  ["an empty node", "\x12\x01\x02\x07\x07\0\0\0\0\0\xff"],
  ["a plain node of nothing", "\x12\x01\x01\x00"],
  ["a member twice", "\x02\x02\x01a\x01a"],
  ["a member twice in a listpack", "\x14\x0d\x0d\0\0\0\x02\0\x81a\x02\x81a\x02\xff"],
  ["members that do not rise", "\x0b\x0c\x02\0\0\0\x02\0\0\0\x02\0\x01\0"],
  ["a score that is no number", "\x05\x01\x01a\0\0\0\0\0\0\xf8\x7f"],
  ["a field twice", "\x04\x02\x01f\x01v\x01f\x01w"],
  ["a field without value", "\x10\x0a\x0a\0\0\0\x01\0\x81f\x02\xff"],
  ["a negative time", "\x16\x01\x01f\x01v\xfe" + "\xff".repeat(7)],
  ["a stream of nothing", "\x15\x00"],
  ["a count without end", "\x02\x81\x7f\xff\xff\xff\xff\xff\xff\xff\x01a"],
  ["a length without end", "\x00\x81\x7f\xff\xff\xff\xff\xff\xff\xff"],
  ["compressed bytes without end", "\x00\xc3\x03\x80\x7f\xff\xff\xffa\x00\x00"],
];

cases(
  "RESTORE of broken values",
  BROKEN.map(([name, value]) =>
    [name, [
      "CONFIG SET sanitize-dump-payload yes",
      `RESTORE a 0 ${payload(value)}`,
    ], DATA] as const
  ),
  { directives: { "sanitize-dump-payload": "yes" } },
);

test("RESTORE: FREQ under an LFU policy", () => {
  const client = new World({ directives: { "maxmemory-policy": "allkeys-lfu" } }).connect();
  const bytes = parseReply(client.call("SET", "s", "hello") && client.call("DUMP", "s")).reply.text;
  client.call("RESTORE", "a", "0", bytes, "FREQ", "77");
  assert.equal(client.call("OBJECT", "FREQ", "a"), ":77\r\n");
});

test("RESTORE: events", () => {
  const world = new World({ directives: { "notify-keyspace-events": "KEA" } });
  const listener = world.connect();
  listener.call("PSUBSCRIBE", "__keyevent@0__:*");
  const client = world.connect();
  client.call("SET", "s", "hello");
  const bytes = parseReply(client.call("DUMP", "s")).reply.text;
  const events = () =>
    Array.from(listener.socket.reader.take().matchAll(/__:(\w+)\r\n/g), (match) => match[1]);
  events();
  client.call("RESTORE", "a", "0", bytes);
  assert.deepEqual(events().filter((event) => event !== "new"), ["restore"]);
  client.call("RESTORE", "a", "1", bytes, "ABSTTL", "REPLACE");
  assert.deepEqual(events(), ["del"]);
});

test("RESTORE: what is passed on", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "s", "hello");
  const bytes = parseReply(client.call("DUMP", "s")).reply.text;
  let passed = "";
  const sink = {
    feed(buf: Uint8Array, off: number, len: number) {
      passed += latin1(buf, off, off + len);
    },
  };
  world.engine.propagation.attach(sink);
  const words = (...args: string[]): string[] => {
    client.call(...args);
    const found = passed.split("\r\n").filter((line) => /^[A-Z0-9]/.test(line));
    passed = "";
    return found.filter((word) => word !== "SELECT" && word !== "0");
  };
  const absolute = String(world.clock.wallMs() + 1000);
  assert.deepEqual(words("RESTORE", "a", "1000", bytes), ["RESTORE", absolute, "ABSTTL"]);
  assert.deepEqual(words("RESTORE", "b", absolute, bytes, "ABSTTL"), [
    "RESTORE",
    absolute,
    "ABSTTL",
  ]);
  assert.deepEqual(words("RESTORE", "c", "1", bytes, "ABSTTL"), []);
  assert.deepEqual(words("RESTORE", "a", "1", bytes, "ABSTTL", "REPLACE"), ["UNLINK"]);
  client.call("CONFIG", "SET", "lazyfree-lazy-server-del", "no");
  assert.deepEqual(words("RESTORE", "b", "1", bytes, "ABSTTL", "REPLACE"), ["DEL"]);
  world.engine.propagation.detach(sink);
});
