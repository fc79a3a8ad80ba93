// Clients that wait for keys. The tables say what they see, and hold for the reference as well; the tests below them look
// at what only a server in memory shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../kit/cases.ts";
import { flatten } from "../../kit/resp.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const WAITS = "@2 BLPOP k 10";
const GOT_X = "*2 $1 k $1 x";

cases("who is served", [
  ["the one who came first", [WAITS, "@3 BLPOP k 10", "RPUSH k x", "@2 <"], GOT_X],
  ["not the second", [WAITS, "@3 BLPOP k 10", "RPUSH k x", "@3 <"], ""],
  ["both, in their order", [WAITS, "@3 BLPOP k 10", "RPUSH k x y", "@3 <"], "*2 $1 k $1 y"],
  ["each with its command", [WAITS, "@3 BRPOP k 10", "RPUSH k x y z", "@3 <"], "*2 $1 k $1 z"],
  ["of several keys the one pushed", ["@2 BLPOP a b k 10", "RPUSH k x", "@2 <"], GOT_X],
  [
    "of several keys in a transaction the first of the command",
    ["@2 BLPOP a k 10", "MULTI", "RPUSH k x", "RPUSH a y", "EXEC", "@2 <"],
    "*2 $1 a $1 y",
  ],
  [
    "of several keys pushed one by one the first pushed",
    ["@2 BLPOP a k 10", "RPUSH k x", "RPUSH a y", "@2 <"],
    GOT_X,
  ],
  ["nobody twice", [WAITS, "RPUSH k x", "RPUSH k y", "@2 <"], GOT_X],
  ["what is left stays", [WAITS, "RPUSH k x y", "LRANGE k 0 -1"], "*1 $1 y"],
  ["the pusher counts all", [WAITS, "RPUSH k x y"], ":2"],
  ["not in another database", ["SELECT 5", WAITS, "RPUSH k x", "@2 <"], ""],
  ["in its database", ["@2 SELECT 5", WAITS, "SELECT 5", "RPUSH k x", "@2 <"], GOT_X],
  ["not by another type", [WAITS, "SET k x", "@2 <"], ""],
  ["by a list after another type", [WAITS, "SET k x", "DEL k", "RPUSH k x", "@2 <"], GOT_X],
  ["not by what a transaction undoes", [WAITS, "MULTI", "RPUSH k x", "DEL k", "EXEC", "@2 <"], ""],
  [
    "by what a transaction leaves",
    [WAITS, "MULTI", "RPUSH k a", "DEL k", "RPUSH k x", "EXEC", "@2 <"],
    GOT_X,
  ],
  ["not when a transaction leaves another type", [
    WAITS,
    "MULTI",
    "RPUSH k a",
    "DEL k",
    "SET k x",
    "EXEC",
    "@2 <",
  ], ""],
  ["after the transaction", [WAITS, "MULTI", "RPUSH k x", "LLEN k", "EXEC"], "*2 :1 :1"],
]);

cases("keys that come otherwise", [
  ["RENAME", [WAITS, "RPUSH o x", "RENAME o k", "@2 <"], GOT_X],
  ["RENAMENX", [WAITS, "RPUSH o x", "RENAMENX o k", "@2 <"], GOT_X],
  ["RENAME of another type", [WAITS, "SET o x", "RENAME o k", "@2 <"], ""],
  ["COPY", [WAITS, "RPUSH o x", "COPY o k", "@2 <"], GOT_X],
  ["COPY to its database", ["@2 SELECT 3", WAITS, "RPUSH k x", "COPY k k DB 3", "@2 <"], GOT_X],
  ["MOVE", ["@2 SELECT 3", WAITS, "RPUSH k x", "MOVE k 3", "@2 <"], GOT_X],
  ["SWAPDB", ["@2 SELECT 3", WAITS, "RPUSH k x", "SWAPDB 0 3", "@2 <"], GOT_X],
  ["SWAPDB away", [WAITS, "SELECT 3", "RPUSH k x", "SWAPDB 3 4", "@2 <"], ""],
  ["SWAPDB with another type", ["@2 SELECT 3", WAITS, "SET k x", "SWAPDB 0 3", "@2 <"], ""],
  ["LMOVE", [WAITS, "RPUSH o x", "LMOVE o k LEFT LEFT", "@2 <"], GOT_X],
  ["LINSERT does not", [WAITS, "LINSERT k BEFORE a x", "@2 <"], ""],
  ["RPUSHX does not", [WAITS, "RPUSHX k x", "@2 <"], ""],
  ["SORT STORE", [WAITS, "RPUSH o x", "SORT o ALPHA STORE k", "@2 <"], GOT_X],
]);

