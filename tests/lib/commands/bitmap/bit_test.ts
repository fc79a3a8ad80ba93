import { cases } from "../../../kit/cases.ts";

const OFFSET = "-ERR bit offset is not an integer or out of range";
const BIT = "-ERR bit is not an integer or out of range";

cases("SETBIT", [
  ["on an absent key", ["SETBIT k 1 1"], ":0"],
  ["the first bit is the highest", ["SETBIT k 0 1", "GET k"], "$1 \x80"],
  ["the old value", ["SETBIT k 7 1", "SETBIT k 7 0"], ":1"],
  ["clears", ["SETBIT k 7 1", "SETBIT k 7 0", "BITCOUNT k"], ":0"],
  ["leaves other bits", [`SET k "\\xff"`, "SETBIT k 3 0", "BITCOUNT k"], ":7"],
  ["grows with zeros", ["SET k a", "SETBIT k 23 1", "STRLEN k"], ":3"],
  ["grows for a zero", ["SETBIT k 100 0", "STRLEN k"], ":13"],
  ["of an integer", ["SET k 1", "SETBIT k 6 1", "GET k"], "$1 3"],
  ["is raw then", ["SET k 1", "SETBIT k 6 1", "OBJECT ENCODING k"], "$3 raw"],
  ["is raw though nothing changed", ["SET k 1", "SETBIT k 7 1", "OBJECT ENCODING k"], "$3 raw"],
  ["keeps the expiry", ["SET k v EX 100", "SETBIT k 100 1", "TTL k"], ":100"],
  ["no offset", ["SETBIT k x 1"], OFFSET],
  ["a negative offset", ["SETBIT k -1 1"], OFFSET],
  ["a scaled offset", ["SETBIT k #1 1"], OFFSET],
  ["the first offset too far", ["SETBIT k 4294967296 1"], OFFSET],
  ["much too far", ["SETBIT k 9223372036854775807 1"], OFFSET],
  ["no bit", ["SETBIT k 1 x"], BIT],
  ["two", ["SETBIT k 1 2"], BIT],
  ["minus one", ["SETBIT k 1 -1"], BIT],
  ["marks watched keys", ["WATCH k", "@2 SETBIT k 1 0", "MULTI", "PING", "EXEC"], "*-1"],
  [
    "not when nothing changed",
    ["SETBIT k 8 0", "WATCH k", "@2 SETBIT k 1 0", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
]);

cases("SETBIT at the limit", [
  ["up to it", ["SETBIT k 8388607 1", "STRLEN k"], ":1048576"],
  ["beyond it", ["SETBIT k 8388608 1"], OFFSET],
  ["GETBIT beyond it", ["GETBIT k 8388608"], OFFSET],
  ["BITFIELD beyond it", ["BITFIELD k GET u8 8388608"], OFFSET],
  ["BITFIELD over it", ["BITFIELD k SET u8 8388607 1", "STRLEN k"], ":1048577"],
], { directives: { "proto-max-bulk-len": "1048576" } });

cases("GETBIT", [
  ["of an absent key", ["GETBIT k 100"], ":0"],
  ["set", ["SET k a", "GETBIT k 1"], ":1"],
  ["clear", ["SET k a", "GETBIT k 0"], ":0"],
  ["beyond the end", ["SET k a", "GETBIT k 8"], ":0"],
  ["far beyond the end", ["SET k a", "GETBIT k 4294967295"], ":0"],
  ["of an integer", ["SET k 1", "GETBIT k 7"], ":1"],
  ["no offset", ["GETBIT k x"], OFFSET],
  ["too far", ["GETBIT k 4294967296"], OFFSET],
]);
