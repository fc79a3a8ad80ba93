import { cases } from "../../../kit/cases.ts";

const EMPTY = '"HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x7f\\xff"';
/** Runs that cover one register too few. */
const SHORT = '"HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x7f\\xfe"';
/** Runs that cover one register too many, the last of which is 1. */
const LONG = '"HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x7f\\xff\\x80"';
/** As LONG, with an estimate of 5 that counts as up to date. */
const CACHED = '"HYLL\\x01\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x7f\\xff\\x80"';

/** Servers that outlive a row keep what the row configured. */
const OPTIONS = { variants: { "default limit": ["CONFIG SET hll-sparse-max-bytes 3000"] } };

/** Words a0 to a<n-1>, as arguments. */
function words(n: number): string {
  return Array.from({ length: n }, (_, i) => `a${i}`).join(" ");
}

const NOT_HLL = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
const CORRUPT = "-INVALIDOBJ Corrupted HLL object detected";
const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";

cases("PFADD", [
  ["adds", ["PFADD h a b c"], ":1"],
  ["knows what it has seen", ["PFADD h a b c", "PFADD h b"], ":0"],
  ["makes an empty one", ["PFADD h"], ":1"],
  ["nothing to add to one", ["PFADD h", "PFADD h"], ":0"],
  ["the empty element", ['PFADD h ""', "PFCOUNT h"], ":1"],
  ["bytes of an empty one", ["PFADD h", "GET h"], `$18 HYLL\x01${"\0".repeat(10)}\x80\x7f\xff`],
  ["is a string", ["PFADD h a", "TYPE h"], "+string"],
  ["is raw", ["PFADD h a", "OBJECT ENCODING h"], "$3 raw"],
  ["length", ["PFADD h a b c d e f g", "STRLEN h"], ":38"],
  ["an empty one from the client", [`SET h ${EMPTY}`, "PFADD h a", "PFCOUNT h"], ":1"],
  ["text", ["SET h text", "PFADD h a"], NOT_HLL],
  ["a number", ["SET h 17", "PFADD h a"], NOT_HLL],
  ["another type", ["LPUSH h a", "PFADD h a"], WRONG_TYPE],
  ["short of the header", ['SET h "HYLL\\x01\\x00"', "PFADD h a"], NOT_HLL],
  ["an unknown encoding", [`SET h ${EMPTY}`, 'SETRANGE h 4 "\\x02"', "PFADD h a"], NOT_HLL],
  ["a dense one that is too short", [`SET h ${EMPTY}`, 'SETRANGE h 4 "\\x00"', "PFADD h"], NOT_HLL],
  ["corrupted before the register", ['SET h "HYLL\\x01xxxxxxxxxxx"', "PFADD h a"], CORRUPT],
  ["a corrupted one cannot become dense", [
    "CONFIG SET hll-sparse-max-bytes 18",
    `SET h ${SHORT}`,
    "PFADD h a",
  ], CORRUPT],
  ["no key", ["PFADD"], "-ERR wrong number of arguments for 'pfadd' command"],
  ["keeps the time to live", ["PFADD h", "EXPIRE h 100", "PFADD h a", "TTL h"], ":100"],
], OPTIONS);

cases("PFADD encodings", [
  ["small ones are sparse", [`PFADD h ${words(500)}`, "PFDEBUG ENCODING h"], "+sparse"],
  ["large ones are dense", [`PFADD h ${words(2000)}`, "PFDEBUG ENCODING h"], "+dense"],
  ["size of dense ones", [`PFADD h ${words(2000)}`, "STRLEN h"], ":12304"],
  ["the limit decides", [
    "CONFIG SET hll-sparse-max-bytes 100",
    `PFADD h ${words(50)}`,
    "PFDEBUG ENCODING h",
  ], "+dense"],
  [
    "limit zero",
    ["CONFIG SET hll-sparse-max-bytes 0", "PFADD h a", "PFDEBUG ENCODING h"],
    "+dense",
  ],
  ["limit zero, nothing added", [
    "CONFIG SET hll-sparse-max-bytes 0",
    "PFADD h",
    "PFDEBUG ENCODING h",
  ], "+sparse"],
  ["the estimate stays", [`PFADD h ${words(2000)}`, "PFCOUNT h"], ":2003"],
], OPTIONS);

