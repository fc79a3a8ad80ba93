import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const DEFAULTS = "CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64";
const NOTIFY = ["CONFIG SET notify-keyspace-events KEA", "@2 PSUBSCRIBE __keyevent*"];
const VARIANTS = {
  variants: {
    listpack: [DEFAULTS],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};

cases("HSET", [
  ["counts new fields", ["HSET h a 1 b 2"], ":2"],
  ["overwrites", ["HSET h a 1", "HSET h a 2 b 3"], ":1"],
  ["the last of two counts", ["HSET h a 1 a 2", "HGET h a"], "$1 2"],
  ["the same field twice is one", ["HSET h a 1 a 2"], ":1"],
  ["empty names and values", ['HSET h "" ""', 'HGET h ""'], "$0"],
  [
    "integers stay what they were",
    ["HSET h 007 -0 7 9223372036854775807", "HMGET h 007 7"],
    [
      "*2 $2 -0 $19 9223372036854775807",
    ].join(" "),
  ],
  ["no value", ["HSET h a 1 b"], "-ERR wrong number of arguments for 'hset' command"],
  ["no field", ["HSET h"], "-ERR wrong number of arguments for 'hset' command"],
  ["wrong type", ["SET h x", "HSET h a 1"], WRONG_TYPE],
  ["wrong number before wrong type", ["SET h x", "HSET h a 1 b"], /^-ERR wrong number/],
  ["takes the expiry of the field away", [
    "HSETEX h EX 100 FIELDS 2 a 1 b 2",
    "HSET h a 3",
    "HTTL h FIELDS 2 a b",
  ], "*2 :-1 :100"],
  ["of a field whose time has come adds one", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSET h b 1",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HSET h a 2",
  ], ":1"],
  ["event", [...NOTIFY, "HSET h a 1", "@2 <"], {
    resp2: "*4 $8 pmessage $11 __keyevent* $19 __keyevent@0__:hset $1 h",
    resp3: ">4 $8 pmessage $11 __keyevent* $19 __keyevent@0__:hset $1 h",
  }],
  ["a watched key", ["WATCH h", "@2 HSET h a 1", "MULTI", "PING", "EXEC"], "*-1"],
], VARIANTS);

cases("encodings", [
  ["small", ["HSET h a 1", "OBJECT ENCODING h"], "$8 listpack"],
  ["a long value", [
    "CONFIG SET hash-max-listpack-value 3",
    "HSET h a 123",
    "HSET h b 1234",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["a value just short enough", [
    "CONFIG SET hash-max-listpack-value 3",
    "HSET h abc 123",
    "OBJECT ENCODING h",
  ], "$8 listpack"],
  ["a long name", [
    "CONFIG SET hash-max-listpack-value 3",
    "HSET h abcd 1",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["as many fields as allowed", [
    "CONFIG SET hash-max-listpack-entries 2",
    "HSET h a 1 b 2",
    "OBJECT ENCODING h",
  ], "$8 listpack"],
  ["one more", [
    "CONFIG SET hash-max-listpack-entries 2",
    "HSET h a 1 b 2",
    "HSET h c 3",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["more pairs than allowed, though of few fields", [
    "CONFIG SET hash-max-listpack-entries 2",
    "HSET h a 1 a 2 a 3",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["so many by HSETEX", [
    "CONFIG SET hash-max-listpack-entries 2",
    "HSETEX h FIELDS 3 a 1 a 2 a 3",
    "OBJECT ENCODING h",
  ], "$8 listpack"],
  ["a table stays one", [
    "CONFIG SET hash-max-listpack-entries 2",
    "HSET h a 1 b 2 c 3",
    "HDEL h b c",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["a time makes a table", ["HSETEX h EX 100 FIELDS 1 a 1", "OBJECT ENCODING h"], "$9 hashtable"],
  [
    "HEXPIRE of no field does not",
    ["HSET h a 1", "HEXPIRE h 100 FIELDS 1 b", "OBJECT ENCODING h"],
    "$8 listpack",
  ],
  [
    "nor does one that is refused",
    ["HSET h a 1", "HEXPIRE h 100 XX FIELDS 1 a", "OBJECT ENCODING h"],
    "$8 listpack",
  ],
  [
    "nor one in the past",
    ["HSET h a 1 b 2", "HEXPIRE h 0 FIELDS 1 a", "OBJECT ENCODING h"],
    "$8 listpack",
  ],
  ["without times it stays a table", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HPERSIST h FIELDS 1 a",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
  ["a long value by HINCRBY", [
    "CONFIG SET hash-max-listpack-value 3",
    "HINCRBY h a 1000",
    "OBJECT ENCODING h",
  ], "$9 hashtable"],
], { variants: { "": [DEFAULTS] } });

cases("HMSET", [
  ["sets", ["HMSET h a 1 b 2"], "+OK"],
  ["what it set", ["HMSET h a 1 b 2", "HMGET h a b"], "*2 $1 1 $1 2"],
  ["no value", ["HMSET h a 1 b"], "-ERR wrong number of arguments for 'hmset' command"],
  ["wrong type", ["SET h x", "HMSET h a 1"], WRONG_TYPE],
], VARIANTS);

cases("HSETNX", [
  ["new", ["HSETNX h a 1"], ":1"],
  ["there already", ["HSETNX h a 1", "HSETNX h a 2"], ":0"],
  ["leaves what was there", ["HSETNX h a 1", "HSETNX h a 2", "HGET h a"], "$1 1"],
  ["too many", ["HSETNX h a 1 b 2"], "-ERR wrong number of arguments for 'hsetnx' command"],
  ["wrong type", ["SET h x", "HSETNX h a 1"], WRONG_TYPE],
  ["where the time has come", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSET h b 1",
    "HSETEX h PX 20 FIELDS 1 a 1",
    "~40",
    "HSETNX h a 2",
  ], ":1"],
], VARIANTS);
