import { test } from "node:test";
import assert from "node:assert/strict";
import { cases, type Row } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";

const WRONG = "-ERR unknown subcommand or wrong number of arguments for";
const REFUSED =
  '-ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", ' +
  "you can run it from a local connection, otherwise you need to set this option " +
  "in the configuration file, and then restart the server.";
const NOTHING = "0".repeat(40);

cases("DEBUG", [
  // name                    steps                                   reply
  ["help", ["DEBUG HELP"], /^\*\d+ \+DEBUG .* \+SLEEP <seconds> .* \+HELP /],
  ["help takes nothing", ["DEBUG HELP x"], `${WRONG} 'HELP'. Try DEBUG HELP.`],
  ["unknown", ["DEBUG nosuch"], `${WRONG} 'nosuch'. Try DEBUG HELP.`],
  ["too few", ["DEBUG SLEEP"], `${WRONG} 'SLEEP'. Try DEBUG HELP.`],
  ["too many", ["DEBUG SLEEP 0 0"], `${WRONG} 'SLEEP'. Try DEBUG HELP.`],
  ["none", ["DEBUG"], "-ERR wrong number of arguments for 'debug' command"],
  ["sleep", ["DEBUG SLEEP 0.01"], "+OK"],
  ["sleep of no number", ["DEBUG SLEEP x"], "+OK"],
  ["active expiry", ["DEBUG SET-ACTIVE-EXPIRE 0"], "+OK"],
  ["cron", ["DEBUG PAUSE-CRON 1"], "+OK"],
  ["log", ["DEBUG LOG hello"], "+OK"],
  ["error", ["DEBUG ERROR 'MY own error'"], "-MY own error"],
  ["error on one line", ['DEBUG ERROR "a\\r\\nb"'], "-a  b"],
  ["reply list", ["DEBUG CLIENT-ENFORCE-REPLY-LIST 1"], "+OK"],
  ["shrinking of tables", ["DEBUG HASHTABLE-CAN-ABORT-SHRINK 0"], "+OK"],
  [
    "shrinking of tables, no switch",
    ["DEBUG HASHTABLE-CAN-ABORT-SHRINK"],
    /^-ERR unknown subcommand/,
  ],
  ["crash", ["DEBUG SEGFAULT"], "-ERR this server does not crash on request"],
  ["sizes", ["DEBUG STRUCTSIZE"], /^\$\d+ bits:64 robj:\d+ /],
  ["replication id", ["DEBUG CHANGE-REPL-ID"], "+OK"],
  [
    "no file to rewrite",
    ["DEBUG CONFIG-REWRITE-FORCE-ALL"],
    /^-ERR CONFIG-REWRITE-FORCE-ALL failed: /,
  ],
  ["reply buffer peak", ["DEBUG REPLYBUFFER PEAK-RESET-TIME 100"], "+OK"],
  ["reply buffer never", ["DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER"], "+OK"],
  ["reply buffer reset", ["DEBUG REPLYBUFFER PEAK-RESET-TIME RESET"], "+OK"],
  [
    "reply buffer of no number",
    ["DEBUG REPLYBUFFER PEAK-RESET-TIME x"],
    "-ERR value is not an integer or out of range",
  ],
  ["reply buffer resizing", ["DEBUG REPLYBUFFER RESIZING 0"], "+OK"],
  ["reply buffer other", ["DEBUG REPLYBUFFER x 1"], `${WRONG} 'REPLYBUFFER'. Try DEBUG HELP.`],
]);

cases("DEBUG PROTOCOL", [
  ["string", ["DEBUG PROTOCOL string"], "$11 Hello World"],
  ["integer", ["DEBUG PROTOCOL integer"], ":12345"],
  ["double", ["DEBUG PROTOCOL double"], { resp2: "$5 3.141", resp3: ",3.141" }],
  [
    "bignum",
    ["DEBUG PROTOCOL bignum"],
    {
      resp2: "$37 1234567999999999999999999999999999999",
      resp3: "(1234567999999999999999999999999999999",
    },
  ],
  ["null", ["DEBUG PROTOCOL null"], { resp2: "$-1", resp3: "_" }],
  ["array", ["DEBUG PROTOCOL array"], "*3 :0 :1 :2"],
  ["set", ["DEBUG PROTOCOL set"], { resp2: "*3 :0 :1 :2", resp3: "~3 :0 :1 :2" }],
  [
    "map",
    ["DEBUG PROTOCOL map"],
    { resp2: "*6 :0 :0 :1 :1 :2 :0", resp3: "%3 :0 #f :1 #t :2 #f" },
  ],
  [
    "attribute",
    ["DEBUG PROTOCOL attrib"],
    {
      resp2: "$39 Some real reply following the attribute",
      resp3: "|1 $14 key-popularity *2 $7 key:123 :90 $39 Some real reply following the attribute",
    },
  ],
  ["push", ["DEBUG PROTOCOL push"], {
    resp2: "-ERR RESP2 is not supported by this command",
    resp3: ">2 $16 server-cpu-usage :42 $40 Some real reply following the push reply",
  }],
  ["true", ["DEBUG PROTOCOL true"], { resp2: ":1", resp3: "#t" }],
  ["false", ["DEBUG PROTOCOL FALSE"], { resp2: ":0", resp3: "#f" }],
  [
    "verbatim",
    ["DEBUG PROTOCOL verbatim"],
    { resp2: /^\$25 This is a verbatim/, resp3: /^=29 txt:This is a verbatim/ },
  ],
  ["other", ["DEBUG PROTOCOL x"], /^-ERR Wrong protocol type name\. /],
]);

