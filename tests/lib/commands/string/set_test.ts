import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const INVALID = "-ERR invalid expire time in 'set' command";
/** A second and a millisecond of the year 2128. */
const FAR = "5000000000";
const FAR_MS = "5000000000000";

cases("SET", [
  ["stores", ["SET k v"], "+OK"],
  ["overwrites", ["SET k v", "SET k w", "GET k"], "$1 w"],
  ["takes an expiry away", ["SET k v EX 100", "SET k w", "TTL k"], ":-1"],
  ["too few arguments", ["SET k"], "-ERR wrong number of arguments for 'set' command"],
  ["an unknown option", ["SET k v FAST"], SYNTAX],
  ["options in any case", ["SET k v nX eX 100", "TTL k"], ":100"],
  ["an empty option", [`SET k v ""`], SYNTAX],
  ["nothing is stored after an error", ["SET k v", "SET k w NX XX", "GET k"], "$1 v"],
]);

cases("SET conditions", [
  ["NX stores when absent", ["SET k v NX"], "+OK"],
  ["NX refuses when present", ["SET k v", "SET k w NX"], "$-1"],
  ["NX leaves the value", ["SET k v", "SET k w NX", "GET k"], "$1 v"],
  ["NX stores over an expired key", ["SET k v PX 50", "~80", "SET k w NX"], "+OK"],
  ["XX stores when present", ["SET k v", "SET k w XX"], "+OK"],
  ["XX refuses when absent", ["SET k v XX"], "$-1"],
  ["XX makes no key", ["SET k v XX", "EXISTS k"], ":0"],
  ["IFEQ stores when equal", ["SET k v", "SET k w IFEQ v"], "+OK"],
  ["IFEQ refuses when different", ["SET k v", "SET k w IFEQ x"], "$-1"],
  ["IFEQ refuses a prefix", ["SET k vv", "SET k w IFEQ v"], "$-1"],
  ["IFEQ refuses when absent", ["SET k w IFEQ v"], "$-1"],
  ["IFEQ compares integers as text", ["SET k 10", "SET k w IFEQ 10"], "+OK"],
  ["IFEQ knows 010 from 10", ["SET k 10", "SET k w IFEQ 010"], "$-1"],
  ["IFEQ of the empty string", [`SET k ""`, `SET k w IFEQ ""`], "+OK"],
  ["IFEQ wants a value", ["SET k w IFEQ"], SYNTAX],
  ["IFEQ twice", ["SET k w IFEQ a IFEQ b"], SYNTAX],
  ["IFEQ takes an option word as its value", ["SET k nx", "SET k w IFEQ nx"], "+OK"],
  ["NX and XX", ["SET k v NX XX"], SYNTAX],
  ["XX and NX", ["SET k v XX NX"], SYNTAX],
  ["NX and IFEQ", ["SET k v NX IFEQ a"], SYNTAX],
  ["IFEQ and XX", ["SET k v IFEQ a XX"], SYNTAX],
  ["NX twice", ["SET k v NX NX"], "+OK"],
]);

cases("SET GET", [
  ["an absent key", ["SET k v GET"], "$-1"],
  ["stores when absent", ["SET k v GET", "GET k"], "$1 v"],
  ["the old value", ["SET k v", "SET k w GET"], "$1 v"],
  ["with NX refused", ["SET k v", "SET k w NX GET"], "$1 v"],
  ["with NX stored", ["SET k w NX GET", "GET k"], "$1 w"],
  ["with XX refused", ["SET k w XX GET"], "$-1"],
  ["with IFEQ stored", ["SET k v", "SET k w IFEQ v GET", "GET k"], "$1 w"],
  ["with IFEQ refused", ["SET k v", "SET k w IFEQ x GET"], "$1 v"],
  ["with a time", ["SET k v", "SET k w GET EX 100", "TTL k"], ":100"],
  ["with a time that is past", ["SET k v", "SET k w GET EXAT 1"], "$1 v"],
  ["twice", ["SET k v", "SET k w GET GET"], "$1 v"],
]);

