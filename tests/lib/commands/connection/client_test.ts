// CLIENT: names, lists, filters, ending connections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../kit/cases.ts";
import { flatten } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const NAME_ERROR = "-ERR Client names cannot contain spaces, newlines or special characters.";
const SYNTAX = "-ERR syntax error";
const ID_ERROR = "-ERR client-id should be greater than 0";

cases("CLIENT", [
  ["alone", ["CLIENT"], "-ERR wrong number of arguments for 'client' command"],
  ["an unknown word", ["CLIENT FOO"], "-ERR unknown subcommand 'FOO'. Try CLIENT HELP."],
  ["HELP", ["CLIENT HELP"], /^\*\d+ \+CLIENT <subcommand>/],
  ["ID", ["CLIENT ID"], /^:\d+$/],
  ["ID with more", ["CLIENT ID x"], "-ERR wrong number of arguments for 'client|id' command"],
]);

cases("CLIENT SETNAME", [
  ["none at first", ["CLIENT GETNAME"], "$-1"],
  ["sets", ["CLIENT SETNAME me", "CLIENT GETNAME"], "$2 me"],
  ["takes away", ["CLIENT SETNAME me", 'CLIENT SETNAME ""', "CLIENT GETNAME"], "$-1"],
  ["blank", ["CLIENT SETNAME 'a b'"], NAME_ERROR],
  ["line feed", ['CLIENT SETNAME "a\\nb"'], NAME_ERROR],
  ["delete", ['CLIENT SETNAME "\\x7f"'], NAME_ERROR],
  ["high byte", ['CLIENT SETNAME "\\xe9"'], NAME_ERROR],
  ["a refused name changes nothing", [
    "CLIENT SETNAME me",
    "CLIENT SETNAME 'a b'",
    "CLIENT GETNAME",
  ], "$2 me"],
  ["behind a zero byte anything goes", ['CLIENT SETNAME "a\\x00 b"', "CLIENT GETNAME"], "$4 a\0 b"],
  ["but is not shown", ['CLIENT SETNAME "a\\x00 b"', "CLIENT INFO"], / name=a age=/],
]);

cases("CLIENT SETINFO", [
  ["name", ["CLIENT SETINFO LIB-NAME x", "CLIENT INFO"], / lib-name=x lib-ver= /],
  ["version", ["CLIENT SETINFO lib-ver 1.2", "CLIENT INFO"], / lib-name= lib-ver=1\.2 /],
  ["away", ["CLIENT SETINFO lib-ver 1", 'CLIENT SETINFO lib-ver ""', "CLIENT INFO"], / lib-ver= /],
  [
    "blank",
    ["CLIENT SETINFO Lib-Ver '1 2'"],
    "-ERR Lib-Ver cannot contain spaces, newlines or special characters.",
  ],
  ["another", ["CLIENT SETINFO color red"], "-ERR Unrecognized option 'color'"],
]);

cases("CLIENT INFO", [
  ["all fields", ["CLIENT INFO"], {
    resp2:
      /^\$\d+ id=\d+ addr=127\.0\.0\.1:\d+ laddr=\S+ fd=\d+ name= age=0 idle=0 flags=N capa= db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=\d+ qbuf-free=\d+ argv-mem=10 multi-mem=0 rbs=16384 rbp=\d+ obl=0 oll=0 omem=0 tot-mem=\d+ events=r cmd=client\|info user=default redir=-1 resp=2 lib-name= lib-ver= tot-net-in=\d+ tot-net-out=\d+ tot-cmds=\d+\s*$/,
    resp3: /^=\d+ txt:id=\d+ .* resp=3 .*\s*$/,
  }],
  ["database", ["SELECT 7", "CLIENT INFO"], / db=7 /],
  ["after WATCH", ["WATCH a b", "CLIENT INFO"], / multi=0 watch=2 /],
  ["after EXEC", ["MULTI", "EXEC", "CLIENT INFO"], / flags=N .* multi=0 watch=0 /],
  ["within EXEC", ["MULTI", "PING", "CLIENT INFO", "EXEC"], / flags=x .* multi=2 .* cmd=exec /],
  [
    "queue is counted",
    ["@2 MULTI", "@2 SET a 1234567890", "CLIENT LIST"],
    / flags=x .* multi=1 .* multi-mem=[1-9]/,
  ],
  [
    "a watched key changed",
    ["@2 WATCH a", "@2 MULTI", "@2 PING", "SET a 1", "CLIENT LIST"],
    / flags=xd .* multi=0 watch=0 /,
  ],
  [
    "a refused command",
    ["@2 MULTI", "@2 PING", "@2 NOSUCH", "CLIENT LIST"],
    / flags=x .* multi=0 .* cmd=NULL /,
  ],
  [
    "switches",
    ["CLIENT NO-EVICT on", "CLIENT NO-TOUCH on", "CLIENT CAPA redirect", "CLIENT INFO"],
    / flags=eT capa=r /,
  ],
  ["time", ["@2 PING", "~61000", "PING", "CLIENT LIST"], / age=61 idle=61 /],
  ["last command", ["@2 CONFIG GET port", "CLIENT LIST"], / cmd=config\|get /],
]);

