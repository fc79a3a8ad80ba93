import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NOT_GREATER =
  "-ERR The ID specified in XADD is equal or smaller than the target stream top item";
const ARITY = "-ERR wrong number of arguments for 'xadd' command";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const BOTH = "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
const MAX = "18446744073709551615";

/** Entries 1-0 to 9-0. */
const NINE = Array.from({ length: 9 }, (_, i) => `XADD s ${i + 1}-0 f ${i}`);

cases("XADD", [
  ["a whole id", ["XADD s 1-1 a b"], "$3 1-1"],
  ["a time alone", ["XADD s 7 a b"], "$3 7-0"],
  ["the next number", ["XADD s 7-* a b", "XADD s 7-* a b"], "$3 7-1"],
  ["the first number of a later time", ["XADD s 7-9 a b", "XADD s 8-* a b"], "$3 8-0"],
  ["the first number at time 0", ["XADD s 0-* a b"], "$3 0-1"],
  ["the next number of an earlier time", ["XADD s 7-9 a b", "XADD s 6-* a b"], NOT_GREATER],
  ["by the clock", ["XADD s * a b"], /^\$15 1\d{12}-0$/],
  ["never backwards", ["XADD s 9999999999999-3 a b", "XADD s * a b"], "$15 9999999999999-4"],
  ["the number runs over to the time", [
    `XADD s 9999999999999-${MAX} a b`,
    "XADD s * a b",
  ], "$16 10000000000000-0"],
  ["but not with a time given", [`XADD s 5-${MAX} a b`, "XADD s 5-* a b"], NOT_GREATER],
  ["64 bits", [`XADD s 9223372036854775808-${MAX} a b`], `$40 9223372036854775808-${MAX}`],
  ["the last id", [`XADD s ${MAX}-${MAX} a b`], `$41 ${MAX}-${MAX}`],
  [
    "behind the last id",
    [`XADD s ${MAX}-${MAX} a b`, "XADD s * a b"],
    "-ERR The stream has exhausted the last possible ID, unable to add more items",
  ],
  ["equal", ["XADD s 1-1 a b", "XADD s 1-1 a b"], NOT_GREATER],
  ["smaller", ["XADD s 1-1 a b", "XADD s 1-0 a b"], NOT_GREATER],
  ["smaller than a deleted one", ["XADD s 5-0 a b", "XDEL s 5-0", "XADD s 4-0 a b"], NOT_GREATER],
  ["zero", ["XADD s 0-0 a b"], "-ERR The ID specified in XADD must be greater than 0-0"],
  ["zero makes no key", ["XADD s 0-0 a b", "EXISTS s"], ":0"],
  ["no id", ["XADD s abc a b"], INVALID],
  ["half an id", ["XADD s 1- a b"], INVALID],
  ["three parts", ["XADD s 1-1-1 a b"], INVALID],
  ["a negative number", ["XADD s 1--1 a b"], INVALID],
  ["too long a number", [`XADD s 18446744073709551616-0 a b`], INVALID],
  ["ends of ranges", ["XADD s + a b"], INVALID],
  ["any decimal", ["XADD s +007-01 a b"], "$3 7-1"],
  ["a time that is a star", ["XADD s *-1 a b"], INVALID],
  ["no pairs", ["XADD s 1-1 a"], ARITY],
  ["half a pair", ["XADD s 1-1 a b c"], ARITY],
  ["options only", ["XADD s MAXLEN 1 NOMKSTREAM"], ARITY],
  ["ids before pairs", ["XADD s x-1 a b c"], INVALID],
  ["wrong type", ["SET s x", "XADD s 1-1 a b"], /^-WRONGTYPE/],
  ["NOMKSTREAM without a key", ["XADD s NOMKSTREAM 1-1 a b"], { resp2: "$-1", resp3: "_" }],
  ["NOMKSTREAM with a key", ["XADD s 1-1 a b", "XADD s nomkstream 1-2 a b"], "$3 1-2"],
  ["integers, strings and nothing come back", [
    'XADD s 1-1 12 -9223372036854775808 "" "" 007 \\x00\\xff',
    "XRANGE s - +",
  ], /^\*1 \*2 \$3 1-1 \*6 \$2 12 \$20 -9223372036854775808 \$0 {2}\$0 {2}\$3 007 /],
  [
    "other fields",
    [
      "XADD s 1-1 a b",
      "XADD s 1-2 c d",
      "XADD s 1-3 a d",
      "XADD s 1-4 a b c d",
      "XRANGE s - +",
    ],
    "*4 *2 $3 1-1 *2 $1 a $1 b *2 $3 1-2 *2 $1 c $1 d *2 $3 1-3 *2 $1 a $1 d *2 $3 1-4 *4 $1 a $1 b $1 c $1 d",
  ],
  ["marks watched keys", ["WATCH s", "@2 XADD s 1-1 a b", "MULTI", "PING", "EXEC"], "*-1"],
  ["marks nobody in vain", [
    "XADD s 5-1 a b",
    "WATCH s",
    "@2 XADD s 1-1 a b",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

cases("XADD with trimming", [
  ["MAXLEN", [...NINE, "XADD s MAXLEN 2 10-0 a b", "XRANGE s - + COUNT 1"], /^\*1 \*2 \$3 9-0 /],
  ["MAXLEN =", [...NINE, "XADD s maxlen = 2 10-0 a b", "XLEN s"], ":2"],
  ["MAXLEN ~ keeps a node that stays", [...NINE, "XADD s MAXLEN ~ 2 10-0 a b", "XLEN s"], ":10"],
  ["MAXLEN 0", [...NINE, "XADD s MAXLEN 0 10-0 a b", "XLEN s"], ":0"],
  ["MAXLEN 0 keeps the key", ["XADD s MAXLEN 0 1-0 a b", "EXISTS s"], ":1"],
  ["MINID", [...NINE, "XADD s MINID 8 10-0 a b", "XLEN s"], ":3"],
  ["MINID takes a gap", [...NINE, "XADD s MINID 8-1 10-0 a b", "XLEN s"], ":2"],
  ["MINID above all", [...NINE, "XADD s MINID 99 10-0 a b", "XLEN s"], ":0"],
  ["negative MAXLEN", ["XADD s MAXLEN -1 1-0 a b"], "-ERR The MAXLEN argument must be >= 0."],
  ["no MAXLEN", ["XADD s MAXLEN x 1-0 a b"], NOT_INTEGER],
  ["~ without a number", ["XADD s MAXLEN ~ 1-0 a b"], NOT_INTEGER],
  ["no MINID", ["XADD s MINID + 1-0 a b"], INVALID],
  ["both", ["XADD s MAXLEN 1 MINID 1 1-0 a b"], BOTH],
  ["twice", ["XADD s MAXLEN 1 MAXLEN 1 1-0 a b"], BOTH],
  [
    "LIMIT alone",
    ["XADD s LIMIT 1 1-0 a b"],
    "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
  ],
  ["LIMIT 0 alone", ["XADD s LIMIT 0 1-0 a b"], /^-ERR syntax error, LIMIT cannot be used/],
  [
    "LIMIT of an exact trim",
    ["XADD s MAXLEN 1 LIMIT 1 1-0 a b"],
    "-ERR syntax error, LIMIT cannot be used without the special ~ option",
  ],
  [
    "negative LIMIT",
    ["XADD s MAXLEN ~ 1 LIMIT -1 1-0 a b"],
    "-ERR The LIMIT argument must be >= 0.",
  ],
  ["no LIMIT", ["XADD s MAXLEN ~ 1 LIMIT x 1-0 a b"], NOT_INTEGER],
  ["options before pairs", ["XADD s LIMIT 1 1-0 a"], /^-ERR syntax error/],
]);

const SMALL = ["CONFIG SET stream-node-max-entries 3", ...NINE];

cases("XTRIM", [
  ["whole nodes and a rest", [...SMALL, "XTRIM s MAXLEN 4"], ":5"],
  ["what is left", [...SMALL, "XTRIM s MAXLEN 4", "XRANGE s - + COUNT 1"], /^\*1 \*2 \$3 6-0 /],
  ["approximately", [...SMALL, "XTRIM s MAXLEN ~ 4"], ":3"],
  ["exactly enough", [...SMALL, "XTRIM s MAXLEN ~ 3"], ":6"],
  ["LIMIT", [...SMALL, "XTRIM s MAXLEN ~ 0 LIMIT 4"], ":3"],
  ["LIMIT below a node", [...SMALL, "XTRIM s MAXLEN ~ 0 LIMIT 2"], ":0"],
  ["LIMIT 0 is none", [...SMALL, "XTRIM s MAXLEN ~ 0 LIMIT 0"], ":9"],
  ["MINID", [...SMALL, "XTRIM s MINID 5"], ":4"],
  ["MINID =", [...SMALL, "XTRIM s MINID = 5-1"], ":5"],
  ["MINID ~", [...SMALL, "XTRIM s MINID ~ 6"], ":3"],
  ["MINID ~ behind a node", [...SMALL, "XTRIM s MINID ~ 7"], ":6"],
  ["nothing to do", [...SMALL, "XTRIM s MAXLEN 9"], ":0"],
  ["the key stays", [...SMALL, "XTRIM s MAXLEN 0", "EXISTS s"], ":1"],
  ["the last id stays", [...SMALL, "XTRIM s MAXLEN 0", "XADD s 9-0 a b"], NOT_GREATER],
  ["deleted entries do not count", [...SMALL, "XDEL s 1-0 2-0", "XTRIM s MAXLEN 6"], ":1"],
  ["a node keeps its place while its last entry is gone", [
    ...SMALL,
    "XDEL s 3-0",
    "XTRIM s MINID 3",
    "XADD s 10-0 a b",
    "XRANGE s - + COUNT 1",
  ], /^\*1 \*2 \$3 4-0 /],
  ["no key", ["XTRIM s MAXLEN 1"], ":0"],
  ["wrong type", ["SET s x", "XTRIM s MAXLEN 1"], /^-WRONGTYPE/],
  ["no strategy", ["XTRIM s x y"], "-ERR syntax error"],
  ["a missing number", ["XTRIM s MAXLEN ~"], NOT_INTEGER],
  ["too much", ["XTRIM s MAXLEN 1 2"], "-ERR syntax error"],
  ["LIMIT alone", [
    "XTRIM s LIMIT 1",
  ], "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"],
  ["LIMIT 0 alone", [
    "XTRIM s LIMIT 0",
  ], "-ERR syntax error, XTRIM must be called with a trimming strategy"],
  ["options before the key", ["SET s x", "XTRIM s MAXLEN -1"], /^-ERR The MAXLEN/],
  ["limits are put back", ["CONFIG SET stream-node-max-entries 100"], "+OK"],
]);

test("the clock of the server makes the id", () => {
  const world = new World();
  const client = world.connect();
  const now = world.clock.wallMs();
  assert.equal(client.call("XADD", "s", "*", "a", "b"), `$15\r\n${now}-0\r\n`);
  assert.equal(client.call("XADD", "s", "*", "a", "b"), `$15\r\n${now}-1\r\n`);
  world.clock.advance(1);
  assert.equal(client.call("XADD", "s", "*", "a", "b"), `$15\r\n${now + 1}-0\r\n`);
});

test("an entry wakes a client once, also when it is trimmed at once", () => {
  const world = new World();
  const reader = world.connect();
  const client = world.connect();
  assert.equal(reader.call("XREAD", "BLOCK", "0", "STREAMS", "s", "$"), "");
  client.call("XADD", "s", "MAXLEN", "0", "1-0", "a", "b");
  assert.equal(reader.socket.reader.take(), "");
  client.call("XADD", "s", "1-1", "a", "b");
  assert.match(reader.socket.reader.take(), /1-1/);
});