cases("moving on", [
  ["chained", ["@2 BLMOVE a b LEFT LEFT 10", "@3 BLPOP b 10", "RPUSH a x", "@3 <"], "*2 $1 b $1 x"],
  ["chained backwards", [
    "@2 BLPOP b 10",
    "@3 BLMOVE a b LEFT LEFT 10",
    "RPUSH a x",
    "@2 <",
  ], "*2 $1 b $1 x"],
  ["the whole way", [
    "@2 BLMOVE a b LEFT LEFT 10",
    "@3 BLMOVE b c LEFT LEFT 10",
    "@4 BLMOVE c d LEFT LEFT 10",
    "RPUSH a x",
    "LRANGE d 0 -1",
  ], "*1 $1 x"],
  ["to itself", ["@2 BLMOVE k k LEFT RIGHT 10", "RPUSH k x y", "LRANGE k 0 -1"], "*2 $1 y $1 x"],
  ["in a ring", [
    "@2 BRPOPLPUSH a b 10",
    "@3 BRPOPLPUSH b a 10",
    "RPUSH a x",
    "LRANGE a 0 -1",
  ], "*1 $1 x"],
  ["two on one, the first fails", [
    "SET s v",
    "@2 BLMOVE k s LEFT LEFT 10",
    "@3 BLPOP k 10",
    "RPUSH k x",
    "@3 <",
  ], GOT_X],
  [
    "the failure is told",
    ["SET s v", "@2 BLMOVE k s LEFT LEFT 10", "RPUSH k x", "@2 <"],
    WRONG_TYPE,
  ],
]);

cases("an end without a key", [
  ["time is up", ["@2 BLPOP k 0.05", "~250", "@2 <"], "*-1"],
  ["not before", ["@2 BLPOP k 5", "~100", "@2 <"], ""],
  ["what comes later stays", ["@2 BLPOP k 0.05", "~250", "RPUSH k x", "LLEN k"], ":1"],
  ["served in time", ["@2 BLPOP k 0.4", "~100", "RPUSH k x", "~450", "@2 <"], GOT_X],
  ["the first time stands", [
    "@2 BLMPOP 0.3 2 a k LEFT",
    "MULTI",
    "RPUSH k x",
    "DEL k",
    "EXEC",
    "~600",
    "@2 <",
  ], "*-1"],
]);

const ID = "CLIENT ID";

test("CLIENT UNBLOCK ends the waiting, by a null or an error", () => {
  const world = new World();
  const waiter = world.connect();
  const other = world.connect();
  const id = waiter.call(...ID.split(" ")).slice(1, -2);
  const rows: readonly [string[], string, string][] = [
    [["CLIENT", "UNBLOCK", id], ":1", "*-1"],
    [["CLIENT", "UNBLOCK", id, "TIMEOUT"], ":1", "*-1"],
    [["CLIENT", "UNBLOCK", id, "ERROR"], ":1", "-UNBLOCKED client unblocked via CLIENT UNBLOCK"],
  ];
  for (const [command, answer, end] of rows) {
    assert.equal(waiter.call("BLPOP", "k", "0"), "");
    assert.equal(flatten(other.call(...command)), answer);
    assert.equal(flatten(waiter.socket.reader.take()), end);
    assert.equal(flatten(other.call(...command)), ":0");
    assert.equal(flatten(waiter.call("PING")), "+PONG");
  }
  assert.equal(flatten(other.call("LPUSH", "k", "x")), ":1");
  const stats = other.call("INFO", "commandstats");
  assert.match(stats, /cmdstat_blpop:calls=3,.*,rejected_calls=1,failed_calls=0/);
  assert.match(other.call("INFO", "errorstats"), /errorstat_UNBLOCKED:count=1/);
});

