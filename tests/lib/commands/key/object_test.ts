import { cases } from "../../../kit/cases.ts";

cases("OBJECT ENCODING", [
  ["an absent key", ["OBJECT ENCODING a"], "$-1"],
  ["an expired key", ["SET a 1 PX 50", "~80", "OBJECT ENCODING a"], "$-1"],
  ["an integer", ["SET a 12", "OBJECT ENCODING a"], "$3 int"],
  ["the smallest integer", ["SET a -9223372036854775808", "OBJECT ENCODING a"], "$3 int"],
  ["one beyond the largest", ["SET a 9223372036854775808", "OBJECT ENCODING a"], "$6 embstr"],
  ["no canonical integer", ["SET a 012", "OBJECT ENCODING a"], "$6 embstr"],
  ["a word", ["SET a hello", "OBJECT ENCODING a"], "$6 embstr"],
  ["an empty string", ['SET a ""', "OBJECT ENCODING a"], "$6 embstr"],
  ["a long string", ["SETRANGE a 200 x", "OBJECT ENCODING a"], "$3 raw"],
  ["a string that was appended to", ["SET a x", "APPEND a y", "OBJECT ENCODING a"], "$3 raw"],
]);

cases("OBJECT REFCOUNT", [
  ["an absent key", ["OBJECT REFCOUNT a"], "$-1"],
  ["a word", ["SET a hello", "OBJECT REFCOUNT a"], ":1"],
]);

cases("OBJECT IDLETIME", [
  ["an absent key", ["OBJECT IDLETIME a"], "$-1"],
  ["a new key", ["SET a 1", "OBJECT IDLETIME a"], ":0"],
  ["an idle key", ["SET a 1", "~2100", "OBJECT IDLETIME a"], /^:[23]$/],
  ["looking is no access", [
    "SET a 1",
    "~2100",
    "OBJECT ENCODING a",
    "OBJECT IDLETIME a",
    "OBJECT IDLETIME a",
  ], /^:[23]$/],
  ["reading is", ["SET a 1", "~2100", "GET a", "OBJECT IDLETIME a"], ":0"],
  ["reading under NO-TOUCH is not", [
    "SET a 1",
    "CLIENT NO-TOUCH on",
    "~2100",
    "GET a",
    "OBJECT IDLETIME a",
  ], /^:[23]$/],
]);

cases("OBJECT FREQ", [
  ["an absent key", ["OBJECT FREQ a"], "$-1"],
  ["without an LFU policy", [
    "SET a 1",
    "OBJECT FREQ a",
  ], /^-ERR An LFU maxmemory policy is not selected, access frequency not tracked\. Please note /],
]);

cases("OBJECT with an LFU policy", [
  ["a new key", ["SET a 1", "OBJECT FREQ a"], ":5"],
  ["an absent key", ["OBJECT FREQ a"], "$-1"],
  ["looking is no access", ["SET a 1", "OBJECT FREQ a", "OBJECT FREQ a"], ":5"],
  ["IDLETIME", [
    "SET a 1",
    "OBJECT IDLETIME a",
  ], /^-ERR An LFU maxmemory policy is selected, idle time not tracked\. Please note that when /],
], {
  variants: { "allkeys-lfu": ["CONFIG SET maxmemory-policy allkeys-lfu"] },
});

cases("OBJECT", [
  ["help", ["OBJECT HELP"], /^\*\d+ \+OBJECT <subcommand> /],
  ["alone", ["OBJECT"], "-ERR wrong number of arguments for 'object' command"],
  ["an unknown word", ["OBJECT nosuch a"], "-ERR unknown subcommand 'nosuch'. Try OBJECT HELP."],
  [
    "no key",
    ["OBJECT ENCODING"],
    "-ERR wrong number of arguments for 'object|encoding' command",
  ],
  [
    "too many arguments",
    ["OBJECT REFCOUNT a b"],
    "-ERR wrong number of arguments for 'object|refcount' command",
  ],
]);