cases("CLIENT LIST filters: errors", [
  ["one word", ["CLIENT LIST ID"], SYNTAX],
  ["ID zero", ["CLIENT LIST ID 0"], ID_ERROR],
  ["ID negative", ["CLIENT LIST ID 5 -1"], ID_ERROR],
  ["ID and a word", ["CLIENT LIST ID 5 x"], SYNTAX],
  ["NOT-ID zero", ["CLIENT LIST NOT-ID 0"], ID_ERROR],
  ["a word too few", ["CLIENT LIST NAME a USER"], SYNTAX],
  ["TYPE", ["CLIENT LIST TYPE x"], "-ERR Unknown client type 'x'"],
  ["USER", ["CLIENT LIST USER x"], "-ERR No such user 'x'"],
  ["NOT-USER", ["CLIENT LIST NOT-USER x"], "-ERR No such user 'x'"],
  ["FLAGS", ["CLIENT LIST FLAGS Nq"], "-ERR Unknown flags found in the provided filter: Nq"],
  ["NOT-FLAGS", ["CLIENT LIST NOT-FLAGS q"], "-ERR Unknown flags found in the NOT-FLAGS filter: q"],
  ["CAPA", ["CLIENT LIST CAPA x"], "-ERR Unknown capa found in the provided filter: x"],
  ["NOT-CAPA", ["CLIENT LIST NOT-CAPA x"], "-ERR Unknown capa found in the NOT-CAPA filter: x"],
  ["DB", ["CLIENT LIST DB x"], "-ERR DB is not an integer or out of range"],
  ["DB too high", ["CLIENT LIST DB 16"], "-ERR DB number should be between 0 and 15"],
  ["NOT-DB", ["CLIENT LIST NOT-DB -1"], "-ERR NOT-DB number should be between 0 and 15"],
  ["IDLE", ["CLIENT LIST IDLE x"], "-ERR idle is not an integer or out of range"],
  ["IDLE zero", ["CLIENT LIST IDLE 0"], "-ERR idle should be greater than 0"],
  ["MAXAGE", ["CLIENT LIST MAXAGE -1"], "-ERR maxage should be greater than 0"],
  ["MAXAGE beyond", ["CLIENT LIST MAXAGE 9223372036854775808"], /^-ERR maxage is not an integer/],
  ["SKIPME", ["CLIENT LIST SKIPME maybe"], SYNTAX],
  ["NOT-SKIPME", ["CLIENT LIST NOT-SKIPME yes"], SYNTAX],
  ["NOT-IDLE", ["CLIENT LIST NOT-IDLE 5"], SYNTAX],
  ["another", ["CLIENT LIST FOO bar"], SYNTAX],
]);

cases("CLIENT KILL: errors", [
  ["alone", ["CLIENT KILL"], "-ERR wrong number of arguments for 'client|kill' command"],
  ["an address that is none", ["CLIENT KILL 192.0.2.1:9"], "-ERR No such client"],
  ["one word is an address", ["CLIENT KILL ID"], "-ERR No such client"],
  ["nobody", ["CLIENT KILL ID 99999999"], ":0"],
  ["ID", ["CLIENT KILL ID x"], SYNTAX],
  ["ID zero", ["CLIENT KILL ID 0"], ID_ERROR],
  ["SKIPME", ["CLIENT KILL SKIPME x"], SYNTAX],
]);