/** The fields of INFO clients about those who wait. */
function waiting(client: MemoryClient): string {
  const text = client.call("INFO", "clients");
  return [
    "blocked_clients",
    "clients_in_timeout_table",
    "total_blocking_keys",
    "total_blocking_keys_on_nokey",
  ].map((name) => new RegExp(`^${name}:(\\d+)`, "m").exec(text)?.[1]).join(" ");
}

test("INFO counts who waits for what", () => {
  const world = new World();
  const [first, second, other] = [world.connect(), world.connect(), world.connect()];
  assert.equal(waiting(other), "0 0 0 0");
  first.call("BLPOP", "a", "b", "a", "0");
  assert.equal(waiting(other), "1 0 2 0");
  second.call("BLPOP", "b", "c", "10");
  assert.equal(waiting(other), "2 1 3 0");
  other.call("RPUSH", "b", "x");
  assert.equal(waiting(other), "1 1 2 0");
  world.advance(10_100);
  assert.equal(waiting(other), "0 0 0 0");
});

test("a command that waits is counted once, when it ends", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "0");
  assert.doesNotMatch(other.call("INFO", "commandstats"), /cmdstat_blpop/);
  other.call("RPUSH", "k", "x");
  assert.match(other.call("INFO", "commandstats"), /cmdstat_blpop:calls=1,/);
  waiter.call("BLPOP", "k", "0.01");
  world.advance(200);
  assert.match(other.call("INFO", "commandstats"), /cmdstat_blpop:calls=2,/);
  other.call("SET", "s", "v");
  waiter.call("BLMOVE", "k", "s", "LEFT", "LEFT", "0");
  other.call("RPUSH", "k", "x");
  const stats = other.call("INFO", "commandstats");
  assert.match(stats, /cmdstat_blmove:calls=1,.*,failed_calls=1/);
  assert.match(waiter.call("CLIENT", "INFO"), / tot-cmds=3\r?\n/);
});

test("the command log has the command that waited, once", () => {
  const world = new World({ directives: { "commandlog-execution-slower-than": "0" } });
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "0");
  other.call("RPUSH", "k", "x");
  waiter.call("BLPOP", "k", "0.01");
  world.advance(200);
  const log = other.call("COMMANDLOG", "GET", "-1", "slow");
  assert.equal(log.split("BLPOP").length - 1, 2);
});

test("CLIENT LIST shows who waits", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "0");
  assert.match(other.call("CLIENT", "LIST"), / flags=b .* cmd=blpop /);
  other.call("RPUSH", "k", "x");
  assert.doesNotMatch(other.call("CLIENT", "LIST"), / flags=b /);
});

test("requests behind one that waits wait as well", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.sendRaw("SET a 1\r\nBLPOP k 0\r\nINCR a\r\nBLPOP k 0\r\nINCR a\r\nGET a");
  assert.equal(flatten(waiter.socket.reader.take()), "+OK");
  waiter.sendRaw("\r\n");
  other.call("RPUSH", "k", "x");
  assert.equal(flatten(waiter.socket.reader.take()), "*2 $1 k $1 x :2");
  assert.equal(flatten(other.call("GET", "a")), "$1 2");
  other.call("RPUSH", "k", "y");
  assert.equal(flatten(waiter.socket.reader.take()), "*2 $1 k $1 y :3 $1 3");
});

test("one who goes away is not served", () => {
  for (const how of ["hangs up", "is killed"]) {
    const world = new World();
    const [gone, next, other] = [world.connect(), world.connect(), world.connect()];
    const id = gone.call(...ID.split(" ")).slice(1, -2);
    gone.call("BLPOP", "k", "0");
    next.call("BLPOP", "k", "0");
    if (how === "hangs up") gone.close();
    else other.call("CLIENT", "KILL", "ID", id);
    assert.equal(waiting(other), "1 0 1 0", how);
    other.call("RPUSH", "k", "x");
    assert.equal(flatten(next.socket.reader.take()), "*2 $1 k $1 x", how);
    assert.equal(gone.socket.reader.take(), "", how);
  }
});

test("in a pipeline the pusher's replies come in order, the other one's at once", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "0");
  other.sendRaw("PING\r\nRPUSH k x\r\nLLEN k\r\nPING\r\n");
  assert.equal(flatten(other.socket.reader.take()), "+PONG :1 :0 +PONG");
  assert.equal(flatten(waiter.socket.reader.take()), "*2 $1 k $1 x");
});

