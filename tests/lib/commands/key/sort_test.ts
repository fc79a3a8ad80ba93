import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { SeededRandom } from "../../../kit/clock.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const SCORES = "-ERR One or more scores can't be converted into double";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX = "-ERR syntax error";
const LIST = "RPUSH l 10 9 1 -3.5";
const WEIGHTS = "MSET w_a 3 w_b 1 w_c 2";

cases("SORT", [
  ["numbers", [LIST, "SORT l"], "*4 $4 -3.5 $1 1 $1 9 $2 10"],
  ["downwards", [LIST, "SORT l DESC"], "*4 $2 10 $1 9 $1 1 $4 -3.5"],
  ["the last direction counts", [LIST, "SORT l DESC ASC"], "*4 $4 -3.5 $1 1 $1 9 $2 10"],
  ["as texts", [LIST, "SORT l ALPHA"], "*4 $4 -3.5 $1 1 $2 10 $1 9"],
  ["texts downwards", ["RPUSH l b a c", "SORT l desc alpha"], "*3 $1 c $1 b $1 a"],
  ["a set", ["SADD s 3 1 2", "SORT s DESC"], "*3 $1 3 $1 2 $1 1"],
  ["a set of texts", ["SADD s c a b", "SORT s ALPHA"], "*3 $1 a $1 b $1 c"],
  ["a sorted set", ["ZADD z 1 9 2 5 3 7", "SORT z"], "*3 $1 5 $1 7 $1 9"],
  ["an absent key", ["SORT l"], "*0"],
  ["wrong type", ["SET l x", "SORT l"], WRONG_TYPE],
  ["a hash", ["HSET l a 1", "SORT l"], WRONG_TYPE],
  ["options before the type", ["SET l x", "SORT l WHAT"], SYNTAX],
  ["no number", ["RPUSH l 1 x", "SORT l"], SCORES],
  ["an empty element", ['RPUSH l 1 ""', "SORT l"], SCORES],
  ["not a number", ["RPUSH l 1 nan", "SORT l"], SCORES],
  ["too large", ["RPUSH l 1 1e400", "SORT l"], SCORES],
  ["too small", ["RPUSH l 1 1e-400", "SORT l"], SCORES],
  ["blanks", ['RPUSH l 1 " 2"', "SORT l"], SCORES],
  ["infinity", ["RPUSH l inf 3 -inf", "SORT l"], "*3 $4 -inf $1 3 $3 inf"],
  ["up to a zero byte", ['RPUSH l 5 "1\\x00x" 3', "SORT l"], "*3 $3 1\u0000x $1 3 $1 5"],
  [
    "equal numbers by their bytes",
    ["RPUSH l 1.0 1 01 0.5", "SORT l"],
    "*4 $3 0.5 $2 01 $1 1 $3 1.0",
  ],
  ["equal numbers downwards", ["RPUSH l 1.0 1 01", "SORT l DESC"], "*3 $3 1.0 $1 1 $2 01"],
  ["many equal", ["RPUSH l 2 1 2 1", "SORT l"], "*4 $1 1 $1 1 $1 2 $1 2"],
  [
    "64 bits",
    ["RPUSH l 9223372036854775807 -9223372036854775808", "SORT l"],
    "*2 $20 -9223372036854775808 $19 9223372036854775807",
  ],
  ["arity", ["SORT"], "-ERR wrong number of arguments for 'sort' command"],
  ["makes a skiplist", ["ZADD z 1 9", "SORT z", "OBJECT ENCODING z"], "$8 skiplist"],
]);

cases("SORT LIMIT", [
  ["the first", [LIST, "SORT l LIMIT 0 2"], "*2 $4 -3.5 $1 1"],
  ["from the middle", [LIST, "SORT l LIMIT 1 2"], "*2 $1 1 $1 9"],
  ["more than there are", [LIST, "SORT l LIMIT 3 9"], "*1 $2 10"],
  ["behind the end", [LIST, "SORT l LIMIT 4 1"], "*0"],
  ["nothing", [LIST, "SORT l LIMIT 1 0"], "*0"],
  ["negative count is all", [LIST, "SORT l LIMIT 2 -7"], "*2 $1 9 $2 10"],
  ["negative offset", [LIST, "SORT l LIMIT -5 1"], "*1 $4 -3.5"],
  ["huge", [LIST, "SORT l LIMIT 3 9223372036854775807"], "*1 $2 10"],
  ["huge offset", [LIST, "SORT l LIMIT 9223372036854775807 2"], "*0"],
  ["the last one counts", [LIST, "SORT l LIMIT 0 1 LIMIT 1 1"], "*1 $1 1"],
  ["no number", [LIST, "SORT l LIMIT x 1"], NOT_INTEGER],
  ["no second number", [LIST, "SORT l LIMIT 1 x"], NOT_INTEGER],
  ["too few words", [LIST, "SORT l LIMIT 1"], SYNTAX],
]);

