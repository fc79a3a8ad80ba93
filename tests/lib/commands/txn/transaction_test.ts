import { cases } from "../../../kit/cases.ts";

cases("MULTI", [
  ["starts", ["MULTI"], "+OK"],
  ["queues", ["MULTI", "SET a 1"], "+QUEUED"],
  ["nothing runs before EXEC", ["MULTI", "SET a 1", "@2 GET a"], "$-1"],
  ["not inside itself", ["MULTI", "MULTI"], /^-ERR Command .*not allowed inside a transaction$/],
  ["arity", ["MULTI x"], "-ERR wrong number of arguments for 'multi' command"],
]);

cases("EXEC", [
  ["without MULTI", ["EXEC"], "-ERR EXEC without MULTI"],
  ["runs the queue", ["MULTI", "SET a 1", "INCR a", "GET a", "EXEC"], "*3 +OK :2 $1 2"],
  ["empty", ["MULTI", "EXEC"], "*0"],
  ["only once", ["MULTI", "EXEC", "EXEC"], "-ERR EXEC without MULTI"],
  ["errors of commands do not stop it", [
    "SET a x",
    "MULTI",
    "INCR a",
    "SET b 1",
    "EXEC",
  ], "*2 -ERR value is not an integer or out of range +OK"],
  ["but what was refused does", [
    "MULTI",
    "SET a",
    "SET b 1",
    "EXEC",
  ], "-EXECABORT Transaction discarded because of previous errors."],
  ["unknown commands as well", [
    "MULTI",
    "WHAT",
    "EXEC",
  ], "-EXECABORT Transaction discarded because of previous errors."],
  ["and nothing of it happens", ["MULTI", "SET b 1", "WHAT", "EXEC", "EXISTS b"], ":0"],
  ["SELECT works inside and stays", ["MULTI", "SELECT 1", "SET a 1", "EXEC", "DBSIZE"], ":1"],
  ["time stands still", ["MULTI", "SET a 1 PX 50", "PTTL a", "EXEC"], "*2 +OK :50"],
  ["flushes inside", ["SET a 1", "MULTI", "FLUSHALL", "DBSIZE", "EXEC"], "*2 +OK :0"],
  ["inside a transaction of another client", ["MULTI", "@2 MULTI", "@2 EXEC"], "*0"],
]);

cases("DISCARD", [
  ["without MULTI", ["DISCARD"], "-ERR DISCARD without MULTI"],
  ["forgets the queue", ["MULTI", "SET a 1", "DISCARD"], "+OK"],
  ["forgets the queue", ["MULTI", "SET a 1", "DISCARD", "EXISTS a"], ":0"],
  ["forgets errors", ["MULTI", "WHAT", "DISCARD", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["forgets watched keys", [
    "WATCH a",
    "MULTI",
    "DISCARD",
    "@2 SET a 1",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

cases("WATCH", [
  ["reply", ["WATCH a b c"], "+OK"],
  ["not inside MULTI", ["MULTI", "WATCH a"], /^-ERR Command .*not allowed inside a transaction$/],
  ["untouched", ["WATCH a", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["touched by another", ["WATCH a", "@2 SET a 1", "MULTI", "PING", "EXEC"], "*-1"],
  ["touched by itself", ["WATCH a", "SET a 1", "MULTI", "PING", "EXEC"], "*-1"],
  ["touched after MULTI", ["WATCH a", "MULTI", "PING", "@2 SET a 1", "EXEC"], "*-1"],
  ["another key", ["WATCH a", "@2 SET b 1", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["one of several", ["WATCH a b", "@2 SET b 1", "MULTI", "PING", "EXEC"], "*-1"],
  ["the same key elsewhere", [
    "WATCH a",
    "@2 SELECT 1",
    "@2 SET a 1",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  ["the database of the key is remembered", [
    "WATCH a",
    "SELECT 1",
    "@2 SET a 1",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["only until EXEC", ["WATCH a", "MULTI", "EXEC", "SET a 1", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["also until a failed EXEC", [
    "WATCH a",
    "SET a 1",
    "MULTI",
    "EXEC",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  ["a key that expires", ["SET a 1 PX 20", "WATCH a", "~30", "MULTI", "PING", "EXEC"], "*-1"],
  ["a key that had expired before", [
    "SET a 1 PX 5",
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "~10",
    "WATCH a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
  [
    "twice is once",
    ["WATCH a", "WATCH a", "UNWATCH", "@2 SET a 1", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
  ["reads do not touch", ["SET a 1", "WATCH a", "@2 GET a", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["arity", ["WATCH"], "-ERR wrong number of arguments for 'watch' command"],
]);

cases("UNWATCH", [
  ["reply", ["UNWATCH"], "+OK"],
  ["forgets", ["WATCH a", "UNWATCH", "@2 SET a 1", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["is queued inside MULTI", ["MULTI", "UNWATCH"], "+QUEUED"],
]);