cases("DEBUG over keys", [
  [
    "object",
    ["SET a hello", "DEBUG OBJECT a"],
    /^\+Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:6 lru:\d+ lru_seconds_idle:0$/,
  ],
  [
    "object in short",
    ["SET a 1", "DEBUG OBJECT a FAST"],
    /^\+Value at:0x[0-9a-f]+ refcount:1 encoding:int lru:\d+ lru_seconds_idle:0$/,
  ],
  ["object of nothing", ["DEBUG OBJECT a"], "-ERR no such key"],
  [
    "object under LFU",
    ["CONFIG SET maxmemory-policy allkeys-lfu", "SET a 1", "DEBUG OBJECT a"],
    / lfu_freq:\d+ lfu_access_time_minutes:\d+$/,
  ],
  [
    "length",
    ["SET abc hello", "DEBUG SDSLEN abc"],
    /^\+key_sds_len:3 key_sds_avail:0 obj_alloc:\d+ val_sds_len:5 val_sds_avail:0 val_alloc:0$/,
  ],
  ["length of a number", ["SET a 5", "DEBUG SDSLEN a"], "-ERR Not an sds encoded string."],
  ["length of nothing", ["DEBUG SDSLEN a"], "-ERR no such key"],
  ["listpack of nothing", ["DEBUG LISTPACK a"], "-ERR no such key"],
  ["no listpack", ["SET a 1", "DEBUG LISTPACK a"], "-ERR Not a listpack encoded object."],
  ["quicklist of nothing", ["DEBUG QUICKLIST a"], "-ERR no such key"],
  ["no quicklist", ["SET a 1", "DEBUG QUICKLIST a 1"], "-ERR Not a quicklist encoded object."],
  ["digest of nothing", ["DEBUG DIGEST"], `+${NOTHING}`],
  [
    "digest",
    ["SET a hello", "SELECT 3", "SET d zzz", "DEBUG DIGEST"],
    "+fdd1aea6e9981fc03eabe7957f9ff14c174d661a",
  ],
  [
    "digest of values",
    ["SET a hello", "SET b 12345", "DEBUG DIGEST-VALUE a b nosuch"],
    "*3 +36b23a1456b2dce2c3ed252c456761301dba8060 +e1cf90774e995ae03de66e8109dc5cb9d9c2dc83 +" +
    NOTHING,
  ],
  [
    "digest of a volatile value",
    ["SET a hello EX 100", "DEBUG DIGEST-VALUE a"],
    "*1 +d037c4eb8a8b36b602fbced4000daeab0714c1e3",
  ],
  ["populate", ["DEBUG POPULATE 3", "MGET key:0 key:2 key:3"], "*3 $7 value:0 $7 value:2 $-1"],
  ["populate under a prefix", ["DEBUG POPULATE 2 k", "GET k:1"], "$7 value:1"],
  ["populate with a size", ["DEBUG POPULATE 1 k 3", "GET k:0"], "$3 val"],
  ["populate with a larger size", ["DEBUG POPULATE 1 k 100", "STRLEN k:0"], ":100"],
  ["populate leaves keys alone", ["SET k:0 x", "DEBUG POPULATE 2 k", "GET k:0"], "$1 x"],
  ["populate negative", ["DEBUG POPULATE -1"], "-ERR value is out of range, must be positive"],
  ["populate of no number", ["DEBUG POPULATE x"], "-ERR value is out of range, must be positive"],
  [
    "populate with a negative size",
    ["DEBUG POPULATE 1 k -1"],
    "-ERR value is out of range, must be positive",
  ],
  [
    "tables",
    ["SET a 1", "DEBUG HTSTATS 0"],
    /^\$\d+ \[Dictionary HT\]\nHash table 0 stats \(main hash table\):\n table size: 8\n number of entries: 1\n.*\[Expires HT\]\n$/s,
  ],
  [
    "tables in full",
    ["SET a 1 EX 9", "DEBUG HTSTATS 0 full"],
    /child buckets: 0\n.*child buckets: 0\n/s,
  ],
  ["empty tables", ["DEBUG HTSTATS 9"], /^\$29 \[Dictionary HT\]\n\[Expires HT\]\n$/],
  ["tables of no number", ["DEBUG HTSTATS x"], "-ERR value is not an integer or out of range"],
  ["tables of no database", ["DEBUG HTSTATS 99"], "-ERR Out of range database"],
  [
    "tables of a string",
    ["SET a 1", "DEBUG HTSTATS-KEY a"],
    "-ERR The value stored at the specified key is not represented using an hash table",
  ],
  ...[
    ["SADD k a 2 b", "a set"],
    ["HSET k a 1 b 2 c 3", "a hash"],
    ["HSETEX k EX 9 FIELDS 3 a 1 b 2 c 3", "a hash with times"],
    ["ZADD k 1 a 2 b 3 c", "a sorted set"],
  ].map(([fill, name]): Row => [
    `tables of ${name}`,
    [
      "CONFIG SET set-max-listpack-entries 2 hash-max-listpack-entries 2 zset-max-listpack-entries 2",
      fill,
      "CONFIG SET set-max-listpack-entries 128 hash-max-listpack-entries 512 zset-max-listpack-entries 128",
      "DEBUG HTSTATS-KEY k full",
    ],
    /^\$\d+ Hash table 0 stats \(main hash table\):\n table size: (7|10)\n number of entries: 3\n rehashing index: -1\n top-level buckets: 1\n child buckets: 0\n/,
  ]),
  [
    "tables of a small set",
    ["SADD k a", "DEBUG HTSTATS-KEY k"],
    "-ERR The value stored at the specified key is not represented using an hash table",
  ],
  ["tables of nothing", ["DEBUG HTSTATS-KEY a"], "-ERR no such key"],
  ["resizing forbidden", ["DEBUG DICT-RESIZING 0"], "+OK"],
]);

