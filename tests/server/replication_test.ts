// Primary and replicas, in memory: what arrives, what is allowed, what happens when connections break.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceVerify } from "../../lib/engine/keyspace_verify.ts";
import { withSeed } from "../kit/clock.ts";
import { MemoryFiles } from "../kit/memory_files.ts";
import { digestOf, Network } from "../kit/network.ts";
import type { World } from "../kit/world.ts";

/** A primary at 1, and replicas of it at 2 and further. */
function pair(directives: Record<string, string> = {}, replicas = 1) {
  const network = new Network();
  const primary = network.add(1);
  const all = Array.from({ length: replicas }, (_, i) => network.add(i + 2, { directives }));
  return { network, primary, replicas: all, replica: all[0] };
}

function follow(world: World, port: number): void {
  assert.match(world.connect().call("REPLICAOF", "127.0.0.1", String(port)), /^\+OK/);
}

function assertSame(...worlds: World[]): void {
  const digests = worlds.map(digestOf);
  for (const digest of digests) assert.equal(digest, digests[0]);
  for (const { engine } of worlds) keyspaceVerify(engine.keyspace);
}

const field = (world: World, name: string) =>
  new RegExp(`^${name}:(.*)\r$`, "m").exec(world.connect().call("INFO", "everything"))?.[1];

test("a replica gets what is there, then what changes", () => {
  const { network, primary, replica } = pair();
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  writer.call("RPUSH", "l", "x", "y");
  replica.connect().call("SET", "old", "data");
  follow(replica, 1);
  network.deliver();
  assertSame(primary, replica);
  assert.equal(field(replica, "master_link_status"), "up");
  writer.send(["MULTI"]);
  writer.send(["INCR", "n"]);
  writer.send(["SELECT", "3"]);
  writer.send(["SADD", "s", "m"]);
  writer.send(["EXEC"]);
  writer.call("SET", "e", "v", "PX", "100");
  network.deliver();
  assertSame(primary, replica);
  assert.match(
    primary.connect().call("INFO", "replication"),
    /connected_slaves:1\r\nslave0:ip=127.0.0.1,port=2,state=online,offset=\d+,lag=0,type=replica\r\n/,
  );
});

test("ROLE of both", () => {
  const { network, primary, replica } = pair();
  follow(replica, 1);
  assert.match(replica.connect().call("ROLE"), /^\*5\r\n\$5\r\nslave\r\n.*connecting\r\n:-1\r\n$/s);
  network.deliver();
  primary.connect().call("SET", "a", "1");
  network.deliver();
  network.advance(1000);
  assert.match(
    primary.connect().call("ROLE"),
    /^\*3\r\n\$6\r\nmaster\r\n:\d+\r\n\*1\r\n\*3\r\n\$9\r\n127.0.0.1\r\n\$1\r\n2\r\n\$2\r\n\d+\r\n$/,
  );
  assert.match(replica.connect().call("ROLE"), /connected\r\n:[1-9]\d*\r\n$/);
  assert.match(primary.connect().call("CLIENT", "LIST", "TYPE", "replica"), / flags=S /);
  assert.match(replica.connect().call("CLIENT", "LIST", "TYPE", "master"), / flags=M /);
});

test("a replica refuses writes, unless it may", () => {
  const { network, replica } = pair();
  follow(replica, 1);
  network.deliver();
  const client = replica.connect();
  const error = "-READONLY You can't write against a read only replica.\r\n";
  assert.equal(client.call("SET", "a", "1"), error);
  client.call("MULTI");
  assert.equal(client.call("SET", "a", "1"), error);
  assert.match(client.call("EXEC"), /^-EXECABORT/);
  assert.match(client.call("WAIT", "1", "1"), /^-ERR WAIT cannot be used with replica instances/);
  client.call("CONFIG", "SET", "replica-read-only", "no");
  assert.equal(client.call("SET", "a", "1"), "+OK\r\n");
  client.call("REPLICAOF", "NO", "ONE");
  assert.equal(client.call("SET", "a", "2"), "+OK\r\n");
});

