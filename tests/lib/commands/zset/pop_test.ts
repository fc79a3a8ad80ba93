import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../../lib/bytes/ascii.ts";
import { cases } from "../../../kit/cases.ts";
import { splitWords } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const Z = "ZADD z 1 a 2 b 3.5 c";
const WRONG = /^-WRONGTYPE/;
const SYNTAX = "-ERR syntax error";
const NOT_POSITIVE = "-ERR value is out of range, must be positive";
const NUMKEYS = "-ERR numkeys should be greater than 0";
const COUNT = "-ERR count should be greater than 0";

cases("ZPOPMIN, ZPOPMAX", [
  ["one", [Z, "ZPOPMIN z"], { resp2: "*2 $1 a $1 1", resp3: "*2 $1 a ,1" }],
  ["the last", [Z, "ZPOPMAX z"], { resp2: "*2 $1 c $3 3.5", resp3: "*2 $1 c ,3.5" }],
  ["removes", [Z, "ZPOPMIN z", "ZRANGE z 0 -1"], "*2 $1 b $1 c"],
  ["a count of one", [Z, "ZPOPMIN z 1"], { resp2: "*2 $1 a $1 1", resp3: "*1 *2 $1 a ,1" }],
  ["several", [Z, "ZPOPMAX z 2"], {
    resp2: "*4 $1 c $3 3.5 $1 b $1 2",
    resp3: "*2 *2 $1 c ,3.5 *2 $1 b ,2",
  }],
  ["more than there are", [Z, "ZPOPMIN z 9223372036854775807", "EXISTS z"], ":0"],
  ["none", [Z, "ZPOPMIN z 0"], "*0"],
  ["leaves all when none", [Z, "ZPOPMIN z 0", "ZCARD z"], ":3"],
  ["no key", ["ZPOPMIN z"], "*0"],
  ["no key with a count", ["ZPOPMAX z 5"], "*0"],
  ["negative", ["ZPOPMIN z -1"], NOT_POSITIVE],
  ["no integer", ["ZPOPMIN z x"], NOT_POSITIVE],
  ["too many arguments", ["ZPOPMIN z 1 2"], SYNTAX],
  ["wrong type", ["SET z x", "ZPOPMIN z"], WRONG],
  ["wrong type with a count of none", ["SET z x", "ZPOPMAX z 0"], WRONG],
], { variants });

cases("ZMPOP", [
  ["the first key that exists", [Z, "ZMPOP 2 y z MIN"], {
    resp2: "*2 $1 z *1 *2 $1 a $1 1",
    resp3: "*2 $1 z *1 *2 $1 a ,1",
  }],
  ["MAX with COUNT", [Z, "ZMPOP 1 z MAX COUNT 2"], {
    resp2: "*2 $1 z *2 *2 $1 c $3 3.5 *2 $1 b $1 2",
    resp3: "*2 $1 z *2 *2 $1 c ,3.5 *2 $1 b ,2",
  }],
  ["more than there are", [Z, "ZMPOP 1 z MIN COUNT 9", "EXISTS z"], ":0"],
  ["none exists", ["ZMPOP 2 y z MIN"], { resp2: "*-1", resp3: "_" }],
  ["wrong type first", ["SET y x", Z, "ZMPOP 2 y z MIN"], WRONG],
  ["wrong type behind does not matter", [Z, "SET y x", "ZMPOP 2 z y min"], /^\*2 \$1 z/],
  ["no keys", ["ZMPOP 0 z MIN"], NUMKEYS],
  ["a negative number", ["ZMPOP -1 z MIN"], NUMKEYS],
  ["no number", ["ZMPOP x z MIN"], NUMKEYS],
  ["too large a number", ["ZMPOP 3 z MIN COUNT 1"], SYNTAX],
  ["far too large", ["ZMPOP 99999999 z MIN"], SYNTAX],
  ["neither MIN nor MAX", ["ZMPOP 1 z MEDIAN"], SYNTAX],
  ["COUNT 0", ["ZMPOP 1 z MIN COUNT 0"], COUNT],
  ["COUNT of text", ["ZMPOP 1 z MIN COUNT x"], COUNT],
  ["COUNT without number", ["ZMPOP 1 z MIN COUNT"], SYNTAX],
  ["COUNT twice", ["ZMPOP 1 z MIN COUNT 1 COUNT 2"], SYNTAX],
  ["another option", ["ZMPOP 1 z MIN WITHSCORES"], SYNTAX],
], { variants });

