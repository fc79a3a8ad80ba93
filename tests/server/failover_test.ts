// Handing over from a primary to one of its replicas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, Network } from "../kit/network.ts";
import type { World } from "../kit/world.ts";

function setUp() {
  const network = new Network();
  const worlds = [1, 2, 3].map((port) => network.add(port));
  for (const world of worlds.slice(1)) world.connect().call("REPLICAOF", "127.0.0.1", "1");
  network.advance(2000);
  const [primary, first, second] = worlds;
  return { network, primary, first, second };
}

const info = (world: World, name: string) =>
  new RegExp(`^${name}:(.*)\r$`, "m").exec(world.connect().call("INFO", "everything"))?.[1];

test("to a named replica, while somebody writes", () => {
  const { network, primary, first, second } = setUp();
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  assert.equal(writer.call("FAILOVER", "TO", "127.0.0.1", "2", "TIMEOUT", "5000"), "+OK\r\n");
  assert.equal(info(primary, "master_failover_state"), "waiting-for-sync");
  assert.equal(info(primary, "paused_reason"), "failover_in_progress");
  assert.equal(writer.call("FAILOVER"), "-ERR FAILOVER already in progress.\r\n");
  assert.equal(
    writer.call("REPLICAOF", "NO", "ONE"),
    "-ERR REPLICAOF not allowed while failing over.\r\n",
  );
  assert.equal(writer.call("SET", "a", "2"), "");
  network.advance(3000);
  assert.equal(info(primary, "master_failover_state"), "no-failover");
  assert.equal(info(primary, "role"), "slave");
  assert.equal(info(first, "role"), "master");
  assert.match(writer.socket.reader.take(), /^-READONLY/);
  first.connect().call("SET", "b", "3");
  second.connect().call("REPLICAOF", "127.0.0.1", "2");
  network.advance(3000);
  assert.equal(digestOf(primary), digestOf(first));
  assert.equal(digestOf(second), digestOf(first));
  assert.equal(info(first, "sync_full"), "0");
  assert.equal(info(first, "sync_partial_ok"), "2");
});

test("to any replica", () => {
  const { network, primary, first, second } = setUp();
  primary.connect().call("SET", "a", "1");
  assert.equal(primary.connect().call("FAILOVER"), "+OK\r\n");
  network.advance(3000);
  assert.equal(info(primary, "role"), "slave");
  assert.deepEqual([first, second].map((world) => info(world, "role")).sort(), ["master", "slave"]);
});

test("a replica that never has everything: the time is up, or it is given up", () => {
  const { network, primary, first } = setUp();
  first.replication.close();
  network.deliver();
  primary.connect().call("REPLICAOF", "NO", "ONE");
  const silent = primary.connect();
  silent.call("REPLCONF", "listening-port", "9");
  silent.call("SYNC");
  primary.connect().call("SET", "a", "1");
  assert.equal(
    primary.connect().call("FAILOVER", "TO", "127.0.0.1", "9", "TIMEOUT", "500"),
    "+OK\r\n",
  );
  network.advance(1000);
  assert.equal(info(primary, "master_failover_state"), "no-failover");
  assert.equal(info(primary, "role"), "master");
  assert.equal(primary.connect().call("SET", "a", "2"), "+OK\r\n");
  assert.equal(primary.connect().call("FAILOVER", "TO", "127.0.0.1", "9"), "+OK\r\n");
  assert.equal(primary.connect().call("FAILOVER", "ABORT"), "+OK\r\n");
  assert.equal(primary.connect().call("SET", "a", "3"), "+OK\r\n");
});

test("a target that refuses: this server is a primary again", () => {
  const { network, primary, first } = setUp();
  const silent = primary.connect();
  // Listens at port 2, but is not the replica that it says it is.
  silent.call("REPLCONF", "listening-port", "2", "ip-address", "10.0.0.2");
  silent.call("SYNC");
  first.connect().call("REPLICAOF", "NO", "ONE");
  network.deliver();
  assert.equal(
    primary.connect().call("FAILOVER", "TO", "10.0.0.2", "2", "TIMEOUT", "300", "FORCE"),
    "+OK\r\n",
  );
  network.advance(2000);
  assert.equal(info(primary, "role"), "master");
  assert.equal(info(primary, "master_failover_state"), "no-failover");
  assert.equal(primary.connect().call("SET", "a", "3"), "+OK\r\n");
});

test("clients that wait for keys go on waiting until it worked", () => {
  const { network, primary } = setUp();
  const waiting = primary.connect();
  waiting.send(["BLPOP", "l", "0"]);
  primary.connect().call("FAILOVER", "TO", "127.0.0.1", "2");
  assert.equal(waiting.socket.reader.take(), "");
  network.advance(3000);
  assert.match(waiting.socket.reader.take(), /^-UNBLOCKED/);
});

test("a client that can be sent elsewhere waits until it is decided where", () => {
  const { network, primary } = setUp();
  const client = primary.connect();
  client.call("CLIENT", "CAPA", "redirect");
  primary.connect().call("FAILOVER", "TO", "127.0.0.1", "2");
  client.send(["SET", "a", "1"]);
  network.advance(3000);
  assert.equal(client.socket.reader.take(), "-REDIRECT 127.0.0.1:2\r\n");
});

test("only a primary with replicas can hand over", () => {
  const { first, primary } = setUp();
  assert.equal(
    first.connect().call("FAILOVER"),
    "-ERR FAILOVER is not valid when server is a replica.\r\n",
  );
  const client = primary.connect();
  assert.match(client.call("FAILOVER", "TO", "127.0.0.1", "7"), /HOST and PORT is not a replica/);
  assert.match(client.call("FAILOVER", "FORCE"), /requires both a timeout and target HOST/);
});
