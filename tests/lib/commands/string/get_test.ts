import { cases } from "../../../kit/cases.ts";

cases("GET", [
  ["an absent key", ["GET nothing"], "$-1"],
  ["a word", ["SET k hello", "GET k"], "$5 hello"],
  ["an empty string", [`SET k ""`, "GET k"], "$0 "],
  ["any bytes", [`SET k "\\x00\\r\\n\\xff"`, "STRLEN k"], ":4"],
  ["an integer", ["SET k -9223372036854775808", "GET k"], "$20 -9223372036854775808"],
  ["text that is no canonical integer", ["SET k 007", "GET k"], "$3 007"],
  ["an empty key", [`SET "" v`, `GET ""`], "$1 v"],
  ["an expired key", ["SET k v PX 100", "~150", "GET k"], "$-1"],
  ["a key that lives", ["SET k v PX 100000", "~50", "GET k"], "$1 v"],
  ["too many arguments", ["GET a b"], "-ERR wrong number of arguments for 'get' command"],
]);

cases("STRLEN", [
  ["an absent key", ["STRLEN nothing"], ":0"],
  ["a word", ["SET k hello", "STRLEN k"], ":5"],
  ["an integer", ["SET k -12345", "STRLEN k"], ":6"],
  ["a long string", ["SETRANGE k 999 x", "STRLEN k"], ":1000"],
]);