test("old data is shown or not, as wanted", () => {
  const { network, replica } = pair({ "replica-serve-stale-data": "no" });
  follow(replica, 9);
  network.deliver();
  const client = replica.connect();
  assert.match(client.call("GET", "a"), /^-MASTERDOWN Link with MASTER is down/);
  assert.match(client.call("INFO", "replication"), /master_link_status:down/);
  client.call("CONFIG", "SET", "replica-serve-stale-data", "yes");
  assert.equal(client.call("GET", "a"), "$-1\r\n");
});

test("clients that can be sent elsewhere are", () => {
  const { network, replica } = pair();
  follow(replica, 1);
  network.deliver();
  const client = replica.connect();
  client.call("CLIENT", "CAPA", "redirect");
  assert.equal(client.call("GET", "a"), "-REDIRECT 127.0.0.1:1\r\n");
  assert.equal(client.call("SET", "a", "1"), "-REDIRECT 127.0.0.1:1\r\n");
  client.call("READONLY");
  assert.equal(client.call("GET", "a"), "$-1\r\n");
  assert.equal(client.call("SET", "a", "1"), "-REDIRECT 127.0.0.1:1\r\n");
  assert.equal(client.call("PING"), "+PONG\r\n");
});

test("keys go when the primary says so", () => {
  const { network, primary, replica } = pair();
  const writer = primary.connect();
  follow(replica, 1);
  network.deliver();
  writer.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  writer.call("SET", "a", "1", "PX", "100");
  writer.call("HSET", "h", "f", "v", "g", "w");
  writer.call("HPEXPIRE", "h", "100", "FIELDS", "1", "f");
  network.deliver();
  network.advance(1000);
  const reader = replica.connect();
  assert.equal(reader.call("GET", "a"), "$-1\r\n");
  assert.equal(reader.call("HGET", "h", "f"), "$-1\r\n");
  assert.equal(reader.call("DBSIZE"), ":2\r\n");
  assert.equal(writer.call("GET", "a"), "$-1\r\n");
  network.deliver();
  assert.equal(reader.call("DBSIZE"), ":1\r\n");
  writer.call("DEBUG", "SET-ACTIVE-EXPIRE", "1");
  network.advance(1000);
  assertSame(primary, replica);
});

test("a replica evicts nothing on its own", () => {
  const { network, primary, replica } = pair({
    maxmemory: "1",
    "maxmemory-policy": "allkeys-lru",
  });
  follow(replica, 1);
  network.deliver();
  for (let i = 0; i < 50; i++) primary.connect().call("SET", `k${i}`, "x".repeat(1000));
  network.deliver();
  network.advance(1000);
  assertSame(primary, replica);
});

test("after a cut the stream goes on where it was", () => {
  const { network, primary, replica } = pair();
  const writer = primary.connect();
  follow(replica, 1);
  network.deliver();
  writer.call("INCR", "n");
  network.deliver();
  network.wire(2, 1).cut();
  writer.call("INCR", "n");
  network.advance(2000);
  assertSame(primary, replica);
  assert.equal(field(primary, "sync_full"), "1");
  assert.equal(field(primary, "sync_partial_ok"), "1");
});

test("CLIENT KILL TYPE master: the replica comes back, in the same database", () => {
  const { network, primary, replica } = pair();
  follow(replica, 1);
  network.deliver();
  const writer = primary.connect();
  writer.call("SELECT", "5");
  writer.call("SET", "a", "0");
  network.deliver();
  assert.equal(replica.connect().call("CLIENT", "KILL", "TYPE", "master"), ":1\r\n");
  writer.call("SET", "a", "1");
  network.advance(2000);
  assertSame(primary, replica);
  assert.equal(field(primary, "sync_partial_ok"), "1");
});

test("a backlog that is too short costs a snapshot", () => {
  const { network, primary, replica } = pair();
  const writer = primary.connect();
  writer.call("CONFIG", "SET", "repl-backlog-size", "16384");
  follow(replica, 1);
  network.deliver();
  network.worlds.delete(1);
  network.wire(2, 1).cut();
  for (let i = 0; i < 100; i++) writer.call("SET", `k${i}`, "x".repeat(1000));
  network.worlds.set(1, primary);
  network.advance(2000);
  assertSame(primary, replica);
  assert.equal(field(primary, "sync_full"), "2");
  assert.equal(field(primary, "sync_partial_err"), "2");
});

