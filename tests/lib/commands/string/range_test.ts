import { cases } from "../../../kit/cases.ts";

const NOT_INTEGER = "-ERR value is not an integer or out of range";
const TOO_LONG = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";
/** The smallest proto-max-bulk-len. */
const MEBI = 1048576;

cases("APPEND", [
  ["an absent key", ["APPEND k abc"], ":3"],
  ["a string", ["SET k abc", "APPEND k def"], ":6"],
  ["what is stored", ["SET k abc", "APPEND k def", "GET k"], "$6 abcdef"],
  ["an integer", ["SET k 12", "APPEND k 34", "GET k"], "$4 1234"],
  ["nothing to nothing", [`APPEND k ""`], ":0"],
  ["nothing makes a key", [`APPEND k ""`, "EXISTS k"], ":1"],
  ["a new integer is one", ["APPEND k 12", "OBJECT ENCODING k"], "$3 int"],
  ["a new word is embedded", ["APPEND k word", "OBJECT ENCODING k"], "$6 embstr"],
  ["what was edited is raw", ["SET k 1", "APPEND k 2", "OBJECT ENCODING k"], "$3 raw"],
  ["nothing edits too", ["SET k 1", `APPEND k ""`, "OBJECT ENCODING k"], "$3 raw"],
  ["keeps the expiry", ["SET k v EX 100", "APPEND k w", "TTL k"], ":100"],
  [
    "many times",
    ["APPEND k 0123456789", "APPEND k abc", "APPEND k def", "GET k"],
    "$16 0123456789abcdef",
  ],
  ["marks watched keys", ["WATCH k", "@2 APPEND k v", "MULTI", "PING", "EXEC"], "*-1"],
]);

cases("SETRANGE", [
  ["in the middle", ["SET k hello", "SETRANGE k 1 ull", "GET k"], "$5 hullo"],
  ["its length", ["SET k hello", "SETRANGE k 1 ull"], ":5"],
  ["beyond the end", ["SET k hi", "SETRANGE k 3 x", "STRLEN k"], ":4"],
  ["zero bytes fill the gap", ["SETRANGE k 2 x", "BITCOUNT k 0 1"], ":0"],
  ["over the end", ["SET k hello", "SETRANGE k 4 p!", "GET k"], "$6 hellp!"],
  ["an absent key", ["SETRANGE k 0 abc"], ":3"],
  ["nothing on an absent key", [`SETRANGE k 5 ""`], ":0"],
  ["nothing makes no key", [`SETRANGE k 5 ""`, "EXISTS k"], ":0"],
  ["nothing on a string", ["SET k hello", `SETRANGE k 99 ""`], ":5"],
  ["nothing does not edit", ["SET k 5", `SETRANGE k 0 ""`, "OBJECT ENCODING k"], "$3 int"],
  ["an integer", ["SET k 1234", "SETRANGE k 1 0", "GET k"], "$4 1034"],
  ["is raw", ["SET k 1234", "SETRANGE k 1 0", "OBJECT ENCODING k"], "$3 raw"],
  ["a new one is raw", ["SETRANGE k 0 abc", "OBJECT ENCODING k"], "$3 raw"],
  ["keeps the expiry", ["SET k v EX 100", "SETRANGE k 5 w", "TTL k"], ":100"],
  ["no number", ["SETRANGE k x v"], NOT_INTEGER],
  ["negative", ["SETRANGE k -1 v"], "-ERR offset is out of range"],
  ["negative and nothing", [`SETRANGE k -1 ""`], "-ERR offset is out of range"],
  ["too far", ["SETRANGE k 536870912 v"], TOO_LONG],
  ["much too far", ["SETRANGE k 9223372036854775807 v"], TOO_LONG],
  ["nothing too far", [`SETRANGE k 536870912 ""`], ":0"],
]);

cases("APPEND and SETRANGE at the limit", [
  ["up to it", [`SETRANGE k ${MEBI - 1} v`], `:${MEBI}`],
  ["beyond it", [`SETRANGE k ${MEBI} v`], TOO_LONG],
  ["appending up to it", [`SETRANGE k ${MEBI - 3} v`, "APPEND k ab"], `:${MEBI}`],
  ["appending beyond it", [`SETRANGE k ${MEBI - 1} v`, "APPEND k a"], TOO_LONG],
  ["the string stays", [`SETRANGE k ${MEBI - 1} v`, "APPEND k a", "STRLEN k"], `:${MEBI}`],
], { directives: { "proto-max-bulk-len": String(MEBI) } });

for (const command of ["GETRANGE", "SUBSTR"]) {
  cases(command, [
    ["a part", ["SET k hello", `${command} k 1 3`], "$3 ell"],
    ["all", ["SET k hello", `${command} k 0 -1`], "$5 hello"],
    ["from the end", ["SET k hello", `${command} k -3 -1`], "$3 llo"],
    ["one byte", ["SET k hello", `${command} k 4 4`], "$1 o"],
    ["beyond the end", ["SET k hello", `${command} k 3 99`], "$2 lo"],
    ["behind the end", ["SET k hello", `${command} k 5 99`], "$0 "],
    ["before the start", ["SET k hello", `${command} k -99 1`], "$2 he"],
    ["wholly before the start", ["SET k hello", `${command} k -99 -90`], "$1 h"],
    ["reversed", ["SET k hello", `${command} k 3 1`], "$0 "],
    ["reversed before the start", ["SET k hello", `${command} k -90 -99`], "$0 "],
    ["reversed by one, far before", [
      "SET k hello",
      `${command} k -9223372036854775807 -9223372036854775808`,
    ], "$0 "],
    ["ends of 64 bits", [
      "SET k hello",
      `${command} k -9223372036854775808 9223372036854775807`,
    ], "$5 hello"],
    ["of an integer", ["SET k 12345", `${command} k 1 2`], "$2 23"],
    ["of the empty string", [`SET k ""`, `${command} k 0 -1`], "$0 "],
    ["an absent key", [`${command} k 0 -1`], "$0 "],
    ["no number", [`${command} k x 1`], NOT_INTEGER],
    ["no number at the end", [`${command} k 1 x`], NOT_INTEGER],
  ]);
}