cases("SORT BY", [
  ["keys", ["RPUSH l a b c", WEIGHTS, "SORT l BY w_*"], "*3 $1 b $1 c $1 a"],
  ["keys downwards", ["RPUSH l a b c", WEIGHTS, "SORT l BY w_* DESC"], "*3 $1 a $1 c $1 b"],
  ["keys in part", ["RPUSH l a b c", WEIGHTS, "SORT l BY w_* LIMIT 1 1"], "*1 $1 c"],
  ["a missing key is 0", ["RPUSH l a b", "MSET w_a -1", "SORT l BY w_*"], "*2 $1 a $1 b"],
  [
    "a key of another type is 0",
    ["RPUSH l a b", "MSET w_a 1", "SADD w_b x", "SORT l BY w_*"],
    "*2 $1 b $1 a",
  ],
  ["equal weights", ["RPUSH l b c a", "SORT l BY w_*"], "*3 $1 a $1 b $1 c"],
  ["fields of hashes", [
    "RPUSH l a b",
    "HSET h_a weight 2",
    "HSET h_b weight 1",
    "SORT l BY h_*->weight",
  ], "*2 $1 b $1 a"],
  [
    "an arrow without a field",
    ["RPUSH l a b", "MSET w_a-> 2 w_b-> 1", "SORT l BY w_*->"],
    "*2 $1 b $1 a",
  ],
  [
    "an arrow in front of the star",
    ["RPUSH l a b", "MSET x->a 2 x->b 1", "SORT l BY x->*"],
    "*2 $1 b $1 a",
  ],
  [
    "only the first star counts",
    ["RPUSH l a b", "MSET w_a* 2 w_b* 1", "SORT l BY w_**"],
    "*2 $1 b $1 a",
  ],
  ["a weight that is no number", ["RPUSH l a", "SET w_a x", "SORT l BY w_*"], SCORES],
  ["texts", ["RPUSH l a b", "MSET w_a z w_b y", "SORT l BY w_* ALPHA"], "*2 $1 b $1 a"],
  [
    "a missing text comes first",
    ["RPUSH l a b", "MSET w_a z", "SORT l BY w_* ALPHA"],
    "*2 $1 b $1 a",
  ],
  [
    "an expired key",
    ["RPUSH l a b", "SET w_b -1 PX 50", "SET w_a -1", "~80", "SORT l BY w_*"],
    "*2 $1 a $1 b",
  ],
  ["nothing: a list stays", ["RPUSH l b a c", "SORT l BY nosort"], "*3 $1 b $1 a $1 c"],
  ["nothing: downwards", ["RPUSH l b a c", "SORT l BY nosort DESC"], "*3 $1 c $1 a $1 b"],
  ["nothing: a part", ["RPUSH l b a c d", "SORT l BY nosort DESC LIMIT 1 2"], "*2 $1 c $1 a"],
  [
    "nothing: a sorted set by rank",
    ["ZADD z 3 a 1 b 2 c", "SORT z BY nosort"],
    "*3 $1 b $1 c $1 a",
  ],
  ["nothing: its end", ["ZADD z 3 a 1 b 2 c", "SORT z BY nosort DESC LIMIT 0 1"], "*1 $1 a"],
  ["nothing: behind the end", ["ZADD z 3 a", "SORT z BY nosort LIMIT 5 1"], "*0"],
  ["nothing: a set as it is", ["SADD s 3 1 2", "SORT s BY nosort LIMIT 1 1"], "*1 $1 2"],
  ["# is nothing, too", ["RPUSH l b a", "SORT l BY #"], "*2 $1 b $1 a"],
  ["without a pattern", ["RPUSH l a", "SORT l BY"], SYNTAX],
]);

cases("SORT GET", [
  ["keys", ["RPUSH l 2 1", "MSET d_1 one d_2 two", "SORT l GET d_*"], "*2 $3 one $3 two"],
  ["the element", ["RPUSH l 2 1", "MSET d_1 one", "SORT l GET # GET d_*"], {
    resp2: "*4 $1 1 $3 one $1 2 $-1",
    resp3: "*4 $1 1 $3 one $1 2 _",
  }],
  ["fields", ["RPUSH l 1", "HSET h_1 f x", "SORT l GET h_*->f"], "*1 $1 x"],
  ["a missing field", ["RPUSH l 1", "HSET h_1 f x", "SORT l GET h_*->g"], {
    resp2: "*1 $-1",
    resp3: "*1 _",
  }],
  ["a field of a string", ["RPUSH l 1", "SET h_1 x", "SORT l GET h_*->f"], {
    resp2: "*1 $-1",
    resp3: "*1 _",
  }],
  ["a key without a star", ["RPUSH l 1", "SET d x", "SORT l GET d"], {
    resp2: "*1 $-1",
    resp3: "*1 _",
  }],
  ["a number", ["RPUSH l 1", "SET d_1 42", "SORT l GET d_*"], "*1 $2 42"],
  ["without a pattern", ["RPUSH l a", "SORT l GET"], SYNTAX],
]);

