// Messages of client-side caching: for what, to whom, in which form and order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../kit/cases.ts";
import { encodeArgs } from "../../kit/resp.ts";
import { World } from "../../kit/world.ts";

const TRACK = ["HELLO 3", "CLIENT TRACKING ON"];
const A = ">2 $10 invalidate *1 $1 a";
const ALL = ">2 $10 invalidate _";

cases("default mode", [
  ["a key that was read", [...TRACK, "GET a", "@2 SET a 1", "@1 <"], A],
  ["one that was not", [...TRACK, "GET a", "@2 SET b 1", "@1 <"], ""],
  ["said once", [...TRACK, "GET a", "@2 SET a 1", "@2 SET a 2", "@1 <"], A],
  ["read again, said again", [
    ...TRACK,
    "GET a",
    "@2 SET a 1",
    "GET a",
    "@2 SET a 2",
    "@1 <",
  ], A],
  ["written is not read", [...TRACK, "SET a 1", "@2 SET a 2", "@1 <"], ""],
  ["whatever the database", [...TRACK, "GET a", "@2 SELECT 3", "@2 SET a 1", "@1 <"], A],
  ["several keys", [
    ...TRACK,
    "MGET a b",
    "@2 MSET a 1 b 1",
    "@1 <",
  ], `${A} ${A.replace(/a$/, "b")}`],
  ["deleted", ["SET a 1", ...TRACK, "GET a", "@2 DEL a", "@1 <"], A],
  ["expired", ["SET a 1 PX 500", ...TRACK, "GET a", "~700", "@2 GET a", "@1 <"], A],
  ["its own change, behind the reply", [...TRACK, "GET a", "SET a 1"], `+OK ${A}`],
  ["NOLOOP", ["HELLO 3", "CLIENT TRACKING ON NOLOOP", "GET a", "SET a 1"], "+OK"],
  ["in a transaction, behind EXEC", [
    ...TRACK,
    "GET a",
    "MULTI",
    "SET a 1",
    "GET a",
    "EXEC",
  ], `*2 +OK $1 1 ${A}`],
  ["read in a transaction", [...TRACK, "MULTI", "GET a", "EXEC", "@2 SET a 1", "@1 <"], A],
  ["FLUSHALL", [...TRACK, "GET a", "@2 FLUSHALL", "@1 <"], ALL],
  ["FLUSHDB of nothing", [...TRACK, "@2 FLUSHDB", "@1 <"], ALL],
  ["its own FLUSHALL", [...TRACK, "GET a", "FLUSHALL"], `+OK ${ALL}`],
  ["OFF", [...TRACK, "GET a", "CLIENT TRACKING OFF", "@2 SET a 1", "@1 <"], ""],
  ["with replies off", [...TRACK, "GET a", "CLIENT REPLY OFF", "@2 SET a 1", "@1 <"], A],
  ["RENAME is two keys", [
    "@2 SET b 1",
    ...TRACK,
    "MGET a b",
    "@2 RENAME b a",
    "@1 <",
  ], `${A.replace(/a$/, "b")} ${A}`],
]);

cases("OPTIN and OPTOUT", [
  ["OPTIN is silent", ["HELLO 3", "CLIENT TRACKING ON OPTIN", "GET a", "@2 SET a 1", "@1 <"], ""],
  ["but after CACHING YES", [
    "HELLO 3",
    "CLIENT TRACKING ON OPTIN",
    "CLIENT CACHING YES",
    "GET a",
    "GET b",
    "@2 MSET a 1 b 1",
    "@1 <",
  ], A],
  ["for a whole transaction", [
    "HELLO 3",
    "CLIENT TRACKING ON OPTIN",
    "CLIENT CACHING YES",
    "MULTI",
    "GET b",
    "GET a",
    "EXEC",
    "@2 SET a 1",
    "@1 <",
  ], A],
  ["OPTOUT", ["HELLO 3", "CLIENT TRACKING ON OPTOUT", "GET a", "@2 SET a 1", "@1 <"], A],
  ["CACHING NO", [
    "HELLO 3",
    "CLIENT TRACKING ON OPTOUT",
    "CLIENT CACHING NO",
    "GET b",
    "GET a",
    "@2 MSET a 1 b 1",
    "@1 <",
  ], A],
]);

