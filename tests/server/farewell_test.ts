// A server that is to end lets its replicas have everything first.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShutdownOptions } from "../../lib/commands/server_view.ts";
import { Farewell } from "../../server/farewell.ts";
import { Network } from "../kit/network.ts";
import type { World } from "../kit/world.ts";

const OPTIONS: ShutdownOptions = {
  save: "default",
  now: false,
  force: false,
  safe: false,
  failover: false,
};

/** A primary at 1 with a replica at 2, and the farewell of the primary. */
function setUp(problem = "") {
  const network = new Network();
  let farewell: Farewell | null = null;
  const primary = network.add(1, {
    control: {
      shutdown: (options) => farewell?.begin(options) ?? "",
      abortShutdown: () => farewell?.abort() ?? false,
    },
  });
  const replica = network.add(2);
  const ended: ShutdownOptions[] = [];
  farewell = new Farewell(primary.engine, {
    replicas: primary.replication.replicas,
    streamEnd: () => primary.replication.history.offset,
    requestAcks: () => primary.replication.requestAcks(),
    end: (options) => {
      ended.push(options);
      return problem;
    },
  });
  replica.connect().call("REPLICAOF", "127.0.0.1", "1");
  network.advance(2000);
  const tick = () => farewell?.tick(primary.clock.wallMs());
  return { network, primary, replica, farewell, ended, tick };
}

const inShutdown = (world: World) => /shutdown_in_milliseconds:/.test(world.connect().call("INFO"));

test("nobody to wait for: the end is at once", () => {
  const { farewell, ended } = setUp();
  assert.equal(farewell.begin(OPTIONS), "");
  assert.equal(ended.length, 1);
});

test("writes wait until the replica has everything", () => {
  const { network, primary, ended, tick } = setUp();
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  const asker = primary.connect();
  asker.send(["SHUTDOWN"]);
  assert.equal(ended.length, 0);
  assert.ok(inShutdown(primary));
  const clients = primary.connect().call("INFO", "clients");
  assert.match(clients, /\r\nblocked_clients:1\r\n/);
  assert.match(clients, /\r\npaused_reason:shutdown_in_progress\r\n/);
  assert.equal(primary.connect().call("CLIENT", "UNBLOCK", String(asker.session.id)), ":0\r\n");
  writer.send(["SET", "a", "2"]);
  assert.equal(writer.socket.reader.take(), "");
  tick();
  assert.equal(ended.length, 0);
  network.deliver();
  tick();
  assert.equal(ended.length, 1);
  assert.equal(asker.socket.reader.take(), "");
});

test("a replica that stays away: the time is up", () => {
  const { primary, ended, tick } = setUp();
  primary.connect().call("CONFIG", "SET", "shutdown-timeout", "3");
  primary.connect().call("SET", "a", "1");
  primary.connect().send(["SHUTDOWN"]);
  primary.clock.advance(2000);
  tick();
  assert.equal(ended.length, 0);
  primary.clock.advance(1001);
  tick();
  assert.equal(ended.length, 1);
});

test("NOW, and no time at all, wait for nobody", () => {
  const first = setUp();
  first.primary.connect().call("SET", "a", "1");
  first.primary.connect().send(["SHUTDOWN", "NOW"]);
  assert.equal(first.ended.length, 1);
  const second = setUp();
  second.primary.connect().call("CONFIG", "SET", "shutdown-timeout", "0");
  second.primary.connect().call("SET", "a", "1");
  second.primary.connect().send(["SHUTDOWN"]);
  assert.equal(second.ended.length, 1);
});

test("called off: who asked hears of it, who waited goes on", () => {
  const { primary, ended, tick } = setUp();
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  const askers = [primary.connect(), primary.connect()];
  for (const asker of askers) asker.sendRaw("SHUTDOWN\r\nPING\r\n");
  writer.send(["SET", "a", "2"]);
  assert.equal(primary.connect().call("SHUTDOWN", "ABORT"), "+OK\r\n");
  for (const asker of askers) {
    assert.equal(
      asker.socket.reader.take(),
      "-ERR Errors trying to SHUTDOWN. Check logs.\r\n+PONG\r\n",
    );
  }
  assert.equal(writer.socket.reader.take(), "+OK\r\n");
  assert.ok(!inShutdown(primary));
  tick();
  assert.equal(ended.length, 0);
  assert.equal(
    primary.connect().call("SHUTDOWN", "ABORT"),
    "-ERR No shutdown in progress.\r\n",
  );
});

test("an end that cannot be is called off", () => {
  const { network, primary, ended, tick } = setUp("ERR Errors trying to SHUTDOWN. Check logs.");
  const writer = primary.connect();
  writer.call("SET", "a", "1");
  const asker = primary.connect();
  asker.send(["SHUTDOWN"]);
  network.deliver();
  tick();
  assert.equal(ended.length, 1);
  primary.settle();
  assert.match(asker.socket.reader.take(), /^-ERR Errors trying to SHUTDOWN/);
  assert.equal(writer.call("SET", "a", "2"), "+OK\r\n");
});