cases("BZPOPMIN, BZPOPMAX, BZMPOP without waiting", [
  ["the first", [Z, "BZPOPMIN y z 0"], { resp2: "*3 $1 z $1 a $1 1", resp3: "*3 $1 z $1 a ,1" }],
  ["the last", [Z, "BZPOPMAX z 0"], { resp2: "*3 $1 z $1 c $3 3.5", resp3: "*3 $1 z $1 c ,3.5" }],
  ["the last member takes the key along", ["ZADD z 1 a", "BZPOPMIN z 0", "EXISTS z"], ":0"],
  ["BZMPOP", [Z, "BZMPOP 0 2 y z MAX COUNT 2"], {
    resp2: "*2 $1 z *2 *2 $1 c $3 3.5 *2 $1 b $1 2",
    resp3: "*2 $1 z *2 *2 $1 c ,3.5 *2 $1 b ,2",
  }],
  ["wrong type", ["SET z x", "BZPOPMIN z 0"], WRONG],
  ["wrong type for BZMPOP", ["SET z x", "BZMPOP 0 1 z MIN"], WRONG],
  ["no time", ["BZPOPMIN z x"], "-ERR timeout is not a float or out of range"],
  ["a negative time", ["BZPOPMIN z -1"], "-ERR timeout is negative"],
  ["BZMPOP: numkeys before time", ["BZMPOP x 0 z MIN"], NUMKEYS],
  ["BZMPOP: words before time", ["BZMPOP x 1 z NO"], SYNTAX],
  ["BZMPOP: time", ["BZMPOP -1 1 z MIN"], "-ERR timeout is negative"],
  ["BZMPOP: COUNT 0", ["BZMPOP 0 1 z MIN COUNT 0"], COUNT],
  ["in a transaction", ["MULTI", "BZPOPMIN z 0", "EXEC"], { resp2: "*1 *-1", resp3: "*1 _" }],
  ["BZMPOP in a transaction", ["MULTI", "BZMPOP 0 1 z MIN", "EXEC"], {
    resp2: "*1 *-1",
    resp3: "*1 _",
  }],
], { variants });

cases("waiting for sorted sets", [
  ["ZADD serves", ["@2 BZPOPMIN z 0", "ZADD z 2 b 1 a", "@2 <"], {
    resp2: "*3 $1 z $1 a $1 1",
    resp3: "*3 $1 z $1 a ,1",
  }],
  ["after the whole command", ["@2 BZPOPMAX z 0", "ZADD z 1 a 2 b", "@2 <"], /\$1 b/],
  ["the rest stays", ["@2 BZPOPMIN z 0", "ZADD z 1 a 2 b", "ZRANGE z 0 -1"], "*1 $1 b"],
  ["any of the keys", ["@2 BZPOPMIN x y z 0", "ZADD y 1 a", "@2 <"], /^\*3 \$1 y/],
  [
    "in order of waiting",
    ["@2 BZPOPMIN z 0", "@3 BZPOPMIN z 0", "ZADD z 1 a 2 b", "@3 <"],
    /\$1 b/,
  ],
  ["BZMPOP", ["@2 BZMPOP 0 1 z MIN COUNT 5", "ZADD z 1 a 2 b", "@2 <"], {
    resp2: "*2 $1 z *2 *2 $1 a $1 1 *2 $1 b $1 2",
    resp3: "*2 $1 z *2 *2 $1 a ,1 *2 $1 b ,2",
  }],
  ["a list does not wake", ["@2 BZPOPMIN z 0", "RPUSH z a", "@2 <"], ""],
  ["ZUNIONSTORE serves", [
    "ZADD y 1 a",
    "@2 BZPOPMIN z 0",
    "ZUNIONSTORE z 1 y",
    "@2 <",
  ], /^\*3 \$1 z \$1 a/],
  ["ZRANGESTORE serves", [
    "ZADD y 1 a",
    "@2 BZPOPMIN z 0",
    "ZRANGESTORE z y 0 -1",
    "@2 <",
  ], /^\*3 \$1 z \$1 a/],
  ["RENAME serves", ["ZADD y 1 a", "@2 BZPOPMIN z 0", "RENAME y z", "@2 <"], /^\*3 \$1 z \$1 a/],
  ["a transaction serves at its end", [
    "@2 BZPOPMIN z 0",
    "MULTI",
    "ZADD z 1 a",
    "DEL z",
    "ZADD z 2 b",
    "EXEC",
    "@2 <",
  ], /^\*3 \$1 z \$1 b/],
  ["time runs out", ["@2 BZPOPMIN z 0.05", "~120", "@2 <"], { resp2: "*-1", resp3: "_" }],
  ["BZMPOP: time runs out", ["@2 BZMPOP 0.05 1 z MIN", "~120", "@2 <"], {
    resp2: "*-1",
    resp3: "_",
  }],
]);