test("replicas of a replica get the same bytes", () => {
  const { network, primary, replicas } = pair({}, 3);
  const [near, far, farther] = replicas;
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  follow(near, 1);
  network.advance(1000);
  follow(far, 2);
  network.advance(1000);
  follow(farther, 3);
  network.advance(1000);
  writer.call("SELECT", "7");
  writer.call("SET", "b", "2");
  network.deliver();
  assertSame(primary, near, far, farther);
  const offsets = [primary, near, far, farther].map((world) => field(world, "master_repl_offset"));
  assert.equal(new Set(offsets).size, 1);
  // A cut at the top does not reach the bottom.
  network.wire(2, 1).cut();
  writer.call("SET", "c", "3");
  network.advance(2000);
  assertSame(primary, near, far, farther);
  assert.equal(field(near, "sync_full"), "1");
});

test("a promoted replica is followed without a snapshot, by the old primary as well", () => {
  const { network, primary, replicas } = pair({}, 2);
  const [first, second] = replicas;
  follow(first, 1);
  follow(second, 1);
  network.advance(1000);
  primary.connect().call("SET", "a", "1");
  network.deliver();
  first.connect().call("REPLICAOF", "NO", "ONE");
  first.connect().call("SET", "b", "2");
  follow(second, 2);
  follow(primary, 2);
  network.advance(2000);
  assertSame(primary, first, second);
  assert.equal(field(first, "sync_full"), "0");
  assert.equal(field(first, "sync_partial_ok"), "2");
  assert.equal(field(second, "master_replid"), field(first, "master_replid"));
});

test("one who wrote behind the point of parting needs a snapshot", () => {
  const { network, primary, replica } = pair();
  follow(replica, 1);
  network.advance(1000);
  replica.connect().call("REPLICAOF", "NO", "ONE");
  network.deliver();
  primary.connect().call("SET", "mine", "1");
  replica.connect().call("SET", "yours", "2");
  follow(primary, 2);
  network.advance(2000);
  assertSame(primary, replica);
  assert.equal(primary.connect().call("EXISTS", "mine", "yours"), ":1\r\n");
  assert.equal(field(replica, "sync_full"), "1");
});

for (const mode of ["disabled", "on-empty-db", "swapdb", "flush-before-load"]) {
  test(`repl-diskless-load ${mode}: the new data takes the place of the old`, () => {
    const network = new Network();
    const primary = network.add(1);
    const files = new MemoryFiles();
    const replica = network.add(2, { files, directives: { "repl-diskless-load": mode } });
    const writer = primary.connect();
    for (let i = 0; i < 300; i++) writer.call("SET", `k${i}`, `v${i}`);
    writer.call("SELECT", "2");
    writer.call("HSET", "h", "f", "v");
    const old = replica.connect();
    for (let i = 0; i < 300; i++) old.call("RPUSH", `old${i}`, "x");
    old.call("WATCH", "old1");
    follow(replica, 1);
    network.advance(1000);
    assertSame(primary, replica);
    old.call("MULTI");
    old.call("PING");
    assert.equal(old.call("EXEC"), "*-1\r\n");
    writer.call("SET", "later", "1");
    network.deliver();
    network.advance(3000);
    assertSame(primary, replica);
  });
}

for (const directive of ["yes", "no"]) {
  test(`repl-diskless-sync ${directive}, with files on both sides`, () => {
    const network = new Network();
    const { timer } = network;
    const files = new MemoryFiles();
    const directives = { "repl-diskless-sync": directive };
    const primary = network.add(1, { files, timer, directives });
    const replica = network.add(2, { files: new MemoryFiles(), timer });
    const writer = primary.connect();
    for (let i = 0; i < 100; i++) writer.call("SET", `k${i}`, `v${i}`);
    follow(replica, 1);
    network.deliver();
    writer.call("SET", "meanwhile", "1");
    for (let i = 0; i < 100 && field(replica, "master_link_status") !== "up"; i++) {
      network.advance(100);
    }
    assert.equal(field(replica, "master_link_status"), "up");
    network.advance(2000);
    assertSame(primary, replica);
    assert.equal(files.now.has("dump.rdb"), directive === "no");
    primary.persistence.close();
  });
}

