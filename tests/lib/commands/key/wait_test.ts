import { cases } from "../../../kit/cases.ts";

const INTEGER = "-ERR value is not an integer or out of range";
const TIMEOUT = "-ERR timeout is not an integer or out of range";
const NEGATIVE = "-ERR timeout is negative";
const RANGE = "-ERR timeout is out of range";
const NO_AOF = "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";

cases("WAIT", [
  ["for nobody", ["SET a 1", "WAIT 0 100"], ":0"],
  ["for less than nobody", ["WAIT -1 100"], ":0"],
  ["in a transaction", ["MULTI", "WAIT 1 0", "EXEC"], "*1 :0"],
  ["a number that is none", ["WAIT x 100"], INTEGER],
  ["a timeout that is no number", ["WAIT 0 x"], TIMEOUT],
  ["a negative timeout", ["WAIT 0 -1"], NEGATIVE],
  ["a timeout too large", ["WAIT 0 9223372036854775807"], RANGE],
  ["the number comes first", ["WAIT x -1"], INTEGER],
  ["too few arguments", ["WAIT 0"], "-ERR wrong number of arguments for 'wait' command"],
]);

cases("WAITAOF", [
  ["for nobody", ["SET a 1", "WAITAOF 0 0 100"], "*2 :0 :0"],
  ["in a transaction", ["MULTI", "WAITAOF 0 1 0", "EXEC"], "*1 *2 :0 :0"],
  ["for a file that is off", ["WAITAOF 1 0 100"], NO_AOF],
  ["two files", ["WAITAOF 2 0 100"], "-ERR value is out of range, value must between 0 and 1"],
  ["a negative number of files", [
    "WAITAOF -1 0 100",
  ], "-ERR value is out of range, value must between 0 and 1"],
  ["negative replicas", ["WAITAOF 0 -1 100"], "-ERR value is out of range, must be positive"],
  ["a timeout that is no number", ["WAITAOF 0 0 x"], TIMEOUT],
  ["a negative timeout", ["WAITAOF 0 0 -1"], NEGATIVE],
  ["the timeout comes before the file", ["WAITAOF 1 0 -1"], NEGATIVE],
  ["too few arguments", ["WAITAOF 0 0"], "-ERR wrong number of arguments for 'waitaof' command"],
]);
