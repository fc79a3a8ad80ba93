import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { parseReply } from "../../../kit/resp.ts";
import { World } from "../../../kit/world.ts";

const GET_SPEC = {
  resp2: "*6 $5 flags *2 +RO +access $12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 " +
    "$9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep :1 $5 limit :0",
  resp3: "%3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 " +
    "$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0",
};

cases("COMMAND", [
  // name                    steps                                 reply
  ["all", ["COMMAND"], /^\*\d+ \*10 \$\d+ \w+ :-?\d+ /],
  ["info of all", ["COMMAND INFO"], /^\*\d+ \*10 /],
  [
    "info",
    ["COMMAND INFO get"],
    {
      resp2: "*1 *10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast *0 *1 " +
        `${GET_SPEC.resp2} *0`,
      resp3: "*1 *10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast ~0 ~1 " +
        `${GET_SPEC.resp3} ~0`,
    },
  ],
  ["info in any case", ["COMMAND INFO GeT"], /^\*1 \*10 \$3 get /],
  ["info of nothing", ["COMMAND INFO nosuch"], "*1 $-1"],
  ["info of several", ["COMMAND INFO nosuch get nosuch"], /^\*3 \$-1 \*10 .* \$-1$/],
  ["info of a subcommand", ["COMMAND INFO command|count"], /^\*1 \*10 \$13 command\|count :2 /],
  ["info with nested", ["COMMAND INFO command"], /^\*1 \*10 \$7 command :-1 .* \*7 \*10 /],
  ["info of a bar too many", ["COMMAND INFO command|count|x"], "*1 $-1"],
  ["count", ["COMMAND COUNT"], /^:\d+$/],
  ["count takes nothing", ["COMMAND COUNT x"], /^-ERR wrong number .* 'command\|count' command$/],
  ["unknown subcommand", ["COMMAND nosuch"], "-ERR unknown subcommand 'nosuch'. Try COMMAND HELP."],
  ["help", ["COMMAND HELP"], /^\*17 \+COMMAND .* \+HELP \+ {4}/],
]);

cases("COMMAND LIST", [
  ["all", ["COMMAND LIST"], /^\*\d+ \$\d+ /],
  ["pattern", ["COMMAND LIST FILTERBY PATTERN command|c*"], "*1 $13 command|count"],
  ["pattern in any case", ["COMMAND LIST filterby pattern COMMAND|C*"], "*1 $13 command|count"],
  ["pattern of nothing", ["COMMAND LIST FILTERBY PATTERN nosuch*"], "*0"],
  ["category", ["COMMAND LIST FILTERBY ACLCAT transaction"], /^\*\d+ (\$\d+ \w+ ?)+$/],
  ["category in any case", ["COMMAND LIST FILTERBY ACLCAT STRING"], /\$3 get/],
  ["no such category", ["COMMAND LIST FILTERBY ACLCAT nosuch"], "*0"],
  ["module", ["COMMAND LIST FILTERBY MODULE json"], "*0"],
  ["no such filter", ["COMMAND LIST FILTERBY nosuch x"], "-ERR syntax error"],
  ["filter without value", ["COMMAND LIST FILTERBY MODULE"], "-ERR syntax error"],
  ["two filters", ["COMMAND LIST FILTERBY MODULE a FILTERBY MODULE b"], "-ERR syntax error"],
  ["other words", ["COMMAND LIST x"], "-ERR syntax error"],
]);

cases("COMMAND DOCS", [
  ["nothing", ["COMMAND DOCS nosuch"], "*0"],
  [
    "one",
    ["COMMAND DOCS strlen"],
    /^\*2 \$6 strlen \*10 \$7 summary \$\d+ .* \$5 since \$5 2\.2\.0 \$5 group \$6 string \$10 complexity /,
  ],
  [
    "arguments",
    ["COMMAND DOCS strlen"],
    /\$9 arguments \*1 \*8 \$4 name \$3 key \$4 type \$3 key \$12 display_text \$3 key \$14 key_spec_index :0$/,
  ],
  ["unknown ones are left out", ["COMMAND DOCS a get b"], /^\*2 \$3 get /],
  ["subcommands", ["COMMAND DOCS command"], /\$11 subcommands \*14 \$13 command\|count \*8 /],
  ["doc flags", ["COMMAND DOCS debug"], /\$9 doc_flags \*1 \+syscmd/],
  [
    "one of",
    ["COMMAND DOCS command|list"],
    /\$4 type \$5 oneof \$5 token \$8 FILTERBY \$5 flags \*1 /,
  ],
]);