cases("SET times", [
  ["EX", ["SET k v EX 100", "TTL k"], ":100"],
  ["PX", ["SET k v PX 100000", "TTL k"], ":100"],
  ["EXAT", [`SET k v EXAT ${FAR}`, "EXPIRETIME k"], `:${FAR}`],
  ["PXAT", [`SET k v PXAT ${FAR_MS}`, "PEXPIRETIME k"], `:${FAR_MS}`],
  ["EX replaces the old time", ["SET k v EX 100", "SET k w EX 200", "TTL k"], ":200"],
  ["the last of several counts", ["SET k v EX 100 EX 200", "TTL k"], ":200"],
  ["KEEPTTL keeps", ["SET k v EX 100", "SET k w KEEPTTL", "TTL k"], ":100"],
  ["KEEPTTL without a time", ["SET k v KEEPTTL", "TTL k"], ":-1"],
  ["KEEPTTL on an integer", ["SET k 1 EX 100", "SET k word KEEPTTL", "TTL k"], ":100"],
  ["EX wants a number", ["SET k v EX"], SYNTAX],
  ["EX with text", ["SET k v EX soon"], NOT_INTEGER],
  ["EX with a fraction", ["SET k v EX 1.5"], NOT_INTEGER],
  ["EX and PX", ["SET k v EX 1 PX 1"], SYNTAX],
  ["EX and EXAT", ["SET k v EX 1 EXAT 1"], SYNTAX],
  ["PXAT and EXAT", ["SET k v PXAT 1 EXAT 1"], SYNTAX],
  ["EX and KEEPTTL", ["SET k v EX 1 KEEPTTL"], SYNTAX],
  ["KEEPTTL and PX", ["SET k v KEEPTTL PX 1"], SYNTAX],
  ["PERSIST is no option", ["SET k v PERSIST"], SYNTAX],
  ["the word is checked before the number", ["SET k v EX soon NOW"], SYNTAX],
]);

cases("SET times out of range", [
  ["EX 0", ["SET k v EX 0"], INVALID],
  ["EX -1", ["SET k v EX -1"], INVALID],
  ["PX 0", ["SET k v PX 0"], INVALID],
  ["EXAT 0", ["SET k v EXAT 0"], INVALID],
  ["PXAT -1", ["SET k v PXAT -1"], INVALID],
  ["EX of 64 bits", ["SET k v EX 9223372036854775807"], INVALID],
  ["EX least too large", ["SET k v EX 9223372036854776"], INVALID],
  ["EX too large with now", ["SET k v EX 9223372036854775"], INVALID],
  ["EXAT largest", ["SET k v EXAT 9223372036854775"], "+OK"],
  ["EXAT largest is kept exactly", [
    "SET k v EXAT 9223372036854775",
    "EXPIRETIME k",
  ], ":9223372036854775"],
  ["EXAT too large", ["SET k v EXAT 9223372036854776"], INVALID],
  ["PX too large with now", ["SET k v PX 9223372036854775807"], INVALID],
  ["PX large", ["SET k v PX 9000000000000000000"], "+OK"],
  ["PXAT largest", ["SET k v PXAT 9223372036854775807"], "+OK"],
  ["PXAT beyond 64 bits", ["SET k v PXAT 9223372036854775808"], NOT_INTEGER],
  ["an error comes before GET", ["SET k v", "SET k w GET EX 0"], INVALID],
]);

cases("SET times in the past", [
  ["answers as usual", ["SET k v EXAT 1"], "+OK"],
  ["makes no key", ["SET k v EXAT 1", "EXISTS k"], ":0"],
  ["deletes the old key", ["SET k v", "SET k w PXAT 1", "EXISTS k"], ":0"],
  ["only when the condition holds", ["SET k v", "SET k w NX PXAT 1", "GET k"], "$1 v"],
  ["only when the value is equal", ["SET k v", "SET k w IFEQ v EXAT 1", "EXISTS k"], ":0"],
]);

