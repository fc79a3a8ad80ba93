import { cases } from "../../../kit/cases.ts";

const INVALID = "-ERR Invalid stream ID specified as stream command argument";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NO_KEY =
  "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to " +
  "use the MKSTREAM option to create an empty stream automatically.";
const NO_GROUP = "-NOGROUP No such consumer group 'h' for key name 's'";
const ADD = ["XADD s 1-1 a b", "XADD s 2-1 a c"];
const MADE = [...ADD, "XGROUP CREATE s g 0"];

function usage(sub: string): string {
  return `-ERR unknown subcommand or wrong number of arguments for '${sub}'. Try XGROUP HELP.`;
}

cases("XGROUP CREATE", [
  ["from the start", [...ADD, "XGROUP CREATE s g 0"], "+OK"],
  ["from the end", [...ADD, "XGROUP CREATE s g $", "XINFO GROUPS s"], /last-delivered-id \$3 2-1 /],
  ["from an id", [...ADD, "XGROUP CREATE s g 1", "XINFO GROUPS s"], /last-delivered-id \$3 1-0 /],
  ["entries read", [
    ...ADD,
    "XGROUP CREATE s g 1-1 ENTRIESREAD 1",
    "XINFO GROUPS s",
  ], /entries-read :1 \$3 lag :1$/],
  ["entries read unknown", [...ADD, "XGROUP CREATE s g 1-1 ENTRIESREAD -1"], "+OK"],
  ["makes the stream", ["XGROUP CREATE s g $ MKSTREAM", "XLEN s"], ":0"],
  [
    "makes the stream, both options",
    ["XGROUP CREATE s g 0 entriesread 5 mkstream", "TYPE s"],
    "+stream",
  ],
  ["names with any bytes", [...ADD, 'XGROUP CREATE s "" 0', 'XGROUP CREATE s "\\x00a" 0'], "+OK"],
  [
    "there already",
    [...MADE, "XGROUP CREATE s g 0"],
    "-BUSYGROUP Consumer Group name already exists",
  ],
  ["no key", ["XGROUP CREATE s g 0"], NO_KEY],
  ["wrong type", ["SET s x", "XGROUP CREATE s g 0"], /^-WRONGTYPE/],
  ["wrong type, with MKSTREAM", ["SET s x", "XGROUP CREATE s g 0 MKSTREAM"], /^-WRONGTYPE/],
  ["no id", [...ADD, "XGROUP CREATE s g x"], INVALID],
  ["a start is no id", [...ADD, "XGROUP CREATE s g -"], INVALID],
  ["no id makes no stream", ["XGROUP CREATE s g x MKSTREAM", "EXISTS s"], ":0"],
  ["read is no number", [...ADD, "XGROUP CREATE s g 0 ENTRIESREAD x"], NOT_INTEGER],
  ["read is negative", [
    ...ADD,
    "XGROUP CREATE s g 0 ENTRIESREAD -2",
  ], "-ERR value for ENTRIESREAD must be positive or -1"],
  ["read is missing", [...ADD, "XGROUP CREATE s g 0 ENTRIESREAD"], usage("CREATE")],
  ["something else", [...ADD, "XGROUP CREATE s g 0 X"], usage("CREATE")],
  ["options come before the key", ["XGROUP CREATE s g 0 X"], usage("CREATE")],
  ["too many options", [
    ...ADD,
    "XGROUP create s g 0 MKSTREAM MKSTREAM ENTRIESREAD 1",
  ], usage("create")],
  ["arity", ["XGROUP CREATE s g"], "-ERR wrong number of arguments for 'xgroup|create' command"],
  ["marks who watched the absent key", [
    "WATCH s",
    "@2 XGROUP CREATE s g 0 MKSTREAM",
    "MULTI",
    "PING",
    "EXEC",
  ], { resp2: "*-1", resp3: "_" }],
]);