cases("PFCOUNT", [
  ["an absent key", ["PFCOUNT h"], ":0"],
  ["absent keys", ["PFCOUNT h i"], ":0"],
  ["one key", [`PFADD h ${words(1000)}`, "PFCOUNT h"], ":999"],
  ["again, from the header", ["PFADD h a b", "PFCOUNT h", "PFCOUNT h"], ":2"],
  ["the header holds it", ["PFADD h a b", "PFCOUNT h", "GETRANGE h 8 15"], "$8 \x02\0\0\0\0\0\0\0"],
  ["an addition makes it stale", [
    "PFADD h a b",
    "PFCOUNT h",
    "PFADD h c",
    "GETRANGE h 15 15",
  ], "$1 \x80"],
  ["and only a real one", ["PFADD h a b", "PFCOUNT h", "PFADD h b", "GETRANGE h 15 15"], "$1 \0"],
  ["a union", ["PFADD h a b", "PFADD i b c", "PFCOUNT h i j"], ":3"],
  ["a union changes no header", ["PFADD h a b", "PFCOUNT h h", "GETRANGE h 15 15"], "$1 \x80"],
  ["a union of sparse and dense", [
    "PFADD h a b",
    "PFADD i b c",
    "PFDEBUG TODENSE i",
    "PFCOUNT h i",
  ], ":3"],
  ["text", ["SET h text", "PFCOUNT h"], NOT_HLL],
  ["text among others", ["PFADD h a", "SET i text", "PFCOUNT h i"], NOT_HLL],
  ["another type", ["LPUSH h a", "PFCOUNT h"], WRONG_TYPE],
  ["corrupted", [`SET h ${SHORT}`, "PFCOUNT h"], CORRUPT],
  ["too many registers", [`SET h ${LONG}`, "PFCOUNT h"], CORRUPT],
  ["corrupted among others", ["PFADD i a", `SET h ${LONG}`, "PFCOUNT i h"], CORRUPT],
  ["a corrupted one with an estimate", [`SET h ${CACHED}`, "PFCOUNT h"], ":5"],
  ["becomes raw", [`SET h ${EMPTY}`, "PFCOUNT h", "OBJECT ENCODING h"], "$3 raw"],
], OPTIONS);

cases("PFMERGE", [
  ["into a new key", ["PFADD a 1 2", "PFADD b 2 3", "PFMERGE h a b", "PFCOUNT h"], ":3"],
  ["into an old key", ["PFADD a 1 2", "PFADD h 2 3", "PFMERGE h a", "PFCOUNT h"], ":3"],
  ["replies OK", ["PFADD a 1", "PFMERGE h a"], "+OK"],
  ["of nothing", ["PFMERGE h", "PFCOUNT h"], ":0"],
  ["makes the key", ["PFMERGE h nothing", "EXISTS h"], ":1"],
  [
    "sparse ones stay so",
    ["PFADD a 1", "PFADD b 2", "PFMERGE h a b", "PFDEBUG ENCODING h"],
    "+sparse",
  ],
  ["a dense source makes it dense", [
    "PFADD a 1",
    "PFDEBUG TODENSE a",
    "PFADD h 2",
    "PFMERGE h a",
    "PFDEBUG ENCODING h",
  ], "+dense"],
  ["a dense target stays so", [
    "PFADD a 1",
    "PFADD h 2",
    "PFDEBUG TODENSE h",
    "PFMERGE h a",
    "PFDEBUG ENCODING h",
  ], "+dense"],
  ["too much for the limit", [
    `PFADD a ${words(60)}`,
    "CONFIG SET hll-sparse-max-bytes 100",
    "PFMERGE h a",
    "PFDEBUG ENCODING h",
  ], "+dense"],
  [
    "marks the estimate as stale",
    ["PFADD h a", "PFCOUNT h", "PFMERGE h", "GETRANGE h 15 15"],
    "$1 \x80",
  ],
  ["text", ["SET a text", "PFMERGE h a"], NOT_HLL],
  ["text as the target", ["PFADD a 1", "SET h text", "PFMERGE h a"], NOT_HLL],
  ["corrupted", [`SET a ${SHORT}`, "PFMERGE h a"], CORRUPT],
  ["nothing after an error", [`SET a ${SHORT}`, "PFMERGE h a", "EXISTS h"], ":0"],
], OPTIONS);

cases("HyperLogLog events", [
  ["PFADD", [
    "CONFIG SET notify-keyspace-events KE$",
    "@2 SUBSCRIBE __keyevent@0__:pfadd",
    "PFADD h a",
    "PFADD h a",
    "PFCOUNT h",
    "@2 <",
  ], /^[*>]3 \$7 message \$20 __keyevent@0__:pfadd \$1 h$/],
  ["a count watched", ["PFADD h a", "WATCH h", "@2 PFCOUNT h", "MULTI", "PING", "EXEC"], "*-1"],
  ["a kept count watched", [
    "PFADD h a",
    "PFCOUNT h",
    "WATCH h",
    "@2 PFCOUNT h",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
], OPTIONS);