test("who asked for silence gets none of the replies", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("CLIENT", "REPLY", "OFF");
  waiter.call("BLPOP", "k", "0");
  other.call("RPUSH", "k", "x");
  assert.equal(flatten(waiter.call("CLIENT", "REPLY", "ON")), "+OK");
  waiter.call("CLIENT", "REPLY", "SKIP");
  waiter.call("BLPOP", "k", "0");
  other.call("RPUSH", "k", "x");
  assert.equal(flatten(waiter.call("PING")), "+PONG");
  waiter.call("CLIENT", "REPLY", "SKIP");
  waiter.call("BLPOP", "k", "0.01");
  world.advance(200);
  assert.equal(flatten(waiter.call("PING")), "+PONG");
});

test("each client is answered in its own protocol", () => {
  const world = new World();
  const [old, modern, other] = [world.connect(), world.connect(), world.connect()];
  modern.call("HELLO", "3");
  old.call("BLPOP", "k", "0.01");
  modern.call("BLPOP", "k", "0.01");
  world.advance(200);
  assert.equal(flatten(old.socket.reader.take()), "*-1");
  assert.equal(flatten(modern.socket.reader.take()), "_");
  assert.equal(flatten(other.call("GET", "k")), "$-1");
});

test("a key that expired while the command ran wakes nobody", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "1");
  other.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  const steps = ["MULTI", "RPUSH k x", "PEXPIRE k 100", "DEBUG SLEEP 0.2", "EXEC"];
  for (const step of steps) other.call(...step.split(" "));
  assert.equal(waiter.socket.reader.take(), "");
  world.advance(850);
  assert.equal(flatten(waiter.socket.reader.take()), "*-1");
});

test("while writes are paused a ready key waits for the end of the pause", () => {
  const world = new World();
  const [waiter, other] = [world.connect(), world.connect()];
  waiter.call("BLPOP", "k", "0");
  for (const step of ["MULTI", "CLIENT PAUSE 500 WRITE", "RPUSH k x", "EXEC"]) {
    other.call(...step.split(" "));
  }
  assert.equal(waiter.socket.reader.take(), "");
  assert.equal(flatten(other.call("LLEN", "k")), ":1");
  world.advance(700);
  assert.equal(flatten(waiter.socket.reader.take()), "*2 $1 k $1 x");
  assert.equal(flatten(other.call("LLEN", "k")), ":0");
});

test("one who waits is not idle", () => {
  const world = new World({ directives: { timeout: "1" } });
  const waiter = world.connect();
  waiter.call("BLPOP", "k", "0");
  world.advance(5000);
  assert.equal(waiter.socket.closed, false);
});

test("many who wait for one key are served in their order", () => {
  const world = new World();
  const waiters = Array.from({ length: 200 }, () => world.connect());
  const other = world.connect();
  for (const waiter of waiters) waiter.call("BLPOP", "k", "0");
  for (const [i, waiter] of waiters.entries()) {
    other.call("RPUSH", "k", String(i));
    assert.match(waiter.socket.reader.take(), new RegExp(`\r\n${i}\r\n$`));
  }
  assert.equal(waiting(other), "0 0 0 0");
});

test("the error of CLIENT UNBLOCK is one of the command that waited, and counted once", () => {
  const world = new World();
  const [waiting, admin] = [world.connect(), world.connect()];
  waiting.send(["BLPOP", "k", "0"]);
  assert.equal(admin.call("CLIENT", "UNBLOCK", String(waiting.session.id), "ERROR"), ":1\r\n");
  assert.match(waiting.socket.reader.take(), /^-UNBLOCKED /);
  const info = admin.call("INFO", "everything");
  assert.match(info, /\r\ntotal_error_replies:1\r\n/);
  assert.match(info, /\r\nerrorstat_UNBLOCKED:count=1\r\n/);
  assert.match(info, /\r\ncmdstat_blpop:calls=1,[^\r]*rejected_calls=1,failed_calls=0\r\n/);
  assert.match(info, /\r\ncmdstat_client\|unblock:calls=1,[^\r]*failed_calls=0\r\n/);
});
