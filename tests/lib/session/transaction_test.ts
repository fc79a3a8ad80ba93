// MULTI, EXEC, WATCH across clients, time and databases.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../kit/cases.ts";
import { World } from "../../kit/world.ts";

const ABORT = "-EXECABORT Transaction discarded because of previous errors.";
const ARITY_ABORT =
  "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command";

cases("MULTI", [
  ["empty", ["MULTI", "EXEC"], "*0"],
  ["runs in order", ["MULTI", "SET a 1", "INCR a", "GET a", "EXEC"], "*3 +OK :2 $1 2"],
  [
    "an error does not stop the rest",
    ["MULTI", "SET a x", "INCR a", "GET a", "EXEC"],
    /^\*3 \+OK -ERR value is not .* \$1 x$/,
  ],
  ["others see nothing before", ["MULTI", "SET a 1", "@2 GET a"], "$-1"],
  ["unknown command", ["MULTI", "NOSUCH", "EXEC"], ABORT],
  ["wrong arity", ["MULTI", "GET", "EXEC"], ABORT],
  ["nothing runs then", ["MULTI", "SET a 1", "GET", "EXEC", "GET a"], "$-1"],
  ["and it is over", ["MULTI", "GET", "EXEC", "EXEC"], "-ERR EXEC without MULTI"],
  ["nested", ["MULTI", "MULTI"], "-ERR Command 'multi' not allowed inside a transaction"],
  ["WATCH inside", ["MULTI", "WATCH a"], "-ERR Command 'watch' not allowed inside a transaction"],
  ["EXEC with words", ["MULTI", "SET a 1", "EXEC x"], ARITY_ABORT],
  ["ends it", ["MULTI", "SET a 1", "EXEC x", "EXEC"], "-ERR EXEC without MULTI"],
  ["EXEC with words alone", ["EXEC x"], ARITY_ABORT],
  ["DISCARD", ["MULTI", "SET a 1", "DISCARD", "GET a"], "$-1"],
  ["DISCARD alone", ["DISCARD"], "-ERR DISCARD without MULTI"],
  ["SELECT works on what follows", ["MULTI", "SELECT 1", "SET a 1", "EXEC", "GET a"], "$1 1"],
  ["in that database", ["MULTI", "SELECT 1", "SET a 1", "EXEC", "SELECT 0", "GET a"], "$-1"],
  ["QUIT leaves at once", ["MULTI", "SET a 1", "QUIT", "@2 EXISTS a"], ":0"],
  ["HELLO inside", ["MULTI", "HELLO 3", "GET a", "EXEC"], /^\*2 %7 .* _$/],
]);

