import { cases } from "../../../kit/cases.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const Z = "ZADD z 1 a 2 b 3 c";
const Y = "ZADD y 10 b 20 c 30 d";
const WRONG = /^-WRONGTYPE/;
const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";

cases("ZUNION", [
  ["adds up", [Z, Y, "ZUNION 2 z y WITHSCORES"], {
    resp2: "*8 $1 a $1 1 $1 b $2 12 $1 c $2 23 $1 d $2 30",
    resp3: "*4 *2 $1 a ,1 *2 $1 b ,12 *2 $1 c ,23 *2 $1 d ,30",
  }],
  ["without scores", [Z, Y, "ZUNION 2 z y"], "*4 $1 a $1 b $1 c $1 d"],
  ["the least", [Z, Y, "ZUNION 2 z y AGGREGATE MIN WITHSCORES"], /\$1 b [$,].*2 .*\$1 d/],
  ["the greatest", [Z, Y, "ZUNION 2 z y AGGREGATE max"], "*4 $1 a $1 b $1 c $1 d"],
  ["weights", [Z, Y, "ZUNION 2 z y WEIGHTS 10 -1 WITHSCORES"], {
    resp2: "*8 $1 d $3 -30 $1 a $2 10 $1 b $2 10 $1 c $2 10",
    resp3: "*4 *2 $1 d ,-30 *2 $1 a ,10 *2 $1 b ,10 *2 $1 c ,10",
  }],
  ["one", [Z, "ZUNION 1 z"], "*3 $1 a $1 b $1 c"],
  ["the same twice", [Z, "ZUNION 2 z z WITHSCORES"], /\$1 a [$,].*2 /],
  ["absent keys", [Z, "ZUNION 3 x z w"], "*3 $1 a $1 b $1 c"],
  ["nothing at all", ["ZUNION 2 x y WITHSCORES"], "*0"],
  ["of sets", ["SADD s a b", "SADD t 1 2", "ZUNION 2 s t WITHSCORES"], {
    resp2: "*8 $1 1 $1 1 $1 2 $1 1 $1 a $1 1 $1 b $1 1",
    resp3: "*4 *2 $1 1 ,1 *2 $1 2 ,1 *2 $1 a ,1 *2 $1 b ,1",
  }],
  ["a set and a sorted set", [Z, "SADD s a x", "ZUNION 2 z s WEIGHTS 1 5 WITHSCORES"], {
    resp2: "*8 $1 b $1 2 $1 c $1 3 $1 x $1 5 $1 a $1 6",
    resp3: "*4 *2 $1 b ,2 *2 $1 c ,3 *2 $1 x ,5 *2 $1 a ,6",
  }],
  ["infinities cancel out", [
    "ZADD x +inf a",
    "ZADD y -inf a",
    "ZUNION 2 x y WITHSCORES",
  ], { resp2: "*2 $1 a $1 0", resp3: "*1 *2 $1 a ,0" }],
  ["infinity times zero", ["ZADD x +inf a", "ZUNION 1 x WEIGHTS 0 WITHSCORES"], {
    resp2: "*2 $1 a $1 0",
    resp3: "*1 *2 $1 a ,0",
  }],
  ["wrong type", [Z, "SET x 1", "ZUNION 2 z x"], WRONG],
  ["wrong type before options", ["SET x 1", "ZUNION 1 x NONSENSE"], WRONG],
  ["no number", ["ZUNION a z"], NOT_INTEGER],
  ["no keys", ["ZUNION 0 z"], "-ERR at least 1 input key is needed for 'zunion' command"],
  ["too large a number", ["ZUNION 2 z"], SYNTAX],
  ["an unknown option", ["ZUNION 1 z LIMIT 1"], SYNTAX],
  ["too few weights", ["ZUNION 2 z y WEIGHTS 1"], SYNTAX],
  ["a weight that is none", ["ZUNION 1 z WEIGHTS x"], "-ERR weight value is not a float"],
  ["an aggregate that is none", ["ZUNION 1 z AGGREGATE AVG"], SYNTAX],
  ["an aggregate missing", ["ZUNION 1 z AGGREGATE"], SYNTAX],
], { variants });

