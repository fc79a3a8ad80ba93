import { cases } from "../../../kit/cases.ts";

const NOT_FLOAT = "-ERR value is not a valid float";

cases("INCRBYFLOAT", [
  ["an absent key", ["INCRBYFLOAT k 1.5"], "$3 1.5"],
  ["a fraction", ["SET k 10.50", "INCRBYFLOAT k 0.1"], "$4 10.6"],
  ["a sum of long doubles", ["SET k 3", "INCRBYFLOAT k 1.1"], "$3 4.1"],
  ["exponents", ["SET k 5.0e3", "INCRBYFLOAT k 2.0e2"], "$4 5200"],
  ["an integer", ["SET k 10", "INCRBYFLOAT k 5"], "$2 15"],
  ["down", ["SET k 1", "INCRBYFLOAT k -1.1"], "$4 -0.1"],
  ["to zero", ["SET k 1.5", "INCRBYFLOAT k -1.5"], "$1 0"],
  ["what is stored", ["INCRBYFLOAT k 0.25", "GET k"], "$4 0.25"],
  ["keeps the expiry", ["SET k 1 EX 100", "INCRBYFLOAT k 1", "TTL k"], ":100"],
  ["a whole sum stays text", ["SET k 1", "INCRBYFLOAT k 1", "OBJECT ENCODING k"], "$6 embstr"],
  ["which can be counted", ["SET k 1", "INCRBYFLOAT k 1", "INCR k"], ":3"],
  ["text", ["SET k word", "INCRBYFLOAT k 1"], NOT_FLOAT],
  ["no number", ["INCRBYFLOAT k x"], NOT_FLOAT],
  ["blanks", [`SET k " 1"`, "INCRBYFLOAT k 1"], NOT_FLOAT],
  ["nan", ["INCRBYFLOAT k nan"], NOT_FLOAT],
  ["infinity", ["INCRBYFLOAT k inf"], "-ERR increment would produce NaN or Infinity"],
  ["makes no key after an error", ["INCRBYFLOAT k x", "EXISTS k"], ":0"],
  ["marks watched keys", ["WATCH k", "@2 INCRBYFLOAT k 1", "MULTI", "PING", "EXEC"], "*-1"],
]);