const LISTEN = ["CONFIG SET notify-keyspace-events KA", "@2 SUBSCRIBE __keyspace@0__:z"];

cases("events of taking out", [
  ["zpopmin", [...LISTEN, Z, "ZPOPMIN z 2", "@2 <"], /\$4 zadd .*\$7 zpopmin$/],
  ["zpopmax, then del", [...LISTEN, Z, "ZPOPMAX z 3", "@2 <"], /\$7 zpopmax .*\$3 del$/],
  ["ZMPOP", [...LISTEN, Z, "ZMPOP 1 z MAX", "@2 <"], /\$7 zpopmax$/],
  ["none when nothing goes", [...LISTEN, Z, "ZPOPMIN z 0", "@2 <"], /\$4 zadd$/],
], { variants });

cases("taking out under WATCH", [
  ["marks", [Z, "WATCH z", "@2 ZPOPMIN z", "MULTI", "PING", "EXEC"], "*-1"],
  ["not when nothing goes", ["WATCH z", "@2 ZPOPMIN z", "MULTI", "PING", "EXEC"], "*1 +PONG"],
], { variants });

/** The commands that reach replicas and files when the last of the steps runs, SELECT left out. */
function passedOn(...steps: string[]): string[] {
  const world = new World();
  const client = world.connect();
  let text = "";
  const sink = {
    feed(buf: Uint8Array, off: number, len: number) {
      text += latin1(buf, off, len);
    },
  };
  for (const [i, step] of steps.entries()) {
    if (i === steps.length - 1) world.engine.propagation.attach(sink);
    client.call(...splitWords(step));
  }
  world.engine.propagation.detach(sink);
  return text.split(/^\*\d+\r\n/m).slice(1)
    .map((command) => command.split("\r\n").filter((_, i) => i % 2 === 1).join(" "))
    .filter((command) => !command.startsWith("SELECT"));
}

test("what was taken out is passed on by key and count", () => {
  assert.deepEqual(passedOn(Z, "ZMPOP 2 y z MIN COUNT 9"), ["ZPOPMIN z 3"]);
  assert.deepEqual(passedOn(Z, "BZMPOP 0 1 z MAX"), ["ZPOPMAX z 1"]);
  assert.deepEqual(passedOn(Z, "BZPOPMIN y z 0"), ["ZPOPMIN z"]);
  assert.deepEqual(passedOn(Z, "BZPOPMAX z 0"), ["ZPOPMAX z"]);
  assert.deepEqual(passedOn(Z, "ZPOPMIN z 2"), ["ZPOPMIN z 2"]);
  assert.deepEqual(passedOn("ZMPOP 1 z MIN"), []);
});
