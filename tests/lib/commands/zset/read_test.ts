import { cases } from "../../../kit/cases.ts";

const variants = {
  listpack: ["CONFIG SET zset-max-listpack-entries 128"],
  skiplist: ["CONFIG SET zset-max-listpack-entries 0"],
};
const Z = "ZADD z 1 a 2 b 2 c 3.5 d";
const WRONG = /^-WRONGTYPE/;
const NOT_FLOAT = "-ERR min or max is not a float";
const NOT_RANGE = "-ERR min or max not valid string range item";

cases("ZCARD, ZSCORE, ZMSCORE", [
  ["the number of members", [Z, "ZCARD z"], ":4"],
  ["none", ["ZCARD z"], ":0"],
  ["wrong type", ["SET z x", "ZCARD z"], WRONG],
  ["a score", [Z, "ZSCORE z d"], { resp2: "$3 3.5", resp3: ",3.5" }],
  ["no such member", [Z, "ZSCORE z x"], { resp2: "$-1", resp3: "_" }],
  ["no such key", ["ZSCORE z x"], { resp2: "$-1", resp3: "_" }],
  ["ZSCORE wrong type", ["SET z x", "ZSCORE z x"], WRONG],
  ["an integer name", ["ZADD z 5 10", "ZSCORE z 10"], "$1 5"],
  ["010 is another name than 10", ["ZADD z 5 10", "ZSCORE z 010"], "$-1"],
  ["several scores", [Z, "ZMSCORE z a x d"], {
    resp2: "*3 $1 1 $-1 $3 3.5",
    resp3: "*3 ,1 _ ,3.5",
  }],
  ["several of no key", ["ZMSCORE z a b"], "*2 $-1 $-1"],
  ["ZMSCORE wrong type", ["SET z x", "ZMSCORE z a"], WRONG],
  ["ZMSCORE arity", ["ZMSCORE z"], "-ERR wrong number of arguments for 'zmscore' command"],
], { variants });

cases("ZRANK, ZREVRANK", [
  ["the first", [Z, "ZRANK z a"], ":0"],
  ["equal scores", [Z, "ZRANK z c"], ":2"],
  ["from the end", [Z, "ZREVRANK z a"], ":3"],
  ["the last from the end", [Z, "ZREVRANK z d"], ":0"],
  ["no such member", [Z, "ZRANK z x"], { resp2: "$-1", resp3: "_" }],
  ["no such key", ["ZREVRANK z x"], { resp2: "$-1", resp3: "_" }],
  ["with its score", [Z, "ZRANK z d WITHSCORE"], {
    resp2: "*2 :3 $3 3.5",
    resp3: "*2 :3 ,3.5",
  }],
  ["from the end with its score", [Z, "ZREVRANK z d withscore"], "*2 :0 $3 3.5"],
  ["no such member with its score", [Z, "ZRANK z x WITHSCORE"], { resp2: "*-1", resp3: "_" }],
  ["no such key with its score", ["ZRANK z x WITHSCORE"], { resp2: "*-1", resp3: "_" }],
  ["another option", [Z, "ZRANK z a WITHSCORES"], "-ERR syntax error"],
  ["too many", ["ZRANK z a WITHSCORE x"], "-ERR wrong number of arguments for 'zrank' command"],
  ["too many in reverse", [
    "ZREVRANK z a WITHSCORE x",
  ], "-ERR wrong number of arguments for 'zrevrank' command"],
  ["wrong type", ["SET z x", "ZRANK z a"], WRONG],
  ["options before the type", ["SET z x", "ZRANK z a x"], "-ERR syntax error"],
], { variants });

cases("ZCOUNT", [
  ["all", [Z, "ZCOUNT z -inf +inf"], ":4"],
  ["inclusive", [Z, "ZCOUNT z 2 3.5"], ":3"],
  ["exclusive below", [Z, "ZCOUNT z (2 3.5"], ":1"],
  ["exclusive above", [Z, "ZCOUNT z 1 (2"], ":1"],
  ["both exclusive", [Z, "ZCOUNT z (1 (3.5"], ":2"],
  ["a point", [Z, "ZCOUNT z 2 2"], ":2"],
  ["a point exclusive", [Z, "ZCOUNT z (2 2"], ":0"],
  ["backwards", [Z, "ZCOUNT z 3 1"], ":0"],
  ["beyond", [Z, "ZCOUNT z 10 20"], ":0"],
  ["infinities exclusive", ["ZADD z inf a -inf b 0 c", "ZCOUNT z (-inf (inf"], ":1"],
  ["no key", ["ZCOUNT z 1 2"], ":0"],
  ["no float", ["ZCOUNT z x 2"], NOT_FLOAT],
  ["not a number", ["ZCOUNT z nan 2"], NOT_FLOAT],
  ["a bound that overflows", [Z, "ZCOUNT z -1e400 1e400"], ":4"],
  ["an empty bound is zero", [Z, `ZCOUNT z "" 1`], ":1"],
  ["text behind", ["ZCOUNT z 1 2x"], NOT_FLOAT],
  ["bounds before the type", ["SET z x", "ZCOUNT z a b"], NOT_FLOAT],
  ["wrong type", ["SET z x", "ZCOUNT z 1 2"], WRONG],
], { variants });

const LEX = "ZADD z 0 a 0 b 0 ba 0 c 0 10";

cases("ZLEXCOUNT", [
  ["all", [LEX, "ZLEXCOUNT z - +"], ":5"],
  ["inclusive", [LEX, "ZLEXCOUNT z [b [c"], ":3"],
  ["exclusive", [LEX, "ZLEXCOUNT z (b (c"], ":1"],
  ["from the start", [LEX, "ZLEXCOUNT z - [b"], ":3"],
  ["to the end", [LEX, "ZLEXCOUNT z (b +"], ":2"],
  ["integers are text", [LEX, "ZLEXCOUNT z [10 [1a"], ":1"],
  ["the empty name", [LEX, "ZLEXCOUNT z [ ("], ":0"],
  ["backwards", [LEX, "ZLEXCOUNT z + -"], ":0"],
  ["below all", [LEX, "ZLEXCOUNT z - -"], ":0"],
  ["above all", [LEX, "ZLEXCOUNT z + +"], ":0"],
  ["a point", [LEX, "ZLEXCOUNT z [b [b"], ":1"],
  ["a point exclusive", [LEX, "ZLEXCOUNT z [b (b"], ":0"],
  ["no sign", ["ZLEXCOUNT z a [b"], NOT_RANGE],
  ["text behind -", ["ZLEXCOUNT z -a +"], NOT_RANGE],
  ["text behind +", ["ZLEXCOUNT z - +a"], NOT_RANGE],
  ["an integer", ["ZLEXCOUNT z 1 2"], NOT_RANGE],
  ["empty", [`ZLEXCOUNT z "" +`], NOT_RANGE],
  ["no key", ["ZLEXCOUNT z - +"], ":0"],
  ["wrong type", ["SET z x", "ZLEXCOUNT z - +"], WRONG],
], { variants });