test("a save for replicas is given up when all of them have gone", () => {
  const network = new Network();
  const primary = network.add(1, {
    files: new MemoryFiles(),
    directives: { "repl-diskless-sync": "no", "rdb-key-save-delay": "1000000" },
  });
  const replicas = [network.add(2), network.add(3)];
  for (let i = 0; i < 10; i++) primary.connect().call("SET", `k${i}`, "v");
  for (const replica of replicas) follow(replica, 1);
  network.deliver();
  assert.equal(field(primary, "rdb_bgsave_in_progress"), "1");
  assert.match(primary.connect().call("INFO", "replication"), /slave0:.*state=wait_bgsave/);
  replicas[0].connect().call("REPLICAOF", "NO", "ONE");
  network.deliver();
  assert.equal(field(primary, "rdb_bgsave_in_progress"), "1");
  replicas[1].connect().call("REPLICAOF", "NO", "ONE");
  network.deliver();
  assert.equal(field(primary, "rdb_bgsave_in_progress"), "0");
  primary.persistence.close();
});

test("the append-only file of a replica is begun anew behind a snapshot", () => {
  const network = new Network();
  const primary = network.add(1);
  const files = new MemoryFiles();
  const replica = network.add(2, { files, directives: { appendonly: "yes" } });
  assert.equal(replica.persistence.load(), "");
  primary.connect().call("SET", "a", "1");
  replica.connect().call("SET", "old", "1");
  follow(replica, 1);
  network.advance(1000);
  const { aof } = replica.persistence;
  for (let i = 0; aof?.isRewriting; i++) {
    assert.ok(i < 10_000, "the rewrite does not end");
    aof.step();
  }
  primary.connect().call("SET", "b", "2");
  network.deliver();
  replica.persistence.close();
  const next = network.add(3, { files, directives: { appendonly: "yes" } });
  assert.equal(next.persistence.load(), "");
  assertSame(primary, next);
});

test("a restarted replica goes on from its snapshot", () => {
  const network = new Network();
  const primary = network.add(1);
  const files = new MemoryFiles();
  const replica = network.add(2, { files });
  primary.connect().call("SET", "a", "1");
  follow(replica, 1);
  network.advance(1000);
  primary.connect().call("SELECT", "4");
  primary.connect().call("SET", "b", "1");
  network.advance(1000);
  assert.equal(replica.connect().call("SAVE"), "+OK\r\n");
  network.wire(2, 1).cut();
  network.worlds.delete(2);
  replica.replication.close();
  primary.connect().call("INCR", "a");
  const again = network.add(2, { files, directives: { replicaof: "127.0.0.1 1" } });
  assert.equal(again.persistence.load(), "");
  again.replication.start();
  network.advance(2000);
  assertSame(primary, again);
  assert.equal(field(primary, "sync_full"), "1");
});

test("a restarted primary is followed on", () => {
  const network = new Network();
  const files = new MemoryFiles();
  const primary = network.add(1, { files });
  const replica = network.add(2);
  primary.connect().call("SET", "a", "1");
  follow(replica, 1);
  network.advance(1000);
  assert.equal(primary.connect().call("SAVE"), "+OK\r\n");
  const wire = network.wire(2, 1);
  const again = network.add(1, { files });
  assert.equal(again.persistence.load(), "");
  again.connect().call("SET", "b", "2");
  wire.cut();
  network.advance(2000);
  assertSame(again, replica);
  assert.equal(field(again, "sync_full"), "0");
  assert.equal(field(again, "sync_partial_ok"), "1");
});

