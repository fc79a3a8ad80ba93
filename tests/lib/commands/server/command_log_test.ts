import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const KINDS = "-ERR type should be one of the following: slow, large-request, large-reply";
const COUNT = "-ERR count should be greater than or equal to -1";

cases("COMMANDLOG", [
  // name                    steps                                   reply
  ["empty", ["COMMANDLOG GET -1 slow"], "*0"],
  ["length", ["COMMANDLOG LEN large-request"], ":0"],
  ["reset", ["COMMANDLOG RESET LARGE-REPLY"], "+OK"],
  ["kind of get", ["COMMANDLOG GET 10 nosuch"], KINDS],
  ["kind of len", ["COMMANDLOG LEN nosuch"], KINDS],
  ["kind of reset", ["COMMANDLOG RESET nosuch"], KINDS],
  ["count comes first", ["COMMANDLOG GET slow 10"], COUNT],
  ["count below -1", ["COMMANDLOG GET -2 slow"], COUNT],
  [
    "kind is missing",
    ["COMMANDLOG GET 10"],
    "-ERR wrong number of arguments for 'commandlog|get' command",
  ],
  ["help", ["COMMANDLOG HELP"], /^\*11 \+COMMANDLOG /],
  [
    "a large reply",
    [
      "CONFIG SET commandlog-reply-larger-than 100",
      "SET a 1",
      "SETRANGE a 199 x",
      "GET a",
      "COMMANDLOG GET 5 large-reply",
    ],
    /^\*1 \*6 :0 :\d+ :208 \*2 \$3 GET \$1 a \$\d+ [\d.]+:\d+ \$0$/,
  ],
  [
    "a large request",
    [
      "CONFIG SET commandlog-request-larger-than 60",
      "SET a 0123456789012345678901234567890123456789",
      "COMMANDLOG GET 1 large-request",
    ],
    /^\*1 \*6 :\d :\d+ :67 \*3 \$3 SET \$1 a \$40 \d+ \$\d+ [\d.]+:\d+ \$0$/,
  ],
]);

cases("SLOWLOG", [
  ["empty", ["SLOWLOG GET"], "*0"],
  ["all", ["SLOWLOG GET -1"], "*0"],
  ["length", ["SLOWLOG LEN"], ":0"],
  ["reset", ["SLOWLOG RESET"], "+OK"],
  ["count below -1", ["SLOWLOG GET -2"], COUNT],
  ["count is no number", ["SLOWLOG GET x"], COUNT],
  [
    "too much",
    ["SLOWLOG GET 1 2"],
    "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.",
  ],
  ["help", ["SLOWLOG HELP"], /^\*10 \+SLOWLOG /],
]);

/** Arguments of the slow commands in a world that logs all of them, newest first. */
function slowArgs(client: { call(...args: string[]): string }): string[][] {
  const entries = parseReply(client.call("COMMANDLOG", "GET", "-1", "slow")).reply.items ?? [];
  return entries.map((entry) => entry.items?.[3].items?.map((arg) => arg.text) ?? []);
}

test("slow commands are logged newest first, with client and time", () => {
  const world = new World();
  const client = world.connect();
  client.call("DEBUG", "SLEEP", "0.02");
  client.call("DEBUG", "SLEEP", "0.03");
  client.call("GET", "a");
  const [entry] = parseReply(client.call("SLOWLOG", "GET", "1")).reply.items ?? [];
  const [id, seconds, usec, args, address, name] = entry.items ?? [];
  assert.equal(id.text, "1");
  assert.equal(seconds.text, String(Math.floor(world.clock.wallMs() / 1000)));
  assert.equal(usec.text, "30000");
  assert.deepEqual(args.items?.map((arg) => arg.text), ["DEBUG", "SLEEP", "0.03"]);
  assert.match(address.text, /^127\.0\.0\.1:\d+$/);
  assert.equal(name.text, "");
  assert.equal(client.call("SLOWLOG", "LEN"), ":2\r\n");
});

test("a threshold of 0 logs everything, -1 nothing", () => {
  const client = new World().connect();
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  client.call("GET", "a");
  client.call("NOSUCH");
  client.call("GET");
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  client.call("GET", "b");
  assert.deepEqual(slowArgs(client), [
    ["GET", "a"],
    ["CONFIG", "SET", "slowlog-log-slower-than", "0"],
  ]);
});

test("many and long arguments are cut", () => {
  const client = new World().connect();
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  const many = Array.from({ length: 40 }, (_, i) => `k${i}`);
  client.call("DEL", ...many);
  client.call("GET", "x".repeat(129));
  client.call("GET", "y".repeat(128));
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  const [y, x, del] = slowArgs(client);
  assert.deepEqual(y, ["GET", "y".repeat(128)]);
  assert.deepEqual(x, ["GET", "x".repeat(128) + "... (1 more bytes)"]);
  assert.equal(del.length, 32);
  assert.equal(del[30], "k29");
  assert.equal(del[31], "... (10 more arguments)");
});

test("the log keeps to its length; ids go on after a reset", () => {
  const client = new World().connect();
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "2");
  for (const key of "abc") client.call("GET", key);
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  assert.deepEqual(slowArgs(client), [["GET", "c"], ["GET", "b"]]);
  client.call("SLOWLOG", "RESET");
  assert.equal(client.call("SLOWLOG", "LEN"), ":0\r\n");
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  assert.match(client.call("SLOWLOG", "GET", "1"), /^\*1\r\n\*6\r\n:4\r\n/);
});

test("commands of a transaction are logged one by one, EXEC is not", () => {
  const client = new World().connect();
  client.call("MULTI");
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  client.call("GET", "a");
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  client.call("EXEC");
  assert.deepEqual(slowArgs(client), [
    ["GET", "a"],
    ["CONFIG", "SET", "slowlog-log-slower-than", "0"],
  ]);
});

test("secrets are not logged", () => {
  const client = new World().connect();
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  client.call("AUTH", "default", "secret");
  client.call("HELLO", "2", "SETNAME", "me", "AUTH", "default", "secret", "SETNAME", "you");
  client.call("CONFIG", "SET", "primaryauth", "secret", "hz", "20");
  client.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  const [config, hello, auth] = slowArgs(client).map((args) => args.join(" "));
  assert.equal(config, "CONFIG SET primaryauth (redacted) hz 20");
  assert.equal(hello, "HELLO 2 SETNAME me AUTH (redacted) (redacted) SETNAME you");
  assert.equal(auth, "AUTH (redacted) (redacted)");
});
