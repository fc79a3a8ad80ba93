// CLIENT: replies on and off, pauses, switches.

import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";

cases("CLIENT REPLY", [
  ["ON", ["CLIENT REPLY ON"], "+OK"],
  ["OFF says nothing", ["CLIENT REPLY OFF"], ""],
  ["SKIP says nothing", ["CLIENT REPLY SKIP"], ""],
  ["another", ["CLIENT REPLY x"], SYNTAX],
  ["OFF goes on", ["CLIENT REPLY OFF", "SET a 1", "GET"], /^$/],
  ["OFF, but commands run", ["CLIENT REPLY OFF", "SET a 1", "@2 GET a"], "$1 1"],
  ["OFF then ON", ["CLIENT REPLY OFF", "SET a 1", "CLIENT REPLY ON"], "+OK"],
  ["OFF, SKIP, ON", ["CLIENT REPLY OFF", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "ECHO x"], "$1 x"],
  ["SKIP leaves out one", ["CLIENT REPLY SKIP", "SET a 1", "GET a"], "$1 1"],
  [
    "SKIP twice leaves out one",
    ["CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "SET a 1", "GET a"],
    "$1 1",
  ],
  ["SKIP then ON", ["CLIENT REPLY SKIP", "CLIENT REPLY ON"], "+OK"],
  ["SKIP then OFF", ["CLIENT REPLY SKIP", "CLIENT REPLY OFF", "SET a 1", "CLIENT REPLY ON"], "+OK"],
  ["SKIP before MULTI", ["CLIENT REPLY SKIP", "MULTI", "SET a 1"], "+QUEUED"],
  ["a whole transaction", [
    "CLIENT REPLY OFF",
    "MULTI",
    "SET a 1",
    "EXEC",
    "CLIENT REPLY ON",
    "GET a",
  ], "$1 1"],
  [
    "not in MULTI",
    ["MULTI", "CLIENT REPLY OFF"],
    "-ERR Command 'client|reply' not allowed inside a transaction",
  ],
  ["and that spoils it", ["MULTI", "CLIENT REPLY ON", "EXEC"], /^-EXECABORT /],
]);

cases("CLIENT PAUSE: arguments", [
  ["no number", ["CLIENT PAUSE x"], "-ERR timeout is not an integer or out of range"],
  ["a fraction", ["CLIENT PAUSE 1.5"], "-ERR timeout is not an integer or out of range"],
  ["negative", ["CLIENT PAUSE -1"], "-ERR timeout is negative"],
  ["too long", ["CLIENT PAUSE 9223372036854775807"], "-ERR timeout is out of range"],
  ["another mode", ["CLIENT PAUSE x y"], "-ERR CLIENT PAUSE mode must be WRITE or ALL"],
  ["zero", ["CLIENT PAUSE 0", "PING"], "+PONG"],
  ["UNPAUSE when there is none", ["CLIENT UNPAUSE"], "+OK"],
]);

cases("CLIENT PAUSE", [
  ["WRITE lets reads through", ["CLIENT PAUSE 1000 WRITE", "GET a"], "$-1"],
  ["WRITE holds writes", ["CLIENT PAUSE 1000 WRITE", "@2 SET a 1"], ""],
  ["until it ends", ["CLIENT PAUSE 1000 WRITE", "@2 SET a 1", "~1200", "@2 <"], "+OK"],
  ["or UNPAUSE", ["CLIENT PAUSE 1000 WRITE", "@2 SET a 1", "CLIENT UNPAUSE", "@2 <"], "+OK"],
  ["what was held runs in order", [
    "CLIENT PAUSE 1000 WRITE",
    "@2 SET a 1",
    "@2 APPEND a 2",
    "@2 GET a",
    "~1200",
    "@2 <",
  ], "+OK :2 $2 12"],
  ["ALL holds everything", ["CLIENT PAUSE 1000 ALL", "@2 PING"], ""],
  ["ALL is the default", ["@2 PING", "CLIENT PAUSE 1000", "@2 PING", "~1200", "@2 <"], "+PONG"],
  ["a longer pause counts", [
    "CLIENT PAUSE 5000 WRITE",
    "CLIENT PAUSE 1 WRITE",
    "~100",
    "@2 SET a 1",
  ], ""],
  ["ALL after WRITE", ["CLIENT PAUSE 5000 WRITE", "CLIENT PAUSE 1 ALL", "~100", "@2 PING"], ""],
  [
    "INFO tells",
    ["CLIENT PAUSE 5000 WRITE", "INFO clients"],
    /paused_reason:client_pause\r?\n? ?paused_actions:write/,
  ],
  [
    "held clients are blocked",
    ["CLIENT PAUSE 5000 WRITE", "@2 SET a 1", "INFO clients"],
    /blocked_clients:1/,
  ],
  ["and flagged", ["CLIENT PAUSE 5000 WRITE", "@2 SET a 1", "CLIENT LIST"], / flags=b /],
  ["EXEC with a write waits", [
    "@2 MULTI",
    "@2 SET a 1",
    "CLIENT PAUSE 5000 WRITE",
    "@2 EXEC",
  ], ""],
  ["and runs", [
    "@2 MULTI",
    "@2 SET a 1",
    "CLIENT PAUSE 5000 WRITE",
    "@2 EXEC",
    "CLIENT UNPAUSE",
    "@2 <",
  ], "*1 +OK"],
  ["EXEC of reads runs", ["@2 MULTI", "@2 GET a", "CLIENT PAUSE 5000 WRITE", "@2 EXEC"], "*1 $-1"],
  ["a write waits before it is queued", ["@2 MULTI", "CLIENT PAUSE 5000 WRITE", "@2 SET a 1"], ""],
  ["errors do not wait", ["CLIENT PAUSE 5000 WRITE", "@2 SET a"], /^-ERR wrong number/],
  ["a pause within EXEC starts behind it", [
    "MULTI",
    "SET a 1",
    "CLIENT PAUSE 5000 WRITE",
    "SET a 2",
    "EXEC",
  ], "*3 +OK +OK +OK"],
  ["SKIP waits with its command", [
    "CLIENT PAUSE 1000 WRITE",
    "@2 CLIENT REPLY SKIP",
    "@2 SET a 1",
    "@2 GET a",
    "~1200",
    "@2 <",
  ], "$1 1"],
]);

cases("CLIENT PAUSE and expiry", [
  ["an expired key is gone", ["SET a 1 PX 100", "CLIENT PAUSE 5000 WRITE", "~200", "GET a"], "$-1"],
  [
    "but stays in memory",
    ["SET a 1 PX 100", "CLIENT PAUSE 5000 WRITE", "~200", "GET a", "DBSIZE"],
    ":1",
  ],
  ["until the pause ends", [
    "SET a 1 PX 100",
    "CLIENT PAUSE 5000 WRITE",
    "~200",
    "CLIENT UNPAUSE",
    "GET a",
    "DBSIZE",
  ], ":0"],
  ["RANDOMKEY may find it", [
    "SET a 1 PX 100",
    "CLIENT PAUSE 5000 WRITE",
    "~200",
    "RANDOMKEY",
  ], "$1 a"],
]);

cases("CLIENT switches", [
  ["NO-EVICT", ["CLIENT NO-EVICT ON", "CLIENT NO-EVICT off", "CLIENT INFO"], /flags=N /],
  ["NO-EVICT another", ["CLIENT NO-EVICT x"], SYNTAX],
  ["NO-TOUCH", ["CLIENT NO-TOUCH ON", "CLIENT NO-TOUCH off", "CLIENT INFO"], /flags=N /],
  ["NO-TOUCH another", ["CLIENT NO-TOUCH x"], SYNTAX],
  ["CAPA unknown", ["CLIENT CAPA what ever", "CLIENT INFO"], /capa= /],
  ["CAPA", ["CLIENT CAPA what REDIRECT", "CLIENT INFO"], /capa=r /],
  ["IMPORT-SOURCE alone", ["CLIENT IMPORT-SOURCE on"], "-ERR Server is not in import mode"],
  ["IMPORT-SOURCE another", ["CLIENT IMPORT-SOURCE x"], "-ERR Server is not in import mode"],
  ["IMPORT-SOURCE off", ["CLIENT IMPORT-SOURCE off"], "+OK"],
  [
    "IMPORT-SOURCE",
    ["CONFIG SET import-mode yes", "CLIENT IMPORT-SOURCE on", "CLIENT INFO"],
    /flags=I /,
  ],
  [
    "IMPORT-SOURCE another in import mode",
    ["CONFIG SET import-mode yes", "CLIENT IMPORT-SOURCE x"],
    SYNTAX,
  ],
  ["GETREDIR", ["CLIENT GETREDIR"], ":-1"],
]);

cases("CLIENT UNBLOCK", [
  ["nobody", ["CLIENT UNBLOCK 99999999"], ":0"],
  ["no number", ["CLIENT UNBLOCK x"], "-ERR value is not an integer or out of range"],
  [
    "another reason",
    ["CLIENT UNBLOCK x y"],
    "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
  ],
  ["not blocked", ["CLIENT UNBLOCK 1 ERROR"], ":0"],
  [
    "a paused client is not blocked",
    ["CLIENT PAUSE 5000 WRITE", "@2 SET a 1", "CLIENT UNBLOCK 2"],
    ":0",
  ],
]);