cases("ZINTER", [
  ["adds up", [Z, Y, "ZINTER 2 z y WITHSCORES"], {
    resp2: "*4 $1 b $2 12 $1 c $2 23",
    resp3: "*2 *2 $1 b ,12 *2 $1 c ,23",
  }],
  ["the least", [Z, Y, "ZINTER 2 z y AGGREGATE MIN WITHSCORES"], {
    resp2: "*4 $1 b $1 2 $1 c $1 3",
    resp3: "*2 *2 $1 b ,2 *2 $1 c ,3",
  }],
  ["weights", [Z, Y, "ZINTER 2 z y WEIGHTS 2 0.5 AGGREGATE MAX WITHSCORES"], {
    resp2: "*4 $1 b $1 5 $1 c $2 10",
    resp3: "*2 *2 $1 b ,5 *2 $1 c ,10",
  }],
  ["the same twice", [Z, "ZINTER 2 z z WEIGHTS 1 2 WITHSCORES"], /\$1 a [$,].*3 .*\$1 b [$,].*6 /],
  ["with an absent key", [Z, "ZINTER 2 z x"], "*0"],
  ["with a set", [Z, "SADD s b c x", "ZINTER 2 z s WITHSCORES"], {
    resp2: "*4 $1 b $1 3 $1 c $1 4",
    resp3: "*2 *2 $1 b ,3 *2 $1 c ,4",
  }],
  ["of integers", ["ZADD z 1 5 1 6", "SADD s 6 7", "ZINTER 2 z s"], "*1 $1 6"],
  ["infinities cancel out", [
    "ZADD x +inf a",
    "ZADD y -inf a",
    "ZINTER 2 x y WITHSCORES",
  ], { resp2: "*2 $1 a $1 0", resp3: "*1 *2 $1 a ,0" }],
  ["wrong type", [Z, "RPUSH x 1", "ZINTER 2 z x"], WRONG],
  ["no keys", ["ZINTER 0 z"], "-ERR at least 1 input key is needed for 'zinter' command"],
], { variants });

cases("ZDIFF", [
  ["what is only in the first", [Z, Y, "ZDIFF 2 z y WITHSCORES"], {
    resp2: "*2 $1 a $1 1",
    resp3: "*1 *2 $1 a ,1",
  }],
  ["the first alone", [Z, "ZDIFF 1 z"], "*3 $1 a $1 b $1 c"],
  ["with itself", [Z, "ZDIFF 2 z z"], "*0"],
  ["an absent first", [Z, "ZDIFF 2 x z"], "*0"],
  ["an absent second", [Z, "ZDIFF 2 z x"], "*3 $1 a $1 b $1 c"],
  ["several", [Z, "ZADD x 1 a", "ZADD y 1 c", "ZDIFF 3 z x y"], "*1 $1 b"],
  ["of sets", ["SADD s a b", "SADD t b", "ZDIFF 2 s t WITHSCORES"], {
    resp2: "*2 $1 a $1 1",
    resp3: "*1 *2 $1 a ,1",
  }],
  ["knows no weights", ["ZDIFF 1 z WEIGHTS 1"], SYNTAX],
  ["knows no aggregate", ["ZDIFF 1 z AGGREGATE SUM"], SYNTAX],
  ["no keys", ["ZDIFF 0 z"], "-ERR at least 1 input key is needed for 'zdiff' command"],
], { variants });

cases("ZINTERCARD", [
  ["counts", [Z, Y, "ZINTERCARD 2 z y"], ":2"],
  ["up to a limit", [Z, Y, "ZINTERCARD 2 z y LIMIT 1"], ":1"],
  ["a limit of 0 is none", [Z, Y, "ZINTERCARD 2 z y LIMIT 0"], ":2"],
  ["a large limit", [Z, Y, "ZINTERCARD 2 z y LIMIT 9"], ":2"],
  ["an absent key", [Z, "ZINTERCARD 2 z x"], ":0"],
  ["a negative limit", ["ZINTERCARD 1 z LIMIT -1"], "-ERR LIMIT can't be negative"],
  ["a limit that is none", ["ZINTERCARD 1 z LIMIT x"], "-ERR LIMIT can't be negative"],
  ["no keys", ["ZINTERCARD 0 z"], "-ERR at least 1 input key is needed for 'zintercard' command"],
  ["WITHSCORES", ["ZINTERCARD 1 z WITHSCORES"], SYNTAX],
  ["LIMIT without a number", ["ZINTERCARD 1 z LIMIT"], SYNTAX],
], { variants });

