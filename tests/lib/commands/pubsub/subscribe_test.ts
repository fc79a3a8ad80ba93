// Subscriptions: what confirms them, what they forbid, what ends them.

import { cases } from "../../../kit/cases.ts";

/** The frames of a text written with stars, in RESP2 and as pushes of RESP3. */
function pushed(text: string): { resp2: string; resp3: string } {
  return { resp2: text, resp3: text.replaceAll(/\*(?=\d)/g, ">").replaceAll("$-1", "_") };
}

cases("SUBSCRIBE", [
  ["one", ["SUBSCRIBE a"], pushed("*3 $9 subscribe $1 a :1")],
  ["two", ["SUBSCRIBE a b"], pushed("*3 $9 subscribe $1 a :1 *3 $9 subscribe $1 b :2")],
  ["twice counts once", ["SUBSCRIBE a", "SUBSCRIBE a"], pushed("*3 $9 subscribe $1 a :1")],
  ["patterns count along", ["PSUBSCRIBE a*", "SUBSCRIBE a"], pushed("*3 $9 subscribe $1 a :2")],
  ["shards do not", ["SSUBSCRIBE a", "SUBSCRIBE a"], pushed("*3 $9 subscribe $1 a :1")],
  ["nothing", ["SUBSCRIBE"], "-ERR wrong number of arguments for 'subscribe' command"],
  ["an empty name", ["SUBSCRIBE ''"], pushed("*3 $9 subscribe $0  :1")],
]);

cases("PSUBSCRIBE and SSUBSCRIBE", [
  ["a pattern", ["PSUBSCRIBE a*"], pushed("*3 $10 psubscribe $2 a* :1")],
  ["a shard channel", ["SSUBSCRIBE a"], pushed("*3 $10 ssubscribe $1 a :1")],
  ["no pattern", ["PSUBSCRIBE"], "-ERR wrong number of arguments for 'psubscribe' command"],
  ["no shard channel", ["SSUBSCRIBE"], "-ERR wrong number of arguments for 'ssubscribe' command"],
]);

cases("UNSUBSCRIBE", [
  ["what was not subscribed", ["UNSUBSCRIBE a"], pushed("*3 $11 unsubscribe $1 a :0")],
  ["all of nothing", ["UNSUBSCRIBE"], pushed("*3 $11 unsubscribe $-1 :0")],
  [
    "all of nothing beside a pattern",
    ["PSUBSCRIBE p", "UNSUBSCRIBE"],
    pushed("*3 $11 unsubscribe $-1 :1"),
  ],
  ["one of two", ["SUBSCRIBE a b", "UNSUBSCRIBE a"], pushed("*3 $11 unsubscribe $1 a :1")],
  ["a repeated one", ["SUBSCRIBE a b", "UNSUBSCRIBE a a"], {
    resp2: "*3 $11 unsubscribe $1 a :1 *3 $11 unsubscribe $1 a :1",
    resp3: ">3 $11 unsubscribe $1 a :1 >3 $11 unsubscribe $1 a :1",
  }],
  ["all", ["SUBSCRIBE a", "UNSUBSCRIBE"], pushed("*3 $11 unsubscribe $1 a :0")],
  ["patterns of nothing", ["PUNSUBSCRIBE"], pushed("*3 $12 punsubscribe $-1 :0")],
  ["patterns", ["PSUBSCRIBE a*", "PUNSUBSCRIBE a*"], pushed("*3 $12 punsubscribe $2 a* :0")],
  ["patterns leave channels", [
    "SUBSCRIBE a",
    "PSUBSCRIBE a*",
    "PUNSUBSCRIBE",
  ], pushed("*3 $12 punsubscribe $2 a* :1")],
  ["shards of nothing", ["SUNSUBSCRIBE"], pushed("*3 $12 sunsubscribe $-1 :0")],
  ["shards", ["SSUBSCRIBE a", "SUNSUBSCRIBE"], pushed("*3 $12 sunsubscribe $1 a :0")],
]);

const ONLY =
  "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";

cases("a client with subscriptions", [
  ["may not GET", ["SUBSCRIBE a", "GET k"], {
    resp2: `-ERR Can't execute 'get': ${ONLY}`,
    resp3: "_",
  }],
  ["is told the whole name", ["SUBSCRIBE a", "CLIENT ID"], {
    resp2: `-ERR Can't execute 'client|id': ${ONLY}`,
    resp3: /^:\d+$/,
  }],
  ["arity comes first", ["SUBSCRIBE a", "GET"], "-ERR wrong number of arguments for 'get' command"],
  ["unknown commands too", ["SUBSCRIBE a", "NOSUCH"], /^-ERR unknown command 'NOSUCH'/],
  ["PING is answered otherwise", ["SUBSCRIBE a", "PING"], {
    resp2: "*2 $4 pong $0 ",
    resp3: "+PONG",
  }],
  ["PING with a word", ["SUBSCRIBE a", "PING x"], { resp2: "*2 $4 pong $1 x", resp3: "$1 x" }],
  ["RESET", ["SUBSCRIBE a", "RESET"], "+RESET"],
  ["RESET ends it", ["SUBSCRIBE a", "RESET", "GET k"], "$-1"],
  ["QUIT", ["SUBSCRIBE a", "QUIT"], "+OK"],
  ["until the last one ends", ["SUBSCRIBE a b", "UNSUBSCRIBE a", "GET k"], {
    resp2: `-ERR Can't execute 'get': ${ONLY}`,
    resp3: "_",
  }],
  ["then all is as before", ["SUBSCRIBE a", "UNSUBSCRIBE", "GET k"], "$-1"],
  ["a shard channel counts", ["SSUBSCRIBE a", "GET k"], {
    resp2: `-ERR Can't execute 'get': ${ONLY}`,
    resp3: "_",
  }],
  ["a refused command spoils a transaction", ["MULTI", "SUBSCRIBE a", "EXEC", "GET k"], {
    resp2: `-ERR Can't execute 'get': ${ONLY}`,
    resp3: "_",
  }],
]);

cases("subscribing in a transaction", [
  ["SUBSCRIBE", ["MULTI", "SUBSCRIBE a", "EXEC"], {
    resp2: "*1 *3 $9 subscribe $1 a :1",
    resp3: "*1 >3 $9 subscribe $1 a :1",
  }],
  [
    "SSUBSCRIBE is refused",
    ["MULTI", "SSUBSCRIBE a", "EXEC"],
    "*1 -ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
  ],
  ["a message to oneself comes behind", ["MULTI", "SUBSCRIBE a", "PUBLISH a x", "EXEC"], {
    resp2: "*2 *3 $9 subscribe $1 a :1 :1 *3 $7 message $1 a $1 x",
    resp3: "*2 >3 $9 subscribe $1 a :1 :1 >3 $7 message $1 a $1 x",
  }],
]);

cases("subscribing without replies", [
  [
    "confirmed all the same",
    ["CLIENT REPLY OFF", "SUBSCRIBE a"],
    pushed("*3 $9 subscribe $1 a :1"),
  ],
  ["errors are not", ["CLIENT REPLY OFF", "SUBSCRIBE"], ""],
  [
    "messages are sent",
    ["CLIENT REPLY OFF", "SUBSCRIBE a", "@2 PUBLISH a x", "@1 <"],
    pushed(
      "*3 $7 message $1 a $1 x",
    ),
  ],
]);
