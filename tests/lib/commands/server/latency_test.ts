import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { type MemoryClient, World } from "../../../kit/world.ts";

cases("LATENCY", [
  // name                    steps                              reply
  ["no events", ["LATENCY LATEST"], "*0"],
  ["no history", ["LATENCY HISTORY command"], "*0"],
  ["no graph", ["LATENCY GRAPH foo"], "-ERR No samples available for event 'foo'"],
  ["nothing to reset", ["LATENCY RESET"], ":0"],
  ["nothing of these to reset", ["LATENCY RESET a b"], ":0"],
  ["doctor of nothing", ["LATENCY DOCTOR"], /^\$\d+ Nothing is watched\./],
  [
    "doctor without events",
    ["CONFIG SET latency-monitor-threshold 100", "LATENCY DOCTOR"],
    /^\$\d+ No delay has reached the threshold\./,
  ],
  ["histogram of nothing", ["LATENCY HISTOGRAM nosuch"], "*0"],
  [
    "histogram",
    ["CONFIG RESETSTAT", "SET a 1", "SET b 1", "LATENCY HISTOGRAM set nosuch"],
    {
      resp2: /^\*2 \$3 set \*4 \$5 calls :2 \$14 histogram_usec \*2 :\d+ :2$/,
      resp3: /^%1 \$3 set %2 \$5 calls :2 \$14 histogram_usec %1 :\d+ :2$/,
    },
  ],
  [
    "histogram of a container",
    ["CONFIG RESETSTAT", "CONFIG GET hz", "LATENCY HISTOGRAM config"],
    /^\*4 (\$\d+ config\|(get|resetstat) \*4 \$5 calls :1 \$14 histogram_usec \*2 :\d+ :1 ?){2}$/,
  ],
  [
    "histogram of a subcommand",
    ["CONFIG RESETSTAT", "CONFIG GET hz", "LATENCY HISTOGRAM config|get"],
    /^\*2 \$10 config\|get /,
  ],
  [
    "all histograms",
    ["CONFIG RESETSTAT", "GET a", "LATENCY HISTOGRAM"],
    /^\*4 .*\$3 get \*4 .*\$16 config\|resetstat \*4 /,
  ],
  ["help", ["LATENCY HELP"], /^\*15 \+LATENCY /],
  ["help takes nothing", ["LATENCY HELP x"], /^-ERR wrong number .* 'latency\|help' command$/],
  ["unknown", ["LATENCY nosuch"], "-ERR unknown subcommand 'nosuch'. Try LATENCY HELP."],
]);

/** Three slow commands in different seconds. */
function slowWorld(): { world: World; client: MemoryClient } {
  const world = new World();
  const client = world.connect();
  client.call("CONFIG", "SET", "latency-monitor-threshold", "200");
  for (const seconds of ["0.3", "0.4", "0.5"]) {
    client.call("DEBUG", "SLEEP", seconds);
    world.advance(1100);
  }
  client.call("DEBUG", "SLEEP", "0.1");
  return { world, client };
}

test("LATENCY LATEST and HISTORY tell of slow commands", () => {
  const { client } = slowWorld();
  const [latest] = parseReply(client.call("LATENCY", "LATEST")).reply.items ?? [];
  const [event, seconds, ...rest] = latest.items ?? [];
  assert.equal(event.text, "command");
  assert.deepEqual(rest.map((item) => item.text), ["500", "500", "1200", "3"]);
  const history = parseReply(client.call("LATENCY", "HISTORY", "command")).reply.items ?? [];
  assert.deepEqual(history.map((item) => item.items?.[1].text), ["300", "400", "500"]);
  assert.equal(history[2].items?.[0].text, seconds.text);
  assert.equal(client.call("LATENCY", "HISTORY", "Command"), "*0\r\n");
});

test("LATENCY GRAPH draws a bar for each sample", () => {
  const { client } = slowWorld();
  const text = client.call("LATENCY", "GRAPH", "command");
  assert.match(text, /command - high 500 ms, low 300 ms \(highest ever 500 ms\)\n-{80}\n/);
  const bars = text.split("\n").slice(3, 7);
  assert.deepEqual(bars, ["  #", " ##", " ##", "###"]);
  assert.match(text, /\n\n\d\d\d\n(sss|\d*)/);
});

test("LATENCY DOCTOR explains", () => {
  const { client } = slowWorld();
  assert.match(
    client.call("LATENCY", "DOCTOR"),
    /1\. command: 3 delays of 400 ms on the average, 500 ms at most, the last one 1s ago\. Some /,
  );
});

test("LATENCY RESET forgets", () => {
  const { client } = slowWorld();
  assert.equal(client.call("LATENCY", "RESET", "nosuch", "COMMAND"), ":1\r\n");
  assert.equal(client.call("LATENCY", "LATEST"), "*0\r\n");
});

test("quick commands are events of their own", () => {
  const world = new World();
  const client = world.connect();
  client.call("CONFIG", "SET", "latency-monitor-threshold", "10");
  const { clock } = world;
  const run = world.engine.table.run[world.engine.table.idOf("ping")];
  world.engine.table.run[world.engine.table.idOf("ping")] = (ctx) => {
    clock.advance(20);
    run?.(ctx);
  };
  client.call("PING");
  assert.match(client.call("LATENCY", "LATEST"), /^\*1\r\n\*6\r\n\$12\r\nfast-command\r\n/);
});

test("INFO latencystats shows the percentiles asked for, while latency-tracking is on", () => {
  const client = new World().connect();
  client.call("CONFIG", "RESETSTAT");
  client.call("DEBUG", "SLEEP", "0.3");
  const line = (text: string) => /latency_percentiles_usec_debug:(.*)\r\n/.exec(text)?.[1];
  assert.equal(
    line(client.call("INFO", "latencystats")),
    "p50=301989.887,p99=301989.887,p99.9=301989.887",
  );
  client.call("CONFIG", "SET", "latency-tracking-info-percentiles", "0.0 50.5 100.0");
  assert.equal(
    line(client.call("INFO", "latencystats")),
    "p0=299892.736,p50.5=301989.887,p100=301989.887",
  );
  client.call("CONFIG", "SET", "latency-tracking", "no");
  client.call("CONFIG", "RESETSTAT");
  client.call("DEBUG", "SLEEP", "0.3");
  assert.equal(client.call("INFO", "latencystats"), "$16\r\n# Latencystats\r\n\r\n");
  client.call("CONFIG", "SET", "latency-tracking", "yes");
  assert.equal(line(client.call("INFO", "latencystats")), undefined);
});