cases("ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE", [
  ["a union", [Z, Y, "ZUNIONSTORE t 2 z y"], ":4"],
  ["a union's scores", [Z, Y, "ZUNIONSTORE t 2 z y WEIGHTS 2 1", "ZMSCORE t a b d"], {
    resp2: "*3 $1 2 $2 14 $2 30",
    resp3: "*3 ,2 ,14 ,30",
  }],
  ["an intersection", [Z, Y, "ZINTERSTORE t 2 z y", "ZRANGE t 0 -1"], "*2 $1 b $1 c"],
  ["a difference", [Z, Y, "ZDIFFSTORE t 2 z y", "ZRANGE t 0 -1"], "*1 $1 a"],
  ["over one of the inputs", [Z, Y, "ZUNIONSTORE z 2 z y", "ZCARD z"], ":4"],
  ["over a string", [Z, "SET t x", "ZUNIONSTORE t 1 z", "TYPE t"], "+zset"],
  ["takes an expiry away", [Z, "SET t x EX 100", "ZUNIONSTORE t 1 z", "TTL t"], ":-1"],
  ["nothing deletes", ["SET t x", "ZUNIONSTORE t 1 z", "EXISTS t"], ":0"],
  ["nothing", ["ZINTERSTORE t 1 z"], ":0"],
  ["WITHSCORES", ["ZUNIONSTORE t 1 z WITHSCORES"], SYNTAX],
  ["wrong type leaves the target", ["SET t x", "SET z x", "ZUNIONSTORE t 1 z", "GET t"], "$1 x"],
  ["wrong type", ["SET z x", "ZDIFFSTORE t 1 z"], WRONG],
  ["no keys", [
    "ZUNIONSTORE t 0 z",
  ], "-ERR at least 1 input key is needed for 'zunionstore' command"],
  ["marks watchers", [Z, "WATCH t", "@2 ZUNIONSTORE t 1 z", "MULTI", "PING", "EXEC"], "*-1"],
  ["nothing to delete marks none", [
    "WATCH t",
    "@2 ZUNIONSTORE t 1 z",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
], { variants });

const LISTPACK = "CONFIG SET zset-max-listpack-entries 128";
const LONG = "x".repeat(65);

cases("encodings of stored results", [
  ["small", [LISTPACK, Z, "ZUNIONSTORE t 1 z", "OBJECT ENCODING t"], "$8 listpack"],
  ["of tables", [
    "CONFIG SET zset-max-listpack-entries 0",
    Z,
    LISTPACK,
    "ZINTERSTORE t 1 z",
    "OBJECT ENCODING t",
  ], "$8 listpack"],
  ["too many", [
    LISTPACK,
    Z,
    Y,
    "CONFIG SET zset-max-listpack-entries 3",
    "ZUNIONSTORE t 2 z y",
    "OBJECT ENCODING t",
  ], "$8 skiplist"],
  [
    "a long name",
    [LISTPACK, `ZADD z 1 ${LONG}`, "ZUNIONSTORE t 1 z", "OBJECT ENCODING t"],
    "$8 skiplist",
  ],
  ["a long name left out", [
    LISTPACK,
    `ZADD z 1 ${LONG} 2 a`,
    `SADD s ${LONG}`,
    "ZDIFFSTORE t 2 z s",
    "OBJECT ENCODING t",
  ], "$8 listpack"],
  ["minus zero", [LISTPACK, "ZADD z 5 a", "ZUNION 1 z WEIGHTS -0 WITHSCORES"], {
    resp2: "*2 $1 a $2 -0",
    resp3: "*1 *2 $1 a ,-0",
  }],
]);

const LISTEN = ["CONFIG SET notify-keyspace-events KA", "@2 SUBSCRIBE __keyspace@0__:t"];

cases("events of stores", [
  ["no new key where there was one", [
    "CONFIG SET notify-keyspace-events KAn",
    "SET t x",
    "@2 SUBSCRIBE __keyspace@0__:t",
    Z,
    "ZUNIONSTORE t 1 z",
    "@2 <",
  ], /^[*>]3 \$7 message \$16 __keyspace@0__:t \$11 zunionstore$/],
  ["zunionstore", [...LISTEN, Z, "ZUNIONSTORE t 1 z", "@2 <"], /\$11 zunionstore$/],
  ["zinterstore", [...LISTEN, Z, "ZINTERSTORE t 1 z", "@2 <"], /\$11 zinterstore$/],
  ["zdiffstore", [...LISTEN, Z, "ZDIFFSTORE t 1 z", "@2 <"], /\$10 zdiffstore$/],
  ["del", [...LISTEN, "SET t x", "ZDIFFSTORE t 1 z", "@2 <"], /\$3 del$/],
]);