cases("SORT STORE", [
  ["answers the length", [LIST, "SORT l STORE d"], ":4"],
  ["stores a list", [LIST, "SORT l STORE d", "LRANGE d 0 -1"], "*4 $4 -3.5 $1 1 $1 9 $2 10"],
  ["encoding", [LIST, "SORT l STORE d", "OBJECT ENCODING d"], "$8 listpack"],
  [
    "what GET finds",
    ["RPUSH l 2 1", "SET d_1 x", "SORT l GET d_* GET # STORE d", "LRANGE d 0 -1"],
    "*4 $1 x $1 1 $0  $1 2",
  ],
  ["onto itself", [LIST, "SORT l STORE l", "LRANGE l 0 1"], "*2 $4 -3.5 $1 1"],
  ["replaces any type", [LIST, "SET d x EX 100", "SORT l STORE d", "TTL d"], ":-1"],
  ["nothing deletes", ["SET d x", "SORT l STORE d", "EXISTS d"], ":0"],
  ["nothing answers 0", ["SET d x", "SORT l STORE d"], ":0"],
  ["the last target counts", [LIST, "SORT l STORE d STORE e", "EXISTS d"], ":0"],
  [
    "a set that is not sorted is",
    ["SADD s c a b", "SORT s BY nosort STORE d", "LRANGE d 0 -1"],
    "*3 $1 a $1 b $1 c",
  ],
  [
    "even numbers, as texts",
    ["SADD s 10 9 1", "SORT s BY nosort STORE d", "LRANGE d 0 -1"],
    "*3 $1 1 $2 10 $1 9",
  ],
  ["an error stores nothing", ["RPUSH l x", "SET d y", "SORT l STORE d", "GET d"], "$1 y"],
  ["marks the target", [LIST, "WATCH d", "@2 SORT l STORE d", "MULTI", "EXEC"], "*-1"],
  [
    "wakes who waits for a list",
    [LIST, "@2 BLPOP d 0", "SORT l STORE d", "@2 <"],
    "*2 $1 d $4 -3.5",
  ],
  ["without a target", [LIST, "SORT l STORE"], SYNTAX],
]);

cases("SORT_RO", [
  ["sorts", [LIST, "SORT_RO l LIMIT 0 1"], "*1 $4 -3.5"],
  ["BY and GET", ["RPUSH l a b c", WEIGHTS, "SORT_RO l BY w_* GET w_*"], "*3 $1 1 $1 2 $1 3"],
  ["no STORE", [LIST, "SORT_RO l STORE d"], SYNTAX],
  ["arity", ["SORT_RO"], "-ERR wrong number of arguments for 'sort_ro' command"],
]);

cases("keys of SORT", [
  ["one", ["COMMAND GETKEYS SORT l"], "*1 $1 l"],
  ["with a target", ["COMMAND GETKEYS SORT l BY x LIMIT 0 1 STORE d"], "*2 $1 l $1 d"],
  ["the last target", ["COMMAND GETKEYS SORT l STORE d STORE e"], "*2 $1 l $1 e"],
  ["a pattern called store", ["COMMAND GETKEYS SORT l BY store GET store"], "*1 $1 l"],
  [
    "flags",
    ["COMMAND GETKEYSANDFLAGS SORT l STORE d"],
    "*2 *2 $1 l *2 +RO +access *2 $1 d *2 +OW +update",
  ],
  ["SORT_RO has one", ["COMMAND GETKEYS SORT_RO l BY x STORE d"], "*1 $1 l"],
]);

test("SORT: random lists in the order of JavaScript's sort", () => {
  const random = new SeededRandom(5);
  const client = new World().connect();
  for (const size of [1, 2, 10, 100, 2000]) {
    const numbers = Array.from({ length: size }, () => String(random.below(size) - size / 2));
    client.call("DEL", "l");
    client.call("RPUSH", "l", ...numbers);
    const ask = (...args: string[]) =>
      (parseReply(client.call("SORT", "l", ...args)).reply.items ?? []).map((item) => item.text);
    const wanted = numbers.map(Number).sort((a, b) => a - b).map(String);
    assert.deepEqual(ask(), wanted);
    assert.deepEqual(ask("DESC"), wanted.toReversed());
    assert.deepEqual(ask("ALPHA"), numbers.toSorted());
    const half = Math.floor(size / 2);
    assert.deepEqual(ask("LIMIT", String(half), "3"), wanted.slice(half, half + 3));
  }
});
