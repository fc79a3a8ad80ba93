import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../../../../lib/bytes/ascii.ts";
import { cases } from "../../../kit/cases.ts";
import { FakePeers } from "../../../kit/fake_peers.ts";
import { flatten, splitWords } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_EMPTY =
  "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string";

cases("MIGRATE, refused or in vain", [
  ["no such key", ["MIGRATE localhost 1 a 0 100"], "+NOKEY"],
  ["none of the keys", ["SET c 1", 'MIGRATE localhost 1 "" 0 100 KEYS a b'], "+NOKEY"],
  ["KEYS without keys", ['MIGRATE localhost 1 "" 0 100 KEYS'], "+NOKEY"],
  ["a key and KEYS", ["MIGRATE localhost 1 a 0 100 KEYS b"], NOT_EMPTY],
  ["unknown option", ["MIGRATE localhost 1 a 0 100 NOPE"], SYNTAX],
  ["AUTH without password", ["MIGRATE localhost 1 a 0 100 AUTH"], SYNTAX],
  ["AUTH2 without password", ["MIGRATE localhost 1 a 0 100 AUTH2 user"], SYNTAX],
  ["options before numbers", ["MIGRATE localhost 1 a x y NOPE"], SYNTAX],
  ["timeout no integer", ["MIGRATE localhost 1 a 0 x"], NOT_INTEGER],
  ["database no integer", ["MIGRATE localhost 1 a x 100"], NOT_INTEGER],
  ["everything after KEYS is a key", ['MIGRATE localhost 1 "" 0 100 KEYS AUTH'], "+NOKEY"],
  ["all options", ["MIGRATE localhost 1 a 0 100 copy replace auth2 u p auth q"], "+NOKEY"],
  ["arity", ["MIGRATE localhost 1 a 0"], "-ERR wrong number of arguments for 'migrate' command"],
]);

cases("MIGRATE, keys", [
  ["one", ["COMMAND GETKEYS MIGRATE h 1 a 0 100"], "*1 $1 a"],
  ["several", ['COMMAND GETKEYS MIGRATE h 1 "" 0 100 COPY KEYS a b'], "*2 $1 a $1 b"],
  ["a password is no keyword", ["COMMAND GETKEYS MIGRATE h 1 a 0 100 AUTH keys"], "*1 $1 a"],
  [
    "user and password are no keywords",
    ['COMMAND GETKEYS MIGRATE h 1 "" 0 100 AUTH2 keys keys KEYS x'],
    "*1 $1 x",
  ],
  [
    "both",
    ["COMMAND GETKEYS MIGRATE h 1 a 0 100 KEYS b"],
    "-ERR Invalid arguments specified for command",
  ],
]);

/** Two servers, the first with a client and a way to the second. */
class Pair {
  readonly world = new World();
  readonly peers = new FakePeers();
  readonly client: MemoryClient;
  readonly there: MemoryClient;

  constructor() {
    this.world.engine.server.peers = this.peers;
    this.client = this.world.connect();
    this.there = this.peers.target.connect();
  }

  /** Runs a command line to its end. */
  run(line: string): string {
    this.client.send(splitWords(line));
    this.peers.deliver();
    return flatten(this.client.socket.reader.take());
  }

  far(line: string): string {
    return flatten(this.there.call(...splitWords(line)));
  }
}

test("a key moves with its value and what is left of its time", () => {
  const pair = new Pair();
  pair.run("SET a hello PX 5000");
  pair.world.advance(1000);
  assert.equal(pair.run("MIGRATE localhost 6380 a 9 200"), "+OK");
  assert.equal(pair.run("EXISTS a"), ":0");
  assert.equal(pair.far("SELECT 9"), "+OK");
  assert.equal(pair.far("GET a"), "$5 hello");
  assert.equal(pair.far("PTTL a"), ":4000");
  assert.deepEqual(pair.peers.take(), [
    "connect localhost:6380 (200 ms)",
    "SELECT RESTORE (2 lines, 200 ms)",
  ]);
});

test("COPY leaves the key here, REPLACE overwrites it there", () => {
  const pair = new Pair();
  pair.run("RPUSH a x y");
  assert.equal(pair.run("MIGRATE localhost 6380 a 0 200 COPY"), "+OK");
  assert.equal(pair.run("EXISTS a"), ":1");
  assert.equal(pair.far("LRANGE a 0 -1"), "*2 $1 x $1 y");
  assert.equal(
    pair.run("MIGRATE localhost 6380 a 0 200 COPY"),
    "-ERR Target instance replied with error: BUSYKEY Target key name already exists.",
  );
  pair.run("RPUSH a z");
  assert.equal(pair.run("MIGRATE localhost 6380 a 0 200 COPY REPLACE"), "+OK");
  assert.equal(pair.far("LLEN a"), ":3");
});

