import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const DEFAULT_SECTIONS =
  "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace";
const ALL_SECTIONS = "Server TLS Clients Memory Persistence Stats Replication CPU Modules " +
  "Commandstats Errorstats Latencystats Cluster Cluster Info Keyspace";

cases("INFO", [
  // name                    steps                            reply
  ["one section", ["INFO cluster"], "$30 # Cluster cluster_enabled:0"],
  ["in any case", ["INFO CLUSTER"], "$30 # Cluster cluster_enabled:0"],
  [
    "several, in their own order",
    ["INFO keyspace cluster keyspace"],
    "$44 # Cluster cluster_enabled:0  # Keyspace",
  ],
  ["none of the sections", ["INFO nosuch"], "$0"],
  ["modules by either name", ["INFO module_list"], "$11 # Modules"],
  [
    "databases with keys",
    ["SET a 1", "SET b 1 EX 100", "SELECT 9", "SET c 1", "INFO keyspace"],
    /^\$\d+ # Keyspace db0:keys=2,expires=1,avg_ttl=\d+,keys_with_volatile_items=0 db9:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=0$/,
  ],
  [
    "errors by prefix",
    ["NOSUCH", "SET a 1", "APPEND", "INFO errorstats"],
    "$37 # Errorstats errorstat_ERR:count=2",
  ],
  [
    "a paused server",
    ["CLIENT PAUSE 100000 WRITE", "INFO clients"],
    /paused_reason:client_pause paused_actions:write paused_timeout_milliseconds:100000$/,
  ],
]);

function fieldsOf(reply: string): Map<string, string> {
  const pairs = reply.split("\r\n").filter((text) => /^\w+:/.test(text));
  return new Map(pairs.map((text) => {
    const colon = text.indexOf(":");
    return [text.slice(0, colon), text.slice(colon + 1)] as const;
  }));
}