test("what has expired while a primary was away goes from its replicas as well", () => {
  const network = new Network();
  const files = new MemoryFiles();
  const primary = network.add(1, { files });
  const replica = network.add(2);
  const writer = primary.connect();
  writer.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  follow(replica, 1);
  network.advance(1000);
  for (let i = 0; i < 100; i++) writer.call("SET", `k${i}`, "v", "PX", "50");
  writer.call("SELECT", "3");
  writer.call("HSET", "h", "f", "v", "g", "w");
  writer.call("HPEXPIRE", "h", "50", "FIELDS", "1", "f");
  for (let i = 0; i < 200; i++) {
    writer.call("HSETEX", "fields", "PX", "50", "FIELDS", "1", `f${i}`, "v");
    writer.call("HSETEX", `gone${i}`, "PX", "50", "FIELDS", "1", "f", "v");
  }
  writer.call("HSET", "fields", "stays", "v");
  network.deliver();
  primary.clock.advance(100);
  assert.equal(writer.call("SAVE"), "+OK\r\n");
  const wire = network.wire(2, 1);
  const again = network.add(1, { files });
  again.clock.advance(again.clock.wallMs() < primary.clock.wallMs() ? 1200 : 0);
  assert.equal(again.persistence.load(), "");
  assert.equal(field(again, "rdb_last_load_keys_expired"), "100");
  again.connect().call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  wire.cut();
  network.advance(3000);
  assertSame(again, replica);
  assert.equal(field(again, "sync_full"), "0");
  const reader = replica.connect();
  assert.equal(reader.call("DBSIZE"), ":0\r\n");
  reader.call("SELECT", "3");
  assert.equal(reader.call("DBSIZE"), ":2\r\n");
  assert.equal(reader.call("HLEN", "fields"), ":1\r\n");
  assert.equal(reader.call("HLEN", "h"), ":1\r\n");
});

test("silence: a replica leaves a primary that says nothing, a primary a replica", () => {
  const { network, primary, replica } = pair({ "repl-timeout": "5" });
  follow(replica, 1);
  network.advance(1000);
  primary.connect().call("CONFIG", "SET", "repl-ping-replica-period", "100", "repl-timeout", "5");
  network.advance(9000);
  assert.notEqual(field(primary, "sync_partial_ok"), "0");
  network.worlds.delete(2);
  network.wires = [];
  primary.advance(9000);
  assert.equal(field(primary, "connected_slaves"), "0");
});

// ---- waiting

test("WAIT counts those who have the client's writes", () => {
  const { network, primary } = pair({}, 2);
  const writer = primary.connect();
  for (const port of [2, 3]) follow(network.worlds.get(port) as World, 1);
  network.advance(1000);
  writer.call("SET", "a", "1");
  writer.send(["WAIT", "2", "0"]);
  assert.equal(writer.socket.reader.take(), "");
  network.deliver();
  assert.equal(writer.socket.reader.take(), ":2\r\n");
  assert.equal(writer.call("WAIT", "2", "0"), ":2\r\n");
  // One is away: the other one counts when the time is up.
  network.worlds.get(3)?.replication.close();
  network.deliver();
  writer.call("SET", "a", "2");
  writer.send(["WAIT", "2", "500"]);
  network.deliver();
  assert.equal(writer.socket.reader.take(), "");
  network.advance(700);
  assert.equal(writer.socket.reader.take(), ":1\r\n");
  // A client that wrote nothing waits for nothing.
  assert.match(primary.connect().call("WAIT", "1", "0"), /^:1/);
});

test("WAIT on a server that becomes a replica ends", () => {
  const { network, primary } = pair();
  const writer = primary.connect();
  writer.send(["WAIT", "1", "0"]);
  const popper = primary.connect();
  popper.send(["BLPOP", "l", "0"]);
  follow(primary, 2);
  network.deliver();
  const error = "-UNBLOCKED force unblock from blocking operation, instance state changed " +
    "(master -> replica?)\r\n";
  for (const client of [writer, popper]) {
    assert.equal(client.socket.reader.take(), error);
    assert.ok(client.socket.closed);
  }
});

