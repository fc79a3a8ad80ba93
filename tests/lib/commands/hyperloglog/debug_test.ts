import { cases } from "../../../kit/cases.ts";

const SHORT = '"HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x7f\\xfe"';

cases("PFDEBUG", [
  ["runs of an empty one", ["PFADD h", "PFDEBUG DECODE h"], "$7 Z:16384"],
  [
    "runs",
    ["PFADD h a b c", "PFDEBUG DECODE h"],
    "$44 Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603",
  ],
  [
    "runs of a dense one",
    ["PFADD h", "PFDEBUG TODENSE h", "PFDEBUG DECODE h"],
    "-ERR HLL encoding is not sparse",
  ],
  ["encoding", ["PFADD h", "PFDEBUG ENCODING h"], "+sparse"],
  ["becomes dense", ["PFADD h", "PFDEBUG TODENSE h"], ":1"],
  ["is dense", ["PFADD h", "PFDEBUG TODENSE h", "PFDEBUG TODENSE h"], ":0"],
  ["keeps its estimate", ["PFADD h a b", "PFCOUNT h", "PFDEBUG TODENSE h", "PFCOUNT h"], ":2"],
  ["registers", ["PFADD h", "PFDEBUG GETREG h"], /^\*16384( :0){16384}$/],
  ["registers make it dense", ["PFADD h", "PFDEBUG GETREG h", "PFDEBUG ENCODING h"], "+dense"],
  [
    "a corrupted one",
    [`SET h ${SHORT}`, "PFDEBUG GETREG h"],
    "-INVALIDOBJ Corrupted HLL object detected",
  ],
  ["corrupted runs are shown", [`SET h ${SHORT}`, "PFDEBUG DECODE h"], "$7 Z:16383"],
  ["any case", ["PFADD h", "pfdebug Encoding h"], "+sparse"],
  ["no key", ["PFDEBUG ENCODING h"], "-ERR The specified key does not exist"],
  ["the key is looked at first", ["PFDEBUG NONSENSE h"], "-ERR The specified key does not exist"],
  ["nonsense", ["PFADD h", "PFDEBUG NonSense h"], "-ERR Unknown PFDEBUG subcommand 'NonSense'"],
  [
    "text",
    ["SET h text", "PFDEBUG ENCODING h"],
    "-WRONGTYPE Key is not a valid HyperLogLog string value.",
  ],
  ["vector instructions", ["PFDEBUG SIMD OFF"], "+disabled"],
  ["vector instructions are on or off", ["PFDEBUG SIMD MAYBE"], /^-ERR Argument must be ON or OFF/],
  ["arity", ["PFDEBUG ENCODING"], "-ERR wrong number of arguments for 'pfdebug' command"],
]);

cases("PFSELFTEST", [
  ["passes", ["PFSELFTEST"], "+OK"],
]);