cases("XGROUP SETID", [
  ["to an id", [...MADE, "XGROUP SETID s g 1-1", "XINFO GROUPS s"], /last-delivered-id \$3 1-1 /],
  ["to the end", [...MADE, "XGROUP SETID s g $", "XINFO GROUPS s"], /last-delivered-id \$3 2-1 /],
  ["to -", [...MADE, "XGROUP SETID s g -", "XINFO GROUPS s"], /last-delivered-id \$3 0-0 /],
  ["to +", [...MADE, "XGROUP SETID s g +"], "+OK"],
  ["entries read", [
    ...MADE,
    "XGROUP SETID s g 1-1 ENTRIESREAD 1",
    "XINFO GROUPS s",
  ], /entries-read :1 /],
  ["reads again", [
    ...MADE,
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP SETID s g 1-1",
    "XREADGROUP GROUP g d STREAMS s >",
  ], /^(\*1 \*2|%1) \$1 s \*1 \*2 \$3 2-1 \*2 \$1 a \$1 c$/],
  ["what is read again changes hands", [
    ...MADE,
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP SETID s g 1-1",
    "XREADGROUP GROUP g d STREAMS s >",
    "XPENDING s g",
  ], "*4 :2 $3 1-1 $3 2-1 *2 *2 $1 c $1 1 *2 $1 d $1 1"],
  ["no group", [...MADE, "XGROUP SETID s h 0"], NO_GROUP],
  ["no group comes before the id", [...MADE, "XGROUP SETID s h x"], NO_GROUP],
  ["no key", ["XGROUP SETID s g 0"], NO_KEY],
  ["wrong type", ["SET s x", "XGROUP SETID s g 0"], /^-WRONGTYPE/],
  ["no id", [...MADE, "XGROUP SETID s g x"], INVALID],
  ["MKSTREAM", [...MADE, "XGROUP SETID s g 0 MKSTREAM"], usage("SETID")],
  ["twice", [...MADE, "XGROUP SETID s g 0 ENTRIESREAD 1 ENTRIESREAD 2"], usage("SETID")],
]);

cases("XGROUP DESTROY", [
  ["there", [...MADE, "XGROUP DESTROY s g"], ":1"],
  ["not there", [...MADE, "XGROUP DESTROY s h"], ":0"],
  ["with consumers", [
    ...MADE,
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP DESTROY s g",
    "XINFO GROUPS s",
  ], "*0"],
  ["and made again", [
    ...MADE,
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP DESTROY s g",
    "XGROUP CREATE s g 0",
    "XPENDING s g",
  ], { resp2: "*4 :0 $-1 $-1 *-1", resp3: "*4 :0 _ _ _" }],
  ["no key", ["XGROUP DESTROY s g"], NO_KEY],
  ["wrong type", ["SET s x", "XGROUP DESTROY s g"], /^-WRONGTYPE/],
  ["arity", ["XGROUP DESTROY s"], "-ERR wrong number of arguments for 'xgroup|destroy' command"],
]);

cases("XGROUP CREATECONSUMER", [
  ["new", [...MADE, "XGROUP CREATECONSUMER s g c"], ":1"],
  ["there already", [...MADE, "XGROUP CREATECONSUMER s g c", "XGROUP CREATECONSUMER s g c"], ":0"],
  ["no group", [...MADE, "XGROUP CREATECONSUMER s h c"], NO_GROUP],
  ["no key", ["XGROUP CREATECONSUMER s g c"], NO_KEY],
  ["wrong type", ["SET s x", "XGROUP CREATECONSUMER s g c"], /^-WRONGTYPE/],
]);

cases("XGROUP DELCONSUMER", [
  ["tells what was pending", [
    ...MADE,
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP DELCONSUMER s g c",
  ], ":2"],
  ["which is forgotten", [
    ...MADE,
    "XREADGROUP GROUP g d COUNT 1 STREAMS s >",
    "XREADGROUP GROUP g c STREAMS s >",
    "XGROUP DELCONSUMER s g c",
    "XPENDING s g",
  ], "*4 :1 $3 1-1 $3 1-1 *1 *2 $1 d $1 1"],
  ["unknown", [...MADE, "XGROUP DELCONSUMER s g c"], ":0"],
  ["no group", [...MADE, "XGROUP DELCONSUMER s h c"], NO_GROUP],
  ["no key", ["XGROUP DELCONSUMER s g c"], NO_KEY],
  ["wrong type", ["SET s x", "XGROUP DELCONSUMER s g c"], /^-WRONGTYPE/],
]);

cases("XGROUP", [
  ["alone", ["XGROUP"], "-ERR wrong number of arguments for 'xgroup' command"],
  ["unknown", ["XGROUP X s g"], "-ERR unknown subcommand 'X'. Try XGROUP HELP."],
  ["HELP", ["XGROUP HELP"], /^\*\d+ \+XGROUP <subcommand>/],
]);