test("of several keys those go that are there and that the target takes", () => {
  const pair = new Pair();
  for (const key of ["a", "b", "c", "d"]) pair.run(`SET ${key} 1`);
  pair.far("SET b there");
  assert.equal(
    pair.run('MIGRATE localhost 6380 "" 0 200 KEYS nope a b c'),
    "-ERR Target instance replied with error: BUSYKEY Target key name already exists.",
  );
  assert.equal(
    pair.run("KEYS *").split(" ").filter((_, i) => i > 0 && i % 2 === 0).sort().join(),
    "b,d",
  );
  assert.equal(pair.far("GET b"), "$5 there");
});

test("SELECT is sent when the database is another one or unknown", () => {
  const pair = new Pair();
  for (const key of ["a", "b", "c", "d"]) pair.run(`SET ${key} 1`);
  const steps: [string, string][] = [
    ["MIGRATE localhost 6380 a 1 200", "SELECT RESTORE (2 lines, 200 ms)"],
    ["MIGRATE localhost 6380 b 1 -5", "RESTORE (1 lines, 1000 ms)"],
    ["MIGRATE localhost 6380 c 2 200 COPY", "SELECT RESTORE (2 lines, 200 ms)"],
    ["MIGRATE localhost 6380 c 2 200 COPY", "RESTORE (1 lines, 200 ms)"],
    ["MIGRATE localhost 6380 c 2 200 COPY REPLACE", "SELECT RESTORE (2 lines, 200 ms)"],
  ];
  for (const [line, expected] of steps) {
    pair.run(line);
    assert.equal(pair.peers.take()[1], expected, line);
  }
});

test("AUTH goes first; when it is refused nothing is deleted", () => {
  const pair = new Pair();
  pair.run("SET a 1");
  pair.run("SET b 2");
  pair.far("CONFIG SET requirepass secret");
  assert.match(pair.run("MIGRATE localhost 6380 a 0 200 AUTH wrong"), /^-ERR Target .* WRONGPASS /);
  assert.match(pair.run("MIGRATE localhost 6380 a 0 200"), /^-ERR Target .* NOAUTH /);
  assert.equal(pair.run("EXISTS a"), ":1");
  pair.peers.take();
  assert.equal(pair.run("MIGRATE localhost 6380 a 0 200 AUTH secret"), "+OK");
  assert.equal(pair.run("MIGRATE localhost 6380 b 0 200 AUTH2 default secret"), "+OK");
  assert.deepEqual(pair.peers.take().filter((one) => one.includes("RESTORE")), [
    "AUTH SELECT RESTORE (3 lines, 200 ms)",
    "AUTH RESTORE (2 lines, 200 ms)",
  ]);
});

const CONNECTING = "-IOERR error or timeout connecting to the client";
const WRITING = "-IOERR error or timeout writing to target instance";
const READING = "-IOERR error or timeout reading to target instance";
const OK = "+OK";

/** Answers that come in place of the target's, the reply to moving a, b and c, what is left, connections made. */
const FAILURES: readonly [
  name: string,
  answers: readonly [lines: string[], failure: "writing" | "reading", isTimeout: boolean][],
  reply: string,
  left: string,
  connections: number,
][] = [
  ["broken at once, then well", [[[], "writing", false]], OK, "", 2],
  ["broken before the first line, then well", [[[], "reading", false]], OK, "", 2],
  ["broken before the keys, then well", [[[OK], "reading", false]], OK, "", 2],
  ["broken twice", [[[], "writing", false], [[], "reading", false]], READING, "a,b,c", 2],
  ["no time for a second try", [[[], "reading", true]], READING, "a,b,c", 1],
  ["no time to write", [[[], "writing", true]], WRITING, "a,b,c", 1],
  ["broken after a key", [[[OK, OK], "reading", false]], READING, "b,c", 1],
  ["time up after two keys", [[[OK, OK, OK], "reading", true]], READING, "c", 1],
  [
    "refused and broken",
    [[[OK, OK, "-OOM no"], "reading", false]],
    "-ERR Target instance replied with error: OOM no",
    "b,c",
    1,
  ],
  [
    "no such database",
    [[["-ERR DB", OK], "reading", false]],
    "-ERR Target instance replied with error: ERR DB",
    "a,b,c",
    1,
  ],
];

