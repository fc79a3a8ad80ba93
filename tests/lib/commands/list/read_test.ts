import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const INTEGER = "-ERR value is not an integer or out of range";
const SYNTAX = "-ERR syntax error";
const RANK_ZERO =
  "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
  "or use negative to start from the end of the list";
const VARIANTS = {
  listpack: ["CONFIG SET list-max-listpack-size -2"],
  quicklist: ["CONFIG SET list-max-listpack-size 2"],
  plain: ["DEBUG QUICKLIST-PACKED-THRESHOLD 1b", "CONFIG SET list-max-listpack-size 1"],
};
const AFTER = ["CONFIG SET list-max-listpack-size -2", "DEBUG QUICKLIST-PACKED-THRESHOLD 0"];
const SEVEN = "RPUSH l a b c 1 2 3 c";

cases("LLEN", [
  ["an absent key", ["LLEN l"], ":0"],
  ["a list", [SEVEN, "LLEN l"], ":7"],
  ["wrong type", ["SET s x", "LLEN s"], WRONG_TYPE],
], { variants: VARIANTS });

cases("LINDEX", [
  ["an absent key", ["LINDEX l 0"], "$-1"],
  ["an absent key, a bad index", ["LINDEX l x"], "$-1"],
  ["the first", [SEVEN, "LINDEX l 0"], "$1 a"],
  ["the third", [SEVEN, "LINDEX l 2"], "$1 c"],
  ["an integer", [SEVEN, "LINDEX l 4"], "$1 2"],
  ["the last", [SEVEN, "LINDEX l 6"], "$1 c"],
  ["beyond", [SEVEN, "LINDEX l 7"], "$-1"],
  ["from the tail", [SEVEN, "LINDEX l -2"], "$1 3"],
  ["the first from the tail", [SEVEN, "LINDEX l -7"], "$1 a"],
  ["beyond the head", [SEVEN, "LINDEX l -8"], "$-1"],
  ["far beyond", [SEVEN, "LINDEX l 9223372036854775807"], "$-1"],
  ["far beyond the head", [SEVEN, "LINDEX l -9223372036854775808"], "$-1"],
  ["no index", [SEVEN, "LINDEX l x"], INTEGER],
  ["wrong type", ["SET s x", "LINDEX s x"], WRONG_TYPE],
], { variants: VARIANTS });

cases("LRANGE", [
  ["an absent key", ["LRANGE l 0 -1"], "*0"],
  ["all", [SEVEN, "LRANGE l 0 -1"], "*7 $1 a $1 b $1 c $1 1 $1 2 $1 3 $1 c"],
  ["some", [SEVEN, "LRANGE l 1 3"], "*3 $1 b $1 c $1 1"],
  ["the tail", [SEVEN, "LRANGE l -2 -1"], "*2 $1 3 $1 c"],
  ["one", [SEVEN, "LRANGE l 5 5"], "*1 $1 3"],
  ["more than there is", [SEVEN, "LRANGE l -100 100"], "*7 $1 a $1 b $1 c $1 1 $1 2 $1 3 $1 c"],
  ["nothing", [SEVEN, "LRANGE l 3 2"], "*0"],
  ["behind the end", [SEVEN, "LRANGE l 7 10"], "*0"],
  ["in front of the head", [SEVEN, "LRANGE l -100 -8"], "*0"],
  ["extremes", [SEVEN, "LRANGE l -9223372036854775808 -7"], "*1 $1 a"],
  ["a start that is none", [SEVEN, "LRANGE l x 1"], INTEGER],
  ["an end that is none of an absent key", ["LRANGE l 1 x"], INTEGER],
  ["wrong type", ["SET s x", "LRANGE s 0 -1"], WRONG_TYPE],
], { variants: VARIANTS });

cases("LPOS", [
  ["an absent key", ["LPOS l a"], "$-1"],
  ["an absent key with COUNT", ["LPOS l a COUNT 2"], "*0"],
  ["the first", [SEVEN, "LPOS l c"], ":2"],
  ["an integer", [SEVEN, "LPOS l 2"], ":4"],
  ["an integer written otherwise", [SEVEN, "LPOS l 02"], "$-1"],
  ["absent", [SEVEN, "LPOS l z"], "$-1"],
  ["RANK 1", [SEVEN, "LPOS l c RANK 1"], ":2"],
  ["RANK 2", [SEVEN, "LPOS l c RANK 2"], ":6"],
  ["RANK 3", [SEVEN, "LPOS l c RANK 3"], "$-1"],
  ["RANK -1", [SEVEN, "LPOS l c RANK -1"], ":6"],
  ["RANK -2", [SEVEN, "LPOS l c rank -2"], ":2"],
  ["COUNT 0", [SEVEN, "LPOS l c COUNT 0"], "*2 :2 :6"],
  ["COUNT 1", [SEVEN, "LPOS l c count 1"], "*1 :2"],
  ["COUNT 2, absent", [SEVEN, "LPOS l z COUNT 2"], "*0"],
  ["COUNT and RANK", [SEVEN, "LPOS l c COUNT 5 RANK 2"], "*1 :6"],
  ["COUNT and RANK -1", [SEVEN, "LPOS l c COUNT 0 RANK -1"], "*2 :6 :2"],
  ["MAXLEN", [SEVEN, "LPOS l c MAXLEN 2"], "$-1"],
  ["MAXLEN reaches it", [SEVEN, "LPOS l c maxlen 3"], ":2"],
  ["MAXLEN 0", [SEVEN, "LPOS l c RANK 2 MAXLEN 0"], ":6"],
  ["MAXLEN from the tail", [SEVEN, "LPOS l c COUNT 0 RANK -1 MAXLEN 4"], "*1 :6"],
  ["options twice", [SEVEN, "LPOS l c RANK 1 RANK 2"], ":6"],
  ["RANK 0", [SEVEN, "LPOS l c RANK 0"], RANK_ZERO],
  ["RANK of text", [SEVEN, "LPOS l c RANK x"], INTEGER],
  [
    "the lowest RANK",
    [SEVEN, "LPOS l c RANK -9223372036854775808"],
    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
  ],
  ["COUNT below 0", [SEVEN, "LPOS l c COUNT -1"], "-ERR COUNT can't be negative"],
  ["COUNT of text", [SEVEN, "LPOS l c COUNT x"], "-ERR COUNT can't be negative"],
  ["MAXLEN below 0", [SEVEN, "LPOS l c MAXLEN -1"], "-ERR MAXLEN can't be negative"],
  ["no value", [SEVEN, "LPOS l c RANK"], SYNTAX],
  ["another word", [SEVEN, "LPOS l c MORE 1"], SYNTAX],
  ["errors come first", ["LPOS l c RANK 0"], RANK_ZERO],
  ["wrong type", ["SET s x", "LPOS s a"], WRONG_TYPE],
], { variants: VARIANTS });

cases("limits after the readers", [["back to the defaults", AFTER, "+OK"]]);