/** A world with clients of every kind a filter can tell apart; the last one asks. */
function crowd(): { ask: (...filter: string[]) => string; asker: MemoryClient; ids: number[] } {
  const world = new World();
  const [first, second, third] = [world.connect(), world.connect(), world.connect()];
  first.call("CLIENT", "SETNAME", "one");
  first.call("CLIENT", "SETINFO", "lib-name", "lib");
  first.call("SELECT", "3");
  second.call("CLIENT", "SETNAME", "two");
  second.call("CLIENT", "SETINFO", "lib-ver", "9");
  second.call("CLIENT", "CAPA", "redirect");
  second.call("MULTI");
  world.advance(100_000);
  third.call("PING");
  const asker = world.connect();
  const ids = [first, second, third, asker].map((client) => client.session.id);
  const ask = (...filter: string[]) => {
    const reply = asker.call("CLIENT", "LIST", ...filter);
    const found = [...reply.matchAll(/^id=(\d+) /gm)].map((match) => Number(match[1]));
    return found.map((id) => "abcd"[ids.indexOf(id)]).join("");
  };
  return { ask, asker, ids };
}

// Clients are a (name one, library, database 3), b (name two, in MULTI, redirect), c (old), d (new, asks).
const FILTERS: readonly (readonly [filter: string, found: string])[] = [
  ["TYPE normal", "abcd"],
  ["TYPE pubsub", ""],
  ["NOT-TYPE slave", "abcd"],
  ["NOT-TYPE NORMAL", ""],
  ["USER default", "abcd"],
  ["NOT-USER default", ""],
  ["ADDR 127.0.0.1:50002", "b"],
  ["NOT-ADDR 127.0.0.1:50002", "acd"],
  ["LADDR 127.0.0.1:6379", "abcd"],
  ["NOT-LADDR 127.0.0.1:6379", ""],
  ["IP 127.0.0.1", "abcd"],
  ["IP 127.0.0.", ""],
  ["NOT-IP 127.0.0.1", ""],
  ["NAME one", "a"],
  ["NOT-NAME one", "bcd"],
  ["name ONE", ""],
  ["LIB-NAME lib", "a"],
  ["NOT-LIB-NAME lib", "bcd"],
  ["LIB-VER 9", "b"],
  ["NOT-LIB-VER 9", "acd"],
  ["DB 3", "a"],
  ["NOT-DB 0", "a"],
  ["CAPA r", "b"],
  ["NOT-CAPA r", "acd"],
  ["FLAGS x", "b"],
  ["NOT-FLAGS x", "acd"],
  ["FLAGS N", "acd"],
  ["FLAGS xN", ""],
  ["MAXAGE 100", "abc"],
  ["MAXAGE 101", ""],
  ["IDLE 100", "ab"],
  ["SKIPME yes", "abc"],
  ["SKIPME no", "abcd"],
  ["NAME one NAME two", "b"],
  ["NAME one DB 0", ""],
  ["NOT-NAME one NOT-NAME two", "acd"],
  ["NOT-NAME one NOT-DB 3 IDLE 1", "b"],
];

test("CLIENT LIST: filters", () => {
  const { ask, ids } = crowd();
  for (const [filter, found] of FILTERS) assert.equal(ask(...filter.split(" ")), found, filter);
  const [a, b, c] = ids.map(String);
  assert.equal(ask("ID", b, a, b, "99999"), "ab");
  assert.equal(ask("ID", a, "ID", c, "NOT-ID", a), "c");
  assert.equal(ask("ID", a, b, "NAME", "two"), "b");
  assert.equal(ask("NOT-ID", a, b, c), "d");
  assert.equal(ask("FLAGS", ""), "abcd");
  assert.equal(ask("NOT-FLAGS", ""), "");
  assert.equal(ask("NAME", ""), "");
});

test("CLIENT KILL: filters count and close", () => {
  const { asker, ask } = crowd();
  assert.equal(asker.call("CLIENT", "KILL", "NOT-NAME", "one", "MAXAGE", "1"), ":2\r\n");
  assert.equal(ask(), "ad");
  assert.equal(asker.call("CLIENT", "KILL", "127.0.0.1:50001"), "+OK\r\n");
  assert.equal(ask(), "d");
  assert.equal(asker.call("CLIENT", "KILL", "TYPE", "normal"), ":0\r\n");
  assert.equal(asker.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), ":1\r\n");
  assert.ok(asker.socket.closed);
});

test("CLIENT KILL: of itself ends the connection behind the reply, in EXEC too", () => {
  const world = new World();
  const client = world.connect();
  client.sendRaw("MULTI\r\nCLIENT KILL SKIPME no TYPE normal\r\nPING\r\nEXEC\r\nPING\r\n");
  assert.equal(flatten(client.socket.reader.take()), "+OK +QUEUED +QUEUED *2 :1");
  assert.ok(client.socket.closed);
});