cases("WATCH", [
  ["unchanged", ["WATCH a", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["set by another", ["WATCH a", "@2 SET a 1", "MULTI", "PING", "EXEC"], "*-1"],
  ["set by oneself", ["WATCH a", "SET a 1", "MULTI", "PING", "EXEC"], "*-1"],
  ["set while queueing", ["WATCH a", "MULTI", "PING", "@2 SET a 1", "EXEC"], "*-1"],
  ["another key", ["WATCH a", "@2 SET b 1", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  ["deleted", ["SET a 1", "WATCH a", "@2 DEL a", "MULTI", "PING", "EXEC"], "*-1"],
  ["deleted in vain", ["WATCH a", "@2 DEL a", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "same name elsewhere",
    ["WATCH a", "@2 SELECT 1", "@2 SET a 1", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
  ["the database of WATCH counts", [
    "SELECT 1",
    "WATCH a",
    "SELECT 0",
    "@2 SELECT 1",
    "@2 SET a 1",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["UNWATCH", ["WATCH a", "SET a 1", "UNWATCH", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "DISCARD forgets",
    ["WATCH a", "SET a 1", "MULTI", "DISCARD", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
  ["EXEC forgets", ["WATCH a", "MULTI", "EXEC", "SET a 1", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "a failed EXEC forgets",
    ["WATCH a", "SET a 1", "MULTI", "EXEC", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
  ["errors come before changes", ["WATCH a", "SET a 1", "MULTI", "NOSUCH", "EXEC"], ABORT],
  ["many times", ["WATCH a a a", "WATCH a", "MULTI", "INCR a", "EXEC"], "*1 :1"],
  [
    "watching after a change does not help",
    ["WATCH a", "SET a 1", "WATCH b", "MULTI", "EXEC"],
    "*-1",
  ],
  ["expired meanwhile", ["SET a 1 PX 100", "WATCH a", "~200", "MULTI", "PING", "EXEC"], "*-1"],
  ["expired meanwhile, not yet removed", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "SET a 1 PX 100",
    "WATCH a",
    "~200",
    "MULTI",
    "PING",
    "EXEC",
  ], "*-1"],
  ["expired and removed before", [
    "SET a 1 PX 100",
    "~200",
    "GET a",
    "WATCH a",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
]);

const STALE = ["DEBUG SET-ACTIVE-EXPIRE 0", "SET a 1 PX 100", "~200"];
const RUN = ["MULTI", "PING", "EXEC"];

cases("WATCH of a stale key", [
  ["its removal is no change", [...STALE, "WATCH a", "@2 GET a", ...RUN], "*1 +PONG"],
  ["its coming back is", [...STALE, "WATCH a", "@2 SET a 2", ...RUN], "*-1"],
  ["after its removal too", [...STALE, "WATCH a", "@2 GET a", "@2 SET a 2", ...RUN], "*-1"],
  ["FLUSHDB", [...STALE, "WATCH a", "FLUSHDB", ...RUN], "*1 +PONG"],
  ["FLUSHDB, then it comes back", [...STALE, "WATCH a", "FLUSHDB", "SET a 2", ...RUN], "*-1"],
  ["swapped for nothing", [...STALE, "WATCH a", "SWAPDB 0 1", ...RUN], "*1 +PONG"],
  ["swapped for a live one", [
    ...STALE,
    "WATCH a",
    "@2 SELECT 1",
    "@2 SET a 2",
    "SWAPDB 0 1",
    ...RUN,
  ], "*-1"],
  ["swapped for another stale one", [
    ...STALE,
    "@2 SELECT 1",
    "@2 SET a 2 PX 100",
    "~200",
    "WATCH a",
    "SWAPDB 0 1",
    ...RUN,
  ], "*1 +PONG"],
  [
    "nothing swapped for a stale one",
    [...STALE, "SELECT 1", "WATCH a", "SWAPDB 0 1", ...RUN],
    "*1 +PONG",
  ],
]);

cases("WATCH and whole databases", [
  ["FLUSHALL of a key", ["SET a 1", "WATCH a", "@2 FLUSHALL", ...RUN], "*-1"],
  ["FLUSHDB of no key", ["WATCH a", "@2 FLUSHDB", ...RUN], "*1 +PONG"],
  ["FLUSHDB elsewhere", ["SET a 1", "WATCH a", "@2 SELECT 1", "@2 FLUSHDB", ...RUN], "*1 +PONG"],
  ["SWAPDB away", ["SET a 1", "WATCH a", "SWAPDB 0 1", ...RUN], "*-1"],
  ["SWAPDB in", ["@2 SELECT 1", "@2 SET a 1", "WATCH a", "SWAPDB 0 1", ...RUN], "*-1"],
  ["SWAPDB of others", ["SET a 1", "WATCH a", "SWAPDB 1 2", ...RUN], "*1 +PONG"],
  ["SWAPDB of nothing", ["WATCH a", "SWAPDB 0 1", ...RUN], "*1 +PONG"],
]);

test("a transaction that cannot run keeps no queue", () => {
  const world = new World();
  const [client, other] = [world.connect(), world.connect()];
  const queued = () => client.session.transaction?.queueBytes;
  client.call("WATCH", "a");
  client.call("MULTI");
  client.call("SET", "b", "x".repeat(10_000));
  assert.ok((queued() ?? 0) > 10_000);
  other.call("SET", "a", "1");
  assert.equal(queued(), 0);
  client.call("SET", "b", "x".repeat(10_000));
  assert.equal(queued(), 0);
  assert.equal(client.call("EXEC"), "*-1\r\n");
  client.call("MULTI");
  client.call("SET", "b", "x".repeat(10_000));
  client.call("NOSUCH");
  assert.equal(queued(), 0);
});

test("a client that leaves takes its watched keys along", () => {
  const world = new World();
  const { watches, keyspace } = world.engine;
  const [client, other] = [world.connect(), world.connect()];
  client.call("WATCH", "a", "b");
  other.call("WATCH", "a");
  assert.deepEqual([watches.keyCount, watches.clientCount], [2, 2]);
  client.close();
  assert.deepEqual([watches.keyCount, watches.clientCount], [1, 1]);
  other.call("UNWATCH");
  assert.deepEqual([watches.keyCount, watches.clientCount], [0, 0]);
  assert.equal(keyspace.observer, null);
});
