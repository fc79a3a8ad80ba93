import { cases } from "../../../kit/cases.ts";

cases("WAIT", [
  ["nobody to wait for", ["SET a 1", "WAIT 0 0"], ":0"],
  ["a negative number", ["WAIT -1 0"], ":0"],
  ["in a transaction", ["MULTI", "WAIT 5 0", "EXEC"], "*1 :0"],
  ["replicas that never come", ["WAIT 1 50", "~200", "<"], ":0"],
  ["it waits", ["@2 WAIT 1 0", "@2 <"], ""],
  ["no number", ["WAIT x 0"], "-ERR value is not an integer or out of range"],
  ["timeout no number", ["WAIT 0 x"], "-ERR timeout is not an integer or out of range"],
  ["negative timeout", ["WAIT 0 -1"], "-ERR timeout is negative"],
  ["timeout too large", ["WAIT 0 9223372036854775807"], "-ERR timeout is out of range"],
  ["arity", ["WAIT 1"], "-ERR wrong number of arguments for 'wait' command"],
]);

cases("WAITAOF", [
  ["nobody to wait for", ["WAITAOF 0 0 0"], "*2 :0 :0"],
  ["replicas that never come", ["WAITAOF 0 1 50", "~200", "<"], "*2 :0 :0"],
  ["in a transaction", ["MULTI", "WAITAOF 0 5 0", "EXEC"], "*1 *2 :0 :0"],
  ["the own file", [
    "WAITAOF 1 0 0",
  ], "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."],
  ["two own files", ["WAITAOF 2 0 0"], "-ERR value is out of range, value must between 0 and 1"],
  ["own file no number", ["WAITAOF x 0 0"], "-ERR value is not an integer or out of range"],
  ["replicas no number", ["WAITAOF 0 x 0"], "-ERR value is out of range, must be positive"],
  ["negative replicas", ["WAITAOF 0 -1 0"], "-ERR value is out of range, must be positive"],
  ["negative timeout", ["WAITAOF 0 0 -1"], "-ERR timeout is negative"],
  [
    "timeout before the own file",
    ["WAITAOF 1 0 x"],
    "-ERR timeout is not an integer or out of range",
  ],
]);