cases("SET under WATCH", [
  ["marks the key", ["WATCH k", "@2 SET k v", "MULTI", "PING", "EXEC"], "*-1"],
  [
    "not when refused",
    ["SET k v", "WATCH k", "@2 SET k w NX", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
  [
    "when the time is past",
    ["SET k v", "WATCH k", "@2 SET k w EXAT 1", "MULTI", "PING", "EXEC"],
    "*-1",
  ],
  [
    "not when there is nothing to delete",
    ["WATCH k", "@2 SET k w EXAT 1", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
]);

const LONG = "x".repeat(128);

cases("SET encodings", [
  ["integer", ["SET k 12", "OBJECT ENCODING k"], "$3 int"],
  ["the largest integer", ["SET k 9223372036854775807", "OBJECT ENCODING k"], "$3 int"],
  ["beyond 64 bits", ["SET k 9223372036854775808", "OBJECT ENCODING k"], "$6 embstr"],
  ["leading zero", ["SET k 012", "OBJECT ENCODING k"], "$6 embstr"],
  ["plus sign", ["SET k +12", "OBJECT ENCODING k"], "$6 embstr"],
  ["empty", [`SET k ""`, "OBJECT ENCODING k"], "$6 embstr"],
  ["longest embedded", [`SET k ${LONG.slice(0, 112)}`, "OBJECT ENCODING k"], "$6 embstr"],
  ["too long to embed", [`SET k ${LONG.slice(0, 113)}`, "OBJECT ENCODING k"], "$3 raw"],
  [
    "an expiry takes room",
    [`SET k ${LONG.slice(0, 105)} EX 100`, "OBJECT ENCODING k"],
    "$3 raw",
  ],
  [
    "an expiry that goes takes room too",
    ["SET k v EX 100", `SET k ${LONG.slice(0, 105)}`, "OBJECT ENCODING k"],
    "$3 raw",
  ],
  ["a long value by a short one", [`SET k ${LONG}`, "SET k v", "OBJECT ENCODING k"], "$6 embstr"],
  ["a long value by an integer", [`SET k ${LONG}`, "SET k 5", "OBJECT ENCODING k"], "$3 int"],
  ["a long value by a long one", [`SET k ${LONG}a`, `SET k ${LONG}b`, "GET k"], `$129 ${LONG}b`],
]);

cases("SETNX", [
  ["stores when absent", ["SETNX k v"], ":1"],
  ["refuses when present", ["SET k v", "SETNX k w"], ":0"],
  ["leaves the value", ["SET k v", "SETNX k w", "GET k"], "$1 v"],
  ["leaves the expiry", ["SET k v EX 100", "SETNX k w", "TTL k"], ":100"],
  ["over an expired key", ["SET k v PX 50", "~80", "SETNX k w"], ":1"],
  ["too many arguments", ["SETNX k v w"], "-ERR wrong number of arguments for 'setnx' command"],
]);

cases("SETEX", [
  ["stores", ["SETEX k 100 v"], "+OK"],
  ["sets the time", ["SETEX k 100 v", "TTL k"], ":100"],
  ["overwrites", ["SET k v", "SETEX k 100 w", "GET k"], "$1 w"],
  ["no number", ["SETEX k soon v"], NOT_INTEGER],
  ["zero", ["SETEX k 0 v"], "-ERR invalid expire time in 'setex' command"],
  ["negative", ["SETEX k -10 v"], "-ERR invalid expire time in 'setex' command"],
  ["too large", ["SETEX k 9223372036854775 v"], "-ERR invalid expire time in 'setex' command"],
  ["an integer", ["SETEX k 100 42", "OBJECT ENCODING k"], "$3 int"],
]);

cases("PSETEX", [
  ["stores", ["PSETEX k 100000 v"], "+OK"],
  ["sets the time", ["PSETEX k 100000 v", "TTL k"], ":100"],
  ["zero", ["PSETEX k 0 v"], "-ERR invalid expire time in 'psetex' command"],
  [
    "too large",
    ["PSETEX k 9223372036854775807 v"],
    "-ERR invalid expire time in 'psetex' command",
  ],
  ["expires", ["PSETEX k 100 v", "~150", "EXISTS k"], ":0"],
]);

cases("GETSET", [
  ["an absent key", ["GETSET k v"], "$-1"],
  ["stores when absent", ["GETSET k v", "GET k"], "$1 v"],
  ["the old value", ["SET k v", "GETSET k w"], "$1 v"],
  ["the old integer", ["SET k 10", "GETSET k 11"], "$2 10"],
  ["stores", ["SET k v", "GETSET k w", "GET k"], "$1 w"],
  ["takes an expiry away", ["SET k v EX 100", "GETSET k w", "TTL k"], ":-1"],
]);

cases("SET and the keys COMMAND names", [
  [
    "overwrites without GET",
    ["COMMAND GETKEYSANDFLAGS SET k v NX"],
    { resp2: "*1 *2 $1 k *2 +OW +update", resp3: "*1 *2 $1 k ~2 +OW +update" },
  ],
  [
    "reads with GET",
    ["COMMAND GETKEYSANDFLAGS SET k v gEt"],
    { resp2: "*1 *2 $1 k *3 +RW +access +update", resp3: "*1 *2 $1 k ~3 +RW +access +update" },
  ],
]);
