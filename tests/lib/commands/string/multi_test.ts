import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const NUMKEYS = "-ERR invalid numkeys value or out of range";
const INVALID = "-ERR invalid expire time in 'msetex' command";
const NOT_INTEGER = "-ERR value is not an integer or out of range";

cases("MGET", [
  ["present and absent", ["MSET a 1 b word", "MGET a x b"], "*3 $1 1 $-1 $4 word"],
  ["the same key twice", ["SET a 1", "MGET a a"], "*2 $1 1 $1 1"],
  ["an expired key", ["SET a 1 PX 50", "~80", "MGET a"], "*1 $-1"],
  ["no key", ["MGET"], "-ERR wrong number of arguments for 'mget' command"],
]);

cases("MSET", [
  ["stores", ["MSET a 1 b 2"], "+OK"],
  ["the last of a doubled key", ["MSET a 1 a 2", "GET a"], "$1 2"],
  ["takes expiries away", ["SET a 1 EX 100", "MSET a 2", "TTL a"], ":-1"],
  ["a value is missing", ["MSET a 1 b"], "-ERR wrong number of arguments for 'mset' command"],
  ["nothing is stored then", ["MSET a 1 b", "EXISTS a"], ":0"],
  ["marks watched keys", ["WATCH b", "@2 MSET a 1 b 2", "MULTI", "PING", "EXEC"], "*-1"],
  ["encodings", ["MSET a 1 b word", "OBJECT ENCODING a"], "$3 int"],
]);

cases("MSETNX", [
  ["stores", ["MSETNX a 1 b 2"], ":1"],
  ["refuses when one is present", ["SET b 1", "MSETNX a 1 b 2"], ":0"],
  ["stores none then", ["SET b 1", "MSETNX a 1 b 2", "EXISTS a"], ":0"],
  ["a doubled key", ["MSETNX a 1 a 2", "GET a"], "$1 2"],
  ["an expired key", ["SET a 1 PX 50", "~80", "MSETNX a 2"], ":1"],
  ["a value is missing", ["MSETNX a 1 b"], "-ERR wrong number of arguments for 'msetnx' command"],
]);

cases("MSETEX", [
  ["stores", ["MSETEX 2 a 1 b 2"], ":1"],
  ["all of them", ["MSETEX 2 a 1 b 2", "MGET a b"], "*2 $1 1 $1 2"],
  ["takes expiries away", ["SET a 1 EX 100", "MSETEX 1 a 2", "TTL a"], ":-1"],
  ["KEEPTTL", ["SET a 1 EX 100", "MSETEX 2 a 2 b 3 KEEPTTL", "TTL a"], ":100"],
  ["EX", ["MSETEX 2 a 1 b 2 EX 100", "TTL b"], ":100"],
  ["PX", ["MSETEX 1 a 1 px 100000", "TTL a"], ":100"],
  ["EXAT", ["MSETEX 1 a 1 EXAT 5000000000", "EXPIRETIME a"], ":5000000000"],
  ["PXAT", ["MSETEX 1 a 1 PXAT 5000000000123", "PEXPIRETIME a"], ":5000000000123"],
  ["the past stores and expires", ["MSETEX 1 a 1 EXAT 1"], ":1"],
  ["the past is over at once", ["MSETEX 1 a 1 EXAT 1", "EXISTS a"], ":0"],
  ["NX when absent", ["MSETEX 2 a 1 b 2 NX"], ":1"],
  ["NX when one is present", ["SET b 1", "MSETEX 2 a 1 b 2 NX"], ":0"],
  ["NX stores none then", ["SET b 1", "MSETEX 2 a 1 b 2 NX", "EXISTS a"], ":0"],
  ["XX when one is absent", ["SET b 1", "MSETEX 2 a 1 b 2 XX"], ":0"],
  ["XX when all are present", ["MSET a 0 b 0", "MSETEX 2 a 1 b 2 XX EX 100", "TTL a"], ":100"],
  ["NX and XX", ["MSETEX 1 a 1 NX XX"], SYNTAX],
  ["GET is no option", ["MSETEX 1 a 1 GET"], SYNTAX],
  ["IFEQ is no option", ["MSETEX 1 a 1 IFEQ x"], SYNTAX],
  ["EX and KEEPTTL", ["MSETEX 1 a 1 EX 1 KEEPTTL"], SYNTAX],
  ["count 0", ["MSETEX 0 a 1"], NUMKEYS],
  ["count -1", ["MSETEX -1 a 1"], NUMKEYS],
  ["count no number", ["MSETEX two a 1"], NUMKEYS],
  ["count beyond 31 bits", ["MSETEX 2147483648 a 1"], NUMKEYS],
  ["count of 31 bits", ["MSETEX 2147483647 a 1"], SYNTAX],
  ["too few pairs", ["MSETEX 2 a 1 b"], SYNTAX],
  ["a pair too many", ["MSETEX 1 a 1 b 2"], SYNTAX],
  ["EX 0", ["MSETEX 1 a 1 EX 0"], INVALID],
  ["EX no number", ["MSETEX 1 a 1 EX x"], NOT_INTEGER],
  ["EX without a number", ["MSETEX 1 a 1 EX"], SYNTAX],
  ["too few arguments", ["MSETEX 1 a"], "-ERR wrong number of arguments for 'msetex' command"],
  ["a key named like an option", ["MSETEX 1 NX EX", "GET NX"], "$2 EX"],
]);