cases("BCAST", [
  ["any key", ["HELLO 3", "CLIENT TRACKING ON BCAST", "@2 SET a 1", "@1 <"], A],
  ["with the prefix", [
    "HELLO 3",
    "CLIENT TRACKING ON BCAST PREFIX x PREFIX a",
    "@2 MSET a 1 b 1",
    "@1 <",
  ], A],
  ["keys in order", [
    "HELLO 3",
    "CLIENT TRACKING ON BCAST",
    "@2 MSET b 1 a 1 b 2",
    "@1 <",
  ], ">2 $10 invalidate *2 $1 a $1 b"],
  ["its own", ["HELLO 3", "CLIENT TRACKING ON BCAST", "SET a 1"], `+OK ${A}`],
  ["NOLOOP", ["HELLO 3", "CLIENT TRACKING ON BCAST NOLOOP", "SET a 1"], "+OK"],
  [
    "NOLOOP, another's",
    ["HELLO 3", "CLIENT TRACKING ON BCAST NOLOOP", "@2 SET a 1", "@1 <"],
    A,
  ],
]);

test("redirection: to a RESP2 client that subscribed, to a RESP3 client, to one that left", () => {
  const world = new World();
  const target = world.connect();
  const reader = world.connect();
  const id = String(target.session.id);
  target.call("SUBSCRIBE", "__redis__:invalidate");
  reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", id);
  assert.equal(reader.call("CLIENT", "GETREDIR"), `:${id}\r\n`);
  reader.call("GET", "a");
  assert.equal(reader.call("SET", "a", "1"), "+OK\r\n");
  const channel = "$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n";
  assert.equal(target.socket.reader.take(), `*3\r\n${channel}*1\r\n$1\r\na\r\n`);
  reader.call("FLUSHALL");
  assert.equal(target.socket.reader.take(), `*3\r\n${channel}$-1\r\n`);
  target.call("RESET");
  reader.call("GET", "a");
  reader.call("SET", "a", "1");
  assert.equal(target.socket.reader.take(), "", "neither subscribed nor RESP3");
  target.call("HELLO", "3");
  reader.call("GET", "a");
  reader.call("SET", "a", "1");
  assert.equal(target.socket.reader.take(), ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n");
  reader.call("GET", "a");
  reader.call("HELLO", "3");
  target.close();
  assert.equal(
    reader.call("SET", "a", "1"),
    `+OK\r\n>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`,
  );
  assert.match(reader.call("CLIENT", "TRACKINGINFO"), /broken_redirect/);
  assert.match(reader.call("CLIENT", "INFO"), / flags=tR /);
});

test("a target's replies and the messages for others do not mix", () => {
  const world = new World();
  const target = world.connect();
  const reader = world.connect();
  target.call("HELLO", "3");
  reader.call("CLIENT", "TRACKING", "ON", "REDIRECT", String(target.session.id));
  reader.call("GET", "a");
  target.sendRaw(encodeArgs(["SET", "a", "1"]) + encodeArgs(["PING"]));
  assert.equal(
    target.socket.reader.take(),
    "+OK\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n+PONG\r\n",
  );
});

test("the table is kept below its limit, and those who kept the keys are told", () => {
  const world = new World({ directives: { "tracking-table-max-keys": "2" } });
  const client = world.connect();
  client.call("HELLO", "3");
  client.call("CLIENT", "TRACKING", "ON");
  client.call("MGET", "a", "b", "c");
  const { tracking } = world.engine;
  assert.equal(tracking.keyCount, 3);
  const said = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\n";
  assert.equal(client.call("PING"), `${said}a\r\n+PONG\r\n`);
  assert.equal(tracking.keyCount, 2);
  client.call("CONFIG", "SET", "tracking-table-max-keys", "1");
  world.advance(200);
  assert.equal(client.socket.reader.take(), `${said}b\r\n`);
});

test("nothing is heard of the keyspace once nobody tracks and no key is left", () => {
  const world = new World();
  const { keyspace, tracking } = world.engine;
  const client = world.connect();
  client.call("CLIENT", "TRACKING", "ON");
  client.call("GET", "a");
  client.close();
  assert.equal(tracking.clientCount, 0);
  assert.equal(tracking.keyCount, 1);
  world.connect().call("SET", "a", "1");
  assert.equal(tracking.itemCount, 0);
  assert.equal(keyspace.observer, null);
});