test("WAITAOF counts append-only files", () => {
  const network = new Network();
  const primary = network.add(1, {
    files: new MemoryFiles(),
    directives: { appendonly: "yes", appendfsync: "always" },
  });
  const replica = network.add(2, {
    files: new MemoryFiles(),
    directives: { appendonly: "yes", appendfsync: "always" },
  });
  for (const world of [primary, replica]) assert.equal(world.persistence.load(), "");
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  assert.equal(writer.call("WAITAOF", "1", "0", "0"), "*2\r\n:1\r\n:0\r\n");
  follow(replica, 1);
  network.advance(1000);
  const { aof } = replica.persistence;
  for (let i = 0; aof?.isRewriting; i++) {
    assert.ok(i < 10_000, "the rewrite does not end");
    aof.step();
  }
  writer.call("SET", "a", "2");
  writer.send(["WAITAOF", "1", "1", "0"]);
  network.advance(1100);
  assert.equal(writer.socket.reader.take(), "*2\r\n:1\r\n:1\r\n");
  for (const world of [primary, replica]) world.persistence.close();
});

test("min-replicas-to-write", () => {
  const { network, primary, replica } = pair();
  const writer = primary.connect();
  writer.call("CONFIG", "SET", "min-replicas-to-write", "1", "min-replicas-max-lag", "2");
  const error = "-NOREPLICAS Not enough good replicas to write.\r\n";
  assert.equal(writer.call("SET", "a", "1"), error);
  assert.equal(writer.call("GET", "a"), "$-1\r\n");
  follow(replica, 1);
  network.advance(1000);
  assert.equal(writer.call("SET", "a", "1"), "+OK\r\n");
  assert.equal(field(primary, "min_slaves_good_slaves"), "1");
  network.worlds.delete(2);
  primary.advance(5000);
  assert.equal(writer.call("SET", "a", "1"), error);
});

// ---- connections of replication

test("a replica's connection is for saying how far it is", () => {
  const { primary } = pair();
  for (const words of [["GET", "a"], ["PING"], ["SET", "a", "1"]]) {
    const client = primary.connect();
    client.call("SYNC");
    client.send(words);
    assert.ok(client.socket.closed, words[0]);
    assert.equal(client.socket.reader.take(), "");
  }
  const client = primary.connect();
  client.call("SYNC");
  client.call("REPLCONF", "ACK", "0");
  assert.ok(!client.socket.closed);
});

test("a replica that reads nothing is let go at its limit", () => {
  const { primary } = pair();
  const writer = primary.connect();
  writer.call("CONFIG", "SET", "client-output-buffer-limit", "replica 20000 0 0");
  writer.call("CONFIG", "SET", "repl-backlog-size", "16384");
  const replica = primary.connect();
  replica.call("SYNC");
  replica.socket.room = 0;
  for (let i = 0; i < 100 && !replica.socket.closed; i++) writer.call("SET", "a", "x".repeat(1000));
  assert.ok(replica.socket.closed);
  // What the backlog holds anyway is no reason.
  writer.call("CONFIG", "SET", "repl-backlog-size", "1mb");
  const other = primary.connect();
  other.call("SYNC");
  other.socket.room = 0;
  for (let i = 0; i < 100; i++) writer.call("SET", "a", "x".repeat(1000));
  assert.ok(!other.socket.closed);
});