test("DEBUG is closed unless the configuration opens it", () => {
  const closed = new World({ directives: { "enable-debug-command": "no" } }).connect();
  assert.equal(closed.call("DEBUG", "SLEEP", "0"), `${REFUSED}\r\n`);
  const local = new World({ directives: { "enable-debug-command": "local" } }).connect();
  assert.equal(local.call("DEBUG", "SLEEP", "0"), "+OK\r\n");
});

test("DEBUG SLEEP lets the clock run and LOG writes", () => {
  const lines: string[] = [];
  const world = new World({ log: { write: (level, text) => lines.push(`${level} ${text}`) } });
  const client = world.connect();
  const before = world.clock.wallMs();
  assert.equal(client.call("DEBUG", "SLEEP", "1.5"), "+OK\r\n");
  assert.equal(world.clock.wallMs() - before, 1500);
  client.call("DEBUG", "LOG", "a word");
  assert.deepEqual(lines.filter((line) => line.includes("DEBUG")), ["3 DEBUG LOG: a word"]);
});

test("DEBUG switches reach the server", () => {
  const world = new World();
  const { server } = world.engine;
  const client = world.connect();
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  assert.equal(server.activeExpire, false);
  client.call("DEBUG", "SET-ACTIVE-EXPIRE", "1");
  assert.equal(server.activeExpire, true);
  client.call("DEBUG", "PAUSE-CRON", "1");
  assert.equal(server.cronPaused, true);
  client.call("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "NEVER");
  assert.equal(server.replyBufferPeakResetMs, -1);
  client.call("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "250");
  assert.equal(server.replyBufferPeakResetMs, 250);
  client.call("DEBUG", "REPLYBUFFER", "RESIZING", "0");
  assert.equal(server.replyBufferResizing, false);
  const { history } = world.replication;
  const { id } = history;
  client.call("DEBUG", "CHANGE-REPL-ID");
  assert.notEqual(history.id, id);
  assert.match(history.id, /^[0-9a-f]{40}$/);
});

test("DEBUG DICT-RESIZING keeps a table's size until it is allowed again", () => {
  const client = new World().connect();
  const size = () => Number(/table size: (\d+)/.exec(client.call("DEBUG", "HTSTATS", "0"))?.[1]);
  client.call("DEBUG", "POPULATE", "128");
  const full = size();
  client.call("DEBUG", "DICT-RESIZING", "0");
  for (let i = 0; i < 123; i++) client.call("DEL", `key:${i}`);
  assert.equal(size(), full);
  client.call("DEBUG", "DICT-RESIZING", "1");
  assert.ok(size() < full);
});
