import { cases } from "../../../kit/cases.ts";

const WRONG_TYPE = /^-WRONGTYPE /;
const VARIANTS = {
  variants: {
    listpack: ["CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64"],
    table: ["CONFIG SET hash-max-listpack-entries 0 hash-max-listpack-value 64"],
  },
};

cases("HINCRBY", [
  ["from nothing", ["HINCRBY h a 5"], ":5"],
  ["goes on", ["HSET h a 10", "HINCRBY h a -12"], ":-2"],
  ["stores text", ["HINCRBY h a 5", "HGET h a"], "$1 5"],
  ["exact at 64 bits", ["HSET h a 9223372036854775806", "HINCRBY h a 1"], ":9223372036854775807"],
  ["overflow", [
    "HSET h a 9223372036854775807",
    "HINCRBY h a 1",
  ], "-ERR increment or decrement would overflow"],
  ["underflow", [
    "HSET h a -9223372036854775808",
    "HINCRBY h a -1",
  ], "-ERR increment or decrement would overflow"],
  ["no integer", ["HSET h a x", "HINCRBY h a 1"], "-ERR hash value is not an integer"],
  ["blanks", ['HSET h a " 1"', "HINCRBY h a 1"], "-ERR hash value is not an integer"],
  ["an empty value", ['HSET h a ""', "HINCRBY h a 1"], "-ERR hash value is not an integer"],
  ["by what is no integer", ["HINCRBY h a x"], "-ERR value is not an integer or out of range"],
  ["by that of a wrong type", ["SET h x", "HINCRBY h a x"], /^-ERR value is not an integer/],
  ["wrong type", ["SET h x", "HINCRBY h a 1"], WRONG_TYPE],
  ["keeps the time", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HINCRBY h a 1",
    "HTTL h FIELDS 1 a",
  ], "*1 :100"],
  ["of what is gone starts anew", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 7",
    "~40",
    "HINCRBY h a 1",
  ], ":1"],
  ["and has no time", [
    "DEBUG SET-ACTIVE-EXPIRE 0",
    "HSETEX h PX 20 FIELDS 1 a 7",
    "~40",
    "HINCRBY h a 1",
    "HTTL h FIELDS 1 a",
  ], "*1 :-1"],
], VARIANTS);

cases("HINCRBYFLOAT", [
  ["from nothing", ["HINCRBYFLOAT h a 1.5"], "$3 1.5"],
  ["goes on", ["HSET h a 10.50", "HINCRBYFLOAT h a 0.1"], "$4 10.6"],
  ["an exponent", ["HSET h a 5.0e3", "HINCRBYFLOAT h a 2.0e2"], "$4 5200"],
  ["of an integer", ["HSET h a 3", "HINCRBYFLOAT h a -5"], "$2 -2"],
  ["stores text", ["HINCRBYFLOAT h a 1.25", "HGET h a"], "$4 1.25"],
  ["by what is no number", ["HINCRBYFLOAT h a x"], "-ERR value is not a valid float"],
  ["by infinity", ["HINCRBYFLOAT h a inf"], "-ERR value is NaN or Infinity"],
  ["no number", ["HSET h a x", "HINCRBYFLOAT h a 1"], "-ERR hash value is not a float"],
  ["blanks", ['HSET h a " 1"', "HINCRBYFLOAT h a 1"], "-ERR hash value is not a float"],
  ["of infinity", [
    "HSET h a inf",
    "HINCRBYFLOAT h a 1",
  ], "-ERR increment would produce NaN or Infinity"],
  ["wrong type", ["SET h x", "HINCRBYFLOAT h a 1"], WRONG_TYPE],
  ["keeps the time", [
    "HSETEX h EX 100 FIELDS 1 a 1",
    "HINCRBYFLOAT h a 1",
    "HTTL h FIELDS 1 a",
  ], "*1 :100"],
], VARIANTS);