cases("COMMAND GETKEYS", [
  ["one", ["COMMAND GETKEYS GET a"], "*1 $1 a"],
  ["a step of two", ["COMMAND GETKEYS MSET a 1 b 2"], "*2 $1 a $1 b"],
  ["counted", ["COMMAND GETKEYS MSETEX 2 a 1 b 2 NX"], "*2 $1 a $1 b"],
  ["subcommand", ["COMMAND GETKEYS MEMORY USAGE a"], "*1 $1 a"],
  ["unknown command", ["COMMAND GETKEYS nosuch a"], "-ERR Invalid command specified"],
  ["unknown subcommand", ["COMMAND GETKEYS MEMORY x a"], "-ERR Invalid command specified"],
  ["no keys", ["COMMAND GETKEYS PING a"], "-ERR The command has no key arguments"],
  ["container", ["COMMAND GETKEYS MEMORY"], "-ERR The command has no key arguments"],
  [
    "arity",
    ["COMMAND GETKEYS GET a b"],
    "-ERR Invalid number of arguments specified for command",
  ],
  [
    "too few",
    ["COMMAND GETKEYS MSET a"],
    "-ERR Invalid number of arguments specified for command",
  ],
  [
    "count that does not fit",
    ["COMMAND GETKEYS MSETEX 9 a 1"],
    "-ERR Invalid arguments specified for command",
  ],
  ["nothing to look at", ["COMMAND GETKEYS"], /^-ERR wrong number .* 'command\|getkeys' command$/],
]);

cases("COMMAND GETKEYSANDFLAGS", [
  [
    "one",
    ["COMMAND GETKEYSANDFLAGS GET a"],
    { resp2: "*1 *2 $1 a *2 +RO +access", resp3: "*1 *2 $1 a ~2 +RO +access" },
  ],
  [
    "flags by arguments",
    ["COMMAND GETKEYSANDFLAGS SET a 1"],
    { resp2: "*1 *2 $1 a *2 +OW +update", resp3: "*1 *2 $1 a ~2 +OW +update" },
  ],
  [
    "flags by other arguments",
    ["COMMAND GETKEYSANDFLAGS SET a 1 GET"],
    { resp2: "*1 *2 $1 a *3 +RW +access +update", resp3: "*1 *2 $1 a ~3 +RW +access +update" },
  ],
  ["no keys", ["COMMAND GETKEYSANDFLAGS PING"], "-ERR The command has no key arguments"],
]);

test("COMMAND GETKEYS leaves the arguments as they were", () => {
  const client = new World().connect();
  client.sendRaw("*4\r\n$7\r\nCOMMAND\r\n$7\r\nGETKEYS\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n");
  assert.equal(client.socket.reader.take(), "*1\r\n$1\r\na\r\n+PONG\r\n");
});

test("a renamed command keeps its name in replies and is found under the new one", () => {
  const world = new World();
  assert.equal(world.engine.table.rename("get", "fetch"), true);
  assert.equal(world.engine.table.rename("mset", ""), true);
  const client = world.connect();
  const count = parseReply(client.call("COMMAND")).reply.items?.length;
  assert.equal(client.call("COMMAND", "COUNT"), `:${count}\r\n`);
  assert.match(client.call("COMMAND", "INFO", "fetch"), /^\*1\r\n\*10\r\n\$3\r\nget\r\n/);
  assert.equal(client.call("COMMAND", "INFO", "get", "mset"), "*2\r\n$-1\r\n$-1\r\n");
  assert.doesNotMatch(client.call("COMMAND", "LIST"), /\r\nmset\r\n/);
});