test("what fails on a replica is said, and ends it where that is wanted", () => {
  for (const [behavior, ends] of [["ignore", 0], ["panic", 1], ["panic-on-replicas", 1]] as const) {
    const network = new Network();
    const lines: string[] = [];
    let fatal = 0;
    const primary = network.add(1);
    const replica = network.add(2, {
      fatal: () => fatal++,
      log: { write: (_, text) => lines.push(text) },
      directives: { "propagation-error-behavior": behavior },
    });
    follow(replica, 1);
    network.advance(1000);
    primary.connect().call("DEBUG", "REPLICATE", "no-such-command", "x");
    network.deliver();
    assert.equal(lines.filter((line) => line.includes("== CRITICAL ==")).length, 1);
    assert.match(lines.join("\n"), /sending an error to its primary: 'ERR unknown command/);
    assert.equal(fatal, ends);
    assert.equal(field(replica, "unexpected_error_replies"), "1");
  }
});

test("a command of the primary may be longer than any of a client", () => {
  const { network, primary, replica } = pair();
  follow(replica, 1);
  network.advance(1000);
  const client = replica.connect();
  client.call("CONFIG", "SET", "client-query-buffer-limit", "1048576");
  client.call("CONFIG", "SET", "proto-max-bulk-len", "1048576");
  network.pieceBytes = 65536;
  primary.connect().call("SET", "a", "x".repeat(1_500_000));
  network.deliver();
  assert.equal(client.call("STRLEN", "a"), ":1500000\r\n");
  assert.equal(field(primary, "sync_full"), "1");
  assert.equal(field(primary, "sync_partial_ok"), "0");
});

test("memory of replication is shown, and a slow replica costs no keys", () => {
  const { primary } = pair();
  const writer = primary.connect();
  const slow = primary.connect();
  slow.call("SYNC");
  slow.socket.room = 0;
  for (let i = 0; i < 200; i++) writer.call("SET", "a", "x".repeat(1000));
  const number = (name: string) => Number(field(primary, name));
  assert.ok(number("mem_clients_slaves") > 150_000);
  assert.ok(number("mem_replication_backlog") > 150_000);
  assert.equal(
    number("mem_total_replication_buffers"),
    number("mem_replication_backlog") + number("mem_clients_slaves") +
      number("mem_replicas_repl_buffer"),
  );
  const counted = primary.engine.keyspace.arena.usedBytes + number("mem_replication_backlog");
  writer.call("CONFIG", "SET", "maxmemory", String(counted + 50_000));
  writer.call("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
  writer.call("SET", "b", "1");
  assert.equal(writer.call("DBSIZE"), ":2\r\n");
});

test("messages reach subscribers of a replica", () => {
  const { network, primary, replica } = pair();
  follow(replica, 1);
  network.advance(1000);
  const subscriber = replica.connect();
  subscriber.call("SUBSCRIBE", "news");
  subscriber.call("SSUBSCRIBE", "shard");
  primary.connect().call("PUBLISH", "news", "hello");
  primary.connect().call("SPUBLISH", "shard", "there");
  network.deliver();
  assert.equal(
    subscriber.socket.reader.take(),
    "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n" +
      "*3\r\n$8\r\nsmessage\r\n$5\r\nshard\r\n$5\r\nthere\r\n",
  );
});

test("a network that changes bytes ends no server", () => {
  withSeed(77, (random) => {
    for (let round = 0; round < 40; round++) {
      const { network, primary, replica } = pair({
        "repl-diskless-load": random.pick(["disabled", "swapdb", "flush-before-load"]),
        "repl-timeout": "5",
      });
      for (let i = 0; i < 20; i++) primary.connect().call("SET", `k${i}`, "v".repeat(i * 10));
      network.damage = (text) => {
        if (random.chance(0.7) || text === "") return text;
        const at = random.below(text.length);
        return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
      };
      network.pieceBytes = 200;
      follow(replica, 1);
      for (let step = 0; step < 20; step++) {
        primary.connect().call("INCR", `n${random.below(5)}`);
        network.advance(300);
        const { keyspace } = replica.engine;
        if (!keyspace.isFilledBeside) keyspaceVerify(keyspace);
      }
      network.damage = (text) => text;
      primary.connect().call("DEBUG", "CHANGE-REPL-ID");
      primary.connect().call("CLIENT", "KILL", "TYPE", "replica");
      network.advance(10_000);
      assertSame(primary, replica);
    }
  });
});

// ---- cuts at every byte

/** Lets a replica follow over connections that each break behind `bytes` bytes, then over a good one. */
function cutAt(bytes: number, mode: string, before: (world: World) => void): void {
  const { network, primary, replica } = pair({ "repl-diskless-load": mode });
  const writer = primary.connect();
  before(primary);
  network.cutBehind = bytes;
  follow(replica, 1);
  network.deliver();
  for (
    const words of [["INCR", "n"], ["MULTI"], ["INCR", "n"], ["SELECT", "1"], ["INCR", "m"], [
      "EXEC",
    ], ["INCR", "o"]]
  ) {
    writer.call(...words);
    network.deliver();
  }
  network.cutBehind = Infinity;
  network.advance(3000);
  assertSame(primary, replica);
}

for (const [mode, step] of [["disabled", 1], ["swapdb", 3], ["flush-before-load", 3]] as const) {
  test(`a cut behind any byte of handshake, snapshot and stream: ${mode}`, () => {
    for (let bytes = 1; bytes < 700; bytes += step) {
      try {
        cutAt(bytes, mode, (world) => world.connect().call("SET", "a", "1"));
      } catch (error) {
        throw new Error(`cut behind byte ${bytes}`, { cause: error });
      }
    }
  });
}

test("a snapshot that breaks off: swapdb keeps the old data, others have none", () => {
  for (const mode of ["swapdb", "flush-before-load"]) {
    const { network, primary, replica } = pair({ "repl-diskless-load": mode });
    const writer = primary.connect();
    for (let i = 0; i < 500; i++) writer.call("SET", `k${i}`, "x".repeat(100));
    replica.connect().call("SET", "old", "data");
    network.cutBehind = 5000;
    network.pieceBytes = 1000;
    follow(replica, 1);
    network.deliver();
    replica.connect().call("REPLICAOF", "NO", "ONE");
    network.deliver();
    assert.equal(replica.connect().call("DBSIZE"), mode === "swapdb" ? ":1\r\n" : ":0\r\n");
    keyspaceVerify(replica.engine.keyspace);
    replica.engine.upkeep.run();
    keyspaceVerify(replica.engine.keyspace);
  }
});

test("a snapshot that is damaged is not loaded, and asked for again", () => {
  for (const mode of ["disabled", "swapdb", "flush-before-load"]) {
    const network = new Network();
    const primary = network.add(1);
    const replica = network.add(2, {
      files: new MemoryFiles(),
      directives: { "repl-diskless-load": mode },
    });
    primary.connect().call("SET", "a", "x".repeat(100));
    network.damage = (text) => text.replace("xxxxxxxxxx", "xxxxxyyyyy");
    primary.connect().call("CONFIG", "SET", "rdbcompression", "no");
    follow(replica, 1);
    network.advance(3000);
    assert.equal(field(replica, "master_link_status"), "down");
    network.damage = (text) => text;
    network.advance(3000);
    assertSame(primary, replica);
  }
});

test("cuts, roles and chains by chance: everybody ends with the same data", () => {
  withSeed(4122, (random) => {
    for (let round = 0; round < 15; round++) {
      const { network, primary, replicas } = pair({}, 3);
      const worlds = [primary, ...replicas];
      let top = 1;
      for (const [i, world] of replicas.entries()) follow(world, random.below(i + 1) + 1);
      for (let step = 0; step < 60; step++) {
        network.pieceBytes = random.chance(0.5) ? Infinity : 1 + random.below(50);
        const world = network.worlds.get(top) as World;
        const client = world.connect();
        if (random.chance(0.7)) client.call("SELECT", String(random.below(3)));
        if (random.chance(0.3)) client.call("MULTI");
        for (let i = random.below(4); i >= 0; i--) client.call("INCR", `k${random.below(20)}`);
        if (client.session.inMulti) client.call("EXEC");
        client.close();
        if (random.chance(0.2)) network.deliver();
        if (random.chance(0.1) && network.wires.length > 0) random.pick(network.wires).cut();
        if (random.chance(0.05)) {
          random.pick(worlds).connect().call("CLIENT", "KILL", "TYPE", "master");
        }
        if (random.chance(0.05)) {
          random.pick(worlds).connect().call("CLIENT", "KILL", "TYPE", "replica");
        }
        if (random.chance(0.1)) network.advance(1000);
        if (random.chance(0.03)) {
          network.advance(3000);
          const next = 1 + random.below(4);
          if (next !== top) {
            (network.worlds.get(next) as World).connect().call("REPLICAOF", "NO", "ONE");
            for (const port of [1, 2, 3, 4]) {
              if (port !== next) follow(network.worlds.get(port) as World, next);
            }
            top = next;
          }
        }
      }
      network.advance(5000);
      assertSame(...worlds);
    }
  });
});