for (const [name, answers, reply, left, connections] of FAILURES) {
  test(`a connection that fails: ${name}`, () => {
    const pair = new Pair();
    for (const key of ["a", "b", "c"]) pair.run(`SET ${key} 1`);
    for (const [lines, failure, isTimeout] of answers) {
      pair.peers.answers.push({ lines, failure, isTimeout });
    }
    assert.equal(pair.run('MIGRATE localhost 6380 "" 0 200 KEYS a b c'), reply);
    const there = ["a", "b", "c"].filter((key) => pair.run(`EXISTS ${key}`) === ":1");
    assert.equal(there.join(), left);
    const seen = pair.peers.take();
    assert.equal(seen.filter((one) => one.startsWith("connect")).length, connections);
    assert.equal(pair.peers.count, reply === OK ? 1 : 0);
  });
}

test("nobody there", () => {
  const pair = new Pair();
  pair.peers.problem = "unreachable";
  pair.run("SET a 1");
  for (const port of ["6380", "x", "99999"]) {
    assert.equal(pair.run(`MIGRATE localhost ${port} a 0 200`), CONNECTING);
  }
  pair.peers.problem = "refused";
  assert.equal(pair.run("MIGRATE localhost 6380 a 0 200"), WRITING);
  assert.equal(pair.run("GET a"), "$1 1");
  assert.deepEqual(pair.peers.take(), [
    "connect localhost:6380 (200 ms)",
    "connect localhost:0 (200 ms)",
    "connect localhost:0 (200 ms)",
    "connect localhost:6380 (200 ms)",
    "connect localhost:6380 (200 ms)",
  ]);
});

test("a server without connections says so", () => {
  const client = new World().connect();
  client.call("SET", "a", "1");
  assert.match(client.call("MIGRATE", "localhost", "1", "a", "0", "100"), /^-ERR MIGRATE is not/);
});

test("to those who follow it is a DEL of what went", () => {
  const pair = new Pair();
  let text = "";
  for (const key of ["a", "b", "c", "d", "e"]) pair.run(`SET ${key} 1`);
  pair.far("SET b 1");
  pair.run("CONFIG SET notify-keyspace-events Kg");
  const listener = pair.world.connect();
  listener.call("PSUBSCRIBE", "*");
  pair.world.engine.propagation.attach({
    feed: (buf, off, len) => text += latin1(buf, off, len),
  });
  pair.run("MIGRATE localhost 6380 e 0 200 COPY");
  assert.equal(text, "");
  pair.run('MIGRATE localhost 6380 "" 0 200 KEYS a b c nope');
  assert.equal(flatten(text), "*2 $6 SELECT $1 0 *3 $3 DEL $1 a $1 c");
  assert.deepEqual(
    [...listener.socket.reader.take().matchAll(/__:(\w+)\r\n\$3\r\ndel/g)].map(([, key]) => key),
    ["a", "c"],
  );
  assert.equal(pair.world.engine.server.failed[pair.world.engine.table.idOf("migrate")], 1);
});

test("passwords are shown to nobody", () => {
  const pair = new Pair();
  const monitor = pair.world.connect();
  monitor.call("MONITOR");
  pair.run("SET a 1");
  pair.run("CONFIG SET commandlog-execution-slower-than 0");
  monitor.socket.reader.take();
  pair.run("MIGRATE localhost 6380 a 0 200 AUTH2 me pw COPY");
  const shown = '"localhost" "6380" "a" "0" "200" "AUTH2" "(redacted)" "(redacted)" "COPY"';
  assert.ok(monitor.socket.reader.take().includes(shown));
  const log = pair.run("COMMANDLOG GET 1 slow");
  assert.match(log, /\$5 AUTH2 \$10 \(redacted\) \$10 \(redacted\) \$4 COPY/);
});

test("INFO counts the connections that are kept", () => {
  const pair = new Pair();
  pair.run("SET a 1");
  assert.match(pair.run("INFO stats"), /migrate_cached_sockets:0/);
  pair.run("MIGRATE localhost 6380 a 0 200");
  assert.match(pair.run("INFO stats"), /migrate_cached_sockets:1/);
});
