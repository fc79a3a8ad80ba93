// HELLO, AUTH.

import { cases } from "../../../kit/cases.ts";

const WRONG_PASS = "-WRONGPASS invalid username-password pair or user is disabled.";
const NO_AUTH = "-NOAUTH Authentication required.";
const HELLO_2 =
  /^\*14 \$6 server \$6 valkey \$7 version \$5 9\.1\.0 \$5 proto :2 \$2 id :\d+ \$4 mode \$10 standalone \$4 role \$6 master \$7 modules \*1 \*8 \$4 name \$3 lua \$3 ver :1 \$4 path \$3 lua \$4 args \*0$/;

cases("HELLO", [
  ["RESP2", ["HELLO 2"], HELLO_2],
  ["RESP3", ["HELLO 3"], /^%7 \$6 server .* proto :3 .* \*1 %4 \$4 name \$3 lua /],
  ["the version stays without one", ["HELLO"], { resp2: HELLO_2, resp3: /^%7 / }],
  ["no number", ["HELLO x"], "-ERR Protocol version is not an integer or out of range"],
  ["an unknown version", ["HELLO 4"], "-NOPROTO unsupported protocol version"],
  ["an unknown option", ["HELLO 2 FOO"], "-ERR Syntax error in HELLO option 'FOO'"],
  ["AUTH lacks a word", ["HELLO 2 AUTH a"], "-ERR Syntax error in HELLO option 'AUTH'"],
  ["SETNAME lacks a word", ["HELLO 2 SETNAME"], "-ERR Syntax error in HELLO option 'SETNAME'"],
  ["sets the name", ["HELLO 2 SETNAME me", "CLIENT GETNAME"], "$2 me"],
  ["takes the name away", ["HELLO 2 SETNAME me", 'HELLO 2 SETNAME ""', "CLIENT GETNAME"], "$-1"],
  ["a bad name", ["HELLO 2 SETNAME 'a b'"], /^-ERR Client names cannot contain spaces/],
  ["a bad name comes before a bad user", ["HELLO 2 AUTH x y SETNAME 'a b'"], /^-ERR Client names/],
  ["a bad user leaves the name", [
    "HELLO 2 AUTH nobody x SETNAME me",
    "CLIENT GETNAME",
  ], "$-1"],
  ["an empty user is unknown", ['HELLO 2 AUTH "" x'], WRONG_PASS],
]);

cases("AUTH without a password", [
  ["a password is too much", ["AUTH x"], /^-ERR AUTH <password> called without any password/],
  ["default takes any", ["AUTH default x"], "+OK"],
  ["an unknown user", ["AUTH nobody x"], WRONG_PASS],
  ["too many words", ["AUTH a b c"], "-ERR syntax error"],
]);

// Connection 1 would greet in RESP3 before it is logged in, so these look at RESP2 and errors only.
cases("AUTH with a password", [
  ["nothing before", ["PING"], NO_AUTH],
  ["unknown commands too", ["NOSUCH"], NO_AUTH],
  ["HELLO alone", ["HELLO 2"], /^-NOAUTH HELLO must be called/],
  ["HELLO with AUTH", ["HELLO 2 AUTH default secret"], /^\*14 /],
  ["a wrong password", ["AUTH wrong"], WRONG_PASS],
  ["a longer password", ["AUTH secretsecret"], WRONG_PASS],
  ["an empty password", ['AUTH ""'], WRONG_PASS],
  ["the right one", ["AUTH secret", "PING"], "+PONG"],
  ["with the user", ["AUTH default secret", "PING"], "+PONG"],
  ["RESET logs out", ["AUTH secret", "RESET", "PING"], NO_AUTH],
  ["QUIT needs none", ["QUIT"], "+OK"],
  ["a password that goes lets everybody in", [
    "@2 AUTH secret",
    "@2 CONFIG SET requirepass ''",
    "PING",
  ], "+PONG"],
], { directives: { requirepass: "secret" } });
