import { cases, type Row } from "../../../kit/cases.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const MAX = "18446744073709551615";

const FIVE = ["1-1", "1-2", "2-0", "3-5", "4-1"].map((id) => `XADD s ${id} f ${id}`);

/** The reply that lists entries of FIVE. */
function entries(...ids: string[]): string {
  return [`*${ids.length}`, ...ids.map((id) => `*2 $3 ${id} *2 $1 f $3 ${id}`)].join(" ");
}

const VARIANTS = {
  "one node": [],
  "a node an entry": ["CONFIG SET stream-node-max-entries 1"],
  "two entries a node": ["CONFIG SET stream-node-max-entries 2"],
  "the default again": ["CONFIG SET stream-node-max-entries 100"],
};

cases("XLEN", [
  ["counts", [...FIVE, "XLEN s"], ":5"],
  ["without the deleted", [...FIVE, "XDEL s 2-0", "XLEN s"], ":4"],
  ["no key", ["XLEN s"], ":0"],
  ["wrong type", ["SET s x", "XLEN s"], /^-WRONGTYPE/],
  ["arity", ["XLEN s t"], "-ERR wrong number of arguments for 'xlen' command"],
]);

cases("XRANGE", [
  ["all", [...FIVE, "XRANGE s - +"], entries("1-1", "1-2", "2-0", "3-5", "4-1")],
  ["all, backwards", [...FIVE, "XREVRANGE s + -"], entries("4-1", "3-5", "2-0", "1-2", "1-1")],
  ["whole ids", [...FIVE, "XRANGE s 1-2 3-5"], entries("1-2", "2-0", "3-5")],
  ["whole ids, backwards", [...FIVE, "XREVRANGE s 3-5 1-2"], entries("3-5", "2-0", "1-2")],
  ["times", [...FIVE, "XRANGE s 1 3"], entries("1-1", "1-2", "2-0", "3-5")],
  ["times, backwards", [...FIVE, "XREVRANGE s 2 1"], entries("2-0", "1-2", "1-1")],
  ["a start that is left out", [...FIVE, "XRANGE s (1-1 1"], entries("1-2")],
  ["an end that is left out", [...FIVE, "XRANGE s 1-2 (3-5"], entries("1-2", "2-0")],
  ["a time that is left out", [...FIVE, "XRANGE s (2 +"], entries("3-5", "4-1")],
  ["an end time that is left out in part", [...FIVE, "XRANGE s - (1"], entries("1-1", "1-2")],
  ["both left out", [...FIVE, "XREVRANGE s (4-1 (1-1"], entries("3-5", "2-0", "1-2")],
  ["between entries", [...FIVE, "XRANGE s 2-1 3-4"], "*0"],
  ["the wrong way round", [...FIVE, "XRANGE s 3 1"], "*0"],
  ["behind all", [...FIVE, "XRANGE s 9 +"], "*0"],
  ["in front of all", [...FIVE, "XRANGE s - 0"], "*0"],
  ["COUNT", [...FIVE, "XRANGE s - + count 2"], entries("1-1", "1-2")],
  ["COUNT backwards", [...FIVE, "XREVRANGE s + - COUNT 2"], entries("4-1", "3-5")],
  ["COUNT twice", [...FIVE, "XRANGE s - + COUNT 2 COUNT 1"], entries("1-1")],
  ["COUNT above all", [...FIVE, "XRANGE s 3 + COUNT 9223372036854775807"], entries("3-5", "4-1")],
  ["COUNT 0", [...FIVE, "XRANGE s - + COUNT 0"], { resp2: "*-1", resp3: "_" }],
  ["negative COUNT", [...FIVE, "XRANGE s - + COUNT -1"], { resp2: "*-1", resp3: "_" }],
  ["COUNT 0 without a key", ["XRANGE s - + COUNT 0"], "*0"],
  ["no COUNT", ["XRANGE s - + COUNT x"], NOT_INTEGER],
  ["a missing COUNT", ["XRANGE s - + COUNT"], "-ERR syntax error"],
  ["something else", ["XRANGE s - + LIMIT 1"], "-ERR syntax error"],
  ["no key", ["XRANGE s - +"], "*0"],
  ["wrong type", ["SET s x", "XRANGE s - +"], /^-WRONGTYPE/],
  ["no id", ["XRANGE s x +"], INVALID],
  ["a lone (", ["XRANGE s ( +"], INVALID],
  ["( with an end", ["XRANGE s (- +"], INVALID],
  [
    "nothing behind the last id",
    [`XRANGE s (${MAX}-${MAX} +`],
    "-ERR invalid start ID for the interval",
  ],
  ["nothing before the first id", ["XRANGE s - (0-0"], "-ERR invalid end ID for the interval"],
  ["the start first", ["XREVRANGE s x (0-0"], /^\*0|-ERR Invalid stream ID/],
  [
    "without deleted entries",
    [...FIVE, "XDEL s 1-1 3-5", "XRANGE s - +"],
    entries("1-2", "2-0", "4-1"),
  ],
  [
    "backwards without deleted entries",
    [...FIVE, "XDEL s 1-1 3-5 4-1", "XREVRANGE s + -"],
    entries("2-0", "1-2"),
  ],
], { variants: VARIANTS });

