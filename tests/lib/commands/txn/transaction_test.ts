import { cases } from "../../../kit/cases.ts";

const ABORT = "-EXECABORT Transaction discarded because of previous errors.";

cases("MULTI and EXEC", [
  ["MULTI", ["MULTI"], "+OK"],
  ["a command is queued", ["MULTI", "SET a 1"], "+QUEUED"],
  ["and not run", ["MULTI", "SET a 1", "@2 EXISTS a"], ":0"],
  ["EXEC answers for each", ["MULTI", "SET a 1", "INCR a", "GET a", "EXEC"], "*3 +OK :2 $1 2"],
  ["an empty queue", ["MULTI", "EXEC"], "*0"],
  ["an error is one of the answers", [
    "MULTI",
    "SET a x",
    "INCR a",
    "GET a",
    "EXEC",
  ], "*3 +OK -ERR value is not an integer or out of range $1 x"],
  ["SELECT stays in force", ["MULTI", "SELECT 1", "SET a 1", "EXEC", "GET a"], "$1 1"],
  ["EXEC without MULTI", ["EXEC"], "-ERR EXEC without MULTI"],
  ["EXEC twice", ["MULTI", "EXEC", "EXEC"], "-ERR EXEC without MULTI"],
  ["MULTI inside", ["MULTI", "MULTI"], "-ERR Command 'multi' not allowed inside a transaction"],
  ["MULTI inside spoils it", ["MULTI", "MULTI", "EXEC"], ABORT],
  ["WATCH inside", ["MULTI", "WATCH a"], "-ERR Command 'watch' not allowed inside a transaction"],
  ["an unknown command spoils it", ["MULTI", "SET a 1", "NOSUCH", "EXEC"], ABORT],
  ["nothing of it runs", ["MULTI", "SET a 1", "NOSUCH", "EXEC", "EXISTS a"], ":0"],
  ["a wrong number of arguments spoils it", ["MULTI", "GET", "EXEC"], ABORT],
  ["the next one is whole", ["MULTI", "NOSUCH", "EXEC", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "EXEC with an argument ends it",
    ["MULTI", "EXEC x"],
    "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
  ],
  ["and it is over", ["MULTI", "EXEC x", "EXEC"], "-ERR EXEC without MULTI"],
  ["time stands still inside", ["MULTI", "SET a 1 PX 1", "PTTL a", "EXEC"], "*2 +OK :1"],
]);

cases("DISCARD", [
  ["without MULTI", ["DISCARD"], "-ERR DISCARD without MULTI"],
  ["forgets the queue", ["MULTI", "SET a 1", "DISCARD", "EXISTS a"], ":0"],
  ["ends the transaction", ["MULTI", "DISCARD", "EXEC"], "-ERR EXEC without MULTI"],
  ["forgets watched keys", [
    "WATCH a",
    "MULTI",
    "DISCARD",
    "@2 SET a 1",
    "MULTI",
    "EXEC",
  ], "*0"],
  ["forgets errors", ["MULTI", "NOSUCH", "DISCARD", "MULTI", "EXEC"], "*0"],
]);

cases("WATCH", [
  ["says OK", ["WATCH a b"], "+OK"],
  ["nothing changed", ["SET a 1", "WATCH a", "MULTI", "GET a", "EXEC"], "*1 $1 1"],
  ["a change", ["SET a 1", "WATCH a", "@2 SET a 2", "MULTI", "EXEC"], "*-1"],
  ["a change of one's own", ["SET a 1", "WATCH a", "SET a 2", "MULTI", "EXEC"], "*-1"],
  ["a change to the same value", ["SET a 1", "WATCH a", "@2 SET a 1", "MULTI", "EXEC"], "*-1"],
  ["a change while queueing", ["WATCH a", "MULTI", "@2 SET a 2", "EXEC"], "*-1"],
  ["a key that comes", ["WATCH a", "@2 SET a 1", "MULTI", "EXEC"], "*-1"],
  ["a key that goes", ["SET a 1", "WATCH a", "@2 DEL a", "MULTI", "EXEC"], "*-1"],
  ["a key that expires", ["SET a 1 PX 50", "WATCH a", "~80", "MULTI", "EXEC"], "*-1"],
  ["another key", ["WATCH a", "@2 SET b 1", "MULTI", "EXEC"], "*0"],
  ["the same name elsewhere", ["WATCH a", "@2 SELECT 1", "@2 SET a 1", "MULTI", "EXEC"], "*0"],
  ["one of several", ["WATCH a b c", "@2 SET b 1", "MULTI", "EXEC"], "*-1"],
  ["a read is no change", ["SET a 1", "WATCH a", "@2 GET a", "MULTI", "EXEC"], "*0"],
  ["EXEC ends it", ["WATCH a", "MULTI", "EXEC", "@2 SET a 1", "MULTI", "EXEC"], "*0"],
  ["an error comes before a change", [
    "WATCH a",
    "@2 SET a 1",
    "MULTI",
    "NOSUCH",
    "EXEC",
  ], ABORT],
  ["no key", ["WATCH"], "-ERR wrong number of arguments for 'watch' command"],
]);

cases("UNWATCH", [
  ["without WATCH", ["UNWATCH"], "+OK"],
  ["forgets changes", ["WATCH a", "@2 SET a 1", "UNWATCH", "MULTI", "EXEC"], "*0"],
  ["inside a transaction comes too late", [
    "WATCH a",
    "@2 SET a 1",
    "MULTI",
    "UNWATCH",
    "EXEC",
  ], "*-1"],
]);