function sectionsOf(reply: string): string {
  return Array.from(reply.matchAll(/^# (.*)\r$/gm), (match) => match[1]).join(" ");
}

test("INFO shows the default sections, all with ALL", () => {
  const client = new World().connect();
  for (const args of [[], ["default"], ["nosuch", "DEFAULT"]]) {
    assert.equal(sectionsOf(client.call("INFO", ...args)), DEFAULT_SECTIONS);
  }
  for (const args of [["all"], ["everything"], ["cpu", "ALL"]]) {
    assert.equal(sectionsOf(client.call("INFO", ...args)), ALL_SECTIONS);
  }
});

test("INFO separates sections by an empty line and ends each line with CR LF", () => {
  const text = new World().connect().call("INFO", "all");
  assert.doesNotMatch(text, /[^\r]\n/);
  assert.match(text, /^\$\d+\r\n# Server\r\n/);
  assert.equal(text.match(/\r\n\r\n# /g)?.length, ALL_SECTIONS.split(" ").length - 2);
});

test("INFO debug is shown only by its name", () => {
  const client = new World().connect();
  assert.equal(sectionsOf(client.call("INFO", "debug")), "Debug");
  client.call("PING");
  const fields = fieldsOf(client.call("INFO", "debug"));
  assert.ok(Number(fields.get("eventloop_cmd_per_cycle_max")) > 0);
});

test("INFO shows rates once time has passed", () => {
  const world = new World();
  const client = world.connect();
  for (let i = 0; i < 20; i++) {
    for (let j = 0; j < 10; j++) client.call("PING");
    world.advance(100);
  }
  const fields = fieldsOf(client.call("INFO", "stats"));
  assert.equal(fields.get("instantaneous_ops_per_sec"), "100");
  assert.ok(Number(fields.get("instantaneous_input_kbps")) > 0);
  assert.equal(fields.get("instantaneous_eventloop_cycles_per_sec"), "110");
});

test("INFO is verbatim text in RESP3", () => {
  const client = new World().connect();
  client.call("HELLO", "3");
  assert.match(client.call("INFO", "cluster"), /^=34\r\ntxt:# Cluster\r\n/);
});

test("INFO counts what happens", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1");
  client.call("GET", "a");
  client.call("GET", "nosuch");
  client.call("GET");
  client.call("INCR", "a", "b");
  client.call("LPUSHX");
  world.advance(5000);
  const fields = fieldsOf(client.call("INFO", "all"));
  assert.equal(fields.get("keyspace_hits"), "1");
  assert.equal(fields.get("keyspace_misses"), "1");
  assert.equal(fields.get("total_error_replies"), "3");
  assert.equal(fields.get("connected_clients"), "1");
  assert.equal(fields.get("uptime_in_seconds"), "5");
  assert.match(
    fields.get("cmdstat_get") ?? "",
    /^calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=1,failed_calls=0$/,
  );
  assert.match(
    fields.get("cmdstat_incr") ?? "",
    /^calls=0,usec=0,usec_per_call=0\.00,rejected_calls=1,/,
  );
});

test("a failure inside EXEC counts once, for the command that failed", () => {
  const client = new World().connect();
  client.call("SET", "a", "x");
  client.call("MULTI");
  client.call("INCR", "a");
  client.call("EXEC");
  const fields = fieldsOf(client.call("INFO", "all"));
  assert.equal(fields.get("total_error_replies"), "1");
  assert.match(fields.get("cmdstat_incr") ?? "", /failed_calls=1$/);
  assert.match(fields.get("cmdstat_exec") ?? "", /failed_calls=0$/);
});

test("INFO memory adds up", () => {
  const client = new World().connect();
  client.call("DEBUG", "POPULATE", "1000", "key", "100");
  const fields = fieldsOf(client.call("INFO", "memory"));
  const number = (name: string) => Number(fields.get(name));
  assert.ok(number("used_memory") > 100_000);
  assert.ok(number("used_memory_peak") >= number("used_memory"));
  assert.equal(
    number("used_memory_overhead") + number("used_memory_dataset"),
    number("used_memory"),
  );
  assert.match(fields.get("used_memory_human") ?? "", /^\d+\.\d\dK$/);
  assert.equal(fields.get("maxmemory_human"), "0B");
  assert.equal(fields.get("total_system_memory_human"), "16.00G");
});

test("INFO counts expired keys until CONFIG RESETSTAT", () => {
  const world = new World();
  const client = world.connect();
  client.call("SET", "a", "1", "PX", "10");
  world.advance(20);
  client.call("GET", "a");
  assert.equal(fieldsOf(client.call("INFO", "stats")).get("expired_keys"), "1");
  client.call("CONFIG", "RESETSTAT");
  const fields = fieldsOf(client.call("INFO", "all"));
  assert.equal(fields.get("expired_keys"), "0");
  assert.equal(fields.get("total_error_replies"), "0");
  assert.equal(fields.get("keyspace_misses"), "0");
});

test("INFO counts watched keys and clients", () => {
  const world = new World();
  const [first, second] = [world.connect(), world.connect()];
  first.call("WATCH", "a", "b");
  second.call("WATCH", "a");
  const fields = fieldsOf(first.call("INFO", "clients"));
  assert.equal(fields.get("connected_clients"), "2");
  assert.equal(fields.get("watching_clients"), "2");
  assert.equal(fields.get("total_watched_keys"), "2");
});

test("INFO names what is listened on", () => {
  const world = new World();
  world.engine.server.listeners = [
    { name: "tcp", binds: ["127.0.0.1", "::1"], port: 6379 },
    { name: "unix", binds: ["run/s.sock"], port: 0 },
  ];
  const fields = fieldsOf(world.connect().call("INFO", "server"));
  assert.equal(fields.get("listener0"), "name=tcp,bind=127.0.0.1,bind=::1,port=6379");
  assert.equal(fields.get("listener1"), "name=unix,bind=run/s.sock");
});
