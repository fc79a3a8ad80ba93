import { test } from "node:test";
import assert from "node:assert/strict";
import type { ShutdownOptions } from "../../../../lib/commands/server_view.ts";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

cases("SHUTDOWN", [
  // name                    steps                            reply
  ["nothing to abort", ["SHUTDOWN ABORT"], "-ERR No shutdown in progress."],
  ["unknown word", ["SHUTDOWN nosuch"], "-ERR syntax error"],
  ["save and nosave", ["SHUTDOWN SAVE NOSAVE"], "-ERR syntax error"],
  ["abort and more", ["SHUTDOWN ABORT NOW"], "-ERR syntax error"],
  [
    "failover",
    ["SHUTDOWN FAILOVER"],
    "-ERR SHUTDOWN FAILOVER is only supported in cluster mode.",
  ],
]);

cases("ROLE", [
  ["a primary", ["ROLE"], "*3 $6 master :0 *0"],
  ["takes nothing", ["ROLE x"], "-ERR wrong number of arguments for 'role' command"],
]);

test("SHUTDOWN passes its words on and answers nothing", () => {
  const world = new World();
  const seen: ShutdownOptions[] = [];
  world.engine.server.shutdown = (options) => {
    seen.push(options);
    return seen.length > 2 ? "ERR Errors trying to SHUTDOWN. Check logs." : "";
  };
  const client = world.connect();
  const none = { save: "default", now: false, force: false, safe: false, failover: false };
  assert.equal(client.call("SHUTDOWN"), "");
  assert.equal(client.call("SHUTDOWN", "nosave", "NOW", "now", "force", "safe"), "");
  assert.equal(
    client.call("SHUTDOWN", "SAVE"),
    "-ERR Errors trying to SHUTDOWN. Check logs.\r\n",
  );
  assert.deepEqual(seen, [
    none,
    { ...none, save: "nosave", now: true, force: true, safe: true },
    { ...none, save: "save" },
  ]);
});

test("SHUTDOWN ABORT says OK when there was something to abort", () => {
  const world = new World();
  world.engine.server.abortShutdown = () => true;
  assert.equal(world.connect().call("SHUTDOWN", "ABORT"), "+OK\r\n");
});