cases("XDEL", [
  ["one", [...FIVE, "XDEL s 2-0"], ":1"],
  ["several, some unknown, one twice", [...FIVE, "XDEL s 2-0 9-9 2-0 1-1"], ":2"],
  ["all: the key stays", [...FIVE, "XDEL s 1-1 1-2 2-0 3-5 4-1", "EXISTS s"], ":1"],
  ["all, one after the other", [
    ...FIVE,
    "XDEL s 4-1",
    "XDEL s 1-1",
    "XDEL s 3-5",
    "XDEL s 1-2",
    "XDEL s 2-0",
    "XADD s 5-0 f 5-0",
    "XRANGE s - +",
  ], entries("5-0")],
  ["a time alone", [...FIVE, "XDEL s 2"], ":1"],
  ["no key", ["XDEL s 1-1"], ":0"],
  ["no key comes before ids", ["XDEL s x"], ":0"],
  ["wrong type", ["SET s x", "XDEL s 1-1"], /^-WRONGTYPE/],
  ["an id is none: nothing happens", [...FIVE, "XDEL s 1-1 x", "XLEN s"], ":5"],
  ["an id is none", [...FIVE, "XDEL s 1-1 x"], INVALID],
  ["ends are no ids", [...FIVE, "XDEL s -"], INVALID],
  ["marks watched keys", [
    ...FIVE,
    "WATCH s",
    "@2 XDEL s 1-1",
    "MULTI",
    "PING",
    "EXEC",
  ], { resp2: "*-1", resp3: "_" }],
  ["marks nobody in vain", [
    ...FIVE,
    "WATCH s",
    "@2 XDEL s 9-9",
    "MULTI",
    "PING",
    "EXEC",
  ], "*1 +PONG"],
], { variants: VARIANTS });

const SETID: Row[] = [
  ["moves the last id", [...FIVE, "XSETID s 9-3", "XADD s 9-* f v"], "$3 9-4"],
  ["backwards, down to the last entry", [
    ...FIVE,
    "XSETID s 9-3",
    "XSETID s 4-1",
    "XADD s 4-* f v",
  ], "$3 4-2"],
  ["below the last entry", [
    ...FIVE,
    "XSETID s 4-0",
  ], "-ERR The ID specified in XSETID is smaller than the target stream top item"],
  [
    "below, where the last entry is deleted",
    [...FIVE, "XDEL s 3-5", "XDEL s 4-1", "XSETID s 4-1"],
    "+OK",
  ],
  ["below the deleted entry", [
    ...FIVE,
    "XDEL s 4-1",
    "XSETID s 4-0",
  ], "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"],
  ["counters", [
    ...FIVE,
    "XSETID s 9-0 ENTRIESADDED 100 MAXDELETEDID 3-3",
    "XINFO STREAM s",
  ], /last-generated-id \$3 9-0 \$20 max-deleted-entry-id \$3 3-3 \$13 entries-added :100 /],
  ["a deleted id of 0-0 changes nothing", [
    ...FIVE,
    "XDEL s 2-0",
    "XSETID s 9-0 MAXDELETEDID 0",
    "XINFO STREAM s",
  ], /max-deleted-entry-id \$3 2-0 /],
  ["added less than there are", [
    ...FIVE,
    "XSETID s 9-0 ENTRIESADDED 4",
  ], "-ERR The entries_added specified in XSETID is smaller than the target stream length"],
  ["added is negative", ["XSETID s 9-0 ENTRIESADDED -1"], "-ERR entries_added must be positive"],
  ["added is no number", ["XSETID s 9-0 ENTRIESADDED x"], NOT_INTEGER],
  ["deleted behind the last id", [
    "XSETID s 9-0 MAXDELETEDID 9-1",
  ], "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"],
  ["deleted is no id", ["XSETID s 9-0 MAXDELETEDID x"], INVALID],
  ["no key", ["XSETID s 9-0"], "-ERR no such key"],
  ["wrong type", ["SET s x", "XSETID s 9-0"], /^-WRONGTYPE/],
  ["no id", ["XSETID s +"], INVALID],
  ["something else", ["XSETID s 9-0 X 1"], "-ERR syntax error"],
  ["a missing number", ["XSETID s 9-0 ENTRIESADDED"], "-ERR syntax error"],
  ["marks nobody", [...FIVE, "WATCH s", "@2 XSETID s 9-0", "MULTI", "PING", "EXEC"], "*1 +PONG"],
];
cases("XSETID", SETID);
